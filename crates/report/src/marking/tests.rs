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
