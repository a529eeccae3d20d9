//! A portion mark in its brackets: parted from its text, read, and shown as an example.

use super::{
    context::Context,
    told::{Place, Told},
};
use crate::{
    assessment::MAX_LINE,
    marking::{MarkFaultKind, read_portion_with},
};

/// Parts `(S//NF) text` into mark and text; both stand on one line.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    let (mark, rest) = text.strip_prefix('(')?.split_once(')')?;
    let rest = rest.strip_prefix(' ')?.trim_start_matches(' ');
    let usable = !mark.contains('\n') && !rest.is_empty() && !rest.starts_with('\n');
    usable.then_some((mark, rest))
}

/// Reads one mark and tells its faults, or calls `none` where the brackets hold words and no mark. Gives the
/// canonical mark even then, as far as it can be read; `None` where there is no mark.
pub(super) fn read_mark(
    mark: &str,
    context: &Context<'_>,
    told: &Told<'_>,
    place: impl Fn(usize) -> Place,
    none: impl FnOnce(),
) -> Option<String> {
    let (read, faults) = read_portion_with(mark, context.register, context.others);
    let words = faults.iter().any(|fault| matches!(&fault.kind, MarkFaultKind::LevelUnknown(word) if is_prose(word)));
    if mark.trim().is_empty() || words {
        none();
        return None;
    }
    if mark.len() > MAX_LINE {
        told.error(place(0), "R100", format!("a mark of {} bytes; the limit is {MAX_LINE}", mark.len()));
        return None;
    }
    for fault in &faults {
        told.error(place(fault.offset), fault.rule(), fault.kind.message(context.register));
    }
    Some(if faults.is_empty() { read.canonical(context.register) } else { mark.to_owned() })
}

fn is_prose(word: &str) -> bool {
    word.chars().any(|one| one.is_lowercase() || one.is_ascii_digit())
}

/// `(U) or (C//REL TO XAA, XBB)` in the words of the register.
pub(super) fn examples(context: &Context<'_>) -> String {
    let register = context.register;
    let short = |place: usize| register.levels.get(place).map_or("U", |level| level.short.as_str());
    let partner = context.recipient.as_ref().map(|one| one.nation);
    let partner =
        partner.or_else(|| context.others.first().map(|one| one.nation)).filter(|one| *one != register.nation);
    let lowest = short(register.levels.len().saturating_sub(1));
    partner.map_or_else(
        || format!("({lowest})"),
        |partner| format!("({lowest}) or ({}//{} {}, {partner})", short(2), register.list.short, register.nation),
    )
}
