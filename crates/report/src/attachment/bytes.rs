//! How an inspector reads an attachment: by ranges, so that a file of 1 GiB needs no memory of its size.

use std::sync::Arc;

/// The bytes of a file, wherever they are kept.
pub trait Bytes {
    /// Bytes of the whole file.
    fn length(&self) -> u64;

    /// Fills `into` from `offset` on.
    ///
    /// # Errors
    /// [`Unread`] where the file has no such range, or its keeper does not give it.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread>;

    /// All of them, where they are in memory.
    fn here(&self) -> Option<&[u8]> {
        None
    }
}

/// Bytes that stand apart from what they belong to, and are read by ranges from wherever they are kept.
pub type Apart = Arc<dyn Bytes + Send + Sync>;

/// Bytes in memory, given as those that stand apart are.
#[must_use]
pub fn held(bytes: Vec<u8>) -> Apart {
    Arc::new(bytes)
}

/// Bytes that are asked for at once where a whole file is gone through.
const PIECE: u64 = 1024 * 1024;

/// Goes through the first `length` bytes of a file in their order, piece by piece.
///
/// # Errors
/// [`Unread`] where a piece is not given; those before it were seen.
pub fn each_piece(file: &dyn Bytes, length: u64, mut see: impl FnMut(&[u8])) -> Result<(), Unread> {
    let (mut at, mut buffer) = (0, Vec::new());
    while at < length {
        let size = length.saturating_sub(at).min(PIECE);
        buffer.resize(usize::try_from(size).map_err(|_| Unread)?, 0);
        file.read_at(at, &mut buffer)?;
        see(&buffer);
        at = at.saturating_add(size);
    }
    Ok(())
}

/// The whole file in memory, where it is no longer than this.
///
/// # Errors
/// [`Unread`] where it is longer, or is not given.
pub fn read(file: &dyn Bytes, most: usize) -> Result<Vec<u8>, Unread> {
    let length = usize::try_from(file.length()).map_err(|_| Unread)?;
    if length > most {
        return Err(Unread);
    }
    let mut out = vec![0; length];
    file.read_at(0, &mut out)?;
    Ok(out)
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

    fn here(&self) -> Option<&[u8]> {
        Some(self)
    }
}

impl Bytes for Vec<u8> {
    fn length(&self) -> u64 {
        self.as_slice().length()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        self.as_slice().read_at(offset, into)
    }

    fn here(&self) -> Option<&[u8]> {
        Some(self)
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

    fn here(&self) -> Option<&[u8]> {
        (**self).here()
    }
}

impl<T: Bytes + ?Sized> Bytes for Arc<T> {
    fn length(&self) -> u64 {
        (**self).length()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        (**self).read_at(offset, into)
    }

    fn here(&self) -> Option<&[u8]> {
        (**self).here()
    }
}

/// Files as one, each behind the one before it: what stands behind a report.
pub struct Joined {
    /// Each with where it ends.
    files: Vec<(Apart, u64)>,
}

impl Joined {
    /// Joins files, each with its length; a file that is longer by now gives no more than that, and one that is shorter is
    /// not read.
    #[must_use]
    pub fn of(files: impl IntoIterator<Item = (Apart, u64)>) -> Self {
        let mut end = 0_u64;
        let ending = files.into_iter().map(|(file, length)| {
            end = end.saturating_add(length);
            (file, end)
        });
        Self { files: ending.collect() }
    }
}

impl Bytes for Joined {
    fn length(&self) -> u64 {
        self.files.last().map_or(0, |(_, end)| *end)
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        let (mut at, mut rest, mut start) = (offset, into, 0);
        if at.checked_add(rest.length()).is_none_or(|end| end > self.length()) {
            return Err(Unread);
        }
        for (file, end) in &self.files {
            if at < *end && !rest.is_empty() {
                let size = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX).min(rest.len());
                let (piece, behind) = rest.split_at_mut_checked(size).ok_or(Unread)?;
                file.read_at(at.saturating_sub(start), piece)?;
                at = at.saturating_add(piece.length());
                rest = behind;
            }
            start = *end;
        }
        if rest.is_empty() { Ok(()) } else { Err(Unread) }
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
    #[test]
    fn joined_files_are_read_as_one() {
        let whole = b"abcdefghij";
        let files = [(held(b"abcX".to_vec()), 3), (held(Vec::new()), 0), (held(b"def".to_vec()), 3)];
        let joined = Joined::of(files.into_iter().chain([(held(b"ghij".to_vec()), 4)]));
        assert_eq!(joined.length(), 10);
        for start in 0..=10_usize {
            for end in start..=10 {
                let mut out = vec![0; end - start];
                assert_eq!(joined.read_at(start as u64, &mut out), Ok(()));
                assert_eq!(out, &whole[start..end]);
            }
            assert_eq!(joined.read_at(start as u64, &mut vec![0; 11 - start]), Err(Unread));
        }
        assert_eq!(joined.read_at(u64::MAX, &mut [0; 2]), Err(Unread));
        let short = Joined::of([(held(b"ab".to_vec()), 3)]);
        assert_eq!(short.read_at(0, &mut [0; 3]), Err(Unread));
    }

    #[test]
    fn a_file_is_gone_through_in_order_and_read_whole_where_it_is_short() {
        let file: Vec<u8> = (0..2_500_000_u32).map(|n| n as u8).collect();
        let (mut seen, mut pieces) = (Vec::new(), 0);
        let all = each_piece(&file, file.length(), |piece| {
            seen.extend_from_slice(piece);
            pieces += 1;
        });
        assert_eq!((all, pieces), (Ok(()), 3));
        assert!(seen == file);
        assert_eq!(each_piece(&file, file.length() + 1, |_| ()), Err(Unread));
        assert_eq!(read(&file, 2_499_999), Err(Unread));
        assert!(read(&file, 2_500_000).is_ok_and(|read| read == file));
    }
}
