//! Banner against portions, in words: what is told, where, and of which line.

use super::*;

fn told(edits: &[(&str, &str)]) -> Vec<String> {
    let mut text = REPORT.to_owned();
    for (old, new) in edits {
        assert!(text.contains(old), "not in the example: {old}");
        text = text.replacen(old, new, 1);
    }
    let faults = read(text.as_bytes(), Some(HOME)).err().map(|faults| faults.list).unwrap_or_default();
    let errors = faults.into_iter().filter(|one| !one.warning);
    errors.map(|one| format!("{}:{} {} {}", one.line, one.column, one.rule, one.message)).collect()
}

const STATED: &str = "banner     = \"SECRET//FGI XCC//REL TO XAA, XBB\"\n";
const LAWFUL: &str = "(C//REL TO XAA, XBB) A lawful";
const CORVANIAN: &str = "(//XCC C//REL TO XAA, XBB, XCC) A";
const REL_TO: &str = "[\"XAA\", \"XBB\"]\ntopics ";
const WHY: &str = "say why: aggregation_reason = \"(U) ...\"";

/// The example with another banner.
fn with(banner: &str) -> Vec<String> {
    told(&[(STATED, &stated(banner))])
}

fn stated(banner: &str) -> String {
    format!("banner     = \"{banner}\"\n")
}

fn rel_to(codes: &str) -> String {
    format!("[{codes}]\ntopics ")
}

#[test]
fn a_level_below_a_portion_is_told_with_the_highest_portion() {
    let wanted = "6:14 R120 banner CONFIDENTIAL is below line 118: (S). Raise the banner or lower the paragraph";
    assert_eq!(with("CONFIDENTIAL//FGI XCC//REL TO XAA, XBB"), [wanted]);
    let wanted = "6:14 R120 banner SECRET is below line 126: (TS). Raise the banner or lower the paragraph";
    assert_eq!(told(&[("(S//REL TO XAA, XBB) Between", "(TS//REL TO XAA, XBB) Between")]), [wanted]);
}

#[test]
fn the_part_that_is_above_the_banner_is_called_what_it_is() {
    let named = |old: &str, new: &str, line: usize, what: &str| {
        let wanted = format!("R120 banner SECRET is below line {line}: (TS). Raise the banner or lower the {what}");
        let told = told(&[(old, new)]);
        assert!(told.iter().any(|one| one.ends_with(&wanted)), "{what}: {told:?}");
    };
    let list = "TS//REL TO XAA, XBB";
    named("\"(U) Cable", &format!("\"({list}) Cable"), 5, "title");
    named("\"(C//REL TO XAA, XBB) Plotted", &format!("\"({list}) Plotted"), 105, "attachment title");
    named("mark  = \"(C//REL TO XAA, XBB)\"", &format!("mark  = \"({list})\""), 104, "attachment");
    named("\"(S//REL TO XAA, XBB)\"\nnation", &format!("\"({list})\"\nnation"), 44, "source");
    let reason = format!("aggregation_reason = \"({list}) Together\"\nprecedence = ");
    named("precedence = ", &reason, 10, "reason");
}

#[test]
fn a_missing_control_or_owner_is_told_with_the_line_that_has_it() {
    let lacks = |new: &str| told(&[(LAWFUL, &format!("({new}) A lawful"))]);
    assert_eq!(lacks("C//OC/REL TO XAA, XBB"), ["6:14 R121 banner lacks ORCON, which line 138 has"]);
    assert_eq!(lacks("C//NF"), ["6:14 R121 banner lacks NOFORN, which line 138 has"], "and no R122 for the same");
    let lacks_xcc = ["6:14 R121 banner lacks FGI XCC, which line 128 has"];
    assert_eq!(with("SECRET//REL TO XAA, XBB"), lacks_xcc);
    assert_eq!(with("SECRET//FGI//REL TO XAA, XBB"), lacks_xcc, "nobody is concealed");
    let concealed = (CORVANIAN, "(//FGI C//REL TO XAA, XBB, XCC) A");
    let alone = "6:14 R121 banner lacks FGI alone: line 128 conceals an owner, so the banner names none";
    let sets = [
        "62:16 R052 a source is of XCC and no portion of the text is marked //XCC",
        "128:1 R052 a portion is marked //FGI and no source is of FGI",
    ];
    assert_eq!(told(&[concealed]), [&[alone][..], &sets].concat());
    assert_eq!(told(&[concealed, (STATED, &stated("SECRET//FGI//REL TO XAA, XBB"))]), sets);
}

#[test]
fn owners_of_banner_text_and_sources_are_one_set() {
    let more = "6:14 R052 banner names FGI XDD and no portion is //XDD";
    assert_eq!(with("SECRET//FGI XCC XDD//REL TO XAA, XBB"), [more]);
    let own = (CORVANIAN, "(C//REL TO XAA, XBB, XCC) A");
    let source = (
        "\"(//XCC C//REL TO XAA, XBB, XCC)\"\nnation      = \"XCC\"",
        "\"(C//REL TO XAA, XBB, XCC)\"\nnation      = \"XAA\"",
    );
    let nothing_foreign = told(&[own, source, (STATED, &stated("SECRET//FGI//REL TO XAA, XBB"))]);
    assert_eq!(nothing_foreign, ["6:14 R052 banner has FGI and no portion is foreign"]);
    assert_eq!(told(&[own]), ["62:16 R052 a source is of XCC and no portion of the text is marked //XCC"]);
    assert_eq!(
        told(&[(LAWFUL, "(//XDD C//REL TO XAA, XBB) A lawful")]),
        [
            "6:14 R121 banner lacks FGI XDD, which line 138 has",
            "138:1 R052 a portion is marked //XDD and no source is of XDD",
        ]
    );
    assert_eq!(
        told(&[("(R//REL TO XAA, XBB, XCC) KJ2.", "(//XCC R//REL TO XAA, XBB, XCC) KJ2.")]),
        [
            "110:10 R121 banner lacks FGI XCC, which line 156 has",
            "156:1 R052 a portion is marked //XCC and no source is of XCC. A tear line has no sources, and so nothing \
             foreign",
        ]
    );
}

#[test]
fn each_portion_that_the_banner_is_wider_than_is_told_at_the_code_with_its_right_mark() {
    let out = "or take XBB out of the banner";
    assert_eq!(
        told(&[
            ("(R//REL TO XAA, XBB) KJ3", "(R) KJ3"),
            (LAWFUL, "(C//OC) A lawful"),
            (STATED, &stated("SECRET//FGI XCC//ORCON/REL TO XAA, XBB")),
        ]),
        [
            format!(
                "6:50 R122 banner admits XBB; line 122, (R), does not. Leave the paragraph out, mark it (R//REL TO XAA, XBB), {out}"
            ),
            format!(
                "6:50 R122 banner admits XBB; line 138, (C//OC), does not. Leave the paragraph out, mark it (C//OC/REL TO XAA, XBB), {out}"
            ),
        ]
    );
    // A nation of a group is told where the group stands.
    let group = told(&[(STATED, &stated("SECRET//FGI XCC//REL TO XAA, NLGP")), (REL_TO, &rel_to("\"XAA\", \"NLGP\""))]);
    let wanted = "6:44 R122 banner admits XCC; line 118, (S//REL TO XAA, XBB), does not. Leave the paragraph out, \
                  mark it (S//REL TO XAA, NLGP), or take XCC out of the banner";
    assert_eq!((group.len(), group[0].as_str()), (16, wanted));
    assert!(!group.iter().any(|one| one.contains("line 128") || one.contains("line 146")), "these admit it: {group:?}");
}

#[test]
fn a_stricter_banner_needs_a_reason_and_says_what_is_stricter() {
    let level =
        format!("6:14 R123 banner TOP SECRET is above every portion (S). If together they are TOP SECRET, {WHY}");
    assert_eq!(with("TOP SECRET//FGI XCC//REL TO XAA, XBB"), [level]);
    let control =
        |word: &str| format!("6:14 R123 banner has {word} and no portion has it. If together they need it, {WHY}");
    assert_eq!(with("SECRET//FGI XCC//ORCON/REL TO XAA, XBB"), [control("ORCON")]);
    let shuts =
        format!("6:14 R123 banner shuts XBB out, which every portion admits. If together they are narrower, {WHY}");
    let differs = "7:14 R124 rel_to has XBB and the banner has not".to_owned();
    assert_eq!(with("SECRET//FGI XCC"), [shuts.clone(), differs.clone()]);
    assert_eq!(with("SECRET//FGI XCC//NOFORN"), [control("NOFORN"), shuts, differs]);
    // A group that is not known here might admit anybody: nobody is told to be shut out.
    let group = ("(R//REL TO XAA, XBB) KJ3", "(R//REL TO XAA, ABCD, XBB) KJ3");
    assert_eq!(
        told(&[group, (STATED, &stated("SECRET//FGI XCC"))]),
        ["7:14 R124 rel_to has XBB and the banner has not"]
    );
    // What cannot be read might be what lifts the banner: then nothing is told of a banner that says more.
    let unread = told(&[(STATED, &stated("TOP SECRET//FGI XCC XDD//REL TO XAA, XBB")), (LAWFUL, "(SECRET) A lawful")]);
    assert_eq!(unread, ["138:2 R101 write the level short in a portion: (S)"]);
}

#[test]
fn rel_to_and_the_banner_name_the_same_nations() {
    let list = |codes: &str| told(&[(REL_TO, &rel_to(codes))]);
    assert_eq!(list("\"XAA\", \"XBB\", \"XCC\""), ["7:14 R124 rel_to has XCC and the banner has not"]);
    assert_eq!(
        list("\"XAA\""),
        [
            "6:44 R122 banner admits XBB; line 146, (C//REL), does not. Leave the paragraph out, mark it (C//REL TO XAA, XBB), or take XBB out of \
             the banner",
            "7:14 R124 the banner has XBB and rel_to has not",
        ]
    );
    assert_eq!(
        list("\"XAA\", \"xbb\""),
        ["7:22 R020 rel_to \"xbb\" is not a nation or group code. Nations are three capital letters"],
        "told once"
    );
    let group = "7:14 R124 only one of rel_to and the banner has ABCD: SECRET//FGI XCC//REL TO XAA, ABCD, XBB";
    assert_eq!(with("SECRET//FGI XCC//REL TO XAA, ABCD, XBB"), [group]);
}

#[test]
fn a_computed_banner_must_admit_whom_rel_to_names() {
    let computed = |edits: &[(&str, &str)]| told(&[&[(STATED, "")], edits].concat());
    assert_eq!(computed(&[]), [""; 0]);
    assert_eq!(
        computed(&[("(R//REL TO XAA, XBB) KJ3", "(R) KJ3")]),
        ["6:14 R124 rel_to has XBB and the computed banner has not: line 121, (R), does not admit it"]
    );
    assert_eq!(
        computed(&[(REL_TO, &rel_to("\"XAA\", \"XBB\", \"XCC\""))]),
        ["6:14 R124 rel_to has XCC and the computed banner has not: line 117, (S//REL TO XAA, XBB), does not admit it"]
    );
    // What is not known, a mark or a group, is told as that alone.
    let more = (REL_TO, rel_to("\"XAA\", \"XBB\", \"XCC\""));
    let unread = computed(&[(more.0, &more.1), (LAWFUL, "(SECRET) A lawful")]);
    assert_eq!(unread, ["137:2 R101 write the level short in a portion: (S)"]);
    let group = ("(R//REL TO XAA, XBB) KJ3", "(R//REL TO XAA, ABCD, XBB) KJ3");
    assert_eq!(computed(&[(more.0, &more.1), group]), [""; 0]);
    let shut = ("(R//REL TO XAA, XBB) KJ3", "(R//REL TO XAA, ABCD) KJ3");
    assert_eq!(computed(&[shut]), [""; 0], "its members might be those that rel_to names");
    let unknown = computed(&[(REL_TO, &rel_to("\"XAA\", \"ABCD\", \"XCC\""))]);
    assert_eq!(unknown, ["6:22 R020 rel_to \"ABCD\" is no group of the agreement with XBB on 2026-11-17"]);
    let listed = ("(C//REL) A second", "(C//REL TO XAA, XBB) A second");
    assert_eq!(
        computed(&[listed, (REL_TO, &rel_to("\"XAA\""))]),
        ["6:14 R124 the computed banner has XBB and rel_to has not"]
    );
}

#[test]
fn a_reason_for_aggregation_is_not_above_the_banner() {
    let reason =
        |mark: &str| told(&[("precedence = ", &format!("aggregation_reason = \"({mark}) Together\"\nprecedence = "))]);
    for fits in ["U", "C//REL TO XAA, XBB", "S//REL TO XAA, XBB"] {
        assert_eq!(reason(fits), [""; 0], "{fits}");
    }
    let rules =
        |mark: &str| reason(mark).iter().map(|one| one.split(' ').nth(1).unwrap().to_owned()).collect::<Vec<_>>();
    for (above, wanted) in [
        ("C", &["R122"][..]), // it goes out with the report, and says itself that it stays at home
        ("TS", &["R120", "R122"]),
        ("S//OC", &["R121", "R122"]),
        ("U//NF", &["R121"]),
        ("//XCC C", &["R122", "R120"]),
    ] {
        assert_eq!(rules(above), wanted, "{above}");
    }
}
