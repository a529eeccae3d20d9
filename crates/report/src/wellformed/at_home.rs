//! Rules that need what the author's nation alone has: its home file, and how its own systems number their sources
//! (R057, R072, R080).

use super::{
    ground::{AtHome, Broken, Ground, ensure, level},
    kept::Kept,
};
use crate::{
    assessment::{Described, Document, Report, Source},
    attachment::text::{Block, Way, any_block},
    home::Home,
    nation::Nation,
    shown,
    spelling::source_serial,
};

/// The rules that need a home file.
pub(super) fn check(home: &AtHome<'_>, document: &Document, ground: &Ground<'_>) -> Result<(), Broken> {
    let report = document.report();
    let described = || report.sources.iter().filter_map(|one| one.described.as_ref());
    let has_serial = |one: &Described| source_serial(&one.descriptor, &home.serial_prefixes).is_some();
    ensure(!described().any(has_serial), "R057")?;
    let kept = home.file.map(Home::secrets).into_iter().flatten().filter(|one| !one.trim().is_empty());
    ensure(!stands(document, &kept.collect::<Vec<_>>()), "R072")?;
    ensure(level(report, ground.register) == 0 || home.file.is_some_and(|home| home.justification.is_some()), "R080")?;
    // A tear line goes with the home file of the report that it comes from, and has no sources of its own.
    if report.from_tear_line {
        return Ok(());
    }
    if let Some(file) = home.file {
        let listed = |n: u32| report.sources.iter().any(|source| source.n == n);
        ensure(file.report == report.serial && file.sources.iter().all(|one| listed(one.n)), "R080")?;
    }
    ensure(report.sources.iter().all(|source| suffices(home, source, ground)), "R080")
}

/// What an officer needs to know of a withheld or foreign source is there.
fn suffices(home: &AtHome<'_>, source: &Source, ground: &Ground<'_>) -> bool {
    let entry = home.file.and_then(|home| home.source(source.n));
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

/// Whether one of these values stands whole in a text of the report or in what an attachment says in letters: as it is
/// written, in any case of letters and over any line end; and as a reader takes it, where it is no very short one. Linear
/// in the report and the values together.
fn stands(document: &Document, values: &[&str]) -> bool {
    if values.is_empty() {
        return false;
    }
    let Some(kept) = Kept::of(values) else { return true };
    let report: &Report = document.report();
    let told = shown::texts(report).into_iter().any(|one| kept.stand_in(one.text));
    told || report.attachments.iter().enumerate().any(|(n, one)| {
        let Some(way) = Way::of(&one.media_type) else { return false };
        let mut across = kept.across();
        let is_there = |block: &Block<'_>| match way {
            Way::Csv => kept.stand_in_csv(block, &mut across),
            Way::Json => kept.stand_in_json(block, &mut across),
        };
        // In what cannot be read, anything may stand.
        document.attached(n).is_none_or(|file| any_block(&file, way, is_there).unwrap_or(true))
    })
}
