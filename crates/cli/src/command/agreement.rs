//! `relto agreement`: show, verify, compare, sign.

use super::{
    agreement_file::{MAX_FILE, beside, by_quorum},
    agreement_new::must_be_filled_in,
    agreement_words as words,
    nations::{nation, recipient},
};
use crate::{
    args::SignArgs,
    cache::{self, verify_pinned, write_whole},
    client::Client,
    document::read_bounded,
    exit::Exit,
    output::{NotVerified, Output},
    session::Session,
};
use anyhow::{Context as _, Result, bail};
use relto_host::keys::load_signer;
use relto_policy::{
    agreement::{Agreement, Scope},
    change::Change,
    national::NationalRules,
    signatures::{self, SignatureFile, Signed, verify_agreement},
};
use relto_report::{
    crypto::{PublicKey, Signer as _},
    domain::Tag,
    nation::Nation,
};
use serde_json::json;
use std::path::Path;

fn read(file: &Path) -> Result<(Agreement, Vec<u8>)> {
    let (name, bytes) = (file.display().to_string(), read_bounded(file, MAX_FILE)?);
    must_be_filled_in(&name, &bytes)?;
    Ok((Agreement::read(&name, &bytes)?, bytes))
}

/// `relto agreement verify`.
pub(super) fn verify(session: &Session, file: &Path) -> Result<Exit> {
    let (agreement, bytes) = read(file)?;
    let signatures = read_bounded(&beside(file), MAX_FILE)
        .with_context(|| "an agreement's signatures lie beside it, its name with .sig added")?;
    let pinned = session.profile.is_some();
    let signed = if pinned {
        verify_pinned(&session.profile()?.signers, &agreement, &bytes, &signatures)?
    } else {
        verify_agreement(&agreement, &bytes, &signatures)
            .map_err(|fault| NotVerified(format!("{}: {fault}", beside(file).display())))?
    };
    let offices: Vec<&str> = signed.iter().map(|one| one.office.as_str()).collect();
    session.output.object(&json!({
        "verified": true, "id": agreement.id, "version": agreement.version, "digest": agreement.digest.to_string(),
        "signed_by": offices, "signers_pinned": pinned,
    }))?;
    session.output.line(format!("{} version {}, {}", agreement.id, agreement.version, agreement.digest))?;
    session.output.line(format!("signed by {}", by_quorum(&agreement, &signed)))?;
    session.output.line(if pinned {
        "the signers' keys are those that the profile pins"
    } else {
        "the signers' keys are those that the file itself names; with --profile they are compared with pinned ones"
    })?;
    Ok(Exit::Done)
}

/// `relto agreement diff`: in words, then as `extends` lists it.
pub(super) fn diff(session: &Session, old: &Path, new: &Path) -> Result<Exit> {
    let ((old, old_bytes), (new, new_bytes)) = (read(old)?, read(new)?);
    if old.id != new.id || old.parties != new.parties {
        bail!("{} and {} are not versions of one agreement", old.id, new.id);
    }
    let extends = new.widening(&old);
    let levels = words::levels(&new);
    let permits: Vec<String> = extends.iter().map(|line| words::permitted(line, &levels)).collect();
    let forbids: Vec<String> = old.widening(&new).iter().map(|line| words::forbidden(line, &levels)).collect();
    let others = words::others(&old_bytes, &new_bytes)?;
    let output = session.output;
    output.object(&json!({
        "id": new.id, "from": old.version, "to": new.version, "permits": permits, "forbids": forbids, "others": others,
        "extends": extends,
    }))?;
    // Comments of the list that follows, so that the whole can be put into a file.
    let told = |heading: &str, list: &[String]| {
        output.line(format!("# {heading}{}", if list.is_empty() { " nothing" } else { "" }))?;
        list.iter().try_for_each(|line| output.line(format!("#   {line}")))
    };
    let (from, to) = (old.version, new.version);
    told(&format!("version {to} newly permits, against version {from}:"), &permits)?;
    told(&format!("version {to} newly forbids, against version {from}:"), &forbids)?;
    told("other keys that differ:", &others)?;
    output.line("extends = [")?;
    extends.iter().try_for_each(|line| output.line(format!("  {line:?},")))?;
    output.line("]")?;
    Ok(Exit::Done)
}

/// `relto agreement sign`.
pub(super) fn sign(session: &Session, args: &SignArgs) -> Result<Exit> {
    let nation = nation(&args.nation)?;
    let bytes = read_bounded(&args.file, MAX_FILE)?;
    let name = args.file.display().to_string();
    let key = load_signer(&args.key, args.passphrase.as_deref())?;
    let tag = if args.national {
        let rules = NationalRules::read(&name, &bytes)?;
        if rules.nation != nation {
            bail!("{name}: these are the rules of {}, and {nation} signs its own only", rules.nation);
        }
        Tag::NationalRules
    } else if let Ok(change) = Change::read(&name, &bytes) {
        let profile = session.profile().context("a statement is signed under its agreement: give --profile FILE")?;
        let installed = cache::load(&profile, &change.agreement)?
            .with_context(|| format!("{} was never fetched. Run `relto agreement show`", change.agreement))?;
        must_be_signer(&installed.agreement, nation, &args.office, &key.public_key())?;
        if change.nation != nation {
            bail!("{name}: this is a statement of {}, and {nation} signs its own only", change.nation);
        }
        Tag::Change
    } else {
        must_be_filled_in(&name, &bytes)?;
        must_be_signer(&Agreement::read(&name, &bytes)?, nation, &args.office, &key.public_key())?;
        Tag::Agreement
    };
    let path = beside(&args.file);
    let mut file = SignatureFile::new(&bytes);
    if path.exists() {
        let earlier = SignatureFile::read(&path.display().to_string(), &read_bounded(&path, MAX_FILE)?)?;
        if earlier.digest != file.digest {
            bail!(
                "{}: these signatures are for other bytes of {name}. A changed file is signed anew: delete them",
                path.display()
            );
        }
        file = earlier;
    }
    let signature = signatures::sign(&bytes, tag, &key)?;
    file.add(nation, &args.office, key.public_key(), signature);
    write_whole(&path, file.write().as_bytes())?;
    let offices: Vec<&str> = file.signatures.iter().map(|one| one.office.as_str()).collect();
    session.output.object(&json!({
        "file": path.display().to_string(), "digest": file.digest.to_string(), "key": key.public_key().to_string(), "signed_by": offices,
    }))?;
    session.output.line(format!("{}: signed by {}", path.display(), offices.join(", ")))?;
    Ok(Exit::Done)
}

/// An agreement names who signs it and with which key; a signature by anything else would void the whole file.
fn must_be_signer(agreement: &Agreement, nation: Nation, office: &str, key: &PublicKey) -> Result<()> {
    let party = agreement.party(nation).with_context(|| format!("{nation} is no Party of {}", agreement.id))?;
    let Some(signer) = party.signers.iter().find(|one| one.office == office) else {
        let known: Vec<&str> = party.signers.iter().map(|one| one.office.as_str()).collect();
        bail!("{office} is not a signer of {nation}. Its signers: {}", known.join(", "));
    };
    if signer.key != *key {
        bail!("this is not the key of {office}: it is {key}, the agreement has {}", signer.key);
    }
    Ok(())
}

/// `relto agreement show`: from the node if it answers, else as last fetched.
pub(super) async fn show(session: &Session, given: Option<&str>) -> Result<Exit> {
    let profile = session.profile()?;
    let id = profile.agreement_with(recipient(&profile, given)?)?;
    let installed = match Client::connect(&profile).await {
        Ok(mut client) => cache::refresh(&profile, &mut client, id).await?,
        Err(error) => match cache::load(&profile, id)? {
            Some(kept) => {
                session.output.note(format!("{error:#}\nshown as of {}", kept.fetched));
                kept
            }
            None => return Err(error),
        },
    };
    let agreement = &installed.agreement;
    let offices: Vec<&str> = installed.signed.iter().map(|one| one.office.as_str()).collect();
    session.output.object(&json!({
        "id": agreement.id, "version": agreement.version, "digest": agreement.digest.to_string(),
        "parties": agreement.parties.map(|one| one.to_string()), "traffic": agreement.traffic.word(),
        "enters_into_force": agreement.life.enters_into_force.to_string(), "term_ends": agreement.life.term_ends.to_string(),
        "signed_by": offices, "fetched": installed.fetched.to_string(),
        "file": String::from_utf8_lossy(&installed.body.file.0),
    }))?;
    print(session.output, agreement, &installed.signed)?;
    session.output.field("fetched", installed.fetched)?;
    Ok(Exit::Done)
}

fn print(output: Output, agreement: &Agreement, signed: &[Signed]) -> Result<()> {
    output.line(format!("{} version {}", agreement.id, agreement.version))?;
    for (language, title) in &agreement.title {
        output.field(language, title)?;
    }
    output.field("digest", agreement.digest)?;
    output.field("signed by", format!("{}; keys as the profile pins them", by_quorum(agreement, signed)))?;
    output.field("term", format!("{} to {}", agreement.life.enters_into_force, agreement.life.term_ends))?;
    output.field("traffic", agreement.traffic.word())?;
    for row in &agreement.equivalence {
        let markings = agreement.parties.iter().zip(&row.markings).map(|(nation, word)| format!("{word} ({nation})"));
        output.field(&format!("level {}", row.level), markings.collect::<Vec<_>>().join(" = "))?;
    }
    agreement.scopes.iter().try_for_each(|scope| print_scope(output, agreement, scope))
}

fn print_scope(output: Output, agreement: &Agreement, scope: &Scope) -> Result<()> {
    output.line(format!("\n{} to {}", scope.from, scope.to))?;
    output.field("forms", scope.forms.join(", "))?;
    output.field("purposes", scope.purposes.join(", "))?;
    let word = |level| agreement.level_in_words(scope.from, level);
    output.field("up to", word(scope.highest_level))?;
    for (topic, level) in &scope.topics {
        output.line(format!("  {}: {topic}", word(*level)))?;
    }
    let officers =
        format!("one from {}, two from {}", word(scope.officer_from_level), word(scope.second_officer_from_level));
    output.field("officers", officers)?;
    if let Some(hours) = scope.max_age_hours {
        output.field("age", format!("{hours} hours from information cut-off to release"))?;
    }
    output.field("attachments", format!("{} at most: {}", scope.max_attachments, scope.attachment_types.join(", ")))
}
