//! The bodies of one transaction, on their way to a segment.

mod hole;

pub(in crate::store) use hole::{dig, dig_all};

use super::{
    Limits,
    maker::{Next, SegmentMaker},
    medium::{Medium, SegmentFile},
    place::{Folder, Number, Spot},
    record::{BLOCK, Owner, block, head, taken},
};
use crate::store::lock::Lock;
use rusqlite::{Connection, params};
use std::{
    io,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
};

/// One body of a row.
pub(in crate::store) struct Bulk<'a> {
    /// Whose it is.
    pub(in crate::store) owner: Owner,
    /// Ciphertext and tag.
    pub(in crate::store) text: &'a [u8],
    /// Whether it is a part of a long payload.
    pub(in crate::store) part: bool,
}

impl Bulk<'_> {
    fn length(&self) -> u64 {
        u64::try_from(self.text.len()).unwrap_or(u64::MAX)
    }
}

/// The segments of an open store.
pub(in crate::store) struct Segments {
    pub(super) folder: Folder,
    pub(super) limits: Limits,
    pub(super) medium: Arc<dyn Medium>,
    pub(super) current: Option<Current>,
    /// The file in use for parts of long payloads; each start begins another.
    pub(super) parts: Option<Current>,
    /// Number of the next file of one body, or of parts.
    pub(super) alone: Number,
    pub(super) next: Arc<Next>,
    /// Whether bytes of erased rows still stand there.
    pub(super) holes: bool,
    flusher: Option<Sender<Flush>>,
}

/// The segment in use.
#[derive(Clone)]
pub(super) struct Current {
    pub(super) number: Number,
    /// Where the next record begins.
    pub(super) end: u64,
    pub(super) file: Arc<dyn SegmentFile>,
}

/// A file to be flushed, and who waits for it.
type Flush = (Arc<dyn SegmentFile>, Sender<io::Result<()>>);

/// What a transaction wrote outside the database. It counts once the transaction that names it is committed, and that
/// waits for [`Written::wait`].
#[derive(Default)]
pub(in crate::store) struct Written {
    /// Where each body stands; `None`: in its row.
    pub(in crate::store) spots: Vec<Option<Spot>>,
    current: Option<Current>,
    parts: Option<Current>,
    alone: Option<Number>,
    /// Of each file: its new end, and the bytes that are new in it.
    ends: Vec<(Number, u64, u64)>,
    flushes: Vec<Receiver<io::Result<()>>>,
}

impl Written {
    /// Waits until all of it is on the disk. To be called before the transaction is committed, and before anything else is
    /// written where it is not.
    ///
    /// # Errors
    /// The system's: what stands there is not known.
    pub(in crate::store) fn wait(&mut self) -> io::Result<()> {
        // Without an answer the thread that flushes is gone.
        let done = |flush: Receiver<io::Result<()>>| flush.recv().unwrap_or_else(|gone| Err(io::Error::other(gone)));
        // All are waited for, whatever came of the first.
        let all: Vec<io::Result<()>> = self.flushes.drain(..).map(done).collect();
        all.into_iter().collect()
    }

    /// The new ends, as rows of the transaction.
    pub(in crate::store) fn name(&self, connection: &Connection) -> rusqlite::Result<()> {
        for (number, end, bytes) in &self.ends {
            connection
                .prepare_cached(
                    "INSERT INTO segment (n, end, live) VALUES (?1, ?2, ?3)
                     ON CONFLICT (n) DO UPDATE SET end = ?2, live = live + ?3",
                )?
                .execute(params![number.to_column(), end, bytes])?;
        }
        if let Some(alone) = self.alone {
            connection
                .prepare_cached("UPDATE counter SET value = ?1 WHERE name = 'alone'")?
                .execute(params![alone.to_column()])?;
        }
        Ok(())
    }
}

impl Segments {
    pub(super) fn new(folder: Folder, limits: Limits, medium: Arc<dyn Medium>, alone: Number) -> Self {
        let next = Arc::new(Next::default());
        Self { folder, limits, medium, current: None, parts: None, alone, next, holes: false, flusher: None }
    }

    /// Writes what must not stand in rows, and lets it be flushed. STO-1 STO-2
    ///
    /// # Errors
    /// The system's. What was written stands behind the ends that the database names; files of one body are gone again.
    pub(in crate::store) fn write(&mut self, bodies: &[Bulk<'_>]) -> io::Result<Written> {
        let mut written = Written { spots: vec![None; bodies.len()], ..Written::default() };
        let done = self.write_all(bodies, &mut written);
        if done.is_err() {
            self.forget(&written);
        }
        done.map(|()| written)
    }

    fn write_all(&mut self, bodies: &[Bulk<'_>], written: &mut Written) -> io::Result<()> {
        let mut together = 0_u64;
        for (at, body) in bodies.iter().enumerate() {
            let number = written.alone.unwrap_or(self.alone);
            if body.part {
                continue;
            }
            if body.length() < self.limits.alone || number.is_last() {
                together = together.saturating_add(taken(body.length()));
                continue;
            }
            // Named before it is written: what is written of it goes again where this fails.
            written.alone = Some(number.next());
            let spot = self.write_alone(number, body)?;
            if let Some(place) = written.spots.get_mut(at) {
                *place = Some(spot);
            }
            written.ends.push((number, BLOCK.saturating_add(taken(body.length())), taken(body.length())));
        }
        self.write_parts(bodies, written)?;
        if written.alone.is_some() {
            self.medium.flush_folder(self.folder.path())?;
        }
        if together > self.limits.in_rows { self.write_together(bodies, together, written) } else { Ok(()) }
    }

    /// After a transaction that never was: takes its files of one body away, so that they fill no disk.
    pub(in crate::store) fn forget(&self, written: &Written) {
        let mut number = self.alone;
        while written.alone.is_some_and(|end| number < end) {
            // One that was not made yet is not there; what cannot be taken away is written over when its number comes.
            let _ = std::fs::remove_file(self.folder.file(number));
            number = number.next();
        }
    }

    /// A long body in a file of its own; its name lasts once the folder is flushed.
    fn write_alone(&self, number: Number, body: &Bulk<'_>) -> io::Result<Spot> {
        self.folder.make()?;
        let length = body.length();
        let head = head(&body.owner, length).ok_or_else(too_long)?;
        let file = self.medium.create(&self.folder.file(number))?;
        file.write_at(&block(&self.folder.store, number), 0)?;
        file.write_at(&head, BLOCK)?;
        file.write_at(body.text, taken(BLOCK))?;
        file.flush()?;
        Ok(Spot { file: number, offset: BLOCK, length })
    }

    /// Parts of long payloads, one behind the other in a file that grows: such bytes come faster than files are made ahead.
    /// STO-10
    fn write_parts(&mut self, bodies: &[Bulk<'_>], written: &mut Written) -> io::Result<()> {
        let all: u64 = bodies.iter().filter(|body| body.part).map(|body| taken(body.length())).sum();
        if all == 0 {
            return Ok(());
        }
        let fits =
            self.parts.clone().filter(|parts| parts.end.saturating_add(all) <= self.limits.size.max(BLOCK + all));
        let Some(Current { number, end: begin, file }) =
            fits.map_or_else(|| self.begin_parts(written), |one| Ok(Some(one)))?
        else {
            return Ok(());
        };
        let mut bytes = Vec::with_capacity(usize::try_from(all).unwrap_or(0));
        let mut end = begin;
        for (body, spot) in bodies.iter().zip(&mut written.spots).filter(|(body, _)| body.part) {
            let head = head(&body.owner, body.length()).ok_or_else(too_long)?;
            bytes.extend_from_slice(&head);
            bytes.extend_from_slice(body.text);
            *spot = Some(Spot { file: number, offset: end, length: body.length() });
            end = end.saturating_add(taken(body.length()));
        }
        file.write_at(&bytes, begin)?;
        written.flushes.push(self.flush(&file)?);
        written.ends.push((number, end, end.saturating_sub(begin)));
        written.parts = Some(Current { number, end, file });
        Ok(())
    }

    /// Another file for parts; its name lasts once the folder is flushed. `None`: numbers are used up.
    fn begin_parts(&self, written: &mut Written) -> io::Result<Option<Current>> {
        let number = written.alone.unwrap_or(self.alone);
        if number.is_last() {
            return Ok(None);
        }
        written.alone = Some(number.next());
        self.folder.make()?;
        let file = self.medium.create(&self.folder.file(number))?;
        file.write_at(&block(&self.folder.store, number), 0)?;
        Ok(Some(Current { number, end: BLOCK, file: Arc::from(file) }))
    }

    /// The others, in the segment in use or the one that was made ahead; what has no room in it stays in its row.
    fn write_together(&mut self, bodies: &[Bulk<'_>], together: u64, written: &mut Written) -> io::Result<()> {
        let Some(Current { number, end: begin, file }) = self.segment_for(together)? else { return Ok(()) };
        let mut bytes = Vec::with_capacity(usize::try_from(together).unwrap_or(0));
        let mut end = begin;
        let others = bodies.iter().zip(&mut written.spots).filter(|(body, spot)| !body.part && spot.is_none());
        for (body, spot) in others {
            let behind = end.saturating_add(taken(body.length()));
            if behind > self.limits.size {
                continue;
            }
            let Some(head) = head(&body.owner, body.length()) else { continue };
            bytes.extend_from_slice(&head);
            bytes.extend_from_slice(body.text);
            *spot = Some(Spot { file: number, offset: end, length: body.length() });
            end = behind;
        }
        file.write_at(&bytes, begin)?;
        written.flushes.push(self.flush(&file)?);
        written.ends.push((number, end, end.saturating_sub(begin)));
        written.current = Some(Current { number, end, file });
        Ok(())
    }

    /// The segment for so many bytes: the one in use, or where they do not fit the next, where that is ready.
    fn segment_for(&self, bytes: u64) -> io::Result<Option<Current>> {
        let following = self.current.as_ref().map_or(FIRST, |current| current.number.next());
        let fits = self.current.as_ref().is_some_and(|one| one.end.saturating_add(bytes) <= self.limits.size);
        if !fits && self.next.is_ready(following) {
            let file = Arc::from(self.medium.open(&self.folder.file(following))?);
            return Ok(Some(Current { number: following, end: BLOCK, file }));
        }
        if !fits {
            self.next.want(following);
        }
        Ok(self.current.clone())
    }

    /// Has a file flushed by another thread, while this one goes on.
    fn flush(&mut self, file: &Arc<dyn SegmentFile>) -> io::Result<Receiver<io::Result<()>>> {
        let (done, waits) = channel();
        let mut job = (file.clone(), done);
        if let Some(flusher) = &self.flusher {
            match flusher.send(job) {
                Ok(()) => return Ok(waits),
                Err(gone) => job = gone.0,
            }
        }
        let (flusher, jobs) = channel::<Flush>();
        std::thread::Builder::new().name("flush".to_owned()).spawn(move || {
            for (file, done) in jobs {
                // Nobody waits any more where the transaction was given up.
                let _ = done.send(file.flush());
            }
        })?;
        flusher.send(job).map_err(io::Error::other)?;
        self.flusher = Some(flusher);
        Ok(waits)
    }

    /// What makes the next segment.
    pub(in crate::store) fn maker(&self, lock: Arc<Lock>) -> SegmentMaker {
        let (folder, medium) = (self.folder.clone(), self.medium.clone());
        SegmentMaker { folder, limits: self.limits, medium, next: self.next.clone(), _lock: lock }
    }

    /// After the commit that names it; `erases`: it erased rows whose bodies may stand here.
    pub(in crate::store) fn keep(&mut self, written: Written, erases: bool) {
        self.holes |= erases;
        if let Some(alone) = written.alone {
            self.alone = alone;
        }
        if let Some(parts) = written.parts {
            self.parts = Some(parts);
        }
        if let Some(current) = written.current {
            if current.end > self.limits.size / 2 {
                self.next.want(current.number.next());
            }
            self.current = Some(current);
        }
    }
}

/// The first segment.
pub(super) const FIRST: Number = Number::Segment(1);

fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::FileTooLarge, "a body of 4 GiB and more")
}
