//! The name of a log: one agreement (all its versions), one owner nation, one epoch.

use relto_report::{
    digest::Digest,
    domain::{Tag, hash},
    nation::Nation,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a log's checkpoints, leaf commitments, frames and row keys carry, so that nothing of it replays elsewhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin(Digest);

impl Origin {
    const PREFIX: &str = "relto/1/";

    /// The log of `owner` under the agreement `agreement`. A new epoch begins only after a recovery or a closed log.
    #[must_use]
    pub fn new(agreement: &str, owner: Nation, epoch: u32) -> Self {
        let id = hash(Tag::Plaintext, &[agreement.as_bytes()]);
        Self(hash(Tag::Origin, &[id.as_bytes(), owner.as_str().as_bytes(), &epoch.to_le_bytes()]))
    }

    /// The origin of these 32 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Digest::from_bytes(bytes))
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// Reads `relto/1/` and 64 lower-case hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Digest::parse_hex(text.strip_prefix(Self::PREFIX)?).map(Self)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", Self::PREFIX, self.0.hex())
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
