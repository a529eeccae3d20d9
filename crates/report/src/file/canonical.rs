//! The canonical form: the keys that go into a report as they stand, with their defaults, and its bytes.

use super::{
    context::Context,
    keys::{Keys, Text, Texts},
    text::too_large,
    told::{Told, whole},
};
use crate::assessment::{Document, FORMAT, MarkedText, Report};

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
pub(super) fn lay_out(report: &Report, contents: &[&[u8]], context: &Context<'_>, told: &Told<'_>) -> Option<Document> {
    match Document::decode(Document::lay_out(report, contents)) {
        Ok(document) => {
            let limit = context.recipient.as_ref().and_then(|recipient| recipient.max_report_bytes);
            if let Some(limit) = limit.filter(|limit| document.report_length() > *limit) {
                told.extend(vec![too_large(document.report_length(), limit)]);
            }
            Some(document)
        }
        // A rule that has been told is the better reason.
        Err(_) if told.has_errors() => None,
        Err(error) => {
            told.extend(vec![whole("R002", format!("this report cannot be sent: {error}. Shorten it"))]);
            None
        }
    }
}
