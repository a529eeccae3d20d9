//! What somebody is late with, told once per start.

use crate::model::{ids::LinkId, store::SubmissionId};
/// What somebody is late with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Overdue {
    /// Officers, with a held report.
    Officers(SubmissionId),
    /// A queued report.
    Queue(SubmissionId),
    /// The partner, with its receipt for a leaf of ours.
    Receipt(LinkId, u64),
    /// An office of the partner, with its acknowledgement of a report of ours.
    Acknowledgement(LinkId, u64),
    /// A second officer, with the confirmation of a release in an emergency.
    Confirmation(LinkId, u64),
    /// The partner's leaf of this time is of a day that has not come.
    Absurd(LinkId, u64),
}
