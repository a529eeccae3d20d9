//! `relto agreement new`: an agreement's file to fill in, under which nothing may go until its signers add it.

use super::{nations::nation, new_file::write_new};
use crate::{args::NewAgreementArgs, exit::Exit, session::Session};
use anyhow::{Context as _, Result, bail};
use relto_policy::agreement::MAX_SIGNERS;
use relto_report::{
    calendar::{Day, Timestamp},
    fault::{Fault, Faults},
    nation::Nation,
};
use serde_json::json;

const AGREEMENT: &str = include_str!("agreement_new/agreement.toml");
const PARTY: &str = include_str!("agreement_new/party.toml");
const SIGNER: &str = include_str!("agreement_new/signer.toml");
const SCOPE: &str = include_str!("agreement_new/scope.toml");
/// How a text begins that its signers have still to write.
const PLACEHOLDER: &str = "FILL IN: ";
/// Offices of a nation where none is named.
const SIGNERS: usize = 2;

/// Runs the command.
pub(super) fn run(session: &Session, args: &NewAgreementArgs) -> Result<Exit> {
    let text = written(args)?;
    write_new(&args.out, &text)?;
    let left = unfilled(&args.out.display().to_string(), &text).map_or(0, |faults| faults.list.len());
    let file = args.out.display();
    session.output.object(&json!({
        "file": file.to_string(), "id": args.id, "parties": parties(args)?.map(|one| one.to_string()), "to_fill_in": left,
    }))?;
    session.output.line(format!("{file}: version 1 of {}; {left} texts to fill in, each begins FILL IN", args.id))?;
    session.output.line("nothing may go in either direction until its signers add a [[scope]], topic by topic")?;
    session.output.line(format!("next: relto agreement sign {file} --key KEY --nation NATION --office OFFICE"))?;
    session.output.line(format!("then: relto agreement verify {file}"))?;
    Ok(Exit::Done)
}

/// Refuses a text of which something is left to fill in: every such place, with what belongs there.
///
/// # Errors
/// A099 for each.
pub(super) fn must_be_filled_in(name: &str, bytes: &[u8]) -> Result<(), Faults> {
    unfilled(name, &String::from_utf8_lossy(bytes)).map_or(Ok(()), Err)
}

fn unfilled(name: &str, text: &str) -> Option<Faults> {
    let mut list = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        for (column, hint) in placeholders(line) {
            let message = format!("not filled in. Write here, in place of the whole text: {hint}");
            list.push(Fault { line: number, column, rule: "A099", message, warning: false });
        }
    }
    (!list.is_empty()).then(|| Faults::new(name, list))
}

/// The texts of a line that begin as a placeholder does, comments apart: the column of each, and what is to be written.
fn placeholders(line: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let (mut quoted, mut escaped) = (false, false);
    for ((at, one), column) in line.char_indices().zip(1..) {
        match one {
            '#' if !quoted => break,
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => {
                quoted = !quoted;
                let rest = line.get(at + 1..).filter(|_| quoted).and_then(|rest| rest.strip_prefix(PLACEHOLDER));
                out.extend(rest.map(|rest| (column, rest.split('"').next().unwrap_or_default().to_owned())));
            }
            _ => {}
        }
    }
    out
}

/// The file as it is begun.
fn written(args: &NewAgreementArgs) -> Result<String> {
    let letters = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    if !(3..=40).contains(&args.id.len()) || !args.id.bytes().all(letters) {
        bail!("--id must be 3 to 40 of A-Z, 0-9 and -, such as XAA-XBB-2026-01");
    }
    let [one, other] = parties(args)?;
    let (from, until) = (moment(&args.in_force, "--in-force")?, moment(&args.until, "--until")?);
    if from >= until {
        bail!("--in-force {from} is not before --until {until}");
    }
    let (first, second) = (party(one, &offices(args, one)?), party(other, &offices(args, other)?));
    let scope = |from_nation: Nation, to: Nation| {
        SCOPE
            .replace("@FROM@", from_nation.as_str())
            .replace("@TO@", to.as_str())
            .replace("@IN_FORCE@", &from.to_string())
            .replace("@UNTIL@", &until.to_string())
    };
    if let Some(stray) = args.signer.iter().find(|office| !belongs(office, one) && !belongs(office, other)) {
        bail!("--signer {stray}: an office is written {one}/OFFICE or {other}/OFFICE, of A-Z, 0-9 and -");
    }
    Ok(AGREEMENT
        .replace("@PARTIES@\n", &format!("{first}{second}"))
        .replace("@SCOPES@\n", &format!("{}{}", scope(one, other), scope(other, one)))
        .replace("@ID@", &args.id)
        .replace("@ONE@", one.as_str())
        .replace("@OTHER@", other.as_str())
        .replace("@FROM@", &from.to_string())
        .replace("@UNTIL@", &until.to_string()))
}

/// The two nations, in the order in which an agreement names them.
fn parties(args: &NewAgreementArgs) -> Result<[Nation; 2]> {
    let [one, other] = args.between.as_slice() else { bail!("--between takes two nations, such as XAA XBB") };
    let (one, other) = (nation(one)?, nation(other)?);
    if one == other {
        bail!("--between takes two different nations");
    }
    Ok([one.min(other), one.max(other)])
}

fn belongs(office: &str, nation: Nation) -> bool {
    let letters = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    let name = office.strip_prefix(nation.as_str()).and_then(|rest| rest.strip_prefix('/'));
    name.is_some_and(|name| (1..=60).contains(&name.len()) && name.bytes().all(letters))
}

/// The offices that sign for a nation: those that were named, else so many to be filled in.
fn offices(args: &NewAgreementArgs, nation: Nation) -> Result<Vec<String>> {
    let mut named: Vec<String> = args.signer.iter().filter(|office| belongs(office, nation)).cloned().collect();
    if named.len() > MAX_SIGNERS {
        bail!("{nation} has {} signers; {MAX_SIGNERS} at most", named.len());
    }
    let place = |n: usize| format!("{PLACEHOLDER}{nation}/OFFICE that signs, number {n}");
    if named.is_empty() {
        named.extend((1..=SIGNERS).map(place));
    }
    Ok(named)
}

fn party(nation: Nation, offices: &[String]) -> String {
    let signers: String = offices.iter().map(|office| SIGNER.replace("@OFFICE@", office)).collect();
    let count = offices.len();
    PARTY
        .replace("@SIGNER@\n", &signers)
        .replace("@SIGNERS@", &count.to_string())
        .replace("@SIGN@", &count.min(2).to_string())
        .replace("@NATION@", nation.as_str())
}

/// A moment as typed: a day, from its beginning in UTC, or a whole date-time with its offset.
fn moment(text: &str, option: &str) -> Result<Timestamp> {
    let day = || Day::parse(text).and_then(|day| Timestamp::parse(&format!("{day}T00:00:00Z")));
    Timestamp::parse(text)
        .or_else(day)
        .with_context(|| format!("{option} {text}: write a day, such as 2027-01-01, or 2027-01-01T00:00:00Z"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn args(between: [&str; 2], from: &str, until: &str) -> NewAgreementArgs {
        NewAgreementArgs {
            id: "XAA-XBB-2030-01".to_owned(),
            between: between.map(str::to_owned).to_vec(),
            in_force: from.to_owned(),
            until: until.to_owned(),
            signer: Vec::new(),
            out: PathBuf::from("agreement.toml"),
        }
    }

    #[test]
    fn a_placeholder_is_found_in_texts_and_not_in_comments() {
        assert_eq!(placeholders("a = \"FILL IN: one\" # \"FILL IN: two\""), [(5, "one".to_owned())]);
        assert_eq!(placeholders("é = [\"x\", \"FILL IN: y\"]"), [(11, "y".to_owned())]);
        assert!(placeholders("# a = \"FILL IN: one\"").is_empty());
        assert!(placeholders("a = \"say \\\"FILL IN: \\\" #\" # \"FILL IN: two\"").is_empty());
        assert_eq!(placeholders("a = \"x # y\" b = \"FILL IN: z\""), [(17, "z".to_owned())]);
    }

    #[test]
    fn nations_stand_in_order_and_nothing_of_the_skeleton_is_left() {
        let text = written(&args(["XBB", "XAA"], "2030-01-01", "2031-01-01T02:00:00+02:00")).unwrap();
        assert!(text.contains("parties    = [\"XAA\", \"XBB\"]") && !text.contains('@'), "{text}");
        assert!(text.contains("enters_into_force = 2030-01-01T00:00:00Z"));
        assert!(text.contains("term_ends         = 2031-01-01T00:00:00Z"));
        assert!(text.lines().all(|line| line.chars().count() <= 130), "lines are read on a screen");
    }

    #[test]
    fn what_cannot_be_agreed_is_told() {
        for (bad, told) in [
            (args(["XAA", "XAA"], "2030-01-01", "2031-01-01"), "two different nations"),
            (args(["XAA", "xbb"], "2030-01-01", "2031-01-01"), "three capital letters"),
            (args(["XAA", "XBB"], "2031-01-01", "2030-01-01"), "not before"),
            (args(["XAA", "XBB"], "tomorrow", "2030-01-01"), "--in-force tomorrow"),
            (NewAgreementArgs { id: "x".to_owned(), ..args(["XAA", "XBB"], "2030-01-01", "2031-01-01") }, "--id"),
            (
                NewAgreementArgs {
                    signer: vec!["XCC/NSA".to_owned()],
                    ..args(["XAA", "XBB"], "2030-01-01", "2031-01-01")
                },
                "--signer XCC/NSA",
            ),
        ] {
            let error = format!("{:#}", written(&bad).unwrap_err());
            assert!(error.contains(told), "{told}: {error}");
        }
    }
}
