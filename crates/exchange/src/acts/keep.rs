//! What keeps a start short, whatever is stored: folds of memory, and serials that go from memory into rows. STO-7, STO-8

use crate::{
    model::{
        ids::LinkId,
        journal::Act,
        store::{Key, Row, StoreError},
    },
    state::{State, fold::Fold},
    turn::batch::{Batch, Step},
};

/// Serials that are moved in a turn, for each input and beside: more than can come in it.
const MOVED_FOR_EACH: usize = 2;
const MOVED_BESIDE: usize = 16;

/// At the end of a turn of so many inputs.
pub(crate) fn keep_short(state: &mut State, batch: &mut Batch<'_>, inputs: usize) -> Result<(), StoreError> {
    if state.halted.is_some() || state.belief.by().is_none() {
        return Ok(());
    }
    move_serials(state, batch, inputs)?;
    let leaves = state.memory().leaves();
    if leaves.saturating_sub(state.folded) < state.keeping.fold_after {
        return Ok(());
    }
    state.folded = leaves;
    batch.run(state, LinkId(0), |view| {
        let mut step = Step::default();
        let (bytes, digest) = Fold::of(view.memory).encode();
        step.insert(Key::Fold(view.memory.journal.size()), Row::Bytes(bytes));
        let spare = (view.memory.folds.len() + 1).saturating_sub(crate::state::fold::KEPT);
        view.memory.folds.iter().take(spare).for_each(|old| step.erase(Key::Fold(*old)));
        step.journal(view, Act::Folded { digest });
        Ok(step)
    })
}

/// From one end of the keys to the other, and again once enough are held.
fn move_serials(state: &mut State, batch: &mut Batch<'_>, inputs: usize) -> Result<(), StoreError> {
    let from = match state.moving {
        Some(from) => from,
        None if state.memory().serials.held.len() >= state.keeping.hold_serials => [0; 16],
        None => return Ok(()),
    };
    // Before the first is moved.
    if !state.memory().serials.is_salted() {
        batch.run(state, LinkId(0), |view| {
            let mut step = Step::default();
            step.insert(Key::SerialSalt, Row::Bytes(view.salt().to_vec()));
            Ok(step)
        })?;
    }
    let serials = &state.memory().serials;
    let most = inputs.saturating_mul(MOVED_FOR_EACH).saturating_add(MOVED_BESIDE);
    let next = serials.next(from, most);
    state.moving = next.last().filter(|_| next.len() == most).map(|last| last.serial);
    batch.run(state, LinkId(0), |_| {
        let mut step = Step::default();
        next.iter().for_each(|at| step.insert(Key::Serial(*at), Row::Bytes(Vec::new())));
        Ok(step)
    })
}
