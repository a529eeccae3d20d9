//! Tables with and without formulas, whichever separator reads them.

use super::*;

fn found(text: &str) -> Option<(Sort, At)> {
    inspect(&text.as_bytes()).finding.map(|one| (one.sort, one.at))
}

#[test]
fn formulas_are_found_by_line_and_column_in_any_reading() {
    for (text, wanted) in [
        ("a,b\n1,=SUM(A1:A9)\n", (2, 2)),
        ("=1+1", (1, 1)),
        ("\u{feff}@SUM(1)", (1, 1)),
        ("a;b\r\n1;+cmd|' /C calc'!A0\r\n", (2, 2)),
        ("a\t-2+3", (1, 2)),
        ("a|=1\n", (1, 2)),
        ("a,\"=HYPERLINK(\"\"x\"\")\"", (1, 2)),
        ("a,\" =1\"", (1, 2)),
        ("a,\"\"\"=1\"", (1, 2)),
        ("\"two\nlines\",x\n=1", (3, 1)),
        ("a,＝1", (1, 2)),
        ("a,﹦1", (1, 2)),
        ("a,＋A1", (1, 2)),
        ("a,＠x", (1, 2)),
        ("a,\u{200b}\u{a0}=1", (1, 2)),
        ("a,'=1", (1, 2)),
        ("a,’=1", (1, 2)),
        ("a,- see note", (1, 2)),
        ("a;-A1\n", (1, 2)),
        // A table for one separator, a formula for another.
        ("x;\"y\n=cmd|' /C calc'!A0\n\"\n", (2, 1)),
        ("x;\"y\n+cmd|' /C calc'!A0\n\"\n", (2, 1)),
        ("x,\"a;-SUM(A1)\"\n", (1, 2)),
        ("a;b\n-2,5+A1\n", (2, 1)),
        ("a;b\n-1,5+HYPERLINK(A1)\n", (2, 1)),
        ("a,b\n-3;-A1\n", (2, 2)),
        ("a,b\n-3;=1\n", (2, 2)),
        ("a;b\n-SUM(A1;A2)\n", (2, 1)),
        ("a,b\n-3|-A1\n", (2, 2)),
        ("a;b\n\"-3;x\";1\n", (2, 1)),
        ("a;b,c\n-5 x y\n", (2, 1)),
        ("a;b\n-5\t*A1;2\nx\ty;1\n", (2, 1)),
        // One column.
        ("x\n-2+3\n", (2, 1)),
    ] {
        let wanted = Some((Sort::Active, At::Cell(wanted.0, wanted.1)));
        assert_eq!(found(text), wanted, "{text:?}");
    }
}

#[test]
fn tables_as_people_have_them_pass() {
    for text in [
        "",
        "lat,lon\n-12.5,+3e-5\n-,--\n-1%,-.5\n+7.,x\n",
        "\"he said, =1 is right\",5\n",
        "time,e=mc2,a-b,a@b\n",
        "Ort;Wert;Einheit\r\n\"Zürich\";-1'234.50;CHF\r\n\"Genève\";-1’234,5;-3 dB\r\n",
        "ville;solde\n\"Orléans\";-1 234,5\n\"Lyon\";-1\u{a0}234,50 €\n\"Nice\";-1\u{202f}234,5\n",
        "name,phone\nA,+33 1 23 45 67\nB,+41 44 123 45 67\n",
        "lat;lon\n-12°34';-5°\n-12° 34' 56\"\" S;1\n".replace("\"\"", "′′").as_str(),
        "a\tb\n1\t-2\n",
        "a|b\n1|-2\n",
        "\"a \"\"quoted\"\" word\",\"two\r\nlines\"\r\n",
        "note;value\n\"x, -5 at noon\";1\n",
        "one\ntwo\n-3\n",
        "a;b\n-1,5;2\n-3;-4\n",
        "a;b\r\n-1,5;2\r\n-3;high, or not\r\n-3;high\r\n",
        "-3\t-4\n1,5\t2\n",
        "x;y\n-1 234,5;1\n-3 dB;-12°34'\n",
        "a|b\n1,5|x\n-3|2\n",
    ] {
        assert_eq!(found(text), None, "{text:?}");
    }
    let track = include_bytes!("../../../../../examples/sierra-14-track.csv");
    assert_eq!(inspect(&&track[..]).finding, None);
}

#[test]
fn what_chooses_the_separator_or_is_right_for_none_is_odd() {
    for text in [
        "sep=|\na|b\n",
        "sep=^\na^=1\n",
        "SEP = ;\na;b\n",
        "\u{feff}sep=,\n",
        "\"sep=,\"\n",
        " s e p=x\n",
        "\n\nsep=,\n",
        "ｓｅｐ＝,\n",
        "sep=",
        "size 5\" pipe,x\n",
        "\"a\"b,c\n",
        "\"open, x",
        "a,\"b\" \n",
        "a,b\rc,d\r",
        "a\x0bb",
        "a\u{85}b",
    ] {
        assert!(matches!(found(text), Some((Sort::Odd, _))), "{text:?}: {:?}", found(text));
    }
    assert_eq!(inspect(&&b"a,\xff"[..]).finding.map(|one| (one.sort, one.at)), Some((Sort::Odd, At::Byte(2))));
    assert!(matches!(found("a,b\r=1\r"), Some((Sort::Odd, _))));
    for text in ["separator,sep=1\n", "a\nsep=,\n", "sepsis=1,b\n"] {
        assert_eq!(found(text), None, "{text:?}");
    }
}

#[test]
fn only_numbers_are_numbers() {
    for good in [
        "-1",
        "+1.5",
        "-1,5",
        "-2E+10",
        "-5%",
        "-.5",
        "-1 234,5",
        "-3 dB",
        "+33 1 23 45 67",
        "-12°34'",
        "- 5",
        "+7.",
        "-1'234.50",
        "-5°C",
        "-5 °C",
        "+1\u{a0}000",
        "-12°34'56\"",
        "-12°34′ S",
        "-3e5",
        "-1.234.567,89",
    ] {
        assert!(cell::is_number(good), "{good}");
    }
    for bad in [
        "", "-", "-.", "-e5", "+-1", "-1+2", "-0x5", "-1e5e5", "-A1", "+cmd|", "-2+3", "-1!", "-5 dB m", "-1(2)",
        "--1", "-1  2", "-5 A1", "-5R1C1", "-12°x5", "-1:2", "1", "-1 2 x y", "-12°34",
    ] {
        assert!(!cell::is_number(bad), "{bad}");
    }
}

#[test]
fn a_table_is_read_in_one_pass_and_little_memory() {
    // A cell of 1 MiB, and a table of very many empty cells.
    let long = format!("a,\"{}\"\n", "x,".repeat(1 << 19));
    assert_eq!(found(&long), None);
    assert!(matches!(found(&format!("a,-{}\n", "1".repeat(1 << 20))), Some((Sort::Active, _))), "no number is so long");
    assert_eq!(found(&",".repeat(1 << 20)), None);
}

/// Texts of few letters, many of which mean something here.
#[test]
fn what_is_passed_over_at_once_is_what_letter_by_letter_comes_to() {
    let letters =
        ["a", "1", ",", ";", "\t", "|", "\n", "\r\n", "\"", "=", "-", "+", "@", " ", "'", "é", "ab,1\n", "x-y;2\n"];
    let mut state = 7_u64;
    let mut next = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % most
    };
    let mut found = [0, 0];
    for _ in 0..60_000 {
        let text: String = (0..next(40)).map(|_| letters[next(letters.len())]).collect();
        let [quick, slow] = [Pace::Quick, Pace::Slow].map(|pace| read(&text.as_bytes(), pace));
        assert_eq!(quick, slow, "{text:?}");
        found[usize::from(quick.is_err())] += 1;
    }
    assert!(found.iter().all(|count| *count > 1_000), "{found:?}");
}
