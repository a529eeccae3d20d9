//! Rules that need what the author's nation alone has: its home file, and how its own systems number their sources
//! (R057, R072, R080).

use super::{Broken, Ground, ensure, level};
use crate::{
    assessment::{Described, Document, Report, Source},
    file::leaks::source_serial,
    home::Home,
    json_strings,
    nation::Nation,
    shown,
};
use aho_corasick::AhoCorasick;
use unicode_normalization::UnicodeNormalization as _;

/// What stays at home of a report.
pub struct AtHome<'a> {
    /// The home file, read; `None` where there is none.
    pub file: Option<&'a Home>,
    /// First letters of serials `AAA-YYYY-n` of the nation's own systems, which no descriptor may have.
    pub serial_prefixes: Vec<&'a str>,
}

impl AtHome<'_> {
    pub(super) fn check(&self, document: &Document, ground: &Ground<'_>) -> Result<(), Broken> {
        let report = document.report();
        let described = || report.sources.iter().filter_map(|one| one.described.as_ref());
        let has_serial = |one: &Described| source_serial(&one.descriptor, &self.serial_prefixes).is_some();
        ensure(!described().any(has_serial), "R057")?;
        let kept = self.file.map(Home::secrets).into_iter().flatten().filter(|one| !one.trim().is_empty());
        ensure(!stands(document, &kept.collect::<Vec<_>>()), "R072")?;
        ensure(
            level(report, ground.register) == 0 || self.file.is_some_and(|home| home.justification.is_some()),
            "R080",
        )?;
        // A tear line goes with the home file of the report that it comes from, and has no sources of its own.
        if report.from_tear_line {
            return Ok(());
        }
        if let Some(home) = self.file {
            let listed = |n: u32| report.sources.iter().any(|source| source.n == n);
            ensure(home.report == report.serial && home.sources.iter().all(|one| listed(one.n)), "R080")?;
        }
        ensure(report.sources.iter().all(|source| self.suffices(source, ground)), "R080")
    }

    /// What an officer needs to know of a withheld or foreign source is there.
    fn suffices(&self, source: &Source, ground: &Ground<'_>) -> bool {
        let entry = self.file.and_then(|home| home.source(source.n));
        let Some(described) = &source.described else { return entry.is_some_and(|entry| entry.is_described) };
        let own = ground.register.nation;
        let is_party = |nation: Nation| nation == own || Some(nation) == ground.recipient;
        let owner = entry.and_then(|entry| entry.owner);
        let has_consent = entry.is_some_and(|entry| entry.consent.is_some());
        let concealed = described.nation == ground.register.foreign;
        match Nation::parse(&described.nation).filter(|_| !concealed) {
            Some(nation) if is_party(nation) => owner.is_none_or(|owner| owner == nation),
            Some(nation) => has_consent && owner.is_none_or(|owner| owner == nation),
            // Concealed: of a third nation, or nothing had to be concealed. Else the word alone would spare a consent.
            None => has_consent && owner.is_some_and(|owner| !is_party(owner)),
        }
    }
}

/// Whether one of these values stands whole in a text of the report or in what an attachment says in letters, in any case
/// of letters and over any line end. Linear in the report and the values together: a value's ends are signs of it.
fn stands(document: &Document, values: &[&str]) -> bool {
    if values.is_empty() {
        return false;
    }
    let builder = || AhoCorasick::builder().ascii_case_insensitive(true).build(values.iter().map(|one| parted(one)));
    // More values than the search takes are more than a home file has.
    let Ok(all) = builder() else { return true };
    let report: &Report = document.report();
    let told = shown::texts(report).into_iter().any(|one| all.is_match(&parted(one.text)));
    told || report.attachments.iter().enumerate().any(|(n, one)| {
        let text = || String::from_utf8_lossy(document.attachment(n).unwrap_or_default());
        match one.media_type.as_str() {
            "text/csv" => all.is_match(&parted(&text())),
            "application/json" | "application/geo+json" => {
                all.is_match(&parted(&text())) || json_strings::any(&text(), |_, one| all.is_match(&parted(one)))
            }
            _ => false,
        }
    })
}

const fn is_dash(one: char) -> bool {
    matches!(one, '\u{AD}' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2043}')
}

/// A text in compatible forms and with one kind of dash, with a sign that no text has wherever letters and digits begin or
/// end, and one blank for each run of blanks.
fn parted(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(text.len() / 2));
    let mut within = false;
    for (n, word) in text.split_whitespace().enumerate() {
        for one in (n > 0).then_some(' ').into_iter().chain(word.nfkc()) {
            let one = if is_dash(one) { '-' } else { one };
            if one.is_alphanumeric() != within {
                out.push('\0');
                within = !within;
            }
            out.push(one);
        }
    }
    if within {
        out.push('\0');
    }
    out
}
