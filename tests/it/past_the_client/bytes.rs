//! Bytes that no report of ours has: rules that the decoder judges, and what the author signed for.

use super::draft;
use relto_exchange::out::Answer;
use relto_report::{
    assessment::{Block, Document, MarkedText, Portion, Report},
    codec::Malformed,
    crypto::Signer as _,
    domain::{Tag, message},
    rules::{BOUNDED, broken_by},
    signed::{AuthorStatement, Authored, NotSigned, Submitted, Unverified, Verified, home_digest},
};
use relto_tests::{
    fixture::{self, Draft, author, key, nation},
    pair::Pair,
};

/// Signs any bytes for any agreement and recipient, as Arcadia's author.
fn signed(plaintext: Vec<u8>, statement: impl FnOnce(&mut AuthorStatement)) -> Result<Verified<Authored>, NotSigned> {
    let home = fixture::home(0, &Draft::new(0, 1).serial());
    let mut said = AuthorStatement {
        agreement: fixture::link(0).agreement.id.clone(),
        recipient: nation(1),
        traffic: "live".to_owned(),
        plaintext: relto_audit::commitment::plaintext_digest(&plaintext),
        home: home_digest(Some(&home)),
    };
    statement(&mut said);
    let statement = relto_report::codec::encode(&said);
    let author = key(&author(0));
    let signature = author.sign(&message(Tag::Author, &statement)).unwrap();
    let submitted = Submitted { report: plaintext.into(), home: Some(home), statement, signature };
    Unverified::new(submitted).verify(&author.public_key())
}

/// The rule that bytes break which an author signed.
fn broken(plaintext: Vec<u8>) -> &'static str {
    match signed(plaintext, |_| {}) {
        Err(NotSigned::Report(malformed)) => broken_by(malformed),
        Err(other) => panic!("{other}"),
        Ok(_) => "none",
    }
}

/// Makes this field longer, or more, than the format takes.
fn overfill(report: &mut Report, field: &str) {
    let long = || "x".repeat(8_192);
    let described = |report: &mut Report| report.sources[0].described.clone().unwrap();
    let many = || vec!["x".to_owned(); 65];
    match field {
        "format" => report.format.push('1'),
        "serial" => report.serial = long(),
        "form" => report.form = long(),
        "mark" => report.title.mark = long(),
        "marked text" => report.title.text = "x".repeat(1 << 20),
        "rel_to" => report.rel_to = many(),
        "topics" => report.topics = many(),
        "purpose" => report.purpose = long(),
        "precedence" => report.precedence = long(),
        "action" => report.action = many(),
        "info" => report.info = many(),
        "traffic" => report.traffic = long(),
        "language" => report.language = long(),
        "translation_of" => report.translation_of = Some(long()),
        "classified_by" => report.classified_by = Some(long()),
        "likelihood_scale" => report.likelihood_scale = long(),
        "tlp" => report.tlp = Some(long()),
        "answers" => report.answers = Some(long()),
        "refers_to" => report.refers_to = many(),
        "supersedes" => report.supersedes = Some(long()),
        "judgements" => report.judgements = vec![report.judgements[0].clone(); 65],
        "judgement.id" => report.judgements[0].id = long(),
        "judgement.likelihood" => report.judgements[0].likelihood = long(),
        "judgement.confidence" => report.judgements[0].confidence = long(),
        "judgement.sources" => report.judgements[0].sources = vec![1; 65],
        "sources" => report.sources = vec![report.sources[0].clone(); 65],
        "source.grade" => report.sources[0].grade = long(),
        "portions" => {
            let body = MarkedText { mark: "U".to_owned(), text: "x".to_owned() };
            report.portions = vec![Portion { block: Block::Paragraph, body }; 4_096];
        }
        "attachments" => report.attachments = vec![report.attachments[0].clone(); 65],
        "attachment.name" => report.attachments[0].name = long(),
        "attachment.mark" => report.attachments[0].mark = long(),
        "attachment.media_type" => report.attachments[0].media_type = long(),
        "attachment length" => report.attachments[0].length = 1 << 20,
        "attachment sha256" => report.attachments[0].sha256 = relto_report::crypto::sha256(&[b"other"]),
        "banner" => report.banner = long(),
        _ => {
            let mut one = described(report);
            match field {
                "source.mark" => one.mark = long(),
                "source.nation" => one.nation = long(),
                "source.kind" => one.kind = long(),
                "source.topics" => one.topics = many(),
                "source.descriptor" => one.descriptor = long(),
                other => panic!("{other} is not tried"),
            }
            report.sources[0].described = Some(one);
        }
    }
}

#[test]
fn rpt_7_each_field_over_its_bound_is_told_by_the_rule_that_bounds_it() {
    let good = draft(0, 1).document();
    for (field, rule) in BOUNDED {
        let mut report = good.report().clone();
        overfill(&mut report, field);
        let attached: Vec<&[u8]> = good.attached(0).and_then(|one| one.here()).into_iter().collect();
        assert_eq!(broken(Document::lay_out(&report, &attached)), *rule, "{field}");
    }
}

#[test]
fn rpt_7_bytes_that_are_no_report_are_told_by_rule() {
    let good = draft(0, 1).document().plaintext().to_vec();
    assert_eq!(broken(good.clone()), "none");
    assert_eq!(broken([&good[..], b"x"].concat()), "R062", "bytes behind the last attachment");
    assert_eq!(broken(good[..good.len() - 1].to_vec()), "R062", "one byte of it is missing");
    assert_eq!(broken(Vec::new()), "R010");
    let at = good.windows(4).position(|bytes| bytes == b"Test").unwrap();
    let mut spoilt = good;
    spoilt[at] = 0xff;
    assert_eq!(broken(spoilt), "R001");
    assert_eq!(broken_by(Malformed::TooLong), "R002");
}

#[test]
fn rpt_4_what_the_author_signed_for_another_is_refused_by_number() {
    let mut pair = Pair::linked();
    let plaintext = draft(0, 1).document().plaintext().to_vec();
    let others: [fn(&mut AuthorStatement); 2] =
        [|said| said.agreement.push('2'), |said| said.recipient = relto_report::nation::Nation::parse("XCC").unwrap()];
    for other in others {
        let sent = pair.submit(0, &signed(plaintext.clone(), other).unwrap());
        pair.settle();
        assert!(matches!(pair.told(sent), Some(Answer::Invalid { rule: "R090", .. })), "{:?}", pair.told(sent));
    }
    let sent = pair.submit(0, &signed(plaintext, |said| said.traffic = "TRIDENT 26".to_owned()).unwrap());
    pair.settle();
    assert!(matches!(pair.told(sent), Some(Answer::Invalid { rule: "R026", .. })), "{:?}", pair.told(sent));
}
