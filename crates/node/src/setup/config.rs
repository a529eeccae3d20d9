//! node.toml: every mistake at once, with file, place and key; a node with one does not start.

mod inspect;

use crate::inspect::settings::Settings;
use relto_exchange::journal::{Account, MAX_LIST, MAX_WORD, People};
use relto_formats::api::Role;
use relto_host::tls::identity::Identity;
use relto_policy::agreement::MAX_LEVEL;
use relto_report::{
    crypto::PublicKey,
    fault::Faults,
    nation::Nation,
    toml::{Rules, Section, Spanned, TomlFile},
};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
};

const RULES: Rules = Rules { syntax: "C001", unknown_key: "C002", wrong_type: "C003", missing: "C004" };

/// One of our people.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// As in the certificate's URI.
    pub account: String,
    /// The key that signs submissions and approvals.
    pub key: PublicKey,
    /// What the account may do.
    pub roles: Vec<Role>,
    /// Office, shown with approvals.
    pub office: String,
    /// What the account reads by, where it is a reader.
    pub reads: Reads,
}

/// What is on record of a person as a reader. What is not there is not known, and refuses. API-23
#[derive(Clone, Default, Debug)]
pub(crate) struct Reads {
    /// Offices for which the person reads; each must be an addressee of one of the agreements.
    pub offices: Vec<String>,
    /// Highest level that the person is cleared for.
    pub clearance: Option<u8>,
    /// Every nationality that the person holds.
    pub nationalities: Vec<Nation>,
    /// The firm that the person reads for.
    pub contractor: Option<String>,
}

/// Roots and CRLs of one nation.
#[derive(Clone, Debug)]
pub(crate) struct NationFiles {
    /// PEM files with root certificates.
    pub roots: Vec<PathBuf>,
    /// PEM files with CRLs.
    pub crls: Vec<PathBuf>,
}

/// One link.
#[derive(Clone, Debug)]
pub(crate) struct LinkFiles {
    /// The agreement; its signatures lie beside it with `.sig` added.
    pub agreement: PathBuf,
    /// The vocabulary that the agreement names.
    pub vocabulary: PathBuf,
    /// Marking registers by nation.
    pub registers: BTreeMap<Nation, PathBuf>,
    /// Our narrower rules, with `.sig` beside them.
    pub national: Option<PathBuf>,
    /// Consents of third nations.
    pub consents: Vec<PathBuf>,
    /// Serials exchanged before this log began.
    pub prior: Option<PathBuf>,
    /// The partner's node, by its certificate's name.
    pub partner_node: String,
    /// Where the partner's node listens, as `host:port`; absent: only it dials.
    pub dial: Option<String>,
    /// The seal key of our log of this link alone, PKCS#8; absent: the nation's. An exercise has its own. API-30
    pub seal_key: Option<PathBuf>,
}

/// How log lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LogForm {
    /// For people.
    Text,
    /// One object per line.
    Json,
}

/// A whole node.toml. Paths are relative to its folder.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// The file's own name, for faults that only it and what it names show together.
    pub file: String,
    /// Name of the node, as in its certificate.
    pub node: String,
    /// Its nation.
    pub nation: Nation,
    /// Folder of the store.
    pub data: PathBuf,
    /// The head file, best on another volume.
    pub head_file: PathBuf,
    /// 32 bytes in hexadecimal that encrypt rows at rest.
    pub storage_key: PathBuf,
    /// The nation's seal key, PKCS#8: of the journal, and of each log whose link names no other.
    pub seal_key: PathBuf,
    /// Opens encrypted keys.
    pub passphrase: Option<PathBuf>,
    /// Where partners dial in.
    pub link_listen: SocketAddr,
    /// Where our people's clients connect.
    pub api_listen: SocketAddr,
    /// Where Prometheus scrapes in clear text; loopback only.
    pub metrics_listen: Option<SocketAddr>,
    /// The node's certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// How log lines look.
    pub log: LogForm,
    /// How attachments are looked at.
    pub inspect: Settings,
    /// Whether somebody else looks after this machine's clock, so that it is believed at once. FLW-25
    pub clock_is_trusted: bool,
    /// Trust for each nation.
    pub nations: BTreeMap<Nation, NationFiles>,
    /// Each link.
    pub links: Vec<LinkFiles>,
    /// Our people.
    pub people: BTreeMap<String, Person>,
}

impl Config {
    /// Where the database lies.
    #[must_use]
    pub(crate) fn database(&self) -> PathBuf {
        self.data.join("relto.db")
    }

    /// Our people as the journal has them on record. API-46
    #[must_use]
    pub(crate) fn on_record(&self) -> People {
        let word =
            |role: &Role| ROLES.iter().find(|(_, one)| one == role).map_or("unknown", |(word, _)| *word).to_owned();
        let of = |person: &Person| Account {
            key: person.key.to_string(),
            roles: person.roles.iter().map(word).collect(),
            office: person.office.clone(),
            offices: person.reads.offices.clone(),
            clearance: person.reads.clearance,
            nationality: person.reads.nationalities.iter().map(ToString::to_string).collect(),
            contractor: person.reads.contractor.clone(),
        };
        self.people.iter().map(|(account, person)| (account.clone(), of(person))).collect()
    }

    /// Where later versions of the agreements are kept.
    #[must_use]
    pub(crate) fn versions(&self) -> PathBuf {
        self.data.join("agreements")
    }

    /// Where the newest CRL numbers are kept.
    #[must_use]
    pub(crate) fn crl_memory(&self) -> PathBuf {
        self.data.join("crl-memory")
    }

    /// Reads node.toml: what could be read of it, and every fault with its place. Where there are faults the rest is
    /// good for nothing but to look for more of them: a path that is missing is empty, an address unspecified.
    #[must_use]
    pub(crate) fn read(name: &str, bytes: &[u8], folder: &Path) -> (Option<Self>, Faults) {
        let text = String::from_utf8_lossy(bytes);
        let file = TomlFile::new(&text, 1, RULES);
        let config = file.parse().and_then(|document| read(name, &file.root(&document), folder));
        (config, file.into_faults(name))
    }
}

fn read(name: &str, root: &Section<'_>, folder: &Path) -> Option<Config> {
    if let Some(format) = root.required("format").filter(|format| format.value != "relto-node/1") {
        root.fault(format.at, "C010", "format is not known. This program reads relto-node/1");
    }
    let node = root.required("node").map(|text| text.value);
    let nation = root.required("nation").and_then(|text| nation(root, &text));
    let data = path(root, "data", folder);
    let head_file = path(root, "head_file", folder);
    let storage_key = path(root, "storage_key", folder);
    let seal_key = path(root, "seal_key", folder);
    let passphrase = root.text("passphrase_file").map(|text| folder.join(text.value));
    let log = log_form(root);
    let inspect = inspect::inspect(root);
    let clock_is_trusted = clock(root);
    let listeners = root.table("listen").map(|section| {
        let out = (address(&section, "link"), address(&section, "api"), metrics(&section));
        section.finish();
        out
    });
    let tls = root.table("tls").map(|section| {
        let out = (path(&section, "certificate", folder), path(&section, "key", folder));
        section.finish();
        out
    });
    for (key, there) in [("listen", listeners.is_some()), ("tls", tls.is_some())] {
        if !there && !root.has(key) {
            root.miss(key);
        }
    }
    let nations = nations(root, folder);
    let sections = root.tables("link");
    let links: Vec<LinkFiles> = sections.iter().map(|section| link(section, folder)).collect();
    journal_key(&sections, &links);
    if links.is_empty() && !root.has("link") {
        root.missing("C011", "there is no [[link]]: a node serves at least one agreement");
    }
    let people = people(root);
    root.finish();
    let (link_listen, api_listen, metrics_listen) = listeners.unwrap_or_default();
    let (certificate, key) = tls.unwrap_or_default();
    let nowhere = SocketAddr::from(([0, 0, 0, 0], 0));
    Some(Config {
        file: name.to_owned(),
        node: node.unwrap_or_default(),
        nation: nation?,
        data: data.unwrap_or_default(),
        head_file: head_file.unwrap_or_default(),
        storage_key: storage_key.unwrap_or_default(),
        seal_key: seal_key.unwrap_or_default(),
        passphrase,
        link_listen: link_listen.unwrap_or(nowhere),
        api_listen: api_listen.unwrap_or(nowhere),
        metrics_listen,
        certificate: certificate.unwrap_or_default(),
        key: key.unwrap_or_default(),
        log,
        inspect,
        clock_is_trusted,
        nations,
        links,
        people,
    })
}

/// An agreement that both nations signed is what tells an auditor the key of the journal. API-30
fn journal_key(sections: &[Section<'_>], links: &[LinkFiles]) {
    if let Some(first) = sections.first().filter(|_| links.iter().all(|link| link.seal_key.is_some())) {
        let text = "every [[link]] has a seal_key of its own. Leave it out of one: the nation's seal_key signs the journal, \
                    and an agreement must name it";
        first.fault(first.place_of("seal_key"), "C029", text);
    }
}

fn nation(section: &Section<'_>, text: &Spanned<String>) -> Option<Nation> {
    let nation = Nation::parse(&text.value);
    if nation.is_none() {
        section.fault(
            text.at,
            "C012",
            format!("\"{}\" is not a nation. Nations are three capital letters", text.value),
        );
    }
    nation
}

fn path(section: &Section<'_>, key: &str, folder: &Path) -> Option<PathBuf> {
    section.required(key).map(|text| folder.join(text.value))
}

/// The files that a key lists; `None` where there is no list of texts.
fn paths(section: &Section<'_>, key: &str, folder: &Path) -> Option<Vec<PathBuf>> {
    let list = section.texts(key)?.value;
    Some(list.into_iter().map(|one| folder.join(one.value)).collect())
}

fn address(section: &Section<'_>, key: &str) -> Option<SocketAddr> {
    let text = section.required(key)?;
    let parsed = text.value.parse().ok();
    if parsed.is_none() {
        section.fault(text.at, "C013", format!("{key} must be an address and port, such as 127.0.0.1:7411"));
    }
    parsed
}

fn metrics(section: &Section<'_>) -> Option<SocketAddr> {
    let at = section.place_of("metrics");
    let parsed = if section.has("metrics") { address(section, "metrics") } else { None };
    // Metrics are counts in clear text; they stay on this machine.
    parsed.filter(|address| {
        let local = address.ip().is_loopback();
        if !local {
            section.fault(at, "C014", "metrics are served in clear text and must listen on a loopback address");
        }
        local
    })
}

/// `clock = "trusted"`, or nothing.
fn clock(root: &Section<'_>) -> bool {
    let Some(text) = root.text("clock") else { return false };
    if text.value != "trusted" {
        let what =
            "clock must be \"trusted\", where somebody else looks after this machine's clock. Leave it out where not";
        root.fault(text.at, "C041", what);
    }
    text.value == "trusted"
}

fn log_form(root: &Section<'_>) -> LogForm {
    match root.text("log") {
        None => LogForm::Text,
        Some(text) if text.value == "text" => LogForm::Text,
        Some(text) if text.value == "json" => LogForm::Json,
        Some(text) => {
            root.fault(text.at, "C015", "log must be \"text\" or \"json\"");
            LogForm::Text
        }
    }
}

fn nations(root: &Section<'_>, folder: &Path) -> BTreeMap<Nation, NationFiles> {
    let mut out = BTreeMap::new();
    for section in root.tables("nation_trust") {
        let code = section.required("nation");
        let (roots, crls) = (paths(&section, "roots", folder), paths(&section, "crls", folder));
        section.finish();
        // What is there and holds no list of texts is told already.
        let is_empty = |key, files: &Option<Vec<PathBuf>>| match files {
            Some(files) => files.is_empty(),
            None => !section.has(key),
        };
        if is_empty("roots", &roots) || is_empty("crls", &crls) {
            section.fault(
                section.at(),
                "C016",
                "roots and crls must name at least one file each. Without a CRL nobody is trusted",
            );
        }
        let Some(code) = code else { continue };
        let Some(nation) = nation(&section, &code) else { continue };
        let files = NationFiles { roots: roots.unwrap_or_default(), crls: crls.unwrap_or_default() };
        if out.insert(nation, files).is_some() {
            section.fault(code.at, "C017", format!("{nation} is here twice. One [[nation_trust]] a nation"));
        }
    }
    out
}

fn link(section: &Section<'_>, folder: &Path) -> LinkFiles {
    let agreement = path(section, "agreement", folder);
    let vocabulary = path(section, "vocabulary", folder);
    let registers = section.table("registers").map(|table| {
        let mut out = BTreeMap::new();
        for key in table.keys() {
            if let (Some(nation), Some(file)) = (nation(&table, &key), table.text(&key.value)) {
                out.insert(nation, folder.join(file.value));
            }
        }
        out
    });
    if !section.has("registers") {
        section.miss("registers");
    } else if registers.as_ref().is_some_and(BTreeMap::is_empty) {
        section.fault(section.place_of("registers"), "C028", "registers must name a file for each Party");
    }
    let national = section.text("national").map(|text| folder.join(text.value));
    let consents = paths(section, "consents", folder).unwrap_or_default();
    let prior = section.text("prior").map(|text| folder.join(text.value));
    let partner_node = section.required("partner_node").and_then(|text| {
        if is_node(&text.value) {
            return Some(text.value);
        }
        let what = "is no name of a node: 1 to 64 of a to z, 0 to 9, dot, hyphen, underscore, first a letter or digit";
        section.fault(text.at, "C026", format!("partner_node \"{}\" {what}", text.value));
        None
    });
    let dial = section.text("dial").map(|text| {
        let parts = text.value.rsplit_once(':');
        if !parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)) {
            section.fault(text.at, "C027", "dial must be host:port, such as node.xbb.example:7411");
        }
        text.value
    });
    let seal_key = section.text("seal_key").map(|text| folder.join(text.value));
    section.finish();
    LinkFiles {
        agreement: agreement.unwrap_or_default(),
        vocabulary: vocabulary.unwrap_or_default(),
        registers: registers.unwrap_or_default(),
        national,
        consents,
        prior,
        partner_node: partner_node.unwrap_or_default(),
        dial,
        seal_key,
    }
}

/// Whether a certificate can carry this name of a node.
fn is_node(name: &str) -> bool {
    Identity::parse(&format!("relto://XXX/node/{name}")).is_some()
}

fn people(root: &Section<'_>) -> BTreeMap<String, Person> {
    let mut out = BTreeMap::new();
    for section in root.tables("person") {
        let account = section.required("account");
        let key = section.required("key").and_then(|text| {
            let key = PublicKey::parse(&text.value);
            if key.is_none() {
                section.fault(text.at, "C018", "key must be ed25519: and 64 hexadecimal digits");
            }
            key
        });
        let office = section.required("office").map(|text| text.value);
        let roles = roles(&section);
        let reads = reads(&section);
        section.finish();
        let (Some(account), Some(key), Some(office)) = (account, key, office) else { continue };
        fits_the_record(&section, &account, &office, &reads);
        let person = Person { account: account.value.clone(), key, roles, office, reads };
        if out.insert(account.value.clone(), person).is_some() {
            section.fault(account.at, "C019", format!("account {} is here twice", account.value));
        }
    }
    out
}

/// What is on record of a person is an entry of the journal, which has an end. API-46
fn fits_the_record(section: &Section<'_>, account: &Spanned<String>, office: &str, reads: &Reads) {
    let texts = [&account.value].into_iter().chain(&reads.offices).chain(&reads.contractor).map(String::as_str);
    let longest = texts.chain([office]).map(str::len).max().unwrap_or(0);
    if longest > MAX_WORD || reads.offices.len() > MAX_LIST || reads.nationalities.len() > MAX_LIST {
        let what =
            format!("a person has at most {MAX_LIST} offices or nationalities, each text at most {MAX_WORD} bytes");
        section.fault(account.at, "C042", what);
    }
}

fn reads(section: &Section<'_>) -> Reads {
    let offices = section.texts("offices").map(|list| list.value).unwrap_or_default();
    let mut out = Reads::default();
    for office in offices {
        if out.offices.contains(&office.value) {
            section.fault(office.at, "C022", format!("office {} is here twice", office.value));
        }
        out.offices.push(office.value);
    }
    if let Some(level) = section.integer("clearance") {
        out.clearance = u8::try_from(level.value).ok().filter(|level| *level <= MAX_LEVEL);
        if out.clearance.is_none() {
            let text = "clearance must be the highest level that the person is cleared for, 0 to 4";
            section.fault(level.at, "C023", text);
        }
    }
    for code in section.texts("nationality").map(|list| list.value).unwrap_or_default() {
        out.nationalities.extend(nation(section, &code));
    }
    out.contractor = section.text("contractor").map(|firm| {
        if firm.value.trim().is_empty() {
            section.fault(firm.at, "C024", "contractor must name the firm; leave it out where there is none");
        }
        firm.value
    });
    out
}

/// The roles by their words.
const ROLES: [(&str, Role); 6] = [
    ("author", Role::Author),
    ("officer", Role::Officer),
    ("senior-officer", Role::SeniorOfficer),
    ("reader", Role::Reader),
    ("auditor", Role::Auditor),
    ("operator", Role::Operator),
];

fn roles(section: &Section<'_>) -> Vec<Role> {
    if !section.has("roles") {
        section.miss("roles");
    }
    let mut out = Vec::new();
    for text in section.texts("roles").map(|list| list.value).unwrap_or_default() {
        match ROLES.iter().find(|(word, _)| *word == text.value) {
            Some((_, role)) => out.push(*role),
            None => {
                let words: Vec<&str> = ROLES.iter().map(|(word, _)| *word).collect();
                section.fault(
                    text.at,
                    "C020",
                    format!("role \"{}\" is not known. Known: {}", text.value, words.join(", ")),
                );
            }
        }
    }
    out
}
