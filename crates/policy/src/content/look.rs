//! What an officer must look at in every report before it leaves, whatever a nation's own rules ask for: text that is
//! shaped like a mark, and what nobody sees in data of others, which cannot be retyped.

use crate::code::Code;
use relto_report::{
    assessment::Document,
    shapes::{
        Words,
        data::{Found, in_attachments},
        of_report,
    },
};

/// Places told of one code at most.
const MAX_PLACES: usize = 16;

/// One thing to look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToLook {
    /// The code that the officer answers.
    pub code: Code,
    /// Where it stands, in words.
    pub detail: String,
}

/// Everything that an officer must look at. Pure, and linear in the plaintext. POL-21, POL-22
#[must_use]
pub fn to_look(document: &Document, words: &Words) -> Vec<ToLook> {
    let (mut marks, mut unseen) = (Vec::new(), Vec::new());
    let held = of_report(document.report(), words).into_iter().filter(|(_, shape)| !shape.is_error());
    marks.extend(held.map(|(place, shape)| format!("{place}, {shape}")));
    for one in in_attachments(document, words) {
        let place = format!("attachment {}, line {}", one.attachment, one.line);
        match one.found {
            Found::Mark(text) => marks.push(format!("{place}: {text} is shaped like a mark")),
            Found::Unseen(found) => {
                let number = u32::from(found.one);
                unseen.push(format!("{place}: {} U+{number:04X} ({})", found.what.kind(), found.what.name(found.one)));
            }
        }
    }
    [(Code::MarkInText, marks), (Code::UnseenInAttachment, unseen)].into_iter().filter_map(one_of).collect()
}

fn one_of((code, mut places): (Code, Vec<String>)) -> Option<ToLook> {
    if places.is_empty() {
        return None;
    }
    let more = places.len().saturating_sub(MAX_PLACES);
    places.truncate(MAX_PLACES);
    let more = if more > 0 { format!("; and {more} more places") } else { String::new() };
    Some(ToLook { code, detail: format!("an officer must look at {}{more}", places.join("; ")) })
}
