//! Each fault of national rules by its number, on the example with that fault put in.

use super::*;
use crate::agreement::Agreement;

const FILE: &str = include_str!("../../../../examples/national-rules.toml");
const AGREEMENT: &str = include_str!("../../../../examples/agreement.toml");

fn agreement() -> Agreement {
    Agreement::read("agreement.toml", AGREEMENT.as_bytes()).unwrap()
}

#[test]
fn the_example_is_read_whole_and_only_narrows() {
    let rules = NationalRules::read("national-rules.toml", FILE.as_bytes()).unwrap();
    assert_eq!(rules.narrows(&agreement()), Ok(()));
    let (xaa, xbb) = (Nation::parse("XAA").unwrap(), Nation::parse("XBB").unwrap());
    let out = rules.scope(xaa, xbb).unwrap();
    assert_eq!(out.hold_topics, ["hybrid.disinformation"]);
    assert_eq!(out.narrowing.second_officer_from_level, Some(2));
    assert_eq!(out.narrowing.max_report_bytes, None);
    assert_eq!(rules.standing[0].serial, "XAA-DDL-2026-014");
    assert_eq!(rules.content.as_ref().unwrap().hold_words_file.as_deref(), Some("hold-words.txt"));
    assert_eq!(rules.needs_unbuilt(Side::Out), None);
    assert_eq!(rules.needs_unbuilt(Side::In), None);
}

#[test]
fn faults_of_the_file_are_told_by_number_and_place() {
    for (from, to, told) in [
        ("relto-national/1", "relto-national/2", "error N010"),
        ("nation    = \"XAA\"", "nation    = \"Xaa\"", "error N012: nation"),
        ("max_age_hours = 336", "max_age_hours = 0", "error N011: scope.max_age_hours = 0"),
        ("max_age_hours = 336", "max_age = 336", "error N091: unknown key \"scope.max_age\""),
        ("strip_metadata = false", "strip_metadata = true", "error N011: content.strip_metadata"),
        ("strip_metadata = false", "source_serials = [\"Sig\"]", "error N011"),
        ("strip_metadata = false", "source_serials = [\"ABCDEFGHIJKLMNOPQ\"]", "error N011"),
        ("strip_metadata = false", "source_serials = [\"\"]", "error N011"),
        ("strip_metadata = false", "source_serials = \"SIG\"", "error N092"),
        ("strip_metadata = false", "filter_seconds = 10", "error N011: filter_seconds without filter"),
        ("strip_metadata = false", "filter = \"look\"\nfilter_seconds = 0", "error N011: content.filter_seconds = 0"),
        ("serial    = \"XAA-NDP", "seriel    = \"XAA-NDP", "error N093: serial is missing"),
        ("valid_until = 2027-06-01", "valid_until = 2026-06-01", "error N011: valid_from"),
        ("issued_by = \"XAA/FDO\"", "issued_by = \"XBB/FDO\"", "error N011: issued_by"),
        ("[\"originator-controlled\"]", "[\"national-only\"]", "error N011: national-only never leaves"),
        ("# [overlay]", "[overlay]\nfile = \"x.cedar\"\nsha256 = \"00\"", "error N003: overlay.sha256"),
    ] {
        let text = FILE.replacen(from, to, 1);
        assert!(text != FILE, "the example lacks {from:?}");
        let list = NationalRules::read("national-rules.toml", text.as_bytes()).unwrap_err().to_string();
        assert!(list.contains(told), "{list}\nlacks {told}");
    }
}

#[test]
fn each_wider_key_is_named() {
    for (from, to, told) in [
        (
            "max_age_hours = 336",
            "max_age_hours = 721",
            "25:17: error N001: scope XAA>XBB max_age_hours = 721 is wider than the agreement's 720",
        ),
        (
            "\"maritime.subsurface\"              = 1",
            "\"maritime.subsurface\"              = 3",
            "error N001: scope XAA>XBB topic maritime.subsurface = 3 is wider than the agreement's 2",
        ),
        (
            "\"maritime.subsurface\"  ",
            "\"land.fires\"  ",
            "error N001: scope XAA>XBB topic land.fires = 1 is wider than the agreement's none",
        ),
        (
            "forms         = [\"assessment\"",
            "forms         = [\"summary\"",
            "error N001: scope XAA>XBB forms has \"summary\"",
        ),
        (
            "second_officer_from_level = 2",
            "second_officer_from_level = 4",
            "error N001: scope XAA>XBB second_officer_from_level = 4",
        ),
        (
            "standing_authority_to_level = 1",
            "standing_authority_to_level = 2",
            "error N001: scope XAA>XBB standing_authority_to_level",
        ),
        ("\"image/png\"", "\"image/gif\"", "error N001: scope XAA>XBB attachments.types has \"image/gif\""),
        (
            "max_report_bytes = 131072",
            "max_report_bytes = 262145",
            "error N001: scope XBB>XAA transport.max_report_bytes = 262145",
        ),
        (
            "[\"originator-controlled\"]",
            "[\"no-contractors\"]",
            "error N001: scope XAA>XBB caveats has \"no-contractors\"",
        ),
        (
            "max_age_hours = 336",
            "information_from = 2025-12-14T00:00:00Z",
            "error N001: scope XAA>XBB information_from",
        ),
        ("highest_level = 3", "highest_level = 4", "error N001: accreditation.highest_level = 4"),
        (
            "to_level  = 1",
            "to_level  = 2",
            "error N002: standing authority XAA-DDL-2026-014 reaches level 2; standing_authority_to_level is 1",
        ),
        (
            "agreement = \"XAA-XBB-2026-01\"",
            "agreement = \"XAA-XBB-2026-02\"",
            "7:13: error N012: these rules are for XAA-XBB-2026-02",
        ),
        ("from = \"XBB\"\nto   = \"XAA\"", "from = \"XBB\"\nto   = \"XCC\"", "error N012: scope XBB>XCC"),
    ] {
        let text = FILE.replacen(from, to, 1);
        assert!(text != FILE, "the example lacks {from:?}");
        let rules = NationalRules::read("national-rules.toml", text.as_bytes()).unwrap();
        let list = rules.narrows(&agreement()).unwrap_err().to_string();
        assert!(list.contains(told), "{list}\nlacks {told}");
    }
}

#[test]
fn an_overlay_is_known_by_its_digest() {
    let digest = sha256(&[b"forbid"]);
    let overlay = Overlay { file: "x.cedar".to_owned(), digest };
    assert!(overlay.is(b"forbid"));
    assert!(!overlay.is(b"permit"));
}

const STANDING: &str = "[[standing_authority]]\nserial    = \"XAA-DDL-2026-014\"";
const SECOND: &str = "[[standing_authority]]\nserial = \"XAA-DDL-2026-015\"\nto = \"XBB\"\ntopics = [\"cyber.intrusion\"]\n\
     forms = [\"warning\"]\nto_level = 1\ncaveats = [\"originator-controlled\"]\nvalid_until = 2026-12-01T00:00:00Z\n\
     signed_by = \"XAA/FDO\"\n\n";

#[test]
fn each_direction_has_one_scope_at_most_and_another_has_none() {
    let rules = NationalRules::read("n.toml", FILE.as_bytes()).unwrap();
    let nation = |code| Nation::parse(code).unwrap();
    let (xaa, xbb, xcc) = (nation("XAA"), nation("XBB"), nation("XCC"));
    assert!(rules.scope(xaa, xbb).is_some_and(|scope| (scope.from, scope.to) == (xaa, xbb)));
    assert!(rules.scope(xbb, xaa).is_some_and(|scope| (scope.from, scope.to) == (xbb, xaa)));
    assert_eq!((rules.scope(xaa, xcc), rules.scope(xcc, xbb), rules.scope(xaa, xaa)), (None, None, None));
    let other = |from: &str, to: &str| {
        let text = FILE.replacen("from = \"XBB\"\nto   = \"XAA\"", &format!("from = {from:?}\nto   = {to:?}"), 1);
        NationalRules::read("n.toml", text.as_bytes())
    };
    for (from, to) in [("XAA", "XCC"), ("XCC", "XBB"), ("XBB", "XAA")] {
        assert!(other(from, to).is_ok(), "{from}>{to}");
    }
    let told = other("XAA", "XBB").unwrap_err().to_string();
    assert!(told.contains("error N012: two scopes for one direction: XAA>XBB"), "{told}");
}

#[test]
fn a_standing_authority_has_a_serial_and_an_office_of_its_own_nation_and_no_national_only_caveat() {
    let read = |text: &str| NationalRules::read("n.toml", text.as_bytes());
    let both = FILE.replacen(STANDING, &format!("{SECOND}{STANDING}"), 1);
    assert_ne!(both, FILE);
    let rules = read(&both).unwrap();
    let serials: Vec<&str> = rules.standing.iter().map(|one| one.serial.as_str()).collect();
    assert_eq!(serials, ["XAA-DDL-2026-015", "XAA-DDL-2026-014"]);
    assert_eq!(rules.standing[0].caveats, [Meaning::OriginatorControlled]);
    for (from, to, wanted) in [
        ("2026-015", "2026-014", "error N011: two standing authorities have the serial XAA-DDL-2026-014"),
        ("signed_by = \"XAA/FDO\"", "signed_by = \"XBB/FDO\"", "error N011: signed_by \"XBB/FDO\" is not an office"),
        ("originator-controlled", "national-only", "no meaning that may leave"),
        ("originator-controlled", "no-meaning", "no meaning that may leave"),
    ] {
        let second = SECOND.replacen(from, to, 1);
        assert_ne!(second, SECOND, "{from}");
        let told = read(&FILE.replacen(STANDING, &format!("{second}{STANDING}"), 1)).unwrap_err().to_string();
        assert!(told.contains(wanted), "{told}\nlacks {wanted}");
        assert_eq!(told.lines().count(), 1, "{told}");
    }
}

#[test]
fn what_is_as_wide_as_the_agreement_is_not_wider_and_one_more_is() {
    let mut agreement = agreement();
    agreement.scopes[0].information_until = Timestamp::parse("2026-12-31T00:00:00Z");
    let agreed = agreement.scopes[0].clone();
    let mut equal = NationalRules::read("n.toml", FILE.as_bytes()).unwrap();
    equal.accreditation.highest_level = agreement.highest_level();
    equal.scopes[0].narrowing = Narrowing {
        purposes: Some(agreed.purposes.clone()),
        forms: Some(agreed.forms.clone()),
        topics: Some(agreed.topics.clone()),
        highest_level: Some(agreed.highest_level),
        information_from: agreed.information_from,
        information_until: agreed.information_until,
        max_age_hours: agreed.max_age_hours,
        caveats: Some(agreed.caveats.clone()),
        tlp: Some(agreed.tlp.clone()),
        officer_from_level: Some(agreed.officer_from_level),
        second_officer_from_level: Some(agreed.second_officer_from_level),
        standing_authority_to_level: Some(agreed.standing_authority_to_level),
        attachment_types: Some(agreed.attachment_types.clone()),
        max_attachments: Some(agreed.max_attachments),
        max_report_bytes: Some(agreed.max_report_bytes),
        max_attachment_bytes: Some(agreed.max_attachment_bytes),
    };
    assert_eq!(equal.narrows(&agreement), Ok(()));
    let wider = |key: &str, change: &dyn Fn(&mut Narrowing)| {
        let mut rules = equal.clone();
        change(&mut rules.scopes[0].narrowing);
        let told = rules.narrows(&agreement).unwrap_err();
        assert!(told.list.len() == 1 && told.list[0].rule == "N001" && told.list[0].message.contains(key), "{told}");
        assert!(told.list[0].line > 0, "{told}");
    };
    let second = |moment: Option<Timestamp>, by: i64| moment.map(|moment| moment.plus(by));
    wider(" highest_level = 4", &|own| own.highest_level = Some(4));
    wider(" information_from", &|own| own.information_from = second(own.information_from, -1));
    wider(" information_until", &|own| own.information_until = second(own.information_until, 1));
    wider(" max_age_hours = 721", &|own| own.max_age_hours = Some(721));
    wider(" officer_from_level = 1", &|own| own.officer_from_level = Some(1));
    wider(" second_officer_from_level = 4", &|own| own.second_officer_from_level = Some(4));
    wider(" attachments.max_count = 17", &|own| own.max_attachments = Some(17));
    wider(" transport.max_report_bytes = 1048577", &|own| own.max_report_bytes = Some(1_048_577));
    wider(" transport.max_attachment_bytes = 26214401", &|own| own.max_attachment_bytes = Some(26_214_401));
    wider(" topic cyber.ics = 3", &|own| own.topics = Some(vec![("cyber.ics".to_owned(), 3)]));
    wider(" tlp has \"RED\"", &|own| own.tlp = Some(vec!["RED".to_owned()]));
    wider(" purposes has \"planning\"", &|own| own.purposes = Some(vec!["planning".to_owned()]));
    // Where the agreement has no limit, a nation's own is narrower whatever it says.
    agreement.scopes[0].max_age_hours = None;
    (agreement.scopes[0].information_from, agreement.scopes[0].information_until) = (None, None);
    assert_eq!(equal.narrows(&agreement), Ok(()));
}

#[test]
fn a_standing_authority_reaches_no_higher_than_agreement_and_own_scope_and_no_other_nation() {
    let agreement = agreement();
    let rules = NationalRules::read("n.toml", FILE.as_bytes()).unwrap();
    let told = |change: &dyn Fn(&mut NationalRules)| {
        let mut rules = rules.clone();
        change(&mut rules);
        rules.narrows(&agreement).map_or_else(|faults| faults.to_string(), |()| String::new())
    };
    let limited = |own: Option<i8>, level: u8| {
        told(&|rules| {
            rules.scopes[0].narrowing.standing_authority_to_level = own;
            rules.standing[0].to_level = level;
        })
    };
    assert_eq!((limited(Some(1), 1).as_str(), limited(None, 1).as_str(), limited(Some(0), 0).as_str()), ("", "", ""));
    for (own, level, limit) in [(None, 2, 1), (Some(0), 1, 0), (Some(-1), 0, -1)] {
        let wanted = format!("reaches level {level}; standing_authority_to_level is {limit}");
        assert!(limited(own, level).contains(&wanted), "{}", limited(own, level));
    }
    let other = told(&|rules| rules.standing[0].to = Nation::parse("XCC").unwrap());
    assert!(other.contains("N012: standing authority XAA-DDL-2026-014: nothing may go from XAA to XCC"), "{other}");
    let foreign = told(&|rules| rules.nation = Nation::parse("XCC").unwrap());
    assert!(foreign.contains("N012: XCC is no Party to XAA-XBB-2026-01"), "{foreign}");
}

#[test]
fn serials_of_own_systems_are_those_of_the_rules_and_else_those_that_are_known() {
    let of = |line: &str| {
        let text = FILE.replacen("strip_metadata = false", line, 1);
        NationalRules::read("n.toml", text.as_bytes()).unwrap()
    };
    assert_eq!(of("strip_metadata = false").source_serials(), SERIAL_PREFIXES);
    assert_eq!(of("source_serials = [\"KEST\", \"ORN\"]").source_serials(), ["KEST", "ORN"]);
    assert_eq!(of("source_serials = []").source_serials(), [""; 0], "a nation that has none says so");
}
