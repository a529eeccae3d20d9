//! Keys that sign, made new, and the offices of a laboratory that sign its agreements.

use crate::pki::{Key, write_secret};
use anyhow::Result;
use relto_host::keys::load_signer;
use relto_policy::signatures::{SignatureFile, sign};
use relto_report::{
    crypto::{PublicKey, SoftwareKey},
    domain::Tag,
    nation::Nation,
};
use std::{fs, path::Path};

/// An office that signs agreements: nation, name, key.
pub(super) type Signatory = (Nation, String, PublicKey, SoftwareKey);

/// The signature of every office that an agreement names.
pub(super) fn sign_all(text: &str, signers: &[Signatory]) -> Result<SignatureFile> {
    let mut signed = SignatureFile::new(text.as_bytes());
    let named = |office: &str| text.contains(&format!("office = \"{office}\""));
    for (nation, office, public, key) in signers.iter().filter(|one| named(&one.1)) {
        signed.add(*nation, office, *public, sign(text.as_bytes(), Tag::Agreement, key)?);
    }
    Ok(signed)
}

pub(super) fn new_signer(path: &Path) -> Result<SoftwareKey> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let key = Key::generate()?;
    write_secret(path, key.pem()?.as_bytes())?;
    Ok(load_signer(path, None)?)
}
