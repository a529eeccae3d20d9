//! The table of equivalence, the caveat table and what the recipient owes at each level.

use crate::reader::Table;
use relto_report::{calendar::Day, nation::Nation};

/// Levels of a table: 0 to this.
pub const MAX_LEVEL: u8 = 4;
const MAX_MARKING: usize = 80;

/// One row of the table of equivalence: one level, one marking a Party.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Equivalence {
    /// 0 to 4.
    pub level: u8,
    /// Each Party's marking, in the order of the Parties.
    pub markings: [String; 2],
    /// Other spellings of each Party's marking.
    pub accepts: [Vec<String>; 2],
    /// First day.
    pub from: Option<Day>,
    /// First day on which the row holds no more.
    pub until: Option<Day>,
    /// Line and column in the file.
    pub place: (usize, usize),
}

impl Equivalence {
    /// Whether the row holds on this day.
    #[must_use]
    pub fn holds_on(&self, day: Day) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day < until)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let before =
            |until: Option<Day>, from: Option<Day>| until.is_some_and(|end| from.is_some_and(|start| end <= start));
        !before(self.until, other.from) && !before(other.until, self.from)
    }

    fn has(&self, party: usize, word: &str) -> bool {
        self.markings.get(party).is_some_and(|marking| marking == word) || self.spells(party, word)
    }

    fn spells(&self, party: usize, word: &str) -> bool {
        self.accepts.get(party).is_some_and(|list| list.iter().any(|spelling| spelling == word))
    }
}

/// The one meaning that both Parties give to a caveat.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Meaning {
    /// Never leaves the nation.
    NationalOnly,
    /// Any further use is asked of the originator.
    OriginatorControlled,
    /// Named addressees only.
    LimitedDistribution,
    /// Not for contractors.
    NoContractors,
}

impl Meaning {
    /// The words of the vocabulary.
    pub const WORDS: [(&'static str, Self); 4] = [
        ("national-only", Self::NationalOnly),
        ("originator-controlled", Self::OriginatorControlled),
        ("limited-distribution", Self::LimitedDistribution),
        ("no-contractors", Self::NoContractors),
    ];

    /// The word of the vocabulary.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NationalOnly => "national-only",
            Self::OriginatorControlled => "originator-controlled",
            Self::LimitedDistribution => "limited-distribution",
            Self::NoContractors => "no-contractors",
        }
    }

    /// Reads the word of the vocabulary.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(known, _)| *known == word).map(|(_, meaning)| *meaning)
    }
}

/// One row of the caveat table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caveat {
    /// What both mean.
    pub means: Meaning,
    /// Each Party's wording, in the order of the Parties.
    pub words: [String; 2],
}

/// How freely a recipient may copy or translate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Making {
    /// Without a record.
    Free,
    /// With a record.
    Recorded,
    /// With the originator's consent.
    Consent,
}

/// What ends a holding.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dispose {
    /// Anything.
    Free,
    /// Destruction.
    Destroy,
    /// Destruction with a certificate.
    DestroyCertified,
    /// Return.
    Return,
}

/// What the recipient owes at one level.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Protection {
    /// 0 to 4.
    pub level: u8,
    /// Readers must have a clearance on record.
    pub clearance: bool,
    /// Every opening is recorded.
    pub register: bool,
    /// An outcome is due within `precedence.deliver`.
    pub receipt: bool,
    /// Copies.
    pub copies: Making,
    /// Translations.
    pub translation: Making,
    /// End of a holding.
    pub dispose: Dispose,
    /// A loss starts `[incident]`.
    pub incident_report: bool,
}

pub(super) fn read_equivalence(root: &Table<'_>, parties: [Nation; 2]) -> Vec<Equivalence> {
    let rows = root.tables("equivalence");
    if rows.is_empty() {
        root.fault("equivalence", "A030", "[[equivalence]] is missing. No row, no exchange");
    }
    let mut out: Vec<Equivalence> = Vec::new();
    for table in &rows {
        let row = read_row(table, parties);
        for earlier in out.iter().filter(|earlier| earlier.overlaps(&row)) {
            compare(table, earlier, &row, parties);
        }
        out.push(row);
    }
    out
}

fn read_row(table: &Table<'_>, parties: [Nation; 2]) -> Equivalence {
    let [one, other] = parties;
    let accepts = table.opt_table("accepts");
    let spellings = |nation: Nation| {
        let list = accepts
            .as_ref()
            .and_then(|list| list.opt_set(nation.as_str(), "A032", 0..=16, "is empty", |text| !text.is_empty()));
        list.unwrap_or_default()
    };
    let row = Equivalence {
        level: level(table, "level", "A030"),
        markings: [one, other].map(|nation| table.text(nation.as_str(), "A030", MAX_MARKING)),
        accepts: [spellings(one), spellings(other)],
        from: table.opt_day("from"),
        until: table.opt_day("until"),
        place: table.own_place(),
    };
    if let (Some(from), Some(until)) = (row.from, row.until)
        && from >= until
    {
        table.fault("until", "A030", format!("from {from} is not before until {until}"));
    }
    row
}

fn compare(table: &Table<'_>, earlier: &Equivalence, row: &Equivalence, parties: [Nation; 2]) {
    for (party, nation) in parties.iter().enumerate() {
        let Some(word) = row.markings.get(party) else { continue };
        if earlier.markings.get(party) == Some(word) && !word.is_empty() {
            let message = format!("two levels for one marking: {nation} {word} is {} and {}", earlier.level, row.level);
            let same = format!("{nation} {word} has two rows for the same days");
            let told = if earlier.level == row.level { same } else { message };
            table.fault(nation.as_str(), "A030", told);
        } else if earlier.spells(party, word) {
            table.fault("accepts", "A032", format!("spelling {word:?} in accepts is another marking of {nation}"));
        }
        for spelling in row.accepts.get(party).into_iter().flatten() {
            if earlier.has(party, spelling) {
                let message = format!("spelling {spelling:?} in accepts is another marking of {nation}");
                table.fault("accepts", "A032", message);
            }
        }
    }
}

pub(super) fn level(table: &Table<'_>, key: &str, rule: &'static str) -> u8 {
    u8::try_from(table.number(key, rule, 0..=i64::from(MAX_LEVEL))).unwrap_or(0)
}

pub(super) fn read_not_exchangeable(root: &Table<'_>, parties: [Nation; 2], rows: &[Equivalence]) -> [Vec<String>; 2] {
    let Some(table) = root.opt_table("not_exchangeable") else { return Default::default() };
    let words = |party: usize, nation: Nation| {
        let list = table.opt_set(nation.as_str(), "A033", 0..=32, "is empty", |text| !text.is_empty());
        let list = list.unwrap_or_default();
        for word in list.iter().filter(|word| rows.iter().any(|row| row.has(party, word))) {
            table.fault(nation.as_str(), "A033", format!("{nation} {word} also has a row in the table of equivalence"));
        }
        list
    };
    let [one, other] = parties;
    [words(0, one), words(1, other)]
}

pub(super) fn read_caveats(root: &Table<'_>, parties: [Nation; 2]) -> Vec<Caveat> {
    let mut out: Vec<Caveat> = Vec::new();
    for table in root.tables("caveat") {
        let words = parties.map(|nation| table.text(nation.as_str(), "A034", MAX_MARKING));
        let Some(means) = table.parsed("means", "A034", "meaning not known", Meaning::parse) else { continue };
        for earlier in &out {
            if earlier.means == means {
                table.fault("means", "A034", format!("meaning {} has two rows", means.word()));
            }
            for ((nation, word), known) in parties.iter().zip(&words).zip(&earlier.words) {
                if word == known && !word.is_empty() {
                    table.fault(nation.as_str(), "A034", format!("two meanings for one caveat: {nation} {word}"));
                }
            }
        }
        out.push(Caveat { means, words });
    }
    if !out.iter().any(|row| row.means == Meaning::NationalOnly) {
        root.fault(
            "caveat",
            "A035",
            "national-only is missing. It must be listed, so that it is recognised and refused",
        );
    }
    out
}

pub(super) fn read_protection(root: &Table<'_>, rows: &[Equivalence]) -> Vec<Protection> {
    let making = [("free", Making::Free), ("recorded", Making::Recorded), ("consent", Making::Consent)];
    let dispose = [
        ("free", Dispose::Free),
        ("destroy", Dispose::Destroy),
        ("destroy-certified", Dispose::DestroyCertified),
        ("return", Dispose::Return),
    ];
    let mut out: Vec<Protection> = Vec::new();
    for table in root.tables("protection") {
        let level = level(&table, "level", "A036");
        if out.iter().any(|row| row.level == level) {
            table.fault("level", "A036", format!("level {level} has two rows of protection"));
        }
        if !rows.iter().any(|row| row.level == level) {
            table.fault("level", "A036", format!("level {level} is not in the table of equivalence"));
        }
        out.push(Protection {
            level,
            clearance: table.flag("clearance", "A036"),
            register: table.flag("register", "A036"),
            receipt: table.flag("receipt", "A036"),
            copies: table.word("copies", "A036", &making).unwrap_or(Making::Consent),
            translation: table.word("translation", "A036", &making).unwrap_or(Making::Consent),
            dispose: table.word("dispose", "A036", &dispose).unwrap_or(Dispose::Return),
            incident_report: table.flag("incident_report", "A036"),
        });
    }
    let mut levels: Vec<u8> = rows.iter().map(|row| row.level).collect();
    levels.sort_unstable();
    levels.dedup();
    for level in levels.into_iter().filter(|level| !out.iter().any(|row| row.level == *level)) {
        let message = format!("level {level} has no row of protection. One row for each level of the table");
        root.fault("protection", "A036", message);
    }
    out
}
