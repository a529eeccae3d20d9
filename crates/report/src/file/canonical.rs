//! The canonical form: the keys that go into a report as they stand, with their defaults, and its bytes.

use super::{
    context::Context,
    keys::{Keys, Text, Texts},
    text::too_large,
    told::{Told, whole},
};
use crate::{
    assessment::{Document, FORMAT, Hashing, MAX_TOGETHER, MarkedText, Report},
    attachment::bytes::{Apart, Bytes as _, Joined, Unread, each_piece},
    codec::Malformed,
};
use std::sync::Arc;

/// The scale where a report names none.
pub(super) const SCALE: &str = "icd-203/en";

/// No text, where a key has none that can be read.
pub(super) fn empty() -> MarkedText {
    MarkedText { mark: String::new(), text: String::new() }
}

fn text(text: &Option<Text>) -> String {
    text.as_ref().map(|text| text.value.clone()).unwrap_or_default()
}

fn optional(text: &Option<Text>) -> Option<String> {
    text.as_ref().map(|text| text.value.clone())
}

/// The values of a list.
pub(super) fn list(list: &Option<Texts>) -> Vec<String> {
    list.as_ref().map(|list| list.value.iter().map(|one| one.value.clone()).collect()).unwrap_or_default()
}

/// The office that gets a report without addressee. None where `rel_to` names others than its recipient: the same bytes
/// go to each, and an office of one nation is none of another's. FLW-4
pub(super) fn default_action(rel_to: &[String], context: &Context<'_>) -> Vec<String> {
    let Some(recipient) = &context.recipient else { return Vec::new() };
    let both = [context.register.nation, recipient.nation];
    let is_for_others = rel_to.iter().any(|code| both.iter().all(|nation| nation.as_str() != code));
    recipient.office.filter(|_| !is_for_others).map(str::to_owned).into_iter().collect()
}

/// The keys that go into the report as they stand, with their defaults.
pub(super) fn of_keys(keys: &Keys, context: &Context<'_>) -> Report {
    let rel_to = list(&keys.rel_to);
    let action = if keys.action.is_some() { list(&keys.action) } else { default_action(&rel_to, context) };
    Report {
        format: FORMAT.to_owned(),
        serial: text(&keys.serial),
        form: text(&keys.form),
        title: empty(),
        banner: String::new(),
        rel_to,
        topics: list(&keys.topics),
        purpose: text(&keys.purpose),
        precedence: optional(&keys.precedence).unwrap_or_else(|| "ROUTINE".to_owned()),
        action,
        info: list(&keys.info),
        traffic: text(&keys.traffic),
        language: optional(&keys.language).unwrap_or_else(|| context.register.language.clone()),
        translation_of: optional(&keys.translation_of),
        information_cutoff: context.now,
        produced: context.now,
        review: None,
        declassify: None,
        classified_by: optional(&keys.classified_by),
        likelihood_scale: optional(&keys.likelihood_scale).unwrap_or_else(|| SCALE.to_owned()),
        tlp: optional(&keys.tlp),
        answers: optional(&keys.answers),
        refers_to: list(&keys.refers_to),
        supersedes: optional(&keys.supersedes),
        aggregation_reason: None,
        from_tear_line: false,
        judgements: Vec::new(),
        sources: Vec::new(),
        portions: Vec::new(),
        attachments: Vec::new(),
    }
}

/// The report's bytes. What no rule of the grammar stops and the canonical form does not take is told here.
pub(super) fn lay_out(report: &Report, contents: &[Apart], context: &Context<'_>, told: &Told<'_>) -> Option<Document> {
    let Ok(made) = join(report, contents) else {
        // It could be when its digest was made.
        told.extend(vec![whole("R062", "an attachment cannot be read any more. See that it can be read".to_owned())]);
        return None;
    };
    match made {
        Ok(document) => {
            let limit = context.recipient.as_ref().and_then(|recipient| recipient.max_report_bytes);
            if let Some(limit) = limit.filter(|limit| document.report_length() > *limit) {
                told.extend(vec![too_large(document.report_length(), limit)]);
            }
            Some(document)
        }
        // A rule that has been told is the better reason.
        Err(_) if told.has_errors() => None,
        // Each attachment has the length and the digest that it had a moment ago, or somebody writes it.
        Err(error @ Malformed::OutOfBounds("attachment length" | "attachment sha256")) => {
            told.extend(vec![whole(
                "R062",
                format!("an attachment was changed while it was read: {error}. Try again"),
            )]);
            None
        }
        Err(error) => {
            told.extend(vec![whole("R002", format!("this report cannot be sent: {error}. Shorten it"))]);
            None
        }
    }
}

/// The report with its attachments: short ones in memory, longer ones where they are, read once more and compared with
/// what the report says of them.
fn join(report: &Report, contents: &[Apart]) -> Result<Result<Document, Malformed>, Unread> {
    let lengths = report.attachments.iter().map(|one| one.length);
    if report.attachment_bytes() <= MAX_TOGETHER {
        let read = contents.iter().zip(lengths).map(|(file, length)| {
            let mut bytes = Vec::new();
            each_piece(file, length, |piece| bytes.extend_from_slice(piece)).map(|()| bytes)
        });
        let read = read.collect::<Result<Vec<_>, Unread>>()?;
        let attached: Vec<&[u8]> = read.iter().map(Vec::as_slice).collect();
        return Ok(Document::decode(Document::lay_out(report, &attached)));
    }
    let joined = Joined::of(contents.iter().cloned().zip(lengths));
    let mut hashing = Hashing::new();
    hashing.push(&Document::lay_out_head(report));
    each_piece(&joined, joined.length(), |piece| hashing.push(piece))?;
    Ok(hashing.finish().1.map(|hashed| hashed.apart(Arc::new(joined))))
}
