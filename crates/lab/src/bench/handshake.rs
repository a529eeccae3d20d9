//! `relto bench handshake`: whole handshakes with certificates on both sides, both ends on one thread and in memory.
//!
//! Ours are a link's and the client API's, with X25519MLKEM768, claims, lists of revoked certificates, and what is read off the
//! session behind it. Beside them bare rustls with ring, the same certificates and roots, X25519 and nothing else; and the
//! same with our key exchange, so that what the exchange costs and what our judgement costs can be told apart.

use super::{
    beside::{Piece, measure},
    telling,
};
use crate::{
    args::HandshakeArgs,
    pki::{Authority, DAY, Issued, LeafSpec, RootSpec},
};
use anyhow::{Context as _, Result, ensure};
use relto_cli::output::Output;
use relto_host::{
    clock,
    tls::{
        config::{self, Channel, server_name},
        credential::Credential,
        memory::CrlMemory,
        provider::link_provider,
        session::{established_client, established_server},
        trust::NationTrust,
        verifier::{PerNation, PinnedServer},
    },
};
use relto_report::nation::Nation;
use rustls::{
    ClientConfig, ClientConnection, ConnectionCommon, RootCertStore, ServerConfig, ServerConnection,
    client::Resumption,
    crypto::{CryptoProvider, ring::default_provider},
    pki_types::ServerName,
    server::WebPkiClientVerifier,
    version::TLS13,
};
use serde_json::json;
use std::{hint::black_box, sync::Arc};

/// The name by which bare rustls knows the node; ours looks at none.
const NAME: &str = "node.example";

/// Both ends' configurations, and the name that is dialled.
struct Ends {
    server: Arc<ServerConfig>,
    client: Arc<ClientConfig>,
    name: ServerName<'static>,
}

/// One nation: its authority, its trust and its node.
struct Party {
    nation: Nation,
    authority: Authority,
    trust: Arc<NationTrust>,
    node: Issued,
}

/// Runs the measurement.
pub(super) fn run(args: &HandshakeArgs, output: Output) -> Result<()> {
    let now_ms = clock::now_ms();
    let (near, far) = (Party::new("XAA", now_ms)?, Party::new("XBB", now_ms)?);
    let person = near.authority.issue(&LeafSpec::person(near.nation, "author", seconds(now_ms)?))?;
    let link = near.link_to(&far)?;
    let api = near.api_of(&person)?;
    let classical = bare((&near, &near.node), &far, default_provider())?;
    let hybrid = bare((&near, &near.node), &far, Arc::unwrap_or_clone(link_provider()))?;
    let person = bare((&near, &person), &near, default_provider())?;
    let pieces = vec![
        piece("link", (&link, Channel::Link), "bare rustls, X25519", &classical),
        piece("link, judgement alone", (&link, Channel::Link), "bare rustls, our key exchange", &hybrid),
        piece("client API", (&api, Channel::ClientApi), "bare rustls, X25519", &person),
    ];
    let told = measure(pieces, &args.rounds)?;
    let about = format!("whole handshakes, both ends on one thread and in memory; {}", args.rounds.words());
    telling::beside(&about, &told, json!({}), output)
}

fn seconds(now_ms: u64) -> Result<i64> {
    Ok(i64::try_from(now_ms / 1000)?)
}

impl Party {
    fn new(code: &str, now_ms: u64) -> Result<Self> {
        let (nation, now) = (Nation::parse(code).context("nation")?, seconds(now_ms)?);
        let authority = Authority::new(&RootSpec::lab(nation, now))?;
        let crl = authority.crl(1, now - 60, now + DAY, &[])?;
        let roots = [authority.certificate().clone()];
        let trust = NationTrust::load(nation, &roots, &[crl.der], &mut CrlMemory::default(), now_ms)?;
        let spec = LeafSpec { dns_names: vec![NAME.to_owned()], ..LeafSpec::node(nation, "node", now) };
        let node = authority.issue(&spec)?;
        Ok(Self { nation, authority, trust: Arc::new(trust), node })
    }

    fn pinned(&self) -> Result<Arc<PinnedServer>> {
        Ok(Arc::new(PinnedServer::new(self.trust.clone(), "node")?))
    }

    /// This nation's node dials the other's.
    fn link_to(&self, far: &Self) -> Result<Ends> {
        let callers = Arc::new(PerNation::partners([self.trust.clone()])?);
        Ok(Ends {
            server: config::link_server(&credential(&far.node)?, callers, clock::tls())?,
            client: config::link_client(&credential(&self.node)?, far.pinned()?, clock::tls())?,
            name: server_name(),
        })
    }

    /// One of this nation's people dials its node.
    fn api_of(&self, person: &Issued) -> Result<Ends> {
        let people = Arc::new(PerNation::people(self.trust.clone()));
        Ok(Ends {
            server: config::client_api_server(&credential(&self.node)?, people, clock::tls())?,
            client: config::client_api_client(&credential(person)?, self.pinned()?, clock::tls())?,
            name: server_name(),
        })
    }

    fn roots(&self) -> Result<Arc<RootCertStore>> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.certificate().clone())?;
        Ok(Arc::new(roots))
    }
}

fn credential(issued: &Issued) -> Result<Credential> {
    Ok(Credential::new(issued.certificate.clone(), &issued.key.tls())?)
}

/// As rustls has it without us: its own judgement of names, roots and paths. Full handshakes alone, as ours are.
fn bare((near, own): (&Party, &Issued), far: &Party, provider: CryptoProvider) -> Result<Ends> {
    let provider = Arc::new(provider);
    let callers = WebPkiClientVerifier::builder_with_provider(near.roots()?, provider.clone()).build()?;
    let chain = |issued: &Issued| vec![issued.certificate.clone()];
    let mut server = ServerConfig::builder_with_details(provider.clone(), clock::tls())
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(callers)
        .with_single_cert(chain(&far.node), far.node.key.tls())?;
    server.send_tls13_tickets = 0;
    let mut client = ClientConfig::builder_with_details(provider, clock::tls())
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(far.roots()?)
        .with_client_auth_cert(chain(own), own.key.tls())?;
    client.resumption = Resumption::disabled();
    Ok(Ends { server: Arc::new(server), client: Arc::new(client), name: ServerName::try_from(NAME)? })
}

fn piece<'a>(
    name: &'static str,
    (ours, channel): (&'a Ends, Channel),
    floor: &'static str,
    bare: &'a Ends,
) -> Piece<'a> {
    Piece {
        name,
        counted: "handshakes",
        count: 1,
        work: Box::new(move || ours.shake(Some(channel))),
        floor,
        bare: Box::new(move || bare.shake(None)),
    }
}

impl Ends {
    /// One handshake, until each end knows that the other takes it; of a channel of ours what is read off it too.
    fn shake(&self, channel: Option<Channel>) -> Result<()> {
        let mut client = ClientConnection::new(self.client.clone(), self.name.clone())?;
        let mut server = ServerConnection::new(self.server.clone())?;
        let mut wire = Vec::with_capacity(8 * 1024);
        while client.is_handshaking() || server.is_handshaking() {
            let moved = carry(&mut client, &mut server, &mut wire)? + carry(&mut server, &mut client, &mut wire)?;
            ensure!(moved > 0, "the handshake stands still");
        }
        if let Some(channel) = channel {
            black_box(established_server(&server, channel)?);
            black_box(established_client(&client, channel)?);
        }
        Ok(())
    }
}

/// Carries over what one end has to say; gives how many bytes.
fn carry<From, To>(
    from: &mut ConnectionCommon<From>,
    to: &mut ConnectionCommon<To>,
    wire: &mut Vec<u8>,
) -> Result<usize> {
    wire.clear();
    while from.wants_write() {
        from.write_tls(wire)?;
    }
    let mut rest = wire.as_slice();
    while !rest.is_empty() {
        to.read_tls(&mut rest)?;
        to.process_new_packets()?;
    }
    Ok(wire.len())
}
