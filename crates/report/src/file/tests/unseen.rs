//! Characters that nobody sees, in each field of the report and of the home file, raw and as escapes.

use super::*;
use crate::unseen::tests::REFUSED;

const MORE: &str = "tlp = \"AMBER\"\nsupersedes = \"XAA-J2-2026-0399\"\ntranslation_of = \"XAA-J2-2026-0397\"\n\
                    aggregation_reason = \"(U) Together\"\nlikelihood_scale = \"icd-203/en\"\n";

fn escaped(text: &str) -> String {
    let code = |one: char| match u32::from(one) {
        0x20..=0x7e => one.to_string(),
        code @ 0..=0xffff => format!("\\u{code:04X}"),
        code => format!("\\U{code:08X}"),
    };
    text.chars().map(code).collect()
}

/// Every way to put a text before the last quotation mark of a line that has one.
fn fields(text: &str) -> Vec<(usize, usize)> {
    let ends =
        text.lines().enumerate().filter_map(|(n, line)| Some((n, line.rfind('"').filter(|_| !line.starts_with('#'))?)));
    ends.collect()
}

fn with(text: &str, (line, at): (usize, usize), put: &str) -> String {
    let lines = text
        .split('\n')
        .enumerate()
        .map(|(n, one)| if n == line { format!("{}x {put}{}", &one[..at], &one[at..]) } else { one.to_owned() });
    lines.collect::<Vec<_>>().join("\n")
}

fn hits(text: &str, home: &str) -> Vec<(usize, String)> {
    let faults = read(text.as_bytes(), Some(home)).err().map(|faults| faults.list).unwrap_or_default();
    faults.into_iter().filter(|one| one.rule == "R003").map(|one| (one.line, one.message)).collect()
}

/// Those that stand for themselves wherever they are put; of the rest one is tried in each field.
fn samples() -> impl Iterator<Item = &'static str> {
    REFUSED.iter().map(|(text, ..)| *text).filter(|text| !text.contains('\n'))
}

#[test]
fn rpt_8_each_field_of_a_report_is_looked_at() {
    let report = REPORT.replacen("+++\n", &format!("+++\n{MORE}"), 1);
    let body = report[4..].find("\n+++").unwrap() + 4;
    let front = fields(&report[..body]);
    for key in [
        "format",
        "serial",
        "form",
        "title",
        "banner",
        "rel_to",
        "topics",
        "purpose",
        "precedence",
        "action",
        "traffic",
        "classified_by",
        "likelihood_scale",
        "id",
        "likelihood",
        "confidence",
        "mark",
        "nation",
        "kind",
        "grade",
        "descriptor",
        "file",
        "judgements",
    ] {
        let named = |(line, _): &&(usize, usize)| report.lines().nth(*line).unwrap().trim_start().starts_with(key);
        assert!(front.iter().any(|field| named(&field)), "{key} is not in the example");
    }
    for (n, field) in front.into_iter().enumerate() {
        // Each field with four of the rows: all of them many times over.
        for sample in samples().skip(n % 13).step_by(13) {
            let raw = hits(&with(&report, field, sample), HOME);
            assert!(
                raw.iter().any(|(line, _)| *line == field.0 + 1),
                "raw {sample:?} in line {}: {raw:?}",
                field.0 + 1
            );
            let told = hits(&with(&report, field, &escaped(sample)), HOME);
            let here = |(line, text): &(usize, String)| *line == field.0 + 1 && text.contains("written as an escape");
            assert!(told.iter().any(here), "escaped {sample:?} in line {}: {told:?}", field.0 + 1);
        }
    }
}

#[test]
fn rpt_8_each_portion_is_looked_at_and_all_are_told_at_once() {
    for sample in samples() {
        for place in ["A lawful survey", "Mariners", "KJ1. It"] {
            let told = hits(&REPORT.replacen(place, &format!("x {sample} {place}"), 1), HOME);
            assert!(!told.is_empty(), "{sample:?} before {place}");
        }
    }
    let pasted = REPORT.replacen("A lawful survey", "\u{f0b7} A\u{ad}lawful\u{200b} \u{feff}survey\u{b}", 1);
    let advice: Vec<String> = hits(&pasted, HOME).into_iter().map(|(_, text)| text).collect();
    let wanted = [
        "character U+F0B7 (private use). A bullet from a word processor: type -",
        "invisible character U+00AD (soft hyphen). A hyphenation point from a word processor: delete it",
        "invisible character U+200B (zero-width space). A break point from a word processor or web page: delete it",
        "invisible character U+FEFF (byte-order mark). The beginning of another file, pasted in: delete it",
        "invisible character U+000B (vertical tab). A line break from a word processor: end the line instead",
    ];
    assert_eq!(advice, wanted);
    let many = REPORT.replacen("A lawful survey", &"a\u{ad}".repeat(5_000), 1);
    assert_eq!(hits(&many, HOME).len(), 1_000, "told up to a bound");
}

#[test]
fn rpt_8_the_home_file_is_looked_at() {
    for (n, field) in fields(HOME).into_iter().enumerate() {
        for sample in samples().skip(n % 7).step_by(7) {
            for put in [sample.to_owned(), escaped(sample)] {
                let told = hits(REPORT, &with(HOME, field, &put));
                assert!(!told.is_empty(), "{put:?} in line {}", field.0 + 1);
            }
        }
    }
    assert!(!hits(REPORT, &format!("{HOME}\n# a\u{200b} comment")).is_empty());
    assert!(hits(REPORT, &HOME.replace('\n', "\r\n")).is_empty(), "CR before LF is a line end");
}
