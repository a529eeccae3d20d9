//! Lines, rows and slashes: what begins where, and what is a mark with one slash.

use super::*;

#[test]
fn rpt_9_a_line_begins_with_its_shape_whatever_stood_before_it() {
    for text in [
        "see S//NF\nS//NF national text here",
        "see S//NF,\nS//REL TO XAA national",
        "see S//NF\nC//NF National.",
        "(a) x SECRET//NOFORN\n\tS//NF y",
        "see S//NF\n- S//NF y",
        "see S//NF\n(S//NF) y",
        "see S//NF\n(S) y",
        "see (TS//SI\nS//NF) y",
        "see (\nS//NF) y",
        "see S//REL TO XAA,\nS//NF y",
        "see SECRET//\nSECRET//NOFORN y",
        "see TOP\nsecret//noforn y",
        "see TOP\nSECRET/NOFORN y",
        "voir tr\u{E8}s\nsecret//noforn y",
        "(//NATO\nS//NF y)",
        "see S//NF\n\u{201C}S//NF y",
        "12\u{B0}\n(S) y",
        "x\nS\n//NF y",
        "see S//NF\nsecret/noforn y",
    ] {
        let found = shapes(text, Form::Lines);
        let begins: Vec<usize> = found.iter().filter(|one| one.is_error()).map(|one| one.line).collect();
        assert_eq!(begins, [2], "{text:?} {found:?}");
    }
    let each = shapes("see S//NF\nS//NF a\nb S//NF,\nC//NF c\nx\nS//NF\nS//NF\nS//NF", Form::Lines);
    let found: Vec<(usize, bool)> = each.iter().map(|one| (one.line, one.is_error())).collect();
    assert_eq!(
        found,
        [(1, false), (2, true), (3, false), (4, true), (6, true), (7, true), (8, true)],
        "each for itself"
    );
    // What goes over the end of a line is one still, and what the next begins with is nothing by itself.
    for text in [
        "see (S//REL TO\nXAA, XBB) there",
        "see S//REL TO XAA,\nXBB there",
        "see (S /\n/ NF) there",
        "see S//\nNF there",
        "see S\n//NF there",
        "see (//NATO\nS) there",
        "see (TS//SI\nNF) there",
    ] {
        let found = shapes(text, Form::Lines);
        assert!(found.len() == 1 && found[0].line == 1 && !found[0].is_error(), "{text:?} {found:?}");
    }
    all(
        "nothing",
        Form::Lines,
        &[
            "12\u{B0} (S) y",
            "x\ncopyright (C) y",
            "x copyright\n(C) 2026",
            "see S/MIME\nand C/SQL",
            "so is c/\no and\ns/nf",
        ],
    );
}

#[test]
fn rpt_10_one_slash_is_enough_behind_a_level_of_more_than_one_letter_in_any_case() {
    let marks = [
        "secret/noforn",
        "Secret/NoForn",
        "SECRET / noforn",
        "secret / noforn",
        "(secret/noforn",
        "confidential/limdis",
        "Top Secret/Orcon",
        "tr\u{E8}s secret/sp\u{E9}cial bor\u{E9}alie",
        "tres secret/diffusion limitee",
        "secret/rel to xaa, xbb",
        "Secret/NF",
        "secret/nf",
        "secret/sb",
        "ts/noforn",
        "Secret/CE",
        "confidentiel/contr\u{F4}le \u{E9}metteur",
    ];
    for mark in marks {
        all("hold", Form::Lines, &[&format!("The annex is {mark} today"), &format!("Marked by them: {mark}")]);
        all("hold", Form::Data, &[mark, &format!("x {mark}")]);
        all("error", Form::Lines, &[mark, &format!("x\n{mark} y")]);
    }
    let none = [
        "c/o",
        "s/nf",
        "S/nf",
        "s/NF",
        "s/noforn",
        "c/ce",
        "secret/ce",
        "secret/com",
        "secret / ce que",
        "Secret/com\u{E0} la",
        "confidential/rel",
        "restricted/oc",
        "secret/noforns",
        "topsecret/noforn",
        "secretly/noforn",
        "secret/special",
        "secret/xaa",
        "secret/public",
        "open/restricted",
        "https://example.org/secret/noforn",
        "a/secret/noforn",
    ];
    for text in none {
        all("nothing", Form::Lines, &[&format!("The annex is {text} today")]);
        all("nothing", Form::Data, &[text]);
    }
}

#[test]
fn rpt_9_cells_of_a_table_are_read_whether_its_lines_begin_with_a_bar_or_not() {
    let table = "Site | (S) North | text\n--- | --- | ---\nA | (S) B | c";
    let found = |text: &str, form: Form| -> Vec<(usize, bool, bool)> {
        shapes(text, form).iter().map(|one| (one.line, one.is_error(), one.in_cell)).collect()
    };
    for form in [Form::Lines, Form::Table] {
        assert_eq!(found(table, form), [(1, true, true), (3, true, true)], "{form:?}");
    }
    all(
        "error",
        Form::Table,
        &["Cap\nA | (S) B | c", "Cap | SECRET", "Cap\n(S) A | b", "Cap\nA | SECRET//NOFORN | c", "(S) Cap\n| a |"],
    );
    all(
        "hold",
        Form::Table,
        &["Cap S//NF\n| a |", "Cap\na | see S//NF", "Cap\nh | h\na | the third site lies there (S)"],
    );
    all(
        "nothing",
        Form::Table,
        &["Cap\na | port (S) and starboard | b", "Cap | of a\n| 33 (C) | x |", "port (S) and starboard"],
    );
    // Without a rule a bar in a paragraph is a sign like others.
    all("nothing", Form::Lines, &["A | (S) B | c", "a | b\n---\nA | (S) B | c"]);
}

#[test]
fn rpt_10_a_citation_beside_a_mark_does_not_count_however_it_is_written() {
    for cited in [
        "[1]",
        "[1, 2]",
        "[1-3]",
        "[1; 2]",
        "[ 9 ]",
        "[1\u{2013}3]",
        "\u{FF3B}9\u{FF3D}",
        "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]",
    ] {
        all(
            "hold",
            Form::Lines,
            &[&format!("in the annex (S) {cited}"), &format!("Public part. {cited} (S) National")],
        );
        all("error", Form::Lines, &[&format!("x\nSECRET {cited}")]);
    }
    for other in ["[1 km]", "[see 9]", "[x]"] {
        all("nothing", Form::Lines, &[&format!("in the annex (S) {other}"), &format!("Public part {other} (S) so")]);
    }
}

/// Random lines: what one begins with when it stands alone, it begins with behind any other.
#[test]
fn rpt_9_no_line_takes_from_the_next_what_that_begins_with() {
    let (xaa, xbb) = registers();
    let words = Words::of([&xaa, &xbb]);
    let errors = |text: &str| -> Vec<usize> {
        mark_shapes(text, Form::Lines, &words).iter().filter(|one| one.is_error()).map(|one| one.at).collect()
    };
    let (mut seed, mut found) = (23_u64, 0);
    for _ in 0..60_000 {
        let mut some = |count: usize| (0..count).map(|_| piece(&mut seed)).collect::<String>();
        let (before, line) = (some(5), some(6));
        let alone = errors(&line);
        if alone.is_empty() {
            continue;
        }
        found += 1;
        let text = format!("{before}\n{line}");
        let behind = errors(&text);
        for at in alone {
            assert!(behind.contains(&(before.len() + 1 + at)), "{text:?} {behind:?}");
        }
    }
    assert!(found > 1_000, "{found}");
}
