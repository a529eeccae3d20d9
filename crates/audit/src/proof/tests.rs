use super::*;
use crate::testing::{frontier, hashes, key, nation, origin, plain_leaves, signed};
use ct_merkle::{ConsistencyProof, RootHash, digest, mem_backed_tree::MemoryBackedTree};
use relto_report::crypto::{Signer as _, sha256};

/// SHA-256 for the oracle, which brings the tree and not the hash.
#[derive(Clone, Default)]
struct Sha256(Vec<u8>);

impl digest::HashMarker for Sha256 {}

impl digest::OutputSizeUser for Sha256 {
    type OutputSize = digest::consts::U32;
}

impl digest::Update for Sha256 {
    fn update(&mut self, data: &[u8]) {
        self.0.extend_from_slice(data);
    }
}

impl digest::FixedOutput for Sha256 {
    fn finalize_into(self, out: &mut digest::Output<Self>) {
        out.copy_from_slice(sha256(&[&self.0]).as_bytes());
    }
}

const LARGEST: usize = 256;

/// All roots from 0 to `LARGEST` leaves.
fn roots(leaves: &[Vec<u8>]) -> Vec<Digest> {
    (0..=leaves.len()).map(|size| frontier(&leaves[..size]).root()).collect()
}

fn joined(proof: &[Digest]) -> Vec<u8> {
    proof.iter().flat_map(|hash| *hash.as_bytes()).collect()
}

fn flipped(hash: Digest, bit: usize) -> Digest {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Digest::from_bytes(bytes)
}

/// Every proof that differs from `proof` in one bit of one hash, by a lost, added, doubled or swapped hash.
fn mutations(proof: &[Digest]) -> Vec<Vec<Digest>> {
    let mut all = Vec::new();
    for at in 0..proof.len() {
        for bit in 0..256 {
            let mut changed = proof.to_vec();
            changed[at] = flipped(changed[at], bit);
            all.push(changed);
        }
        all.push(proof[..at].to_vec());
        let mut without = proof.to_vec();
        without.remove(at);
        all.push(without);
        let mut doubled = proof.to_vec();
        doubled.insert(at, proof[at]);
        all.push(doubled);
        if at + 1 < proof.len() {
            let mut swapped = proof.to_vec();
            swapped.swap(at, at + 1);
            all.push(swapped);
        }
    }
    for extra in [empty_root(), Digest::from_bytes([0; 32])] {
        all.push([proof, &[extra]].concat());
        all.push([&[extra], proof].concat());
        all.push([proof, &[extra; 70]].concat());
    }
    all.retain(|changed| changed != proof);
    all
}

#[test]
fn log_7_roots_and_all_proofs_up_to_256_leaves_are_those_of_the_oracle() {
    let leaves = plain_leaves(LARGEST);
    let (hashes, roots) = (hashes(&leaves), roots(&leaves));
    let mut oracle: MemoryBackedTree<Sha256, &[u8]> = MemoryBackedTree::new();
    for n in 1..=LARGEST {
        oracle.push(&leaves[n - 1]);
        assert_eq!(oracle.root().as_bytes().as_slice(), roots[n].as_bytes(), "root at {n}");
        for index in 0..n {
            let proof = inclusion_proof(&hashes[..n], index as u64).unwrap();
            assert_eq!(joined(&proof), oracle.prove_inclusion(index).as_bytes(), "leaf {index} of {n}");
            assert_eq!(verify_inclusion(&hashes[index], index as u64, n as u64, &proof, &roots[n]), Ok(()));
        }
        for m in 1..n {
            let proof = consistency_proof(&hashes[..n], m as u64).unwrap();
            assert_eq!(joined(&proof), oracle.prove_consistency(n - m).as_bytes(), "{m} to {n}");
            assert_eq!(verify_consistency(m as u64, &roots[m], n as u64, &roots[n], &proof), Ok(()), "{m} to {n}");
        }
    }
}

#[test]
fn the_oracle_accepts_our_proofs_and_refuses_what_we_refuse() {
    let leaves = plain_leaves(70);
    let (hashes, roots) = (hashes(&leaves), roots(&leaves));
    let root = |size: usize| RootHash::<Sha256>::new((*roots[size].as_bytes()).into(), size as u64);
    for (m, n) in [(1, 2), (3, 7), (4, 7), (6, 70), (64, 70), (69, 70)] {
        let proof = consistency_proof(&hashes[..n], m as u64).unwrap();
        for (good, proof) in
            [(true, proof.clone())].into_iter().chain(mutations(&proof).into_iter().map(|p| (false, p)))
        {
            let theirs = ConsistencyProof::try_from_bytes(joined(&proof)).unwrap();
            assert_eq!(root(n).verify_consistency(&root(m), &theirs).is_ok(), good, "{m} to {n}");
            assert_eq!(verify_consistency(m as u64, &roots[m], n as u64, &roots[n], &proof).is_ok(), good);
        }
    }
}

#[test]
fn a_changed_inclusion_proof_proves_nothing() {
    let leaves = plain_leaves(40);
    let (hashes, roots) = (hashes(&leaves), roots(&leaves));
    for (index, size) in [(0, 1), (0, 2), (1, 2), (2, 3), (0, 7), (4, 7), (6, 7), (16, 17), (5, 32), (39, 40)] {
        let proof = inclusion_proof(&hashes[..size], index as u64).unwrap();
        let check = |leaf: &Digest, index: u64, size: u64, proof: &[Digest], root: &Digest| {
            verify_inclusion(leaf, index, size, proof, root)
        };
        let (at, of) = (index as u64, size as u64);
        for changed in mutations(&proof) {
            assert!(check(&hashes[index], at, of, &changed, &roots[size]).is_err(), "leaf {index} of {size}");
        }
        for bit in 0..256 {
            assert_eq!(check(&flipped(hashes[index], bit), at, of, &proof, &roots[size]), Err(ProofError::Root));
            assert_eq!(check(&hashes[index], at, of, &proof, &flipped(roots[size], bit)), Err(ProofError::Root));
        }
        for other in (0..45).filter(|other| *other != index) {
            assert!(check(&hashes[index], other as u64, of, &proof, &roots[size]).is_err(), "as leaf {other}");
        }
        assert_eq!(check(&hashes[index], of, of, &proof, &roots[size]), Err(ProofError::Index));
        assert_eq!(check(&hashes[index], 0, 0, &proof, &roots[size]), Err(ProofError::Index));
    }
}

#[test]
fn a_changed_consistency_proof_proves_nothing() {
    let leaves = plain_leaves(40);
    let (hashes, roots) = (hashes(&leaves), roots(&leaves));
    for (m, n) in [(0, 0), (0, 3), (5, 5), (1, 2), (1, 3), (2, 3), (3, 7), (4, 7), (6, 7), (8, 32), (13, 39)] {
        let proof = consistency_proof(&hashes[..n], m as u64).unwrap();
        let (old, new) = (m as u64, n as u64);
        assert_eq!(verify_consistency(old, &roots[m], new, &roots[n], &proof), Ok(()));
        for changed in mutations(&proof) {
            assert!(verify_consistency(old, &roots[m], new, &roots[n], &changed).is_err(), "{m} to {n}");
        }
        for bit in 0..256 {
            assert!(verify_consistency(old, &flipped(roots[m], bit), new, &roots[n], &proof).is_err());
            // From the empty tree everything follows; the newer root is then not looked at.
            let other = verify_consistency(old, &roots[m], new, &flipped(roots[n], bit), &proof);
            assert_eq!(other.is_err(), m != 0, "{m} to {n}");
        }
        assert_eq!(verify_consistency(new + 1, &roots[m], new, &roots[n], &proof), Err(ProofError::Order));
    }
    assert_eq!(consistency_proof(&hashes, 41), None);
    assert_eq!(inclusion_proof(&hashes, 40), None);
    assert_eq!(inclusion_proof(&[], 0), None);
    assert_eq!(consistency_proof(&hashes, u64::MAX), None);
}

#[test]
fn a_prefix_proof_says_which_older_tree_is_continued() {
    let leaves = plain_leaves(40);
    let (hashes, roots) = (hashes(&leaves), roots(&leaves));
    for n in 2..=40 {
        for m in 1..n {
            let proof = prefix_proof(&hashes[..n], m as u64).unwrap();
            assert_eq!(prefix_root(m as u64, n as u64, &roots[n], &proof), Ok(roots[m]), "{m} to {n}");
        }
    }
    // A fork shows at powers of two as well, where the proof of the RFC leaves the older root out.
    let mut forked = leaves.clone();
    forked[1].push(b'x');
    let forked = frontier(&forked[..8]).root();
    let proof = prefix_proof(&hashes, 8).unwrap();
    let continued = prefix_root(8, 40, &roots[40], &proof).unwrap();
    assert_ne!(continued, forked);
    for changed in mutations(&proof) {
        assert!(prefix_root(8, 40, &roots[40], &changed).is_err());
    }
    for m in [0, 40, 41, u64::MAX] {
        assert_eq!(prefix_root(m, 40, &roots[40], &proof), Err(ProofError::Order));
        assert_eq!(prefix_proof(&hashes, m), None);
    }
    assert_eq!(prefix_root(8, 40, &roots[40], &[]), Err(ProofError::Length));
}

#[test]
fn the_error_tells_a_fork_from_a_bad_proof() {
    let leaves = plain_leaves(7);
    let (hashes, roots) = (hashes(&leaves), roots(&leaves));
    let proof = consistency_proof(&hashes, 3).unwrap();
    assert_eq!(verify_consistency(3, &roots[2], 7, &roots[7], &proof), Err(ProofError::OldRoot));
    assert_eq!(verify_consistency(3, &roots[3], 7, &roots[6], &proof), Err(ProofError::Root));
    assert_eq!(verify_consistency(3, &roots[3], 7, &roots[7], &proof[1..]), Err(ProofError::Length));
    assert_eq!(verify_consistency(3, &roots[3], 7, &roots[7], &[]), Err(ProofError::Length));
    assert_eq!(verify_consistency(7, &roots[6], 7, &roots[7], &[]), Err(ProofError::OldRoot));
    assert_eq!(verify_consistency(0, &roots[1], 7, &roots[7], &[]), Err(ProofError::OldRoot));
    assert_eq!(verify_consistency(7, &roots[7], 7, &roots[7], &proof), Err(ProofError::Length));
}

#[test]
fn sizes_near_the_largest_do_not_panic() {
    let hash = Digest::from_bytes([8; 32]);
    let edges = [0, 1, 2, 3, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 63) + 1, u64::MAX - 1, u64::MAX];
    for a in edges {
        for b in edges {
            for length in [0, 1, 2, 62, 63, 64, 65, 200] {
                let proof = vec![hash; length];
                assert!(verify_inclusion(&hash, a, b, &proof, &flipped(hash, 0)).is_err());
                let _ = verify_consistency(a, &hash, b, &flipped(hash, 0), &proof).is_ok();
                let _ = prefix_root(a, b, &hash, &proof).is_ok();
            }
        }
    }
    // The deepest leaf of the largest tree has the longest proof that is accepted at all.
    let mut root = hash;
    for _ in 0..64 {
        root = node_hash(&root, &hash);
    }
    assert_eq!(verify_inclusion(&hash, 0, u64::MAX, &[hash; 64], &root), Ok(()));
    assert_eq!(verify_inclusion(&hash, 0, u64::MAX, &[hash; 65], &root), Err(ProofError::Length));
}

#[test]
fn a_proof_text_verifies_offline_for_its_leaf_alone() {
    let leaves = plain_leaves(23);
    let hashes = hashes(&leaves);
    let head = signed(&leaves[..20]);
    let public = key(1).public_key();
    for index in 0..20 {
        let proof = InclusionProof::of(&hashes, index, &head).unwrap();
        let text = proof.format();
        let read = InclusionProof::parse(text.as_bytes()).unwrap();
        assert_eq!(read, proof);
        let leaf = &leaves[usize::try_from(index).unwrap()];
        assert_eq!(read.verify(leaf, origin(), &public), Ok(head.clone()));
        assert_eq!(read.verify(b"another", origin(), &public), Err(ProofError::Root.into()));
    }
    assert_eq!(InclusionProof::of(&hashes, 20, &head), None);
    assert_eq!(InclusionProof::of(&hashes[..19], 0, &head), None);

    let proof = InclusionProof::of(&hashes, 7, &head).unwrap();
    let other = key(2).public_key();
    assert_eq!(proof.verify(&leaves[7], origin(), &other), Err(CheckpointError::WrongKey.into()));
    let elsewhere = Origin::new(crate::testing::AGREEMENT, nation(), 1);
    assert_eq!(proof.verify(&leaves[7], elsewhere, &public), Err(CheckpointError::WrongOrigin.into()));
}

#[test]
fn a_changed_proof_text_is_refused_at_every_byte() {
    let leaves = plain_leaves(23);
    let head = signed(&leaves);
    let text = InclusionProof::of(&hashes(&leaves), 7, &head).unwrap().format().into_bytes();
    let accepted = |bytes: &[u8]| {
        InclusionProof::parse(bytes).is_ok_and(|proof| proof.verify(&leaves[7], origin(), &key(1).public_key()).is_ok())
    };
    assert!(accepted(&text));
    for at in 0..text.len() {
        let mut changed = text.clone();
        changed[at] ^= 1;
        assert!(!accepted(&changed), "byte {at}");
        assert!(!accepted(&text[..at]), "cut at {at}");
        assert!(!accepted(&[&text[..at], b"0", &text[at..]].concat()), "added before {at}");
    }
    assert!(!accepted(&[&text[..], b"\n"].concat()));
}

#[test]
fn a_proof_text_has_one_form() {
    let head = signed(&plain_leaves(1));
    let text = |middle: &str| format!("{FIRST_LINE}\n{middle}\n{}", head.as_str());
    let parse = |text: String| InclusionProof::parse(text.as_bytes());
    assert!(parse(text("index 0\n")).is_ok());
    for middle in
        ["index 00\n", "index +0\n", "index\n", "extra AAAA\nindex 0\n", "index 0\nAAAA\n", "index 0\n\n", "\n"]
    {
        assert!(parse(text(middle)).is_err(), "{middle}");
    }
    let line = format!("{}\n", STANDARD.encode([0; 32]));
    assert!(parse(text(&format!("index {}\n{}", u64::MAX, line.repeat(MAX_HASHES)))).is_ok());
    assert_eq!(parse(text(&format!("index 0\n{}", line.repeat(MAX_HASHES + 1)))), Err(EvidenceError::Malformed));
    assert_eq!(parse("x".repeat(MAX_PROOF_TEXT + 1)), Err(EvidenceError::TooLong));
    assert_eq!(parse(format!("{FIRST_LINE}\nindex 0\n\n")), Err(CheckpointError::Origin.into()));
}
