//! How long a node takes over a report before its decision: decoding, the rules of form, what an officer must look at, and
//! hold words. The example report, padded to 4 KiB.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use relto_policy::content::{HoldWords, to_look};
use relto_report::{
    assessment::{Block, Document, MarkedText, Portion},
    calendar::Timestamp,
    file::{Context, parse},
    nation::Nation,
    register::Register,
    shapes::Words,
    vocabulary::Vocabulary,
    wellformed::{self, Ground},
};
use std::{error::Error, hint::black_box, time::Instant};

const SAMPLES: usize = 301;
const BATCH: u32 = 20;
const SIZE: usize = 4096;

fn main() -> Result<(), Box<dyn Error>> {
    let own = Register::read("XAA", include_bytes!("../../../examples/markings-XAA.toml"))?;
    let other = Register::read("XBB", include_bytes!("../../../examples/markings-XBB.toml"))?;
    let vocabulary = Vocabulary::read("vocabulary", include_bytes!("../../../examples/vocabulary.toml"))?;
    let list = HoldWords::read("hold-words.txt", include_bytes!("../../../examples/hold-words.txt"))?;
    let plaintext = padded(&own, &vocabulary)?;
    let words = Words::of([&own, &other]);
    let ground =
        Ground { register: &own, vocabulary: &vocabulary, words: &words, recipient: Nation::parse("XBB"), home: None };
    let document = Document::decode(plaintext.clone())?;
    wellformed::check(&document, &ground)?;
    println!("a report of {} bytes", plaintext.len());
    let decode = median(|| Document::decode(black_box(plaintext.clone())).is_ok());
    let form = median(|| wellformed::check(black_box(&document), &ground).is_ok());
    let look = median(|| to_look(black_box(&document), &words).is_empty());
    let hold =
        median(|| black_box(&document).report().portions.iter().any(|one| list.stand_in_portion(&one.body.text)));
    for (what, nanos) in
        [("decode", decode), ("rules of form", form), ("what officers look at", look), ("hold words", hold)]
    {
        println!("  {what:<24} {nanos:>8} ns");
    }
    println!("  {:<24} {:>8} ns", "together", decode + form + look + hold);
    Ok(())
}

/// The bytes of the example report, with prose added.
fn padded(own: &Register, vocabulary: &Vocabulary) -> Result<Vec<u8>, Box<dyn Error>> {
    let now = Timestamp::parse("2026-11-17T12:00:00Z").ok_or("no time")?;
    let text = include_bytes!("../../../examples/reports/linux-port-numbers.md");
    let parsed = parse("report.md", text, &Context::new(own, vocabulary, now))?;
    let mut report = parsed.document.report().clone();
    let prose = "The vessels left the harbour after sunset and moved along the northern edge of the corridor. ";
    while Document::lay_out(&report, &[]).len() + 400 < SIZE {
        let body = MarkedText { mark: "U//REL TO XAA, XBB".to_owned(), text: prose.repeat(4).trim_end().to_owned() };
        report.portions.push(Portion { block: Block::Paragraph, body });
    }
    Ok(Document::lay_out(&report, &[]))
}

fn median(mut work: impl FnMut() -> bool) -> u128 {
    let mut samples: Vec<u128> = (0..SAMPLES)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..BATCH {
                black_box(work());
            }
            start.elapsed().as_nanos() / u128::from(BATCH)
        })
        .collect();
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}
