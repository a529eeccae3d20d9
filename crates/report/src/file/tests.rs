//! The examples read, and each rule told at its place when its fault is put in.

mod apart;
mod banners;
mod near;
mod portions;
mod rules;
mod shapes;
mod total;
mod unseen;

use super::*;
use crate::{
    attachment::bytes::{Apart, held},
    calendar::Timestamp,
    marking::tests::registers,
    nation::Nation,
    vocabulary::Vocabulary,
};

const REPORT: &str = include_str!("../../../../examples/report.md");
const HOME: &str = include_str!("../../../../examples/report.home.toml");
const TRACK: &[u8] = include_bytes!("../../../../examples/sierra-14-track.csv");
const REPORT_XBB: &str = include_str!("../../../../examples/report-xbb.md");
const HOME_XBB: &str = include_str!("../../../../examples/report-xbb.home.toml");
const ADVISORY: &[u8] = include_bytes!("../../../../examples/icsa-22-286-02.json");

fn vocabulary() -> Vocabulary {
    Vocabulary::read("vocabulary.toml", include_bytes!("../../../../examples/vocabulary.toml")).unwrap()
}

fn files(name: &str) -> Option<Apart> {
    match name {
        "sierra-14-track.csv" => Some(held(TRACK.to_vec())),
        "icsa-22-286-02.json" => Some(held(ADVISORY.to_vec())),
        "archive.csv" => Some(held(b"PK\x03\x04".to_vec())),
        "broken.json" => Some(held(b"{\"a\":}".to_vec())),
        _ => None,
    }
}

fn lantern(code: &str) -> Option<Vec<Nation>> {
    (code == "NLGP").then(|| ["XAA", "XBB", "XCC"].into_iter().filter_map(Nation::parse).collect())
}

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|one| (*one).to_owned()).collect()
}

/// Reads an Arcadian report on its way to Borealia.
fn read(text: &[u8], home: Option<&str>) -> Result<Parsed, Faults> {
    let ((xaa, xbb), vocabulary) = (registers(), vocabulary());
    let addressees = strings(&["XBB/J2", "XBB/MARINE", "XBB/CYBER", "XBB/AT", "XBB/VEILLE"]);
    let (languages, purposes) = (strings(&["fr", "en"]), strings(&["early-warning", "force-protection"]));
    let recipient = Recipient {
        nation: xbb.nation,
        addressees: &addressees,
        office: Some("XBB/VEILLE"),
        languages: &languages,
        purposes: &purposes,
        groups: &lantern,
        limited_distribution: Some("LIMDIS"),
        max_words_flash: Some(200),
        max_report_bytes: Some(1_048_576),
        attachment_types: &[],
    };
    let now = Timestamp::parse("2026-11-17T12:00:00Z").unwrap();
    let context = Context {
        others: &[&xbb],
        recipient: Some(recipient),
        home: home.map(|home| ("report.home.toml", home.as_bytes())),
        attachment: &files,
        ..Context::new(&xaa, &vocabulary, now)
    };
    parse("report.md", text, &context)
}

/// Reads a Borealian report without a recipient.
fn read_xbb(text: &[u8], home: Option<&str>) -> Result<Parsed, Faults> {
    let ((xaa, xbb), vocabulary) = (registers(), vocabulary());
    let now = Timestamp::parse("2026-11-17T12:00:00Z").unwrap();
    let context = Context {
        others: &[&xaa],
        home: home.map(|home| ("report-xbb.home.toml", home.as_bytes())),
        attachment: &files,
        ..Context::new(&xbb, &vocabulary, now)
    };
    parse("report-xbb.md", text, &context)
}

fn good(result: Result<Parsed, Faults>) -> Parsed {
    result.unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn flw_4_a_report_that_others_may_have_too_is_given_no_office_of_one_recipient() {
    let action = |text: &str| good(read(text.as_bytes(), Some(HOME))).document.report().action.clone();
    let unaddressed = REPORT.replace("action     = [\"XBB/J2\", \"XBB/MARINE\"]\n", "");
    assert_eq!(action(&unaddressed), ["XBB/VEILLE"], "for Borealia alone");
    let tear = |text: &str| good(read(text.as_bytes(), Some(HOME))).tear_line.unwrap().document.report().action.clone();
    assert!(tear(REPORT).is_empty(), "the tear line is for the third nation too");
    let alone = REPORT.replace("XAA, XBB, XCC", "XAA, XBB").replace("\"XBB\", \"XCC\"]", "\"XBB\"]");
    assert_eq!(tear(&alone), ["XBB/VEILLE"]);
}

#[test]
fn the_arcadian_example_reads() {
    let parsed = good(read(REPORT.as_bytes(), Some(HOME)));
    assert_eq!(parsed.warnings.list, []);
    assert_eq!(parsed.computed_banner, "SECRET//FGI XCC//REL TO XAA, XBB");
    let report = parsed.document.report();
    assert_eq!(report.banner, parsed.computed_banner);
    assert!(parsed.banner_was_stated && !report.from_tear_line);
    assert_eq!((report.judgements.len(), report.sources.len(), report.attachments.len()), (3, 7, 1));
    assert_eq!(report.produced.to_string(), "2026-11-17T12:00:00Z");
    assert_eq!(report.likelihood_scale, "icd-203/en");
    assert_eq!(parsed.document.attached(0).and_then(|file| file.here()), Some(TRACK));
    assert_eq!(report.attachments[0].media_type, "text/csv");
    assert_eq!(report.portions.len(), 19);
    assert!(
        !report.portions.iter().any(|one| one.body.text.contains("TEAR") || one.body.text.contains("Ships should"))
    );
    assert_eq!(parsed.home.as_ref().unwrap().digest, parsed.home_digest);

    let tear = parsed.tear_line.unwrap();
    let line = tear.document.report();
    assert_eq!((line.serial.as_str(), line.from_tear_line), ("XAA-J2-2026-7316", true));
    assert_eq!(line.banner, "RESTRICTED//REL TO XAA, XBB, XCC");
    assert_eq!(tear.computed_banner, line.banner);
    assert_eq!((line.portions.len(), line.judgements.len()), (3, 2));
    assert!(
        line.sources.is_empty() && line.attachments.is_empty() && line.answers.is_none() && line.refers_to.is_empty()
    );
    assert!(line.judgements.iter().all(|one| one.sources.is_empty()));
    assert_eq!(line.classified_by, report.classified_by);
    assert!(!String::from_utf8_lossy(tear.document.plaintext()).contains("0431"));
}

#[test]
fn the_borealian_example_reads() {
    let parsed = good(read_xbb(REPORT_XBB.as_bytes(), Some(HOME_XBB)));
    assert_eq!(parsed.computed_banner, "CONFIDENTIEL//COMMUNICABLE À XBB, XAA");
    assert_eq!(parsed.document.report().banner, parsed.computed_banner);
    assert_eq!(parsed.warnings.list, []);
    assert!(parsed.tear_line.is_none());
}

#[test]
fn one_report_has_one_form() {
    let plain = good(read(REPORT.as_bytes(), Some(HOME)));
    let crlf = good(read(REPORT.replace('\n', "\r\n").as_bytes(), Some(HOME)));
    assert!(plain.document.plaintext() == crlf.document.plaintext());
    let commented = REPORT
        .replace("traffic    = \"live\"\nlanguage   = \"en\"\n", "language='en' # said first\ntraffic = \"live\"\n");
    assert!(plain.document.plaintext() == good(read(commented.as_bytes(), Some(HOME))).document.plaintext());
    let default = REPORT.replace("language   = \"en\"\n", "");
    assert!(plain.document.plaintext() == good(read(default.as_bytes(), Some(HOME))).document.plaintext());
}

#[test]
fn accents_are_restored_and_composed() {
    let accented = good(read_xbb(REPORT_XBB.as_bytes(), Some(HOME_XBB)));
    let bare = REPORT_XBB.replace("COM À", "COM A").replace("COMMUNICABLE À", "COMMUNICABLE A");
    assert!(accented.document.plaintext() == good(read_xbb(bare.as_bytes(), Some(HOME_XBB))).document.plaintext());
    let apart: String = unicode_normalization::UnicodeNormalization::nfd(REPORT_XBB).collect();
    assert_ne!(apart, REPORT_XBB);
    assert!(accented.document.plaintext() == good(read_xbb(apart.as_bytes(), Some(HOME_XBB))).document.plaintext());
    let secret = REPORT_XBB
        .replace("\"CONFIDENTIEL//COMMUNICABLE À XBB, XAA\"", "\"TRES SECRET//COMMUNICABLE A XBB, XAA\"")
        .replace("(C//COM À XBB, XAA) Deux", "(TS//COM À XBB, XAA) Deux");
    assert_eq!(
        good(read_xbb(secret.as_bytes(), Some(HOME_XBB))).document.report().banner,
        "TRÈS SECRET//COMMUNICABLE À XBB, XAA"
    );
}

#[test]
fn a_banner_is_computed_where_none_is_stated() {
    let text = REPORT.replace("banner     = \"SECRET//FGI XCC//REL TO XAA, XBB\"\n", "");
    let parsed = good(read(text.as_bytes(), Some(HOME)));
    assert!(!parsed.banner_was_stated);
    assert_eq!(parsed.document.report().banner, "SECRET//FGI XCC//REL TO XAA, XBB");
}

#[test]
fn an_aggregation_reason_lifts_the_banner() {
    let lifted = REPORT.replace("SECRET//FGI XCC//REL", "TOP SECRET//FGI XCC//REL");
    assert!(read(lifted.as_bytes(), Some(HOME)).is_err());
    let reason = "precedence = \"PRIORITY\"\naggregation_reason = \"(U) Together they show the pattern\"";
    let lifted = lifted.replace("precedence = \"PRIORITY\"", reason);
    assert_eq!(
        good(read(lifted.as_bytes(), Some(HOME))).document.report().aggregation_reason.as_ref().unwrap().mark,
        "U"
    );
}

#[test]
fn groups_expand() {
    let text = REPORT
        .replace("(R//REL TO XAA, XBB, XCC)", "(R//REL TO XAA, NLGP)")
        .replace("banner = \"RESTRICTED//REL TO XAA, XBB, XCC\"", "banner = \"RESTRICTED//REL TO XAA, NLGP\"")
        .replace("rel_to = [\"XAA\", \"XBB\", \"XCC\"]", "rel_to = [\"XAA\", \"NLGP\"]");
    let tear = good(read(text.as_bytes(), Some(HOME))).tear_line.unwrap();
    assert_eq!(tear.document.report().banner, "RESTRICTED//REL TO XAA, NLGP");
}

#[test]
fn faults_are_told_all_at_once_in_order() {
    let text = REPORT
        .replace("\"assessment\"", "\"estimate\"")
        .replace("traffic    = \"live\"\n", "")
        .replace("(C//REL TO XAA, XBB) A lawful", "A lawful");
    let faults = read(text.as_bytes(), Some(HOME)).err().unwrap();
    let shown = faults.to_string();
    let lines: Vec<&str> = shown.lines().collect();
    assert!(
        lines[0]
            .starts_with("report.md:4:14: error R013: form \"estimate\" is not known. Known: assessment, correction, ")
    );
    assert!(lines[1].starts_with(
        "report.md:113:1: error R026: traffic is missing. Write traffic = \"live\", or the exercise's id."
    ));
    assert!(lines[2].starts_with("report.md:137:1: error R100: paragraph has no portion mark. Begin it with one, such as (U) or (C//REL TO XAA, XBB)"));
    assert_eq!(lines.len(), 3);
}
