//! Live and exercise traffic stand apart for people too: what is of an exercise says so in all that is printed of it, a
//! list shows what is of its profile's traffic, and a real event inside an exercise is told by its word. API-31

use crate::{
    cache::{self, Installed},
    client::Client,
    output::Output,
    profile::Profile,
};
use anyhow::Result;
use relto_formats::api::{Held, Opening, Received, Sent, Submission};
use relto_policy::agreement::Traffic;
use relto_report::{assessment::Report, nation::Nation};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// `traffic` of a live report.
const LIVE: &str = "live";

/// A line of a list, which names its agreement.
pub(super) trait Listed: Serialize {
    /// The agreement's id.
    fn agreement(&self) -> &str;
}

macro_rules! listed {
    ($($body:ty),*) => {
        $(impl Listed for $body {
            fn agreement(&self) -> &str {
                &self.agreement
            }
        })*
    };
}
listed!(Held, Opening, Received, Sent, Submission);

/// What one agreement carries.
struct Kind {
    /// `live`, or the exercise's id.
    word: String,
    /// Above and below everything of an exercise, as our register has it.
    banner: Option<String>,
}

impl Kind {
    fn of(installed: &Installed, own: Nation) -> Self {
        let word = installed.agreement.traffic.word().to_owned();
        let banner = match installed.agreement.traffic {
            Traffic::Live => None,
            Traffic::Exercise(_) => installed.registers.get(&own).map(|register| register.exercise_banner.clone()),
        };
        Self { word, banner }
    }
}

/// The traffic of agreements, each as its signed file says.
#[derive(Default)]
pub(super) struct Traffics {
    known: BTreeMap<String, Kind>,
    /// Agreements that the profile names.
    named: BTreeSet<String>,
}

impl Traffics {
    /// Of the agreements of these lines, and of the profile's; as last fetched, else from the node. One that cannot be
    /// had or does not verify is not known, and is never taken for live.
    pub(super) async fn of<T: Listed>(profile: &Profile, client: &mut Client, lines: &[T]) -> Self {
        let mut out = Self { known: BTreeMap::new(), named: profile.agreements.values().cloned().collect() };
        let ids: BTreeSet<&str> =
            lines.iter().map(Listed::agreement).chain(out.named.iter().map(String::as_str)).collect();
        for id in ids {
            let found = match cache::load(profile, id) {
                Ok(Some(kept)) => Some(kept),
                Ok(None) | Err(_) => cache::refresh(profile, client, id).await.ok(),
            };
            out.known.extend(found.map(|found| (id.to_owned(), Kind::of(&found, profile.nation))));
        }
        out
    }

    /// Of this one agreement, without asking anybody.
    pub(super) fn with(profile: &Profile, installed: &Installed) -> Self {
        let kind = Kind::of(installed, profile.nation);
        Self { known: BTreeMap::from([(installed.agreement.id.clone(), kind)]), named: BTreeSet::new() }
    }

    /// As [`Traffics::with`], of the agreement as it was last fetched.
    pub(super) fn kept(profile: &Profile, id: &str) -> Self {
        let kept = cache::load(profile, id).ok().flatten();
        kept.map_or_else(Self::default, |kept| Self::with(profile, &kept))
    }

    /// `live`, an exercise's id, or that it is not known.
    pub(super) fn word(&self, agreement: &str) -> &str {
        self.known.get(agreement).map_or("not known", |kind| &kind.word)
    }

    /// EXERCISE EXERCISE EXERCISE, where the agreement is of one.
    pub(super) fn banner(&self, agreement: &str) -> Option<&str> {
        self.known.get(agreement)?.banner.as_deref()
    }

    /// Whether it is of the traffic that the profile is for; what is not known is never kept from anybody.
    fn is_here(&self, agreement: &str) -> bool {
        let word = |id: &str| self.known.get(id).map(|kind| kind.word.as_str());
        let mut own = self.named.iter().filter_map(|id| word(id)).peekable();
        own.peek().is_none() || word(agreement).is_none_or(|word| own.any(|one| one == word))
    }

    /// The lines of the profile's traffic; people are told of the others.
    pub(super) fn keep<T: Listed>(&self, output: Output, lines: Vec<T>) -> Vec<T> {
        let (here, others): (Vec<T>, Vec<T>) = lines.into_iter().partition(|one| self.is_here(one.agreement()));
        let words: BTreeSet<&str> = others.iter().map(|one| self.word(one.agreement())).collect();
        for word in words {
            let count = others.iter().filter(|one| self.word(one.agreement()) == word).count();
            output.note(format!(
                "{count} more of traffic {word}: live and exercise stand apart, each with its own profile"
            ));
        }
        here
    }

    /// The last line that is meant by a name. Logs of two agreements may have leaves of one name: the profile's
    /// agreement goes first, and another traffic is never meant.
    pub(super) fn pick<T: Listed>(&self, lines: Vec<T>, is_meant: impl Fn(&T) -> bool) -> Option<T> {
        let mut meant: Vec<T> =
            lines.into_iter().filter(|one| self.is_here(one.agreement()) && is_meant(one)).collect();
        meant.sort_by_key(|one| self.named.contains(one.agreement()));
        meant.pop()
    }

    /// The line for programs.
    pub(super) fn object<T: Listed>(&self, line: &T) -> Result<Value> {
        let mut value = serde_json::to_value(line)?;
        if let Some(members) = value.as_object_mut() {
            let word = self.known.get(line.agreement()).map(|kind| kind.word.as_str());
            members.insert("traffic".to_owned(), json!(word));
        }
        Ok(value)
    }

    /// A table for people. Where anything in it is not known to be live, each line begins with its traffic.
    pub(super) fn table<T: Listed>(
        &self,
        output: Output,
        headings: &[&str],
        lines: &[T],
        row: impl Fn(&T) -> Vec<String>,
    ) -> Result<()> {
        let is_live = lines.iter().all(|one| self.word(one.agreement()) == LIVE);
        let rows: Vec<Vec<String>> = lines
            .iter()
            .map(|one| {
                let first = (!is_live).then(|| self.word(one.agreement()).to_owned());
                first.into_iter().chain(row(one)).collect()
            })
            .collect();
        let headings: Vec<&str> = (!is_live).then_some("traffic").into_iter().chain(headings.iter().copied()).collect();
        output.table(&headings, &rows)
    }
}

/// Lines of text, and above and below them the banner of an exercise.
pub(super) fn between(output: Output, banner: Option<&str>, print: impl FnOnce() -> Result<()>) -> Result<()> {
    banner.map_or(Ok(()), |banner| output.line(banner))?;
    print()?;
    banner.map_or(Ok(()), |banner| output.line(banner))
}

/// The banner of a report that is of an exercise, in the reader's own words.
pub(super) fn banner_for<'a>(report: &Report, installed: &'a Installed, reader: Nation) -> Option<&'a str> {
    let register = installed.registers.get(&reader).filter(|_| report.traffic != LIVE)?;
    Some(&register.exercise_banner)
}

/// A whole report's text as it is shown: its first and last line are the reader's words for an exercise, around the
/// originator's where those are others; or, on a live report that is marked so, the word for a real event.
pub(super) fn page(text: &str, report: &Report, installed: &Installed, reader: Nation) -> String {
    let line = match banner_for(report, installed, reader) {
        Some(banner) => (text.lines().next() != Some(banner)).then_some(banner),
        None => real_event(report, installed),
    };
    match line {
        Some(line) => format!("{line}\n{}\n{line}\n", text.trim_end()),
        None => text.to_owned(),
    }
}

/// The word for a real event that a live report is marked with.
pub(super) fn real_event<'a>(report: &Report, installed: &'a Installed) -> Option<&'a str> {
    let words = installed.real_world_words();
    words.into_iter().find(|word| report.traffic == LIVE && report.says(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_formats::api::SentStage;

    fn sent(agreement: &str, leaf: &str) -> Sent {
        Sent {
            agreement: agreement.to_owned(),
            leaf: leaf.to_owned(),
            serial: String::new(),
            precedence: String::new(),
            time: 0,
            submission: String::new(),
            stage: SentStage::Released,
            codes: Vec::new(),
            statement: None,
            acknowledged_by: None,
        }
    }

    fn traffics(named: &[&str]) -> Traffics {
        let kind = |word: &str, banner: Option<&str>| Kind { word: word.to_owned(), banner: banner.map(str::to_owned) };
        let known = [("A", kind("live", None)), ("B", kind("live", None)), ("X", kind("EX-1", Some("EXERCISE")))];
        Traffics {
            known: known.into_iter().map(|(id, kind)| (id.to_owned(), kind)).collect(),
            named: named.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    #[test]
    fn api_31_a_list_is_of_one_traffic_and_a_name_never_means_another() {
        let lines = || ["A", "X", "B", "?"].map(|id| sent(id, "XAA>XBB:1")).to_vec();
        let kept = |named: &[&str]| {
            let lines = traffics(named).keep(Output { json: true }, lines());
            lines.into_iter().map(|one| one.agreement).collect::<Vec<_>>()
        };
        assert_eq!(kept(&["A"]), ["A", "B", "?"], "what is not known is kept from nobody");
        assert_eq!(kept(&["X"]), ["X", "?"]);
        assert_eq!(kept(&["A", "X"]), ["A", "X", "B", "?"]);
        assert_eq!(kept(&["none"]), ["A", "X", "B", "?"], "a profile whose agreement is not to be had hides nothing");
        let picked = |named: &[&str]| traffics(named).pick(lines(), |one| one.leaf == "XAA>XBB:1").unwrap().agreement;
        assert_eq!((picked(&["A"]), picked(&["X"]), picked(&["B"])), ("A".into(), "X".into(), "B".into()));
        let only_live = vec![sent("A", "XAA>XBB:1")];
        assert!(traffics(&["X"]).pick(only_live, |_| true).is_none());
    }

    #[test]
    fn api_31_programs_are_told_the_traffic_or_that_it_is_not_known() {
        let traffic = |id: &str| traffics(&[]).object(&sent(id, "")).unwrap()["traffic"].clone();
        assert_eq!((traffic("A"), traffic("X"), traffic("?")), (json!("live"), json!("EX-1"), Value::Null));
        assert_eq!(traffics(&[]).banner("X"), Some("EXERCISE"));
        assert_eq!((traffics(&[]).banner("A"), traffics(&[]).word("?")), (None, "not known"));
    }
}
