//! The newest CRL of each issuer that has been used, so that an older one is never taken again.
//!
//! TLS itself has no such memory: to it an old list, from before a certificate was revoked, is as good as the new
//! one. The memory is kept on disk; whoever removes its file removes the protection, not the access.

use super::fault::CrlFault;
pub use super::mark::CrlMark;
use crate::files;
use relto_report::{
    codec::{self, Malformed, Validate},
    digest::Digest,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs::File, io, path::Path};

/// Issuers remembered at most: far more roots than any node has partners.
pub const MAX_ISSUERS: usize = 1024;
/// Bytes of the file at most: a count, and for each issuer a key and a mark.
pub const MAX_BYTES: usize = 8 + MAX_ISSUERS * (32 + 20 + 8 + 32);

/// Issuer to the newest list used. An issuer is named by a digest of its name and key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlMemory {
    marks: BTreeMap<Digest, CrlMark>,
}

impl CrlMemory {
    /// Takes note of a list.
    ///
    /// # Errors
    /// [`CrlFault::RolledBack`] for a lower number or an earlier thisUpdate than the newest, and for another list of
    /// the same number.
    pub fn admit(&mut self, issuer: Digest, offered: CrlMark) -> Result<(), CrlFault> {
        if let Some(held) = self.marks.get(&issuer) {
            let newer = offered.number > held.number && offered.this_update >= held.this_update;
            if offered != *held && !newer {
                return Err(CrlFault::RolledBack { held: Box::new(*held), offered: Box::new(offered) });
            }
        }
        self.marks.insert(issuer, offered);
        Ok(())
    }

    /// Of each issuer the newer of what is remembered here and there.
    #[must_use]
    pub fn raised_by(mut self, other: &Self) -> Self {
        for (issuer, mark) in &other.marks {
            let held = self.marks.entry(*issuer).or_insert(*mark);
            if mark.number > held.number {
                *held = *mark;
            }
        }
        self
    }

    /// The newest list used of this issuer.
    #[must_use]
    pub fn newest(&self, issuer: &Digest) -> Option<&CrlMark> {
        self.marks.get(issuer)
    }

    /// The canonical bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// The memory of these bytes.
    ///
    /// # Errors
    /// [`Malformed`] unless they are the canonical bytes of one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Malformed> {
        codec::decode::<Self, MAX_BYTES>(bytes)
    }

    /// The memory in a file; `None` when there is no such file, which is right only at the very first start.
    ///
    /// # Errors
    /// The system's, or `InvalidData` when the file is damaged: stop, and restore it or agree on removing it.
    pub fn read(path: &Path) -> io::Result<Option<Self>> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(file, MAX_BYTES as u64 + 1), &mut bytes)?;
        Self::from_bytes(&bytes).map(Some).map_err(|fault| io::Error::new(io::ErrorKind::InvalidData, fault))
    }

    /// Replaces the file by this memory. On return it is on disk; until then the old one is.
    ///
    /// # Errors
    /// The system's; the file is then the old one or the new one, never a part.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        files::replace(path, &self.to_bytes())
    }
}

impl Validate for CrlMemory {
    fn validate(&self) -> Result<(), Malformed> {
        codec::bound(self.marks.len(), MAX_ISSUERS, "issuers of CRLs")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn mark(number: u8, this_update: i64, crl: u8) -> CrlMark {
        CrlMark { number: CrlMark::number(&[number]).unwrap(), this_update, crl: Digest::from_bytes([crl; 32]) }
    }

    #[test]
    fn numbers_and_times_only_go_forward() {
        let issuer = Digest::from_bytes([1; 32]);
        let mut memory = CrlMemory::default();
        memory.admit(issuer, mark(5, 100, 1)).unwrap();
        memory.admit(issuer, mark(5, 100, 1)).unwrap();
        for back in [mark(4, 90, 2), mark(4, 200, 2), mark(6, 99, 2), mark(5, 100, 2), mark(5, 200, 1)] {
            assert!(matches!(memory.admit(issuer, back), Err(CrlFault::RolledBack { .. })), "{back}");
        }
        memory.admit(issuer, mark(6, 100, 2)).unwrap();
        assert_eq!(memory.newest(&issuer), Some(&mark(6, 100, 2)));
        memory.admit(Digest::from_bytes([2; 32]), mark(1, 1, 3)).unwrap();
        // Of two memories the newer of each, whichever is whose.
        let mut other = CrlMemory::default();
        other.admit(issuer, mark(4, 90, 2)).unwrap();
        other.admit(Digest::from_bytes([2; 32]), mark(2, 2, 4)).unwrap();
        for raised in [memory.clone().raised_by(&other), other.clone().raised_by(&memory)] {
            assert_eq!(raised.newest(&issuer), Some(&mark(6, 100, 2)));
            assert_eq!(raised.newest(&Digest::from_bytes([2; 32])), Some(&mark(2, 2, 4)));
        }
    }

    #[test]
    fn numbers_compare_by_value_up_to_20_bytes() {
        assert!(CrlMark::number(&[1, 0]).unwrap() > CrlMark::number(&[255]).unwrap());
        assert_eq!(CrlMark::number(&[0, 7]), CrlMark::number(&[7]));
        assert!(CrlMark::number(&[1; 20]).is_some());
        assert_eq!(CrlMark::number(&[1; 21]), None);
        assert_eq!(CrlMark::number(&[]), None);
        assert_eq!(mark(0x2a, 0, 0).to_string(), "crlNumber 0x2a of 1970-01-01T00:00:00Z");
    }

    #[test]
    fn the_file_is_replaced_whole_and_a_damaged_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crl-memory");
        assert_eq!(CrlMemory::read(&path).unwrap(), None);
        let mut memory = CrlMemory::default();
        memory.admit(Digest::from_bytes([1; 32]), mark(5, 100, 1)).unwrap();
        memory.write(&path).unwrap();
        memory.admit(Digest::from_bytes([1; 32]), mark(6, 100, 2)).unwrap();
        memory.write(&path).unwrap();
        assert_eq!(CrlMemory::read(&path).unwrap(), Some(memory.clone()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        let bytes = memory.to_bytes();
        for bad in [&bytes[1..], &[&bytes[..], &[0]].concat(), b""] {
            fs::write(&path, bad).unwrap();
            assert_eq!(CrlMemory::read(&path).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
    }
}
