//! Who has no certificate: takes all places of handshakes again and again, and keeps nobody out; nor fills the log.

use super::{Flood, Scrape, from, long_way};
use crate::node::{Lab, connect, run, until};
use relto_cli::client::Client;
use relto_formats::api::Status;
use std::{net::Ipv4Addr, time::Duration};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const AWAY: Duration = Duration::from_millis(300);
/// Who is honest comes from the same /24 as the four.
const HONEST: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);

/// Four machines of the officers' own network, sixteen networks, and both at once.
fn floods() -> [Vec<Ipv4Addr>; 3] {
    let at_home: Vec<_> = (2..6).map(|n| Ipv4Addr::new(127, 0, 0, n)).collect();
    let abroad: Vec<_> = (0..16).map(|n| Ipv4Addr::new(127, 100 + n, 0, 1)).collect();
    // As many connections from the own network as from each of the others, or a few more.
    let both = [&abroad[..8], &at_home[..1], &abroad[8..], &at_home[1..2]].concat();
    [at_home, abroad, both]
}

#[test]
fn api_35_silent_connections_keep_no_officer_out() {
    run(async {
        let lab = Lab::new();
        let _node = lab.start("XAA");
        connect(&lab.person("XAA", "officer-1")).await;
        for addresses in floods() {
            let mut officer = lab.person("XAA", "officer-1");
            let flood = Flood::begin(addresses, officer.api);
            flood.is_full().await;
            let direct = officer.clone();
            // 300 ms each way: TCP and TLS take 1.2 s, in which 35 more connections come.
            officer.api = long_way(HONEST, officer.api, AWAY).await;
            for _ in 0..4 {
                let mut client = Client::connect(&officer).await.unwrap();
                client.get::<Status>("/v1/status").await.unwrap();
                // At once, each time.
                Client::connect(&direct).await.unwrap().get::<Status>("/v1/status").await.unwrap();
            }
        }
    });
}

#[test]
fn lnk_34_silent_connections_keep_no_partner_out() {
    run(async {
        for addresses in floods() {
            let lab = Lab::new();
            // Borealia knows no address of Arcadia's: it is a stranger like the others until it is proven.
            lab.set("XBB", "dial", None);
            let port = lab.address("XAA", "dial").parse().unwrap();
            let _borealia = lab.start("XBB");
            let mut client = connect(&lab.person("XBB", "operator")).await;
            let flood = Flood::begin(addresses, port);
            flood.is_full().await;
            let way = long_way(HONEST, port, AWAY).await;
            lab.set("XAA", "dial", Some(&format!("\"{way}\"")));
            let _arcadia = lab.start("XAA");
            until(&mut client, 60, |status| status.links[0].connected && status.links[0].heads_confirmed).await;
            let now = flood.opened.load(std::sync::atomic::Ordering::Relaxed);
            flood.reaches(now + 60).await;
            until(&mut client, 5, |status| status.links[0].connected).await;
        }
    });
}

#[test]
fn api_38_what_strangers_say_fills_no_log() {
    run(async {
        let lab = Lab::new();
        let scrape = Scrape::of(&lab, "XAA").await;
        let _node = lab.start("XAA");
        connect(&lab.person("XAA", "operator")).await;
        let link = lab.address("XAA", "link").parse().unwrap();
        let (before, refused) = (lab.told("XAA").len(), scrape.get("relto_refused_total").await);
        let (address, api) = (Ipv4Addr::new(127, 0, 0, 7), lab.person("XAA", "operator").api);
        for n in 0..1_500_u32 {
            let to = if n % 2 == 0 { api } else { link };
            let mut socket = from(address, to).await.unwrap();
            let _ = socket.write_all(b"GET / HTTP/1.1\r\n\r\n").await;
            let _ = socket.read(&mut [0; 64]).await;
        }
        scrape.until("relto_refused_total", |count| count >= refused + 1_500).await;
        let told = lab.told("XAA")[before..].to_owned();
        let lines = told.lines().filter(|line| line.contains("refused")).count();
        assert!((2..=12).contains(&lines), "the first of each kind, and once a minute how many: {lines}\n{told}");
        assert!(told.len() < 8 * 1024, "{}", told.len());
        assert!(scrape.get("relto_log_lines_hushed_total").await > 1_400);
    });
}
