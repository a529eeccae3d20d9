//! Reading one body.

use super::{
    fault::SegmentFault,
    place::{Folder, Number, Spot},
    record::{HEAD, Owner, head, taken},
};
use std::{cell::RefCell, collections::BTreeMap, fs::File, io, os::unix::fs::FileExt as _};

/// Files that are kept open.
const OPEN: usize = 32;

/// Reads bodies where rows say they stand.
pub(in crate::store) struct SegmentReader {
    folder: Folder,
    files: RefCell<BTreeMap<Number, File>>,
}

impl SegmentReader {
    pub(in crate::store) const fn new(folder: Folder) -> Self {
        Self { folder, files: RefCell::new(BTreeMap::new()) }
    }

    /// The folder that it reads.
    pub(in crate::store) const fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Ciphertext and tag of the body there, where the record is this owner's. STO-5
    pub(in crate::store) fn read(&self, spot: &Spot, owner: &Owner) -> Result<Vec<u8>, SegmentFault> {
        let other = || SegmentFault::Record(spot.offset);
        let wanted = head(owner, spot.length).ok_or_else(other)?;
        let mut record = Vec::new();
        let file = self.file(spot.file)?;
        // A length that a changed row claims is not believed before the file has it.
        let end = spot.offset.saturating_add(taken(spot.length));
        if file.metadata()?.len() < end {
            return Err(other());
        }
        record.resize(usize::try_from(taken(spot.length)).map_err(|_| other())?, 0);
        file.read_exact_at(&mut record, spot.offset)?;
        self.give_back(spot.file, file);
        if !record.starts_with(&wanted) {
            return Err(other());
        }
        record.drain(..HEAD);
        Ok(record)
    }

    fn file(&self, number: Number) -> Result<File, SegmentFault> {
        if let Some(file) = self.files.borrow_mut().remove(&number) {
            return Ok(file);
        }
        File::open(self.folder.file(number)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => SegmentFault::Missing,
            _ => SegmentFault::Io(error),
        })
    }

    fn give_back(&self, number: Number, file: File) {
        let mut files = self.files.borrow_mut();
        if files.len() >= OPEN {
            files.pop_first();
        }
        files.insert(number, file);
    }
}
