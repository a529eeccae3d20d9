//! Bytes that belong to no part, parts that are there twice, and tables that say another thing than the file.

use super::{
    Sort, finding,
    made::{File, HEADER, Made, Row, flate, stream},
    sort, told,
};

const SCRIPT: &str = "<< /S /JavaScript /JS (app.alert) >>";

fn odd(bytes: &[u8], what: &str) {
    let (sort, found) = told(bytes);
    assert!(
        sort.is_some() && found.contains(what),
        "{sort:?} {found} and not {what}: {}",
        String::from_utf8_lossy(bytes)
    );
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "places stay");
    let at = bytes.windows(from.len()).position(|window| window == from.as_bytes()).expect("it is there");
    let mut out = bytes.to_vec();
    out[at..at + to.len()].copy_from_slice(to.as_bytes());
    out
}

#[test]
fn nothing_stands_before_the_beginning_or_behind_the_end() {
    let good = Made::default().clear();
    assert_eq!(finding(&good), None);
    for end in ["\r\n", "\n", "\r", ""] {
        assert_eq!(finding(&[good.trim_ascii_end(), end.as_bytes()].concat()), None);
    }
    for (before, behind) in [
        ("PK\u{3}\u{4}", ""),
        ("\u{feff}", ""),
        ("\n", ""),
        ("GIF89a", ""),
        ("", "\n"),
        ("", "PK\u{5}\u{6}"),
        ("", "<html>"),
        ("", "\0"),
        ("", "%%EOF\n"),
        ("", "% x\n%%EOF\n"),
        ("", "1 0 obj null endobj\n%%EOF\n"),
        ("", "startxref\n0\n%%EOF\n"),
        ("", "startxref\n17\n%%EOF\n"),
    ] {
        assert!(sort(&[before.as_bytes(), &good, behind.as_bytes()].concat()).is_some(), "{before:?} {behind:?}");
    }
    for version in ["%PDF-1.8", "%PDF-3.0", "%PDF-2.1", "%PDF-1,7", "%!PS-1.7", "%PDF_1.7"] {
        assert!(sort(&replaced(&good, "%PDF-1.7", version)).is_some(), "{version}");
    }
    for version in ["%PDF-1.0", "%PDF-1.3", "%PDF-2.0"] {
        assert_eq!(finding(&replaced(&good, "%PDF-1.7", version)), None);
    }
    for cut in 0..good.len() - 1 {
        assert!(sort(&good[..cut]).is_some(), "{cut}");
    }
}

#[test]
fn an_earlier_state_of_an_object_is_hidden() {
    let first = Made::with(&["(old)"]).clear();
    let mut bytes = first.clone();
    let prev = bytes.windows(5).rposition(|five| five == b"xref\n").unwrap();
    let prev = bytes[..prev].windows(5).rposition(|five| five == b"xref\n").map_or(prev, |at| at);
    let at = bytes.len();
    bytes.extend_from_slice(b"5 0 obj\n(new)\nendobj\n");
    let table = bytes.len();
    let tail = format!(
        "xref\n5 1\n{at:010} 00000 n \ntrailer\n<< /Size 6 /Root 1 0 R /Prev {prev} >>\nstartxref\n{table}\n%%EOF\n"
    );
    bytes.extend_from_slice(tail.as_bytes());
    assert_eq!(told(&bytes), (Some(Sort::Hidden), "an earlier state of object 5 is still in the file".to_owned()));
    // A number that was free before is no earlier state.
    let text = String::from_utf8_lossy(&bytes[first.len()..]).into_owned();
    let fresh = text.replace("5 0 obj", "6 0 obj").replace("5 1\n", "6 1\n").replace("Size 6", "Size 7");
    assert_eq!(finding(&[first.as_slice(), fresh.as_bytes()].concat()), None);
    // An object that is taken back is still there.
    let gone = text.replace(&format!("{at:010} 00000 n "), "0000000000 00001 f ");
    let gone = [first.as_slice(), gone.replace("5 0 obj\n(new)\nendobj\n", "").as_bytes()].concat();
    let gone = String::from_utf8_lossy(&gone).replace(&format!("startxref\n{table}"), &format!("startxref\n{at}"));
    assert_eq!(sort(gone.as_bytes()), Some(Sort::Hidden), "{gone}");
}

#[test]
fn every_object_is_in_the_table_and_every_row_is_right() {
    let mut file = File::begin();
    (1..).zip(Made::default().bodies()).for_each(|(number, body)| file.object(number, &body));
    file.unlisted(5, SCRIPT.as_bytes());
    file.unlisted(6, b"(text)");
    let bytes = file.end("");
    assert!(sort(&bytes).is_some());
    odd(&replaced(&bytes, SCRIPT, &" ".repeat(SCRIPT.len())), "");
    odd(&replaced(&bytes, SCRIPT, &format!("{:w$}", "null", w = SCRIPT.len())), "object 5, which no table");
    // A table that points elsewhere, or to what lies in a stream, a string or a comment.
    let inner = "9 0 obj << /S /Launch >> endobj";
    for (hidden, what) in [
        (stream("", inner.as_bytes()), "a stream that looks like an object"),
        (format!("({inner})").into_bytes(), "a string that looks like an object"),
        (format!("null % {inner}\n").into_bytes(), "a comment that names an object"),
        (b"(trailer <</Root<</AA 5 0 R>>>>)".to_vec(), "a string that looks like an object"),
        (format!("[{inner}]").into_bytes(), "a word where a value is due"),
        (b"(9 \\\n0 obj)".to_vec(), ""),
    ] {
        let made = Made { objects: vec![hidden], ..Made::default() };
        if what.is_empty() {
            assert_eq!(finding(&made.clear()), None);
        } else {
            odd(&made.clear(), what);
        }
    }
    for shift in [1, 7] {
        let mut file = File::begin();
        (1..).zip(Made::with(&["null"]).bodies()).for_each(|(number, body)| file.object(number, &body));
        if let Some(Row::At(at)) = file.rows.last_mut() {
            *at -= shift;
        }
        odd(&file.end(""), "");
    }
    let good = Made::default().clear();
    let table = good.windows(5).position(|five| five == b"xref\n").unwrap();
    odd(&replaced(&good, &format!("startxref\n{table}"), &format!("startxref\n{}", table - 1)), "");
    odd(&replaced(&good, "00000 n \n", "00001 n \n"), "");
    odd(&replaced(&good, "00000 n \n", "00000 n\n\n"), "20 bytes");
    let own = format!("/Prev {table}");
    odd(&Made { trailer: own, ..Made::default() }.clear(), "");
    odd(&Made { trailer: "/Prev 15".to_owned(), ..Made::default() }.clear(), "no table");
    odd(&Made { trailer: "/XRefStm 15".to_owned(), ..Made::default() }.clear(), "no table");
}

#[test]
fn streams_end_where_their_length_and_their_filter_say() {
    let with = |body: Vec<u8>| Made { objects: vec![body], ..Made::default() }.clear();
    let text = |body: &str| with(body.as_bytes().to_vec());
    assert_eq!(finding(&text("<< /Length 3 >> stream\nabc\nendstream")), None);
    assert_eq!(finding(&text("<< /Length 3 >> stream\r\nabcendstream")), None);
    assert_eq!(finding(&Made::with(&["<< /Length 6 0 R >> stream\nabc\nendstream", "3"]).clear()), None);
    for bad in [
        "<< /Length 3 >> stream abc\nendstream",
        "<< /Length 3 >> stream \nabc\nendstream",
        "<< /Length 3 >> stream\rabc\nendstream",
        "<< /Length 2 >> stream\nabc\nendstream",
        "<< /Length 4 >> stream\nabc\n\nendstream x",
        "<< >> stream\nabc\nendstream",
        "<< /Length -1 >> stream\nabc\nendstream",
        "<< /Length 99999999999999999999 >> stream\nabc\nendstream",
        "<< /Length 5 0 R >> stream\nabc\nendstream",
        "<< /Length 4 0 R >> stream\nabc\nendstream",
        "<< /Length 77 0 R >> stream\nabc\nendstream",
        "<< /Length 3 /Length 3 >> stream\nabc\nendstream",
        "[] stream\nabc\nendstream",
        "<< /Length 3 /Filter /Crypt >> stream\nabc\nendstream",
        "<< /Length 3 /Filter /FlateDecode >> stream\nabc\nendstream",
        "<< /Length 3 /Filter 6 0 R >> stream\nabc\nendstream",
    ] {
        odd(&text(bad), "");
    }
    let packed = flate(b"BT ET");
    for (behind, good) in
        [("", true), ("\n", true), ("\r\n", true), ("\r", true), ("\n\n", false), ("x", false), ("\0", false)]
    {
        let data = [packed.as_slice(), behind.as_bytes()].concat();
        assert_eq!(finding(&with(stream("/Filter /FlateDecode", &data))).is_none(), good, "{behind:?}");
    }
    odd(&with(stream("/Filter /FlateDecode", &packed[..packed.len() - 1])), "cut or damaged");
    let mut wrong = packed.clone();
    *wrong.last_mut().unwrap() ^= 1;
    odd(&with(stream("/Filter /FlateDecode", &wrong)), "cut or damaged");
    for (filter, data, good) in [
        ("ASCIIHexDecode", "4142>", true),
        ("ASCIIHexDecode", "4142", false),
        ("ASCIIHexDecode", "41>x", false),
        ("ASCII85Decode", "87cURDZ~>", true),
        ("ASCII85Decode", "~>\n", true),
        ("ASCII85Decode", "87cUR~>PK", false),
        ("RunLengthDecode", "\u{1}ab\u{7f}", false),
        ("LZWDecode", "abc", false),
        ("DCTDecode", "abc", false),
    ] {
        let found = finding(&with(stream(&format!("/Filter /{filter}"), data.as_bytes())));
        assert_eq!(found.is_none(), good, "{filter} {data} {found:?}");
    }
    assert_eq!(finding(&with(stream("/Filter [/RunLengthDecode]", b"\x01ab\xffc\x80"))), None);
    odd(&with(stream("/Filter [/RunLengthDecode]", b"\x01ab\x80rest")), "bytes behind");
    // The standard's own example, and bytes behind its end.
    let lzw = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
    assert_eq!(finding(&with(stream("/Filter /LZWDecode", &lzw))), None);
    odd(&with(stream("/Filter /LZWDecode", &[&lzw[..], b"PK"].concat())), "bytes behind");
}

#[test]
fn object_streams_hide_nothing() {
    let made = Made::with(&[SCRIPT]);
    assert_eq!(sort(&made.packed()), Some(Sort::Active));
    let data = |text: &str| flate(text.as_bytes());
    let within = |pairs: &str, data: &[u8]| {
        let mut file = File::begin();
        (1..).zip(Made::default().bodies()).for_each(|(number, body)| file.object(number, &body));
        file.object(5, &stream(pairs, data));
        file.row(6, Row::In(5, 0));
        file.end_with_stream(7, "")
    };
    let usual = "/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode";
    assert_eq!(finding(&within(usual, &data("6 0 (x)"))), None);
    odd(&within(usual, &data(&format!("6 0 {SCRIPT}"))), "JS");
    // A dictionary of 70 KB before the word stream, and a blank behind it.
    let long = format!("{usual} /Pad ({})", "x".repeat(70_000));
    odd(&within(&long, &data(&format!("6 0 {SCRIPT}"))), "JS");
    let blank = replaced(
        &within(usual, &data(&format!("6 0 {SCRIPT}"))),
        "First 4 /Filter /FlateDecode",
        "Filter /FlateDecode /First 4",
    );
    odd(&blank, "");
    for (pairs, text) in [
        (usual, "6 0 (x) (y)"),
        (usual, "6 0 (x) 7 0 obj"),
        (usual, "6 1 (x)"),
        (usual, "6 2 junk(x)"),
        (usual, "9 0 (x)"),
        (usual, "6 0"),
        ("/Type /ObjStm /N 2 /First 8 /Filter /FlateDecode", "6 0 6 2 1 2"),
        ("/Type /ObjStm /N 1 /First 4 /Filter /LZWDecode", "6 0 (x)"),
        ("/Type /ObjStm /N 1 /First 4 /Filter [/ASCIIHexDecode /FlateDecode]", "6 0 (x)"),
        ("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /DecodeParms 4 0 R", "6 0 (x)"),
        ("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /DecodeParms << /Predictor 3 >>", "6 0 (x)"),
        ("/N 1 /First 4 /Filter /FlateDecode", "6 0 (x)"),
        ("/Type 4 0 R /N 1 /First 4 /Filter /FlateDecode", "6 0 (x)"),
        ("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Extends 5 0 R", "6 0 (x)"),
        ("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Extends 4 0 R", "6 0 (x)"),
    ] {
        odd(&within(pairs, &data(text)), "");
    }
    let clear = Made { objects: vec![stream("/Type /ObjStm /N 1 /First 4", b"9 0 (x)")], ..Made::default() };
    odd(&clear.clear(), "object 9, which no table");
    // Differences of rows, which other programs write, are undone.
    let rows = |text: &[u8]| flate(&text.chunks(4).flat_map(|row| [&[0][..], row].concat()).collect::<Vec<_>>());
    let predicted = format!("{usual} /DecodeParms << /Predictor 15 /Columns 4 >>");
    assert_eq!(finding(&within(&predicted, &rows(b"6 0 (ab)"))), None);
    odd(&within(&predicted, &rows(b"6 0 <</JS(ab)>> ")), "/JS");
}

#[test]
fn two_sections_that_share_no_object_pass() {
    // What Word writes: a table, and a second, empty one with a stream beside it for the objects in object streams.
    let mut file = File::begin();
    (1..).zip(Made::default().bodies()).for_each(|(number, body)| file.object(number, &body));
    file.objects(5, &[(6, b"<< /Type /StructTreeRoot >>".to_vec())], "");
    let stream_at = file.bytes.len();
    let rows = file.rows.clone();
    let mut packed = Vec::new();
    for row in &rows {
        let (kind, second, third) = match row {
            Row::Free => (0, 0, 255),
            Row::At(at) => (1, u32::try_from(*at).unwrap(), 0),
            Row::In(stream, index) => (2, *stream, u8::try_from(*index).unwrap()),
        };
        packed.push(kind);
        packed.extend_from_slice(&second.to_be_bytes());
        packed.push(third);
    }
    let pairs = format!("/Type /XRef /Size {} /W [1 4 1] /Root 1 0 R /Filter /FlateDecode", rows.len());
    file.object(7, &stream(&pairs, &flate(&packed)));
    let first = file.bytes.len();
    file.table("");
    file.raw(format!("startxref\n{first}\n%%EOF\n").as_bytes());
    let second = file.bytes.len();
    let tail = format!(
        "xref\n0 0\ntrailer\n<< /Size 8 /Root 1 0 R /Prev {first} /XRefStm {stream_at} >>\nstartxref\n{second}\n%%EOF"
    );
    file.raw(tail.as_bytes());
    assert_eq!(finding(&file.bytes), None);
    // The same with a stream that is not named.
    let bytes = replaced(&file.bytes, "/XRefStm", "/XRefXxx");
    assert!(sort(&bytes).is_some());
}

#[test]
fn comments_and_depth_and_words_have_bounds() {
    let with = |body: &str| Made::with(&[body]).clear();
    assert_eq!(finding(&with("<< /A % a comment\n null >>")), None);
    odd(&with(&format!("null %{}\n", "x".repeat(5000))), "comments");
    odd(&with(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))), "in one another");
    odd(&with(&format!("{}{}", "<</A".repeat(100_000), ">>".repeat(100_000))), "in one another");
    assert_eq!(finding(&with(&format!("{}{}", "[".repeat(90), "]".repeat(90)))), None);
    assert_eq!(finding(&with(&format!("({}{})", "(".repeat(90_000), ")".repeat(90_000)))), None);
    for bad in [
        "<< /A >>",
        "<< 1 2 >>",
        "<< (a) 1 >>",
        "[1 0 R",
        "[R]",
        "[1 R]",
        "[1 -1 R]",
        "<< /A 1 2 >>",
        "]",
        ">>",
        "1 0 R",
        "foo",
        "1.2.3",
        "--1",
        "+1",
        "{}",
        "(",
        "<4x>",
        "/A#",
        "/A#4",
        "/A#00",
        "",
        "1 2",
        "/A /B",
        "endobj",
        "[1 0 obj]",
        "(x) stream",
    ] {
        odd(&with(bad), "");
    }
    for good in [
        "1",
        "-1.5",
        ".5",
        "4.",
        "/",
        "/A#42",
        "()",
        "(\\()",
        "<>",
        "<4>",
        "[1 2 3 0 R 4 5]",
        "<</A[]/B<<>>>>",
        "true",
        "null",
    ] {
        assert_eq!(finding(&with(good)), None, "{good}");
    }
    assert!(HEADER.starts_with("%PDF"));
}
