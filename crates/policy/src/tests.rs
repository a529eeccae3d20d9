//! The decision as a whole: its laws on generated reports, and edges that the decision cases leave open.

mod apart;
mod content;
mod edges;
mod explain;
mod generate;
mod judged;
mod laws;
mod marks;
mod overlay;
mod people;
mod reading;
mod remedies;
mod scope;
mod sentences;
mod together;
mod translation;
mod values;

use crate::{
    agreement::Agreement,
    check::{Approval, Decision, Facts, Rules, Side, Subject, Times, check},
    code::{Code, CodeSet},
    consent::Consent,
    national::NationalRules,
    state::{AgreementState, StateView},
};
use relto_report::{
    assessment::{Block, Declassify, Described, FORMAT, MarkedText, Portion, Report, Source},
    calendar::{Day, Timestamp},
    digest::Digest,
    nation::Nation,
    register::Register,
    vocabulary::Vocabulary,
};
use std::collections::BTreeMap;

const NOW: &str = "2026-11-17T12:00:00Z";
const DIGEST: Digest = Digest::from_bytes([7; 32]);

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn nation(text: &str) -> Nation {
    Nation::parse(text).unwrap()
}

/// The example files.
#[derive(Clone)]
struct World {
    agreement: Agreement,
    registers: BTreeMap<Nation, Register>,
    vocabulary: Vocabulary,
    national: NationalRules,
}

impl World {
    fn new() -> Self {
        let register = |text: &str| Register::read("markings.toml", text.as_bytes()).unwrap();
        let registers = [
            register(include_str!("../../../examples/markings-XAA.toml")),
            register(include_str!("../../../examples/markings-XBB.toml")),
        ];
        let rules = include_str!("../../../examples/national-rules.toml");
        let rules = rules.split("[content]").next().unwrap();
        Self {
            agreement: Agreement::read("a.toml", include_bytes!("../../../examples/agreement.toml")).unwrap(),
            registers: registers.map(|one| (one.nation, one)).into(),
            vocabulary: Vocabulary::read("v.toml", include_bytes!("../../../examples/vocabulary.toml")).unwrap(),
            national: NationalRules::read("n.toml", rules.as_bytes()).unwrap(),
        }
    }

    fn decide(&self, one: &Try) -> Decision {
        let national = one.national.then_some(&self.national);
        let (registers, vocabulary) = (&self.registers, &self.vocabulary);
        let rules = Rules { agreement: &self.agreement, registers, vocabulary, national };
        let subject = Subject { report: &one.report, report_bytes: 4096, digest: DIGEST };
        let (from, to) = (nation(one.from), nation(one.to));
        let facts = Facts {
            approvals: one.approvals.clone(),
            consents: &one.consents,
            owners: one.owners.clone(),
            emergency: one.emergency,
            faults: one.faults,
            named: Some(self.agreement.digest),
            ..Facts::new(from, to, one.state, &one.report.precedence)
        };
        let times = Times { now: at(one.now), released: (one.side == Side::In).then(|| at(one.released)) };
        check(&subject, &rules, &facts, one.side, &times)
    }
}

/// One question: the report and what is known about it.
#[derive(Clone)]
struct Try {
    report: Report,
    side: Side,
    from: &'static str,
    to: &'static str,
    now: &'static str,
    released: &'static str,
    national: bool,
    state: StateView,
    approvals: Vec<Approval>,
    consents: Vec<Consent>,
    owners: BTreeMap<u32, Nation>,
    emergency: bool,
    faults: CodeSet,
}

impl Try {
    /// Arcadia releases a report with these marks and the approvals of two officers.
    fn out(banner: &str, marks: &[&str], rel_to: &[&str]) -> Self {
        Self {
            report: report("XAA", "U", banner, marks, rel_to),
            side: Side::Out,
            from: "XAA",
            to: "XBB",
            now: NOW,
            released: NOW,
            national: false,
            state: StateView::both(AgreementState::InForce),
            approvals: vec![approval("one"), approval("two")],
            consents: Vec::new(),
            owners: BTreeMap::new(),
            emergency: false,
            faults: CodeSet::EMPTY,
        }
    }

    /// Arcadia's node receives it from Borealia.
    fn inbound(banner: &str, marks: &[&str], rel_to: &[&str]) -> Self {
        let report = report("XBB", "NP", banner, marks, rel_to);
        Self { report, side: Side::In, from: "XBB", to: "XAA", approvals: Vec::new(), ..Self::out("", &[], &[]) }
    }

    fn topic(mut self, topics: &[&str]) -> Self {
        self.report.topics = owned(topics);
        self
    }

    fn source(mut self, nation: &str, mark: &str, topics: &[&str]) -> Self {
        let n = u32::try_from(self.report.sources.len()).unwrap() + 1;
        let described = Described {
            mark: mark.to_owned(),
            nation: nation.to_owned(),
            kind: "liaison".to_owned(),
            as_of: Day::parse("2026-11-15").unwrap(),
            topics: owned(topics),
            descriptor: "A source".to_owned(),
        };
        self.report.sources.push(Source { n, grade: "B2".to_owned(), described: Some(described) });
        self
    }
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|one| (*one).to_owned()).collect()
}

fn approval(account: &str) -> Approval {
    let answers = [Code::ApprovalRequired, Code::SecondApprovalRequired].into_iter().collect();
    Approval { account: account.to_owned(), is_author: false, senior: false, answers }
}

fn consent(topics: &[&str], to_level: u8) -> Consent {
    Consent {
        serial: "XCC-CONSENT-2026-0088".to_owned(),
        owner: nation("XCC"),
        holder: nation("XAA"),
        to: vec![nation("XBB")],
        topics: owned(topics),
        to_level,
        valid_from: at("2026-07-01T00:00:00Z"),
        valid_until: at("2026-12-31T00:00:00Z"),
        onward: false,
        name_origin: true,
        evidence: DIGEST,
        signed_by: owned(&["XAA/FDO"]),
    }
}

fn report(from: &str, plain: &str, banner: &str, marks: &[&str], rel_to: &[&str]) -> Report {
    let text = |mark: &str| MarkedText { mark: mark.to_owned(), text: "Text".to_owned() };
    Report {
        format: FORMAT.to_owned(),
        serial: format!("{from}-J2-2026-0431"),
        form: "assessment".to_owned(),
        title: text(plain),
        banner: banner.to_owned(),
        rel_to: owned(rel_to),
        topics: owned(&["maritime.surface"]),
        purpose: "early-warning".to_owned(),
        precedence: "ROUTINE".to_owned(),
        action: owned(&[if from == "XAA" { "XBB/J2" } else { "XAA/J2" }]),
        info: Vec::new(),
        traffic: "live".to_owned(),
        language: "en".to_owned(),
        translation_of: None,
        information_cutoff: at("2026-11-16T12:00:00Z"),
        produced: at(NOW),
        review: Day::parse("2027-05-16"),
        declassify: Some(Declassify::Originator),
        classified_by: Some(format!("{from}/J2")),
        likelihood_scale: "icd-203/en".to_owned(),
        tlp: None,
        answers: None,
        refers_to: Vec::new(),
        supersedes: None,
        aggregation_reason: None,
        from_tear_line: false,
        judgements: Vec::new(),
        sources: Vec::new(),
        portions: marks.iter().map(|mark| Portion { block: Block::Paragraph, body: text(mark) }).collect(),
        attachments: Vec::new(),
    }
}

/// Verdict and codes in one line.
fn answer(decision: &Decision) -> String {
    let verdict = match decision {
        Decision::Permit(_) => "permit",
        Decision::Hold(_) => "hold",
        Decision::Refusal(refusal) if refusal.quarantine => "quarantine",
        Decision::Refusal(_) => "refuse",
    };
    format!("{verdict} {}", decision.names().join(" ")).trim_end().to_owned()
}
