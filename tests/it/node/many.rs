//! Many reports with one command: each answered by itself, what another names before it, and nothing sent twice.

use super::{
    Lab,
    content::{report, started, text},
    done, relto, said,
};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// A report and its home file, moved into a folder.
fn moved(lab: &Lab, folder: &Path, name: &str, serial: &str, more: &str) -> PathBuf {
    let (made, path) = (report(lab, serial, "", more), folder.join(name));
    fs::rename(&made, &path).unwrap();
    fs::rename(made.with_extension("home.toml"), path.with_extension("home.toml")).unwrap();
    path
}

#[test]
fn api_53_a_folder_of_reports_goes_over_one_connection_each_answered_by_itself() {
    let lab = Lab::new();
    let _nodes = started(&lab);
    let folder = lab.dir.join("XAA/outbox");
    fs::create_dir(&folder).unwrap();
    let first = moved(&lab, &folder, "a.md", "XAA-CYBER-2026-3161", "");
    let named =
        fs::read_to_string(&first).unwrap().replacen("+++\n", "+++\nrefers_to = [\"XAA-CYBER-2026-3162\"]\n", 1);
    fs::write(&first, named).unwrap();
    moved(&lab, &folder, "b.md", "XAA-CYBER-2026-3162", "");
    moved(&lab, &folder, "c.md", "XAA-CYBER-2026-3163", "\n(U) Sites: x S//XBB y.\n");
    let last = moved(&lab, &folder, "d.md", "XAA-CYBER-2026-3164", "");
    let whole = fs::read_to_string(&last).unwrap();
    fs::write(&last, whole.replace("XAA-CYBER-2026-3164", "no serial")).unwrap();
    let told = said(&relto(&lab, "XAA", "author", &["--json", "submit", text(&folder), "--to", "XBB", "--wait"]), 1);
    let told: Value = serde_json::from_str(told.trim()).unwrap();
    let list = told["submissions"].as_array().unwrap();
    assert_eq!(list.len(), 4, "{told}");
    let standing = |at: usize| &list[at]["submission"]["standing"];
    for at in [0, 1] {
        assert_eq!(
            (&standing(at)["state"], &standing(at)["verdict"]),
            (&json!("resolved"), &json!("admitted")),
            "{told}"
        );
    }
    // What it names was released before it: else it would have been refused.
    assert!(standing(1)["index"].as_u64() < standing(0)["index"].as_u64(), "{told}");
    assert_eq!((&standing(2)["state"], &list[2]["exit"]), (&json!("held"), &json!(5)), "{told}");
    assert_eq!((&list[3]["error"]["error"], &list[3]["exit"]), (&json!("file"), &json!(1)), "{told}");
    assert!(list[3]["file"].as_str().unwrap().ends_with("outbox/d.md"), "{told}");
    // The same again: what has its answer stays, what is held is asked after, what was mended goes.
    fs::write(&last, whole).unwrap();
    let told = done(&relto(&lab, "XAA", "author", &["submit", text(&folder), "--to", "XBB", "--wait"]), 5);
    for part in
        ["4 submissions: 1 held, officers owe; 3 released, admitted by the partner", "MARK_IN_TEXT", "not sent again"]
    {
        assert!(told.contains(part), "{part}: {told}");
    }
    let kept = |name: &str| folder.join(name).exists();
    assert!(kept("c.XBB.submission") && !kept("a.XBB.submission") && !kept("d.XBB.submission"));
    // And what the partner has is four reports less the held one.
    let inbox = done(&relto(&lab, "XBB", "author", &["inbox"]), 0);
    assert_eq!(
        [3161, 3162, 3163, 3164].map(|n| inbox.contains(&format!("XAA-CYBER-2026-{n}"))),
        [true, true, false, true]
    );
}
