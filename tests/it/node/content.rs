//! What is in texts and attachments, at real nodes: what an officer must look at, what a reader is told, what the author
//! is told before anybody signs, and what a client that checks nothing is told.

use super::{Daemon, Lab, connect, done, refused, relto, run, said, until, watch::post_as};
use relto_cli::signing::submission;
use relto_formats::api::{Decline, Held, Status, Submission};
use relto_lab::bench::Maker;
use relto_report::{assessment::Document, nation::Nation, rules::LIST};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

const EXAMPLE: &str = "XAA-CYBER-2026-3107";

pub(super) fn started(lab: &Lab) -> [Daemon; 2] {
    let nodes = ["XAA", "XBB"].map(|nation| lab.start(nation));
    run(async {
        let linked = |status: &Status| status.links.iter().all(|link| link.connected && link.heads_confirmed);
        until(&mut connect(&lab.person("XAA", "author")).await, 60, linked).await;
    });
    nodes
}

/// The example report under another serial, with keys and text added.
pub(super) fn report(lab: &Lab, serial: &str, keys: &str, text: &str) -> PathBuf {
    let folder = lab.dir.join("XAA/reports");
    let path = folder.join(format!("{serial}.md"));
    let example = fs::read_to_string(folder.join("roc800-file-access.md")).unwrap().replace(EXAMPLE, serial);
    let (head, body) = example.split_once("[[source]]").unwrap();
    let (source, body) = body.split_once("\n+++\n").unwrap();
    fs::write(&path, format!("{head}[[source]]{source}\n{keys}+++\n{body}{text}")).unwrap();
    let home = fs::read_to_string(folder.join("roc800-file-access.home.toml")).unwrap();
    fs::write(path.with_extension("home.toml"), home.replace(EXAMPLE, serial)).unwrap();
    path
}

pub(super) fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// What a reader of Borealia's is shown of a report, once it is there.
fn shown(lab: &Lab, words: &[&str]) -> String {
    let serial = words[0];
    for _ in 0..1_200 {
        if said(&relto(lab, "XBB", "author", &["inbox"]), 0).contains(serial) {
            return done(&relto(lab, "XBB", "author", &[&["show"], words].concat()), 0);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{serial} does not come")
}

#[test]
fn pol_21_what_is_shaped_like_a_mark_waits_for_an_officer_and_the_reader_is_told() {
    const SERIAL: &str = "XAA-CYBER-2026-3140";
    let lab = Lab::new();
    let _nodes = started(&lab);
    // Many, so that no line of the node's tells all.
    let path = report(&lab, SERIAL, "", &format!("Sites: {}and (S//NF).\n", "x S//XBB y, ".repeat(40)));
    let checked = done(&relto(&lab, "XAA", "author", &["check", text(&path), "--to", "XBB"]), 5);
    assert!(checked.contains("MARK_IN_TEXT") && checked.contains("S//XBB stands in it"), "{checked}");
    done(&relto(&lab, "XAA", "author", &["submit", text(&path), "--to", "XBB", "--wait"]), 5);
    let told = said(&relto(&lab, "XAA", "officer-1", &["hold", "show", SERIAL]), 0);
    assert!(told.contains("places to look at, found here in the text above: 41"), "{told}");
    assert_eq!(told.matches("MARK_IN_TEXT: portion").count(), 41, "{told}");
    assert!(told.contains("(S//NF) stands in it"), "{told}");
    done(&relto(&lab, "XAA", "officer-1", &["hold", "approve", SERIAL, "--yes"]), 0);
    let shown = shown(&lab, &[SERIAL]);
    assert!(shown.contains("text shaped like a mark, and none: portion"), "{shown}");
}

#[test]
fn rpt_9_a_client_that_checks_nothing_is_refused_by_number_over_the_api() {
    let lab = Lab::new();
    let _nodes = started(&lab);
    run(async {
        let author = lab.person("XAA", "author");
        let mut client = connect(&author).await;
        let status: Status = client.get("/v1/status").await.unwrap();
        let maker = Maker::new(&lab.dir, &author, 1_000).await.unwrap();
        let plain: Submission = client.post("/v1/submissions", &maker.make(0).unwrap()).await.unwrap();
        assert!(!plain.id.is_empty());
        for (n, broken, rule) in [(1, "Public.\n(S//NF) National.", "R115"), (2, "sof\u{ad}t", "R003")] {
            let made = maker.make(n).unwrap();
            let mut report = Document::decode(made.plaintext.0).unwrap().report().clone();
            report.portions.last_mut().unwrap().body.text = broken.to_owned();
            let document = Document::decode(Document::lay_out(&report, &[])).unwrap();
            let to = Nation::parse("XBB").unwrap();
            let agreement = &status.links[0].agreement;
            let home = made.home.map(|home| home.0);
            let signed = submission(&author.signer().unwrap(), agreement, to, &document, home, false).unwrap();
            let error = client.post::<_, Submission>("/v1/submissions", &signed).await.unwrap_err();
            assert_eq!(refused!(error).map(|(status, _)| status), Some(422), "{error}");
            assert!(error.to_string().contains(rule), "{error}");
            assert!(!error.to_string().contains("list"), "of the same list nothing is said of lists: {error}");
            // Another program is told of the other list, and of its own, where it says which that is.
            let body = serde_json::to_string(&signed).unwrap();
            let here = format!("this node is relto {} with list {LIST} of the rules", env!("CARGO_PKG_VERSION"));
            for (agent, says) in [
                ("user-agent: relto/0.0.9 rules/1\r\n", "your client is relto/0.0.9 and has list 1"),
                ("user-agent: curl/8\r\n", "your client is curl/8 and does not say its list"),
                ("", "your client does not say which it is"),
            ] {
                let (status, told) = post_as(&author, agent, "/v1/submissions", &body).await;
                assert_eq!(status, 422, "{told}");
                assert!(told.contains(rule) && told.contains(says) && told.contains(&here), "{agent}: {told}");
            }
        }
        // What no program of ours writes: bytes that do not decode.
        let version = |bytes: &mut Vec<u8>| {
            *bytes.windows(14).position(|it| it == b"relto-report/1").map(|at| &mut bytes[at + 13]).unwrap() = b'2'
        };
        let letter = |bytes: &mut Vec<u8>| {
            *bytes.windows(7).position(|it| it == b"Network").map(|at| &mut bytes[at]).unwrap() = 0xff
        };
        let more = |bytes: &mut Vec<u8>| bytes.push(0);
        for (n, broken, rule) in
            [(3, &version as &dyn Fn(&mut Vec<u8>), "R010: format"), (4, &letter, "R001"), (5, &more, "R062")]
        {
            let mut made = maker.make(n).unwrap();
            broken(&mut made.plaintext.0);
            let error = client.post::<_, Submission>("/v1/submissions", &made).await.unwrap_err();
            assert_eq!(refused!(error).map(|(status, _)| status), Some(422), "{error}");
            assert!(error.to_string().contains(rule), "{error}");
        }
    });
}

#[test]
fn rpt_11_a_translation_that_marks_lower_than_its_original_is_refused_by_the_node() {
    const ORIGINAL: &str = "XAA-CYBER-2026-3143";
    let lab = Lab::new();
    let _nodes = started(&lab);
    let path = report(&lab, ORIGINAL, "", "");
    done(&relto(&lab, "XAA", "author", &["submit", text(&path), "--to", "XBB", "--wait"]), 0);

    let path = report(&lab, "XAA-CYBER-2026-3144", "", "");
    let named = format!("translation_of = \"{ORIGINAL}\"\ntraffic");
    let kept = fs::read_to_string(&path).unwrap().replacen("traffic", &named, 1);
    let lowered = kept.replace("(R//REL TO XAA, XBB)", "(U)").replace("RESTRICTED//", "UNCLASSIFIED//");
    fs::write(&path, lowered).unwrap();
    for words in [&["check", "--online", text(&path), "--to", "XBB"][..], &["submit", text(&path), "--to", "XBB"][..]] {
        let told = done(&relto(&lab, "XAA", "author", words), 1);
        let why = format!(
            "R028: a translation keeps the markings of {ORIGINAL}: (R//REL TO XAA, XBB) in portion 2, (U) here"
        );
        assert!(told.contains(&why), "{told}");
    }
    fs::write(&path, kept).unwrap();
    done(&relto(&lab, "XAA", "author", &["submit", text(&path), "--to", "XBB", "--wait"]), 0);
}

/// A page of nothing with an author, every byte in its place.
fn page(author: &str) -> Vec<u8> {
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] >>".to_owned(),
        format!("<< /Author ({author}) >>"),
    ];
    let (mut out, mut table) = ("%PDF-1.4\n".to_owned(), "0000000000 65535 f \n".to_owned());
    for (object, n) in objects.iter().zip(1..) {
        table.push_str(&format!("{:010} 00000 n \n", out.len()));
        out.push_str(&format!("{n} 0 obj\n{object}\nendobj\n"));
    }
    let start = out.len();
    let trailer = format!("trailer\n<< /Size 5 /Root 1 0 R /Info 4 0 R >>\nstartxref\n{start}\n%%EOF\n");
    format!("{out}xref\n0 5\n{table}{trailer}").into_bytes()
}

fn attached(name: &str) -> String {
    format!("\n[[attachment]]\nfile = \"{name}\"\nmark = \"(U)\"\ntitle = \"(U) A file\"\n")
}

#[test]
fn pol_14_author_officer_and_reader_are_told_what_a_file_carries() {
    const SERIAL: &str = "XAA-CYBER-2026-3141";
    let lab = Lab::new();
    let _nodes = started(&lab);
    let folder = lab.dir.join("XAA/reports");
    fs::write(folder.join("sums.csv"), "a,b\n1,=SUM(A1)\n").unwrap();
    let path = report(&lab, "XAA-CYBER-2026-3142", &attached("sums.csv"), "");
    let warned = "attachment 1, sums.csv: active content: a formula in line 2, column 2";
    let checked = done(&relto(&lab, "XAA", "author", &["check", text(&path), "--to", "XBB"]), 5);
    assert!(checked.contains(warned), "{checked}");
    let sent = done(&relto(&lab, "XAA", "author", &["submit", text(&path), "--to", "XBB", "--wait"]), 3);
    assert!(sent.matches(warned).count() >= 2, "by the client, and by the node that refuses it: {sent}");

    fs::write(folder.join("page.pdf"), page("John Q. Public")).unwrap();
    let held = "Sites: x S//NF y.\n";
    let path = report(&lab, SERIAL, &attached("page.pdf"), held);
    let named = "page.pdf: names John Q. Public (Author), where no reader looks";
    let checked = done(&relto(&lab, "XAA", "author", &["check", text(&path), "--to", "XBB"]), 5);
    assert!(checked.contains(named), "{checked}");
    done(&relto(&lab, "XAA", "author", &["submit", text(&path), "--to", "XBB", "--wait"]), 5);
    let told = done(&relto(&lab, "XAA", "officer-1", &["hold", "approve", SERIAL]), 1);
    assert!(told.contains("there is no terminal to ask at"), "{told}");
    not_opened(&lab, &attached("page.pdf"), held);
    typed(&lab, SERIAL);
    let out = lab.dir.join("opened");
    let words = ["hold", "approve", SERIAL, "--yes", "--attachments", text(&out)];
    let told = done(&relto(&lab, "XAA", "officer-1", &words), 0);
    assert!(told.contains(named) && told.contains("open these before you answer"), "{told}");
    assert_eq!(fs::read(out.join("page.pdf")).unwrap(), page("John Q. Public"));
    let out = lab.dir.join("received");
    let shown = shown(&lab, &[SERIAL, "--attachments", text(&out)]);
    assert!(shown.contains(named) && out.join("page.pdf").exists(), "{shown}");
}

/// Who approves without having written the attachments anywhere is told which nobody has opened.
fn not_opened(lab: &Lab, attached: &str, text_of: &str) {
    const OTHER: &str = "XAA-CYBER-2026-3145";
    let path = report(lab, OTHER, attached, text_of);
    done(&relto(lab, "XAA", "author", &["submit", text(&path), "--to", "XBB"]), 5);
    let says = format!("not opened: page.pdf. `relto hold show {OTHER} --attachments DIR`");
    let told = done(&relto(lab, "XAA", "officer-1", &["hold", "approve", OTHER, "--yes"]), 0);
    assert!(told.contains(&says) && !told.contains("open these before you answer"), "{told}");
}

/// A reason that people type hides nothing: the client says so, and the node to whoever asks it without. RPT-8
fn typed(lab: &Lab, serial: &str) {
    for (reason, sign) in [("not\u{200b} now", "U+200B"), ("no\u{ad}w", "U+00AD"), ("no\u{e0041}", "U+E0041")] {
        let told = done(&relto(lab, "XAA", "officer-1", &["hold", "refuse", serial, "--reason", reason]), 1);
        assert!(told.contains("--reason (R003)") && told.contains(sign), "{told}");
        run(async {
            let mut officer = connect(&lab.person("XAA", "officer-1")).await;
            let held: Vec<Held> = officer.get("/v1/holds").await.unwrap();
            let id = &held.iter().find(|one| one.serial == serial).unwrap().id;
            let body = Decline { reason: reason.to_owned() };
            let error = officer.post::<_, Submission>(&format!("/v1/holds/{id}/decline"), &body).await.unwrap_err();
            assert_eq!(refused!(error).map(|(status, _)| status), Some(400), "{error}");
            assert!(error.to_string().contains("reason (R003)") && error.to_string().contains(sign), "{error}");
        });
    }
}
