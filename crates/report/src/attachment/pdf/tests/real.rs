//! Files of real programs pass.

use super::*;
use std::{env, fs, path::PathBuf};

/// The files of a folder, sorted.
pub(super) fn files(folder: PathBuf) -> Vec<(String, Vec<u8>)> {
    let mut out: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .unwrap()
        .map(|one| one.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "pdf"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    out.sort();
    out
}

pub(super) fn data() -> Vec<(String, Vec<u8>)> {
    files(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/attachment/pdf/tests/data"))
}

#[test]
fn pol_14_files_of_real_programs_pass_but_those_that_carry_something() {
    let (mut passed, mut refused) = (0, 0);
    let more = env::var("RELTO_PDFS").map(|folder| files(folder.into())).unwrap_or_default();
    for (name, bytes) in data().into_iter().chain(more) {
        let found = inspect(&bytes.as_slice());
        let names: Vec<String> = found.names.iter().map(|one| format!("{}={}", one.key, one.value)).collect();
        println!("{name}: {:?} {names:?}", found.finding.as_ref().map(ToString::to_string));
        if name.starts_with("bad-") {
            assert!(found.finding.is_some(), "{name}");
            refused += 1;
        } else if found.finding.is_none() {
            passed += 1;
        } else {
            assert!(env::var_os("RELTO_PDFS").is_some(), "{name}: {:?}", found.finding);
        }
    }
    println!("{passed} files of real programs pass, {refused} that carry something are refused");
    assert!(passed >= 20 || env::var_os("RELTO_PDFS").is_some());
}
