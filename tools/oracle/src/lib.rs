//! A second opinion on the release decision: `relto_policy::check` and Cedar, on the text that the agreement was
//! exported to, are asked the same question and must give the same verdict for the same reasons.
//!
//! What the two share is the reading of one mark (`relto_report::marking`) and the files. The join of portions, the
//! expansion of lists, the third-party rule and the calendar are written a second time in [`request`]; the tables and
//! limits are in the Cedar text.
//!
//! Compared: every code of `relto_formats::cedar::CODES`. Not compared, because no clause of the agreement's file gives
//! them: faults that the caller of the decision found (SIGNATURE_INVALID, REPLAYED, CROSSED, WITHDRAWN, WINDOW_EXCEEDED
//! and the rest of its list), CLOCK_UNTRUSTED, EVALUATION_ERROR and ENGINE_DISAGREEMENT (the engine itself), everything
//! national, and what people owe: a hold is a permit here, for no clause refuses it.
#![forbid(unsafe_code)]

pub mod cases;
pub mod compare;
mod dice;
mod months;
pub mod request;
pub mod worlds;

pub use dice::Dice;

use std::cell::OnceCell;

/// Any bytes as the choices that make a case, for the fuzz target.
///
/// # Panics
/// When the two differ.
pub fn fuzz_agree(bytes: &[u8]) {
    thread_local! {
        static WORLDS: OnceCell<Vec<worlds::World>> = const { OnceCell::new() };
    }
    WORLDS.with(|made| {
        let mut dice = Dice::Bytes(bytes);
        let world = dice.pick(made.get_or_init(worlds::worlds));
        let _opinion = compare::agreed(world, &cases::Case::draw(world, &mut dice));
    });
}

#[cfg(test)]
mod tests {
    use super::{Dice, fuzz_agree};

    #[test]
    fn any_bytes_make_a_case() {
        fuzz_agree(&[]);
        let mut dice = Dice::Seeded(7);
        for length in 0..600 {
            let bytes: Vec<u8> = (0..length % 97).map(|_| u8::try_from(dice.below(256)).expect("a byte")).collect();
            fuzz_agree(&bytes);
        }
    }
}
