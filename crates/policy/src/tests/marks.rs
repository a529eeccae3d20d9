//! Marks that the decision cases do not have one by one: caveats at every place of the register, groups and owners in
//! every place of a report, lists of codes out of order, many marks without a level.

use super::{generate::Sample, *};

const SECRET: &str = "SECRET//REL TO XAA, XBB";
const BOTH: &[&str] = &["XAA", "XBB"];

fn told(world: &World, one: &Try) -> String {
    answer(&world.decide(one))
}

#[test]
fn every_caveat_of_the_register_counts_in_banner_and_portions() {
    let world = World::new();
    for (long, short) in [("ORCON", "OC"), ("LIMDIS", "LD")] {
        let banner = format!("SECRET//{long}/REL TO XAA, XBB");
        let mark = format!("S//{short}/REL TO XAA, XBB");
        assert_eq!(told(&world, &Try::out(&banner, &[&mark], BOTH)), "permit", "{long}");
        let banner_alone = Try::out(&banner, &["S//REL TO XAA, XBB"], BOTH);
        assert_eq!(told(&world, &banner_alone), "refuse AGGREGATION_REASON_MISSING", "{long}");
        let portion_alone = Try::out(SECRET, &[&mark], BOTH);
        assert_eq!(told(&world, &portion_alone), "refuse LABEL_UNDERSTATES_PORTIONS", "{long}");
    }
    let kept = "refuse CAVEAT_FORBIDS_FOREIGN NOT_RELEASABLE_TO_RECIPIENT";
    assert_eq!(told(&world, &Try::out("SECRET//NOFORN", &["S//NF"], &[])), kept);
    let both = "SECRET//ORCON/LIMDIS/REL TO XAA, XBB";
    let parts = ["S//OC/REL TO XAA, XBB", "S//LD/REL TO XAA, XBB"];
    assert_eq!(told(&world, &Try::out(both, &parts, BOTH)), "permit", "the banner has the caveats of all portions");
}

#[test]
fn a_list_beside_a_caveat_that_keeps_the_text_at_home_contradicts_it_wherever_it_stands() {
    let world = World::new();
    let wanted = "refuse CAVEAT_FORBIDS_FOREIGN LABEL_INCONSISTENT NOT_RELEASABLE_TO_RECIPIENT";
    assert_eq!(told(&world, &Try::out("SECRET//NOFORN", &["S//NF/REL TO XAA, XBB"], &[])), wanted, "in a portion");
    assert_eq!(told(&world, &Try::out("SECRET//NOFORN/REL TO XAA, XBB", &["S//NF"], &[])), wanted, "in the banner");
}

#[test]
fn a_group_that_is_none_on_the_day_is_told_wherever_it_stands() {
    let world = World::new();
    let unknown = |one: Try| {
        let told = told(&world, &one);
        assert!(told.contains("GROUP_CODE_UNKNOWN"), "{told}");
    };
    unknown(Try::out("SECRET//REL TO XAA, ABCD", &["S//REL TO XAA, XBB"], BOTH));
    unknown(Try::out(SECRET, &["S//REL TO XAA, ABCD"], BOTH));
    unknown(Try::out(SECRET, &["S//REL TO XAA, XBB"], &["XAA", "ABCD", "XBB"]));
}

#[test]
fn a_banner_names_every_owner_or_conceals_them_all() {
    let world = World::new();
    let (named, concealed) = ("//XCC C//REL TO XAA, XBB", "//FGI C//REL TO XAA, XBB");
    let with = |banner: &str, sources: &[(&str, &str)]| {
        let marks: Vec<&str> =
            std::iter::once("S//REL TO XAA, XBB").chain(sources.iter().map(|(_, mark)| *mark)).collect();
        let mut one = Try::out(banner, &marks, BOTH);
        for (owner, mark) in sources {
            one = one.source(owner, mark, &[]);
        }
        let n = u32::try_from(one.report.sources.len()).unwrap();
        one.owners = (1..=n).map(|n| (n, nation("XCC"))).collect();
        one.consents = vec![
            consent(&["maritime.surface"], 2),
            Consent { name_origin: false, ..consent(&["maritime.surface"], 2) },
        ];
        told(&world, &one)
    };
    let (lacks, both) = ("refuse LABEL_UNDERSTATES_PORTIONS", [("XCC", named), ("FGI", concealed)]);
    assert_eq!(with("SECRET//FGI XCC//REL TO XAA, XBB", &[("XCC", named)]), "permit");
    assert_eq!(with("SECRET//FGI//REL TO XAA, XBB", &[("FGI", concealed)]), "permit");
    assert_eq!(with("SECRET//FGI//REL TO XAA, XBB", &both), "permit", "one concealed owner conceals all");
    assert_eq!(with(SECRET, &[("XCC", named)]), lacks);
    assert_eq!(with(SECRET, &[("FGI", concealed)]), lacks);
    assert_eq!(with("SECRET//FGI XCC//REL TO XAA, XBB", &both), lacks, "one is concealed");
    let second = [("XCC", named), ("XDD", "//XDD C//REL TO XAA, XBB")];
    let told = with("SECRET//FGI XCC//REL TO XAA, XBB", &second);
    assert!(told.contains("LABEL_UNDERSTATES_PORTIONS"), "{told}");
}

#[test]
fn rel_to_is_codes_alone_own_nation_first_the_rest_alphabetical_each_once() {
    let world = World::new();
    let with = |rel_to: &[&str]| told(&world, &Try::out(SECRET, &["S//REL TO XAA, XBB"], rel_to));
    assert_eq!(with(BOTH), "permit");
    for wrong in [
        &["XBB"][..],
        &["XBB", "XAA"],
        &["XAA", "xbb"],
        &["XAA", "XB"],
        &["XAA", "XBBBB"],
        &["XAA", "XBB", "XBB"],
        &["XAA", "XCC", "XBB"],
        &["XAA", "XAA", "XBB"],
        &["XAA", ""],
    ] {
        assert_eq!(with(wrong), "refuse MALFORMED", "{wrong:?}");
    }
    let inbound = |rel_to: &[&str]| {
        told(&world, &Try::inbound("SECRET//COMMUNICABLE À XBB, XAA", &["S//COM À XBB, XAA"], rel_to))
    };
    assert_eq!(inbound(&["XBB", "XAA"]), "permit");
    assert_eq!(inbound(&["XBB", "XAA", "XBB"]), "refuse MALFORMED", "the own nation again");
}

#[test]
fn a_marking_without_a_level_is_told_once_and_no_more_than_a_bounded_number_of_them() {
    let world = World::new();
    let details = |marks: &[&str]| {
        let Decision::Refusal(refusal) = world.decide(&Try::out(SECRET, marks, BOTH)) else { panic!("refused") };
        let told = refusal.reasons.iter().find(|one| one.code == Code::MarkingUnknown).unwrap();
        told.detail.split("; marking ").count()
    };
    assert_eq!(details(&["Q//REL TO XAA, XBB", "Q//OC/REL TO XAA, XBB", "Q"]), 1);
    let many: Vec<String> = (0..70).map(|n| format!("Q{n}//REL TO XAA, XBB")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!((details(&many[..63]), details(&many[..64]), details(&many)), (63, 64, 64));
}

#[test]
fn an_action_addressee_is_needed_under_limited_distribution_and_at_the_fastest_precedence() {
    let world = World::new();
    let with = |banner: &str, mark: &str, report: &str, leaf: &str| {
        let mut one = Try::out(banner, &[mark], BOTH);
        one.report.form = "warning".to_owned();
        one.report.precedence = report.to_owned();
        one.report.action.clear();
        one.report.info = owned(&["XBB/J2"]);
        let named = world.agreement.digest;
        let (precedence, bytes) = (leaf.to_owned(), 4096);
        answer(&world.judge(&Sample { one, bytes, precedence, clock_trusted: true, superseded: false, named }))
    };
    let (plain, missing) = ("S//REL TO XAA, XBB", "refuse ADDRESSEE_MISSING");
    assert_eq!(with(SECRET, plain, "ROUTINE", "ROUTINE"), "permit");
    assert_eq!(with(SECRET, plain, "IMMEDIATE", "IMMEDIATE"), "permit");
    assert_eq!(with(SECRET, plain, "FLASH", "FLASH"), missing);
    assert_eq!(with(SECRET, plain, "ROUTINE", "FLASH"), missing, "as the officer set it");
    assert_eq!(with(SECRET, plain, "FLASH", "ROUTINE"), missing, "as the author wrote it");
    let limited = ("SECRET//LIMDIS/REL TO XAA, XBB", "S//LD/REL TO XAA, XBB");
    assert_eq!(with(limited.0, limited.1, "ROUTINE", "ROUTINE"), missing);
}

#[test]
fn a_hold_names_the_codes_that_an_approval_would_answer() {
    let world = World::new();
    let mut one = Try { approvals: Vec::new(), ..Try::out(SECRET, &["S//REL TO XAA, XBB"], BOTH) };
    one.report.review = Day::parse("2026-11-16");
    let Decision::Hold(hold) = world.decide(&one) else { panic!("held") };
    let wanted = [Code::ApprovalRequired, Code::SecondApprovalRequired, Code::ReviewDatePassed];
    assert_eq!(hold.codes(), wanted.into_iter().collect());
    one.approvals = vec![approval("one")];
    one.report.review = None;
    let Decision::Hold(hold) = world.decide(&one) else { panic!("held") };
    assert_eq!(hold.codes(), CodeSet::EMPTY.with(Code::SecondApprovalRequired));
    assert_eq!(hold.in_words(), ["one foreign disclosure officer, not the author, approves"]);
}

#[test]
fn pol_4_two_national_reasons_are_one_bit_for_the_partner() {
    let mut world = World::new();
    let narrowing = &mut world.national.scopes[1].narrowing;
    narrowing.max_age_hours = Some(1);
    narrowing.forms = Some(owned(&["warning"]));
    let one = Try::inbound("SECRET//COMMUNICABLE À XBB, XAA", &["S//COM À XBB, XAA"], &["XBB", "XAA"]);
    let one = Try { national: true, ..one };
    let refused = world.decide(&one);
    assert_eq!(answer(&refused), "refuse NATIONAL_SCOPE:FORM_NOT_AGREED NATIONAL_SCOPE:REPORT_TOO_OLD");
    assert_eq!(refused.partner_codes(), Code::NationalRule.bit());
    // Beside a reason of the agreement, which the partner sees as it is.
    let mut both = one;
    both.report.purpose = "planning".to_owned();
    assert_eq!(world.decide(&both).partner_codes(), Code::NationalRule.bit() | Code::PurposeMismatch.bit());
}

#[test]
fn national_rules_of_another_nation_or_agreement_judge_nothing() {
    let world = World::new();
    let wrong = "refuse EVALUATION_ERROR";
    // Arcadia's rules at Borealia's node.
    let one = Try::out(SECRET, &["S//REL TO XAA, XBB"], BOTH);
    let inbound = Try { side: Side::In, national: true, ..one.clone() };
    assert_eq!(told(&world, &inbound), wrong);
    assert_eq!(told(&world, &Try { national: true, ..one.clone() }), "permit");
    let mut other = World::new();
    other.national.agreement = "OTHER".to_owned();
    assert_eq!(told(&other, &Try { national: true, ..one }), wrong);
}

#[test]
fn a_source_says_which_topics_of_its_owner_need_consent_and_without_a_source_all_do() {
    let world = World::new();
    let (xcc, xdd) = ("//XCC C//REL TO XAA, XBB", "//XDD C//REL TO XAA, XBB");
    let of = |owner: &str, topic: &str| Consent { owner: nation(owner), ..consent(&[topic], 2) };
    let one = Try::out("CONFIDENTIAL//FGI XCC XDD//REL TO XAA, XBB", &["C//REL TO XAA, XBB", xcc, xdd], BOTH)
        .topic(&["maritime.surface", "cyber.intrusion"])
        .source("XCC", xcc, &["maritime.surface"])
        .source("XDD", xdd, &["cyber.intrusion"]);
    let both = vec![of("XCC", "maritime.surface"), of("XDD", "cyber.intrusion")];
    assert_eq!(told(&world, &Try { consents: both.clone(), ..one.clone() }), "permit", "each for its own topic");
    let swapped = vec![of("XDD", "maritime.surface"), of("XCC", "cyber.intrusion")];
    let missing = "refuse THIRD_PARTY_CONSENT_MISSING";
    assert_eq!(told(&world, &Try { consents: swapped, ..one.clone() }), missing);
    assert_eq!(told(&world, &Try { consents: both[..1].to_vec(), ..one.clone() }), missing);
    // A portion whose owner no source lists is refused for that, and its owner is asked all the same.
    let unlisted = Try::out("SECRET//FGI XCC//REL TO XAA, XBB", &["S//REL TO XAA, XBB", xcc], BOTH);
    assert_eq!(told(&world, &unlisted), "refuse FGI_MISMATCH THIRD_PARTY_CONSENT_MISSING");
    let unlisted = Try { consents: both, ..unlisted };
    assert_eq!(told(&world, &unlisted), "refuse FGI_MISMATCH");
    // Without a topic the report is refused for that, and its foreign portion needs a consent none the less.
    let topicless = Try::out("SECRET//FGI XCC//REL TO XAA, XBB", &["S//REL TO XAA, XBB", xcc], BOTH);
    let topicless = topicless.source("XCC", xcc, &[]).topic(&[]);
    assert_eq!(told(&world, &topicless), "refuse THIRD_PARTY_CONSENT_MISSING TOPIC_MISSING");
    let topicless = Try { consents: vec![of("XCC", "air.missile")], ..topicless };
    assert_eq!(told(&world, &topicless), "refuse TOPIC_MISSING");
    // Inbound it was the sender's duty.
    let arrived = Try { side: Side::In, ..one };
    assert_eq!(told(&world, &arrived), "permit");
}
