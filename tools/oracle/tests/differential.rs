//! The decision and Cedar agree on every case, and the cases ask every clause.

use relto_formats::cedar::CODES;
use relto_oracle::{
    Dice,
    cases::Case,
    compare::{agreed, by_cedar, native},
    worlds::worlds,
};
use relto_policy::code::Code;
use std::{
    collections::{BTreeMap, BTreeSet},
    thread,
};

/// Cases of one run; `RELTO_ORACLE_CASES` asks for more.
const CASES: u64 = 120_000;
/// Each code refuses so many cases alone, and so many it does not refuse.
const AT_LEAST: u64 = 50;
const SEED: u64 = 0x5245_4c54_4f00_0001;
const THREADS: u64 = 2;

/// What the cases have asked.
#[derive(Default)]
struct Count {
    asked: u64,
    permitted: u64,
    /// How often each code was the only one, and was one of them.
    alone: BTreeMap<Code, u64>,
    told: BTreeMap<Code, u64>,
    /// Policies that decided something, each with its world's number.
    decided: BTreeSet<(usize, String)>,
}

impl Count {
    fn run(seed: u64, cases: u64) -> Self {
        let worlds = worlds();
        let mut count = Self::default();
        let mut dice = Dice::Seeded(seed);
        for _ in 0..cases {
            let number = dice.below(worlds.len());
            let world = &worlds[number];
            let (opinion, deciding) = agreed(world, &Case::draw(world, &mut dice));
            assert_eq!(opinion.permitted, opinion.reasons.is_empty(), "a refusal has a reason");
            count.asked += 1;
            count.permitted += u64::from(opinion.permitted);
            count.decided.extend(deciding.into_iter().map(|id| (number, id.to_string())));
            for code in &opinion.reasons {
                *count.told.entry(*code).or_default() += 1;
                *count.alone.entry(*code).or_default() += u64::from(opinion.reasons.len() == 1);
            }
        }
        count
    }

    fn add(&mut self, other: Self) {
        self.asked += other.asked;
        self.permitted += other.permitted;
        other.alone.into_iter().for_each(|(code, times)| *self.alone.entry(code).or_default() += times);
        other.told.into_iter().for_each(|(code, times)| *self.told.entry(code).or_default() += times);
        self.decided.extend(other.decided);
    }
}

#[test]
fn native_and_cedar_agree_on_verdict_and_reasons() {
    let cases = std::env::var("RELTO_ORACLE_CASES").ok().map_or(CASES, |text| text.parse().expect("a number"));
    let run = |n: u64| thread::spawn(move || Count::run(SEED.wrapping_add(n << 32), cases / THREADS));
    let runs: Vec<_> = (0..THREADS).map(run).collect();
    let mut all = Count::default();
    runs.into_iter().for_each(|run| all.add(run.join().expect("no difference")));
    println!("{} cases, {} permitted", all.asked, all.permitted);
    let mut thin = Vec::new();
    for code in CODES {
        let alone = all.alone.get(&code).copied().unwrap_or_default();
        let told = all.told.get(&code).copied().unwrap_or_default();
        println!("{:<28} alone {alone:>6}, told {told:>6}", code.name());
        if alone < AT_LEAST || all.asked - told < AT_LEAST {
            thin.push(code);
        }
    }
    assert!(thin.is_empty(), "cases that ask these too seldom: {thin:?}");
    assert!(all.permitted > all.asked / 10, "{} of {} permitted", all.permitted, all.asked);
    let strange: Vec<&Code> = all.told.keys().filter(|code| !CODES.contains(code)).collect();
    assert!(strange.is_empty(), "codes that no clause gives: {strange:?}");
    for (number, world) in worlds().iter().enumerate() {
        let ids = world.policies.policies().map(|policy| policy.id().to_string());
        let silent: Vec<String> = ids.filter(|id| !all.decided.contains(&(number, id.clone()))).collect();
        assert!(silent.is_empty(), "world {number}: policies that never decided anything: {silent:?}");
    }
}

#[test]
fn the_oracle_sees_a_difference() {
    let mut worlds = worlds();
    let world = &mut worlds[0];
    // Without one forbid the permit still refuses, for no reason: the verdicts agree and the reasons do not.
    world.policies.remove_static(cedar_policy::PolicyId::new("XAA>XBB.ceiling")).expect("it is there");
    let mut dice = Dice::Seeded(SEED);
    let differs = (0..2000).any(|_| {
        let case = Case::draw(world, &mut dice);
        let (own, (other, _)) = (native(world, &case), by_cedar(world, &case));
        let missing = own.reasons.contains(&Code::ClassExceedsCeiling);
        own.permitted == other.permitted && own.reasons != other.reasons && missing
    });
    assert!(differs);
}
