//! JPEG pictures in a document: each byte of them belongs to a part, as of those that are files.

use super::{
    Sort, finding,
    made::{Made, flate, stream},
    told,
};
use crate::attachment::{jpeg, producers::files};

/// The JPEG files of real programs.
fn pictures() -> Vec<(String, Vec<u8>)> {
    let out: Vec<_> = files("pass").into_iter().filter(|(name, _)| name.ends_with(".jpg")).collect();
    assert!(out.len() >= 10);
    out
}

fn picture() -> Vec<u8> {
    pictures().into_iter().find(|(name, _)| name == "pillow-rgb-base-q90-opt-ss0.jpg").unwrap().1
}

fn with(pairs: &str, data: &[u8]) -> Vec<u8> {
    Made { objects: vec![stream(pairs, data)], ..Made::default() }.clear()
}

fn document(jpeg: &[u8]) -> Vec<u8> {
    with("/Subtype /Image /Filter /DCTDecode", jpeg)
}

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &u16::try_from(data.len() + 2).unwrap().to_be_bytes(), data].concat()
}

/// The picture with a segment behind its first marker.
fn first(segment: &[u8]) -> Vec<u8> {
    let mut out = picture();
    out.splice(2..2, segment.iter().copied());
    out
}

/// The picture with bytes before its last marker.
fn last(bytes: &[u8]) -> Vec<u8> {
    let mut out = picture();
    let end = out.len() - 2;
    out.splice(end..end, bytes.iter().copied());
    out
}

#[test]
fn pictures_of_real_programs_pass_in_a_document() {
    for (name, bytes) in pictures() {
        assert_eq!(finding(&document(&bytes)), None, "{name}");
        let filters = "/Filter [/FlateDecode /DCTDecode]";
        assert_eq!(finding(&with(filters, &flate(&bytes))), None, "{name}");
        for end in ["\n", "\r\n", "\r"] {
            assert_eq!(finding(&document(&[&bytes, end.as_bytes()].concat())), None, "{name}");
        }
    }
    assert_eq!(finding(&document(&[&picture()[..], &[0xff, 0xd9, b'\n']].concat())), None, "Ghostscript's second end");
    let cmyk = pictures().into_iter().filter(|(name, _)| name.contains("cmyk"));
    assert!(cmyk.filter(|(_, bytes)| bytes.windows(5).any(|five| five == b"Adobe")).count() >= 2);
}

#[test]
fn pol_14_bytes_that_no_viewer_draws_are_refused() {
    for (what, bytes) in [
        ("bytes between the end of a scan", last(b"SECRET")),
        ("bytes between the end of a scan", last(&[0xff, 0, 0xff, 0])),
        ("bytes between the end of a scan", last(&[0xff, 0xd0])),
        ("a segment APP9", first(&segment(0xe9, b"SECRET"))),
        ("a segment APP1", first(&segment(0xe1, b"SECRET"))),
        ("a segment APP12 (Ducky)", first(&segment(0xec, b"Ducky\0\x01\0\x04\0\0\0\x3c\0\x02\0\x06SECRET\0\0"))),
        ("a segment APP13", first(&segment(0xed, b"SECRET"))),
        ("a segment APP15", first(&segment(0xef, b""))),
        ("a small picture in APP0", first(&segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01abc"))),
        ("a colour profile", first(&segment(0xe2, b"ICC_PROFILE\0\x01\x01SECRET"))),
        ("bytes behind the end", [&picture()[..], b"PK\x03\x04"].concat()),
        ("bytes behind the end", [&picture()[..], b"\n\n"].concat()),
        ("bytes behind the end", [&picture()[..], &[0xff, 0xd9, 0xff, 0xd9]].concat()),
    ] {
        for document in [document(&bytes), with("/Filter [/FlateDecode /DCTDecode]", &flate(&bytes))] {
            let found = told(&document);
            assert!(
                found.0 == Some(Sort::Hidden) && found.1.starts_with(&format!("in a picture: {what}")),
                "{found:?}"
            );
        }
    }
}

#[test]
fn a_picture_that_cannot_be_walked_is_odd_by_name() {
    let frame = picture().windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    for (marker, what) in [
        (0xc3, "a lossless picture"),
        (0xc5, "a picture of several layers"),
        (0xc9, "a picture in arithmetic coding"),
        (0xcb, "a picture in arithmetic coding"),
    ] {
        let mut changed = picture();
        changed[frame + 1] = marker;
        let found = told(&document(&changed));
        assert!(found.0 == Some(Sort::Odd) && found.1.contains(what), "{found:?}");
    }
    let whole = picture();
    for end in 1..whole.len() {
        assert!(matches!(told(&document(&whole[..end])).0, Some(Sort::Odd | Sort::Hidden)), "cut at {end}");
    }
    // Whatever is found in a file is found in a document, but for what is told there.
    for at in (2..whole.len()).step_by(3) {
        let mut changed = whole.clone();
        changed[at] ^= 0x11;
        let alone = jpeg::inspect(&changed.as_slice()).finding;
        let within = finding(&document(&changed));
        assert_eq!(alone.is_some(), within.is_some(), "changed at {at}: {alone:?} {within:?}");
    }
}

#[test]
fn what_cameras_and_editors_write_in_a_picture_is_told() {
    let exif = segment(0xe1, b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x3b\0\x02\0\0\0\x04J.D\0\0\0\0\0");
    let xmp = segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>");
    let photoshop = segment(0xed, b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0\0");
    let comment = segment(0xfe, b"CREATOR: gd-jpeg v1.0");
    let further = segment(0xe2, b"MPF\0MM\0*");
    let quality = segment(0xec, b"Ducky\0\x01\0\x04\0\0\0\x3c\0\0");
    let found = super::inspect(
        &document(&first(&[exif.clone(), exif, xmp, photoshop, comment, further, quality].concat())).as_slice(),
    );
    assert_eq!(found.finding, None);
    let names: Vec<_> = found.names.iter().map(|one| (one.key.as_str(), one.value.as_str())).collect();
    let picture = "a picture in object 5";
    let comment = ("a comment in a picture", picture);
    let further = ("further pictures behind a picture (MPF)", picture);
    assert_eq!(names, [("Exif", picture), ("XMP", picture), ("Photoshop", picture), comment, further]);
    // What was met before something is found is told too, and the phone's picture has another one behind it.
    let (_, phone) = files("clean").into_iter().find(|(name, _)| name == "phone.jpg").unwrap();
    assert_eq!(told(&document(&phone)).0, Some(Sort::Hidden));
}

#[test]
fn scans_that_cost_more_than_their_bytes_share_one_account() {
    let progressive = pictures().into_iter().find(|(name, _)| name == "opencv-prog.jpg").unwrap().1;
    let work = super::super::work::Work::new(100);
    let before = work.visits.get();
    let one = document(&progressive);
    drop(super::super::look(&one.as_slice(), &work));
    let once = before - work.visits.get();
    drop(super::super::look(&one.as_slice(), &work));
    assert!(once > 0 && before - work.visits.get() == 2 * once);
    work.visits.set(once - 1);
    assert_eq!(super::super::look(&one.as_slice(), &work).finding.map(|one| one.sort), Some(Sort::TooLarge));
}
