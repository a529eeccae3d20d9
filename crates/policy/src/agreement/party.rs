//! What the agreement says of each Party: offices, keys, addressees, signers and how many of them an act needs.

use crate::reader::{Table, is_office_of};
use relto_report::{crypto::PublicKey, digest::Digest, nation::Nation};
use std::collections::BTreeSet;

/// Longest name of an authority or a nation, in characters.
const MAX_NAME: usize = 200;
/// Signers of a Party at most.
pub const MAX_SIGNERS: usize = 9;

/// An office that signs for its Party with an offline key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signer {
    /// Such as `XAA/NSA`.
    pub office: String,
    /// Its key.
    pub key: PublicKey,
}

/// How many signatures of different offices each act needs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quorum {
    /// A version of the agreement, a new seal key.
    pub sign: u32,
    /// A suspension.
    pub suspend: u32,
    /// The end of a suspension.
    pub resume: u32,
    /// Notice.
    pub give_notice: u32,
}

/// One Party.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Party {
    /// Its code.
    pub nation: Nation,
    /// Its name.
    pub name: String,
    /// Languages of reports that it accepts without translation (ISO 639-1).
    pub languages: Vec<String>,
    /// Its national security authority.
    pub security_authority: String,
    /// The office that stands behind every release.
    pub disclosure_authority: String,
    /// Its half of the joint committee.
    pub committee: String,
    /// First seal key of the nation's log.
    pub seal_key: PublicKey,
    /// SHA-256 of the certificates that its nodes' certificates chain to.
    pub tls_roots: Vec<Digest>,
    /// Offices that a report may be addressed to.
    pub addressees: Vec<String>,
    /// Offices that sign.
    pub signers: Vec<Signer>,
    /// How many of them.
    pub quorum: Quorum,
}

pub(super) fn read(table: &Table<'_>, nation: Nation) -> Party {
    let language = |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_lowercase());
    let roots = "write sha256: and 64 lower-case hexadecimal digits";
    let signers = read_signers(table, nation);
    Party {
        nation,
        name: table.text("name", "A010", MAX_NAME),
        languages: table.set("languages", "A010", 1..=16, "a language is two small letters (ISO 639-1)", language),
        security_authority: table.text("security_authority", "A010", MAX_NAME),
        disclosure_authority: office(table, "disclosure_authority", nation),
        committee: office(table, "committee", nation),
        seal_key: table.public_key("seal_key", "A011"),
        tls_roots: table
            .set("tls_roots", "A011", 1..=16, roots, |text| Digest::parse(text).is_some())
            .iter()
            .filter_map(|text| Digest::parse(text))
            .collect(),
        addressees: table.set("addressees", "A012", 1..=256, &office_form(nation), |text| is_office_of(text, nation)),
        quorum: read_quorum(table, signers.len()),
        signers,
    }
}

fn office_form(nation: Nation) -> String {
    format!("an office of {nation} is written {nation}/OFFICE")
}

fn office(table: &Table<'_>, key: &str, nation: Nation) -> String {
    let text = table.text(key, "A010", MAX_NAME);
    if !text.is_empty() && !is_office_of(&text, nation) {
        table.fault(key, "A010", format!("{} {text:?}: {}", table.path(key), office_form(nation)));
    }
    text
}

fn read_signers(table: &Table<'_>, nation: Nation) -> Vec<Signer> {
    let rows = table.tables("signer");
    if !(1..=MAX_SIGNERS).contains(&rows.len()) {
        let message = format!("{} has {} entries; 1 to {MAX_SIGNERS} may be there", table.path("signer"), rows.len());
        table.fault("signer", "A013", message);
    }
    let (mut offices, mut keys) = (BTreeSet::new(), BTreeSet::new());
    let mut out = Vec::new();
    for row in &rows {
        let office = row.text("office", "A013", MAX_NAME);
        if !office.is_empty() && !is_office_of(&office, nation) {
            row.fault("office", "A013", format!("office {office:?}: {}", office_form(nation)));
        }
        let key = row.public_key("key", "A013");
        if !offices.insert(office.clone()) {
            row.fault("office", "A013", format!("{office} signs twice. Different offices sign"));
        }
        if !keys.insert(key) {
            row.fault("key", "A013", "two offices have this key. Each office has its own");
        }
        out.push(Signer { office, key });
    }
    out
}

fn read_quorum(party: &Table<'_>, signers: usize) -> Quorum {
    let Some(table) = party.table("quorum", "A013") else {
        return Quorum { sign: 1, suspend: 1, resume: 1, give_notice: 1 };
    };
    let count = |key: &str| {
        let k = table.count(key, "A013", 1..=9);
        if usize::try_from(k).is_ok_and(|k| k > signers) {
            table.fault(key, "A013", format!("quorum {key} = {k} of {signers} signers"));
        }
        k
    };
    Quorum {
        sign: count("sign"),
        suspend: count("suspend"),
        resume: count("resume"),
        give_notice: count("give_notice"),
    }
}
