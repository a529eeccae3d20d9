//! Real TLS handshakes: what connects, and everything that must not, each refused for its own reason.
//!
//! Time is fixed at `NOW`; handshakes that are about time set their own. One test goes through the loopback
//! interface, the others through memory.
#![cfg(test)] // so that the lints know the helpers for tests

use relto_host::tls::{
    config::{self, Channel},
    credential::{Credential, fingerprint},
    fault::{CrlFault, LeafFault, RootFault, TlsFault, TrustFault},
    identity::{Identity, Role, Usage},
    memory::CrlMemory,
    primitives::X25519,
    provider::{client_api_provider, link_provider},
    session::{Established, established_client, established_server},
    trust::NationTrust,
    verifier::{PerNation, PinnedServer},
};
use relto_lab::pki::{Algorithm, Authority, Crl, DAY, Issued, KeyUsagePurpose, LeafSpec, RootSpec};
use relto_report::nation::Nation;
use rustls::{
    AlertDescription, CertificateError, ClientConfig, Error, HandshakeKind, NamedGroup, PeerIncompatible, ServerConfig,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, UnixTime},
    time_provider::TimeProvider,
    version::TLS13,
};
use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio_rustls::{TlsAcceptor, TlsConnector};

mod leaf;
mod setup;

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;
const LINK: &[&str] = &["relto/1"];
const API: &[&str] = &["http/1.1"];

type Ends = (Result<Established, TlsFault>, Result<Established, TlsFault>);

#[derive(Debug)]
struct Clock(i64);

impl TimeProvider for Clock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::from_millis(ms(self.0))))
    }
}

fn clock(seconds: i64) -> Arc<dyn TimeProvider> {
    Arc::new(Clock(seconds))
}

fn ms(seconds: i64) -> u64 {
    u64::try_from(seconds).unwrap() * 1000
}

/// A nation with its authority and the newest CRLs that this test's node has used.
struct Lab {
    nation: Nation,
    authority: Authority,
    memory: Mutex<CrlMemory>,
}

impl Lab {
    fn new(nation: &str) -> Self {
        Self::of(RootSpec::lab(Nation::parse(nation).unwrap(), NOW))
    }

    fn of(spec: RootSpec) -> Self {
        Self { nation: spec.nation, authority: Authority::new(&spec).unwrap(), memory: Mutex::default() }
    }

    fn crl(&self, number: u64, revoked: &[[u8; 16]]) -> Crl {
        self.authority.crl(number, NOW - 60, NOW + 7 * DAY, revoked).unwrap()
    }

    fn load(&self, crls: &[&Crl], now: i64) -> Result<Arc<NationTrust>, TrustFault> {
        let crls: Vec<_> = crls.iter().map(|crl| crl.der.clone()).collect();
        let roots = [self.authority.certificate().clone()];
        NationTrust::load(self.nation, &roots, &crls, &mut self.memory.lock().unwrap(), ms(now)).map(Arc::new)
    }

    fn trust(&self) -> Arc<NationTrust> {
        self.load(&[&self.crl(1, &[])], NOW).unwrap()
    }

    fn node(&self, name: &str) -> Issued {
        self.authority.issue(&LeafSpec::node(self.nation, name, NOW)).unwrap()
    }

    fn person(&self, account: &str) -> Issued {
        self.authority.issue(&LeafSpec::person(self.nation, account, NOW)).unwrap()
    }

    /// A node's certificate that is wrong in one point.
    fn bad(&self, change: impl FnOnce(&mut LeafSpec)) -> Issued {
        let mut spec = LeafSpec::node(self.nation, "fjell", NOW);
        change(&mut spec);
        self.authority.issue(&spec).unwrap()
    }
}

fn credential(issued: &Issued) -> Credential {
    Credential::new(issued.certificate.clone(), &issued.key.tls()).unwrap()
}

/// A client of the test's own making: any certificate or none, any protocols, any algorithms.
fn raw_client(
    own: Option<&Issued>,
    node: PinnedServer,
    alpn: &[&str],
    provider: Arc<CryptoProvider>,
) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_details(provider, clock(NOW))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(node));
    let mut config = match own {
        Some(own) => builder.with_client_auth_cert(vec![own.certificate.clone()], own.key.tls()).unwrap(),
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    Arc::new(config)
}

/// A server of the test's own making: any certificate.
fn raw_server(own: &Issued, callers: PerNation) -> Arc<ServerConfig> {
    let mut config = ServerConfig::builder_with_details(link_provider(), clock(NOW))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .with_client_cert_verifier(Arc::new(callers))
        .with_single_cert(vec![own.certificate.clone()], own.key.tls())
        .unwrap();
    config.alpn_protocols = vec![b"relto/1".to_vec()];
    Arc::new(config)
}

/// Both ends over these streams. The server speaks first, so that the client hears of a refusal.
async fn shake<S, C>(server: Arc<ServerConfig>, client: Arc<ClientConfig>, channel: Channel, at: S, dial: C) -> Ends
where
    S: AsyncRead + AsyncWrite + Unpin,
    C: AsyncRead + AsyncWrite + Unpin,
{
    let answering = async {
        let mut stream = TlsAcceptor::from(server).accept(at).await?;
        let established = established_server(stream.get_ref().1, channel)?;
        stream.write_all(b"!").await?;
        stream.flush().await?;
        stream.read_exact(&mut [0]).await?;
        Ok(established)
    };
    let dialling = async {
        let mut stream = TlsConnector::from(client).connect(config::server_name(), dial).await?;
        stream.read_exact(&mut [0]).await?;
        stream.write_all(b"!").await?;
        stream.flush().await?;
        assert_eq!(stream.get_ref().1.handshake_kind(), Some(HandshakeKind::Full));
        assert_eq!(stream.get_ref().1.tls13_tickets_received(), 0);
        established_client(stream.get_ref().1, channel)
    };
    tokio::join!(answering, dialling)
}

fn run(server: Arc<ServerConfig>, client: Arc<ClientConfig>, channel: Channel) -> Ends {
    let (at, dial) = tokio::io::duplex(64 * 1024);
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(shake(server, client, channel, at, dial))
}

/// A link from Borealia's node `fjell` to Arcadia's node `ulvik`; `change` makes it go wrong.
struct Link {
    a: Lab,
    b: Lab,
    server: Issued,
}

impl Link {
    fn new() -> Self {
        let (a, b) = (Lab::new("XAA"), Lab::new("XBB"));
        let server = a.node("ulvik");
        Self { a, b, server }
    }

    fn pinned(&self) -> PinnedServer {
        PinnedServer::new(self.a.trust(), "ulvik").unwrap()
    }

    fn answering(&self, partner: Arc<NationTrust>, now: i64) -> Arc<ServerConfig> {
        let callers = Arc::new(PerNation::partners([partner]).unwrap());
        config::link_server(&credential(&self.server), callers, clock(now)).unwrap()
    }

    /// Borealia dials with this certificate; what Arcadia says, and what Borealia hears.
    fn dial_with(&self, own: Option<&Issued>) -> (TlsFault, TlsFault) {
        let client = raw_client(own, self.pinned(), LINK, link_provider());
        let (server, client) = run(self.answering(self.b.trust(), NOW), client, Channel::Link);
        (server.unwrap_err(), client.unwrap_err())
    }

    /// Borealia dials with this certificate and is taken.
    fn takes(&self, own: &Issued) {
        let client = raw_client(Some(own), self.pinned(), LINK, link_provider());
        run(self.answering(self.b.trust(), NOW), client, Channel::Link).0.unwrap();
    }

    /// Borealia's good node dials one that shows this certificate; what Borealia says.
    fn dialled_with(&self, shown: &Issued) -> TlsFault {
        let callers = PerNation::partners([self.b.trust()]).unwrap();
        let own = credential(&self.b.node("fjell"));
        let client = config::link_client(&own, Arc::new(self.pinned()), clock(NOW)).unwrap();
        let (server, client) = run(raw_server(shown, callers), client, Channel::Link);
        assert!(matches!(server, Err(TlsFault::RefusedByPeer(_))), "{server:?}");
        client.unwrap_err()
    }
}

fn assert_says(fault: &TlsFault, certificate_error: &CertificateError) {
    let TlsFault::Refused(Error::InvalidCertificate(found)) = fault else { panic!("{fault}") };
    assert_eq!(found, certificate_error, "{fault}");
}

fn assert_tells(fault: &TlsFault, text: &str) {
    assert!(matches!(fault, TlsFault::Trust(_)), "{fault:?}");
    assert!(fault.to_string().contains(text), "{fault}");
}

fn assert_heard(fault: &TlsFault, alert: AlertDescription) {
    assert!(matches!(fault, TlsFault::RefusedByPeer(found) if *found == alert), "{fault:?}");
}

fn leaf_fault(fault: TrustFault) -> LeafFault {
    let TrustFault::Leaf { fault, .. } = fault else { panic!("{fault}") };
    fault
}

#[test]
fn two_partners_connect_and_share_one_exporter() {
    let link = Link::new();
    let own = credential(&link.b.node("fjell"));
    let client = config::link_client(&own, Arc::new(link.pinned()), clock(NOW)).unwrap();
    let server = link.answering(link.b.trust(), NOW);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
    let ends = |server: Arc<ServerConfig>, client: Arc<ClientConfig>| {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let dial = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (at, _) = listener.accept().await.unwrap();
            shake(server, client, Channel::Link, at, dial).await
        })
    };
    let (at_server, at_client) = ends(Arc::clone(&server), Arc::clone(&client));
    let (at_server, at_client) = (at_server.unwrap(), at_client.unwrap());
    assert_eq!(at_server.identity, Identity::parse("relto://XBB/node/fjell").unwrap());
    assert_eq!(at_client.identity, Identity::parse("relto://XAA/node/ulvik").unwrap());
    assert_eq!(at_server.exporter, at_client.exporter);
    assert_eq!(at_server.certificate, own.certificate());
    assert_ne!(at_server.exporter, [0; 32]);
    // A second session by the same configurations is a full handshake (`shake` asserts it) with another exporter.
    assert_ne!(ends(server, client).0.unwrap().exporter, at_server.exporter);
}

#[test]
fn a_person_reaches_the_own_node_by_the_client_api() {
    let a = Lab::new("XAA");
    let people = Arc::new(PerNation::people(a.trust()));
    let node = || PinnedServer::new(a.trust(), "ulvik").unwrap();
    let person = a.person("a.moreau");
    let server = config::client_api_server(&credential(&a.node("ulvik")), people, clock(NOW)).unwrap();
    let client = config::client_api_client(&credential(&person), Arc::new(node()), clock(NOW)).unwrap();
    let (at_server, at_client) = run(Arc::clone(&server), client, Channel::ClientApi);
    assert_eq!(at_server.unwrap().identity.to_string(), "relto://XAA/person/a.moreau");
    assert_eq!(at_client.unwrap().identity.to_string(), "relto://XAA/node/ulvik");
    // A tool that knows no ML-KEM reaches it too.
    let old = raw_client(Some(&person), node(), API, classical_only());
    run(server, old, Channel::ClientApi).0.unwrap();
}

#[test]
fn the_key_exchange_of_both_channels_is_hybrid() {
    for (channel, provider) in [(Channel::Link, link_provider()), (Channel::ClientApi, client_api_provider())] {
        let (a, b) = (Lab::new("XAA"), Lab::new("XBB"));
        let server = match channel {
            Channel::Link => raw_server(&a.node("ulvik"), PerNation::partners([b.trust()]).unwrap()),
            Channel::ClientApi => {
                let people = Arc::new(PerNation::people(a.trust()));
                config::client_api_server(&credential(&a.node("ulvik")), people, clock(NOW)).unwrap()
            }
        };
        let own = if channel == Channel::Link { b.node("fjell") } else { a.person("a.moreau") };
        let node = PinnedServer::new(a.trust(), "ulvik").unwrap();
        let client = raw_client(Some(&own), node, &[channel.alpn()], provider);
        let (at, dial) = tokio::io::duplex(64 * 1024);
        let connect = TlsConnector::from(client).connect(config::server_name(), dial);
        let accept = TlsAcceptor::from(server).accept(at);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (server, client) = runtime.block_on(async { tokio::join!(accept, connect) });
        for group in [
            server.unwrap().get_ref().1.negotiated_key_exchange_group(),
            client.unwrap().get_ref().1.negotiated_key_exchange_group(),
        ] {
            assert_eq!(group.unwrap().name(), NamedGroup::X25519MLKEM768);
        }
    }
}

fn classical_only() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider { kx_groups: vec![X25519], ..link_provider().as_ref().clone() })
}

#[test]
fn lnk_1_classical_key_exchange_alone_is_refused_on_a_link() {
    let link = Link::new();
    let own = link.b.node("fjell");
    let client = raw_client(Some(&own), link.pinned(), LINK, classical_only());
    let (server, client) = run(link.answering(link.b.trust(), NOW), client, Channel::Link);
    let server = server.unwrap_err();
    let none = Error::PeerIncompatible(PeerIncompatible::NoKxGroupsInCommon);
    assert!(matches!(&server, TlsFault::Refused(error) if *error == none), "{server}");
    assert_heard(&client.unwrap_err(), AlertDescription::HandshakeFailure);
}

#[test]
fn thr_a_client_without_certificate_is_refused() {
    let (server, client) = Link::new().dial_with(None);
    assert!(matches!(server, TlsFault::Refused(Error::NoCertificatesPresented)), "{server}");
    assert_heard(&client, AlertDescription::CertificateRequired);
}

#[test]
fn lnk_6_a_nations_authority_cannot_speak_for_another() {
    let link = Link::new();
    let b = link.b.nation;
    // Arcadia's authority signs a certificate that says Borealia; the node trusts both, each for its own.
    let forged = link.a.authority.issue(&LeafSpec::node(b, "fjell", NOW)).unwrap();
    let other = Lab::new("XCC");
    let callers = Arc::new(PerNation::partners([link.b.trust(), other.trust()]).unwrap());
    let forged_by_partner = other.authority.issue(&LeafSpec::node(b, "fjell", NOW)).unwrap();
    let server = config::link_server(&credential(&link.server), callers, clock(NOW)).unwrap();
    for forged in [forged, forged_by_partner] {
        let client = raw_client(Some(&forged), link.pinned(), LINK, link_provider());
        let (server, client) = run(Arc::clone(&server), client, Channel::Link);
        assert_says(&server.unwrap_err(), &CertificateError::UnknownIssuer);
        assert_heard(&client.unwrap_err(), AlertDescription::UnknownCA);
    }
}

#[test]
fn thr_an_authority_that_takes_a_roots_name_is_refused() {
    let link = Link::new();
    let impostor = Lab::new("XBB"); // same subject, another key
    let (server, client) = link.dial_with(Some(&impostor.node("fjell")));
    assert_says(&server, &CertificateError::BadSignature);
    assert_heard(&client, AlertDescription::DecryptError);
}

#[test]
fn thr_an_authority_below_a_root_is_no_authority_here() {
    let link = Link::new();
    let mut spec = RootSpec::lab(link.b.nation, NOW);
    spec.name = "XBB department".into();
    let below = link.b.authority.below(&spec).unwrap();
    let issued = below.issue(&LeafSpec::node(link.b.nation, "fjell", NOW)).unwrap();
    let client = ClientConfig::builder_with_details(link_provider(), clock(NOW))
        .with_protocol_versions(&[&TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(link.pinned()))
        .with_client_auth_cert(vec![issued.certificate.clone(), below.certificate().clone()], issued.key.tls())
        .unwrap();
    let (server, _) = run(link.answering(link.b.trust(), NOW), Arc::new(client), Channel::Link);
    assert_says(&server.unwrap_err(), &CertificateError::UnknownIssuer);
}

#[test]
fn thr_a_nation_without_trust_is_refused() {
    let link = Link::new();
    let stranger = Lab::new("XCC");
    let (server, client) = link.dial_with(Some(&stranger.node("fjell")));
    assert_says(&server, &CertificateError::UnknownIssuer);
    assert_heard(&client, AlertDescription::UnknownCA);
}

#[test]
fn thr_an_expired_certificate_is_refused() {
    let link = Link::new();
    let old = link.b.bad(|spec| spec.not_after = NOW - 1);
    let (server, client) = link.dial_with(Some(&old));
    assert_says(&server, &CertificateError::Expired);
    assert_heard(&client, AlertDescription::CertificateExpired);
    let early = link.b.bad(|spec| spec.not_before = NOW + 1);
    assert_says(&link.dial_with(Some(&early)).0, &CertificateError::NotValidYet);
}

#[test]
fn lnk_8_a_revoked_client_is_refused_and_a_live_session_is_found() {
    let link = Link::new();
    let own = link.b.node("fjell");
    let client = || config::link_client(&credential(&own), Arc::new(link.pinned()), clock(NOW)).unwrap();
    let before = PerNation::partners([link.b.trust()]).unwrap();
    let (session, _) = run(link.answering(link.b.trust(), NOW), client(), Channel::Link);
    let session = session.unwrap();
    let vetted = before.recheck(&session.chain, ms(NOW)).unwrap();
    assert_eq!(vetted.identity, session.identity);
    assert_eq!(vetted.root, fingerprint(link.b.authority.certificate()));
    assert_eq!(vetted.not_after_ms, ms(NOW + 90 * DAY));
    // Until the first date that can change it the answer is not asked for again; behind that it has changed.
    assert_eq!(vetted.holds.start, ms(NOW));
    assert!(before.recheck(&session.chain, vetted.holds.end - 1).is_ok());
    assert!(before.recheck(&session.chain, vetted.holds.end + 1_000).is_err());

    let revoked = link.b.load(&[&link.b.crl(2, &[own.serial])], NOW).unwrap();
    let (server, heard) = run(link.answering(Arc::clone(&revoked), NOW), client(), Channel::Link);
    assert_says(&server.unwrap_err(), &CertificateError::Revoked);
    assert_heard(&heard.unwrap_err(), AlertDescription::CertificateRevoked);
    let after = PerNation::partners([revoked]).unwrap();
    let fault = after.recheck(&session.chain, ms(NOW)).unwrap_err();
    assert_eq!(leaf_fault(fault), LeafFault::Revoked(session.identity));
    assert_eq!(after.recheck(&[], ms(NOW)), Err(TrustFault::NoCertificate));
}

#[test]
fn thr_a_revoked_server_is_refused() {
    let link = Link::new();
    let revoked = link.a.load(&[&link.a.crl(2, &[link.server.serial])], NOW).unwrap();
    let pinned = PinnedServer::new(revoked, "ulvik").unwrap();
    let own = credential(&link.b.node("fjell"));
    let client = config::link_client(&own, Arc::new(pinned), clock(NOW)).unwrap();
    let (server, client) = run(link.answering(link.b.trust(), NOW), client, Channel::Link);
    assert_says(&client.unwrap_err(), &CertificateError::Revoked);
    assert_heard(&server.unwrap_err(), AlertDescription::CertificateRevoked);
}

#[test]
fn thr_a_root_that_expires_while_the_node_runs_stops_being_one() {
    let link = Link::new();
    let mut spec = RootSpec::lab(link.b.nation, NOW);
    spec.not_after = NOW + DAY;
    let short = Lab::of(spec);
    let trust = short.trust();
    let own = short.node("fjell");
    let dial = |now| {
        let client = raw_client(Some(&own), link.pinned(), LINK, link_provider());
        run(link.answering(Arc::clone(&trust), now), client, Channel::Link).0
    };
    dial(NOW + DAY).unwrap();
    assert_tells(&dial(NOW + DAY + 1).unwrap_err(), "has expired on 2026-11-25T12:00:00Z");
}

#[test]
fn thr_a_crl_that_runs_out_while_the_node_runs_stops_the_nation() {
    let link = Link::new();
    let own = link.b.node("fjell");
    let dial = |now| {
        let client = raw_client(Some(&own), link.pinned(), LINK, link_provider());
        run(link.answering(link.b.trust(), now), client, Channel::Link)
    };
    dial(NOW + 6 * DAY).0.unwrap();
    let (server, client) = dial(NOW + 8 * DAY);
    assert_says(&server.unwrap_err(), &CertificateError::ExpiredRevocationList);
    assert_heard(&client.unwrap_err(), AlertDescription::UnknownCA);
}

#[test]
fn lnk_1_without_our_protocol_there_is_no_session() {
    let link = Link::new();
    let own = link.b.node("fjell");
    let dial = |alpn: &[&str]| {
        let client = raw_client(Some(&own), link.pinned(), alpn, link_provider());
        run(link.answering(link.b.trust(), NOW), client, Channel::Link)
    };
    // TLS itself takes a client that names no protocol.
    let (server, client) = dial(&[]);
    assert!(matches!(server, Err(TlsFault::WrongProtocol("relto/1"))), "{server:?}");
    assert!(matches!(client, Err(TlsFault::Broken(error)) if error.kind() == io::ErrorKind::UnexpectedEof));
    for other in [&["http/1.1"][..], &["relto/2"], &["relto/1 "]] {
        let (server, client) = dial(other);
        assert!(matches!(server, Err(TlsFault::Refused(Error::NoApplicationProtocol))), "{server:?}");
        assert_heard(&client.unwrap_err(), AlertDescription::NoApplicationProtocol);
    }
}

#[test]
fn thr_a_session_is_not_taken_for_another_channels() {
    let a = Lab::new("XAA");
    let people = Arc::new(PerNation::people(a.trust()));
    let server = config::client_api_server(&credential(&a.node("ulvik")), people, clock(NOW)).unwrap();
    let node = PinnedServer::new(a.trust(), "ulvik").unwrap();
    let client = config::client_api_client(&credential(&a.person("a.moreau")), Arc::new(node), clock(NOW)).unwrap();
    let (server, _) = run(server, client, Channel::Link);
    assert!(matches!(server, Err(TlsFault::WrongProtocol("relto/1"))), "{server:?}");
    assert_eq!(Channel::ClientApi.caller(), Role::Person);
}
