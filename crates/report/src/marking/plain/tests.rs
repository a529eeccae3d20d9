//! The quick way against the reader: what it reads it reads alike, and it reads all that is written as it should be.

use super::*;
use crate::marking::{BannerMark, Control, MarkFault, PortionMark, read_banner, read_portion, tests::registers};

/// What the reader makes of the same places in the register.
fn controls(plain: &PlainControls<'_>, register: &Register) -> Vec<Control> {
    let has = |place: usize| plain.caveats >> place & 1 == 1;
    let caveats = register.controls.iter().take(64).enumerate().filter(|(place, _)| has(*place));
    let mut out: Vec<Control> =
        caveats.map(|(_, one)| Control::Caveat { long: one.long.clone(), excludes_list: one.excludes_list }).collect();
    assert_eq!(plain.excludes_list, out.iter().any(|one| matches!(one, Control::Caveat { excludes_list: true, .. })));
    out.extend(plain.list.map(|list| match list {
        PlainList::Nations(codes) => {
            let nations: Vec<String> = nations_of(codes).map(|nation| nation.to_string()).collect();
            assert!(codes_of(codes).eq(nations.iter().map(String::as_str)), "{codes}");
            Control::Audience(nations)
        }
        PlainList::Codes(codes) => {
            assert!(codes_of(codes).any(|code| code.len() == 4), "{codes}");
            Control::Audience(codes_of(codes).map(str::to_owned).collect())
        }
        PlainList::OfBanner => Control::AudienceOfBanner,
    }));
    out
}

fn compare_portion(mark: &str, register: &Register) -> bool {
    let (read, faults): (PortionMark, Vec<MarkFault>) = read_portion(mark, register);
    let plain = plain_portion(mark, register);
    if let Some(plain) = &plain {
        assert!(faults.is_empty(), "{mark:?} has a fault: {faults:?}");
        assert_eq!((plain.foreign, Some(plain.level)), (read.foreign, read.level), "{mark:?}");
        assert_eq!(register.levels[plain.level].short, read.word, "{mark:?}");
        assert_eq!(controls(&plain.controls, register), read.controls, "{mark:?}");
        assert_eq!(plain.has_no_say(register), read.has_no_say(register), "{mark:?}");
    } else {
        assert!(!faults.is_empty() || read.canonical(register) != mark, "{mark:?} is as it should be");
    }
    // A list that is known to be right makes no difference.
    for before in ["S//REL TO XAA, XBB", "S//COM À XBB, XAA"] {
        if let Some(PlainList::Nations(list)) = plain_portion(before, register).and_then(|one| one.controls.list) {
            let known = KnownList::of(before, register, list).unwrap();
            assert_eq!(plain_portion_after(mark, register, Some(known)), plain, "{mark:?}");
        }
    }
    plain.is_some()
}

fn compare_banner(banner: &str, register: &Register) -> bool {
    let (read, faults): (BannerMark, Vec<MarkFault>) = read_banner(banner, register);
    let plain = plain_banner(banner, register);
    if let Some(plain) = &plain {
        assert!(faults.is_empty(), "{banner:?} has a fault: {faults:?}");
        let parts = (&plain.foreign, Some(plain.level), plain.word);
        assert_eq!(parts, (&read.foreign, read.level, read.word.as_str()), "{banner:?}");
        assert_eq!(controls(&plain.controls, register), read.controls, "{banner:?}");
    } else {
        assert!(!faults.is_empty() || read.canonical(register) != banner, "{banner:?} is as it should be");
    }
    plain.is_some()
}

/// The text, and with each one character taken out, doubled, or another put in its place.
fn with_slips(text: &str, mut visit: impl FnMut(&str)) {
    visit(text);
    let letters: Vec<char> = text.chars().collect();
    for at in 0..letters.len() {
        let with =
            |middle: &[char]| -> String { letters[..at].iter().chain(middle).chain(&letters[at + 1..]).collect() };
        visit(&with(&[]));
        visit(&with(&[letters[at], letters[at]]));
        for other in ['/', ' ', ',', 'A', 'S', 'Z', 's', '\u{2013}', '\u{a0}', '\t', '\u{7f}', 'É', '0'] {
            visit(&with(&[other]));
            visit(&with(&[letters[at], other]));
        }
    }
}

#[test]
fn portions_are_read_as_the_reader_reads_them() {
    let (xaa, xbb) = registers();
    for (register, levels, caveats, lists) in [
        (
            &xaa,
            ["U", "S", "TS", "Q", ""],
            ["", "OC", "LD", "OC/LD", "LD/OC", "NF", "OC/NF", "OC/OC", "PROPIN"],
            [
                "",
                "REL",
                "REL/REL TO XAA, XBB",
                "REL TO XAA, XBB",
                "REL TO XAA, NLGP, XBB",
                "REL TO XAA",
                "REL TO XBB, XAA",
                "REL TO XAA, XAA",
            ],
        ),
        (
            &xbb,
            ["NP", "S", "DR", "R", ""],
            ["", "CE", "DL", "CE/DL", "DL/CE", "SB", "CE/SB", "CE/CE", "OC"],
            [
                "",
                "COM",
                "COM À XBB, XAA",
                "COM À XBB, NLGP",
                "COM À XBB",
                "COM À XAA, XBB",
                "COM A XBB, XAA",
                "COM/COM À XBB, XAA",
            ],
        ),
    ] {
        let (mut plain, mut all) = (0, 0);
        for owner in ["", "//XCC ", "//FGI ", "//XAA ", "//JOINT ", "//xcc "] {
            for level in levels {
                for caveat in caveats {
                    for list in lists {
                        let behind: Vec<&str> = [caveat, list].into_iter().filter(|one| !one.is_empty()).collect();
                        let dashes = if behind.is_empty() { "" } else { "//" };
                        let mark = format!("{owner}{level}{dashes}{}", behind.join("/"));
                        plain += u32::from(compare_portion(&mark, register));
                        all += 1;
                        let slips = level == "S" && matches!(owner, "" | "//XCC ") && caveat.len() < 4;
                        if slips {
                            with_slips(&mark, |one| {
                                compare_portion(one, register);
                            });
                        }
                    }
                }
            }
        }
        assert!(plain > 150 && all > 1500, "{plain} of {all}");
    }
}

#[test]
fn banners_are_read_as_the_reader_reads_them() {
    let (xaa, xbb) = registers();
    for (register, levels, caveats, lists) in [
        (
            &xaa,
            ["UNCLASSIFIED", "SECRET", "TOP SECRET", "S"],
            ["", "ORCON", "ORCON/LIMDIS", "NOFORN", "OC"],
            ["", "REL TO XAA, XBB", "REL TO XAA, NLGP", "REL", "REL TO XAA"],
        ),
        (
            &xbb,
            ["NON PROTEGE", "SECRET", "TRÈS SECRET", "NP"],
            ["", "CONTRÔLE ÉMETTEUR", "CONTROLE EMETTEUR/DIFFUSION LIMITÉE", "SPÉCIAL BORÉALIE", "CE"],
            ["", "COMMUNICABLE À XBB, XAA", "COMMUNICABLE A XBB, XAA", "COM", "COM À XBB, XAA"],
        ),
    ] {
        let mut plain = 0;
        for level in levels {
            for owners in ["", "//FGI", "//FGI XCC", "//FGI XCC XDD", "//FGI XDD XCC", "//FGI xcc", "//FGIX"] {
                for caveat in caveats {
                    for list in lists {
                        let behind: Vec<&str> = [caveat, list].into_iter().filter(|one| !one.is_empty()).collect();
                        let dashes = if behind.is_empty() { "" } else { "//" };
                        let banner = format!("{level}{owners}{dashes}{}", behind.join("/"));
                        plain += u32::from(compare_banner(&banner, register));
                        if level == "SECRET" && owners.len() < 10 {
                            with_slips(&banner, |one| {
                                compare_banner(one, register);
                            });
                        }
                    }
                }
            }
        }
        assert!(plain > 80, "{plain}");
    }
}

#[test]
fn a_register_that_has_a_word_twice_is_left_to_the_reader() {
    let (mut xaa, _) = registers();
    xaa.controls[1].long = "ORCON".to_owned();
    for mark in ["S//OC", "S//LD", "S//OC/LD", "S//OC/NF"] {
        compare_portion(mark, &xaa);
    }
    assert_eq!(plain_portion("S//LD", &xaa), None);
    let mut many = registers().0;
    let first = many.controls[0].clone();
    many.controls =
        (0..70).map(|n| ControlWord { long: format!("L{n}"), short: format!("W{n}"), ..first.clone() }).collect();
    assert!(compare_portion("S//W0/W63", &many));
    assert_eq!(plain_portion("S//W64", &many), None);
}

#[test]
fn a_word_with_a_character_that_a_word_processor_puts_in_is_left_to_the_reader() {
    let with = |odd: char| {
        let mut xaa = registers().0;
        (xaa.levels[1].short, xaa.levels[1].long) = (format!("S{odd}S"), format!("TOP{odd}SECRET"));
        (xaa.controls[0].short, xaa.controls[0].long) = (format!("O{odd}C"), format!("OR{odd}CON"));
        xaa
    };
    for odd in [
        '\u{2010}', '\u{2013}', '\u{2015}', '\u{2212}', '\u{a0}', '\u{202f}', '\u{3000}', '\t', '\u{1f}', '\u{7f}',
        '\u{85}',
    ] {
        let register = with(odd);
        for mark in [format!("S{odd}S"), format!("U//O{odd}C"), format!("//XCC S{odd}S//O{odd}C")] {
            assert!(!compare_portion(&mark, &register), "{mark:?}");
        }
        for banner in [format!("TOP{odd}SECRET"), format!("UNCLASSIFIED//OR{odd}CON")] {
            assert!(!compare_banner(&banner, &register), "{banner:?}");
        }
        // Also where nothing else stands there.
        let mut alone = with(odd);
        (alone.levels[1].short, alone.levels[1].long) = (odd.to_string(), odd.to_string());
        assert!(!compare_portion(&odd.to_string(), &alone) && !compare_banner(&odd.to_string(), &alone), "{odd:?}");
    }
    for usual in [' ', '!', '~', '-', 'É', '\u{2009}', '\u{2016}', '\u{200f}', '🦊'] {
        let register = with(usual);
        let plain = !usual.is_whitespace() || usual == ' ';
        assert_eq!(compare_portion(&format!("S{usual}S"), &register), plain, "{usual:?}");
        assert_eq!(compare_banner(&format!("TOP{usual}SECRET"), &register), plain, "{usual:?}");
    }
}

#[test]
fn a_known_list_is_the_end_of_the_mark_and_of_these_very_words() {
    let xaa = registers().0;
    let codes = "XAA, XBB";
    let known = KnownList::of("S//REL TO XAA, XBB", &xaa, codes).unwrap();
    assert_eq!((known.control, known.codes), ("REL TO XAA, XBB", 8));
    assert!(KnownList::of("XAA, XBB", &xaa, codes).is_none(), "shorter than the words");
    for (mark, wanted) in [
        ("S//REL TO XAA, XBB", true),
        ("TS//REL TO XAA, XBB", true),
        ("S//OC/REL TO XAA, XBB", true),
        ("//XCC S//REL TO XAA, XBB", true),
        ("Q//REL TO XAA, XBB", false),
        ("//REL TO XAA, XBB", false),
        ("S/REL TO XAA, XBB", false),
        ("REL TO XAA, XBB", false),
        ("s//REL TO XAA, XBB", false),
    ] {
        let read = plain_portion_after(mark, &xaa, Some(known));
        assert_eq!(read, plain_portion(mark, &xaa), "{mark}");
        assert_eq!(read.is_some(), wanted, "{mark}");
        let list = read.and_then(|one| one.controls.list);
        assert_eq!(list, wanted.then_some(PlainList::Nations(codes)), "{mark}");
    }
}
