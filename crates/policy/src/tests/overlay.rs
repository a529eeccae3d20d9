//! The national overlay in the decision: what a judge says is told, and nothing but a clear word lets a report go.

use super::*;
use crate::{
    agreement::Meaning,
    national::Overlay,
    overlay::{Findings, Judge, Question},
};
use std::sync::{Arc, Mutex};

/// A judge that says one thing and remembers what it was asked.
struct Says {
    digest: Digest,
    findings: Findings,
    asked: Mutex<Vec<String>>,
}

impl Judge for Says {
    fn digest(&self) -> Digest {
        self.digest
    }

    fn judge(&self, question: &Question<'_>) -> Findings {
        self.asked.lock().unwrap().push(format!("{question:?}"));
        self.findings.clone()
    }
}

fn world(findings: Findings) -> (World, Arc<Says>) {
    let mut world = World::new();
    world.national.overlay = Some(Overlay { file: "x.cedar".to_owned(), digest: DIGEST });
    let judge = Arc::new(Says { digest: DIGEST, findings, asked: Mutex::new(Vec::new()) });
    world.national.set_judge(judge.clone());
    (world, judge)
}

fn secret() -> Try {
    Try { national: true, ..Try::out("SECRET//ORCON/REL TO XAA, XBB", &["S//OC/REL TO XAA, XBB"], &["XAA", "XBB"]) }
}

fn forbids(list: &[(&str, &str)]) -> Findings {
    Findings::Forbids(list.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect())
}

#[test]
fn a_silent_overlay_lets_pass_and_each_rule_that_forbids_is_told() {
    let (quiet, judge) = world(forbids(&[]));
    assert_eq!(answer(&quiet.decide(&secret())), "permit");
    let asked = judge.asked.lock().unwrap().join("");
    for part in ["level: Some(3)", "{OriginatorControlled}", "XAA-J2-2026-0431", "precedence: \"ROUTINE\""] {
        assert!(asked.contains(part), "{asked}\nlacks {part}");
    }
    assert!(!asked.contains("Text"), "bodies are never printed");
    let (strict, _) = world(forbids(&[("nat.one", "One"), ("nat.two", "Two")]));
    let decision = strict.decide(&secret());
    assert_eq!(answer(&decision), "refuse NATIONAL_OVERLAY");
    let Decision::Refusal(refusal) = &decision else { panic!("refused") };
    assert_eq!(refusal.reasons[0].detail, "rule nat.one: One; rule nat.two: Two");
    let inbound = Try::inbound("SECRET//COMMUNICABLE À XBB, XAA", &["S//COM À XBB, XAA"], &["XBB", "XAA"]);
    let decision = strict.decide(&Try { national: true, ..inbound });
    assert_eq!(answer(&decision), "refuse NATIONAL_OVERLAY", "no quarantine");
    assert_eq!(decision.partner_codes(), Code::NationalRule.bit());
}

#[test]
fn an_overlay_that_cannot_be_asked_denies() {
    let (ill, _) = world(Findings::Unavailable("it erred".to_owned()));
    assert_eq!(answer(&ill.decide(&secret())), "refuse OVERLAY_UNAVAILABLE");
    let (mut other, _) = world(forbids(&[]));
    other.national.overlay = Some(Overlay { file: "x.cedar".to_owned(), digest: Digest::from_bytes([8; 32]) });
    assert_eq!(answer(&other.decide(&secret())), "refuse OVERLAY_UNAVAILABLE", "judged by another file");
    let mut none = World::new();
    none.national.overlay = Some(Overlay { file: "x.cedar".to_owned(), digest: DIGEST });
    assert_eq!(answer(&none.decide(&secret())), "refuse EVALUATION_ERROR", "nobody judges");
    none.national.overlay = None;
    assert_eq!(answer(&none.decide(&secret())), "permit", "nothing where none is configured");
    assert_eq!(Meaning::WORDS.len(), 4, "the overlay's schema lists them");
}

#[test]
fn rules_are_equal_whoever_judges_by_them_and_a_judge_says_nothing_of_itself() {
    let (judged, _) = world(forbids(&[("nat.one", "One")]));
    let mut without = World::new();
    without.national.overlay.clone_from(&judged.national.overlay);
    assert_eq!(judged.national, without.national);
    assert!(format!("{:?}", judged.national).contains("Bench(given)"));
    assert!(format!("{:?}", without.national).contains("Bench(none)"));
}

#[cfg(feature = "overlay")]
mod cedar {
    use super::*;
    use crate::overlay::{CedarOverlay, MAX_RULES};
    use relto_report::crypto::sha256;

    const RULES: &str = r#"
@id("nat.XAA.cyber-cap") @reason("NATIONAL_OVERLAY") @text("Cyber never above level 1")
forbid (principal, action == Relto::Action::"release", resource)
when { resource.topics.contains(Relto::Topic::"cyber.ics") && resource.level > 1 };
@id("nat.XAA.embargo") @reason("NATIONAL_OVERLAY") @text("Air violations wait 24 hours")
forbid (principal == Relto::Nation::"XBB", action, resource is Relto::Report)
when { [Relto::Topic::"air.airspace-violation"].containsAny(resource.topics) && context.ageSeconds < 86400 }
unless { context.emergency };
"#;

    fn overlay(text: &[u8]) -> Overlay {
        Overlay { file: "xaa-irregular.cedar".to_owned(), digest: sha256(&[text]) }
    }

    fn load(text: &str) -> Result<CedarOverlay, String> {
        CedarOverlay::load(&overlay(text.as_bytes()), text.as_bytes(), &World::new().vocabulary)
            .map_err(|faults| faults.to_string())
    }

    #[test]
    fn cedar_judges_by_the_decisions_inputs() {
        let mut world = World::new();
        world.national.scopes.clear();
        world.national.overlay = Some(overlay(RULES.as_bytes()));
        let loaded = load(RULES).unwrap();
        assert_eq!(loaded.count(), 2);
        world.national.set_judge(Arc::new(loaded));
        let restricted =
            Try { national: true, ..Try::out("RESTRICTED//REL TO XAA, XBB", &["R//REL TO XAA, XBB"], &["XAA", "XBB"]) };
        let confidential = Try {
            national: true,
            ..Try::out("CONFIDENTIAL//REL TO XAA, XBB", &["C//REL TO XAA, XBB"], &["XAA", "XBB"])
        };
        assert_eq!(answer(&world.decide(&restricted.clone().topic(&["cyber.ics"]))), "permit");
        assert_eq!(answer(&world.decide(&confidential.topic(&["cyber.ics"]))), "refuse NATIONAL_OVERLAY");
        let mut air = restricted.topic(&["air.airspace-violation"]);
        assert_eq!(answer(&world.decide(&air)), "permit", "a day old to the second");
        air.report.information_cutoff = at("2026-11-16T12:00:01Z");
        let Decision::Refusal(refusal) = world.decide(&air) else { panic!("refused") };
        assert_eq!(refusal.reasons[0].detail, "rule nat.XAA.embargo: Air violations wait 24 hours");
        air.emergency = true;
        assert_eq!(answer(&world.decide(&air)), "permit");
        // A word that no list has cannot be asked.
        air.report.form = "gossip".to_owned();
        assert_eq!(answer(&world.decide(&air)), "refuse FORM_NOT_AGREED OVERLAY_UNAVAILABLE");
    }

    #[test]
    fn as_many_rules_as_may_stand_there_load_and_one_more_does_not() {
        let rules = |count: usize| -> String {
            let rule = |n| {
                format!(
                    "@id(\"n{n}\") @reason(\"r\") @text(\"t\") forbid (principal, action, resource) when {{ resource.level > 3 }};\n"
                )
            };
            (0..count).map(rule).collect()
        };
        assert_eq!(load(&rules(MAX_RULES)).map(|loaded| loaded.count()), Ok(MAX_RULES));
        let told = load(&rules(MAX_RULES + 1)).map(|loaded| loaded.count()).unwrap_err();
        assert!(told.contains("501 rules; 1 to 500 may stand here"), "{told}");
    }

    #[test]
    fn what_could_fail_open_does_not_load() {
        let rule = |condition: &str| {
            format!(
                "@id(\"a\") @reason(\"r\") @text(\"t\") forbid (principal, action, resource) when {{ {condition} }};"
            )
        };
        load(&rule("resource.level > 1")).unwrap();
        load(&rule("if resource.tearLine then false else resource.purpose like \"early*\"")).unwrap();
        for (condition, told) in [
            ("resource.level * 4 > 8", "* may fail when it is asked"),
            ("context.now + 1 > 8", "+ may fail"),
            ("context.now - context.cutoff > 8", "- may fail"),
            ("-context.now > 8", "neg may fail"),
            ("resource.caveat.isEmpty()", "attribute"),
            ("resource.topics.contains(Relto::Topic::\"cyber.icss\")", "cyber.icss"),
            ("resource.caveats.contains(Relto::Caveat::\"NOFORN\")", "NOFORN"),
            ("resource.level > 1 && false", "impossible"),
            ("datetime(\"2026-01-01\") < datetime(\"2027-01-01\")", "datetime"),
            ("resource.level > \"1\"", "error N003"),
            ("resource has note && resource.note == \"x\"", "has may fail"),
        ] {
            let fault = load(&rule(condition)).err().unwrap_or_else(|| panic!("{condition} was loaded"));
            assert!(fault.contains("error N003") && fault.contains(told), "{condition}: {fault}");
        }
        let whole = rule("resource.level > 1");
        let many: String = (0..=MAX_RULES).map(|n| whole.replace("\"a\"", &format!("\"a{n}\""))).collect();
        for (text, told) in [
            (whole.replace("forbid", "permit"), "never permits"),
            (whole.replace("@id(\"a\")", ""), "an @id"),
            (whole.replace("@text(\"t\")", "@text(\" \")"), "a @text"),
            (whole.replace("@reason(\"r\")", ""), "a @reason"),
            (format!("{whole}{whole}"), "two rules have this @id"),
            (whole.replace("(principal,", "(principal == ?principal,"), "slots"),
            (String::new(), "0 rules"),
            (many, "501 rules"),
            ("forbid (".to_owned(), "not Cedar"),
        ] {
            let fault = load(&text).err().unwrap_or_else(|| panic!("{text:.300} was loaded"));
            assert!(fault.contains("error N003") && fault.contains(told), "{text:.300}: {fault}");
        }
        let vocabulary = World::new().vocabulary;
        let other = CedarOverlay::load(&overlay(b"else"), whole.as_bytes(), &vocabulary).err().unwrap().to_string();
        assert!(other.contains("Sign rules that name it"), "{other}");
        let binary = CedarOverlay::load(&overlay(&[0xff]), &[0xff], &vocabulary).err().unwrap().to_string();
        assert!(binary.contains("not UTF-8"), "{binary}");
    }
}
