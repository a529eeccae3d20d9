//! What the journal says of a start: when, which start of this store it is, and our people.

use crate::{
    model::{
        journal::{Act, people_digest},
        store::StoreError,
    },
    state::State,
    turn::batch::{Batch, Step},
};
/// The journal says when this node started, and which start of this store it is.
pub(crate) fn started(state: &mut State, batch: &mut Batch<'_>) -> Result<(), StoreError> {
    if state.halted.is_some() {
        return Ok(());
    }
    // FLW-25
    if state.belief.by().is_none() {
        state.belief.started = true;
        return Ok(());
    }
    let (epoch, disbelieved) = (state.fence.epoch, state.disbelieved);
    batch.run_national(state, |view| {
        let mut step = Step::default();
        step.journal(view, Act::Started { epoch });
        if let Some(why) = disbelieved {
            step.alarm(view, why);
        }
        Ok(step)
    })?;
    people(state, batch)
}

/// Each account that is not as the journal knows it, then the digest of all. API-46
fn people(state: &mut State, batch: &mut Batch<'_>) -> Result<(), StoreError> {
    let Some(people) = state.people.clone() else { return Ok(()) };
    batch.run_national(state, |view| {
        let mut step = Step::default();
        let known = &view.memory.people;
        for (account, now) in people.iter().filter(|(account, now)| known.get(*account) != Some(now)) {
            step.journal(view, Act::Account { account: account.clone(), now: Some(now.clone()) });
        }
        for account in known.keys().filter(|account| !people.contains_key(*account)) {
            step.journal(view, Act::Account { account: account.clone(), now: None });
        }
        let count = u32::try_from(people.len()).unwrap_or(u32::MAX);
        step.journal(view, Act::People { digest: people_digest(&people), count });
        Ok(step)
    })
}
