//! Agreements as they were last fetched, verified against the profile's pinned signer keys each time they are used.
//!
//! One file an agreement: the node's answer and when it came. Nothing in it is believed for being there.

use crate::{
    client::Client,
    output::{NotVerified, Output},
    profile::Profile,
};
use anyhow::{Context as _, Result, anyhow, bail};
use relto_formats::api;
use relto_host::{clock, files};
use relto_policy::{
    agreement::Agreement,
    signatures::{Signed, verify_agreement},
};
use relto_report::{
    calendar::Timestamp,
    crypto::{PublicKey, sha256},
    file::SERIAL_PREFIXES,
    nation::Nation,
    register::Register,
    vocabulary::Vocabulary,
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

/// An agreement with all that its reports are read by.
pub struct Installed {
    /// The agreement, verified k of n.
    pub agreement: Agreement,
    /// The other Party.
    pub partner: Nation,
    /// Both Parties' registers.
    pub registers: BTreeMap<Nation, Register>,
    /// The word lists.
    pub vocabulary: Vocabulary,
    /// Who signed.
    pub signed: Vec<Signed>,
    /// When the node gave it.
    pub fetched: Timestamp,
    /// The node's answer, for evidence.
    pub body: api::Agreement,
}

impl Installed {
    /// A Party's register.
    ///
    /// # Errors
    /// For a nation that is no Party.
    pub fn register(&self, nation: Nation) -> Result<&Register> {
        self.registers.get(&nation).ok_or_else(|| anyhow!("{nation} is no Party of {}", self.agreement.id))
    }

    /// First letters of serials that no descriptor may have: those of the nation's rules, as the node gave them. R057
    #[must_use]
    pub fn serial_prefixes(&self) -> Vec<&str> {
        let own = self.body.source_serials.as_ref();
        own.map_or_else(|| SERIAL_PREFIXES.to_vec(), |list| list.iter().map(String::as_str).collect())
    }

    /// The words by which a real event is told inside an exercise: both registers' and the agreement's.
    #[must_use]
    pub fn real_world_words(&self) -> Vec<&str> {
        let agreed = self.agreement.duties.exercise.as_ref().map(|one| one.real_world_word.as_str());
        let mut words: Vec<&str> = self
            .registers
            .values()
            .map(|one| one.real_world.as_str())
            .chain(agreed)
            .filter(|one| !one.is_empty())
            .collect();
        words.sort_unstable();
        words.dedup();
        words
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: String,
    fetched: u64,
    agreement: api::Agreement,
}

const FORMAT: &str = "relto-agreement-cache/1";

/// The agreement of this id as last fetched; `None`: never.
///
/// # Errors
/// [`NotVerified`] where it does not hold, or the system's error.
pub fn load(profile: &Profile, id: &str) -> Result<Option<Installed>> {
    let path = file_of(profile, id)?;
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| path.display().to_string()),
    };
    let stored: Stored =
        serde_json::from_slice(&bytes).ok().filter(|stored: &Stored| stored.format == FORMAT).with_context(|| {
            format!("{}: not a cached agreement of this version. Delete it and fetch again", path.display())
        })?;
    judge(profile, id, stored.agreement, Timestamp::from_millis(stored.fetched)).map(Some)
}

/// Fetches the agreement of this id, verifies it and keeps it.
///
/// # Errors
/// [`NotVerified`] where it does not hold or is older than the one that is kept; the connection's error.
pub async fn refresh(profile: &Profile, client: &mut Client, id: &str) -> Result<Installed> {
    let body: api::Agreement = client.get(&format!("/v1/agreements/{id}")).await?;
    let fetched = clock::now_ms();
    let installed = judge(profile, id, body.clone(), Timestamp::from_millis(fetched))?;
    if let Ok(Some(kept)) = load(profile, id)
        && kept.agreement.version > installed.agreement.version
    {
        let (old, new) = (kept.agreement.version, installed.agreement.version);
        return Err(
            NotVerified(format!("{id}: the node gave version {new}, and version {old} was signed before")).into()
        );
    }
    let stored = Stored { format: FORMAT.to_owned(), fetched, agreement: body };
    let kept = write_whole(&file_of(profile, id)?, &serde_json::to_vec(&stored)?);
    // What was fetched and verified is as good where it cannot be kept.
    if let Err(error) = kept {
        let _ = writeln!(io::stderr(), "agreement {id} was fetched and could not be kept: {error:#}");
    }
    Ok(installed)
}

/// Seconds after which a kept agreement is no longer taken for the one in force without asking.
const STALE_SECONDS: i64 = 24 * 60 * 60;
/// How long a node that does not answer is waited for where there is a kept agreement.
const ASKED: Duration = Duration::from_secs(3);

/// The kept agreement, where it was fetched within a day; an older one is asked for first, and used with a note where no
/// node answers. The first time it is fetched. The node is sent nothing but the agreement's id. API-43
///
/// # Errors
/// As [`load`] and [`refresh`]; that it was never fetched, with the reason why it cannot be now.
pub async fn current(output: Output, profile: &Profile, id: &str) -> Result<Installed> {
    let fetched = async { refresh(profile, &mut Client::connect(profile).await?, id).await };
    let Some(kept) = load(profile, id)? else {
        let path = file_of(profile, id)?;
        let with = profile.agreements.iter().find(|(_, known)| *known == id).map(|(nation, _)| *nation);
        let installed = match fetched.await {
            Ok(installed) => installed,
            Err(why) => {
                let show = with.map_or_else(String::new, |nation| nation.to_string());
                output.note(format!(
                    "{} is not there. Once `relto agreement show {show}` has fetched it, this needs no node",
                    path.display()
                ));
                // Short, because what is to be mended comes behind it.
                return Err(why.context(format!("agreement {id} cannot be fetched")));
            }
        };
        output.note(format!("agreement {id} fetched from node {}; nothing of the report was sent", profile.node));
        return Ok(installed);
    };
    if !is_stale(kept.fetched, clock::now_ms()) {
        return Ok(kept);
    }
    let why = match tokio::time::timeout(ASKED, fetched).await {
        Ok(Ok(installed)) => return Ok(installed),
        Ok(Err(error)) if error.is::<NotVerified>() => return Err(error),
        Ok(Err(error)) => format!("{error:#}"),
        Err(_) => "the node does not answer".to_owned(),
    };
    output.note(format!(
        "agreement {id} is as of {}, more than a day ago, and may have changed since; it could not be fetched again: {why}",
        kept.fetched
    ));
    Ok(kept)
}

/// Whether an agreement that was fetched then is to be asked for again. A clock that went back makes every age unknown.
fn is_stale(fetched: Timestamp, now_ms: u64) -> bool {
    let age = Timestamp::from_millis(now_ms).seconds().saturating_sub(fetched.seconds());
    !(0..=STALE_SECONDS).contains(&age)
}

/// The kept agreement, else the node's.
///
/// # Errors
/// As [`load`] and [`refresh`].
pub async fn load_or_fetch(profile: &Profile, id: &str) -> Result<Installed> {
    if let Some(installed) = load(profile, id)? {
        return Ok(installed);
    }
    let mut client = Client::connect(profile).await?;
    refresh(profile, &mut client, id).await
}

fn file_of(profile: &Profile, id: &str) -> Result<PathBuf> {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-';
    if !(3..=40).contains(&id.len()) || !id.bytes().all(plain) {
        bail!("agreement id {id:?} must have 3 to 40 of A-Z, 0-9 and -");
    }
    Ok(profile.cache.join(format!("{id}.json")))
}

/// An agreement with its registers and vocabulary, verified against the profile's pins.
///
/// # Errors
/// [`NotVerified`] saying what does not hold.
pub fn judge(profile: &Profile, id: &str, body: api::Agreement, fetched: Timestamp) -> Result<Installed> {
    let file = &body.file.0;
    let agreement = Agreement::read(id, file)?;
    let not = |what: String| anyhow::Error::from(NotVerified(format!("agreement {id}: {what}")));
    if agreement.id != id {
        return Err(not(format!("the file is of {}", agreement.id)));
    }
    let signed = verify_pinned(&profile.signers, &agreement, file, &body.signatures.0)?;
    let partner = agreement.partner_of(profile.nation).ok_or_else(|| not(format!("{} is no Party", profile.nation)))?;
    let vocabulary = Vocabulary::read("vocabulary", &body.vocabulary.0)?;
    if vocabulary.digest != agreement.registers.vocabulary {
        return Err(not("the vocabulary is another than it names".to_owned()));
    }
    let mut registers = BTreeMap::new();
    for nation in agreement.parties {
        let bytes = body.registers.get(nation.as_str()).ok_or_else(|| not(format!("no register of {nation}")))?;
        if Some(sha256(&[&bytes.0])) != agreement.register_digest(nation) {
            return Err(not(format!("the register of {nation} is another than it names")));
        }
        registers.insert(nation, Register::read(&format!("register of {nation}"), &bytes.0)?);
    }
    Ok(Installed { agreement, partner, registers, vocabulary, signed, fetched, body })
}

/// Verifies an agreement's signatures k of n, counting only offices whose key is pinned. API-9
///
/// # Errors
/// [`NotVerified`] saying which signature or pin is wrong or missing.
pub fn verify_pinned(
    pins: &BTreeMap<(Nation, String), PublicKey>,
    agreement: &Agreement,
    file: &[u8],
    signatures: &[u8],
) -> Result<Vec<Signed>> {
    let not = |what: String| NotVerified(format!("agreement {}: {what}", agreement.id));
    let signed = verify_agreement(agreement, file, signatures).map_err(|fault| not(fault.to_string()))?;
    for party in &agreement.party {
        let pin = |office: &str| pins.get(&(party.nation, office.to_owned()));
        if let Some(other) = party.signers.iter().find(|one| pin(&one.office).is_some_and(|key| *key != one.key)) {
            return Err(not(format!("the key of {} is not the one that the profile pins", other.office)).into());
        }
        let counts = |one: &&Signed| one.nation == party.nation && pin(&one.office).is_some();
        let (have, need) = (signed.iter().filter(counts).count(), party.quorum.sign);
        if u32::try_from(have).is_ok_and(|have| have < need) {
            let nation = party.nation;
            let what = format!(
                "{have} of {need} signatures of {nation} are by keys that the profile pins. Compare the keys of its \
                 signers over another channel and write them under [signers.{nation}]"
            );
            return Err(not(what).into());
        }
    }
    Ok(signed)
}

/// Writes a file whole or not at all, for its owner alone.
///
/// # Errors
/// The system's error.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = files::folder_of(path);
    let told = || path.display().to_string();
    files::create_folder(folder).with_context(told)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).with_context(told)?;
    file.write_all(bytes).with_context(told)?;
    file.as_file().sync_all().with_context(told)?;
    file.persist(path).map_err(|error| error.error).with_context(told)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_43_an_agreement_is_asked_for_again_after_a_day_and_where_the_clock_went_back() {
        let fetched = Timestamp::from_seconds(1_800_000_000);
        let at = |seconds: u64| is_stale(fetched, (1_800_000_000 + seconds) * 1000);
        assert!(!at(0) && !at(86_400) && at(86_401));
        assert!(is_stale(fetched, 1_799_999_999_000));
    }
}
