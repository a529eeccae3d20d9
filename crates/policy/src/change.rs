//! A change of an agreement's state: a text that a quorum of one nation's signers signs, and what all of them come to.
//!
//! ```toml
//! format    = "relto-change/1"
//! agreement = "XAA-XBB-2026-01"
//! version   = "sha256:..."      # of the agreement's file
//! nation    = "XAA"
//! counter   = 1                 # of this nation's changes, without a gap
//! previous  = "none"            # digest of this nation's change before it
//! act       = "suspend"         # suspend, resume, give-notice, renew, terminate, adopt, measure
//! ```
//!
//! Beside these, `resume` names in `lifts` the digests of the suspensions and measures that it lifts, `renew` in `term`
//! which further term it begins, `adopt` in `adopts` the digest of the new version's file, and `measure` its step of the
//! agreement's ladder and what it bears on. The text has one spelling, and no comment: what is signed goes to the partner.

mod measure;
mod record;
#[cfg(test)]
mod tests;

pub use measure::{Measure, Restricts};
pub use record::versions::{Bound, Text, Versions};
pub use record::{MAX_CHANGES, OnRecord, Record};

use crate::{
    agreement::Agreement,
    reader::{Form, Table, read_file},
};
use relto_report::{
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
/// Bytes of the longest statement, as a leaf carries it.
pub const MAX_CHANGE: usize = 1_024;
/// Suspensions and measures that one statement lifts at most.
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
    /// Lifts the suspensions with these digests, of either nation, and the measures of its own.
    Resume(Vec<Digest>),
    /// The agreement ends by its own rules of notice.
    GiveNotice,
    /// The n-th further term, for an agreement that is renewed by signature.
    Renew(u32),
    /// The agreement ends once both nations have stated it.
    Terminate,
    /// The version whose file has this digest takes the place of the one before once both nations have stated it.
    Adopt(Digest),
    /// A step of the agreement's ladder.
    Measure(Measure),
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
            Self::Adopt(_) => "adopt",
            Self::Measure(_) => "measure",
        }
    }
}

/// One statement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// Id of the agreement.
    pub agreement: String,
    /// Digest of the version by whose signers it is stated: the one that its nation has adopted last.
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
    /// Not now, or not under this agreement.
    #[error("{what}")]
    NotOpen {
        /// Why, and what to do.
        what: String,
    },
    /// A version whose file is not here.
    #[error("version {version} is not installed here. Install its file first: relto agreement install FILE")]
    NotInstalled {
        /// Its digest.
        version: Digest,
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
            Self::NotOpen { .. } => "K017",
            Self::NotInstalled { .. } => "K018",
        }
    }
}

impl Change {
    /// How the next change of a nation begins, in its one spelling. What begins otherwise is none, and to know that
    /// takes neither reading nor verifying it: see [`Change::write`].
    #[must_use]
    pub fn beginning(agreement: &str, version: Digest, nation: Nation, last: Option<&Self>) -> String {
        let counter = last.map_or(0, |one| one.counter).saturating_add(1);
        first_lines(agreement, version, nation, counter, last.map(Self::digest))
    }

    /// The text that is signed.
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = first_lines(&self.agreement, self.version, self.nation, self.counter, self.previous);
        let mut written = writeln!(out, "act = \"{}\"", self.act.word());
        written = written.and(match &self.act {
            Act::Resume(lifts) => {
                let list: Vec<String> = lifts.iter().map(|one| format!("\"{one}\"")).collect();
                writeln!(out, "lifts = [{}]", list.join(", "))
            }
            Act::Renew(term) => writeln!(out, "term = {term}"),
            Act::Adopt(version) => writeln!(out, "adopts = \"{version}\""),
            Act::Measure(measure) => write!(out, "{measure}"),
            Act::Suspend | Act::GiveNotice | Act::Terminate => Ok(()),
        });
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
            // A measure withholds, as a suspension does.
            Act::Suspend | Act::Measure(_) => party.quorum.suspend,
            Act::Resume(_) => party.quorum.resume,
            Act::GiveNotice => party.quorum.give_notice,
            // They change what the agreement is, as its signature did.
            Act::Renew(_) | Act::Terminate | Act::Adopt(_) => party.quorum.sign,
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

fn first_lines(agreement: &str, version: Digest, nation: Nation, counter: u32, previous: Option<Digest>) -> String {
    let previous = previous.map_or_else(|| "none".to_owned(), |digest| digest.to_string());
    format!(
        "format = \"{FORMAT}\"\nagreement = \"{agreement}\"\nversion = \"{version}\"\nnation = \"{nation}\"\n\
         counter = {counter}\nprevious = \"{previous}\"\n"
    )
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
        "adopt" => Some(Act::Adopt(root.digest("adopts", "K015"))),
        "measure" => measure::read(root).map(Act::Measure),
        _ => {
            root.fault("act", "K015", "act must be suspend, resume, give-notice, renew, terminate, adopt or measure");
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
