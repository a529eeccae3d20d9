//! Real nodes far apart that both dial, and a copy of one that was put back.

use super::{Daemon, Lab, connect, is_admitted, run, until};
use relto_cli::client::Client;
use relto_formats::api::{Status, Submission};
use relto_lab::bench::Maker;
use std::{
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::{mpsc, watch},
    time::{Instant, sleep, sleep_until},
};

/// Stands between two nodes that dial each other: whatever passes takes its time, until everything is cut.
struct Distance {
    each_way: Arc<AtomicU64>,
    cut: watch::Sender<()>,
}

impl Distance {
    async fn between(lab: &Lab, millis: u64) -> Self {
        let distance = Self { each_way: Arc::new(AtomicU64::new(millis)), cut: watch::channel(()).0 };
        for nation in ["XAA", "XBB"] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let target = lab.address(nation, "dial");
            lab.set(nation, "dial", Some(&format!("\"{}\"", listener.local_addr().unwrap())));
            let (each_way, cut) = (distance.each_way.clone(), distance.cut.subscribe());
            tokio::spawn(async move {
                loop {
                    let (near, _) = listener.accept().await.unwrap();
                    let Ok(far) = TcpStream::connect(&target).await else { continue };
                    let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                    let (each_way, mut cut) = (each_way.clone(), cut.clone());
                    cut.mark_unchanged();
                    tokio::spawn(async move {
                        let both = async {
                            tokio::join!(carry(near_in, far_out, &each_way), carry(far_in, near_out, &each_way))
                        };
                        tokio::select! {
                            _ = both => {}
                            _ = cut.changed() => {}
                        }
                    });
                }
            });
        }
        distance
    }
}

/// One direction: what is read is written when its time has come, and so is the end.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, each_way: &AtomicU64) {
    let (line, mut arrives) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let read = async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            let due = Instant::now() + Duration::from_millis(each_way.load(Ordering::Relaxed));
            if line.send((due, buffer[..count].to_vec())).is_err() {
                return;
            }
        }
    };
    let write = async move {
        while let Some((due, bytes)) = arrives.recv().await {
            sleep_until(due).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    tokio::join!(read, write);
}

fn proven(lab: &Lab, nation: &str) -> usize {
    lab.told(nation).matches("session proven").count()
}

/// Waits until each node has begun more sessions than `before`, and both have one.
async fn both_linked(lab: &Lab, clients: &mut [Client; 2], before: [usize; 2]) {
    let end = Instant::now() + Duration::from_secs(120);
    loop {
        let mut linked = true;
        for (at, nation) in ["XAA", "XBB"].into_iter().enumerate() {
            let status: Status = clients[at].get("/v1/status").await.unwrap();
            linked &= status.links[0].connected && status.links[0].heads_confirmed && proven(lab, nation) > before[at];
        }
        if linked {
            return;
        }
        assert!(Instant::now() < end, "no session: {:?}", ["XAA", "XBB"].map(|nation| proven(lab, nation)));
        sleep(Duration::from_millis(50)).await;
    }
}

#[test]
fn lnk_15_two_that_dial_at_once_over_a_long_way_keep_one_session() {
    run(async {
        let lab = Lab::new();
        let distance = Distance::between(&lab, 150).await;
        let _nodes: Vec<Daemon> = ["XAA", "XBB"].map(|nation| lab.start(nation)).into();
        let mut clients = [connect(&lab.person("XAA", "author")).await, connect(&lab.person("XBB", "author")).await];
        both_linked(&lab, &mut clients, [0; 2]).await;
        for round in 0..20_u64 {
            let before = ["XAA", "XBB"].map(|nation| proven(&lab, nation));
            distance.each_way.store(round * 15, Ordering::Relaxed);
            // Both ends see it at the same moment, and dial.
            distance.cut.send_replace(());
            both_linked(&lab, &mut clients, before).await;
        }
        // It is one that stays: longer than anything that is on its way takes.
        let proven = || ["XAA", "XBB"].map(|nation| proven(&lab, nation));
        let mut windows = 0;
        loop {
            let told = proven();
            sleep(Duration::from_millis(1_500)).await;
            // One each time, and one more where the machine stood still for seconds.
            assert!(told.iter().all(|count| (21..=42).contains(count)), "{told:?}");
            if told == proven() {
                return;
            }
            windows += 1;
            assert!(windows < 10, "sessions go on replacing each other: {told:?}");
        }
    });
}

/// A way on which what is written shortly one after the other arrives at once: a HELLO with the BYE behind it.
async fn gathering_way(target: String) -> std::net::SocketAddr {
    async fn gather(from: OwnedReadHalf, mut to: OwnedWriteHalf) {
        let mut buffer = vec![0; 64 * 1024];
        while from.readable().await.is_ok() {
            sleep(Duration::from_millis(100)).await;
            match from.try_read(&mut buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
                Ok(0) | Err(_) => return,
                Ok(count) if to.write_all(&buffer[..count]).await.is_err() => return,
                Ok(_) => {}
            }
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let here = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (near, _) = listener.accept().await.unwrap();
            let Ok(far) = TcpStream::connect(&target).await else { continue };
            let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
            tokio::spawn(gather(near_in, far_out));
            tokio::spawn(gather(far_in, near_out));
        }
    });
    here
}

#[test]
fn lnk_19_a_copy_that_was_put_back_replaces_no_session_halts_and_dials_no_more() {
    run(async {
        let lab = Lab::new();
        {
            let _nodes: Vec<Daemon> = ["XAA", "XBB"].map(|nation| lab.start(nation)).into();
            let mut client = connect(&lab.person("XAA", "author")).await;
            until(&mut client, 60, |status| status.links[0].heads_confirmed && status.links[0].partner_size > 0).await;
        }
        let copied = Command::new("cp").arg("-a").arg(lab.dir.join("XAA")).arg(lab.dir.join("XAC")).status().unwrap();
        assert!(copied.success());
        std::fs::remove_file(lab.dir.join("XAC/node.log")).unwrap();
        let _nodes: Vec<Daemon> = ["XAA", "XBB"].map(|nation| lab.start(nation)).into();
        let author = lab.person("XAA", "author");
        let mut client = connect(&author).await;
        until(&mut client, 60, |status| status.links[0].heads_confirmed).await;
        let maker = Maker::new(&lab.dir, &author, 60_000).await.unwrap();
        let sent: Submission = client.post("/v1/submissions", &maker.make(0).unwrap()).await.unwrap();
        let sent: Submission = client.get(&format!("/v1/submissions/{}?wait=60", sent.id)).await.unwrap();
        assert!(is_admitted(&sent), "{sent:?}");
        let before = proven(&lab, "XBB");
        // The copy of the node before that report, at other addresses, dials Borealia.
        for key in ["link", "api"] {
            let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
            lab.set("XAC", key, Some(&format!("\"{free}\"")));
        }
        let way = gathering_way(lab.address("XAC", "dial")).await;
        lab.set("XAC", "dial", Some(&format!("\"{way}\"")));
        let _copy = lab.start("XAC");
        let end = Instant::now() + Duration::from_secs(120);
        while !lab.told("XAC").contains("it was rolled back") {
            assert!(Instant::now() < end, "the copy does not learn that it was put back: {}", lab.told("XAC"));
            sleep(Duration::from_millis(50)).await;
        }
        let told = lab.told("XBB");
        assert!(told.contains("shows less of its own log"), "{told}");
        // Longer than the pauses between its dials were.
        sleep(Duration::from_secs(2)).await;
        assert_eq!(lab.told("XAC").matches("session proven").count(), 1, "it dials no more");
        assert_eq!(proven(&lab, "XBB"), before, "the session with the node stands");
        // A connection that asks nothing for ten seconds is ended.
        let mut client = connect(&author).await;
        let status: Status = client.get("/v1/status").await.unwrap();
        assert!(status.links[0].connected && status.halted.is_none());
        let more: Submission = client.post("/v1/submissions", &maker.make(1).unwrap()).await.unwrap();
        let more: Submission = client.get(&format!("/v1/submissions/{}?wait=60", more.id)).await.unwrap();
        assert!(is_admitted(&more), "{more:?}");
    });
}
