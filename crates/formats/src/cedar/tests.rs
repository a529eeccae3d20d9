use super::*;
use std::collections::BTreeSet;

const EXAMPLE: &str = include_str!("../../../../examples/agreement.toml");

fn agreement(text: &str) -> Agreement {
    Agreement::read("agreement.toml", text.as_bytes()).unwrap()
}

fn policy(agreement: &Agreement, id: &str) -> Option<String> {
    policies(agreement).into_iter().find(|policy| policy.id == id).map(|policy| policy.text)
}

#[test]
fn the_example_has_one_permit_a_direction_and_a_forbid_for_every_code_but_one() {
    let agreement = agreement(EXAMPLE);
    let all = policies(&agreement);
    let permits: Vec<&str> = all.iter().filter(|one| one.reason.is_none()).map(|one| one.id.as_str()).collect();
    assert_eq!(permits, ["XAA>XBB.permit", "XBB>XAA.permit"]);
    let ids: BTreeSet<&str> = all.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(ids.len(), all.len(), "ids are unique");
    let codes: BTreeSet<Code> = all.iter().filter_map(|one| one.reason).collect();
    let expected: BTreeSet<Code> = CODES.into_iter().filter(|code| *code != Code::DirectionNotAgreed).collect();
    assert_eq!(codes, expected);
}

#[test]
fn the_text_is_the_same_each_time_and_bears_every_policy() {
    let agreement = agreement(EXAMPLE);
    let whole = text(&agreement);
    assert_eq!(whole, text(&agreement.clone()));
    assert!(whole.starts_with("// XAA-XBB-2026-01 version 3 of XAA and XBB, sha256:"), "{}", &whole[..80]);
    assert_eq!(whole.matches("\npermit (").count(), 2);
    assert_eq!(whole.matches("\nforbid (").count(), whole.matches("@reason(").count());
    for forbidden in [" + ", " - ", " * ", " has "] {
        let code: String = whole.lines().filter(|line| !line.starts_with("//")).collect();
        assert!(!code.contains(forbidden), "{forbidden:?}");
    }
}

#[test]
fn limits_stand_as_literals() {
    let agreement = agreement(EXAMPLE);
    let has = |id: &str, part: &str| {
        let text = policy(&agreement, id).unwrap();
        assert!(text.contains(part), "{text}\nlacks {part}");
    };
    has("XAA>XBB.age", "(context.age <= 2592000)");
    has("XBB>XAA.age", "(context.age <= 604800)");
    has("XAA>XBB.window", "(context.cutoff >= 1765756800)");
    has("XAA>XBB.national-only", "resource.bannerCaveats.containsAny([\"NOFORN\"])");
    has("XBB>XAA.national-only", "[\"SPÉCIAL BORÉALIE\"]");
    has("XAA>XBB.ceiling", "resource.topics.containsAny([\"cbrn.chemical\"])");
    has("XBB>XAA.caveat-permitted", "[\"DIFFUSION LIMITÉE\"]");
    has("XAA>XBB.group", "if (context.releasedDay < 20513) then resource.groups.isEmpty()");
    has("XAA>XBB.traffic", "(resource.traffic == \"live\")");
    has("any.party", "principal == Relto::Nation::\"XBB\"");
}

#[test]
fn a_direction_without_a_scope_has_no_permit() {
    let text = EXAMPLE.split("[[scope]]").collect::<Vec<_>>();
    let rest = text[2].split_once("# -----").unwrap().1;
    let one_way = agreement(&format!("{}[[scope]]{}# -----{rest}", text[0], text[1]));
    assert_eq!(policy(&one_way, "XBB>XAA.permit"), None);
    let told = policy(&one_way, "XBB>XAA.direction").unwrap();
    assert!(told.contains("@reason(\"DIRECTION_NOT_AGREED\")"), "{told}");
    assert!(policy(&one_way, "XAA>XBB.permit").is_some());
    assert_eq!(policy(&one_way, "XBB>XAA.ceiling"), None, "without a scope no scope clause is judged");
}

#[test]
fn words_from_the_file_cannot_leave_their_quotes() {
    assert_eq!(quoted("a\"]) || true //\\"), r#""a\"]) || true //\\""#);
    assert_eq!(quoted("\u{7}\n"), "\"\\u{7}\\u{a}\"");
    let hostile = EXAMPLE.replace("XAA   = \"NOFORN\"", r#"XAA   = "NOFORN\"]); } permit(\\""#);
    let text = policy(&agreement(&hostile), "XAA>XBB.national-only").unwrap();
    assert!(text.contains(r#"["NOFORN\"]); } permit(\\"]"#), "{text}");
}

#[test]
fn conditions_that_say_nothing_are_left_out() {
    let open = EXAMPLE.replacen("max_age_hours    = 720", "", 1);
    assert_eq!(policy(&agreement(&open), "XAA>XBB.age"), None);
    assert_eq!(and([Expr::Is(true), Expr::atom("a")]), Expr::atom("a"));
    assert_eq!(and([Expr::Is(false), Expr::atom("a")]), Expr::Is(false));
    assert_eq!(or([]), Expr::Is(false));
    assert_eq!(not(not(Expr::atom("a"))), Expr::atom("a"));
}
