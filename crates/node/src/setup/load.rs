//! Everything that a start needs, read and checked before a socket opens: agreement and signatures, registers, rules,
//! keys, trust. All faults are told at once.

mod faults;
mod files;
mod keys;
mod link;
mod trust;

use crate::{inspect::pool::Pool, setup::config::Config};
use faults::given;
use link::{apart, load_link};
use relto_exchange::link::Link;
use relto_host::keys::{load_secret32, load_signer};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use zeroize::Zeroizing;

pub(crate) use faults::StartFaults;
pub(crate) use files::LinkBytes;
pub(crate) use keys::NationKeys;
pub(crate) use trust::{Dialer, Tls, load_tls};

/// A node that may start.
pub(crate) struct Loaded {
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
    /// Looks at attachments; nothing of it is started.
    pub inspectors: Arc<Pool>,
}

/// Reads everything.
///
/// # Errors
/// Every fault found; nothing has been opened or written then, but the CRL numbers that were seen.
pub(crate) fn load(config: Config) -> Result<Loaded, StartFaults> {
    let mut faults = StartFaults::default();
    let named = |key: &str, fault: String| format!("{key}: {fault}");
    let seal_key = given(&config.seal_key).and_then(|path| {
        let key = load_signer(path, config.passphrase.as_deref());
        faults.take(key.map_err(|fault| named("seal_key", fault.to_string())))
    });
    let storage_key = given(&config.storage_key)
        .and_then(|path| faults.take(load_secret32(path).map_err(|fault| named("storage_key", fault.to_string()))));
    let inspectors = Pool::new(config.inspect.clone());
    let mut links = Vec::new();
    let mut files = Vec::new();
    let mut own_keys = BTreeMap::new();
    for link in &config.links {
        if let Some(read) = load_link(&config, link, (seal_key.as_ref(), &inspectors), &mut faults) {
            own_keys.extend(read.seal_key.map(|key| (read.link.mine(), key)));
            links.push(read.link);
            files.push(read.bytes);
        }
    }
    apart(&config.file, &links, &mut faults);
    reading_offices(&config, &links, &mut faults);
    let tls = load_tls(&config, &links, &files, None, &mut faults);
    if let Some(why) = tls.as_ref().and_then(|tls| tls.unkept.as_ref()) {
        faults.add(why);
    }
    // One nation's files alone keep no node from starting; whoever mends other faults is told of them too.
    if !faults.0.is_empty() {
        faults.0.extend(tls.iter().flat_map(|tls| tls.nations.values()).flat_map(|state| state.faults.clone()));
    }
    match (seal_key, storage_key, tls) {
        (Some(seal_key), Some(storage_key), Some(tls)) if faults.0.is_empty() => {
            let seal_keys = NationKeys::new(seal_key, own_keys);
            Ok(Loaded { config, links, files, seal_keys, storage_key, tls, inspectors })
        }
        _ => Err(faults),
    }
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
