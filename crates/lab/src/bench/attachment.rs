//! `relto bench attachment`: one report with a long attachment from author to receipt, inspected at both ends and durable at
//! both, beside what this machine does with as many bytes at least: one TLS hop over loopback, and one durable write of them
//! one after the other. The floor is the slower of the two.

use super::{bulk, figures::median, pair::Pair};
use crate::{
    args::AttachmentArgs,
    lab::{self, Options, run::unless_asked},
};
use anyhow::{Context as _, Result, anyhow, ensure};
use relto_cli::{client::Client, output::Output, signing};
use relto_formats::api::{Submission, Submit, UploadState};
use relto_host::{
    clock::{self, Stopwatch},
    random,
};
use relto_report::{
    assessment::Document,
    attachment::bytes::{Apart, Bytes, Unread},
    crypto::{decrypt, encrypt},
};
use serde_json::json;
use std::{
    fs::File,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::Arc,
    thread,
};

/// The longest attachment that an agreement lets through.
const MOST: u64 = 1024 * 1024 * 1024;
/// Bytes of the report itself.
const REPORT: usize = 4_096;
/// Bytes that are written at once.
const AT_ONCE: usize = 1024 * 1024;
/// Bytes of text in one record of TLS, and what its tag adds.
const RECORD: usize = 16_384;
const TAG: usize = 16;
/// One nonce will do where nothing is kept secret.
const NONCE: [u8; 12] = [2; 12];
/// What a table consists of, behind its head.
const HEAD: &[u8] = b"place,count\n";
const ROW: &[u8] = b"harbour,17\n";

/// A table of as many bytes as are wanted, of which none is held but some rows.
struct Table {
    length: u64,
    rows: Vec<u8>,
}

impl Table {
    fn of(length: u64) -> Self {
        Self { length, rows: ROW.repeat(AT_ONCE / ROW.len()) }
    }
}

impl Bytes for Table {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        let (mut at, mut rest) = (usize::try_from(offset).map_err(|_| Unread)?, into);
        while !rest.is_empty() {
            let here = match at.checked_sub(HEAD.len()) {
                None => HEAD.get(at..),
                Some(within) => self.rows.get(within % self.rows.len()..),
            };
            let here = here.ok_or(Unread)?;
            let count = here.len().min(rest.len());
            let (now, later) = rest.split_at_mut_checked(count).ok_or(Unread)?;
            now.copy_from_slice(here.get(..count).ok_or(Unread)?);
            (at, rest) = (at + count, later);
        }
        Ok(())
    }
}

/// Bytes a second of one round.
struct Round {
    ours: f64,
    /// Of the way from the client to the disk of its node alone, where they go ahead of the submission.
    upload: Option<f64>,
    hop: f64,
    write: f64,
}

impl Round {
    const fn floor(&self) -> f64 {
        self.hop.min(self.write)
    }
}

/// Runs the measurement.
pub(super) fn run(args: &AttachmentArgs, output: Output) -> Result<()> {
    ensure!(args.rounds > 0, "--rounds must be at least 1");
    let rows = args.size.saturating_sub(HEAD.len()) / ROW.len();
    ensure!(rows > 0, "--size is at least {}: one row of a table", HEAD.len() + ROW.len());
    let length = u64::try_from(HEAD.len() + rows * ROW.len())?;
    ensure!(length <= MOST, "--size is at most {MOST}: no agreement lets more through");
    let table: Apart = Arc::new(Table::of(length));
    tell(&unless_asked(measure(&table, args.rounds))???, length, output)
}

async fn measure(table: &Apart, rounds: usize) -> Result<Vec<Round>> {
    let temporary = tempfile::tempdir()?;
    let dir = temporary.path().join("lab");
    lab::build(&dir, clock::now_ms(), Options { long: true, ..Options::default() })?;
    let pair = Pair::start(&dir, REPORT).await?;
    let mut client = Client::connect(&pair.author).await?;
    let mut all = Vec::new();
    for n in 0..rounds {
        let (document, submit) = pair.maker.make_with(n, table)?;
        let watch = Stopwatch::start();
        let upload = if submit.uploaded {
            upload(&mut client, &submit, document).await?;
            Some(per_second(table, &watch))
        } else {
            None
        };
        let answer: Submission = client.post("/v1/submissions?wait=300", &signing::posted(&submit)).await?;
        let ours = per_second(table, &watch);
        bulk::leaf_of(&answer)?;
        let (hop, write) = (hopped(table)?, written(table, &temporary.path().join("written"))?);
        all.push(Round { ours, upload, hop, write });
    }
    pair.stop()?;
    Ok(all)
}

/// The whole plaintext, in one request.
async fn upload(client: &mut Client, submit: &Submit, document: Document) -> Result<()> {
    let (length, whole): (u64, Apart) = (document.length(), Arc::new(document));
    let path = format!("/v1/uploads/{}?offset=0&length={length}", submit.id);
    let state: UploadState = client.put(&path, &whole, 0..length, |_| {}).await?;
    ensure!(state.received == length, "the node took {} of {length} bytes", state.received);
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "bytes of an attachment, far below 2^52")]
fn per_second(table: &Apart, watch: &Stopwatch) -> f64 {
    table.length() as f64 / watch.elapsed().as_secs_f64()
}

/// Gives the table in pieces of this size.
fn pieces(table: &Apart, size: usize, mut take: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let (mut at, mut piece) = (0, vec![0; size]);
    while at < table.length() {
        let count = usize::try_from(table.length() - at)?.min(size);
        let piece = piece.get_mut(..count).context("a piece")?;
        table.read_at(at, piece).map_err(|Unread| anyhow!("the table cannot be read"))?;
        take(piece)?;
        at += u64::try_from(count)?;
    }
    Ok(())
}

/// One hop as TLS makes it, without its handshake: records are encrypted and written at one end, read and decrypted at the
/// other, both at once.
fn hopped(table: &Apart) -> Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut near = TcpStream::connect(listener.local_addr()?)?;
    let (mut far, _) = listener.accept()?;
    let key: [u8; 32] = random::fill()?;
    let watch = Stopwatch::start();
    thread::scope(|scope| {
        let reads = scope.spawn(move || -> Result<()> {
            let mut left = usize::try_from(table.length())?;
            while left > 0 {
                let record = left.min(RECORD);
                let mut sealed = vec![0; record + TAG];
                far.read_exact(&mut sealed)?;
                decrypt(&key, NONCE, b"record", sealed).context("a record")?;
                left -= record;
            }
            Ok(())
        });
        pieces(table, RECORD, |record| {
            let sealed = encrypt(&key, NONCE, b"record", record.to_vec()).context("a record")?;
            Ok(near.write_all(&sealed)?)
        })?;
        reads.join().map_err(|_| anyhow!("the far end of a hop ended in a fault"))?
    })?;
    Ok(per_second(table, &watch))
}

/// One durable write to a new file.
fn written(table: &Apart, file: &Path) -> Result<f64> {
    let watch = Stopwatch::start();
    let mut to = File::create(file)?;
    pieces(table, AT_ONCE, |piece| Ok(to.write_all(piece)?))?;
    to.sync_all()?;
    let rate = per_second(table, &watch);
    std::fs::remove_file(file)?;
    Ok(rate)
}

fn tell(rounds: &[Round], bytes: u64, output: Output) -> Result<()> {
    rounds.first().context("a round")?;
    let middle = |of: fn(&Round) -> f64| median(rounds.iter().map(of).collect());
    let (ours, hop, write) = (middle(|one| one.ours), middle(|one| one.hop), middle(|one| one.write));
    let uploads: Vec<f64> = rounds.iter().filter_map(|one| one.upload).collect();
    let upload = (!uploads.is_empty()).then(|| median(uploads));
    let (floor, ratio) = (middle(Round::floor), middle(|one| one.ours / one.floor()));
    output.object(&json!({
        "bytes": bytes, "rounds": rounds.len(), "bytes_per_second": ours, "upload_bytes_per_second": upload, "hop_bytes_per_second": hop,
        "write_bytes_per_second": write, "floor_bytes_per_second": floor, "ratio_to_floor": ratio,
    }))?;
    output.line(format!("a table of {bytes} bytes from author to receipt; medians of {} rounds", rounds.len()))?;
    let row = |name: &str, rate: f64, ratio: String| vec![name.to_owned(), format!("{:.1}", rate / 1e6), ratio];
    let mut rows = vec![row("author to receipt, inspected at both ends", ours, format!("{ratio:.2}"))];
    rows.extend(upload.map(|rate| row("the way to the author's node alone", rate, format!("{:.2}", rate / floor))));
    rows.push(row("one TLS hop over loopback", hop, String::new()));
    rows.push(row("one durable write", write, String::new()));
    output.table(&["", "MB/s", "of the floor"], &rows)
}
