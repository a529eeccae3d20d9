//! `relto agreement suspend|resume|give-notice|renew|terminate|adopt|measure`, `state`, `install`: statements of the
//! signers that change how an agreement stands, and new versions of its text.

use super::{
    agreement_file::{MAX_FILE, beside},
    nations::{nation, recipient},
    new_file::write_new,
};
use crate::{
    args::{ChangeArgs, MeasureArgs},
    cache::{self, Installed},
    client::Client,
    document::read_bounded,
    exit::Exit,
    output::{Output, moment},
    profile::Profile,
    session::Session,
};
use anyhow::{Context as _, Result, bail};
use relto_formats::{
    api::{
        ChangeWord, Life, MeasureTaken, NewVersion, SignerSignature, StateChange, Stated, VersionStands, VersionState,
    },
    base64_bytes::Bytes,
};
use relto_policy::{
    agreement::{self, Agreement, Does},
    change::{Act, Change, Measure, Restricts},
    signatures::SignatureFile,
};
use relto_report::{crypto::sha256, digest::Digest};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Writes a statement, to be signed and installed.
pub(super) async fn write(session: &Session, args: &ChangeArgs, word: &str) -> Result<Exit> {
    let with = args.nation.as_deref();
    state_next(session, with, args.out.clone(), |life, _, own| act(word, life, own)).await
}

/// `relto agreement adopt`.
pub(super) async fn adopt(session: &Session, file: &Path, out: Option<PathBuf>) -> Result<Exit> {
    let name = file.display().to_string();
    let version = Agreement::read(&name, &read_bounded(file, MAX_FILE)?)?;
    let profile = session.profile()?;
    let partner = version.partner_of(profile.nation);
    let partner = partner.with_context(|| format!("{name}: {} is no Party of {}", profile.nation, version.id))?;
    let digest = version.digest.to_string();
    state_next(session, Some(partner.as_str()), out, |life, installed, _| {
        if version.id != installed.agreement.id {
            bail!("{name} is a version of {}, and the profile's agreement is {}", version.id, installed.agreement.id);
        }
        if !life.versions.iter().any(|one| one.digest == digest && one.version.is_some()) {
            bail!("{name} is not installed on the node. First: relto agreement install {name}");
        }
        Ok(Act::Adopt(version.digest))
    })
    .await
}

/// `relto agreement measure`.
pub(super) async fn measure(session: &Session, args: &MeasureArgs) -> Result<Exit> {
    state_next(session, args.with.as_deref(), args.out.clone(), |life, installed, own| match (args.step, args.lift) {
        (_, Some(counter)) => {
            let ours = life.measures.iter().find(|one| one.nation == own && one.counter == counter);
            let one = ours.with_context(|| format!("change {counter} of {own} is no measure in force"))?;
            Ok(Act::Resume(vec![digest(&one.digest)?]))
        }
        (Some(step), None) => {
            let known = installed.agreement.duties.measures.iter().find(|one| one.step == step);
            let known =
                known.with_context(|| format!("{} has no [[measure]] of step {step}", installed.agreement.id))?;
            Ok(Act::Measure(Measure { step, restricts: restricts(known.does, args)? }))
        }
        (None, None) => bail!("give a step, or --lift and the number of our change"),
    })
    .await
}

/// What a step bears on, from the arguments that it needs and no others.
fn restricts(does: Does, args: &MeasureArgs) -> Result<Restricts> {
    let given = (args.from.as_deref(), args.topic.as_deref(), args.level);
    Ok(match (does, given) {
        (Does::Reminder, (None, None, None)) => Restricts::Nothing,
        (Does::SuspendAgreement, (None, None, None)) => Restricts::Agreement,
        (Does::HoldTopic, (Some(from), Some(topic), None)) => Restricts::Topic(nation(from)?, topic.to_owned()),
        (Does::LowerLevel, (Some(from), None, Some(level))) => Restricts::Level(nation(from)?, level),
        (Does::SuspendDirection, (Some(from), None, None)) => Restricts::Direction(nation(from)?),
        (Does::Reminder | Does::SuspendAgreement, _) => bail!("{} takes no --from, --topic or --level", does.word()),
        (Does::HoldTopic, _) => bail!("hold-topic takes --from NATION and --topic TOPIC"),
        (Does::LowerLevel, _) => bail!("lower-level takes --from NATION and --level LEVEL"),
        (Does::SuspendDirection, _) => bail!("suspend-direction takes --from NATION"),
    })
}

/// Writes the next statement of our own, of the act that how things stand gives.
async fn state_next(
    session: &Session,
    with: Option<&str>,
    out: Option<PathBuf>,
    act: impl FnOnce(&Life, &Installed, &str) -> Result<Act>,
) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let to = recipient(&profile, with)?;
    let installed = cache::refresh(&profile, &mut client, profile.agreement_with(to)?).await?;
    let life = life(&mut client, &installed.agreement.id).await?;
    let own = profile.nation.to_string();
    let last = life.changes.iter().rfind(|one| one.nation == own);
    // Our signers state it under the version that we have adopted last.
    let pending = life.versions.iter().rfind(|one| one.state == VersionState::Pending && one.adopted_by.contains(&own));
    let change = Change {
        agreement: installed.agreement.id.clone(),
        version: pending.map_or(Ok(installed.agreement.digest), |one| digest(&one.digest))?,
        nation: profile.nation,
        counter: last.map_or(1, |one| one.counter.saturating_add(1)),
        previous: last.map(|one| digest(&one.digest)).transpose()?,
        act: act(&life, &installed, &own)?,
    };
    let word = change.act.word();
    let name = || PathBuf::from(format!("{}.{own}-{}-{word}.toml", change.agreement, change.counter));
    let path = out.unwrap_or_else(name);
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
            let renewed = life.changes.iter().filter(|one| one.nation == own && one.act == ChangeWord::Renew).count();
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
    let beside = beside(file);
    let signed = read_bounded(&beside, MAX_FILE)?;
    let signatures = SignatureFile::read(&beside.display().to_string(), &signed)?;
    if signatures.digest != sha256(&[&bytes]) {
        bail!("{}: these signatures are for other bytes than those of {name}", beside.display());
    }
    match Change::read(&name, &bytes) {
        Ok(change) => install_change(session, (&name, bytes), &change, &signatures).await,
        // No statement: it says of itself what it is, and if it is an agreement its own reader tells every fault.
        Err(_) if declares_agreement(&bytes) => install_version(session, &name, bytes, signed).await,
        Err(fault) => bail!("{name}: {}: {fault}", fault.code()),
    }
}

fn declares_agreement(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let format = text.lines().find_map(|line| line.trim().strip_prefix("format"));
    format.is_some_and(|rest| rest.contains(agreement::FORMAT))
}

async fn install_version(session: &Session, name: &str, file: Vec<u8>, signatures: Vec<u8>) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let version = Agreement::read(name, &file)?;
    cache::verify_pinned(&profile.signers, &version, &file, &signatures)?;
    let body = NewVersion { file: Bytes(file), signatures: Bytes(signatures) };
    let life: Life = client.post(&format!("/v1/agreements/{}/versions", version.id), &body).await?;
    session.output.note(format!(
        "{name}: version {} is here and binds nobody yet. next: relto agreement adopt {name}",
        version.version
    ));
    print(session.output, &profile, &version.id, &life)?;
    Ok(Exit::Done)
}

async fn install_change(
    session: &Session,
    (name, bytes): (&str, Vec<u8>),
    change: &Change,
    signatures: &SignatureFile,
) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let installed = cache::refresh(&profile, &mut client, &change.agreement).await?;
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
    output.field("we say", life.ours)?;
    output.field("partner says", life.partners)?;
    if let Some(ends) = &life.ends {
        output.field("ends", ends)?;
    }
    if life.versions.len() > 1 {
        let row = |one: &VersionStands| {
            let number = one.version.map_or_else(|| "not installed here".to_owned(), |number| number.to_string());
            vec![number, one.state.to_string(), one.adopted_by.join(", "), one.digest.clone()]
        };
        output.table(&["version", "", "adopted by", "digest"], &life.versions.iter().map(row).collect::<Vec<_>>())?;
    }
    if !life.measures.is_empty() {
        let row = |one: &MeasureTaken| {
            vec![one.step.to_string(), one.does.clone(), one.on.clone(), one.nation.clone(), one.counter.to_string()]
        };
        let rows: Vec<Vec<String>> = life.measures.iter().map(row).collect();
        output.table(&["step", "measure", "on", "taken by", "its change"], &rows)?;
    }
    if life.changes.is_empty() {
        return output.line("neither nation has stated a change");
    }
    let row = |one: &Stated| {
        let leaf = one.leaf.map_or_else(|| "waits for the partner".to_owned(), |at| format!("leaf {at}"));
        let whose = if one.nation == profile.nation.as_str() { "ours" } else { "partner's" };
        vec![moment(one.time), one.nation.clone(), whose.to_owned(), one.counter.to_string(), one.act.to_string(), leaf]
    };
    output.table(
        &["time", "nation", "", "change", "states", "in its log"],
        &life.changes.iter().map(row).collect::<Vec<_>>(),
    )
}
