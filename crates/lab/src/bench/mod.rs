//! `relto bench`: what this machine does with reports, each measurement beside the floor of the same run, which nothing
//! with these primitives can pass.
//!
//! `exchange` goes from author to receipt through two real nodes, or in turn with a peer. What is timed ends with the
//! author's node telling the partner's answer, which it has verified, followed and stored. The author's own proof of
//! receipts comes after the clock has stopped, for a sample: it is work of a client that no node waits for.

mod at_rest;
mod attachment;
mod beside;
mod bulk;
mod bundled;
mod counts;
mod exchange;
mod figures;
mod floor;
mod grow;
mod handshake;
mod links;
mod log;
mod maker;
mod pair;
mod parse;
mod peer;
mod policy;
mod process;
mod telling;
mod threads;
mod watched;

pub use maker::Maker;

use crate::{
    args::{BenchAct, ExchangeArgs},
    lab::{self, run::unless_asked},
};
use anyhow::{Result, bail};
use exchange::Measured;
use relto_cli::{exit::Exit, output::Output};
use relto_host::clock;

/// Runs a measurement.
///
/// # Errors
/// Where the laboratory or a node does not start, or a report is not admitted.
pub fn run(act: &BenchAct, output: Output) -> Result<Exit> {
    match act {
        BenchAct::Exchange(args) => exchanged(args, output),
        BenchAct::Grow(args) => grow::run(args, output),
        BenchAct::Log(args) => log::run(args, output),
        BenchAct::Policy(args) => policy::run(args, output),
        BenchAct::Parse(args) => parse::run(args, output),
        BenchAct::Handshake(args) => handshake::run(args, output),
        BenchAct::Links(args) => match args.at_rest {
            Some(links) => at_rest::run(links, output),
            None => links::run(args, output),
        },
        BenchAct::Attachment(args) => attachment::run(args, output),
    }?;
    Ok(Exit::Done)
}

fn exchanged(args: &ExchangeArgs, output: Output) -> Result<()> {
    if args.reports == 0 || args.in_flight == 0 || args.rounds == 0 {
        bail!("--reports, --in-flight and --rounds must be at least 1");
    }
    match &args.peer {
        None => {
            let measured = unless_asked(once(args))???;
            telling::one(&measured, floor::reports_per_second(args.size)?, args, output)
        }
        Some(program) => {
            let rounds = unless_asked(in_turn(program, args))???;
            peer::tell(&rounds, args, output)
        }
    }
}

/// One run, in a laboratory of its own.
async fn once(args: &ExchangeArgs) -> Result<Measured> {
    let temporary = tempfile::tempdir()?;
    let dir = temporary.path().join("lab");
    lab::make(&dir, clock::now_ms())?;
    exchange::exchange(&dir, args).await
}

/// Ours and the peer's runs, one after the other, so many times.
async fn in_turn(program: &std::path::Path, args: &ExchangeArgs) -> Result<Vec<peer::Round>> {
    let mut rounds = Vec::new();
    for _ in 0..args.rounds {
        let ours = once(args).await?;
        let floor = floor::reports_per_second(args.size)?;
        let mut theirs = Vec::new();
        for signatures in &args.peer_signatures {
            theirs.push(peer::run(program, args, *signatures).await?);
        }
        rounds.push(peer::Round { ours, floor, theirs });
    }
    Ok(rounds)
}
