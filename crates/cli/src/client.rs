//! The client's side of the client API: HTTP/1.1 over mutual TLS to the node that the profile names.

use crate::profile::Profile;
use anyhow::{Context as _, Result, anyhow};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{Method, Request, StatusCode, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use relto_formats::api::{MAX_BODY, Problem};
use relto_host::tls::config::server_name;
use serde::{Serialize, de::DeserializeOwned};
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

/// TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(10);

/// An answer of the node that is not 2xx.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problem.message)]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// The node's word and text.
    pub problem: Problem,
}

/// One connection to the node, used for one request after another.
pub struct Client {
    sender: http1::SendRequest<Full<Bytes>>,
    host: String,
}

impl Client {
    /// Connects as the person of the profile.
    ///
    /// # Errors
    /// Where the node is not reached, or either side refuses the other's certificate.
    pub async fn connect(profile: &Profile) -> Result<Self> {
        Self::connect_with(profile, profile.tls()?).await
    }

    /// Connects with TLS that was made before.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub async fn connect_with(profile: &Profile, tls: Arc<rustls::ClientConfig>) -> Result<Self> {
        let attempt = async {
            let socket = TcpStream::connect(profile.api)
                .await
                .with_context(|| format!("node {} at {}", profile.node, profile.api))?;
            socket.set_nodelay(true)?;
            let stream = TlsConnector::from(tls).connect(server_name(), socket).await?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            anyhow::Ok(sender)
        };
        let sender = timeout(CONNECT, attempt)
            .await
            .map_err(|_| anyhow!("node {} at {} does not answer", profile.node, profile.api))??;
        Ok(Self { sender, host: profile.node.clone() })
    }

    /// GET and decode.
    ///
    /// # Errors
    /// [`Refused`] for an answer that is not 2xx; the connection's error otherwise.
    pub async fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<T> {
        self.call(Method::GET, path, Vec::new()).await
    }

    /// POST a body and decode the answer.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub async fn post<B: Serialize, T: DeserializeOwned>(&mut self, path: &str, body: &B) -> Result<T> {
        self.call(Method::POST, path, serde_json::to_vec(body)?).await
    }

    async fn call<T: DeserializeOwned>(&mut self, method: Method, path: &str, body: Vec<u8>) -> Result<T> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", &self.host)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))?;
        self.sender.ready().await?;
        let response =
            self.sender.send_request(request).await.context("the node closed the connection; its log says why")?;
        let status = response.status();
        let body = Limited::new(response.into_body(), 2 * MAX_BODY)
            .collect()
            .await
            .map_err(|error| anyhow!("{error}"))?
            .to_bytes();
        if status.is_success() {
            return serde_json::from_slice(&body).context("the node's answer is not of this version");
        }
        Err(refused(status, &body).into())
    }
}

fn refused(status: StatusCode, body: &[u8]) -> Refused {
    let problem = serde_json::from_slice(body).unwrap_or_else(|_| Problem {
        error: "http".to_owned(),
        message: format!(
            "the node answered {status}: {}",
            String::from_utf8_lossy(body).chars().take(200).collect::<String>()
        ),
    });
    Refused { status: status.as_u16(), problem }
}
