//! The rows of a picture as they come out of the compressed data: a filter from 0 to 4 before each, and no byte more.

/// Rows of one pass: how many, and bytes of each behind its filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Pass {
    pub(super) rows: u64,
    pub(super) bytes: u64,
}

/// What is still to come.
pub(super) struct Rows {
    passes: std::vec::IntoIter<Pass>,
    now: Pass,
    /// Bytes of the row that has begun.
    left: u64,
}

impl Rows {
    pub(super) fn new(passes: Vec<Pass>) -> Self {
        Self { passes: passes.into_iter(), now: Pass { rows: 0, bytes: 0 }, left: 0 }
    }

    /// Takes the next inflated bytes.
    pub(super) fn take(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while let Some((first, rest)) = bytes.split_first() {
            if self.left > 0 {
                let size = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
                self.left = self.left.saturating_sub(u64::try_from(size).unwrap_or(u64::MAX));
                bytes = bytes.get(size..).unwrap_or_default();
                continue;
            }
            while self.now.rows == 0 {
                self.now = self.passes.next().ok_or("more picture data than its size asks")?;
            }
            if *first > 4 {
                return Err("a row with a filter that is not known");
            }
            self.now.rows = self.now.rows.saturating_sub(1);
            self.left = self.now.bytes;
            bytes = rest;
        }
        Ok(())
    }

    pub(super) fn are_whole(&self) -> bool {
        self.left == 0 && self.now.rows == 0 && self.passes.as_slice().iter().all(|pass| pass.rows == 0)
    }
}
