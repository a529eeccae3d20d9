//! Edges of the grammar: the last value that is right, the first that is wrong, and what two rows say together.

use super::*;

/// Replaces in the example, one after another.
fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(FILE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the example lacks {from:?}");
        text.replacen(from, to, 1)
    })
}

/// What is told of the example with these edits; nothing where it reads.
fn told(edits: &[(&str, &str)]) -> String {
    faults(&edited(edits))
}

fn reads(edits: &[(&str, &str)]) -> Agreement {
    Agreement::read("agreement.toml", edited(edits).as_bytes()).unwrap_or_else(|faults| panic!("{edits:?}: {faults}"))
}

/// Each pair is an edit that reads; then one that is told with these words and nothing else.
fn check(right: &[(&str, &str)], wrong: &[(&str, &str, &str)]) {
    for edit in right {
        reads(&[*edit]);
    }
    for (from, to, words) in wrong {
        let list = told(&[(from, to)]);
        assert!(list.contains(words), "{from:?} -> {to:?} told\n{list}\nand not\n{words}");
        assert_eq!(list.lines().count(), 1, "{from:?} -> {to:?} told\n{list}");
    }
}

const ID: &str = "\"XAA-XBB-2026-01\"";
const HEAD: &str =
    "version    = 3\nsupersedes = \"sha256:8d1f3a5c77b0e2964a1c90de5bb7f3126e0c4d88a9f215e7c3b60d9147ae52f0\"\n";
const LISTED: &str =
    "\n  \"scope XAA>XBB topic space.pnt-interference: none -> 3\",\n  \"scope XAA>XBB form indicator-list: added\",\n";

#[test]
fn an_id_has_3_to_40_capitals_digits_and_hyphens() {
    let long = format!("\"{}\"", "X".repeat(40));
    let longer = format!("\"{}\"", "X".repeat(41));
    check(
        &[(ID, "\"A-1\""), (ID, &long), (ID, "\"042\"")],
        &[
            (ID, "\"A1\"", "error A002: id \"A1\""),
            (ID, &longer, "error A002: id"),
            (ID, "\"XAA_XBB\"", "error A002: id"),
            (ID, "\"XAa\"", "error A002: id"),
        ],
    );
}

#[test]
fn the_first_version_follows_nothing_and_every_later_one_names_what_it_follows() {
    let first = reads(&[(HEAD, "version    = 1\n"), (LISTED, "")]);
    assert_eq!((first.version, first.supersedes, first.extends), (1, None, Vec::new()));
    let second = reads(&[("version    = 3", "version    = 2"), (LISTED, "")]);
    assert!(second.version == 2 && second.supersedes.is_some());
    let missing = told(&[(HEAD, "version    = 2\n")]);
    assert!(
        missing.contains("error A004: supersedes is missing: version 2 names the digest of version 1"),
        "{missing}"
    );
    assert_eq!(missing.lines().count(), 1, "{missing}");
    let follows = told(&[("version    = 3", "version    = 1"), (LISTED, "")]);
    assert!(follows.contains("A004: version 1 supersedes nothing") && follows.lines().count() == 1, "{follows}");
    let extends = told(&[(HEAD, "version    = 1\n")]);
    assert!(extends.contains("A005: version 1 extends nothing") && extends.lines().count() == 1, "{extends}");
    let zero = told(&[(HEAD, "version    = 0\n")]);
    assert!(zero.contains("A003: version 0: versions run 1, 2, 3") && zero.lines().count() == 1, "{zero}");
}

#[test]
fn the_parties_are_two_different_nations_and_what_is_said_of_each_is_its_own() {
    let parties = "[\"XAA\", \"XBB\"]\nclock";
    for (to, words) in [
        ("[\"XAA\", \"XAA\"]\nclock", "A094: parties has \"XAA\" twice"),
        ("[\"XAA\", \"XBB\", \"XCC\"]\nclock", "A006: parties has 3 members"),
        ("[\"XAA\", \"xbb\"]\nclock", "A006: parties \"xbb\": a nation is three capital letters"),
    ] {
        let list = told(&[(parties, to)]);
        assert!(list.contains(words) && list.lines().count() == 1, "{to}: {list}");
    }
    let agreement = example();
    let (xaa, xbb, xcc) = (nation("XAA"), nation("XBB"), nation("XCC"));
    assert_eq!((agreement.partner_of(xbb), agreement.party(xcc)), (Some(xaa), None));
    assert_eq!([xaa, xbb, xcc].map(|one| agreement.place_of(one)), [Some(0), Some(1), None]);
    assert_eq!(agreement.register_digest(xbb), Some(agreement.registers.markings[1]));
    assert_ne!(agreement.register_digest(xaa), agreement.register_digest(xbb));
    assert_eq!(agreement.register_digest(xcc), None);
    for (from, to) in [(xaa, xcc), (xcc, xbb), (xbb, xbb)] {
        assert_eq!(agreement.scope(from, to), None, "{from}>{to}");
    }
    assert!(agreement.is_not_exchangeable(xaa, "TOP SECRET") && !agreement.is_not_exchangeable(xbb, "TOP SECRET"));
    assert!(!agreement.is_not_exchangeable(xaa, "SECRET"));
    assert_eq!(agreement.meaning_of(xbb, "SPÉCIAL BORÉALIE"), Some(Meaning::NationalOnly));
    assert_eq!((agreement.meaning_of(xaa, "SPÉCIAL BORÉALIE"), agreement.meaning_of(xcc, "NOFORN")), (None, None));
    let root = "sha256:c4e87b0d16f2935aa8d07c4e5b9361f20d8ea74c93b5f16027de48a9105c3bf6";
    let signer = "ed25519:7be214c9a05df36881f3c0d5e27a4b96130e8f5c7da4b2690cf6138e5b07d9a2";
    check(
        &[],
        &[
            (
                root,
                "sha256:19c07fa2d5e84b33a0b6f1c2d97e5084f31ab6690c27de85914fa03c5d68b7e2",
                "A011: one of tls_roots stands with both Parties",
            ),
            (
                signer,
                "ed25519:0a41d6be93f27c5580e2a19b46cd7738f1e05a6c2d94b8377af2e610c5d8934b",
                "A013: one signer's key stands with both Parties",
            ),
            (
                signer,
                "ed25519:2f95d0e8b37c61a40e7ba9c4d58f1e6237a0d69c8b14f5e25c730dae8b914f06",
                "A013: two offices have this key",
            ),
            ("\"XAA/NSA\"", "\"XBB/NSA\"", "A013: office \"XBB/NSA\": an office of XAA is written XAA/OFFICE"),
            (
                "\"XAA/JSC\"",
                "\"XBB/JSC\"",
                "A010: party.XAA.committee \"XBB/JSC\": an office of XAA is written XAA/OFFICE",
            ),
            ("languages            = [\"fr\"", "languages            = [\"fra\"", "A010: party.XBB.languages \"fra\""),
            ("languages            = [\"fr\"", "languages            = [\"FR\"", "A010: party.XBB.languages \"FR\""),
            ("authentic_texts    = [\"en\"", "authentic_texts    = [\"eng\"", "A008: basis.authentic_texts \"eng\""),
            ("authentic_texts    = [\"en\"", "authentic_texts    = [\"E1\"", "A008: basis.authentic_texts \"E1\""),
            (
                "sign = 2\nsuspend = 1\nresume = 2\ngive_notice = 1",
                "sign = 3\nsuspend = 1\nresume = 2\ngive_notice = 1",
                "A013: quorum sign = 3 of 2 signers",
            ),
        ],
    );
    let untitled = told(&[(FILE.split("[title]\n").nth(1).unwrap().split("\n# The inst").next().unwrap(), "")]);
    assert!(untitled.contains("A007: title has no text") && untitled.lines().count() == 1, "{untitled}");
}

#[test]
fn a_party_has_one_to_nine_signers() {
    let rows = |count: usize| -> String {
        (0..count)
            .map(|n| format!("[[party.XBB.signer]]\noffice = \"XBB/O{n}\"\nkey = \"ed25519:{n:064x}\"\n"))
            .collect()
    };
    let start = FILE.find("[[party.XBB.signer]]").unwrap();
    let end = FILE.find("[party.XBB.quorum]").unwrap();
    let with = |count: usize, sign: u32| {
        let rest =
            FILE[end..].replacen("sign = 2", &format!("sign = {sign}"), 1).replacen("resume = 2", "resume = 1", 1);
        faults(&format!("{}{}{rest}", &FILE[..start], rows(count)))
    };
    assert_eq!((with(9, 9).as_str(), with(1, 1).as_str()), ("", ""));
    let ten = with(10, 9);
    assert!(ten.contains("A013: party.XBB.signer has 10 entries; 1 to 9 may be there"), "{ten}");
    let none = with(0, 1);
    assert!(none.contains("A013: party.XBB.signer has 0 entries"), "{none}");
}

#[test]
fn rows_of_the_table_of_equivalence_are_apart_in_words_or_in_days() {
    let row = "[[equivalence]]\nlevel   = 2\n";
    let later = |level: u8, from: &str| {
        let second = format!(
            "[[equivalence]]\nlevel = {level}\nXAA = \"CONFIDENTIAL\"\nXBB = \"AUTRE\"\nfrom = {from}\n\n# Named"
        );
        [(row, "[[equivalence]]\nlevel   = 2\nuntil   = 2026-06-01\n".to_owned()), ("\n# Named", second)]
    };
    let with = |level: u8, from: &str| {
        let edits = later(level, from);
        told(&edits.each_ref().map(|(from, to)| (*from, to.as_str())))
    };
    assert_eq!(with(2, "2026-06-01"), "", "the day on which the first holds no more");
    assert_eq!(with(3, "2026-06-01"), "");
    let two = with(3, "2026-05-31");
    assert!(two.contains("A030: two levels for one marking: XAA CONFIDENTIAL is 2 and 3"), "{two}");
    let same = with(2, "2026-05-31");
    assert!(same.contains("A030: XAA CONFIDENTIAL has two rows for the same days"), "{same}");
    // The later days may stand first.
    let edits = later(2, "2026-01-01");
    let turned =
        [(edits[0].0, "[[equivalence]]\nlevel   = 2\nfrom   = 2026-06-01\n"), (edits[1].0, edits[1].1.as_str())];
    assert!(told(&turned).contains("two rows for the same days"));
    let ended = edits[1].1.replacen("from = 2026-01-01", "until = 2026-06-01", 1);
    assert_eq!(told(&[turned[0], (edits[1].0, &ended)]), "");
    check(
        &[(row, "[[equivalence]]\nlevel   = 2\nfrom = 2026-06-01\nuntil = 2026-06-02\n")],
        &[(
            row,
            "[[equivalence]]\nlevel   = 2\nfrom = 2026-06-01\nuntil = 2026-06-01\n",
            "A030: from 2026-06-01 is not before until 2026-06-01",
        )],
    );
}

#[test]
fn a_spelling_is_of_one_marking_alone() {
    let spells = |list: &str| format!("XBB     = \"CONFIDENTIEL\"\naccepts = {{ {list} }}");
    let with = |list: &str| told(&[("XBB     = \"CONFIDENTIEL\"", &spells(list))]);
    assert_eq!(with("XBB = [\"CONFIDENTIEL DEFENSE\"], XAA = [\"CONF\"]"), "");
    for (list, word) in [
        ("XBB = [\"DIFFUSION RESTREINTE\"]", "\"DIFFUSION RESTREINTE\""),
        ("XBB = [\"NON PROTEGE\"]", "\"NON PROTEGE\""),
        ("XAA = [\"RESTRICTED\"]", "\"RESTRICTED\""),
        ("XBB = [\"SECRET\"]", "\"SECRET\""),
    ] {
        let list = with(list);
        assert!(list.contains(&format!("A032: spelling {word} in accepts is another marking of")), "{list}");
        assert_eq!(list.lines().count(), 1, "{list}");
    }
    assert_eq!(with("XAA = [\"DIFFUSION RESTREINTE\"]"), "", "a word of the other Party");
    check(
        &[("XAA = [\"TOP SECRET\"]", "XAA = [\"TOP SECRET\", \"NON PROTEGE\"]")],
        &[(
            "XBB = [\"TRÈS SECRET\", \"TRES SECRET\"]",
            "XBB = [\"TRÈS SECRET\", \"NON PROTEGE\"]",
            "A033: XBB NON PROTEGE also has a row in the table of equivalence",
        )],
    );
    let agreement = example();
    let level = |of: &str, word: &str| {
        agreement.equivalence_of(nation(of), word, Day::parse("2026-11-17").unwrap()).map(|row| row.level)
    };
    assert_eq!((level("XBB", "NON PROTEGE"), level("XAA", "NON PROTEGE")), (Some(0), None));
    assert_eq!((level("XAA", "SECRET"), level("XCC", "SECRET"), level("XAA", "TOP SECRET")), (Some(3), None, None));
}

#[test]
fn a_caveat_has_one_meaning_and_a_meaning_one_row() {
    let rows = "means = \"originator-controlled\"\nXAA   = \"ORCON\"";
    check(
        &[(rows, "means = \"no-contractors\"\nXAA   = \"NOCONTRACT\"")],
        &[
            (
                rows,
                "means = \"originator-controlled\"\nXAA   = \"NOFORN\"",
                "A034: two meanings for one caveat: XAA NOFORN",
            ),
            (
                "means = \"limited-distribution\"",
                "means = \"originator-controlled\"",
                "A034: meaning originator-controlled has two rows",
            ),
            (
                "\"DIFFUSION LIMITÉE\"",
                "\"CONTRÔLE ÉMETTEUR\"",
                "A034: two meanings for one caveat: XBB CONTRÔLE ÉMETTEUR",
            ),
        ],
    );
    for (word, meaning) in Meaning::WORDS {
        assert_eq!((Meaning::parse(word), meaning.word()), (Some(meaning), word));
    }
    assert_eq!(Meaning::parse("NOFORN"), None);
    let level = told(&[("[[protection]]\nlevel = 3", "[[protection]]\nlevel = 4")]);
    assert!(level.contains("A036: level 4 is not in the table of equivalence"), "{level}");
    assert!(level.contains("A036: level 3 has no row of protection") && level.lines().count() == 2, "{level}");
}

#[test]
fn a_group_has_four_letters_and_days_of_its_own() {
    let second = |code: &str, from: &str, until: &str| {
        let row = format!(
            "until   = 2027-03-01\n[[group]]\ncode = {code:?}\nmembers = [\"XAA\"]\nfrom = {from}\nuntil = {until}"
        );
        told(&[("until   = 2027-03-01", &row)])
    };
    assert_eq!(second("NLGP", "2027-03-01", "2027-03-02"), "", "the first day after");
    assert_eq!(second("NLGP", "2026-02-01", "2026-03-01"), "", "until the first day");
    assert_eq!(second("ABCD", "2026-03-01", "2027-03-01"), "", "another group");
    for (from, until) in [("2027-02-28", "2028-01-01"), ("2026-01-01", "2026-03-02"), ("2026-04-01", "2026-04-02")] {
        let list = second("NLGP", from, until);
        assert!(list.contains("A052: group NLGP has overlapping dates: 2026-03-01 to 2027-03-01 already"), "{list}");
        assert_eq!(list.lines().count(), 1, "{list}");
    }
    let backwards = second("ABCD", "2026-03-01", "2026-03-01");
    assert!(backwards.contains("A052: from 2026-03-01 is not before until 2026-03-01"), "{backwards}");
    for code in ["ABC", "abcd", "ABC1"] {
        let list = second(code, "2026-03-01", "2027-03-01");
        assert!(list.contains(&format!("A051: group code {code:?} must be four capital letters")), "{list}");
    }
    let agreement = example();
    let members = |day: &str, code: &str| agreement.groups_on(Day::parse(day).unwrap()).members(code);
    let all = Some(["XAA", "XBB", "XCC"].map(nation).to_vec());
    assert_eq!((members("2026-03-01", "NLGP"), members("2027-02-28", "NLGP")), (all.clone(), all));
    assert_eq!((members("2026-02-28", "NLGP"), members("2027-03-01", "NLGP")), (None, None));
    assert_eq!(members("2026-03-01", "ABCD"), None);
}
