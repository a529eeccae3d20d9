//! `relto bench log`: appending to a log, sealing it, proving from it and verifying what it proves, each beside the hashes
//! and signatures that it cannot be done without, made by ring alone.

use super::{
    beside::{Piece, Work, measure},
    telling,
};
use crate::args::LogArgs;
use anyhow::{Context as _, Result, anyhow, ensure};
use relto_audit::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    leaf::{Head, Leaf, Precedence, Released},
    origin::Origin,
    proof::{consistency_proof, inclusion_proof, verify_consistency, verify_inclusion},
    tree::{Frontier, leaf_hash},
};
use relto_cli::output::Output;
use relto_host::random;
use relto_report::{
    crypto::{Signer as _, SoftwareKey, sha256},
    digest::Digest,
    nation::Nation,
};
use ring::{
    digest::{SHA256, digest},
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};
use serde_json::json;
use std::hint::black_box;
use zeroize::Zeroizing;

/// Leaves that share a signed head.
const BATCH: usize = 256;
/// What one node of the tree hashes: a prefix and two digests.
const NODE: [u8; 65] = [1; 65];

/// A log, and the same key as ring has it.
struct World {
    leaves: Vec<Vec<u8>>,
    hashes: Vec<Digest>,
    frontier: Frontier,
    origin: Origin,
    key: SoftwareKey,
    pair: Ed25519KeyPair,
    head: SignedCheckpoint,
    /// What is signed of it.
    text: String,
    /// Size and root of an older head, in the middle of the log.
    older: (u64, Digest),
}

/// Runs the measurement.
pub(super) fn run(args: &LogArgs, output: Output) -> Result<()> {
    ensure!(args.leaves >= 4, "--leaves must be at least 4");
    let world = World::new(args.leaves)?;
    let mut pieces = vec![world.append(), world.append_and_seal(), world.seal(), world.open()];
    pieces.extend([world.prove_inclusion(), world.verify_inclusion()?]);
    pieces.extend([world.prove_consistency(), world.verify_consistency()?]);
    let told = measure(pieces, &args.rounds)?;
    let leaf = world.leaves.last().map_or(0, Vec::len);
    let about = format!("a log of {} leaves of {leaf} bytes, one thread; {}", args.leaves, args.rounds.words());
    telling::beside(&about, &told, json!({ "leaves": args.leaves, "leaf_bytes": leaf }), output)
}

/// The `n`-th leaf: a report leaves.
fn leaf(n: u64) -> Vec<u8> {
    let digest = |what: &[u8]| sha256(&[what, &n.to_le_bytes()]);
    let released = Released {
        time: 1_795_521_600_000 + n,
        agreement: digest(b"agreement"),
        commitment: digest(b"commitment"),
        length: 4_128,
        precedence: Precedence::Routine,
        detail: digest(b"detail"),
        seen: Head { size: n, root: digest(b"root") },
    };
    Leaf::Released(released).encode()
}

/// So many nodes, hashed.
fn nodes(count: usize) {
    for _ in 0..count {
        black_box(digest(&SHA256, black_box(&NODE)));
    }
}

/// The same as a floor.
fn floor_of_nodes(count: usize) -> Work<'static> {
    Box::new(move || {
        nodes(count);
        Ok(())
    })
}

impl World {
    fn new(count: usize) -> Result<Self> {
        let leaves: Vec<Vec<u8>> = (0..u64::try_from(count)?).map(leaf).collect();
        let hashes: Vec<Digest> = leaves.iter().map(|leaf| leaf_hash(leaf)).collect();
        let (mut frontier, mut older) = (Frontier::new(), None);
        for hash in &hashes {
            frontier.push_hash(*hash);
            // Not at a power of two, where a proof would be shorter.
            if older.is_none() && frontier.size() > u64::try_from(count / 2)? {
                older = Some((frontier.size(), frontier.root()));
            }
        }
        let origin = Origin::new("XAA-XBB-2026-01", Nation::parse("XAA").context("nation")?, 0);
        let seed = Zeroizing::new(random::fill()?);
        let key = SoftwareKey::from_seed(&seed).context("a key")?;
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed[..]).map_err(|_| anyhow!("a key"))?;
        let head = Checkpoint::of(origin, &frontier).sign(&key)?;
        let (text, _) = head.as_str().split_once("\n\n").context("the head's text")?;
        let (text, older) = (format!("{text}\n"), older.context("an older head")?);
        Ok(Self { leaves, hashes, frontier, origin, key, pair, head, text, older })
    }

    /// The bare hashes of so many leaves: each leaf, and one node for it, which is all that appending needs.
    fn hash(&self, leaves: &[Vec<u8>]) {
        for leaf in leaves {
            black_box(digest(&SHA256, black_box(leaf)));
        }
        nodes(leaves.len());
    }

    fn append(&self) -> Piece<'_> {
        Piece {
            name: "append",
            counted: "leaves",
            count: self.leaves.len(),
            work: Box::new(|| {
                let mut frontier = Frontier::new();
                self.leaves.iter().for_each(|leaf| frontier.push(black_box(leaf)));
                black_box(frontier);
                Ok(())
            }),
            floor: "SHA-256 of the leaf and of one node",
            bare: Box::new(|| {
                self.hash(&self.leaves);
                Ok(())
            }),
        }
    }

    fn append_and_seal(&self) -> Piece<'_> {
        Piece {
            name: "append, seal every 256",
            counted: "leaves",
            count: self.leaves.len(),
            work: Box::new(|| {
                let mut frontier = Frontier::new();
                for batch in self.leaves.chunks(BATCH) {
                    batch.iter().for_each(|leaf| frontier.push(black_box(leaf)));
                    black_box(Checkpoint::of(self.origin, &frontier).sign(&self.key)?);
                }
                Ok(())
            }),
            floor: "the same hashes, one signature for 256",
            bare: Box::new(|| {
                for batch in self.leaves.chunks(BATCH) {
                    self.hash(batch);
                    black_box(self.pair.sign(self.text.as_bytes()));
                }
                Ok(())
            }),
        }
    }

    fn seal(&self) -> Piece<'_> {
        Piece {
            name: "seal",
            counted: "heads",
            count: 1,
            work: Box::new(|| {
                black_box(Checkpoint::of(self.origin, black_box(&self.frontier)).sign(&self.key)?);
                Ok(())
            }),
            floor: "one signature",
            bare: Box::new(|| {
                black_box(self.pair.sign(black_box(self.text.as_bytes())));
                Ok(())
            }),
        }
    }

    fn open(&self) -> Piece<'_> {
        let public = self.key.public_key();
        let bare = UnparsedPublicKey::new(&ED25519, self.pair.public_key().as_ref().to_vec());
        let signature = self.pair.sign(self.text.as_bytes());
        Piece {
            name: "verify a head",
            counted: "heads",
            count: 1,
            work: Box::new(move || {
                black_box(SignedCheckpoint::open(black_box(self.head.as_bytes()), self.origin, &public)?);
                Ok(())
            }),
            floor: "one verification",
            bare: Box::new(move || {
                let told = bare.verify(black_box(self.text.as_bytes()), signature.as_ref());
                told.map_err(|_| anyhow!("the bare signature does not verify"))
            }),
        }
    }

    /// The floor of a proof that is made from the leaves' hashes alone: every node of the tree.
    fn all_nodes(&self) -> Work<'static> {
        floor_of_nodes(self.leaves.len().saturating_sub(1))
    }

    fn prove_inclusion(&self) -> Piece<'_> {
        let mut at = 0;
        Piece {
            name: "prove that a leaf stands",
            counted: "proofs",
            count: 1,
            work: Box::new(move || {
                at = (at + 7) % self.frontier.size();
                black_box(inclusion_proof(&self.hashes, at).context("a proof")?);
                Ok(())
            }),
            floor: "SHA-256 of every node of the tree",
            bare: self.all_nodes(),
        }
    }

    fn verify_inclusion(&self) -> Result<Piece<'_>> {
        let index = self.frontier.size() / 3;
        let proof = inclusion_proof(&self.hashes, index).context("a proof")?;
        let hash = *self.hashes.get(usize::try_from(index)?).context("a leaf")?;
        let (count, root) = (proof.len(), self.frontier.root());
        Ok(Piece {
            name: "verify that a leaf stands",
            counted: "proofs",
            count: 1,
            work: Box::new(move || Ok(verify_inclusion(black_box(&hash), index, self.frontier.size(), &proof, &root)?)),
            floor: "SHA-256 of every node on the way",
            bare: floor_of_nodes(count),
        })
    }

    fn prove_consistency(&self) -> Piece<'_> {
        let (older, _) = self.older;
        Piece {
            name: "prove that the log only grew",
            counted: "proofs",
            count: 1,
            work: Box::new(move || {
                black_box(consistency_proof(black_box(&self.hashes), older).context("a proof")?);
                Ok(())
            }),
            floor: "SHA-256 of every node of the tree",
            bare: self.all_nodes(),
        }
    }

    fn verify_consistency(&self) -> Result<Piece<'_>> {
        let (older, old_root) = self.older;
        let proof = consistency_proof(&self.hashes, older).context("a proof")?;
        let (size, root) = (self.frontier.size(), self.frontier.root());
        // Each hash of the proof but the first leads to the newer root, and those of the older tree's complete parts to
        // its root too.
        let parts = usize::try_from(older.count_ones())?;
        let count = (proof.len() + parts).saturating_sub(if older.is_power_of_two() { 1 } else { 2 });
        Ok(Piece {
            name: "verify that the log only grew",
            counted: "proofs",
            count: 1,
            work: Box::new(move || Ok(verify_consistency(older, &old_root, size, black_box(&root), &proof)?)),
            floor: "SHA-256 of every node on both ways",
            bare: floor_of_nodes(count),
        })
    }
}
