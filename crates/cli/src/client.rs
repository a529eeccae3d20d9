//! The client's side of the client API: HTTP/1.1 over mutual TLS to the node that the profile names.

mod stream;

use crate::profile::Profile;
use anyhow::{Context as _, Result, anyhow};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    client::conn::http1,
};
use hyper_util::rt::TokioIo;
use relto_formats::{
    agent::agent,
    api::{MAX_BODY, Problem},
};
use relto_host::tls::{config::server_name, words};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    error::Error as StdError,
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
#[error("{}", .problem.message)]
pub struct Refused {
    /// HTTP status.
    pub status: u16,
    /// The node's word and text.
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

/// What a broken connection means, in the words of who sits before it and without the library's addresses.
fn plain(error: &(dyn StdError + 'static)) -> String {
    let mut cause = Some(error);
    while let Some(one) = cause {
        if let Some(fault) = one.downcast_ref::<rustls::Error>() {
            return of_tls(fault);
        }
        if let Some(fault) = one.downcast_ref::<io::Error>() {
            if let Some(fault) = fault.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                return of_tls(fault);
            }
            match fault.kind() {
                ErrorKind::ConnectionRefused => return "nothing listens there: the node is not running".to_owned(),
                ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => {
                    return ENDED.to_owned();
                }
                _ => {}
            }
        }
        if one.downcast_ref::<hyper::Error>().is_some_and(|one| one.is_incomplete_message() || one.is_canceled()) {
            return ENDED.to_owned();
        }
        cause = one.source();
    }
    let text = error.to_string();
    text.split(": http").next().unwrap_or_default().to_owned()
}

const ENDED: &str = "it ended without an answer; the node has stopped, or its log says why";
const CLOSED: &str = "it closed the connection before it was asked anything: the account is not in its configuration, or \
                      too many connections of it are open";

fn not_taken(why: &str) -> String {
    format!("the node does not accept our certificate: {why}. The node's log says more")
}

fn of_tls(fault: &rustls::Error) -> String {
    match fault {
        rustls::Error::AlertReceived(alert) if words::is_about_certificate(*alert) => {
            not_taken(&format!("{}{}", words::of_alert(*alert), words::advice(*alert)))
        }
        rustls::Error::AlertReceived(alert) => {
            format!("no secure connection: the node ended it: {}{}", words::of_alert(*alert), words::advice(*alert))
        }
        rustls::Error::InvalidCertificate(_) => {
            format!("the node's certificate is not accepted: {}", words::of_tls(fault))
        }
        other => format!("no secure connection: {}", words::of_tls(other)),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_connection_is_told_in_plain_words() {
        let address = "peer closed connection without sending TLS close_notify: https://docs.rs/rustls/latest";
        for (kind, text) in [(ErrorKind::UnexpectedEof, address), (ErrorKind::Other, address)] {
            let told = plain(&io::Error::new(kind, text));
            assert!(!told.contains("http") && !told.is_empty(), "{told}");
        }
        let refused = io::Error::from(ErrorKind::ConnectionRefused);
        assert!(plain(&refused).contains("not running"));
        let alert = rustls::Error::AlertReceived(rustls::AlertDescription::AccessDenied);
        assert!(plain(&io::Error::new(ErrorKind::InvalidData, alert)).contains("does not accept our certificate"));
    }
}
