//! A person's folder that cannot be written to: what was fetched before is used, and what cannot be kept is told.

use super::{Lab, connect, run};
use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::Command,
};

/// Root is bound by no mode: then the person is another.
const NOBODY: u32 = 65_534;

fn give(path: &Path, to: u32) {
    chown(path, Some(to), Some(to)).unwrap();
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| give(&entry.unwrap().path(), to));
    }
}

/// Exit code and all that is said to the author, who is not root.
fn author(lab: &Lab, words: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
    command
        .env_remove("RELTO_PROFILE")
        .arg("--profile")
        .arg(lab.dir.join("XAA/people/author/profile.toml"))
        .args(words);
    let owner = fs::metadata(&lab.dir).unwrap().uid();
    if owner == NOBODY {
        command.uid(NOBODY).gid(NOBODY);
    }
    let ran = command.output().unwrap();
    (ran.status.code(), String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned())
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn api_43_a_folder_that_cannot_be_written_still_gives_what_was_fetched_before() {
    let lab = Lab::new();
    let folder = lab.dir.parent().unwrap();
    if fs::metadata(folder).unwrap().uid() == 0 {
        give(folder, NOBODY);
    }
    let report = lab.dir.join("XAA/reports/linux-port-numbers.md");
    let check = ["check", report.to_str().unwrap(), "--to", "XBB"];
    let person = lab.dir.join("XAA/people/author");
    let kept: PathBuf = person.join("cache/XAA-XBB-2026-01.json");
    let node = lab.start("XAA");
    run(async { drop(connect(&lab.person("XAA", "operator")).await) });
    let (first, told) = author(&lab, &check);
    assert!(kept.exists(), "{told}");
    for folder in [&person, &person.join("cache")] {
        mode(folder, 0o500);
    }
    let before = fs::read(&kept).unwrap();
    assert_eq!(author(&lab, &check).0, first, "what was fetched a moment ago");
    // Older than a day: it is fetched anew and used, and where it cannot be kept is told.
    let old = |age: u64| {
        let mut stored: serde_json::Value = serde_json::from_slice(&before).unwrap();
        stored["fetched"] = (stored["fetched"].as_u64().unwrap() - age).into();
        fs::write(&kept, stored.to_string()).unwrap();
    };
    mode(&kept, 0o600);
    old(2 * 24 * 3_600_000);
    let stale = fs::read(&kept).unwrap();
    let (code, told) = author(&lab, &check);
    assert_eq!(code, first, "{told}");
    let where_to = kept.parent().unwrap().parent().unwrap().display().to_string();
    assert!(told.contains("was fetched and could not be kept: ") && told.contains(&where_to), "{told}");
    assert_eq!(fs::read(&kept).unwrap(), stale);
    // And no node that answers: the kept one, with its age.
    drop(node);
    let (code, told) = author(&lab, &check);
    assert_eq!(code, first, "{told}");
    assert!(told.contains("more than a day ago") && !told.contains("was never fetched"), "{told}");
    // The folder's owner may take it away again.
    for folder in [&person.join("cache"), &person] {
        mode(folder, 0o700);
    }
}
