//! PNG files, right ones and ones that hide something.

use super::*;
use crate::attachment::clean::clean;
use miniz_oxide::deflate::compress_to_vec_zlib;

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let crc = !chunks::crc(chunks::crc(u32::MAX, kind), data);
    [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind, data, &crc.to_be_bytes()].concat()
}

fn head(width: u32, height: u32, depth: u8, colour: u8, interlaced: u8) -> Vec<u8> {
    let sizes = [width.to_be_bytes(), height.to_be_bytes()].concat();
    chunk(b"IHDR", &[&sizes[..], &[depth, colour, 0, 0, interlaced]].concat())
}

fn file(parts: &[Vec<u8>]) -> Vec<u8> {
    [&SIGNATURE[..], &parts.concat()].concat()
}

/// Two grey pixels.
fn data() -> Vec<u8> {
    compress_to_vec_zlib(&[0, 1, 2], 6)
}

/// A grey picture of two pixels with these chunks before and behind its data.
fn with(before: &[Vec<u8>], behind: &[Vec<u8>]) -> Vec<u8> {
    file(&[head(2, 1, 8, 0, 0), before.concat(), chunk(b"IDAT", &data()), behind.concat(), chunk(b"IEND", b"")])
}

fn sort(bytes: &[u8]) -> Option<Sort> {
    inspect(&bytes).finding.map(|one| one.sort)
}

#[test]
fn a_picture_and_what_it_needs_pass() {
    let profile = [&b"ICC Profile\0\0"[..], &compress_to_vec_zlib(&icc::profile(&[(b"desc", b"text")]), 6)].concat();
    let before = [
        chunk(b"gAMA", &45_455_u32.to_be_bytes()),
        chunk(b"cHRM", &[0; 32]),
        chunk(b"sBIT", &[8]),
        chunk(b"bKGD", &[0, 255]),
        chunk(b"tRNS", &[0, 7]),
        chunk(b"pHYs", &[0, 0, 1, 0, 0, 0, 1, 0, 1]),
        chunk(b"sRGB", &[0]),
        chunk(b"cICP", &[1, 13, 0, 1]),
        chunk(b"iCCP", &profile),
        chunk(b"tIME", &[7, 234, 11, 29, 13, 0, 60]),
    ];
    assert_eq!(inspect(&with(&before, &[]).as_slice()), Inspected::default());
    assert_eq!(sort(&with(&[], &[chunk(b"tIME", &[7, 234, 11, 29, 13, 0, 60])])), None);
    let split: Vec<Vec<u8>> = data().chunks(3).map(|some| chunk(b"IDAT", some)).collect();
    assert_eq!(sort(&file(&[head(2, 1, 8, 0, 0), split.concat(), chunk(b"IEND", b"")])), None);
    let palette = [chunk(b"PLTE", &[0; 6]), chunk(b"hIST", &[0; 4]), chunk(b"tRNS", &[0]), chunk(b"bKGD", &[1])];
    let picture = chunk(b"IDAT", &compress_to_vec_zlib(&[0, 0x40], 6));
    assert_eq!(sort(&file(&[head(2, 1, 1, 3, 0), palette.concat(), picture.clone(), chunk(b"IEND", b"")])), None);
    assert_eq!(sort(&file(&[head(2, 1, 1, 3, 0), picture, chunk(b"IEND", b"")])), Some(Sort::Odd), "no palette");
}

#[test]
fn interlaced_pictures_have_the_rows_of_their_passes_and_no_more() {
    for (width, height, bytes) in [(1, 1, 2), (5, 5, 36), (2, 1, 4), (1, 8, 16), (8, 8, 79)] {
        let of = |bytes: usize| {
            let picture = chunk(b"IDAT", &compress_to_vec_zlib(&vec![0; bytes], 6));
            sort(&file(&[head(width, height, 8, 0, 1), picture, chunk(b"IEND", b"")]))
        };
        assert_eq!(of(bytes), None, "{width} x {height}");
        assert_eq!((of(bytes + 1), of(bytes - 1)), (Some(Sort::Odd), Some(Sort::Odd)), "{width} x {height}");
    }
}

#[test]
fn what_no_viewer_shows_is_hidden_and_clean_takes_it_out() {
    let hidden = [
        ("text", with(&[chunk(b"tEXt", b"Author\0J. Doe")], &[])),
        (
            "compressed text",
            with(&[chunk(b"zTXt", &[&b"Software\0\0"[..], &compress_to_vec_zlib(b"Paint", 6)].concat())], &[]),
        ),
        ("text behind", with(&[], &[chunk(b"iTXt", b"Creator\0\0\0\0\0Jane")])),
        ("exif", with(&[chunk(b"eXIf", b"MM\0*")], &[])),
        ("a frame", with(&[chunk(b"acTL", &[0; 8])], &[])),
        ("a frame's data", with(&[], &[chunk(b"fdAT", &[0; 8])])),
        ("a suggested palette", with(&[chunk(b"sPLT", b"x\0\x08")], &[])),
        ("a made-up chunk", with(&[chunk(b"prVt", b"x")], &[])),
        ("a second chunk", with(&[chunk(b"gAMA", &[0, 0, 0, 1]), chunk(b"gAMA", &[0, 0, 0, 2])], &[])),
        ("a longer chunk", with(&[chunk(b"gAMA", &[0, 0, 0, 1, 7])], &[])),
        ("a date that is none", with(&[chunk(b"tIME", &[7, 234, 13, 29, 13, 0, 0])], &[])),
        ("a sample over its depth", with(&[chunk(b"tRNS", &[1, 0])], &[])),
        ("a chunk behind the picture", with(&[], &[chunk(b"gAMA", &[0, 0, 0, 1])])),
        ("bytes behind", [with(&[], &[]), b"PK\x03\x04".to_vec()].concat()),
    ];
    for (what, bytes) in hidden {
        let found = inspect(&bytes.as_slice()).finding.unwrap_or_else(|| panic!("{what}"));
        assert_eq!((found.sort, found.advice), (Sort::Hidden, Advice::Clean), "{what}");
        let cleaned = clean(&bytes.as_slice()).unwrap_or_else(|why| panic!("{what}: {why:?}"));
        assert_eq!((sort(&cleaned.bytes), cleaned.taken.len()), (None, 1), "{what}");
    }
    let names = inspect(&with(&[chunk(b"tEXt", b"Author\0J. Doe")], &[]).as_slice()).names;
    assert_eq!((names[0].key.as_str(), names[0].value.as_str()), ("Author", "J. Doe"));
}

#[test]
fn a_profile_has_nothing_behind_it() {
    let zlib = compress_to_vec_zlib(&icc::profile(&[(b"desc", b"text")]), 6);
    let named = |name: &[u8], zlib: &[u8]| with(&[chunk(b"iCCP", &[name, zlib].concat())], &[]);
    assert_eq!(sort(&named(b"x\0\0", &zlib)), None);
    let text = compress_to_vec_zlib(&icc::profile(&[(b"secr", &[b't'; 1_000_000])]), 0);
    let longer = compress_to_vec_zlib(&[icc::profile(&[]), b"more".to_vec()].concat(), 6);
    let bomb = compress_to_vec_zlib(&vec![0; icc::MAX_PROFILE + 1], 9);
    for (what, bytes) in [
        ("bytes behind the stream", named(b"x\0\0", &[&zlib[..], b"hide"].concat())),
        ("bytes behind the profile", named(b"x\0\0", &longer)),
        ("a text in a tag of its own", named(b"x\0\0", &text)),
        ("a stream that does not end", named(b"x\0\0", &zlib[..zlib.len() - 2])),
        ("a checksum that is wrong", named(b"x\0\0", &[&zlib[..zlib.len() - 1], &[!zlib[zlib.len() - 1]]].concat())),
        ("no name", named(b"\0\0", &zlib)),
        ("a long name", named(&[&[b'x'; 80][..], b"\0\0"].concat(), &zlib)),
        ("another method", named(b"x\0\x01", &zlib)),
        ("very much", named(b"x\0\0", &bomb)),
        ("nothing", named(b"", b"")),
    ] {
        assert_eq!(sort(&bytes), Some(Sort::Hidden), "{what}");
        assert!(clean(&bytes.as_slice()).is_ok(), "{what}");
    }
}

#[test]
fn what_is_not_of_the_form_is_odd() {
    let grey = head(2, 1, 8, 0, 0);
    let (picture, end) = (chunk(b"IDAT", &data()), chunk(b"IEND", b""));
    let coded = |bytes: &[u8]| chunk(b"IDAT", &compress_to_vec_zlib(bytes, 6));
    let mut crc = picture.clone();
    *crc.last_mut().unwrap() ^= 1;
    for (what, bytes) in [
        (
            "bytes behind the compressed data",
            file(&[grey.clone(), chunk(b"IDAT", &[&data()[..], b"x"].concat()), end.clone()]),
        ),
        ("a chunk of data behind the end", file(&[grey.clone(), picture.clone(), chunk(b"IDAT", b"x"), end.clone()])),
        ("a second picture", file(&[grey.clone(), picture.clone(), picture.clone(), end.clone()])),
        (
            "data in two places",
            file(&[
                grey.clone(),
                chunk(b"IDAT", &data()[..4]),
                chunk(b"tIME", &[7, 234, 11, 29, 13, 0, 6]),
                chunk(b"IDAT", &data()[4..]),
                end.clone(),
            ]),
        ),
        ("too little data", file(&[grey.clone(), coded(&[0, 1]), end.clone()])),
        ("too much data", file(&[grey.clone(), coded(&[0, 1, 2, 3]), end.clone()])),
        ("a filter that is none", file(&[grey.clone(), coded(&[5, 1, 2]), end.clone()])),
        ("no zlib", file(&[grey.clone(), chunk(b"IDAT", b"hello"), end.clone()])),
        ("a wrong checksum", file(&[grey.clone(), crc, end.clone()])),
        ("an end that is longer", file(&[grey.clone(), picture.clone(), chunk(b"IEND", b"hide")])),
        ("no picture", file(&[grey.clone(), end.clone()])),
        ("no end", file(&[grey.clone(), picture.clone()])),
        ("two heads", file(&[grey.clone(), grey.clone(), picture.clone(), end.clone()])),
        ("no head", file(&[picture.clone(), end.clone()])),
        ("a critical chunk", with(&[chunk(b"CgBI", &[0; 4])], &[])),
        ("no letters", with(&[chunk(b"t3xt", b"")], &[])),
        ("a palette of grey", with(&[chunk(b"PLTE", &[0; 3])], &[])),
        ("no width", file(&[head(0, 1, 8, 0, 0), picture.clone(), end.clone()])),
        ("a depth that is none", file(&[head(2, 1, 3, 0, 0), picture.clone(), end.clone()])),
        ("interlaced twice", file(&[head(2, 1, 8, 0, 2), picture.clone(), end.clone()])),
        ("nothing", Vec::new()),
    ] {
        assert_eq!(sort(&bytes), Some(Sort::Odd), "{what}");
        assert!(clean(&bytes.as_slice()).is_err(), "{what}");
    }
    let whole = with(&[], &[]);
    for end in 0..whole.len() {
        assert_eq!(sort(&whole[..end]), Some(Sort::Odd), "cut at {end}");
    }
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        assert!(sort(&changed).is_some(), "byte {at} counts");
    }
}

#[test]
fn a_huge_picture_is_refused_by_its_head() {
    for (width, height, depth, colour) in [
        (u32::MAX >> 1, u32::MAX >> 1, 16, 6),
        (50_000, 50_000, 8, 2),
        (10_000, 10_000, 8, 2),
        (u32::MAX >> 1, 1, 8, 0),
    ] {
        let bytes = file(&[head(width, height, depth, colour, 0), chunk(b"IDAT", b"never read")]);
        assert_eq!(sort(&bytes), Some(Sort::TooLarge), "{width} x {height}");
    }
    // Little data for a large picture that is within bounds.
    let bytes = file(&[head(4000, 4000, 8, 0, 0), chunk(b"IDAT", &data()), chunk(b"IEND", b"")]);
    assert_eq!(sort(&bytes), Some(Sort::Odd));
}
