//! The four kinds of endpoint: a link's two ends and the client API's two ends.
//!
//! Every one is TLS 1.3 alone with certificates on both sides, without resumption, tickets or early data, so that
//! each connection is judged in full and nothing can be replayed. A configuration is never changed: on reload a new
//! one is built whole and replaces the old one, and the sessions that are up are judged again (`verifier`). LNK-1

use super::{
    credential::Credential,
    fault::TlsFault,
    identity::Role,
    provider::{client_api_provider, link_provider},
    verifier::{PerNation, PinnedServer},
};
use relto_report::nation::Nation;
use rustls::{
    ClientConfig, ServerConfig, client::Resumption, crypto::CryptoProvider, pki_types::ServerName,
    server::NoServerSessionStorage, sign::SingleCertAndKey, time_provider::TimeProvider, version::TLS13,
};
use std::{net::Ipv4Addr, sync::Arc};

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Between the nodes of two nations.
    Link,
    /// Between a nation's people and their own node.
    ClientApi,
}

impl Channel {
    /// The protocol's name in ALPN (RFC 7301), which both ends must have agreed on.
    #[must_use]
    pub const fn alpn(self) -> &'static str {
        match self {
            Self::Link => "relto/1",
            Self::ClientApi => "http/1.1",
        }
    }

    /// Who dials.
    #[must_use]
    pub const fn caller(self) -> Role {
        match self {
            Self::Link => Role::Node,
            Self::ClientApi => Role::Person,
        }
    }

    const fn text(self) -> &'static str {
        match self {
            Self::Link => "a link",
            Self::ClientApi => "the client API",
        }
    }

    fn provider(self) -> Arc<CryptoProvider> {
        match self {
            Self::Link => link_provider(),
            Self::ClientApi => client_api_provider(),
        }
    }

    /// A link joins two nations, the client API stays within one.
    fn check_nations(self, own: Nation, others: impl IntoIterator<Item = Nation>) -> Result<(), TlsFault> {
        let wrong = |nation: &Nation| match self {
            Self::Link => *nation == own,
            Self::ClientApi => *nation != own,
        };
        match others.into_iter().find(wrong) {
            Some(nation) => Err(TlsFault::WrongNation { own, nation, channel: self.text() }),
            None => Ok(()),
        }
    }
}

/// The answering end of links: takes the nodes of the partners. `clock` is [`crate::clock::tls`].
///
/// # Errors
/// [`TlsFault`] when the own certificate is not a node's, or a partner is no partner: the own nation, or people.
pub fn link_server(
    own: &Credential,
    partners: Arc<PerNation>,
    clock: Arc<dyn TimeProvider>,
) -> Result<Arc<ServerConfig>, TlsFault> {
    server(Channel::Link, own, partners, clock)
}

/// The dialling end of a link: takes the one node that is dialled.
///
/// # Errors
/// [`TlsFault`] when the own certificate is not a node's, or the partner is the own nation.
pub fn link_client(
    own: &Credential,
    partner: Arc<PinnedServer>,
    clock: Arc<dyn TimeProvider>,
) -> Result<Arc<ClientConfig>, TlsFault> {
    client(Channel::Link, own, partner, clock)
}

/// The node's end of the client API: takes people of the own nation.
///
/// # Errors
/// [`TlsFault`] when the own certificate is not a node's, or those taken are nodes or of another nation.
pub fn client_api_server(
    own: &Credential,
    people: Arc<PerNation>,
    clock: Arc<dyn TimeProvider>,
) -> Result<Arc<ServerConfig>, TlsFault> {
    server(Channel::ClientApi, own, people, clock)
}

/// A person's end of the client API: takes the own nation's node of one name.
///
/// # Errors
/// [`TlsFault`] when the own certificate is not a person's, or the node is another nation's.
pub fn client_api_client(
    own: &Credential,
    node: Arc<PinnedServer>,
    clock: Arc<dyn TimeProvider>,
) -> Result<Arc<ClientConfig>, TlsFault> {
    client(Channel::ClientApi, own, node, clock)
}

/// The server name to give to a connector. None goes over the wire and none is checked: the node is known by its
/// certificate's URI, whatever address it is dialled at.
#[must_use]
pub fn server_name() -> ServerName<'static> {
    ServerName::IpAddress(Ipv4Addr::UNSPECIFIED.into())
}

fn server(
    channel: Channel,
    own: &Credential,
    callers: Arc<PerNation>,
    clock: Arc<dyn TimeProvider>,
) -> Result<Arc<ServerConfig>, TlsFault> {
    own.must_be(Role::Node)?;
    if callers.role() != channel.caller() {
        return Err(TlsFault::WrongCallers { channel: channel.text(), wanted: channel.caller() });
    }
    channel.check_nations(own.identity().nation, callers.nations())?;
    let mut config = ServerConfig::builder_with_details(channel.provider(), clock)
        .with_protocol_versions(&[&TLS13])
        .map_err(TlsFault::Setup)?
        .with_client_cert_verifier(callers)
        .with_cert_resolver(Arc::new(SingleCertAndKey::from(own.key())));
    config.alpn_protocols = vec![channel.alpn().into()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.max_early_data_size = 0;
    Ok(Arc::new(config))
}

fn client(
    channel: Channel,
    own: &Credential,
    node: Arc<PinnedServer>,
    clock: Arc<dyn TimeProvider>,
) -> Result<Arc<ClientConfig>, TlsFault> {
    own.must_be(channel.caller())?;
    channel.check_nations(own.identity().nation, [node.expected().nation])?;
    let mut config = ClientConfig::builder_with_details(channel.provider(), clock)
        .with_protocol_versions(&[&TLS13])
        .map_err(TlsFault::Setup)?
        .dangerous() // so called because a verifier of one's own can be wrong; tests/it/mtls.rs tries ours
        .with_custom_certificate_verifier(node)
        .with_client_cert_resolver(Arc::new(SingleCertAndKey::from(own.key())));
    config.alpn_protocols = vec![channel.alpn().into()];
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    config.enable_sni = false;
    Ok(Arc::new(config))
}
