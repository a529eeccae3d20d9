//! How long one decision takes under the example agreement: the example report cut to 8 marked portions, with the two
//! sources that these need; and the same with all of its sources and its attachment, which makes 17 marks. With and
//! without national rules, outbound and inbound, released and refused.
//!
//! `cargo bench -p relto-policy` prints the median in ns of one decision. The goal is under 1,000 for 8 portions.
//! Measured is the whole of `check` and the end of its answer. Decoding the report, verifying signatures and gathering
//! the facts come before it and are not in it.
#![expect(clippy::disallowed_methods, reason = "a bench measures time; nothing here is part of the program")]

use relto_policy::{
    agreement::Agreement,
    check::{Approval, Decision, Facts, Rules, Side, Subject, Times, check},
    code::Code,
    consent::Consent,
    national::NationalRules,
    state::{AgreementState, StateView},
};
use relto_report::{
    assessment::Report,
    attachment::bytes::held,
    calendar::Timestamp,
    digest::Digest,
    file::{Context, parse},
    nation::Nation,
    register::Register,
    vocabulary::Vocabulary,
};
use std::{collections::BTreeMap, error::Error, hint::black_box, io::Write as _, time::Instant};

/// Marked portions of the text.
const PORTIONS: usize = 8;
/// Decisions between two readings of the clock, so that reading it costs nothing.
const BATCH: u32 = 500;
/// Readings; the middle one is told.
const SAMPLES: usize = 301;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn main() -> Outcome<()> {
    let world = World::load()?;
    let mut out = std::io::stdout().lock();
    let mut short = world.report.clone();
    short.sources.retain(|one| matches!(one.n, 1 | 3));
    short.attachments.clear();
    for report in [&short, &world.report] {
        let marks = relto_report::label::parts(report).len();
        writeln!(out, "one decision, {PORTIONS} portions, {marks} marks in all")?;
        for (what, side, national, topic) in [
            ("released", Side::Out, false, None),
            ("released, national rules", Side::Out, true, None),
            ("admitted", Side::In, false, None),
            ("refused for one topic, national rules", Side::Out, true, Some("economic.coercion")),
        ] {
            let mut report = report.clone();
            report.topics.extend(topic.map(str::to_owned));
            let (median, fastest) = world.time(&report, side, national, topic.is_none())?;
            writeln!(out, "  {what:<40} median {median:>6} ns   fastest {fastest:>6} ns")?;
        }
    }
    Ok(())
}

struct World {
    agreement: Agreement,
    registers: BTreeMap<Nation, Register>,
    vocabulary: Vocabulary,
    national: NationalRules,
    consents: Vec<Consent>,
    report: Report,
    now: Timestamp,
    parties: (Nation, Nation),
}

impl World {
    fn load() -> Outcome<Self> {
        let now = Timestamp::parse("2026-11-17T12:00:00Z").ok_or("a time")?;
        let xaa = Register::read("markings-XAA.toml", include_bytes!("../../../examples/markings-XAA.toml"))?;
        let xbb = Register::read("markings-XBB.toml", include_bytes!("../../../examples/markings-XBB.toml"))?;
        let vocabulary = Vocabulary::read("vocabulary.toml", include_bytes!("../../../examples/vocabulary.toml"))?;
        let rules = include_str!("../../../examples/national-rules.toml");
        // Looking at words and attachments is the caller's.
        let rules = rules.split("[content]").next().unwrap_or_default();
        let csv = include_bytes!("../../../examples/sierra-14-track.csv");
        let attachment = |_: &str| Some(held(csv.to_vec()));
        let home = ("report.home.toml", &include_bytes!("../../../examples/report.home.toml")[..]);
        let context = Context { home: Some(home), attachment: &attachment, ..Context::new(&xaa, &vocabulary, now) };
        let parsed = parse("report.md", include_bytes!("../../../examples/report.md"), &context)?;
        let mut report = parsed.document.report().clone();
        let mut marked = 0;
        report.portions.retain(|one| {
            marked += usize::from(!one.body.mark.is_empty());
            marked <= PORTIONS
        });
        Ok(Self {
            agreement: Agreement::read("agreement.toml", include_bytes!("../../../examples/agreement.toml"))?,
            parties: (xaa.nation, xbb.nation),
            registers: [xaa, xbb].map(|one| (one.nation, one)).into(),
            vocabulary,
            national: NationalRules::read("national-rules.toml", rules.as_bytes())?,
            consents: vec![Consent::read("consent-XCC.toml", include_bytes!("../../../examples/consent-XCC.toml"))?],
            report,
            now,
        })
    }

    /// Median and fastest in ns of one decision.
    fn time(&self, report: &Report, side: Side, national: bool, permitted: bool) -> Outcome<(u128, u128)> {
        let rules = Rules {
            agreement: &self.agreement,
            registers: &self.registers,
            vocabulary: &self.vocabulary,
            national: national.then_some(&self.national),
        };
        let answers = [Code::ApprovalRequired, Code::SecondApprovalRequired].into_iter().collect();
        let approval =
            |account: &str| Approval { account: account.to_owned(), is_author: false, senior: false, answers };
        let (from, to) = self.parties;
        let facts = Facts {
            approvals: if side == Side::Out { vec![approval("one"), approval("two")] } else { Vec::new() },
            consents: &self.consents,
            named: Some(self.agreement.digest),
            ..Facts::new(from, to, StateView::both(AgreementState::InForce), &report.precedence)
        };
        let times = Times { now: self.now, released: (side == Side::In).then_some(self.now) };
        // As of a decoded document, of which these are three fields.
        let decide = || {
            let subject = Subject { report, report_bytes: 12_000, digest: Digest::from_bytes([7; 32]) };
            check(black_box(&subject), black_box(&rules), black_box(&facts), side, &times)
        };
        let decided = decide();
        if matches!(decided, Decision::Permit(_)) != permitted {
            return Err(format!("decided otherwise than meant: {:?}", decided.names()).into());
        }
        let mut samples: Vec<u128> = (0..SAMPLES)
            .map(|_| {
                let start = Instant::now();
                for _ in 0..BATCH {
                    black_box(decide());
                }
                start.elapsed().as_nanos() / u128::from(BATCH)
            })
            .collect();
        samples.sort_unstable();
        let median = samples.get(SAMPLES / 2).copied().unwrap_or_default();
        Ok((median, samples.first().copied().unwrap_or_default()))
    }
}
