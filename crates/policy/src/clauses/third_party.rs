//! The third-party rule: foreign information leaves only with its owner's consent on record, and concealment is no way
//! round it. Outbound only: inbound it is the sender's duty.

use crate::{
    case::{Case, Sheet},
    code::Code,
    consent::Consent,
    side::Side,
};
use relto_report::{assessment::Described, marking::Owner, nation::Nation};

/// Whether the agreement takes portions whose owner is concealed.
pub(super) fn concealment(case: &Case<'_>, sheet: &mut Sheet) {
    if case.label.parts.joined.concealed && !case.agreement.third_party.concealed_origin {
        sheet.fail(Code::FgiMismatch, || {
            "a foreign portion conceals its owner, which this agreement does not permit; name the owner".to_owned()
        });
    }
}

/// One owner's information in the report.
struct Share<'a> {
    /// Whose.
    owner: Nation,
    /// Whether the portions name the owner.
    named: bool,
    /// Highest level of the owner's portions.
    level: Option<u8>,
    /// Topics that the consent must cover.
    topics: &'a [String],
}

/// Every foreign portion's owner has consented, for its level and topics, to this recipient, at this moment.
pub(super) fn consents(case: &Case<'_>, sheet: &mut Sheet) {
    if case.side == Side::In {
        return;
    }
    for owner in case.label.owners() {
        let level = case.label.level_of_owner(owner, &case.tables());
        match owner {
            Owner::Nation(nation) => named(case, nation, level, sheet),
            Owner::Concealed => concealed(case, level, sheet),
        }
    }
}

fn named(case: &Case<'_>, owner: Nation, level: Option<u8>, sheet: &mut Sheet) {
    if owner == case.facts.from {
        return;
    }
    let mut listed = false;
    for (_, described) in sources(case, Owner::Nation(owner)) {
        listed = true;
        judge(case, &Share { owner, named: true, level, topics: topics_of(case, described) }, sheet);
    }
    if !listed {
        judge(case, &Share { owner, named: true, level, topics: &case.report.topics }, sheet);
    }
}

fn concealed(case: &Case<'_>, level: Option<u8>, sheet: &mut Sheet) {
    let mut listed = false;
    for (n, described) in sources(case, Owner::Concealed) {
        listed = true;
        match case.facts.owners.get(&n) {
            None => missing(sheet, || format!("source {n} conceals its owner and the home file does not name it")),
            Some(owner) => {
                let topics = topics_of(case, described);
                judge(case, &Share { owner: *owner, named: false, level, topics }, sheet);
            }
        }
    }
    if !listed {
        missing(sheet, || "a foreign portion conceals its owner and no source says whose it is".to_owned());
    }
}

/// The described sources of one owner, with their numbers.
fn sources<'a>(case: &'a Case<'a>, owner: Owner) -> impl Iterator<Item = (u32, &'a Described)> {
    let described = case.report.sources.iter().filter_map(|source| Some((source.n, source.described.as_ref()?)));
    described.filter(move |(_, one)| match owner {
        Owner::Nation(nation) => Nation::parse(&one.nation) == Some(nation),
        Owner::Concealed => one.nation == case.register.foreign,
    })
}

fn topics_of<'a>(case: &Case<'a>, described: &'a Described) -> &'a [String] {
    if described.topics.is_empty() { &case.report.topics } else { &described.topics }
}

fn judge(case: &Case<'_>, share: &Share<'_>, sheet: &mut Sheet) {
    if share.owner == case.facts.from {
        return;
    }
    if share.owner == case.facts.to {
        if !case.agreement.third_party.recipients_own_may_return {
            missing(sheet, || format!("information of {} may not go back to it under this agreement", share.owner));
        }
        return;
    }
    let consents = case.facts.consents;
    // Nearly always one consent covers every topic.
    let covers_all = |one: &Consent| share.topics.iter().all(|topic| one.topics.contains(topic));
    if consents.iter().any(|one| is_usable(case, share, one) && covers_all(one)) {
        return;
    }
    let covered = |topic: &String| consents.iter().any(|one| one.topics.contains(topic) && is_usable(case, share, one));
    // A report without topics is refused for that; its foreign portions need a consent all the same.
    let some = !share.topics.is_empty() || consents.iter().any(|one| is_usable(case, share, one));
    if !some || !share.topics.iter().all(covered) {
        missing(sheet, || {
            format!(
                "information of {} at {} on {}: no consent on record covers owner, level, every topic, {} and {}; \
                 its owner can give one",
                share.owner,
                share.level.map_or_else(|| "an unknown level".to_owned(), |level| case.level(level)),
                share.topics.join(", "),
                case.facts.to,
                case.released
            )
        });
    }
}

/// A consent of this owner, for this level, recipient and moment. One that does not name the origin is for portions
/// that conceal it.
fn is_usable(case: &Case<'_>, share: &Share<'_>, consent: &Consent) -> bool {
    consent.owner == share.owner
        && consent.holder == case.facts.from
        && consent.to.contains(&case.facts.to)
        && share.level.is_none_or(|level| level <= consent.to_level)
        && (consent.name_origin || !share.named)
        && consent.holds_at(case.released, case.agreement.third_party.consent_max_months)
}

fn missing(sheet: &mut Sheet, detail: impl FnOnce() -> String) {
    sheet.fail(Code::ThirdPartyConsentMissing, detail);
}
