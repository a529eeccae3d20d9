//! How an inspector reads an attachment: by ranges, so that a file of 1 GiB needs no memory of its size.

/// The bytes of a file, wherever they are kept.
pub trait Bytes {
    /// Bytes of the whole file.
    fn length(&self) -> u64;

    /// Fills `into` from `offset` on.
    ///
    /// # Errors
    /// [`Unread`] where the file has no such range, or its keeper does not give it.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread>;
}

/// A range that was not given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unread;

impl Bytes for [u8] {
    fn length(&self) -> u64 {
        u64::try_from(self.len()).unwrap_or(u64::MAX)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        let start = usize::try_from(offset).map_err(|_| Unread)?;
        let end = start.checked_add(into.len()).ok_or(Unread)?;
        into.copy_from_slice(self.get(start..end).ok_or(Unread)?);
        Ok(())
    }
}

// So that `&slice`, which is no sized type, is given as `&dyn Bytes`.
impl<T: Bytes + ?Sized> Bytes for &T {
    fn length(&self) -> u64 {
        (**self).length()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        (**self).read_at(offset, into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_given_whole_or_not_at_all() {
        let file = &b"abcdef"[..];
        let mut two = [0; 2];
        assert_eq!((file.length(), file.read_at(4, &mut two)), (6, Ok(())));
        assert_eq!(&two, b"ef");
        assert_eq!(file.read_at(5, &mut two), Err(Unread));
        assert_eq!(file.read_at(u64::MAX, &mut two), Err(Unread));
    }
}
