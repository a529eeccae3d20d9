//! What may go one way, and the same limits as national rules may narrow them.

use super::markings::{MAX_LEVEL, Meaning};
use crate::reader::{Table, is_word};
use relto_report::{calendar::Timestamp, nation::Nation};

const KIB: u32 = 1024;

/// The limits of one direction. The agreement's are whole; national rules say only what they narrow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Scope {
    /// Who sends.
    pub from: Nation,
    /// Who receives.
    pub to: Nation,
    /// Purposes that a report may have.
    pub purposes: Vec<String>,
    /// Forms that a report may have.
    pub forms: Vec<String>,
    /// Topic and its highest level.
    pub topics: Vec<(String, u8)>,
    /// Highest level of all.
    pub highest_level: u8,
    /// Earliest information cut-off.
    pub information_from: Option<Timestamp>,
    /// First information cut-off that is too late.
    pub information_until: Option<Timestamp>,
    /// Hours from information cut-off to release.
    pub max_age_hours: Option<u32>,
    /// Caveats that may stand on a report.
    pub caveats: Vec<Meaning>,
    /// TLP colours that may stand on a report.
    pub tlp: Vec<String>,
    /// An officer releases from this level on.
    pub officer_from_level: u8,
    /// A second one from this level on.
    pub second_officer_from_level: u8,
    /// Highest level that may be approved in advance; -1: never.
    pub standing_authority_to_level: i8,
    /// Media types of attachments.
    pub attachment_types: Vec<String>,
    /// Attachments at most.
    pub max_attachments: u32,
    /// Bytes of an encoded report.
    pub max_report_bytes: u32,
    /// Bytes of all attachments together.
    pub max_attachment_bytes: u32,
}

/// The same keys where each may be left out: as the agreement has it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[allow(missing_docs, reason = "each field is the one of the same name in Scope")]
pub struct Narrowing {
    pub purposes: Option<Vec<String>>,
    pub forms: Option<Vec<String>>,
    pub topics: Option<Vec<(String, u8)>>,
    pub highest_level: Option<u8>,
    pub information_from: Option<Timestamp>,
    pub information_until: Option<Timestamp>,
    pub max_age_hours: Option<u32>,
    pub caveats: Option<Vec<Meaning>>,
    pub tlp: Option<Vec<String>>,
    pub officer_from_level: Option<u8>,
    pub second_officer_from_level: Option<u8>,
    pub standing_authority_to_level: Option<i8>,
    pub attachment_types: Option<Vec<String>>,
    pub max_attachments: Option<u32>,
    pub max_report_bytes: Option<u32>,
    pub max_attachment_bytes: Option<u32>,
}

/// Numbers of the faults of a scope's keys, which differ between the two forms of file.
#[derive(Clone, Copy)]
pub(crate) struct ScopeRules {
    pub(crate) general: &'static str,
    pub(crate) level: &'static str,
    pub(crate) national_only: &'static str,
    pub(crate) media_type: &'static str,
}

pub(crate) const AGREEMENT_RULES: ScopeRules =
    ScopeRules { general: "A044", level: "A041", national_only: "A042", media_type: "A043" };

/// Reads every key of a scope but `from` and `to`.
pub(crate) fn read_narrowing(table: &Table<'_>, rules: ScopeRules, highest: u8) -> Narrowing {
    let general = rules.general;
    let attachments = table.opt_table("attachments");
    let transport = table.opt_table("transport");
    let bytes = |table: &Option<Table<'_>>, key: &str, low: u32, high: u32| {
        let found = table.as_ref().and_then(|table| table.opt_number(key, general, i64::from(low)..=i64::from(high)));
        found.and_then(|number| u32::try_from(number).ok())
    };
    let narrow =
        |key: &str| table.opt_number(key, general, 0..=i64::from(MAX_LEVEL)).and_then(|n| u8::try_from(n).ok());
    let standing = table.opt_number("standing_authority_to_level", general, -1..=i64::from(MAX_LEVEL));
    let word = "a word has small letters, digits, - and .";
    let type_form = "a media type has a slash and no *, such as text/csv";
    let age = table.opt_number("max_age_hours", general, 1..=87_600);
    Narrowing {
        purposes: table.opt_set("purposes", general, 1..=16, word, is_word),
        forms: table.opt_set("forms", general, 1..=32, word, is_word),
        topics: table.opt_table("topics").map(|list| read_topics(&list, rules, highest)),
        highest_level: table.has("highest_level").then(|| read_level(table, "highest_level", rules, highest)),
        information_from: table.opt_moment("information_from"),
        information_until: table.opt_moment("information_until"),
        max_age_hours: age.and_then(|hours| u32::try_from(hours).ok()),
        caveats: read_meanings(table, rules),
        tlp: table.opt_set("tlp", general, 0..=8, "a TLP colour is in capitals", |text| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'+')
        }),
        officer_from_level: narrow("officer_from_level"),
        second_officer_from_level: narrow("second_officer_from_level"),
        standing_authority_to_level: standing.and_then(|number| i8::try_from(number).ok()),
        attachment_types: attachments
            .as_ref()
            .and_then(|table| table.opt_set("types", rules.media_type, 0..=64, type_form, is_media_type)),
        max_attachments: bytes(&attachments, "max_count", 0, 64),
        max_report_bytes: bytes(&transport, "max_report_bytes", KIB, 16 * KIB * KIB),
        max_attachment_bytes: bytes(&transport, "max_attachment_bytes", 0, KIB * KIB * KIB),
    }
}

fn read_topics(table: &Table<'_>, rules: ScopeRules, highest: u8) -> Vec<(String, u8)> {
    let keys = table.keys();
    if keys.is_empty() {
        table.fault("", rules.general, "scope.topics is empty. No topic, nothing may go");
    }
    let topic = |key: &str| is_word(key) && key.split('.').count() == 2 && key.split('.').all(|half| !half.is_empty());
    for key in keys.iter().filter(|key| !topic(&key.value)) {
        table.fault_at(
            key.at,
            rules.general,
            format!("topic {:?} is not domain.threat; there are no wildcards", key.value),
        );
    }
    keys.iter().map(|key| (key.value.clone(), read_level(table, &key.value, rules, highest))).collect()
}

fn read_level(table: &Table<'_>, key: &str, rules: ScopeRules, highest: u8) -> u8 {
    let level = super::markings::level(table, key, rules.level);
    if level > highest {
        let message = format!("{} = {level} is above the table's highest level, {highest}", table.path(key));
        table.fault(key, rules.level, message);
    }
    level
}

fn read_meanings(table: &Table<'_>, rules: ScopeRules) -> Option<Vec<Meaning>> {
    let known = |word: &str| Meaning::parse(word).is_some();
    let list = table.opt_set("caveats", rules.general, 0..=16, "meaning not known", known)?;
    if list.iter().any(|word| word == Meaning::NationalOnly.word()) {
        table.fault("caveats", rules.national_only, "national-only never leaves its nation. Take it out");
    }
    Some(list.iter().filter_map(|word| Meaning::parse(word)).collect())
}

fn is_media_type(text: &str) -> bool {
    let part = |half: &str| {
        !half.is_empty()
            && half.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".+-_".contains(&byte))
    };
    text.len() <= 127 && text.split_once('/').is_some_and(|(kind, sub)| part(kind) && part(sub))
}

pub(super) fn read_scopes(root: &Table<'_>, parties: [Nation; 2], highest: u8) -> Vec<Scope> {
    let mut out: Vec<Scope> = Vec::new();
    for table in root.tables("scope") {
        let from = table.nation("from", "A040");
        let to = table.nation("to", "A040");
        let narrowing = read_narrowing(&table, AGREEMENT_RULES, highest);
        missing(&table, &narrowing);
        let (Some(from), Some(to)) = (from, to) else { continue };
        if from == to || !parties.contains(&from) || !parties.contains(&to) {
            let [one, other] = parties;
            table.fault("from", "A040", format!("scope {from}>{to}: the Parties are {one} and {other}"));
        }
        if out.iter().any(|earlier| earlier.from == from && earlier.to == to) {
            table.fault("from", "A040", format!("two scopes for one direction: {from}>{to}"));
        }
        out.push(Scope::whole(from, to, narrowing));
    }
    out
}

/// What a scope of an agreement cannot leave out.
fn missing(table: &Table<'_>, keys: &Narrowing) {
    for (key, absent) in [
        ("purposes", keys.purposes.is_none()),
        ("forms", keys.forms.is_none()),
        ("topics", keys.topics.is_none()),
        ("highest_level", keys.highest_level.is_none()),
        ("attachments.types", keys.attachment_types.is_none()),
        ("attachments.max_count", keys.max_attachments.is_none()),
        ("transport.max_report_bytes", keys.max_report_bytes.is_none()),
        ("transport.max_attachment_bytes", keys.max_attachment_bytes.is_none()),
    ] {
        if absent {
            table.fault("", "A044", format!("{} is missing", table.path(key)));
        }
    }
}

impl Scope {
    /// The defaults of the grammar stand where a key may be left out; what may not be is a fault of the file already.
    fn whole(from: Nation, to: Nation, keys: Narrowing) -> Self {
        Self {
            from,
            to,
            purposes: keys.purposes.unwrap_or_default(),
            forms: keys.forms.unwrap_or_default(),
            topics: keys.topics.unwrap_or_default(),
            highest_level: keys.highest_level.unwrap_or(0),
            information_from: keys.information_from,
            information_until: keys.information_until,
            max_age_hours: keys.max_age_hours,
            caveats: keys.caveats.unwrap_or_default(),
            tlp: keys.tlp.unwrap_or_else(|| vec!["CLEAR".to_owned()]),
            officer_from_level: keys.officer_from_level.unwrap_or(0),
            second_officer_from_level: keys.second_officer_from_level.unwrap_or(MAX_LEVEL),
            standing_authority_to_level: keys.standing_authority_to_level.unwrap_or(-1),
            attachment_types: keys.attachment_types.unwrap_or_default(),
            max_attachments: keys.max_attachments.unwrap_or(0),
            max_report_bytes: keys.max_report_bytes.unwrap_or(0),
            max_attachment_bytes: keys.max_attachment_bytes.unwrap_or(0),
        }
    }
}
