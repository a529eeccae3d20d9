//! The client API's sockets: TLS, the caller's account, HTTP/1.1.

use super::{Caller, answers::metrics_text, router};
use crate::hub::Hub;
use axum::{Router, body::Body};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use relto_host::{
    clock,
    tls::{config::Channel, session::established_server},
};
use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::timeout,
};
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;

/// TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// The head of a request.
const HEADERS: Duration = Duration::from_secs(10);
/// Clients at once.
const MAX_CLIENTS: usize = 2_048;

/// Serves our own people until told to stop.
pub async fn serve(hub: Arc<Hub>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let clients = Arc::new(Semaphore::new(MAX_CLIENTS));
    let routes = router(hub.clone());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        let (Ok((socket, from)), Ok(permit)) = (accepted, clients.clone().try_acquire_owned()) else { continue };
        let (hub, routes, stop) = (hub.clone(), routes.clone(), stop.clone());
        tokio::spawn(async move {
            if let Err(reason) = client(hub.clone(), routes, socket, stop).await {
                hub.metrics.refused();
                tracing::warn!(%from, %reason, "client connection refused");
            }
            drop(permit);
        });
    }
}

async fn client(
    hub: Arc<Hub>,
    routes: Router,
    socket: TcpStream,
    mut stop: watch::Receiver<bool>,
) -> Result<(), String> {
    let _ = socket.set_nodelay(true);
    let config = hub.tls.read().unwrap_or_else(PoisonError::into_inner).api_server.clone();
    let accepted =
        timeout(HANDSHAKE, TlsAcceptor::from(config).accept(socket)).await.map_err(|_| "no handshake in time")?;
    let stream = accepted.map_err(|error| error.to_string())?;
    let established = established_server(stream.get_ref().1, Channel::ClientApi).map_err(|fault| fault.to_string())?;
    // API-1: who asks is who the certificate says, and the configuration knows
    let account = &established.identity.name;
    let person = hub
        .config
        .people
        .get(account)
        .cloned()
        .ok_or_else(|| format!("account {account} is not in the configuration"))?;
    let caller = Caller(Arc::new(person));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(caller.clone());
        routes.clone().call(request.map(Body::new))
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADERS);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let mut check = tokio::time::interval(Duration::from_millis(500));
    loop {
        tokio::select! {
            // A client that hangs up is no fault of ours.
            _ = connection.as_mut() => return Ok(()),
            _ = stop.changed() => connection.as_mut().graceful_shutdown(),
            _ = check.tick() => {
                let tls = hub.tls.read().unwrap_or_else(PoisonError::into_inner).clone();
                if let Err(fault) = tls.people.recheck(&established.chain, clock::now_ms()) {
                    return Err(format!("session ended: {fault}"));
                }
            }
        }
    }
}

/// Serves the counters in clear text on loopback, for a scraper on this machine.
pub async fn metrics(hub: Arc<Hub>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        let Ok((socket, _)) = accepted else { continue };
        let hub = hub.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let hub = hub.clone();
                async move {
                    let text = if request.uri().path() == "/metrics" { metrics_text(&hub).await.ok() } else { None };
                    let status = if text.is_some() { 200 } else { 404 };
                    hyper::Response::builder().status(status).body(Body::from(text.unwrap_or_default()))
                }
            });
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(HEADERS);
            let _ = timeout(Duration::from_secs(10), builder.serve_connection(TokioIo::new(socket), service)).await;
        });
    }
}
