//! One way to break each rule, and often several: what is changed in a good report, and in its home file.

use relto_report::{
    assessment::{Attachment, Block, MarkedText, Portion, Report, Source},
    calendar::{Day, Timestamp},
};
use relto_tests::fixture::Draft;

type OfReport = Box<dyn Fn(&mut Report, usize)>;
type OfHome = Box<dyn Fn(&mut Vec<u8>)>;

/// One way.
pub(super) struct Break {
    /// Number of the rule.
    pub(super) rule: &'static str,
    /// What is wrong.
    pub(super) name: &'static str,
    /// Changes the report of this side.
    pub(super) report: OfReport,
    /// Changes its home file.
    pub(super) home: OfHome,
}

/// Words of both nations, Arcadia's first.
const LIST: [&str; 2] = ["REL TO XAA, XBB", "COM À XBB, XAA"];
const LOWEST: [&str; 2] = ["U", "NP"];
const NATIONAL: [&str; 2] = ["NF", "SB"];
const ORIGINATOR: [&str; 2] = ["OC", "CE"];
const SECRET: [&str; 2] = ["SECRET", "SECRET"];
const LONG_LIST: [&str; 2] = ["REL TO XAA, XBB", "COMMUNICABLE À XBB, XAA"];
const PREFIX: [&str; 2] = ["XAA", "XBB"];

fn of(rule: &'static str, name: &'static str, report: impl Fn(&mut Report, usize) + 'static) -> Break {
    Break { rule, name, report: Box::new(report), home: Box::new(|_| {}) }
}

fn at_home(name: &'static str, home: impl Fn(&mut Vec<u8>) + 'static) -> Break {
    Break { rule: "R080", name, report: Box::new(secret), home: Box::new(home) }
}

/// Level 3, for what is asked from some level on.
fn secret(report: &mut Report, side: usize) {
    report.banner = format!("{}//{}", SECRET[side], LONG_LIST[side]);
    report.portions[0].body.mark = format!("S//{}", LIST[side]);
}

fn marked(rule: &'static str, name: &'static str, mark: impl Fn(usize) -> String + 'static) -> Break {
    of(rule, name, move |report, side| report.portions[0].body.mark = mark(side))
}

fn reason(rule: &'static str, name: &'static str, mark: impl Fn(usize) -> String + 'static) -> Break {
    of(rule, name, move |report, side| {
        report.aggregation_reason = Some(MarkedText { mark: mark(side), text: "Together they show it".to_owned() });
    })
}

fn described(report: &mut Report) -> &mut relto_report::assessment::Described {
    report.sources[0].described.as_mut().unwrap()
}

fn again(list: &mut Vec<String>) {
    let first = list[0].clone();
    list.push(first);
}

/// All of them.
pub(super) fn breaks() -> Vec<Break> {
    [head(), dates(), text(), shapes(), sources(), decided(), marks(), banners(), home()]
        .into_iter()
        .flatten()
        .collect()
}

fn head() -> Vec<Break> {
    vec![
        of("R002", "more bytes than agreed", |report, side| {
            let body = MarkedText { mark: format!("{}//{}", LOWEST[side], LIST[side]), text: "x".repeat(16_000) };
            report.portions.extend(vec![Portion { block: Block::Paragraph, body }; 80]);
        }),
        of("R003", "a sign that nobody sees in the title", |report, _| report.title.text.push('\u{202e}')),
        of("R003", "one in a code", |report, _| report.info.push("XBB/J2\u{200b}".to_owned())),
        of("R003", "a text that is not composed", |report, _| report.title.text.push_str("e\u{301}")),
        of("R011", "a serial of another form", |report, side| report.serial = format!("{}-J2-0431", PREFIX[side])),
        of("R013", "a form that no list has", |report, _| report.form = "estimate".to_owned()),
        of("R014", "a title of two lines", |report, _| report.title.text.push_str("\nand more")),
        of("R014", "no title", |report, _| report.title.text.clear()),
        of("R020", "a group that there is not", |report, _| report.rel_to.push("ZZZZ".to_owned())),
        of("R021", "a code twice", |report, _| {
            let last = report.rel_to[1].clone();
            report.rel_to.push(last);
        }),
        of("R021", "the partner first", |report, _| report.rel_to.reverse()),
        of("R022", "a topic twice", |report, _| again(&mut report.topics)),
        of("R023", "a purpose that is not agreed", |report, _| report.purpose = "targeting".to_owned()),
        of("R024", "a precedence that there is not", |report, _| report.precedence = "URGENT".to_owned()),
        of("R025", "an office twice", |report, _| again(&mut report.action)),
        of("R025", "an office twice for information", |report, _| report.info = vec![report.action[0].clone(); 2]),
        of("R026", "traffic that is neither live nor an exercise", |report, _| report.traffic = "Live".to_owned()),
        of("R027", "a language that is not accepted", |report, _| report.language = "de".to_owned()),
        of("R027", "no code of a language", |report, _| report.language = "english".to_owned()),
        of("R028", "a translation of a third nation's", |report, _| {
            report.translation_of = Some("XCC-J2-2026-0001".to_owned());
        }),
        of("R028", "a translation of no serial", |report, _| report.translation_of = Some("(S//NF) text".to_owned())),
        of("R035", "a scale that there is not", |report, _| report.likelihood_scale = "phia".to_owned()),
        of("R036", "a colour of TLP 1", |report, _| report.tlp = Some("WHITE".to_owned())),
        of("R037", "an answer to no request", |report, side| {
            report.answers = Some(format!("{}-RFI-2026-7777", PREFIX[1 - side]));
        }),
        of("R037", "an answer that names none", |report, _| report.form = "rfi-response".to_owned()),
        of("R038", "a reference to what the partner does not have", |report, side| {
            report.refers_to.push(format!("{}-J2-2026-0399", PREFIX[side]));
        }),
        of("R039", "a correction of what the partner does not have", |report, side| {
            report.supersedes = Some(format!("{}-J2-2026-0399", PREFIX[side]));
        }),
        of("R039", "a correction that names none", |report, _| report.form = "correction".to_owned()),
    ]
}

fn dates() -> Vec<Break> {
    vec![
        of("R030", "a cut-off before all calendars", |report, _| {
            report.information_cutoff = Timestamp::from_seconds(i64::MIN);
        }),
        of("R031", "produced before the cut-off", |report, _| report.produced = report.information_cutoff.plus(-1)),
        of("R031", "produced after all calendars", |report, _| report.produced = Timestamp::LAST.plus(1)),
        of("R032", "review before the cut-off", |report, _| report.review = Day::parse("2026-01-01")),
        of("R032", "review after all calendars", |report, _| report.review = Some(Day::from_count(i32::MAX))),
        of("R032", "SECRET without review", |report, side| {
            secret(report, side);
            report.review = None;
        }),
        of("R033", "declassified before review", |report, _| {
            report.declassify = Some(relto_report::assessment::Declassify::On(Day::parse("2026-12-01").unwrap()));
        }),
        of("R033", "SECRET for ever", |report, side| {
            secret(report, side);
            report.declassify = None;
        }),
        of("R034", "a person", |report, _| report.classified_by = Some("A. Person".to_owned())),
        of("R034", "an office and a line more", |report, side| {
            report.classified_by = Some(format!("{}/J2\nA. Person", PREFIX[side]));
        }),
        of("R034", "nothing behind the nation", |report, side| {
            report.classified_by = Some(format!("{}/ ", PREFIX[side]));
        }),
        of("R034", "SECRET by nobody", |report, side| {
            secret(report, side);
            report.classified_by = None;
        }),
    ]
}

fn text() -> Vec<Break> {
    vec![
        of("R006", "no text", |report, _| report.portions.clear()),
        of("R006", "an empty portion", |report, side| {
            let body = MarkedText { mark: LOWEST[side].to_owned(), text: " ".to_owned() };
            report.portions.push(Portion { block: Block::Bullet, body });
        }),
        of("R006", "a heading of level 4", |report, side| {
            let body = MarkedText { mark: LOWEST[side].to_owned(), text: "Deep".to_owned() };
            report.portions.push(Portion { block: Block::Heading(4), body });
        }),
        of("R029", "a long spot-report", |report, _| {
            report.form = "spot-report".to_owned();
            report.judgements.clear();
            report.portions[0].body.text = "word ".repeat(401).trim().to_owned();
        }),
        of("R029", "a long FLASH", |report, _| {
            report.form = "warning".to_owned();
            report.precedence = "FLASH".to_owned();
            report.portions[0].body.text.push_str(&" word".repeat(300));
        }),
        of("R040", "a number that is not due", |report, _| report.judgements[0].id = "KJ7".to_owned()),
        of("R040", "no judgement", |report, _| report.judgements.clear()),
        of("R040", "no paragraph for one", |report, _| report.portions[0].body.text.insert(0, ' ')),
        of("R041", "a word of no scale", |report, _| report.judgements[0].likelihood = "possible".to_owned()),
        of("R042", "a confidence of no list", |report, _| report.judgements[0].confidence = "medium".to_owned()),
        of("R043", "a source that is not listed", |report, _| report.judgements[0].sources.push(9)),
        of("R043", "a source twice", |report, _| report.judgements[0].sources.push(1)),
        of("R043", "no source", |report, _| report.judgements[0].sources.clear()),
        of("R044", "another word in the paragraph", |report, side| {
            report.judgements[0].likelihood = ["unlikely", "improbable"][side].to_owned();
        }),
        of("R045", "both words in one sentence", |report, side| {
            let one =
                ["KJ1. It is likely, with moderate confidence. [1]", "JC1. Il est probable, confiance moyenne. [1]"];
            report.portions[0].body.text = one[side].to_owned();
        }),
    ]
}

fn shapes() -> Vec<Break> {
    vec![
        of("R058", "a range that goes on behind the sources", |report, _| {
            report.portions[0].body.text.push_str(" [1-8]");
        }),
        of("R058", "a citation of nothing", |report, _| report.portions[0].body.text.push_str(" [8]")),
        of("R060", "17 attachments", |report, _| {
            let one = &report.attachments[0];
            let empty = |n| Attachment {
                name: format!("none-{n}.csv"),
                length: 0,
                sha256: relto_report::crypto::sha256(&[]),
                ..one.clone()
            };
            let more: Vec<Attachment> = (0..16).map(empty).collect();
            report.attachments.extend(more);
        }),
        of("R060", "a path", |report, _| report.attachments[0].name = "../x.csv".to_owned()),
        of("R061", "another type than its content", |report, _| {
            report.attachments[0].media_type = "image/png".to_owned();
        }),
        of("R061", "another ending than its content", |report, _| report.attachments[0].name = "x.pdf".to_owned()),
        of("R070", "a tear line with attachments", |report, _| {
            report.from_tear_line = true;
            report.sources.clear();
            for one in &mut report.judgements {
                one.sources.clear();
            }
            report.portions[0].body.text = report.portions[0].body.text.replace(" [1]", "");
        }),
        of("R070", "the heading of a tear line", |report, side| {
            let text = ["TEAR LINE", "EXTRAIT DIFFUSABLE"][side].to_owned();
            report.portions.push(Portion { block: Block::Heading(2), body: MarkedText { mark: String::new(), text } });
        }),
        of("R070", "the same in other letters", |report, side| {
            let text = ["Tear\u{a0}line", "Extrait diffusable"][side].to_owned();
            report
                .portions
                .push(Portion { block: Block::Paragraph, body: MarkedText { mark: LOWEST[side].to_owned(), text } });
        }),
        of("R100", "a line of a table without a bar", |report, side| {
            let text = "Sites\n| a | b |\nc | d".to_owned();
            report
                .portions
                .push(Portion { block: Block::Table, body: MarkedText { mark: LOWEST[side].to_owned(), text } });
        }),
        of("R100", "no mark", |report, _| report.portions[0].body.mark.clear()),
        of("R100", "a second paragraph under one mark", |report, _| {
            report.portions[0].body.text.push_str("\n\nAnd more");
        }),
        of("R100", "an attachment's title of two lines", |report, _| {
            report.attachments[0].title.text.push_str("\nand more");
        }),
        of("R100", "a descriptor of two lines", |report, _| described(report).descriptor.push_str("\nand more")),
        of("R115", "a second mark", |report, _| report.portions[0].body.text.push_str("\n(S//NF) National.")),
        of("R115", "a second mark in the title", |report, _| report.title.text = "(S) Cables".to_owned()),
        of("R115", "a mark in a descriptor", |report, _| described(report).descriptor = "(S//NF) A source".to_owned()),
        of("R115", "a banner in an attachment's title", |report, _| {
            report.attachments[0].title.text = "SECRET//NOFORN".to_owned();
        }),
        reason("R100", "a reason with a mark that is none", |_| "as you like".to_owned()),
    ]
}

fn sources() -> Vec<Break> {
    vec![
        of("R050", "a number that is not due", |report, _| {
            let other = Source { n: 3, ..report.sources[0].clone() };
            report.sources.push(other);
        }),
        of("R053", "a kind that no list has", |report, _| described(report).kind.push('s')),
        of("R054", "a grade that there is not", |report, _| report.sources[0].grade = "B7".to_owned()),
        of("R055", "after the cut-off", |report, _| described(report).as_of = Day::parse("2027-01-01").unwrap()),
        of("R055", "before all calendars", |report, _| described(report).as_of = Day::from_count(i32::MIN)),
        of("R056", "a topic that the report has not", |report, _| {
            described(report).topics = vec!["cyber.intrusion".to_owned()];
        }),
        of("R056", "a topic twice", |report, _| described(report).topics = vec![report_topic(); 2]),
        of("R057", "a serial of an own system", |report, _| {
            described(report).descriptor.push_str(", SIG-2026-55017");
        }),
    ]
}

fn report_topic() -> String {
    "maritime.surface".to_owned()
}

fn decided() -> Vec<Break> {
    let with_consent = at_home("a consent", |home| home.extend(b"consent = \"XCC-CONSENT-1\"\n")).home;
    let foreign = of("R052", "a foreign source, and no portion of its nation", |report, _| {
        described(report).nation = "XCC".to_owned();
    });
    vec![
        Break { home: with_consent, ..foreign },
        of("R012", "a serial that was used", |report, _| report.serial = Draft::new(0, 9_000).serial()),
    ]
}

fn marks() -> Vec<Break> {
    vec![
        marked("R101", "the level in full", |_| "SECRET".to_owned()),
        marked("R102", "small letters", |_| "s".to_owned()),
        marked("R103", "one slash", |side| format!("{}/{}", LOWEST[side], LIST[side])),
        marked("R104", "no space behind the comma", |side| format!("S//{}", LIST[side].replace(", ", ","))),
        marked("R105", "a blank that does not break", |side| format!("S//{}", LIST[side].replacen(' ', "\u{a0}", 1))),
        marked("R106", "the partner first", |side| ["S//REL TO XBB, XAA", "S//COM À XAA, XBB"][side].to_owned()),
        marked("R107", "the own nation alone", |side| ["S//REL TO XAA", "S//COM À XBB"][side].to_owned()),
        marked("R108", "at home and abroad", |side| format!("S//{}/{}", NATIONAL[side], LIST[side])),
        marked("R109", "out of order", |side| format!("S//{}/{}", LIST[side], ORIGINATOR[side])),
        marked("R110", "a control of nobody", |_| "S//PROPIN".to_owned()),
        marked("R111", "the other nation's word", |side| LOWEST[1 - side].to_owned()),
        marked("R112", "a joint mark", |_| "//JOINT S XAA XBB".to_owned()),
        marked("R113", "for display alone", |_| "S//DISPLAY ONLY XBB".to_owned()),
    ]
}

fn banners() -> Vec<Break> {
    vec![
        marked("R120", "a portion above the banner", |side| format!("S//{}", LIST[side])),
        reason("R120", "a reason above the banner", |side| format!("S//{}", LIST[side])),
        reason("R120", "a reason that stays at home", |side| format!("S//{}", NATIONAL[side])),
        reason("R120", "a TOP SECRET reason", |_| "TS".to_owned()),
        reason("R120", "another nation's reason", |side| format!("//XCC R//{}", LIST[side])),
        of("R120", "a title above the banner", |report, side| report.title.mark = format!("C//{}", LIST[side])),
        of("R120", "a source above the banner", |report, side| described(report).mark = format!("S//{}", LIST[side])),
        of("R120", "an attachment above the banner", |report, side| {
            report.attachments[0].mark = format!("S//{}", LIST[side]);
        }),
        of("R120", "an attachment's title above the banner", |report, side| {
            report.attachments[0].title.mark = format!("S//{}", LIST[side]);
        }),
        marked("R121", "a control that the banner has not", |side| {
            format!("{}//{}/{}", LOWEST[side], ORIGINATOR[side], LIST[side])
        }),
        reason("R121", "a reason with a control that the banner has not", |side| {
            format!("{}//{}/{}", LOWEST[side], ORIGINATOR[side], LIST[side])
        }),
        marked("R122", "a portion for home", |_| "S".to_owned()),
        reason("R122", "a reason for home", |_| "C".to_owned()),
        of("R123", "a banner above its parts", |report, side| {
            report.banner = format!("{}//{}", SECRET[side], LONG_LIST[side]);
        }),
        of("R124", "a list that the banner has not", |report, _| report.rel_to.push("XCC".to_owned())),
        of("R125", "a banner in small letters", |report, _| report.banner = report.banner.to_lowercase()),
        of("R126", "a control of nobody in the banner", |report, side| {
            report.banner = format!("{}//PROPIN/{}", SECRET[side], LONG_LIST[side]);
        }),
    ]
}

fn home() -> Vec<Break> {
    let reference = || String::from_utf8(relto_tests::fixture::home(0, "")).unwrap();
    let kept = reference().split('"').rev().nth(1).unwrap().to_owned();
    let (whole, small) = (kept.clone(), kept.to_lowercase());
    vec![
        at_home("no home file", Vec::clear),
        at_home("a home file that is no TOML", |home| *home = b"no TOML".to_vec()),
        at_home("a home file that is no text", |home| *home = vec![0xff; 64]),
        at_home("a home file of more than 1 MiB", |home| home.extend(b"#x\n".repeat(400_000))),
        at_home("the home file of another report", |home| {
            *home = String::from_utf8(home.clone()).unwrap().replace("report = \"XAA", "report = \"XAA-X").into_bytes();
        }),
        at_home("a source that the report does not list", |home| {
            home.extend(b"\n[[source]]\nn = 9\nreference = \"none\"\n");
        }),
        at_home("no justification", |home| {
            let text = String::from_utf8(home.clone()).unwrap();
            let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("justification")).collect();
            *home = lines.join("\n").into_bytes();
        }),
        of("R080", "a withheld source that the home file does not describe", |report, _| {
            report.sources[0].described = None;
        }),
        Break {
            report: Box::new(concealed),
            ..at_home("a concealed owner who is the sender", |home| {
                home.extend(b"owner = \"XAA\"\nconsent = \"C-1\"\n")
            })
        },
        Break {
            report: Box::new(concealed),
            ..at_home("a concealed owner who is the recipient", |home| {
                home.extend(b"owner = \"XBB\"\nconsent = \"C-1\"\n");
            })
        },
        of("R072", "a value of the home file in the text", move |report, _| {
            report.portions[0].body.text.push_str(&format!(" {whole}"));
        }),
        of("R072", "one in an office, in small letters", move |report, _| report.info.push(format!("XBB/{small}"))),
    ]
}

/// A source whose owner nobody names, and a portion of it.
fn concealed(report: &mut Report, side: usize) {
    let word = ["FGI", "FGI"][side];
    described(report).nation = word.to_owned();
    described(report).mark = format!("//{word} {}//{}", LOWEST[side], LIST[side]);
    let body = MarkedText { mark: described(report).mark.clone(), text: "Theirs".to_owned() };
    report.portions.push(Portion { block: Block::Paragraph, body });
    report.banner = report.banner.replacen("//", &format!("//{word}//"), 1);
}
