//! The national journal: what happened here that the partner must not know. The same log code, never sent. LOG-11

use relto_audit::{
    leaf::{SignedStatement, Verdict},
    origin::Origin,
};
use relto_policy::{ground::Cause, reading::ReadingRule, waits::Waits};
use relto_report::{
    codec::{self, Malformed, Validate, bound},
    crypto::sha256,
    digest::Digest,
    nation::Nation,
    signed::{ClockWord, recovery::RecoveryWord},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Bytes of the longest entry.
pub const MAX_ENTRY: usize = 64 * 1024;
/// Reasons of one entry.
pub const MAX_REASONS: usize = 64;

/// One leaf of the journal. Codes, accounts and digests; never a report's text.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// Unix milliseconds; never earlier than the entry before.
    pub time: u64,
    /// What happened.
    pub act: Act,
}

/// What happened. An entry's bytes never change, for the journal's tree is over them: an act that is written otherwise
/// from some version on is a new one at the end, and the old one stays readable where it stands, as `InWords`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each member is named for what it holds; the variants say when")]
pub enum Act {
    /// The node started on this store for the `epoch`-th time.
    Started { epoch: u64 },
    /// The agreement or the national rules refused a submission, before the digest of it was kept.
    RefusedInWords { submission: [u8; 16], account: String, agreement: Digest, reasons: Vec<String> },
    /// As [`Act::Held`], before store version 4.
    HeldInWords { submission: [u8; 16], account: String, agreement: Digest, owed: Vec<String> },
    /// As [`Act::Queued`], before store version 4.
    QueuedInWords { submission: [u8; 16], account: String, why: String },
    /// An officer approved.
    Approved { submission: [u8; 16], officer: String, answers: Vec<String> },
    /// An officer declined.
    Declined { submission: [u8; 16], officer: String, reason: String },
    /// As [`Act::Received`], before store version 4.
    ReceivedInWords { index: u64, verdict: String, reasons: Vec<String> },
    /// Somebody opened a report, reading for an office.
    Opened { account: String, office: String, agreement: String, nation: Nation, index: u64 },
    /// Something that an operator and an auditor must look at.
    Alarm { what: String },
    /// An Anchor leaf commits to this journal at `size`, before this entry: the salt opens it to an auditor.
    Anchored { log: Origin, index: u64, size: u64, salt: [u8; 32] },
    /// As [`Act::NotOpened`], before store version 4.
    NotOpenedInWords { account: String, agreement: String, nation: Nation, index: u64, reasons: Vec<String> },
    /// Our signers have changed the state of an agreement; its leaf in the link's log follows.
    Changed { agreement: String, change: SignedStatement },
    /// These officers released alone in an emergency; another confirms until `by`, Unix milliseconds.
    Emergency { submission: [u8; 16], index: u64, officers: Vec<String>, by: u64 },
    /// A second officer confirmed such a release.
    Confirmed { submission: [u8; 16], index: u64, officer: String },
    /// The file of an agreement's version is here; it binds nobody before it is adopted.
    Installed { agreement: String, version: Digest, number: u32 },
    /// As [`Act::NotReleased`], before store version 4.
    NotReleasedInWords {
        submission: [u8; 16],
        account: String,
        agreement: Digest,
        signed: Digest,
        reasons: Vec<String>,
    },
    /// A second officer does not confirm a release in an emergency: an incident.
    NotConfirmed { submission: [u8; 16], index: u64, officer: String, reason: String },
    /// The clock is believed from here on; by what, and who signed it where people did.
    ClockBelieved { by: String, words: Vec<ClockWord> },
    /// What is on record of an account from now on; nothing where it is taken away.
    Account { account: String, now: Option<Account> },
    /// The people of the configuration at a start: digest over all of them, and how many.
    People { digest: Digest, count: u32 },
    /// A submission waits for officers.
    Held { submission: [u8; 16], account: String, agreement: Digest, owed: Vec<Cause> },
    /// A submission waits for the window, the link or the clock.
    Queued { submission: [u8; 16], account: String, why: Waits },
    /// A payload of the partner was decided on.
    Received { index: u64, verdict: Verdict, reasons: Vec<Cause> },
    /// Somebody asked for a report and may not read it.
    NotOpened { account: String, agreement: String, nation: Nation, index: u64, reasons: Vec<ReadingRule> },
    /// The agreement or the national rules refused a submission: what was signed, by its digest, and the codes. API-38
    NotReleased { submission: [u8; 16], account: String, agreement: Digest, signed: Digest, reasons: Vec<Cause> },
    /// What memory held before this entry was kept, with this digest: from there a start goes on. STO-7
    Folded { digest: Digest },
    /// An operator and an auditor have signed the plan of a recovery, which was carried out from here on.
    Recovered { plan: Digest, words: Vec<RecoveryWord> },
}

/// What the configuration has of one of our people.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Account {
    /// The key that signs, as text.
    pub key: String,
    /// What the account may do, a word each.
    pub roles: Vec<String>,
    /// The person's office.
    pub office: String,
    /// Offices for which the person reads.
    pub offices: Vec<String>,
    /// Highest level that the person is cleared for.
    pub clearance: Option<u8>,
    /// Nationalities.
    pub nationality: Vec<String>,
    /// The firm, where there is one.
    pub contractor: Option<String>,
}

/// Texts of one list of an account at most.
pub const MAX_LIST: usize = 64;
/// Bytes of one text of an account at most.
pub const MAX_WORD: usize = 200;

impl Validate for Account {
    fn validate(&self) -> Result<(), Malformed> {
        for list in [&self.roles, &self.offices, &self.nationality] {
            bound(list.len(), MAX_LIST, "account")?;
        }
        let lists = [&self.roles, &self.offices, &self.nationality].into_iter().flatten();
        let texts = lists.chain([&self.key, &self.office]).chain(&self.contractor);
        texts.into_iter().try_for_each(|text| bound(text.len(), MAX_WORD, "account"))
    }
}

/// All of our people as the configuration has them.
pub type People = BTreeMap<String, Account>;

/// Digest of the people of a configuration.
#[must_use]
pub fn people_digest(people: &People) -> Digest {
    let list: Vec<(&String, &Account)> = people.iter().collect();
    sha256(&[&codec::encode(&list)])
}

impl Entry {
    /// The canonical form.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Decodes the canonical form.
    ///
    /// # Errors
    /// [`Malformed`] for anything else.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        codec::decode::<Self, MAX_ENTRY>(bytes)
    }
}

impl Validate for Entry {
    fn validate(&self) -> Result<(), Malformed> {
        match &self.act {
            Act::RefusedInWords { reasons: list, .. }
            | Act::NotReleasedInWords { reasons: list, .. }
            | Act::HeldInWords { owed: list, .. }
            | Act::ReceivedInWords { reasons: list, .. } => bound(list.len(), MAX_REASONS, "reasons"),
            Act::NotReleased { reasons: list, .. }
            | Act::Held { owed: list, .. }
            | Act::Received { reasons: list, .. } => bound(list.len(), MAX_REASONS, "reasons"),
            Act::NotOpenedInWords { nation, reasons, .. } => {
                nation.validate()?;
                bound(reasons.len(), MAX_REASONS, "reasons")
            }
            Act::NotOpened { nation, reasons, .. } => {
                nation.validate()?;
                bound(reasons.len(), MAX_REASONS, "reasons")
            }
            Act::Opened { nation, .. } => nation.validate(),
            Act::Changed { change, .. } => change.validate(),
            Act::Emergency { officers, .. } => bound(officers.len(), MAX_REASONS, "officers"),
            Act::Started { .. }
            | Act::QueuedInWords { .. }
            | Act::Queued { .. }
            | Act::Approved { .. }
            | Act::Declined { .. }
            | Act::Alarm { .. }
            | Act::Anchored { .. }
            | Act::Confirmed { .. }
            | Act::Installed { .. }
            | Act::NotConfirmed { .. }
            | Act::People { .. }
            | Act::Folded { .. } => Ok(()),
            Act::ClockBelieved { words, .. } => bound(words.len(), 2, "signatures"),
            Act::Recovered { words, .. } => bound(words.len(), 2, "signatures"),
            Act::Account { now, .. } => now.as_ref().map_or(Ok(()), Validate::validate),
        }
    }
}

/// The journal's name: its owner's own log, under no agreement.
#[must_use]
pub fn origin(owner: Nation, epoch: u32) -> Origin {
    Origin::new("national journal", owner, epoch)
}

#[cfg(test)]
mod tests;
