//! A report as plain text for a person: banner above and below, every portion with its mark.
//!
//! The originator's words stay as they are; what this program adds stands beside them in brackets. Characters that
//! could move the cursor or turn the reading direction are shown as their numbers, so that no text can pass for a
//! mark or banner that is not there.

use crate::{
    assessment::{Block, Declassify, MarkedText, Portion, Report},
    file::words,
    register::Register,
    unseen::shown,
    vocabulary::Vocabulary,
};
use std::fmt::Write;

/// What stands beside the originator's words.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// The agreed equivalent of the banner's level with its nation, such as `SECRET (XBB)`.
    pub equivalent: Option<&'a str>,
    /// For the range beside each word of likelihood.
    pub vocabulary: Option<&'a Vocabulary>,
}

/// The report as text, with a line end behind its last line.
#[must_use]
pub fn render(report: &Report, register: &Register, options: &Options<'_>) -> String {
    let mut banner = line(&report.banner);
    if let Some(equivalent) = options.equivalent {
        banner = format!("{banner} ({}) = {}", register.nation, line(equivalent));
    }
    let exercise = report.traffic != "live";
    let mut out = String::new();
    if exercise {
        push(&mut out, &register.exercise_banner);
    }
    push(&mut out, &banner);
    out.push('\n');
    head(&mut out, report);
    judgements(&mut out, report, options);
    out.push('\n');
    for one in &report.portions {
        portion(&mut out, one, report, options);
    }
    sources(&mut out, report);
    attachments(&mut out, report);
    push(&mut out, &banner);
    if exercise {
        push(&mut out, &register.exercise_banner);
    }
    out
}

fn push(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}

fn field(out: &mut String, name: &str, value: &str) {
    // Writing to a text cannot fail.
    let _ = writeln!(out, "{name:<16}{}", line(value));
}

fn head(out: &mut String, report: &Report) {
    push(out, &marked(&report.title));
    out.push('\n');
    field(out, "serial", &report.serial);
    field(out, "form", &report.form);
    field(out, "precedence", &report.precedence);
    field(out, "traffic", &report.traffic);
    field(out, "purpose", &report.purpose);
    field(out, "topics", &report.topics.join(", "));
    let nations = if report.rel_to.is_empty() { report.originator().to_owned() } else { report.rel_to.join(", ") };
    field(out, "rel_to", &nations);
    let lists = [("action", &report.action), ("info", &report.info), ("refers_to", &report.refers_to)];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        field(out, name, &list.join(", "));
    }
    let texts = [
        ("answers", &report.answers),
        ("supersedes", &report.supersedes),
        ("translation_of", &report.translation_of),
        ("tlp", &report.tlp),
        ("classified_by", &report.classified_by),
    ];
    for (name, text) in texts {
        text.iter().for_each(|text| field(out, name, text));
    }
    field(out, "language", &report.language);
    field(out, "cut-off", &report.information_cutoff.to_string());
    field(out, "produced", &report.produced.to_string());
    report.review.iter().for_each(|day| field(out, "review", &day.to_string()));
    match &report.declassify {
        Some(Declassify::On(day)) => field(out, "declassify", &day.to_string()),
        Some(Declassify::Originator) => field(out, "declassify", "when the originator says so"),
        None => {}
    }
    if report.from_tear_line {
        push(out, "This report was made from a tear line.");
    }
    if let Some(reason) = &report.aggregation_reason {
        push(out, &format!("Reason for a marking above the portions: {}", marked(reason)));
    }
}

/// ` (55-80 %)`, or nothing where the word has no range.
fn range(report: &Report, word: &str, options: &Options<'_>) -> String {
    let found = options.vocabulary.and_then(|vocabulary| vocabulary.range(&report.likelihood_scale, word));
    found.map_or_else(String::new, |(low, high)| format!(" ({low}-{high} %)"))
}

fn judgements(out: &mut String, report: &Report, options: &Options<'_>) {
    if !report.judgements.is_empty() {
        out.push('\n');
    }
    for one in &report.judgements {
        let sources: Vec<String> = one.sources.iter().map(u32::to_string).collect();
        let rests = if sources.is_empty() { String::new() } else { format!(", sources {}", sources.join(", ")) };
        let beside = range(report, &one.likelihood, options);
        let (likelihood, confidence) = (line(&one.likelihood), line(&one.confidence));
        field(out, &line(&one.id), &format!("{likelihood}{beside}, confidence {confidence}{rests}"));
    }
}

fn portion(out: &mut String, one: &Portion, report: &Report, options: &Options<'_>) {
    let sign = match one.block {
        Block::Heading(level) => "#".repeat(usize::from(level).min(3)) + " ",
        Block::Bullet => "- ".to_owned(),
        Block::Numbered => "1. ".to_owned(),
        Block::Paragraph | Block::Table => String::new(),
    };
    let carries = report.judgements.iter().any(|judgement| one.body.text.starts_with(&format!("{}.", judgement.id)));
    let text = if carries { with_ranges(&one.body.text, report, options) } else { one.body.text.clone() };
    let lines: Vec<String> = text.split('\n').map(line).collect();
    // Further lines are set in, so that none can pass for a portion of its own.
    push(out, &format!("{sign}{}{}", mark(&one.body.mark), lines.join("\n    ")));
    out.push('\n');
}

/// The text with its range behind each word of the report's scale.
fn with_ranges(text: &str, report: &Report, options: &Options<'_>) -> String {
    let Some(vocabulary) = options.vocabulary else { return text.to_owned() };
    let rows = vocabulary.likelihood.iter().filter(|row| row.scale == report.likelihood_scale);
    let list: Vec<&str> = rows.flat_map(|row| row.words.iter().map(String::as_str)).collect();
    let mut ends =
        words::find(text, &list).into_iter().map(|one| (one.at + one.word.chars().count(), one.word)).peekable();
    let mut out = String::with_capacity(text.len());
    for (at, one) in text.chars().chain(std::iter::once('\n')).enumerate() {
        if let Some((_, word)) = ends.next_if(|(end, _)| *end == at) {
            out.push_str(&range(report, word, options));
        }
        out.push(one);
    }
    out.pop();
    out
}

fn sources(out: &mut String, report: &Report) {
    for one in &report.sources {
        let text = match &one.described {
            Some(is) => {
                let topics = if is.topics.is_empty() { String::new() } else { format!(" [{}]", is.topics.join(", ")) };
                format!("{}{} {} {}{topics}: {}", mark(&is.mark), is.nation, is.kind, is.as_of, is.descriptor)
            }
            None => "withheld".to_owned(),
        };
        push(out, &line(&format!("[{}] {} {text}", one.n, one.grade)));
    }
    if !report.sources.is_empty() {
        out.push('\n');
    }
}

fn attachments(out: &mut String, report: &Report) {
    for one in &report.attachments {
        push(
            out,
            &format!(
                "{}{}",
                mark(&one.mark),
                line(&format!("{}: {}, {} bytes, {}", one.name, one.media_type, one.length, one.sha256))
            ),
        );
        push(out, &format!("    {}", marked(&one.title)));
    }
    if !report.attachments.is_empty() {
        out.push('\n');
    }
}

fn mark(mark: &str) -> String {
    if mark.is_empty() { String::new() } else { format!("({}) ", line(mark)) }
}

fn marked(text: &MarkedText) -> String {
    format!("{}{}", mark(&text.mark), line(&text.text))
}

/// One line: what is invisible or would end the line is shown as its number.
fn line(text: &str) -> String {
    shown(text).replace('\n', "<U+000A>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        attachment::bytes::held,
        calendar::Timestamp,
        file::{Context, parse},
        marking::tests::registers,
    };

    fn example() -> (Report, Vocabulary) {
        let (xaa, _) = registers();
        let vocabulary = Vocabulary::read("v", include_bytes!("../../../examples/vocabulary.toml")).unwrap();
        let now = Timestamp::parse("2026-11-17T12:00:00Z").unwrap();
        let track = |_: &str| Some(held(include_bytes!("../../../examples/sierra-14-track.csv").to_vec()));
        let home = include_bytes!("../../../examples/report.home.toml");
        let context =
            Context { home: Some(("home", home)), attachment: &track, ..Context::new(&xaa, &vocabulary, now) };
        let parsed = parse("report.md", include_bytes!("../../../examples/report.md"), &context);
        (parsed.unwrap_or_else(|faults| panic!("{faults}")).document.report().clone(), vocabulary)
    }

    #[test]
    fn the_example_shows_all_that_was_sent() {
        let (report, vocabulary) = example();
        let (xaa, _) = registers();
        let options = Options { equivalent: Some("SECRET (XBB)"), vocabulary: Some(&vocabulary) };
        let shown = render(&report, &xaa, &options);
        let banner = "SECRET//FGI XCC//REL TO XAA, XBB (XAA) = SECRET (XBB)";
        assert_eq!(shown.lines().next(), Some(banner));
        assert_eq!(shown.lines().last(), Some(banner));
        for wanted in [
            "KJ1             likely (55-80 %), confidence moderate, sources 1, 2, 3",
            "(S//REL TO XAA, XBB) KJ1. It is likely (55-80 %) that the survey",
            "KJ2. It is very unlikely (5-20 %) that",
            "## DISCUSSION",
            "- (U) Mariners",
            "[3] B2 (//XCC C//REL TO XAA, XBB, XCC) XCC liaison 2026-11-13",
            "[7] C3 withheld",
            "sierra-14-track.csv: text/csv, 338 bytes, sha256:",
        ] {
            assert!(shown.contains(wanted), "{wanted}\n{shown}");
        }
        assert!(!shown.contains("EXERCISE"));
    }

    #[test]
    fn hostile_text_shows_as_what_it_is() {
        let (mut report, _) = example();
        let (xaa, _) = registers();
        report.traffic = "EX-NORTHERN-LANTERN-26".to_owned();
        report.title.text = "a\u{1b}[2Jb\nUNCLASSIFIED\u{202e}".to_owned();
        report.portions[1].body.text = "One\n(U) two".to_owned();
        let shown = render(&report, &xaa, &Options::default());
        assert!(shown.starts_with("EXERCISE EXERCISE EXERCISE\nSECRET//"));
        assert!(shown.ends_with("\nEXERCISE EXERCISE EXERCISE\n"));
        assert!(shown.contains("(U) a<U+001B>[2Jb<U+000A>UNCLASSIFIED<U+202E>"));
        assert!(shown.contains("One\n    (U) two"));
        assert!(!shown.contains('\u{1b}'));
    }
}
