//! `relto-peer`: a node, or a measurement with two of them.
#![forbid(unsafe_code)]

use clap::Parser;
use relto_peer::{
    bench::{self, BenchArgs},
    node::{self, NodeArgs},
};

/// A hand-rolled exchange of signed reports, to measure Relto against.
#[derive(Parser, Debug)]
#[command(name = "relto-peer")]
enum Command {
    /// A server, until its standard input ends
    Node(NodeArgs),
    /// Two servers and an author on this machine, measured
    Bench(BenchArgs),
}

fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Node(args) => node::run(args),
        Command::Bench(args) => bench::run(&args),
    }
}
