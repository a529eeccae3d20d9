//! Text that is shaped like a mark: a reader takes it for one, and no program counts it.
//!
//! Where a line, cell or text begins with such a shape it is an error (R115), for the client and for both nodes;
//! anywhere else an officer must look at it before it leaves (MARK_IN_TEXT). Words come from the registers of both
//! Parties, never from here. specs/report.md section 9 has the rule in words. Everything is linear in the text.

mod alike;
pub mod data;
mod find;
pub(crate) mod fold;
mod quick;
mod shape;
#[cfg(test)]
mod tests;
mod words;

use crate::{
    assessment::{Block, Report},
    pieces::{Piece, Rows, each_piece},
    shown::{Place, Shown, Sort, each},
};
pub(crate) use alike::reads_alike;
pub use shape::{Kind, Shape, Stands};
pub use words::Words;

/// The number of the rule where a text begins with a shape.
pub const RULE: &str = "R115";
/// Characters of a shape that are told.
const MAX_TOLD: usize = 40;

/// How a text is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    /// Lines of a portion, those that begin with a bar by their cells; or one line: title, description, reason.
    Lines,
    /// Lines of a table: each with a bar in it by its cells, whether it begins with one or not.
    Table,
    /// A cell or string of an attachment: a level alone is nothing there.
    Data,
}

/// The shapes of one text behind its mark, in its order. RPT-9, RPT-10
#[must_use]
pub fn mark_shapes(text: &str, form: Form, words: &Words) -> Vec<Shape> {
    let mut out = Vec::new();
    if quick::may_have(text, words) {
        match form {
            Form::Lines => lines(text, Rows::Begun, words, &mut out),
            Form::Table => lines(text, Rows::Barred, words, &mut out),
            Form::Data => find::in_unit(text, 0, find::Unit::Data, words, &mut out),
        }
        finish(text, &mut out);
    }
    out
}

/// All shapes of a report's texts with their places, one text at a time. The words are those of both Parties.
pub fn each_shape(report: &Report, words: &Words, mut see: impl FnMut(Place, Shape)) {
    each(report, |one| {
        if let Some(form) = form_of(report, &one) {
            mark_shapes(one.text, form, words).into_iter().for_each(|shape| see(one.place, shape));
        }
    });
}

/// How a text of a report is read; `None`: it is no text that people write as they like, or a fixed heading.
fn form_of(report: &Report, one: &Shown<'_>) -> Option<Form> {
    if one.sort != Sort::Words {
        return None;
    }
    let Place::Portion(n) = one.place else { return Some(Form::Lines) };
    let portion = report.portions.get(n.checked_sub(1)?)?;
    // A fixed heading is words of the register; any other text without a mark is an error of its own.
    if portion.body.mark.is_empty() {
        return None;
    }
    Some(match portion.block {
        Block::Table => Form::Table,
        Block::Heading(_) | Block::Paragraph | Block::Bullet | Block::Numbered => Form::Lines,
    })
}

/// Prose, and each cell for itself.
fn lines(text: &str, rows: Rows, words: &Words, out: &mut Vec<Shape>) {
    each_piece(text, rows, |start, piece, one| {
        let unit = match piece {
            Piece::Prose => find::Unit::Text,
            Piece::Cell { header } => find::Unit::Cell { header },
        };
        find::in_unit(one, start, unit, words, out);
    });
}

/// Puts them in order, counts lines, and cuts what is long.
fn finish(text: &str, out: &mut Vec<Shape>) {
    out.sort_by_key(|one| (one.at, one.kind));
    out.dedup_by_key(|one| one.at);
    let (mut line, mut chars, mut done) = (1, 0, 0);
    for one in out {
        let passed = text.get(done..one.at).unwrap_or_default();
        line += passed.matches('\n').count();
        chars += passed.chars().count();
        done = one.at;
        (one.line, one.chars) = (line, chars);
        one.text = one.text.replace('\n', " ");
        if one.text.chars().count() > MAX_TOLD {
            one.text = one.text.chars().take(MAX_TOLD).chain("...".chars()).collect();
        }
    }
}
