//! `relto bench policy`: the decision on reports under the bundled agreement and both nations' rules.
//!
//! The floor is not a copy of the report, which takes longer than a decision that copies nothing. It is what no decision can
//! leave out: each mark, each topic and each word of the head looked up once, in a table that was made before.

use super::{
    beside::{Piece, measure},
    bundled::Bundled,
    figures::percentile,
    telling,
};
use crate::args::PolicyArgs;
use anyhow::{Context as _, Result, ensure};
use relto_cli::output::Output;
use relto_host::clock::Stopwatch;
use relto_policy::{
    check::{Approval, Decision, Facts, Rules, Side, Subject, Times, check},
    code::Code,
    content::ContentFindings,
    state::{AgreementState, StateView},
};
use relto_report::{assessment::Document, label::parts};
use serde_json::{Value, json};
use std::{collections::HashMap, hint::black_box, time::Duration};

/// Timed one by one in each round, each report so many times.
const PASSES: usize = 20;

/// One side's question about one report.
struct Asked<'a> {
    subject: Subject<'a>,
    facts: Facts<'a>,
}

/// One side: its rules, and all that it is asked.
struct Desk<'a> {
    name: &'static str,
    side: Side,
    rules: Rules<'a>,
    times: Times,
    asked: Vec<Asked<'a>>,
}

/// Runs the measurement.
pub(super) fn run(args: &PolicyArgs, output: Output) -> Result<()> {
    ensure!(args.reports > 0, "--reports must be at least 1");
    let bundled = Bundled::read()?;
    let reports = bundled.reports(args.reports)?;
    let found: Vec<ContentFindings> = reports.iter().map(|one| ContentFindings::nothing(one.digest())).collect();
    let desks = [outbound(&bundled, &reports, &found)?, inbound(&bundled, &reports)?];
    let words = words(&reports);
    let told = measure(desks.iter().map(|desk| desk.piece(&words)).collect(), &args.rounds)?;
    let mut sides = serde_json::Map::new();
    for desk in &desks {
        sides.insert(desk.name.to_owned(), desk.told(args.rounds.rounds));
    }
    let about = format!("decisions on {} reports, one thread; {}", args.reports, args.rounds.words());
    telling::beside(&about, &told, json!({ "reports": args.reports, "sides": sides }), output)?;
    let rows = sides.iter().flat_map(|(name, side)| {
        let told = VERDICTS.into_iter().filter_map(|verdict| Some((verdict, side.get(verdict)?)));
        told.map(move |(verdict, told)| {
            let number = |member: &str| told.get(member).and_then(Value::as_f64).unwrap_or_default();
            let numbers = ["reports", "p50_ns", "p99_ns", "p999_ns"].map(|member| format!("{:.0}", number(member)));
            std::iter::once(format!("{name}, {verdict}")).chain(numbers).collect::<Vec<_>>()
        })
    });
    output.line("")?;
    output.table(&["one by one", "reports", "p50 ns", "p99 ns", "p99.9 ns"], &rows.collect::<Vec<_>>())
}

/// Every other report has been approved by two officers.
fn outbound<'a>(bundled: &'a Bundled, reports: &'a [Document], found: &'a [ContentFindings]) -> Result<Desk<'a>> {
    let answers = [Code::ApprovalRequired, Code::SecondApprovalRequired].into_iter().collect();
    let approval = |account: &str| Approval { account: account.to_owned(), is_author: false, senior: false, answers };
    let asked = reports.iter().zip(found).enumerate().map(|(n, (report, found))| {
        let asked = asked(bundled, report);
        let approvals = if n % 2 == 0 { vec![approval("one"), approval("two")] } else { Vec::new() };
        Asked { facts: Facts { approvals, content: Some(found), ..asked.facts }, ..asked }
    });
    let [own, _] = &bundled.rules;
    Ok(Desk {
        name: "outbound",
        side: Side::Out,
        rules: Rules { national: Some(own), ..rules(bundled) },
        times: Times { now: bundled.now, released: None },
        asked: asked.collect(),
    })
}

fn inbound<'a>(bundled: &'a Bundled, reports: &'a [Document]) -> Result<Desk<'a>> {
    let [_, theirs] = &bundled.rules;
    Ok(Desk {
        name: "inbound",
        side: Side::In,
        rules: Rules { national: Some(theirs), ..rules(bundled) },
        times: Times { now: bundled.now, released: Some(bundled.now) },
        asked: reports.iter().map(|report| asked(bundled, report)).collect(),
    })
}

const fn rules(bundled: &Bundled) -> Rules<'_> {
    Rules {
        agreement: &bundled.agreement,
        registers: &bundled.registers,
        vocabulary: &bundled.vocabulary,
        national: None,
    }
}

fn asked<'a>(bundled: &'a Bundled, report: &'a Document) -> Asked<'a> {
    let [from, to] = bundled.parties;
    let state = StateView::both(AgreementState::InForce);
    let facts = Facts {
        consents: &bundled.consents,
        named: Some(bundled.agreement.digest),
        ..Facts::new(from, to, state, &report.report().precedence)
    };
    Asked { subject: Subject::of(report), facts }
}

/// What must be looked up of each report, and the table that it is looked up in.
struct Lookups<'a> {
    table: HashMap<&'a str, u8>,
    reports: Vec<Vec<&'a str>>,
}

fn words(reports: &[Document]) -> Lookups<'_> {
    let of = |document| {
        let report = Document::report(document);
        let marks = parts(report).into_iter().map(|(_, mark)| mark);
        let head = [&report.banner, &report.form, &report.precedence, &report.purpose];
        let more = report.topics.iter().chain(&report.rel_to).chain(&report.action).chain(&report.info).chain(head);
        marks.chain(more.map(String::as_str)).collect::<Vec<_>>()
    };
    let reports: Vec<Vec<&str>> = reports.iter().map(of).collect();
    let all = reports.iter().flatten();
    let table = all.map(|word| (*word, word.bytes().next().unwrap_or_default())).collect();
    Lookups { table, reports }
}

impl Desk<'_> {
    fn decide(&self, asked: &Asked<'_>) -> Decision {
        check(black_box(&asked.subject), black_box(&self.rules), black_box(&asked.facts), self.side, &self.times)
    }

    fn piece<'a>(&'a self, words: &'a Lookups<'a>) -> Piece<'a> {
        Piece {
            name: self.name,
            counted: "decisions",
            count: self.asked.len(),
            work: Box::new(|| {
                self.asked.iter().for_each(|asked| drop(black_box(self.decide(asked))));
                Ok(())
            }),
            floor: "every mark, topic and word of the head looked up once",
            bare: Box::new(|| {
                for report in &words.reports {
                    let most = black_box(report).iter().filter_map(|word| words.table.get(word)).max();
                    black_box(most.context("a word of the table")?);
                }
                Ok(())
            }),
        }
    }

    /// Of each verdict that there is: how many, and how long one decision takes.
    fn told(&self, rounds: usize) -> Value {
        let mut told = serde_json::Map::new();
        for verdict in VERDICTS {
            let asked: Vec<_> = self.asked.iter().filter(|asked| of(&self.decide(asked)) == verdict).collect();
            if asked.is_empty() {
                continue;
            }
            let mut times: Vec<Duration> = Vec::with_capacity(rounds * PASSES * asked.len());
            for asked in std::iter::repeat_n(&asked, rounds * PASSES).flatten() {
                let watch = Stopwatch::start();
                let decided = self.decide(asked);
                times.push(watch.elapsed());
                drop(black_box(decided));
            }
            times.sort_unstable();
            let nanos = |share| percentile(&times, share) * 1e3;
            let figures = json!({
                "reports": asked.len(), "p50_ns": nanos(0.5), "p99_ns": nanos(0.99), "p999_ns": nanos(0.999),
            });
            told.insert(verdict.to_owned(), figures);
        }
        Value::Object(told)
    }
}

/// As they are told: a permit costs no sentence, and the others do.
const VERDICTS: [&str; 3] = ["permitted", "held", "refused"];

const fn of(decision: &Decision) -> &'static str {
    match decision {
        Decision::Permit(_) => "permitted",
        Decision::Hold(_) => "held",
        Decision::Refusal(_) => "refused",
    }
}
