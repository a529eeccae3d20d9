//! The table of the rule, each exemption in both directions, and that the quick road hides nothing.

mod lines;

use super::*;
use crate::marking::tests::registers;

fn shapes(text: &str, form: Form) -> Vec<Shape> {
    let (xaa, xbb) = registers();
    mark_shapes(text, form, &Words::of([&xaa, &xbb]))
}

/// `error`, `hold` or `nothing` for a text behind its mark.
fn answer(text: &str, form: Form) -> &'static str {
    let found = shapes(text, form);
    match (found.iter().any(Shape::is_error), found.is_empty()) {
        (true, _) => "error",
        (false, false) => "hold",
        (false, true) => "nothing",
    }
}

fn all(wanted: &str, form: Form, texts: &[&str]) {
    let wrong: Vec<String> = texts
        .iter()
        .filter(|text| answer(text, form) != wanted)
        .map(|text| format!("{text:?}: {:?}", shapes(text, form)))
        .collect();
    assert!(wrong.is_empty(), "not {wanted}:\n{}", wrong.join("\n"));
}

const BEGINS: &[&str] = &[
    "x\no (a) SECRET",
    "x\no (iv) TRES SECRET",
    "x\n<b>SECRET</b>",
    "x\nSECRET [1]",
    "(ѕeсreт//noforn) x",
    "Public.\n(S//NF) National.",
    "(S//NF) x",
    "(C) x",
    "Public.\nSECRET//NOFORN",
    "Public.\nSECRET",
    "x\n(TS) y",
    "x\n(DR) y",
    "x\n- (S) y",
    "x\n\u{2022} (S) y",
    "x\n1. (S) y",
    "x\n2) (S) y",
    "x\na) (S) y",
    "x\n(a) (S) y",
    "(b) (S) y",
    "x\n- iv) (S) y",
    "x\nB) (S//NF) y",
    "x\n(A) (S) y",
    "x\nS) (S) y",
    "x\n1.1. (S) y",
    "x\n2.3.4) (S) y",
    "x\n\u{2460} (S) y",
    "x\no (S) y",
    "x\n<b>(S) y",
    "x\n((S)) y",
    "x\n(S)//(NF) y",
    "x\n\u{2014} SECRET \u{2014}",
    "x\nSECRET!",
    "x\nSECRET;",
    "x\n= SECRET =",
    "x\n<<SECRET>>",
    "x\n((SECRET))",
    "x\nTS//SI//NF National",
    "x\n(TS//SI//NF national",
    "x\n(S\u{2AFD}NF) y",
    "x\nSECRET\u{2AFD}NOFORN",
    "x\n(\u{3F9}//NF) y",
    "x\n(\u{A731}\u{1D07}\u{1D04}\u{280}\u{1D07}\u{1D1B}//\u{274}\u{1D0F}\u{A730}\u{1D0F}\u{280}\u{274}) y",
    "x\n(S) \u{A9} National",
    "x\n(TS) Copyright National",
    "x\n| (S) site | x |",
    "A list:\n  | a | b |\n  | SECRET | c |",
    "x\n\"(S) y\"",
    "x\n> **(S)** y",
    "x\n  (U) more",
    "x\nTRÈS SECRET//SPÉCIAL BORÉALIE",
    "x\nTRES SECRET",
    "x\n(//XCC C) y",
    "x\n(S//REL TO USA, FVEY) y",
    "x\nS//REL TO XAA, XBB",
    "x\n(secret//noforn) y",
    "x\n(Ѕ//NF) y",
    "x\n（S／／NF） y",
    "x\n\u{1F122} y",
    "x\n[S] y",
    "x\n(\\S) y",
    "x\n(S / NF) y",
    "x\nTOP SECRET//SI//NOFORN",
    "x\nUNCLASSIFIED",
    "x\nCOSMIC TOP SECRET//ATOMAL",
    "(Secret) x",
    "x\n(C) 2026 Example",
];

#[test]
fn rpt_9_what_begins_with_a_shape_is_an_error() {
    all("error", Form::Lines, BEGINS);
    all(
        "error",
        Form::Lines,
        &[
            "Caption\n| a | b |\n|---|---|\n| (S) site | x |",
            "Caption\n| SECRET |",
            "Caption\n| x |\n| S//NF |",
            "(S) caption\n| a |",
        ],
    );
}

#[test]
fn rpt_10_elsewhere_a_shape_holds() {
    all(
        "hold",
        Form::Lines,
        &[
            "Public part. (S) National part.",
            "Public part! (S) National part.",
            "Public part: (S) national part.",
            "He said \"so.\" (S) National part.",
            "Public part. [3] (S) National part.",
            "see annex (S).",
            "see annex (S)",
            "see annex (S). [1][2]",
            "see annex S//NF there",
            "see annex [S//NF] there",
            "see annex (Ѕ//NF) there",
            "see (S//REL TO\nXAA, XBB) there",
            "see (//NATO S) there",
            "voir (très secret//sb) ici",
            "see SECRET// there",
            "see (secret).",
            "see s // nf there",
            "see S⁄⁄NF there",
            "see TS/SCI there",
            "see (TS//SI//NF) there",
            "see (S/\u{a0}/NF) there",
            "see (S /\n/ NF) there\n| a |\n| 1 |",
            "in (TS//\nSI) there\n| a |",
            "in (TS//SI//NF and TS//SI//NF channels",
            "in the annex (S) \u{2014}",
            "in the annex (S) -",
            "in the annex (S)\u{B9}",
            "in the annex (S) [1, 2]",
            "(Public part.) (S) National part.",
            "Public part. \u{2014} (S) National",
            "Public part. \u{2022} (S) National",
            "Public part.\u{B9} (S) National",
            "see (S)//(NF) there",
            "see S/XBB there",
            "see (S) // NF here",
            "see (S) //NF here",
            "see (SECRET) // NOFORN here",
            "see (TS) // (SI) here",
            "see (S)\u{a0}// NF here",
            "see (s/nf) here",
            "see secreт//NF here",
        ],
    );
    all("hold", Form::Lines, &["Caption (S)\n| a |", "Cap\n| h |\n| the third site lies there (S) |"]);
    all(
        "hold",
        Form::Data,
        &["SECRET", "(S//NF)", "x S//NF", "(S//NF) x", "SECRET//NOFORN", "\u{2014} SECRET \u{2014}", "SECRET!"],
    );
    let told = shapes("Public.\nPart one. (S) National part.", Form::Lines);
    assert_eq!(told[0].to_string(), "line 2: (S) opens a sentence");
    assert_eq!(&"Public.\nPart one. (S) National part."[told[0].at..][..3], "(S)");
}

#[test]
fn what_is_no_mark_is_nothing() {
    all(
        "nothing",
        Form::Lines,
        &[
            "port (S) and starboard",
            "12° (S)",
            "33 (C) and rising",
            "ship(s)",
            "(a) (b) (c)",
            "(A) x; (B) y; (C) z",
            "(A) x\n(B) y\n(C) z",
            "a) x\nb) y\nc) (z)",
            "(s) x",
            "x) (s) y",
            "Al(C)",
            "(R 3)",
            "CVN(R)",
            "(XCC)",
            "the SECRET annex",
            "Mesure (C) prise",
            "il a dit (S) puis",
            "COPYRIGHT (C) 2026",
            "Copyright (C) 2026",
            "x. (C) Copyright 2026",
            "x. © (C) 2026",
            "one. (U) two (U) three.",
            "un. (NP) deux",
            "x. (R): y",
            "x. (C-17) y",
            "x. (S-300) y",
            "x. HTTP(S)",
            "x. (s) y",
            "and/or, s/he, https://example.org/s/rel/c, 24/7, km/h, N/A, c/o",
            "a plain line\nanother one\n- item",
            "mail over S/MIME and the C/SQL interface",
            "S/KEY is old",
            "S/FTP, R/GIS, C/ISO, U/VHF, S/RELAY",
            "c/com, s/com, u/rel, c/ce, r/nf",
            "C/RELEASE and U/RELAY",
            "mail by (S/MIME), (S/PDIF) or (R/AMC)",
            "secret / ce que",
            "diffusion restreinte/ce document",
            "command and control (C\u{B2}).",
            "x; (C\u{B2}) y",
            "(C\u{B2}) nodes were hit.",
            "etc., (S) and more",
            "",
            "(1) one\n(2) two",
        ],
    );
    // The other direction of each.
    all(
        "hold",
        Form::Lines,
        &[
            "12 (S)",
            "x; (C) z",
            "(A) x; (C) z",
            "(B) x; (A) y; (C) z",
            "x. (C) 2026",
            "copy right. (C) 2026",
            "x. (S) y (U) z",
        ],
    );
    all(
        "nothing",
        Form::Lines,
        &["Cap\n| a | Distance to the port side (S) |\n|---|---|\n| 33 (C) | x |", "Cap\n| h |\n| site two (S) |"],
    );
    all("nothing", Form::Data, &["(S)", "x. (S) y", "12", "port (S)", "https://example.org/a//b", "S/MIME"]);
}

/// What shapes are made of.
const PIECES: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "/",
    "//",
    " ",
    "\n",
    "S",
    "TS",
    "NF",
    "secret",
    "SECRET",
    "S\u{C9}CRET",
    "\u{17F}ECRET",
    "SEC\u{AD}RET",
    "TOP",
    "REL TO",
    "XAA",
    ",",
    ".",
    "x",
    "é",
    "Ѕ",
    "|",
    "*",
    "_",
    "\u{a0}",
    "DR",
    "NON PROTÉGÉ",
    "://",
    "1",
    "-",
    "sb",
    "\u{FF08}",
    "NOFORN",
    "a. ",
    "o ",
    "(a) ",
    "<b>",
    "</b>",
    "[1]",
    "//NF",
];

fn piece(seed: &mut u64) -> &'static str {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    PIECES[usize::try_from(*seed >> 33).unwrap() % PIECES.len()]
}

/// Random texts of what shapes are made of: where the quick look says none, there is none.
#[test]
fn the_quick_look_hides_nothing() {
    let (xaa, xbb) = registers();
    let words = Words::of([&xaa, &xbb]);
    let mut seed = 11_u64;
    let mut found = 0;
    for _ in 0..60_000 {
        let mut text = String::new();
        for _ in 0..9 {
            text.push_str(piece(&mut seed));
        }
        for form in [Form::Lines, Form::Table, Form::Data] {
            let mut full = Vec::new();
            match form {
                Form::Lines => lines(&text, Rows::Begun, &words, &mut full),
                Form::Table => lines(&text, Rows::Barred, &words, &mut full),
                Form::Data => find::in_unit(&text, 0, find::Unit::Data, &words, &mut full),
            }
            found += usize::from(!full.is_empty());
            assert!(full.is_empty() || quick::may_have(&text, &words), "{text:?} {form:?} {full:?}");
        }
    }
    assert!(found > 1_000, "{found}");
}

#[test]
fn a_long_tail_hides_no_banner() {
    assert!(shapes(&format!("x\nSECRET {}", "- ".repeat(90)), Form::Lines).iter().any(Shape::is_error));
}

#[test]
fn emphasis_keeps_no_letter_from_the_quick_look() {
    let far = format!("as in S\u{C9}{}CRET//NF here", "*".repeat(100));
    assert_eq!(shapes(&far, Form::Lines).len(), 1);
}

#[test]
fn the_examples_have_no_shape() {
    let (xaa, xbb) = registers();
    let words = Words::of([&xaa, &xbb]);
    for text in [include_str!("../../../../examples/report.md"), include_str!("../../../../examples/report-xbb.md")] {
        let body = text.splitn(3, "+++").nth(2).unwrap();
        for block in body.split("\n\n") {
            let text = block.trim_start_matches(['#', '-', ' ']).split_once(") ").map_or("", |(_, rest)| rest);
            let items = text
                .split("\n- ")
                .map(|item| if item == text { item } else { item.split_once(") ").map_or(item, |one| one.1) });
            for item in items.filter(|item| !item.contains("\n- (")) {
                assert_eq!(mark_shapes(item, Form::Lines, &words), [], "{item}");
            }
        }
    }
}

/// Twice the text takes twice the steps, whatever it is made of, and what is kept is bounded.
#[test]
fn the_steps_are_linear_in_the_text() {
    for piece in [
        "(",
        "/",
        "/ ",
        "(S) ",
        ". (S)",
        "S/",
        "S//NF ",
        "A//B ",
        "( ( ",
        "(A",
        "\n- ",
        "\n1. (S",
        "1)",
        "[1]",
        "\" ",
        "SECRET ",
        "//",
        "é(",
        "(S) . ",
        "\nS//NF",
        "S//\n",
        "(\nS//NF",
        "[1-",
        ". [1, 2] (S)",
        "secret/noforn ",
        "a | b\n-|\n",
    ] {
        let steps = |times: usize| {
            find::STEPS.with(|steps| steps.set(0));
            let text = piece.repeat(times);
            for form in [Form::Lines, Form::Table, Form::Data] {
                let found = shapes(&text, form);
                let held = found.iter().filter(|one| !one.is_error()).count();
                assert!(held <= find::MAX_HELD + 1, "{piece:?} {held}");
            }
            find::STEPS.with(std::cell::Cell::get)
        };
        let (one, two) = (steps(2_000), steps(4_000));
        assert!(two <= one * 2 + 4_000, "{piece:?}: {one} and {two}");
    }
}
