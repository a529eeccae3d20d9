//! Reports with attachments of more than a mebibyte, at real nodes.

use super::{
    Lab, connect,
    content::{report, started, text},
    done, refused, relto, run, said,
};
use relto_cli::{
    client::Client,
    signing::{posted, submission},
};
use relto_formats::api::{Received, Register, Status, Submission, UploadState};
use relto_lab::bench::Maker;
use relto_report::{
    assessment::{Document, Hashing},
    attachment::bytes::{Apart, held, read},
    nation::Nation,
};
use std::{fs, time::Duration};

const SERIAL: &str = "XAA-CYBER-2026-3150";
const TABLE: &str =
    "\n[[attachment]]\nfile = \"sites.csv\"\nmark = \"(U//REL TO XAA, XBB)\"\ntitle = \"(U//REL TO XAA, XBB) Sites\"\n";

fn table(rows: usize) -> Vec<u8> {
    let rows: String = (0..rows).map(|n| format!("{n},site {n}\n")).collect();
    format!("n,name\n{rows}").into_bytes()
}

/// A document whose attachments stand apart, of these bytes.
fn apart(report: &relto_report::assessment::Report, bytes: &[u8]) -> Document {
    let mut hashing = Hashing::new();
    hashing.push(&Document::lay_out_head(report));
    hashing.push(bytes);
    hashing.finish().1.unwrap_or_else(|fault| panic!("{fault}")).apart(held(bytes.to_vec()))
}

async fn put(
    client: &mut Client,
    id: &str,
    bytes: &[u8],
    offset: u64,
    length: u64,
) -> Result<UploadState, Option<(u16, String)>> {
    let path = format!("/v1/uploads/{id}?offset={offset}&length={length}");
    let (bytes, count): (Apart, u64) = (held(bytes.to_vec()), u64::try_from(bytes.len()).unwrap());
    client.put(&path, &bytes, 0..count, |_| {}).await.map_err(|error| refused!(error))
}

#[test]
fn api_54_what_is_judged_is_what_stands_on_the_disk() {
    let lab = Lab::new();
    let _nodes = started(&lab);
    run(async {
        let author = lab.person("XAA", "author");
        let mut client = connect(&author).await;
        let status: Status = client.get("/v1/status").await.unwrap();
        let maker = Maker::new(&lab.dir, &author, 1_000).await.unwrap();
        let (good, _) = maker.make_with(0, &held(table(100_000))).unwrap();
        let to = Nation::parse("XBB").unwrap();
        let sign = |document: &Document| {
            let signer = author.signer().unwrap();
            submission(&signer, &status.links[0].agreement, to, document, None, false).unwrap()
        };
        let whole = read(&good, usize::MAX).unwrap();
        let mut other = whole.clone();
        let at = whole.windows(7).position(|it| it == b"Network").unwrap();
        other[at] = b'X';
        let (part, length) = (262_144, good.length());
        let signed = sign(&good);
        let id = signed.id.clone();
        // Its first part is there already, as another: of it nothing is taken, whatever comes behind it.
        assert_eq!(put(&mut client, &id, &other[..part], 0, length).await.unwrap().received, part as u64);
        assert_eq!(put(&mut client, &id, &whole[..part], 0, length).await.unwrap().received, part as u64);
        let all = put(&mut client, &id, &whole[part..], part as u64, length).await.unwrap();
        assert_eq!((all.received, all.length), (length, length));
        let error = client.post::<_, Submission>("/v1/submissions", &posted(&signed)).await.unwrap_err();
        assert_eq!(refused!(error).map(|(status, _)| status), Some(422), "{error}");
        // In one go the same is what was signed. Its parts are the submission's then, and another is none of it.
        let signed = sign(&good);
        assert_eq!(put(&mut client, &signed.id, &whole, 0, length).await.unwrap().received, length);
        let short = posted(&signed);
        let first: Submission = client.post("/v1/submissions?wait=60", &short).await.unwrap();
        let again: Submission = client.post("/v1/submissions", &short).await.unwrap();
        assert_eq!((first.id, first.serial), (again.id, again.serial));
        let error = put(&mut client, &signed.id, &whole, 0, length).await.unwrap_err();
        assert_eq!(error, Some((409, "id-reused".to_owned())));
        let mut changed = sign(&apart(good.report(), &table(100_000)));
        changed.id.clone_from(&signed.id);
        changed.emergency = true;
        let same = posted(&changed);
        let error = client.post::<_, Submission>("/v1/submissions", &same).await;
        assert!(error.is_ok(), "the same signed bytes are the same submission");
        // What is not there is not submitted.
        let nothing = posted(&sign(&good));
        let error = client.post::<_, Submission>("/v1/submissions", &nothing).await.unwrap_err();
        assert_eq!(refused!(error), Some((409, "upload".to_owned())), "{error}");
    });
}

#[test]
fn api_55_an_attachment_is_given_alone_and_that_it_was_is_on_record() {
    let lab = Lab::new();
    let _nodes = started(&lab);
    let path = report(&lab, SERIAL, TABLE, "Sites: x S//XBB y and (S//NF).\n");
    let bytes = table(120_000);
    fs::write(path.with_file_name("sites.csv"), &bytes).unwrap();
    let told = done(&relto(&lab, "XAA", "author", &["submit", text(&path), "--to", "XBB", "--wait"]), 5);
    assert!(told.contains("held") || told.contains("HELD") || told.contains("officer"), "{told}");
    // The officer's client looks into all of it, and signs what it has looked at.
    let shown = said(&relto(&lab, "XAA", "officer-1", &["hold", "show", SERIAL]), 0);
    assert!(shown.contains("sites.csv"), "{shown}");
    done(&relto(&lab, "XAA", "officer-1", &["hold", "approve", SERIAL, "--yes"]), 0);
    run(async {
        let reader = lab.person("XBB", "author");
        let mut client = connect(&reader).await;
        let place = arrived(&mut client).await;
        let whole = client_bytes(&mut client, &format!("{place}/attachments/1")).await;
        assert!(whole == bytes);
        let rest = client_bytes(&mut client, &format!("{place}/attachments/1?from=1000000")).await;
        assert!(rest == bytes[1_000_000..]);
        let mut status = async |path: String| {
            let error = client.get_bytes(&path).await.unwrap_err();
            refused!(error).map(|(status, _)| status)
        };
        assert_eq!(status(format!("{place}/attachments/2")).await, Some(404));
        assert_eq!(status(format!("{place}/attachments/0")).await, Some(404));
        assert_eq!(status(format!("{place}/attachments/1?from={}", bytes.len() + 1)).await, Some(400));
        let mut auditor = connect(&lab.person("XBB", "auditor")).await;
        let Register { openings, .. } = auditor.get("/v1/register").await.unwrap();
        assert_eq!(openings.len(), 2, "each that was given, and none that was not");
        let error = auditor.get_bytes(&format!("{place}/attachments/1")).await.unwrap_err();
        assert_eq!(refused!(error).map(|(status, _)| status), Some(403));
    });
    let out = tempfile::tempdir().unwrap();
    done(&relto(&lab, "XBB", "author", &["show", SERIAL, "--attachments", text(out.path())]), 0);
    assert!(fs::read(out.path().join("sites.csv")).unwrap() == bytes);
}

async fn arrived(client: &mut Client) -> String {
    for _ in 0..1_200 {
        let inbox: Vec<Received> = client.get("/v1/inbox").await.unwrap();
        if let Some(line) = inbox.first() {
            return format!("/v1/inbox/{}/{}", line.agreement, line.index);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it does not come")
}

async fn client_bytes(client: &mut Client, path: &str) -> Vec<u8> {
    use http_body_util::BodyExt as _;
    client.get_bytes(path).await.unwrap().collect().await.unwrap().to_bytes().to_vec()
}
