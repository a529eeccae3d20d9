//! Laws over cases by chance, near the boundaries.

use super::{
    super::generate::{Chance, Sample, reword, sample},
    *,
};
use crate::agreement::Agreement;
use relto_report::marking::{Control, read_portion};

const CASES: usize = 6_000;

/// Visits cases; each law has its own seed.
pub(super) fn each(seed: u64, mut visit: impl FnMut(&World, &Sample, &mut Chance)) {
    let world = World::new();
    let mut chance = Chance::new(seed);
    for _ in 0..CASES {
        let one = sample(&world, &mut chance);
        visit(&world, &one, &mut chance);
    }
}

fn is_refused(decision: &Decision) -> bool {
    strictness(decision) == 2
}

/// What the case is, for a failing assertion.
pub(super) fn shown(sample: &Sample) -> String {
    let report = &sample.one.report;
    let marks: Vec<&str> = report.portions.iter().map(|one| one.body.mark.as_str()).collect();
    format!("{:?} {} {marks:?} {:?} {:?}", sample.one.side, report.banner, report.rel_to, report.topics)
}

#[test]
fn every_case_is_decided_and_alike_each_time() {
    let (mut verdicts, mut codes) = (BTreeMap::new(), BTreeMap::new());
    let other = World::new();
    each(1, |world, sample, _| {
        let decision = world.judge(sample);
        let again = other.judge(&sample.clone());
        assert_eq!(format!("{decision:?}"), format!("{again:?}"), "the same bytes");
        let told = answer(&decision);
        *verdicts.entry(told.split(' ').next().unwrap().to_owned()).or_insert(0) += 1;
        decision.names().into_iter().for_each(|name| *codes.entry(name).or_insert(0) += 1);
        match &decision {
            Decision::Permit(permit) => {
                let (from, to) = (nation(sample.one.from), nation(sample.one.to));
                assert!(permit.is_for(&DIGEST, &world.agreement.digest, from, to));
                assert!(!permit.is_for(&DIGEST, &world.agreement.digest, to, from), "one direction");
            }
            Decision::Hold(hold) => assert!(sample.one.side == Side::Out && !hold.owed.is_empty()),
            Decision::Refusal(refusal) => {
                assert!(!refusal.reasons.is_empty());
                assert!(sample.one.side == Side::In || !refusal.quarantine);
            }
        }
    });
    // The laws below are worth what these cases are worth.
    for verdict in ["permit", "hold", "refuse", "quarantine"] {
        assert!(verdicts.get(verdict).is_some_and(|count| *count > 150), "{verdicts:?}");
    }
    assert!(codes.len() > 60, "{} codes met: {codes:?}", codes.len());
}

/// Takes one permission out of an agreement.
fn narrow(agreement: &mut Agreement, chance: &mut Chance) {
    fn drop_one<T>(list: &mut Vec<T>, chance: &mut Chance) {
        if !list.is_empty() {
            list.remove(chance.below(list.len()));
        }
    }
    let place = chance.below(agreement.scopes.len());
    let scope = &mut agreement.scopes[place];
    match chance.below(14) {
        0 => drop_one(&mut scope.purposes, chance),
        1 => drop_one(&mut scope.forms, chance),
        2 => drop_one(&mut scope.topics, chance),
        3 => scope.topics.iter_mut().for_each(|one| one.1 = one.1.saturating_sub(1)),
        4 => scope.highest_level = scope.highest_level.saturating_sub(1),
        5 => drop_one(&mut scope.caveats, chance),
        6 => drop_one(&mut scope.tlp, chance),
        7 => drop_one(&mut scope.attachment_types, chance),
        8 => scope.max_age_hours = scope.max_age_hours.map(|hours| hours / 2),
        9 => drop_one(&mut agreement.equivalence, chance),
        10 => drop_one(&mut agreement.caveats, chance),
        11 => drop_one(&mut agreement.groups, chance),
        12 => agreement.party.iter_mut().for_each(|party| drop_one(&mut party.addressees, chance)),
        _ => drop_one(&mut agreement.scopes, chance),
    }
}

#[test]
fn what_is_not_written_is_not_permitted() {
    let mut narrowed = 0;
    each(2, |world, sample, chance| {
        let before = world.judge(sample);
        let mut less = world.clone();
        narrow(&mut less.agreement, chance);
        let after = less.judge(sample);
        assert!(strictness(&after) >= strictness(&before), "{before:?} became {after:?}: {}", shown(sample));
        narrowed += u32::from(strictness(&after) > strictness(&before));
        let mut none = world.clone();
        none.agreement.scopes.clear();
        assert!(is_refused(&none.judge(sample)));
    });
    assert!(narrowed > 100, "{narrowed}");
}

#[test]
fn a_word_that_no_list_has_refuses() {
    each(3, |world, sample, chance| {
        let mut one = sample.clone();
        let report = &mut one.one.report;
        let odd = "no-such".to_owned();
        match chance.below(9) {
            0 => report.purpose = odd,
            1 => report.form = odd,
            2 => report.topics.push(odd),
            3 => report.precedence = odd,
            4 => report.tlp = Some(odd),
            5 => report.info.push(odd),
            6 => report.traffic = odd,
            7 => report.banner = odd,
            _ => report.title.mark = odd,
        }
        assert!(is_refused(&world.judge(&one)), "{}", shown(&one));
    });
}

#[test]
fn of_a_report_that_may_go_every_portion_may_go() {
    let mut asked = 0;
    each(6, |world, sample, _| {
        if is_refused(&world.judge(sample)) {
            return;
        }
        let register = &world.registers[&nation(sample.one.from)];
        for portion in &sample.one.report.portions {
            let mut alone = sample.clone();
            let report = &mut alone.one.report;
            report.portions = vec![portion.clone()];
            report.attachments.clear();
            let owner = read_portion(&portion.body.mark, register).0.foreign;
            for source in &mut report.sources {
                let of = source.described.as_ref().and_then(|is| read_portion(&is.mark, register).0.foreign);
                if of != owner {
                    source.described = None;
                }
            }
            world.relabel(&mut alone.one);
            asked += 1;
            let told = answer(&world.judge(&alone));
            assert!(!is_refused(&world.judge(&alone)), "{told}: {}\nof {}", shown(&alone), shown(sample));
        }
    });
    assert!(asked > 2000, "{asked}");
}

#[test]
fn what_the_sender_may_release_the_agreement_lets_in() {
    let mut asked = 0;
    each(7, |world, sample, chance| {
        let mut out = sample.clone();
        out.one.side = Side::Out;
        if !matches!(world.judge(&out), Decision::Permit(_)) {
            return;
        }
        let mut inbound = out.clone();
        let skew = i64::from(world.agreement.clock_skew_seconds);
        let now = at(out.one.now);
        let theirs = now.plus(chance.pick(&[-skew, -1, 0, 1, skew]));
        // Where the clock alone ends it meanwhile, the caller says so (CROSSED).
        let life = &world.agreement.life;
        if out.one.state.standing(life, theirs) != crate::state::Standing::InForce {
            return;
        }
        inbound.one = Try {
            side: Side::In,
            released: out.one.now,
            now: theirs.to_string().leak(),
            national: false,
            approvals: Vec::new(),
            consents: Vec::new(),
            owners: BTreeMap::new(),
            faults: CodeSet::EMPTY,
            ..inbound.one
        };
        asked += 1;
        let told = answer(&world.judge(&inbound));
        assert_eq!(told, "permit", "{}", shown(&inbound));
    });
    assert!(asked > 400, "{asked}");
}

#[test]
fn one_direction_says_nothing_of_the_other() {
    let mut changed = 0;
    each(8, |world, sample, chance| {
        let first = world.judge(sample);
        let mut other = world.clone();
        let scope = other.agreement.scopes.iter_mut().find(|scope| scope.from == nation(sample.one.to)).unwrap();
        scope.topics = chance.pick(&[vec![], world.agreement.scopes[0].topics.clone()]);
        scope.forms.clear();
        scope.highest_level = 0;
        assert_eq!(format!("{:?}", other.judge(sample)), format!("{first:?}"));
        // The same report the other way is not this nation's to release.
        let mut back = sample.clone();
        std::mem::swap(&mut back.one.from, &mut back.one.to);
        assert!(is_refused(&world.judge(&back)), "{}", shown(sample));
        // And with its own direction gone nothing of the other's helps.
        other.agreement = world.agreement.clone();
        other.agreement.scopes.retain(|scope| scope.from == nation(sample.one.to));
        let alone = other.judge(sample);
        assert!(is_refused(&alone));
        changed += u32::from(!is_refused(&first));
    });
    assert!(changed > 500, "{changed}");
}

#[test]
fn pol_4_national_rules_show_a_partner_one_bit_and_only_narrow() {
    let bit = Code::NationalRule.bit();
    let (mut shown_bit, mut narrowed) = (0, 0);
    each(9, |world, sample, chance| {
        let mut world = world.clone();
        // Both nations' rules are tried: the deciding one's hold, the other's are an error.
        let deciding = if sample.one.side == Side::Out { sample.one.from } else { sample.one.to };
        world.national.nation = nation(if chance.below(8) == 0 { "XCC" } else { deciding });
        for scope in &mut world.national.scopes {
            scope.narrowing.max_age_hours = Some(chance.pick(&[0, 1, 24, 720]));
            scope.narrowing.highest_level = Some(u8::try_from(chance.below(4)).unwrap());
            scope.narrowing.max_attachments = Some(0);
        }
        let mut free = sample.clone();
        // What a caller found of national rules is no part of the agreement's check.
        free.one.faults = sample.one.faults.iter().filter(|one| one.class() != crate::code::Class::National).collect();
        let ruled = Sample { one: Try { national: true, ..free.one.clone() }, ..free.clone() };
        free.one.national = false;
        let (without, with) = (world.judge(&free), world.judge(&ruled));
        assert_eq!(without.partner_codes(), with.partner_codes() & !bit, "{}", shown(sample));
        assert!(strictness(&with) >= strictness(&without) || !is_refused(&without), "{}", shown(sample));
        let quarantined = |one: &Decision| matches!(one, Decision::Refusal(refusal) if refusal.quarantine);
        assert_eq!(quarantined(&without), quarantined(&with), "national rules start no incident");
        shown_bit += u32::from(with.partner_codes() & bit != 0);
        narrowed += u32::from(is_refused(&with) && !is_refused(&without));
    });
    assert!(shown_bit > 200 && narrowed > 200, "{shown_bit} {narrowed}");
}

#[test]
fn pol_5_nothing_outbound_is_seen_by_the_partner() {
    each(10, |world, sample, _| {
        let mut out = sample.clone();
        out.one.side = Side::Out;
        assert_eq!(world.judge(&out).partner_codes(), 0);
    });
}

#[test]
fn what_only_informs_never_decides() {
    each(11, |world, sample, chance| {
        let before = world.judge(sample);
        let mut after = sample.clone();
        reword(&mut after.one, chance);
        let mut other = world.clone();
        other.agreement.title.clear();
        other.agreement.basis.arrangement.clear();
        other.agreement.party.iter_mut().for_each(|party| "Nobody".clone_into(&mut party.name));
        other.agreement.precedence.values_mut().for_each(|one| (one.deliver, one.acknowledge) = (1, 1));
        other.agreement.protection.clear();
        let decided = other.judge(&after);
        assert_eq!(answer(&decided), answer(&before), "{}", shown(sample));
        assert_eq!(decided.partner_codes(), before.partner_codes());
    });
}

#[test]
fn a_list_that_names_the_recipient_is_what_lets_it_go() {
    // Every released report's marks that have a say admit the recipient, by a reading of its own.
    each(12, |world, sample, _| {
        if is_refused(&world.judge(sample)) {
            return;
        }
        let (from, to) = (nation(sample.one.from), sample.one.to);
        let register = &world.registers[&from];
        for portion in &sample.one.report.portions {
            let (read, faults) = read_portion(&portion.body.mark, register);
            assert!(faults.is_empty(), "{faults:?}");
            let admits = read.controls.iter().any(|control| match control {
                Control::Audience(codes) => codes.iter().any(|code| code == to || code == "NLGP"),
                Control::AudienceOfBanner => sample.one.report.rel_to.iter().any(|code| code == to || code == "NLGP"),
                Control::Caveat { .. } | Control::Unknown(_) => false,
            });
            assert!(admits || read.has_no_say(register), "{}", shown(sample));
        }
    });
}
