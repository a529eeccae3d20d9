//! Offices that a report is addressed to (R025).

use super::{context::Context, keys::Texts, told::Told};
use crate::nation::Nation;

/// Judges one list of offices.
pub(super) fn check(
    list: Option<&Texts>,
    key: &str,
    least: usize,
    most: usize,
    context: &Context<'_>,
    told: &Told<'_>,
) {
    let Some(list) = list else { return };
    if !(least..=most).contains(&list.value.len()) {
        told.error(told.at(list.at), "R025", format!("{key} has {} offices; name {least} to {most}", list.value.len()));
    }
    for (count, office) in list.value.iter().enumerate() {
        let name = &office.value;
        let at = told.at(office.at);
        let well_formed =
            name.split_once('/').is_some_and(|(nation, office)| Nation::parse(nation).is_some() && !office.is_empty());
        match &context.recipient {
            Some(recipient) if !recipient.addressees.contains(name) => {
                let (nation, known) = (recipient.nation, recipient.addressees.join(", "));
                told.error(at, "R025", format!("{name} is not an addressee of {nation}. Known: {known}"));
            }
            None if !well_formed || name.len() > 80 => {
                told.error(at, "R025", format!("{key} {name:?} must be an office of the recipient, such as XBB/J2"));
            }
            _ if list.value.iter().take(count).any(|earlier| earlier.value == *name) => {
                told.error(at, "R025", format!("{name} stands here twice. Write it once"));
            }
            _ => {}
        }
    }
}
