//! Every text of a report that the partner will see, in one enumeration.
//!
//! The join of the marks, the grammar's rules on texts and the look for words that must stay home all go over this list
//! and no other. Each struct is taken apart whole, so that a new field does not compile until it stands here.

use crate::assessment::{Attachment, Block, Declassify, Described, Judgement, MarkedText, Portion, Report, Source};
use std::fmt;

/// Where in a report something stands. Numbers count from 1, in the report's order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Place {
    /// The title.
    Title,
    /// The reason for a banner that is stricter than its portions.
    AggregationReason,
    /// A portion of the text.
    Portion(usize),
    /// What is said with a judgement.
    Judgement(usize),
    /// The description of a source.
    Source(usize),
    /// Name or title of an attachment.
    AttachmentTitle(usize),
    /// The content of an attachment.
    Attachment(usize),
    /// The field of this name in the front matter.
    Key(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Title => write!(f, "the title"),
            Self::AggregationReason => write!(f, "the aggregation reason"),
            Self::Portion(n) => write!(f, "portion {n}"),
            Self::Judgement(n) => write!(f, "judgement {n}"),
            Self::Source(n) => write!(f, "source {n}"),
            Self::AttachmentTitle(n) => write!(f, "the title of attachment {n}"),
            Self::Attachment(n) => write!(f, "attachment {n}"),
            Self::Key(name) => write!(f, "the field {name}"),
        }
    }
}

/// What sort of text a field is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    /// A portion mark, without its brackets; the banner counts it.
    Mark,
    /// Words that people write as they like, behind a mark.
    Words,
    /// A name, a number or a word of some list.
    Code,
}

/// One text of a report.
#[derive(Clone, Copy)]
pub struct Shown<'r> {
    /// Where it stands.
    pub place: Place,
    /// Its sort.
    pub sort: Sort,
    /// The text; may be empty.
    pub text: &'r str,
}

/// Gives every text of a report, in the report's order.
#[inline]
pub fn each<'r>(report: &'r Report, mut see: impl FnMut(Shown<'r>)) {
    let see = &mut see;
    let Report {
        format,
        serial,
        form,
        title,
        banner,
        rel_to,
        topics,
        purpose,
        precedence,
        action,
        info,
        traffic,
        language,
        translation_of,
        information_cutoff: _,
        produced: _,
        review: _,
        declassify,
        classified_by,
        likelihood_scale,
        tlp,
        answers,
        refers_to,
        supersedes,
        aggregation_reason,
        from_tear_line: _,
        judgements,
        sources,
        portions,
        attachments,
    } = report;
    marked(Place::Title, title, see);
    for (name, text) in [
        ("format", format),
        ("serial", serial),
        ("form", form),
        ("banner", banner),
        ("purpose", purpose),
        ("precedence", precedence),
        ("traffic", traffic),
        ("language", language),
        ("likelihood_scale", likelihood_scale),
    ] {
        see(code(Place::Key(name), text));
    }
    for (name, list) in
        [("rel_to", rel_to), ("topics", topics), ("action", action), ("info", info), ("refers_to", refers_to)]
    {
        list.iter().for_each(|text| see(code(Place::Key(name), text)));
    }
    for (name, text) in [
        ("translation_of", translation_of),
        ("classified_by", classified_by),
        ("tlp", tlp),
        ("answers", answers),
        ("supersedes", supersedes),
    ] {
        text.iter().for_each(|text| see(code(Place::Key(name), text)));
    }
    // A day or nothing: no text of the author's.
    match declassify {
        None | Some(Declassify::On(_) | Declassify::Originator) => {}
    }
    aggregation_reason.iter().for_each(|one| marked(Place::AggregationReason, one, see));
    (1..).zip(portions).for_each(|(n, one)| portion(n, one, see));
    (1..).zip(judgements).for_each(|(n, one)| judgement(n, one, see));
    (1..).zip(sources).for_each(|(n, one)| source(n, one, see));
    (1..).zip(attachments).for_each(|(n, one)| attachment(n, one, see));
}

/// Every text of a report, as a list.
#[must_use]
pub fn texts(report: &Report) -> Vec<Shown<'_>> {
    let mut out = Vec::new();
    each(report, |one| out.push(one));
    out
}

const fn code(place: Place, text: &str) -> Shown<'_> {
    Shown { place, sort: Sort::Code, text }
}

#[inline]
fn marked<'r>(place: Place, one: &'r MarkedText, see: &mut impl FnMut(Shown<'r>)) {
    let MarkedText { mark, text } = one;
    see(Shown { place, sort: Sort::Mark, text: mark });
    see(Shown { place, sort: Sort::Words, text });
}

/// A fixed heading has no mark; whether its text is one of the fixed ones is the join's to say.
#[inline]
fn portion<'r>(n: usize, one: &'r Portion, see: &mut impl FnMut(Shown<'r>)) {
    let Portion { block, body } = one;
    if matches!(block, Block::Heading(_)) && body.mark.is_empty() {
        see(Shown { place: Place::Portion(n), sort: Sort::Words, text: &body.text });
    } else {
        marked(Place::Portion(n), body, see);
    }
}

#[inline]
fn judgement<'r>(n: usize, one: &'r Judgement, see: &mut impl FnMut(Shown<'r>)) {
    let Judgement { id, likelihood, confidence, sources: _ } = one;
    [id, likelihood, confidence].into_iter().for_each(|text| see(code(Place::Judgement(n), text)));
}

#[inline]
fn source<'r>(at: usize, one: &'r Source, see: &mut impl FnMut(Shown<'r>)) {
    let Source { n: _, grade, described } = one;
    see(code(Place::Source(at), grade));
    let Some(described) = described else { return };
    let Described { mark, nation, kind, as_of: _, topics, descriptor } = described;
    see(Shown { place: Place::Source(at), sort: Sort::Mark, text: mark });
    [nation, kind].into_iter().chain(topics).for_each(|text| see(code(Place::Source(at), text)));
    see(Shown { place: Place::Source(at), sort: Sort::Words, text: descriptor });
}

#[inline]
fn attachment<'r>(n: usize, one: &'r Attachment, see: &mut impl FnMut(Shown<'r>)) {
    let Attachment { name, mark, title, media_type, length: _, sha256: _ } = one;
    see(Shown { place: Place::Attachment(n), sort: Sort::Mark, text: mark });
    see(code(Place::Attachment(n), media_type));
    see(code(Place::AttachmentTitle(n), name));
    marked(Place::AttachmentTitle(n), title, see);
}
