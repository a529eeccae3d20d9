//! Profiles as programs write them, and ones that carry something.

use super::*;

#[test]
fn a_profile_is_tiled_by_its_tags() {
    let good = profile(&[(b"desc", b"one"), (b"wtpt", &[1; 20])]);
    assert_eq!(check(&good), Ok(()));
    let resized = |mut bytes: Vec<u8>| {
        let size = u32::try_from(bytes.len()).unwrap().to_be_bytes();
        bytes[..4].copy_from_slice(&size);
        bytes
    };
    let mut shared = good.clone();
    shared.copy_within(136..144, 148);
    assert!(check(&shared).is_err(), "the bytes of the second tag belong to none now");
    for (what, bytes) in [
        ("bytes behind", [&good[..], b"hide"].concat()),
        ("bytes behind, size right", resized([&good[..], b"hide"].concat())),
        ("a long gap", resized([&good[..], &[0; 4]].concat())),
        ("cut", resized(good[..good.len() - 4].to_vec())),
        ("no header", resized(vec![0; 100])),
        ("nothing", Vec::new()),
    ] {
        assert!(check(&bytes).is_err(), "{what}");
    }
    for at in [36, 110, 128, 136] {
        let mut changed = good.clone();
        changed[at] ^= 0x40;
        assert!(check(&changed).is_err(), "{at}");
    }
}

/// What is wrong with a profile of these tags.
fn wrong(tags: &[(&[u8; 4], &[u8])]) -> Option<String> {
    check(&profile(tags)).err()
}

fn sized(kind: &[u8], size: usize) -> Vec<u8> {
    let mut out = kind.to_vec();
    out.resize(size, b'x');
    out
}

fn curve(count: u32) -> Vec<u8> {
    let mut out = [&b"curv\0\0\0\0"[..], &count.to_be_bytes()].concat();
    out.resize(12 + 2 * count as usize, 7);
    out
}

/// A table of three channels to three, of two points each.
fn small_table(kind: &[u8; 4], more: usize) -> Vec<u8> {
    let mut out = [&kind[..], &[0; 4], &[3, 3, 2, 0]].concat();
    let size = if kind == b"mft1" { 48 + 256 * 6 + 24 } else { 52 + 2 * (2 * 3 + 24 + 2 * 3) };
    out.resize(48, 0);
    if kind == b"mft2" {
        out.extend([0, 2, 0, 2]);
    }
    out.resize(size + more, 9);
    out
}

/// A table in parts of three channels to three, of two points each.
fn parted_table(kind: &[u8; 4], more: &[u8]) -> Vec<u8> {
    let curves = [curve(1), vec![0, 0]].concat().repeat(3);
    let points = [&[2, 2, 2][..], &[0; 13], &[1, 0, 0, 0], &[9; 24]].concat();
    let (matrix, second, table) = (32 + 48, 32 + 96, 32 + 144);
    let offsets = [32, matrix, second, table, table + 44].map(u32::to_be_bytes).concat();
    let head = [&kind[..], &[0; 4], &[3, 3, 0, 0], &offsets].concat();
    [&head[..], &curves, &[1; 48], &curves, &points, &curves, more].concat()
}

#[test]
fn a_table_in_parts_is_tiled_by_them() {
    let good = parted_table(b"mAB ", b"");
    assert_eq!(wrong(&[(b"A2B0", &good)]), None);
    for (what, at) in
        [("a place", 15), ("a curve's type", 33), ("a curve's count", 43), ("points", 176), ("width", 192)]
    {
        let mut changed = good.clone();
        changed[at] ^= 4;
        assert!(wrong(&[(b"A2B0", &changed)]).is_some(), "{what}");
    }
    for (at, told) in [(46, "between two curves"), (180, "a direction that is not there"), (194, "zeros of the points")]
    {
        let mut changed = good.clone();
        changed[at] = b'x';
        assert!(wrong(&[(b"A2B0", &changed)]).is_some(), "{told}");
    }
    let mut few = good[..32 + 48].to_vec();
    few[16..32].fill(0);
    assert_eq!(wrong(&[(b"A2B0", &few)]), None, "curves alone");
    let mut many = good.clone();
    many[8] = 200;
    assert!(wrong(&[(b"A2B0", &many)]).is_some());
    assert!(wrong(&[(b"D2B0", &sized(b"mpet", 64))]).is_some());
}

#[test]
fn a_profile_has_known_tags_alone_each_once() {
    let long = sized(b"text", 1024 * 1024);
    let told = wrong(&[(b"desc", b"one"), (b"secr", &long)]).unwrap();
    assert_eq!(told, "a colour profile with a tag secr at its byte 160, which is none of the known");
    for name in [b"secr", b"DESC", b"CIED", b"DevD", b"MS00", b"psd0", b"ps2s", b"crdi", b"\0\0\0\0"] {
        assert!(wrong(&[(name, &sized(b"text", 16))]).is_some(), "{name:?}");
    }
    assert_eq!(wrong(&[(b"wtpt", &[1; 20]), (b"wtpt", &[2; 20])]).unwrap(), "a colour profile with two tags wtpt");
    // As a Mac's screen shot has them.
    let para = [&b"para\0\0\0\0\0\x03\0\0"[..], &[1; 20]].concat();
    let calibration = [&b"vcgt\0\0\0\0\0\0\0\0\0\x03\x01\0\0\x02"[..], &[5; 3 * 256 * 2]].concat();
    let screen: [(&[u8; 4], &[u8]); 10] = [
        (b"desc", &sized(b"mluc", 1500)),
        (b"dscm", &sized(b"mluc", 2048)),
        (b"cprt", &sized(b"text", 1024)),
        (b"aarg", &para),
        (b"aagg", &para),
        (b"aabg", &para),
        (b"vcgt", &calibration),
        (b"mmod", &sized(b"mmod", 40)),
        (b"ndin", &sized(b"ndin", 62)),
        (b"ciis", &sized(b"sig ", 12)),
    ];
    assert_eq!(wrong(&screen), None);
}

#[test]
fn words_in_a_profile_are_few() {
    for (name, most) in [(b"cprt", 1024), (b"dmnd", 1024), (b"dmdd", 1024), (b"meta", 1024), (b"desc", 2048)] {
        for kind in [b"text", b"desc", b"mluc", b"data"] {
            assert_eq!(wrong(&[(name, &sized(kind, most))]), None, "{name:?}");
            assert!(wrong(&[(name, &sized(kind, most + 1))]).is_some(), "{name:?}");
        }
    }
    let told = wrong(&[(b"cprt", &sized(b"text", 1_000_000))]).unwrap();
    assert_eq!(told, "a colour profile with 1000000 bytes in its tag cprt at its byte 144");
    let names = [b"cprt", b"dmnd", b"dmdd", b"vued", b"targ", b"meta", b"pseq", b"psid", b"scrd"];
    let text = sized(b"text", 1000);
    let all: Vec<(&[u8; 4], &[u8])> = names.iter().map(|name| (*name, text.as_slice())).collect();
    assert_eq!(wrong(&all[..8]), None);
    assert_eq!(wrong(&all).unwrap(), "a colour profile with 9000 bytes of words and numbers");
}

#[test]
fn curves_and_tables_are_as_long_as_they_say() {
    let curve_then = |more: &[u8]| [curve(256), more.to_vec()].concat();
    for (name, good, bad) in [
        (b"rTRC", curve_then(&[0, 0]), curve_then(b"hi")),
        (b"kTRC", curve(4096), curve(4097)),
        (b"gTRC", curve(0), sized(b"text", 14)),
        (b"bTRC", sized(b"para\0\0\0\0\0\0\0\0", 16), sized(b"para\0\0\0\0\0\x09\0\0", 16)),
        (b"A2B0", small_table(b"mft1", 0), small_table(b"mft1", 4)),
        (b"B2A1", small_table(b"mft2", 0), small_table(b"mft2", 1)),
        (b"A2B1", parted_table(b"mAB ", b""), parted_table(b"mAB ", b"said")),
        (b"gamt", parted_table(b"mBA ", &[0]), sized(b"mBA ", 64)),
        (b"pre0", parted_table(b"mBA ", b""), sized(b"text", 64)),
        (b"vcgt", sized(b"vcgt\0\0\0\0\0\0\0\x01", 48), sized(b"vcgt\0\0\0\0\0\0\0\x01", 52)),
    ] {
        assert_eq!(wrong(&[(name, &good)]), None, "{name:?}");
        let told = wrong(&[(name, &bad)]).unwrap_or_else(|| panic!("{name:?} passes"));
        assert!(told.contains(std::str::from_utf8(name).unwrap()), "{told}");
    }
    // Three curves may be one.
    let mut shared = profile(&[(b"rTRC", &curve(3)), (b"gTRC", &curve(3))]);
    let whole = shared.len();
    shared.copy_within(136..144, 148);
    shared.truncate(whole - 20);
    let size = u32::try_from(shared.len()).unwrap().to_be_bytes();
    shared[..4].copy_from_slice(&size);
    assert_eq!(check(&shared), Ok(()));
}
