//! Serials: the report's own, and those it refers to (R011, and of R028 and R037 to R039 what the file shows).

use super::{
    context::Context,
    keys::{Keys, Text},
    told::Told,
};
use crate::{
    nation::Nation,
    spelling::{MAX_SERIAL, serial_parts},
};

/// R011.
pub(super) fn own(serial: &Text, context: &Context<'_>, told: &Told<'_>) {
    let nation = context.register.nation;
    let at = told.at(serial.at);
    if !serial.value.starts_with(&format!("{nation}-")) {
        told.error(at, "R011", format!("serial must begin with your nation, {nation}-; found {:?}", serial.value));
    } else if serial_parts(&serial.value).is_none() {
        let message = format!(
            "serial {:?} must be {nation}-OFFICE-YYYY-number, the number of 4 to 8 digits, {MAX_SERIAL} characters at most",
            serial.value
        );
        told.error(at, "R011", message);
    }
}

/// What the file shows of R028 and R037 to R039: the form of the serials and whose they are.
pub(super) fn references(keys: &Keys, context: &Context<'_>, told: &Told<'_>) {
    let own = context.register.nation;
    let partner = context.recipient.as_ref().map(|one| one.nation);
    let check = |text: &Text, rule, what: &str, right: &dyn Fn(Nation) -> bool| {
        let message = match serial_parts(&text.value) {
            None => format!("{what} {:?} is no serial. Serials are NNN-OFFICE-YYYY-number", text.value),
            Some((nation, _)) if !right(nation) => {
                format!("{what} {} is not a serial that can stand here: it is of {nation}", text.value)
            }
            Some(_) => return,
        };
        told.error(told.at(text.at), rule, message);
    };
    let either = |nation| nation == own || partner.is_none_or(|partner| nation == partner);
    if let Some(text) = &keys.translation_of {
        check(text, "R028", "translation_of", &either);
    }
    if let Some(text) = &keys.answers {
        check(text, "R037", "answers", &|nation| nation != own && partner.is_none_or(|partner| nation == partner));
    }
    if let Some(text) = &keys.supersedes {
        check(text, "R039", "supersedes", &|nation| nation == own);
    }
    if let Some(list) = &keys.refers_to {
        list.value.iter().for_each(|text| check(text, "R038", "refers_to", &either));
        if list.value.len() > 32 {
            told.error(
                told.at(list.at),
                "R038",
                format!("refers_to has {} serials; the limit is 32", list.value.len()),
            );
        }
    }
}
