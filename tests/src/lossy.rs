//! A medium for segment files that crashes at any of its effects and then forgets what was not flushed.

use relto_host::store::segment::{Disk, Medium, SegmentFile};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// Bytes that a disk writes whole.
const SECTOR: usize = 512;

/// What a crash leaves of what was not flushed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Loss {
    /// All of it came to the disk.
    Nothing,
    /// None of it did.
    All,
    /// Every other sector did, names did not.
    Half,
}

enum Undo {
    Bytes { path: PathBuf, offset: u64, old: Vec<u8> },
    Name { from: PathBuf, to: PathBuf },
    Made { path: PathBuf },
}

#[derive(Default)]
struct Inner {
    effects: u64,
    /// At this effect, after so many bytes of it.
    crash: Option<(u64, usize)>,
    crashed: bool,
    /// The control: a flush says that it flushed.
    no_flush: bool,
    /// Bytes of each effect so far, where it writes.
    lengths: Vec<usize>,
    undo: Vec<Undo>,
}

/// See above.
#[derive(Clone, Default)]
pub struct Lossy(Arc<Mutex<Inner>>);

impl Lossy {
    /// Crashes at this effect, counted from 0, after so many bytes of it.
    #[must_use]
    pub fn crashing(effect: u64, bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(Inner { crash: Some((effect, bytes)), ..Inner::default() })))
    }

    /// Flushes nothing.
    #[must_use]
    pub fn without_flush() -> Self {
        Self(Arc::new(Mutex::new(Inner { no_flush: true, ..Inner::default() })))
    }

    /// Bytes that each effect wrote; 0 for those that write none.
    #[must_use]
    pub fn lengths(&self) -> Vec<usize> {
        self.0.lock().unwrap().lengths.clone()
    }

    /// Whether it has crashed.
    #[must_use]
    pub fn has_crashed(&self) -> bool {
        self.0.lock().unwrap().crashed
    }

    /// After the process ended: takes back what was not flushed.
    pub fn lose(&self, loss: Loss) {
        let undo = std::mem::take(&mut self.0.lock().unwrap().undo);
        if loss == Loss::Nothing {
            return;
        }
        for undo in undo.into_iter().rev() {
            match undo {
                Undo::Bytes { path, offset, old } => {
                    let Ok(file) = fs::File::options().write(true).open(&path) else { continue };
                    for (at, sector) in old.chunks(SECTOR).enumerate() {
                        if loss == Loss::All || at % 2 == 0 {
                            file.write_at(sector, offset + u64::try_from(at * SECTOR).unwrap()).unwrap();
                        }
                    }
                }
                Undo::Name { from, to } => fs::rename(to, from).unwrap(),
                Undo::Made { path } => drop(fs::remove_file(path)),
            }
        }
    }

    /// Counts an effect; how many bytes of it happen, and whether the process is gone then.
    fn effect(&self, length: usize) -> io::Result<usize> {
        let mut inner = self.0.lock().unwrap();
        if inner.crashed {
            return Err(gone());
        }
        let at = inner.effects;
        inner.effects += 1;
        inner.lengths.push(length);
        match inner.crash {
            Some((effect, bytes)) if effect == at => {
                inner.crashed = true;
                if bytes == 0 || length == 0 { Err(gone()) } else { Ok(bytes.min(length)) }
            }
            _ => Ok(length),
        }
    }

    fn note(&self, undo: Undo) {
        self.0.lock().unwrap().undo.push(undo);
    }

    fn file(&self, path: &Path, inner: Box<dyn SegmentFile>) -> Box<dyn SegmentFile> {
        Box::new(LossyFile { medium: self.clone(), path: path.to_owned(), inner })
    }
}

fn gone() -> io::Error {
    io::Error::other("the process has crashed")
}

impl Medium for Lossy {
    fn open(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        Ok(self.file(path, Disk.open(path)?))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        self.effect(0)?;
        let file = Disk.create(path)?;
        self.note(Undo::Made { path: path.to_owned() });
        Ok(self.file(path, file))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.effect(0)?;
        Disk.rename(from, to)?;
        let mut inner = self.0.lock().unwrap();
        // The file goes on under its new name.
        for undo in &mut inner.undo {
            if let Undo::Bytes { path, .. } = undo
                && path == from
            {
                *path = to.to_owned();
            }
        }
        inner.undo.push(Undo::Name { from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }

    fn flush_folder(&self, folder: &Path) -> io::Result<()> {
        self.effect(0)?;
        let mut inner = self.0.lock().unwrap();
        if !inner.no_flush {
            inner.undo.retain(|undo| matches!(undo, Undo::Bytes { .. }));
        }
        drop(inner);
        Disk.flush_folder(folder)
    }
}

struct LossyFile {
    medium: Lossy,
    path: PathBuf,
    inner: Box<dyn SegmentFile>,
}

impl SegmentFile for LossyFile {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let done = self.medium.effect(bytes.len())?;
        let read = fs::read(&self.path)?;
        let begin = usize::try_from(offset).unwrap();
        let old = (begin..begin + done).map(|at| read.get(at).copied().unwrap_or(0)).collect();
        self.medium.note(Undo::Bytes { path: self.path.clone(), offset, old });
        self.inner.write_at(&bytes[..done], offset)?;
        if self.medium.has_crashed() { Err(gone()) } else { Ok(()) }
    }

    fn flush(&self) -> io::Result<()> {
        self.medium.effect(0)?;
        let mut inner = self.medium.0.lock().unwrap();
        if !inner.no_flush {
            inner.undo.retain(|undo| !matches!(undo, Undo::Bytes { path, .. } if *path == self.path));
        }
        drop(inner);
        self.inner.flush()
    }

    fn punch(&self, offset: u64, length: u64) -> io::Result<()> {
        self.write_at(&vec![0; usize::try_from(length).unwrap()], offset)
    }
}
