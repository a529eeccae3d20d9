//! Commands of this very program as people of the laboratory type them, and what an act of such commands came to.

use anyhow::{Context as _, Result};
use relto_formats::api::Standing;
use relto_policy::ground::Ground;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{
    path::Path,
    process::{Command, Stdio},
};

/// What a command came to.
pub(super) struct Typed {
    /// As it was typed, folders left out.
    pub(super) words: String,
    /// Its exit code.
    pub(super) code: i32,
    /// What it printed with `--json`.
    pub(super) objects: Vec<Value>,
}

impl Typed {
    /// The first object; null where there is none.
    pub(super) fn object(&self) -> &Value {
        self.objects.first().unwrap_or(&Value::Null)
    }

    /// The grounds at a path such as `/standing/reasons`.
    pub(super) fn grounds(&self, path: &str) -> Vec<Ground> {
        grounds(self.object().pointer(path))
    }

    /// How the submission stands that was printed.
    pub(super) fn standing(&self) -> Option<Standing> {
        read(self.object().get("standing"))
    }

    /// The text at a path; empty where there is none.
    pub(super) fn text(&self, path: &str) -> &str {
        self.object().pointer(path).and_then(Value::as_str).unwrap_or_default()
    }

    /// What an act tells of it to programs.
    pub(super) fn told(&self) -> Value {
        serde_json::json!({ "command": self.words, "exit": self.code, "printed": self.objects })
    }
}

/// What a member of an object says, read as the client API has it; nothing where it is no such thing.
pub(super) fn read<T: DeserializeOwned>(member: Option<&Value>) -> Option<T> {
    member.and_then(|one| serde_json::from_value(one.clone()).ok())
}

/// The grounds of a list.
pub(super) fn grounds(list: Option<&Value>) -> Vec<Ground> {
    read(list).unwrap_or_default()
}

/// The texts of a list.
pub(super) fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list.and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Grounds as people are told them, in one line.
pub(super) fn told(grounds: &[Ground]) -> String {
    grounds.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// Runs this program with `--json` as a person of the laboratory, and waits for its end.
///
/// # Errors
/// Where it cannot be run, or prints something that is no object.
pub(super) fn relto(dir: &Path, nation: &str, account: &str, words: &[&str]) -> Result<Typed> {
    let profile = dir.join(nation).join("people").join(account).join("profile.toml");
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("--json").arg("--profile").arg(profile).args(words).stdin(Stdio::null());
    let output = command.output().context("the demo runs this program again")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let read = |line| serde_json::from_str(line).with_context(|| format!("relto {}: {line}", words.join(" ")));
    let objects = text.lines().map(read).collect::<Result<Vec<Value>>>()?;
    let short = |word: &&str| {
        let name = word.rsplit('/').next().filter(|_| word.starts_with('/')).unwrap_or(word);
        if name.contains(' ') { format!("'{name}'") } else { name.to_owned() }
    };
    let words = words.iter().map(short).collect::<Vec<_>>().join(" ");
    Ok(Typed { words: format!("relto {words}"), code: output.status.code().unwrap_or(-1), objects })
}

/// What an act came to: its heading, what there is to tell of it, the same for programs, and whether it is right.
pub(super) struct Told {
    pub(super) says: String,
    pub(super) lines: Vec<String>,
    pub(super) object: Value,
    pub(super) right: bool,
}

/// A story in steps: each command in the order in which it was typed, with who typed it and what it was to come to.
pub(super) struct Story<'a> {
    pub(super) dir: &'a Path,
    pub(super) lines: Vec<String>,
    pub(super) steps: Vec<Value>,
    pub(super) right: bool,
}

impl<'a> Story<'a> {
    pub(super) const fn new(dir: &'a Path) -> Self {
        Self { dir, lines: Vec::new(), steps: Vec::new(), right: true }
    }

    /// Types a command that must end with this exit code.
    pub(super) fn step(&mut self, nation: &str, account: &str, words: &[&str], code: i32) -> Result<Typed> {
        let ran = relto(self.dir, nation, account, words)?;
        self.right &= ran.code == code;
        self.steps.push(ran.told());
        self.lines.push(format!("{nation}'s {account}: {}", ran.words));
        if ran.code != code {
            let why = ran.text("/message");
            self.lines.push(format!("  exit {}, not {code}: {why}   <- NOT AS IT SHOULD BE", ran.code));
        }
        Ok(ran)
    }

    /// What a step must have come to beside its exit code, told as it is.
    pub(super) fn must(&mut self, is_so: bool, told: &str) {
        self.right &= is_so;
        let end = if is_so { "" } else { "   <- NOT AS IT SHOULD BE" };
        self.lines.push(format!("  {told}{end}"));
    }
}
