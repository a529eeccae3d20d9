//! The client's side of the client API: HTTP/1.1 over mutual TLS to the node that the profile names.

mod broken;
pub mod long;
mod stream;

use crate::profile::Profile;
use anyhow::{Context as _, Result, anyhow};
use broken::{CLOSED, not_taken, plain};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use relto_formats::{
    agent::agent,
    api::{MAX_BODY, Problem, ProblemKind},
};
use relto_host::tls::config::server_name;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};
use stream::Outgoing;
pub use stream::{Answers, Lines};
use tokio::{io::AsyncReadExt as _, net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a node that refuses our certificate takes to say so on a connection of its own.
const REFUSAL: Duration = Duration::from_secs(2);

/// An answer of the node that is not 2xx.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// The node's word, rule and text.
    pub problem: Problem,
}

/// One connection to the node, used for one request after another.
pub struct Client {
    sender: http1::SendRequest<Outgoing>,
    host: String,
    api: SocketAddr,
    tls: Arc<rustls::ClientConfig>,
    /// The node has answered on this connection, so it takes our certificate.
    answered: bool,
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
            let stream = dial(profile.api, tls.clone()).await?;
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
            tokio::spawn(connection);
            anyhow::Ok(sender)
        };
        let node = || format!("node {} at {}", profile.node, profile.api);
        let sender = match timeout(CONNECT, attempt).await {
            Ok(Ok(sender)) => sender,
            Ok(Err(error)) => return Err(anyhow!("{}: {}", node(), plain(&*error))),
            Err(_) => return Err(anyhow!("{} does not answer", node())),
        };
        Ok(Self { sender, host: profile.node.clone(), api: profile.api, tls, answered: false })
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

    /// Begins a request of lines: `/v1/submissions:stream` or `:batch`.
    ///
    /// # Errors
    /// As [`Client::post`].
    pub async fn lines(&mut self, path: &str) -> Result<(Lines, Answers)> {
        let (lines, body) = stream::lines();
        let response = self.send(Method::POST, path, "application/x-ndjson", body).await?;
        Ok((lines, Answers::new(response.into_body(), self.host.clone())))
    }

    async fn call<T: DeserializeOwned>(&mut self, method: Method, path: &str, body: Vec<u8>) -> Result<T> {
        let body = Outgoing::Whole(Full::new(Bytes::from(body)));
        let response = self.send(method, path, "application/json", body).await?;
        let body = self.whole(response).await?;
        serde_json::from_slice(&body).context("the node's answer is not of this version")
    }

    /// Sends a request, and gives the answer to it, which is 2xx.
    async fn send(&mut self, method: Method, path: &str, media: &str, body: Outgoing) -> Result<Response<Incoming>> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", &self.host)
            .header("user-agent", agent())
            .header("content-type", media)
            .body(body)?;
        let sent = async {
            self.sender.ready().await?;
            self.sender.send_request(request).await
        };
        let response = match sent.await {
            Ok(response) => response,
            Err(error) => {
                let why = match self.answered {
                    true => plain(&error),
                    false => self.refusal().await.unwrap_or_else(|| plain(&error)),
                };
                return Err(anyhow!("node {} closed the connection: {why}", self.host));
            }
        };
        self.answered = true;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        Err(refused(status, &self.whole(response).await?).into())
    }

    /// The whole body of an answer.
    async fn whole(&self, response: Response<Incoming>) -> Result<Bytes> {
        let body = Limited::new(response.into_body(), 2 * MAX_BODY).collect().await;
        let body = body.map_err(|error| anyhow!("node {}: its answer broke off: {}", self.host, plain(&*error)))?;
        Ok(body.to_bytes())
    }

    /// Why the node takes no request of ours, if it does not. API-43
    ///
    /// In TLS 1.3 a client has done with the handshake before the node has judged its certificate. The refusal then comes
    /// as an alert, and is lost where the request that is already under way meets a closed socket. So it is asked for once
    /// more on a connection over which nothing is sent.
    async fn refusal(&self) -> Option<String> {
        let heard = async {
            let mut stream = dial(self.api, self.tls.clone()).await?;
            stream.read(&mut [0]).await
        };
        match timeout(REFUSAL, heard).await {
            // It waits for a request: what ended the one before is something else.
            Err(_) | Ok(Ok(1..)) => None,
            Ok(Ok(0)) => Some(not_taken(CLOSED)),
            Ok(Err(error)) if error.kind() == ErrorKind::UnexpectedEof => Some(not_taken(CLOSED)),
            Ok(Err(error)) => Some(plain(&error)),
        }
    }
}

async fn dial(api: SocketAddr, tls: Arc<rustls::ClientConfig>) -> io::Result<TlsStream<TcpStream>> {
    let socket = TcpStream::connect(api).await?;
    socket.set_nodelay(true)?;
    TlsConnector::from(tls).connect(server_name(), socket).await
}

fn refused(status: StatusCode, body: &[u8]) -> Refused {
    let problem = serde_json::from_slice(body).unwrap_or_else(|_| Problem {
        error: ProblemKind::Http,
        rule: None,
        message: format!(
            "the node answered {status}: {}",
            String::from_utf8_lossy(body).chars().take(200).collect::<String>()
        ),
    });
    Refused { status: status.as_u16(), problem }
}
