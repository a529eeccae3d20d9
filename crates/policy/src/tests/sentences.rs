//! Every refusal in words: what the report has, the limit, and what would make it releasable. POL-3

use super::*;

const BOTH: &[&str] = &["XAA", "XBB"];

fn secret() -> Try {
    Try::out("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB"], BOTH)
}

const NOT_ADMITTED: &str =
    "NOT_RELEASABLE_TO_RECIPIENT: banner and portions together admit XAA; every portion that has a say must admit XBB";

/// Each reason as it is told.
fn told(decision: &Decision) -> Vec<String> {
    match decision {
        Decision::Permit(_) => Vec::new(),
        Decision::Hold(hold) => hold.owed.iter().map(ToString::to_string).collect(),
        Decision::Refusal(refusal) => refusal.reasons.iter().map(ToString::to_string).collect(),
    }
}

/// What is told of a report that would be released but for this edit.
fn compare(world: &World, edit: &dyn Fn(&mut Try), wanted: &[&str]) {
    let mut one = secret();
    edit(&mut one);
    assert_eq!(told(&world.decide(&one)), wanted);
}

#[test]
fn states_are_told_by_both_logs_with_the_term() {
    use AgreementState::{Draft, InForce, NoticeGiven, Signed, Suspended, Terminated};
    let world = World::new();
    let state = |ours, partners| move |one: &mut Try| one.state = StateView::of(ours, partners);
    compare(
        &world,
        &state(Suspended, InForce),
        &["AGREEMENT_SUSPENDED: XAA-XBB-2026-01 is suspended; reports may go when both Parties have resumed it"],
    );
    compare(
        &world,
        &state(Draft, Signed),
        &[
            "AGREEMENT_NOT_IN_FORCE: XAA-XBB-2026-01 is draft by our log and signed by the partner's; its term runs from \
           2026-01-01T00:00:00Z until notice is given",
        ],
    );
    compare(
        &world,
        &state(InForce, Terminated),
        &["AGREEMENT_NOT_IN_FORCE: XAA-XBB-2026-01 is in force by our log and terminated by the partner's; its term \
           runs from 2026-01-01T00:00:00Z until notice is given"],
    );
    compare(
        &world,
        &|one| {
            one.state = StateView::both(NoticeGiven(at("2026-01-01T00:00:00Z")));
            one.now = "2027-02-01T00:00:00Z";
            one.report.information_cutoff = at(one.now);
        },
        &["AGREEMENT_NOT_IN_FORCE: XAA-XBB-2026-01 is under notice by our log and under notice by the partner's; its \
           term runs from 2026-01-01T00:00:00Z to 2027-01-01T00:00:00Z, exclusive"],
    );
}

#[test]
fn marks_are_told_as_written_with_what_the_agreement_has() {
    let world = World::new();
    compare(
        &world,
        &|one| one.report.banner = "Q//PROPIN/NOFORN/REL TO XAA, ABCD".to_owned(),
        &[
            "MARKING_UNKNOWN: marking \"Q\" of XAA has no row in the table of equivalence; use one that has",
            "CAVEAT_UNKNOWN: caveat \"PROPIN\" of XAA is not in the agreement's caveat table; nothing with it may go",
            "GROUP_CODE_UNKNOWN: group ABCD is none of the agreement's on 2026-11-17; name the nations",
            "LABEL_INCONSISTENT: a mark has a caveat that keeps the text at home, and a list of nations; keep the one \
             that is meant",
            "CAVEAT_FORBIDS_FOREIGN: a caveat keeps it in XAA; nothing with it may go",
            NOT_ADMITTED,
        ],
    );
    compare(
        &world,
        &|one| one.report.banner = "TOP SECRET//REL TO XAA, XBB".to_owned(),
        &["MARKING_NOT_EXCHANGEABLE: marking \"TOP SECRET\" is named as never exchanged; nothing with it may go"],
    );
    compare(
        &world,
        &|one| one.report.rel_to.clear(),
        &["LABEL_INCONSISTENT: rel_to admits XAA and the banner XAA, XBB; write the same list", NOT_ADMITTED],
    );
}

#[test]
fn banner_and_portions_are_told_with_what_each_has() {
    let world = World::new();
    compare(
        &world,
        &|one| one.report.banner = "CONFIDENTIAL//REL TO XAA, XBB".to_owned(),
        &[
            "LABEL_UNDERSTATES_PORTIONS: the banner has CONFIDENTIAL (level 2), a portion SECRET (level 3); lower the portion or raise the banner",
        ],
    );
    compare(
        &world,
        &|one| one.report.portions[0].body.mark = "C//REL TO XAA, XBB, XCC".to_owned(),
        &["AGGREGATION_REASON_MISSING: the banner is stricter than every portion (level, audience); say why in \
           aggregation_reason"],
    );
    compare(
        &world,
        &|one| one.report.portions[0].body.mark = "Q".to_owned(),
        &[
            "MARKING_UNKNOWN: marking \"Q\" of XAA has no row in the table of equivalence; use one that has",
            "LABEL_UNDERSTATES_PORTIONS: a portion without a level is above any banner that has one; mark the portion \
             anew; the banner admits XBB, a portion does not; leave the portion out, mark it for them, or take them out of the banner",
            NOT_ADMITTED,
        ],
    );
    compare(
        &world,
        &|one| {
            one.report.banner = "SECRET//FGI XCC//ORCON/REL TO XAA, XBB".to_owned();
            let body = MarkedText { mark: "//XDD S//LD/REL TO XAA, XDD".to_owned(), text: "Text".to_owned() };
            one.report.portions.push(Portion { block: Block::Paragraph, body });
        },
        &[
            "LABEL_UNDERSTATES_PORTIONS: the banner lacks LIMDIS, which a portion has; add it; the banner does not \
             name every owner of a foreign portion; name them, or FGI alone where one is concealed; the banner admits \
             XBB, a portion does not; leave the portion out, mark it for them, or take them out of the banner",
            "AGGREGATION_REASON_MISSING: the banner is stricter than every portion (caveat); say why in \
             aggregation_reason",
            "FGI_MISMATCH: foreign portions are of XDD, foreign sources of no nation; mark the portions and list the \
             sources alike; the banner names an owner of whom no portion is; take it out",
            "THIRD_PARTY_CONSENT_MISSING: information of XDD at SECRET (level 3) on maritime.surface: no consent on record \
             covers owner, level, every topic, XBB and 2026-11-17T12:00:00Z; its owner can give one",
            NOT_ADMITTED,
        ],
    );
}

#[test]
fn owners_are_told_by_source_and_level() {
    let world = World::new();
    compare(
        &world,
        &|one| {
            *one = one.clone().source("FGI", "//FGI C//REL TO XAA, XBB", &[]);
            one.report.banner = "SECRET//FGI//REL TO XAA, XBB".to_owned();
        },
        &["THIRD_PARTY_CONSENT_MISSING: source 1 conceals its owner and the home file does not name it"],
    );
    compare(
        &world,
        &|one| {
            *one = one.clone().source("XCC", "U", &["cyber.ics", "air.missile"]);
            one.report.banner = "SECRET//FGI XCC//REL TO XAA, XBB".to_owned();
            one.report.portions[0].body.mark = "//XCC S//REL TO XAA, XBB".to_owned();
        },
        &[
            "FGI_MISMATCH: source 1: its mark does not name its nation; mark it so",
            "THIRD_PARTY_CONSENT_MISSING: information of XCC at SECRET (level 3) on cyber.ics, air.missile: no consent on \
             record covers owner, level, every topic, XBB and 2026-11-17T12:00:00Z; its owner can give one",
        ],
    );
    let mut world = World::new();
    world.agreement.third_party.recipients_own_may_return = false;
    let own = |one: &mut Try| {
        *one = one.clone().source("XBB", "//XBB C//REL TO XAA, XBB", &[]);
        one.report.banner = "SECRET//FGI XBB//REL TO XAA, XBB".to_owned();
    };
    compare(
        &world,
        &own,
        &["THIRD_PARTY_CONSENT_MISSING: information of XBB may not go back to it under this agreement"],
    );
}

#[test]
fn topics_times_and_offices_are_told_with_their_limits() {
    let world = World::new();
    compare(&world, &|one| one.report.topics.clear(), &["TOPIC_MISSING: no topic; name what threatens"]);
    compare(
        &world,
        &|one| one.report.topics = owned(&["maritime.*", "cyber.ics"]),
        &[
            "TOPIC_UNKNOWN: topic \"maritime.*\" is not in the vocabulary; there are no wildcards",
            "CLASS_EXCEEDS_CEILING: SECRET (level 3); agreed CONFIDENTIAL (level 2) for topic cyber.ics; a report of CONFIDENTIAL (level 2) without the rest could go",
        ],
    );
    let cutoff = |text: &'static str| move |one: &mut Try| one.report.information_cutoff = at(text);
    compare(&world, &cutoff("2026-11-17T12:05:00Z"), &[]);
    compare(
        &world,
        &cutoff("2026-11-17T12:05:01Z"),
        &["REPORT_IN_FUTURE: information cut-off 2026-11-17T12:05:01Z, release 2026-11-17T12:00:00Z; it may be 300 s \
           ahead at most"],
    );
    compare(
        &world,
        &cutoff("2025-12-14T23:59:59Z"),
        &[
            "REPORT_OUTSIDE_WINDOW: information cut-off 2025-12-14T23:59:59Z; agreed 2025-12-15T00:00:00Z to open; \
             nothing would make it releasable",
            "REPORT_TOO_OLD: 337 days 12 h 1 min from cut-off to release; agreed 30 days; a report with newer information could go",
        ],
    );
    compare(
        &world,
        &|one| one.report.traffic = "EX-1".to_owned(),
        &[
            "TRAFFIC_KIND_MISMATCH: traffic \"EX-1\" under an agreement for \"live\"; send it under an agreement of its \
           own kind",
        ],
    );
    compare(
        &world,
        &|one| one.report.info = owned(&["XCC/J2"]),
        &["ADDRESSEE_UNKNOWN: XCC/J2 is not an addressee of XBB; known: XBB/J2, XBB/MARINE, XBB/CYBER, XBB/AT, \
           XBB/VEILLE"],
    );
    compare(
        &world,
        &|one| {
            one.report.precedence = "FLASH".to_owned();
            one.report.action.clear();
        },
        &[
            "ADDRESSEE_MISSING: no action addressee; limited distribution and the fastest precedence need one",
            "PRECEDENCE_NOT_AGREED: form assessment at FLASH; FLASH is for: warning; take a slower precedence",
        ],
    );
    compare(
        &world,
        &|one| {
            one.report.purpose = "planning".to_owned();
            one.report.form = "end-use".to_owned();
        },
        &[
            "PURPOSE_MISMATCH: purpose \"planning\" from XAA to XBB; agreed: early-warning, force-protection",
            "FORM_NOT_AGREED: form \"end-use\" from XAA to XBB; agreed: assessment, indicator-list, rfi-response, warning",
        ],
    );
}

#[test]
fn what_the_grammar_has_not_is_malformed_and_what_the_direction_has_not_is_told() {
    let world = World::new();
    let tlp = |word: &'static str| move |one: &mut Try| one.report.tlp = Some(word.to_owned());
    compare(&world, &tlp("GREEN"), &[]);
    compare(&world, &tlp("RED"), &["TLP_FORBIDS: TLP:RED; agreed: CLEAR, GREEN; its source would have to release it"]);
    let malformed =
        |what: &str| format!("MALFORMED: {what} is not as the report's grammar has it; write the report again");
    compare(&world, &tlp("WHITE"), &[&malformed("the TLP colour")]);
    compare(&world, &|one| one.report.precedence = "LATER".to_owned(), &[&malformed("the precedence")]);
    compare(&world, &|one| one.report.format = "relto-report/2".to_owned(), &[&malformed("the format")]);
    compare(
        &world,
        &|one| one.from = "XCC",
        &["PARTY_MISMATCH: XCC to XBB; the Parties of XAA-XBB-2026-01 are XAA and XBB, and nobody else can be"],
    );
    compare(
        &world,
        &|one| one.report.serial = "XCC-J2-1".to_owned(),
        &["ORIGINATOR_MISMATCH: serial \"XCC-J2-1\" is not of XAA; a nation releases its own reports only"],
    );
    let mut world = World::new();
    world.agreement.scopes.clear();
    compare(
        &world,
        &|_| {},
        &[
            "DIRECTION_NOT_AGREED: nothing is agreed from XAA to XBB; only a new version of the agreement can change that",
        ],
    );
}

#[test]
fn what_people_owe_is_told_with_the_level_and_the_office_that_answers() {
    let world = World::new();
    compare(
        &world,
        &|one| {
            one.approvals = vec![Approval { is_author: true, ..approval("me") }];
            one.report.review = Day::parse("2026-11-16");
        },
        &[
            "APPROVAL_REQUIRED: SECRET (level 3) from XAA to XBB: an officer releases it",
            "SECOND_APPROVAL_REQUIRED: SECRET (level 3) from XAA to XBB: from SECRET (level 3) on two officers release it",
            "APPROVER_IS_AUTHOR: the approval of me is the author's own and does not count",
            "REVIEW_DATE_PASSED: review date 2026-11-16 has passed; an officer confirms the marking or refuses",
        ],
    );
}
