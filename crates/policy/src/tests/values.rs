//! What an explanation says of each clause: the report's value, what is agreed, what the national rules ask. POL-3

use super::{generate::Sample, *};
use crate::explain::{Clause, Explanation, Stage, explain};
use relto_report::assessment::Attachment;

const BOTH: &[&str] = &["XAA", "XBB"];
/// One clause as it is told: value, what is agreed, what the national rules ask.
type Told<'a> = (Code, &'a str, &'a str, Option<&'a str>);

fn secret() -> Try {
    let marks = ["S//REL TO XAA, XBB", "C//REL TO XAA, XBB"];
    Try { national: true, ..Try::out("SECRET//REL TO XAA, XBB", &marks, BOTH) }
}

fn whole(world: &World, one: &Try) -> Sample {
    Sample {
        precedence: one.report.precedence.clone(),
        one: one.clone(),
        bytes: 4096,
        clock_trusted: true,
        superseded: false,
        named: world.agreement.digest,
    }
}

fn of(world: &World, one: &Try) -> Explanation {
    world.ask(&whole(world, one), explain)
}

fn clause(told: &Explanation, code: Code) -> &Clause {
    told.clauses.iter().find(|one| one.code == code).unwrap_or_else(|| panic!("no clause {code}"))
}

fn compare(told: &Explanation, wanted: &[Told<'_>]) {
    for (code, value, agreed, national) in wanted {
        let clause = clause(told, *code);
        let is = (clause.value.as_str(), clause.agreed.as_str(), clause.national.as_deref());
        assert_eq!(is, (*value, *agreed, *national), "{code}");
    }
}

const TOPICS: &str = "maritime.surface, maritime.subsurface, maritime.undersea-infrastructure, \
     air.airspace-violation, air.missile, space.pnt-interference, cyber.intrusion, cyber.ics, hybrid.disinformation, \
     hybrid.sabotage, terrorism.attack-planning, cbrn.chemical";
const OWN_TOPICS: &str = "maritime.surface, maritime.subsurface, maritime.undersea-infrastructure, \
     air.airspace-violation, air.missile, space.pnt-interference, cyber.intrusion, hybrid.disinformation, \
     hybrid.sabotage, terrorism.attack-planning";

const STATES: &str = "in force by our log, in force by the partner's";

fn of_parties_and_state<'a>(digest: &'a str, version: &'a str, in_force: &'a str) -> Vec<Told<'a>> {
    vec![
        (Code::PartyMismatch, "XAA to XBB", "XAA and XBB", None),
        (Code::AgreementDigestMismatch, digest, version, None),
        (Code::OriginatorMismatch, "XAA-J2-2026-0431", "serials of XAA", None),
        (Code::Malformed, "well formed", "as the report's grammar has it", None),
        (Code::ClockUntrusted, "trusted", "trusted", None),
        (Code::LabelSuperseded, "as the originator has it", "as the originator has it", None),
        (Code::AgreementSuspended, STATES, "suspended by neither Party", None),
        (
            Code::AgreementNotInForce,
            in_force,
            "in force by both logs, from 2026-01-01T00:00:00Z until notice is given",
            None,
        ),
    ]
}

fn of_label_and_handling() -> Vec<Told<'static>> {
    vec![
        (Code::MarkingNotExchangeable, "every marking has a level", "never TOP SECRET", None),
        (
            Code::MarkingUnknown,
            "every marking has a level",
            "UNCLASSIFIED = 0, RESTRICTED = 1, CONFIDENTIAL = 2, SECRET = 3",
            None,
        ),
        (Code::CaveatUnknown, "none", "NOFORN, ORCON, LIMDIS", None),
        (Code::GroupCodeUnknown, "none unknown", "NLGP", None),
        (
            Code::LabelInconsistent,
            "rel_to XAA, XBB; banner XAA, XBB",
            "the same, and none beside a caveat that keeps the text at home",
            None,
        ),
        (
            Code::LabelUnderstatesPortions,
            "banner SECRET (level 3); portions SECRET (level 3)",
            "a banner that says no less than any portion",
            None,
        ),
        (Code::AggregationReasonMissing, "no reason", "a reason where the banner says more than every portion", None),
        (
            Code::FgiMismatch,
            "portions of none; banner names nobody",
            "portions, sources and banner alike; an owner may be concealed",
            None,
        ),
        (Code::TopicMissing, "maritime.surface", "at least one", None),
        (Code::TopicUnknown, "maritime.surface", "topics of the vocabulary", None),
        (Code::ReportInFuture, "2026-11-16T12:00:00Z", "at most 300 s after 2026-11-17T12:00:00Z", None),
        (Code::TrafficKindMismatch, "live", "live", None),
        (Code::AddresseeUnknown, "XBB/J2", "XBB/J2, XBB/MARINE, XBB/CYBER, XBB/AT, XBB/VEILLE", None),
        (Code::AddresseeMissing, "XBB/J2", "one, at FLASH and under limited distribution", None),
        (Code::ThirdPartyConsentMissing, "information of none", "consent of each owner on record", None),
        (Code::DirectionNotAgreed, "XAA to XBB", "XAA to XBB, XBB to XAA", None),
    ]
}

fn of_limits_and_people() -> Vec<Told<'static>> {
    vec![
        (Code::CaveatForbidsForeign, "none", "none that keeps it at home", None),
        (Code::NotReleasableToRecipient, "XAA, XBB", "XBB among them", None),
        (
            Code::PrecedenceNotAgreed,
            "assessment at ROUTINE",
            "ROUTINE: assessment, indicator-list, rfi-response, warning",
            None,
        ),
        (
            Code::EvaluationError,
            "form assessment",
            "clauses that this program can judge",
            Some("rules of XAA for XAA-XBB-2026-01"),
        ),
        (Code::PurposeMismatch, "early-warning", "early-warning, force-protection", None),
        (
            Code::FormNotAgreed,
            "assessment",
            "assessment, indicator-list, rfi-response, warning",
            Some("assessment, rfi-response, warning"),
        ),
        (Code::TopicOutOfScope, "maritime.surface", TOPICS, Some(OWN_TOPICS)),
        (Code::ClassExceedsCeiling, "SECRET (level 3)", "maritime.surface 3, any 3", Some("maritime.surface 3")),
        (Code::ReportOutsideWindow, "cut-off 2026-11-16T12:00:00Z", "2025-12-15T00:00:00Z to open", None),
        (Code::ReportTooOld, "24 h", "30 days", Some("14 days")),
        (
            Code::CaveatNotPermitted,
            "none",
            "limited-distribution, originator-controlled",
            Some("originator-controlled"),
        ),
        (Code::TlpForbids, "none", "CLEAR, GREEN", None),
        (
            Code::AttachmentTypeNotAgreed,
            "none",
            "text/csv, application/geo+json, application/json, application/pdf, image/png, image/jpeg",
            Some("application/pdf, image/png, text/csv"),
        ),
        (Code::AttachmentCountExceeded, "0", "16", None),
        (Code::SizeExceeded, "4096 + 0 bytes", "1048576 + 26214400 bytes", None),
        (Code::NationalScopeNotValid, NOW, "", Some("from 2026-06-01T00:00:00Z to 2027-06-01T00:00:00Z, exclusive")),
        (
            Code::AccreditationLapsed,
            "SECRET (level 3) at 2026-11-17T12:00:00Z",
            "",
            Some("to SECRET (level 3), to 2026-12-31T00:00:00Z, exclusive"),
        ),
        (
            Code::ApprovalRequired,
            "SECRET (level 3); 2 approvals on record, 0 of the author",
            "from UNCLASSIFIED (level 0) on",
            None,
        ),
        (
            Code::SecondApprovalRequired,
            "SECRET (level 3); 2 approvals on record, 0 of the author",
            "from SECRET (level 3) on",
            Some("from CONFIDENTIAL (level 2) on"),
        ),
        (Code::ReviewDatePassed, "2027-05-16", "not before 2026-11-17", None),
        (Code::NationalTopicHeld, "maritime.surface", "", Some("a senior officer for hybrid.disinformation")),
        (Code::ContentHeld, "not looked at", "nothing found, or an officer looks", None),
    ]
}

#[test]
fn every_clause_of_a_released_report_shows_its_value_and_its_limits() {
    let world = World::new();
    let told = of(&world, &secret());
    assert_eq!(told.failed(), [""; 0]);
    let digest = world.agreement.digest.to_string();
    let (version, in_force) = (format!("version 3, {digest}"), format!("{STATES}, at {NOW}"));
    let first = of_parties_and_state(&digest, &version, &in_force);
    let wanted: Vec<Told<'_>> = [first, of_label_and_handling(), of_limits_and_people()].concat();
    assert!(told.clauses.iter().map(|one| one.code).eq(wanted.iter().map(|one| one.0)), "each clause once, in order");
    assert_eq!(wanted.len(), 46);
    compare(&told, &wanted);
}

#[test]
fn what_a_label_has_is_shown_where_no_level_caveat_group_or_owner_is_known() {
    let world = World::new();
    let marks = ["Q", "TS", "S//NF", "//XCC C", "//FGI S//LD"];
    let one = Try::out("Q//FGI XDD//ORCON/PROPIN/REL TO XAA, ABCD", &marks, BOTH).source("XCC", "//XCC C", &[]);
    let caveats = "LIMDIS (limited-distribution), NOFORN (national-only), ORCON (originator-controlled)";
    compare(
        &of(&world, &one),
        &[
            (Code::MarkingNotExchangeable, "Q, Q, TOP SECRET", "never TOP SECRET", None),
            (
                Code::MarkingUnknown,
                "Q, Q, TOP SECRET",
                "UNCLASSIFIED = 0, RESTRICTED = 1, CONFIDENTIAL = 2, SECRET = 3",
                None,
            ),
            (Code::CaveatUnknown, "LIMDIS, NOFORN, ORCON, PROPIN", "NOFORN, ORCON, LIMDIS", None),
            (Code::GroupCodeUnknown, "ABCD", "NLGP", None),
            (
                Code::LabelInconsistent,
                "rel_to XAA, XBB; banner XAA",
                "the same, and none beside a caveat that keeps the text at home",
                None,
            ),
            (
                Code::LabelUnderstatesPortions,
                "banner no level; portions SECRET (level 3)",
                "a banner that says no less than any portion",
                None,
            ),
            (
                Code::FgiMismatch,
                "portions of XCC, a concealed owner; banner names XDD",
                "portions, sources and banner alike; an owner may be concealed",
                None,
            ),
            (
                Code::ThirdPartyConsentMissing,
                "information of a concealed owner at SECRET (level 3), XCC at CONFIDENTIAL (level 2)",
                "consent of each owner on record",
                None,
            ),
            (Code::CaveatForbidsForeign, caveats, "none that keeps it at home", None),
            (Code::CaveatNotPermitted, caveats, "limited-distribution, originator-controlled", None),
            (Code::NotReleasableToRecipient, "XAA", "XBB among them", None),
            (Code::EvaluationError, "form assessment", "clauses that this program can judge", None),
        ],
    );
}

#[test]
fn rows_groups_and_owners_are_shown_as_they_are_agreed_on_the_day_for_the_sender() {
    let mut strict = World::new();
    strict.agreement.third_party.concealed_origin = false;
    strict.agreement.equivalence[0].until = Day::parse("2026-11-17");
    strict.agreement.groups.clear();
    let mut one = Try::out("SECRET//FGI", &["S"], &[]);
    one.report.aggregation_reason = Some(MarkedText { mark: "U".to_owned(), text: "Together".to_owned() });
    let known = strict.agreement.equivalence[0].markings[0].clone();
    let told = of(&strict, &one);
    assert!(!clause(&told, Code::MarkingUnknown).agreed.contains(&known), "{known} has a level no more");
    let alike = "portions, sources and banner alike; an owner may not be concealed";
    compare(
        &told,
        &[
            (Code::GroupCodeUnknown, "none unknown", "none", None),
            (Code::FgiMismatch, "portions of none; banner names a concealed owner", alike, None),
            (
                Code::AggregationReasonMissing,
                "a reason",
                "a reason where the banner says more than every portion",
                None,
            ),
        ],
    );
    let borealian = Try::inbound("SECRET//COMMUNICABLE À XBB, XAA", &["S//COM À XBB, XAA"], &["XBB", "XAA"]);
    compare(
        &of(&World::new(), &borealian),
        &[
            (Code::MarkingNotExchangeable, "every marking has a level", "never TRÈS SECRET, TRES SECRET", None),
            (Code::CaveatUnknown, "none", "SPÉCIAL BORÉALIE, CONTRÔLE ÉMETTEUR, DIFFUSION LIMITÉE", None),
        ],
    );
}

#[test]
fn what_the_moment_has_is_shown_as_it_is() {
    let world = World::new();
    let state = StateView::of(AgreementState::Suspended, AgreementState::NoticeGiven(at("2026-11-01T00:00:00Z")));
    let faults = CodeSet::EMPTY.with(Code::ApproverIsAuthor);
    let author = Approval { is_author: true, ..approval("author") };
    let mut one = Try { state, faults, approvals: vec![author, approval("one")], ..secret() };
    one.report.review = None;
    one.report.action.clear();
    one.report.topics.clear();
    one.report.traffic = "EX-1".to_owned();
    let mut asked = Sample { clock_trusted: false, superseded: true, named: DIGEST, ..whole(&world, &one) };
    let states = "suspended by our log, under notice by the partner's";
    let in_force = format!("{states}, at {NOW}");
    compare(
        &world.ask(&asked, explain),
        &[
            (Code::AgreementSuspended, states, "suspended by neither Party", None),
            (
                Code::AgreementNotInForce,
                &in_force,
                "in force by both logs, from 2026-01-01T00:00:00Z to 2027-01-30T00:00:00Z, exclusive",
                None,
            ),
            (Code::ClockUntrusted, "not trusted", "trusted", None),
            (Code::LabelSuperseded, "changed by the originator since", "as the originator has it", None),
            (Code::TrafficKindMismatch, "EX-1", "live", None),
            (Code::TopicMissing, "none", "at least one", None),
            (Code::AddresseeMissing, "none", "one, at FLASH and under limited distribution", None),
            (Code::ReviewDatePassed, "none", "not before 2026-11-17", None),
            (
                Code::ApprovalRequired,
                "SECRET (level 3); 1 approvals on record, 1 of the author",
                "from UNCLASSIFIED (level 0) on",
                None,
            ),
        ],
    );
    let named = DIGEST.to_string();
    assert_eq!(clause(&world.ask(&asked, explain), Code::AgreementDigestMismatch).value, named);
    // Nothing of the label can be said without the sender's register; what needs none is said all the same.
    asked.named = world.agreement.digest;
    let mut without = World::new();
    without.registers.clear();
    let told = without.ask(&asked, explain);
    compare(
        &told,
        &[
            (Code::PartyMismatch, "XAA to XBB", "XAA and XBB", None),
            (Code::TlpForbids, "", "", None),
            (Code::MarkingUnknown, "", "", None),
        ],
    );
    assert_eq!(told.closing, []);
}

#[test]
fn limits_of_the_national_rules_stand_beside_the_agreements() {
    let mut world = World::new();
    let own = &mut world.national.scopes[0].narrowing;
    own.information_until = Some(at("2026-12-01T00:00:00Z"));
    own.purposes = Some(owned(&["early-warning"]));
    own.tlp = Some(owned(&["CLEAR"]));
    own.max_attachments = Some(3);
    own.max_report_bytes = Some(5_000);
    own.officer_from_level = Some(1);
    let mut one = secret();
    one.report.tlp = Some("GREEN".to_owned());
    let attachment = |media_type: &str| Attachment {
        name: "a".to_owned(),
        mark: "U".to_owned(),
        title: one.report.title.clone(),
        media_type: media_type.to_owned(),
        length: 10,
        sha256: DIGEST,
    };
    one.report.attachments = ["text/csv", "image/png", "text/csv"].map(attachment).to_vec();
    compare(
        &of(&world, &one),
        &[
            (
                Code::ReportOutsideWindow,
                "cut-off 2026-11-16T12:00:00Z",
                "2025-12-15T00:00:00Z to open",
                Some("open to 2026-12-01T00:00:00Z"),
            ),
            (Code::PurposeMismatch, "early-warning", "early-warning, force-protection", Some("early-warning")),
            (Code::TlpForbids, "GREEN", "CLEAR, GREEN", Some("CLEAR")),
            (Code::AttachmentCountExceeded, "3", "16", Some("3")),
            (Code::SizeExceeded, "4096 + 30 bytes", "1048576 + 26214400 bytes", Some("5000 + 26214400 bytes")),
            (
                Code::ApprovalRequired,
                "SECRET (level 3); 2 approvals on record, 0 of the author",
                "from UNCLASSIFIED (level 0) on",
                Some("from RESTRICTED (level 1) on"),
            ),
        ],
    );
    let told = of(&world, &one);
    assert_eq!(clause(&told, Code::AttachmentTypeNotAgreed).value, "image/png, text/csv", "each once");
    let own = &mut world.national.scopes[0].narrowing;
    (own.max_report_bytes, own.max_attachment_bytes) = (None, Some(100));
    (own.information_from, own.information_until) = (Some(at("2026-01-01T00:00:00Z")), None);
    (own.topics, own.highest_level) = (None, Some(2));
    world.agreement.scopes[0].max_age_hours = None;
    let told = of(&world, &one);
    let national = |code| clause(&told, code).national.clone();
    assert_eq!(national(Code::SizeExceeded).as_deref(), Some("1048576 + 100 bytes"));
    assert_eq!(national(Code::ReportOutsideWindow).as_deref(), Some("2026-01-01T00:00:00Z to open"));
    assert_eq!(national(Code::ClassExceedsCeiling).as_deref(), Some("any 2"));
    assert_eq!(clause(&told, Code::ReportTooOld).agreed, "any");
    let found = crate::content::ContentFindings::nothing(DIGEST);
    let sample = whole(&world, &one);
    let told = world.ask(&sample, |subject, rules, facts, side, times| {
        explain(subject, rules, &Facts { content: Some(&found), ..facts.clone() }, side, times)
    });
    assert_eq!(clause(&told, Code::ContentHeld).value, "looked at");
}

#[test]
fn each_stage_and_each_change_has_its_word() {
    use crate::{content::Place, explain::Change};
    let stages = [Stage::Authenticity, Stage::Agreement, Stage::Scope, Stage::National, Stage::People];
    assert_eq!(stages.map(Stage::word), ["authenticity", "agreement", "scope", "national", "people"]);
    let word = || "x".to_owned();
    let moment = at("2026-11-01T00:00:00Z");
    let left = Change::LeaveOut { places: vec![Place::Portion(2), Place::Attachment(1)], banner: None };
    for (change, kind, text) in [
        (left, "leave-out", "leave out portion 2, attachment 1"),
        (Change::RemoveTopic(word()), "remove-topic", "take out topic x"),
        (Change::Form(word()), "form", "write it as x"),
        (Change::Purpose(word()), "purpose", "send it for the purpose x"),
        (Change::Precedence(word()), "precedence", "send it at x"),
        (
            Change::CutoffFrom(moment),
            "newer-information",
            "report information with a cut-off at 2026-11-01T00:00:00Z or later",
        ),
        (
            Change::CutoffTo(moment),
            "earlier-cut-off",
            "report information with a cut-off at 2026-11-01T00:00:00Z or earlier",
        ),
        (Change::NameAddressee(word()), "name-addressee", "name an office for action, such as x"),
        (Change::RemoveAddressee(word()), "remove-addressee", "take out addressee x"),
        (Change::GiveReason, "give-reason", "say in aggregation_reason why the banner is stricter than the portions"),
        (Change::Shorten(9), "shorten", "shorten it to 9 bytes, or send it in parts"),
    ] {
        assert_eq!((change.word(), change.to_string().as_str()), (kind, text));
    }
}
