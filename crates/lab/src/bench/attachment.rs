//! `relto bench attachment`: one report with a long attachment from author to receipt, inspected at both ends and durable at
//! both, beside what this machine does with as many bytes at least: one TLS hop over loopback, and one durable write of them
//! one after the other. The floor is the slower of the two.

use super::{bulk, figures::median, pair::Pair};
use crate::{
    args::AttachmentArgs,
    lab::{self, run::unless_asked},
};
use anyhow::{Context as _, Result, anyhow, ensure};
use relto_cli::{client::Client, output::Output};
use relto_formats::api::Submission;
use relto_host::{
    clock::{self, Stopwatch},
    random,
};
use relto_report::crypto::{decrypt, encrypt};
use serde_json::json;
use std::{
    fs::File,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::Path,
    thread,
};

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

/// Bytes a second of one round.
struct Round {
    ours: f64,
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
    let table = [HEAD, &ROW.repeat(rows)].concat();
    tell(&unless_asked(measure(&table, args.rounds))???, table.len(), output)
}

async fn measure(table: &[u8], rounds: usize) -> Result<Vec<Round>> {
    let temporary = tempfile::tempdir()?;
    let dir = temporary.path().join("lab");
    lab::make(&dir, clock::now_ms())?;
    let pair = Pair::start(&dir, REPORT).await?;
    let mut client = Client::connect(&pair.author).await?;
    let mut all = Vec::new();
    for n in 0..rounds {
        let submit = pair.maker.make_with(n, Some(table))?;
        let watch = Stopwatch::start();
        let answer: Submission = client.post("/v1/submissions?wait=60", &submit).await?;
        let ours = per_second(table, &watch);
        bulk::leaf_of(&answer)?;
        all.push(Round { ours, hop: hopped(table)?, write: written(table, &temporary.path().join("written"))? });
    }
    pair.stop()?;
    Ok(all)
}

#[expect(clippy::cast_precision_loss, reason = "bytes of an attachment, far below 2^52")]
fn per_second(table: &[u8], watch: &Stopwatch) -> f64 {
    table.len() as f64 / watch.elapsed().as_secs_f64()
}

/// One hop as TLS makes it, without its handshake: records are encrypted and written at one end, read and decrypted at the
/// other, both at once.
fn hopped(table: &[u8]) -> Result<f64> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut near = TcpStream::connect(listener.local_addr()?)?;
    let (mut far, _) = listener.accept()?;
    let key: [u8; 32] = random::fill()?;
    let watch = Stopwatch::start();
    thread::scope(|scope| {
        let reads = scope.spawn(move || -> Result<()> {
            for record in table.chunks(RECORD) {
                let mut sealed = vec![0; record.len() + TAG];
                far.read_exact(&mut sealed)?;
                decrypt(&key, NONCE, b"record", sealed).context("a record")?;
            }
            Ok(())
        });
        for record in table.chunks(RECORD) {
            near.write_all(&encrypt(&key, NONCE, b"record", record.to_vec()).context("a record")?)?;
        }
        reads.join().map_err(|_| anyhow!("the far end of a hop ended in a fault"))?
    })?;
    Ok(per_second(table, &watch))
}

/// One durable write to a new file.
fn written(table: &[u8], file: &Path) -> Result<f64> {
    let watch = Stopwatch::start();
    let mut to = File::create(file)?;
    table.chunks(AT_ONCE).try_for_each(|piece| to.write_all(piece))?;
    to.sync_all()?;
    let rate = per_second(table, &watch);
    std::fs::remove_file(file)?;
    Ok(rate)
}

fn tell(rounds: &[Round], bytes: usize, output: Output) -> Result<()> {
    rounds.first().context("a round")?;
    let middle = |of: fn(&Round) -> f64| median(rounds.iter().map(of).collect());
    let (ours, hop, write) = (middle(|one| one.ours), middle(|one| one.hop), middle(|one| one.write));
    let (floor, ratio) = (middle(Round::floor), middle(|one| one.ours / one.floor()));
    output.object(&json!({
        "bytes": bytes, "rounds": rounds.len(), "bytes_per_second": ours, "hop_bytes_per_second": hop,
        "write_bytes_per_second": write, "floor_bytes_per_second": floor, "ratio_to_floor": ratio,
    }))?;
    output.line(format!("a table of {bytes} bytes from author to receipt; medians of {} rounds", rounds.len()))?;
    let row = |name: &str, rate: f64, ratio: String| vec![name.to_owned(), format!("{:.1}", rate / 1e6), ratio];
    output.table(
        &["", "MB/s", "of the floor"],
        &[
            row("author to receipt, inspected at both ends", ours, format!("{ratio:.2}")),
            row("one TLS hop over loopback", hop, String::new()),
            row("one durable write", write, String::new()),
        ],
    )
}
