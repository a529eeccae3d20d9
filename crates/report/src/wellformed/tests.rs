//! What the client makes passes; each rule broken by a hostile client is found.

use super::*;
use crate::{
    assessment::{Block, Described, MarkedText, Portion},
    attachment::{
        bytes::{Bytes, Unread, held},
        judge,
    },
    calendar::{Day, Timestamp},
    file::{Context, parse},
    home::Home,
    inspection::{Look, Uninspectable, ending},
    marking::tests::registers,
    vocabulary::Vocabulary,
};

fn vocabulary() -> Vocabulary {
    Vocabulary::read("v", include_bytes!("../../../../examples/vocabulary.toml")).unwrap()
}

const TRACK: &[u8] = include_bytes!("../../../../examples/sierra-14-track.csv");

fn example() -> crate::file::Parsed {
    let ((xaa, _), vocabulary) = (registers(), vocabulary());
    let now = Timestamp::parse("2026-11-17T12:00:00Z").unwrap();
    let track = |_: &str| Some(held(TRACK.to_vec()));
    let home = include_bytes!("../../../../examples/report.home.toml");
    let context = Context { home: Some(("home", home)), attachment: &track, ..Context::new(&xaa, &vocabulary, now) };
    let parsed = parse("report.md", include_bytes!("../../../../examples/report.md"), &context);
    parsed.unwrap_or_else(|faults| panic!("{faults}"))
}

fn broken(change: impl FnOnce(&mut Report)) -> Result<(), Broken> {
    let mut report = example().document.report().clone();
    change(&mut report);
    judged(&report, HOME)
}

const HOME: &[u8] = include_bytes!("../../../../examples/report.home.toml");

/// As the sending node judges it, with this home file.
fn judged(report: &Report, home: &[u8]) -> Result<(), Broken> {
    let document = Document::decode(Document::lay_out(report, &[TRACK])).unwrap();
    let ((xaa, xbb), vocabulary) = (registers(), vocabulary());
    let home = Home::read("home", home, &xaa).ok();
    let home = AtHome { file: home.as_ref(), serial_prefixes: crate::file::SERIAL_PREFIXES.to_vec() };
    let words = Words::of([&xaa, &xbb]);
    check(&document, &Ground { home: Some(home), ..ground(&xaa, &vocabulary, &words) })?;
    attachments(report, &seen(report))
}

fn ground<'a>(register: &'a Register, vocabulary: &'a Vocabulary, words: &'a Words) -> Ground<'a> {
    Ground { register, vocabulary, words, recipient: Nation::parse("XBB"), home: None }
}

#[test]
fn the_short_road_to_composed_texts_is_the_long_one() {
    for one in (0..0x300).filter_map(char::from_u32) {
        assert!(is_nfc(&one.to_string()) && is_nfc(&format!("e{one}n")), "{one:?}");
    }
    for text in ["e\u{301}", "\u{344}", "\u{1100}\u{1161}", "\u{212b}"] {
        assert!(!is_composed(text), "{text:?}");
    }
    assert!(is_composed("\u{e9}t\u{e9} \u{2014} \u{3b1}"));
}

fn seen(report: &Report) -> Vec<Seen> {
    let one = |one: &crate::assessment::Attachment| Ok(Look::of(&judge(ending(&one.name), &TRACK)));
    report.attachments.iter().map(one).collect()
}

#[test]
fn what_the_client_makes_is_well_formed() {
    let parsed = example();
    let ((xaa, _), vocabulary) = (registers(), vocabulary());
    assert_eq!(check(&parsed.document, &ground(&xaa, &vocabulary, &Words::of([]))), Ok(()));
    let tear = parsed.tear_line.unwrap().document;
    assert_eq!(check(&tear, &ground(&xaa, &vocabulary, &Words::of([]))), Ok(()));
    let home = Home::read("home", HOME, &xaa).ok();
    let home = AtHome { file: home.as_ref(), serial_prefixes: Vec::new() };
    assert_eq!(check(&tear, &Ground { home: Some(home), ..ground(&xaa, &vocabulary, &Words::of([])) }), Ok(()));
    assert_eq!(broken(|_| {}), Ok(()));
    // These have codes of their own in the decision.
    assert_eq!(broken(|report| report.form = "estimate".to_owned()), Ok(()));
    assert_eq!(broken(|report| report.banner = "Secret".to_owned()), Ok(()));
}

#[test]
fn rpt_7_a_tear_line_has_nothing_of_its_own_and_lists_what_it_says() {
    let torn = |change: &dyn Fn(&mut Report)| {
        let mut report = example().tear_line.unwrap().document.report().clone();
        change(&mut report);
        let ((xaa, _), vocabulary) = (registers(), vocabulary());
        check(&Document::decode(Document::lay_out(&report, &[])).unwrap(), &ground(&xaa, &vocabulary, &Words::of([])))
    };
    assert_eq!(torn(&|_| ()), Ok(()));
    assert_eq!(torn(&|report| drop(report.judgements.pop())), Err("R040"), "its text has KJ2 still");
    assert_eq!(torn(&|report| report.judgements[0].id = "KJx".to_owned()), Err("R040"));
    let says = |report: &mut Report, from: &str, to: &str| {
        for one in &mut report.portions {
            one.body.text = one.body.text.replace(from, to);
        }
    };
    assert_eq!(torn(&|report| says(report, "KJ2.", "KJ9.")), Err("R040"));
    assert_eq!(
        torn(&|report| {
            says(report, "KJ2.", "KJ9.");
            report.judgements[1].id = "KJ9".to_owned();
        }),
        Ok(()),
        "under whatever number"
    );
    let tear_line = |change: fn(&mut Report)| {
        let mut report = example().document.report().clone();
        report.info.clear();
        report.attachments.clear();
        (report.answers, report.refers_to, report.aggregation_reason) = (None, Vec::new(), None);
        change(&mut report);
        has_nothing_of_its_own(&report)
    };
    assert!(tear_line(|_| ()));
    assert!(!tear_line(|report| report.answers = Some("XBB-J2-2026-0001".to_owned())));
    assert!(!tear_line(|report| report.refers_to = vec!["XAA-J2-2026-0001".to_owned()]));
    assert!(!tear_line(|report| report.info = vec!["XBB/J3".to_owned()]));
    assert_eq!(
        broken(|report| {
            report.from_tear_line = true;
            report.sources.clear();
            report.judgements.clear();
            report.portions.retain(|one| !one.body.text.starts_with("KJ") && !one.body.text.contains('['));
        }),
        Err("R070"),
        "attachments are not a tear line's"
    );
}

#[test]
fn rpt_7_each_broken_rule_is_found() {
    let day = |text: &str| Day::parse(text).unwrap();
    assert_eq!(broken(|report| report.title.text.push('\u{202e}')), Err("R003"));
    assert_eq!(broken(|report| report.title.text.push_str("e\u{301}")), Err("R003"));
    assert_eq!(broken(|report| report.portions.clear()), Err("R006"));
    assert_eq!(broken(|report| report.serial = "XAA-J2-0431".to_owned()), Err("R011"));
    assert_eq!(broken(|report| report.title.text.push('\n')), Err("R014"));
    assert_eq!(broken(|report| report.title.text = "\u{a0}".to_owned()), Err("R014"));
    assert_eq!(broken(|report| report.precedence = "URGENT".to_owned()), Err("R024"));
    assert_eq!(broken(|report| report.traffic = "Live".to_owned()), Err("R026"));
    let again = |list: &mut Vec<String>| list.push(list[0].clone());
    assert_eq!(broken(|report| again(&mut report.rel_to)), Err("R021"));
    assert_eq!(broken(|report| report.rel_to.reverse()), Err("R021"));
    assert_eq!(broken(|report| again(&mut report.topics)), Err("R022"));
    assert_eq!(broken(|report| again(&mut report.action)), Err("R025"));
    assert_eq!(broken(|report| report.translation_of = Some("XCC-J2-2026-0001".to_owned())), Err("R028"));
    assert_eq!(broken(|report| report.information_cutoff = Timestamp::from_seconds(i64::MIN)), Err("R030"));
    assert_eq!(broken(|report| report.produced = Timestamp::LAST.plus(1)), Err("R031"));
    assert_eq!(broken(|report| report.review = Some(Day::from_count(i32::MAX))), Err("R032"));
    assert_eq!(broken(|report| report.classified_by = Some("XAA/J2\nA. Person".to_owned())), Err("R034"));
    assert_eq!(broken(|report| report.produced = report.information_cutoff.plus(-1)), Err("R031"));
    assert_eq!(broken(|report| report.review = None), Err("R032"));
    assert_eq!(broken(|report| report.declassify = Some(Declassify::On(day("2026-12-01")))), Err("R033"));
    assert_eq!(broken(|report| report.classified_by = Some("A. Person".to_owned())), Err("R034"));
    assert_eq!(broken(|report| report.likelihood_scale = "phia".to_owned()), Err("R035"));
    assert_eq!(broken(|report| report.tlp = Some("WHITE".to_owned())), Err("R036"));
    assert_eq!(broken(|report| report.form = "correction".to_owned()), Err("R039"));
    assert_eq!(broken(|report| report.judgements.clear()), Err("R040"));
    assert_eq!(broken(|report| report.judgements[0].likelihood = "possible".to_owned()), Err("R041"));
    assert_eq!(broken(|report| report.judgements[0].confidence = "medium".to_owned()), Err("R042"));
    assert_eq!(broken(|report| report.judgements[0].sources.push(9)), Err("R043"));
    assert_eq!(broken(|report| report.judgements[0].likelihood = "unlikely".to_owned()), Err("R044"));
    assert_eq!(
        broken(|report| report.portions[1].body.text = "KJ1. It is likely, with moderate confidence.".to_owned()),
        Err("R045")
    );
    assert_eq!(broken(|report| report.sources[0].n = 2), Err("R043"));
    assert_eq!(broken(|report| report.sources[0].grade = "B7".to_owned()), Err("R054"));
    assert_eq!(broken(|report| report.sources[0].described.as_mut().unwrap().kind.clear()), Err("R053"));
    assert_eq!(broken(|report| report.sources[0].described.as_mut().unwrap().as_of = day("2027-01-01")), Err("R055"));
    assert_eq!(broken(|report| report.portions[5].body.text.push_str(" [8]")), Err("R058"));
    assert_eq!(broken(|report| report.attachments[0].name = "../x.csv".to_owned()), Err("R060"));
    assert_eq!(broken(|report| report.attachments[0].media_type = "image/png".to_owned()), Err("R061"));
    assert_eq!(broken(|report| report.portions[1].body.mark.clear()), Err("R100"));
    assert_eq!(broken(|report| report.portions[5].body.text.push_str("\n\n(TS) hidden")), Err("R100"));
    assert_eq!(broken(|report| report.from_tear_line = true), Err("R043"));
    for wrong in
        ["XAA/J2 (S//NF) text", "XAA/SECRET//NF", "XAA/J2 [S]", "XAA/S/NF", "XAA/TOP SECRET/ /NOFORN", "XAA/SECRET"]
    {
        assert_eq!(broken(|report| report.classified_by = Some(wrong.to_owned())), Err("R034"), "{wrong}");
    }
}

#[test]
fn rpt_7_each_rule_stands_by_itself() {
    let reason = |mark: &str, text: &str| {
        let one = MarkedText { mark: mark.to_owned(), text: text.to_owned() };
        broken(|report| report.aggregation_reason = Some(one))
    };
    assert_eq!(reason("R//REL TO XAA, XBB", "Together they show it"), Ok(()));
    assert_eq!(reason("as you like", "Together they show it"), Err("R100"));
    assert_eq!(reason("U", "Together\nthey show it"), Err("R100"));
    assert_eq!(reason("//XCC R//REL TO XAA, XBB", "Together they show it"), Err("R120"));
    let answers_nothing = |report: &mut Report| {
        report.form = "rfi-response".to_owned();
        report.answers = None;
    };
    assert_eq!(broken(answers_nothing), Err("R037"));
    assert_eq!(broken(|report| report.judgements[0].confidence = "high".to_owned()), Err("R044"));
    assert_eq!(broken(|report| report.form = "spot-report".to_owned()), Err("R040"), "it has no judgements");
    assert_eq!(broken(|report| report.judgements.swap(0, 1)), Err("R040"), "in their order");
    assert_eq!(broken(|report| report.attachments[0].title.text.push_str("\nand more")), Err("R100"));
    let described = |report: &mut Report, change: fn(&mut Described)| {
        change(report.sources[0].described.as_mut().unwrap());
    };
    let of_source = |change: fn(&mut Described)| broken(|report| described(report, change));
    assert_eq!(of_source(|one| one.topics = vec!["cyber.intrusion".to_owned()]), Err("R056"));
    let twice = |report: &mut Report| {
        let topic = report.topics[0].clone();
        report.sources[0].described.as_mut().unwrap().topics = vec![topic; 2];
    };
    assert_eq!(broken(twice), Err("R056"), "each once");
    assert_eq!(of_source(|one| one.descriptor.push_str("\nand more")), Err("R100"));
    let renumbered = |report: &mut Report| {
        report.sources[0].n = 99;
        report.judgements.iter_mut().flat_map(|one| &mut one.sources).filter(|n| **n == 1).for_each(|n| *n = 99);
    };
    assert_eq!(broken(renumbered), Err("R050"));
    let with_sources = |report: &mut Report| {
        report.from_tear_line = true;
        report.judgements.iter_mut().for_each(|one| one.sources.clear());
    };
    assert_eq!(broken(with_sources), Err("R050"), "a tear line has none");
    let unjustified = String::from_utf8(HOME.to_vec()).unwrap();
    let unjustified: String = unjustified
        .lines()
        .filter(|line| !line.starts_with("justification"))
        .fold(String::new(), |out, line| out + line + "\n");
    assert_eq!(judged(example().document.report(), unjustified.as_bytes()), Err("R080"));
    assert_eq!(added(Block::Heading(3), "U", "Deep"), Ok(()));
    assert_eq!(added(Block::Heading(4), "U", "Deep"), Err("R006"));
    assert_eq!(added(Block::Heading(2), "U", "Two\nlines"), Err("R100"));
    assert_eq!(added(Block::Bullet, "U", " "), Err("R006"));
}

/// The example with one portion more.
fn added(block: Block, mark: &str, text: &str) -> Result<(), Broken> {
    let body = MarkedText { mark: mark.to_owned(), text: text.to_owned() };
    broken(|report| report.portions.push(Portion { block, body }))
}

#[test]
fn rpt_7_a_citation_names_listed_sources_however_it_is_written() {
    let cited = |text: &str| broken(|report| report.portions[5].body.text.push_str(&format!(" {text}")));
    for text in [
        "[9]",
        "[09]",
        "[1,9]",
        "[1-9]",
        "[9 ]",
        "[ 9]",
        "[1; 9]",
        "\u{FF3B}9\u{FF3D}",
        "[1\n9]",
        "[0]",
        "[1-99999999999999999999]",
    ] {
        assert_eq!(cited(text), Err("R058"), "{text:?}");
    }
    for text in ["[7]", "[1-7]", "[1, 2; 3]", "[ 7 ]", "[2026-11-16]", "(9)", "[see 9]", "[1.5]"] {
        assert_eq!(cited(text), Ok(()), "{text:?}");
    }
}

#[test]
fn rpt_7_each_line_of_a_table_begins_with_a_bar() {
    let table = |text: &str| added(Block::Table, "U", text);
    for text in
        ["Site | North | text\n--- | --- | ---\nA | B | c", "Caption\n| a |\nb", "Caption\nb\n| a |", "Caption\na | b"]
    {
        assert_eq!(table(text), Err("R100"), "{text:?}");
        assert_eq!(added(Block::Paragraph, "U", text), Ok(()), "{text:?}");
    }
    for text in ["Caption\n| a | b |\n|---|---|\n| c | d |", "Caption\n  | a |\n|b", "Caption"] {
        assert_eq!(table(text), Ok(()), "{text:?}");
    }
    assert_eq!(table("Site | (S) North | text\n| a |"), Err("R115"), "its first line has cells too");
    assert_eq!(added(Block::Paragraph, "U", "a | (S) b\n--- | ---"), Err("R115"));
}

#[test]
fn rpt_7_no_portion_reads_as_the_heading_of_a_tear_line() {
    for text in [
        "TEAR LINE",
        "TEAR LINE ",
        "Tear Line",
        "TEAR\u{a0}LINE",
        "TEAR  LINE",
        "T\u{395}AR LINE",
        "EXTRAIT diffusable",
    ] {
        for block in
            [Block::Heading(1), Block::Heading(2), Block::Paragraph, Block::Bullet, Block::Numbered, Block::Table]
        {
            assert_eq!(added(block, "U", text), Err("R070"), "{block:?} {text:?}");
        }
    }
    assert_eq!(added(Block::Paragraph, "U", "TEAR\nLINE"), Err("R070"));
    assert_eq!(added(Block::Paragraph, "U", "Text\n## Tear line\n"), Err("R100"), "an empty line");
    assert_eq!(added(Block::Paragraph, "U", "Text\n## Tear line\nmore"), Err("R070"));
    for text in ["TEAR LINES", "The tear line", "Text\ntear line\nmore"] {
        assert_eq!(added(Block::Paragraph, "U", text), Ok(()), "{text:?}");
    }
}

#[test]
fn rpt_7_a_report_has_16_attachments_at_most() {
    let attached = |count: usize| {
        let mut report = example().document.report().clone();
        let one = report.attachments[0].clone();
        report.attachments = (0..count)
            .map(|n| crate::assessment::Attachment { name: format!("track-{n}.csv"), ..one.clone() })
            .collect();
        let document = Document::decode(Document::lay_out(&report, &vec![TRACK; count])).unwrap();
        let ((xaa, _), vocabulary) = (registers(), vocabulary());
        check(&document, &ground(&xaa, &vocabulary, &Words::of([])))
    };
    assert_eq!((attached(0), attached(16)), (Ok(()), Ok(())));
    assert_eq!((attached(17), attached(20), attached(64)), (Err("R060"), Err("R060"), Err("R060")));
}

#[test]
fn rpt_7_what_the_authors_nation_alone_knows_is_asked_of_its_home_file() {
    let report = example().document.report().clone();
    let with = |old: &str, new: &str| {
        let text = String::from_utf8(HOME.to_vec()).unwrap();
        assert!(text.contains(old), "{old}");
        judged(&report, text.replace(old, new).as_bytes())
    };
    assert_eq!(judged(&report, HOME), Ok(()));
    assert_eq!(judged(&report, b""), Err("R080"));
    assert_eq!(with("report = \"XAA-J2-2026-0431\"", "report = \"XAA-J2-2026-0432\""), Err("R080"));
    assert_eq!(with("consent", "reference2"), Err("R080"), "a home file that does not read");
    let mut one = report.clone();
    one.sources[0].described.as_mut().unwrap().descriptor.push_str(" SIG-2026-55017");
    assert_eq!(judged(&one, HOME), Err("R057"));
    let secret = "XCC-CONSENT-2026-0088";
    for text in [
        secret.to_owned(),
        secret.to_lowercase(),
        format!("({secret})"),
        format!("so\n{secret}."),
        secret.replace('-', "-\n"),
        secret.replace('-', "\\-"),
        secret.replace('-', "*-*"),
        secret.replace('-', " - "),
        secret.replace('-', "⸺"),
        secret.replace('X', "Х"),
    ] {
        let mut one = report.clone();
        one.portions[5].body.text.push_str(&format!(" {text}"));
        assert_eq!(judged(&one, HOME), Err("R072"), "{text}");
        let longer = one.portions[5].body.text.replace("0088", "00885");
        one.portions[5].body.text = longer;
        assert_eq!(judged(&one, HOME), Ok(()), "{text}");
    }
    let mut one = report.clone();
    one.refers_to.push(secret.to_owned());
    assert_eq!(judged(&one, HOME), Err("R072"), "in any field");
}

#[test]
fn rpt_7_a_concealed_owner_is_a_third_nation() {
    let mut report = example().document.report().clone();
    let foreign = report.sources.iter_mut().find(|one| one.n == 3).unwrap();
    foreign.described.as_mut().unwrap().nation = "FGI".to_owned();
    let owned = |owner: &str| {
        let text = String::from_utf8(HOME.to_vec()).unwrap();
        assert!(text.contains("owner     = \"XCC\""));
        judged(&report, text.replace("owner     = \"XCC\"", &format!("owner = \"{owner}\"")).as_bytes())
    };
    assert_eq!(owned("XCC"), Ok(()));
    for party in ["XAA", "XBB"] {
        assert_eq!(owned(party), Err("R080"), "{party}");
    }
}

/// One text of a report, to be changed.
type Field = fn(&mut Report) -> &mut String;

const FIELDS: &[Field] = &[
    |report| &mut report.title.mark,
    |report| &mut report.title.text,
    |report| &mut report.serial,
    |report| &mut report.form,
    |report| &mut report.banner,
    |report| &mut report.purpose,
    |report| &mut report.precedence,
    |report| &mut report.traffic,
    |report| &mut report.language,
    |report| &mut report.likelihood_scale,
    |report| &mut report.rel_to[0],
    |report| &mut report.topics[0],
    |report| &mut report.action[0],
    |report| {
        report.info.push(String::new());
        &mut report.info[0]
    },
    |report| {
        report.refers_to.push(String::new());
        report.refers_to.last_mut().unwrap()
    },
    |report| report.translation_of.insert(String::new()),
    |report| report.classified_by.insert(String::new()),
    |report| report.tlp.insert(String::new()),
    |report| report.answers.insert(String::new()),
    |report| report.supersedes.insert(String::new()),
    |report| {
        let reason = crate::assessment::MarkedText { mark: "U".to_owned(), text: String::new() };
        &mut report.aggregation_reason.insert(reason).text
    },
    |report| &mut report.judgements[0].id,
    |report| &mut report.judgements[0].likelihood,
    |report| &mut report.judgements[0].confidence,
    |report| &mut report.sources[0].grade,
    |report| &mut report.sources[0].described.as_mut().unwrap().mark,
    |report| &mut report.sources[0].described.as_mut().unwrap().nation,
    |report| &mut report.sources[0].described.as_mut().unwrap().kind,
    |report| &mut report.sources[0].described.as_mut().unwrap().descriptor,
    |report| &mut report.portions[0].body.text,
    |report| &mut report.portions[1].body.mark,
    |report| &mut report.portions[1].body.text,
    |report| &mut report.attachments[0].name,
    |report| &mut report.attachments[0].mark,
    |report| &mut report.attachments[0].media_type,
    |report| &mut report.attachments[0].title.mark,
    |report| &mut report.attachments[0].title.text,
];

#[test]
fn rpt_8_what_nobody_sees_is_found_in_each_field() {
    for field in FIELDS {
        for (sample, ..) in crate::unseen::tests::REFUSED {
            assert_eq!(broken(|report| field(report).push_str(&format!(" {sample}"))), Err("R003"), "{sample:?}");
        }
    }
}

#[test]
fn an_attachment_that_was_not_seen_breaks_a_rule_and_one_that_cannot_be_inspected_does_not() {
    let report = example().document.report().clone();
    assert_eq!(attachments(&report, &seen(&report)), Ok(()));
    assert_eq!(attachments(&report, &[]), Err("R061"));
    assert_eq!(attachments(&report, &[Ok(Look { media: None, inspected: Default::default() })]), Err("R061"));
    assert_eq!(attachments(&report, &[Err(Uninspectable::Time)]), Ok(()));
}

#[test]
fn rpt_7_a_value_stands_in_an_attachment_wherever_that_is_kept() {
    struct There(Vec<u8>, bool);
    impl Bytes for There {
        fn length(&self) -> u64 {
            self.0.length()
        }
        fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
            if self.1 && offset >= 1024 * 1024 { Err(Unread) } else { self.0.read_at(offset, into) }
        }
    }
    let judged = |rows: usize, tail: &str, broken: bool| {
        let ((xaa, xbb), vocabulary) = (registers(), vocabulary());
        let home = Home::read("home", HOME, &xaa).ok();
        let home = AtHome { file: home.as_ref(), serial_prefixes: crate::file::SERIAL_PREFIXES.to_vec() };
        let bytes = ["1;\"two\nlines\";3\n".repeat(rows), tail.to_owned()].concat().into_bytes();
        let mut report = example().document.report().clone();
        report.attachments[0].length = bytes.length();
        report.attachments[0].sha256 = crate::crypto::sha256(&[&bytes]);
        let digest = report.attachments[0].sha256;
        let head = Document::lay_out_head(&report);
        let document = Document::stored(head, digest, std::sync::Arc::new(There(bytes, broken))).unwrap();
        let words = Words::of([&xaa, &xbb]);
        check(&document, &Ground { home: Some(home), ..ground(&xaa, &vocabulary, &words) })
    };
    let rows = 70_000;
    assert_eq!(judged(rows, "XCC-CONSENT-2026-00885", false), Ok(()));
    for tail in ["XCC-CONSENT-2026-0088", "x;\"XCC - CONSENT - 2026 -\n0088\""] {
        assert_eq!(judged(0, tail, false), Err("R072"), "{tail}");
        assert_eq!(judged(rows, tail, false), Err("R072"), "{tail}");
    }
    assert_eq!(judged(rows, "", true), Err("R072"), "in what cannot be read, it may stand");
}
