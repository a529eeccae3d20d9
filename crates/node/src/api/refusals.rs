//! How often an account may be refused, and what it was told. Each refusal is on record for ever, as codes; so it costs
//! its account a part of a share that comes back slowly. The texts, which quote the report, are kept in memory alone.
//! API-38

use crate::sync::lock;
use relto_exchange::{rows::SubmissionState, store::SubmissionId};
use relto_policy::ground::Ground;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

/// Refusals of one account at once: more than an author has in a week whose client checks before it submits.
const AT_ONCE: u64 = 200;
/// Milliseconds after which one comes back: 200 + 1,440 on the first day, each a row and an entry of the journal of at
/// most 64 codes of 40 bytes: 9 MB.
const EACH: u64 = 60_000;
/// Submissions of one account that are being decided at once. Each may be refused, so that an account may go over its share
/// by so many; then it has none until those have come back.
const IN_WORK: u64 = 320;
/// Bytes of texts that are remembered; beyond that the oldest go.
const TEXTS: usize = 4 * 1024 * 1024;

#[derive(Default)]
struct State {
    /// By account: the moment at which all of its share is back.
    whole: BTreeMap<String, u64>,
    /// By account: what is being decided.
    in_work: BTreeMap<String, u64>,
    texts: BTreeMap<SubmissionId, Vec<Ground>>,
    /// The oldest first.
    order: VecDeque<SubmissionId>,
    bytes: usize,
}

/// By account.
#[derive(Default)]
pub(crate) struct Refusals(Mutex<State>);

/// Why an account has none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoChance {
    /// Its share is used up for so many milliseconds.
    UsedUp(u64),
    /// So many of its submissions are being decided.
    InWork,
}

/// One that an account may have, while its submission is being decided.
pub(crate) struct Chance {
    of: Arc<Refusals>,
    account: String,
    /// When it was taken, monotonic milliseconds.
    at: u64,
}

impl Chance {
    /// The submission was refused.
    pub(crate) fn used(self) {
        let mut state = lock(&self.of.0);
        let whole = state.whole.entry(self.account.clone()).or_insert(self.at);
        *whole = (*whole).max(self.at).saturating_add(EACH);
    }
}

impl Drop for Chance {
    fn drop(&mut self) {
        let mut state = lock(&self.of.0);
        if let Some(count) = state.in_work.get_mut(&self.account) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                state.in_work.remove(&self.account);
            }
        }
    }
}

impl Refusals {
    /// One of an account's share, before it is known whether it will be needed. `now` is monotonic milliseconds.
    ///
    /// # Errors
    /// [`NoChance`].
    pub(crate) fn take(self: &Arc<Self>, account: &str, now: u64) -> Result<Chance, NoChance> {
        let mut state = lock(&self.0);
        state.whole.retain(|_, whole| *whole > now);
        let most = now.saturating_add((AT_ONCE - 1) * EACH);
        let whole = state.whole.get(account).copied().unwrap_or(now);
        if whole > most {
            return Err(NoChance::UsedUp(whole - most));
        }
        let count = state.in_work.entry(account.to_owned()).or_insert(0);
        if *count >= IN_WORK {
            return Err(NoChance::InWork);
        }
        *count += 1;
        Ok(Chance { of: self.clone(), account: account.to_owned(), at: now })
    }

    /// What was told of a submission, where it was refused.
    pub(crate) fn remember(&self, id: &SubmissionId, standing: &SubmissionState) {
        let SubmissionState::Refused(reasons) = standing else { return };
        let length = |one: &Ground| one.detail.as_ref().map_or(0, String::len) + 64;
        let bytes = |reasons: &[Ground]| reasons.iter().map(length).sum::<usize>() + 64;
        let mut state = lock(&self.0);
        if state.texts.insert(*id, reasons.clone()).is_some() {
            return;
        }
        state.order.push_back(*id);
        state.bytes = state.bytes.saturating_add(bytes(reasons));
        while state.bytes > TEXTS
            && let Some(oldest) = state.order.pop_front()
        {
            let old = state.texts.remove(&oldest).unwrap_or_default();
            state.bytes = state.bytes.saturating_sub(bytes(&old));
        }
    }

    /// The reasons with their texts, where they are remembered.
    #[must_use]
    pub(crate) fn texts(&self, id: &SubmissionId) -> Option<Vec<Ground>> {
        lock(&self.0).texts.get(id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_policy::code::Code;

    #[test]
    fn api_38_an_account_has_its_share_of_refusals() {
        let refusals = Arc::new(Refusals::default());
        for _ in 0..AT_ONCE {
            refusals.take("a", 5).unwrap().used();
        }
        assert_eq!(refusals.take("a", 5).err(), Some(NoChance::UsedUp(EACH)), "one more in a minute");
        assert_eq!(refusals.take("a", EACH + 4).err(), Some(NoChance::UsedUp(1)));
        refusals.take("a", EACH + 5).unwrap().used();
        assert!(refusals.take("a", EACH + 5).is_err());
        for _ in 0..10 * AT_ONCE {
            drop(refusals.take("b", 5).unwrap());
        }
        let day = 24 * 3_600_000;
        let used = (0..day / 1_000).filter(|n| refusals.take("c", n * 1_000).map(Chance::used).is_ok()).count();
        assert_eq!(u64::try_from(used).unwrap(), AT_ONCE + day / EACH - 1, "in a day, trying each second");
    }

    #[test]
    fn api_38_what_is_being_decided_is_no_refusal_yet() {
        let refusals = Arc::new(Refusals::default());
        let work: Vec<Chance> = (0..IN_WORK).map(|_| refusals.take("a", 5).unwrap()).collect();
        assert_eq!(refusals.take("a", 5).err(), Some(NoChance::InWork));
        assert!(refusals.take("b", 5).is_ok());
        drop(work);
        assert!(refusals.take("a", 5).is_ok());
        // All of it refused: the account owes for each.
        let work: Vec<Chance> = (0..IN_WORK).map(|_| refusals.take("c", 5).unwrap()).collect();
        work.into_iter().for_each(Chance::used);
        let owed = (IN_WORK - AT_ONCE + 1) * EACH;
        assert_eq!(refusals.take("c", 5).err(), Some(NoChance::UsedUp(owed)));
    }

    #[test]
    fn api_38_texts_are_remembered_within_bounds() {
        let refusals = Refusals::default();
        let standing = |n: usize| {
            SubmissionState::Refused(vec![Ground::of(Code::TopicUnknown, &format!("{n}{}", "x".repeat(900))); 64])
        };
        let id = |n: usize| u128::try_from(n).unwrap().to_be_bytes();
        (0..1_000).for_each(|n| refusals.remember(&id(n), &standing(n)));
        let state = lock(&refusals.0);
        assert!(state.bytes <= TEXTS && state.texts.len() < 100, "{} {}", state.bytes, state.texts.len());
        drop(state);
        assert!(refusals.texts(&id(0)).is_none() && refusals.texts(&id(999)).is_some());
    }
}
