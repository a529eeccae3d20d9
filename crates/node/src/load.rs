//! Everything that a start needs, read and checked before a socket opens: agreement and signatures, registers, rules,
//! keys, trust. All faults are told at once.

mod link;

use crate::{
    config::{Config, NationFiles},
    sealer::NationKeys,
    versions::VersionFile,
};
use link::{apart, load_link};
use relto_exchange::exchange::Link;
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
use relto_report::{digest::Digest, nation::Nation};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};
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

    /// A file that a key of node.toml names. A key that is missing is told already, and its path is empty.
    fn file(&mut self, key: &str, path: &Path) -> Option<Vec<u8>> {
        if path.as_os_str().is_empty() {
            return None;
        }
        self.take(std::fs::read(path).map_err(|error| format!("{key} = {}: {error}", path.display())))
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
    /// Later versions of the agreement that are installed.
    pub later: Vec<VersionFile>,
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
    /// The seal key of each log.
    pub seal_keys: NationKeys,
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
    let named = |key: &str, fault: String| format!("{key}: {fault}");
    let seal_key = given(&config.seal_key).and_then(|path| {
        let key = load_signer(path, config.passphrase.as_deref());
        faults.take(key.map_err(|fault| named("seal_key", fault.to_string())))
    });
    let storage_key = given(&config.storage_key)
        .and_then(|path| faults.take(load_secret32(path).map_err(|fault| named("storage_key", fault.to_string()))));
    let mut links = Vec::new();
    let mut files = Vec::new();
    let mut own_keys = BTreeMap::new();
    for link in &config.links {
        if let Some(read) = load_link(&config, link, seal_key.as_ref(), &mut faults) {
            own_keys.extend(read.seal_key.map(|key| (read.link.mine(), key)));
            links.push(read.link);
            files.push(read.bytes);
        }
    }
    apart(&config.file, &links, &mut faults);
    reading_offices(&config, &links, &mut faults);
    let tls = load_tls(&config, &links, &files, &mut faults);
    if let Some(why) = tls.as_ref().and_then(|tls| tls.unkept.as_ref()) {
        faults.add(why);
    }
    match (seal_key, storage_key, tls) {
        (Some(seal_key), Some(storage_key), Some(tls)) if faults.0.is_empty() => {
            let seal_keys = NationKeys::new(seal_key, own_keys);
            Ok(Loaded { config, links, files, seal_keys, storage_key, tls })
        }
        _ => Err(faults),
    }
}

/// A path that a key of node.toml gives; a key that is missing is told already.
fn given(path: &Path) -> Option<&Path> {
    (!path.as_os_str().is_empty()).then_some(path)
}

/// Reading rights follow the agreements' addressees: an office that none of them lists is a slip, and would read nothing.
fn reading_offices(config: &Config, links: &[Link], faults: &mut StartFaults) {
    if links.is_empty() || links.len() < config.links.len() {
        // That there is no link, or an agreement did not read, is told already, and its offices are not known.
        return;
    }
    let versions = links.iter().flat_map(|link| std::iter::once(&link.agreement).chain(&link.later));
    let parties = versions.filter_map(|text| text.party(config.nation));
    let known: BTreeSet<&String> = parties.flat_map(|party| &party.addressees).collect();
    for person in config.people.values() {
        // API-26
        for office in person.reads.offices.iter().filter(|office| !known.contains(office)) {
            let list = known.iter().map(|one| one.as_str()).collect::<Vec<_>>().join(", ");
            let (file, account) = (&config.file, &person.account);
            faults.add(format!(
                "{file}: error C025: offices of person {account:?}: {office} is not an addressee of {} in any agreement here. Known: {list}",
                config.nation
            ));
        }
    }
}

/// Roots, CRLs and the four kinds of endpoint, as the files stand now.
pub fn load_tls(config: &Config, links: &[Link], files: &[LinkBytes], faults: &mut StartFaults) -> Option<Tls> {
    let credential = given(&config.certificate).zip(given(&config.key)).and_then(|(certificate, key)| {
        let credential = Credential::load(certificate, key, config.passphrase.as_deref());
        faults.take(credential.map_err(|fault| format!("tls: {fault}")))
    });
    // Without `data`, which is told already, there is no place to keep them.
    let memory_path = given(&config.data).map(|_| config.crl_memory());
    let kept = match &memory_path {
        Some(path) => {
            let memory = CrlMemory::read(path).map_err(|error| format!("{}: {error}", path.display()));
            faults.take(memory)?.unwrap_or_default()
        }
        None => CrlMemory::default(),
    };
    let mut memory = kept.clone();
    let mut trusts = BTreeMap::new();
    for (nation, named) in &config.nations {
        if let Some(trust) = load_trust(*nation, named, &mut memory, faults) {
            trusts.insert(*nation, Arc::new(trust));
        }
    }
    let partners: BTreeSet<Nation> = links.iter().map(|link| link.partner).collect();
    for nation in partners.iter().chain([&config.nation]).filter(|nation| !config.nations.contains_key(nation)) {
        faults.add(format!("{}: error C021: there is no [[nation_trust]] for {nation}", config.file));
    }
    for link in links {
        let Some(trust) = trusts.get(&link.partner) else { continue };
        let versions = || std::iter::once(&link.agreement).chain(&link.later);
        let named = |root: &Digest| {
            versions().any(|text| text.party(link.partner).is_some_and(|party| party.tls_roots.contains(root)))
        };
        // A log opens only under a TLS root of its agreement.
        if let Some(root) = trust.root_digests().find(|root| !named(root)) {
            faults.add(format!("root {root} of {} is not one that {} names", link.partner, link.agreement.id));
        }
    }
    let credential = credential?;
    // A name that is missing in node.toml is told already.
    let is_own = config.node.is_empty() || credential.identity().name == config.node;
    if !is_own || credential.identity().nation != config.nation {
        let text = "the certificate is another node's";
        faults.add(format!("{}: {text}: it is {}", config.certificate.display(), credential.identity()));
    }
    let own = trusts.get(&config.nation).cloned()?;
    let partners: Vec<_> = partners.iter().filter_map(|nation| trusts.get(nation).cloned()).collect();
    if partners.is_empty() {
        // No link was read, or none has its trust: told already.
        return None;
    }
    let partners = Arc::new(faults.take(PerNation::partners(partners))?);
    let people = Arc::new(PerNation::people(own));
    let link_server = faults.take(link_server(&credential, partners.clone(), clock::tls()))?;
    let api_server = faults.take(client_api_server(&credential, people.clone(), clock::tls()))?;
    let mut dialers = BTreeMap::new();
    for (link, file) in links.iter().zip(files) {
        let trust = trusts.get(&link.partner).cloned()?;
        if file.partner_node.is_empty() {
            // Told already.
            continue;
        }
        let pinned = Arc::new(faults.take(PinnedServer::new(trust, &file.partner_node))?);
        let client = faults.take(link_client(&credential, pinned.clone(), clock::tls()))?;
        dialers.insert((link.partner, file.partner_node.clone()), (client, pinned));
    }
    // Unchanged numbers need no room on a disk that may be full.
    let changed = memory_path.filter(|_| memory != kept);
    let unkept = changed.and_then(|path| Some(format!("{}: {}", path.display(), memory.write(&path).err()?)));
    Some(Tls { link_server, partners, api_server, people, dialers, unkept })
}

fn load_trust(
    nation: Nation,
    files: &NationFiles,
    memory: &mut CrlMemory,
    faults: &mut StartFaults,
) -> Option<NationTrust> {
    let before = faults.0.len();
    let key = |which: &str, fault: &dyn ToString| format!("nation_trust of {nation}, {which}: {}", fault.to_string());
    let (mut roots, mut crls) = (Vec::new(), Vec::new());
    for path in &files.roots {
        roots.extend(faults.take(read_certificates(path).map_err(|fault| key("roots", &fault))).unwrap_or_default());
    }
    for path in &files.crls {
        crls.extend(faults.take(read_crls(path).map_err(|fault| key("crls", &fault))).unwrap_or_default());
    }
    // Without one of its files, what is said of the rest would be untrue.
    if faults.0.len() > before || roots.is_empty() || crls.is_empty() {
        return None;
    }
    faults.take(NationTrust::load(nation, &roots, &crls, memory, clock::now_ms()).map_err(|fault| key("trust", &fault)))
}
