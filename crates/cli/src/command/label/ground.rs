//! The agreement that gives a label's words their meaning: the profile's, verified; or a file with what it names
//! beside it.

use crate::{
    cache::{self, Installed, verify_pinned},
    command::agreement_file::beside,
    document::read_bounded,
    output::NotVerified,
    profile::Profile,
    session::Session,
};
use anyhow::{Context as _, Result};
use relto_formats::{api, base64_bytes::Bytes};
use relto_policy::{
    agreement::Agreement,
    signatures::{Signed, verify_agreement},
};
use relto_report::{
    calendar::Timestamp, crypto::sha256, digest::Digest, nation::Nation, register::Register, vocabulary::Vocabulary,
};
use std::{collections::BTreeMap, path::Path};

/// Bytes of the longest agreement, register, vocabulary or signature file.
const MAX_FILE: u64 = 1024 * 1024;

/// The agreement of the profile with this nation, as last fetched; the first time it is asked of the node.
pub(super) async fn from_profile(profile: &Profile, partner: Nation) -> Result<Installed> {
    cache::load_or_fetch(profile, profile.agreement_with(partner)?).await
}

/// An agreement's file, its registers and vocabulary beside it, each of the digest that it names. Signatures are
/// verified where they lie beside it; where they do not, that is said.
pub(super) fn from_file(session: &Session, file: &Path, now: Timestamp) -> Result<Installed> {
    let bytes = read_bounded(file, MAX_FILE)?;
    let agreement = Agreement::read(&file.display().to_string(), &bytes)?;
    let (signatures, signed) = signatures(session, file, &agreement, &bytes)?;
    let folder = file.parent().unwrap_or(Path::new(""));
    let named = |name: &str, digest: Option<Digest>| -> Result<(String, Vec<u8>)> {
        let path = folder.join(name);
        let bytes = read_bounded(&path, MAX_FILE)
            .with_context(|| format!("the agreement names it by its digest, and it lies beside {}", file.display()))?;
        if digest != Some(sha256(&[&bytes])) {
            let what =
                format!("{}: another file than {} version {} names", path.display(), agreement.id, agreement.version);
            return Err(NotVerified(what).into());
        }
        Ok((path.display().to_string(), bytes))
    };
    let (name, vocabulary) = named("vocabulary.toml", Some(agreement.registers.vocabulary))?;
    let read_vocabulary = Vocabulary::read(&name, &vocabulary)?;
    let (mut registers, mut bodies) = (BTreeMap::new(), BTreeMap::new());
    for nation in agreement.parties {
        let (name, bytes) = named(&format!("markings-{nation}.toml"), agreement.register_digest(nation))?;
        registers.insert(nation, Register::read(&name, &bytes)?);
        bodies.insert(nation.to_string(), Bytes(bytes));
    }
    let [_, partner] = agreement.parties;
    let body = api::Agreement {
        file: Bytes(bytes),
        signatures: Bytes(signatures),
        vocabulary: Bytes(vocabulary),
        registers: bodies,
        partner: partner.to_string(),
        source_serials: None,
    };
    Ok(Installed { agreement, partner, registers, vocabulary: read_vocabulary, signed, fetched: now, body })
}

fn signatures(session: &Session, file: &Path, agreement: &Agreement, bytes: &[u8]) -> Result<(Vec<u8>, Vec<Signed>)> {
    let path = beside(file);
    if !path.exists() {
        session.output.note(format!("{}: no signatures lie beside it; they were not checked", file.display()));
        return Ok((Vec::new(), Vec::new()));
    }
    let signatures = read_bounded(&path, MAX_FILE)?;
    let signed = if session.profile.is_some() {
        verify_pinned(&session.profile()?.signers, agreement, bytes, &signatures)?
    } else {
        let told =
            |fault: relto_policy::signatures::SignatureFault| NotVerified(format!("{}: {fault}", path.display()));
        verify_agreement(agreement, bytes, &signatures).map_err(told)?
    };
    Ok((signatures, signed))
}
