//! How much each account has held or queued.

use crate::sync::lock;
use relto_exchange::{
    place::{self, SubmissionAt},
    rows::SubmissionState,
    store::StoreError,
};
use relto_host::store::SqliteReader;
use std::{collections::BTreeMap, sync::Mutex};

/// Drafts of one account, and their bytes. API-20
const OF_ONE: Share = Share { drafts: 1_024, bytes: 512 * 1024 * 1024 };
/// Drafts of all accounts, and their bytes. API-20
const OF_ALL: Share = Share { drafts: 8_192, bytes: 4 * 1024 * 1024 * 1024 };

#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Share {
    drafts: u64,
    bytes: u64,
}

impl Share {
    const fn add(&mut self, bytes: u64) {
        self.drafts = self.drafts.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    const fn is_full(self, most: Self) -> bool {
        self.drafts >= most.drafts || self.bytes >= most.bytes
    }
}

#[derive(Default)]
struct Held {
    known: bool,
    all: Share,
    by: BTreeMap<String, Share>,
}

impl Held {
    fn add(&mut self, account: &str, bytes: u64) {
        self.all.add(bytes);
        self.by.entry(account.to_owned()).or_default().add(bytes);
    }

    fn is_full_for(&self, account: &str) -> bool {
        self.all.is_full(OF_ALL) || self.by.get(account).copied().unwrap_or_default().is_full(OF_ONE)
    }
}

/// Counts upwards with each new draft, and is counted anew from the store when a share seems used up.
#[derive(Default)]
pub(crate) struct Drafts(Mutex<Held>);

impl Drafts {
    /// A submission of this many bytes stands held or queued, or not.
    pub(crate) fn note(&self, account: &str, bytes: usize, state: &SubmissionState) {
        if matches!(state, SubmissionState::Held(_) | SubmissionState::Queued(_)) {
            lock(&self.0).add(account, u64::try_from(bytes).unwrap_or(u64::MAX));
        }
    }

    /// Whether this account has room for one more, as far as was counted.
    pub(super) fn is_free_for(&self, account: &str) -> bool {
        let held = lock(&self.0);
        held.known && !held.is_full_for(account)
    }

    /// Counts anew from the store: whether an account has used up its share.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn count(&self, reader: &Mutex<SqliteReader>, account: &str) -> Result<bool, StoreError> {
        let mut held = Held { known: true, ..Held::default() };
        let drafts = lock(reader).drafts()?;
        for (id, bytes) in drafts {
            if let Some(row) = place::read(&*lock(reader), SubmissionAt(id))? {
                held.add(&row.account, bytes);
            }
        }
        let mut now = lock(&self.0);
        *now = held;
        Ok(now.is_full_for(account))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_policy::waits::Waits;

    #[test]
    fn api_20_an_account_has_its_share_of_drafts() {
        let drafts = Drafts::default();
        let held = SubmissionState::Held(Vec::new());
        for _ in 0..OF_ONE.drafts {
            assert!(!lock(&drafts.0).is_full_for("a"));
            drafts.note("a", 10, &held);
        }
        assert!(lock(&drafts.0).is_full_for("a"));
        drafts.note("b", 100, &SubmissionState::Released(1));
        assert_eq!(lock(&drafts.0).by.get("b"), None, "what is released is no draft");
        drafts.note("b", usize::try_from(OF_ONE.bytes).unwrap() - 1, &held);
        assert!(!lock(&drafts.0).is_full_for("b"));
        drafts.note("b", 1, &SubmissionState::Queued(Waits::Window));
        assert!(lock(&drafts.0).is_full_for("b"), "by bytes");
        for account in 0..OF_ALL.bytes / OF_ONE.bytes {
            drafts.note(&account.to_string(), usize::try_from(OF_ONE.bytes).unwrap() - 1, &held);
        }
        assert!(lock(&drafts.0).is_full_for("nobody yet"), "all together");
    }
}
