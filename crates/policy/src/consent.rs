//! A third nation's consent to the onward release of its information. Kept at home; the partner never sees it.

use crate::{
    calendar::add_months,
    reader::{Form, Table, is_word, read_file},
};
use relto_report::{calendar::Timestamp, digest::Digest, fault::Faults, nation::Nation, toml::Rules};

/// Seconds of 28 days.
const SHORTEST_MONTH: i64 = 2_419_200;
/// 5,000 years of 365 days from 1970: far from the calendar's end, behind which months cannot be added.
const FAR_FUTURE: i64 = 157_680_000_000;

/// The form of file that this program reads.
pub const FORMAT: &str = "relto-consent/1";
const FORM: Form = Form {
    rules: Rules { syntax: "C090", unknown_key: "C091", wrong_type: "C092", missing: "C093" },
    file: "C090",
    repeated: "C094",
};

/// One consent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Consent {
    /// Names it in home files and in the journal.
    pub serial: String,
    /// Whose information it is.
    pub owner: Nation,
    /// Who may release it.
    pub holder: Nation,
    /// To whom.
    pub to: Vec<Nation>,
    /// On which topics.
    pub topics: Vec<String>,
    /// Up to which level.
    pub to_level: u8,
    /// First moment.
    pub valid_from: Timestamp,
    /// First moment after.
    pub valid_until: Timestamp,
    /// Whether the recipient may pass it on.
    pub onward: bool,
    /// Whether the portions may name the owner.
    pub name_origin: bool,
    /// Digest of the signed letter.
    pub evidence: Digest,
    /// Who signed for the record.
    pub signed_by: Vec<String>,
}

impl Consent {
    /// Reads a consent's file.
    ///
    /// # Errors
    /// Every fault with its place, all at once.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Faults> {
        read_file(name, bytes, &FORM, read)
    }

    /// Whether it holds at a moment, where no consent holds longer than `max_months`.
    #[must_use]
    pub fn holds_at(&self, at: Timestamp, max_months: u32) -> bool {
        if at < self.valid_from || at >= self.valid_until {
            return false;
        }
        let age = at.seconds().saturating_sub(self.valid_from.seconds());
        // No month is shorter, so that the calendar is asked only about an old consent; nor at the calendar's end.
        let is_young = age < i64::from(max_months) * SHORTEST_MONTH && at.seconds() < FAR_FUTURE && max_months <= 1_200;
        is_young || at < add_months(self.valid_from, max_months)
    }
}

fn read(table: &Table<'_>) -> Option<Consent> {
    let wanted = format!("not known. This program reads {FORMAT}");
    table.parsed("format", "C010", &wanted, |text| (text == FORMAT).then_some(()));
    let (owner, holder) = (table.nation("owner", "C011"), table.nation("holder", "C011"));
    let is_nation = |text: &str| Nation::parse(text).is_some();
    let to = table.set("to", "C011", 1..=64, "a nation is three capital letters", is_nation);
    let consent = Consent {
        serial: table.text("serial", "C093", 200),
        to: to.iter().filter_map(|text| Nation::parse(text)).collect(),
        topics: table.set("topics", "C012", 1..=64, "a topic is a word of the vocabulary", is_word),
        to_level: u8::try_from(table.number("to_level", "C012", 0..=4)).unwrap_or(0),
        valid_from: table.moment("valid_from", "C013"),
        valid_until: table.moment("valid_until", "C013"),
        onward: table.flag("onward", "C093"),
        name_origin: table.flag("name_origin", "C093"),
        evidence: table.digest("evidence", "C014"),
        signed_by: table.set("signed_by", "C014", 1..=16, "is empty", |text| !text.is_empty()),
        owner: owner?,
        holder: holder?,
    };
    if consent.owner == consent.holder || consent.to.contains(&consent.owner) {
        table.fault("owner", "C011", "owner, holder and recipients are different nations");
    }
    if consent.valid_from >= consent.valid_until && table.has("valid_from") && table.has("valid_until") {
        let message = format!("valid_from {} is not before valid_until {}", consent.valid_from, consent.valid_until);
        table.fault("valid_until", "C013", message);
    }
    Some(consent)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../../examples/consent-XCC.toml");

    #[test]
    fn the_example_reads_and_holds_for_its_days() {
        let consent = Consent::read("consent-XCC.toml", FILE.as_bytes()).unwrap();
        assert_eq!(consent.owner.as_str(), "XCC");
        let at = |text| Timestamp::parse(text).unwrap();
        assert!(consent.holds_at(at("2026-07-01T00:00:00Z"), 12));
        assert!(!consent.holds_at(at("2026-06-30T23:59:59Z"), 12));
        assert!(!consent.holds_at(at("2026-12-31T00:00:00Z"), 12));
        assert!(!consent.holds_at(at("2026-09-01T00:00:00Z"), 2), "longer ones count as expired");
    }

    #[test]
    fn faults_are_told_by_number_and_place() {
        for (from, to, fault) in [
            ("relto-consent/1", "relto-consent/2", "2:12: error C010"),
            ("owner    = \"XCC\"", "owner    = \"XAA\"", "4:12: error C011"),
            ("to_level = 2", "to_level = 5", "8:12: error C012"),
            ("2026-12-31", "2026-06-30", "10:15: error C013"),
            ("a2c7f0913d", "zzc7f0913d", "15:12: error C014"),
            ("onward   = false", "onward   = \"no\"", "11:12: error C092"),
            ("onward   = false", "", "error C093: onward is missing"),
            (
                "onward   = false",
                "onword   = false",
                "11:1: error C091: unknown key \"onword\". Did you mean \"onward\"?",
            ),
            ("\"XAA/NSA\"]", "\"XAA/FDO\"]", "16:25: error C094"),
        ] {
            let text = FILE.replacen(from, to, 1);
            assert!(text != FILE, "the example lacks {from:?}");
            let told = Consent::read("c.toml", text.as_bytes()).unwrap_err().to_string();
            assert!(told.contains(fault), "{told}\nlacks {fault}");
        }
    }

    #[test]
    fn no_consent_holds_longer_than_its_months() {
        let far = Timestamp::from_seconds(i64::MAX / 4);
        let consent = |valid_from, valid_until| Consent {
            serial: String::new(),
            owner: Nation::parse("XCC").unwrap(),
            holder: Nation::parse("XAA").unwrap(),
            to: Vec::new(),
            topics: Vec::new(),
            to_level: 0,
            valid_from,
            valid_until,
            onward: false,
            name_origin: true,
            evidence: Digest::from_bytes([0; 32]),
            signed_by: Vec::new(),
        };
        // Every day of a leap year and the one behind it.
        let first = Timestamp::parse("2023-12-31T23:59:59Z").unwrap();
        for day in 0..=731 {
            let from = first.plus(day * 86_400);
            for months in [1, 2, 12, 13] {
                let end = add_months(from, months);
                let one = consent(from, far);
                assert!(one.holds_at(from, months) && one.holds_at(end.plus(-1), months), "{from} {months}");
                assert!(!one.holds_at(end, months) && !one.holds_at(from.plus(-1), months), "{from} {months}");
                let short = consent(from, end.plus(-1));
                assert!(
                    short.holds_at(end.plus(-2), months) && !short.holds_at(end.plus(-1), months),
                    "{from} {months}"
                );
            }
        }
        // Behind the calendar's end no months can be added: such a consent holds at no moment.
        let last = Timestamp::parse("9999-12-01T00:00:00Z").unwrap();
        assert!(!consent(last, last.plus(10)).holds_at(last, 12));
    }
}
