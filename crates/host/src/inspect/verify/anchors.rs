//! The Anchors of our logs against the journal: each commits to a head of it, and an entry of it opens each. Whoever cuts
//! the journal cuts such an entry, and the leaf stays, which the partner has. LOG-13

use super::log::Log;
use crate::inspect::{Damage, Inspection};
use relto_audit::{commitment::commit_anchor, leaf::Leaf, origin::Origin, tree::Frontier, verify::MAX_FAULTS};
use relto_exchange::journal::{Act, Entry};
use relto_report::digest::Digest;
use std::collections::BTreeMap;

/// What the journal says of one Anchor.
struct Opening {
    size: u64,
    salt: [u8; 32],
}

/// What is wrong, in words; the first of it.
#[must_use]
pub fn verify(store: &Inspection, logs: &[Log], journal: Origin) -> Vec<String> {
    let mut faults = Vec::new();
    if let Err(damage) = compare(store, logs, journal, &mut faults) {
        faults.push(format!("{damage}. The Anchors were not compared with the journal"));
    }
    faults.truncate(MAX_FAULTS);
    faults
}

fn compare(store: &Inspection, logs: &[Log], journal: Origin, faults: &mut Vec<String>) -> Result<(), Damage> {
    let mut openings = openings(store, journal)?;
    let roots = roots(store, journal, openings.values().map(|opening| opening.size))?;
    for log in logs.iter().filter(|log| log.is_own && !log.is_journal) {
        let mut next = 0;
        loop {
            let page = store.leaves(log.origin, next)?;
            let Some((last, _)) = page.last() else { break };
            next = last.saturating_add(1);
            for (index, stored) in &page {
                let Ok(Leaf::Anchor { commitment, .. }) = Leaf::decode(stored) else { continue };
                let name = format!("{}:{index}", log.name);
                match openings.remove(&(log.origin, *index)) {
                    None => faults.push(format!(
                        "leaf {name} anchors the journal and no entry opens it: the end of the journal is missing"
                    )),
                    Some(Opening { size, salt }) => {
                        let opened = roots.get(&size).map(|root| commit_anchor(&salt, journal, size, root));
                        if opened != Some(commitment) {
                            faults.push(format!("leaf {name} anchors another journal of {size} entries than is here"));
                        }
                    }
                }
            }
        }
    }
    for (_, index) in openings.keys() {
        faults.push(format!("the journal opens an Anchor at leaf {index} of a log, and no leaf there is one"));
    }
    Ok(())
}

/// By log and index.
fn openings(store: &Inspection, journal: Origin) -> Result<BTreeMap<(Origin, u64), Opening>, Damage> {
    let (mut out, mut next) = (BTreeMap::new(), 0);
    loop {
        let page = store.entries(journal, next)?;
        let Some((last, _)) = page.last() else { return Ok(out) };
        next = last.saturating_add(1);
        for entry in page.iter().filter_map(|(_, stored)| Entry::decode(stored).ok()) {
            if let Act::Anchored { log, index, size, salt } = entry.act {
                out.insert((log, index), Opening { size, salt });
            }
        }
    }
}

/// Roots of the journal at these sizes.
fn roots(
    store: &Inspection,
    journal: Origin,
    sizes: impl Iterator<Item = u64>,
) -> Result<BTreeMap<u64, Digest>, Damage> {
    let mut out: BTreeMap<u64, Digest> = sizes.map(|size| (size, relto_audit::tree::empty_root())).collect();
    let (mut frontier, mut next) = (Frontier::new(), 0);
    loop {
        let page = store.entries(journal, next)?;
        let Some((last, _)) = page.last() else { break };
        next = last.saturating_add(1);
        for (_, stored) in &page {
            frontier.push(stored);
            if let Some(root) = out.get_mut(&frontier.size()) {
                *root = frontier.root();
            }
        }
    }
    out.retain(|size, _| *size <= frontier.size());
    Ok(out)
}
