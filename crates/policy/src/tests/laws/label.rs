//! The join of marks: exhaustive over a small set of marks of both registers.

use super::*;
use relto_report::label::{Joined, join_marks};

const XAA: &[&str] = &[
    "U",
    "R",
    "S",
    "S//NF",
    "C//OC/REL TO XAA, XBB",
    "S//REL TO XAA, XBB, XCC",
    "C//REL",
    "R//REL TO XAA, NLGP",
    "S//REL TO XAA, ABCD",
    "//XCC C//REL TO XAA, XBB",
    "//FGI S",
    "Q//PROPIN",
    "S//NF/REL TO XAA, XBB",
    "s",
    "",
];
const XBB: &[&str] = &[
    "NP",
    "DR//COM",
    "C//CE/COM À XBB, XAA",
    "C//COM A XBB, XAA",
    "S//SB",
    "S//COM À XBB, XCC",
    "//XAA C//COM À XBB, XAA",
    "S//REL TO XAA, XBB",
    "S//COM À XBB, NLGP",
];

fn joins(world: &World, of: &str, marks: &[&str]) -> Joined {
    let own = nation(of);
    let other = if of == "XAA" { "XBB" } else { "XAA" };
    let groups = world.agreement.groups_on(at(NOW).day());
    let mut out = join_marks(marks, &owned(&[of, other]), &world.registers[&own], &groups);
    // Told in the order of the marks; as a set it is the same.
    out.unknown_levels.sort_unstable();
    out.unknown_levels.dedup();
    out
}

/// Whether one is as strict as other, in everything.
fn is_as_strict(one: &Joined, other: &Joined) -> bool {
    let level = match (one.level, other.level) {
        (Some(one), Some(other)) => one <= other,
        (None, Some(_)) => false,
        (_, None) => true,
    };
    let audience = match (&one.audience, &other.audience) {
        (Some(one), Some(other)) => one.is_subset(other),
        (None, Some(_)) => false,
        (_, None) => true,
    };
    level
        && audience
        && one.caveats.is_superset(&other.caveats)
        && one.foreign.is_superset(&other.foreign)
        && one.unknown_controls.is_superset(&other.unknown_controls)
        && one.unknown_groups.is_superset(&other.unknown_groups)
        && (one.concealed || !other.concealed)
        && (one.malformed || !other.malformed)
        && (one.excluded_and_listed || !other.excluded_and_listed)
}

#[test]
fn joining_is_idempotent_commutative_and_only_ever_stricter() {
    let world = World::new();
    for (of, marks) in [("XAA", XAA), ("XBB", XBB)] {
        for one in marks {
            let alone = joins(&world, of, &[one]);
            assert_eq!(joins(&world, of, &[one, one, one]), alone, "{one}");
            for two in marks {
                let both = joins(&world, of, &[one, two]);
                assert_eq!(joins(&world, of, &[two, one]), both, "{one} {two}");
                assert!(is_as_strict(&both, &alone), "{one} {two}: {both:?} is laxer than {alone:?}");
                for three in marks {
                    let all = joins(&world, of, &[one, two, three]);
                    assert_eq!(joins(&world, of, &[three, one, two]), all, "{one} {two} {three}");
                    assert_eq!(joins(&world, of, &[one, three, two, one]), all, "{one} {two} {three}");
                    assert!(is_as_strict(&all, &both), "{one} {two} {three}");
                }
            }
        }
    }
}

#[test]
fn a_join_is_no_stricter_than_its_marks_ask() {
    let world = World::new();
    for (of, marks) in [("XAA", XAA), ("XBB", XBB)] {
        for one in marks {
            for two in marks {
                let (first, second) = (joins(&world, of, &[one]), joins(&world, of, &[two]));
                let both = joins(&world, of, &[one, two]);
                assert!(both.level == first.level || both.level == second.level, "{one} {two}");
                let union: std::collections::BTreeSet<String> = first.caveats.union(&second.caveats).cloned().collect();
                assert_eq!(both.caveats, union, "{one} {two}");
                if let (Some(one), Some(two)) = (&first.audience, &second.audience) {
                    let common = one.iter().copied().filter(|nation| two.contains(nation)).collect();
                    assert_eq!(both.audience, Some(common));
                } else {
                    assert_eq!(both.audience, first.audience.or(second.audience), "{one} {two}");
                }
            }
        }
    }
}
