//! What the fuzz targets call: each takes any bytes and panics only where a promise of this crate is broken.

use crate::{
    assessment::{Document, Hashing},
    attachment::{
        bytes::{Bytes, Unread, held},
        clean::clean,
        inspect, judge, pdf,
    },
    calendar::Timestamp,
    codec::Validate as _,
    file::{Context, parse},
    inspection::{
        frame,
        talk::{Next, Talk},
    },
    marking::{read_banner, read_portion},
    register::Register,
    vocabulary::Vocabulary,
};
use std::{cell::Cell, fmt::Write as _, sync::LazyLock};

// Read once, so that a target spends its time on what is under test.
static REGISTER: LazyLock<Option<Register>> =
    LazyLock::new(|| Register::read("XAA", include_bytes!("../../../examples/markings-XAA.toml")).ok());
static VOCABULARY: LazyLock<Option<Vocabulary>> =
    LazyLock::new(|| Vocabulary::read("vocabulary", include_bytes!("../../../examples/vocabulary.toml")).ok());
const TRACK: &[u8] = include_bytes!("../../../examples/sierra-14-track.csv");

/// A report file and, behind a zero byte, its home file: read or refused with a reason; what is read has one canonical
/// form. The example's attachment lies beside it.
pub fn fuzz_report_file(bytes: &[u8]) {
    let (Some(register), Some(vocabulary)) = (&*REGISTER, &*VOCABULARY) else { return };
    let attachment = |name: &str| (name == "sierra-14-track.csv").then(|| held(TRACK.to_vec()));
    let mut context = Context::new(register, vocabulary, Timestamp::from_seconds(1_794_916_800));
    context.attachment = &attachment;
    let mut files = bytes.splitn(2, |byte| *byte == 0);
    let report = files.next().unwrap_or_default();
    context.home = files.next().map(|home| ("report.home.toml", home));
    match parse("report.md", report, &context) {
        Ok(parsed) => {
            let again = Document::decode(parsed.document.plaintext().to_vec());
            assert!(again.is_ok_and(|again| again == parsed.document), "a report that was read does not decode");
        }
        Err(faults) => assert!(faults.has_errors(), "refused without a reason"),
    }
}

/// A plaintext: what decodes is written back as the same bytes, and is taken piece by piece as it is whole.
pub fn fuzz_report_bytes(bytes: &[u8]) {
    let decoded = Document::decode(bytes.to_vec());
    let mut hashing = Hashing::new();
    bytes.chunks(usize::from(bytes.last().copied().unwrap_or_default()).max(1)).for_each(|piece| hashing.push(piece));
    let fault = hashing.finish().1.err();
    assert!(fault == decoded.as_ref().err().copied(), "two judgements of one plaintext");
    let Ok(document) = decoded else { return };
    let count = document.report().attachments.len();
    let attached: Vec<&[u8]> = (0..count).filter_map(|n| document.attached(n)?.here()).collect();
    assert_eq!(attached.len(), count, "an attachment of a decoded report is missing");
    assert!(Document::lay_out(document.report(), &attached) == bytes, "a plaintext has two spellings");
}

/// A mark and a banner: what reads without a fault is read again as the same from its canonical words.
pub fn fuzz_marking(bytes: &[u8]) {
    let (Some(register), Ok(text)) = (&*REGISTER, std::str::from_utf8(bytes)) else { return };
    let (mark, faults) = read_portion(text, register);
    faults.iter().for_each(|fault| drop(fault.kind.message(register)));
    if faults.is_empty() {
        assert!(read_portion(&mark.canonical(register), register) == (mark, faults), "a mark has two readings");
    }
    let (banner, faults) = read_banner(text, register);
    faults.iter().for_each(|fault| drop(fault.kind.message(register)));
    if faults.is_empty() {
        let again = read_banner(&banner.canonical(register), register);
        let same = again.1.is_empty() && (again.0.level, &again.0.controls) == (banner.level, &banner.controls);
        assert!(same, "a banner has two readings");
    }
}

/// Counts the bytes that are read of a file.
pub(crate) struct Counted<'b> {
    pub(crate) bytes: &'b [u8],
    pub(crate) read: Cell<u64>,
}

impl Bytes for Counted<'_> {
    fn length(&self) -> u64 {
        self.bytes.length()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<(), Unread> {
        self.read.set(self.read.get().saturating_add(u64::try_from(into.len()).unwrap_or(u64::MAX)));
        self.bytes.read_at(offset, into)
    }
}

/// A PDF attachment, as it is and once more with a right table for the objects in it: what is said of it is well-formed,
/// and no more was read than may be.
pub fn fuzz_attachment_pdf(bytes: &[u8]) {
    for bytes in [bytes, &with_table(bytes)] {
        let file = Counted { bytes, read: Cell::new(0) };
        let found = pdf::inspect(&file);
        assert!(found.validate().is_ok(), "what is said of an attachment is out of bounds");
        let most = file.length().saturating_mul(4).saturating_add(1024 * 1024);
        assert!(file.read.get() <= most, "a PDF was read too often");
    }
}

/// The objects of a file with a table that has them, so that what is changed in them is looked at.
pub(crate) fn with_table(bytes: &[u8]) -> Vec<u8> {
    let end = bytes.windows(6).rposition(|six| six == b"\nxref\n").unwrap_or(bytes.len());
    let mut out = bytes.get(..end).unwrap_or_default().to_vec();
    let mut rows = String::new();
    let mut at = 0_usize;
    for line in out.split_inclusive(|byte| *byte == b'\n') {
        let text = std::str::from_utf8(line.get(..line.len().min(24)).unwrap_or_default()).unwrap_or_default();
        if let Some((number, rest)) = text.split_once(' ')
            && rest.starts_with("0 obj")
            && let Ok(number) = number.parse::<u32>()
        {
            let _ = write!(rows, "{number} 1\n{at:010} 00000 n \n");
        }
        at = at.saturating_add(line.len());
    }
    let table = out.len().saturating_add(1);
    let tail = format!("\nxref\n{rows}trailer\n<< /Root 1 0 R /Info 5 0 R >>\nstartxref\n{table}\n%%EOF\n");
    out.extend_from_slice(tail.as_bytes());
    out
}

/// A PNG: inspected, and clean once it was cleaned.
pub fn fuzz_attachment_png(bytes: &[u8]) {
    image("image/png", bytes);
}

/// A JPEG: inspected, and clean once it was cleaned.
pub fn fuzz_attachment_jpeg(bytes: &[u8]) {
    image("image/jpeg", bytes);
}

fn image(media_type: &str, bytes: &[u8]) {
    let found = inspect(media_type, &bytes);
    assert!(found.validate().is_ok(), "what an inspector says is within its bounds");
    if let Ok(cleaned) = clean(&bytes) {
        assert!(cleaned.bytes.len() <= bytes.len().saturating_add(64), "an image grows by cleaning");
        assert!(found.finding.is_some() || cleaned.bytes == bytes, "a clean image is changed by cleaning");
        let again = clean(&cleaned.bytes.as_slice());
        assert!(again.is_ok_and(|again| again.bytes == cleaned.bytes), "a cleaned image is not clean");
    }
}

/// A table: what passes has no line that chooses a separator, and no cell behind a comma that begins as a formula.
pub fn fuzz_attachment_csv(bytes: &[u8]) {
    let judged = judge("csv", &bytes);
    assert!(judged.inspected.validate().is_ok(), "what an inspector says is within its bounds");
    if judged.media_type.is_ok() && judged.inspected.finding.is_none() {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.starts_with("sep="), "a line that chooses the separator passes");
        let plain = !text.contains('"');
        assert!(
            !(plain && [",=", ";@", "\t=", "|=", "\n="].iter().any(|start| text.contains(start))),
            "a formula passes"
        );
    }
}

/// A JSON text: judged alike as JSON and as GeoJSON.
pub fn fuzz_attachment_json(bytes: &[u8]) {
    let (json, geojson) = (judge("json", &bytes), judge("geojson", &bytes));
    assert_eq!(json.media_type.is_ok(), geojson.media_type.is_ok(), "one form, two judgements");
    assert_eq!(
        json.media_type.is_ok(),
        inspect("application/json", &bytes).finding.is_none() && !bytes.starts_with(b"PK")
    );
}

/// Frames of an inspector that a file has taken over, each with its length before it; the first eight bytes are the
/// length of the file. Nothing is given that is not the file's, no more than four times the file and a MiB, and a verdict
/// only when all was.
pub fn fuzz_inspector(bytes: &[u8]) {
    let Some((length, mut rest)) = bytes.split_first_chunk::<8>() else { return };
    let length = u64::from_le_bytes(*length);
    let mut talk = Talk::new(1, length);
    let mut given = 0_u64;
    while let Some((header, behind)) = rest.split_first_chunk::<4>() {
        let Some(body) = frame::length(*header, frame::MAX_SAID).ok().and_then(|count| behind.get(..count)) else {
            return;
        };
        rest = behind.get(body.len()..).unwrap_or_default();
        let Ok(said) = frame::from_child(body) else { return };
        assert!(frame::write(&said).get(4..) == Some(body), "a frame has two spellings");
        match talk.hear(said) {
            Ok(Next::Send { offset, length: count }) => {
                let count = u64::try_from(count).unwrap_or(u64::MAX);
                given = given.saturating_add(count);
                assert!(offset.checked_add(count).is_some_and(|end| end <= length), "beyond the file");
                assert!(given <= length.saturating_mul(4).saturating_add(1024 * 1024), "too often");
            }
            Ok(Next::Judged(look)) => {
                assert!(given >= length, "judged what it had not read");
                assert!(look.validate().is_ok(), "what is said of an attachment is out of bounds");
                return;
            }
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_and_noise_pass() {
        assert!(REGISTER.is_some() && VOCABULARY.is_some(), "the examples read, or nothing is tested");
        let report = include_bytes!("../../../examples/report.md");
        fuzz_report_file(report);
        for end in (0..report.len()).step_by(97) {
            fuzz_report_file(&report[..end]);
            fuzz_report_bytes(&report[..end]);
        }
        let page = "%PDF-1.4\n1 0 obj\n<< /Pages 2 0 R >>\nendobj\n5 0 obj\n<< /Author (J. Doe) >>\nendobj";
        let found = pdf::inspect(&with_table(page.as_bytes()).as_slice());
        assert!(found.finding.is_none() && found.names.len() == 1, "a right table is made: {found:?}");
        for end in 0..page.len() {
            fuzz_attachment_pdf(&page.as_bytes()[..end]);
        }
        for mark in [
            "S//REL TO XAA, XBB",
            "//XCC C//OC/REL",
            "SECRET//FGI XCC//NOFORN",
            "//",
            "/",
            "S//REL TO",
            "\u{a0}",
            "//FGI",
        ] {
            fuzz_marking(mark.as_bytes());
            for end in 0..mark.len() {
                fuzz_marking(&mark.as_bytes()[..end]);
            }
        }
    }
}
