//! Copies of a store, made while its node works, and put back.

use super::{Lab, connect, content::started, done, is_admitted, run, said, until};
use relto_cli::signing::posted;
use relto_formats::api::Submission;
use relto_host::tls::memory::{CrlMark, CrlMemory};
use relto_lab::bench::Maker;
use relto_report::digest::Digest;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

/// A command of an operator, who has no profile.
fn operate(words: &[&str], config: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relto"));
    command.env_remove("RELTO_PROFILE").args(words).arg("--config").arg(config).output().unwrap()
}

fn create(lab: &Lab, dir: &Path, keep: Option<&str>) -> serde_json::Value {
    let mut words = vec!["--json", "backup", "create", "--to", dir.to_str().unwrap()];
    words.extend(keep.map(|keep| ["--keep", keep]).into_iter().flatten());
    serde_json::from_str(&said(&operate(&words, &lab.config("XAA")), 0)).unwrap()
}

fn copy_of(created: &serde_json::Value) -> PathBuf {
    PathBuf::from(created["copy"].as_str().unwrap())
}

fn number(created: &serde_json::Value, key: &str) -> u64 {
    created[key].as_u64().unwrap()
}

fn verify(lab: &Lab, copy: &Path, code: i32) -> String {
    done(&operate(&["backup", "verify", copy.to_str().unwrap()], &lab.config("XAA")), code)
}

fn restore(lab: &Lab, copy: &Path, code: i32) -> String {
    done(&operate(&["backup", "restore", copy.to_str().unwrap()], &lab.config("XAA")), code)
}

/// The first file of texts, which is made once it is asked for.
fn segment(lab: &Lab) -> PathBuf {
    lab.dir.join("XAA/data/relto.db.seg/00000001.seg")
}

/// Sends so many reports, long enough together that their texts stand in files beside the database.
async fn send(lab: &Lab, from: usize, count: usize) {
    let author = lab.person("XAA", "author");
    let mut client = connect(&author).await;
    until(&mut client, 30, |status| status.links.iter().any(|link| link.connected)).await;
    let maker = Maker::new(&lab.dir, &author, 100_000).await.unwrap();
    for n in from..from + count {
        let found: Submission = client.post("/v1/submissions?wait=60", &posted(&maker.make(n).unwrap())).await.unwrap();
        assert!(is_admitted(&found), "{found:?}");
    }
}

/// Sends reports until some of their texts stand in a file.
fn send_texts(lab: &Lab) {
    run(async {
        for n in 0..100 {
            send(lab, 4 * n, 4).await;
            if segment(lab).exists() {
                break;
            }
        }
        send(lab, 1_000, 4).await;
    });
}

/// Two copies while reports go, and how many went.
fn two_while_reports_go(lab: &Lab, dir: &Path) -> (serde_json::Value, serde_json::Value, usize) {
    let (ends, sent) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (first, second) = thread::scope(|scope| {
        let (ends, sent) = (ends.clone(), sent.clone());
        let (stop, count) = (ends.clone(), sent.clone());
        let sent_by = |sent: &AtomicUsize| sent.load(Ordering::Acquire);
        scope.spawn(move || {
            run(async {
                for n in 0.. {
                    send(lab, 5 * n, 5).await;
                    count.fetch_add(5, Ordering::Release);
                    if stop.load(Ordering::Acquire) {
                        break;
                    }
                }
            });
        });
        let more_than = |least| {
            while sent.load(Ordering::Acquire) < least {
                thread::yield_now();
            }
        };
        while !segment(lab).exists() {
            thread::yield_now();
        }
        more_than(sent_by(&sent) + 15);
        let first = create(lab, dir, None);
        more_than(sent_by(&sent) + 10);
        let second = create(lab, dir, None);
        ends.store(true, Ordering::Release);
        (first, second)
    });
    (first, second, sent.load(Ordering::Acquire))
}

#[test]
fn sto_11_a_copy_of_a_working_node_is_whole_and_the_next_copies_what_came() {
    let lab = Lab::new();
    let nodes = started(&lab);
    let dir = lab.dir.join("copies");
    let (first, second, sent) = two_while_reports_go(&lab, &dir);
    drop(nodes);
    assert!(number(&second, "leaves") > number(&first, "leaves"));
    assert!(number(&first, "bodies_copied") > 5 * 100_000, "{first}");
    assert!(number(&second, "bodies_copied") < number(&first, "bodies_copied") * 3, "only what came: {second}");
    for one in [&first, &second] {
        let told = verify(&lab, &copy_of(one), 0);
        assert!(told.contains("is whole: 3 logs verified"), "{told}");
    }
    // The node ended: what is copied now is all that it has, and nothing of it comes twice.
    let last = create(&lab, &dir, None);
    assert_eq!(number(&create(&lab, &dir, None), "bodies_copied"), 0);
    let listed = said(&operate_alone(&["backup", "list", dir.to_str().unwrap()]), 0);
    assert_eq!(listed.lines().count(), 5, "{listed}");
    let noted = fs::read_to_string(lab.dir.join("XAA/data/backups")).unwrap();
    assert_eq!(noted.lines().count(), 4, "{noted}");
    // A store that stands is not touched.
    let told = restore(&lab, &copy_of(&last), 1);
    assert!(told.contains("there is a store here already"), "{told}");
    // An older copy is behind the head file, and says by how much; the node that starts on it appends nothing.
    let (data, away) = (lab.dir.join("XAA/data"), lab.dir.join("XAA/away"));
    fs::rename(&data, &away).unwrap();
    let told = restore(&lab, &copy_of(&first), 4);
    assert!(told.contains("behind by"), "{told}");
    {
        let _xaa = lab.start("XAA");
        run(async {
            let mut client = connect(&lab.person("XAA", "author")).await;
            until(&mut client, 30, |status| status.halted.is_some()).await;
        });
    }
    // The newest is current, and its node goes on where it was.
    fs::remove_dir_all(&data).unwrap();
    let told = restore(&lab, &copy_of(&last), 0);
    assert!(told.contains("current"), "{told}");
    {
        let _nodes = started(&lab);
        run(send(&lab, sent, 3));
    }
    // From here on its texts stand beside those of the run before, and not among them.
    let after = create(&lab, &dir, Some("1,1,1"));
    assert!(number(&after, "bodies_copied") > 10 * 100_000, "{after}");
    assert_eq!(fs::read_dir(&dir).unwrap().count(), 3, "one copy, its folder of texts and the lock: {after}");
    let told = verify(&lab, &copy_of(&after), 0);
    assert!(told.contains("is whole"), "{told}");
}

/// A command that names no configuration.
fn operate_alone(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_relto")).env_remove("RELTO_PROFILE").args(words).output().unwrap()
}

/// Copies of another node, and folders that are none of copies.
fn others_are_not_taken(lab: &Lab, dir: &Path, copy: &Path) {
    let config = lab.config("XAA");
    // Another node's is not taken.
    let other = operate(&["backup", "restore", copy.to_str().unwrap()], &lab.config("XBB"));
    assert!(done(&other, 1).contains("a copy of node"));
    let other = operate(&["backup", "verify", copy.to_str().unwrap()], &lab.config("XBB"));
    assert!(done(&other, 1).contains("a copy of node"));
    // Each node has a folder of its own, so that nobody's --keep takes another's away; and not the store's.
    let other = operate(&["backup", "create", "--to", dir.to_str().unwrap()], &lab.config("XBB"));
    assert!(done(&other, 1).contains("Each node has a folder of its own"));
    for within in ["data", "data/copies/of/today"] {
        let within = lab.dir.join("XAA").join(within);
        let ran = operate(&["backup", "create", "--to", within.to_str().unwrap()], &config);
        assert!(done(&ran, 1).contains("would be lost with it"));
    }
    let told = done(&operate_alone(&["backup", "list", copy.to_str().unwrap()]), 1);
    assert!(told.contains("Name the folder in which copies lie"), "{told}");
}

#[test]
fn sto_13_what_is_put_back_writes_over_nothing_and_a_changed_copy_is_none() {
    let lab = Lab::new();
    let dir = lab.dir.join("copies");
    let made = {
        let _nodes = started(&lab);
        send_texts(&lab);
        create(&lab, &dir, None)
    };
    let copy = copy_of(&made);
    let (data, config) = (lab.dir.join("XAA/data"), lab.config("XAA"));
    // No key, and no head file, in any file of it.
    let secrets: Vec<Vec<u8>> =
        ["storage.key", "seal.key"].iter().filter_map(|name| fs::read(lab.dir.join("XAA").join(name)).ok()).collect();
    assert!(!secrets.is_empty());
    for file in walk(&copy) {
        let bytes = fs::read(&file).unwrap();
        assert!(!secrets.contains(&bytes), "{}", file.display());
        assert!(!file.to_string_lossy().contains("heads"), "{}", file.display());
    }
    // Since then a root was renewed, a person left and a list of revocations came.
    let people = fs::read_to_string(&config).unwrap();
    fs::write(&config, format!("{people}\n# renewed\n")).unwrap();
    let memory = data.join("crl-memory");
    let mut newer = CrlMemory::read(&memory).unwrap().unwrap_or_default();
    let issuer = Digest::from_bytes([9; 32]);
    let mark = CrlMark { number: CrlMark::number(&[7]).unwrap(), this_update: 7, crl: Digest::from_bytes([7; 32]) };
    newer.admit(issuer, mark).unwrap();
    let newer_bytes = newer.to_bytes();
    fs::rename(&data, lab.dir.join("XAA/away")).unwrap();
    fs::create_dir(&data).unwrap();
    fs::write(&memory, newer_bytes).unwrap();
    let told = restore(&lab, &copy, 0);
    assert!(told.contains("node.toml.restored"), "{told}");
    assert!(fs::read_to_string(&config).unwrap().ends_with("# renewed\n"));
    assert_eq!(fs::read_to_string(lab.dir.join("XAA/node.toml.restored")).unwrap(), people);
    assert_eq!(CrlMemory::read(&memory).unwrap().unwrap().newest(&issuer), Some(&mark));
    fs::write(&config, &people).unwrap();
    others_are_not_taken(&lab, &dir, &copy);
    // One changed byte, wherever: neither verified nor put back.
    fs::remove_dir_all(&data).unwrap();
    let all: Vec<PathBuf> = walk(&dir)
        .into_iter()
        .filter(|file| !file.ends_with("manifest.json") && !file.ends_with("copies.lock"))
        .collect();
    assert!(all.len() > 10, "{all:?}");
    for file in all {
        let bytes = fs::read(&file).unwrap();
        let mut changed = bytes.clone();
        let at = changed.len() / 2;
        changed[at] ^= 1;
        fs::write(&file, &changed).unwrap();
        let ran = operate(&["backup", "verify", copy.to_str().unwrap()], &config);
        assert_ne!(ran.status.code(), Some(0), "{}", file.display());
        let ran = operate(&["backup", "restore", copy.to_str().unwrap()], &config);
        assert_ne!(ran.status.code(), Some(0), "{}", file.display());
        assert!(!data.join("relto.db").exists(), "{}", file.display());
        fs::write(&file, &bytes).unwrap();
    }
    verify(&lab, &copy, 0);
}

#[test]
fn sto_13_what_somebody_put_into_the_folder_of_copies_leads_nowhere_else() {
    let lab = Lab::new();
    let dir = lab.dir.join("copies");
    let copy = {
        let _nodes = started(&lab);
        send_texts(&lab);
        copy_of(&create(&lab, &dir, None))
    };
    let (config, victim) = (lab.config("XAA"), lab.dir.join("victim"));
    fs::write(&victim, b"of somebody else").unwrap();
    let bodies = walk(&dir).into_iter().find(|file| file.ends_with("bodies.json")).unwrap();
    let (index, manifest) = (bodies.clone(), copy.join("manifest.json"));
    let text = dir.join(bodies.parent().unwrap()).join("00000001.seg");
    let commands: [&[&str]; 3] = [
        &["backup", "create", "--to", dir.to_str().unwrap(), "--keep", "1,0,0"],
        &["backup", "verify", copy.to_str().unwrap()],
        &["backup", "restore", copy.to_str().unwrap()],
    ];
    let all_fail = |what: &str| {
        for words in commands {
            let ran = operate(words, &config);
            assert_ne!(ran.status.code(), Some(0), "{what}: {words:?}");
        }
        assert_eq!(fs::read(&victim).unwrap(), b"of somebody else", "{what}");
    };
    // The store is away, so that a copy could be put back, and none is made.
    fs::rename(lab.dir.join("XAA/data"), lab.dir.join("XAA/away")).unwrap();
    for (file, old, new) in [
        (&index, "\"00000001.seg\"", format!("{:?}", victim.display().to_string())),
        (&index, "\"00000001.seg\"", "\"../../victim\"".to_owned()),
        (&manifest, "\"00000001.seg\"", "\"../../victim\"".to_owned()),
        (&manifest, "\"timeline\": \"00000000", "\"timeline\": \"/../../.".to_owned()),
        (&manifest, "\"copy\": \"000-node.toml\"", "\"copy\": \"../../../victim\"".to_owned()),
        (&manifest, "\"name\": \"crl-memory\"", "\"name\": \"relto.db-wal\"".to_owned()),
    ] {
        let good = fs::read_to_string(file).unwrap();
        assert!(good.contains(old), "{old} in {good}");
        fs::write(file, good.replace(old, &new)).unwrap();
        all_fail(&new);
        fs::write(file, good).unwrap();
    }
    // With the store: a link in the place of a file of texts is not written through.
    fs::rename(lab.dir.join("XAA/away"), lab.dir.join("XAA/data")).unwrap();
    {
        let _nodes = started(&lab);
        run(send(&lab, 2_000, 4));
    }
    fs::rename(&text, lab.dir.join("good.seg")).unwrap();
    std::os::unix::fs::symlink(&victim, &text).unwrap();
    all_fail("a link");
    fs::remove_file(&text).unwrap();
    fs::rename(lab.dir.join("good.seg"), &text).unwrap();
    // What is left of a store is nobody's to write over, and its log is not played into the copy.
    fs::rename(lab.dir.join("XAA/data"), lab.dir.join("XAA/away")).unwrap();
    for left in ["relto.db-wal", "relto.db-shm", "relto.db.seg/00000001.seg"] {
        let path = lab.dir.join("XAA/data").join(left);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, b"left").unwrap();
        assert!(restore(&lab, &copy, 1).contains("there is a store here already"), "{left}");
        assert_eq!(fs::read(&path).unwrap(), b"left");
        fs::remove_dir_all(lab.dir.join("XAA/data")).unwrap();
    }
    restore(&lab, &copy, 4);
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let entry = entry.unwrap();
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            all.extend(walk(&entry.path()));
        } else if kind.is_file() {
            all.push(entry.path());
        }
    }
    all
}
