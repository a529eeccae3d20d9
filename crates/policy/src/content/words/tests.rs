//! What is found and what is not.

use super::*;
use relto_report::attachment::text::any_block;

fn stand_in(words: &HoldWords, way: Way, text: &str) -> bool {
    any_block(&text.as_bytes(), way, |block| words.stand_in_block(block, way)).unwrap()
}

fn words(list: &str) -> HoldWords {
    HoldWords::read("hold-words.txt", list.as_bytes()).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn the_example_holds_words_however_lines_and_hyphens_part_them() {
    let words = words(include_str!("../../../../../examples/hold-words.txt"));
    assert_eq!(words.count(), 3);
    for hit in [
        "AMBER LANTERN",
        "the amber lantern.",
        "Amber\nLantern",
        "amber\u{a0}\tlan-\ntern, again",
        "AMBER-LANTERN",
        "**AMBER** LANTERN",
        "am\u{ad}ber lan\u{200b}tern",
        "AmberLantern",
        "northgate 7",
        "(NORTHGATE\u{2011}7)",
        "NORTHGATE-\n7",
        "x,GLASS HARBOUR,y",
        "amber. Lantern",
        "glass, harbour",
        "AMBER LANTERN's",
        "l'amber lantern",
        "АMBЕR LАNTЕRN",
        "amber 1antern",
        "arnber lantern",
        "a m b e r  l a n t e r n",
        "amber .......lantern",
        "ａｍｂｅｒ ｌａｎｔｅｒｎ",
        "𝐀𝐌𝐁𝐄𝐑 LANTERN",
        "am\u{34f}ber lan\u{fe0f}tern",
        "AMBER|LANTERN",
        "AMBER |ANTERN",
    ] {
        assert!(words.stand_in(hit), "{hit:?}");
    }
    for miss in [
        "",
        "amber",
        "lantern amber",
        "amber lanterns",
        "chamber lantern",
        "NORTHGATE-70",
        "NORTHGATE 17",
        "amber ......... lantern",
    ] {
        assert!(!words.stand_in(miss), "{miss:?}");
    }
}

#[test]
fn letters_are_compared_small_and_without_accents_but_where_they_count() {
    let words = words("Café Noir\nGROẞE STRAßE\nΟΔΟΣ\nK/27\n=CÔTE\n");
    for hit in [
        "CAFE\u{301} NOIR",
        "café noir",
        "große strasse",
        "οδος",
        "οδοσ",
        "see K/27.",
        "cafe noir",
        "K 27",
        "la côte",
        "CO\u{302}TE",
    ] {
        assert!(words.stand_in(hit), "{hit:?}");
    }
    for miss in ["K/2 7x", "cote", "cotes", "K/270"] {
        assert!(!words.stand_in(miss), "{miss:?}");
    }
}

#[test]
fn escapes_of_json_hide_nothing() {
    let words = words("AMBER LANTERN\nÉtoile\n🦊 fox\nK/27\nPLAN \"B\"");
    for hit in [
        r#"{"a":"amb\u0065r\nlantern"}"#,
        r#"["AMBER\/LANTERN", "\u00C9TOILE"]"#,
        r#"["\ud83e\udd8a fox"]"#,
        r#"["E\u0301toile\t"]"#,
        r#"["\é amber lantern"]"#,
        r#"["see K\/27"]"#,
        r#"["plan \"b\" holds"]"#,
        r#"["AMBER\/LANTERN"]"#,
        r#"{"amber lantern": 1}"#,
    ] {
        assert!(stand_in(&words, Way::Json, hit), "{hit}");
    }
    for miss in [r#"["\u00e"]"#, r#"["amber", "lantern"]"#, "\\", "\\u", "{\"amber\":\"lantern\"}"] {
        assert!(!stand_in(&words, Way::Json, miss), "{miss}");
    }
}

#[test]
fn a_file_has_a_mebibyte_and_20_000_words_at_most_and_a_word_3_letters_and_120_characters() {
    let is_read = |text: &str| HoldWords::read("w", text.as_bytes()).is_ok();
    assert!(is_read(&"#".repeat(1_048_576)) && !is_read(&"#".repeat(1_048_577)));
    assert!(is_read(&"x".repeat(120)) && !is_read(&"x".repeat(121)));
    assert!(is_read("ab1") && !is_read("ab-") && !is_read("a b"));
    let list = |count: usize| (0..count).map(|n| format!("word {n}\n")).collect::<String>();
    assert_eq!(words(&list(20_000)).count(), 20_000);
    let told = HoldWords::read("w", list(20_001).as_bytes()).unwrap_err();
    assert_eq!(told.to_string(), "w: error N020: 20001 words; the limit is 20000");
    assert_eq!((told.list[0].line, told.list[0].column), (0, 0), "the whole file");
}

#[test]
fn faults_name_the_line_and_never_the_word() {
    let told = HoldWords::read("hold-words.txt", b"# list\nGOOD WORD\nAB\n- -\n").unwrap_err().to_string();
    assert!(told.contains("hold-words.txt:3:1: error N020") && told.contains(":4:1: error N020"), "{told}");
    assert!(!told.contains("AB"), "{told}");
    assert!(HoldWords::read("w", b"\xff").is_err());
    assert!(HoldWords::read("w", &vec![b'#'; MAX_FILE + 1]).is_err());
    assert!(HoldWords::read("w", "x".repeat(MAX_WORD + 1).as_bytes()).is_err());
    assert_eq!(format!("{:?}", words("SECRET NAME")), "HoldWords(1)");
    assert!(!words("# nothing\n").stand_in("anything"));
}

#[test]
fn a_short_word_is_found_as_written_and_where_letters_are_set_apart() {
    let words = words("GLASS\nFALL\nBUM\nDUN\nCARPET\n");
    for hit in ["glass", "G L A S S", "g.l.a.s.s", "gl-\nass", "g**l**ass", "G1ASS", "GLA55 G1ASS", "Glass's", "d-u-n"]
    {
        assert!(words.stand_in(hit), "{hit:?}");
    }
    for miss in ["fail", "burn", "d'un", "car pet", "gl ass", "g l.a s s", "glasses", "giass", "b-um"] {
        assert!(!words.stand_in(miss), "{miss:?}");
    }
}

#[test]
fn a_phrase_does_not_go_over_cells_or_strings() {
    let words = words("AMBER LANTERN\n");
    for hit in [
        "a,amber lantern\n",
        "x;\"amber\nlantern\";y",
        "amber\tx\nb\tamber-lantern",
        "amber lantern",
        "\"a \"\"b\"\", amber\nlantern\",y",
    ] {
        assert!(stand_in(&words, Way::Csv, hit), "{hit:?}");
    }
    for miss in ["amber,lantern\n", "amber;lantern", "amber\nlantern,x", "\"amber\",\"lantern\""] {
        assert!(!stand_in(&words, Way::Csv, miss), "{miss:?}");
    }
    for hit in ["Ships\n| a | amber lantern |\n", "near amber\nlantern\n| a |", "- x\n  | amber-lantern |"] {
        assert!(words.stand_in_portion(hit), "{hit:?}");
    }
    assert!(!words.stand_in_portion("Ships\n| amber | lantern |\n"));
    for hit in ["text amber\n| lantern text", "| amber | lantern", "amber | lantern"] {
        assert!(words.stand_in_portion(hit) && words.stand_in(hit), "{hit:?}");
    }
    assert!(stand_in(&words, Way::Csv, "1,\"AMBER \"\"\"\"\"\"\"\"\"\" LANTERN\""));
    assert!(stand_in(&words, Way::Json, r#"["x am-\nber lantern"]"#));
}

#[test]
fn a_capital_is_found_by_what_it_looks_like() {
    let words = words("AMBER LANTERN\nBLACKBIRD\nGLASS\nK27\nVIPER\nCafé Noir\n");
    for hit in [
        "АМBER LANTERN",
        "AMBER LАNТERN",
        "ВLACKBIRD",
        "BLACКBIRD",
        "BLACΚBIRD",
        "ΒLACKBIRD",
        "К27",
        "ԌLASS",
        "GLᎪSS",
        "ꮐlass",
        "VIᏢER",
        "BLACKBIᎡD",
        "Ϲafé Noir",
        "ɢʟᴀꜱꜱ",
        "amвer lanтern",
        "🅰🅼🅱🅴🆁 lantern",
        "🅐🅜🅑🅔🅡 lantern",
        "AMBER LANTERN\u{B9}",
        "AMBER\u{B2} LANTERN",
    ] {
        assert!(words.stand_in(hit), "{hit:?}");
    }
}

#[test]
fn a_raised_figure_is_a_figure_and_a_sign_of_a_note() {
    let words = words("NORTHGATE-7\nK/27\n70417\nAMBER LANTERN 3\nGLASS HARBOUR\nDUN\n");
    for hit in [
        "NORTHGATE⁷",
        "NORTHGATE-⁷",
        "NORTHGATE-7⁷",
        "NORTHGATE-7²,",
        "K/2⁷",
        "K/²⁷",
        "K/27¹",
        "7041⁷",
        "⁷⁰⁴¹⁷",
        "70417³",
        "AMBER LANTERN³",
        "АMBER LANTERN³",
        "amber lantern ³",
        "GLASS HARBOUR¹",
        "GLASS² HARBOUR",
        "GLASS HARBOURᵃ",
        "GLASS HARBOURª and more",
        "GLASS HARBOUR™",
        "①GLASS HARBOUR",
        "❶DUN",
        "DUN⁽¹⁾",
        "NORTHGATE-❼",
        "NORTHGATE ⑦",
        "NORTHGATE-➆",
        "K/2ⓐ K/2❼",
        "ⓓⓤⓝ",
        "ᴰᵁᴺ",
    ] {
        assert!(words.stand_in(hit), "{hit:?}");
    }
    for miss in [
        "NORTHGATE⁸",
        "NORTHGATE-8⁷",
        "NORTHGATE-⁷⁰",
        "K/2",
        "K/2⁸",
        "K/2 ⁷x",
        "7041⁸",
        "704⁷",
        "AMBER LANTERN²",
        "AMBER LANTERN",
        "CHAMBER LANTERN³",
        "DUNE¹",
        "DU²N",
        "dún¼e",
    ] {
        assert!(!words.stand_in(miss), "{miss:?}");
    }
    assert!(stand_in(&words, Way::Csv, "a,K/2⁷\n") && stand_in(&words, Way::Json, r#"["K/2\u2077"]"#));
    assert!(words.stand_in_portion("| K/2⁷ | x |\n") && !words.stand_in_portion("| 7041 | ⁷ |\n"));
    assert_eq!(words.count_in("K/2⁷\n\nK/2⁸\n\nDUN²"), 2);
}

#[test]
fn numbers_of_json_are_looked_through_each_by_itself() {
    let words = words("70417\n12-345\n");
    for hit in [
        "[70417]",
        r#"{"f":70417}"#,
        r#"{"70417":1}"#,
        "70417",
        "[-70417.5]",
        "[0.70417]",
        "[70417e3]",
        "[1E70417]",
        "[12.345]",
        "[12e-345]",
        "[1,\n70417\n]",
    ] {
        assert!(stand_in(&words, Way::Json, hit), "{hit}");
    }
    for miss in
        ["[704170]", "[170417]", "[704,17]", "[7041,7]", "[7041.7]", "[70e417]", r#"["704",17]"#, "[12,345]", ""]
    {
        assert!(!stand_in(&words, Way::Json, miss), "{miss}");
    }
    assert_eq!(words.count_in_json(r#"{"f":70417,"g":[70417,"70417",70418]}"#), 3);
}

#[test]
fn two_entries_that_fold_alike_are_one() {
    assert_eq!(words("AMBER LANTERN\namber-lantern\nAmbér Lantern\nAMBERLANTERN\n").count(), 1);
    assert_eq!(words("Côte\n=CÔTE\ncote\n").count(), 2);
    assert_eq!(words("BURN\nBUM\n").count(), 2);
}

#[test]
fn the_road_of_ascii_is_the_full_one() {
    let words = words("AMBER LANTERN\nGLASS\nNORTHGATE-7\nMOW\nWIMMIN 10\n");
    let mut dice = 7_u32;
    let mut next = |most: u32| {
        dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (dice >> 16) % most
    };
    let parts =
        ["amber", "1antern", "glass", "g", "l", "a", "s", "mow", "w1mmin", "10", " ", "-", "\n", "rn", "vv", "x", "'"];
    let mut hits = 0;
    for _ in 0..20_000 {
        let text: String = (0..next(9)).map(|_| parts[next(17) as usize]).collect();
        assert_eq!(words.stand_in(&text), words.found(&text, Read::Alike), "{text:?}");
        hits += usize::from(words.found(&text, Read::Alike));
    }
    assert!(hits > 500, "{hits}");
}

#[test]
fn the_worst_text_takes_steps_in_proportion_to_its_length() {
    // One finder passes over the folded bytes once: what is counted is what it stops at.
    let list: String = (8..=60).map(|n| format!("{}\n", "a ".repeat(n))).collect();
    let words = words(&list);
    let looked = |text: &str| {
        let folded = Folded::of(text, Read::Alike);
        let (mut state, mut count) = (OverlappingState::start(), 0);
        let finder = words.finder.as_ref().unwrap();
        while finder.try_find_overlapping(&Input::new(&folded.bytes), &mut state).is_ok() && state.get_match().is_some()
        {
            count += 1;
        }
        count
    };
    let text = |length: usize| format!("a{}", " ".repeat(9)).repeat(length);
    let (one, two) = (looked(&text(2_000)), looked(&text(4_000)));
    assert!(two <= 2 * one + 53 * 60 && !words.stand_in(&text(4_000)), "{one} {two}");
    // However a text is made: at one letter no more words end than a word may have letters.
    for piece in ["a", "a ", "a\u{301}", "a-\n", "a  ", "The vessel stood off the cable for a day. "] {
        let text = piece.repeat(32 * 1024 / piece.len());
        let letters = Folded::of(&text, Read::Alike).bytes.len();
        assert!(letters <= text.len() && looked(&text) <= letters * MAX_WORD / 2, "{piece:?}");
    }
}

/// Cells of few letters, many of which begin as a word does: whether or not a block is looked through at once.
#[test]
fn a_block_that_is_passed_over_has_no_cell_with_a_word() {
    let words = HoldWords::read("words", b"GREEN LANTERN\nOAK\nB-52\n").unwrap_or_else(|faults| panic!("{faults}"));
    let parts =
        ["green", "lantern", "oak", "b", "52", "o", "ak", " ", "-", ",", ";", "\n", "-\n", "x", "        ", ".", "\""];
    let mut state = 11_u64;
    let mut next = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % most
    };
    let mut found = [0, 0];
    for _ in 0..40_000 {
        let text: String = (0..next(12)).map(|_| parts[next(parts.len())]).collect();
        let slow = relto_report::csv_cells::any(&text, |cell| words.stand_in(cell));
        let quick = relto_report::attachment::text::any_block(&text.as_bytes(), Way::Csv, |block| {
            words.stand_in_block(block, Way::Csv)
        });
        assert_eq!(quick, Ok(slow), "{text:?}");
        found[usize::from(slow)] += 1;
    }
    assert!(found.iter().all(|count| *count > 1_000), "{found:?}");
}
