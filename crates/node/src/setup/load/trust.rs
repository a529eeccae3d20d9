//! TLS roots and CRLs, nation by nation: what is wrong with one nation's closes that nation's links and nothing else.
//! LNK-38
//!
//! A partner's trust counts as its files lie there: where they cannot be used, nobody of that nation is let in and its
//! sessions end, because an older list would be worse than none. Of the own nation the last good list stays in use until
//! its nextUpdate: it judges the people who have to mend the files. Where none has been good since the start, nobody of
//! ours is let in, and the links go on.

use super::{
    faults::{StartFaults, given},
    files::LinkBytes,
};
use crate::setup::config::{Config, NationFiles};
use relto_exchange::{link::Link, wire::hello};
use relto_host::{
    clock,
    tls::{
        config::{client_api_server, link_client, link_server},
        credential::{Credential, read_certificates, read_crls},
        expiry::Expiry,
        fault::{RootFault, TrustFault},
        identity::Role,
        memory::CrlMemory,
        session::Established,
        trust::{NationTrust, Vetted},
        verifier::{PerNation, PinnedServer},
    },
};
use relto_report::{digest::Digest, nation::Nation};
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
    sync::Arc,
};

/// How the trust of one nation stands.
#[derive(Clone)]
pub(crate) struct NationState {
    /// What its certificates are judged by; none: nobody of it is let in.
    pub trust: Option<Arc<NationTrust>>,
    /// What is wrong with its files as they lie there now, one line each.
    pub faults: Vec<String>,
}

impl NationState {
    /// Why nobody of the nation is let in at this time (milliseconds since 1970), if so.
    #[must_use]
    pub(crate) fn closed(&self, now_ms: u64) -> Option<String> {
        match &self.trust {
            Some(trust) => trust.usable_at(now_ms).err().map(|fault| fault.to_string()),
            None => Some(self.faults.join("; ")),
        }
    }
}

/// How one partner's node is dialled.
#[derive(Clone)]
pub(crate) enum Dialer {
    /// With this configuration, and judged by this.
    Open(Arc<rustls::ClientConfig>, Arc<PinnedServer>),
    /// Not at all, and why.
    Closed(Arc<str>),
}

/// TLS as it stands; replaced as a whole when a file of it changes.
pub(crate) struct Tls {
    /// For partners that dial in.
    pub link_server: Arc<rustls::ServerConfig>,
    /// Judges their certificates again.
    pub partners: Arc<PerNation>,
    /// For our own people.
    pub api_server: Arc<rustls::ServerConfig>,
    /// Judges their certificates again.
    pub people: Arc<PerNation>,
    /// For dialling each partner, by nation and node.
    pub dialers: BTreeMap<(Nation, String), Dialer>,
    /// Each nation's trust.
    pub nations: BTreeMap<Nation, NationState>,
    /// Why the CRL numbers that were seen could not be kept. A start is refused; a reload goes on, because an older list
    /// would be worse.
    pub unkept: Option<String>,
    /// Why the node's own certificate and key were not read again; those before stay in use.
    pub own_fault: Option<String>,
    credential: Credential,
    memory: CrlMemory,
}

impl Tls {
    /// Judges the other end of a link that is up, as if its certificates were shown now. LNK-8, LNK-38
    ///
    /// # Errors
    /// Why the session ends.
    pub(crate) fn judge(&self, role: hello::Role, peer: &Established, now_ms: u64) -> Result<Vetted, String> {
        let told = |fault: TrustFault| fault.to_string();
        match role {
            hello::Role::Listener => self.partners.recheck(&peer.chain, now_ms).map_err(told),
            hello::Role::Dialer => match self.dialers.get(&(peer.identity.nation, peer.identity.name.clone())) {
                Some(Dialer::Open(_, pinned)) => pinned.recheck(&peer.chain, now_ms).map_err(told),
                Some(Dialer::Closed(why)) => Err(why.to_string()),
                None => Err(format!("no link of node.toml is with {}", peer.identity)),
            },
        }
    }

    /// When our own certificate, and each nation's roots and lists in use, end.
    #[must_use]
    pub(crate) fn expiries(&self) -> Vec<Expiry> {
        let trusts = self.nations.values().filter_map(|state| state.trust.as_ref());
        std::iter::once(self.credential.expiry()).chain(trusts.flat_map(|trust| trust.expiries())).collect()
    }

    /// What is wrong with any nation's files, and with our own certificate before its own nation and agreements: the
    /// lines of a check.
    #[must_use]
    pub(crate) fn faults(&self, config: &Config, links: &[Link], now_ms: u64) -> Vec<String> {
        let mut out: Vec<String> = self.nations.values().flat_map(|state| state.faults.clone()).collect();
        out.extend(self.own_fault.clone());
        let certificate = config.certificate.display();
        if let Some(own) = self.nations.get(&config.nation).and_then(|state| state.trust.as_ref()) {
            match self.credential.vet(own, now_ms) {
                Ok(vetted) => out.extend(links.iter().filter_map(|link| {
                    let versions = || std::iter::once(&link.agreement).chain(&link.later);
                    let named = versions().any(|text| {
                        text.party(config.nation).is_some_and(|party| party.tls_roots.contains(&vetted.root))
                    });
                    (!named).then(|| {
                        format!(
                            "{certificate}: its root {} is not one that {} names in tls_roots of {}, so {} will refuse it: \
                             have it issued by a root that is named, or agree on this one first",
                            vetted.root, link.agreement.id, config.nation, link.partner
                        )
                    })
                })),
                Err(fault) => out.push(format!("{certificate}: {fault}")),
            }
        }
        let partners: BTreeSet<Nation> = links.iter().map(|link| link.partner).collect();
        // Where an agreement did not read, or a nation's trust is missing, that is told already.
        let complete = links.len() == config.links.len() && partners.iter().all(|one| config.nations.contains_key(one));
        let idle = config.nations.keys().filter(|one| **one != config.nation && !partners.contains(one));
        out.extend(idle.filter(|_| complete).map(|nation| {
            format!(
                "nation_trust of {nation}: no agreement here is with {nation}, so none names its roots. Take it out"
            )
        }));
        out
    }
}

/// Roots, CRLs and the four kinds of endpoint, as the files stand now; `before` is what is in use.
pub(crate) fn load_tls(
    config: &Config,
    links: &[Link],
    files: &[LinkBytes],
    before: Option<&Tls>,
    faults: &mut StartFaults,
) -> Option<Tls> {
    let credential = given(&config.certificate).zip(given(&config.key)).and_then(|_| {
        let read = own_credential(config);
        match (read, before) {
            (Ok(credential), _) => Some((credential, None)),
            // A pair that is only half replaced is looked at again when the other half comes.
            (Err(why), Some(before)) => Some((before.credential.clone(), Some(why))),
            (Err(why), None) => {
                faults.add(why);
                None
            }
        }
    });
    // Without `data`, which is told already, there is no place to keep them.
    let memory_path = given(&config.data).map(|_| config.crl_memory());
    let kept = match (before, &memory_path) {
        (Some(before), _) => before.memory.clone(),
        (None, Some(path)) => {
            let memory = CrlMemory::read(path).map_err(|error| format!("{}: {error}", path.display()));
            faults.take(memory)?.unwrap_or_default()
        }
        (None, None) => CrlMemory::default(),
    };
    let mut memory = kept.clone();
    let nations = load_nations(config, links, before, &mut memory);
    let partners: BTreeSet<Nation> = links.iter().map(|link| link.partner).collect();
    for nation in partners.iter().chain([&config.nation]).filter(|nation| !config.nations.contains_key(nation)) {
        faults.add(format!("{}: error C021: there is no [[nation_trust]] for {nation}", config.file));
    }
    let (credential, own_fault) = credential?;
    if partners.iter().chain([&config.nation]).any(|nation| !nations.contains_key(nation)) {
        return None;
    }
    let (mut partner_side, own_side) = (nations.clone(), nations.get(&config.nation)?.clone());
    partner_side.retain(|nation, _| partners.contains(nation));
    let partners = Arc::new(faults.take(per_nation(Role::Node, &partner_side))?);
    let people = per_nation(Role::Person, &BTreeMap::from([(config.nation, own_side)]));
    let people = Arc::new(faults.take(people)?);
    let link_server = faults.take(link_server(&credential, partners.clone(), clock::tls()))?;
    let api_server = faults.take(client_api_server(&credential, people.clone(), clock::tls()))?;
    let mut dialers = BTreeMap::new();
    // A name that is missing is told already.
    for (link, file) in links.iter().zip(files).filter(|(_, file)| !file.partner_node.is_empty()) {
        let dialer = match nations.get(&link.partner)? {
            NationState { trust: Some(trust), .. } => {
                let pinned = Arc::new(faults.take(PinnedServer::new(trust.clone(), &file.partner_node))?);
                let client = faults.take(link_client(&credential, pinned.clone(), clock::tls()))?;
                Dialer::Open(client, pinned)
            }
            NationState { faults, .. } => Dialer::Closed(untrusted(link.partner, faults).into()),
        };
        dialers.insert((link.partner, file.partner_node.clone()), dialer);
    }
    // Unchanged numbers need no room on a disk that may be full. Those that were not kept are tried again.
    let unkept_before = before.is_some_and(|before| before.unkept.is_some());
    let changed = memory_path.filter(|_| memory != kept || unkept_before);
    let unkept = changed.and_then(|path| Some(unkept(config, &path, &memory.write(&path).err()?)));
    Some(Tls { link_server, partners, api_server, people, dialers, nations, unkept, own_fault, credential, memory })
}

/// Why the numbers of CRLs that were seen cannot be kept: most often there is no store yet.
fn unkept(config: &Config, path: &Path, error: &io::Error) -> String {
    if config.data.is_dir() {
        return format!("{}: {error}: the numbers of the CRLs in use are kept there", path.display());
    }
    let (data, file) = (config.data.display(), &config.file);
    if config.head_file.exists() {
        // What was lost is not begun anew.
        return format!(
            "data = {data}: there is no store, and there is a head file: a store was here. Put a copy back: relto backup restore \
             (docs/recovery.md)"
        );
    }
    format!("data = {data}: there is no store. `reltod --config {file:?} --init` makes one, where none was before")
}

/// Why nobody of a nation is let in.
fn untrusted(nation: Nation, faults: &[String]) -> String {
    format!("nobody of {nation} is trusted until its TLS roots and CRLs here can be used: {}", faults.join("; "))
}

fn per_nation(role: Role, nations: &BTreeMap<Nation, NationState>) -> Result<PerNation, TrustFault> {
    let usable = nations.values().filter_map(|state| state.trust.clone());
    let lost = nations.iter().filter(|(_, state)| state.trust.is_none());
    PerNation::each(role, usable, lost.map(|(nation, state)| (*nation, state.faults.join("; ").into())).collect())
}

fn own_credential(config: &Config) -> Result<Credential, String> {
    let credential = Credential::load(&config.certificate, &config.key, config.passphrase.as_deref())
        .map_err(|fault| format!("tls: {fault}"))?;
    // A name that is missing in node.toml is told already.
    let is_own = config.node.is_empty() || credential.identity().name == config.node;
    if is_own && credential.identity().nation == config.nation {
        return Ok(credential);
    }
    let text = "the certificate is another node's";
    Err(format!("{}: {text}: it is {}", config.certificate.display(), credential.identity()))
}

fn load_nations(
    config: &Config,
    links: &[Link],
    before: Option<&Tls>,
    memory: &mut CrlMemory,
) -> BTreeMap<Nation, NationState> {
    let mut out = BTreeMap::new();
    for (nation, named) in &config.nations {
        let loaded = load_nation(*nation, named, memory).and_then(|trust| {
            let faults = not_pinned(&trust, links);
            if faults.is_empty() { Ok(trust) } else { Err(faults) }
        });
        let state = match loaded {
            Ok(trust) => NationState { trust: Some(Arc::new(trust)), faults: Vec::new() },
            Err(faults) => {
                let last = before.filter(|_| *nation == config.nation).and_then(|tls| tls.nations.get(nation));
                NationState { trust: last.and_then(|state| state.trust.clone()), faults }
            }
        };
        out.insert(*nation, state);
    }
    apart(config.nation, &mut out);
    out
}

/// One authority must not speak for two nations. Which of two partners it belongs to is not known here, so neither is
/// trusted; our own nation's trust no partner's file takes away.
fn apart(own: Nation, nations: &mut BTreeMap<Nation, NationState>) {
    let trusts: Vec<_> = nations.values().filter_map(|state| state.trust.clone()).collect();
    for one in trusts.iter().filter(|one| one.nation() != own) {
        let others = trusts.iter().filter(|other| other.nation() != one.nation());
        let shared: Vec<String> =
            others.filter_map(|other| one.apart_from(other).err()).map(|fault| fault.to_string()).collect();
        if let Some(state) = nations.get_mut(&one.nation()).filter(|_| !shared.is_empty()) {
            state.trust = None;
            state.faults.extend(shared);
        }
    }
}

/// A log opens only under a TLS root of its agreement.
fn not_pinned(trust: &NationTrust, links: &[Link]) -> Vec<String> {
    let nation = trust.nation();
    let mut out = Vec::new();
    for link in links.iter().filter(|link| link.partner == nation) {
        let versions = || std::iter::once(&link.agreement).chain(&link.later);
        let named =
            |root: &Digest| versions().any(|text| text.party(nation).is_some_and(|one| one.tls_roots.contains(root)));
        out.extend(trust.root_digests().filter(|root| !named(root)).map(|root| {
            let fault = RootFault::NotPinned(link.agreement.id.clone());
            format!("nation_trust of {nation}, roots: {}", TrustFault::Root { nation, root, fault })
        }));
    }
    out
}

fn load_nation(nation: Nation, files: &NationFiles, memory: &mut CrlMemory) -> Result<NationTrust, Vec<String>> {
    let key = |which: &str, fault: &dyn ToString| format!("nation_trust of {nation}, {which}: {}", fault.to_string());
    let (mut roots, mut crls, mut faults) = (Vec::new(), Vec::new(), Vec::new());
    for path in &files.roots {
        match read_certificates(path) {
            Ok(read) => roots.extend(read),
            Err(fault) => faults.push(key("roots", &fault)),
        }
    }
    for path in &files.crls {
        match read_crls(path) {
            Ok(read) => crls.extend(read),
            Err(fault) => faults.push(key("crls", &fault)),
        }
    }
    // Without one of its files, what is said of the rest would be untrue; a list that names no file is told already.
    if !faults.is_empty() || roots.is_empty() || crls.is_empty() {
        return Err(faults);
    }
    NationTrust::load(nation, &roots, &crls, memory, clock::now_ms()).map_err(|fault| vec![key("trust", &fault)])
}
