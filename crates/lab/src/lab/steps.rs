//! What to type in a new laboratory, whole: paths as they are on this machine.

use super::{exercise, nation::PROFILE, options::Options, third};
use anyhow::Result;
use std::path::{Path, PathBuf};

/// One step: what it does, and the commands that do it, each as its words.
pub(super) struct Step {
    pub(super) says: &'static str,
    pub(super) commands: Vec<Vec<String>>,
}

/// Where a laboratory and the two programs are.
struct Typed<'a> {
    dir: &'a Path,
    client: PathBuf,
    daemon: PathBuf,
}

impl Typed<'_> {
    /// A nation's node.toml.
    fn node(&self, nation: &str) -> String {
        text(self.dir.join(nation).join("node.toml"))
    }

    /// What a person types, acting by one of their profiles.
    fn person(&self, nation: &str, account: &str, profile: &str, words: &[&str]) -> Vec<String> {
        let profile = self.dir.join(nation).join("people").join(account).join(profile);
        let mut command = vec![text(self.client.clone()), "--profile".to_owned(), text(profile)];
        command.extend(words.iter().map(|word| (*word).to_owned()));
        command
    }
}

/// From start to verified logs.
pub(super) fn steps(dir: &Path, options: Options) -> Result<Vec<Step>> {
    let nations = options.codes();
    let client = std::env::current_exe()?;
    let typed = Typed { dir, daemon: client.with_file_name("reltod"), client };
    let person = |nation: &str, account: &str, words: &[&str]| typed.person(nation, account, PROFILE, words);
    let start = |nation: &str| vec![text(typed.daemon.clone()), "--config".to_owned(), typed.node(nation)];
    let verify = |nation: &str| person(nation, "auditor", &["audit", "verify", "--config", &typed.node(nation)]);
    let (at_once, held) = (report(dir, "roc800-file-access.md"), report(dir, "report.md"));
    let (serial, received) = ("XAA-J2-2026-0431", "XAA-CYBER-2026-3107");
    let mut steps = vec![
        Step {
            says: "Start each node, in a terminal of its own:",
            commands: nations.iter().map(|nation| start(nation)).collect(),
        },
        Step {
            says: "Arcadia's author submits a RESTRICTED report; a standing authority releases it, Borealia answers:",
            commands: vec![person("XAA", "author", &["submit", &at_once, "--to", "XBB", "--wait"])],
        },
        Step {
            says: "A SECRET one is held (exit 5). Two officers read it and sign its release; each is shown it and asked:",
            commands: vec![
                person("XAA", "author", &["submit", &held, "--to", "XBB"]),
                person("XAA", "officer-1", &["hold", "list"]),
                person("XAA", "officer-1", &["hold", "approve", serial]),
                person("XAA", "officer-2", &["hold", "approve", serial]),
            ],
        },
        Step {
            says: "Arcadia sees what became of them, and proves Borealia's receipt; Borealia reads what came:",
            commands: vec![
                person("XAA", "author", &["outbox", "--all"]),
                person("XAA", "author", &["receipt", serial]),
                person("XBB", "author", &["inbox"]),
                person("XBB", "author", &["show", received]),
            ],
        },
        Step {
            says: "An analyst of one office, cleared to level 1, is not listed the SECRET one; each opening is on record:",
            commands: vec![person("XBB", "analyst", &["inbox"]), person("XBB", "auditor", &["register"])],
        },
        Step {
            says: "A report of your own, from a commented file that you fill in:",
            commands: vec![
                person("XAA", "author", &["new", "report", "--to", "XBB", "--out", "my-report.md"]),
                person("XAA", "author", &["check", "my-report.md", "--to", "XBB"]),
            ],
        },
        Step {
            says: "Each nation's auditor verifies its logs and all rows beside them, with the nodes running or without:",
            commands: nations.iter().map(|nation| verify(nation)).collect(),
        },
    ];
    let last = steps.len() - 1;
    let more = [options.third.then(|| shared(&typed)), (options.exercises > 0).then(|| played(&typed))];
    steps.splice(last..last, more.into_iter().flatten());
    Ok(steps)
}

/// The exercise.
fn played(typed: &Typed<'_>) -> Step {
    let player = |nation: &str, account: &str, words: &[&str]| typed.person(nation, account, exercise::PROFILE, words);
    Step {
        says: "The exercise has a link, logs and an inbox of its own; its people act by their profiles for it:",
        commands: vec![
            player("XAA", "author", &["submit", &report(typed.dir, exercise::REPORT), "--to", "XBB", "--wait"]),
            player("XBB", "author", &["inbox"]),
            player("XBB", "author", &["show", exercise::SERIAL]),
        ],
    }
}

/// The report for two nations.
fn shared(typed: &Typed<'_>) -> Step {
    let person = |nation: &str, account: &str, words: &[&str]| typed.person(nation, account, PROFILE, words);
    Step {
        says: "One report to both partners: one signed submission a nation, the answers side by side. Borealia's rules \
               release it at once, Corvania's agreement has no such authority, so an officer decides:",
        commands: vec![
            person(
                "XAA",
                "author",
                &["submit", &report(typed.dir, third::REPORT), "--to", "XBB", "--to", "XCC", "--wait"],
            ),
            person("XAA", "officer-1", &["hold", "approve", third::SERIAL]),
            person("XAA", "author", &["show", third::SERIAL]),
            person("XAA", "author", &["receipt", third::SERIAL]),
            person("XCC", "author", &["inbox"]),
        ],
    }
}

/// A report of Arcadia's.
fn report(dir: &Path, name: &str) -> String {
    text(dir.join("XAA").join("reports").join(name))
}

fn text(path: PathBuf) -> String {
    path.display().to_string()
}

/// A command as a shell takes it.
pub(super) fn line(command: &[String]) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%=".contains(&byte);
    let word = |word: &String| match word.bytes().all(plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    };
    command.iter().map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_typed_as_it_is_printed() {
        let words = ["relto", "show", "XBB>XAA:17", "it's"].map(str::to_owned);
        assert_eq!(line(&words), "relto show 'XBB>XAA:17' 'it'\\''s'");
    }
}
