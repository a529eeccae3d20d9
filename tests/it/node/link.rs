//! The link of a real node: slow, silent, and dialled by somebody without the seal key. Far apart: see `far`.

use super::{Daemon, Lab, connect, is_admitted, run, until};
use relto_exchange::{
    ids::LinkId,
    wire::{
        frame::{Decoder, FrameType, Incoming, raw},
        hello::Role,
        protocol::ByeCode,
    },
};
use relto_formats::api::Submission;
use relto_host::{
    clock,
    tls::{
        config::{link_client, server_name},
        credential::{Credential, read_certificates, read_crls},
        memory::CrlMemory,
        trust::NationTrust,
        verifier::PinnedServer,
    },
};
use relto_lab::bench::Maker;
use relto_report::nation::Nation;
use relto_tests::{
    fixture::{NOW, link, nation},
    node::{Disk, Node},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::{Instant, sleep, timeout},
};
use tokio_rustls::TlsConnector;

/// Stands between the nodes: so many bytes a second towards the listener, and nothing at all while frozen.
struct Wire {
    frozen: AtomicBool,
    bytes_a_second: usize,
}

impl Wire {
    /// Lets Arcadia dial Borealia over this wire, and Borealia dial nobody.
    async fn between(lab: &Lab, bytes_a_second: usize) -> Arc<Self> {
        let wire = Arc::new(Self { frozen: AtomicBool::new(false), bytes_a_second });
        let socket = TcpSocket::new_v4().unwrap();
        // Little fits into the wire itself.
        socket.set_recv_buffer_size(32 * 1024).unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let listener = socket.listen(16).unwrap();
        let target = lab.address("XAA", "dial");
        lab.set("XAA", "dial", Some(&format!("\"{}\"", listener.local_addr().unwrap())));
        lab.set("XBB", "dial", None);
        let made = wire.clone();
        tokio::spawn(async move {
            loop {
                let (near, _) = listener.accept().await.unwrap();
                let Ok(far) = TcpStream::connect(&target).await else { continue };
                let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
                tokio::spawn(made.clone().carry(near_in, far_out, true));
                tokio::spawn(made.clone().carry(far_in, near_out, false));
            }
        });
        wire
    }

    async fn carry(
        self: Arc<Self>,
        mut from: tokio::net::tcp::OwnedReadHalf,
        mut to: tokio::net::tcp::OwnedWriteHalf,
        slow: bool,
    ) {
        let mut buffer = vec![0; 8 * 1024];
        loop {
            while self.frozen.load(Ordering::Relaxed) {
                sleep(Duration::from_millis(20)).await;
            }
            let Ok(count @ 1..) = from.read(&mut buffer).await else { return };
            if slow {
                sleep(Duration::from_secs_f64(count as f64 / self.bytes_a_second as f64)).await;
            }
            while self.frozen.load(Ordering::Relaxed) {
                sleep(Duration::from_millis(20)).await;
            }
            if to.write_all(&buffer[..count]).await.is_err() {
                return;
            }
        }
    }
}

#[test]
fn lnk_22_a_flash_report_overtakes_on_a_slow_link() {
    run(async {
        let lab = Lab::new();
        // 3 MB of ROUTINE payloads take 15 seconds.
        let _wire = Wire::between(&lab, 200_000).await;
        let _nodes: Vec<Daemon> = ["XAA", "XBB"].map(|nation| lab.start(nation)).into();
        let author = lab.person("XAA", "author");
        let mut client = connect(&author).await;
        until(&mut client, 20, |status| status.links[0].heads_confirmed).await;
        let maker = Maker::new(&lab.dir, &author, 60_000).await.unwrap();
        let mut slow = Vec::new();
        for n in 0..50 {
            slow.push(client.post::<_, Submission>("/v1/submissions", &maker.make(n).unwrap()).await.unwrap().id);
        }
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_relto"));
        command.arg("--profile").arg(lab.dir.join("XAA/people/author/profile.toml"));
        command.args(["submit", "--to", "XBB", "--wait=60"]).arg(lab.dir.join("XAA/reports/browser-flash-warning.md"));
        let told = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        assert!(told.status.success(), "{told:?}");
        let last: Submission = client.get(&format!("/v1/submissions/{}", slow[49])).await.unwrap();
        assert!(!is_admitted(&last), "the link was not slow: nothing was overtaken");
        let last: Submission = client.get(&format!("/v1/submissions/{}?wait=60", slow[49])).await.unwrap();
        assert!(is_admitted(&last), "{last:?}");
    });
}

#[test]
fn lnk_31_a_silent_link_is_no_session() {
    run(async {
        let lab = Lab::new();
        let wire = Wire::between(&lab, 10_000_000).await;
        let _nodes: Vec<Daemon> = ["XAA", "XBB"].map(|nation| lab.start(nation)).into();
        let mut client = connect(&lab.person("XAA", "operator")).await;
        until(&mut client, 20, |status| status.links[0].connected).await;
        wire.frozen.store(true, Ordering::Relaxed);
        until(&mut client, 45, |status| !status.links[0].connected).await;
        wire.frozen.store(false, Ordering::Relaxed);
        until(&mut client, 30, |status| status.links[0].connected && status.links[0].heads_confirmed).await;
    });
}

/// A connection to Borealia's node by somebody who has Arcadia's TLS key and not its seal key.
pub(crate) async fn thief(lab: &Lab) -> tokio_rustls::client::TlsStream<TcpStream> {
    let folder = lab.dir.join("XAA");
    let credential = Credential::load(&folder.join("node.pem"), &folder.join("node.key"), None).unwrap();
    let roots = read_certificates(&folder.join("partner-root.pem")).unwrap();
    let crls = read_crls(&folder.join("partner-crl.pem")).unwrap();
    let partner = Nation::parse("XBB").unwrap();
    let trust = NationTrust::load(partner, &roots, &crls, &mut CrlMemory::default(), clock::now_ms()).unwrap();
    let node = lab.address("XBB", "node");
    let config = link_client(&credential, Arc::new(PinnedServer::new(Arc::new(trust), &node).unwrap()), clock::tls());
    let address = lab.address("XAA", "dial");
    for _ in 0..2_400 {
        if let Ok(socket) = TcpStream::connect(&address).await {
            return TlsConnector::from(config.unwrap()).connect(server_name(), socket).await.unwrap();
        }
        sleep(Duration::from_millis(25)).await;
    }
    panic!("Borealia's node is not there")
}

#[test]
fn lnk_16_lnk_17_a_tls_key_alone_learns_nothing_and_holds_nothing() {
    run(async {
        let lab = Lab::new();
        lab.set("XBB", "dial", None);
        let _node = lab.start("XBB");
        let mut stream = thief(&lab).await;
        let began = Instant::now();
        // A HELLO's header and then a byte every half second: each read is in time, and the whole is not.
        let header = raw(FrameType::Hello.number(), &[0; 100]);
        let mut heard = Vec::new();
        for byte in header.iter().cycle() {
            assert!(began.elapsed() < Duration::from_secs(20), "the connection is held for ever");
            if stream.write_all(&[*byte]).await.is_err() {
                break;
            }
            let mut buffer = [0; 4096];
            match timeout(Duration::from_millis(500), stream.read(&mut buffer)).await {
                Ok(Ok(count @ 1..)) => heard.extend_from_slice(&buffer[..count]),
                Ok(_) => break,
                Err(_) => {}
            }
        }
        assert!(began.elapsed() > Duration::from_secs(8), "a slow HELLO has its time: {:?}", began.elapsed());
        let mut decoder = Decoder::default();
        decoder.push(&heard);
        while let Some(frame) = decoder.next_frame().unwrap() {
            assert!(matches!(frame, Incoming::Bye(_)), "said before the dialer's proof: {frame:?}");
        }
        // From one address no more than a share is served at once: the rest is closed on after the handshake.
        let mut held = Vec::new();
        for _ in 0..20 {
            held.push(thief(&lab).await);
        }
        let mut closed = 0;
        for stream in &mut held {
            let read = timeout(Duration::from_millis(300), stream.read(&mut [0; 64])).await;
            closed += u32::from(read.is_ok());
        }
        assert_eq!(closed, 4, "16 connections of one address");
    });
}

#[test]
fn lnk_16_a_listener_says_hello_only_to_a_proven_dialer() {
    let disk = || Disk::memory();
    let mut dialer = Node::new(0, vec![link(0)], disk(), NOW);
    let mut listener = Node::new(1, vec![link(1)], disk(), NOW);
    dialer.work(NOW);
    listener.work(NOW);
    let names = (dialer.name(), listener.name());
    dialer.connect(Role::Dialer, (&names.1, nation(1)), [7; 32], 1, NOW);
    listener.connect(Role::Listener, (&names.0, nation(0)), [7; 32], 1, NOW);
    assert_eq!(listener.pull(NOW), None, "nothing is said to a dialer that has proven nothing");
    let hello = dialer.pull(NOW).expect("the dialer speaks first");
    assert_eq!(dialer.pull(NOW), None, "and waits");
    let (last, rest) = hello.as_bytes().split_last().unwrap();
    listener.receive(rest, NOW);
    assert_eq!(listener.pull(NOW), None, "all but one byte");
    listener.receive(&[*last], NOW);
    let answer = listener.pull(NOW).expect("the proof is whole");
    assert_eq!(answer.as_bytes()[5], FrameType::Hello.number());
    dialer.receive(answer.as_bytes(), NOW);
    assert!(dialer.connection.as_ref().unwrap().is_up() && listener.connection.as_ref().unwrap().is_up());
}

#[test]
fn lnk_12_before_a_proven_hello_other_types_are_refused_on_their_header() {
    for kind in [FrameType::Leaves, FrameType::Payload, FrameType::Want, FrameType::Fetch] {
        let mut header = raw(kind.number(), &[]);
        header[8..12].copy_from_slice(&1_000_u32.to_le_bytes());
        let mut decoder = Decoder::default();
        decoder.take_questions();
        decoder.push(&header);
        assert_eq!(decoder.next_greeting(), Err(ByeCode::BadHello), "{kind:?}");
        assert_eq!(decoder.next_frame(), Ok(None), "once proven it is waited for");
    }
    let mut listener = Node::new(1, vec![link(1)], Disk::memory(), NOW);
    listener.work(NOW);
    listener.connect(Role::Listener, ("xaa-node-1", nation(0)), [7; 32], 1, NOW);
    let mut header = raw(FrameType::Leaves.number(), &[]);
    header[8..12].copy_from_slice(&4_000_000_u32.to_le_bytes());
    listener.receive(&header, NOW);
    assert_eq!(listener.connection.as_ref().unwrap().closed(), Some(ByeCode::BadHello));
}

/// Both sides may dial at once, and a HELLO shows the head that was stored when it was made.
#[test]
fn lnk_15_a_second_hello_may_come_with_the_leaves_of_the_first_session() {
    let mut dialer = Node::new(0, vec![link(0)], Disk::memory(), NOW);
    let mut listener = Node::new(1, vec![link(1)], Disk::memory(), NOW);
    dialer.work(NOW);
    listener.work(NOW);
    let names = (dialer.name(), listener.name());
    let dial = |dialer: &mut Node, listener: &mut Node, number: u64| {
        dialer.connect(Role::Dialer, (&names.1, nation(1)), [7; 32], number, NOW);
        listener.connect(Role::Listener, (&names.0, nation(0)), [7; 32], number, NOW);
        listener.receive(dialer.pull(NOW).unwrap().as_bytes(), NOW);
    };
    dial(&mut dialer, &mut listener, 1);
    dialer.receive(listener.pull(NOW).unwrap().as_bytes(), NOW);
    // Greeted, the dialer anchors its journal: its log grows, and that checkpoint is signed and not stored yet.
    dialer.turn(NOW);
    assert!(dialer.seal() && dialer.record());
    while let Some(wire) = dialer.pull(NOW) {
        listener.receive(wire.as_bytes(), NOW);
    }
    assert_eq!(dialer.exchange.sizes(LinkId(0)).unwrap().ours, 2);
    dial(&mut dialer, &mut listener, 2);
    // One turn: the first HELLO, the leaves, the second HELLO with the older head.
    listener.turn(NOW);
    assert!(listener.ended.is_none(), "{:?}", listener.ended);
    assert_eq!(listener.exchange.sizes(LinkId(0)).unwrap().theirs, 2, "the leaves were followed");
    assert!(listener.exchange.halted().is_none());
    listener.work(NOW);
    assert!(listener.connection.as_ref().unwrap().closed().is_none());
}
