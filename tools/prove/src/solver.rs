//! One question, one solver process. Whatever is not a clear answer is no answer.

use cedar_policy::{Authorizer, Policy, PolicySet, RequestEnv, Schema};
use cedar_policy_symcc::{CedarSymCompiler, CompiledPolicy, CompiledPolicySet, Env, err::Error, solver::LocalSolver};

/// The solver and how long it may think about one question.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Solver {
    /// Milliseconds a question.
    pub limit_millis: u32,
}

impl Default for Solver {
    fn default() -> Self {
        Self { limit_millis: 60_000 }
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub enum Question<'p> {
    /// No request is permitted by both.
    Disjoint(&'p PolicySet, &'p PolicySet),
    /// Whatever the first permits the second permits.
    Implies(&'p PolicySet, &'p PolicySet),
    /// The policy errs on no request.
    NeverErrs(&'p Policy),
}

/// What the solver says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// It is so for every request.
    Holds,
    /// It is not: a request, replayed.
    Fails(String),
    /// No clear answer.
    Unknown(String),
}

impl Solver {
    /// Asks, for requests of one kind.
    #[must_use]
    pub fn ask(&self, question: &Question<'_>, environment: &RequestEnv, schema: &Schema) -> Answer {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return Answer::Unknown(error.to_string()),
        };
        match runtime.block_on(self.query(question, environment, schema)) {
            Ok(None) => Answer::Holds,
            Ok(Some(found)) => replay(question, environment, &found),
            Err(why) => Answer::Unknown(why),
        }
    }

    async fn query(
        &self,
        question: &Question<'_>,
        environment: &RequestEnv,
        schema: &Schema,
    ) -> Result<Option<Env>, String> {
        let compile = |policies| CompiledPolicySet::compile(policies, environment, schema).map_err(in_words);
        let process = LocalSolver::cvc5_with_args([format!("--tlimit={}", self.limit_millis)]);
        let mut compiler = CedarSymCompiler::new(process.map_err(Error::from).map_err(in_words)?).map_err(in_words)?;
        let found = match question {
            Question::Disjoint(one, other) => {
                compiler.check_disjoint_with_counterexample_opt(&compile(one)?, &compile(other)?).await
            }
            Question::Implies(one, other) => {
                compiler.check_implies_with_counterexample_opt(&compile(one)?, &compile(other)?).await
            }
            Question::NeverErrs(policy) => {
                let compiled = CompiledPolicy::compile(policy, environment, schema).map_err(in_words)?;
                compiler.check_never_errors_with_counterexample_opt(&compiled).await
            }
        };
        // The process ends with this question, whatever it has said.
        let _ended = compiler.solver_mut().clean_up().await;
        found.map_err(in_words)
    }
}

fn in_words(error: Error) -> String {
    let mut out = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        out.push_str(": ");
        out.push_str(&inner.to_string());
        source = inner.source();
    }
    format!("{out}. Is cvc5 installed, and is the time long enough?")
}

/// A model counts only if Cedar itself confirms it.
fn replay(question: &Question<'_>, environment: &RequestEnv, found: &Env) -> Answer {
    let decide = |policies: &PolicySet| Authorizer::new().is_authorized(&found.request, policies, &found.entities);
    let confirmed = match question {
        Question::Disjoint(one, other) => {
            let both = [one, other].map(|policies| decide(policies).decision() == cedar_policy::Decision::Allow);
            both == [true, true]
        }
        Question::Implies(one, other) => {
            let both = [one, other].map(|policies| decide(policies).decision() == cedar_policy::Decision::Allow);
            both == [true, false]
        }
        Question::NeverErrs(policy) => {
            let alone = PolicySet::from_policies([(*policy).clone()]);
            alone.is_ok_and(|alone| decide(&alone).diagnostics().errors().next().is_some())
        }
    };
    let shown = format!("a request to {}:\n{}", environment.action(), found);
    if confirmed { Answer::Fails(shown) } else { Answer::Unknown(format!("Cedar does not confirm the model: {shown}")) }
}
