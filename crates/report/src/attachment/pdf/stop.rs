//! How a look at a PDF ends early: with the first thing found.

use crate::attachment::finding::{Advice, At, Finding, Sort};

/// Why a look ended: the first thing found.
#[derive(Debug)]
pub(super) struct Stop(pub(super) Box<Finding>);

impl Stop {
    pub(super) fn new(sort: Sort, what: &str, at: At, advice: Advice) -> Self {
        Self(Box::new(Finding::new(sort, what, at, advice)))
    }

    pub(super) fn odd(what: &str, at: At) -> Self {
        Self::new(Sort::Odd, what, at, Advice::PrintAnew)
    }

    pub(super) fn hidden(what: &str, at: At) -> Self {
        Self::new(Sort::Hidden, what, at, Advice::PrintAnew)
    }

    pub(super) fn active(what: &str, at: At) -> Self {
        Self::new(Sort::Active, what, at, Advice::PrintAnew)
    }

    pub(super) fn large(what: &str, at: At) -> Self {
        Self::new(Sort::TooLarge, what, at, Advice::Part)
    }
}
