//! Names, endings, contents, and that each type goes to its own reader.

use super::{looks::Shown, *};

fn kind(name: &str, bytes: &[u8]) -> Result<&'static str, Mismatch> {
    media_type(name, &bytes)
}

#[test]
fn content_and_ending_must_agree() {
    let content = |looks| Err(Mismatch::Content(looks));
    for (name, bytes, wanted) in [
        ("a.csv", &b"time,lat\n1,2\n"[..], Ok("text/csv")),
        ("a.csv", b"\xef\xbb\xbftime,lat\n1,2\n", Ok("text/csv")),
        ("a.csv", b"", Ok("text/csv")),
        ("A.CSV", b"time,lat\n1,2\n", Ok("text/csv")),
        ("a.csv", b"PK\x03\x04rest", content(Looks::Other(Format::Zip))),
        ("a.csv", b"MZone,b\n", Ok("text/csv")),
        ("a.csv", b"BMone,b\n", Ok("text/csv")),
        ("a.csv", b"MZ\x90\0\0", content(Looks::Other(Format::WindowsProgram))),
        ("a.csv", b"x\x0by", content(Looks::Controls(1))),
        ("a.pdf", b"%PDF-1.7\n", Ok("application/pdf")),
        ("T.PDF", b"%PDF-1.7\n", Ok("application/pdf")),
        ("a.pdf", b"\xef\xbb\xbf%PDF-1.7\n", content(Looks::Behind(Shown::Pdf))),
        ("a.pdf", b"hello", content(Looks::Text)),
        ("a.pdf", b"", content(Looks::Empty)),
        ("a.csv", b"%PDF-1.7\n", content(Looks::Pdf)),
        ("a.png", b"\x89PNG\r\n\x1a\n..", Ok("image/png")),
        ("a.png", b"GIF89a", content(Looks::Other(Format::Gif))),
        ("a.png", b"RIFF....WEBP", content(Looks::Other(Format::Webp))),
        ("a.Jpg", b"\xff\xd8\xff\xe0", Ok("image/jpeg")),
        ("a.json", b" {\"a\": [1, -2.5e3, true, null, \"x\\u00e9\"]} ", Ok("application/json")),
        ("a.GeoJSON", b"{}", Ok("application/geo+json")),
        ("a.json", b"{\"a\": }", Err(Mismatch::Json(JsonFault::Form, 6))),
        ("a.json", b"\xef\xbb\xbf{}", Err(Mismatch::Json(JsonFault::Mark, 0))),
        ("a.json", b"{\0\"\0a\0", content(Looks::Utf16)),
        ("a.json", b"\"caf\xe9\"", content(Looks::OneByte)),
        ("a.json", b"\xff\xfe{\0}\0", content(Looks::Utf16)),
        ("a.exe", b"MZ\x90", Err(Mismatch::Ending(Looks::Other(Format::WindowsProgram)))),
        ("a.txt", b"text", Err(Mismatch::Ending(Looks::Text))),
        ("a", b"text", Err(Mismatch::Ending(Looks::Text))),
    ] {
        assert_eq!(kind(name, bytes), wanted, "{name} {bytes:?}");
    }
}

#[test]
fn what_a_text_is_written_in_is_named() {
    let utf16: Vec<u8> = "a;b\r\né;2\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = "a;b\r\né;2\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (bytes, wanted) in [
        ([&b"\xff\xfe"[..], &utf16].concat(), Looks::Utf16),
        ([&b"\xfe\xff"[..], &big].concat(), Looks::Utf16),
        (utf16, Looks::Utf16),
        (big, Looks::Utf16),
        (b"\xff\xfe\0\0a\0\0\0".to_vec(), Looks::Utf32),
        (b"Ort;Wert\r\nZ\xfcrich;\x80 5\r\n".to_vec(), Looks::OneByte),
        (b"\x01\x02\xff\0".to_vec(), Looks::Unknown),
    ] {
        assert_eq!(kind("a.csv", &bytes), Err(Mismatch::Content(wanted)), "{bytes:?}");
    }
}

#[test]
fn office_documents_are_told_from_archives() {
    let archive = |names: &[&str]| {
        let parts = names.iter().map(|name| [b"PK\x03\x04................".as_slice(), name.as_bytes()].concat());
        parts.collect::<Vec<_>>().concat()
    };
    for (names, wanted) in [
        (&["[Content_Types].xml", "xl/workbook.xml"][..], Format::Xlsx),
        (&["[Content_Types].xml", "word/document.xml"], Format::Docx),
        (&["[Content_Types].xml", "ppt/presentation.xml"], Format::Pptx),
        (&["[Content_Types].xml", "x"], Format::Office),
        (&["mimetypeapplication/vnd.oasis.opendocument.spreadsheet"], Format::OpenDocument),
        (&["a.csv"], Format::Zip),
    ] {
        assert_eq!(kind("a.csv", &archive(names)), Err(Mismatch::Content(Looks::Other(wanted))), "{names:?}");
        assert_eq!(kind("a.xlsx", &archive(names)), Err(Mismatch::Ending(Looks::Other(wanted))), "{names:?}");
    }
}

#[test]
fn names_have_no_path() {
    assert!(is_plain_name("sierra-14-track.csv"));
    for bad in ["", "../x.csv", ".hidden.csv", "a b.csv", "a/b.csv", "é.csv", &"x".repeat(121)] {
        assert!(!is_plain_name(bad), "{bad}");
    }
}

#[test]
fn one_entry_judges_type_and_content() {
    let judged = judge("CSV", &&b"a,=1\n"[..]);
    assert_eq!(judged.media_type, Ok("text/csv"));
    assert_eq!(judged.inspected.finding.map(|one| (one.sort, one.at)), Some((Sort::Active, At::Cell(1, 2))));
    let judged = judge("csv", &&b"%PDF-1.7"[..]);
    assert_eq!((judged.media_type, judged.inspected), (Err(Mismatch::Content(Looks::Pdf)), Inspected::default()));
    assert_eq!(judge("json", &&b"{\"a\":\"=1+1\"}"[..]).inspected, Inspected::default());
    assert_eq!(inspect("application/geo+json", &&b"{}"[..]), Inspected::default());
    let twice = inspect("application/json", &&b"{\"a\":1,\"a\":2}"[..]).finding.unwrap();
    assert_eq!((twice.sort, twice.at, twice.advice), (Sort::Odd, At::Byte(7), Advice::MendJson));
    assert_eq!(inspect("application/zip", &&b"PK"[..]).finding.map(|one| one.sort), Some(Sort::Odd));
    let mismatch = Mismatch::Json(JsonFault::Depth, 7);
    assert_eq!(crate::codec::decode::<Mismatch, 64>(&crate::codec::encode(&mismatch)), Ok(mismatch));
}
