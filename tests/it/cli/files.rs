//! What is done to files before anybody signs: pictures made clean, lists of hold words tried.

use super::{examples, relto, text};
use std::{fs, path::Path};

fn seed(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name)
}

#[test]
fn a_picture_is_made_clean_beside_itself_and_nothing_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let photo = folder.path().join("photo.jpg");
    fs::copy(seed("attachment_jpeg/comment-and-restarts"), &photo).unwrap();
    let before = fs::read(&photo).unwrap();
    let ran = relto(&["clean", text(&photo)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let clean = folder.path().join("photo-clean.jpg");
    assert!(ran.out.contains("photo-clean.jpg") && ran.out.contains("2 parts taken out"), "{}", ran.out);
    let after = fs::read(&clean).unwrap();
    assert!(after.len() < before.len() && fs::read(&photo).unwrap() == before, "the first is as it was");

    // Its second clean has nothing more to take.
    let again = relto(&["--json", "clean", text(&clean)]);
    assert_eq!((again.code, &again.object()["taken_out"]), (0, &serde_json::json!([])), "{}", again.err);
    assert_eq!(fs::read(folder.path().join("photo-clean-clean.jpg")).unwrap(), after);

    let over = relto(&["clean", text(&photo)]);
    assert!(over.code == 1 && over.err.contains("nothing is written over a file; name another with --out"));
    let named = folder.path().join("other.jpg");
    assert_eq!(relto(&["clean", text(&photo), "--out", text(&named)]).code, 0);
    assert_eq!(fs::read(named).unwrap(), after);
}

#[test]
fn what_cannot_be_cleaned_says_what_writes_a_clean_one() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes, told) in [
        ("a.pdf", &b"%PDF-1.4\n"[..], "qpdf --empty --pages"),
        ("a.csv", b"a,b\n1,2\n", "save values in place of formulas"),
        ("a.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF", "cannot be cleaned"),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let ran = relto(&["clean", text(&path)]);
        assert!(ran.code == 1 && ran.err.contains(told), "{name}: {}{}", ran.out, ran.err);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing is left behind");
}

#[test]
fn a_list_of_hold_words_says_what_it_would_hold_before_it_holds_any() {
    let folder = tempfile::tempdir().unwrap();
    let list = examples().join("hold-words.txt");
    let clear = folder.path().join("clear.md");
    fs::write(&clear, "Nothing of it.\n").unwrap();
    let spelled = folder.path().join("spelled.md");
    fs::write(&spelled, "The *amber*-lantern.\n\nAnd Glass\nHarbour.\n").unwrap();
    let table = folder.path().join("table.csv");
    fs::write(&table, "site,name\n1,NORTHGATE 7\n").unwrap();
    let ran = relto(&["words", "try", text(&list), text(&clear), text(&spelled), text(&table)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    for line in ["clear.md: 0 places", "spelled.md: 2 places", "table.csv: 1 place ", "3 words: 2 of 3 texts"] {
        assert!(ran.out.contains(line), "{line}: {}", ran.out);
    }
    assert!(!ran.out.to_lowercase().contains("lantern"), "no word of the list is shown: {}", ran.out);
    let latin = folder.path().join("latin.md");
    fs::write(&latin, b"caf\xe9").unwrap();
    let ran = relto(&["words", "try", text(&list), text(&latin)]);
    assert!(ran.code == 1 && ran.err.contains("not UTF-8"), "{}", ran.err);
}
