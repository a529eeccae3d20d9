//! A laboratory: Arcadia (XAA) and Borealia (XBB) on this machine, and Corvania (XCC) where it is asked for, made from
//! the example files with keys of its own.

mod build;
mod derive;
pub(crate) mod examples;
mod exercise;
mod nation;
mod options;
pub(crate) mod ports;
pub mod run;
mod signers;
mod steps;
mod third;

pub(crate) use build::build;
pub use build::make;
pub(crate) use exercise::ID as EXERCISE;
pub use options::Options;

use anyhow::{Context as _, Result};
use examples::REGISTERS;
use relto_cli::{
    cache::{self, Installed},
    exit::Exit,
    output::Output,
};
use relto_formats::base64_bytes::Bytes;
use relto_host::clock;
use relto_report::calendar::Timestamp;
use std::{collections::BTreeMap, fs, path::Path};

/// `relto lab new DIR`.
///
/// # Errors
/// Where the folder exists, a file cannot be written, or a node's store cannot be made.
pub fn run_new(dir: &Path, options: Options, output: Output) -> Result<Exit> {
    build(dir, clock::now_ms(), options)?;
    let dir = fs::canonicalize(dir)?;
    let steps = steps::steps(&dir, options)?;
    let nodes: Vec<_> = options.codes().iter().map(|nation| dir.join(nation).join("node.toml")).collect();
    let commands: Vec<&Vec<String>> = steps.iter().flat_map(|step| &step.commands).collect();
    output.object(&serde_json::json!({ "lab": dir, "nodes": nodes, "commands": commands }))?;
    let whose = match options.third {
        true => "three nations, Arcadia (XAA), Borealia (XBB) and Corvania (XCC)",
        false => "two nations, Arcadia (XAA) and Borealia (XBB)",
    };
    output.line(format!("A laboratory of {whose}, lies in {}.", dir.display()))?;
    for (step, number) in steps.iter().zip(1..) {
        output.line(format!("\n{number}. {}", step.says))?;
        step.commands.iter().try_for_each(|command| output.line(format!("  {}", steps::line(command))))?;
    }
    Ok(Exit::Done)
}

/// The agreement as an author of this nation would fetch it, from the laboratory's files.
///
/// # Errors
/// Where a file is missing or does not verify.
pub fn installed(dir: &Path, nation: &str) -> Result<Installed> {
    let profile = run::person(dir, nation, "author")?;
    let folder = dir.join(nation);
    let read = |name: &str| fs::read(folder.join(name)).map(Bytes).with_context(|| name.to_owned());
    let (partner, id) = profile.agreements.first_key_value().context("the profile names no agreement")?;
    let mut registers = BTreeMap::new();
    for (nation, _) in REGISTERS {
        registers.insert(nation.to_owned(), read(&format!("markings-{nation}.toml"))?);
    }
    let body = relto_formats::api::Agreement {
        file: read("agreement.toml")?,
        signatures: read("agreement.toml.sig")?,
        vocabulary: read("vocabulary.toml")?,
        registers,
        partner: partner.to_string(),
        source_serials: None,
    };
    cache::judge(&profile, id, body, Timestamp::from_millis(clock::now_ms()))
}
