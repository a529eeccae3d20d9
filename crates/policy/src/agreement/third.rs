//! Third parties, groups of nations, handling times and release in an emergency.

use crate::reader::{Table, is_word};
use relto_report::{calendar::Day, nation::Nation, vocabulary::Vocabulary};
use std::collections::BTreeMap;

/// What the recipient may pass on without asking.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Onward {
    /// Nothing.
    Never,
    /// A report made from a tear line, to the nations that it names.
    TearLine,
    /// Any report, to the nations that it names.
    Always,
}

/// Whether readers of a kind may read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reading {
    /// Yes.
    Yes,
    /// With the originator's consent.
    Consent,
    /// No.
    No,
}

const READING: [(&str, Reading); 3] = [("yes", Reading::Yes), ("consent", Reading::Consent), ("no", Reading::No)];

/// `[third_party]`. Without its owner's consent, foreign information never leaves.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ThirdParty {
    /// The recipient's own information may go back to it.
    pub recipients_own_may_return: bool,
    /// Months that a consent holds at most.
    pub consent_max_months: u32,
    /// Portions may conceal whose information they hold.
    pub concealed_origin: bool,
    /// Onward release by the report's own list.
    pub onward_by_rel_to: Onward,
    /// Days to answer a request for consent.
    pub onward_request_answer_days: u32,
    /// Readers who hold a third nationality.
    pub third_state_nationals: Reading,
    /// Readers of a firm.
    pub contractors: Reading,
}

/// A group of nations and when it is one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Group {
    /// Four capital letters.
    pub code: String,
    /// The nations.
    pub members: Vec<Nation>,
    /// First day.
    pub from: Day,
    /// First day after.
    pub until: Day,
}

impl Group {
    /// Whether the group is one on this day.
    #[must_use]
    pub fn holds_on(&self, day: Day) -> bool {
        self.from <= day && day < self.until
    }
}

/// One `[precedence.*]`; times in minutes. Two alarms, never refusals.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Handling {
    /// From acceptance by the sending node to the receipt.
    pub deliver: u32,
    /// From delivery to a person of the recipient.
    pub acknowledge: u32,
    /// Forms that may travel so.
    pub forms: Vec<String>,
    /// Words of the text, for the client.
    pub max_words: Option<u32>,
}

/// `[emergency]`: one officer may release alone what needs two.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Emergency {
    /// Whether at all.
    pub permitted: bool,
    /// Topics that it covers.
    pub topics: Vec<String>,
    /// The second officer confirms within this; else an incident.
    pub confirm_within_hours: u32,
    /// The committee is told within this.
    pub tell_committee_within_hours: u32,
}

pub(super) fn read_third_party(root: &Table<'_>) -> ThirdParty {
    let Some(table) = root.table("third_party", "A050") else { return ThirdParty::STRICTEST };
    table.word("default", "A050", &[("refuse", ())]);
    let own = [("may-return", true), ("refuse", false)];
    let concealed = [("permitted", true), ("refuse", false)];
    let onward = [("never", Onward::Never), ("tear-line", Onward::TearLine), ("always", Onward::Always)];
    ThirdParty {
        recipients_own_may_return: table.word("recipients_own", "A050", &own).unwrap_or(false),
        consent_max_months: table.count("consent_max_months", "A050", 1..=1200),
        concealed_origin: table.word("concealed_origin", "A050", &concealed).unwrap_or(false),
        onward_by_rel_to: table.word("onward_by_rel_to", "A050", &onward).unwrap_or(Onward::Never),
        onward_request_answer_days: table.count("onward_request_answer_days", "A050", 1..=3650),
        third_state_nationals: table.word("third_state_nationals", "A050", &READING).unwrap_or(Reading::No),
        contractors: table.word("contractors", "A050", &READING).unwrap_or(Reading::No),
    }
}

impl ThirdParty {
    const STRICTEST: Self = Self {
        recipients_own_may_return: false,
        consent_max_months: 1,
        concealed_origin: false,
        onward_by_rel_to: Onward::Never,
        onward_request_answer_days: 1,
        third_state_nationals: Reading::No,
        contractors: Reading::No,
    };
}

/// A group's code: four capital letters.
fn is_group_code(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

pub(super) fn read_groups(root: &Table<'_>, parties: [Nation; 2]) -> Vec<Group> {
    let mut out: Vec<Group> = Vec::new();
    for table in root.tables("group") {
        let code = table.text("code", "A051", 4);
        if parties.iter().any(|nation| nation.as_str() == code) {
            table.fault("code", "A051", format!("{code} is a Party's own code"));
        } else if !is_group_code(&code) && !code.is_empty() {
            table.fault("code", "A051", format!("group code {code:?} must be four capital letters"));
        }
        let nation = |text: &str| Nation::parse(text).is_some();
        let members = table.set("members", "A051", 1..=64, "a nation is three capital letters", nation);
        let group = Group {
            code,
            members: members.iter().filter_map(|text| Nation::parse(text)).collect(),
            from: table.day("from", "A052"),
            until: table.day("until", "A052"),
        };
        if group.from >= group.until && table.has("from") && table.has("until") {
            table.fault("until", "A052", format!("from {} is not before until {}", group.from, group.until));
        }
        let overlaps = |one: &&Group| one.code == group.code && one.from < group.until && group.from < one.until;
        if let Some(earlier) = out.iter().find(overlaps) {
            let message =
                format!("group {} has overlapping dates: {} to {} already", group.code, earlier.from, earlier.until);
            table.fault("from", "A052", message);
        }
        out.push(group);
    }
    out
}

pub(super) fn read_precedence(root: &Table<'_>) -> BTreeMap<String, Handling> {
    let Some(table) = root.opt_table("precedence") else { return BTreeMap::new() };
    let mut out = BTreeMap::new();
    for key in table.keys() {
        let word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_uppercase());
        if !word(&key.value) {
            table.fault_at(key.at, "A045", format!("precedence {:?} is not a word in capitals", key.value));
        }
        let Some(row) = table.opt_table(&key.value) else { continue };
        let max_words = row.opt_number("max_words", "A045", 1..=100_000);
        let handling = Handling {
            deliver: row.count("deliver", "A045", 1..=525_600),
            acknowledge: row.count("acknowledge", "A045", 1..=525_600),
            forms: row.set("forms", "A045", 0..=32, "a form is a word of the vocabulary", is_word),
            max_words: max_words.and_then(|words| u32::try_from(words).ok()),
        };
        out.insert(key.value, handling);
    }
    out
}

pub(super) fn read_emergency(root: &Table<'_>) -> Option<Emergency> {
    let table = root.opt_table("emergency")?;
    Some(Emergency {
        permitted: table.flag("permitted", "A045"),
        topics: table.set("topics", "A045", 0..=64, "a topic is a word of the vocabulary", is_word),
        confirm_within_hours: table.count("confirm_within_hours", "A045", 1..=720),
        tell_committee_within_hours: table.count("tell_committee_within_hours", "A045", 1..=720),
    })
}

/// The fastest precedence of a vocabulary, which always needs an addressee.
pub(crate) fn fastest(vocabulary: &Vocabulary) -> Option<&str> {
    vocabulary.precedence.first().map(String::as_str)
}
