//! Laws over every report that a small grammar of marks makes; over cases by chance in [`chance`]
//! and [`stricter`]; of the join of marks in [`label`].

mod chance;
mod label;
mod stricter;

use super::{generate::mark, *};

const LISTS: [(&str, &[&str]); 3] =
    [("", &[]), ("REL TO XAA, XBB", &["XAA", "XBB"]), ("REL TO XAA, XCC", &["XAA", "XCC"])];
const LEVELS: [(&str, &str); 5] =
    [("U", "UNCLASSIFIED"), ("R", "RESTRICTED"), ("C", "CONFIDENTIAL"), ("S", "SECRET"), ("TS", "TOP SECRET")];
const TOPICS: [&[&str]; 4] =
    [&["maritime.surface"], &["cbrn.chemical"], &["economic.coercion"], &["maritime.surface", "cyber.ics"]];

/// One report of the grammar: two portions and a banner.
#[derive(Clone, Copy)]
struct Shape {
    portion: (usize, &'static str, usize),
    other: (usize, usize),
    banner: (usize, &'static str, usize),
    topics: usize,
}

impl Shape {
    fn each(mut visit: impl FnMut(Self)) {
        for topics in 0..TOPICS.len() {
            for level in 0..LEVELS.len() {
                for caveat in ["", "OC", "NF"] {
                    for list in 0..LISTS.len() {
                        for other in [(0, 0), (3, 1)] {
                            for banner in 0..LEVELS.len() {
                                let long = match caveat {
                                    "OC" => "ORCON",
                                    "NF" => "NOFORN",
                                    _ => "",
                                };
                                let banner = (banner, long, list);
                                visit(Self { portion: (level, caveat, list), other, banner, topics });
                            }
                        }
                    }
                }
            }
        }
    }

    fn build(self) -> Try {
        let (level, caveat, list) = self.portion;
        let (other, other_list) = self.other;
        let (banner, long, stated) = self.banner;
        let one = mark(LEVELS[level].0, caveat, LISTS[list].0);
        let two = mark(LEVELS[other].0, "", LISTS[other_list].0);
        let banner = mark(LEVELS[banner].1, long, LISTS[stated].0);
        Try::out(&banner, &[&one, &two], LISTS[stated].1).topic(TOPICS[self.topics])
    }
}

/// What a label is refused for that does not say what its portions say.
const FORM: [Code; 2] = [Code::LabelUnderstatesPortions, Code::AggregationReasonMissing];

/// 0 released, 1 held, 2 refused.
fn strictness(decision: &Decision) -> u8 {
    match decision {
        Decision::Permit(_) => 0,
        Decision::Hold(_) => 1,
        Decision::Refusal(_) => 2,
    }
}

#[test]
fn pol_11_a_stricter_label_is_never_decided_more_freely() {
    let world = World::new();
    let (mut asked, mut released) = (0, 0);
    Shape::each(|shape| {
        let decision = world.decide(&shape.build());
        let before = strictness(&decision);
        let ill_formed = matches!(&decision, Decision::Refusal(refusal) if refusal.reasons.iter().all(|one| FORM.contains(&one.code)));
        released += u32::from(before == 0);
        let (level, caveat, list) = shape.portion;
        let (banner, long, stated) = shape.banner;
        let mut stricter = Vec::new();
        if level + 1 < LEVELS.len() && banner + 1 < LEVELS.len() && !ill_formed {
            // Raising a banner that is too low makes the label well formed, which is no looser label.
            stricter.push(Shape { portion: (level + 1, caveat, list), banner: (banner + 1, long, stated), ..shape });
        }
        stricter.push(Shape { portion: (level, "NF", list), banner: (banner, "NOFORN", stated), ..shape });
        stricter.push(Shape { portion: (level, "NF", list), ..shape });
        stricter.push(Shape { portion: (level, caveat, 2), banner: (banner, long, 2), ..shape });
        stricter.push(Shape { banner: (banner, long, 0), ..shape });
        for after in stricter {
            asked += 1;
            let decided = strictness(&world.decide(&after.build()));
            assert!(decided >= before, "{before} became {decided}: {:?}", after.build().report.banner);
        }
    });
    assert!(asked > 4000 && released > 20, "{asked} asked, {released} released");
}

#[test]
fn what_is_released_is_within_ceiling_and_audience() {
    let world = World::new();
    Shape::each(|shape| {
        let one = shape.build();
        let Decision::Permit(permit) = world.decide(&one) else { return };
        assert!(permit.is_for(&DIGEST, &world.agreement.digest, nation("XAA"), nation("XBB")));
        assert!(!permit.is_for(&DIGEST, &world.agreement.digest, nation("XBB"), nation("XAA")));
        assert!(!permit.is_for(&world.agreement.digest, &DIGEST, nation("XAA"), nation("XBB")));
        let scope = world.agreement.scope(nation("XAA"), nation("XBB")).unwrap();
        let level = shape.portion.0.max(shape.other.0).max(shape.banner.0);
        for topic in &one.report.topics {
            let ceiling = scope.topics.iter().find(|(known, _)| known == topic).expect("in scope").1;
            assert!(level <= usize::from(ceiling), "{topic}");
        }
        assert!(shape.portion.1 != "NF" && shape.banner.2 == 1, "NOFORN or no list released");
    });
}

#[test]
fn pol_4_the_partner_learns_of_national_rules_only_that_one_failed() {
    let mut world = World::new();
    // Rules that refuse nearly everything, so that the law is asked often.
    world.national.scopes.iter_mut().for_each(|scope| {
        scope.narrowing.max_age_hours = Some(1);
        scope.narrowing.topics = Some(vec![("maritime.surface".to_owned(), 1)]);
    });
    let bit = Code::NationalRule.bit();
    let mut narrowed = 0;
    for topics in TOPICS {
        for level in ["NON PROTÉGÉ", "CONFIDENTIEL", "SECRET", "TRÈS SECRET"] {
            for caveat in ["", "SPÉCIAL BORÉALIE"] {
                let banner = mark(level, caveat, if caveat.is_empty() { "COMMUNICABLE À XBB, XAA" } else { "" });
                let list: &[&str] = if caveat.is_empty() { &["XBB", "XAA"] } else { &[] };
                let free = Try::inbound(&banner, &["C//COM À XBB, XAA"], list).topic(topics);
                let narrow = Try { national: true, ..free.clone() };
                let (free, narrow) = (world.decide(&free), world.decide(&narrow));
                assert_eq!(free.partner_codes(), narrow.partner_codes() & !bit);
                narrowed += u32::from(narrow.partner_codes() & bit != 0);
                let quarantined = |one: &Decision| matches!(one, Decision::Refusal(refusal) if refusal.quarantine);
                assert_eq!(quarantined(&free), quarantined(&narrow), "national rules start no incident");
            }
        }
    }
    assert!(narrowed > 10);
}

#[test]
fn pol_5_outbound_tells_a_partner_nothing() {
    let world = World::new();
    Shape::each(|shape| assert_eq!(world.decide(&shape.build()).partner_codes(), 0));
}

#[test]
fn pol_1_any_text_in_any_field_is_decided() {
    let world = World::new();
    let texts =
        ["", "//", "((", "//FGI", "//FGI S", "S//", "/", "S//REL TO", "\u{0}", "É", "NP//COM À XBB, XAA", "FGI", "XX"];
    for banner in texts {
        for mark in texts {
            let mut one = Try::out(banner, &[mark], &[mark]).source(mark, banner, &[mark]);
            one.report.precedence = mark.to_owned();
            one.report.tlp = Some(banner.to_owned());
            one.report.topics = owned(&[mark, banner]);
            assert!(matches!(world.decide(&one), Decision::Refusal(_)), "{banner:?} {mark:?}");
            let one = Try { side: Side::In, ..one };
            assert!(matches!(world.decide(&one), Decision::Refusal(_)), "{banner:?} {mark:?}");
        }
    }
}
