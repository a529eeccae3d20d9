//! Nations by three letters, and pairs of them.

use crate::codec::{Malformed, Validate};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Three capital letters (ISO 3166-1 alpha-3 or one of its user-assigned codes).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Nation([u8; 3]);

impl Nation {
    /// Reads exactly three capital letters A to Z.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Self(bytes))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl Validate for Nation {
    fn validate(&self) -> Result<(), Malformed> {
        if self.0.iter().all(u8::is_ascii_uppercase) { Ok(()) } else { Err(Malformed::OutOfBounds("nation code")) }
    }
}

impl fmt::Display for Nation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Nation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
