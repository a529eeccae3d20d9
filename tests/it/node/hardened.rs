//! What the node leaves on the machine: files for its owner alone, no core dump; and what its check finds of that.

use super::{Lab, connect, run};
use relto_host::clock;
use relto_lab::pki::{Authority, LeafSpec, RootSpec};
use relto_report::nation::Nation;
use std::{
    fs::{self, Permissions},
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, chown},
        process::CommandExt as _,
    },
    path::Path,
    process::{Command, Stdio},
};

/// A user who is not root.
const NOBODY: u32 = 65_534;

/// Exit code and lines of a check.
fn check(lab: &Lab, nation: &str) -> (Option<i32>, Vec<String>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
    let told = command.arg("--config").arg(lab.config(nation)).arg("--check").output().unwrap();
    let lines = String::from_utf8(told.stderr).unwrap();
    // What inspectors are limited by is told each time.
    let told_always = ["inspectors of attachments: ", "hold words of "];
    let lines = lines.lines().filter(|line| !told_always.iter().any(|told| line.starts_with(told)));
    let lines = lines.filter(|line| !line.ends_with("days: have the next one fetched in time"));
    (told.status.code(), lines.map(str::to_owned).collect())
}

fn fault(lab: &Lab, nation: &str, text: &str) {
    let (code, lines) = check(lab, nation);
    assert!(code == Some(1) && lines.iter().any(|line| line.contains(text)), "{text:?}: {code:?} {lines:#?}");
    assert_eq!(lines.len(), 2, "one fault: {lines:#?}");
}

fn modes(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let about = fs::metadata(&path).unwrap();
        let wanted = if about.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(about.permissions().mode() & 0o7777, wanted, "{}", path.display());
        if about.is_dir() {
            modes(&path);
        }
    }
}

#[test]
fn api_40_what_the_node_makes_is_for_its_owner_whatever_the_mask_and_no_core_is_dumped() {
    run(async {
        let lab = Lab::new();
        let (data, heads) = (lab.dir.join("XAA/data"), lab.dir.join("XAA/heads.ring"));
        fs::remove_dir_all(&data).unwrap();
        fs::remove_file(&heads).unwrap();
        let reltod = |more: &str| {
            let script = format!("umask 000; exec \"$0\" --config \"$1\" {more}");
            let mut command = Command::new("sh");
            command.args(["-c", &script, env!("CARGO_BIN_EXE_reltod")]).arg(lab.config("XAA"));
            command.stdin(Stdio::null()).stderr(lab.log("XAA")).spawn().unwrap()
        };
        assert!(reltod("--init").wait().unwrap().success(), "{}", lab.told("XAA"));
        let node = super::Daemon(reltod(""));
        connect(&lab.person("XAA", "operator")).await;
        assert_eq!(fs::metadata(&data).unwrap().permissions().mode() & 0o7777, 0o700);
        assert_eq!(fs::metadata(&heads).unwrap().permissions().mode() & 0o7777, 0o600);
        modes(&data);
        let names: Vec<String> =
            fs::read_dir(&data).unwrap().map(|one| one.unwrap().file_name().into_string().unwrap()).collect();
        for name in ["relto.db", "relto.db-wal", "relto.lock", "crl-memory"] {
            assert!(names.iter().any(|found| found == name), "{name} in {names:?}");
        }
        let process = format!("/proc/{}", node.0.id());
        let limits = fs::read_to_string(format!("{process}/limits")).unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{core}");
        let status = fs::read_to_string(format!("{process}/status")).unwrap();
        let mask = status.lines().find_map(|line| line.strip_prefix("Umask:")).unwrap();
        assert_eq!(mask.trim(), "0077");
    });
}

fn give(path: &Path, to: u32) {
    chown(path, Some(to), Some(to)).unwrap();
    if path.is_dir() {
        fs::read_dir(path).unwrap().for_each(|entry| give(&entry.unwrap().path(), to));
    }
}

#[test]
fn api_40_the_memory_of_the_node_is_not_its_users_to_read() {
    run(async {
        let lab = Lab::new();
        let folder = lab.dir.parent().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_reltod"));
        command.arg("--config").arg(lab.config("XAA")).stdin(Stdio::null()).stderr(lab.log("XAA"));
        // Root is told apart from the owner of a process only where somebody else owns it.
        if fs::metadata(folder).unwrap().uid() == 0 {
            give(folder, NOBODY);
            command.uid(NOBODY).gid(NOBODY);
        }
        let owner = fs::metadata(folder).unwrap().uid();
        let node = super::Daemon(command.spawn().unwrap());
        connect(&lab.person("XAA", "operator")).await;
        let process = fs::metadata(format!("/proc/{}", node.0.id())).unwrap();
        let memory = fs::metadata(format!("/proc/{}/environ", node.0.id())).unwrap();
        // proc(5): files of a process that is not dumpable are root's, so that no other process of its user reads them.
        assert_eq!(memory.uid(), 0, "the process is of {}, its user is {owner}", process.uid());
        let mut other = Command::new("sleep");
        other.arg("5");
        if process.uid() != 0 || owner == NOBODY {
            other.uid(owner).gid(owner);
        }
        let mut other = other.spawn().unwrap();
        let theirs = fs::metadata(format!("/proc/{}/environ", other.id())).unwrap().uid();
        other.kill().unwrap();
        other.wait().unwrap();
        assert_eq!(theirs, owner, "of a process that may be dumped they are its user's");
    });
}

#[test]
fn api_41_the_check_judges_modes_owners_and_the_store_and_may_be_asked_beside_a_running_node() {
    let lab = Lab::new();
    assert_eq!(check(&lab, "XAA"), (Some(0), Vec::new()));
    for name in ["data/relto.db", "data/crl-memory", "heads.ring", "data"] {
        let path = lab.dir.join("XAA").join(name);
        let before = fs::metadata(&path).unwrap().permissions();
        fs::set_permissions(&path, Permissions::from_mode(before.mode() | 0o040)).unwrap();
        fault(&lab, "XAA", &path.display().to_string());
        fs::set_permissions(&path, before).unwrap();
        // SQLite gives the files beside a database the mode that it finds there.
        for beside in ["relto.db-wal", "relto.db-shm"] {
            let _ = fs::set_permissions(lab.dir.join("XAA/data").join(beside), Permissions::from_mode(0o600));
        }
    }
    // What people write: others may not change it, and the list of hold words is not for everybody to read.
    for (name, bit) in
        [("hold-words.txt", 0o004), ("hold-words.txt", 0o020), ("agreement.toml", 0o002), ("node.toml", 0o020)]
    {
        let path = lab.dir.join("XAA").join(name);
        let before = fs::metadata(&path).unwrap().permissions();
        assert_eq!(before.mode() & 0o077, 0, "the lab makes it for its owner");
        fs::set_permissions(&path, Permissions::from_mode(before.mode() | bit)).unwrap();
        fault(&lab, "XAA", &path.display().to_string());
        fs::set_permissions(&path, before).unwrap();
    }
    anothers(&lab);
    let data = lab.dir.join("XAA/data");
    fs::rename(&data, lab.dir.join("elsewhere")).unwrap();
    fault(&lab, "XAA", "there is no store, and there is a head file");
    fs::rename(lab.dir.join("elsewhere"), &data).unwrap();
    run(async {
        let _node = lab.start("XAA");
        connect(&lab.person("XAA", "operator")).await;
        assert_eq!(check(&lab, "XAA"), (Some(0), Vec::new()), "beside a running node");
    });
    // A store from before the newest head.
    let (database, saved) = (lab.dir.join("XAA/data/relto.db"), lab.dir.join("saved.db"));
    let aside = |from: &Path, to: &Path| {
        for ending in ["", "-wal", "-shm"] {
            let of = |path: &Path| format!("{}{ending}", path.display());
            let _ = fs::remove_file(of(to));
            let _ = fs::copy(of(from), of(to));
        }
    };
    aside(&database, &saved);
    run(async {
        let _nodes = ["XAA", "XBB"].map(|nation| lab.start(nation));
        let mut client = connect(&lab.person("XAA", "author")).await;
        super::until(&mut client, 20, |status| status.links[0].connected && status.links[0].own_size > 1).await;
    });
    assert_eq!(check(&lab, "XAA"), (Some(0), Vec::new()));
    let newest = lab.dir.join("newest.db");
    aside(&database, &newest);
    aside(&saved, &database);
    fault(&lab, "XAA", "it was rolled back");
    aside(&newest, &database);
    assert_eq!(check(&lab, "XAA"), (Some(0), Vec::new()));
}

/// What the node has made, and its keys, belong to the user of the store; only root can give them to somebody else.
fn anothers(lab: &Lab) {
    let store = lab.dir.join("XAA/data");
    let owner = fs::metadata(&store).unwrap().uid();
    if owner != 0 {
        eprintln!("SKIPPED: only root can give a file to another user");
        return;
    }
    for name in ["data/relto.db", "data/crl-memory", "heads.ring", "storage.key", "seal.key", "node.key"] {
        let path = lab.dir.join("XAA").join(name);
        chown(&path, Some(NOBODY), None).unwrap();
        let says = format!("{} belongs to user {NOBODY} and must belong to user {owner}", path.display());
        fault(lab, "XAA", &says);
        chown(&path, Some(owner), None).unwrap();
        // SQLite gives the files beside a database the owner that it finds there.
        for beside in ["relto.db-wal", "relto.db-shm"] {
            let _ = chown(store.join(beside), Some(owner), None);
        }
    }
    assert_eq!(check(lab, "XAA"), (Some(0), Vec::new()));
}

#[test]
fn api_41_a_certificate_that_no_agreement_pins_or_that_is_revoked_does_not_pass_the_check() {
    let lab = Lab::new();
    let xaa = Nation::parse("XAA").unwrap();
    let now = i64::try_from(clock::now_ms() / 1000).unwrap();
    let read = |name: &str| fs::read_to_string(lab.dir.join("XAA").join(name)).unwrap();
    let write = |name: &str, text: &str| {
        let path = lab.dir.join("XAA").join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    };
    let (certificate, key, config) = (read("node.pem"), read("node.key"), read("node.toml"));
    // Another root of our own: good here, and nobody's elsewhere.
    let other = Authority::new(&RootSpec { name: "XAA other root".to_owned(), ..RootSpec::lab(xaa, now) }).unwrap();
    write("other-root.pem", other.pem());
    write("other-crl.pem", &other.crl(1, now - 60, now + 86_400, &[]).unwrap().pem);
    let issued = other.issue(&LeafSpec::node(xaa, "xaa-1", now)).unwrap();
    write("node.pem", &issued.pem);
    write("node.key", &issued.key.pem().unwrap());
    fault(&lab, "XAA", "was issued by none of the TLS roots of that nation");
    let both = config.replacen("[\"root.pem\"]", "[\"root.pem\", \"other-root.pem\"]", 1).replacen(
        "[\"crl.pem\"]",
        "[\"crl.pem\", \"other-crl.pem\"]",
        1,
    );
    fs::write(lab.config("XAA"), &both).unwrap();
    fault(&lab, "XAA", "is not one that XAA-XBB-2026-01 names in tls_roots of XAA");
    fs::write(lab.config("XAA"), &config).unwrap();
    let authority = Authority::load(&read("root.pem"), &read("root.key")).unwrap();
    let issued = authority.issue(&LeafSpec::node(xaa, "xaa-1", now)).unwrap();
    write("node.pem", &issued.pem);
    write("node.key", &issued.key.pem().unwrap());
    write("crl.pem", &authority.crl(2, now - 60, now + 86_400, &[issued.serial]).unwrap().pem);
    fault(&lab, "XAA", "of relto://XAA/node/xaa-1 is revoked by its nation");
    write("node.pem", &certificate);
    write("node.key", &key);
    assert_eq!(check(&lab, "XAA"), (Some(0), Vec::new()));
}

#[test]
fn api_41_a_link_that_was_added_to_a_store_in_use_does_not_pass_the_check() {
    let lab = Lab::with(&["--third"]);
    let config = fs::read_to_string(lab.config("XAA")).unwrap();
    let at = config.match_indices("[[link]]").nth(1).unwrap().0;
    let end = config[at..].find("[[person]]").unwrap() + at;
    let one = format!("{}{}", &config[..at], &config[end..]);
    let without = one.replacen("[[nation_trust]]\nnation = \"XCC\"", "# [[nation_trust]]\nnation = \"XCC\"", 1);
    assert_ne!(without, one);
    let trust = without.find("# [[nation_trust]]").unwrap();
    let rest = without[trust..].find("\n\n").unwrap() + trust;
    // A store that was made with the first link alone.
    fs::write(lab.config("XAA"), format!("{}{}", &without[..trust], &without[rest..])).unwrap();
    fs::remove_dir_all(lab.dir.join("XAA/data")).unwrap();
    fs::remove_file(lab.dir.join("XAA/heads.ring")).unwrap();
    let made = lab.init("XAA");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert_eq!(check(&lab, "XAA"), (Some(0), Vec::new()));
    fs::write(lab.config("XAA"), &one).unwrap();
    fault(&lab, "XAA", "nation_trust of XCC: no agreement here is with XCC");
    fs::write(lab.config("XAA"), &config).unwrap();
    fault(&lab, "XAA", "XAA-XCC-2026-01: our log of it has no Genesis");
}
