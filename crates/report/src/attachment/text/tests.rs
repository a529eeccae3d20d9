//! By blocks nothing else is seen than in the whole text.

use super::*;
use crate::{csv_cells, json_strings};
use std::cell::Cell;

/// A file that is not in memory.
struct There<'b>(&'b [u8]);

impl Bytes for There<'_> {
    fn length(&self) -> u64 {
        self.0.length()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        self.0.read_at(offset, into)
    }
}

/// A row of numbers that is the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % below
    }

    fn text(&mut self, pieces: &[&str], most: usize) -> String {
        (0..self.next(most)).map(|_| pieces[self.next(pieces.len())]).collect()
    }
}

/// What every search of the program is asked of a text, with the blocks that it had.
fn asked(bytes: &[u8], way: Way, sizes: Option<Sizes>) -> (Vec<String>, usize) {
    let (mut out, mut blocks) = (Vec::new(), 0);
    let see = |block: &Block<'_>| {
        blocks += 1;
        let mut tell = |what: &str, text: &str| {
            if !text.is_empty() {
                out.push(format!("{what} {text}"));
            }
            false
        };
        match way {
            Way::Csv => {
                for reading in block.readings {
                    let name = format!("{reading:?}");
                    csv_cells::any_from(block.text, &[*reading], |cell| tell(&name, cell));
                }
            }
            Way::Json => {
                json_strings::any(block.text, |at, text| {
                    let line = block.line + block.text[..at].matches('\n').count();
                    tell(&format!("string {line}"), &format!("[{text}]"))
                });
                json_strings::any_number(block.text, |text| tell("number", text));
            }
        }
        false
    };
    let found = match sizes {
        Some(sizes) => any_block_of(&There(bytes), way, sizes, see).unwrap(),
        None => any_block(&bytes, way, see).unwrap(),
    };
    assert!(!found);
    out.sort();
    (out, blocks)
}

/// Small blocks, which are never so long that one must end anywhere.
const SMALL: Sizes = Sizes { block: 16, most: 1 << 20, overlap: 8 };

#[test]
fn a_table_is_seen_by_blocks_as_it_is_whole() {
    let pieces = [
        "a",
        "bc d",
        "é",
        "🦊",
        "²",
        "①",
        "\"",
        "\"\"",
        ",",
        ";",
        "\t",
        "|",
        "\n",
        "\r\n",
        " ",
        "\u{feff}",
        "\"x, y\"",
        ",\"a\nb\",",
        "\n\"q\"\n",
        "1234567,\n",
        "\n\n",
    ];
    let mut numbers = Numbers(35);
    let mut parted = 0;
    for round in 0..4000 {
        // Most tables have few quotes; a lone one joins all that is behind it.
        let pieces = if round % 2 == 0 { &pieces[..] } else { &pieces[8..] };
        let mut bytes = numbers.text(pieces, 120).into_bytes();
        if round % 5 == 0 && !bytes.is_empty() {
            let at = numbers.next(bytes.len());
            bytes[at] = 0xE2;
        }
        let text = String::from_utf8_lossy(&bytes);
        let (whole, _) = asked(&bytes, Way::Csv, None);
        let (by_blocks, blocks) = asked(&bytes, Way::Csv, Some(SMALL));
        assert_eq!(by_blocks, whole, "{text:?}");
        parted += usize::from(blocks > 2);
    }
    assert!(parted > 500, "{parted}");
}

#[test]
fn json_is_seen_by_blocks_as_it_is_whole() {
    let pieces = [
        "a",
        "é",
        "🦊",
        "\"",
        "\\",
        "\\\"",
        "\\\\",
        "\\u00e9",
        ",",
        ":",
        "{",
        "}",
        "[",
        "]",
        "\n",
        " ",
        "-12.5e3",
        "7",
        "true",
        "\"b c\"",
        "\"x\\\"y\":",
        "null,\n",
        "[1,2,3]",
    ];
    let mut numbers = Numbers(36);
    let mut parted = 0;
    for round in 0..4000 {
        let mut bytes = numbers.text(&pieces, 100).into_bytes();
        if round % 5 == 0 && !bytes.is_empty() {
            let at = numbers.next(bytes.len());
            bytes[at] = 0xF0;
        }
        let text = String::from_utf8_lossy(&bytes);
        let (whole, _) = asked(&bytes, Way::Json, None);
        let (by_blocks, blocks) = asked(&bytes, Way::Json, Some(SMALL));
        assert_eq!(by_blocks, whole, "{text:?}");
        parted += usize::from(blocks > 2);
    }
    assert!(parted > 500, "{parted}");
}

#[test]
fn blocks_are_the_text_with_its_lines() {
    let text: String = (0..400).map(|n| format!("{n};\"é\n{n}\"\n")).collect();
    let (mut seen, mut lines) = (String::new(), 1);
    let found = any_block_of(&There(text.as_bytes()), Way::Csv, SMALL, |block| {
        assert_eq!(block.line, lines);
        assert!(block.text.len() <= 48 && block.text.ends_with("\"\n"));
        seen.push_str(block.text);
        lines += block.text.matches('\n').count();
        false
    });
    assert!(found == Ok(false) && seen == text);
}

#[test]
fn what_cannot_be_parted_well_is_seen_nevertheless() {
    let sizes = Sizes { block: 16, most: 64, overlap: 24 };
    for (way, open, close) in [
        (Way::Csv, "a;\"", "\"\nb"),
        (Way::Csv, "", ""),
        (Way::Csv, "x,\"\"\"\"", "\""),
        (Way::Json, "[\"", "\"]"),
        (Way::Json, "[\"\\\\", "\\\""),
    ] {
        for before in 0..200 {
            for filler in ["x", "é", "\\\\", "\"\"", "7, "] {
                let text = format!("{open}{} needle, found {}{close}", filler.repeat(before), filler.repeat(90));
                let mut longest = 0;
                let found = any_block_of(&There(text.as_bytes()), way, sizes, |block| {
                    longest = longest.max(block.text.len());
                    block.text.contains("needle, found")
                });
                assert_eq!(found, Ok(true), "{text:?}");
                assert!(longest <= 64 + 16 + 1, "{longest}");
            }
        }
    }
}

#[test]
fn a_long_cell_or_string_stays_one_where_it_is_parted() {
    let sizes = Sizes { block: 16, most: 64, overlap: 24 };
    let text = format!("a,b\nc,\"{}glass, harbour{}\",d\n", "x y ".repeat(60), " x y".repeat(40));
    let is_in_cell =
        |block: &Block<'_>| csv_cells::any_from(block.text, block.readings, |cell| cell.contains("glass, harbour"));
    assert_eq!(any_block_of(&There(text.as_bytes()), Way::Csv, sizes, is_in_cell), Ok(true));
    let text = format!("[1, \"{}glass, 12 harbour{}\", 3]", "x y ".repeat(60), " x y".repeat(40));
    let mut numbers = Vec::new();
    let found = any_block_of(&There(text.as_bytes()), Way::Json, sizes, |block| {
        json_strings::any_number(block.text, |one| {
            numbers.push(one.to_owned());
            false
        });
        json_strings::any(block.text, |_, one| one.contains("glass, 12 harbour"));
        false
    });
    assert_eq!((found, numbers), (Ok(false), vec!["1".to_owned(), "3".to_owned()]));
}

#[test]
fn what_cannot_be_read_is_never_nothing() {
    struct Broken(Cell<u64>);
    impl Bytes for Broken {
        fn length(&self) -> u64 {
            1000
        }
        fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
            into.fill(b'\n');
            if offset >= self.0.get() { Err(Unread) } else { Ok(()) }
        }
    }
    for way in [Way::Csv, Way::Json] {
        for good in [0, 16, 500] {
            assert_eq!(any_block_of(&Broken(Cell::new(good)), way, SMALL, |_| false), Err(Unread));
        }
        assert_eq!(any_block_of(&There(b""), way, SMALL, |block| !block.text.is_empty()), Ok(false));
    }
}
