//! What is said of names, actions, annotations and links that may not be in a PDF.

use super::{lexer::Short, stop::Stop};
use crate::attachment::finding::{Advice, At, Sort};

/// What is said of an action that may not be there.
pub(super) const NO_ACTION: &str = "an action that does more than show a page or a link";

/// A name of a dictionary that may not be there.
pub(super) fn refused(sort: Sort, name: &Short, at: At) -> Stop {
    let name = String::from_utf8_lossy(name.bytes()).into_owned();
    let (what, advice) = match name.as_str() {
        "Encrypt" => ("/Encrypt: an encrypted document".to_owned(), Advice::Unlock),
        "EmbeddedFiles" | "EmbeddedFile" | "EF" | "AF" | "FileAttachment" | "Filespec" | "Collection" => {
            (format!("/{name}"), Advice::Detach)
        }
        "Widget" => ("a field of a form (/Widget)".to_owned(), Advice::PrintAnew),
        _ => (format!("/{name}"), Advice::PrintAnew),
    };
    Stop::new(sort, &what, at, advice)
}

/// What is said of an annotation that may not be there.
pub(super) fn annotation_fault(at: At) -> Stop {
    Stop::odd("an annotation that is no text, mark or link", at)
}

/// What is said of a link that may not be there.
pub(super) fn link_fault(at: At) -> Stop {
    Stop::new(Sort::Active, "a link that is neither http nor https nor mailto", at, Advice::MendLink)
}
