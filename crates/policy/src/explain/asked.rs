//! What an explanation is asked with.

use crate::{
    case::Case,
    facts::{Facts, Rules, Subject, Times},
    side::Side,
};

/// The question with all that it is asked of; `case` is missing where the sender's register or the time is.
pub(super) struct Asked<'a> {
    pub(super) subject: &'a Subject<'a>,
    pub(super) rules: &'a Rules<'a>,
    pub(super) facts: &'a Facts<'a>,
    pub(super) side: Side,
    pub(super) times: &'a Times,
    pub(super) case: Option<&'a Case<'a>>,
}
