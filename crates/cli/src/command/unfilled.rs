//! What `relto new report` leaves to be written: a report that still has it is not meant for anybody.

use crate::{document::Source, exit::Exit, output::Output};
use anyhow::Result;
use relto_report::assessment::Document;

/// What stands in brackets in a skeleton, to be written by its author.
const PLACEHOLDERS: [&str; 7] = [
    "(the subject in one line)",
    "(what it is and how it knows)",
    "(What is known.)",
    "(what will happen, to whom, by when)",
    "(why not more, why not less)",
    "(quoi, contre qui, avant quand)",
    "(pourquoi pas plus, pourquoi pas moins)",
];

/// The same in a home file, where it stands in no comment any more.
const HOME_PLACEHOLDERS: [&str; 2] = ["\"(mark) what ", "reference = \"...\""];

/// What is left of a skeleton in a report or its home file: such a text is not meant for anybody. However its lines are
/// broken.
pub(super) fn unfilled(plaintext: &[u8], home: Option<&[u8]>) -> Option<&'static str> {
    let find = |list: &[&'static str], text: &[u8]| {
        let text = folded(text);
        list.iter().find(|one| text.windows(one.len()).any(|window| window == one.as_bytes())).copied()
    };
    let home = home.unwrap_or_default().split(|byte| *byte == b'\n');
    let written = home.filter(|line| !line.trim_ascii_start().starts_with(b"#"));
    let home: Vec<u8> = written.flat_map(|line| [line, b"\n"].concat()).collect();
    find(&PLACEHOLDERS, plaintext).or_else(|| find(&HOME_PLACEHOLDERS, &home))
}

/// Each run of white space as one blank.
fn folded(text: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    for byte in text {
        let byte = if byte.is_ascii_whitespace() { b' ' } else { *byte };
        if byte != b' ' || out.last() != Some(&b' ') {
            out.push(byte);
        }
    }
    out
}

/// What the report, or its home file, still has of a skeleton: `submit` signs no such text.
pub(super) fn unfilled_in(source: &Source, document: &Document) -> Option<&'static str> {
    unfilled(document.plaintext(), source.home_bytes())
}

pub(super) fn print_unfilled(output: Output, left: Option<&'static str>) -> Result<()> {
    left.map_or(Ok(()), |left| {
        output.line(format!(
            "\nnot to be submitted as it is: {left:?} is still there from `relto new report`. Write what it asks for"
        ))
    })
}

/// A report that `submit` would not sign is not done, whatever the decision would be.
pub(super) fn or_unfilled(exit: Exit, left: Option<&'static str>) -> Exit {
    if left.is_some() { exit.or_worse(Exit::Failed) } else { exit }
}
