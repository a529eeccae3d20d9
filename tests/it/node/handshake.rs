//! Who dials a running node's link port without being its partner: gets nothing past the handshake, and the log says why.

use super::{Lab, connect, run, until};
use relto_exchange::wire::frame::{FrameType, raw};
use relto_host::{
    clock,
    tls::{
        config::server_name,
        credential::{read_certificates, read_crls},
        memory::CrlMemory,
        provider::link_provider,
        trust::NationTrust,
        verifier::PinnedServer,
    },
};
use relto_lab::pki::{Authority, DAY, Issued, LeafSpec, RootSpec};
use relto_report::nation::Nation;
use rustls::{ClientConfig, version::TLS13};
use std::{fs, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::TlsConnector;

fn now() -> i64 {
    i64::try_from(clock::now_ms() / 1000).unwrap()
}

fn nation(code: &str) -> Nation {
    Nation::parse(code).unwrap()
}

/// The authority of a nation of the laboratory, with its own key.
fn authority(lab: &Lab, nation: &str) -> Authority {
    let read = |name: &str| fs::read_to_string(lab.dir.join(nation).join(name)).unwrap();
    Authority::load(&read("root.pem"), &read("root.key")).unwrap()
}

/// A client of Borealia's link port that shows this certificate or none, and checks who answers.
fn client(lab: &Lab, own: Option<&Issued>) -> Arc<ClientConfig> {
    let folder = lab.dir.join("XAA");
    let roots = read_certificates(&folder.join("partner-root.pem")).unwrap();
    let crls = read_crls(&folder.join("partner-crl.pem")).unwrap();
    let trust = NationTrust::load(nation("XBB"), &roots, &crls, &mut CrlMemory::default(), clock::now_ms()).unwrap();
    let pinned = PinnedServer::new(Arc::new(trust), "xbb-1").unwrap();
    let builder = ClientConfig::builder_with_details(link_provider(), clock::tls())
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(pinned));
    let mut config = match own {
        Some(own) => builder.with_client_auth_cert(vec![own.certificate.clone()], own.key.tls()).unwrap(),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"relto/1".to_vec()];
    Arc::new(config)
}

async fn socket(lab: &Lab) -> TcpStream {
    let address = lab.address("XAA", "dial");
    for _ in 0..2_400 {
        if let Ok(socket) = TcpStream::connect(&address).await {
            return socket;
        }
        sleep(Duration::from_millis(25)).await;
    }
    panic!("Borealia's node is not there")
}

/// Dials, says what a dialer says first, and gives every byte of application data that comes until the node closes.
async fn dial(lab: &Lab, own: Option<&Issued>) -> Vec<u8> {
    let mut heard = Vec::new();
    let talk = async {
        // In TLS 1.3 a client may believe that all is well until it reads.
        let Ok(mut stream) = TlsConnector::from(client(lab, own)).connect(server_name(), socket(lab).await).await
        else {
            return;
        };
        let _ = stream.write_all(&raw(FrameType::Hello.number(), &[0; 200])).await;
        let _ = stream.flush().await;
        let _ = stream.read_to_end(&mut heard).await;
    };
    timeout(Duration::from_secs(8), talk).await.expect("the node closes at once and not when it is tired of waiting");
    heard
}

/// Waits until the log of Borealia's node, from `before` on, holds each of these.
async fn says(lab: &Lab, before: usize, texts: &[&str]) -> String {
    for _ in 0..1_200 {
        let told = lab.told("XBB")[before..].to_owned();
        if texts.iter().all(|text| told.contains(text)) {
            return told;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("{texts:?} is not in {}", &lab.told("XBB")[before..])
}

struct Stranger {
    what: &'static str,
    own: Option<Issued>,
    /// What the log says of it.
    reasons: [&'static str; 2],
}

fn strangers(lab: &Lab, revoked: Issued) -> Vec<Stranger> {
    let (own, foreign) = (authority(lab, "XAA"), Authority::new(&RootSpec::lab(nation("XCC"), now())).unwrap());
    let issue = |authority: &Authority, change: &dyn Fn(&mut LeafSpec)| {
        let mut spec = LeafSpec::node(nation("XAA"), "xaa-1", now());
        change(&mut spec);
        Some(authority.issue(&spec).unwrap())
    };
    let twin = Authority::new(&RootSpec::lab(nation("XAA"), now())).unwrap();
    let stranger = |what, own, reason| Stranger { what, own, reasons: ["certificate refused", reason] };
    vec![
        Stranger {
            what: "no certificate",
            own: None,
            reasons: ["link handshake refused", "the peer showed no certificate"],
        },
        stranger(
            "a nation without a root here",
            issue(&foreign, &|spec| {
                (spec.san_nation, spec.subject_country) = (nation("XCC"), Some("XCC".to_owned()));
            }),
            "claims XCC, and no TLS root is configured for that nation here",
        ),
        stranger(
            "expired",
            issue(&own, &|spec| spec.not_after = now() - 60),
            "of relto://XAA/node/xaa-1 has expired: its nation has to issue a new one",
        ),
        stranger(
            "not valid yet",
            issue(&own, &|spec| spec.not_before = now() + DAY),
            "of relto://XAA/node/xaa-1 is not valid yet",
        ),
        stranger("revoked", Some(revoked), "of relto://XAA/node/xaa-1 is revoked by its nation"),
        stranger(
            "a foreign authority speaks for the partner",
            issue(&foreign, &|_| {}),
            "claims XAA, but was issued by none of the TLS roots of that nation",
        ),
        stranger(
            "an authority that took the name of the partner's",
            issue(&twin, &|_| {}),
            "claims XAA, but the TLS root that it names as issuer has not signed it",
        ),
        stranger(
            "the partner's authority speaks for our nation",
            issue(&own, &|spec| {
                (spec.san_nation, spec.subject_country) = (nation("XBB"), Some("XBB".to_owned()));
            }),
            "claims XBB, and no TLS root is configured for that nation here",
        ),
        stranger(
            "our own authority speaks for the partner",
            issue(&authority(lab, "XBB"), &|_| {}),
            "claims XAA, but was issued by none of the TLS roots of that nation",
        ),
        stranger(
            "a nation in the name and another in the subject",
            issue(&own, &|spec| spec.subject_country = Some("XBB".to_owned())),
            "claims XAA in its SAN URI, but its subject has not exactly that one C=",
        ),
        stranger(
            "one of the partner's people",
            Some(own.issue(&LeafSpec::person(nation("XAA"), "author", now())).unwrap()),
            "is that of relto://XAA/person/author, and this endpoint takes only a node's",
        ),
        Stranger {
            what: "another node of the partner",
            own: issue(&own, &|spec| spec.name = "xaa-2".to_owned()),
            reasons: ["relto://XAA/node/xaa-2", "no link of node.toml has this node as its partner_node"],
        },
    ]
}

#[test]
fn lnk_6_lnk_7_lnk_8_lnk_12_who_is_not_the_partner_gets_nothing_and_the_log_says_why() {
    run(async {
        let lab = Lab::new();
        lab.set("XBB", "dial", None);
        let own = authority(&lab, "XAA");
        let revoked = own.issue(&LeafSpec::node(nation("XAA"), "xaa-1", now())).unwrap();
        let crl = own.crl(2, now() - 60, now() + DAY, &[revoked.serial]).unwrap();
        fs::write(lab.dir.join("XBB/partner-crl.pem"), crl.pem).unwrap();
        let _borealia = lab.start("XBB");
        let mut operator = connect(&lab.person("XBB", "operator")).await;
        for Stranger { what, own, reasons } in strangers(&lab, revoked) {
            let before = lab.told("XBB").len();
            let heard = dial(&lab, own.as_ref()).await;
            assert_eq!(heard, Vec::<u8>::new(), "{what} was told something");
            let told = says(&lab, before, &reasons).await;
            assert!(!told.contains("session proven"), "{what}: {told}");
        }
        let nobody = until(&mut operator, 1, |status| !status.links[0].connected).await;
        assert_eq!(nobody.links[0].partner_size, 0, "nothing of anybody's was followed");
        let _arcadia = lab.start("XAA");
        until(&mut operator, 15, |status| status.links[0].connected && status.links[0].heads_confirmed).await;
        assert!(lab.told("XBB").contains("session proven partner=relto://XAA/node/xaa-1"), "{}", lab.told("XBB"));
    });
}

#[test]
fn lnk_7_a_node_that_answers_under_another_name_is_not_talked_to() {
    run(async {
        let lab = Lab::new();
        lab.set("XAA", "dial", None);
        // Borealia dials, expects another node of Arcadia, and the one that it configured answers.
        lab.set("XBB", "partner_node", Some("\"xaa-2\""));
        let (_borealia, _arcadia) = (lab.start("XBB"), lab.start("XAA"));
        let mut operator = connect(&lab.person("XBB", "operator")).await;
        let wanted = "is that of relto://XAA/node/xaa-1, where relto://XAA/node/xaa-2 was expected";
        says(&lab, 0, &[wanted, "partner not reached"]).await;
        let status = until(&mut operator, 1, |status| !status.links[0].connected).await;
        assert_eq!(status.links[0].partner_size, 0);
        assert!(!lab.told("XAA").contains("session proven"), "{}", lab.told("XAA"));
    });
}
