//! Files that real programs write: those without metadata pass, the others pass once they were cleaned.
//! `tests/attachments/README.md` names the programs.

use super::{
    clean::{Unclean, clean},
    ending,
    finding::{Advice, Sort},
    judge,
};
use std::{fs, path::Path};

/// Names and bytes of the files in a folder, sorted by name.
pub(super) fn files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/attachments").join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display()));
    let mut out: Vec<(String, Vec<u8>)> = entries
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())
        })
        .collect();
    out.sort();
    out
}

#[test]
fn what_programs_write_without_metadata_passes() {
    let files = files("pass");
    let mut wrong = Vec::new();
    for (name, bytes) in &files {
        let judged = judge(ending(name), &bytes.as_slice());
        if judged.media_type.is_err() || judged.inspected.finding.is_some() {
            wrong.push(format!("{name}: {judged:?}"));
        }
    }
    println!("{} of {} files of real programs pass", files.len() - wrong.len(), files.len());
    assert!(wrong.is_empty() && files.len() >= 30, "{wrong:#?}");
}

#[test]
fn what_programs_write_with_metadata_is_hidden_and_passes_when_cleaned() {
    let files = files("clean");
    for (name, bytes) in &files {
        let found = judge(ending(name), &bytes.as_slice()).inspected;
        let finding = found.finding.unwrap_or_else(|| panic!("{name} passes"));
        assert_eq!((finding.sort, finding.advice), (Sort::Hidden, Advice::Clean), "{name}: {finding}");
        let cleaned = clean(&bytes.as_slice()).unwrap_or_else(|why| panic!("{name}: {why:?}"));
        assert!(!cleaned.taken.is_empty(), "{name}");
        assert_eq!(judge(ending(name), &cleaned.bytes.as_slice()).inspected, Default::default(), "{name}");
    }
    println!("{} files of real programs are refused, and pass when cleaned", files.len());
    assert!(files.len() >= 6);
}

#[test]
fn of_a_phones_picture_the_orientation_stays_and_the_names_are_told() {
    let files = files("clean");
    let (_, phone) = files.iter().find(|(name, _)| name == "phone.jpg").unwrap();
    let found = judge("jpg", &phone.as_slice()).inspected;
    let told: Vec<String> = found.names.iter().map(|one| format!("{}: {}", one.key, one.value)).collect();
    for wanted in ["Exif Artist: J. Doe", "Exif Make: Phonemaker", "Exif GPS: a position", "XMP CreatorTool: HDR+"] {
        assert!(told.iter().any(|one| one == wanted), "{told:?}");
    }
    let cleaned = clean(&phone.as_slice()).unwrap();
    let taken: Vec<&str> = cleaned.taken.iter().map(|one| one.what.as_str()).collect();
    for wanted in ["APP1 (Exif)", "APP1 (XMP)", "APP2 (MPF", "a comment", "behind the end"] {
        assert!(taken.iter().any(|one| one.contains(wanted)), "{taken:?}");
    }
    let at = cleaned.bytes.windows(6).position(|some| some == b"Exif\0\0").unwrap();
    assert_eq!(super::exif::orientation(&cleaned.bytes[at + 6..]), Some(6));
    assert!(!cleaned.bytes.windows(6).any(|some| some == b"J. Doe"));
}

#[test]
fn a_byte_more_anywhere_in_a_picture_is_found() {
    let mut tried = 0;
    for (name, bytes) in files("pass").iter().filter(|(_, bytes)| bytes.len() < 2_500) {
        let scan = bytes.windows(2).position(|two| two == [0xff, 0xda]).filter(|_| name.ends_with("jpg"));
        let scans = scan.unwrap_or(bytes.len())..bytes.len() - 2;
        let step = (bytes.len() / 40).max(1);
        for at in (0..=bytes.len()).step_by(step).chain([bytes.len()]) {
            // Inside a scan other bytes may be another picture, with nothing left over behind it.
            if scans.contains(&at) {
                continue;
            }
            let mut longer = bytes.clone();
            longer.splice(at..at, *b"hide");
            let found = judge(ending(name), &longer.as_slice());
            if found.media_type.is_ok() && found.inspected.finding.is_none() {
                panic!("{name}: four bytes at {at} of {} pass", bytes.len());
            }
            tried += 1;
        }
    }
    println!("{tried} files with four bytes more are refused");
}

#[test]
fn a_document_and_a_text_are_not_cleaned() {
    for bytes in [&b"%PDF-1.7\n"[..], b"a,b\n"] {
        assert!(matches!(clean(&bytes), Err(Unclean::NoImage(_))));
    }
}
