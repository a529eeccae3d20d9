//! What is read off a handshake that is done, by either end, before anything is sent or believed.
//!
//! TLS alone does not promise it: where a client names no protocol in ALPN the handshake succeeds without one.

use super::{
    claim,
    config::Channel,
    fault::{LeafFault, TlsFault, TrustFault},
    identity::{Identity, Role, Usage},
};
use relto_report::digest::Digest;
use rustls::{
    ClientConnection, ConnectionCommon, NamedGroup, ProtocolVersion, ServerConnection, pki_types::CertificateDer,
};

/// Label of the secret that both ends of a session, and nobody else, can derive (RFC 8446 section 7.5): the session's
/// name in the HELLO, so that a HELLO is good for one session only.
pub const EXPORTER_LABEL: &[u8] = b"EXPORTER-relto-1";

/// A session whose handshake is done and whose peer is proven.
///
/// At the client's end the server may still refuse the client's certificate: the first message from it shows that it
/// did not.
#[derive(Debug, Clone)]
pub struct Established {
    /// Who is at the other end.
    pub identity: Identity,
    /// SHA-256 of its certificate.
    pub certificate: Digest,
    /// End of the certificate's validity, milliseconds since 1970.
    pub not_after_ms: u64,
    /// The exporter under [`EXPORTER_LABEL`], without context.
    pub exporter: [u8; 32],
    /// The certificates that it showed, for `recheck`.
    pub chain: Vec<CertificateDer<'static>>,
}

/// The session as its answering end sees it.
///
/// # Errors
/// [`TlsFault`] unless the handshake is done, with TLS 1.3, the channel's protocol and its key exchange.
pub fn established_server(connection: &ServerConnection, channel: Channel) -> Result<Established, TlsFault> {
    established(connection, channel, channel.caller(), Usage::ClientAuth)
}

/// The session as its dialling end sees it.
///
/// # Errors
/// [`TlsFault`] unless the handshake is done, with TLS 1.3, the channel's protocol and its key exchange.
pub fn established_client(connection: &ClientConnection, channel: Channel) -> Result<Established, TlsFault> {
    established(connection, channel, Role::Node, Usage::ServerAuth)
}

fn established<Data>(
    connection: &ConnectionCommon<Data>,
    channel: Channel,
    peer: Role,
    usage: Usage,
) -> Result<Established, TlsFault> {
    if connection.is_handshaking() {
        return Err(TlsFault::Unfinished);
    }
    if connection.alpn_protocol() != Some(channel.alpn().as_bytes()) {
        return Err(TlsFault::WrongProtocol(channel.alpn()));
    }
    let group = connection.negotiated_key_exchange_group().map(|group| group.name());
    let group_taken = match channel {
        Channel::Link => group == Some(NamedGroup::X25519MLKEM768),
        Channel::ClientApi => group.is_some(),
    };
    if connection.protocol_version() != Some(ProtocolVersion::TLSv1_3) || !group_taken {
        return Err(TlsFault::WrongAlgorithms);
    }
    let chain = connection.peer_certificates().unwrap_or_default().to_vec();
    // The verifier has proven this claim in the handshake; read again, so that nothing has to be carried from there.
    let claim = claim::read(chain.first().ok_or(TrustFault::NoCertificate)?, usage)?;
    if claim.identity.role != peer {
        let fault = LeafFault::WrongRole(claim.identity, peer);
        return Err(TrustFault::Leaf { certificate: claim.certificate, fault }.into());
    }
    let exporter = connection.export_keying_material([0; 32], EXPORTER_LABEL, None).map_err(TlsFault::Setup)?;
    let not_after_ms = u64::try_from(claim.not_after).unwrap_or(0).saturating_mul(1000);
    Ok(Established { identity: claim.identity, certificate: claim.certificate, not_after_ms, exporter, chain })
}
