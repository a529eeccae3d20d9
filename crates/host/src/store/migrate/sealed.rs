//! Rows that stand encrypted, opened and written anew for their place.

use super::super::{cipher::Cipher, keys};
use crate::random;
use relto_exchange::{body::Body, store::Key};

/// Opens rows of a store, and seals them.
pub(super) struct Sealer<'a>(pub(super) &'a Cipher);

impl Sealer<'_> {
    /// A row as it stands on the disk, under a key of its own.
    pub(super) fn seal(&self, key: &Key, plain: Vec<u8>) -> rusqlite::Result<Vec<u8>> {
        let fresh = |_| rusqlite::Error::InvalidQuery;
        let (row_key, nonce): ([u8; 32], [u8; 12]) = (random::fill().map_err(fresh)?, random::fill().map_err(fresh)?);
        let body = Body::new(plain, row_key);
        let wrapped = body.at_rest().and_then(|body| self.0.wrap(&keys::associated(key), body, nonce));
        wrapped.ok_or(rusqlite::Error::InvalidQuery)
    }

    /// What a row says; `None` where it is not this key's row, whole.
    pub(super) fn open(&self, key: &Key, sealed: Vec<u8>) -> Option<Vec<u8>> {
        self.0.open(&keys::associated(key), sealed)
    }
}
