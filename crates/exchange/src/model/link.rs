//! What one link rests on: the agreement, the words of both nations, keys and people.

use crate::wire::hello::Expected;
use relto_audit::origin::Origin;
use relto_policy::{agreement::Agreement, consent::Consent, national::NationalRules};
use relto_report::{
    crypto::PublicKey, inspection::Attachments, nation::Nation, register::Register, shapes::Words,
    vocabulary::Vocabulary,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Everything that one link's decisions rest on. Loaded and checked before the exchange begins.
#[derive(Clone)]
pub struct Link {
    /// The version under which the logs began; HELLO names the line of versions by its digest.
    pub agreement: Arc<Agreement>,
    /// Later versions that are installed here, whether or not anybody has adopted them.
    pub later: Vec<Arc<Agreement>>,
    /// Marking registers by nation.
    pub registers: Arc<BTreeMap<Nation, Register>>,
    /// The words of both registers' marks, read once.
    pub words: Arc<Words>,
    /// The words.
    pub vocabulary: Arc<Vocabulary>,
    /// Our own narrower rules.
    pub national: Option<Arc<NationalRules>>,
    /// Consents of third nations, kept at home.
    pub consents: Arc<Vec<Consent>>,
    /// Has attachments judged, ours and the partner's: nothing here parses one.
    pub attachments: Arc<dyn Attachments>,
    /// Serials exchanged before this log began: ours, and the partner's.
    pub prior: Arc<Prior>,
    /// Who may release reports now, by account.
    pub officers: Arc<BTreeMap<String, Officer>>,
    /// Our nation.
    pub own: Nation,
    /// The partner.
    pub partner: Nation,
    /// Our seal key.
    pub own_key: PublicKey,
    /// The partner's seal key.
    pub partner_key: PublicKey,
}

/// A foreign disclosure officer, as the configuration has them now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Officer {
    /// Whose signature counts.
    pub key: PublicKey,
    /// May decide held topics.
    pub senior: bool,
}

/// Reports exchanged before the log began, on paper or by another system.
#[derive(Clone, Default, Debug)]
pub struct Prior {
    /// Serials that went to the partner.
    pub sent: BTreeSet<String>,
    /// Serials that came from the partner.
    pub received: BTreeSet<String>,
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Link({} of {} with {})", self.agreement.id, self.own, self.partner)
    }
}

impl Link {
    /// Name of our log.
    #[must_use]
    pub fn mine(&self) -> Origin {
        Origin::new(&self.agreement.id, self.own, 0)
    }

    /// Name of the partner's log.
    #[must_use]
    pub fn theirs(&self) -> Origin {
        Origin::new(&self.agreement.id, self.partner, 0)
    }

    /// What the connection checks a HELLO against.
    #[must_use]
    pub fn expected(&self) -> Expected {
        Expected {
            agreement: self.agreement.digest,
            mine: self.mine(),
            my_key: self.own_key,
            theirs: self.theirs(),
            their_key: self.partner_key,
        }
    }
}
