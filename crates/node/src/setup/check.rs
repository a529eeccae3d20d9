//! `reltod --check`: everything that a start needs, and all that would only show once the node runs. It changes nothing,
//! and may be asked beside a node that runs.

mod held;

use crate::{
    setup::config::Config,
    setup::load::{Loaded, StartFaults},
};
use relto_exchange::{exchange::Exchange, ids::LinkId, link::Link, store::Fence};
use relto_host::{
    clock,
    files::Judge,
    heads::{HeadRing, Heads},
    store::SqliteReader,
    tls::expiry::Warnings,
};
use std::path::Path;

/// What there is to know of a node that could be loaded, one line each.
///
/// # Errors
/// All faults found, one line each. API-41
pub(crate) fn check(loaded: &Loaded) -> Result<Vec<String>, StartFaults> {
    let mut faults = loaded.tls.faults(&loaded.config, &loaded.links, clock::now_ms());
    faults.extend(files(&loaded.config));
    faults.extend(inputs(&loaded.config, &loaded.links));
    let due = Warnings::default().due(&loaded.tls.expiries(), clock::now_ms());
    let mut told: Vec<String> = due.iter().map(ToString::to_string).collect();
    if loaded.config.database().exists() {
        faults.extend(store(loaded, &mut told));
    }
    if faults.is_empty() { Ok(told) } else { Err(StartFaults(faults)) }
}

/// Modes of all that the configuration names and people write: others may not write to it, nor read the list of hold
/// words. API-41
fn inputs(config: &Config, links: &[Link]) -> Vec<String> {
    let mut judge = Judge::new(&config.data);
    judge.input(Path::new(&config.file));
    judge.input(&config.certificate);
    let trust = config.nations.values().flat_map(|one| one.roots.iter().chain(&one.crls));
    trust.for_each(|path| judge.input(path));
    for (files, link) in config.links.iter().zip(links) {
        let of_link = [&files.agreement, &files.vocabulary].into_iter().chain(files.registers.values());
        let of_link = of_link.chain(&files.national).chain(&files.consents).chain(&files.prior);
        of_link.for_each(|path| judge.input(path));
        let content = link.national.as_ref().and_then(|rules| rules.content.as_ref());
        if let Some((content, rules)) = content.zip(files.national.as_deref()) {
            let folder = rules.parent().unwrap_or(Path::new("."));
            content.hold_words_file.iter().for_each(|file| judge.secret_input(&folder.join(file)));
            content.filter.iter().for_each(|filter| judge.input(&folder.join(&filter.program)));
        }
    }
    judge.into_faults().iter().map(ToString::to_string).collect()
}

/// Modes and owners of all that the node has made, and of its keys. API-40
pub(crate) fn files(config: &Config) -> Vec<String> {
    let mut judge = Judge::new(&config.data);
    judge.tree(&config.data);
    judge.file(&config.head_file);
    judge.folder_of(&config.head_file);
    let keys = [&config.storage_key, &config.seal_key, &config.key].into_iter().chain(&config.passphrase);
    for key in keys.chain(config.links.iter().filter_map(|link| link.seal_key.as_ref())) {
        // A credential of systemd is judged where it is read.
        if !key.as_os_str().is_empty() && !key.to_string_lossy().starts_with("credential:") {
            judge.file(key);
        }
    }
    judge.into_faults().iter().map(ToString::to_string).collect()
}

/// The store against its head file and against the links. A store without its head file appends nothing: better told here
/// than by a node that stands still. HED-3
fn store(loaded: &Loaded, told: &mut Vec<String>) -> Vec<String> {
    let config = &loaded.config;
    let head_file = config.head_file.display();
    // The head file first: a node that runs beside this stores leaves before it signs their head.
    let heads = match HeadRing::read(&config.head_file) {
        Ok(heads) => heads,
        Err(error) => return vec![format!("head_file = {head_file}: {error}")],
    };
    let mut read = || -> Result<Vec<String>, String> {
        let reader = SqliteReader::open(&config.database(), &loaded.storage_key).map_err(|fault| fault.to_string())?;
        let at = |fault: relto_exchange::store::StoreError| format!("{}: {fault}", config.database().display());
        let fence = Fence { epoch: 0 };
        let mut exchange = Exchange::recover(&reader, loaded.links.clone(), config.nation, fence).map_err(at)?;
        let mut out = begun(&exchange, &loaded.links);
        exchange.compare_heads(&reader, heads.newest()).map_err(at)?;
        // And once more: what the database names was in the file before.
        let again = HeadRing::read(&config.head_file).map_err(|error| format!("head_file = {head_file}: {error}"))?;
        out.extend(gap(&again, &exchange).map(|why| format!("head_file = {head_file}: {why}")));
        out.extend(exchange.halted().map(|why| format!("{}: {why}", config.database().display())));
        told.extend(held::held(config, &loaded.links, &exchange, &reader).map_err(at)?);
        Ok(out)
    };
    read().unwrap_or_else(|fault| vec![fault])
}

/// What is wrong with a head file that was read after the database, alone and beside it. HED-3, HED-5, HED-6
pub(crate) fn gap(heads: &Heads, exchange: &Exchange) -> Option<String> {
    let named = exchange.head_write();
    let found = heads.gap().or_else(|| named.and_then(|named| heads.lacks(&named))).map(|gap| gap.to_string());
    let unnamed = "the database holds heads and does not name the write of the head file that they were in";
    let unnamed = (named.is_none() && exchange.has_heads()).then(|| unnamed.to_owned());
    found.or(unnamed).or_else(|| exchange.lacks_heads(heads.newest()).map(str::to_owned))
}

/// A link that was added to a store in use has no Genesis, and a partner would take no leaf of its log.
pub(crate) fn begun(exchange: &Exchange, links: &[Link]) -> Vec<String> {
    let mut out = Vec::new();
    for (at, link) in links.iter().enumerate() {
        let size = LinkId::at(at).and_then(|link| exchange.sizes(link)).map_or(0, |sizes| sizes.ours);
        if size == 0 {
            out.push(format!(
                "{}: our log of it has no Genesis. `reltod --init` makes it with the store; this version adds no link to a \
                 store in use",
                link.agreement.id
            ));
        }
    }
    out
}
