//! How long the look for hold words takes: a report of 4 KiB, with the laboratory's list and with one of 20,000 words.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use relto_policy::content::HoldWords;
use std::{error::Error, hint::black_box, time::Instant};

const SAMPLES: usize = 301;
const BATCH: u32 = 50;
const KIB: usize = 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let prose = "The vessels left the harbour after sunset and moved along the northern edge of the corridor. We assess \
                 that the crew tested equipment, and that a second crossing would follow within days. ";
    let english: String = prose.repeat(100).chars().take(4 * KIB).collect();
    let french: String = "Les navires ont quitté la rade après le coucher du soleil, puis longé la côte à l'écart des \
                          routes habituelles. "
        .repeat(100)
        .chars()
        .take(4 * KIB)
        .collect();
    let lab = HoldWords::read("hold-words.txt", include_bytes!("../../../examples/hold-words.txt"))?;
    let long = HoldWords::read("long", many(20_000).as_bytes())?;
    for (what, words) in [("3 words", &lab), ("20,000 words", &long)] {
        for (language, text) in [("English", &english), ("French", &french)] {
            println!("{language}, 4 KiB, {what:<14} {:>8} ns", median(words, text));
        }
    }
    let worst = "a ".repeat(512 * KIB);
    let mib: String = prose.repeat(8_000).chars().take(1024 * KIB).collect();
    let ratio = median_of(&long, &worst, 5, 1) as f64 / median_of(&long, &mib, 5, 1) as f64;
    println!("1 MiB of the worst text against 1 MiB of prose, 20,000 words: {ratio:.1} times");
    Ok(())
}

/// Words that nobody uses, of 6 to 14 letters.
fn many(count: u32) -> String {
    let mut dice = 1_u32;
    let mut next = |most: u32| {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (dice >> 16) % most
    };
    let parts = [
        "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu", "va", "ze", "th",
        "st",
    ];
    let mut word = || (0..3 + next(5)).filter_map(|_| parts.get(next(19) as usize)).copied().collect::<String>();
    let mut out: String = (0..count - 1).map(|n| format!("{}{n}\n", word())).collect();
    out.push_str(&"a".repeat(120));
    out
}

fn median(words: &HoldWords, text: &str) -> u128 {
    median_of(words, text, SAMPLES, BATCH)
}

fn median_of(words: &HoldWords, text: &str, samples: usize, batch: u32) -> u128 {
    let mut samples: Vec<u128> = (0..samples)
        .map(|_| {
            let start = Instant::now();
            for _ in 0..batch {
                black_box(words.stand_in(black_box(text)));
            }
            start.elapsed().as_nanos() / u128::from(batch)
        })
        .collect();
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied().unwrap_or_default()
}
