//! What keeps a start short, whatever is stored: folds of memory, and serials that go from memory into rows. STO-7, STO-8

use crate::{
    model::{
        journal::Act,
        place::{FoldAt, SerialRowAt, SerialSaltAt},
        store::StoreError,
    },
    state::{State, fold::Fold},
    turn::batch::{Batch, Step},
};

/// Serials that are moved in a turn, for each input and beside: more than can come in it.
const MOVED_FOR_EACH: usize = 2;
const MOVED_BESIDE: usize = 16;
/// The same while far more are held than should be, as after a migration.
const MOVED_OF_MANY: usize = 4_096;
/// So many times as many as should be: then nothing is folded, for a fold has them all.
const MANY: usize = 4;

/// At the end of a turn of so many inputs.
pub(crate) fn keep_short(state: &mut State, batch: &mut Batch<'_>, inputs: usize) -> Result<(), StoreError> {
    if state.halted.is_some() || state.belief.by().is_none() {
        return Ok(());
    }
    move_serials(state, batch, inputs)?;
    let (leaves, held) = (state.memory().leaves(), state.memory().serials.held.len());
    if leaves.saturating_sub(state.folded) < state.keeping.fold_after
        || held > state.keeping.hold_serials.saturating_mul(MANY)
    {
        return Ok(());
    }
    state.folded = leaves;
    batch.run_national(state, |view| {
        let mut step = Step::default();
        let (row, digest) = Fold::of(view.memory).encode();
        // In place of the older, which stays until this one is written.
        let [first, second] = view.memory.folds;
        let (slot, stands) = if first <= second { (0, first.is_some()) } else { (1, second.is_some()) };
        if stands {
            step.replace(FoldAt(slot), row)
        } else {
            step.insert(FoldAt(slot), row)
        }
        step.journal(view, Act::Folded { digest });
        Ok(step)
    })
}

/// The store is not what the newest fold says: none is gone on from any more, and nothing is appended. The next start reads
/// everything, and ends where it finds the same.
pub(crate) fn disbelieve(state: &mut State, batch: &mut Batch<'_>, why: &str) -> Result<(), StoreError> {
    if state.halted.is_none() {
        batch.run_national(state, |view| {
            let mut step = Step::default();
            [0, 1].into_iter().for_each(|slot| step.erase(FoldAt(slot)));
            step.alarm(view, why);
            Ok(step)
        })?;
        state.halt(why);
    }
    Ok(())
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
        batch.run_national(state, |view| {
            let mut step = Step::default();
            step.insert(SerialSaltAt(), view.salt().to_vec());
            Ok(step)
        })?;
    }
    let serials = &state.memory().serials;
    let many = serials.held.len() > state.keeping.hold_serials.saturating_mul(2);
    let of_turn = inputs.saturating_mul(MOVED_FOR_EACH).saturating_add(MOVED_BESIDE);
    let most = if many { MOVED_OF_MANY } else { of_turn };
    let next = serials.next(from, most);
    state.moving = next.last().filter(|_| next.len() == most).map(|last| last.serial);
    batch.run_national(state, |_| {
        let mut step = Step::default();
        next.iter().for_each(|at| step.insert(SerialRowAt(*at), Vec::new()));
        Ok(step)
    })
}
