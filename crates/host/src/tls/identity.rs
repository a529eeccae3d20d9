//! Who a certificate says it is: one SAN URI, `relto://XBB/node/ulvik` or `relto://XAA/person/a.moreau`.

use relto_report::nation::Nation;
use std::fmt;

/// The longest name of a node or account, in characters.
pub const MAX_NAME: usize = 64;

const SCHEME: &str = "relto://";
/// What kind of party a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// A node, at either end of a link and at the server's end of the client API.
    Node,
    /// A person, at the client's end of the client API.
    Person,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Node => "node",
            Self::Person => "person",
        })
    }
}

/// A nation's node or person, by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// Whose.
    pub nation: Nation,
    /// Node or person.
    pub role: Role,
    /// The node's name or the person's account: 1 to [`MAX_NAME`] of `a` to `z`, `0` to `9`, `.`, `-`, `_`, the first
    /// a letter or digit.
    pub name: String,
}

impl Identity {
    /// The identity of these parts, if `name` is one.
    #[must_use]
    pub fn new(nation: Nation, role: Role, name: &str) -> Option<Self> {
        let starts = name.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
        let rest =
            name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_'));
        (starts && rest && name.len() <= MAX_NAME).then(|| Self { nation, role, name: name.to_owned() })
    }

    /// Reads the URI form; there is one spelling for each identity.
    #[must_use]
    pub fn parse(uri: &str) -> Option<Self> {
        let mut parts = uri.strip_prefix(SCHEME)?.split('/');
        let nation = Nation::parse(parts.next()?)?;
        let role = match parts.next()? {
            "node" => Role::Node,
            "person" => Role::Person,
            _ => return None,
        };
        let identity = Self::new(nation, role, parts.next()?)?;
        parts.next().is_none().then_some(identity)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}/{}/{}", self.nation, self.role, self.name)
    }
}

/// What the holder of a certificate does with it in a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// Dials.
    ClientAuth,
    /// Answers.
    ServerAuth,
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientAuth => "clientAuth",
            Self::ServerAuth => "serverAuth",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_has_one_spelling() {
        for text in ["relto://XBB/node/ulvik", "relto://XAA/person/a.moreau_2", "relto://XAA/node/1"] {
            assert_eq!(Identity::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "relto://XBB/node/",
            "relto://XBB/node/Ulvik",
            "relto://XBB/node/ulvik/",
            "relto://XBB/node/ulvik?x",
            "relto://XBB/node/-ulvik",
            "relto://XBB/node/ul%76ik",
            "relto://XBB/node/a/b",
            "relto://xbb/node/ulvik",
            "relto://XBBB/node/ulvik",
            "relto://XBB/server/ulvik",
            "RELTO://XBB/node/ulvik",
            "https://XBB/node/ulvik",
            "relto://XBB/node/ülvik",
            "",
        ] {
            assert_eq!(Identity::parse(text), None, "{text}");
        }
        assert!(Identity::parse(&format!("relto://XBB/node/{}", "a".repeat(64))).is_some());
        assert!(Identity::parse(&format!("relto://XBB/node/{}", "a".repeat(65))).is_none());
    }
}
