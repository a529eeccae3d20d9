//! What an officer must look at in every report before it leaves, whatever a nation's own rules ask for: text that is
//! shaped like a mark, and what nobody sees in data of others, which cannot be retyped.

use crate::code::Code;
use relto_report::{
    assessment::Document,
    shapes::{
        Words,
        data::{Found, InData, each_in_attachments},
        each_shape,
    },
};
use std::fmt;

/// Places that a reason tells; whoever has the text finds the others there, by [`each_place`].
const MAX_PLACES: usize = 8;

/// One thing to look at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ToLook {
    /// The code that the officer answers.
    pub code: Code,
    /// Where it stands, in words.
    pub detail: String,
}

/// Every place that an officer must look at, with its code. Pure, and linear in the plaintext. POL-21, POL-22
pub fn each_place(document: &Document, words: &Words, mut see: impl FnMut(Code, &dyn fmt::Display)) {
    each_shape(document.report(), words, |place, shape| {
        if !shape.is_error() {
            see(Code::MarkInText, &format_args!("{place}, {shape}"));
        }
    });
    each_in_attachments(document, words, |InData { attachment, line, found }| {
        let place = format_args!("attachment {attachment}, line {line}");
        match found {
            Found::Mark(text) => see(Code::MarkInText, &format_args!("{place}: {text} is shaped like a mark")),
            // Nobody knows what else it has.
            Found::Unread => {
                let unread = format_args!("attachment {attachment}: it cannot be read to its end");
                see(Code::UnseenInAttachment, &unread);
            }
            Found::Unseen(found) => {
                let (kind, name) = (found.what.kind(), found.what.name(found.one));
                see(Code::UnseenInAttachment, &format_args!("{place}: {kind} U+{:04X} ({name})", u32::from(found.one)));
            }
        }
    });
}

/// What there is to look at, by code: the first places, and how many more there are.
#[must_use]
pub fn to_look(document: &Document, words: &Words) -> Vec<ToLook> {
    let mut found = [(Code::MarkInText, Vec::new(), 0_usize), (Code::UnseenInAttachment, Vec::new(), 0)];
    each_place(document, words, |code, place| {
        if let Some((_, places, more)) = found.iter_mut().find(|(one, ..)| *one == code) {
            if places.len() < MAX_PLACES {
                places.push(place.to_string());
            } else {
                *more += 1;
            }
        }
    });
    found.into_iter().filter_map(|(code, places, more)| one_of(code, &places, more)).collect()
}

fn one_of(code: Code, places: &[String], more: usize) -> Option<ToLook> {
    if places.is_empty() {
        return None;
    }
    let more = match more {
        0 => String::new(),
        more => format!("; and {more} more: `relto hold show` lists every place"),
    };
    Some(ToLook { code, detail: format!("an officer must look at {}{more}", places.join("; ")) })
}
