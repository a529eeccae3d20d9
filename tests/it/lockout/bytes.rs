//! Own people of little privilege: connections, bytes of requests, answers that nobody reads. The office always gets in.

use super::{Scrape, Stream, caller};
use crate::node::{Lab, connect, run, until};
use relto_cli::{client::Client, profile::Profile, signing::submission};
use relto_formats::api::{HeldReport, MAX_BODY, Standing, Status, Submission};
use relto_lab::bench::Maker;
use relto_report::{assessment::Document, attachment::bytes::held, nation::Nation};
use std::{fs, net::Ipv4Addr, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 20);
const MIB: u64 = 1024 * 1024;

#[test]
fn api_36_two_accounts_take_no_place_of_the_office() {
    run(async {
        let lab = Lab::new();
        let scrape = Scrape::of(&lab, "XAA").await;
        let _node = lab.start("XAA");
        connect(&lab.person("XAA", "author")).await;
        let mut tasks = tokio::task::JoinSet::new();
        for account in ["author", "analyst"] {
            let profile = lab.person("XAA", account);
            let tls = profile.tls().unwrap();
            for _ in 0..8 {
                let (tls, to) = (tls.clone(), profile.api);
                // More than there are places in all, and held.
                tasks.spawn(async move {
                    let mut held = Vec::new();
                    for _ in 0..40 {
                        let one = timeout(Duration::from_secs(20), caller(ADDRESS, to, tls.clone())).await;
                        held.extend(one.ok().flatten());
                    }
                    held
                });
            }
        }
        scrape.until("relto_clients", |clients| clients > 100).await;
        let mut all = Vec::new();
        while let Some(held) = tasks.join_next().await {
            all.extend(held.unwrap());
            for account in ["officer-1", "officer-2", "operator", "auditor"] {
                let mut client = Client::connect(&lab.person("XAA", account)).await.unwrap();
                client.get::<Status>("/v1/status").await.unwrap();
            }
        }
        assert!(all.len() > 512, "{}", all.len());
        assert!(scrape.get("relto_clients").await <= 384 + 128);
        // And each of the two still has its own.
        let mut client = connect(&lab.person("XAA", "analyst")).await;
        client.get::<Status>("/v1/status").await.unwrap();
    });
}

async fn says(profile: &Profile, head: &str) -> Stream {
    let mut stream = caller(ADDRESS, profile.api, profile.tls().unwrap()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

/// The status of the answer.
async fn status(stream: &mut Stream) -> String {
    let mut first = [0; 12];
    timeout(Duration::from_secs(60), stream.read_exact(&mut first)).await.unwrap().unwrap();
    String::from_utf8_lossy(&first[9..]).into_owned()
}

#[test]
fn api_37_what_is_announced_and_does_not_come_takes_nothing() {
    run(async {
        let lab = Lab::new();
        let scrape = Scrape::of(&lab, "XAA").await;
        let _node = lab.start("XAA");
        let author = lab.person("XAA", "author");
        let mut client = connect(&author).await;
        let maker = Maker::new(&lab.dir, &author, 2_000).await.unwrap();
        let head = format!(
            "POST /v1/submissions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{{",
            MAX_BODY - 1
        );
        let mut slow = Vec::new();
        for _ in 0..12 {
            slow.push(says(&author, &head).await);
        }
        // 12 x 80 MiB are announced; a byte of each is here.
        let held = scrape.until("relto_request_bytes", |bytes| bytes >= 12 * 4_096).await;
        assert!(held < MIB, "{held}");
        let sent: Submission = client.post("/v1/submissions", &maker.make(1).unwrap()).await.unwrap();
        assert!(!sent.id.is_empty());
        assert_eq!(status(&mut slow[0]).await, "408", "it did not go on");
        scrape.until("relto_request_bytes", |bytes| bytes == 0).await;
    });
}

/// Submits a report with an attachment of some megabytes, whole in its body as a program may that uploads nothing, which an
/// officer must look at; and says where it is held.
async fn large(lab: &Lab) -> String {
    let author = lab.person("XAA", "author");
    let mut client = connect(&author).await;
    let status: Status = client.get("/v1/status").await.unwrap();
    let rows: String = (0..200_000).map(|n| format!("{n},port {n}\n")).collect();
    let table = format!("n,name\n{rows}").into_bytes();
    let maker = Maker::new(&lab.dir, &author, 1_000).await.unwrap();
    let (made, _) = maker.make_with(0, &held(table.clone())).unwrap();
    let mut report = made.report().clone();
    report.portions.last_mut().unwrap().body.text.push_str(" x S//XBB y");
    let document = Document::decode(Document::lay_out(&report, &[&table])).unwrap();
    let (signer, to) = (author.signer().unwrap(), Nation::parse("XBB").unwrap());
    let signed = submission(&signer, &status.links[0].agreement, to, &document, None, false).unwrap();
    let told: Submission = client.post("/v1/submissions", &signed).await.unwrap();
    assert!(matches!(told.standing, Standing::Held { .. }), "{:?}", told.standing);
    format!("/v1/holds/{}", told.id)
}

fn resident(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
}

#[test]
fn api_37_answers_that_nobody_reads_take_their_share_and_end() {
    run(async {
        let lab = Lab::new();
        let scrape = Scrape::of(&lab, "XAA").await;
        let (arcadia, _borealia) = (lab.start("XAA"), lab.start("XBB"));
        let mut sender = connect(&lab.person("XAA", "author")).await;
        until(&mut sender, 30, |status| status.links.iter().all(|link| link.heads_confirmed)).await;
        let place = large(&lab).await;
        let reader = lab.person("XAA", "officer-1");
        let mut client = connect(&reader).await;
        let opened: HeldReport = client.get(&place).await.unwrap();
        let each = u64::try_from(opened.plaintext.0.len()).unwrap() * 4 / 3;
        assert!(each > 4 * MIB, "{each}");
        let before = resident(arcadia.id());
        // Each reads how it is answered, and no more.
        let (mut given, mut busy) = (Vec::new(), 0);
        for _ in 0..40 {
            let mut stream = says(&reader, &format!("GET {place} HTTP/1.1\r\nhost: x\r\n\r\n")).await;
            match status(&mut stream).await.as_str() {
                "200" => given.push(stream),
                "503" => busy += 1,
                other => panic!("{other}"),
            }
        }
        let share = 72 * MIB;
        assert!(u64::try_from(given.len()).unwrap() <= share / each + 1 && busy > 10, "{} {busy}", given.len());
        let held = scrape.get("relto_answer_bytes").await;
        assert!(held <= share, "{held}");
        let grown = resident(arcadia.id()).saturating_sub(before);
        assert!(grown < 400 * MIB, "{grown}");
        // Another class, and whoever else reads, is answered meanwhile.
        let mut officer = Client::connect(&lab.person("XAA", "officer-2")).await.unwrap();
        officer.get::<Status>("/v1/status").await.unwrap();
        officer.get::<HeldReport>(&place).await.unwrap();
        // Those who take nothing are ended, and what they held is free.
        scrape.until("relto_answer_bytes", |bytes| bytes == 0).await;
        drop(given);
        client = connect(&reader).await;
        client.get::<HeldReport>(&place).await.unwrap();
        sender = connect(&lab.person("XAA", "author")).await;
        let sent: Vec<Submission> = sender.get("/v1/submissions").await.unwrap();
        assert_eq!(sent.len(), 1);
    });
}
