//! What a later version newly permits, key by key, in the words of `extends`; and never what it newly forbids.

use super::super::*;
use super::example;
use relto_report::calendar::Timestamp;

type Edit = fn(&mut Agreement);

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// The lines by which the edited agreement is wider than the example, and those by which the example is wider than it.
fn both_ways(edit: Edit) -> (Vec<String>, Vec<String>) {
    let (old, mut new) = (example(), example());
    edit(&mut new);
    (new.widening(&old), old.widening(&new))
}

fn check(cases: &[(Edit, &[&str], &[&str])]) {
    for (n, (edit, permits, forbids)) in cases.iter().enumerate() {
        let (wider, narrower) = both_ways(*edit);
        assert_eq!(
            (wider, narrower),
            (
                permits.iter().map(|line| (*line).to_owned()).collect(),
                forbids.iter().map(|line| (*line).to_owned()).collect()
            ),
            "case {n}"
        );
    }
}

#[test]
fn log_9_a_longer_time_between_anchors_is_wider() {
    check(&[
        (|new| new.anchor_minutes = 6, &["anchor_minutes: 5 -> 6"], &[]),
        (|new| new.anchor_minutes = 4, &[], &["anchor_minutes: 4 -> 5"]),
    ]);
}

#[test]
fn scopes_widen_by_what_they_let_through() {
    check(&[
        (
            |new| new.scopes[0].information_from = Some(at("2025-12-14T00:00:00Z")),
            &["scope XAA>XBB information_from: 2025-12-15T00:00:00Z -> 2025-12-14T00:00:00Z"],
            &[],
        ),
        (
            |new| new.scopes[0].information_from = None,
            &["scope XAA>XBB information_from: 2025-12-15T00:00:00Z -> none"],
            &[],
        ),
        (
            |new| new.scopes[1].information_until = Some(at("2027-01-01T00:00:00Z")),
            &[],
            &["scope XBB>XAA information_until: 2027-01-01T00:00:00Z -> none"],
        ),
        (|new| new.scopes[0].max_age_hours = Some(721), &["scope XAA>XBB max_age_hours: 720 -> 721"], &[]),
        (|new| new.scopes[0].officer_from_level = 2, &["scope XAA>XBB officer_from_level: 0 -> 2"], &[]),
        (
            |new| new.scopes[0].standing_authority_to_level = -1,
            &[],
            &["scope XAA>XBB standing_authority_to_level: -1 -> 1"],
        ),
        (|new| drop(new.scopes.remove(1)), &[], &["scope XBB>XAA: added"]),
    ]);
}

#[test]
fn markings_widen_by_new_words_and_lower_levels() {
    check(&[
        (
            |new| new.equivalence[1].markings[0] = "CONTROLLED".to_owned(),
            &["equivalence XAA CONTROLLED: none -> 1"],
            &["equivalence XAA RESTRICTED: none -> 1"],
        ),
        (|new| new.equivalence[0].accepts[1].clear(), &[], &["equivalence XBB NON PROTEGE: none -> 0"]),
        (
            |new| new.equivalence[3].level = 2,
            &["equivalence XAA SECRET: 3 -> 2", "equivalence XBB SECRET: 3 -> 2"],
            &[],
        ),
        // Other days are another row.
        (
            |new| new.equivalence[2].from = Some(day("2026-01-01")),
            &["equivalence XAA CONFIDENTIAL: none -> 2", "equivalence XBB CONFIDENTIEL: none -> 2"],
            &["equivalence XAA CONFIDENTIAL: none -> 2", "equivalence XBB CONFIDENTIEL: none -> 2"],
        ),
        (
            |new| new.caveats[2].words[0] = "EYES ONLY".to_owned(),
            &["caveat XAA EYES ONLY: none -> limited-distribution"],
            &["caveat XAA LIMDIS: none -> limited-distribution"],
        ),
        (
            |new| new.caveats[1].means = Meaning::LimitedDistribution,
            &[
                "caveat XAA ORCON: originator-controlled -> limited-distribution",
                "caveat XBB CONTRÔLE ÉMETTEUR: originator-controlled -> limited-distribution",
            ],
            &[
                "caveat XAA ORCON: limited-distribution -> originator-controlled",
                "caveat XBB CONTRÔLE ÉMETTEUR: limited-distribution -> originator-controlled",
            ],
        ),
    ]);
}

#[test]
fn the_life_widens_by_longer_terms_and_easier_resumption() {
    check(&[
        (
            |new| new.life.enters_into_force = at("2025-12-01T00:00:00Z"),
            &["life enters_into_force: 2026-01-01T00:00:00Z -> 2025-12-01T00:00:00Z"],
            &[],
        ),
        (|new| new.life.renewal = Renewal::None, &[], &["life renewal: none -> tacit"]),
        (
            |new| new.life.renewal = Renewal::BySignature,
            &["life renewal: tacit -> by-signature"],
            &["life renewal: by-signature -> tacit"],
        ),
        (|new| new.life.suspend_by = By::Both, &["life suspend_by: either -> both"], &[]),
        (|new| new.life.resume_by = By::Either, &["life resume_by: both -> either"], &[]),
        (|new| drop(new.life.after_end.pop()), &[], &["life after_end recall: added"]),
        (
            |new| new.traffic = Traffic::Exercise("EX-A".to_owned()),
            &["traffic: live -> EX-A"],
            &["traffic: EX-A -> live"],
        ),
        (|new| drop(new.party[1].addressees.remove(0)), &[], &["party XBB addressee XBB/J2: added"]),
    ]);
}

#[test]
fn third_parties_widen_in_the_order_of_their_words() {
    check(&[
        (
            |new| new.third_party.recipients_own_may_return = false,
            &[],
            &["third_party recipients_own: refuse -> may-return"],
        ),
        (|new| new.third_party.concealed_origin = false, &[], &["third_party concealed_origin: refuse -> permitted"]),
        (
            |new| new.third_party.onward_by_rel_to = Onward::Never,
            &[],
            &["third_party onward_by_rel_to: never -> tear-line"],
        ),
        (
            |new| new.third_party.onward_by_rel_to = Onward::Always,
            &["third_party onward_by_rel_to: tear-line -> always"],
            &[],
        ),
        (|new| new.third_party.contractors = Reading::No, &[], &["third_party contractors: no -> consent"]),
        (
            |new| new.third_party.third_state_nationals = Reading::Yes,
            &["third_party third_state_nationals: consent -> yes"],
            &[],
        ),
        (|new| new.groups[0].members.truncate(2), &[], &["group NLGP member XCC 2026-03-01 to 2027-03-01: added"]),
        (
            |new| new.groups[0].members.retain(|member| member.as_str() != "XAA"),
            &[],
            &["group NLGP member XAA 2026-03-01 to 2027-03-01: added"],
        ),
        (
            |new| {
                new.groups[0].members.truncate(1);
                new.groups[0].from = day("2026-02-01");
            },
            &["group NLGP member XAA 2026-02-01 to 2027-03-01: added"],
            &[
                "group NLGP member XBB 2026-03-01 to 2027-03-01: added",
                "group NLGP member XCC 2026-03-01 to 2027-03-01: added",
            ],
        ),
        (
            |new| {
                new.groups[0].members.truncate(1);
                new.groups[0].until = day("2027-04-01");
            },
            &["group NLGP member XAA 2026-03-01 to 2027-04-01: added"],
            &[
                "group NLGP member XBB 2026-03-01 to 2027-03-01: added",
                "group NLGP member XCC 2026-03-01 to 2027-03-01: added",
            ],
        ),
    ]);
}

#[test]
fn handling_and_protection_widen_by_more_forms_and_fewer_duties() {
    check(&[
        (
            |new| new.emergency.as_mut().unwrap().permitted = false,
            &[],
            &[
                "emergency topic air.missile: added",
                "emergency topic cbrn.chemical: added",
                "emergency topic terrorism.attack-planning: added",
            ],
        ),
        (|new| drop(new.emergency.as_mut().unwrap().topics.remove(0)), &[], &["emergency topic air.missile: added"]),
        (|new| drop(new.duties.technology.pop()), &[], &["technology undersea-sensing: added"]),
        (|new| new.protection[2].copies = Making::Free, &["protection 2 copies: recorded -> free"], &[]),
        (|new| new.protection[3].copies = Making::Recorded, &["protection 3 copies: consent -> recorded"], &[]),
        (
            |new| new.protection[2].translation = Making::Consent,
            &[],
            &["protection 2 translation: consent -> recorded"],
        ),
        (|new| new.protection[1].incident_report = false, &["protection 1 incident_report: true -> false"], &[]),
    ]);
}

#[test]
fn only_the_same_parties_under_the_same_id_have_versions() {
    let told = |edit: Edit| {
        let mut next = example();
        edit(&mut next);
        next.follows("next.toml", &example()).unwrap_err().to_string()
    };
    for edit in [(|next| next.id = "XAA-XBB-2027-01".to_owned()) as Edit, |next| {
        next.parties[1] = Nation::parse("XCC").unwrap()
    }] {
        assert!(
            told(edit).contains("A002: the installed agreement is XAA-XBB-2026-01 of XAA and XBB"),
            "{}",
            told(edit)
        );
    }
    assert!(!told(|_| {}).contains("A002"));
}
