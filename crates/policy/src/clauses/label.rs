//! The label: markings and controls known to the agreement, the banner against the portions, foreign owners, audience.

use crate::{
    agreement::Meaning,
    case::{Case, Sheet},
    code::Code,
    label::Found,
};
use relto_report::{
    marking::Foreign,
    nation::{Nation, Nations},
};

/// No row in the table of equivalence, no exchange.
pub(super) fn markings(case: &Case<'_>, sheet: &mut Sheet) {
    for found in std::iter::once(&case.label.banner.level).chain(&case.label.portions.without_level) {
        match found {
            Found::Level(_) => {}
            Found::NotExchangeable(word) => sheet.fail(Code::MarkingNotExchangeable, || {
                format!("marking {word:?} is named as never exchanged; nothing with it may go")
            }),
            Found::Unknown(word) => sheet.fail(Code::MarkingUnknown, || {
                format!(
                    "marking {word:?} of {} has no row in the table of equivalence; use one that has",
                    case.facts.from
                )
            }),
        }
    }
}

/// Controls that the agreement lists, groups that it has, marks that do not contradict each other.
pub(super) fn controls(case: &Case<'_>, sheet: &mut Sheet) {
    let label = case.label;
    for word in &label.unknown_controls {
        sheet.fail(Code::CaveatUnknown, || {
            format!(
                "caveat {word:?} of {} is not in the agreement's caveat table; nothing with it may go",
                case.facts.from
            )
        });
    }
    for code in label.unknown_groups() {
        sheet.fail(Code::GroupCodeUnknown, || {
            format!("group {code} is none of the agreement's on {}; name the nations", case.day)
        });
    }
    if label.contradicts_itself() {
        sheet.fail(Code::LabelInconsistent, || {
            "a mark has a caveat that keeps the text at home, and a list of nations; keep the one that is meant"
                .to_owned()
        });
    }
}

/// The banner says no less than the portions, and if more, why.
pub(super) fn banner(case: &Case<'_>, sheet: &mut Sheet) {
    let label = case.label;
    // A banner without a level is compared no further.
    let Some(stated) = label.banner.level.level() else { return };
    if label.banner.audience != label.parts.listed.nations {
        sheet.fail(Code::LabelInconsistent, || {
            format!(
                "rel_to admits {} and the banner {}; write the same list",
                list(&label.parts.listed.nations),
                list(&label.banner.audience)
            )
        });
    }
    let mut stricter = Vec::new();
    let understates = |sheet: &mut Sheet, detail: String| sheet.fail(Code::LabelUnderstatesPortions, || detail);
    if !label.portions.without_level.is_empty() {
        understates(
            sheet,
            "a portion without a level is above any banner that has one; mark the portion anew".to_owned(),
        );
    } else if label.portions.highest > Some(stated) {
        let portion = label.portions.highest.unwrap_or_default();
        let (stated, portion) = (case.level(stated), case.level(portion));
        understates(
            sheet,
            format!("the banner has {stated}, a portion {portion}; lower the portion or raise the banner"),
        );
    } else if label.portions.highest < Some(stated) {
        stricter.push("level");
    }
    for (word, _) in &label.meanings {
        match (label.banner_has(word), label.parts.joined.caveats.contains(word)) {
            (false, true) => understates(sheet, format!("the banner lacks {word}, which a portion has; add it")),
            (true, false) => stricter.push("caveat"),
            (true, true) | (false, false) => {}
        }
    }
    if lacks_foreign(case) {
        let detail =
            "the banner does not name every owner of a foreign portion; name them, or FGI alone where one is concealed";
        understates(sheet, detail.to_owned());
    }
    if let Some(computed) = &label.parts.joined.audience {
        let stated = &label.banner.audience;
        if !stated.is_subset(computed) {
            let wider: Nations = stated.difference(computed).copied().collect();
            let detail = format!(
                "the banner admits {}, a portion does not; leave the portion out, mark it for them, or take them out of the banner",
                list(&wider)
            );
            understates(sheet, detail);
        } else if stated.len() < computed.len() {
            stricter.push("audience");
        }
    }
    let reason = case.report.aggregation_reason.as_ref().is_some_and(|reason| !reason.text.trim().is_empty());
    if !stricter.is_empty() && !reason {
        stricter.dedup();
        sheet.fail(Code::AggregationReasonMissing, || {
            format!(
                "the banner is stricter than every portion ({}); say why in aggregation_reason",
                stricter.join(", ")
            )
        });
    }
}

/// Whether the banner leaves out an owner of a foreign portion.
fn lacks_foreign(case: &Case<'_>) -> bool {
    let joined = &case.label.parts.joined;
    match &case.label.banner.foreign {
        Foreign::Concealed => false,
        Foreign::None => joined.concealed || !joined.foreign.is_empty(),
        Foreign::Nations(named) => joined.concealed || joined.foreign.iter().any(|nation| !named.contains(nation)),
    }
}

/// Foreign portions and foreign sources are of the same nations, and the banner names no other.
pub(super) fn foreign(case: &Case<'_>, sheet: &mut Sheet) {
    let (label, joined) = (case.label, &case.label.parts.joined);
    let portions = &label.portions;
    if portions.source_owners != joined.foreign || portions.source_concealed != joined.concealed {
        sheet.fail(Code::FgiMismatch, || {
            let one = owners_in_words(&joined.foreign, joined.concealed);
            let other = owners_in_words(&portions.source_owners, portions.source_concealed);
            format!("foreign portions are of {one}, foreign sources of {other}; mark the portions and list the sources alike")
        });
    } else if let Some(n) = portions.source_mismatch {
        sheet.fail(Code::FgiMismatch, || format!("source {n}: its mark does not name its nation; mark it so"));
    }
    // Where one owner is concealed the banner conceals them all.
    let too_many = match &label.banner.foreign {
        Foreign::None => false,
        Foreign::Concealed => !joined.concealed,
        Foreign::Nations(stated) => stated.iter().any(|nation| !joined.foreign.contains(nation)),
    };
    if too_many {
        sheet.fail(Code::FgiMismatch, || "the banner names an owner of whom no portion is; take it out".to_owned());
    }
}

/// The recipient is among those who may read all of it.
pub(super) fn audience(case: &Case<'_>, sheet: &mut Sheet) {
    if case.label.has(Meaning::NationalOnly) {
        sheet.fail(Code::CaveatForbidsForeign, || {
            format!("a caveat keeps it in {}; nothing with it may go", case.facts.from)
        });
    }
    let to = case.facts.to;
    if !case.label.admits(&to) {
        sheet.fail(Code::NotReleasableToRecipient, || {
            format!(
                "banner and portions together admit {}; every portion that has a say must admit {to}",
                list(&case.label.audience())
            )
        });
    }
}

fn list(nations: &Nations) -> String {
    if nations.is_empty() {
        return "nobody".to_owned();
    }
    nations.iter().map(Nation::as_str).collect::<Vec<_>>().join(", ")
}

fn owners_in_words(nations: &Nations, concealed: bool) -> String {
    let mut words: Vec<&str> = nations.iter().map(Nation::as_str).collect();
    if concealed {
        words.push("a concealed owner");
    }
    if words.is_empty() { "no nation".to_owned() } else { words.join(", ") }
}
