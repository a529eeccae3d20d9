//! Proofs about one version of an agreement, on the Cedar text that `relto_formats::cedar` writes from it.
//!
//! A proof holds for every request of the schema, not for those that somebody thought of. What is proven is proven of
//! the exported text; that the node decides as the text does is the differential oracle's to show. The properties are
//! written from the agreement a second time, in [`properties`], and not with the exporter's conditions.
#![forbid(unsafe_code)]

mod extends;
mod properties;
pub mod solver;

use cedar_policy::{PolicySet, Schema};
use properties::Claim;
use relto_formats::cedar;
use relto_policy::agreement::Agreement;
use solver::{Answer, Question, Solver};
use std::{fmt, time::Instant};

/// What became of one property.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It holds for every request.
    Proven,
    /// It does not: a request that shows it, and both decisions on it.
    Refuted(String),
    /// Nobody knows: the solver gave up, died or is not there. That counts as a failure.
    NotProven(String),
    /// Nothing for a proof; why.
    Noted(String),
}

/// One property and its verdict.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The property in words.
    pub property: String,
    /// Its verdict.
    pub verdict: Verdict,
    /// Queries put to a solver, each to a process of its own.
    pub queries: usize,
    /// Wall time.
    pub millis: u128,
}

impl Finding {
    /// Whether nothing failed.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self.verdict, Verdict::Proven | Verdict::Noted(_))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, more) = match &self.verdict {
            Verdict::Proven => ("proven    ", None),
            Verdict::Refuted(request) => ("REFUTED   ", Some(request)),
            Verdict::NotProven(why) => ("NOT PROVEN", Some(why)),
            Verdict::Noted(why) => ("noted     ", Some(why)),
        };
        write!(f, "{word} {:>6} ms  {}", self.millis, self.property)?;
        for line in more.into_iter().flat_map(|text| text.lines()) {
            write!(f, "\n    {line}")?;
        }
        Ok(())
    }
}

/// Proves every property of an agreement, each told as it is found.
pub fn prove(
    agreement: &Agreement,
    previous: Option<&Agreement>,
    solver: &Solver,
    tell: &mut dyn FnMut(&Finding),
) -> Vec<Finding> {
    prove_text(agreement, &cedar::text(agreement), previous, solver, tell)
}

/// As [`prove`], of another text than the exporter's; for those who want to see a proof fail.
///
/// # Panics
/// When the text is no Cedar policies of the exported schema.
pub fn prove_text(
    agreement: &Agreement,
    text: &str,
    previous: Option<&Agreement>,
    solver: &Solver,
    tell: &mut dyn FnMut(&Finding),
) -> Vec<Finding> {
    let prover = Prover { solver, schema: schema(), policies: read(text) };
    let mut out = Vec::new();
    let mut say = |finding: Finding| {
        tell(&finding);
        out.push(finding);
    };
    for claim in properties::of(agreement, previous) {
        say(prover.judge(&claim));
    }
    say(prover.never_errs());
    if let Some(previous) = previous {
        extends::compare(&prover, agreement, previous, &mut say);
    }
    out
}

/// The exported schema.
///
/// # Panics
/// When it is none, which a test excludes.
#[must_use]
pub fn schema() -> Schema {
    Schema::from_cedarschema_str(cedar::SCHEMA).expect("the exported schema").0
}

fn read(text: &str) -> PolicySet {
    text.parse().unwrap_or_else(|error| panic!("{text}\n{error}"))
}

/// An agreement's policies and whom to ask about them.
pub(crate) struct Prover<'s> {
    solver: &'s Solver,
    schema: Schema,
    policies: PolicySet,
}

impl Prover<'_> {
    fn judge(&self, claim: &Claim) -> Finding {
        let other = read(&claim.permits);
        let question = match claim.kind {
            properties::Kind::Never => Question::Disjoint(&self.policies, &other),
            properties::Kind::Always => Question::Implies(&self.policies, &other),
            properties::Kind::Sometimes => Question::Disjoint(&self.policies, &other),
        };
        let wants_one = claim.kind == properties::Kind::Sometimes;
        self.ask(&claim.property, &[question], wants_one)
    }

    fn never_errs(&self) -> Finding {
        let questions: Vec<Question<'_>> = self.policies.policies().map(Question::NeverErrs).collect();
        self.ask("no policy ever errs", &questions, false)
    }

    /// Puts questions for every action. `wants_one`: the property is that there is a request and not that there is none.
    pub(crate) fn ask(&self, property: &str, questions: &[Question<'_>], wants_one: bool) -> Finding {
        let begun = Instant::now();
        let mut queries = 0;
        let mut verdict =
            if wants_one { Verdict::Refuted("no request of any kind".to_owned()) } else { Verdict::Proven };
        'all: for environment in self.schema.request_envs() {
            for question in questions {
                queries += 1;
                match (self.solver.ask(question, &environment, &self.schema), wants_one) {
                    (Answer::Holds, _) => {}
                    (Answer::Fails(_), true) => {
                        verdict = Verdict::Proven;
                        break 'all;
                    }
                    (Answer::Fails(shown), false) => {
                        verdict = Verdict::Refuted(shown);
                        break 'all;
                    }
                    (Answer::Unknown(why), _) => {
                        verdict = Verdict::NotProven(why);
                        break 'all;
                    }
                }
            }
        }
        Finding { property: property.to_owned(), verdict, queries, millis: begun.elapsed().as_millis() }
    }
}
