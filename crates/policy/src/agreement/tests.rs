//! Each fault of the grammar by its number, on the example with that fault put in.

mod edges;
mod limits;
mod widening;

use super::*;
use relto_report::{register::Register, vocabulary::Vocabulary};

const FILE: &str = include_str!("../../../../examples/agreement.toml");

fn example() -> Agreement {
    Agreement::read("agreement.toml", FILE.as_bytes()).unwrap()
}

fn with(from: &str, to: &str) -> String {
    let text = FILE.replacen(from, to, 1);
    assert!(text != FILE, "the example lacks {from:?}");
    text
}

fn faults(text: &str) -> String {
    Agreement::read("agreement.toml", text.as_bytes()).map_or_else(|faults| faults.to_string(), |_| String::new())
}

fn nation(text: &str) -> Nation {
    Nation::parse(text).unwrap()
}

#[test]
fn the_example_is_read_whole() {
    let agreement = example();
    let (xaa, xbb) = (nation("XAA"), nation("XBB"));
    assert_eq!((agreement.id.as_str(), agreement.version), ("XAA-XBB-2026-01", 3));
    assert_eq!(agreement.partner_of(xaa), Some(xbb));
    assert_eq!(agreement.partner_of(nation("XCC")), None);
    assert_eq!(agreement.party(xbb).unwrap().quorum.give_notice, 1);
    assert_eq!(agreement.scope(xaa, xbb).unwrap().topics.len(), 12);
    assert_eq!(agreement.scope(xbb, xaa).unwrap().second_officer_from_level, 2);
    assert_eq!(agreement.precedence["FLASH"].max_words, Some(200));
    assert_eq!(agreement.head_lag_max_minutes(), 60);
    assert_eq!(agreement.anchor_minutes, 5, "where nothing is said");
    assert_eq!(agreement.duties.consultation.as_ref().unwrap().office_of(xbb), Some("XBB/VEILLE"));
    assert_eq!(agreement.duties.measures.len(), 5);
    assert_eq!(agreement.duties.technology[0].to, [xaa, xbb]);
    assert_eq!(agreement.digest, sha256(&[FILE.as_bytes()]));
}

#[test]
fn the_example_fits_its_word_lists() {
    let (vocabulary, mut registers) = lists();
    let agreement = example();
    assert_eq!(agreement.fits("agreement.toml", &vocabulary, &registers), Ok(()));
    let xaa = nation("XAA");
    registers.get_mut(&xaa).unwrap().levels.swap(1, 2);
    let told = agreement.fits("agreement.toml", &vocabulary, &registers).unwrap_err().to_string();
    assert!(told.contains("A031: level order reversed between the Parties"), "{told}");
    registers.remove(&xaa);
    let other = Agreement { registers: Registers { vocabulary: agreement.digest, ..agreement.registers }, ..agreement };
    let told = other.fits("agreement.toml", &vocabulary, &registers).unwrap_err().to_string();
    assert!(told.contains("A014: vocabulary.toml has another digest"), "{told}");
    assert!(told.contains("A014: markings-XAA.toml is not at hand"), "{told}");
}

fn lists() -> (Vocabulary, BTreeMap<Nation, Register>) {
    let vocabulary = include_str!("../../../../examples/vocabulary.toml");
    let registers = [
        include_str!("../../../../examples/markings-XAA.toml"),
        include_str!("../../../../examples/markings-XBB.toml"),
    ];
    let read = |text: &str| Register::read("markings.toml", text.as_bytes()).unwrap();
    let by_nation = registers.map(read).map(|register| (register.nation, register));
    (Vocabulary::read("vocabulary.toml", vocabulary.as_bytes()).unwrap(), by_nation.into())
}

/// One fault, by replacement in the example: what stands there, what is put there, what is told.
const FAULTS: &[(&str, &str, &str)] = &[
    ("relto-agreement/1", "relto-agreement/2", "6:14: error A001: format \"relto-agreement/2\": not known"),
    ("\"XAA-XBB-2026-01\"", "\"xaa-xbb\"", "7:14: error A002: id \"xaa-xbb\""),
    ("version    = 3", "version    = 0", "8:14: error A003: version 0: versions run"),
    ("supersedes = \"sha256:8d", "supersedes = \"sha256:8", "error A004: supersedes"),
    ("version    = 3", "version    = 1", "error A004: version 1 supersedes nothing"),
    ("version    = 3", "version    = 1", "error A005: version 1 extends nothing"),
    (
        "parties    = [\"XAA\", \"XBB\"]",
        "parties    = [\"XBB\", \"XAA\"]",
        "error A006: the Parties stand in alphabetical order: XAA, XBB",
    ),
    ("parties    = [\"XAA\", \"XBB\"]", "parties    = [\"XAA\"]", "error A006: parties has 1 members"),
    ("en = \"Arrangement on", "en = \"\" # ", "error A007: title.en must have 1 to 200 characters"),
    ("arrangement        =", "arrangment         =", "error A008: basis.arrangement is missing"),
    ("clock_skew_seconds = 300", "clock_skew_seconds = 3601", "error A009: clock_skew_seconds = 3601"),
    ("clock_skew_seconds = 300", "anchor_minutes = 0", "error A009: anchor_minutes = 0"),
    ("clock_skew_seconds = 300", "anchor_minutes = 61", "error A009: anchor_minutes = 61"),
    ("\"XAA/FDO\"", "\"FDO\"", "error A010: party.XAA.disclosure_authority \"FDO\""),
    (
        "ed25519:94f0b6d21e73ac8857d05c4be9137a62f8c40d1b5ea976330d8be2f16c74a905",
        "ed25519:b7a3c12f0e9d48c15af6237e81d0944c6ef0a3512b77c9d8450e6f13aa92c4d1",
        "error A011: seal_key of both Parties is the same",
    ),
    ("\"XBB/CYBER\", \"XBB/AT\"", "\"XBB/CYBER\", \"XAA/AT\"", "error A012: party.XBB.addressees \"XAA/AT\""),
    ("sign = 2", "sign = 4", "error A013: quorum sign = 4 of 3 signers"),
    ("office = \"XAA/MOD\"", "office = \"XAA/NSA\"", "error A013: XAA/NSA signs twice"),
    ("sha256:00fa", "sha256:00F", "error A014: registers.vocabulary"),
    (
        "2027-01-01T00:00:00Z   # exclusive",
        "2026-01-01T00:00:00Z",
        "error A020: enters_into_force 2026-01-01T00:00:00Z is not before",
    ),
    ("renewal_months    = 12", "", "error A021: renewal_months is missing"),
    (
        "\"tacit\" ",
        "\"silent\"",
        "error A021: life.renewal \"silent\": not known. Use one of none, tacit, by-signature",
    ),
    ("notice_days       = 90", "notice_days = 4000", "error A022: life.notice_days = 4000"),
    (
        "resume_by         = \"both\"",
        "resume_by = \"either\"",
        "error A023: resume_by = \"either\" with suspend_by = \"either\"",
    ),
    (
        "[\"acknowledged\", \"consultation\"",
        "[\"release\", \"consultation\"",
        "error A024: life.while_suspended \"release\": is not allowed here",
    ),
    ("\"until-originator-declassifies\"", "\"for ever\"", "error A025: life.protection_after_end \"for ever\""),
    ("kind = \"live\"", "kind = \"exercise\"", "error A026: exercise without id"),
    ("kind = \"live\"", "kind = \"exercise\"\nexercise = \"live\"", "error A026: \"live\" is not an exercise's id"),
    ("kind = \"live\"", "kind = \"live\"\nexercise = \"EX-A\"", "error A026: live traffic with an exercise's id"),
    (
        "XAA     = \"CONFIDENTIAL\"",
        "XAA     = \"SECRET\"",
        "error A030: two levels for one marking: XAA SECRET is 2 and 3",
    ),
    ("level   = 3", "level   = 5", "error A030: equivalence.level = 5"),
    (
        "{ XBB = [\"NON PROTEGE\"] }",
        "{ XBB = [\"SECRET\"] }",
        "error A032: spelling \"SECRET\" in accepts is another marking of XBB",
    ),
    ("XAA = [\"TOP SECRET\"]", "XAA = [\"SECRET\"]", "error A033: XAA SECRET also has a row"),
    (
        "means = \"limited-distribution\"",
        "means = \"eyes-only\"",
        "error A034: caveat.means \"eyes-only\": meaning not known",
    ),
    ("means = \"national-only\"", "means = \"no-contractors\"", "error A035: national-only is missing"),
    ("[[protection]]\nlevel = 2", "[[protection]]\nlevel = 1", "error A036: level 1 has two rows of protection"),
    ("[[protection]]\nlevel = 2", "[[protection]]\nlevel = 1", "error A036: level 2 has no row of protection"),
    (
        "from     = \"XBB\"\nto       = \"XAA\"",
        "from     = \"XAA\"\nto       = \"XBB\"",
        "error A040: two scopes for one direction: XAA>XBB",
    ),
    ("to       = \"XBB\"", "to       = \"XCC\"", "error A040: scope XAA>XCC: the Parties are XAA and XBB"),
    (
        "highest_level = 3",
        "highest_level = 4",
        "187:17: error A041: scope.highest_level = 4 is above the table's highest level, 3",
    ),
    ("\"maritime.subsurface\"              = 2", "\"maritime.subsurface\"              = 4", "error A041"),
    ("[\"limited-distribution\", \"orig", "[\"national-only\", \"orig", "error A042: national-only never leaves"),
    (
        "\"text/csv\", \"application/geo",
        "\"text/*\", \"application/geo",
        "error A043: scope.attachments.types \"text/*\"",
    ),
    ("max_age_hours    = 720", "max_age_hours    = 0", "error A044: scope.max_age_hours = 0"),
    ("\"maritime.subsurface\"  ", "\"maritime.*\"  ", "error A044: topic \"maritime.*\" is not domain.threat"),
    (
        "default            = \"refuse\"",
        "default            = \"permit\"",
        "error A050: third_party.default \"permit\"",
    ),
    ("\"NLGP\"", "\"XBB\"", "error A051: XBB is a Party's own code"),
    (
        "until   = 2027-03-01",
        "until   = 2027-03-01\n[[group]]\ncode=\"NLGP\"\nmembers=[\"XAA\"]\nfrom=2027-02-28\nuntil=2028-01-01",
        "error A052: group NLGP has overlapping dates",
    ),
    ("head_lag_max_minutes = 60", "head_lag_max_minutes = 0", "error A046: retention.head_lag_max_minutes = 0"),
    ("step = 3", "step = 4", "error A046: steps run 1, 2, 3; found 4"),
    ("deliver     = 10", "deliver     = 0", "error A045: precedence.FLASH.deliver = 0"),
    ("[traffic]", "[trafic]", "A091: unknown key \"trafic\". Did you mean \"traffic\"?"),
    ("highest_level = 3", "highest_level = \"3\"", "error A092: scope.highest_level must be a whole number"),
    (
        "[\"early-warning\", \"force-protection\"]",
        "[\"early-warning\", \"early-warning\"]",
        "error A094: scope.purposes has \"early-warning\" twice",
    ),
    ("[life]", "[life", "error A090"),
];

#[test]
fn each_fault_has_its_number_and_place() {
    for (from, to, told) in FAULTS {
        let list = faults(&with(from, to));
        assert!(list.contains(told), "{from:?} -> {to:?} told\n{list}\nand not\n{told}");
    }
}

#[test]
fn all_faults_are_told_at_once_in_order() {
    let text = with("version    = 3", "version    = 0").replacen("notice_days       = 90", "notice_days       = -1", 1);
    let text = text.replacen("log_years       = 10", "log_yeers = 10", 1);
    let list = faults(&text);
    let rules: Vec<&str> = list.lines().filter_map(|line| line.split("error ").nth(1)?.split(':').next()).collect();
    assert_eq!(rules, ["A003", "A022", "A046", "A091"], "{list}");
}

#[test]
fn a_file_without_anything_names_what_is_missing() {
    let list = faults("");
    for rule in ["A001", "A002", "A003", "A005", "A006"] {
        assert!(list.contains(rule), "{list}");
    }
    let head: String = FILE.lines().take(18).map(|line| format!("{line}\n")).collect();
    let list = faults(&head);
    for rule in ["A007", "A008", "A010", "A014", "A020", "A026", "A030", "A035", "A046", "A050"] {
        assert!(list.contains(rule), "{rule} in\n{list}");
    }
}

#[test]
fn more_than_the_limit_is_refused_before_it_is_parsed() {
    let long = format!("{FILE}#{}", " ".repeat(crate::reader::MAX_FILE));
    assert!(faults(&long).contains("A090"), "size");
    let bytes = [FILE.as_bytes(), b"# \xE9\n"].concat();
    assert!(Agreement::read("a.toml", &bytes).is_err(), "not UTF-8");
}

#[test]
fn a_marking_has_its_level_only_on_its_days() {
    let text = with("level   = 2\n", "level   = 2\nfrom = 2026-06-01\nuntil = 2026-12-01\n");
    let agreement = Agreement::read("agreement.toml", text.as_bytes()).unwrap();
    let level = |day: &str| {
        let row = agreement.equivalence_of(nation("XAA"), "CONFIDENTIAL", Day::parse(day).unwrap());
        row.map(|row| row.level)
    };
    assert_eq!(level("2026-05-31"), None);
    assert_eq!(level("2026-06-01"), Some(2));
    assert_eq!(level("2026-12-01"), None);
}

#[test]
fn the_next_version_lists_exactly_what_is_wider() {
    let installed = example();
    let next = |extends: &str, from: &str, to: &str| {
        let head = with("version    = 3", "version    = 4");
        let start = head.find("extends    = [").unwrap();
        let end = head[start..].find("]\nparties").unwrap() + start + 1;
        let text = format!("{}extends = {extends}{}", &head[..start], &head[end..]);
        let old = "sha256:8d1f3a5c77b0e2964a1c90de5bb7f3126e0c4d88a9f215e7c3b60d9147ae52f0";
        let text = text.replacen(old, &installed.digest.to_string(), 1).replacen(from, to, 1);
        Agreement::read("next.toml", text.as_bytes()).unwrap()
    };
    let wider = ("\"cbrn.chemical\"                    = 1", "\"cbrn.chemical\"                    = 2");
    let line = "scope XAA>XBB topic cbrn.chemical: 1 -> 2";
    assert_eq!(next("[]", "", "").follows("next.toml", &installed), Ok(()));
    assert_eq!(next(&format!("[{line:?}]"), wider.0, wider.1).follows("next.toml", &installed), Ok(()));
    let told = |agreement: &Agreement| agreement.follows("next.toml", &installed).unwrap_err().to_string();
    assert!(told(&next("[]", wider.0, wider.1)).contains(&format!("A005: not listed: {line}")));
    assert!(told(&next(&format!("[{line:?}]"), "", "")).contains("A005: listed, but no difference"));
    assert!(told(&installed).contains("A003: version 3 follows 3"), "{}", told(&installed));
    assert!(told(&installed).contains("A004"));
    for (from, to, line) in [
        ("max_age_hours    = 168\n", "", "scope XBB>XAA max_age_hours: 168 -> none"),
        (
            "forms    = [\"assessment\", \"warning\"]",
            "forms    = [\"assessment\", \"summary\", \"warning\"]",
            "scope XBB>XAA form summary: added",
        ),
        ("recipients_own     = \"may-return\"", "recipients_own     = \"refuse\"", ""),
        (
            "term_ends         = 2027",
            "term_ends         = 2028",
            "life term_ends: 2027-01-01T00:00:00Z -> 2028-01-01T00:00:00Z",
        ),
        ("level   = 3", "level   = 1", "equivalence XAA SECRET: 3 -> 1"),
        ("clearance = true", "clearance = false", "protection 2 clearance: true -> false"),
        (
            "forms       = [\"warning\"]",
            "forms       = [\"warning\", \"assessment\"]",
            "precedence FLASH form assessment: added",
        ),
        (
            "contractors           = \"consent\"",
            "contractors           = \"yes\"",
            "third_party contractors: consent -> yes",
        ),
    ] {
        let text = FILE.replacen(from, to, 1);
        // A lower level at the top lowers the table's highest, which other keys then exceed; only the diff is asked.
        let widened = Agreement::read("next.toml", text.as_bytes()).map(|after| after.widening(&installed));
        match widened {
            Ok(lines) if line.is_empty() => assert!(lines.is_empty(), "{lines:?}"),
            Ok(lines) => assert!(lines.iter().any(|one| one == line), "{line} in {lines:?}"),
            Err(faults) => assert!(from.starts_with("level"), "{faults}"),
        }
    }
}
