//! One row for each way to be wrong: what is put into the example, and the faults that must be told, no more and no less.

use super::*;

/// What is replaced in the example, by what, and the errors wanted: line, column, rule.
type Row = (&'static str, &'static str, &'static [(usize, usize, &'static str)]);

fn check(rows: &[Row]) {
    let mut wrong = String::new();
    for (old, new, wanted) in rows {
        assert!(REPORT.contains(old), "not in the example: {old}");
        let text = REPORT.replacen(old, new, 1);
        let told = errors(&text, Some(HOME));
        if told.iter().map(|(line, column, rule, _)| (*line, *column, *rule)).collect::<Vec<_>>() != *wanted {
            wrong.push_str(&format!("{old:?} -> {new:?}\n  wanted {wanted:?}\n  told {told:#?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn errors(text: &str, home: Option<&str>) -> Vec<(usize, usize, &'static str, String)> {
    let faults = read(text.as_bytes(), home).err().map(|faults| faults.list).unwrap_or_default();
    faults.into_iter().filter(|one| !one.warning).map(|one| (one.line, one.column, one.rule, one.message)).collect()
}

#[test]
fn the_file() {
    let told = |bytes: &[u8]| {
        let faults = read(bytes, None).err().unwrap().list;
        faults.first().map(|one| (one.line, one.column, one.rule, one.message.clone())).unwrap()
    };
    let mut latin = REPORT.as_bytes().to_vec();
    let at = REPORT.find("kind        = \"imagery\"").unwrap();
    latin[at + 10] = 0xE9;
    let one = told(&latin);
    assert_eq!((one.0, one.1, one.2), (46, 11, "R001"));
    assert_eq!(one.3, "byte 0xE9 is not UTF-8. Save the file as UTF-8 (it looks like Windows-1252)");
    assert_eq!(told("\u{feff}+++\n".as_bytes()).2, "R001");
    let large = told(&vec![b'x'; 1_310_720]);
    assert_eq!((large.0, large.1, large.2), (0, 0, "R002"));
    assert_eq!(large.3, "1,310,720 bytes; the limit is 1,048,576. Move tables and data to an attachment");
    assert_eq!(told(b"format = 1\n").2, "R004");
    assert_eq!(told(b"+++\nformat = 1\n").2, "R004");
    check(&[
        ("three independent", "three\u{202e}independent", &[(118, 237, "R003")]),
        ("Emissions of", "Emissions\u{200b}of", &[(58, 25, "R003")]),
        ("precedence =", "precedance =", &[(10, 1, "R005")]),
        ("descriptor  = \"Commercial", "descriptor  = \"\\u202ECommercial", &[(49, 16, "R003")]),
        ("title      = \"(U) Cable", "title      = \"(U) \\u0007Cable", &[(5, 19, "R003")]),
        ("n           = 1", "n           = \"1\"", &[(43, 15, "R005")]),
    ]);
    let nearest = errors(&REPORT.replacen("precedence =", "precedance =", 1), Some(HOME));
    assert_eq!(nearest[0].3, "unknown key \"precedance\". Did you mean \"precedence\"?");
    let long = REPORT.replacen("A lawful survey", &"survey ".repeat(3000), 1);
    assert_eq!(errors(&long, Some(HOME))[0].2, "R006");
    let many = format!("{REPORT}\n\n## OUTLOOK\n{}", "\n(U) x\n".repeat(2001));
    assert!(errors(&many, Some(HOME)).iter().any(|one| one.2 == "R006"));
    assert!(errors(REPORT.split("## KEY").next().unwrap(), Some(HOME)).iter().any(|one| one.2 == "R006"));
}

#[test]
fn the_head() {
    check(&[
        ("relto-report/1", "relto-report/2", &[(2, 14, "R010")]),
        ("form       = ", "#", &[(114, 1, "R013")]),
        ("\"assessment\"", "\"estimate\"", &[(4, 14, "R013")]),
        ("title      = \"(U) ", "title      = \"", &[(5, 15, "R014")]),
        ("title      = \"(U) Cable", "title      = \"(U) \\nCable", &[(5, 15, "R014")]),
        ("rel_to     = [\"XAA\", \"XBB\"]", "rel_to     = [\"XAA\", \"XZ\"]", &[(7, 22, "R020")]),
        ("\"XBB\"]\ntopics ", "\"XZZZ\"]\ntopics ", &[(7, 22, "R020")]),
        ("[\"XAA\", \"XBB\"]\ntopics ", "[\"XBB\", \"XAA\"]\ntopics ", &[(7, 15, "R021")]),
        ("\"XBB\"]\ntopics ", "\"XBB\", \"XBB\"]\ntopics ", &[(7, 29, "R021")]),
        (
            "[\"maritime.undersea-infrastructure\", \"maritime.surface\", \"space.pnt-interference\"]\npurpose",
            "[]\npurpose",
            &[(8, 14, "R022"), (67, 16, "R056"), (67, 52, "R056")],
        ),
        (
            "[\"maritime.undersea-infrastructure\", \"maritime.surface\", \"space",
            "[\"maritime.cables\", \"maritime.undersea-infrastructure\", \"maritime.surface\", \"space",
            &[(8, 15, "R022")],
        ),
        (
            "[\"maritime.undersea-infrastructure\", \"maritime.surface\", \"space",
            "[\"maritime.surface\", \"maritime.undersea-infrastructure\", \"maritime.surface\", \"space",
            &[(8, 71, "R022")],
        ),
        ("\"early-warning\"", "\"targeting\"", &[(9, 14, "R023")]),
        ("\"PRIORITY\"", "\"URGENT\"", &[(10, 14, "R024")]),
        ("\"PRIORITY\"", "\"FLASH\"", &[(10, 14, "R029")]),
        ("[\"XBB/J2\"", "[\"XBB/FINANCE\"", &[(11, 15, "R025")]),
        ("[\"XBB/J2\", \"XBB/MARINE\"]", "[]", &[(11, 14, "R025")]),
        ("[\"XBB/CYBER\"]", "[\"XBB/CYBER\", \"XBB/CYBER\"]", &[(12, 28, "R025")]),
        ("traffic    = \"live\"\n", "", &[(113, 1, "R026")]),
        ("\"live\"", "\"Live\"", &[(13, 14, "R026")]),
        ("language   = \"en\"", "language   = \"de\"", &[(14, 14, "R027")]),
        ("language   = \"en\"", "language   = \"english\"", &[(14, 14, "R027")]),
        ("language   = \"en\"", "translation_of = \"XAA-J2-26-1\"", &[(14, 18, "R028")]),
        ("\"assessment\"", "\"rfi-response\"", &[]),
        ("answers   = \"XBB-RFI-2026-0112\"", "answers   = \"XAA-RFI-2026-0112\"", &[(21, 13, "R037")]),
        ("refers_to = [\"XAA-J2-2026-0398\"]", "refers_to = [\"XCC-J2-2026-0398\"]", &[(22, 14, "R038")]),
        ("refers_to = ", "supersedes = \"XBB-J2-2026-0398\"\nrefers_to = ", &[(22, 14, "R039")]),
        (
            "language   = \"en\"",
            "likelihood_scale = \"phia\"",
            &[
                (14, 20, "R035"),
                (26, 14, "R041"),
                (27, 14, "R042"),
                (32, 14, "R041"),
                (33, 14, "R042"),
                (38, 14, "R041"),
                (39, 14, "R042"),
            ],
        ),
        ("language   = \"en\"", "tlp = \"WHITE\"", &[(14, 7, "R036")]),
    ]);
}

#[test]
fn what_one_key_makes_of_another() {
    let flash = REPORT.replace("\"PRIORITY\"", "\"FLASH\"").replace("action     = [\"XBB/J2\", \"XBB/MARINE\"]\n", "");
    assert_eq!(errors(&flash, Some(HOME)).last().map(|one| (one.0, one.1, one.2)), Some((113, 1, "R025")));
    let limited = REPORT
        .replace("action     = [\"XBB/J2\", \"XBB/MARINE\"]\n", "")
        .replace("SECRET//FGI XCC//REL", "SECRET//FGI XCC//LIMDIS/REL")
        .replace("(C//REL TO XAA, XBB) A lawful", "(C//LD/REL TO XAA, XBB) A lawful");
    assert_eq!(
        errors(&limited, Some(HOME)).iter().map(|one| (one.0, one.1, one.2)).collect::<Vec<_>>(),
        [(113, 1, "R025")]
    );
    let answer =
        REPORT.replace("\"assessment\"", "\"rfi-response\"").replace("answers   = \"XBB-RFI-2026-0112\"\n", "");
    assert_eq!(errors(&answer, Some(HOME))[0].2, "R037");
    assert_eq!(errors(&REPORT.replace("\"assessment\"", "\"correction\""), Some(HOME))[0].2, "R039");
    let home = |serial| HOME.replace("\"XAA-J2-2026-0431\"", &format!("\"{serial}\""));
    for serial in ["XBB-J2-2026-0431", "XAA-J2-2026-431", "XAA-2026-0431", "XAA-J2-26-0431", "XAA-j2-2026-0431"] {
        let text = REPORT.replacen("XAA-J2-2026-0431", serial, 1);
        let told = errors(&text, Some(&home(serial)));
        assert_eq!(told.iter().map(|one| (one.0, one.1, one.2)).collect::<Vec<_>>(), [(3, 14, "R011")], "{serial}");
    }
    let spot = REPORT.replace("\"assessment\"", "\"spot-report\"");
    let told = errors(&spot, Some(HOME));
    assert_eq!(told.iter().map(|one| (one.0, one.1, one.2)).collect::<Vec<_>>(), [(25, 14, "R040")]);
    let long = spot.replace("A lawful survey", &"A lawful survey ".repeat(60));
    assert_eq!(errors(&long, Some(HOME)).first().map(|one| (one.0, one.1, one.2)), Some((4, 14, "R029")));
}

#[test]
fn dates() {
    check(&[
        ("2026-11-16T18:00:00Z", "2026-11-16T18:00:00", &[(16, 22, "R030")]),
        ("2026-11-16T18:00:00Z", "2026-11-17T12:05:01Z", &[(16, 22, "R030")]),
        ("2026-11-16T18:00:00Z", "2026-11-17T12:05:00Z", &[]),
        ("2026-11-16T18:00:00Z", "2026-11-16", &[(16, 22, "R030")]),
        ("review             = 2027-05-16", "review             = 2026-05-16", &[(17, 22, "R032")]),
        ("review             = 2027-05-16\n", "", &[(113, 1, "R032")]),
        ("review             = ", "produced = 2026-11-16T17:59:59Z\nreview = ", &[(17, 12, "R031")]),
        ("declassify         = 2036-11-16\n", "", &[(113, 1, "R033")]),
        ("declassify         = 2036-11-16", "declassify         = 2027-05-15", &[(18, 22, "R033")]),
        ("declassify         = 2036-11-16", "declassify         = \"never\"", &[(18, 22, "R033")]),
        ("declassify         = 2036-11-16", "declassify         = \"originator\"", &[]),
        ("\"XAA/J2 Maritime Desk\"", "\"A. Person\"", &[(19, 22, "R034")]),
        ("classified_by      = \"XAA/J2 Maritime Desk\"\n", "", &[(113, 1, "R034")]),
    ]);
}

#[test]
fn judgements() {
    check(&[
        ("KJ2. It is very unlikely that the satellite", "It is very unlikely that the satellite", &[(31, 14, "R040")]),
        ("id         = \"KJ2\"", "id         = \"KJ5\"", &[(31, 14, "R040"), (113, 22, "R040")]),
        ("(U) Mariners", "(U) KJ3. Mariners", &[(37, 14, "R040")]),
        ("likelihood = \"likely\"", "likelihood = \"possible\"", &[(26, 14, "R041")]),
        ("confidence = \"moderate\"", "confidence = \"medium\"", &[(27, 14, "R042")]),
        ("sources    = [1, 2, 3]", "sources    = [1, 9, 3]", &[(28, 18, "R043")]),
        ("sources    = [1, 2, 3]", "sources    = []", &[(28, 14, "R043")]),
        (
            "KJ1. It is likely that the survey vessel tracked",
            "KJ1. It is very likely that the survey vessel tracked",
            &[(118, 33, "R044")],
        ),
        ("We have moderate confidence in this judgement, because", "We judge so because", &[(118, 1, "R044")]),
        ("interference with it. We have moderate", "interference with it; we have moderate", &[(118, 185, "R045")]),
    ]);
    let none = REPORT.split("[[judgement]]").next().unwrap().to_owned() + "+++\n\n(U) Text.\n";
    assert!(errors(&none, Some(HOME)).iter().any(|one| one.2 == "R040" && one.3.contains("needs a [[judgement]]")));
}

#[test]
fn sources() {
    check(&[
        (
            "n           = 1",
            "n           = 8",
            &[(28, 15, "R043"), (43, 15, "R050"), (118, 323, "R058"), (126, 203, "R058")],
        ),
        ("grade       = \"C3\"", "grade       = \"C3\"\ndescriptor = \"A person\"", &[(101, 14, "R051")]),
        (
            "mark        = \"(S//REL TO XAA, XBB)\"\nnation      = \"XAA\"",
            "mark        = \"(S//REL TO XAA, XBB)\"\nnation      = \"XBB\"",
            &[(45, 15, "R052")],
        ),
        ("nation      = \"XCC\"", "nation      = \"Corvania\"", &[(63, 15, "R052")]),
        (
            "(//XCC C//REL TO XAA, XBB, XCC)\"\nnation      = \"XCC\"",
            "(C//REL TO XAA, XBB, XCC)\"\nnation      = \"XCC\"",
            &[(63, 15, "R052"), (128, 1, "R052")],
        ),
        ("(//XCC C//REL TO XAA, XBB, XCC) A Corvanian", "(C//REL TO XAA, XBB, XCC) A Corvanian", &[(62, 16, "R052")]),
        ("kind        = \"imagery\"", "kind        = \"rumour\"", &[(46, 15, "R053")]),
        ("grade       = \"A1\"", "grade       = \"B7\"", &[(47, 15, "R054")]),
        ("as_of       = 2026-11-15", "as_of       = 2026-11-17", &[(57, 15, "R055")]),
        (
            "topics      = [\"maritime.undersea-infrastructure\", \"maritime.surface\"]",
            "topics      = [\"maritime.mines\"]",
            &[(67, 16, "R056")],
        ),
        ("descriptor  = \"Commercial", "descriptor  = \"SIG-2026-55018 Commercial", &[(49, 16, "R057")]),
        (
            "descriptor  = \"Commercial and national imagery of the corridor, eleven passes, good light.\"",
            "descriptor  = \"\"",
            &[(49, 15, "R057")],
        ),
        (
            "(U) Mariners reported the second night's errors in public notices. [5]",
            "(U) Mariners reported them. [8]",
            &[(134, 31, "R058")],
        ),
        ("(U) Ships should", "(U) [1] Ships should", &[(158, 5, "R058")]),
    ]);
    let uncited = REPORT.replace("[2][6][7]", "[2][6]");
    let warnings = good(read(uncited.as_bytes(), Some(HOME))).warnings.list;
    assert_eq!(warnings.iter().map(|one| (one.line, one.column, one.rule)).collect::<Vec<_>>(), [(98, 15, "R058")]);
}

#[test]
fn attachments_and_the_tear_line() {
    check(&[
        ("\"sierra-14-track.csv\"", "\"../x.csv\"", &[(103, 9, "R060")]),
        ("\"sierra-14-track.csv\"", "\"archive.csv\"", &[(103, 9, "R061")]),
        ("\"sierra-14-track.csv\"", "\"broken.json\"", &[(103, 9, "R061")]),
        ("\"sierra-14-track.csv\"", "\"absent.csv\"", &[(103, 9, "R062")]),
        ("file  = \"sierra", "sha256 = \"sha256:00\"\nfile  = \"sierra", &[(103, 10, "R062")]),
        ("mark  = \"(C//REL TO XAA, XBB)\"", "mark  = \"C\"", &[(104, 10, "R100")]),
        ("title = \"(C//REL TO XAA, XBB) Plotted", "title = \"Plotted", &[(105, 10, "R100")]),
        (
            "banner = \"RESTRICTED//REL TO XAA, XBB, XCC\"",
            "banner = \"TOP SECRET//REL TO XAA, XBB, XCC\"",
            &[(110, 10, "R123"), (110, 10, "R070")],
        ),
        (
            "(R//REL TO XAA, XBB, XCC) KJ1. It is likely",
            "(R//REL TO XAA, XBB, XCC) KJ1. It is very likely",
            &[(154, 38, "R071")],
        ),
        ("[tearline]\n", "[tearlines]\n", &[(107, 2, "R005"), (152, 4, "R070")]),
        ("## TEAR LINE", "## OUTLOOK", &[(25, 14, "R040"), (31, 14, "R040"), (107, 1, "R070")]),
        ("serial = \"XAA-J2-2026-7316\"", "serial = \"XAA-J2-2026-0432\"", &[(108, 10, "R011")]),
        ("serial = \"XAA-J2-2026-7316\"\n", "", &[(113, 1, "R011")]),
        ("judgements = [\"KJ1\", \"KJ2\"]", "judgements = [\"KJ1\", \"KJ7\"]", &[(113, 22, "R040"), (156, 1, "R040")]),
    ]);
    let leak =
        REPORT.replace("We do not know what the towed body carried.", "See EMS-2026-0917 and XAA-SCG-12 (2025).");
    let told = errors(&leak, Some(HOME));
    assert_eq!(told.iter().map(|one| one.2).collect::<Vec<_>>(), ["R072", "R072"]);
    assert!(!told.iter().any(|one| one.3.contains("0917")));
}

#[test]
fn the_home_file() {
    let told =
        |home: Option<&str>| errors(REPORT, home).into_iter().map(|one| (one.0, one.1, one.2)).collect::<Vec<_>>();
    assert_eq!(told(None), [(0, 0, "R080"), (63, 15, "R080"), (98, 15, "R080")]);
    assert_eq!(told(Some(&HOME.replace("consent   =", "#"))), [(63, 15, "R080")]);
    assert_eq!(told(Some(&HOME.replace("justification =", "#"))), [(0, 0, "R080")]);
    assert_eq!(told(Some(&HOME.replace("descriptor =", "#"))), [(98, 15, "R080")]);
    assert_eq!(told(Some(&HOME.replace("0431", "0432"))), [(0, 0, "R080")]);
    assert_eq!(told(Some(&HOME.replace("owner     =", "owned     ="))), [(0, 0, "R080")]);
}

#[test]
fn marks() {
    let line = "(C//REL TO XAA, XBB) A lawful";
    check(&[
        (line, "A lawful", &[(138, 1, "R100")]),
        (line, "(see below) A lawful", &[(138, 1, "R100")]),
        (line, "(C//REL TO XAA, XBB)\nA lawful", &[(138, 1, "R100")]),
        (line, "(SECRET) A lawful", &[(138, 2, "R101")]),
        (line, "(s//rel to xaa, xbb) A lawful", &[(138, 2, "R102"), (138, 5, "R102")]),
        (line, "(S/REL TO XAA, XBB) A lawful", &[(138, 3, "R103")]),
        (line, "(S//REL TO XAA,XBB) A lawful", &[(138, 15, "R104")]),
        (line, "(S//REL\u{a0}TO XAA, XBB) A lawful", &[(138, 8, "R105")]),
        (line, "(S//REL TO XBB, XAA) A lawful", &[(138, 12, "R106")]),
        (line, "(S//REL TO XAA) A lawful", &[(138, 5, "R107")]),
        (line, "(S//NF/REL TO XAA, XBB) A lawful", &[(138, 5, "R108")]),
        (line, "(S//REL TO XAA, XBB/OC) A lawful", &[(138, 21, "R109")]),
        (line, "(S//PROPIN) A lawful", &[(138, 5, "R110")]),
        (line, "(DR//REL TO XAA, XBB) A lawful", &[(138, 2, "R111")]),
        (line, "(S//DISPLAY ONLY XBB) A lawful", &[(138, 5, "R113")]),
        (line, "1. A lawful (S)\n\n(U) Text", &[(138, 4, "R114")]),
        ("title      = \"(U) Cable", "title      = \"(S//REL TO XAA,XBB) Cable", &[(5, 29, "R104")]),
        ("mark        = \"(S//REL TO XAA, XBB)\"", "mark        = \"(SECRET)\"", &[(44, 17, "R101")]),
        ("## DISCUSSION", "## What we saw", &[(124, 1, "R100")]),
        ("- (U) Mariners", "- Mariners", &[(134, 1, "R100")]),
    ]);
    let joint = REPORT.replace(line, "(//JOINT S XAA XBB) A lawful");
    assert_eq!(errors(&joint, Some(HOME))[0].2, "R112");
}

#[test]
fn banners() {
    let secret = "\"SECRET//FGI XCC//REL TO XAA, XBB\"";
    check(&[
        ("(S//REL TO XAA, XBB) Between", "(TS//REL TO XAA, XBB) Between", &[(6, 14, "R120")]),
        ("(S//REL TO XAA, XBB) We assume", "(S//NF) We assume", &[(6, 14, "R121")]),
        ("(R//REL TO XAA, XBB) KJ3", "(R) KJ3", &[(6, 44, "R122")]),
        (secret, "\"CONFIDENTIAL//FGI XCC//REL TO XAA, XBB\"", &[(6, 14, "R120")]),
        (secret, "\"SECRET//REL TO XAA, XBB\"", &[(6, 14, "R121")]),
        (secret, "\"SECRET//FGI//REL TO XAA, XBB\"", &[(6, 14, "R121")]),
        (secret, "\"SECRET//FGI XCC XDD//REL TO XAA, XBB\"", &[(6, 14, "R052")]),
        (secret, "\"TOP SECRET//FGI XCC//REL TO XAA, XBB\"", &[(6, 14, "R123")]),
        (secret, "\"SECRET//FGI XCC//ORCON/REL TO XAA, XBB\"", &[(6, 14, "R123")]),
        (secret, "\"SECRET//FGI XCC\"", &[(6, 14, "R123"), (7, 14, "R124")]),
        ("[\"XAA\", \"XBB\"]\ntopics ", "[\"XAA\", \"XBB\", \"XCC\"]\ntopics ", &[(7, 14, "R124")]),
        (secret, "\"Secret//FGI XCC//REL TO XAA, XBB\"", &[(6, 15, "R125")]),
        (secret, "\"SECRET//FGI XCC//PROPIN/REL TO XAA, XBB\"", &[(6, 32, "R126")]),
        (secret, "\"SECRET//FGI XCC//REL TO XAA,XBB\"", &[(6, 42, "R104")]),
        ("precedence = ", "aggregation_reason = \"(TS//REL TO XAA, XBB) Together\"\nprecedence = ", &[(6, 14, "R120")]),
    ]);
    let shown = errors(&REPORT.replacen("(R//REL TO XAA, XBB) KJ3", "(R) KJ3", 1), Some(HOME));
    assert_eq!(
        shown[0].3,
        "banner admits XBB; line 122, (R), does not. Leave the paragraph out, mark it (R//REL TO XAA, XBB), or take XBB out of the banner"
    );
    let computed = REPORT
        .replace("banner     = \"SECRET//FGI XCC//REL TO XAA, XBB\"\n", "")
        .replace("(R//REL TO XAA, XBB) KJ3", "(R) KJ3");
    let told = errors(&computed, Some(HOME));
    assert_eq!((told.len(), told[0].2), (1, "R124"));
    assert!(told[0].3.contains("line 121, (R)"));
}
