//! Which copies are kept, and which are there.

use super::manifest::{BodiesIndex, Manifest};
use anyhow::{Context as _, Result};
use relto_host::files;
use relto_report::calendar::Timestamp;
use serde_json::json;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    str::FromStr,
};

/// What a node knows of its copies: one line each.
const NOTE: &str = "backups";
const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// How many copies are kept, the newest of all always: the newest of so many hours, days and weeks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Keep {
    hours: usize,
    days: usize,
    weeks: usize,
}

impl FromStr for Keep {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let counts: Option<Vec<usize>> = text.split(',').map(|one| one.trim().parse().ok()).collect();
        match counts.as_deref() {
            Some([hours, days, weeks]) if hours + days + weeks > 0 => {
                Ok(Self { hours: *hours, days: *days, weeks: *weeks })
            }
            _ => Err(
                "three counts and not all of them 0, such as 24,7,4: of how many hours, days and weeks a copy is kept",
            ),
        }
    }
}

impl Keep {
    /// Which of these moments, oldest first, are kept. STO-14
    fn of(self, times: &[Timestamp]) -> Vec<bool> {
        let mut kept = vec![false; times.len()];
        for (seconds, most) in [(HOUR, self.hours), (DAY, self.days), (WEEK, self.weeks)] {
            let mut seen = BTreeSet::new();
            for (time, kept) in times.iter().zip(&mut kept).rev() {
                let is_new = seen.len() < most && seen.insert(time.seconds().div_euclid(seconds));
                *kept |= is_new;
            }
        }
        if let Some(newest) = kept.last_mut() {
            *newest = true;
        }
        kept
    }
}

/// The folder of a copy of this moment.
pub(super) fn name_of(time: Timestamp) -> String {
    time.to_string().replace(['-', ':'], "")
}

/// All whole copies in a folder of copies, oldest first.
pub(crate) fn list(dir: &Path) -> Result<Vec<(PathBuf, Manifest)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let path = entry?.path();
        let Ok(manifest) = Manifest::read(&path) else { continue };
        // What is named otherwise is no copy of ours, or one that broke off.
        let named = Timestamp::parse(&manifest.time).map(name_of);
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let rest = named.and_then(|named| name.strip_prefix(&named));
        if rest.is_some_and(|rest| rest.is_empty() || rest.strip_prefix('-').is_some_and(|n| n.parse::<u8>().is_ok())) {
            all.push((path, manifest));
        }
    }
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(all)
}

/// Takes away the copies that are not kept, and files of bodies that none of the others names.
pub(super) fn prune(dir: &Path, keep: Keep) -> Result<Vec<PathBuf>> {
    let all = list(dir)?;
    let times: Vec<Timestamp> = all.iter().filter_map(|(_, one)| Timestamp::parse(&one.time)).collect();
    let mut gone = Vec::new();
    for ((path, _), kept) in all.iter().zip(keep.of(&times)) {
        if !kept {
            // Without its manifest it is no copy, from the first moment on.
            fs::remove_file(path.join("manifest.json")).with_context(|| path.display().to_string())?;
            fs::remove_dir_all(path).with_context(|| path.display().to_string())?;
            gone.push(path.clone());
        }
    }
    if !gone.is_empty() {
        let folders: BTreeSet<PathBuf> = all.iter().map(|(path, one)| one.bodies_folder(path)).collect();
        let left = list(dir)?;
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            drop_unnamed(folder, &left)?;
        }
    }
    Ok(gone)
}

fn drop_unnamed(folder: &Path, left: &[(PathBuf, Manifest)]) -> Result<()> {
    let of_it = left.iter().filter(|(path, one)| one.bodies_folder(path) == folder);
    if !left.iter().any(|(path, one)| one.bodies_folder(path) == folder) {
        return fs::remove_dir_all(folder).with_context(|| folder.display().to_string());
    }
    let named: BTreeSet<&String> = of_it.flat_map(|(_, one)| one.bodies.keys()).collect();
    let mut index = BodiesIndex::read(folder)?;
    let unnamed: Vec<String> = index.files.keys().filter(|name| !named.contains(name)).cloned().collect();
    if unnamed.is_empty() {
        return Ok(());
    }
    unnamed.iter().for_each(|name| drop(index.files.remove(name)));
    index.write(folder)?;
    for name in unnamed {
        let file = folder.join(name);
        if file.exists() {
            fs::remove_file(&file).with_context(|| file.display().to_string())?;
        }
    }
    Ok(())
}

/// Writes down beside the store which copies of it there are, so that who asks what became of a text knows where else it may
/// be: one line each, those in other folders as they were noted.
pub(super) fn note(data: &Path, dir: &Path) -> Result<()> {
    let file = data.join(NOTE);
    let dir = fs::canonicalize(dir).with_context(|| dir.display().to_string())?;
    let before = fs::read_to_string(&file).unwrap_or_default();
    let is_elsewhere = |line: &&str| {
        let copy = serde_json::from_str::<serde_json::Value>(line).ok();
        let copy = copy.and_then(|one| one.get("copy").and_then(|copy| copy.as_str()).map(PathBuf::from));
        copy.is_some_and(|copy| copy.parent() != Some(&dir))
    };
    let mut lines: Vec<String> = before.lines().filter(is_elsewhere).map(str::to_owned).collect();
    for (path, one) in list(&dir)? {
        lines.push(json!({ "copy": path, "time": one.time, "epoch": one.epoch, "leaves": one.leaves() }).to_string());
    }
    let text: String = lines.into_iter().map(|line| line + "\n").collect();
    files::replace(&file, text.as_bytes()).with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sto_14_the_newest_of_each_hour_day_and_week_is_kept() {
        let now = Timestamp::parse("2026-12-01T12:30:00Z").unwrap();
        let times: Vec<Timestamp> = (0..1_000).rev().map(|n| now.plus(-n * 1_800)).collect();
        let keep: Keep = "24,7,4".parse().unwrap();
        let kept: Vec<Timestamp> =
            times.iter().zip(keep.of(&times)).filter(|(_, kept)| *kept).map(|(time, _)| *time).collect();
        assert!((30..=35).contains(&kept.len()), "{}", kept.len());
        assert_eq!(kept.last(), Some(&now));
        assert_eq!(kept.iter().filter(|time| now.seconds() - time.seconds() < DAY).count(), 24);
        // What is kept once stays kept until its time is over: the same again takes nothing away.
        assert!(keep.of(&kept).iter().all(|one| *one));
        assert_eq!("1,0,0".parse::<Keep>().unwrap().of(&times).iter().filter(|one| **one).count(), 1);
        for bad in ["", "1", "0,0,0", "1,2", "1,2,3,4", "a,b,c", "-1,0,0"] {
            assert!(bad.parse::<Keep>().is_err(), "{bad}");
        }
        assert!(keep.of(&[]).is_empty());
    }
}
