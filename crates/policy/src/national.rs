//! A nation's own rules for one agreement. They stay at home and can only narrow what the agreement permits.

mod narrows;
#[cfg(test)]
mod tests;

pub use crate::content::asked::{Content, Filter};

use crate::{
    agreement::{Meaning, Narrowing, ScopeRules, read_narrowing},
    content::{Inspection, Inspector},
    overlay::{Bench, Judge},
    reader::{Form, Table, is_office_of, is_word, read_file},
    side::Side,
};
use relto_report::{
    calendar::Timestamp, crypto::sha256, digest::Digest, fault::Faults, file::SERIAL_PREFIXES, nation::Nation,
    toml::Rules,
};
use std::{collections::BTreeMap, sync::Arc};

/// The form of file that this program reads.
pub const FORMAT: &str = "relto-national/1";
const FORM: Form = Form {
    rules: Rules { syntax: "N090", unknown_key: "N091", wrong_type: "N092", missing: "N093" },
    file: "N090",
    repeated: "N094",
};
const SCOPE_RULES: ScopeRules =
    ScopeRules { general: "N011", level: "N011", national_only: "N011", media_type: "N011" };
const MAX_TEXT: usize = 200;
/// Seconds that a filter program has where the rules do not say, and at most.
const FILTER_SECONDS: u32 = 10;
const MAX_FILTER_SECONDS: i64 = 120;

/// What the node is accredited to hold, and until when.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Accreditation {
    /// Number of the certificate.
    pub certificate: String,
    /// Highest level that the node may hold.
    pub highest_level: u8,
    /// First moment without accreditation.
    pub valid_until: Timestamp,
}

/// What one direction is narrowed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NationalScope {
    /// Who sends.
    pub from: Nation,
    /// Who receives.
    pub to: Nation,
    /// Narrower limits; what is left out is as the agreement has it.
    pub narrowing: Narrowing,
    /// Topics that a senior officer decides one by one.
    pub hold_topics: Vec<String>,
}

/// An officer's approval given once for a narrow class of reports.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StandingAuthority {
    /// Names it in the journal.
    pub serial: String,
    /// Recipient.
    pub to: Nation,
    /// Topics; all of the report's must be here.
    pub topics: Vec<String>,
    /// Forms.
    pub forms: Vec<String>,
    /// Highest level.
    pub to_level: u8,
    /// Meanings of caveats that may stand on the report.
    pub caveats: Vec<Meaning>,
    /// First moment on which it holds no more.
    pub valid_until: Timestamp,
    /// The office that gave it.
    pub signed_by: String,
}

/// A file of rules that do not fit a list; [`crate::overlay`] has who judges by them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Overlay {
    /// Its name.
    pub file: String,
    /// Its digest.
    pub digest: Digest,
}

impl Overlay {
    /// Whether these are the bytes of the overlay that the rules name. A node with others does not start (N003).
    #[must_use]
    pub fn is(&self, bytes: &[u8]) -> bool {
        sha256(&[bytes]) == self.digest
    }
}

/// One nation's rules for one agreement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NationalRules {
    /// SHA-256 of the exact bytes of the file.
    pub digest: Digest,
    /// Whose rules.
    pub nation: Nation,
    /// Id of the agreement, every version of it.
    pub agreement: String,
    /// Names the rules in the journal.
    pub serial: String,
    /// The office that issued them.
    pub issued_by: String,
    /// First moment.
    pub valid_from: Timestamp,
    /// First moment after. The node then stops; it does not fall back to the agreement.
    pub valid_until: Timestamp,
    /// The node itself.
    pub accreditation: Accreditation,
    /// Narrowed directions.
    pub scopes: Vec<NationalScope>,
    /// Approvals given in advance.
    pub standing: Vec<StandingAuthority>,
    /// Words and attachments.
    pub content: Option<Content>,
    /// Rules that do not fit a list.
    pub overlay: Option<Overlay>,
    inspection: Inspection,
    bench: Bench,
    file: String,
    places: BTreeMap<String, (usize, usize)>,
}

impl NationalRules {
    /// Reads a file of national rules.
    ///
    /// # Errors
    /// Every fault with its place, all at once.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Faults> {
        let digest = sha256(&[bytes]);
        read_file(name, bytes, &FORM, |root| read(root, name, digest))
    }

    /// What narrows one direction; `None`: nothing does.
    #[must_use]
    pub fn scope(&self, from: Nation, to: Nation) -> Option<&NationalScope> {
        self.scopes.iter().find(|scope| scope.from == from && scope.to == to)
    }

    /// Gives the rules the inspector that answers what `[content]` asks; without one every report is refused.
    pub fn set_inspector(&mut self, inspector: Arc<dyn Inspector>) {
        self.inspection = Inspection(Some(inspector));
    }

    /// The inspector, where the rules ask for one and have been given it.
    #[must_use]
    pub fn inspector(&self) -> Option<&Arc<dyn Inspector>> {
        self.inspection.0.as_ref().filter(|_| self.content.is_some())
    }

    /// Gives the rules the judge of their overlay; without one every report is refused.
    pub fn set_judge(&mut self, judge: Arc<dyn Judge>) {
        self.bench = Bench(Some(judge));
    }

    /// The judge of the overlay, where the rules have one and were given its judge.
    #[must_use]
    pub fn judge(&self) -> Option<&Arc<dyn Judge>> {
        self.bench.0.as_ref().filter(|_| self.overlay.is_some())
    }

    /// First letters of serials of the nation's own systems. R057
    #[must_use]
    pub fn source_serials(&self) -> Vec<&str> {
        let own = self.content.as_ref().and_then(|content| content.source_serials.as_ref());
        own.map_or_else(|| SERIAL_PREFIXES.to_vec(), |list| list.iter().map(String::as_str).collect())
    }

    /// Whether the rules hold at a moment.
    #[must_use]
    pub fn hold_at(&self, at: Timestamp) -> bool {
        self.valid_from <= at && at < self.valid_until
    }

    /// The clause that this program cannot judge yet, if this side's decisions need one. Each of them is then refused
    /// (EVALUATION_ERROR).
    #[must_use]
    pub const fn needs_unbuilt(&self, side: Side) -> Option<&'static str> {
        match side {
            Side::Out | Side::In if self.overlay.is_some() && self.bench.0.is_none() => Some("[overlay]"),
            Side::Out | Side::In => None,
        }
    }
}

fn read(root: &Table<'_>, name: &str, digest: Digest) -> Option<NationalRules> {
    let wanted = format!("not known. This program reads {FORMAT}");
    root.parsed("format", "N010", &wanted, |text| (text == FORMAT).then_some(()));
    let mut places = BTreeMap::new();
    let nation = root.nation("nation", "N012");
    for key in ["nation", "agreement"] {
        places.insert(key.to_owned(), root.place(key));
    }
    let scopes = read_scopes(root, &mut places);
    let standing = read_standing(root, nation, &mut places);
    let accreditation = root.table("accreditation", "N093").map(|table| {
        places.insert("accreditation.highest_level".to_owned(), table.place("highest_level"));
        Accreditation {
            certificate: table.text("certificate", "N093", MAX_TEXT),
            highest_level: level(&table, "highest_level"),
            valid_until: table.moment("valid_until", "N093"),
        }
    });
    let content = root.opt_table("content").map(|table| Content {
        filter: read_filter(&table),
        hold_words_file: table.opt_text("hold_words_file", "N011", 120),
        refuse_active_content: table.flag_or("refuse_active_content", false),
        refuse_metadata: table.flag_or("refuse_metadata", false),
        strip_metadata: table.flag_or("strip_metadata", false),
        source_serials: table.opt_set("source_serials", "N011", 0..=64, "1 to 16 capital letters", is_prefix),
    });
    if content.as_ref().is_some_and(|content| content.strip_metadata) {
        root.fault(
            "content",
            "N011",
            "content.strip_metadata = true: what the author signed is never changed. Write false",
        );
    }
    let overlay = root.opt_table("overlay").map(|table| Overlay {
        file: table.text("file", "N003", 120),
        digest: table
            .parsed("sha256", "N003", "write 64 lower-case hexadecimal digits", Digest::parse_hex)
            .unwrap_or(Digest::from_bytes([0; 32])),
    });
    let issued_by = root.text("issued_by", "N093", MAX_TEXT);
    if nation.is_some_and(|nation| !issued_by.is_empty() && !is_office_of(&issued_by, nation)) {
        root.fault("issued_by", "N011", format!("issued_by {issued_by:?} is not an office of the nation"));
    }
    let rules = NationalRules {
        digest,
        agreement: root.text("agreement", "N012", 40),
        serial: root.text("serial", "N093", MAX_TEXT),
        issued_by,
        valid_from: root.moment("valid_from", "N093"),
        valid_until: root.moment("valid_until", "N093"),
        scopes,
        standing,
        content,
        overlay,
        inspection: Inspection::default(),
        bench: Bench::default(),
        file: name.to_owned(),
        places,
        nation: nation?,
        accreditation: accreditation?,
    };
    if rules.valid_from >= rules.valid_until && root.has("valid_from") && root.has("valid_until") {
        let message = format!("valid_from {} is not before valid_until {}", rules.valid_from, rules.valid_until);
        root.fault("valid_until", "N011", message);
    }
    Some(rules)
}

fn is_prefix(text: &str) -> bool {
    (1..=16).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

/// `filter` and `filter_seconds`.
fn read_filter(table: &Table<'_>) -> Option<Filter> {
    let program = table.opt_text("filter", "N011", MAX_TEXT);
    let seconds = table.opt_number("filter_seconds", "N011", 1..=MAX_FILTER_SECONDS);
    if program.is_none() && seconds.is_some() {
        table.fault("filter_seconds", "N011", "filter_seconds without filter: name the program, or take it out");
    }
    let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(FILTER_SECONDS);
    program.map(|program| Filter { program, seconds })
}

fn level(table: &Table<'_>, key: &str) -> u8 {
    u8::try_from(table.number(key, "N011", 0..=4)).unwrap_or(0)
}

/// The keys of a national scope, as places are kept for them.
const KEYS: [&str; 17] = [
    "purposes",
    "forms",
    "topics",
    "highest_level",
    "information_from",
    "information_until",
    "max_age_hours",
    "caveats",
    "tlp",
    "officer_from_level",
    "second_officer_from_level",
    "standing_authority_to_level",
    "attachments.types",
    "attachments.max_count",
    "transport.max_report_bytes",
    "transport.max_attachment_bytes",
    "hold_topics",
];

fn read_scopes(root: &Table<'_>, places: &mut BTreeMap<String, (usize, usize)>) -> Vec<NationalScope> {
    let mut out: Vec<NationalScope> = Vec::new();
    for table in root.tables("scope") {
        let (from, to) = (table.nation("from", "N012"), table.nation("to", "N012"));
        let narrowing = read_narrowing(&table, SCOPE_RULES, crate::agreement::MAX_LEVEL);
        let held = table.opt_set("hold_topics", "N011", 0..=64, "a topic is a word of the vocabulary", is_word);
        let (Some(from), Some(to)) = (from, to) else { continue };
        if out.iter().any(|earlier| earlier.from == from && earlier.to == to) {
            table.fault("from", "N012", format!("two scopes for one direction: {from}>{to}"));
        }
        for key in KEYS {
            let first = key.split('.').next().unwrap_or(key);
            places.insert(format!("{from}>{to} {key}"), table.place(first));
        }
        out.push(NationalScope { from, to, narrowing, hold_topics: held.unwrap_or_default() });
    }
    out
}

fn read_standing(
    root: &Table<'_>,
    nation: Option<Nation>,
    places: &mut BTreeMap<String, (usize, usize)>,
) -> Vec<StandingAuthority> {
    let word = "a word has small letters, digits, - and .";
    let mut out: Vec<StandingAuthority> = Vec::new();
    for table in root.tables("standing_authority") {
        let serial = table.text("serial", "N093", MAX_TEXT);
        let to = table.nation("to", "N012");
        let topics = table.set("topics", "N011", 1..=64, word, is_word);
        let forms = table.set("forms", "N011", 1..=32, word, is_word);
        let to_level = level(&table, "to_level");
        let known = |text: &str| Meaning::parse(text).is_some_and(|means| means != Meaning::NationalOnly);
        let caveats = table.set("caveats", "N011", 0..=16, "no meaning that may leave", known);
        let valid_until = table.moment("valid_until", "N093");
        let signed_by = table.text("signed_by", "N093", MAX_TEXT);
        if nation.is_some_and(|nation| !signed_by.is_empty() && !is_office_of(&signed_by, nation)) {
            table.fault("signed_by", "N011", format!("signed_by {signed_by:?} is not an office of the nation"));
        }
        if out.iter().any(|earlier| earlier.serial == serial) {
            table.fault("serial", "N011", format!("two standing authorities have the serial {serial}"));
        }
        places.insert(format!("standing {serial}"), table.place("to_level"));
        let caveats = caveats.iter().filter_map(|text| Meaning::parse(text)).collect();
        let Some(to) = to else { continue };
        out.push(StandingAuthority { serial, to, topics, forms, to_level, caveats, valid_until, signed_by });
    }
    out
}
