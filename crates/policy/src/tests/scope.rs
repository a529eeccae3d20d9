//! Each limit of a direction, met and missed by one: exact topics, and the last value that is still within.

use super::{generate::Sample, *};
use relto_report::assessment::Attachment;

const BOTH: &[&str] = &["XAA", "XBB"];

fn secret() -> Try {
    Try::out("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB"], BOTH)
}

fn told(world: &World, one: &Try) -> String {
    answer(&world.decide(one))
}

#[test]
fn a_topic_is_agreed_by_its_whole_word_alone() {
    let mut world = World::new();
    let topics = world.vocabulary.topics.clone();
    assert!(topics.len() > 20);
    for agreed in &topics {
        world.agreement.scopes[0].topics = vec![(agreed.clone(), 3)];
        for topic in &topics {
            let wanted = if topic == agreed { "permit" } else { "refuse TOPIC_OUT_OF_SCOPE" };
            if topic != "emerging.unassigned" {
                assert_eq!(told(&world, &secret().topic(&[topic])), wanted, "{topic} where {agreed} is agreed");
            }
        }
    }
}

#[test]
fn the_period_of_the_information_begins_at_its_first_moment_and_ends_before_its_last() {
    let mut world = World::new();
    let scope = &mut world.agreement.scopes[0];
    scope.information_from = Some(at("2026-11-10T00:00:00Z"));
    scope.information_until = Some(at("2026-11-16T00:00:00Z"));
    let with = |world: &World, cutoff: &str, national: bool| {
        let mut one = Try { national, ..secret() };
        one.report.information_cutoff = at(cutoff);
        told(world, &one)
    };
    let outside = "refuse REPORT_OUTSIDE_WINDOW";
    assert_eq!(with(&world, "2026-11-09T23:59:59Z", false), outside);
    assert_eq!(with(&world, "2026-11-10T00:00:00Z", false), "permit");
    assert_eq!(with(&world, "2026-11-15T23:59:59Z", false), "permit");
    assert_eq!(with(&world, "2026-11-16T00:00:00Z", false), outside);
    let own = &mut world.national.scopes[0].narrowing;
    own.information_from = Some(at("2026-11-11T00:00:00Z"));
    own.information_until = Some(at("2026-11-15T00:00:00Z"));
    let narrower = "refuse NATIONAL_SCOPE:REPORT_OUTSIDE_WINDOW";
    assert_eq!(with(&world, "2026-11-10T23:59:59Z", true), narrower);
    assert_eq!(with(&world, "2026-11-11T00:00:00Z", true), "permit");
    assert_eq!(with(&world, "2026-11-15T00:00:00Z", true), narrower);
    assert_eq!(with(&world, "2026-11-16T00:00:00Z", true), outside, "told once, as the agreement's");
}

#[test]
fn the_last_hour_byte_and_attachment_within_a_limit_may_go() {
    let mut world = World::new();
    let scope = &mut world.agreement.scopes[0];
    (scope.max_age_hours, scope.max_attachments) = (Some(24), 2);
    (scope.max_report_bytes, scope.max_attachment_bytes) = (4_096, 100);
    let with = |age: i64, bytes: u64, lengths: &[u64]| {
        let mut one = secret();
        one.report.information_cutoff = at(NOW).plus(-age);
        one.report.attachments = lengths.iter().map(|length| attachment("text/csv", *length)).collect();
        let (precedence, named) = (one.report.precedence.clone(), world.agreement.digest);
        answer(&world.judge(&Sample { one, bytes, precedence, clock_trusted: true, superseded: false, named }))
    };
    assert_eq!(with(24 * 3600, 4_096, &[60, 40]), "permit");
    assert_eq!(with(24 * 3600 + 1, 4_096, &[60, 40]), "refuse REPORT_TOO_OLD");
    assert_eq!(with(0, 4_097, &[60, 40]), "refuse SIZE_EXCEEDED");
    assert_eq!(with(0, 4_096, &[60, 41]), "refuse SIZE_EXCEEDED");
    assert_eq!(with(0, 4_096, &[60, 30, 10]), "refuse ATTACHMENT_COUNT_EXCEEDED");
    assert_eq!(with(0, 0, &[]), "permit");
    let mut page = secret();
    page.report.attachments = vec![attachment("text/html", 10)];
    assert_eq!(told(&world, &page), "refuse ATTACHMENT_TYPE_NOT_AGREED");
}

#[test]
fn a_caveat_and_a_colour_that_the_direction_or_the_nation_does_not_permit_keep_the_report() {
    let mut world = World::new();
    let limited = Try::out("SECRET//LIMDIS/REL TO XAA, XBB", &["S//LD/REL TO XAA, XBB"], BOTH);
    let own = Try { national: true, ..limited.clone() };
    assert_eq!(told(&world, &limited), "permit");
    assert_eq!(told(&world, &own), "refuse NATIONAL_SCOPE:CAVEAT_NOT_PERMITTED");
    world.agreement.scopes[0].caveats = vec![crate::agreement::Meaning::OriginatorControlled];
    assert_eq!(told(&world, &limited), "refuse CAVEAT_NOT_PERMITTED");
    assert_eq!(told(&world, &own), "refuse CAVEAT_NOT_PERMITTED", "told once, as the agreement's");
    let mut green = Try { national: true, ..secret() };
    green.report.tlp = Some("GREEN".to_owned());
    assert_eq!(told(&world, &green), "permit");
    world.national.scopes[0].narrowing.tlp = Some(owned(&["CLEAR"]));
    assert_eq!(told(&world, &green), "refuse NATIONAL_SCOPE:TLP_FORBIDS");
}

fn attachment(media_type: &str, length: u64) -> Attachment {
    Attachment {
        name: "a".to_owned(),
        mark: "U".to_owned(),
        title: MarkedText { mark: "U".to_owned(), text: "Track".to_owned() },
        media_type: media_type.to_owned(),
        length,
        sha256: DIGEST,
    }
}
