//! An agreement's tables as they stand on each day, and conditions that change with the day.

use super::expr::{Expr, all_of, any_of, compare, if_else, one_of};
use relto_policy::agreement::{Agreement, Meaning};
use relto_report::calendar::Day;
use std::collections::BTreeSet;

/// The tables for reports of one Party.
#[derive(Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) agreement: &'a Agreement,
    /// The sender's place in every list by Party.
    pub(super) party: usize,
}

impl<'a> Words<'a> {
    /// The sender's markings, each with its level, that the table of equivalence has on a day.
    pub(super) fn markings(self, day: Day) -> Vec<(u8, &'a str)> {
        let mut out = Vec::new();
        for row in self.agreement.equivalence.iter().filter(|row| row.holds_on(day)) {
            let words =
                row.markings.get(self.party).into_iter().chain(row.accepts.get(self.party).into_iter().flatten());
            out.extend(words.map(|word| (row.level, word.as_str())));
        }
        out
    }

    /// Markings that are known and never exchanged.
    pub(super) fn not_exchangeable(self) -> impl Iterator<Item = &'a str> {
        self.agreement.not_exchangeable.get(self.party).into_iter().flatten().map(String::as_str)
    }

    /// The sender's caveats with their meanings.
    pub(super) fn caveats(self) -> impl Iterator<Item = (Meaning, &'a str)> {
        let party = self.party;
        self.agreement.caveats.iter().filter_map(move |row| Some((row.means, row.words.get(party)?.as_str())))
    }

    /// Levels of the table, each once.
    pub(super) fn levels(self) -> BTreeSet<u8> {
        self.agreement.equivalence.iter().map(|row| row.level).collect()
    }

    /// A condition on the table of equivalence, on whichever day it is asked.
    pub(super) fn by_day(self, condition: impl Fn(&[(u8, &str)]) -> Expr) -> Expr {
        let rows = &self.agreement.equivalence;
        dated(rows.iter().flat_map(|row| [row.from, row.until]).flatten(), |day| condition(&self.markings(day)))
    }

    /// Whether the banner's marking has a level.
    pub(super) fn banner_has_level(self) -> Expr {
        self.by_day(|rows| one_of("resource.bannerMarking", rows.iter().map(|(_, word)| *word)))
    }

    /// Whether banner or portions have a level above a ceiling.
    pub(super) fn above(self, ceiling: u8) -> Expr {
        self.by_day(|rows| {
            let higher: Vec<&str> = rows.iter().filter(|(level, _)| *level > ceiling).map(|(_, word)| *word).collect();
            super::or([
                one_of("resource.bannerMarking", higher.iter().copied()),
                any_of("resource.portionMarkings", higher.iter().copied()),
            ])
        })
    }

    /// The group codes written anywhere are the agreement's on the day.
    pub(super) fn groups_known(self) -> Expr {
        let groups = &self.agreement.groups;
        dated(groups.iter().flat_map(|group| [group.from, group.until]), |day| {
            all_of(
                "resource.groups",
                groups.iter().filter(|group| group.holds_on(day)).map(|group| group.code.as_str()),
            )
        })
    }
}

/// A condition that is another one from each of these days on.
fn dated(days: impl IntoIterator<Item = Day>, condition: impl Fn(Day) -> Expr) -> Expr {
    let days: BTreeSet<Day> = days.into_iter().collect();
    let last = days.last().copied().unwrap_or_else(|| Day::from_count(0));
    let mut out = condition(last);
    // From the last period back to the one before every day named.
    let starts: Vec<Day> = days.into_iter().collect();
    for (place, end) in starts.iter().enumerate().rev() {
        let start = place.checked_sub(1).and_then(|before| starts.get(before)).copied();
        let inside = start.unwrap_or_else(|| Day::from_count(end.count().saturating_sub(1)));
        out = if_else(compare("context.releasedDay", "<", end.count()), condition(inside), out);
    }
    out
}
