//! The signed head of a log: a C2SP tlog-checkpoint, which is a C2SP signed note, in its narrowest form.
//!
//! ```text
//! relto/1/<64 hex>                                   origin
//! 17                                                 size, decimal
//! <44 base64>                                        root
//!                                                    blank
//! — relto/1/<64 hex> <92 base64>                     base64(key id, 4 bytes || Ed25519 signature, 64 bytes)
//! ```
//! The signature is over the first three lines, newlines included. The key id is the first four bytes of
//! SHA-256(key name || 0x0A || 0x01 || public key), the key name is the origin. C2SP lets a reader skip signatures it
//! does not know and carries extension lines; here both are refused, so that one head has one spelling and nothing
//! that is not signed travels with it.

use crate::{
    origin::Origin,
    tree::{Frontier, empty_root},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use relto_report::{
    crypto::{PublicKey, Signature, Signer, SignerDown, sha256},
    digest::Digest,
};

/// Bytes of the longest checkpoint that is read. The longest that is written has 310: 73 (origin) + 21 (size) + 45
/// (root) + 1 + 170 (em dash of 3 bytes, space, 72, space, 92, newline).
pub const MAX_CHECKPOINT: usize = 512;

/// Signature type of plain Ed25519 in C2SP signed-note, behind the newline that ends the key name.
const ED25519: &[u8] = b"\n\x01";
const KEY_ID: usize = 4;

/// The head of a log: all of it that is ever compared. Two heads of one log and size with different roots are a fork.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// Which log.
    pub origin: Origin,
    /// Leaves that the head covers.
    pub size: u64,
    /// RFC 9162 root over them.
    pub root: Digest,
}

/// Why bytes are not a checkpoint of this log and key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The signature does not fit text and key.
    #[error("the checkpoint's signature does not verify")]
    BadSignature,
    /// There is a line between root and blank line.
    #[error("a checkpoint has three lines before the blank one")]
    Extension,
    /// Not UTF-8.
    #[error("a checkpoint is UTF-8 text")]
    NotText,
    /// The first line is not the name of a log.
    #[error("the checkpoint's first line is not an origin")]
    Origin,
    /// The third line is not the base64 of 32 bytes, or is not the empty root at size 0.
    #[error("the checkpoint's third line is not a root for its size")]
    Root,
    /// The line under the blank one is not a signature line in the name of the origin.
    #[error("the checkpoint's last line is not a signature line of its log")]
    SignatureLine,
    /// The second line is not a decimal number as it is written.
    #[error("the checkpoint's second line is not a size")]
    Size,
    /// Over [`MAX_CHECKPOINT`] bytes.
    #[error("the checkpoint is longer than 512 bytes")]
    TooLong,
    /// Cut short behind the signature, or something follows it: a second signature, a blank line.
    #[error("a checkpoint ends with the newline of its one signature line")]
    Trailing,
    /// Signed by a key with another id.
    #[error("the checkpoint is signed by another key")]
    WrongKey,
    /// A checkpoint of another log.
    #[error("the checkpoint is of another log")]
    WrongOrigin,
}

impl Checkpoint {
    /// The head of a log with this frontier.
    #[must_use]
    pub fn of(origin: Origin, frontier: &Frontier) -> Self {
        Self { origin, size: frontier.size(), root: frontier.root() }
    }

    /// Signs the head. Callers MUST have the leaves on disk, and the result on disk before it leaves the node.
    ///
    /// # Errors
    /// [`SignerDown`] when the key does not answer.
    pub fn sign(&self, signer: &dyn Signer) -> Result<SignedCheckpoint, SignerDown> {
        let signature = signer.sign(self.text().as_bytes())?;
        let note =
            Note { checkpoint: *self, key_id: key_id(&self.origin.to_string(), &signer.public_key()), signature };
        Ok(SignedCheckpoint { text: note.format(), checkpoint: *self })
    }

    /// Reads a checkpoint without looking at its signature: for messages to people, and to find the key to open it.
    ///
    /// # Errors
    /// [`CheckpointError`] unless the bytes have the exact form of a checkpoint.
    pub fn parse_unverified(bytes: &[u8]) -> Result<Self, CheckpointError> {
        Note::parse(bytes).map(|note| note.checkpoint)
    }

    /// The three lines that are signed.
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, STANDARD.encode(self.root.as_bytes()))
    }
}

/// A checkpoint that was signed here or whose signature was verified; it keeps the note byte for byte.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedCheckpoint {
    text: String,
    checkpoint: Checkpoint,
}

impl SignedCheckpoint {
    /// Verifies a note as a checkpoint of this log by this key. LOG-4
    ///
    /// # Errors
    /// [`CheckpointError`] unless the bytes are exactly such a note.
    pub fn open(bytes: &[u8], origin: Origin, key: &PublicKey) -> Result<Self, CheckpointError> {
        let note = Note::parse(bytes)?;
        if note.checkpoint.origin != origin {
            return Err(CheckpointError::WrongOrigin);
        }
        if note.key_id != key_id(&origin.to_string(), key) {
            return Err(CheckpointError::WrongKey);
        }
        if !key.verify(note.checkpoint.text().as_bytes(), &note.signature) {
            return Err(CheckpointError::BadSignature);
        }
        Ok(Self { text: note.format(), checkpoint: note.checkpoint })
    }

    /// The verbatim note.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// The verbatim note as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What was signed.
    #[must_use]
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }
}

/// A note's members, signature not verified. `parse` and `format` are inverses: `parse` takes only what `format` makes.
pub(crate) struct Note {
    checkpoint: Checkpoint,
    key_id: [u8; KEY_ID],
    signature: Signature,
}

impl Note {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        if bytes.len() > MAX_CHECKPOINT {
            return Err(CheckpointError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| CheckpointError::NotText)?;
        let mut lines = text.split('\n');
        let name = lines.next().unwrap_or_default();
        let origin = Origin::parse(name).ok_or(CheckpointError::Origin)?;
        let size = lines.next().and_then(decimal).ok_or(CheckpointError::Size)?;
        let root = lines.next().and_then(hash_of_base64).ok_or(CheckpointError::Root)?;
        if size == 0 && root != empty_root() {
            return Err(CheckpointError::Root);
        }
        if lines.next() != Some("") {
            return Err(CheckpointError::Extension);
        }
        let (key_id, signature) =
            lines.next().and_then(|line| signature_line(line, name)).ok_or(CheckpointError::SignatureLine)?;
        if lines.next() != Some("") || lines.next().is_some() {
            return Err(CheckpointError::Trailing);
        }
        Ok(Self { checkpoint: Checkpoint { origin, size, root }, key_id, signature })
    }

    pub(crate) fn format(&self) -> String {
        let signed = [&self.key_id[..], self.signature.as_bytes()].concat();
        format!("{}\n— {} {}\n", self.checkpoint.text(), self.checkpoint.origin, STANDARD.encode(signed))
    }
}

fn signature_line(line: &str, name: &str) -> Option<([u8; KEY_ID], Signature)> {
    let encoded = line.strip_prefix("— ")?.strip_prefix(name)?.strip_prefix(' ')?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let (key_id, signature) = bytes.split_first_chunk::<KEY_ID>()?;
    Some((*key_id, Signature::from_slice(signature)?))
}

/// Signed-note key id of an Ed25519 key: a hint which key to try, not a proof of anything.
fn key_id(name: &str, key: &PublicKey) -> [u8; KEY_ID] {
    let [a, b, c, d, ..] = *sha256(&[name.as_bytes(), ED25519, key.as_bytes()]).as_bytes();
    [a, b, c, d]
}

/// Stricter than `u64::from_str`, which takes a plus sign and leading zeros.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let canonical = text == "0" || !text.starts_with('0');
    (canonical && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// Reads one SHA-256 hash in standard base64 with its padding and without stray bits.
pub(crate) fn hash_of_base64(text: &str) -> Option<Digest> {
    STANDARD.decode(text).ok()?.try_into().ok().map(Digest::from_bytes)
}

#[cfg(test)]
mod tests;
