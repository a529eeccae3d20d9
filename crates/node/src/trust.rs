//! Trust while the node runs: files that change are read again, nation by nation; what ends soon is told in time.

use crate::{
    hub::Hub,
    setup::load::{StartFaults, Tls, load_tls},
};
use relto_host::{
    clock,
    tls::{
        expiry::{Expiry, Kind},
        identity::Role,
    },
};
use relto_report::nation::Nation;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    os::unix::fs::MetadataExt as _,
    path::Path,
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::sync::watch;

/// Between two looks at the files. With the look of each session at its own certificate, half a second apart, what was
/// taken away ends within a second.
const LOOK: Duration = Duration::from_millis(250);
/// Between two readings of files that did not change, while a nation's cannot be used: time alone may have mended it.
const AGAIN_MS: u64 = 10_000;
/// Between two looks at what ends soon.
const EXPIRY_MS: u64 = 60_000;

/// TLS as it stands.
pub(crate) fn tls(hub: &Hub) -> Arc<Tls> {
    hub.tls.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The end of every certificate and list that is known here, the nearest first.
pub(crate) fn expiries(hub: &Hub) -> Vec<Expiry> {
    let mut out = tls(hub).expiries();
    out.extend(hub.certificates.seen());
    out.sort_by_key(|one| (one.not_after_ms, one.kind, one.digest));
    out
}

/// Each nation's standing: why nobody of it is let in, if so, and what is wrong with its files.
pub(crate) fn standings(hub: &Hub, now_ms: u64) -> Vec<(Nation, Option<String>, Vec<String>)> {
    let tls = tls(hub);
    tls.nations.iter().map(|(nation, state)| (*nation, state.closed(now_ms), state.faults.clone())).collect()
}

/// The part of the metrics that is about trust.
pub(crate) fn metrics(hub: &Hub) -> String {
    let mut out = String::from(
        "# HELP relto_trust_usable 1 while certificates of the nation are accepted.\n# TYPE relto_trust_usable gauge\n",
    );
    for (nation, closed, _) in standings(hub, clock::now_ms()) {
        let _ = writeln!(out, "relto_trust_usable{{nation=\"{nation}\"}} {}", u64::from(closed.is_none()));
    }
    let all = expiries(hub);
    for (name, help, list) in [
        ("relto_certificate_expires_timestamp_seconds", "End of a certificate or root, Unix time.", false),
        ("relto_crl_next_update_timestamp_seconds", "nextUpdate of a list, Unix time.", true),
    ] {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge");
        for one in all.iter().filter(|one| (one.kind == Kind::Crl) == list) {
            // A person goes by the certificate alone: accounts are in no metric.
            let node = one.who.as_ref().filter(|who| who.role == Role::Node).map_or("", |who| who.name.as_str());
            let (what, nation, digest) = (what(one), one.nation, one.digest);
            let seconds = one.not_after_ms / 1000;
            let labels = format!("what=\"{what}\",nation=\"{nation}\",node=\"{node}\",sha256=\"{digest}\"");
            let _ = writeln!(out, "{name}{{{labels}}} {seconds}");
        }
    }
    out
}

/// The word for what ends: node, person, root or crl.
pub(crate) fn what(one: &Expiry) -> &'static str {
    match (one.kind, one.who.as_ref().map(|who| who.role)) {
        (Kind::Certificate, Some(Role::Node)) => "node",
        (Kind::Certificate, _) => "person",
        (kind @ (Kind::Root | Kind::Crl), _) => kind.word(),
    }
}

/// Looks at the files until told to stop.
pub(crate) async fn watch(hub: Arc<Hub>, mut stop: watch::Receiver<bool>) {
    let (mut seen, mut read_at, mut warned_at) = (stamps(&hub), clock::monotonic_ms(), None);
    told_of_loss(&hub, &BTreeMap::new());
    loop {
        let now = clock::monotonic_ms();
        let (found, again) = (stamps(&hub), now.saturating_sub(read_at) >= AGAIN_MS && is_incomplete(&hub));
        if found != seen || again {
            (seen, read_at) = (found, now);
            let work = hub.clone();
            // A list may have some megabytes.
            let _ = tokio::task::spawn_blocking(move || reload(&work)).await;
            warned_at = None;
        }
        if warned_at.is_none_or(|at| now.saturating_sub(at) >= EXPIRY_MS) {
            warned_at = Some(now);
            warn(&hub);
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => return,
        }
    }
}

fn warn(hub: &Hub) {
    for warning in hub.certificates.due(&expiries(hub), clock::now_ms()) {
        if warning.days == 0 {
            tracing::error!("{warning}");
        } else {
            tracing::warn!("{warning}");
        }
    }
}

fn is_incomplete(hub: &Hub) -> bool {
    let tls = tls(hub);
    tls.unkept.is_some() || tls.own_fault.is_some() || tls.nations.values().any(|state| !state.faults.is_empty())
}

fn reload(hub: &Hub) {
    let before = tls(hub);
    let mut faults = StartFaults::default();
    let Some(new) = load_tls(&hub.config, &hub.links_now(), &hub.files, Some(&before), &mut faults) else {
        tracing::error!(faults = %faults.0.join("; "), "trust was not read again: what was in use stays");
        return;
    };
    if let Some(why) = new.unkept.as_ref().filter(|why| before.unkept.as_ref() != Some(why)) {
        tracing::error!(%why, "the numbers of the CRLs now in use could not be kept");
    }
    if let Some(why) = new.own_fault.as_ref().filter(|why| before.own_fault.as_ref() != Some(why)) {
        tracing::error!(%why, "our own certificate was not read again: the one before stays in use");
    }
    let known = before.nations.iter().map(|(nation, state)| (*nation, state.faults.clone())).collect();
    let changed = new.expiries() != before.expiries();
    *hub.tls.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(new);
    told_of_loss(hub, &known);
    if changed {
        tracing::info!("trust reloaded");
    }
}

/// Tells which nations' files came to be unusable, and which are good again, since `before`.
fn told_of_loss(hub: &Hub, before: &BTreeMap<Nation, Vec<String>>) {
    for (nation, state) in &tls(hub).nations {
        let (known, why) = (before.get(nation).cloned().unwrap_or_default(), state.faults.join("; "));
        if state.faults == known {
            continue;
        }
        match (&state.trust, state.faults.is_empty()) {
            (_, true) => tracing::info!(%nation, "trust of this nation is good again"),
            (Some(_), false) => tracing::error!(
                %nation, %why, "trust of our own nation was not read again: the last good list stays in use until its nextUpdate"
            ),
            (None, false) if *nation == hub.config.nation => {
                tracing::error!(%nation, %why, "trust of our own nation cannot be used: none of our people is let in");
            }
            (None, false) => {
                tracing::error!(%nation, %why, "trust of this nation cannot be used: its links are closed, and no others");
            }
        }
    }
}

/// Time, length and number of a file: what is another in any of them was replaced.
type Stamp = Option<(i64, i64, u64, u64)>;

fn stamps(hub: &Hub) -> Vec<Stamp> {
    let config = &hub.config;
    let files = config.nations.values().flat_map(|files| files.roots.iter().chain(&files.crls));
    files.chain([&config.certificate, &config.key]).map(|path| stamp(path)).collect()
}

fn stamp(path: &Path) -> Stamp {
    let about = std::fs::metadata(path).ok()?;
    Some((about.mtime(), about.mtime_nsec(), about.len(), about.ino()))
}
