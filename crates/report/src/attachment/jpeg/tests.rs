//! JPEG files, right ones and ones that hide something.

use super::*;
use crate::attachment::{
    clean::clean,
    exif,
    finding::{Advice, Sort},
    icc,
};

fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    [&[0xff, marker][..], &u16::try_from(data.len() + 2).unwrap().to_be_bytes(), data].concat()
}

/// A table with one code, `0`, for this value.
fn codes(place: u8, value: u8) -> Vec<u8> {
    segment(0xc4, &[&[place, 1][..], &[0; 15], &[value]].concat())
}

fn steps() -> Vec<u8> {
    segment(0xdb, &[&[0][..], &[1; 64]].concat())
}

fn frame(marker: u8, width: u8, height: u8) -> Vec<u8> {
    segment(marker, &[8, 0, height, 0, width, 1, 1, 0x11, 0])
}

const SCAN: [u8; 6] = [1, 1, 0, 0, 63, 0];

/// A grey picture of one block: no difference, end of block, fill bits.
fn with(parts: &[Vec<u8>], coded: &[u8], behind: &[u8]) -> Vec<u8> {
    let tables = [steps(), codes(0, 0), codes(0x10, 0), frame(0xc0, 8, 8)].concat();
    [&[0xff, 0xd8][..], &parts.concat(), &tables, &segment(0xda, &SCAN), coded, &[0xff, 0xd9], behind].concat()
}

const CODED: [u8; 1] = [0b0011_1111];

fn plain() -> Vec<u8> {
    with(&[], &CODED, b"")
}

fn sort(bytes: &[u8]) -> Option<Sort> {
    inspect(&bytes).finding.map(|one| one.sort)
}

fn jfif() -> Vec<u8> {
    segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
}

fn profile_part(number: u8, count: u8, bytes: &[u8]) -> Vec<u8> {
    segment(0xe2, &[b"ICC_PROFILE\0", &[number, count][..], bytes].concat())
}

#[test]
fn a_picture_and_what_it_needs_pass() {
    let profile = icc::profile(&[(b"desc", b"text")]);
    let (first, last) = profile.split_at(100);
    let parts = [
        jfif(),
        segment(0xe1, &[&b"Exif\0\0"[..], &exif::only(6)].concat()),
        profile_part(1, 2, first),
        profile_part(2, 2, last),
        segment(0xee, b"Adobe\0\x64\0\0\0\0\x01"),
    ];
    assert_eq!(inspect(&with(&parts, &CODED, b"").as_slice()), Inspected::default());
    assert_eq!(sort(&plain()), None);
}

/// Two blocks with a restart marker between.
fn restarted(coded: &[u8]) -> Vec<u8> {
    let tables = [steps(), codes(0, 0), codes(0x10, 0), segment(0xdd, &[0, 1]), frame(0xc0, 8, 24)].concat();
    [&[0xff, 0xd8][..], &tables, &segment(0xda, &SCAN), coded, &[0xff, 0xd9]].concat()
}

#[test]
fn restart_markers_are_where_they_are_due() {
    assert_eq!(sort(&restarted(&[0x3f, 0xff, 0xd0, 0x3f, 0xff, 0xd1, 0x3f])), None);
    for (what, coded) in [
        ("none", &[0x3f, 0x3f, 0x3f][..]),
        ("another", &[0x3f, 0xff, 0xd1, 0x3f, 0xff, 0xd1, 0x3f]),
        ("one too few", &[0x3f, 0xff, 0xd0, 0x3f]),
    ] {
        assert!(sort(&restarted(coded)).is_some(), "{what}");
        assert!(clean(&restarted(coded).as_slice()).is_err(), "{what}");
    }
    for (what, coded) in [
        ("bytes before one", &[0x3f, 0x11, 0xff, 0xd0, 0x3f, 0xff, 0xd1, 0x3f][..]),
        ("one too many", &[0x3f, 0xff, 0xd0, 0x3f, 0xff, 0xd1, 0x3f, 0xff, 0xd2]),
        ("fill bits", &[0x3e, 0xff, 0xd0, 0x3f, 0xff, 0xd1, 0x00]),
    ] {
        let bytes = restarted(coded);
        assert!(sort(&bytes).is_some(), "{what}");
        let cleaned = clean(&bytes.as_slice()).unwrap_or_else(|why| panic!("{what}: {why:?}"));
        assert_eq!(cleaned.bytes, restarted(&[0x3f, 0xff, 0xd0, 0x3f, 0xff, 0xd1, 0x3f]), "{what}");
    }
}

#[test]
fn what_no_viewer_shows_is_found_and_clean_takes_it_out() {
    let artist = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x3b\0\x02\0\0\0\x04J.D\0\0\0\0\0";
    for (what, bytes) in [
        ("bytes behind", with(&[], &CODED, b"PK\x03\x04")),
        ("a second picture behind", with(&[segment(0xe2, b"MPF\0MM\0*")], &CODED, &plain())),
        ("a comment", with(&[segment(0xfe, b"said")], &CODED, b"")),
        ("a small picture", with(&[jfif(), segment(0xe0, b"JFXX\0\x10")], &CODED, b"")),
        ("a small picture in JFIF", with(&[segment(0xe0, b"JFIF\0\x01\x01\0\0\x01\0\x01\x01\x01abc")], &CODED, b"")),
        ("JFIF twice", with(&[jfif(), jfif()], &CODED, b"")),
        ("Exif", with(&[segment(0xe1, artist)], &CODED, b"")),
        ("XMP", with(&[segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x/>")], &CODED, b"")),
        ("Photoshop", with(&[segment(0xed, b"Photoshop 3.0\0")], &CODED, b"")),
        ("a long Adobe segment", with(&[segment(0xee, b"Adobe\0\x64\0\0\0\0\x01hide")], &CODED, b"")),
        (
            "a profile with a text of its own",
            with(&[profile_part(1, 1, &icc::profile(&[(b"secr", &[b't'; 60_000])]))], &CODED, b""),
        ),
        ("half a profile", with(&[profile_part(1, 2, b"x")], &CODED, b"")),
        (
            "a profile with more",
            with(&[profile_part(1, 1, &[icc::profile(&[]), b"more".to_vec()].concat())], &CODED, b""),
        ),
        ("parts in another order", with(&[profile_part(2, 2, b"x"), profile_part(1, 2, b"y")], &CODED, b"")),
        ("bytes behind the scan", with(&[], &[0x3f, 0x41, 0x42], b"")),
        ("stuffed bytes behind the scan", with(&[], &[0x3f, 0xff, 0, 0xff, 0], b"")),
        ("fill bits", with(&[], &[0b0010_1010], b"")),
        ("fill bytes", with(&[], &[0x3f, 0xff, 0xff], b"")),
        ("fill bytes before a segment", with(&[vec![0xff, 0xff], jfif()], &CODED, b"")),
    ] {
        let found = inspect(&bytes.as_slice()).finding.unwrap_or_else(|| panic!("{what}"));
        assert_eq!(found.advice, Advice::Clean, "{what}: {found}");
        let cleaned = clean(&bytes.as_slice()).unwrap_or_else(|why| panic!("{what}: {why:?}"));
        assert_eq!(sort(&cleaned.bytes), None, "{what}");
        assert!(
            cleaned.bytes == plain()
                || what.contains("JFIF")
                || what.contains("small picture")
                || what.contains("before a segment"),
            "{what}"
        );
    }
    let names = inspect(&with(&[segment(0xe1, artist)], &CODED, b"").as_slice()).names;
    assert_eq!((names[0].key.as_str(), names[0].value.as_str()), ("Exif Artist", "J.D"));
}

#[test]
fn what_is_not_of_the_form_is_refused() {
    let base = [steps(), codes(0, 0), codes(0x10, 0)].concat();
    let file = |parts: &[Vec<u8>]| [&[0xff, 0xd8][..], &parts.concat(), &[0xff, 0xd9]].concat();
    let scan = [segment(0xda, &SCAN), CODED.to_vec()].concat();
    let grey = frame(0xc0, 8, 8);
    let mut refused = vec![
        ("a table that nothing uses", with(&[codes(1, 0)], &CODED, b"")),
        ("steps that nothing uses", with(&[segment(0xdb, &[&[1][..], &[1; 64]].concat())], &CODED, b"")),
        ("a table defined twice", with(&[codes(0, 0)], &CODED, b"")),
        ("steps of zero", with(&[segment(0xdb, &[&[1][..], &[0; 64]].concat())], &CODED, b"")),
        ("a table with more", with(&[segment(0xc4, &[&[1, 1][..], &[0; 15], &[0, 7]].concat())], &CODED, b"")),
        ("two frames", file(&[base.clone(), grey.clone(), grey.clone(), scan.clone()])),
        ("no scan", file(&[base.clone(), grey.clone()])),
        ("two scans of one component", file(&[base.clone(), grey.clone(), scan.clone(), scan.clone()])),
        ("no frame", file(&[base.clone(), scan.clone()])),
        ("no tables", file(&[grey.clone(), scan.clone()])),
        ("a short scan", with(&[], &[], b"")),
        ("no width", file(&[base.clone(), frame(0xc0, 0, 8), scan.clone()])),
        ("a height that comes later", file(&[base.clone(), frame(0xc0, 8, 0), scan.clone()])),
        ("bytes between segments", with(&[vec![1, 2, 3]], &CODED, b"")),
        ("a marker alone", with(&[vec![0xff, 0xd3]], &CODED, b"")),
        ("a second start", with(&[vec![0xff, 0xd8]], &CODED, b"")),
        ("an unknown segment", with(&[segment(0xf0, b"x")], &CODED, b"")),
        ("restart said twice", with(&[segment(0xdd, &[0, 0]), segment(0xdd, &[0, 0])], &CODED, b"")),
        ("nothing", Vec::new()),
    ];
    for marker in [0xc3, 0xc5, 0xc9, 0xca, 0xcb, 0xcc, 0xdc, 0xde] {
        refused.push(("another frame", file(&[base.clone(), frame(marker, 8, 8), scan.clone()])));
    }
    for (what, bytes) in refused {
        assert_eq!(sort(&bytes), Some(Sort::Odd), "{what}");
        assert!(clean(&bytes.as_slice()).is_err(), "{what}");
    }
    let whole = plain();
    for end in 0..whole.len() {
        assert_eq!(sort(&whole[..end]), Some(Sort::Odd), "cut at {end}");
    }
}

#[test]
fn a_huge_picture_is_refused_by_its_head() {
    for marker in [0xc0, 0xc2] {
        let huge = segment(marker, &[8, 0xff, 0xff, 0xff, 0xff, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
        let bytes = [&[0xff, 0xd8][..], &steps(), &huge].concat();
        assert_eq!(sort(&bytes), Some(Sort::TooLarge), "{marker:x}");
    }
}

/// A progressive picture: two components of one block, each with a place of its own for steps and codes.
fn progressive(scans: &[Vec<u8>]) -> Vec<u8> {
    let more_steps = segment(0xdb, &[&[1][..], &[1; 64]].concat());
    let frame = segment(0xc2, &[8, 0, 8, 0, 8, 2, 1, 0x11, 0, 2, 0x11, 1]);
    let tables = [steps(), more_steps, codes(0, 0), codes(0x10, 0), frame].concat();
    [&[0xff, 0xd8][..], &tables, &scans.concat(), &[0xff, 0xd9]].concat()
}

/// A scan of one component of it.
fn scan_of(id: u8, from: u8, to: u8, bits: u8, coded: u8) -> Vec<u8> {
    [segment(0xda, &[1, id, 0, from, to, bits]), vec![coded]].concat()
}

/// Of both first coefficients, of the first ones' next bit, and of all others.
fn scans() -> Vec<Vec<u8>> {
    vec![scan_of(1, 0, 0, 1, 0x7f), scan_of(2, 0, 0, 1, 0x7f), scan_of(1, 0, 0, 0x10, 0x7f), scan_of(1, 1, 63, 0, 0x7f)]
}

/// These scans with a segment before the one of that number.
fn with_before(number: usize, more: Vec<u8>) -> Vec<u8> {
    let mut scans = scans();
    scans.insert(number, more);
    progressive(&scans)
}

fn refuses(bytes: &[u8], what: &str) {
    let found = inspect(&bytes).finding.unwrap_or_else(|| panic!("{what} passes"));
    assert_eq!((found.sort, found.what()), (Sort::Odd, what));
    assert!(clean(&bytes).is_err(), "{what}");
}

#[test]
fn steps_are_taken_at_a_components_first_scan_and_stay() {
    assert_eq!(sort(&progressive(&scans())), None);
    let text = |place: u8| segment(0xdb, &[&[place][..], &[b'x'; 64]].concat());
    let wide = segment(0xdb, &[&[0x11][..], &[b'x'; 128]].concat());
    for number in 1..=4 {
        refuses(&with_before(number, text(0)), "a table of steps for a component that has begun");
    }
    for number in 2..=4 {
        refuses(&with_before(number, text(1)), "a table of steps for a component that has begun");
        refuses(&with_before(number, wide.clone()), "a table of steps for a component that has begun");
    }
    for number in [0, 1] {
        refuses(&with_before(number, text(1)), "a table that no scan uses");
        refuses(&with_before(number, text(3)), "a table that no scan uses");
    }
    // The steps of the second component may come when its first scan does.
    let parts: Vec<Vec<u8>> = scans();
    let frame = segment(0xc2, &[8, 0, 8, 0, 8, 2, 1, 0x11, 0, 2, 0x11, 1]);
    let tables = [steps(), codes(0, 0), codes(0x10, 0), frame].concat();
    let late = |rest: &[Vec<u8>]| [&[0xff, 0xd8][..], &tables, &parts[0], &rest.concat(), &[0xff, 0xd9]].concat();
    let rest = parts[1..].to_vec();
    assert_eq!(sort(&late(&[vec![text(1)], rest.clone()].concat())), None);
    refuses(&late(&rest), "a scan without its tables");
}

#[test]
fn a_later_table_of_codes_has_what_its_scans_need_and_no_more() {
    let two = |place: u8, values: [u8; 2]| segment(0xc4, &[&[place, 1, 1][..], &[0; 14], &values].concat());
    for place in [0, 0x10] {
        let number = if place == 0 { 1 } else { 3 };
        assert_eq!(sort(&with_before(number, codes(place, 0))), if place == 0 { None } else { Some(Sort::Odd) });
        refuses(
            &with_before(number, two(place, [0, 7])),
            match place {
                0 => "a later table with codes that no scan uses",
                // The one before it was for nothing.
                _ => "a table that no scan uses",
            },
        );
    }
    // Replaced behind its scan by one that is used whole, and by one that is not.
    let again = |table: Vec<u8>| progressive(&[scans(), vec![table, scan_of(2, 1, 63, 0, 0x7f)]].concat());
    assert_eq!(sort(&again(codes(0x10, 0))), None, "the same");
    assert_eq!(sort(&progressive(&[scans(), vec![scan_of(2, 1, 63, 0, 0x7f)]].concat())), None);
    refuses(&again(two(0x10, [0, 7])), "a later table with codes that no scan uses");
    refuses(&with_before(4, codes(0x10, 1)), "a table that no scan uses");
    refuses(&with_before(4, codes(1, 0)), "a table that no scan uses");
    // The first of a place may have codes that are not needed, as the common tables have.
    assert_eq!(sort(&with_before(0, Vec::new())), None);
    let roomy = [steps(), two(0, [0, 7]), two(0x10, [0, 7]), frame(0xc0, 8, 8), segment(0xda, &SCAN), CODED.to_vec()];
    assert_eq!(sort(&[&[0xff, 0xd8][..], &roomy.concat(), &[0xff, 0xd9]].concat()), None);
}

#[test]
fn a_restart_interval_is_for_the_scan_that_follows() {
    let interval = |blocks: u8| segment(0xdd, &[0, blocks]);
    assert_eq!(sort(&with_before(0, interval(9))), None, "the first may be longer than the picture");
    refuses(&with_before(4, interval(0)), "a segment DRI that no scan follows");
    refuses(&with_before(0, [interval(1), interval(1)].concat()), "a second segment DRI");
    for number in 1..=3 {
        refuses(&with_before(number, interval(b'x')), "a later segment DRI that restarts nothing");
        assert_eq!(sort(&with_before(number, interval(0))), None);
    }
    let mut same = scans();
    same.insert(2, interval(9));
    same.insert(0, interval(9));
    assert_eq!(sort(&progressive(&same)), None, "said again");
}

#[test]
fn a_unit_has_ten_blocks_at_most() {
    let picture = |sides: u8, blocks: usize| {
        let frame = segment(0xc0, &[8, 0, 8, 0, 8, 2, 1, sides, 0, 2, 0x11, 0]);
        let scan = segment(0xda, &[2, 1, 0, 2, 0, 0, 63, 0]);
        // Two bits a block.
        let mut coded = vec![0; blocks / 4];
        if !blocks.is_multiple_of(4) {
            coded.push(0xff >> (2 * (blocks % 4)));
        }
        [&[0xff, 0xd8][..], &steps(), &codes(0, 0), &codes(0x10, 0), &frame, &scan, &coded, &[0xff, 0xd9]].concat()
    };
    assert_eq!(sort(&picture(0x33, 10)), None);
    assert_eq!(sort(&picture(0x42, 9)), None);
    refuses(&picture(0x43, 13), "a segment SOS of another form");
    refuses(&picture(0x44, 17), "a segment SOS of another form");
}
