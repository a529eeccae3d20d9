//! `relto bench parse`: what each node does with the bytes of a report before its decision: decoding, the rules of form, and
//! the look at its content. The floor is to hash the bytes and to see that their texts are UTF-8.

use super::{
    beside::{Piece, Work, measure},
    bundled::Bundled,
    telling,
};
use crate::args::ParseArgs;
use anyhow::{Context as _, Result, anyhow, ensure};
use relto_cli::output::Output;
use relto_policy::content::{inspect, to_look};
use relto_report::{
    assessment::Document,
    shapes::Words,
    wellformed::{self, Ground},
};
use ring::digest::{SHA256, digest};
use serde_json::json;
use std::hint::black_box;

/// A report, and what it is read against.
struct World<'a> {
    bundled: &'a Bundled,
    ground: Ground<'a>,
    words: &'a Words,
    plaintext: Vec<u8>,
    document: Document,
    /// As many bytes, all of them text: lengths and digests in a report are none, and would end the floor's reading.
    text: Vec<u8>,
}

/// Runs the measurement.
pub(super) fn run(args: &ParseArgs, output: Output) -> Result<()> {
    let bundled = Bundled::read()?;
    let words = Words::of(bundled.registers.values());
    let [_, to] = bundled.parties;
    let ground = Ground {
        register: bundled.own()?,
        vocabulary: &bundled.vocabulary,
        words: &words,
        recipient: Some(to),
        home: None,
    };
    let plaintext = bundled.padded(args.size)?;
    let document = Document::decode(plaintext.clone())?;
    let text = plaintext.iter().map(|byte| if byte.is_ascii() { *byte } else { b'?' }).collect();
    let world = World { bundled: &bundled, ground, words: &words, plaintext, document, text };
    let told = measure(vec![world.together(), world.decode(), world.form(), world.look()], &args.rounds)?;
    let bytes = world.plaintext.len();
    let about = format!("a report of {bytes} bytes, one thread; {}", args.rounds.words());
    telling::beside(&about, &told, json!({ "bytes": bytes }), output)
}

/// What a floor is, for people, and the floor.
type Floor<'a> = (&'static str, Work<'a>);

/// One piece of work on one report.
fn piece<'a>(name: &'static str, work: Work<'a>, (floor, bare): Floor<'a>) -> Piece<'a> {
    Piece { name, counted: "reports", count: 1, work, floor, bare }
}

impl World<'_> {
    /// All of it, as it is done for each report.
    fn together(&self) -> Piece<'_> {
        let work = || {
            let document = Document::decode(black_box(&self.plaintext).clone())?;
            self.judge(&document)?;
            self.look_at(&document);
            Ok(())
        };
        piece("decode, form and look", Box::new(work), self.hash_and_read())
    }

    fn decode(&self) -> Piece<'_> {
        let work = || {
            black_box(Document::decode(black_box(&self.plaintext).clone())?);
            Ok(())
        };
        piece("decode", Box::new(work), self.hash_and_read())
    }

    fn form(&self) -> Piece<'_> {
        piece("rules of form", Box::new(|| self.judge(black_box(&self.document))), self.read_alone())
    }

    fn look(&self) -> Piece<'_> {
        let work = || {
            self.look_at(black_box(&self.document));
            Ok(())
        };
        piece("look at the content", Box::new(work), self.read_alone())
    }

    fn judge(&self, document: &Document) -> Result<()> {
        wellformed::check(document, &self.ground).map_err(|rule| anyhow!("the bundled report breaks {rule}"))
    }

    /// What officers look at whatever the rules, and hold words.
    fn look_at(&self, document: &Document) {
        black_box(to_look(document, self.words));
        black_box(inspect(document, Some(&self.bundled.hold_words)));
    }

    fn hash_and_read(&self) -> Floor<'_> {
        let bare = || {
            black_box(digest(&SHA256, black_box(&self.plaintext)));
            self.read()
        };
        ("SHA-256 and UTF-8 of the same bytes", Box::new(bare))
    }

    fn read_alone(&self) -> Floor<'_> {
        ("UTF-8 of the same bytes", Box::new(|| self.read()))
    }

    fn read(&self) -> Result<()> {
        let text = std::str::from_utf8(black_box(&self.text)).context("the floor's text")?;
        ensure!(!black_box(text).is_empty(), "the floor's text is empty");
        Ok(())
    }
}
