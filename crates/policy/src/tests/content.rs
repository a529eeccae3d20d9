//! What the nation's own rules look for in words and attachments: found, told, held, refused.

use super::*;
use crate::content::{ContentFindings, FilterFault, FilterVerdict, HoldWords, Place, to_look};
use relto_report::shapes::Words;
use relto_report::{
    assessment::{Attachment, Document, Judgement},
    attachment::{
        finding::{At, Sort},
        inspected::Named,
        judge,
    },
    crypto::sha256,
    inspection::{Look, Uninspectable, ending},
};

const RULES: &str = include_str!("../../../../examples/national-rules.toml");
const FILTER: &str = "strip_metadata = false\nfilter = \"look\"";

fn rules(text: &str) -> NationalRules {
    NationalRules::read("national-rules.toml", text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}"))
}

fn words() -> HoldWords {
    HoldWords::read("hold-words.txt", include_bytes!("../../../../examples/hold-words.txt")).unwrap()
}

/// An assessment that two officers have approved, so that nothing but its content can hold it.
fn secret() -> Report {
    Try::out("SECRET//REL TO XAA, XBB", &["S//REL TO XAA, XBB", "S//REL TO XAA, XBB"], &["XAA", "XBB"]).report
}

fn decide_with(
    rules: &NationalRules,
    document: &Document,
    found: Option<&ContentFindings>,
    answered: Code,
) -> Decision {
    let world = World::new();
    let (registers, vocabulary) = (&world.registers, &world.vocabulary);
    let decided_by = Rules { agreement: &world.agreement, registers, vocabulary, national: Some(rules) };
    let mut approvals = vec![approval("one"), approval("two")];
    approvals[1].answers.insert(answered);
    let state = StateView::both(AgreementState::InForce);
    let facts = Facts { approvals, content: found, ..Facts::new(nation("XAA"), nation("XBB"), state, "ROUTINE") };
    let subject = Subject { report: document.report(), report_bytes: 4096, digest: document.digest() };
    check(&subject, &decided_by, &facts, Side::Out, &Times { now: at(NOW), released: None })
}

fn decide(rules: &NationalRules, document: &Document, found: Option<&ContentFindings>) -> Decision {
    decide_with(rules, document, found, Code::ApprovalRequired)
}

fn document(report: &Report, attached: &[u8]) -> Document {
    let attachments: &[&[u8]] = if report.attachments.is_empty() { &[] } else { &[attached] };
    Document::decode(Document::lay_out(report, attachments)).unwrap_or_else(|fault| panic!("{fault}"))
}

fn attach(report: &mut Report, name: &str, media_type: &str, bytes: &[u8]) {
    report.attachments.push(Attachment {
        name: name.to_owned(),
        mark: "U".to_owned(),
        title: MarkedText { mark: "U".to_owned(), text: "Track".to_owned() },
        media_type: media_type.to_owned(),
        length: u64::try_from(bytes.len()).unwrap(),
        sha256: sha256(&[bytes]),
    });
}

/// What the node has of a document: words by the rules, attachments as an inspector sees them.
fn inspect(document: &Document, words: Option<&HoldWords>, attachments: bool) -> ContentFindings {
    let found = crate::content::inspect(document, words);
    let look = |(n, one): (usize, &Attachment)| Ok(Look::of(&judge(ending(&one.name), &document.attached(n).unwrap())));
    let seen: Vec<_> = document.report().attachments.iter().enumerate().map(look).collect();
    if attachments { found.with_looks(&seen) } else { found }
}

fn detail(decision: &Decision) -> String {
    match decision {
        Decision::Permit(_) => String::new(),
        Decision::Hold(hold) => hold.owed.iter().map(|reason| reason.detail.clone()).collect(),
        Decision::Refusal(refusal) => refusal.reasons.iter().map(|reason| reason.detail.clone()).collect(),
    }
}

#[test]
fn pol_13_a_hold_word_holds_wherever_it_stands_and_only_its_place_is_told() {
    type Change = fn(&mut Report);
    let (rules, words) = (rules(RULES), words());
    let cases: [(Place, Change); 7] = [
        (Place::Title, |report| report.title.text = "Of Amber\nLantern".to_owned()),
        (Place::Portion(2), |report| report.portions[1].body.text = "By GLASS HAR-\nBOUR.".to_owned()),
        (Place::AggregationReason, |report| {
            report.aggregation_reason = Some(MarkedText { mark: "U".to_owned(), text: "northgate-7".to_owned() });
        }),
        (Place::Judgement(1), |report| {
            report.judgements.push(Judgement {
                id: "KJ1".to_owned(),
                likelihood: "likely".to_owned(),
                confidence: "amber lantern".to_owned(),
                sources: Vec::new(),
            });
        }),
        (Place::Source(1), |report| {
            let one = Try { report: report.clone(), ..Try::out("", &[], &[]) }.source("XAA", "U", &[]);
            report.sources = one.report.sources;
            report.sources[0].described.as_mut().unwrap().descriptor = "NORTHGATE 7".to_owned();
        }),
        (Place::AttachmentTitle(1), |report| attach(report, "amber-lantern.csv", "text/csv", b"")),
        (Place::Attachment(1), |report| attach(report, "a.csv", "text/csv", b"a,Glass Harbour")),
    ];
    for (place, change) in cases {
        let mut report = secret();
        change(&mut report);
        let attached: &[u8] = if place == Place::Attachment(1) { b"a,Glass Harbour" } else { b"" };
        let document = document(&report, attached);
        let found = inspect(&document, Some(&words), true);
        assert_eq!(found.words, Some(vec![place]), "{place}");
        let held = decide(&rules, &document, Some(&found));
        assert_eq!(answer(&held), "hold CONTENT_HELD", "{place}");
        let told = detail(&held);
        assert_eq!(told, format!("a hold word stands in {place}"));
        for word in ["amber", "glass", "northgate"] {
            assert!(!told.to_lowercase().contains(word), "{told}");
        }
        assert_eq!(held.partner_codes(), 0);
        let answered = decide_with(&rules, &document, Some(&found), Code::ContentHeld);
        assert_eq!(answer(&answered), "permit", "an officer has looked: {place}");
    }
}

#[test]
fn hold_words_in_json_and_two_places_at_once() {
    let mut report = secret();
    report.title.text = "AMBER LANTERN".to_owned();
    let json = br#"{"unit": "northgate\u002d7"}"#;
    attach(&mut report, "a.json", "application/json", json);
    let found = inspect(&document(&report, json), Some(&words()), false);
    assert_eq!(found.words, Some(vec![Place::Title, Place::Attachment(1)]));
    assert_eq!(found.active, None, "not asked for");
}

#[test]
fn pol_14_active_content_is_refused_as_a_national_rule_with_its_place() {
    let rules = rules(RULES);
    let csv = b"time,lat\n1,=SUM(A1)\n";
    let mut report = secret();
    attach(&mut report, "a.csv", "text/csv", csv);
    let sent = document(&report, csv);
    let found = inspect(&sent, Some(&words()), true);
    let active: Vec<_> = found.active.iter().flatten().map(|(n, found)| (*n, found.sort, found.at)).collect();
    assert_eq!(active, [(1, Sort::Active, At::Cell(2, 2))]);
    let refused = decide_with(&rules, &sent, Some(&found), Code::ContentHeld);
    assert_eq!(answer(&refused), "refuse NATIONAL_SCOPE:ATTACHMENT_TYPE_NOT_AGREED", "no officer answers it");
    let told = detail(&refused);
    assert!(
        told.starts_with("attachment 1, a.csv: active content: a formula in line 2, column 2: save the values"),
        "{told}"
    );
    let clean = b"time,lat\n1,-2\n";
    let mut report = secret();
    attach(&mut report, "a.csv", "text/csv", clean);
    let sent = document(&report, clean);
    assert_eq!(answer(&decide(&rules, &sent, Some(&inspect(&sent, Some(&words()), true)))), "permit");
}

#[test]
fn pol_15_a_filter_holds_or_refuses_and_never_permits() {
    let rules = rules(&RULES.replacen("strip_metadata = false", FILTER, 1));
    let clean = document(&secret(), b"");
    let with = |filter, answered| {
        let found = ContentFindings { filter, ..ContentFindings::nothing(clean.digest()) };
        let decision = decide_with(&rules, &clean, Some(&found), answered);
        (answer(&decision), detail(&decision))
    };
    let held = "hold CONTENT_HELD";
    assert_eq!(with(Some(FilterVerdict::Nothing), Code::ApprovalRequired).0, "permit");
    assert_eq!(with(Some(FilterVerdict::Hold), Code::ApprovalRequired).0, held);
    assert_eq!(with(Some(FilterVerdict::Hold), Code::ContentHeld).0, "permit", "an officer has looked");
    for (fault, says) in [
        (FilterFault::NotStarted, "could not be started"),
        (FilterFault::Late, "did not end in its time"),
        (FilterFault::Crashed, "ended in a fault"),
    ] {
        let (verdict, told) = with(Some(FilterVerdict::Failed(fault)), Code::ApprovalRequired);
        assert_eq!((verdict.as_str(), told), (held, format!("the nation's content filter {says}")));
    }
    let (refused, told) = with(Some(FilterVerdict::Refuse), Code::ContentHeld);
    assert_eq!(refused, "refuse NATIONAL_OVERLAY", "no officer answers it");
    assert_eq!(told, "the nation's content filter refuses it");
    // What nobody looked at with the filter is not released, and a filter that finds nothing takes nothing away.
    assert_eq!(with(None, Code::ContentHeld).0, "refuse EVALUATION_ERROR");
    let found = ContentFindings { words: Some(vec![Place::Title]), ..ContentFindings::nothing(clean.digest()) };
    assert_eq!(answer(&decide(&rules, &clean, Some(&found))), held);
}

#[test]
fn pol_9_what_was_not_looked_at_is_refused() {
    let (rules, clean) = (rules(RULES), document(&secret(), b""));
    let nothing = ContentFindings::nothing(clean.digest());
    assert_eq!(answer(&decide(&rules, &clean, Some(&nothing))), "permit");
    let refused = "refuse EVALUATION_ERROR";
    assert_eq!(answer(&decide(&rules, &clean, None)), refused);
    let other = ContentFindings::nothing(DIGEST);
    assert_eq!(answer(&decide(&rules, &clean, Some(&other))), refused, "findings of other bytes");
    for found in [
        ContentFindings { words: None, ..nothing.clone() },
        ContentFindings { active: None, ..nothing.clone() },
        inspect(&clean, None, true),
        inspect(&clean, Some(&words()), false),
    ] {
        assert_eq!(answer(&decide(&rules, &clean, Some(&found))), refused);
    }
    // Inbound nothing of it is asked.
    let world = World::new();
    let one = Try { national: true, ..Try::inbound("NON PROTÉGÉ", &["NP"], &[]) };
    let before = answer(&world.decide(&one));
    assert_eq!(answer(&World { national: rules, ..world }.decide(&one)), before);
    assert!(!before.contains("EVALUATION"), "{before}");
}

#[test]
fn an_inspector_is_no_part_of_what_rules_say() {
    struct Never;
    impl crate::content::Inspector for Never {
        fn findings(&self, _: &Document) -> Option<std::sync::Arc<ContentFindings>> {
            None
        }
        fn look(&self, _: &Document) {}
        fn is_quick(&self, _: &Document) -> bool {
            true
        }
    }
    let (mut with, without) = (rules(RULES), rules(RULES));
    with.set_inspector(std::sync::Arc::new(Never));
    assert_eq!(with, without);
    assert!(with.inspector().is_some() && without.inspector().is_none());
    assert!(format!("{with:?}").contains("Inspection(given)") && format!("{without:?}").contains("Inspection(none)"));
    let mut unasked = rules(RULES.split("[content]").next().unwrap());
    unasked.set_inspector(std::sync::Arc::new(Never));
    assert!(unasked.inspector().is_none(), "the rules do not ask");
}

/// What [`to_look`] finds in a report, as a decision without `[content]` weighs it.
fn looked(document: &Document, answered: Option<(Code, bool)>) -> Decision {
    let world = World::new();
    let (registers, vocabulary) = (&world.registers, &world.vocabulary);
    let decided_by = Rules { agreement: &world.agreement, registers, vocabulary, national: None };
    let mut approvals = vec![approval("one"), approval("two")];
    if let Some((code, is_author)) = answered {
        let mut third = approval("three");
        third.is_author = is_author;
        third.answers.insert(code);
        approvals.push(third);
    }
    let look = to_look(document, &Words::of(registers.values()));
    let state = StateView::both(AgreementState::InForce);
    let facts = Facts { approvals, look: &look, ..Facts::new(nation("XAA"), nation("XBB"), state, "ROUTINE") };
    let subject = Subject { report: document.report(), report_bytes: 4096, digest: document.digest() };
    check(&subject, &decided_by, &facts, Side::Out, &Times { now: at(NOW), released: None })
}

#[test]
fn pol_21_text_shaped_like_a_mark_holds_until_an_officer_has_answered_it_by_name() {
    let mut report = secret();
    assert_eq!(answer(&looked(&document(&report, &[]), None)), "permit");
    report.portions[1].body.text = "Public.\nPart one. (S) National part.".to_owned();
    let shaped = document(&report, &[]);
    let held = looked(&shaped, None);
    assert_eq!(answer(&held), "hold MARK_IN_TEXT");
    let Decision::Hold(hold) = &held else { panic!("held") };
    assert_eq!(hold.in_words(), ["an officer must look at portion 2, line 2: (S) opens a sentence"]);
    assert_eq!(answer(&looked(&shaped, Some((Code::MarkInText, true)))), "hold MARK_IN_TEXT", "the author's own");
    assert_eq!(answer(&looked(&shaped, Some((Code::ContentHeld, false)))), "hold MARK_IN_TEXT", "another code");
    assert_eq!(answer(&looked(&shaped, Some((Code::MarkInText, false)))), "permit");
    assert_eq!(Code::MarkInText.bit_number(), None, "no partner sees it");
    for (name, media, bytes) in [
        ("a.csv", "text/csv", "h,i\n1,\"(S//NF)\"\n".as_bytes()),
        ("a.csv", "text/csv", &b"h\nSECRET\n"[..]),
        ("a.json", "application/json", &br#"{"a":["\u0028S\/\/NF)"]}"#[..]),
        ("a.geojson", "application/geo+json", &br#"{"SECRET//NOFORN":1}"#[..]),
    ] {
        let mut report = secret();
        attach(&mut report, name, media, bytes);
        assert_eq!(answer(&looked(&document(&report, bytes), None)), "hold MARK_IN_TEXT", "{name}");
    }
}

#[test]
fn pol_22_what_nobody_sees_in_data_holds_and_a_plain_table_passes() {
    for (name, media, bytes, wanted) in [
        ("a.csv", "text/csv", "h\r\n1\u{200b}\r\n".as_bytes(), "hold UNSEEN_IN_ATTACHMENT"),
        ("a.csv", "text/csv", "h;i\r\n\"two\r\nlines\";(S)\r\n".as_bytes(), "permit"),
        ("a.csv", "text/csv", "h\n\"a\"\"\u{3164}\"\n".as_bytes(), "hold UNSEEN_IN_ATTACHMENT"),
        ("a.json", "application/json", &br#"{"a":"x\u200by"}"#[..], "hold UNSEEN_IN_ATTACHMENT"),
        ("a.json", "application/json", &br#"{"a":"x\udb40\udc41"}"#[..], "hold UNSEEN_IN_ATTACHMENT"),
        ("a.json", "application/json", &br#"{"a\u00ad":"x"}"#[..], "hold UNSEEN_IN_ATTACHMENT"),
        ("a.json", "application/json", "{\"a\":\"l\u{a0}: \\\"é\\\" \\u00e9\"}".as_bytes(), "permit"),
    ] {
        let mut report = secret();
        attach(&mut report, name, media, bytes);
        let document = document(&report, bytes);
        assert_eq!(answer(&looked(&document, None)), wanted, "{name} {}", String::from_utf8_lossy(bytes));
        assert_eq!(answer(&looked(&document, Some((Code::UnseenInAttachment, false)))), "permit", "{name}");
    }
}

#[test]
fn pol_14_what_cannot_be_inspected_is_refused_where_active_content_is() {
    let csv = b"time,lat\n1,2\n";
    let mut report = secret();
    attach(&mut report, "a.csv", "text/csv", csv);
    let sent = document(&report, csv);
    let found = crate::content::inspect(&sent, Some(&words())).with_looks(&[Err(Uninspectable::Died)]);
    let refused = decide_with(&rules(RULES), &sent, Some(&found), Code::NotInspected);
    assert_eq!(answer(&refused), "refuse NATIONAL_SCOPE:ATTACHMENT_TYPE_NOT_AGREED", "no officer answers it");
    assert!(detail(&refused).contains("it cannot be inspected: its inspector died of it three times"));
}

#[test]
fn pol_24_what_cannot_be_inspected_waits_for_two_officers_who_answer_for_it_by_name() {
    let world = World::new();
    let csv = b"time,lat\n1,2\n";
    let mut report = secret();
    attach(&mut report, "a.csv", "text/csv", csv);
    let sent = document(&report, csv);
    let (registers, vocabulary) = (&world.registers, &world.vocabulary);
    let decided_by = Rules { agreement: &world.agreement, registers, vocabulary, national: None };
    let decide = |answering: &[&str], emergency: bool, author: Option<&str>| {
        let mut approvals: Vec<_> = ["one", "two", "three"].map(approval).to_vec();
        for one in &mut approvals {
            one.is_author = author == Some(one.account.as_str());
            if answering.contains(&one.account.as_str()) {
                one.answers.insert(Code::NotInspected);
            }
        }
        approvals.extend(approvals.clone());
        let state = StateView::both(AgreementState::InForce);
        let facts = Facts::new(nation("XAA"), nation("XBB"), state, "ROUTINE");
        let facts = Facts { approvals, uninspected: vec![1], emergency, ..facts };
        let subject = Subject { report: sent.report(), report_bytes: 4096, digest: sent.digest() };
        check(&subject, &decided_by, &facts, Side::Out, &Times { now: at(NOW), released: None })
    };
    assert_eq!(answer(&decide(&["one", "two"], false, None)), "permit");
    for (answering, emergency, author) in
        [(&[][..], false, None), (&["one"], false, None), (&["one"], true, None), (&["one", "two"], false, Some("two"))]
    {
        let held = decide(answering, emergency, author);
        assert_eq!(answer(&held), "hold NOT_INSPECTED", "{answering:?}");
        let Decision::Hold(hold) = &held else { panic!() };
        assert_eq!(usize::from(hold.officers_missing), 2 - answering.len().min(1), "{answering:?}");
        assert!(detail(&held).starts_with("attachment 1, a.csv: no inspector could judge it"));
    }
}

#[test]
fn pol_14_names_in_metadata_are_refused_where_the_rules_say_so() {
    let csv = b"time,lat\n1,2\n";
    let mut report = secret();
    attach(&mut report, "a.csv", "text/csv", csv);
    let sent = document(&report, csv);
    let named = Named { key: "Author".to_owned(), value: "A. Person".to_owned() };
    let found = ContentFindings { names: vec![(1, named)], ..inspect(&sent, Some(&words()), true) };
    let told = decide_with(&rules(RULES), &sent, Some(&found), Code::ContentHeld);
    assert_eq!(answer(&told), "permit", "off by default");
    let rules = rules(&RULES.replace("refuse_metadata = false", "refuse_metadata = true"));
    let refused = decide_with(&rules, &sent, Some(&found), Code::ContentHeld);
    assert_eq!(answer(&refused), "refuse NATIONAL_SCOPE:ATTACHMENT_TYPE_NOT_AGREED");
    assert!(detail(&refused).contains("a.csv: it names A. Person (Author)"), "{}", detail(&refused));
}
