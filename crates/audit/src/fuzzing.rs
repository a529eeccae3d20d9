//! What the fuzz targets and the replay of their corpus call: whatever decodes is written back byte for byte, and
//! nothing panics. The assertions are the test.

use crate::{
    checkpoint::{Note, SignedCheckpoint},
    follow::follow,
    leaf::Leaf,
    origin::Origin,
    proof::{InclusionProof, prefix_root, verify_consistency, verify_inclusion},
    tree::Frontier,
};
use relto_report::{crypto::PublicKey, digest::Digest};

const ORIGIN: Origin = Origin::from_bytes([0; 32]);
const KEY: PublicKey = PublicKey::from_bytes([1; 32]);

/// Any bytes as a checkpoint.
pub fn fuzz_checkpoint(bytes: &[u8]) {
    if let Ok(note) = Note::parse(bytes) {
        assert_eq!(note.format().as_bytes(), bytes, "a checkpoint has one spelling");
    }
    if let Ok(signed) = SignedCheckpoint::open(bytes, ORIGIN, &KEY) {
        assert_eq!(signed.as_bytes(), bytes, "an opened checkpoint is kept verbatim");
    }
    let _ = follow(&Frontier::new(), 0, &[], bytes, ORIGIN, &KEY).is_ok();
}

/// Any bytes as a proof text, and as two sizes with the hashes of a proof behind them.
pub fn fuzz_proof(bytes: &[u8]) {
    if let Ok(proof) = InclusionProof::parse(bytes) {
        assert_eq!(proof.format().as_bytes(), bytes, "a proof text has one spelling");
        let _ = proof.verify(bytes, ORIGIN, &KEY).is_ok();
    }
    let Some((small, rest)) = bytes.split_first_chunk::<8>() else { return };
    let Some((large, rest)) = rest.split_first_chunk::<8>() else { return };
    let (small, large) = (u64::from_le_bytes(*small), u64::from_le_bytes(*large));
    let hashes: Vec<Digest> = rest.as_chunks::<32>().0.iter().copied().map(Digest::from_bytes).collect();
    let Some((root, proof)) = hashes.split_first() else { return };
    if verify_inclusion(root, small, large, proof, root).is_ok() {
        assert!(small < large, "a leaf stands below the size");
    }
    let _ = verify_consistency(small, root, large, root, proof).is_ok();
    let _ = prefix_root(small, large, root, proof).is_ok();
}

/// Any bytes as a leaf.
pub fn fuzz_leaf(bytes: &[u8]) {
    if let Ok(leaf) = Leaf::decode(bytes) {
        assert_eq!(leaf.encode(), bytes, "a leaf has one form");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{hashes, plain_leaves, released, signed};

    #[test]
    fn bodies_take_what_is_valid_and_what_is_nearly_so() {
        let leaves = plain_leaves(9);
        let head = signed(&leaves);
        let text = InclusionProof::of(&hashes(&leaves), 3, &head).unwrap().format().into_bytes();
        let leaf = released(1, Digest::from_bytes([3; 32]), 40).encode();
        for valid in [head.as_bytes(), &text, &leaf] {
            for at in 0..valid.len() {
                for value in [0, b'\n', b'A', 0xff, valid[at] ^ 1, valid[at]] {
                    let mut bytes = valid.to_vec();
                    bytes[at] = value;
                    fuzz_checkpoint(&bytes);
                    fuzz_proof(&bytes);
                    fuzz_leaf(&bytes);
                }
                fuzz_checkpoint(&valid[..at]);
                fuzz_proof(&valid[..at]);
                fuzz_leaf(&valid[..at]);
            }
        }
    }
}
