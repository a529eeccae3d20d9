//! The bodies of one transaction, on their way to a segment.

mod hole;

pub(in crate::store) use hole::dig;

use super::{
    Limits,
    maker::{Next, SegmentMaker},
    medium::{Medium, SegmentFile},
    place::{Folder, Number, Spot},
    record::{BLOCK, Owner, block, head, taken},
};
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
    /// Number of the next file of one body.
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
    alone: Option<Number>,
    /// Of each file: its new end, and the bytes that are new in it.
    ends: Vec<(Number, u64, u64)>,
    flush: Option<Receiver<io::Result<()>>>,
}

impl Written {
    /// Waits until all of it is on the disk. To be called before the transaction is committed, and before anything else is
    /// written where it is not.
    ///
    /// # Errors
    /// The system's: what stands there is not known.
    pub(in crate::store) fn wait(&mut self) -> io::Result<()> {
        // Without an answer the thread that flushes is gone.
        self.flush.take().map_or(Ok(()), |flush| flush.recv().unwrap_or_else(|gone| Err(io::Error::other(gone))))
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
        Self { folder, limits, medium, current: None, alone, next, holes: false, flusher: None }
    }

    /// Writes what must not stand in rows, and lets it be flushed. STO-1 STO-2
    ///
    /// # Errors
    /// The system's. What was written stands behind the ends that the database names.
    pub(in crate::store) fn write(&mut self, bodies: &[Bulk<'_>]) -> io::Result<Written> {
        let mut written = Written { spots: vec![None; bodies.len()], ..Written::default() };
        let mut together = 0_u64;
        for (body, spot) in bodies.iter().zip(&mut written.spots) {
            if body.length() < self.limits.alone {
                together = together.saturating_add(taken(body.length()));
                continue;
            }
            let number = written.alone.unwrap_or(self.alone);
            *spot = Some(self.write_alone(number, body)?);
            written.alone = Some(number.next());
            written.ends.push((number, BLOCK.saturating_add(taken(body.length())), taken(body.length())));
        }
        if together > self.limits.in_rows {
            self.write_together(bodies, together, &mut written)?;
        }
        Ok(written)
    }

    /// A long body in a file of its own, which is on the disk when this returns.
    fn write_alone(&self, number: Number, body: &Bulk<'_>) -> io::Result<Spot> {
        self.folder.make()?;
        let length = body.length();
        let head = head(&body.owner, length).ok_or_else(too_long)?;
        let file = self.medium.create(&self.folder.file(number))?;
        file.write_at(&block(&self.folder.store, number), 0)?;
        file.write_at(&head, BLOCK)?;
        file.write_at(body.text, taken(BLOCK))?;
        file.flush()?;
        self.medium.flush_folder(self.folder.path())?;
        Ok(Spot { file: number, offset: BLOCK, length })
    }

    /// The others, in the segment in use or the one that was made ahead; what has no room in it stays in its row.
    fn write_together(&mut self, bodies: &[Bulk<'_>], together: u64, written: &mut Written) -> io::Result<()> {
        let Some(Current { number, end: begin, file }) = self.segment_for(together)? else { return Ok(()) };
        let mut bytes = Vec::with_capacity(usize::try_from(together).unwrap_or(0));
        let mut end = begin;
        for (body, spot) in bodies.iter().zip(&mut written.spots).filter(|(_, spot)| spot.is_none()) {
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
        written.flush = Some(self.flush(&file)?);
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
    pub(in crate::store) fn maker(&self) -> SegmentMaker {
        let (folder, medium) = (self.folder.clone(), self.medium.clone());
        SegmentMaker { folder, limits: self.limits, medium, next: self.next.clone() }
    }

    /// After the commit that names it; `erases`: it erased rows whose bodies may stand here.
    pub(in crate::store) fn keep(&mut self, written: Written, erases: bool) {
        self.holes |= erases;
        if let Some(alone) = written.alone {
            self.alone = alone;
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
