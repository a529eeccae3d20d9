//! Headers: of a segment file, and of each record in it.
//!
//! ```text
//! file    | magic 8 | version 4 | store 16 | number 8 | zeros | SHA-256 of what is before 32 |      4,096 bytes
//! record  | magic 4 | length 4 | table 1 | log 32 | index 8 | ciphertext and tag |
//! ```
//! Integers are little-endian. A record's row has the key that opens it, wrapped for that row's place, so that a record
//! which stands under another row opens nowhere; its header tells whose it is where no database does.

use super::{fault::SegmentFault, place::Number};
use relto_report::crypto::sha256;

/// Bytes of a file's header.
pub(in crate::store) const BLOCK: u64 = 4_096;
/// Bytes of a record's header.
pub(super) const HEAD: usize = 49;
const FILE_MAGIC: &[u8; 8] = b"reltoseg";
const RECORD_MAGIC: &[u8; 4] = b"rrec";
const VERSION: u32 = 1;
/// Bytes of the digest that ends a file's header.
const DIGEST: usize = 32;

/// The header of a file.
pub(super) fn block(store: &[u8; 16], number: Number) -> Vec<u8> {
    let mut block = Vec::with_capacity(usize::try_from(BLOCK).unwrap_or(0));
    block.extend_from_slice(FILE_MAGIC);
    block.extend_from_slice(&VERSION.to_le_bytes());
    block.extend_from_slice(store);
    block.extend_from_slice(&number.to_column().to_le_bytes());
    block.resize(usize::try_from(BLOCK).unwrap_or(0).saturating_sub(DIGEST), 0);
    let digest = sha256(&[&block]);
    block.extend_from_slice(digest.as_bytes());
    block
}

/// Whether this is the header of this file of this store.
pub(super) fn check_block(found: &[u8], store: &[u8; 16], number: Number) -> Result<(), SegmentFault> {
    let (body, digest) = found.split_last_chunk::<DIGEST>().ok_or(SegmentFault::Header)?;
    if !body.starts_with(FILE_MAGIC) || sha256(&[body]).as_bytes() != digest {
        return Err(SegmentFault::Header);
    }
    if found == block(store, number) { Ok(()) } else { Err(SegmentFault::Foreign) }
}

/// Whose record it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::store) struct Owner {
    /// Number of the table, as rows are bound to it.
    pub(in crate::store) table: u8,
    /// The log's name.
    pub(in crate::store) log: [u8; 32],
    /// The leaf's index.
    pub(in crate::store) index: u64,
}

/// The header of a record.
pub(super) fn head(owner: &Owner, length: u64) -> Option<[u8; HEAD]> {
    let mut head = Vec::with_capacity(HEAD);
    head.extend_from_slice(RECORD_MAGIC);
    head.extend_from_slice(&u32::try_from(length).ok()?.to_le_bytes());
    head.push(owner.table);
    head.extend_from_slice(&owner.log);
    head.extend_from_slice(&owner.index.to_le_bytes());
    head.try_into().ok()
}

/// Bytes that a body takes with its header.
pub(super) fn taken(length: u64) -> u64 {
    length.saturating_add(u64::try_from(HEAD).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_of_one_file_of_one_store() {
        let store = [1; 16];
        let number = Number::Segment(3);
        let good = block(&store, number);
        assert_eq!(u64::try_from(good.len()).unwrap(), BLOCK);
        check_block(&good, &store, number).unwrap();
        let foreign = |fault| matches!(fault, Err(SegmentFault::Foreign));
        assert!(foreign(check_block(&good, &store, Number::Segment(4))));
        assert!(foreign(check_block(&good, &store, Number::Alone(3))));
        assert!(foreign(check_block(&good, &[2; 16], number)));
        for at in 0..good.len() {
            let mut changed = good.clone();
            changed[at] ^= 1;
            assert!(matches!(check_block(&changed, &store, number), Err(SegmentFault::Header)), "byte {at}");
        }
        assert!(matches!(check_block(&[0; 4096], &store, number), Err(SegmentFault::Header)));
        assert!(matches!(check_block(&[], &store, number), Err(SegmentFault::Header)));
    }

    #[test]
    fn a_record_says_whose_it_is() {
        let owner = Owner { table: 1, log: [2; 32], index: 3 };
        let head = head(&owner, 4).unwrap();
        assert_eq!(hex::encode(&head[..9]), "727265630400000001");
        assert_eq!(&head[9..41], &[2; 32]);
        assert_eq!(super::head(&owner, 1 << 32), None, "4 GiB are no body");
    }
}
