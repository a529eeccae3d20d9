//! A change of an agreement's state: a text that a quorum of one nation's signers signs, and what all of them come to.
//!
//! ```toml
//! format    = "relto-change/1"
//! agreement = "XAA-XBB-2026-01"
//! version   = "sha256:..."      # of the agreement's file
//! nation    = "XAA"
//! counter   = 1                 # of this nation's changes, without a gap
//! previous  = "none"            # digest of this nation's change before it
//! act       = "suspend"         # suspend, resume, give-notice, renew, terminate
//! ```
//!
//! Beside these, `resume` names in `lifts` the digests of the suspensions that it lifts, and `renew` in `term` which
//! further term it begins. The text has one spelling, and no comment: what is signed goes to the partner.

#[cfg(test)]
mod tests;

use crate::{
    agreement::{Agreement, By, Life},
    reader::{Form, Table, read_file},
    state::{AgreementState, StateView},
};
use relto_report::{
    calendar::Timestamp,
    crypto::{Signature, sha256},
    digest::Digest,
    domain::{Tag, message},
    fault::Faults,
    nation::Nation,
    toml::Rules,
};
use std::fmt::Write as _;

/// The form of statement that this program reads.
pub const FORMAT: &str = "relto-change/1";
/// Changes of one nation under one version: its state is folded from them, so that there must be an end.
pub const MAX_CHANGES: usize = 1_000;
/// Bytes of the longest statement, as a leaf carries it.
pub const MAX_CHANGE: usize = 1_024;
/// Suspensions that one statement lifts at most.
const MAX_LIFTED: usize = 8;
const FORM: Form = Form {
    rules: Rules { syntax: "K090", unknown_key: "K091", wrong_type: "K092", missing: "K093" },
    file: "K090",
    repeated: "K094",
};

/// What is stated.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Act {
    /// No report goes until it is lifted.
    Suspend,
    /// Lifts the suspensions with these digests, of either nation.
    Resume(Vec<Digest>),
    /// The agreement ends by its own rules of notice.
    GiveNotice,
    /// The n-th further term, for an agreement that is renewed by signature.
    Renew(u32),
    /// The agreement ends once both nations have stated it.
    Terminate,
}

impl Act {
    /// The word in the statement.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Resume(_) => "resume",
            Self::GiveNotice => "give-notice",
            Self::Renew(_) => "renew",
            Self::Terminate => "terminate",
        }
    }
}

/// One statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Id of the agreement.
    pub agreement: String,
    /// Digest of the version that its signers read.
    pub version: Digest,
    /// Whose signers.
    pub nation: Nation,
    /// Its number among this nation's changes, from 1.
    pub counter: u32,
    /// The change of this nation before it.
    pub previous: Option<Digest>,
    /// What is stated.
    pub act: Act,
}

/// Why a statement changes nothing.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChangeFault {
    /// The text itself.
    #[error("{0}")]
    Unreadable(Faults),
    /// Another spelling than the one that [`Change::write`] gives.
    #[error(
        "K010: the statement is not in its one spelling. Write it with `relto agreement`, and change nothing in it"
    )]
    Spelling,
    /// Of another agreement, version or nation.
    #[error("the statement is of {found}; here it must be of {wanted}")]
    Other {
        /// In the statement.
        found: String,
        /// At hand.
        wanted: String,
    },
    /// Not the next of this nation.
    #[error(
        "K012: change {found} of {nation} does not follow change {last}; it must name that one's digest as previous"
    )]
    OutOfOrder {
        /// Whose.
        nation: Nation,
        /// The counter at hand.
        found: u32,
        /// The newest on record.
        last: u32,
    },
    /// More than a state is kept of.
    #[error("K016: {nation} has {MAX_CHANGES} changes under this version; a new version begins anew")]
    TooMany {
        /// Whose.
        nation: Nation,
    },
    /// A signature that does not count.
    #[error("signature {at}: {what}")]
    Signature {
        /// Its place, from 1.
        at: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// Too few offices.
    #[error("{have} of {need} signatures of {nation} for {act}; {} may still sign", .open.join(", "))]
    Missing {
        /// Whose.
        nation: Nation,
        /// For what.
        act: &'static str,
        /// Valid ones.
        have: usize,
        /// Needed.
        need: usize,
        /// Offices that have not signed.
        open: Vec<String>,
    },
}

impl ChangeFault {
    /// Number of the rule.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "K090",
            Self::Spelling => "K010",
            Self::Other { .. } => "K011",
            Self::OutOfOrder { .. } => "K012",
            Self::TooMany { .. } => "K016",
            Self::Signature { .. } => "K013",
            Self::Missing { .. } => "K014",
        }
    }
}

impl Change {
    /// The text that is signed.
    #[must_use]
    pub fn write(&self) -> String {
        let previous = self.previous.map_or_else(|| "none".to_owned(), |digest| digest.to_string());
        let mut out = format!(
            "format = \"{FORMAT}\"\nagreement = \"{}\"\nversion = \"{}\"\nnation = \"{}\"\ncounter = {}\n\
             previous = \"{previous}\"\nact = \"{}\"\n",
            self.agreement,
            self.version,
            self.nation,
            self.counter,
            self.act.word()
        );
        let written = match &self.act {
            Act::Resume(lifts) => {
                let list: Vec<String> = lifts.iter().map(|one| format!("\"{one}\"")).collect();
                writeln!(out, "lifts = [{}]", list.join(", "))
            }
            Act::Renew(term) => writeln!(out, "term = {term}"),
            Act::Suspend | Act::GiveNotice | Act::Terminate => Ok(()),
        };
        debug_assert!(written.is_ok(), "a string takes every text");
        out
    }

    /// Reads a statement.
    ///
    /// # Errors
    /// [`ChangeFault::Unreadable`] with every fault and its place, or [`ChangeFault::Spelling`].
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, ChangeFault> {
        if bytes.len() > MAX_CHANGE {
            return Err(ChangeFault::Spelling);
        }
        let change = read_file(name, bytes, &FORM, read).map_err(ChangeFault::Unreadable)?;
        // POL-17
        if change.write().as_bytes() == bytes { Ok(change) } else { Err(ChangeFault::Spelling) }
    }

    /// What the next change of this nation names as `previous`.
    #[must_use]
    pub fn digest(&self) -> Digest {
        sha256(&[self.write().as_bytes()])
    }

    /// Reads a statement of `nation` and verifies that as many of its signers as the quorum of its act have signed these
    /// very bytes: each by its place in the agreement's list, ascending. POL-17
    ///
    /// # Errors
    /// [`ChangeFault`], the first one.
    pub fn verify(
        bytes: &[u8],
        signatures: &[(u8, Signature)],
        agreement: &Agreement,
        nation: Nation,
    ) -> Result<Self, ChangeFault> {
        let change = Self::read("statement", bytes)?;
        let of = |id: &str, version: Digest, nation: Nation| format!("{nation} under {id} {version}");
        let found = of(&change.agreement, change.version, change.nation);
        let wanted = of(&agreement.id, agreement.digest, nation);
        let party = agreement.party(nation).filter(|_| found == wanted);
        let Some(party) = party else { return Err(ChangeFault::Other { found, wanted }) };
        let signed = message(Tag::Change, bytes);
        let mut last = None;
        for (at, (place, signature)) in (1..).zip(signatures) {
            let fault = |what| Err(ChangeFault::Signature { at, what });
            let Some(signer) = party.signers.get(usize::from(*place)) else { return fault("there is no such signer") };
            if last.is_some_and(|last| last >= *place) {
                return fault("signers stand once each, in the order of the agreement");
            }
            if !signer.key.verify(&signed, signature) {
                return fault("it does not verify under the signer's key");
            }
            last = Some(*place);
        }
        let quorum = match change.act {
            Act::Suspend => party.quorum.suspend,
            Act::Resume(_) => party.quorum.resume,
            Act::GiveNotice => party.quorum.give_notice,
            // They change what the agreement is, as its signature did.
            Act::Renew(_) | Act::Terminate => party.quorum.sign,
        };
        let (have, need) = (signatures.len(), usize::try_from(quorum).unwrap_or(usize::MAX));
        if have < need {
            let has = |at: usize| signatures.iter().any(|(place, _)| usize::from(*place) == at);
            let open = party.signers.iter().enumerate().filter(|(at, _)| !has(*at));
            let open = open.map(|(_, signer)| signer.office.clone()).collect();
            return Err(ChangeFault::Missing { nation, act: change.act.word(), have, need, open });
        }
        Ok(change)
    }
}

fn read(root: &Table<'_>) -> Option<Change> {
    let wanted = format!("not known. This program reads {FORMAT}");
    root.parsed("format", "K010", &wanted, |text| (text == FORMAT).then_some(()));
    let agreement = root.text("agreement", "K011", 40);
    let version = root.digest("version", "K011");
    let nation = root.nation("nation", "K011");
    let counter = root.count("counter", "K012", 1..=1_000_000);
    let previous = root.parsed("previous", "K012", "write \"none\" or the digest of the change before", |text| {
        if text == "none" { Some(None) } else { Digest::parse(text).map(Some) }
    });
    let act = root.text("act", "K015", 20);
    let act = match act.as_str() {
        "suspend" => Some(Act::Suspend),
        "resume" => Some(Act::Resume(lifts(root))),
        "give-notice" => Some(Act::GiveNotice),
        "renew" => Some(Act::Renew(root.count("term", "K015", 1..=1_000))),
        "terminate" => Some(Act::Terminate),
        _ => {
            root.fault("act", "K015", "act must be suspend, resume, give-notice, renew or terminate");
            None
        }
    };
    Some(Change { agreement, version, nation: nation?, counter, previous: previous?, act: act? })
}

fn lifts(root: &Table<'_>) -> Vec<Digest> {
    let list = root.set("lifts", "K015", 1..=MAX_LIFTED, "write sha256: and 64 hexadecimal digits", |text| {
        Digest::parse(text).is_some()
    });
    list.iter().filter_map(|text| Digest::parse(text)).collect()
}

/// A change of one nation as it stands on record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OnRecord {
    /// What was stated.
    pub change: Change,
    /// Time of its leaf; for an own one that no log has yet, when it was taken.
    pub time: Timestamp,
    /// Its leaf in its nation's log; `None` until it has one.
    pub index: Option<u64>,
}

/// The changes of both nations, each in the order of its own log.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Record {
    /// Ours.
    pub ours: Vec<OnRecord>,
    /// The partner's, as followed.
    pub partners: Vec<OnRecord>,
}

impl Record {
    /// Whether this change is the next of its nation.
    ///
    /// # Errors
    /// [`ChangeFault::OutOfOrder`], [`ChangeFault::TooMany`].
    pub fn follows(list: &[OnRecord], change: &Change) -> Result<(), ChangeFault> {
        if list.len() >= MAX_CHANGES {
            return Err(ChangeFault::TooMany { nation: change.nation });
        }
        let last = list.last().map(|one| &one.change);
        let counter = last.map_or(0, |one| one.counter);
        if change.counter == counter.saturating_add(1) && change.previous == last.map(Change::digest) {
            Ok(())
        } else {
            Err(ChangeFault::OutOfOrder { nation: change.nation, found: change.counter, last: counter })
        }
    }

    /// What a nation knew that had appended or followed only so much: ours with a leaf below `ours`, the partner's below
    /// `partners`.
    #[must_use]
    pub fn as_of(&self, ours: u64, partners: u64) -> Self {
        let below = |list: &[OnRecord], size: u64| {
            list.iter().filter(|one| one.index.is_some_and(|index| index < size)).cloned().collect()
        };
        Self { ours: below(&self.ours, ours), partners: below(&self.partners, partners) }
    }

    /// The state that all of it comes to; the stricter of both nations' words holds. POL-18
    #[must_use]
    pub fn state(&self, life: &Life) -> StateView {
        let (ours, partners) = (&self.ours, &self.partners);
        let open = [self.suspends(life, ours), self.suspends(life, partners)];
        let suspended = match life.suspend_by {
            By::Either => open,
            By::Both => [open == [true, true]; 2],
        };
        let states = |list: &[OnRecord], act: fn(&Act) -> bool| list.iter().any(|one| act(&one.change.act));
        let ends = |act: &Act| *act == Act::Terminate;
        let terminated = states(ours, ends) && states(partners, ends);
        let notice = |list: &[OnRecord]| list.iter().find(|one| one.change.act == Act::GiveNotice).map(|one| one.time);
        let one = |suspended: bool, notice: Option<Timestamp>| match (terminated, suspended, notice) {
            (true, _, _) => AgreementState::Terminated,
            (false, true, _) => AgreementState::Suspended,
            (false, false, Some(at)) => AgreementState::NoticeGiven(at),
            (false, false, None) => AgreementState::InForce,
        };
        let [own, other] = suspended;
        let renewed = |term: u32| {
            let has = |list: &[OnRecord]| list.iter().any(|one| one.change.act == Act::Renew(term));
            has(ours) && has(partners)
        };
        StateView {
            ours: one(own, notice(ours)),
            partners: one(other, notice(partners)),
            renewals: (1..).take_while(|term| renewed(*term)).last().unwrap_or(0),
            notice: [notice(ours), notice(partners)].into_iter().flatten().min(),
        }
    }

    /// The digests of the suspensions in force, which a resumption lifts.
    #[must_use]
    pub fn open_suspensions(&self, life: &Life) -> Vec<Digest> {
        let open = self.ours.iter().chain(&self.partners).filter(|one| self.is_open(life, one));
        open.map(|one| one.change.digest()).collect()
    }

    fn suspends(&self, life: &Life, list: &[OnRecord]) -> bool {
        list.iter().any(|one| self.is_open(life, one))
    }

    fn is_open(&self, life: &Life, one: &OnRecord) -> bool {
        if one.change.act != Act::Suspend {
            return false;
        }
        let digest = one.change.digest();
        let lifted = |list: &[OnRecord]| {
            list.iter().any(|one| matches!(&one.change.act, Act::Resume(lifts) if lifts.contains(&digest)))
        };
        let (by_us, by_them) = (lifted(&self.ours), lifted(&self.partners));
        match life.resume_by {
            By::Either => !(by_us || by_them),
            By::Both => !(by_us && by_them),
        }
    }
}
