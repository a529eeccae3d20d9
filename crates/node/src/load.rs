//! Everything that a start needs, read and checked before a socket opens: agreement and signatures, registers, rules,
//! keys, trust. All faults are told at once.

use crate::config::{Config, LinkFiles, Person};
use relto_exchange::exchange::{Link, Prior};
use relto_formats::api::Role;
use relto_host::{
    clock,
    keys::{load_secret32, load_signer},
    tls::{
        config::{client_api_server, link_client, link_server},
        credential::{Credential, read_certificates, read_crls},
        memory::CrlMemory,
        trust::NationTrust,
        verifier::{PerNation, PinnedServer},
    },
};
use relto_policy::{
    agreement::Agreement,
    consent::Consent,
    national::NationalRules,
    signatures::{verify_agreement, verify_national},
    state::{AgreementState, StateView},
};
use relto_report::{
    crypto::{PublicKey, Signer, SoftwareKey, sha256},
    fault::Faults,
    nation::Nation,
    register::Register,
    toml::{Rules, TomlFile},
    vocabulary::Vocabulary,
};
use std::{collections::BTreeMap, path::Path, sync::Arc};
use zeroize::Zeroizing;

/// The faults of a start, each a line for the operator.
#[derive(Debug, Default)]
pub struct StartFaults(pub Vec<String>);

impl StartFaults {
    fn add(&mut self, what: impl ToString) {
        self.0.push(what.to_string());
    }

    fn take<T, E: ToString>(&mut self, result: Result<T, E>) -> Option<T> {
        result.map_err(|fault| self.add(fault)).ok()
    }

    fn file(&mut self, path: &Path) -> Option<Vec<u8>> {
        self.take(std::fs::read(path).map_err(|error| format!("{}: {error}", path.display())))
    }
}

/// One link's files as they were read, for clients.
#[derive(Clone)]
pub struct LinkBytes {
    /// The agreement's exact bytes.
    pub agreement: Vec<u8>,
    /// Its signatures.
    pub signatures: Vec<u8>,
    /// The vocabulary's exact bytes.
    pub vocabulary: Vec<u8>,
    /// Registers by nation.
    pub registers: BTreeMap<Nation, Vec<u8>>,
    /// Name of the partner's node.
    pub partner_node: String,
    /// Where it listens.
    pub dial: Option<String>,
}

/// TLS as it stands; replaced as a whole when a CRL or root changes.
pub struct Tls {
    /// For partners that dial in.
    pub link_server: Arc<rustls::ServerConfig>,
    /// Judges their certificates again.
    pub partners: Arc<PerNation>,
    /// For our own people.
    pub api_server: Arc<rustls::ServerConfig>,
    /// Judges their certificates again.
    pub people: Arc<PerNation>,
    /// For dialling each partner, by nation and node.
    pub dialers: BTreeMap<(Nation, String), (Arc<rustls::ClientConfig>, Arc<PinnedServer>)>,
    /// Why the CRL numbers that were seen could not be kept. A start is refused; a reload goes on, because an older list
    /// would be worse.
    pub unkept: Option<String>,
}

/// A node that may start.
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Each link for the exchange.
    pub links: Vec<Link>,
    /// Each link's files.
    pub files: Vec<LinkBytes>,
    /// The nation's seal key.
    pub seal_key: SoftwareKey,
    /// Encrypts rows at rest.
    pub storage_key: Zeroizing<[u8; 32]>,
    /// TLS.
    pub tls: Tls,
}

/// Reads everything.
///
/// # Errors
/// Every fault found; nothing has been opened or written then, but the CRL numbers that were seen.
pub fn load(config: Config) -> Result<Loaded, StartFaults> {
    let mut faults = StartFaults::default();
    let seal_key = faults.take(load_signer(&config.seal_key, config.passphrase.as_deref()));
    let storage_key = faults.take(load_secret32(&config.storage_key));
    let mut links = Vec::new();
    let mut files = Vec::new();
    for link in &config.links {
        if let Some((one, bytes)) = load_link(&config, link, seal_key.as_ref(), &mut faults) {
            links.push(one);
            files.push(bytes);
        }
    }
    let tls = load_tls(&config, &links, &files, &mut faults);
    if let Some(why) = tls.as_ref().and_then(|tls| tls.unkept.as_ref()) {
        faults.add(why);
    }
    match (seal_key, storage_key, tls) {
        (Some(seal_key), Some(storage_key), Some(tls)) if faults.0.is_empty() => {
            Ok(Loaded { config, links, files, seal_key, storage_key, tls })
        }
        _ => Err(faults),
    }
}

fn beside(path: &Path) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

fn load_link(
    config: &Config,
    files: &LinkFiles,
    seal_key: Option<&SoftwareKey>,
    faults: &mut StartFaults,
) -> Option<(Link, LinkBytes)> {
    let bytes = faults.file(&files.agreement)?;
    let signatures = faults.file(&beside(&files.agreement))?;
    let agreement = faults.take(Agreement::read(&name(&files.agreement), &bytes))?;
    let signed = verify_agreement(&agreement, &bytes, &signatures)
        .map_err(|fault| format!("{}: {fault}", beside(&files.agreement).display()));
    faults.take(signed);
    let Some(partner) = agreement.partner_of(config.nation) else {
        faults.add(format!("{}: {} is no Party of this agreement", name(&files.agreement), config.nation));
        return None;
    };
    let vocabulary_bytes = faults.file(&files.vocabulary)?;
    let vocabulary = faults.take(Vocabulary::read(&name(&files.vocabulary), &vocabulary_bytes))?;
    if vocabulary.digest != agreement.registers.vocabulary {
        faults.add(format!("A014 {} has another digest than the agreement names", name(&files.vocabulary)));
    }
    let (registers, register_bytes) = load_registers(&agreement, files, faults);
    let national = match &files.national {
        Some(path) => Some(load_national(config, path, &agreement, faults)?),
        None => None,
    };
    let consents = files.consents.iter().filter_map(|path| {
        let bytes = faults.file(path)?;
        faults.take(Consent::read(&name(path), &bytes))
    });
    let consents = Arc::new(consents.collect::<Vec<_>>());
    let prior = match &files.prior {
        Some(path) => Arc::new(load_prior(path, faults)?),
        None => Arc::default(),
    };
    let own_key = agreement.party(config.nation).map(|party| party.seal_key)?;
    let partner_key = agreement.party(partner).map(|party| party.seal_key)?;
    if seal_key.is_some_and(|key| key.public_key() != own_key) {
        let text = "is not the seal key that the agreement names for";
        faults.add(format!("{} {text} {}", config.seal_key.display(), config.nation));
    }
    let first_digest = agreement.digest;
    if agreement.version != 1 {
        faults.add(format!(
            "{}: version {}; this program installs version 1",
            name(&files.agreement),
            agreement.version
        ));
    }
    let link = Link {
        agreement: Arc::new(agreement),
        first_digest,
        // Signed by both Parties is in force within its dates; other states come with signed statements.
        state: StateView::both(AgreementState::InForce),
        registers: Arc::new(registers),
        vocabulary: Arc::new(vocabulary),
        national: national.map(Arc::new),
        consents,
        prior,
        own: config.nation,
        partner,
        own_key,
        partner_key,
    };
    let bytes = LinkBytes {
        agreement: bytes,
        signatures,
        vocabulary: vocabulary_bytes,
        registers: register_bytes,
        partner_node: files.partner_node.clone(),
        dial: files.dial.clone(),
    };
    Some((link, bytes))
}

fn load_registers(
    agreement: &Agreement,
    files: &LinkFiles,
    faults: &mut StartFaults,
) -> (BTreeMap<Nation, Register>, BTreeMap<Nation, Vec<u8>>) {
    let (mut registers, mut raw) = (BTreeMap::new(), BTreeMap::new());
    for nation in agreement.parties {
        let Some(path) = files.registers.get(&nation) else {
            faults.add(format!("{}: registers names no file for {nation}", name(&files.agreement)));
            continue;
        };
        let Some(bytes) = faults.file(path) else { continue };
        if Some(sha256(&[&bytes])) != agreement.register_digest(nation) {
            faults.add(format!("A014 {} has another digest than the agreement names", name(path)));
        }
        if let Some(register) = faults.take(Register::read(&name(path), &bytes)) {
            registers.insert(nation, register);
            raw.insert(nation, bytes);
        }
    }
    (registers, raw)
}

/// National rules count with the signatures of two officers of the configuration.
fn load_national(
    config: &Config,
    path: &Path,
    agreement: &Agreement,
    faults: &mut StartFaults,
) -> Option<NationalRules> {
    let bytes = faults.file(path)?;
    let signatures = faults.file(&beside(path))?;
    let rules = faults.take(NationalRules::read(&name(path), &bytes))?;
    if rules.nation != config.nation || rules.agreement != agreement.id {
        faults.add(format!("{}: these rules are of another nation or agreement", name(path)));
    }
    faults.take(rules.narrows(agreement).map_err(|fault| Faults { file: name(path), ..fault }));
    let officers: Vec<(String, PublicKey)> =
        config.people.values().filter(|one| is_officer(one)).map(|one| (one.account.clone(), one.key)).collect();
    let verified = verify_national(&bytes, &signatures, config.nation, &officers);
    faults.take(verified.map_err(|fault| format!("{}: {fault}", beside(path).display())));
    Some(rules)
}

fn is_officer(person: &Person) -> bool {
    person.roles.iter().any(|role| matches!(role, Role::Officer | Role::SeniorOfficer))
}

fn load_prior(path: &Path, faults: &mut StartFaults) -> Option<Prior> {
    const RULES: Rules = Rules { syntax: "C030", unknown_key: "C031", wrong_type: "C032", missing: "C033" };
    let bytes = faults.file(path)?;
    let text = String::from_utf8_lossy(&bytes);
    let file = TomlFile::new(&text, 1, RULES);
    let prior = file.parse().map(|document| {
        let root = file.root(&document);
        if let Some(format) = root.required("format").filter(|format| format.value != "relto-prior/1") {
            root.fault(format.at, "C034", "format is not known. This program reads relto-prior/1");
        }
        let serials = |key: &str| {
            let list = root.texts(key).map(|list| list.value).unwrap_or_default();
            list.into_iter().map(|one| one.value).collect()
        };
        let prior = Prior { sent: serials("sent"), received: serials("received") };
        root.finish();
        prior
    });
    let told = file.into_faults(&name(path));
    if told.has_errors() {
        faults.add(told);
        return None;
    }
    prior
}

/// Roots, CRLs and the four kinds of endpoint, as the files stand now.
pub fn load_tls(config: &Config, links: &[Link], files: &[LinkBytes], faults: &mut StartFaults) -> Option<Tls> {
    let credential = faults.take(Credential::load(&config.certificate, &config.key, config.passphrase.as_deref()));
    let memory_path = config.crl_memory();
    let memory = CrlMemory::read(&memory_path).map_err(|error| format!("{}: {error}", memory_path.display()));
    let kept = faults.take(memory)?.unwrap_or_default();
    let mut memory = kept.clone();
    let mut trusts = BTreeMap::new();
    for nation in std::iter::once(config.nation).chain(links.iter().map(|link| link.partner)) {
        if trusts.contains_key(&nation) {
            continue;
        }
        if let Some(trust) = load_trust(config, nation, &mut memory, faults) {
            trusts.insert(nation, Arc::new(trust));
        }
    }
    for link in links {
        let (Some(trust), Some(party)) = (trusts.get(&link.partner), link.agreement.party(link.partner)) else {
            continue;
        };
        // A log opens only under a TLS root of its agreement.
        if let Some(root) = trust.root_digests().find(|root| !party.tls_roots.contains(root)) {
            faults.add(format!("root {root} of {} is not one that {} names", link.partner, link.agreement.id));
        }
    }
    let credential = credential?;
    if credential.identity().name != config.node || credential.identity().nation != config.nation {
        let text = "the certificate is another node's";
        faults.add(format!("{}: {text}: it is {}", config.certificate.display(), credential.identity()));
    }
    let own = trusts.get(&config.nation).cloned()?;
    let partners = trusts.iter().filter(|(nation, _)| **nation != config.nation).map(|(_, trust)| trust.clone());
    let partners = Arc::new(faults.take(PerNation::partners(partners))?);
    let people = Arc::new(PerNation::people(own));
    let link_server = faults.take(link_server(&credential, partners.clone(), clock::tls()))?;
    let api_server = faults.take(client_api_server(&credential, people.clone(), clock::tls()))?;
    let mut dialers = BTreeMap::new();
    for (link, file) in links.iter().zip(files) {
        let trust = trusts.get(&link.partner).cloned()?;
        let pinned = Arc::new(faults.take(PinnedServer::new(trust, &file.partner_node))?);
        let client = faults.take(link_client(&credential, pinned.clone(), clock::tls()))?;
        dialers.insert((link.partner, file.partner_node.clone()), (client, pinned));
    }
    // Unchanged numbers need no room on a disk that may be full.
    let written = if memory == kept { Ok(()) } else { memory.write(&memory_path) };
    let unkept = written.err().map(|error| format!("{}: {error}", memory_path.display()));
    Some(Tls { link_server, partners, api_server, people, dialers, unkept })
}

fn load_trust(
    config: &Config,
    nation: Nation,
    memory: &mut CrlMemory,
    faults: &mut StartFaults,
) -> Option<NationTrust> {
    let Some(files) = config.nations.get(&nation) else {
        faults.add(format!("C021 there is no [[nation_trust]] for {nation}"));
        return None;
    };
    let mut roots = Vec::new();
    for path in &files.roots {
        roots.extend(faults.take(read_certificates(path))?);
    }
    let mut crls = Vec::new();
    for path in &files.crls {
        crls.extend(faults.take(read_crls(path))?);
    }
    faults.take(NationTrust::load(nation, &roots, &crls, memory, clock::now_ms()))
}
