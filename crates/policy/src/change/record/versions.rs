//! New versions of an agreement's text: which one is in force between both nations, and which ones bind already.
//!
//! A version is in force once both nations have adopted it. From the first adoption on, one's own or the partner's, a
//! report goes only where the version in force and the new one both permit it. POL-19

use super::{OnRecord, Record};
use crate::{
    agreement::Agreement,
    change::{Act, ChangeFault},
    state::StateView,
};
use relto_report::{digest::Digest, nation::Nation};
use std::{collections::BTreeMap, sync::Arc};

/// The versions of one agreement whose files are here.
#[derive(Clone, Debug)]
pub struct Versions {
    first: Arc<Agreement>,
    later: BTreeMap<Digest, Arc<Agreement>>,
}

impl Versions {
    /// The version under which the logs began.
    #[must_use]
    pub const fn new(first: Arc<Agreement>) -> Self {
        Self { first, later: BTreeMap::new() }
    }

    /// Takes up another; the caller has verified its signatures, and that it follows one that is here.
    pub fn install(&mut self, text: Arc<Agreement>) {
        if text.digest != self.first.digest {
            self.later.insert(text.digest, text);
        }
    }

    /// The version under which the logs began.
    #[must_use]
    pub const fn first(&self) -> &Arc<Agreement> {
        &self.first
    }

    /// The version with this digest.
    #[must_use]
    pub fn get(&self, digest: &Digest) -> Option<&Arc<Agreement>> {
        if *digest == self.first.digest { Some(&self.first) } else { self.later.get(digest) }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Agreement>> {
        std::iter::once(&self.first).chain(self.later.values())
    }
}

/// One version as it binds at a moment: narrowed by the measures in force, and its state by its own clauses.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Text {
    /// The version; what measures forbid is taken out.
    pub agreement: Arc<Agreement>,
    /// Its state for reports of one direction.
    pub state: StateView,
}

/// The versions that bind reports of one direction at a moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bound {
    /// In force between both: what a leaf names.
    pub in_force: Text,
    /// Adopted by one nation and not yet by both.
    pub pending: Vec<Text>,
    /// The same where the file is not here: nothing goes until it is.
    pub lacking: Option<Digest>,
}

impl Bound {
    /// As the logs begin: the first version alone, and nothing stated.
    #[must_use]
    pub fn first(versions: &Versions) -> Self {
        let agreement = versions.first().clone();
        let state = Record::default().state(&agreement);
        Self { in_force: Text { agreement, state }, pending: Vec::new(), lacking: None }
    }

    /// All versions that are here, the one in force first.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        std::iter::once(&self.in_force).chain(&self.pending)
    }
}

fn adopted(list: &[OnRecord]) -> impl DoubleEndedIterator<Item = (Digest, &OnRecord)> {
    list.iter().filter_map(|one| if let Act::Adopt(version) = one.change.act { Some((version, one)) } else { None })
}

/// What a nation has adopted and not yet both.
fn waiting(list: &[OnRecord], in_force: Digest) -> Vec<Digest> {
    let all: Vec<Digest> = adopted(list).map(|(version, _)| version).collect();
    let after = all.iter().position(|version| *version == in_force).map_or(0, |at| at.saturating_add(1));
    all.into_iter().skip(after).collect()
}

impl Record {
    /// The version that a nation has adopted last: its signers state its next change.
    #[must_use]
    pub fn newest(list: &[OnRecord], versions: &Versions) -> Digest {
        adopted(list).next_back().map_or(versions.first().digest, |(version, _)| version)
    }

    /// The version in force between both. From the first one on, each is followed by the one that supersedes it and that
    /// both have adopted in their logs, so that it only ever moves forward. POL-19
    #[must_use]
    pub fn in_force<'v>(&self, versions: &'v Versions) -> &'v Arc<Agreement> {
        let nation = |list: &[OnRecord]| list.first().map(|one| one.change.nation);
        // Of two that were adopted crosswise the first nation's stands: it never gives way, see `may_adopt`.
        let (mut leads, mut other) = (&self.ours, &self.partners);
        if nation(other) < nation(leads) {
            (leads, other) = (other, leads);
        }
        let logged = |(version, one): (Digest, &OnRecord)| one.index.is_some().then_some(version);
        let by_other: Vec<Digest> = adopted(other).filter_map(logged).collect();
        let mut in_force = versions.first();
        let follows = |version: Digest, now: &Agreement| {
            versions.get(&version).filter(|text| text.supersedes == Some(now.digest) && by_other.contains(&version))
        };
        while let Some(next) = adopted(leads).filter_map(logged).find_map(|version| follows(version, in_force)) {
            in_force = next;
        }
        in_force
    }

    /// The versions that bind what goes from a nation now.
    #[must_use]
    pub fn bound(&self, versions: &Versions, from: Nation) -> Bound {
        let in_force = self.in_force(versions);
        let text = |agreement: &Arc<Agreement>| Text {
            agreement: self.narrowed(agreement).map_or_else(|| agreement.clone(), Arc::new),
            state: self.state_from(agreement, from),
        };
        let mut bound = Bound { in_force: text(in_force), pending: Vec::new(), lacking: None };
        let mut pending = waiting(&self.ours, in_force.digest);
        pending.extend(waiting(&self.partners, in_force.digest));
        pending.sort_unstable();
        pending.dedup();
        for version in pending {
            match versions.get(&version) {
                // What is superseded, or not in its turn yet, binds nobody.
                Some(agreement) if agreement.supersedes != Some(in_force.digest) => {}
                Some(agreement) => bound.pending.push(text(agreement)),
                None => bound.lacking = Some(version),
            }
        }
        bound
    }

    /// The versions under which somebody may release or has released: the first one and every one that is adopted.
    pub fn adopted<'v>(&self, versions: &'v Versions) -> impl Iterator<Item = &'v Arc<Agreement>> {
        let all: Vec<Digest> = adopted(&self.ours).chain(adopted(&self.partners)).map(|(version, _)| version).collect();
        versions.iter().filter(move |text| text.digest == versions.first().digest || all.contains(&text.digest))
    }

    /// Whether we may adopt this version now: the one after waits until both have the one before. Where each has adopted
    /// another, the second Party may take the first one's. Of a partner that does otherwise every version binds. POL-19
    ///
    /// # Errors
    /// [`ChangeFault::NotInstalled`], [`ChangeFault::NotOpen`].
    pub fn may_adopt(&self, own: Nation, version: Digest, versions: &Versions) -> Result<(), ChangeFault> {
        let in_force = self.in_force(versions).digest;
        let not = |what: String| Err(ChangeFault::NotOpen { what });
        let Some(text) = versions.get(&version) else { return Err(ChangeFault::NotInstalled { version }) };
        if text.supersedes != Some(in_force) {
            return not(format!("version {} supersedes another than the one in force, {in_force}", text.version));
        }
        match waiting(&self.ours, in_force).last() {
            None => Ok(()),
            Some(adopted) if *adopted == version => not(format!("{own} has adopted it already")),
            Some(_) if waiting(&self.partners, in_force).last() == Some(&version) && gives_way(own, versions) => Ok(()),
            Some(adopted) => {
                not(format!("{own} has adopted {adopted}, and the next version waits until both have that one"))
            }
        }
    }
}

fn gives_way(nation: Nation, versions: &Versions) -> bool {
    let [_, second] = versions.first().parties;
    nation == second
}
