//! What the client makes passes; each rule broken by a hostile client is found.

use super::*;
use crate::{
    calendar::{Day, Timestamp},
    file::{Context, parse},
    marking::tests::registers,
};

fn vocabulary() -> Vocabulary {
    Vocabulary::read("v", include_bytes!("../../../../examples/vocabulary.toml")).unwrap()
}

const TRACK: &[u8] = include_bytes!("../../../../examples/sierra-14-track.csv");

fn example() -> crate::file::Parsed {
    let ((xaa, _), vocabulary) = (registers(), vocabulary());
    let now = Timestamp::parse("2026-11-17T12:00:00Z").unwrap();
    let track = |_: &str| Some(TRACK.to_vec());
    let home = include_bytes!("../../../../examples/report.home.toml");
    let context = Context { home: Some(("home", home)), attachment: &track, ..Context::new(&xaa, &vocabulary, now) };
    let parsed = parse("report.md", include_bytes!("../../../../examples/report.md"), &context);
    parsed.unwrap_or_else(|faults| panic!("{faults}"))
}

fn looked_at(document: &Document) -> Result<(), Broken> {
    let (xaa, xbb) = registers();
    check(document, &xaa, &vocabulary(), &[&xaa, &xbb])
}

fn broken(change: impl FnOnce(&mut Report)) -> Result<(), Broken> {
    let mut report = example().document.report().clone();
    change(&mut report);
    let document = Document::decode(Document::lay_out(&report, &[TRACK])).unwrap();
    looked_at(&document)
}

#[test]
fn what_the_client_makes_is_well_formed() {
    let parsed = example();
    assert_eq!(looked_at(&parsed.document), Ok(()));
    assert_eq!(looked_at(&parsed.tear_line.unwrap().document), Ok(()));
    assert_eq!(broken(|_| {}), Ok(()));
    // These have codes of their own in the decision.
    assert_eq!(broken(|report| report.form = "estimate".to_owned()), Ok(()));
    assert_eq!(broken(|report| report.banner = "Secret".to_owned()), Ok(()));
}

#[test]
fn rpt_7_each_broken_rule_is_found() {
    let day = |text: &str| Day::parse(text).unwrap();
    assert_eq!(broken(|report| report.title.text.push('\u{202e}')), Err("R003"));
    assert_eq!(broken(|report| report.title.text.push_str("e\u{301}")), Err("R003"));
    assert_eq!(broken(|report| report.portions.clear()), Err("R006"));
    assert_eq!(broken(|report| report.serial = "XAA-J2-0431".to_owned()), Err("R011"));
    assert_eq!(broken(|report| report.title.text.push('\n')), Err("R014"));
    assert_eq!(broken(|report| report.precedence = "URGENT".to_owned()), Err("R024"));
    assert_eq!(broken(|report| report.traffic = "Live".to_owned()), Err("R026"));
    assert_eq!(broken(|report| report.language = "english".to_owned()), Err("R027"));
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
