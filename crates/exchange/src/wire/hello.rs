//! HELLO: who speaks, which logs are shared, how far each is, and the seal keys' proof that it is this very session.
//!
//! A node's TLS key alone opens a connection and nothing else: no leaf and no payload crosses before each side has
//! shown a signature by the seal key of every log it owns, over the TLS exporter. LNK-10 to LNK-14

use crate::wire::protocol::{ByeCode, common};
use relto_audit::{checkpoint::SignedCheckpoint, leaf::SignedStatement, origin::Origin};
use relto_report::{
    codec::{self, Malformed, Validate, bound},
    crypto::{PublicKey, Signature, sha256},
    digest::Digest,
    domain::{Tag, message},
    nation::Nation,
};
use serde::{Deserialize, Serialize};

/// Bytes of the signed part of a HELLO.
pub const MAX_HELLO: usize = 96 * 1024;
/// Logs of one HELLO.
pub const MAX_LOGS: usize = 64;

/// Who opened the connection.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Role {
    /// Connected.
    Dialer,
    /// Accepted.
    Listener,
}

impl Role {
    /// The other side.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Dialer => Self::Listener,
            Self::Listener => Self::Dialer,
        }
    }
}

/// The signed part of a HELLO.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hello {
    /// Lowest and highest protocol version.
    pub versions: (u8, u8),
    /// Name of the node, as in its certificate.
    pub node: String,
    /// Its nation.
    pub nation: Nation,
    /// Its clock, Unix milliseconds.
    pub time: u64,
    /// The logs shared with this partner and no others.
    pub logs: Vec<HelloLog>,
}

/// One agreement's pair of logs as one side sees it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HelloLog {
    /// Digest of the agreement's first version.
    pub agreement: Digest,
    /// The speaker's own log.
    pub own: Origin,
    /// Its seal key.
    pub key: PublicKey,
    /// The newest checkpoint of its own log, verbatim; empty at size 0.
    #[serde(with = "serde_bytes")]
    pub own_head: Vec<u8>,
    /// The newest checkpoint of the other's log that it holds, verbatim; empty at size 0.
    #[serde(with = "serde_bytes")]
    pub held: Vec<u8>,
    /// Key changes of its own log, oldest first.
    pub key_statements: Vec<SignedStatement>,
}

/// A seal key's signature for this session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Proof {
    /// Which key.
    pub key: PublicKey,
    /// Over [`to_sign`].
    pub signature: Signature,
}

/// The body of HELLO: signed bytes and the proofs of the seal keys over them.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HelloBody {
    /// The encoded [`Hello`].
    #[serde(with = "serde_bytes")]
    pub hello: Vec<u8>,
    /// One for each distinct seal key.
    pub proofs: Vec<Proof>,
}

impl Validate for Hello {
    fn validate(&self) -> Result<(), Malformed> {
        self.nation.validate()?;
        bound(self.node.len(), 64, "node")?;
        bound(self.logs.len(), MAX_LOGS, "logs")?;
        for log in &self.logs {
            bound(log.own_head.len(), 512, "own_head")?;
            bound(log.held.len(), 512, "held")?;
            bound(log.key_statements.len(), 16, "key_statements")?;
        }
        Ok(())
    }
}

/// What ties a HELLO to one TLS session.
#[derive(Clone, Debug)]
pub struct Channel {
    /// Our role.
    pub role: Role,
    /// Our node's name.
    pub own_node: String,
    /// The partner's node name, as its certificate proved.
    pub partner_node: String,
    /// TLS exporter under our own label.
    pub exporter: [u8; 32],
}

/// The bytes that a seal key signs: signer's role, dialer's and listener's names, exporter, digest of the HELLO. LNK-11
#[must_use]
pub fn to_sign(channel: &Channel, signer: Role, hello: &[u8]) -> Vec<u8> {
    let (dialer, listener) = match channel.role {
        Role::Dialer => (&channel.own_node, &channel.partner_node),
        Role::Listener => (&channel.partner_node, &channel.own_node),
    };
    let mut body = vec![match signer {
        Role::Dialer => 0,
        Role::Listener => 1,
    }];
    for name in [dialer, listener] {
        body.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        body.extend_from_slice(name.as_bytes());
    }
    body.extend_from_slice(&channel.exporter);
    body.extend_from_slice(sha256(&[hello]).as_bytes());
    message(Tag::Hello, &body)
}

/// What we expect of one pair of logs.
#[derive(Clone, Debug)]
pub struct Expected {
    /// Digest of the agreement's first version.
    pub agreement: Digest,
    /// Our log.
    pub mine: Origin,
    /// Our seal key.
    pub my_key: PublicKey,
    /// The partner's log.
    pub theirs: Origin,
    /// The partner's seal key.
    pub their_key: PublicKey,
}

/// What a proven HELLO says of one pair of logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// Which of the expected pairs.
    pub pair: usize,
    /// The partner's own head; `None` at size 0.
    pub head: Option<SignedCheckpoint>,
    /// My head that the partner holds; `None` at size 0.
    pub holds: Option<SignedCheckpoint>,
}

/// Checks a HELLO: version, nation, node name, and for every log that both list the seal key's proof and both heads.
///
/// # Errors
/// [`ByeCode::BadHello`] for anything that is not as it must be, [`ByeCode::Malformed`] where it does not decode.
pub fn verify(
    body: &HelloBody,
    channel: &Channel,
    partner: Nation,
    pairs: &[Expected],
) -> Result<(Hello, Vec<Proven>), ByeCode> {
    let hello: Hello = codec::decode::<_, MAX_HELLO>(&body.hello).map_err(|_| ByeCode::Malformed)?;
    if common(hello.versions).is_none() {
        return Err(ByeCode::BadHello);
    }
    // LNK-12: the TLS identity and the HELLO must name the same node
    if hello.nation != partner || hello.node != channel.partner_node {
        return Err(ByeCode::BadHello);
    }
    let signed = to_sign(channel, channel.role.other(), &body.hello);
    let mut out = Vec::new();
    for (pair, expected) in pairs.iter().enumerate() {
        let Some(log) = hello.logs.iter().find(|log| log.own == expected.theirs) else { continue };
        if log.agreement != expected.agreement || log.key != expected.their_key {
            return Err(ByeCode::BadHello);
        }
        // LNK-13: a log opens only under its own key's proof
        let proven = body
            .proofs
            .iter()
            .any(|proof| proof.key == expected.their_key && expected.their_key.verify(&signed, &proof.signature));
        if !proven {
            return Err(ByeCode::BadHello);
        }
        let head = open(&log.own_head, expected.theirs, &expected.their_key)?;
        // LNK-14: a head of mine that I did not sign is no head
        let holds = open(&log.held, expected.mine, &expected.my_key)?;
        out.push(Proven { pair, head, holds });
    }
    if out.is_empty() { Err(ByeCode::BadHello) } else { Ok((hello, out)) }
}

fn open(bytes: &[u8], origin: Origin, key: &PublicKey) -> Result<Option<SignedCheckpoint>, ByeCode> {
    if bytes.is_empty() {
        return Ok(None);
    }
    SignedCheckpoint::open(bytes, origin, key).map(Some).map_err(|_| ByeCode::BadHello)
}
