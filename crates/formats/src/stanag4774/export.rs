//! From a report's marking to labels: the originator's own, and the agreement's equivalent for the recipient.
//!
//! What restricts is RESTRICTIVE, so that a system which does not know a value keeps the information closed. Topics,
//! sources and titles have no place in a label.

use super::{
    CAVEAT, CONCEALED, Category, CategoryKind, ConfidentialityLabel, EXERCISE, FOREIGN, LabelKind, Marking,
    RELEASABLE_TO, Refused, TLP, Terms,
};
use relto_policy::agreement::Meaning;
use relto_report::{
    calendar::Timestamp,
    label::expand,
    marking::{Foreign, ordered_codes},
    nation::Nation,
};
use std::collections::BTreeSet;

/// The words of one label; everything else of it is the marking's.
struct Words {
    policy: Nation,
    classification: String,
    caveats: Vec<String>,
    foreign: Vec<String>,
    audience: Vec<String>,
}

/// The label in the originator's own policy and words. LBL-8
#[must_use]
pub fn originator_label(marking: &Marking, created: Timestamp) -> ConfidentialityLabel {
    let words = Words {
        policy: marking.nation,
        classification: marking.banner.word.clone(),
        caveats: marking.caveats().into_iter().map(str::to_owned).collect(),
        foreign: owners(&marking.banner.foreign),
        audience: marking.rel_to(),
    };
    label(LabelKind::Originator, words, marking, created)
}

/// The equivalent in the recipient's policy and words: level by the table of equivalence, caveats by the caveat table,
/// and the originator among the foreign owners. `terms` are the originator's. LBL-9
///
/// # Errors
/// Everything that the recipient's words cannot say, and that the marking does not admit the recipient.
pub fn alternative_label(
    marking: &Marking,
    terms: &Terms<'_>,
    to: Nation,
    created: Timestamp,
) -> Result<ConfidentialityLabel, Vec<Refused>> {
    let (own, agreement) = (marking.nation, terms.agreement);
    let mut refused = Vec::new();
    let agreed = agreement.traffic.word();
    if marking.traffic() != agreed {
        refused.push(Refused::Traffic { found: marking.traffic().to_owned(), agreed: agreed.to_owned() });
    }
    let word = &marking.banner.word;
    let row = agreement.equivalence_of(own, word, terms.day);
    let classification = row.and_then(|row| row.markings.get(agreement.place_of(to)?));
    if classification.is_none() {
        refused.push(Refused::NotExchangeable { nation: own, word: word.clone() });
    }
    let mut caveats = Vec::new();
    for caveat in marking.caveats() {
        match terms.caveat_of(own, caveat, to) {
            Ok(word) => caveats.push(word.to_owned()),
            Err(fault) => refused.push(fault),
        }
    }
    let codes = marking.rel_to();
    let groups = agreement.groups_on(terms.day);
    let audience = expand(&codes, own, &groups);
    let unknown = audience.unknown_groups.into_iter();
    refused.extend(unknown.map(|value| Refused::Group { tag: RELEASABLE_TO.to_owned(), value }));
    let closed =
        marking.caveats().into_iter().any(|word| agreement.meaning_of(own, word) == Some(Meaning::NationalOnly));
    if closed || !audience.nations.contains(&to) {
        refused.push(Refused::NotAdmitted(to));
    }
    let Some(classification) = classification.filter(|_| refused.is_empty()) else { return Err(refused) };
    let foreign = match &marking.banner.foreign {
        Foreign::Concealed => vec![CONCEALED.to_owned()],
        Foreign::None => vec![own.to_string()],
        Foreign::Nations(nations) => {
            let all: BTreeSet<Nation> = nations.iter().copied().chain([own]).filter(|one| *one != to).collect();
            all.into_iter().map(|one| one.to_string()).collect()
        }
    };
    let words = Words {
        policy: to,
        classification: classification.clone(),
        caveats,
        foreign,
        // A member of a group that the list names is no new reader.
        audience: ordered_codes(&codes, to),
    };
    Ok(label(LabelKind::Alternative, words, marking, created))
}

fn owners(foreign: &Foreign) -> Vec<String> {
    match foreign {
        Foreign::None => Vec::new(),
        Foreign::Concealed => vec![CONCEALED.to_owned()],
        Foreign::Nations(nations) => nations.iter().map(ToString::to_string).collect(),
    }
}

fn label(kind: LabelKind, words: Words, marking: &Marking, created: Timestamp) -> ConfidentialityLabel {
    let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
    let categories = [
        // Always there, and never empty: without it, others would read "no restriction". LBL-7
        (RELEASABLE_TO, CategoryKind::Permissive, words.audience),
        (CAVEAT, CategoryKind::Restrictive, words.caveats),
        (FOREIGN, CategoryKind::Restrictive, words.foreign),
        (TLP, CategoryKind::Restrictive, one(&marking.tlp)),
        (EXERCISE, CategoryKind::Restrictive, one(&marking.exercise)),
    ];
    let categories = categories.into_iter().filter(|(_, _, values)| !values.is_empty());
    ConfidentialityLabel {
        kind,
        id: None,
        policy: words.policy.to_string(),
        policy_uri: None,
        classification: words.classification,
        privacy_mark: None,
        categories: categories
            .map(|(tag, kind, values)| Category { tag: tag.to_owned(), kind, uri: None, values })
            .collect(),
        originator: None,
        review: marking.review.map(|day| day.start().into()),
        created: Some(created.into()),
    }
}
