//! A receipt that proves both leaves, and changed ones that do not.

use super::*;
use relto_audit::{
    checkpoint::Checkpoint,
    leaf::{Head, Precedence, Verdict},
    tree::Frontier,
};
use relto_formats::base64_bytes::Bytes;
use relto_report::{
    crypto::{Signer as _, SoftwareKey},
    digest::Digest,
};
use zeroize::Zeroizing;

const AGREEMENT: &str = include_str!("../../../../examples/agreement.toml");

fn nation(text: &str) -> Nation {
    Nation::parse(text).unwrap()
}

fn key(seed: u8) -> SoftwareKey {
    SoftwareKey::from_seed(&Zeroizing::new([seed; 32])).unwrap()
}

/// The example with seal keys of this test.
fn agreement() -> Agreement {
    let mut text = String::new();
    let mut seed = 0;
    for line in AGREEMENT.lines() {
        if line.starts_with("seal_key") {
            seed += 1;
            text.push_str(&format!("seal_key = \"{}\"\n", key(seed).public_key()));
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    Agreement::read("agreement.toml", text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}"))
}

fn proof(leaves: &[Vec<u8>], index: u64, log: Origin, key: &SoftwareKey) -> String {
    let mut frontier = Frontier::new();
    leaves.iter().for_each(|leaf| frontier.push(leaf));
    let signed = Checkpoint::of(log, &frontier).sign(key).unwrap();
    let hashes: Vec<Digest> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
    InclusionProof::of(&hashes, index, &signed).unwrap().format()
}

fn receipt(agreement: &Agreement) -> Receipt {
    let (own, partner) = (nation("XAA"), nation("XBB"));
    let id = &agreement.id;
    let digest = Digest::from_bytes([9; 32]);
    let seen = Head { size: 0, root: digest };
    let released = Leaf::Released(Released {
        time: 1_000,
        agreement: agreement.digest,
        commitment: digest,
        length: 40,
        precedence: Precedence::Routine,
        detail: digest,
        seen,
    })
    .encode();
    let ours = vec![Leaf::genesis(id, own, 0).encode(), released.clone()];
    let outcome = Leaf::Outcome(Outcome {
        time: 2_000,
        index: 1,
        leaf: leaf_hash(&released),
        verdict: Verdict::Admitted,
        codes: 0,
        seen,
    })
    .encode();
    let theirs = vec![Leaf::genesis(id, partner, 0).encode(), b"another".to_vec(), outcome.clone()];
    Receipt {
        leaf: "XAA>XBB:1".to_owned(),
        our_proof: proof(&ours, 1, Origin::new(id, own, 0), &key(1)),
        our_leaf: Bytes(released),
        outcome: "XBB>XAA:2".to_owned(),
        outcome_proof: proof(&theirs, 2, Origin::new(id, partner, 0), &key(2)),
        outcome_leaf: Bytes(outcome),
        verdict: Verdict::Admitted,
        codes: Vec::new(),
    }
}

#[test]
fn api_12_a_receipt_proves_both_leaves() {
    let agreement = agreement();
    let proven = prove(&agreement, nation("XAA"), &receipt(&agreement)).unwrap();
    assert_eq!((proven.released.time, proven.outcome.time, proven.heads), (1_000, 2_000, (2, 3)));
    // The same proof told the other way round is none.
    assert!(prove(&agreement, nation("XBB"), &receipt(&agreement)).is_err());
    assert!(prove(&agreement, nation("XCC"), &receipt(&agreement)).is_err());
}

#[test]
fn api_12_no_changed_byte_of_a_receipt_is_believed() {
    let agreement = agreement();
    let good = receipt(&agreement);
    let judge = |changed: &Receipt| prove(&agreement, nation("XAA"), changed).err();
    for at in 0..good.our_leaf.0.len() {
        let mut changed = good.clone();
        changed.our_leaf.0[at] ^= 1;
        assert!(judge(&changed).is_some(), "byte {at} of our leaf");
    }
    for at in 0..good.outcome_leaf.0.len() {
        let mut changed = good.clone();
        changed.outcome_leaf.0[at] ^= 1;
        assert!(judge(&changed).is_some(), "byte {at} of the outcome");
    }
    for at in 0..good.outcome_proof.len() {
        let mut bytes = good.outcome_proof.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let changed = Receipt { outcome_proof: text, ..good.clone() };
        assert!(judge(&changed).is_some(), "byte {at} of the outcome's proof");
    }
    let told = Receipt { verdict: Verdict::Refused, ..good.clone() };
    assert!(judge(&told).unwrap().contains("verdict"));
    let told = Receipt { codes: vec!["TOPIC_UNKNOWN".to_owned()], ..good.clone() };
    assert!(judge(&told).unwrap().contains("codes"));
    let told = Receipt { leaf: "XAA>XBB:2".to_owned(), ..good };
    assert!(judge(&told).unwrap().contains("XAA>XBB:1"));
}

#[test]
fn api_12_an_outcome_of_another_leaf_is_told() {
    let agreement = agreement();
    let mut swapped = receipt(&agreement);
    let (own, id) = (nation("XAA"), &agreement.id);
    let mut leaf = Leaf::decode(&swapped.our_leaf.0).unwrap();
    if let Leaf::Released(released) = &mut leaf {
        released.time += 1;
    }
    // Our own log truly has this other leaf at the index; the partner's outcome is of the first.
    let ours = vec![Leaf::genesis(id, own, 0).encode(), leaf.encode()];
    swapped.our_proof = proof(&ours, 1, Origin::new(id, own, 0), &key(1));
    swapped.our_leaf = Bytes(leaf.encode());
    let fault = prove(&agreement, own, &swapped).err().unwrap();
    assert!(fault.contains("another leaf"), "{fault}");
}
