//! Dates, and the keys that a level makes necessary (R030 to R034).

use super::{
    context::Context,
    keys::{Declassify as Written, Keys, Text},
    told::{Told, whole},
};
use crate::{
    assessment::Declassify,
    calendar::{Day, Timestamp},
    spelling::is_office,
    toml::{Spanned, day_of, timestamp_of},
};
use toml_edit::Datetime;

/// Seconds by which a cut-off may be ahead of this clock.
const AHEAD: i64 = 300;

/// The moments of a report.
pub(super) struct Dates {
    pub(super) cutoff: Option<Timestamp>,
    pub(super) produced: Timestamp,
    pub(super) review: Option<Day>,
    pub(super) declassify: Option<Declassify>,
}

/// Reads and judges the dates; what a level makes necessary is judged by [`by_level`].
pub(super) fn read(keys: &Keys, context: &Context<'_>, told: &Told<'_>) -> Dates {
    let cutoff = keys.information_cutoff.as_ref().and_then(|raw| cutoff(raw, context, told));
    let produced = keys.produced.as_ref().and_then(|raw| {
        let at = told.at(raw.at);
        let value = moment(raw);
        match value {
            None => told.error(at, "R031", format!("produced is no moment. {}", how(raw))),
            Some(value) if cutoff.is_some_and(|cutoff| value < cutoff) => {
                told.error(at, "R031", "produced is before information_cutoff");
            }
            Some(_) => {}
        }
        value
    });
    // A cut-off may be ahead by a clock's error; the report is never older than what it knows.
    let produced = produced.unwrap_or_else(|| cutoff.map_or(context.now, |cutoff| cutoff.max(context.now)));
    let review = keys.review.as_ref().and_then(|raw| review(raw, cutoff, told));
    let declassify = keys.declassify.as_ref().and_then(|written| declassify(written, review, told));
    Dates { cutoff, produced, review, declassify }
}

fn moment(raw: &Spanned<Datetime>) -> Option<Timestamp> {
    timestamp_of(&raw.value)
}

/// How the value would be a moment.
fn how(raw: &Spanned<Datetime>) -> String {
    match (raw.value.date, raw.value.time, raw.value.offset) {
        (Some(date), Some(time), None) => {
            let seconds = time.second.unwrap_or(0);
            format!("Add Z or +02:00: {date}T{:02}:{:02}:{seconds:02}Z", time.hour, time.minute)
        }
        _ => "Write date, time in whole seconds, and offset: 2026-11-16T18:00:00Z".to_owned(),
    }
}

fn cutoff(raw: &Spanned<Datetime>, context: &Context<'_>, told: &Told<'_>) -> Option<Timestamp> {
    let at = told.at(raw.at);
    let Some(value) = moment(raw) else {
        let what = if raw.value.offset.is_none() { "has no offset" } else { "is no moment" };
        told.error(at, "R030", format!("information_cutoff {what}. {}", how(raw)));
        return None;
    };
    if value > context.now.plus(AHEAD) {
        let message =
            format!("information_cutoff {value} is after now, {}. Correct it or this machine's clock", context.now);
        told.error(at, "R030", message);
    }
    Some(value)
}

fn review(raw: &Spanned<Datetime>, cutoff: Option<Timestamp>, told: &Told<'_>) -> Option<Day> {
    let Some(day) = day_of(&raw.value) else {
        told.error(told.at(raw.at), "R032", "review must be a date, such as 2027-05-16");
        return None;
    };
    if cutoff.is_some_and(|cutoff| day <= cutoff.day()) {
        let message = format!("review {day} is before information_cutoff. Name a day after it");
        told.error(told.at(raw.at), "R032", message);
    }
    Some(day)
}

fn declassify(written: &Written, review: Option<Day>, told: &Told<'_>) -> Option<Declassify> {
    match written {
        Written::Word(word) if word.value == "originator" => Some(Declassify::Originator),
        Written::Word(word) => {
            told.error(
                told.at(word.at),
                "R033",
                format!("declassify {:?} needs to be a date, or \"originator\"", word.value),
            );
            None
        }
        Written::On(raw) => {
            let Some(day) = day_of(&raw.value) else {
                told.error(told.at(raw.at), "R033", "declassify must be a date, or \"originator\"");
                return None;
            };
            if review.is_some_and(|review| day < review) {
                told.error(
                    told.at(raw.at),
                    "R033",
                    format!("declassify {day} is before review. Name a day not before it"),
                );
            }
            Some(Declassify::On(day))
        }
    }
}

/// R034 for the value itself.
pub(super) fn classified_by(value: &Text, context: &Context<'_>, told: &Told<'_>) {
    let nation = context.register.nation;
    if is_office(&value.value, nation) {
        return;
    }
    let message = if value.value.chars().any(char::is_control) {
        "classified_by has a line end or another control character. Write the office on one line".to_owned()
    } else if value.value.chars().count() > 80 {
        "classified_by is longer than 80 characters. Name the office only".to_owned()
    } else if value.value.strip_prefix(nation.as_str()).is_some_and(|rest| rest.starts_with('/')) {
        "classified_by has a sign that no office has. Use letters, digits, blanks, - . , / & ' and no //".to_owned()
    } else {
        format!("classified_by must be an office. A person's name does not leave the nation. Begin it with {nation}/")
    };
    told.error(told.at(value.at), "R034", message);
}

/// What the level of the banner makes necessary. Levels count from the register's lowest, which is 0.
pub(super) fn by_level(keys: &Keys, level: usize, banner: &str, context: &Context<'_>, told: &Told<'_>) {
    let at = told.closing();
    if level >= 1 && keys.review.is_none() {
        told.error(at, "R032", format!("review is missing: {banner} needs a date after information_cutoff"));
    }
    if level >= 2 && keys.declassify.is_none() {
        told.error(at, "R033", format!("declassify is missing: {banner} needs a date, or \"originator\""));
    }
    if level >= 1 && keys.classified_by.is_none() {
        let nation = context.register.nation;
        told.error(at, "R034", format!("classified_by is missing: {banner} needs an office, such as {nation}/J2"));
    }
}

/// R080 where a level needs the officer's reason and the home file has none.
pub(super) fn justification(level: usize, home: Option<&crate::home::Home>, context: &Context<'_>, told: &Told<'_>) {
    if level == 0 || home.is_some_and(|home| home.justification.is_some()) {
        return;
    }
    let message = match context.home {
        // A home file that does not read has been told already.
        Some(_) if home.is_none() => return,
        Some((name, _)) => format!("{name} has no justification. Say what the nation gains: the officer decides on it"),
        None => {
            "no home file beside the report. Its justification says what the nation gains: the officer decides on it"
                .to_owned()
        }
    };
    told.extend(vec![whole("R080", message)]);
}
