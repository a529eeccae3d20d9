//! The author: makes and signs reports, and submits them.

use crate::{
    keys::{AUTHOR, Keys},
    lab::{Lab, NAMES},
    messages::Report,
    services::submissions_client::SubmissionsClient,
    shared::{FRAME, LONGEST, WINDOW},
    signing::{self, Signer},
};
use anyhow::Result;
use bytes::{BufMut as _, BytesMut};
use std::{
    net::SocketAddr,
    time::{SystemTime, UNIX_EPOCH},
};
use tonic::transport::{Channel, Endpoint};

/// A connection to the author's node.
pub type Client = SubmissionsClient<Channel>;

/// Connects as the author.
///
/// # Errors
/// Where the node does not answer.
pub async fn connect(lab: &Lab, api: SocketAddr) -> Result<Client> {
    let keys = Keys::read(lab.keys(), AUTHOR, NAMES[1])?;
    let endpoint = Endpoint::from_shared(format!("https://{api}"))?
        .tls_config(keys.to_node())?
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_frame_size(FRAME);
    Ok(SubmissionsClient::new(endpoint.connect().await?).max_decoding_message_size(LONGEST))
}

/// Makes signed reports of one size.
pub struct Maker {
    signer: Signer,
    size: usize,
}

impl Maker {
    /// With the author's key.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn new(lab: &Lab, size: usize) -> Result<Self> {
        Ok(Self { signer: Keys::read(lab.keys(), AUTHOR, NAMES[1])?.signer, size })
    }

    /// The `n`-th report.
    #[must_use]
    pub fn make(&self, n: u64) -> Report {
        let millis = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let mut id = BytesMut::with_capacity(16);
        id.put_uint(u64::try_from(millis).unwrap_or(0), 6);
        id.put_u16(0x7000);
        id.put_u64(n);
        let mut payload = format!("Report {n}. ").into_bytes();
        payload.resize(self.size.max(payload.len()), b'x');
        let mut report = Report { id: id.freeze(), author: 0, signature: bytes::Bytes::new(), payload: payload.into() };
        report.signature = self.signer.sign(&signing::digest(&report)).to_vec().into();
        report
    }
}
