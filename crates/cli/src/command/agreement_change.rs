//! `relto agreement suspend|resume|give-notice|renew|terminate`, `state`, `install`: statements of the signers that
//! change how an agreement stands.

use super::{
    Session,
    agreement::{MAX_FILE, beside},
    fetched, moment,
    new::write_new,
    recipient,
};
use crate::{args::ChangeArgs, client::Client, document::read_bounded, exit::Exit, output::Output, profile::Profile};
use anyhow::{Context as _, Result, bail};
use relto_formats::{
    api::{Life, SignerSignature, StateChange, Stated},
    base64_bytes::Bytes,
};
use relto_policy::{
    change::{Act, Change},
    signatures::SignatureFile,
};
use relto_report::{crypto::sha256, digest::Digest};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Writes a statement, to be signed and installed.
pub(super) async fn write(session: &Session, args: &ChangeArgs, word: &str) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let to = recipient(&profile, args.nation.as_deref())?;
    let installed = fetched(&profile, &mut client, profile.agreement_with(to)?).await?;
    let life = life(&mut client, &installed.agreement.id).await?;
    let own = profile.nation.to_string();
    let last = life.changes.iter().rfind(|one| one.nation == own);
    let change = Change {
        agreement: installed.agreement.id.clone(),
        version: installed.agreement.digest,
        nation: profile.nation,
        counter: last.map_or(1, |one| one.counter.saturating_add(1)),
        previous: last.map(|one| digest(&one.digest)).transpose()?,
        act: act(word, &life, &own)?,
    };
    let name = || PathBuf::from(format!("{}.{own}-{}-{word}.toml", change.agreement, change.counter));
    let path = args.out.clone().unwrap_or_else(name);
    write_new(&path, &change.write()).context("give --out another name")?;
    let path = path.display().to_string();
    session.output.object(&json!({
        "file": path, "act": word, "agreement": change.agreement, "counter": change.counter, "digest": change.digest().to_string(),
    }))?;
    session.output.line(format!("{path}: change {} of {own} under {}: {word}", change.counter, change.agreement))?;
    session.output.line(format!("next: relto agreement sign {path} --key KEY --nation {own} --office OFFICE"))?;
    session.output.line(format!("then: relto agreement install {path}"))?;
    Ok(Exit::Done)
}

fn act(word: &str, life: &Life, own: &str) -> Result<Act> {
    Ok(match word {
        "suspend" => Act::Suspend,
        "give-notice" => Act::GiveNotice,
        "terminate" => Act::Terminate,
        "renew" => {
            let renewed = life.changes.iter().filter(|one| one.nation == own && one.act == "renew").count();
            Act::Renew(u32::try_from(renewed)?.saturating_add(1))
        }
        _ => {
            if life.suspensions.is_empty() {
                bail!("nothing is suspended, so nothing can be resumed. `relto agreement state` shows how it stands");
            }
            Act::Resume(life.suspensions.iter().map(|one| digest(one)).collect::<Result<_>>()?)
        }
    })
}

fn digest(text: &str) -> Result<Digest> {
    Digest::parse(text).with_context(|| format!("the node names {text:?}, which is no digest"))
}

async fn life(client: &mut Client, id: &str) -> Result<Life> {
    client.get(&format!("/v1/agreements/{id}/changes")).await
}

/// `relto agreement state`.
pub(super) async fn state(session: &Session, given: Option<&str>) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let id = profile.agreement_with(recipient(&profile, given)?)?.to_owned();
    let life = life(&mut client, &id).await?;
    print(session.output, &profile, &id, &life)?;
    Ok(Exit::Done)
}

/// `relto agreement install`.
pub(super) async fn install(session: &Session, file: &Path) -> Result<Exit> {
    let name = file.display().to_string();
    let bytes = read_bounded(file, MAX_FILE)?;
    let change = Change::read(&name, &bytes)
        .map_err(|fault| anyhow::anyhow!("{name}: {}: {fault}", fault.code()))
        .context("a statement of an agreement's life is installed so; new versions of its text are not built yet")?;
    let path = beside(file);
    let signatures = SignatureFile::read(&path.display().to_string(), &read_bounded(&path, MAX_FILE)?)?;
    if signatures.digest != sha256(&[&bytes]) {
        bail!("{}: these signatures are for other bytes than those of {name}", path.display());
    }
    let (profile, mut client) = session.connect().await?;
    let installed = fetched(&profile, &mut client, &change.agreement).await?;
    let party = installed.agreement.party(change.nation);
    let party = party.with_context(|| format!("{} is no Party of {}", change.nation, change.agreement))?;
    let mut list = Vec::new();
    for one in &signatures.signatures {
        let at = party.signers.iter().position(|signer| signer.office == one.office && signer.key == one.key);
        let at = at.with_context(|| format!("{} is not a signer of {} with this key", one.office, change.nation))?;
        list.push(SignerSignature { signer: u8::try_from(at)?, signature: Bytes(one.signature.as_bytes().to_vec()) });
    }
    list.sort_by_key(|one| one.signer);
    let body = StateChange { statement: Bytes(bytes), signatures: list };
    let life: Life = client.post(&format!("/v1/agreements/{}/changes", change.agreement), &body).await?;
    session.output.note(format!("{name}: on record; it acts here now, and at the partner when its log has it"));
    print(session.output, &profile, &change.agreement, &life)?;
    Ok(Exit::Done)
}

fn print(output: Output, profile: &Profile, id: &str, life: &Life) -> Result<()> {
    output.object(&serde_json::to_value(life)?)?;
    output.field("agreement", format!("{id}, {}", life.state))?;
    output.field("we say", &life.ours)?;
    output.field("partner says", &life.partners)?;
    if let Some(ends) = &life.ends {
        output.field("ends", ends)?;
    }
    if life.changes.is_empty() {
        return output.line("neither nation has stated a change");
    }
    let row = |one: &Stated| {
        let leaf = one.leaf.map_or_else(|| "waits for the partner".to_owned(), |at| format!("leaf {at}"));
        let whose = if one.nation == profile.nation.as_str() { "ours" } else { "partner's" };
        vec![moment(one.time), one.nation.clone(), whose.to_owned(), one.counter.to_string(), one.act.clone(), leaf]
    };
    output.table(
        &["time", "nation", "", "change", "states", "in its log"],
        &life.changes.iter().map(row).collect::<Vec<_>>(),
    )
}
