//! A person's profile: who they are, their keys, their node, and the signer keys that they trust.

use anyhow::{Context as _, Result, anyhow, bail};
use relto_host::{
    clock, files,
    keys::load_signer,
    tls::{
        config::client_api_client,
        credential::{Credential, read_certificates, read_crls},
        memory::CrlMemory,
        trust::NationTrust,
        verifier::PinnedServer,
    },
};
use relto_report::{
    crypto::{PublicKey, SoftwareKey},
    nation::Nation,
    toml::{Rules, Section, TomlFile},
};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

const RULES: Rules = Rules { syntax: "P001", unknown_key: "P002", wrong_type: "P003", missing: "P004" };

/// A read profile. Paths are relative to its folder.
#[derive(Clone, Debug)]
pub struct Profile {
    /// As in the certificate.
    pub account: String,
    /// Of which nation.
    pub nation: Nation,
    /// The key that signs reports and approvals.
    pub signing_key: PathBuf,
    /// The client certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub tls_key: PathBuf,
    /// Opens encrypted keys.
    pub passphrase: Option<PathBuf>,
    /// The node's name, as in its certificate.
    pub node: String,
    /// Where its client API listens.
    pub api: SocketAddr,
    /// The nation's root certificates.
    pub roots: Vec<PathBuf>,
    /// Its CRLs.
    pub crls: Vec<PathBuf>,
    /// Where agreements are kept.
    pub cache: PathBuf,
    /// Agreement by recipient.
    pub agreements: BTreeMap<Nation, String>,
    /// Signer keys by nation and office, pinned by hand when the profile was made.
    pub signers: BTreeMap<(Nation, String), PublicKey>,
}

impl Profile {
    /// Reads a profile file.
    ///
    /// # Errors
    /// Every fault with its place, or the system's error.
    pub fn load(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path).with_context(|| format!("{}: the profile cannot be read", path.display()))?;
        let text = String::from_utf8_lossy(&bytes);
        let file = TomlFile::new(&text, 1, RULES);
        let folder = path.parent().unwrap_or(Path::new("."));
        let profile = file.parse().and_then(|document| read(&file.root(&document), folder));
        let faults = file.into_faults(&path.display().to_string());
        match profile {
            Some(profile) if !faults.has_errors() => Ok(profile),
            _ => Err(faults.into()),
        }
    }

    /// The person's signing key.
    ///
    /// # Errors
    /// Where the key cannot be read.
    pub fn signer(&self) -> Result<SoftwareKey> {
        load_signer(&self.signing_key, self.passphrase.as_deref()).map_err(|fault| anyhow!("{fault}"))
    }

    /// TLS to the node, which must be the one that the profile names.
    ///
    /// # Errors
    /// Where a certificate, key, root or CRL does not do.
    pub fn tls(&self) -> Result<Arc<rustls::ClientConfig>> {
        let credential = Credential::load(&self.certificate, &self.tls_key, self.passphrase.as_deref())?;
        let (mut roots, mut crls) = (Vec::new(), Vec::new());
        for path in &self.roots {
            roots.extend(read_certificates(path)?);
        }
        for path in &self.crls {
            crls.extend(read_crls(path)?);
        }
        let memory_path = self.cache.join("crl-memory");
        let told = || memory_path.display().to_string();
        let mut memory = CrlMemory::read(&memory_path).with_context(told)?.unwrap_or_default();
        let before = memory.clone();
        let trust = NationTrust::load(self.nation, &roots, &crls, &mut memory, clock::now_ms())?;
        if memory != before {
            let kept = files::create_folder(&self.cache).and_then(|()| memory.write(&memory_path));
            kept.with_context(|| {
                format!(
                    "{}: the numbers of the CRLs in use must be kept there, else an older list could come back",
                    memory_path.display()
                )
            })?;
        }
        let node = PinnedServer::new(Arc::new(trust), &self.node)?;
        Ok(client_api_client(&credential, Arc::new(node), clock::tls())?)
    }

    /// The agreement with a recipient.
    ///
    /// # Errors
    /// Where the profile names none.
    pub fn agreement_with(&self, recipient: Nation) -> Result<&str> {
        match self.agreements.get(&recipient) {
            Some(id) => Ok(id),
            None => bail!("the profile names no agreement with {recipient}. Add it under [agreements]"),
        }
    }
}

fn read(root: &Section<'_>, folder: &Path) -> Option<Profile> {
    if let Some(format) = root.required("format").filter(|format| format.value != "relto-profile/1") {
        root.fault(format.at, "P010", "format is not known. This client reads relto-profile/1");
    }
    let text = |key: &str| root.required(key).map(|text| text.value);
    let path = |key: &str| root.required(key).map(|text| folder.join(text.value));
    let paths = |key: &str| {
        let list = root.texts(key).map(|list| list.value).unwrap_or_default();
        list.into_iter().map(|one| folder.join(one.value)).collect::<Vec<_>>()
    };
    let nation = root.required("nation").and_then(|text| nation_of(root, &text.value, text.at));
    let api = root.required("api").and_then(|text| {
        let parsed = text.value.parse().ok();
        if parsed.is_none() {
            root.fault(text.at, "P012", "api must be an address and port, such as 127.0.0.1:7412");
        }
        parsed
    });
    let (account, signing_key, certificate, tls_key) =
        (text("account"), path("signing_key"), path("certificate"), path("tls_key"));
    let (node, cache, roots, crls) = (text("node"), path("cache"), paths("roots"), paths("crls"));
    let passphrase = root.text("passphrase_file").map(|text| folder.join(text.value));
    let agreements = root.table("agreements").map(|section| agreements(&section)).unwrap_or_default();
    let signers = root.table("signers").map(|section| signers(&section)).unwrap_or_default();
    root.finish();
    Some(Profile {
        account: account?,
        nation: nation?,
        signing_key: signing_key?,
        certificate: certificate?,
        tls_key: tls_key?,
        passphrase,
        node: node?,
        api: api?,
        roots,
        crls,
        cache: cache?,
        agreements,
        signers,
    })
}

fn nation_of(section: &Section<'_>, text: &str, at: usize) -> Option<Nation> {
    let nation = Nation::parse(text);
    if nation.is_none() {
        section.fault(at, "P011", format!("\"{text}\" is not a nation. Nations are three capital letters"));
    }
    nation
}

fn agreements(section: &Section<'_>) -> BTreeMap<Nation, String> {
    let mut out = BTreeMap::new();
    for key in section.keys() {
        if let (Some(nation), Some(id)) = (nation_of(section, &key.value, key.at), section.text(&key.value)) {
            out.insert(nation, id.value);
        }
    }
    out
}

fn signers(section: &Section<'_>) -> BTreeMap<(Nation, String), PublicKey> {
    let mut out = BTreeMap::new();
    for key in section.keys() {
        let (Some(nation), Some(offices)) = (nation_of(section, &key.value, key.at), section.table(&key.value)) else {
            continue;
        };
        for office in offices.keys() {
            let Some(text) = offices.text(&office.value) else { continue };
            match PublicKey::parse(&text.value) {
                Some(key) => {
                    out.insert((nation, office.value), key);
                }
                None => offices.fault(text.at, "P013", "a signer's key must be ed25519: and 64 hexadecimal digits"),
            }
        }
    }
    out
}
