//! A partner that holds all of Arcadia's keys and sends leaves that no honest node writes.

use crate::node::{Lab, connect, link::thief, run, until};
use relto_audit::{
    checkpoint::Checkpoint,
    leaf::{Leaf, SignedStatement},
    origin::Origin,
    tree::Frontier,
};
use relto_exchange::wire::{
    frame::{Decoder, FrameType, Incoming, raw},
    hello::{Channel, Hello, HelloBody, HelloLog, Proof, Role, to_sign},
    protocol::ByeCode,
};
use relto_host::{
    clock,
    keys::load_signer,
    tls::{config::Channel as TlsChannel, session::established_client},
};
use relto_policy::{
    agreement::Agreement,
    change::{Act, Change},
};
use relto_report::{
    codec,
    crypto::{Signer as _, SoftwareKey, sha256},
    nation::Nation,
};
use relto_tests::hostile::leaves_frame;
use std::{fs, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

struct Partner {
    stream: tokio_rustls::client::TlsStream<tokio::net::TcpStream>,
    decoder: Decoder,
    agreement: Agreement,
    key: SoftwareKey,
    mine: Origin,
}

impl Partner {
    /// Dials Borealia with Arcadia's keys and says HELLO; `None` where it is closed on before.
    async fn greet(lab: &Lab) -> Option<Self> {
        let folder = lab.dir.join("XAA");
        let file = lab.address("XAA", "agreement");
        let agreement = Agreement::read("agreement", &fs::read(folder.join(file)).unwrap()).unwrap();
        let key = load_signer(&folder.join("seal.key"), None).unwrap();
        let nation = Nation::parse("XAA").unwrap();
        let mine = Origin::new(&agreement.id, nation, 0);
        let stream = thief(lab).await;
        let exporter = established_client(stream.get_ref().1, TlsChannel::Link).unwrap().exporter;
        let channel = Channel {
            role: Role::Dialer,
            own_node: lab.address("XAA", "node"),
            partner_node: lab.address("XBB", "node"),
            exporter,
        };
        let log = HelloLog {
            agreement: agreement.digest,
            own: mine,
            key: key.public_key(),
            own_head: Vec::new(),
            held: Vec::new(),
            key_statements: Vec::new(),
        };
        let (node, time) = (channel.own_node.clone(), clock::now_ms());
        let hello = codec::encode(&Hello { versions: (1, 1), node, nation, time, logs: vec![log] });
        let signature = key.sign(&to_sign(&channel, Role::Dialer, &hello)).unwrap();
        let proofs = vec![Proof { key: key.public_key(), signature }];
        let mut partner = Self { stream, decoder: Decoder::default(), agreement, key, mine };
        partner.says(&raw(FrameType::Hello.number(), &codec::encode(&HelloBody { hello, proofs }))).await;
        matches!(partner.hears().await, Some(Incoming::Hello(_))).then_some(partner)
    }

    async fn says(&mut self, frame: &[u8]) {
        let _ = self.stream.write_all(frame).await;
        let _ = self.stream.flush().await;
    }

    /// The next frame; `None` at the end.
    async fn hears(&mut self) -> Option<Incoming> {
        loop {
            if let Some(frame) = self.decoder.next_frame().unwrap() {
                return Some(frame);
            }
            let mut buffer = [0; 4096];
            let read =
                timeout(Duration::from_secs(30), self.stream.read(&mut buffer)).await.expect("it says something");
            let Ok(count @ 1..) = read else { return None };
            self.decoder.push(&buffer[..count]);
        }
    }

    /// Sends Genesis and these leaves, as many in a frame as one may have, and hears how the session ends.
    async fn ends(mut self, leaves: Vec<Leaf>) -> Option<ByeCode> {
        let genesis = Leaf::genesis(&self.agreement.id, Nation::parse("XAA").unwrap(), 0);
        let leaves: Vec<Vec<u8>> = std::iter::once(genesis).chain(leaves).map(|leaf| leaf.encode()).collect();
        let mut frontier = Frontier::new();
        for part in leaves.chunks(1_024) {
            let first = frontier.size();
            part.iter().for_each(|leaf| frontier.push(leaf));
            let head = Checkpoint { origin: self.mine, size: frontier.size(), root: frontier.root() };
            let checkpoint = head.sign(&self.key).unwrap().as_bytes().to_vec();
            self.says(&leaves_frame(self.mine, first, part.to_vec(), &checkpoint)).await;
        }
        loop {
            match self.hears().await {
                Some(Incoming::Bye(code)) => return Some(code),
                Some(_) => {}
                None => return None,
            }
        }
    }

    /// Suspensions in their one spelling, each signed by nobody who may.
    fn forged(&self, count: usize) -> Vec<Leaf> {
        let nation = Nation::parse("XAA").unwrap();
        let (agreement, version) = (self.agreement.id.clone(), self.agreement.digest);
        let change = Change { agreement, version, nation, counter: 1, previous: None, act: Act::Suspend };
        let statement = change.write().into_bytes();
        let signatures = vec![(0, self.key.sign(&statement).unwrap())];
        let change = SignedStatement { statement, signatures };
        vec![Leaf::AgreementChange { time: clock::now_ms(), change }; count]
    }
}

#[test]
fn lnk_35_changes_that_nobody_signed_end_the_session_and_cost_a_start_nothing() {
    run(async {
        let lab = Lab::new();
        lab.set("XBB", "dial", None);
        for round in 0..2 {
            let _borealia = lab.start("XBB");
            let mut operator = connect(&lab.person("XBB", "operator")).await;
            let partner = Partner::greet(&lab).await.expect("a start forgets pauses");
            let forged = partner.forged(10_240);
            assert_eq!(partner.ends(forged).await, Some(ByeCode::BadLeaf));
            let status = until(&mut operator, 10, |status| !status.links[0].connected).await;
            assert_eq!(status.links[0].partner_size, 0, "nothing of it was followed: round {round}");
            // LNK-36: and it is not served again at once.
            assert!(Partner::greet(&lab).await.is_none());
            let told = lab.told("XBB");
            assert!(told.contains("is not served for a while"), "{told}");
            assert_eq!(told.matches("no next change of its signers").count(), round + 1, "one alarm a start: {told}");
        }
        let _borealia = lab.start("XBB");
        let mut operator = connect(&lab.person("XBB", "operator")).await;
        // Arcadia's own node, whose log has none of it, is served.
        let _arcadia = lab.start("XAA");
        until(&mut operator, 30, |status| status.links[0].connected && status.links[0].heads_confirmed).await;
    });
}

#[test]
fn lnk_36_leaves_that_oblige_nothing_have_a_rate() {
    run(async {
        let lab = Lab::new();
        lab.set("XBB", "dial", None);
        let _borealia = lab.start("XBB");
        let mut operator = connect(&lab.person("XBB", "operator")).await;
        let partner = Partner::greet(&lab).await.unwrap();
        let anchor = Leaf::Anchor { time: clock::now_ms(), commitment: sha256(&[b"anchor"]) };
        assert_eq!(partner.ends(vec![anchor; 400]).await, Some(ByeCode::TooFast));
        let status = until(&mut operator, 10, |status| !status.links[0].connected).await;
        assert_eq!(status.links[0].partner_size, 0);
        assert!(Partner::greet(&lab).await.is_none(), "it is not served again at once");
        assert!(lab.told("XBB").contains("more of these came than its time allows"));
    });
}
