//! Rows that every recovery reads.

use super::Memory;
use crate::model::store::{Key, Reader, StoreError, Write, one};

impl Memory {
    /// Single rows that no fold holds.
    pub(super) fn read_common(&mut self, reader: &dyn Reader) -> Result<(), StoreError> {
        for key in [Key::HeadWrite, Key::SerialSalt] {
            if let Some(row) = one(reader, &key)? {
                self.fold_in(&Write::Insert(key, row));
            }
        }
        Ok(())
    }
}
