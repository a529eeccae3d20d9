//! What is asked of the node again: a long transfer that broke off goes on where it was, a few times with longer and longer
//! pauses, and from the first as soon as something came through.

use crate::{
    client::{Client, Refused, long::CannotRead},
    output::NotVerified,
    profile::Profile,
};
use anyhow::Result;
use std::time::Duration;

/// The first pause; each is twice the one before.
const FIRST: Duration = Duration::from_millis(250);
/// Pauses without anything that came through: 16 seconds together.
const MOST: u32 = 6;

/// How often in a row nothing came through.
#[derive(Default)]
pub struct Tries(u32);

impl Tries {
    /// How long to wait before the next; `None`: it is enough.
    pub fn pause(&mut self) -> Option<Duration> {
        let pause = FIRST.saturating_mul(1 << self.0.min(MOST));
        self.0 = self.0.saturating_add(1);
        (self.0 <= MOST).then_some(pause)
    }

    /// Something came through.
    pub const fn moved(&mut self) {
        self.0 = 0;
    }
}

/// Whether the same may go well a little later: the node was not reached, or has no room just now.
#[must_use]
pub fn may_pass(error: &anyhow::Error) -> bool {
    match error.downcast_ref::<Refused>() {
        Some(refused) => matches!(refused.status, 408 | 503),
        None => !(error.is::<CannotRead>() || error.is::<NotVerified>()),
    }
}

/// A way to the node that is made anew where it broke.
pub struct Line<'p> {
    profile: &'p Profile,
    client: Option<Client>,
}

impl<'p> Line<'p> {
    /// One that is made when it is needed.
    #[must_use]
    pub const fn new(profile: &'p Profile) -> Self {
        Self { profile, client: None }
    }

    /// Asks over the connection that is there, or over a new one. One over which a question failed is not used again: what
    /// it still carries of that question belongs to no other.
    ///
    /// # Errors
    /// Where the node is not reached; those of the question.
    pub async fn ask<T>(&mut self, question: impl AsyncFnOnce(&mut Client) -> Result<T>) -> Result<T> {
        let mut client = match self.client.take() {
            Some(client) => client,
            None => Client::connect(self.profile).await?,
        };
        let answer = question(&mut client).await?;
        self.client = Some(client);
        Ok(answer)
    }

    /// The next question goes over a new connection.
    pub fn part(&mut self) {
        self.client = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_formats::api::{Problem, ProblemKind};

    #[test]
    fn pauses_grow_and_end_and_begin_anew() {
        let mut tries = Tries::default();
        let all: Vec<u128> = std::iter::from_fn(|| tries.pause()).map(|pause| pause.as_millis()).collect();
        assert_eq!(all, [250, 500, 1_000, 2_000, 4_000, 8_000]);
        assert_eq!(tries.pause(), None);
        tries.moved();
        assert_eq!(tries.pause(), Some(FIRST));
    }

    #[test]
    fn only_what_may_pass_is_asked_again() {
        let refused =
            |status, error| Refused { status, problem: Problem { error, rule: None, message: String::new() } };
        assert!(may_pass(&anyhow::anyhow!("node closed the connection")));
        assert!(may_pass(&refused(503, ProblemKind::Busy).into()));
        assert!(may_pass(&refused(408, ProblemKind::Late).into()));
        assert!(!may_pass(&refused(403, ProblemKind::Role).into()));
        assert!(!may_pass(&refused(507, ProblemKind::StorageFull).into()));
        assert!(!may_pass(&CannotRead.into()));
        assert!(!may_pass(&NotVerified(String::new()).into()));
    }
}
