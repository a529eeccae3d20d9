//! Frames: what crosses the link. [`Frame`] is ours and can be sent; [`Incoming`] is theirs and can only be read.
//!
//! ```text
//! | magic "RLTO" | form 1 | type | reserved 0 0 | length u32 LE | body |
//! ```
//! Bodies are in the strict form of [`relto_report::codec`]. No compression.

use crate::wire::{
    hello::HelloBody,
    protocol::{ByeCode, FORM},
    question::{FetchBody, MAX_HASHES, ProofBody, ProveBody},
};
use relto_audit::{checkpoint::SignedCheckpoint, origin::Origin};
use relto_report::codec::{self, Malformed, Validate, bound};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// First bytes of every frame.
pub const MAGIC: [u8; 4] = *b"RLTO";
/// Bytes of a frame's header.
pub const HEADER: usize = 12;
/// Bytes of a payload's piece in one frame.
pub const CHUNK: usize = 64 * 1024;
/// Leaves of one frame at most.
pub const MAX_LEAVES: usize = 1_024;
/// Bytes of a LEAVES body: 1,024 leaves of up to 4 KiB with their lengths, and a checkpoint. LNK-4
pub const MAX_LEAVES_BODY: usize = MAX_LEAVES * (4096 + 8) + 1024;
/// Bytes of a PAYLOAD body: a chunk, origin, index, offset, length. LNK-4
pub const MAX_PAYLOAD_BODY: usize = CHUNK + 32 + 8 + 8 + 8;
/// Bytes of a HELLO body: 64 logs with two checkpoints of up to 512 bytes each, and proofs. LNK-4
pub const MAX_HELLO_BODY: usize = 128 * 1024;
/// Bytes of a PROOF body: what it answers, and 256 hashes. LNK-4
pub const MAX_PROOF_BODY: usize = 32 + 1 + 8 + 8 + 8 + MAX_HASHES * 32;
/// Bytes of every other body. LNK-4
pub const MAX_SMALL_BODY: usize = 8 * 1024;

/// Frame types by number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FrameType {
    /// See [`crate::wire::hello`].
    Hello,
    /// Leaves of the sender's log and the checkpoint that covers them.
    Leaves,
    /// A piece of a payload.
    Payload,
    /// Send me this payload from this offset.
    Want,
    /// Send me leaves of a log.
    Fetch,
    /// Prove consistency of a log.
    Prove,
    /// The proof.
    Proof,
    /// The end of the session.
    Bye,
}

impl FrameType {
    const ALL: [Self; 8] =
        [Self::Hello, Self::Leaves, Self::Payload, Self::Want, Self::Fetch, Self::Prove, Self::Proof, Self::Bye];

    /// The number in the header.
    #[must_use]
    pub const fn number(self) -> u8 {
        match self {
            Self::Hello => 1,
            Self::Leaves => 2,
            Self::Payload => 3,
            Self::Want => 4,
            Self::Fetch => 5,
            Self::Prove => 6,
            Self::Proof => 7,
            Self::Bye => 8,
        }
    }

    /// The longest body of this type.
    #[must_use]
    pub const fn limit(self) -> usize {
        match self {
            Self::Hello => MAX_HELLO_BODY,
            Self::Leaves => MAX_LEAVES_BODY,
            Self::Payload => MAX_PAYLOAD_BODY,
            Self::Proof => MAX_PROOF_BODY,
            Self::Want | Self::Fetch | Self::Prove | Self::Bye => MAX_SMALL_BODY,
        }
    }

    fn of(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.number() == number)
    }
}

/// The body of LEAVES.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LeavesBody {
    /// The sender's log.
    pub log: Origin,
    /// Index of the first leaf; the log's size where there is none.
    pub first: u64,
    /// Up to 1,024 leaves.
    pub leaves: Vec<serde_bytes::ByteBuf>,
    /// The verbatim checkpoint of size `first` plus the count.
    #[serde(with = "serde_bytes")]
    pub checkpoint: Vec<u8>,
}

/// The body of PAYLOAD.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PayloadBody {
    /// The sender's log.
    pub log: Origin,
    /// Index of the leaf.
    pub index: u64,
    /// Where the piece begins.
    pub offset: u64,
    /// Up to 64 KiB.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
}

/// The body of WANT.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WantBody {
    /// The receiver's log.
    pub log: Origin,
    /// Index of the leaf.
    pub index: u64,
    /// From where.
    pub offset: u64,
}

/// The body of BYE.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ByeBody {
    /// Why.
    pub code: ByeCode,
}

impl Validate for LeavesBody {
    fn validate(&self) -> Result<(), Malformed> {
        bound(self.leaves.len(), MAX_LEAVES, "leaves")?;
        bound(self.checkpoint.len(), 512, "checkpoint")
    }
}
impl Validate for PayloadBody {
    fn validate(&self) -> Result<(), Malformed> {
        bound(self.bytes.len(), CHUNK, "payload bytes")?;
        if self.bytes.is_empty() { Err(Malformed::OutOfBounds("payload bytes")) } else { Ok(()) }
    }
}
impl Validate for WantBody {
    fn validate(&self) -> Result<(), Malformed> {
        Ok(())
    }
}
impl Validate for HelloBody {
    fn validate(&self) -> Result<(), Malformed> {
        bound(self.proofs.len(), 64, "proofs")
    }
}
impl Validate for ByeBody {
    fn validate(&self) -> Result<(), Malformed> {
        Ok(())
    }
}

/// A frame of ours. Only this crate makes one, out of what is committed and signed.
#[derive(Clone, Debug)]
pub struct Frame(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Hello(HelloBody),
    Leaves { log: Origin, first: u64, leaves: Arc<Vec<Vec<u8>>>, checkpoint: SignedCheckpoint },
    Part { log: Origin, first: u64, leaves: Arc<Vec<Vec<u8>>>, checkpoint: Vec<u8> },
    Payload(PayloadBody),
    Want(WantBody),
    Proof(ProofBody),
    Bye(ByeCode),
}

impl Frame {
    pub(crate) const fn hello(body: HelloBody) -> Self {
        Self(Kind::Hello(body))
    }

    pub(crate) const fn leaves(
        log: Origin,
        first: u64,
        leaves: Arc<Vec<Vec<u8>>>,
        checkpoint: SignedCheckpoint,
    ) -> Self {
        Self(Kind::Leaves { log, first, leaves, checkpoint })
    }

    pub(crate) const fn payload(body: PayloadBody) -> Self {
        Self(Kind::Payload(body))
    }

    pub(crate) const fn want(body: WantBody) -> Self {
        Self(Kind::Want(body))
    }

    /// LEAVES that answer a FETCH, of either log.
    pub(crate) const fn part(log: Origin, first: u64, leaves: Arc<Vec<Vec<u8>>>, checkpoint: Vec<u8>) -> Self {
        Self(Kind::Part { log, first, leaves, checkpoint })
    }

    pub(crate) const fn proof(body: ProofBody) -> Self {
        Self(Kind::Proof(body))
    }

    /// The end of a session; says nothing of any report.
    #[must_use]
    pub const fn bye(code: ByeCode) -> Self {
        Self(Kind::Bye(code))
    }

    /// Log, first index and count of a LEAVES frame.
    pub(crate) fn span(&self) -> Option<(Origin, u64, u64)> {
        match &self.0 {
            Kind::Leaves { log, first, leaves, .. } => {
                Some((*log, *first, u64::try_from(leaves.len()).unwrap_or(u64::MAX)))
            }
            Kind::Hello(_) | Kind::Part { .. } | Kind::Payload(_) | Kind::Want(_) | Kind::Proof(_) | Kind::Bye(_) => {
                None
            }
        }
    }

    /// The checkpoint of a LEAVES frame.
    pub(crate) const fn checkpoint(&self) -> Option<&SignedCheckpoint> {
        match &self.0 {
            Kind::Leaves { checkpoint, .. } => Some(checkpoint),
            Kind::Hello(_) | Kind::Part { .. } | Kind::Payload(_) | Kind::Want(_) | Kind::Proof(_) | Kind::Bye(_) => {
                None
            }
        }
    }

    /// The bytes for the socket.
    #[must_use]
    pub fn encode(&self) -> Wire {
        let (kind, body) = match &self.0 {
            Kind::Hello(body) => (FrameType::Hello, codec::encode(body)),
            Kind::Leaves { log, first, leaves, checkpoint } => {
                let leaves = leaves.iter().map(|leaf| serde_bytes::ByteBuf::from(leaf.clone())).collect();
                let checkpoint = checkpoint.as_bytes().to_vec();
                (FrameType::Leaves, codec::encode(&LeavesBody { log: *log, first: *first, leaves, checkpoint }))
            }
            Kind::Part { log, first, leaves, checkpoint } => {
                let leaves = leaves.iter().map(|leaf| serde_bytes::ByteBuf::from(leaf.clone())).collect();
                let (log, first, checkpoint) = (*log, *first, checkpoint.clone());
                (FrameType::Leaves, codec::encode(&LeavesBody { log, first, leaves, checkpoint }))
            }
            Kind::Proof(body) => (FrameType::Proof, codec::encode(body)),
            Kind::Payload(body) => (FrameType::Payload, codec::encode(body)),
            Kind::Want(body) => (FrameType::Want, codec::encode(body)),
            Kind::Bye(code) => (FrameType::Bye, codec::encode(&ByeBody { code: *code })),
        };
        Wire(raw(kind.number(), &body))
    }
}

/// A frame of any type number and body: for [`Frame::encode`], and for tests that play a hostile partner.
#[must_use]
pub fn raw(number: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + body.len());
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&[FORM, number, 0, 0]);
    out.extend_from_slice(&u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(body);
    out
}

/// The only thing that a socket writer takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wire(Vec<u8>);

impl Wire {
    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// A frame of theirs. Nothing in it is believed.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each variant is the frame of that name")]
pub enum Incoming {
    Hello(HelloBody),
    Leaves(LeavesBody),
    Payload(PayloadBody),
    Want(WantBody),
    Fetch(FetchBody),
    Prove(ProveBody),
    Proof(ProofBody),
    Bye(ByeCode),
}

impl Incoming {
    /// Decodes a body of a known type. LNK-5
    ///
    /// # Errors
    /// [`ByeCode::Malformed`] unless the body is canonical.
    pub fn decode(kind: FrameType, body: &[u8]) -> Result<Self, ByeCode> {
        let decoded = match kind {
            FrameType::Hello => codec::decode::<_, MAX_HELLO_BODY>(body).map(Self::Hello),
            FrameType::Leaves => codec::decode::<_, MAX_LEAVES_BODY>(body).map(Self::Leaves),
            FrameType::Payload => codec::decode::<_, MAX_PAYLOAD_BODY>(body).map(Self::Payload),
            FrameType::Want => codec::decode::<_, MAX_SMALL_BODY>(body).map(Self::Want),
            FrameType::Fetch => codec::decode::<_, MAX_SMALL_BODY>(body).map(Self::Fetch),
            FrameType::Prove => codec::decode::<_, MAX_SMALL_BODY>(body).map(Self::Prove),
            FrameType::Proof => codec::decode::<_, MAX_PROOF_BODY>(body).map(Self::Proof),
            FrameType::Bye => codec::decode::<_, MAX_SMALL_BODY>(body).map(|bye: ByeBody| Self::Bye(bye.code)),
        };
        decoded.map_err(|_| ByeCode::Malformed)
    }
}

/// Cuts a byte stream into frames. Holds at most one frame's bytes, and never more than have arrived.
#[derive(Default, Debug)]
pub struct Decoder {
    buffer: Vec<u8>,
    taken: usize,
    asks: bool,
}

impl Decoder {
    /// From now on questions about logs are read: the session is of a version that has them. LNK-32
    pub const fn take_questions(&mut self) {
        self.asks = true;
    }

    /// Adds bytes from the socket.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.taken > 0 {
            self.buffer.drain(..self.taken);
            self.taken = 0;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Bytes held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.buffer.len()
    }

    /// The next whole frame, `None` when more bytes are needed.
    ///
    /// # Errors
    /// The code with which the link must be closed.
    pub fn next_frame(&mut self) -> Result<Option<Incoming>, ByeCode> {
        self.next_of(|_| true)
    }

    /// As [`Decoder::next_frame`] before the partner's HELLO is proven: any other type but HELLO and BYE is refused on
    /// its header alone, so that a partner who has proven nothing makes this side hold no more than a HELLO. LNK-12
    ///
    /// # Errors
    /// The code with which the link must be closed.
    pub fn next_greeting(&mut self) -> Result<Option<Incoming>, ByeCode> {
        self.next_of(|kind| matches!(kind, FrameType::Hello | FrameType::Bye))
    }

    fn next_of(&mut self, taken: impl Fn(FrameType) -> bool) -> Result<Option<Incoming>, ByeCode> {
        let rest = self.buffer.get(self.taken..).unwrap_or_default();
        let Some((header, body)) = rest.split_first_chunk::<HEADER>() else { return Ok(None) };
        let [m0, m1, m2, m3, version, number, r0, r1, l0, l1, l2, l3] = *header;
        // LNK-2
        if [m0, m1, m2, m3] != MAGIC || version != FORM || [r0, r1] != [0, 0] {
            return Err(ByeCode::BadFrame);
        }
        // LNK-3
        let kind = FrameType::of(number).ok_or(ByeCode::UnknownFrame)?;
        if !taken(kind) {
            return Err(ByeCode::BadHello);
        }
        let length = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).map_err(|_| ByeCode::TooLong)?;
        // LNK-4: judged on the header alone, before a byte of the body is waited for
        if length > kind.limit() {
            return Err(ByeCode::TooLong);
        }
        // LNK-32: on the header alone, as long as no version with other bodies was agreed on
        if !self.asks && matches!(kind, FrameType::Fetch | FrameType::Prove | FrameType::Proof) {
            return Err(ByeCode::NotServed);
        }
        let Some(body) = body.get(..length) else { return Ok(None) };
        let frame = Incoming::decode(kind, body)?;
        self.taken += HEADER + length;
        Ok(Some(frame))
    }
}
