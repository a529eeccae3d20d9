//! `relto-prove AGREEMENT.toml [--previous OLD.toml]`: proves an agreement's promises, or shows where they fail.
//!
//! Exit codes: 0 all proven, 1 a file cannot be read, 2 usage, 4 a proof failed or could not be made.
#![forbid(unsafe_code)]

use relto_policy::agreement::Agreement;
use relto_prove::{Finding, Verdict, prove, solver::Solver};
use std::process::ExitCode;

const USAGE: &str = "\
usage: relto-prove AGREEMENT.toml [--previous OLD.toml]
Proves on the agreement's exported Cedar text, with cvc5 (CVC5 names another executable):
  a report with a national-only caveat is never released; out of force nothing is; no policy errs; what is released
  admits its recipient and is within every ceiling; each direction permits something; and with --previous, that the
  version permits nothing that the one before did not, or exactly what its `extends` lists.
exit codes: 0 all proven, 1 a file cannot be read, 2 usage, 4 a proof failed or could not be made";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (file, previous) = match words.as_slice() {
        ["--help" | "-h"] => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        [file] | ["--", file] if !file.starts_with('-') => (*file, None),
        [file, "--previous", old] | ["--previous", old, file] => (*file, Some(*old)),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    let read = |name: &str| {
        let bytes = std::fs::read(name).map_err(|error| format!("{name}: {error}"))?;
        Agreement::read(name, &bytes).map_err(|faults| faults.to_string())
    };
    let files = read(file).and_then(|agreement| Ok((agreement, previous.map(read).transpose()?)));
    match files {
        Ok((agreement, previous)) => report(file, &agreement, previous.as_ref()),
        Err(told) => {
            eprintln!("{told}");
            ExitCode::from(1)
        }
    }
}

fn report(file: &str, agreement: &Agreement, previous: Option<&Agreement>) -> ExitCode {
    println!("{file}: {} version {}, {}", agreement.id, agreement.version, agreement.digest);
    let findings = prove(agreement, previous, &Solver::default(), &mut |finding| println!("{finding}"));
    let failed = findings.iter().filter(|one| !one.holds()).count();
    let queries: usize = findings.iter().map(|one| one.queries).sum();
    let millis: u128 = findings.iter().map(|one| one.millis).sum();
    let noted = findings.iter().filter(|one| matches!(one.verdict, Verdict::Noted(_))).count();
    println!(
        "{} proven, {noted} noted, {failed} failed; {queries} queries in {millis} ms",
        findings.len() - failed - noted
    );
    if findings.iter().all(Finding::holds) { ExitCode::SUCCESS } else { ExitCode::from(4) }
}
