//! What commands print: text for people, or with `--json` objects for programs; and how errors end a command.

use crate::{client::Refused, exit::Exit};
use anyhow::Result;
use relto_formats::api::ProblemKind;
use relto_report::{
    calendar::Timestamp,
    fault::{Fault, Faults, MAX_TOLD},
};
use serde_json::{Value, json};
use std::io::{self, IsTerminal as _, Write as _};

/// Where a command's results go.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// Objects and no text.
    pub json: bool,
}

impl Output {
    /// A line of text for people; nothing with `--json`.
    ///
    /// # Errors
    /// Where standard output is closed.
    pub fn line(self, text: impl AsRef<str>) -> Result<()> {
        if self.json { Ok(()) } else { write_line(text.as_ref()) }
    }

    /// A line of text for people, of a name and its value in one column.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub fn field(self, name: &str, value: impl std::fmt::Display) -> Result<()> {
        self.line(format!("{name:<14}{value}"))
    }

    /// An object for programs; nothing without `--json`.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub fn object(self, value: &Value) -> Result<()> {
        if self.json { write_line(&value.to_string()) } else { Ok(()) }
    }

    /// Rows under their headings, each column as wide as its widest value.
    ///
    /// # Errors
    /// As [`Output::line`].
    pub fn table(self, headings: &[&str], rows: &[Vec<String>]) -> Result<()> {
        let count = |text: &str| text.chars().count();
        let width = |column: usize, heading: &str| {
            let values = rows.iter().filter_map(|row| row.get(column)).map(|text| count(text));
            values.max().unwrap_or(0).max(count(heading))
        };
        let widths: Vec<usize> = headings.iter().enumerate().map(|(column, text)| width(column, text)).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let cells: Vec<String> = cells.zip(&widths).map(|(text, width)| format!("{text:<width$}")).collect();
            cells.join("  ").trim_end().to_owned()
        };
        self.line(line(&mut headings.iter().copied()))?;
        rows.iter().try_for_each(|row| self.line(line(&mut row.iter().map(String::as_str))))
    }

    /// Whether a person is there to be asked: a terminal, and no program that reads objects.
    #[must_use]
    pub fn can_ask(self) -> bool {
        !self.json && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// A note for people beside the result, on standard error.
    pub fn note(self, text: impl AsRef<str>) {
        if !self.json {
            let _ = writeln!(io::stderr(), "{}", text.as_ref());
        }
    }
}

fn write_line(text: &str) -> Result<()> {
    writeln!(io::stdout(), "{text}")?;
    Ok(())
}

/// Asks a person on the terminal; `None`: there is nobody to ask. See [`Output::can_ask`].
///
/// # Errors
/// Where the terminal cannot be read.
pub fn ask(output: Output, question: &str) -> Result<Option<bool>> {
    if !output.can_ask() {
        return Ok(None);
    }
    write!(io::stderr(), "{question} [y/N] ")?;
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(Some(matches!(answer.trim(), "y" | "Y" | "yes")))
}

/// Unix milliseconds as people read them.
#[must_use]
pub fn moment(millis: u64) -> String {
    Timestamp::from_millis(millis).to_string()
}

/// Something signed, proven or committed is not what it claims to be. Ends a command with exit 4.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotVerified(pub String);

/// A fault as an object.
#[must_use]
pub fn fault_object(file: &str, fault: &Fault) -> Value {
    json!({
        "file": file, "line": fault.line, "column": fault.column,
        "rule": fault.rule, "message": fault.message, "warning": fault.warning,
    })
}

/// Tells why a command ended, and with which code; with `--json` as an object on standard output. API-13
#[must_use]
pub fn told(error: &anyhow::Error, output: Output) -> Exit {
    let closed = error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe);
    if closed {
        // The reader has seen enough, as in `relto inbox | head`.
        return Exit::Done;
    }
    let (object, exit) = fault_of(error);
    if output.json {
        let _ = write_line(&object.to_string());
    } else {
        let text = if error.is::<Faults>() { error.to_string() } else { format!("relto: {error:#}") };
        let _ = writeln!(io::stderr(), "{text}");
    }
    exit
}

/// An error as an object, and the exit code that it asks for.
#[must_use]
pub fn fault_of(error: &anyhow::Error) -> (Value, Exit) {
    let (word, exit) = kind(error);
    let mut object = json!({ "error": word, "message": format!("{error:#}") });
    let rule = error.downcast_ref::<Refused>().and_then(|refused| refused.problem.rule.as_ref());
    if let (Some(rule), Some(members)) = (rule, object.as_object_mut()) {
        members.insert("rule".to_owned(), rule.as_str().into());
    }
    if let (Some(faults), Some(members)) = (error.downcast_ref::<Faults>(), object.as_object_mut()) {
        let list: Vec<Value> =
            faults.list.iter().take(MAX_TOLD).map(|fault| fault_object(&faults.file, fault)).collect();
        members.insert("faults".to_owned(), list.into());
    }
    (object, exit)
}

fn kind(error: &anyhow::Error) -> (&'static str, Exit) {
    if let Some(refused) = error.downcast_ref::<Refused>() {
        // The readers' rules are policy; every other refusal is of the request. API-14
        let exit = if refused.problem.error == ProblemKind::Reading { Exit::Refused } else { Exit::Failed };
        return (refused.problem.error.word(), exit);
    }
    if error.is::<NotVerified>() {
        return ("not-verified", Exit::NotVerified);
    }
    if error.is::<Faults>() {
        return ("file", Exit::Failed);
    }
    ("failed", Exit::Failed)
}
