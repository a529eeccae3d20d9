//! Ranges and words of scope, handling times and duties.

use super::*;

fn told(from: &str, to: &str) -> String {
    faults(&with(from, to))
}

/// Edits that read, then edits that are told with these words and nothing else.
fn check(right: &[(&str, &str)], wrong: &[(&str, &str, &str)]) {
    for (from, to) in right {
        assert_eq!(told(from, to), "", "{from:?} -> {to:?}");
    }
    for (from, to, words) in wrong {
        let list = told(from, to);
        assert!(list.contains(words), "{from:?} -> {to:?} told\n{list}\nand not\n{words}");
        assert_eq!(list.lines().count(), 1, "{from:?} -> {to:?} told\n{list}");
    }
}

#[test]
fn bytes_levels_and_times_of_a_scope_have_a_range() {
    let (report, attached) = ("max_report_bytes     = 1048576", "max_attachment_bytes = 26214400");
    check(
        &[
            (report, "max_report_bytes     = 1024"),
            (report, "max_report_bytes     = 16777216"),
            (attached, "max_attachment_bytes = 0"),
            (attached, "max_attachment_bytes = 1073741824"),
            ("max_count = 16", "max_count = 64"),
            ("max_age_hours    = 720", "max_age_hours    = 87600"),
            ("standing_authority_to_level = 1", "standing_authority_to_level = -1"),
            ("second_officer_from_level = 3", "second_officer_from_level = 4"),
        ],
        &[
            (
                report,
                "max_report_bytes     = 1023",
                "A044: scope.transport.max_report_bytes = 1023: the range is 1024 to 16777216",
            ),
            (report, "max_report_bytes     = 16777217", "the range is 1024 to 16777216"),
            (attached, "max_attachment_bytes = 1073741825", "the range is 0 to 1073741824"),
            ("max_count = 16", "max_count = 65", "A044: scope.attachments.max_count = 65: the range is 0 to 64"),
            ("standing_authority_to_level = 1", "standing_authority_to_level = -2", "the range is -1 to 4"),
            ("second_officer_from_level = 3", "second_officer_from_level = 5", "the range is 0 to 4"),
        ],
    );
}

#[test]
fn what_a_scope_leaves_out_is_as_the_grammar_says_and_the_rest_must_be_there() {
    let lines =
        ["tlp      = [\"CLEAR\", \"GREEN\"]\n", "officer_from_level        = 0 ", "second_officer_from_level = 3 "];
    let mut text = FILE.to_owned();
    for line in lines {
        text = text.replacen(line, if line.ends_with('\n') { "" } else { "#" }, 1);
    }
    text = text.replacen("standing_authority_to_level = 1", "", 1);
    text = text.replacen("caveats  = [\"limited-distribution\", \"originator-controlled\"]\n", "", 1);
    text = text.replacen("max_age_hours    = 720", "", 1).replacen(
        "information_from = 2025",
        "information_until = 2025",
        1,
    );
    let agreement = Agreement::read("agreement.toml", text.as_bytes()).unwrap();
    let scope = &agreement.scopes[0];
    assert_eq!(scope.tlp, ["CLEAR"]);
    assert_eq!((scope.officer_from_level, scope.second_officer_from_level), (0, 4));
    assert_eq!((scope.standing_authority_to_level, scope.max_age_hours), (-1, None));
    assert_eq!((scope.information_from, scope.caveats.len()), (None, 0));
    assert!(scope.information_until.is_some());
    check(
        &[],
        &[
            ("purposes = [\"early-warning\", \"force-protection\"]\n", "", "A044: scope.purposes is missing"),
            (
                "forms    = [\"assessment\", \"indicator-list\", \"rfi-response\", \"warning\"]\n",
                "",
                "A044: scope.forms is missing",
            ),
            ("highest_level = 3\n", "", "A044: scope.highest_level is missing"),
            ("max_count = 16\n", "", "A044: scope.attachments.max_count is missing"),
            ("max_report_bytes     = 1048576\n", "", "A044: scope.transport.max_report_bytes is missing"),
            ("max_attachment_bytes = 26214400", "", "A044: scope.transport.max_attachment_bytes is missing"),
        ],
    );
}

#[test]
fn words_of_a_scope_have_their_form() {
    let topic = "\"maritime.subsurface\"              = 2";
    let media = "\"text/csv\", \"application/geo+json\"";
    let long = format!("\"a/{}\", \"application/geo+json\"", "b".repeat(125));
    let longer = format!("\"a/{}\", \"application/geo+json\"", "b".repeat(126));
    check(
        &[
            (topic, "\"a.b\" = 2"),
            (media, "\"application/vnd.x-1_y\", \"application/geo+json\""),
            (media, &long),
            ("\"CLEAR\", \"GREEN\"", "\"CLEAR\", \"AMBER+STRICT\""),
            ("from     = \"XAA\"\nto       = \"XBB\"", "from     = \"XAA\"\nto       = \"XBB\" # once"),
        ],
        &[
            (topic, "\"a.b.c\" = 2", "A044: topic \"a.b.c\" is not domain.threat"),
            (topic, "\"maritime\" = 2", "A044: topic \"maritime\" is not domain.threat"),
            (topic, "\"maritime.\" = 2", "A044: topic \"maritime.\" is not domain.threat"),
            (topic, "\"Maritime.x\" = 2", "A044: topic \"Maritime.x\" is not domain.threat"),
            (media, "\"text\", \"application/geo+json\"", "A043: scope.attachments.types \"text\""),
            (media, "\"text/\", \"application/geo+json\"", "A043: scope.attachments.types \"text/\""),
            (media, "\"/csv\", \"application/geo+json\"", "A043: scope.attachments.types \"/csv\""),
            (media, "\"Text/csv\", \"application/geo+json\"", "A043: scope.attachments.types \"Text/csv\""),
            (media, &longer, "A043: scope.attachments.types"),
            ("\"CLEAR\", \"GREEN\"", "\"CLEAR\", \"green\"", "A044: scope.tlp \"green\""),
            ("\"CLEAR\", \"GREEN\"", "\"CLEAR\", \"\"", "A044: scope.tlp \"\""),
            (
                "from     = \"XBB\"\nto       = \"XAA\"",
                "from     = \"XBB\"\nto       = \"XBB\"",
                "A040: scope XBB>XBB: the Parties",
            ),
            (
                "from     = \"XBB\"\nto       = \"XAA\"",
                "from     = \"XCC\"\nto       = \"XAA\"",
                "A040: scope XCC>XAA: the Parties",
            ),
        ],
    );
    let topics = FILE.split("[scope.topics]").nth(1).unwrap().split_once('\n').unwrap().1.split("\n\n").next().unwrap();
    let list = told(topics, "");
    assert!(list.contains("A044: scope.topics is empty") && list.lines().count() == 1, "{list}");
}

#[test]
fn offices_and_words_have_a_length_and_an_alphabet() {
    use crate::reader::{is_office_of, is_word};
    let xaa = nation("XAA");
    let office = |length: usize| format!("XAA/{}", "A".repeat(length));
    assert!(is_office_of(&office(1), xaa) && is_office_of(&office(60), xaa) && is_office_of("XAA/J-2", xaa));
    for wrong in [&office(0), &office(61), "XBB/J2", "XAAJ2", "XAA/j2", "XAA/J 2", "XAA", ""] {
        assert!(!is_office_of(wrong, xaa), "{wrong:?}");
    }
    assert!(is_word("a") && is_word(&"a".repeat(80)) && is_word("a-1.b") && is_word("x9"));
    for wrong in [&"a".repeat(81), "", "1a", "-a", ".a", "A", "a b", "a_b", "aé"] {
        assert!(!is_word(wrong), "{wrong:?}");
    }
}

#[test]
fn handling_times_and_duties_have_a_range_and_closed_words() {
    check(
        &[
            ("deliver     = 10\n", "deliver     = 525600\n"),
            ("max_words   = 200", "max_words   = 100000"),
            ("log_years       = 10", "log_years       = 100"),
            ("verify_every_months = 12", "verify_every_months = 1200"),
            ("first_report_hours = 24", "first_report_hours = 87600"),
            ("answer_days    = 14", "answer_days    = 36500"),
            ("to           = [\"XAA\", \"XBB\"]", "to           = [\"XBB\"]"),
            ("category     = \"undersea-sensing\"", "category     = \"u\""),
            ("from_level   = 2", "from_level   = 4"),
        ],
        &[
            ("[precedence.FLASH]", "[precedence.Flash]", "A045: precedence \"Flash\" is not a word in capitals"),
            ("[precedence.FLASH]", "[precedence.\"\"]", "A045: precedence \"\" is not a word in capitals"),
            ("max_words   = 200", "max_words   = 0", "A045: precedence.FLASH.max_words = 0"),
            ("log_years       = 10", "log_years       = 101", "A046: retention.log_years = 101"),
            ("verify_every_months = 12", "verify_every_months = 1201", "A046: technology.verify_every_months = 1201"),
            ("answer_days    = 14", "answer_days    = 36501", "A046: dispute.answer_days = 36501"),
            ("does = \"hold-topic\"", "does = \"hold\"", "A046: measure.does \"hold\""),
            ("settled_by     = \"consultation\"", "settled_by     = \"court\"", "A046: dispute.settled_by \"court\""),
            (
                "to           = [\"XAA\", \"XBB\"]",
                "to           = [\"XCC\"]",
                "A046: technology.to \"XCC\": only the Parties",
            ),
            (
                "highest_level = 2\nend_use",
                "highest_level = 4\nend_use",
                "A041: technology.highest_level = 4 is above the table's highest level, 3",
            ),
            ("[\"XAA/WATCH\", \"XBB/VEILLE\"]", "[\"XAA/WATCH\", \"XAA/J2\"]", "A046: XBB has no office here"),
            ("[\"XAA/WATCH\", \"XBB/VEILLE\"]", "[\"XBB/J2\", \"XBB/VEILLE\"]", "A046: XAA has no office here"),
        ],
    );
    assert_eq!(told("highest_level = 2\nend_use", "highest_level = 3\nend_use"), "", "the table's highest");
    let list = told("[\"XAA/WATCH\", \"XBB/VEILLE\"]", "[\"XAA/WATCH\", \"XCC/J2\"]");
    assert!(list.contains("A046: consultation.offices \"XCC/J2\"") && list.contains("XBB has no office"), "{list}");
    let consultation = example().duties.consultation.unwrap();
    assert_eq!(consultation.office_of(nation("XAA")), Some("XAA/WATCH"));
    assert_eq!(consultation.office_of(nation("XCC")), None);
}

#[test]
fn a_text_has_a_length_and_a_key_a_place() {
    let long = format!("\"{}\"", "é".repeat(200));
    let longer = format!("\"{}\"", "é".repeat(201));
    let name = "name                 = \"Arcadia\"";
    check(
        &[(name, &format!("name = {long}"))],
        &[
            (name, &format!("name = {longer}"), "38:8: error A010: party.XAA.name must have 1 to 200 characters"),
            (name, "name = \"\"", "38:8: error A010: party.XAA.name must have 1 to 200 characters"),
            (name, "", "A010: party.XAA.name is missing"),
        ],
    );
}

#[test]
fn a_file_has_256_kibibytes_at_most() {
    let padded = |bytes: usize| format!("{FILE}#{}", " ".repeat(bytes - FILE.len() - 1));
    assert_eq!(faults(&padded(262_144)), "");
    let list = faults(&padded(262_145));
    assert_eq!(list.trim_end(), "agreement.toml:1:1: error A090: 262145 bytes; the limit is 262144");
}

#[test]
fn word_lists_must_have_every_word_of_the_agreement_in_the_order_of_its_levels() {
    let (vocabulary, registers) = lists();
    let fits = |change: &dyn Fn(&mut Agreement)| {
        let mut agreement = example();
        change(&mut agreement);
        agreement.fits("a.toml", &vocabulary, &registers).map_or_else(|faults| faults.to_string(), |()| String::new())
    };
    let one = |change: &dyn Fn(&mut Agreement), words: &str| {
        let list = fits(change);
        assert!(list.contains(words) && list.lines().count() == 1, "{list}\nand not {words}");
    };
    assert_eq!(fits(&|_| {}), "");
    let x = || "x.y".to_owned();
    // A fault of a row stands at the row.
    let row = example().equivalence[1].place;
    assert_eq!((FILE.lines().nth(row.0 - 1), row.1), (Some("[[equivalence]]"), 1));
    let unknown = fits(&|agreement| agreement.equivalence[1].markings[0] = "AMBER".to_owned());
    assert!(unknown.starts_with(&format!("a.toml:{}:{}: error A030", row.0, row.1)), "{unknown}");
    one(&|agreement| agreement.registers.markings[1] = agreement.digest, "A014: markings-XBB.toml has another digest");
    one(&|agreement| agreement.scopes[1].topics[0].0 = x(), "A047: topic \"x.y\" is not in the vocabulary");
    one(&|agreement| agreement.scopes[1].forms[0] = x(), "A047: form \"x.y\"");
    one(&|agreement| agreement.scopes[0].tlp[0] = x(), "A047: TLP colour \"x.y\"");
    one(&|agreement| agreement.precedence.get_mut("FLASH").unwrap().forms[0] = x(), "A047: form \"x.y\"");
    one(&|agreement| agreement.emergency.as_mut().unwrap().topics[0] = x(), "A047: topic \"x.y\"");
    one(&|agreement| agreement.life.after_end[0] = x(), "A047: statement \"x.y\"");
    one(&|agreement| agreement.life.while_suspended[0] = x(), "A047: statement \"x.y\"");
    let slow = |agreement: &mut Agreement| {
        let handling = agreement.precedence["FLASH"].clone();
        agreement.precedence.insert("LATER".to_owned(), handling);
    };
    one(&slow, "A047: precedence \"LATER\"");
    one(
        &|agreement| agreement.equivalence[1].markings[0] = "AMBER".to_owned(),
        "A030: AMBER is not in the register of XAA",
    );
    one(
        &|agreement| agreement.caveats[1].words[0] = "PROPIN".to_owned(),
        "A034: caveat PROPIN is not in the register of XAA",
    );
    let no_contractors = |agreement: &mut Agreement| {
        agreement.caveats[1] =
            Caveat { means: Meaning::NoContractors, words: ["NOCONTRACT", "SANS INDUSTRIE"].map(str::to_owned) };
    };
    assert_eq!(fits(&no_contractors), "", "a wording for people, which stands in no mark");
    let reversed =
        |one: usize, level: u8| fits(&move |agreement: &mut Agreement| agreement.equivalence[one].level = level);
    let both = reversed(3, 1);
    assert!(
        both.contains(
            "A031: level order reversed between the Parties: XAA CONFIDENTIAL has level 2 and SECRET level 1"
        ),
        "{both}"
    );
    assert!(both.contains("XAA RESTRICTED has level 1 and SECRET level 1"), "one level for two markings: {both}");
    assert_eq!(both.lines().count(), 4, "{both}");
    assert_eq!(reversed(3, 4), "", "a level may be left out");
    let again = |agreement: &mut Agreement| agreement.equivalence.push(agreement.equivalence[2].clone());
    assert_eq!(fits(&again), "", "a marking of other days");
    let mut fewer = vocabulary.clone();
    fewer.caveat_meanings.retain(|word| word != "limited-distribution");
    let told = example().fits("a.toml", &fewer, &registers).unwrap_err().to_string();
    assert_eq!(told, "a.toml: error A047: caveat meaning \"limited-distribution\" is not in the vocabulary");
    // In whatever order the rows stand.
    assert_eq!(fits(&|agreement| agreement.equivalence.reverse()), "");
    let turned = fits(&|agreement| {
        agreement.equivalence[3].level = 1;
        agreement.equivalence.reverse();
    });
    assert_eq!(turned.lines().count(), 4, "{turned}");
}

#[test]
fn an_exercise_is_one_by_its_id() {
    let text = FILE.replacen("kind = \"live\"", "kind = \"exercise\"\nexercise = \"EX-A\"", 1);
    let agreement = Agreement::read("agreement.toml", text.as_bytes()).unwrap();
    assert_eq!((agreement.traffic.word(), example().traffic.word()), ("EX-A", "live"));
    let empty = FILE.replacen("kind = \"live\"", "kind = \"exercise\"\nexercise = \"\"", 1);
    let told = Agreement::read("agreement.toml", empty.as_bytes()).unwrap_err().to_string();
    assert!(told.contains("A026: exercise without id"), "{told}");
}
