//! The inspector's own work: a job, its bytes in ranges, its verdict; and again until the node hangs up.

use super::{
    channel::{Broken, receive, send},
    limits,
};
use relto_report::{
    attachment::{
        bytes::{Bytes, Unread},
        judge,
    },
    inspection::{
        Look,
        frame::{self, FromChild, FromNode, MAX_FRAME, MAX_READ},
        ranges::Ranges,
    },
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, VecDeque},
    io::{self, Read, Write},
    os::fd::AsFd as _,
    process::ExitCode,
};

/// Bytes that are asked for at once.
const BLOCK: u64 = MAX_READ as u64;
/// Blocks that are kept: 16 MiB.
const KEPT: usize = 64;

/// Runs an inspector of files of this many MiB together, on the socket that is its standard input. It ends when the
/// node hangs up, or with exit code 3 where the node says what is no frame, or its resources cannot be limited.
#[must_use]
pub fn run(mib: u64) -> ExitCode {
    // Nobody reads what a panic says, and looking for the environment is not its business.
    std::panic::set_hook(Box::new(|_| {}));
    let Ok(in_force) = limits::set(mib) else { return ExitCode::from(3) };
    let mut stream = Socket;
    if send(&mut stream, &frame::write(&FromChild::Ready(in_force))).is_err() {
        return ExitCode::from(3);
    }
    match serve(&mut stream) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(3),
    }
}

/// Judges until the stream ends.
///
/// # Errors
/// What is no frame, and a stream that breaks within one.
pub fn serve(stream: &mut (impl Read + Write)) -> Result<(), Broken> {
    loop {
        let body = match receive(stream, MAX_FRAME) {
            Ok(body) => body,
            Err(Broken::Stream(error)) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(broken) => return Err(broken),
        };
        let FromNode::Job { id, name_ending, length, .. } = frame::from_node(&body)? else {
            return Err(io::Error::from(io::ErrorKind::InvalidData).into());
        };
        let file = Remote { length, inner: RefCell::new(Inner::new(&mut *stream)) };
        let look = Look::of(&judge(&name_ending, &file));
        file.finish().map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
        send(stream, &frame::write(&FromChild::Verdict { id, look }))?;
    }
}

/// A file that the node has.
struct Remote<S> {
    length: u64,
    inner: RefCell<Inner<S>>,
}

struct Inner<S> {
    stream: S,
    read: Ranges,
    blocks: BTreeMap<u64, Vec<u8>>,
    order: VecDeque<u64>,
    broken: bool,
}

impl<S: Read + Write> Inner<S> {
    fn new(stream: S) -> Self {
        Self { stream, read: Ranges::default(), blocks: BTreeMap::new(), order: VecDeque::new(), broken: false }
    }

    /// The block that begins here.
    fn block(&mut self, start: u64, length: u64) -> Result<&[u8], Unread> {
        if self.broken {
            return Err(Unread);
        }
        if !self.blocks.contains_key(&start) {
            let count = u32::try_from(length.saturating_sub(start).min(BLOCK)).map_err(|_| Unread)?;
            let Some(bytes) = self.ask(start, count) else {
                self.broken = true;
                return Err(Unread);
            };
            self.read.add(start, start.saturating_add(u64::from(count)));
            if self.order.len() >= KEPT
                && let Some(oldest) = self.order.pop_front()
            {
                self.blocks.remove(&oldest);
            }
            self.order.push_back(start);
            self.blocks.insert(start, bytes);
        }
        self.blocks.get(&start).map(Vec::as_slice).ok_or(Unread)
    }

    fn ask(&mut self, offset: u64, length: u32) -> Option<Vec<u8>> {
        send(&mut self.stream, &frame::write(&FromChild::Read { offset, length })).ok()?;
        let body = receive(&mut self.stream, MAX_FRAME).ok()?;
        match frame::from_node(&body).ok()? {
            FromNode::Bytes { offset: given, bytes } if given == offset => {
                Some(bytes).filter(|bytes| u32::try_from(bytes.len()) == Ok(length))
            }
            FromNode::Bytes { .. } | FromNode::Job { .. } => None,
        }
    }
}

impl<S: Read + Write> Remote<S> {
    /// Reads what was not read yet: a verdict on a part of a file is none.
    fn finish(&self) -> Result<(), Unread> {
        let mut inner = self.inner.borrow_mut();
        while let Some((start, _)) = inner.read.gap(self.length) {
            inner.block(start.saturating_sub(start % BLOCK), self.length)?;
        }
        if inner.broken { Err(Unread) } else { Ok(()) }
    }
}

impl<S: Read + Write> Bytes for Remote<S> {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        let count = u64::try_from(into.len()).map_err(|_| Unread)?;
        offset.checked_add(count).filter(|end| *end <= self.length).ok_or(Unread)?;
        let mut inner = self.inner.borrow_mut();
        let (mut at, mut rest) = (offset, into);
        while !rest.is_empty() {
            let start = at.saturating_sub(at % BLOCK);
            let block = inner.block(start, self.length)?;
            let behind = usize::try_from(at.saturating_sub(start)).ok().and_then(|skip| block.get(skip..));
            let behind = behind.ok_or(Unread)?;
            let count = behind.len().min(rest.len());
            let (now, later) = rest.split_at_mut_checked(count).ok_or(Unread)?;
            now.copy_from_slice(behind.get(..count).ok_or(Unread)?);
            at = at.saturating_add(u64::try_from(count).map_err(|_| Unread)?);
            rest = later;
        }
        Ok(())
    }
}

/// Standard input, which is a socket and takes both ways.
struct Socket;

impl Read for Socket {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(io::stdin().as_fd(), into)?)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(io::stdin().as_fd(), bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relto_report::{
        attachment::inspected::Inspected,
        inspection::{
            Media,
            talk::{Next, Talk},
        },
    };
    use std::os::unix::net::UnixStream;

    /// Judges a file as the node would have it judged, and counts the frames that this took.
    fn judged(ending: &str, file: &[u8]) -> (Look, u64) {
        let (mut node, mut child) = UnixStream::pair().unwrap();
        let worker = std::thread::spawn(move || serve(&mut child));
        let mut talk = Talk::new(3, u64::try_from(file.len()).unwrap());
        send(&mut node, &frame::write(&talk.job("text/csv", ending))).unwrap();
        let mut frames = 0;
        loop {
            let said = frame::from_child(&receive(&mut node, frame::MAX_SAID).unwrap()).unwrap();
            frames += 1;
            match talk.hear(said).unwrap() {
                Next::Send { offset, length } => {
                    let start = usize::try_from(offset).unwrap();
                    let bytes = file[start..start + length].to_vec();
                    send(&mut node, &frame::write(&FromNode::Bytes { offset, bytes })).unwrap();
                }
                Next::Judged(look) => {
                    drop(node);
                    worker.join().unwrap().unwrap();
                    return (look, frames);
                }
            }
        }
    }

    #[test]
    fn an_inspector_reads_all_of_a_file_whatever_its_size_and_says_what_it_is() {
        assert_eq!(judged("csv", b"a,b\n1,2\n").0, Look { media: Some(Media::Csv), inspected: Inspected::default() });
        assert_eq!(judged("csv", b"").0.media, Some(Media::Csv));
        assert_eq!(judged("pdf", b"hello").0.media, None);
        let found = judged("csv", b"a,=1+1\n").0.inspected.finding.unwrap();
        assert!(found.to_string().contains("line 1, column 2"), "{found:?}");
        let (look, frames) = judged("csv", "1,2\n".repeat(300_000).as_bytes());
        assert_eq!((look.media, look.inspected.finding, frames), (Some(Media::Csv), None, 6));
    }

    #[test]
    fn an_inspector_ends_at_what_is_no_frame() {
        let (mut node, mut child) = UnixStream::pair().unwrap();
        send(&mut node, &frame::write(&FromNode::Bytes { offset: 0, bytes: Vec::new() })).unwrap();
        assert!(serve(&mut child).is_err());
        send(&mut node, &[255; 8]).unwrap();
        assert!(serve(&mut child).is_err());
    }
}
