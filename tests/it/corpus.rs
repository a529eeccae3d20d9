//! The committed corpus of the fuzz targets, replayed on stable, and whether what lists the targets agrees.
#![cfg(test)] // so that the lints know the helpers for tests

use relto_audit::{checkpoint::Checkpoint, leaf::Leaf, proof::InclusionProof};
use relto_exchange::wire::{
    frame::Decoder,
    hello::{Hello, MAX_HELLO},
};
use relto_formats::{
    api::{Approve, Decline, Submit},
    stanag4774,
};
use relto_policy::{agreement::Agreement, national::NationalRules, signatures::SignatureFile};
use relto_report::{
    assessment::Document,
    attachment::{bytes::held, pdf},
    calendar::Timestamp,
    codec,
    file::{Context, parse},
    inspection::{
        frame,
        talk::{Next, Talk},
    },
    marking::{read_banner, read_portion},
    register::Register,
    vocabulary::Vocabulary,
};
use relto_tests::{
    fixture::{NOW, example},
    operations::Operation,
};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Bytes of the whole corpus: what is committed stays small, what a long run finds does not come here.
const MAX_CORPUS: u64 = 300 * 1024;

/// Name, body, and whether bytes are what the surface takes: a seed called `valid-...` must be, or it has gone stale.
type Target = (&'static str, fn(&[u8]), fn(&[u8]) -> bool);

const TARGETS: [Target; 19] = [
    ("agreement", relto_policy::fuzzing::fuzz_agreement, |bytes| Agreement::read("seed", bytes).is_ok()),
    ("api_body", relto_formats::fuzzing::fuzz_body, is_body),
    ("attachment_csv", relto_report::fuzzing::fuzz_attachment_csv, |bytes| passes("csv", bytes)),
    ("attachment_jpeg", relto_report::fuzzing::fuzz_attachment_jpeg, |bytes| passes("jpg", bytes)),
    ("attachment_json", relto_report::fuzzing::fuzz_attachment_json, |bytes| passes("json", bytes)),
    ("attachment_pdf", relto_report::fuzzing::fuzz_attachment_pdf, |bytes| pdf::inspect(&bytes).finding.is_none()),
    ("attachment_png", relto_report::fuzzing::fuzz_attachment_png, |bytes| passes("png", bytes)),
    ("checkpoint", relto_audit::fuzzing::fuzz_checkpoint, |bytes| Checkpoint::parse_unverified(bytes).is_ok()),
    ("frame", relto_exchange::fuzzing::fuzz_frames, is_whole_frames),
    ("hello", relto_exchange::fuzzing::fuzz_hello, |bytes| codec::decode::<Hello, MAX_HELLO>(bytes).is_ok()),
    ("inspector", relto_report::fuzzing::fuzz_inspector, is_judged),
    ("label_xml", relto_formats::fuzzing::fuzz_label, |bytes| stanag4774::read("seed", bytes).is_ok()),
    ("leaf", relto_audit::fuzzing::fuzz_leaf, |bytes| Leaf::decode(bytes).is_ok()),
    ("marking", relto_report::fuzzing::fuzz_marking, is_marking),
    ("national", relto_policy::fuzzing::fuzz_national, is_national),
    ("pair", relto_tests::operations::fuzz_pair, |bytes| Operation::list(bytes).count() * 3 == bytes.len()),
    ("proof", relto_audit::fuzzing::fuzz_proof, |bytes| InclusionProof::parse(bytes).is_ok()),
    ("report_bytes", relto_report::fuzzing::fuzz_report_bytes, |bytes| Document::decode(bytes.to_vec()).is_ok()),
    ("report_file", relto_report::fuzzing::fuzz_report_file, is_report_file),
];

fn passes(ending: &str, bytes: &[u8]) -> bool {
    let judged = relto_report::attachment::judge(ending, &bytes);
    judged.media_type.is_ok() && judged.inspected.finding.is_none()
}

fn is_body(bytes: &[u8]) -> bool {
    serde_json::from_slice::<Submit>(bytes).is_ok()
        || serde_json::from_slice::<Approve>(bytes).is_ok()
        || serde_json::from_slice::<Decline>(bytes).is_ok()
}

fn is_whole_frames(bytes: &[u8]) -> bool {
    let mut decoder = Decoder::default();
    decoder.take_questions();
    decoder.push(bytes);
    loop {
        match decoder.next_frame() {
            Ok(Some(_)) => {}
            Ok(None) => {
                decoder.push(&[]); // lets go of what was taken
                return decoder.held() == 0;
            }
            Err(_) => return false,
        }
    }
}

/// As the body reads it: the length of the file, then frames up to a verdict that counts.
fn is_judged(bytes: &[u8]) -> bool {
    let (length, mut rest) = bytes.split_first_chunk::<8>().unwrap();
    let mut talk = Talk::new(1, u64::from_le_bytes(*length));
    while let Some((header, behind)) = rest.split_first_chunk::<4>() {
        let (body, next) = behind.split_at(frame::length(*header, frame::MAX_SAID).unwrap());
        rest = next;
        match frame::from_child(body).map(|said| talk.hear(said)) {
            Ok(Ok(Next::Judged(_))) => return rest.is_empty(),
            Ok(Ok(Next::Send { .. })) => {}
            Ok(Err(_)) | Err(_) => return false,
        }
    }
    false
}

fn is_marking(bytes: &[u8]) -> bool {
    let register = Register::read("XAA", &example("markings-XAA.toml")).unwrap();
    let text = std::str::from_utf8(bytes).unwrap();
    read_portion(text, &register).1.is_empty() || read_banner(text, &register).1.is_empty()
}

fn is_national(bytes: &[u8]) -> bool {
    NationalRules::read("seed", bytes).is_ok() || SignatureFile::read("seed", bytes).is_ok()
}

/// As the body reads it: the home file stands behind a zero byte.
fn is_report_file(bytes: &[u8]) -> bool {
    let register = Register::read("XAA", &example("markings-XAA.toml")).unwrap();
    let vocabulary = Vocabulary::read("vocabulary.toml", &example("vocabulary.toml")).unwrap();
    let track = example("sierra-14-track.csv");
    let attachment = |name: &str| (name == "sierra-14-track.csv").then(|| held(track.clone()));
    let mut context = Context::new(&register, &vocabulary, Timestamp::from_millis(NOW));
    context.attachment = &attachment;
    let mut files = bytes.splitn(2, |byte| *byte == 0);
    let report = files.next().unwrap();
    context.home = files.next().map(|home| ("report.home.toml", home));
    parse("report.md", report, &context).map_err(|faults| println!("{faults}")).is_ok()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = folder().join("corpus").join(target);
    names(&folder).into_iter().map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

#[test]
fn every_seed_of_every_target_is_replayed() {
    for (target, body, is_valid) in TARGETS {
        let seeds = seeds(target);
        let valid = seeds.iter().filter(|(name, _)| name.starts_with("valid-"));
        assert!(valid.clone().count() >= 2, "{target} has too few seeds that its surface takes");
        for (name, bytes) in valid {
            assert!(is_valid(bytes), "corpus/{target}/{name} is no longer what the surface takes; make it anew");
        }
        for (name, bytes) in &seeds {
            println!("corpus/{target}/{name}");
            body(bytes);
        }
    }
}

/// Each seed cut at some places and with some bytes changed: a little of what the fuzzer does, always the same.
#[test]
fn what_is_nearly_a_seed_is_replayed() {
    for (target, body, _) in TARGETS.iter().filter(|(target, ..)| *target != "pair") {
        for (name, bytes) in seeds(target) {
            let step = (bytes.len() / 24).max(1);
            for at in (0..bytes.len()).step_by(step) {
                println!("corpus/{target}/{name} at {at}");
                body(&bytes[..at]);
                for value in [0, b'\n', 0xff, bytes[at] ^ 1] {
                    let mut changed = bytes.clone();
                    changed[at] = value;
                    body(&changed);
                }
            }
        }
    }
}

#[test]
fn readme_targets_and_corpus_name_the_same() {
    let folder = folder();
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, ..)| (*name).to_owned()).collect();
    assert_eq!(names(&folder.join("corpus")), known, "folders of the corpus");

    let sources = names(&folder.join("fuzz_targets"));
    let sources: BTreeSet<String> = sources.iter().map(|name| name.strip_suffix(".rs").unwrap().to_owned()).collect();
    assert_eq!(sources, known, "files of fuzz_targets");

    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let paths = manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\""));
    assert_eq!(paths.map(str::to_owned).collect::<BTreeSet<_>>(), known, "binaries of Cargo.toml");

    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    let rows = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    assert_eq!(rows.map(|(name, _)| name.to_owned()).collect::<BTreeSet<_>>(), known, "table of README.md");
}

#[test]
fn the_corpus_stays_small() {
    let sizes = TARGETS.iter().flat_map(|(target, ..)| seeds(target)).map(|(_, bytes)| bytes.len());
    let total = u64::try_from(sizes.sum::<usize>()).unwrap();
    assert!(total <= MAX_CORPUS, "{total} bytes in fuzz/corpus");
}
