//! The strict binary form of every message and row: fixed-width little-endian integers, `u64` lengths, `u32` variant
//! numbers, one byte for a bool or an option. The only module that names the encoding crate.
//!
//! A decoder here accepts exactly the bytes that the encoder writes: nothing is left over, nothing has a second
//! spelling. Types bound their own members in [`Validate`].

use bincode::{config, error::DecodeError};
use serde::{Serialize, de::DeserializeOwned};

/// Why bytes are not a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Longer than the type's limit.
    #[error("longer than the limit of this type")]
    TooLong,
    /// Does not decode: cut short, a bad variant, a length over the limit.
    #[error("does not decode")]
    Undecodable,
    /// A text in it is not UTF-8.
    #[error("has a text that is not UTF-8")]
    NotUtf8,
    /// Bytes left over behind the value.
    #[error("bytes are left over behind the value")]
    Trailing,
    /// Decodes, but is not how the value is written.
    #[error("not the canonical form of the value")]
    NotCanonical,
    /// A member is over its bound; the text names it.
    #[error("{0}")]
    OutOfBounds(&'static str),
}

/// A wire type checks its own bounds after decoding.
pub trait Validate {
    /// Whether every member is within its bounds.
    ///
    /// # Errors
    /// [`Malformed::OutOfBounds`] naming the member.
    fn validate(&self) -> Result<(), Malformed>;
}

/// Bounds of one text or list member.
///
/// # Errors
/// [`Malformed::OutOfBounds`] with `what` when `length` is over `limit`.
pub const fn bound(length: usize, limit: usize, what: &'static str) -> Result<(), Malformed> {
    if length > limit { Err(Malformed::OutOfBounds(what)) } else { Ok(()) }
}

/// Decodes a value of at most `MAX` bytes. RPT-1
///
/// # Errors
/// [`Malformed`] unless the bytes are exactly the canonical form of a value within its bounds.
pub fn decode<T: Serialize + DeserializeOwned + Validate, const MAX: usize>(bytes: &[u8]) -> Result<T, Malformed> {
    if bytes.len() > MAX {
        return Err(Malformed::TooLong);
    }
    let settings = config::standard().with_little_endian().with_fixed_int_encoding().with_limit::<MAX>();
    let decoded = bincode::serde::decode_from_slice::<T, _>(bytes, settings);
    let (value, used) = decoded.map_err(|fault| match fault {
        DecodeError::Utf8 { .. } => Malformed::NotUtf8,
        _ => Malformed::Undecodable,
    })?;
    if used != bytes.len() {
        return Err(Malformed::Trailing);
    }
    // The encoding crate takes unsorted maps, repeated keys and more; writing the value again finds them all.
    if encode(&value) != bytes {
        return Err(Malformed::NotCanonical);
    }
    value.validate()?;
    Ok(value)
}

/// The canonical bytes of a value. Every type given here is made of integers, texts, lists and enums, for which the
/// encoder cannot fail; an empty result never decodes.
#[must_use]
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let settings = config::standard().with_little_endian().with_fixed_int_encoding();
    bincode::serde::encode_to_vec(value, settings).unwrap_or_default()
}
