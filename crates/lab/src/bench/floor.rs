//! The floor: cores divided by the CPU time that the bare operations of one report take alone, on one thread. No
//! threads, no disk and no database are in it: nothing can pass it without other primitives.
//!
//! The author signs and hashes; the node verifies and hashes; both nodes seal the payload at rest; two TLS hops carry
//! it, each an encryption, a write, a read and a decryption; both nodes hash two leaves of 300 bytes; and a batch of 64
//! shares two checkpoint signatures and two verifications.

use super::process::thread_cpu_nanos;
use anyhow::{Context as _, Result};
use relto_host::random;
use relto_report::crypto::{Signer as _, SoftwareKey, decrypt, encrypt, sha256};
use std::{
    hint::black_box,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    num::NonZero,
};
use zeroize::Zeroizing;

/// Reports measured.
const ROUNDS: u32 = 2_000;
/// Reports that share a checkpoint.
const BATCH: u32 = 64;
/// Bytes of a leaf.
const LEAF: usize = 300;

/// Reports a second that the cores of this machine could carry at most.
pub(super) fn reports_per_second(size: usize) -> Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut near = TcpStream::connect(listener.local_addr()?)?;
    let (mut far, _) = listener.accept()?;
    near.set_nodelay(true)?;
    let key = SoftwareKey::from_seed(&Zeroizing::new(random::fill()?)).context("a key")?;
    let row_key: [u8; 32] = random::fill()?;
    let payload = vec![0x61_u8; size];
    let leaf = vec![0x62_u8; LEAF];
    let before = thread_cpu_nanos()?;
    for round in 0..ROUNDS {
        let digest = sha256(&[&payload]);
        let signature = key.sign(digest.as_bytes())?;
        anyhow::ensure!(key.public_key().verify(digest.as_bytes(), &signature), "a signature");
        for _ in 0..2 {
            black_box(sha256(&[&payload]));
            encrypt(&row_key, [1; 12], b"row", payload.clone()).context("sealing")?;
            black_box(sha256(&[&leaf]));
            black_box(sha256(&[&leaf]));
            hop(&mut near, &mut far, &row_key, &payload)?;
        }
        if round % BATCH == 0 {
            for _ in 0..2 {
                let signature = key.sign(digest.as_bytes())?;
                anyhow::ensure!(key.public_key().verify(digest.as_bytes(), &signature), "a checkpoint");
            }
        }
    }
    let nanos = thread_cpu_nanos()?.saturating_sub(before);
    anyhow::ensure!(nanos > 0, "the CPU clock of this thread stands still");
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    #[expect(clippy::cast_precision_loss, reason = "nanoseconds of a few seconds, and a count of cores")]
    Ok(cores as f64 * f64::from(ROUNDS) * 1e9 / nanos as f64)
}

fn hop(near: &mut TcpStream, far: &mut TcpStream, key: &[u8; 32], payload: &[u8]) -> Result<()> {
    let mut at = 0;
    while at < payload.len() {
        // One TLS record holds 16 KiB at most; and no more is written than the socket's buffer takes.
        let end = (at + 16_384).min(payload.len());
        let record =
            encrypt(key, [2; 12], b"record", payload.get(at..end).unwrap_or_default().to_vec()).context("a record")?;
        near.write_all(&record)?;
        let mut read = vec![0; record.len()];
        far.read_exact(&mut read)?;
        decrypt(key, [2; 12], b"record", read).context("a record")?;
        at = end;
    }
    Ok(())
}
