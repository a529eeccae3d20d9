//! The client API's sockets: TLS, the caller's account, HTTP/1.1.

use super::{Caller, answers::metrics_text, router};
use crate::{
    gate::{Gate, peer},
    hub::Hub,
};
use axum::{Router, body::Body};
use hyper::{Request, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use relto_host::{
    clock,
    tls::{
        config::Channel,
        fault::TlsFault,
        session::{Established, established_server},
    },
};
use std::{
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;

/// TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// The head of a request.
const HEADERS: Duration = Duration::from_secs(10);
/// Handshakes at once: in all, and from one address. Whoever has no certificate holds no more than these. API-21
const HANDSHAKES: (usize, usize) = (128, 32);
/// Clients at once after the handshake: in all, and of one account. API-21
const CLIENTS: (usize, usize) = (512, 320);
/// Scrapers at once.
const SCRAPERS: usize = 8;
/// A pause where the system has no more sockets.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves our own people until told to stop.
pub async fn serve(hub: Arc<Hub>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let handshakes = Gate::new(HANDSHAKES.0, HANDSHAKES.1);
    let clients = Gate::new(CLIENTS.0, CLIENTS.1);
    let routes = router(hub.clone());
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        let Ok((socket, from)) = accepted else {
            sleep(PAUSE).await;
            continue;
        };
        let Some(pass) = handshakes.enter(peer(from), 1) else {
            hub.metrics.refused();
            continue;
        };
        let (hub, routes, clients, stop) = (hub.clone(), routes.clone(), clients.clone(), stop.clone());
        tokio::spawn(async move {
            let accepted = accept(&hub, socket).await;
            drop(pass);
            let ended = match accepted {
                Ok((stream, established)) => client(&hub, routes, &clients, stream, established, stop).await,
                Err(reason) => Err(reason),
            };
            if let Err(reason) = ended {
                hub.metrics.refused();
                tracing::warn!(%from, %reason, "client connection refused");
            }
        });
    }
}

type Stream = tokio_rustls::server::TlsStream<TcpStream>;

async fn accept(hub: &Hub, socket: TcpStream) -> Result<(Stream, Established), String> {
    let _ = socket.set_nodelay(true);
    let config = hub.tls.read().unwrap_or_else(PoisonError::into_inner).api_server.clone();
    let accepted =
        timeout(HANDSHAKE, TlsAcceptor::from(config).accept(socket)).await.map_err(|_| "no handshake in time")?;
    let stream = accepted.map_err(|error| TlsFault::from(error).to_string())?;
    let established = established_server(stream.get_ref().1, Channel::ClientApi).map_err(|fault| fault.to_string())?;
    Ok((stream, established))
}

async fn client(
    hub: &Hub,
    routes: Router,
    clients: &Arc<Gate<String>>,
    stream: Stream,
    established: Established,
    mut stop: watch::Receiver<bool>,
) -> Result<(), String> {
    // API-1: who asks is who the certificate says, and the configuration knows. A log line names no account.
    let account = &established.identity.name;
    let person = hub.config.people.get(account).cloned();
    let person = person.ok_or("the certificate's account is not in the configuration")?;
    let _pass = clients.enter(account.clone(), 1).ok_or("too many connections of one account, or of all")?;
    hub.trust.saw(&established);
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
    let scrapers = Arc::new(Semaphore::new(SCRAPERS));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        let Ok((socket, _)) = accepted else {
            sleep(PAUSE).await;
            continue;
        };
        let Ok(permit) = scrapers.clone().try_acquire_owned() else { continue };
        let hub = hub.clone();
        tokio::spawn(async move {
            let _permit = permit;
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
