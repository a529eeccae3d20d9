//! `relto audit verify`: every log of a stored node and the rows beside them, offline, from nothing but its files. API-16

use super::agreement_file::beside;
use crate::{
    cache::verify_pinned,
    document::read_bounded,
    exit::Exit,
    node_files::{MAX_FILE, NodeFiles},
    output::{NotVerified, Output},
    progress::Bar,
    session::Session,
};
use anyhow::{Context as _, Result, anyhow, bail};
use relto_audit::origin::Origin;
use relto_host::{
    heads::{HeadRing, Heads},
    inspect::{
        self, Inspection,
        verify::{
            anchors,
            log::{self, Found, Log},
            records::{self, Link},
        },
    },
    keys::load_secret32,
};
use relto_policy::{agreement::Agreement, signatures::verify_agreement};
use serde_json::json;
use std::{path::Path, thread};
use zeroize::Zeroizing;

/// Verifies; exit 4 on any fault.
pub(crate) fn verify(session: &Session, config: &Path, only: &[String]) -> Result<Exit> {
    let files = NodeFiles::read(config)?;
    let mut faults = Vec::new();
    // Heads are written before they leave the node and after their leaves are on the disk: read first, they bound what
    // the database must hold.
    let heads = read_heads(&files, &mut faults);
    let sound = verify_store(session, &files, (&heads, true), (only, faults))?;
    session.output.line(match sound {
        Some(logs) => format!("{logs} logs verified"),
        None => "NOT VERIFIED: keep database and head file as they are, and let an auditor look before the node starts"
            .to_owned(),
    })?;
    Ok(if sound.is_some() { Exit::Done } else { Exit::NotVerified })
}

/// Verifies a database against heads that it must hold; of a copy these are not a head file's. How many logs, where nothing is
/// wrong.
pub(super) fn verify_store(
    session: &Session,
    files: &NodeFiles,
    (heads, of_file): (&Heads, bool),
    (only, mut faults): (&[String], Vec<String>),
) -> Result<Option<usize>> {
    let agreements = agreements(session, files, &mut faults)?;
    let logs = logs(files, &agreements)?;
    if let Some(unknown) = only.iter().find(|name| !logs.iter().any(|log| log.name == **name)) {
        let known: Vec<&str> = logs.iter().map(|log| log.name.as_str()).collect();
        bail!("--log {unknown} is no log of this node. Known: {}", known.join(", "));
    }
    let key = load_secret32(&files.storage_key)?;
    let store = open(files, &key)?;
    if only.is_empty() {
        strangers(&store, &logs, heads, &mut faults);
        if of_file {
            named_write(&store, files, &mut faults);
        }
        faults.extend(anchors::verify(&store, &logs, inspect::journal_of(files.nation)));
    }
    let chosen: Vec<&Log> = logs.iter().filter(|log| only.is_empty() || only.contains(&log.name)).collect();
    let (mut sound, links) = (true, links(&agreements, &logs));
    // The rows beside the logs are as much work as the logs, and want nothing of it.
    let beside = only.is_empty().then(|| open(files, &key)).transpose()?;
    let found = thread::scope(|scope| {
        let journal = inspect::journal_of(files.nation);
        let records = beside.map(|beside| scope.spawn(move || records::verify(&beside, &links, journal)));
        for log in &chosen {
            let mut bar = None;
            let mut on_way = |at, of| bar.get_or_insert_with(|| Bar::new(&log.name, of, "leaves")).at(at);
            let found = log::verify(&store, log, heads.of(log.origin), &mut on_way);
            drop(bar);
            print(session.output, log, &found)?;
            sound &= found.is_sound();
        }
        let bar = records.as_ref().map(|_| Bar::new("records", 1, "pass"));
        let found = records.map(|records| records.join().map_err(|_| anyhow!("the look at the rows ended in a fault")));
        drop(bar);
        found.transpose()
    })?;
    if let Some(found) = found {
        print_records(session.output, &found)?;
        sound &= found.fault_count == 0;
        segments(session.output, &store, &mut faults)?;
    }
    for fault in &faults {
        session.output.object(&json!({ "fault": fault }))?;
        session.output.line(format!("FAULT  {fault}"))?;
    }
    sound &= faults.is_empty();
    session.output.object(&json!({ "verified": sound, "logs": chosen.len() }))?;
    Ok(sound.then_some(chosen.len()))
}

fn open(files: &NodeFiles, key: &Zeroizing<[u8; 32]>) -> Result<Inspection> {
    match Inspection::open(&files.database, key) {
        Ok(store) => Ok(store),
        Err(fault) if inspect::is_damage(&fault) => Err(NotVerified(fault.to_string()).into()),
        Err(fault) => Err(anyhow!("{fault}")),
    }
}

/// Each link's agreement, with its signatures verified; by pinned keys where a profile has them.
fn agreements(session: &Session, files: &NodeFiles, faults: &mut Vec<String>) -> Result<Vec<Agreement>> {
    let pins = session.profile.is_some().then(|| session.profile()).transpose()?.map(|profile| profile.signers);
    let mut out = Vec::new();
    for path in &files.agreements {
        let bytes = read_bounded(path, MAX_FILE)?;
        let agreement = Agreement::read(&path.display().to_string(), &bytes)?;
        let verified = read_bounded(&beside(path), MAX_FILE).and_then(|signatures| match &pins {
            Some(pins) => verify_pinned(pins, &agreement, &bytes, &signatures),
            None => verify_agreement(&agreement, &bytes, &signatures).map_err(anyhow::Error::from),
        });
        let signed = verified.map_err(|fault| faults.push(format!("{}: {fault:#}", beside(path).display())));
        let offices: Vec<String> = signed.unwrap_or_default().into_iter().map(|one| one.office).collect();
        session.output.object(&json!({
            "agreement": agreement.id, "version": agreement.version, "signed_by": offices, "signers_pinned": pins.is_some(),
        }))?;
        if !offices.is_empty() {
            let by = if pins.is_some() { "pinned keys" } else { "keys that it names itself" };
            session.output.line(format!(
                "agreement {} version {}: signed by {} ({by})",
                agreement.id,
                agreement.version,
                offices.join(", ")
            ))?;
        }
        out.push(agreement);
    }
    Ok(out)
}

/// Both logs of each agreement, and the journal.
fn logs(files: &NodeFiles, agreements: &[Agreement]) -> Result<Vec<Log>> {
    let own = files.nation;
    let mut out = Vec::new();
    for agreement in agreements {
        let id = &agreement.id;
        let partner = agreement.partner_of(own).with_context(|| format!("{own} is no Party of {id}"))?;
        for (owner, follower) in [(own, partner), (partner, own)] {
            let key = agreement.party(owner).with_context(|| format!("{owner} is no Party of {id}"))?.seal_key;
            let name = format!("{owner}>{follower}");
            let what = if owner == own {
                format!("our log of {id}")
            } else {
                format!("our copy of the partner's log of {id}")
            };
            out.push(Log {
                name,
                what,
                origin: Origin::new(id, owner, 0),
                key,
                is_own: owner == own,
                is_journal: false,
            });
        }
    }
    let mut own_logs = out.iter().filter(|log| log.is_own);
    let key = own_logs.nth(files.of_journal).map(|log| log.key).context("the configuration names no [[link]]")?;
    let origin = inspect::journal_of(own);
    out.push(Log {
        name: "journal".to_owned(),
        what: format!("the journal of {own}"),
        origin,
        key,
        is_own: true,
        is_journal: true,
    });
    Ok(out)
}

/// Both logs of each agreement, as [`logs`] puts them: ours, then the partner's.
fn links<'a>(agreements: &'a [Agreement], logs: &'a [Log]) -> Vec<Link<'a>> {
    let pairs = logs.chunks_exact(2).zip(agreements);
    let link = |(pair, agreement): (&'a [Log], &'a Agreement)| match pair {
        [own, partner] => Some(Link { agreement: &agreement.id, own, partner }),
        _ => None,
    };
    pairs.filter_map(link).collect()
}

/// What the head file says.
fn read_heads(files: &NodeFiles, faults: &mut Vec<String>) -> Heads {
    match HeadRing::read(&files.head_file) {
        Ok(heads) => {
            faults.extend(heads.gap().map(|gap| format!("head file {}: {gap}", files.head_file.display())));
            heads
        }
        Err(error) => {
            faults.push(format!(
                "head file {}: {error}. Without it a database that was rolled back cannot be told from a whole one",
                files.head_file.display()
            ));
            Heads::default()
        }
    }
}

/// The write of the head file that the database names is in it. The file is read once more: a running node writes it
/// before the database, so that it is never behind what was read before. HED-6
fn named_write(store: &Inspection, files: &NodeFiles, faults: &mut Vec<String>) {
    let Ok(heads) = HeadRing::read(&files.head_file) else { return };
    match store.head_write() {
        Ok(Some(named)) => {
            faults.extend(heads.lacks(&named).map(|gap| format!("head file {}: {gap}", files.head_file.display())));
        }
        // A store that has just been made names none yet.
        Ok(None) if heads.last().is_none_or(|last| last.number <= 1) => {}
        Ok(None) => {
            faults.push("the database does not name the write of the head file that its heads were in".to_owned())
        }
        Err(damage) => faults.push(format!("the write of the head file that the database names: {damage}")),
    }
}

/// What lies in the store or head file and belongs to no log that is verified.
fn strangers(store: &Inspection, logs: &[Log], heads: &Heads, faults: &mut Vec<String>) {
    let known = |origin: &Origin| logs.iter().any(|log| log.origin == *origin);
    for origin in store.logs().filter(|origin| !known(origin)) {
        faults.push(format!("log {origin} is of no agreement in the configuration and was not verified"));
    }
    for (origin, _) in heads.newest().filter(|(origin, _)| !known(origin)) {
        faults.push(format!("the head file holds a head of {origin}, which is of no agreement in the configuration"));
    }
    let journal = logs.iter().find(|log| log.is_journal).map(|log| log.origin);
    match journal.map_or(Ok(0), |journal| store.strays(journal)) {
        Ok(0) => {}
        Ok(count) => faults.push(format!("{count} rows belong to no log")),
        Err(damage) => faults.push(damage.to_string()),
    }
}

fn print(output: Output, log: &Log, found: &Found) -> Result<()> {
    output.object(&json!({
        "log": log.name, "what": log.what, "origin": log.origin.to_string(), "sound": found.is_sound(),
        "size": found.size, "root": found.root.to_string(), "checkpoints": found.checkpoints, "payloads": found.payloads,
        "details": found.details, "unsigned": found.unsigned, "disordered": found.disordered, "faults": found.faults, "fault_count": found.fault_count,
    }))?;
    let mut counts = format!("{} leaves, {} checkpoints", found.size, found.checkpoints);
    if !log.is_journal {
        counts.push_str(&format!(", {} payloads", found.payloads));
    }
    if log.is_own && !log.is_journal {
        counts.push_str(&format!(", {} private details", found.details));
    }
    if found.unsigned > 0 {
        counts.push_str(&format!("; the last {} not signed yet", found.unsigned));
    }
    if found.disordered > 0 {
        counts.push_str(&format!("; {} with a time before an earlier one's, by its owner", found.disordered));
    }
    let word = if found.is_sound() { "ok" } else { "FAULT" };
    output.line(format!("{word:<6} {:<10} {}: {counts}", log.name, log.what))?;
    print_faults(output, &found.faults, found.fault_count)
}

fn print_records(output: Output, found: &records::Found) -> Result<()> {
    let sound = found.fault_count == 0;
    output.object(&json!({
        "records": sound, "outbox": found.outbox, "inbox": found.inbox, "awaited": found.awaited,
        "submissions": found.submissions, "faults": found.faults, "fault_count": found.fault_count,
    }))?;
    let word = if sound { "ok" } else { "FAULT" };
    output.line(format!(
        "{word:<6} records    as the leaves have it: {} sent, {} received, {} awaited, {} submissions",
        found.outbox, found.inbox, found.awaited, found.submissions
    ))?;
    print_faults(output, &found.faults, found.fault_count)
}

/// The files of bodies outside the database, where there are any. STO-4
fn segments(output: Output, store: &Inspection, faults: &mut Vec<String>) -> Result<()> {
    let found = match store.segments() {
        Ok(found) => found,
        Err(damage) => {
            faults.push(format!("segment files: {damage}"));
            return Ok(());
        }
    };
    output.object(&json!({
        "segments": found.faults.is_empty(), "files": found.files, "bytes": found.live, "erased_bytes": found.dead,
    }))?;
    if found.files > 0 {
        let word = if found.faults.is_empty() { "ok" } else { "FAULT" };
        output.line(format!(
            "{word:<6} segments   {} files beside the database: {} bytes of texts, {} of erased ones",
            found.files, found.live, found.dead
        ))?;
    }
    faults.extend(found.faults);
    Ok(())
}

fn print_faults(output: Output, faults: &[String], count: u64) -> Result<()> {
    faults.iter().try_for_each(|fault| output.line(format!("         {fault}")))?;
    let more = count.saturating_sub(u64::try_from(faults.len()).unwrap_or(0));
    if more > 0 { output.line(format!("         and {more} more")) } else { Ok(()) }
}
