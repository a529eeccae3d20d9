//! The grammar's rules on a canonical report, for a node that cannot trust the client which made it.
//!
//! Only rules for which the decision has no code of its own (MALFORMED, report-grammar section 6): marks and labels,
//! topics, forms, purposes, addressees and sizes are judged by the decision, and what needs the author's records is
//! asked by nobody else. [`crate::rules`] lists them all. The client calls this too, before anything is signed.

mod at_home;
mod body;
mod ground;
mod kept;
#[cfg(test)]
mod tests;

pub use ground::{AtHome, Broken, Ground};

use crate::{
    assessment::{Declassify, Document, MAX_ATTACHED, Report},
    attachment::is_plain_name,
    calendar::{Day, Timestamp},
    inspection::Seen,
    marking::{ordered_codes, read_portion},
    nation::Nation,
    register::Register,
    shapes::{self, Form, Words},
    shown::texts,
    spelling::{is_line, is_office, is_traffic, serial_parts},
    unseen::unseen,
};
use ground::{are_different, ensure, level};
use unicode_normalization::is_nfc;

/// Checks a report: the rules of [`crate::rules::RULES`] that are judged by their form; of attachments what the report
/// says of them. What they are is for [`attachments`]. RPT-7
///
/// # Errors
/// The rule that is broken.
pub fn check(document: &Document, ground: &Ground<'_>) -> Result<(), Broken> {
    let report = document.report();
    let (register, vocabulary) = (ground.register, ground.vocabulary);
    ensure(texts(report).into_iter().all(|one| is_clean(one.text)), "R003")?; // RPT-8
    head(report, ground)?;
    dates(report, register)?;
    ensure(!report.classified_by.as_ref().is_some_and(|office| has_mark(office, ground.words)), "R034")?;
    body::portions(report, ground)?;
    body::judgements(report, register, vocabulary)?;
    body::sources(report, vocabulary)?;
    ensure(!report.from_tear_line || has_nothing_of_its_own(report), "R070")?;
    ensure(report.attachments.len() <= MAX_ATTACHED, "R060")?;
    for (n, one) in report.attachments.iter().enumerate() {
        let earlier = report.attachments.iter().take(n).any(|earlier| earlier.name == one.name);
        ensure(is_plain_name(&one.name) && !earlier, "R060")?;
        ensure(is_line(&one.title.text, 200), "R100")?;
    }
    let mut begins = false;
    shapes::each_shape(report, ground.words, |_, shape| begins |= shape.is_error());
    ensure(!begins, shapes::RULE)?; // RPT-9
    ground.home.as_ref().map_or(Ok(()), |home| at_home::check(home, document, ground))
}

/// Checks attachments by what was seen of them elsewhere: nothing of them is parsed here. What cannot be inspected is
/// no broken rule.
///
/// # Errors
/// The rule that is broken: a content is not what name and report say, or an attachment was not looked at.
pub fn attachments(report: &Report, seen: &[Seen]) -> Result<(), Broken> {
    ensure(report.attachments.len() == seen.len(), "R061")?;
    for (one, seen) in report.attachments.iter().zip(seen) {
        let agrees = seen.as_ref().map_or(true, |look| look.media.is_some_and(|media| media.name() == one.media_type));
        ensure(agrees, "R061")?;
    }
    Ok(())
}

/// Composed, and without characters that make a text read differently from what was signed.
fn is_clean(text: &str) -> bool {
    is_composed(text) && unseen(text).is_none()
}

/// Composed (NFC). Below U+0300 no character has another form, and none is a mark: UAX 15, section 9.
fn is_composed(text: &str) -> bool {
    text.is_ascii() || text.chars().all(|one| one < '\u{300}') || is_nfc(text)
}

fn head(report: &Report, ground: &Ground<'_>) -> Result<(), Broken> {
    let (register, vocabulary) = (ground.register, ground.vocabulary);
    let of = |serial: &String| serial_parts(serial).map(|(nation, _)| nation);
    ensure(of(&report.serial) == Some(register.nation), "R011")?;
    ensure(is_line(&report.title.text, 200), "R014")?;
    // An empty list is the own nation alone.
    ensure(report.rel_to.is_empty() || report.rel_to == ordered_codes(&report.rel_to, register.nation), "R021")?;
    ensure(are_different(&report.topics), "R022")?;
    ensure(vocabulary.precedence.contains(&report.precedence), "R024")?;
    ensure(are_different(&report.action) && are_different(&report.info), "R025")?;
    ensure(is_traffic(&report.traffic), "R026")?;
    let either = |nation: Nation| nation == register.nation || ground.recipient.is_none_or(|to| nation == to);
    ensure(report.translation_of.as_ref().is_none_or(|serial| of(serial).is_some_and(either)), "R028")?;
    ensure(vocabulary.likelihood.iter().any(|row| row.scale == report.likelihood_scale), "R035")?;
    ensure(report.tlp.as_ref().is_none_or(|colour| vocabulary.tlp.contains(colour)), "R036")?;
    if let Some(reason) = &report.aggregation_reason {
        let (mark, faults) = read_portion(&reason.mark, register);
        ensure(is_line(&reason.text, 200) && faults.is_empty(), "R100")?;
        ensure(mark.foreign.is_none(), "R120")?;
    }
    let taken = !report.from_tear_line;
    ensure(!taken || report.form != "rfi-response" || report.answers.is_some(), "R037")?;
    ensure(!taken || report.form != "correction" || report.supersedes.is_some(), "R039")
}

/// What is not taken over from a report into its tear line is empty there.
fn has_nothing_of_its_own(report: &Report) -> bool {
    report.info.is_empty()
        && report.attachments.is_empty()
        && report.refers_to.is_empty()
        && report.answers.is_none()
        && report.supersedes.is_none()
        && report.translation_of.is_none()
        && report.aggregation_reason.is_none()
}

/// Whether the name of an office is, or has in it, what is shaped like a mark.
fn has_mark(office: &str, words: &Words) -> bool {
    let name = office.split_once('/').map_or(office, |(_, name)| name);
    !shapes::mark_shapes(name, Form::Data, words).is_empty()
}

fn dates(report: &Report, register: &Register) -> Result<(), Broken> {
    let cutoff = report.information_cutoff;
    ensure(Timestamp::FIRST <= cutoff && cutoff <= Timestamp::LAST, "R030")?;
    ensure(cutoff <= report.produced && report.produced <= Timestamp::LAST, "R031")?;
    // An unknown banner is judged by the decision; nothing is then needed by level.
    let level = level(report, register);
    ensure(report.review.map_or(level == 0, |day| cutoff.day() < day && day <= Day::LAST), "R032")?;
    let declassify = match &report.declassify {
        None => level < 2,
        Some(Declassify::Originator) => true,
        Some(Declassify::On(day)) => {
            Day::FIRST <= *day && *day <= Day::LAST && report.review.is_none_or(|review| *day >= review)
        }
    };
    ensure(declassify, "R033")?;
    let office = report.classified_by.as_ref().map_or(level == 0, |office| is_office(office, register.nation));
    ensure(office, "R034")
}
