//! Marks and banners, right and wrong, with the place of each fault.

use super::*;

pub(crate) fn registers() -> (Register, Register) {
    let xaa = include_bytes!("../../../../examples/markings-XAA.toml");
    let xbb = include_bytes!("../../../../examples/markings-XBB.toml");
    (Register::read("XAA", xaa).unwrap(), Register::read("XBB", xbb).unwrap())
}

fn faults(mark: &str) -> Vec<(usize, &'static str)> {
    let (xaa, xbb) = registers();
    read_portion_with(mark, &xaa, &[&xbb]).1.iter().map(|one| (one.offset, one.rule())).collect()
}

#[test]
fn right_marks_read_and_are_written_alike() {
    let (xaa, xbb) = registers();
    for (register, marks) in [
        (
            &xaa,
            &[
                "U",
                "TS",
                "S//NF",
                "C//OC/LD/REL TO XAA, XBB",
                "//XCC C//REL TO XAA, XBB, XCC",
                "//FGI S",
                "R//REL TO XAA, NLGP",
                "C//REL",
            ][..],
        ),
        (&xbb, &["NP", "DR//COM", "C//COM À XBB, XAA", "S//CE/SB", "//XAA C//COM À XBB, XAA"][..]),
    ] {
        for mark in marks {
            let (read, faults) = read_portion(mark, register);
            assert!(faults.is_empty(), "{mark}: {faults:?}");
            assert_eq!(read.canonical(register), *mark);
        }
    }
    for banner in [
        "UNCLASSIFIED",
        "SECRET//FGI XCC//REL TO XAA, XBB",
        "TOP SECRET//FGI//ORCON/LIMDIS/NOFORN",
        "RESTRICTED//REL TO XAA, NLGP",
    ] {
        let (read, faults) = read_banner(banner, &xaa);
        assert!(faults.is_empty(), "{banner}: {faults:?}");
        assert_eq!(read.canonical(&xaa), banner);
    }
}

#[test]
fn accepted_spellings_read_and_accents_come_back() {
    let (_, xbb) = registers();
    let (mark, faults) = read_portion("C//COM A XBB, XAA", &xbb);
    assert_eq!((mark.canonical(&xbb).as_str(), faults.len()), ("C//COM À XBB, XAA", 0));
    let (banner, faults) = read_banner("TRES SECRET//FGI XCC//CONTROLE EMETTEUR/COMMUNICABLE A XBB, XAA", &xbb);
    assert_eq!(faults, []);
    assert_eq!(banner.canonical(&xbb), "TRÈS SECRET//FGI XCC//CONTRÔLE ÉMETTEUR/COMMUNICABLE À XBB, XAA");
    assert_eq!(read_portion("C//COMMUNICABLE A XBB, XAA", &xbb).1.first().unwrap().rule(), "R110");
    assert_eq!(read_banner("SECRET//COM À XBB, XAA", &xbb).1.first().unwrap().rule(), "R126");
}

#[test]
fn every_wrong_mark_is_told_at_its_place() {
    for (mark, wanted) in [
        ("", vec![(0, "R100")]),
        ("SECRET", vec![(0, "R101")]),
        ("X//REL TO XAA, XBB", vec![(0, "R101")]),
        ("s//REL TO XAA, XBB", vec![(0, "R102")]),
        ("s//rel to xaa, xbb", vec![(0, "R102"), (3, "R102")]),
        ("S/REL TO XAA, XBB", vec![(1, "R103")]),
        ("S REL TO XAA, XBB", vec![(1, "R103")]),
        ("S///NF", vec![(1, "R103")]),
        ("S//", vec![(3, "R103")]),
        ("S//OC//NF", vec![(6, "R103")]),
        ("//XC C", vec![(2, "R103")]),
        ("//XCC", vec![(2, "R103"), (5, "R101")]),
        ("S//REL TO XAA,XBB", vec![(13, "R104")]),
        ("S//REL TO XAA XBB", vec![(13, "R104")]),
        ("S//REL TO XAA,  XBB", vec![(13, "R104")]),
        ("S//REL TO  XAA, XBB", vec![(10, "R104")]),
        ("S//REL TO XAA, XBB,", vec![(18, "R104")]),
        ("S//REL TO", vec![(9, "R104")]),
        ("S//REL\u{a0}TO XAA, XBB", vec![(6, "R105")]),
        ("S//REL TO XBB, XAA", vec![(10, "R106")]),
        ("S//REL TO XBB, XCC", vec![(10, "R106")]),
        ("S//REL TO XAA, XCC, XBB", vec![(15, "R106")]),
        ("S//REL TO XAA, XBB, XBB", vec![(20, "R106")]),
        ("S//REL TO XAA, XB", vec![(15, "R106")]),
        ("S//REL TO XAA", vec![(3, "R107")]),
        ("S//NF/REL TO XAA, XBB", vec![(3, "R108")]),
        ("S//NF/REL", vec![(3, "R108")]),
        ("S//REL TO XAA, XBB/OC", vec![(19, "R109")]),
        ("S//OC/OC", vec![(6, "R109")]),
        ("S//REL/REL TO XAA, XBB", vec![(7, "R109")]),
        ("S//PROPIN", vec![(3, "R110")]),
        ("S//PROPIN/REL TO XAA, XBB", vec![(3, "R110")]),
        ("S//NOFORN", vec![(3, "R110")]),
        ("DR", vec![(0, "R111")]),
        ("S//DISPLAY ONLY XBB", vec![(3, "R113")]),
    ] {
        assert_eq!(faults(mark), wanted, "{mark}");
    }
    assert_eq!(faults("//JOINT S XAA XBB").first(), Some(&(2, "R112")));
}

#[test]
fn unknown_words_are_kept_for_the_decision() {
    let (xaa, _) = registers();
    let (mark, faults) = read_portion("SECRET//PROPIN/REL TO XAA, XBB", &xaa);
    assert_eq!((mark.level, mark.word.as_str()), (None, "SECRET"));
    let audience = Control::Audience(vec!["XAA".to_owned(), "XBB".to_owned()]);
    assert_eq!(mark.controls, [Control::Unknown("PROPIN".to_owned()), audience]);
    assert!(faults.iter().all(|fault| !fault.kind.is_malformed()));
    let (banner, faults) = read_banner("Secret//REL TO XAA, XBB", &xaa);
    assert_eq!((banner.level, banner.controls.len(), faults.len()), (None, 1, 1));
    assert_eq!(faults.first().unwrap().rule(), "R125");
    assert!(read_portion("S//REL TO XAA,XBB", &xaa).1.iter().all(|fault| fault.kind.is_malformed()));
}

#[test]
fn banners_have_the_same_rules() {
    let (xaa, xbb) = registers();
    for (banner, wanted) in [
        ("", (0, "R125")),
        ("S//REL TO XAA, XBB", (0, "R125")),
        ("DIFFUSION RESTREINTE//REL TO XAA, XBB", (0, "R111")),
        ("SECRET/REL TO XAA, XBB", (6, "R103")),
        ("SECRET//FGI XCC/REL TO XAA, XBB", (15, "R103")),
        ("SECRET//FGI XDD XCC", (16, "R106")),
        ("SECRET//REL TO XAA,XBB", (18, "R104")),
        ("SECRET//REL TO XAA", (8, "R107")),
        ("SECRET//NOFORN/REL TO XAA, XBB", (8, "R108")),
        ("SECRET//NOFORN/ORCON", (15, "R109")),
        ("SECRET//REL", (8, "R126")),
        ("SECRET//PROPIN", (8, "R126")),
    ] {
        let told: Vec<_> =
            read_banner_with(banner, &xaa, &[&xbb]).1.iter().map(|one| (one.offset, one.rule())).collect();
        assert_eq!(told, [wanted], "{banner}");
    }
}

#[test]
fn messages_say_what_to_do() {
    let (xaa, xbb) = registers();
    for (mark, wanted) in [
        ("SECRET", "write the level short in a portion: (S)"),
        ("s//REL TO XAA", "marks are capital letters: (S//REL TO XAA)"),
        ("S//REL TO XAA,XBB", "a comma and one space between codes: XAA, XBB"),
        ("S//REL\u{a0}TO XAA, XBB", "no-break space U+00A0 inside a mark. Type an ordinary space"),
        ("S//REL TO XBB, XAA", "own nation first, the rest alphabetical, each once: REL TO XAA, XBB"),
        ("S//REL TO XAA", "REL TO with your own nation alone says nothing. Write (S)"),
        ("S//NF/REL TO XAA, XBB", "NOFORN and REL TO exclude each other. Keep the one that is meant"),
        ("S//REL TO XAA, XBB/OC", "order is OC, LD, NF, REL TO: (S//OC/REL TO XAA, XBB)"),
        ("S//PROPIN", "control \"PROPIN\" is not XAA's. Known: OC, LD, NF, REL TO"),
        ("DR", "DR is XBB's mark. This file's serial says XAA: (R)"),
    ] {
        assert_eq!(read_portion_with(mark, &xaa, &[&xbb]).1.first().unwrap().kind.message(&xaa), wanted);
    }
}

#[test]
fn controls_are_written_in_the_registers_order_with_unknown_ones_and_the_list_last() {
    let (xaa, _) = registers();
    for (mark, wanted) in [
        ("S//REL TO XAA, XBB/PROPIN", "S//PROPIN/REL TO XAA, XBB"),
        ("S//REL TO XAA, XBB/NF", "S//NF/REL TO XAA, XBB"),
        ("S//REL/LD/OC", "S//OC/LD/REL"),
        ("S//PROPIN/NF/OC", "S//OC/NF/PROPIN"),
        ("S//OC/OC/REL TO XCC, XBB, XAA, XBB", "S//OC/REL TO XAA, XBB, XCC"),
        ("//FGI Q//LD/OC", "//FGI Q//OC/LD"),
    ] {
        assert_eq!(read_portion(mark, &xaa).0.canonical(&xaa), wanted, "{mark}");
    }
    let banner = "SECRET//FGI XCC XDD//REL TO XBB, XAA/PROPIN/NOFORN/ORCON";
    let wanted = "SECRET//FGI XCC XDD//ORCON/NOFORN/PROPIN/REL TO XAA, XBB";
    assert_eq!(read_banner(banner, &xaa).0.canonical(&xaa), wanted);
    assert_eq!(read_banner("Secret//FGI", &xaa).0.canonical(&xaa), "Secret//FGI");
}

#[test]
fn a_list_is_read_behind_each_of_its_spellings_and_as_far_as_it_can_be() {
    let (xaa, mut xbb) = registers();
    let audience = |codes: &[&str]| [Control::Audience(codes.iter().map(|code| (*code).to_owned()).collect())];
    // A spelling that is neither word without accents belongs to both places.
    xbb.list.accepts.push("LIBRE POUR".to_owned());
    let both = audience(&["XBB", "XAA"]);
    let (mark, faults) = read_portion("C//LIBRE POUR XBB, XAA", &xbb);
    assert_eq!((&mark.controls[..], faults), (&both[..], Vec::new()));
    let (banner, faults) = read_banner("SECRET//LIBRE POUR XBB, XAA", &xbb);
    assert_eq!((&banner.controls[..], faults), (&both[..], Vec::new()));
    for (mark, codes, place) in [
        ("S//REL TO,XAA, XBB", &["XAA", "XBB"][..], 9),
        ("S//REL TO,XAA,XBB", &["XAA", "XBB"], 9),
        ("S//REL TO XAA,XBB", &["XAA", "XBB"], 13),
        ("S//REL TO , XAA, XBB", &["XAA", "XBB"], 10),
        ("S//REL TO ,XAA, XBB", &["XAA", "XBB"], 10),
        ("S//REL TO XAA, , XBB", &["XAA", "XBB"], 13),
        ("S//REL TO XAA ,XBB", &["XAA", "XBB"], 13),
        ("S//REL TO XAA, XBB ", &["XAA", "XBB"], 18),
        ("S//REL TO ", &[], 10),
        ("S//REL TO , ", &[], 10),
    ] {
        let (read, faults) = read_portion(mark, &xaa);
        assert_eq!(read.controls, audience(codes), "{mark:?}");
        let told: Vec<_> = faults.iter().map(|one| (one.offset, one.rule())).collect();
        assert_eq!(told, [(place, "R104")], "{mark:?}");
    }
}

#[test]
fn each_character_of_a_word_processor_is_told_by_what_to_type_for_it() {
    let (xaa, _) = registers();
    let (space, dash) = ("no-break space", "typographic dash");
    for (odd, what, instead) in [
        ('\u{a0}', space, "an ordinary space"),
        ('\u{202f}', space, "an ordinary space"),
        ('\u{2010}', dash, "an ordinary hyphen"),
        ('\u{2015}', dash, "an ordinary hyphen"),
        ('\u{2212}', dash, "an ordinary hyphen"),
        ('\t', "character", "ordinary capitals, spaces, commas and /"),
        ('\u{3000}', "character", "ordinary capitals, spaces, commas and /"),
    ] {
        let faults = read_portion(&format!("S//REL{odd}TO XAA, XBB"), &xaa).1;
        let told = faults.iter().find(|one| one.rule() == "R105").unwrap();
        let wanted = format!("{what} U+{:04X} inside a mark. Type {instead}", u32::from(odd));
        assert_eq!((told.offset, told.kind.message(&xaa)), (6, wanted));
    }
}

#[test]
fn a_mark_that_is_wrong_all_over_is_told_16_times_and_no_control_of_it_is_lost() {
    let (xaa, xbb) = registers();
    let many = |count: usize| format!("S//{}", vec!["Q"; count].join("/"));
    for (count, wanted) in [(1, 1), (7, 13), (8, 15), (9, 16), (40, 16)] {
        assert_eq!(read_portion(&many(count), &xaa).1.len(), wanted, "unknown, and again: {count}");
        assert_eq!(read_portion(&many(count), &xaa).0.controls.len(), count);
    }
    // The level cannot be told from what follows; the control behind it counts all the same.
    let (mark, faults) = read_portion_with("S REL TO XAA, XBB//NF", &xaa, &[&xbb]);
    assert_eq!((mark.level, mark.word.as_str()), (None, "S REL TO XAA, XBB"));
    assert_eq!(mark.controls, [Control::Caveat { long: "NOFORN".to_owned(), excludes_list: true }]);
    assert_eq!(faults.iter().map(|one| (one.offset, one.rule())).collect::<Vec<_>>(), [(0, "R101")]);
    let (mark, faults) = read_portion("S NF", &xaa);
    assert_eq!((mark.level, mark.controls.len(), faults.len()), (Some(1), 1, 1));
    assert_eq!(read_portion("Q NF", &xaa).0.controls, []);
}

/// Each fault as it is told: place, rule, words.
fn words(faults: &[MarkFault], register: &Register) -> Vec<String> {
    faults.iter().map(|one| format!("{} {} {}", one.offset, one.rule(), one.kind.message(register))).collect()
}

#[test]
fn faults_of_a_banner_show_the_banner_as_it_should_be() {
    let (xaa, xbb) = registers();
    let known = "Known: TOP SECRET, SECRET, CONFIDENTIAL, RESTRICTED, UNCLASSIFIED";
    let controls = "Known: ORCON, LIMDIS, NOFORN, REL TO";
    for (banner, wanted) in [
        ("SECRET//NOFORN/ORCON", vec!["15 R109 order is OC, LD, NF, REL TO: SECRET//ORCON/NOFORN".to_owned()]),
        (
            "SECRET//FGI XDD XCC//NOFORN/ORCON",
            vec![
                "16 R106 owners stand in alphabetical order, each once: SECRET//FGI XCC XDD//ORCON/NOFORN".to_owned(),
                "28 R109 order is OC, LD, NF, REL TO: SECRET//FGI XCC XDD//ORCON/NOFORN".to_owned(),
            ],
        ),
        (
            "SECRET//FGI XCC XCC",
            vec!["16 R106 owners stand in alphabetical order, each once: SECRET//FGI XCC".to_owned()],
        ),
        (
            "SECRET//ORCON/REL TO XAA",
            vec!["14 R107 REL TO with your own nation alone says nothing. Write SECRET//ORCON".to_owned()],
        ),
        // Nothing is folded in a banner: small letters are another word.
        (
            "Secret//orcon",
            vec![
                format!("0 R125 banner marking \"Secret\" is not XAA's. {known}"),
                format!("8 R126 banner control \"orcon\" is not XAA's. {controls}"),
            ],
        ),
        (
            "S//OC",
            vec![
                "0 R125 write the level in full in a banner: SECRET".to_owned(),
                "3 R126 write the control in full in a banner: ORCON".to_owned(),
            ],
        ),
    ] {
        assert_eq!(words(&read_banner_with(banner, &xaa, &[&xbb]).1, &xaa), wanted, "{banner}");
    }
}

#[test]
fn faults_of_a_portion_stand_at_their_control_and_show_the_mark_as_it_should_be() {
    let (xaa, xbb) = registers();
    let capitals = |place: usize, right: &str| format!("{place} R102 marks are capital letters: ({right})");
    let exclude =
        |place: usize| format!("{place} R108 NOFORN and REL TO exclude each other. Keep the one that is meant");
    for (mark, wanted) in [
        ("S//OC/NF/REL TO XAA, XBB", vec![exclude(6)]),
        (
            "S//NF/OC/REL TO XAA",
            vec![
                exclude(3),
                "6 R109 order is OC, LD, NF, REL TO: (S//OC/NF/REL TO XAA)".to_owned(),
                "9 R107 REL TO with your own nation alone says nothing. Write (S//OC/NF)".to_owned(),
            ],
        ),
        ("s//oc", vec![capitals(0, "S//OC"), capitals(3, "OC")]),
        ("S//oc/nf", vec![capitals(3, "OC"), capitals(6, "NF")]),
        ("//XCC s//rel", vec![capitals(6, "//XCC S//REL"), capitals(9, "REL")]),
        ("secret", vec![capitals(0, "SECRET")]),
        ("S//Propin", vec!["3 R110 control \"Propin\" is not XAA's. Known: OC, LD, NF, REL TO".to_owned()]),
        ("S//OC/OC", vec!["6 R109 OC stands here twice. Write it once".to_owned()]),
        ("X", vec!["0 R101 level \"X\" is not XAA's. Known: TS, S, C, R, U".to_owned()]),
        ("NP", vec!["0 R111 NP is XBB's mark. This file's serial says XAA: (U)".to_owned()]),
        (
            "//xcc S",
            vec![
                "2 R103 a foreign portion begins with // and its owner, then the level: (//XCC S), or (//FGI S) where \
                 the owner is concealed"
                    .to_owned(),
            ],
        ),
        ("S//REL TO", vec!["9 R104 no code stands behind REL TO. Name the nations, own nation first".to_owned()]),
    ] {
        assert_eq!(words(&read_portion_with(mark, &xaa, &[&xbb]).1, &xaa), wanted, "{mark}");
    }
}
