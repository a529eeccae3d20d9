//! The reader of a JPEG: its place in the file, the tables and the frame that it has met, and what it has found.

use super::{
    super::{
        finding::{Advice, At, Finding, Sort},
        sink::{Sink, Walked},
        window::Window,
    },
    frame::{Frame, Limits},
    huffman::Table,
    segment::odd,
};

/// A table of codes or of steps: where it was defined, and whether a scan has used it.
pub(super) struct Slot<T> {
    pub(super) at: u64,
    pub(super) used: bool,
    /// It replaced another one.
    pub(super) again: bool,
    pub(super) table: T,
}

/// Blocks between two restart markers; 0: none.
#[derive(Default)]
pub(super) struct Restart {
    pub(super) interval: u32,
    /// Where it was said, if no scan has followed.
    pub(super) fresh: Option<u64>,
    /// It was said behind a scan and is another than before: it has to restart something.
    pub(super) changed: bool,
}

/// The parts of a colour profile that have come.
#[derive(Default)]
pub(super) struct Profile {
    /// Where each begins and ends.
    pub(super) parts: Vec<(u64, u64)>,
    pub(super) bytes: Vec<u8>,
    /// How many there will be.
    pub(super) count: u8,
    pub(super) broken: bool,
    /// One was whole before.
    pub(super) ended: bool,
}

/// A picture that is being read: where its reader stands, and what it has met.
pub(super) struct Reader<'r> {
    pub(super) window: Window<'r>,
    pub(super) limits: Limits,
    pub(super) sink: &'r mut dyn Sink,
    pub(super) walked: Walked,
    pub(super) frame: Option<Frame>,
    /// Four tables of DC codes, four of AC codes.
    pub(super) codes: [Option<Slot<Table>>; 8],
    /// Four tables of quantisation steps.
    pub(super) steps: [Option<Slot<()>>; 4],
    pub(super) restart: Restart,
    pub(super) profile: Profile,
    /// A scan has been read.
    pub(super) scans: bool,
    /// Blocks that may still be visited.
    pub(super) budget: u64,
    /// JFIF, Adobe, orientation: each once.
    pub(super) seen: [bool; 3],
    /// Where the marker stands that was read behind a scan, and which it is.
    pub(super) pending: Option<(u64, u8)>,
    /// It lies in a document: what programs leave in such a picture, and of what it has it names the kinds.
    pub(super) carries: Option<Vec<&'static str>>,
}

impl<'r> Reader<'r> {
    pub(super) fn new(window: Window<'r>, sink: &'r mut dyn Sink, limits: Limits, budget: u64) -> Self {
        Self {
            window,
            limits,
            sink,
            walked: Walked::default(),
            frame: None,
            codes: [const { None }; 8],
            steps: [const { None }; 4],
            restart: Restart::default(),
            profile: Profile::default(),
            scans: false,
            budget,
            seen: [false; 3],
            pending: None,
            carries: None,
        }
    }
}

impl Reader<'_> {
    /// Something that goes, and whose going leaves the picture as it is.
    pub(super) fn leave(&mut self, what: &str, from: u64, to: u64) {
        self.walked.found(Finding::new(Sort::Hidden, what, At::Byte(from), Advice::Clean));
        self.sink.leave(what, from, to);
    }

    pub(super) fn byte(&mut self) -> Result<u8, Finding> {
        let at = self.window.position();
        self.window.next()?.ok_or_else(|| odd("a JPEG that ends before its last marker", at))
    }

    pub(super) fn next_marker(&mut self) -> Result<(u64, u8), Finding> {
        let start = self.window.position();
        if self.byte()? != 0xff {
            return Err(odd("bytes between two segments", start));
        }
        let (mut at, mut marker) = (start, self.byte()?);
        while marker == 0xff {
            at = at.saturating_add(1);
            marker = self.byte()?;
        }
        if at > start {
            self.leave("fill bytes before a marker", start, at);
        }
        Ok((at, marker))
    }
}
