//! JPEG (ISO 10918-1, JFIF): segments of which each is known and right, scans that are walked by their codes, nothing
//! behind. No picture is made.

mod app;
mod frame;
mod huffman;
mod scan;
mod within;

use super::{
    bytes::Bytes,
    finding::{Advice, At, Finding, Sort},
    inspected::Inspected,
    sink::{Nothing, Sink, Walked},
    window::Window,
};
use app::Profile;
use frame::Frame;
use huffman::Table;
pub(super) use scan::budget;
pub(super) use within::within;

/// What a JPEG has that its picture does not need.
pub(super) fn inspect(file: &dyn Bytes) -> Inspected {
    walk(file, &mut Nothing).inspected
}

/// Walks through the segments and scans; those that belong to the picture go to the sink.
pub(super) fn walk(file: &dyn Bytes, sink: &mut dyn Sink) -> Walked {
    let length = file.length();
    let limits = frame::Limits { length, blocks: frame::MAX_BLOCKS };
    let mut reader = Reader::new(Window::new(file), sink, limits, budget(length));
    if let Err(finding) = reader.file() {
        reader.walked.broken = Some(finding.clone());
        reader.walked.found(finding);
    }
    reader.walked
}

/// A table of codes or of steps: where it was defined, and whether a scan has used it.
struct Slot<T> {
    at: u64,
    used: bool,
    /// It replaced another one.
    again: bool,
    table: T,
}

/// Blocks between two restart markers; 0: none.
#[derive(Default)]
struct Restart {
    interval: u32,
    /// Where it was said, if no scan has followed.
    fresh: Option<u64>,
    /// It was said behind a scan and is another than before: it has to restart something.
    changed: bool,
}

struct Reader<'r> {
    window: Window<'r>,
    limits: frame::Limits,
    sink: &'r mut dyn Sink,
    walked: Walked,
    frame: Option<Frame>,
    /// Four tables of DC codes, four of AC codes.
    codes: [Option<Slot<Table>>; 8],
    /// Four tables of quantisation steps.
    steps: [Option<Slot<()>>; 4],
    restart: Restart,
    profile: Profile,
    /// A scan has been read.
    scans: bool,
    /// Blocks that may still be visited.
    budget: u64,
    /// JFIF, Adobe, orientation: each once.
    seen: [bool; 3],
    /// Where the marker stands that was read behind a scan, and which it is.
    pending: Option<(u64, u8)>,
    /// It lies in a document: what programs leave in such a picture, and of what it has it names the kinds.
    carries: Option<Vec<&'static str>>,
}

/// A segment that was read: its marker, where it stands, its data.
struct Segment {
    marker: u8,
    at: u64,
    data: Vec<u8>,
}

impl Segment {
    /// Behind its data.
    fn end(&self) -> u64 {
        self.at.saturating_add(4).saturating_add(u64::try_from(self.data.len()).unwrap_or(u64::MAX))
    }
}

fn odd(what: &str, at: u64) -> Finding {
    Finding::new(Sort::Odd, what, At::Byte(at), Advice::ExportAnew)
}

fn too_large(what: &str, at: u64) -> Finding {
    Finding::new(Sort::TooLarge, what, At::Byte(at), Advice::Part)
}

impl<'r> Reader<'r> {
    fn new(window: Window<'r>, sink: &'r mut dyn Sink, limits: frame::Limits, budget: u64) -> Self {
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
    /// From its first marker to its last.
    fn image(&mut self) -> Result<(), Finding> {
        if self.window.array::<2>()? != Some([0xff, 0xd8]) {
            return Err(odd("a JPEG without its first marker", 0));
        }
        self.sink.keep(0, 2);
        while self.part()? {}
        Ok(())
    }

    fn file(&mut self) -> Result<(), Finding> {
        self.image()?;
        let (end, left) = (self.window.position(), self.window.left());
        if left > 0 {
            self.leave("bytes behind the end of the image", end, end.saturating_add(left));
        }
        while !self.window.some(u64::MAX)?.is_empty() {}
        Ok(())
    }

    /// Something that goes, and whose going leaves the picture as it is.
    fn leave(&mut self, what: &str, from: u64, to: u64) {
        self.walked.found(Finding::new(Sort::Hidden, what, At::Byte(from), Advice::Clean));
        self.sink.leave(what, from, to);
    }

    fn byte(&mut self) -> Result<u8, Finding> {
        let at = self.window.position();
        self.window.next()?.ok_or_else(|| odd("a JPEG that ends before its last marker", at))
    }

    /// The next segment, with its scan if it has one; whether another may follow.
    fn part(&mut self) -> Result<bool, Finding> {
        let (at, marker) = match self.pending.take() {
            Some(read) => read,
            None => self.next_marker()?,
        };
        if marker != 0xe2 {
            self.profile_ended()?;
        }
        match marker {
            0xd9 => return self.end(at),
            0x00 | 0x01 | 0xd0..=0xd8 => return Err(odd("a marker that cannot stand there", at)),
            _ => {}
        }
        let [high, low] = [self.byte()?, self.byte()?];
        let length = u64::from(u16::from_be_bytes([high, low]));
        let mut left = length.checked_sub(2).ok_or_else(|| odd("a segment shorter than its length", at))?;
        let mut segment = Segment { marker, at, data: Vec::new() };
        while left > 0 {
            let some = self.window.some(left)?;
            if some.is_empty() {
                return Err(odd("a segment that is longer than the file", at));
            }
            segment.data.extend_from_slice(some);
            left = left.saturating_sub(u64::try_from(some.len()).unwrap_or(u64::MAX));
        }
        self.segment(&segment)?;
        Ok(true)
    }

    fn next_marker(&mut self) -> Result<(u64, u8), Finding> {
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

    fn segment(&mut self, segment: &Segment) -> Result<(), Finding> {
        let at = segment.at;
        match segment.marker {
            0xe0..=0xef | 0xfe => return self.application(segment),
            0xc4 => self.huffman_tables(segment)?,
            0xdb => self.step_tables(segment)?,
            0xdd => {
                let Ok(interval) = <[u8; 2]>::try_from(segment.data.as_slice()) else {
                    return Err(odd("a segment DRI of another form", at));
                };
                if self.restart.fresh.is_some() {
                    return Err(odd("a second segment DRI", at));
                }
                let interval = u16::from_be_bytes(interval).into();
                let changed = self.scans && interval != 0 && interval != self.restart.interval;
                self.restart = Restart { interval, fresh: Some(at), changed };
            }
            0xc0..=0xc2 => {
                if self.frame.is_some() {
                    return Err(odd("a second picture", at));
                }
                self.frame = Some(Frame::read(segment, self.limits)?);
            }
            0xda => return self.scan(segment),
            other => return Err(odd(app::refused(other), at)),
        }
        self.sink.keep(at, segment.end());
        Ok(())
    }

    /// DHT: one table or more, each of 16 counts and as many values.
    fn huffman_tables(&mut self, segment: &Segment) -> Result<(), Finding> {
        let (mut rest, at) = (segment.data.as_slice(), segment.at);
        let wrong = || odd("a segment DHT of another form", at);
        if rest.is_empty() {
            return Err(wrong());
        }
        while let Some((place, more)) = rest.split_first() {
            let slot = match place {
                0..=3 => usize::from(*place),
                0x10..=0x13 => usize::from(*place & 3).saturating_add(4),
                _ => return Err(wrong()),
            };
            let (table, size) = Table::read(more).ok_or_else(wrong)?;
            rest = more.get(size..).unwrap_or_default();
            let slot = self.codes.get_mut(slot).ok_or_else(wrong)?;
            define_codes(slot, at, table)?;
        }
        Ok(())
    }

    /// DQT: one table or more, each of 64 steps that are not zero. A component's steps are taken when its first scan comes,
    /// so that a second table in the same place is for no component or for one that has begun: no decoder needs it.
    fn step_tables(&mut self, segment: &Segment) -> Result<(), Finding> {
        let (mut rest, at) = (segment.data.as_slice(), segment.at);
        let wrong = || odd("a segment DQT of another form", at);
        if rest.is_empty() {
            return Err(wrong());
        }
        while let Some((place, more)) = rest.split_first() {
            let width = match place >> 4 {
                0 => 1,
                1 => 2,
                _ => return Err(wrong()),
            };
            let (table, more) = more.split_at_checked(width * 64).ok_or_else(wrong)?;
            if table.chunks_exact(width).any(|step| step.iter().all(|byte| *byte == 0)) {
                return Err(wrong());
            }
            rest = more;
            let slot = self.steps.get_mut(usize::from(place & 15)).ok_or_else(wrong)?;
            match slot {
                Some(before) if before.used => {
                    return Err(odd("a table of steps for a component that has begun", at));
                }
                Some(before) => return Err(odd("a table that no scan uses", before.at)),
                None => *slot = Some(Slot { at, used: false, again: false, table: () }),
            }
        }
        Ok(())
    }

    /// EOI: the picture was whole, and every table was for something.
    fn end(&mut self, at: u64) -> Result<bool, Finding> {
        let Some(frame) = &self.frame else { return Err(odd("a JPEG without a picture", at)) };
        if !frame.is_whole() {
            return Err(odd("a picture whose components are not all there", at));
        }
        if let Some(at) = self.restart.fresh {
            return Err(odd("a segment DRI that no scan follows", at));
        }
        let codes = self.codes.iter().flatten().filter(|slot| !slot.used).map(|slot| slot.at);
        let unused = codes.chain(self.steps.iter().flatten().filter(|slot| !slot.used).map(|slot| slot.at)).min();
        if let Some(unused) = unused {
            return Err(odd("a table that no scan uses", unused));
        }
        self.codes.iter().flatten().try_for_each(needed)?;
        self.sink.keep(at, at.saturating_add(2));
        Ok(false)
    }
}

/// Puts a table of codes in its place, where no table stands that was for nothing.
fn define_codes(slot: &mut Option<Slot<Table>>, at: u64, table: Table) -> Result<(), Finding> {
    match slot {
        Some(before) if !before.used => return Err(odd("a table that no scan uses", before.at)),
        // The same once more says nothing new.
        Some(before) if before.table == table => before.used = false,
        Some(before) => {
            needed(before)?;
            *before = Slot { at, used: false, again: true, table };
        }
        None => *slot = Some(Slot { at, used: false, again: false, table }),
    }
    Ok(())
}

/// Whether each code of a table that replaced another stands in a scan. Programs that write tables anew make them for
/// what follows; else every scan could have a table with some 200 bytes of codes that nothing needs. The first table of a
/// place may have more, as the common ones of ISO 10918-1, Annex K do.
fn needed(slot: &Slot<Table>) -> Result<(), Finding> {
    if slot.again && !slot.table.is_used_up() {
        return Err(odd("a later table with codes that no scan uses", slot.at));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
