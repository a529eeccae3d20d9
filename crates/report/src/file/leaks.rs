//! What must not leave: values of the home file (R072); and what the home file must have (R080).

use super::{
    context::Context,
    keys::{Keys, SourceKeys},
    told::{Place, Told, whole},
};
use crate::{fault::Fault, home::Home, nation::Nation};

/// Reads the home file and looks for its values in the report file (R072). Its own faults are told under R080.
pub(super) fn home(text: &str, context: &Context<'_>, told: &Told<'_>) -> Option<Home> {
    let (name, bytes) = context.home?;
    let home = match Home::read(name, bytes, context.register) {
        Ok(home) => home,
        Err(faults) => {
            let line =
                |one: &Fault| whole(one.rule, faults.line(one).replacen(&format!("error {}: ", one.rule), "", 1));
            told.extend(faults.list.iter().map(line).collect());
            return None;
        }
    };
    for secret in home.secrets().filter(|secret| !secret.trim().is_empty()) {
        for place in stands(text, secret) {
            told.error(
                place,
                "R072",
                format!("a value of {name} stands here. Take it out: it must not leave the nation"),
            );
        }
    }
    Some(home)
}

/// Every place where a value stands whole.
fn stands(text: &str, value: &str) -> Vec<Place> {
    let alone = |at: &usize| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        let behind = text.get(at + value.len()..).and_then(|behind| behind.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !behind.is_some_and(char::is_alphanumeric)
    };
    let places = crate::fault::Places::new(text, 1);
    text.match_indices(value).map(|(at, _)| at).filter(alone).take(16).map(|at| places.at(at)).collect()
}

/// R080: what the officer needs of the home file for foreign and withheld sources.
pub(super) fn needed(keys: &Keys, home: Option<&Home>, context: &Context<'_>, told: &Told<'_>) {
    // A home file that does not read has been told already.
    if context.home.is_some() && home.is_none() {
        return;
    }
    let name = context.home.map_or("no home file beside the report", |(name, _)| name);
    if let (Some(home), Some(serial)) = (home, &keys.serial)
        && home.report != serial.value
    {
        told.extend(vec![whole("R080", format!("{name} is of report {}, and this is {}", home.report, serial.value))]);
    }
    for source in &keys.sources {
        needed_of(source, name, home, context, told);
    }
    let in_order = keys.sources.iter().all(SourceKeys::is_in_order);
    if let Some(home) = home.filter(|_| in_order) {
        for one in &home.sources {
            if !keys.sources.iter().any(|source| number(source) == Some(one.n)) {
                told.extend(vec![whole(
                    "R080",
                    format!("{name} has source {}, which the report does not list", one.n),
                )]);
            }
        }
    }
}

fn number(source: &SourceKeys) -> Option<u32> {
    u32::try_from(source.number()).ok()
}

fn needed_of(source: &SourceKeys, name: &str, home: Option<&Home>, context: &Context<'_>, told: &Told<'_>) {
    let Some(n) = number(source) else { return };
    let entry = home.and_then(|home| home.source(n));
    let start = if home.is_none() { name.to_owned() } else { format!("{name} does not say enough of source {n}") };
    if source.withheld {
        if !entry.is_some_and(|entry| entry.is_described) {
            let message = format!(
                "{start}, and source {n} is withheld. Its nation, mark, kind, as_of and descriptor stand there"
            );
            told.error(told.at(source.n.as_ref().map_or(source.at, |n| n.at)), "R080", message);
        }
        return;
    }
    let Some(nation) = &source.nation else { return };
    let concealed = nation.value == context.register.foreign;
    let parsed = Nation::parse(&nation.value);
    let returns = parsed.is_some() && parsed == context.recipient.as_ref().map(|recipient| recipient.nation);
    if parsed == Some(context.register.nation) || returns || (parsed.is_none() && !concealed) {
        return;
    }
    let has_owner = entry.is_some_and(|entry| entry.owner.is_some());
    let has_consent = entry.is_some_and(|entry| entry.consent.is_some());
    if !has_consent || (concealed && !has_owner) {
        let what = if concealed { "its owner is concealed".to_owned() } else { format!("it is of {}", nation.value) };
        let needs = if concealed { "the owner and the consent's serial" } else { "the consent's serial" };
        let message = format!("{start}, and source {n} is foreign: {what}. The officer needs {needs}");
        told.error(told.at(nation.at), "R080", message);
    }
    if let (Some(owner), Some(nation)) = (entry.and_then(|entry| entry.owner), parsed)
        && owner != nation
    {
        told.error(
            told.at(source.nation.as_ref().map_or(source.at, |text| text.at)),
            "R080",
            format!("{name} says source {n} is of {owner}, the report {nation}"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_whole() {
        assert_eq!(stands("a HUM-1.\nHUM-12 xHUM-1 (HUM-1)", "HUM-1"), [(1, 3), (2, 16)]);
    }
}
