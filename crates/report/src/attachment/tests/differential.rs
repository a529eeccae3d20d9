//! Our readers beside others': whatever another reader calls a formula, broken or left over, ours finds.

use super::{ending, inspect, judge, producers::files};

/// A row of numbers that is the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % below
    }

    /// A text of these pieces.
    fn text(&mut self, pieces: &[&str], most: usize) -> String {
        (0..self.next(most)).map(|_| pieces[self.next(pieces.len())]).collect()
    }
}

/// Whether a table has a cell that begins as a formula, read by another reader with this separator.
fn has_formula(text: &str, separator: u8) -> bool {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let records = reader.records().map_while(Result::ok);
    let blank = |letter: char| letter.is_whitespace() || letter == '"';
    let records: Vec<csv::StringRecord> = records.collect();
    // A sign counts in a reading that parts a line; quotes that other readers mend are theirs.
    let parts = records.iter().any(|record| record.len() > 1) && !text.contains('"');
    records.iter().flat_map(csv::StringRecord::iter).any(|cell| {
        let begun = cell.trim_start_matches(blank);
        begun.starts_with(['=', '@']) || (parts && !cell.contains([';', '|', '\t']) && is_signed(begun))
    })
}

/// Whether a cell begins with a sign and goes on as no number does: a name, a reference, a call, a second sign. A dash says
/// that there is no number; what another separator parts is judged by that one's cells.
fn is_signed(cell: &str) -> bool {
    let Some(rest) = cell.strip_prefix(['+', '-']) else { return false };
    let is_name = rest.starts_with(|letter: char| letter.is_ascii_alphabetic());
    let is_dash = cell.trim_end_matches([' ', '"', '\r']).chars().all(|letter| letter == '-');
    is_name || !is_dash && rest.get(1..).is_some_and(|rest| rest.contains(['+', '-']))
}

#[test]
fn whatever_another_reader_calls_a_formula_is_found() {
    let mut numbers = Numbers(0x5eed_1234_5678_9abc);
    let pieces = ["=", "@", "-", "+", "\"", "\"", ",", ";", "\t", "|", "1", "A", "\n", "\r\n", " ", "x"];
    let (mut formulas, mut passed) = (0, 0);
    for _ in 0..60_000 {
        let text = numbers.text(&pieces, 14);
        let ours = inspect("text/csv", &text.as_bytes()).finding;
        let theirs = [b',', b';', b'\t', b'|'].into_iter().any(|separator| has_formula(&text, separator));
        assert!(!theirs || ours.is_some(), "a formula in {text:?}");
        formulas += usize::from(theirs);
        passed += usize::from(ours.is_none());
    }
    println!("csv: {formulas} tables have a formula, all found; {passed} tables pass");
    assert!(formulas > 1_000 && passed > 1_000);
}

#[test]
fn whatever_another_reader_calls_no_json_is_found() {
    let mut numbers = Numbers(0x0ddb_a110_ddba_1100);
    let pieces = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"b\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud800\"",
        "1",
        "-",
        "0",
        ".5",
        "e3",
        "true",
        "null",
        " ",
        "\u{feff}",
        "\"\n\"",
    ];
    let (mut broken, mut passed) = (0, 0);
    for _ in 0..200_000 {
        let text = numbers.text(&pieces, 9);
        let ours = judge("json", &text.as_bytes()).media_type;
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        assert!(theirs.is_ok() || ours.is_err(), "{text:?} is not JSON");
        broken += usize::from(theirs.is_err());
        passed += usize::from(ours.is_ok());
    }
    println!("serde_json: {broken} texts are no JSON, all found; {passed} pass");
    assert!(broken > 1_000 && passed > 1_000);
}

fn decodes_png(bytes: &[u8]) -> bool {
    let Ok(mut reader) = png::Decoder::new(std::io::Cursor::new(bytes)).read_info() else { return false };
    let mut out = vec![0; reader.output_buffer_size().unwrap_or_default()];
    reader.next_frame(&mut out).is_ok() && reader.finish().is_ok()
}

fn decodes_jpeg(bytes: &[u8]) -> bool {
    let options = zune_jpeg::zune_core::options::DecoderOptions::default().set_strict_mode(true);
    let cursor = zune_jpeg::zune_core::bytestream::ZCursor::new(bytes);
    zune_jpeg::JpegDecoder::new_with_options(cursor, options).decode().is_ok()
}

/// Small files as they are, and each with a byte changed or cut off: how many the other reader refuses.
fn beside(is: &str, decodes: fn(&[u8]) -> bool) -> (usize, usize) {
    let mut numbers = Numbers(0xface_0ff5_1234_0001);
    let (mut broken, mut passed) = (0, 0);
    for (name, bytes) in files("pass").iter().filter(|(name, bytes)| name.ends_with(is) && bytes.len() < 9_000) {
        let finds = |bytes: &[u8]| {
            let judged = judge(ending(name), &bytes);
            judged.media_type.is_err() || judged.inspected.finding.is_some()
        };
        assert!(decodes(bytes) && !finds(bytes), "{name}");
        for _ in 0..40 {
            let mut changed = bytes.clone();
            let at = numbers.next(bytes.len());
            if numbers.next(4) == 0 {
                changed.truncate(at);
            } else {
                changed[at] ^= 1 << numbers.next(8);
            }
            let (theirs, ours) = (decodes(&changed), finds(&changed));
            assert!(theirs || ours, "{name}, changed or cut at {at}: the other reader refuses it");
            broken += usize::from(!theirs);
            passed += usize::from(!ours);
        }
    }
    (broken, passed)
}

#[test]
fn whatever_another_reader_calls_a_broken_png_is_found() {
    let (broken, passed) = beside(".png", decodes_png);
    println!("png: {broken} changed files are broken, all found; {passed} changed files pass");
    assert!(broken > 100);
}

#[test]
fn whatever_another_reader_calls_a_broken_jpeg_is_found() {
    let (broken, passed) = beside(".jpg", decodes_jpeg);
    println!("zune-jpeg: {broken} changed files are broken, all found; {passed} changed files pass");
    assert!(broken > 50);
}
