//! The agreement: one file is one version. It permits; what is not written in it is not permitted.
//!
//! Every key of the form is read into a typed field, also those that no decision uses. What only two files together
//! show (the version before, the registers) is judged by [`Agreement::follows`] and
//! [`Agreement::fits`].

mod duties;
mod fits;
mod life;
mod markings;
mod party;
mod scope;
#[cfg(test)]
mod tests;
mod third;
mod version;

pub use duties::{
    Committee, Consultation, Disposal, Dispute, Does, Duties, Exercise, Incident, Inspection, Inventory, Measure,
    Recall, Reclassification, Request, Retention, Technology,
};
pub use life::{By, Life, ProtectionAfterEnd, Renewal, STATEMENT_FORMS, Traffic};
pub use markings::{Caveat, Dispose, Equivalence, MAX_LEVEL, Making, Meaning, Protection};
pub use party::{MAX_SIGNERS, Party, Quorum, Signer};
pub use scope::{Narrowing, Scope};
pub(crate) use scope::{ScopeRules, read_narrowing};
pub(crate) use third::fastest;
pub use third::{Emergency, Group, Handling, Onward, Reading, ThirdParty};

use crate::reader::{Form, Table, read_file};
use relto_report::{
    calendar::Day, crypto::sha256, digest::Digest, fault::Faults, label::Groups, nation::Nation, toml::Rules,
};
use std::{cmp::Ordering, collections::BTreeMap};

/// The form of file that this program reads.
pub const FORMAT: &str = "relto-agreement/1";

const FORM: Form = Form {
    rules: Rules { syntax: "A090", unknown_key: "A091", wrong_type: "A092", missing: "A093" },
    file: "A090",
    repeated: "A094",
};

/// The digests of the word lists that both nations read alike.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Registers {
    /// Of the vocabulary file.
    pub vocabulary: Digest,
    /// Of each Party's marking register, in the order of the Parties.
    pub markings: [Digest; 2],
}

/// The instruments that the agreement carries out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Basis {
    /// The general security agreement.
    pub security_agreement: String,
    /// The treaty of defence.
    pub defence_treaty: Option<String>,
    /// The arrangement itself.
    pub arrangement: String,
    /// Languages of the authentic texts.
    pub authentic_texts: Vec<String>,
}

/// One version of an agreement.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Agreement {
    /// SHA-256 of the exact bytes of the file; what the signers read is what they signed.
    pub digest: Digest,
    /// Names the line of versions.
    pub id: String,
    /// 1, 2, ...
    pub version: u32,
    /// Digest of the version before; none for version 1.
    pub supersedes: Option<Digest>,
    /// Everything that this version permits and the one before did not, as `relto agreement diff` writes it.
    pub extends: Vec<String>,
    /// The two Parties, alphabetical.
    pub parties: [Nation; 2],
    /// Tolerance for times of leaves and reports.
    pub clock_skew_seconds: u32,
    /// Minutes between Anchors in each Party's log: for so long the newest of a journal is vouched for by nobody else.
    pub anchor_minutes: u32,
    /// The word lists.
    pub registers: Registers,
    /// Title by language.
    pub title: BTreeMap<String, String>,
    /// The instruments behind it.
    pub basis: Basis,
    /// What it says of each Party, in their order.
    pub party: [Party; 2],
    /// When it holds.
    pub life: Life,
    /// Live, or which exercise.
    pub traffic: Traffic,
    /// Table of equivalence.
    pub equivalence: Vec<Equivalence>,
    /// Markings of each Party that are known and never exchanged.
    pub not_exchangeable: [Vec<String>; 2],
    /// Caveat table.
    pub caveats: Vec<Caveat>,
    /// What the recipient owes at each level.
    pub protection: Vec<Protection>,
    /// One scope a direction at most.
    pub scopes: Vec<Scope>,
    /// Third parties.
    pub third_party: ThirdParty,
    /// Groups of nations.
    pub groups: Vec<Group>,
    /// Handling times by word of precedence.
    pub precedence: BTreeMap<String, Handling>,
    /// Release in an emergency.
    pub emergency: Option<Emergency>,
    /// Everything owed afterwards.
    pub duties: Duties,
}

impl Agreement {
    /// Reads an agreement's file.
    ///
    /// # Errors
    /// Every fault of agreement-grammar with its place, all at once.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Faults> {
        let digest = sha256(&[bytes]);
        read_file(name, bytes, &FORM, |root| read(root, digest))
    }

    /// The other Party; `None` for a nation that is none.
    #[must_use]
    pub fn partner_of(&self, nation: Nation) -> Option<Nation> {
        let [one, other] = self.parties;
        if nation == one {
            Some(other)
        } else if nation == other {
            Some(one)
        } else {
            None
        }
    }

    /// What the agreement says of a Party.
    #[must_use]
    pub fn party(&self, nation: Nation) -> Option<&Party> {
        self.party.iter().find(|party| party.nation == nation)
    }

    /// Place of a Party in every list by Party.
    #[must_use]
    pub fn place_of(&self, nation: Nation) -> Option<usize> {
        self.parties.iter().position(|party| *party == nation)
    }

    /// What may go one way; `None`: nothing.
    #[must_use]
    pub fn scope(&self, from: Nation, to: Nation) -> Option<&Scope> {
        self.scopes.iter().find(|scope| scope.from == from && scope.to == to)
    }

    /// Digest of a Party's marking register.
    #[must_use]
    pub fn register_digest(&self, nation: Nation) -> Option<Digest> {
        self.registers.markings.get(self.place_of(nation)?).copied()
    }

    /// The highest level of the table.
    #[must_use]
    pub fn highest_level(&self) -> u8 {
        self.equivalence.iter().map(|row| row.level).max().unwrap_or(0)
    }

    /// A level as people of this nation call it, with the number behind: `SECRET (level 3)`.
    #[must_use]
    pub fn level_in_words(&self, nation: Nation, level: u8) -> String {
        let place = self.place_of(nation);
        let mut rows = self.equivalence.iter().filter(|row| row.level == level);
        let word = place.and_then(|place| rows.find_map(|row| row.markings.get(place)));
        word.map_or_else(|| format!("level {level}"), |word| format!("{word} (level {level})"))
    }

    /// The row that gives a Party's marking its level on this day.
    #[must_use]
    pub fn equivalence_of(&self, nation: Nation, marking: &str, day: Day) -> Option<&Equivalence> {
        let party = self.place_of(nation)?;
        self.equivalence.iter().find(|row| {
            (row.markings.get(party).is_some_and(|word| word == marking)
                || row.accepts.get(party).is_some_and(|list| list.iter().any(|word| word == marking)))
                && row.holds_on(day)
        })
    }

    /// Whether a Party's marking is named as never exchanged.
    #[must_use]
    pub fn is_not_exchangeable(&self, nation: Nation, marking: &str) -> bool {
        let words = self.place_of(nation).and_then(|party| self.not_exchangeable.get(party));
        words.is_some_and(|list| list.iter().any(|word| word == marking))
    }

    /// The meaning of a Party's caveat; `None`: not listed.
    #[must_use]
    pub fn meaning_of(&self, nation: Nation, caveat: &str) -> Option<Meaning> {
        let party = self.place_of(nation)?;
        let row = self.caveats.iter().find(|row| row.words.get(party).is_some_and(|word| word == caveat));
        row.map(|row| row.means)
    }

    /// What the recipient owes at a level.
    #[must_use]
    pub fn protection_at(&self, level: u8) -> Option<&Protection> {
        self.protection.iter().find(|row| row.level == level)
    }

    /// Minutes without the partner's head after which releases stop.
    #[must_use]
    pub const fn head_lag_max_minutes(&self) -> u32 {
        self.duties.retention.head_lag_max_minutes
    }

    /// The groups as they are on this day.
    #[must_use]
    pub const fn groups_on(&self, day: Day) -> GroupsOn<'_> {
        GroupsOn { agreement: self, day }
    }
}

/// An agreement's groups on one day.
#[derive(Clone, Copy, Debug)]
pub struct GroupsOn<'a> {
    agreement: &'a Agreement,
    day: Day,
}

impl Groups for GroupsOn<'_> {
    fn members(&self, code: &str) -> Option<Vec<Nation>> {
        let group = self.agreement.groups.iter().find(|group| group.code == code && group.holds_on(self.day))?;
        Some(group.members.clone())
    }
}

fn read(root: &Table<'_>, digest: Digest) -> Option<Agreement> {
    root.parsed("format", "A001", &format!("not known. This program reads {FORMAT}"), |text| {
        (text == FORMAT).then_some(())
    });
    let id_form = "3 to 40 of A-Z, 0-9 and -";
    let is_id = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
        ((3..=40).contains(&text.len()) && text.bytes().all(plain)).then(|| text.to_owned())
    };
    let id = root.parsed("id", "A002", id_form, is_id).unwrap_or_default();
    let version = root.count("version", "A003", 0..=1_000_000);
    if version == 0 && root.has("version") {
        root.fault("version", "A003", "version 0: versions run 1, 2, 3");
    }
    let (supersedes, extends) = read_versions(root, version);
    let parties = read_parties(root)?;
    let equivalence = markings::read_equivalence(root, parties);
    let highest = equivalence.iter().map(|row| row.level).max().unwrap_or(0);
    let anchors = root.opt_number("anchor_minutes", "A009", 1..=60).unwrap_or(5);
    let skew = root.opt_number("clock_skew_seconds", "A009", 1..=3600).unwrap_or(300);
    let life = root.table("life", "A020").map(|table| life::read(&table));
    let traffic = root.table("traffic", "A026").map(|table| life::read_traffic(&table));
    let party = read_party(root, parties);
    Some(Agreement {
        digest,
        id,
        version,
        supersedes,
        extends,
        parties,
        clock_skew_seconds: u32::try_from(skew).unwrap_or(1),
        anchor_minutes: u32::try_from(anchors).unwrap_or(5),
        registers: read_registers(root, parties),
        title: read_title(root),
        basis: read_basis(root),
        not_exchangeable: markings::read_not_exchangeable(root, parties, &equivalence),
        caveats: markings::read_caveats(root, parties),
        protection: markings::read_protection(root, &equivalence),
        scopes: scope::read_scopes(root, parties, highest),
        third_party: third::read_third_party(root),
        groups: third::read_groups(root, parties),
        precedence: third::read_precedence(root),
        emergency: third::read_emergency(root),
        duties: duties::read(root, parties, highest),
        equivalence,
        // Last, when every other key has been read and told.
        party: party?,
        life: life?,
        traffic: traffic?,
    })
}

/// What version 1 must not have and every later one must.
fn read_versions(root: &Table<'_>, version: u32) -> (Option<Digest>, Vec<String>) {
    let supersedes = root.has("supersedes").then(|| root.digest("supersedes", "A004"));
    if version == 1 && supersedes.is_some() {
        root.fault("supersedes", "A004", "version 1 supersedes nothing. Take supersedes out");
    }
    if version > 1 && supersedes.is_none() {
        root.fault(
            "version",
            "A004",
            format!("supersedes is missing: version {version} names the digest of version {}", version - 1),
        );
    }
    let extends = root.set("extends", "A005", 0..=1024, "is empty", |text| !text.is_empty());
    if version == 1 && !extends.is_empty() {
        root.fault("extends", "A005", "version 1 extends nothing. Write extends = []");
    }
    (supersedes, extends)
}

/// Two different codes. Without them nothing else of the file can be read.
fn read_parties(root: &Table<'_>) -> Option<[Nation; 2]> {
    let is_nation = |text: &str| Nation::parse(text).is_some();
    let list = root.set("parties", "A006", 2..=2, "a nation is three capital letters", is_nation);
    let nations: Vec<Nation> = list.iter().filter_map(|text| Nation::parse(text)).collect();
    let [one, other] = *nations.as_slice() else { return skip(root) };
    match one.cmp(&other) {
        Ordering::Less => Some([one, other]),
        Ordering::Equal => skip(root),
        Ordering::Greater => {
            root.fault("parties", "A006", format!("the Parties stand in alphabetical order: {other}, {one}"));
            Some([other, one])
        }
    }
}

/// Counts every key as read: nothing about them can be said while the Parties are not known.
fn skip(root: &Table<'_>) -> Option<[Nation; 2]> {
    let _counted = root.keys();
    None
}

fn read_registers(root: &Table<'_>, parties: [Nation; 2]) -> Registers {
    let none = Digest::from_bytes([0; 32]);
    let Some(table) = root.table("registers", "A014") else {
        return Registers { vocabulary: none, markings: [none; 2] };
    };
    Registers {
        vocabulary: table.digest("vocabulary", "A014"),
        markings: parties.map(|nation| table.digest(nation.as_str(), "A014")),
    }
}

fn read_title(root: &Table<'_>) -> BTreeMap<String, String> {
    let Some(table) = root.table("title", "A007") else { return BTreeMap::new() };
    let keys = table.keys();
    if keys.is_empty() {
        table.fault("", "A007", "title has no text. Write it by language: en = \"...\"");
    }
    keys.into_iter().map(|key| (key.value.clone(), table.text(&key.value, "A007", 200))).collect()
}

fn read_basis(root: &Table<'_>) -> Basis {
    let Some(table) = root.table("basis", "A008") else {
        return Basis {
            security_agreement: String::new(),
            defence_treaty: None,
            arrangement: String::new(),
            authentic_texts: Vec::new(),
        };
    };
    let language = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_lowercase());
    Basis {
        security_agreement: table.text("security_agreement", "A008", 300),
        defence_treaty: table.opt_text("defence_treaty", "A008", 300),
        arrangement: table.text("arrangement", "A008", 300),
        authentic_texts: table.set("authentic_texts", "A008", 1..=8, "a language is two small letters", language),
    }
}

fn read_party(root: &Table<'_>, parties: [Nation; 2]) -> Option<[Party; 2]> {
    let table = root.table("party", "A010")?;
    let read = |nation: Nation| table.table(nation.as_str(), "A010").map(|table| party::read(&table, nation));
    let [one, other] = parties.map(read);
    let (one, other) = (one?, other?);
    if one.seal_key == other.seal_key {
        table.fault("", "A011", "seal_key of both Parties is the same. Each nation seals with its own");
    }
    if one.tls_roots.iter().any(|root| other.tls_roots.contains(root)) {
        table.fault("", "A011", "one of tls_roots stands with both Parties. Each nation trusts its own");
    }
    if one.signers.iter().any(|signer| other.signers.iter().any(|known| known.key == signer.key)) {
        table.fault("", "A013", "one signer's key stands with both Parties. Each office has its own");
    }
    Some([one, other])
}
