//! One link's files: the agreement with its signatures, vocabulary, registers, national rules, consents, prior serials.
//! Each is read whether or not the others are sound, so that all faults are told at once.

use super::{
    faults::{StartFaults, given},
    files::LinkBytes,
};
use crate::{
    filter,
    inspect::pool::Pool,
    setup::config::{Config, LinkFiles, Person},
    versions::{self, VersionFile},
};
use relto_exchange::link::{Link, Officer, Prior};
use relto_formats::api::Role;
use relto_host::keys::load_signer;
use relto_policy::{
    agreement::Agreement,
    consent::Consent,
    national::{NationalRules, Overlay},
    signatures::{verify_agreement, verify_national},
};
use relto_report::{
    crypto::{PublicKey, Signer as _, SoftwareKey, sha256},
    fault::Faults,
    nation::Nation,
    register::Register,
    shapes::Words,
    toml::{Rules, TomlFile},
    vocabulary::Vocabulary,
};
use std::{collections::BTreeMap, path::Path, sync::Arc};

fn beside(path: &Path) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

/// One link, read.
pub(super) struct Read {
    pub(super) link: Link,
    pub(super) bytes: LinkBytes,
    /// The seal key of our log of it, where that is not the nation's.
    pub(super) seal_key: Option<SoftwareKey>,
}

pub(super) fn load_link(
    config: &Config,
    files: &LinkFiles,
    (nations_key, inspectors): (Option<&SoftwareKey>, &Arc<Pool>),
    faults: &mut StartFaults,
) -> Option<Read> {
    let own = files.seal_key.as_ref().map(|path| {
        let key = load_signer(path, config.passphrase.as_deref());
        faults.take(key.map_err(|fault| format!("link.seal_key: {fault}")))
    });
    // A key that did not load is told; the nation's never stands in for it.
    let seal_key = own.as_ref().map_or(nations_key, Option::as_ref);
    let read = load_agreement(config, files, seal_key, faults);
    let agreement = read.as_ref().map(|(agreement, _, _)| agreement);
    let vocabulary = load_vocabulary(agreement, files, faults);
    let (registers, register_bytes) = load_registers(agreement, files, faults);
    let words = vocabulary.as_ref().map(|(vocabulary, _)| vocabulary);
    let national = files.national.as_ref().map(|path| load_national(config, path, agreement, words, faults));
    let national = national.flatten();
    let consents = files.consents.iter().filter_map(|path| {
        let bytes = faults.file("link.consents", path)?;
        faults.take(Consent::read(&name(path), &bytes))
    });
    let consents = Arc::new(consents.collect::<Vec<_>>());
    let prior = files.prior.as_ref().map(|path| load_prior(path, faults));
    let (agreement, bytes, signatures) = read?;
    let (vocabulary, vocabulary_bytes) = vocabulary?;
    let partner = agreement.partner_of(config.nation)?;
    let key_of = |nation| agreement.party(nation).map(|party| party.seal_key);
    let (own_key, partner_key) = (key_of(config.nation)?, key_of(partner)?);
    let mut link = Link {
        later: Vec::new(),
        agreement: Arc::new(agreement),
        words: Arc::new(Words::of(registers.values())),
        registers: Arc::new(registers),
        vocabulary: Arc::new(vocabulary),
        // Rules that did not read are told, and a node with a fault does not start.
        national: None,
        consents,
        attachments: inspectors.clone(),
        prior: prior.flatten().map(Arc::new).unwrap_or_default(),
        officers: Arc::new(officers(config)),
        own: config.nation,
        partner,
        own_key,
        partner_key,
    };
    let later = later(config, &link, faults);
    link.later = later.iter().map(|one| one.text.clone()).collect();
    if let Some(rules) = national {
        narrows(&rules, &link, files, faults);
        link.national = Some(Arc::new(rules));
    }
    let bytes = LinkBytes {
        later,
        agreement: bytes,
        signatures,
        vocabulary: vocabulary_bytes,
        registers: register_bytes,
        partner_node: files.partner_node.clone(),
        dial: files.dial.clone(),
    };
    Some(Read { link, bytes, seal_key: own.flatten() })
}

/// One agreement a link; and no key, ours or a partner's, seals live and exercise traffic: what is signed for the one must
/// prove nothing of the other. API-30
pub(super) fn apart(file: &str, links: &[Link], faults: &mut StartFaults) {
    for (at, one) in links.iter().enumerate() {
        for other in links.iter().skip(at + 1) {
            let (first, second) = (&one.agreement, &other.agreement);
            if first.id == second.id {
                faults.add(format!("{file}: link.agreement: {} is here twice. One [[link]] an agreement", first.id));
            } else if first.traffic != second.traffic {
                let mut shared = vec![one.own, one.partner];
                shared.retain(|nation| {
                    let key_in = |agreement: &Agreement| agreement.party(*nation).map(|party| party.seal_key);
                    key_in(first).is_some() && key_in(first) == key_in(second)
                });
                faults.0.extend(shared.iter().map(|nation| {
                    format!(
                        "{file}: link.seal_key: {} ({}) and {} ({}) name the same seal key of {nation}. Live and exercise \
                         traffic, and two exercises, need keys of their own: make one, and have it named in the exercise's \
                         agreement",
                        first.id,
                        first.traffic.word(),
                        second.id,
                        second.traffic.word()
                    )
                }));
            }
        }
    }
}

/// The agreement, its bytes and its signatures.
fn load_agreement(
    config: &Config,
    files: &LinkFiles,
    seal_key: Option<&SoftwareKey>,
    faults: &mut StartFaults,
) -> Option<(Agreement, Vec<u8>, Vec<u8>)> {
    let bytes = faults.file("link.agreement", &files.agreement);
    let beside_it = given(&files.agreement).map(beside);
    let signatures = beside_it.and_then(|path| faults.file("link.agreement, its signatures", &path));
    let bytes = bytes?;
    let agreement = faults.take(Agreement::read(&name(&files.agreement), &bytes))?;
    if agreement.partner_of(config.nation).is_none() {
        faults.add(format!("{}: {} is no Party of this agreement", name(&files.agreement), config.nation));
        return None;
    }
    let own_key = agreement.party(config.nation).map(|party| party.seal_key);
    if seal_key.is_some_and(|key| Some(key.public_key()) != own_key) {
        let text = "is not the seal key that the agreement names for";
        let (key, path) =
            files.seal_key.as_ref().map_or(("seal_key", &config.seal_key), |path| ("link.seal_key", path));
        faults.add(format!("{key} = {} {text} {} in {}", path.display(), config.nation, agreement.id));
    }
    if agreement.version != 1 {
        let text = "this program installs version 1";
        faults.add(format!("{}: version {}; {text}", name(&files.agreement), agreement.version));
    }
    let signatures = signatures?;
    let signed = verify_agreement(&agreement, &bytes, &signatures)
        .map_err(|fault| format!("{}: {fault}", beside(&files.agreement).display()));
    faults.take(signed);
    Some((agreement, bytes, signatures))
}

fn load_vocabulary(
    agreement: Option<&Agreement>,
    files: &LinkFiles,
    faults: &mut StartFaults,
) -> Option<(Vocabulary, Vec<u8>)> {
    let bytes = faults.file("link.vocabulary", &files.vocabulary)?;
    let vocabulary = faults.take(Vocabulary::read(&name(&files.vocabulary), &bytes))?;
    if agreement.is_some_and(|agreement| vocabulary.digest != agreement.registers.vocabulary) {
        faults.add(format!("{}: error A014: it has another digest than the agreement names", name(&files.vocabulary)));
    }
    Some((vocabulary, bytes))
}

fn load_registers(
    agreement: Option<&Agreement>,
    files: &LinkFiles,
    faults: &mut StartFaults,
) -> (BTreeMap<Nation, Register>, BTreeMap<Nation, Vec<u8>>) {
    let (mut registers, mut raw) = (BTreeMap::new(), BTreeMap::new());
    // Where the key itself is missing or names nothing, that is told already.
    let parties = agreement.iter().flat_map(|agreement| &agreement.parties).filter(|_| !files.registers.is_empty());
    for nation in parties.filter(|nation| !files.registers.contains_key(nation)) {
        faults.add(format!("{}: link.registers names no file for {nation}", name(&files.agreement)));
    }
    for (nation, path) in &files.registers {
        let Some(bytes) = faults.file("link.registers", path) else { continue };
        if agreement.is_some_and(|agreement| Some(sha256(&[&bytes])) != agreement.register_digest(*nation)) {
            faults.add(format!("{}: error A014: it has another digest than the agreement names", name(path)));
        }
        if let Some(register) = faults.take(Register::read(&name(path), &bytes)) {
            registers.insert(*nation, register);
            raw.insert(*nation, bytes);
        }
    }
    (registers, raw)
}

/// The overlay that the rules name, by its digest. A node that is built without overlays starts, and refuses every
/// report that one would judge.
fn overlay(
    rules: &mut NationalRules,
    named: &Overlay,
    path: &Path,
    vocabulary: Option<&Vocabulary>,
    faults: &mut StartFaults,
) {
    let file = path.with_file_name(&named.file);
    let Some(bytes) = faults.file("overlay.file of the national rules", &file) else { return };
    if !named.is(&bytes) {
        faults.add(format!("{}: error N003: it has another digest than the national rules name", name(&file)));
        return;
    }
    #[cfg(feature = "overlay")]
    if let Some(vocabulary) = vocabulary
        && let Some(judge) = faults.take(relto_policy::overlay::CedarOverlay::load(named, &bytes, vocabulary))
    {
        rules.set_judge(Arc::new(judge));
    }
    #[cfg(not(feature = "overlay"))]
    let _ = (rules, vocabulary);
}

/// Later versions that are installed. Without `data`, which is told already, there is no place for them.
fn later(config: &Config, link: &Link, faults: &mut StartFaults) -> Vec<VersionFile> {
    if given(&config.data).is_none() {
        return Vec::new();
    }
    versions::installed(&config.versions(), link).unwrap_or_else(|list| {
        list.into_iter().for_each(|fault| faults.add(fault));
        Vec::new()
    })
}

/// Rules narrow one of the versions that are here: a new one may be narrower than rules that were made for the one before.
fn narrows(rules: &NationalRules, link: &Link, files: &LinkFiles, faults: &mut StartFaults) {
    let Err(fault) = rules.narrows(&link.agreement) else { return };
    if link.later.iter().all(|text| rules.narrows(text).is_err()) {
        let file = files.national.as_deref().map(name).unwrap_or_default();
        faults.add(Faults { file, ..fault });
    }
}

/// National rules count with the signatures of two officers of the configuration.
fn load_national(
    config: &Config,
    path: &Path,
    agreement: Option<&Agreement>,
    vocabulary: Option<&Vocabulary>,
    faults: &mut StartFaults,
) -> Option<NationalRules> {
    let bytes = faults.file("link.national", path);
    let signatures = faults.file("link.national, its signatures", &beside(path));
    let bytes = bytes?;
    let mut rules = faults.take(NationalRules::read(&name(path), &bytes))?;
    if agreement.is_some_and(|agreement| rules.nation != config.nation || rules.agreement != agreement.id) {
        faults.add(format!("{}: these rules are of another nation or agreement", name(path)));
    }
    let officers: Vec<(String, PublicKey)> =
        config.people.values().filter(|one| is_officer(one)).map(|one| (one.account.clone(), one.key)).collect();
    if let Some(signatures) = signatures {
        let verified = verify_national(&bytes, &signatures, config.nation, &officers);
        faults.take(verified.map_err(|fault| format!("{}: {fault}", beside(path).display())));
    }
    if let Some(named) = rules.overlay.clone() {
        overlay(&mut rules, &named, path, vocabulary, faults);
    }
    if let Err(fault) = filter::attach(&mut rules, path) {
        faults.add(fault);
    }
    Some(rules)
}

fn officers(config: &Config) -> BTreeMap<String, Officer> {
    let officers = config.people.values().filter(|one| is_officer(one));
    let of = |one: &Person| Officer { key: one.key, senior: one.roles.contains(&Role::SeniorOfficer) };
    officers.map(|one| (one.account.clone(), of(one))).collect()
}

fn is_officer(person: &Person) -> bool {
    person.roles.iter().any(|role| matches!(role, Role::Officer | Role::SeniorOfficer))
}

fn load_prior(path: &Path, faults: &mut StartFaults) -> Option<Prior> {
    const RULES: Rules = Rules { syntax: "C030", unknown_key: "C031", wrong_type: "C032", missing: "C033" };
    let bytes = faults.file("link.prior", path)?;
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
