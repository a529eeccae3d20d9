//! What the node believes of an inspector, which a hostile file may have taken over: it is answered only what it may ask,
//! and its verdict counts only once it has had every byte.

use super::{
    Look,
    frame::{FromChild, FromNode},
    ranges::Ranges,
};
use crate::codec::Malformed;

/// Bytes that an inspector may read beyond four times the file.
const READS_MORE: u64 = 1024 * 1024;

/// What an inspector did that ends it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Broken {
    /// It sent what is no frame.
    #[error("sent what is no frame: {0}")]
    Frame(#[from] Malformed),
    /// It said what it was not asked.
    #[error("said what it was not asked")]
    Unasked,
    /// It asked for bytes that the file does not have.
    #[error("asked for bytes that the file does not have")]
    Beyond,
    /// It read far more than there is.
    #[error("read the file too often")]
    Again,
    /// It read in crumbs.
    #[error("read the file in crumbs")]
    Crumbs,
    /// It judged what it had not read.
    #[error("gave a verdict on what it had not read")]
    Unread,
}

/// What to do next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// Send these bytes of the file.
    Send {
        /// From where.
        offset: u64,
        /// How many.
        length: usize,
    },
    /// It is judged.
    Judged(Look),
}

/// The talk about one file.
#[derive(Clone, Debug)]
pub struct Talk {
    id: u64,
    length: u64,
    asked: u64,
    read: Ranges,
}

impl Talk {
    /// A talk about a file of this length, under a number that no other talk with the same inspector has.
    #[must_use]
    pub fn new(id: u64, length: u64) -> Self {
        Self { id, length, asked: 0, read: Ranges::default() }
    }

    /// What begins it.
    #[must_use]
    pub fn job(&self, media_type: &str, name_ending: &str) -> FromNode {
        let (media_type, name_ending) = (media_type.to_owned(), name_ending.to_owned());
        FromNode::Job { id: self.id, media_type, name_ending, length: self.length }
    }

    /// Takes a frame of the inspector.
    ///
    /// # Errors
    /// [`Broken`]: whatever it says, it is not to be believed, and is to be ended.
    pub fn hear(&mut self, said: FromChild) -> Result<Next, Broken> {
        match said {
            FromChild::Read { offset, length } => {
                let end = offset.checked_add(u64::from(length)).filter(|end| *end <= self.length);
                let end = end.ok_or(Broken::Beyond)?;
                self.asked = self.asked.saturating_add(u64::from(length));
                if self.asked > self.length.saturating_mul(4).saturating_add(READS_MORE) {
                    return Err(Broken::Again);
                }
                if !self.read.add(offset, end) {
                    return Err(Broken::Crumbs);
                }
                Ok(Next::Send { offset, length: usize::try_from(length).map_err(|_| Broken::Beyond)? })
            }
            FromChild::Verdict { id, look } if id == self.id => {
                if self.read.gap(self.length).is_some() {
                    Err(Broken::Unread)
                } else {
                    Ok(Next::Judged(look))
                }
            }
            FromChild::Verdict { .. } | FromChild::Ready(_) => Err(Broken::Unasked),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        attachment::inspected::{Inspected, MAX_NAMES, Named},
        inspection::{Media, frame},
    };

    fn look() -> Look {
        Look { media: Some(Media::Csv), inspected: Inspected::default() }
    }

    fn read(offset: u64, length: u32) -> FromChild {
        FromChild::Read { offset, length }
    }

    #[test]
    fn pol_23_a_verdict_counts_only_when_every_byte_was_read() {
        let mut talk = Talk::new(7, 10);
        assert_eq!(talk.hear(read(0, 9)), Ok(Next::Send { offset: 0, length: 9 }));
        assert_eq!(talk.clone().hear(FromChild::Verdict { id: 7, look: look() }), Err(Broken::Unread));
        assert_eq!(talk.hear(read(9, 1)), Ok(Next::Send { offset: 9, length: 1 }));
        assert_eq!(talk.clone().hear(FromChild::Verdict { id: 6, look: look() }), Err(Broken::Unasked));
        assert_eq!(talk.hear(FromChild::Verdict { id: 7, look: look() }), Ok(Next::Judged(look())));
        let mut empty = Talk::new(1, 0);
        assert_eq!(empty.hear(FromChild::Verdict { id: 1, look: look() }), Ok(Next::Judged(look())));
    }

    #[test]
    fn pol_23_an_inspector_gets_nothing_that_it_may_not_ask() {
        let mut talk = Talk::new(1, 10);
        assert_eq!(talk.hear(read(5, 6)), Err(Broken::Beyond));
        assert_eq!(talk.hear(read(u64::MAX, 1)), Err(Broken::Beyond));
        assert_eq!(talk.hear(FromChild::Ready(frame::InForce::default())), Err(Broken::Unasked));
        let most = (4 * 10 + READS_MORE) / 10;
        for _ in 0..most {
            assert!(talk.hear(read(0, 10)).is_ok());
        }
        assert_eq!(talk.hear(read(0, 10)), Err(Broken::Again));
        let mut talk = Talk::new(1, 1_000_000);
        let crumbs = (0..).map(|n| talk.hear(read(2 * n, 1))).find(Result::is_err);
        assert_eq!(crumbs, Some(Err(Broken::Crumbs)));
    }

    #[test]
    fn a_frame_has_one_form_and_its_bounds() {
        let said = frame::write(&FromChild::Verdict { id: 1, look: look() });
        let (header, body) = said.split_first_chunk().unwrap();
        assert_eq!(frame::length(*header, frame::MAX_SAID), Ok(body.len()));
        assert!(frame::from_child(body).is_ok());
        assert_eq!(frame::length([255; 4], frame::MAX_FRAME), Err(Malformed::TooLong));
        for wrong in [read(0, 0), read(0, frame::MAX_READ + 1)] {
            let wrong = frame::write(&wrong);
            assert!(frame::from_child(&wrong[4..]).is_err());
        }
        let mut many = look();
        let name = Named { key: "Author".to_owned(), value: "A".to_owned() };
        many.inspected.names = vec![name; MAX_NAMES + 1];
        let many = frame::write(&FromChild::Verdict { id: 1, look: many });
        assert!(frame::from_child(&many[4..]).is_err());
    }
}
