//! The client API's sockets: TLS, the caller's account, HTTP/1.1.

use super::{
    caller::{Caller, Line},
    charge::charge,
    pace::Paced,
    router::router,
    status::metrics_text,
};
use crate::{
    hub::Hub,
    pool::{Limits, Pool, Who, place},
    quiet::{Cause, Kind},
    setup::load::Tls,
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
    net::SocketAddr,
    ops::Range,
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tower_service::Service as _;

/// TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// The head of a request.
const HEADERS: Duration = Duration::from_secs(10);
/// Handshakes at once; beyond that the oldest of the address and network that hold most ends. A handshake whose peer is
/// 300 ms away needs 600 ms after it was accepted, 1,200 ms where a packet is lost: for 2 s it is safe even from its own
/// kind, and from all who hold more it always is. API-35
pub(crate) const HANDSHAKES: Limits = Limits { all: 128, each: usize::MAX, patience: 2_000 };
/// Bytes that HTTP holds of a request's head or of an answer's piece.
const BUFFER: usize = 64 * 1024;
/// Scrapers at once.
const SCRAPERS: usize = 8;
/// A pause where the system has no more sockets.
const PAUSE: Duration = Duration::from_millis(50);

/// Why a connection is not served, and whose it is in the log.
struct Ended {
    cause: Cause,
    reason: String,
}

/// Serves our own people until told to stop.
pub(crate) async fn serve(hub: Arc<Hub>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let handshakes = Pool::new(HANDSHAKES);
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
        let cut = Arc::new(Notify::new());
        let Some(seat) = handshakes.enter(place(from), 1, &cut, clock::monotonic_ms()) else {
            hub.metrics.refused();
            continue;
        };
        let (hub, routes, stop) = (hub.clone(), routes.clone(), stop.clone());
        tokio::spawn(async move {
            let accepted = accept(&hub, socket, from, &cut).await;
            drop(seat);
            let ended = match accepted {
                Ok((stream, established)) => client(&hub, routes, stream, established, stop).await,
                Err(reason) => Err(reason),
            };
            if let Err(Ended { cause, reason }) = ended {
                hub.metrics.refused();
                // API-38
                if hub.quiet.is_new(Kind::Client, cause, &reason, clock::monotonic_ms()) {
                    tracing::warn!(%from, %reason, "client connection refused");
                }
            }
        });
    }
}

type Stream = tokio_rustls::server::TlsStream<TcpStream>;

async fn accept(hub: &Hub, socket: TcpStream, from: SocketAddr, cut: &Notify) -> Result<(Stream, Established), Ended> {
    let _ = socket.set_nodelay(true);
    let config = hub.tls.read().unwrap_or_else(PoisonError::into_inner).api_server.clone();
    let handshake = async {
        let accepted = timeout(HANDSHAKE, TlsAcceptor::from(config).accept(socket)).await;
        let stream = accepted
            .map_err(|_| "no handshake in time".to_owned())?
            .map_err(|error| TlsFault::from(error).to_string())?;
        let established = established_server(stream.get_ref().1, Channel::ClientApi);
        Ok((stream, established.map_err(|fault| fault.to_string())?))
    };
    let accepted = tokio::select! {
        accepted = handshake => accepted,
        () = cut.notified() => Err("no handshake yet, and others needed its place".to_owned()),
    };
    accepted.map_err(|reason| Ended { cause: Cause::Network(place(from).group), reason })
}

async fn client(
    hub: &Arc<Hub>,
    routes: Router,
    stream: Stream,
    established: Established,
    mut stop: watch::Receiver<bool>,
) -> Result<(), Ended> {
    // API-1: who asks is who the certificate says, and the configuration knows. The log counts by account.
    let account = &established.identity.name;
    let ended = |reason: &str| Ended { cause: Cause::Account(account.clone()), reason: reason.to_owned() };
    let person = hub.config.people.get(account).cloned();
    let person = Arc::new(person.ok_or_else(|| ended("the certificate's account is not in the configuration"))?);
    // API-36
    let line = Arc::new(Notify::new());
    let seat = hub.shares.of(&person).clients.enter(Who::account(account), 1, &line, clock::monotonic_ms());
    let _seat = seat.ok_or_else(|| ended("too many connections of one account"))?;
    hub.certificates.saw(&established);
    let (shared, cut) = (hub.clone(), line.clone());
    let service = service_fn(move |mut request: Request<Incoming>| {
        let (hub, line, person, mut routes) = (shared.clone(), cut.clone(), person.clone(), routes.clone());
        async move {
            request.extensions_mut().insert(Caller(person.clone()));
            request.extensions_mut().insert(Line(line.clone()));
            let response = routes.call(request.map(Body::new)).await?;
            Ok::<_, std::convert::Infallible>(charge(hub.shares.of(&person), &person.account, &line, response).await)
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_buf_size(BUFFER);
    let connection = builder.serve_connection(TokioIo::new(Paced::new(stream)), service);
    tokio::pin!(connection);
    let mut check = tokio::time::interval(Duration::from_millis(500));
    let mut last: Option<(Arc<Tls>, Range<u64>)> = None;
    loop {
        tokio::select! {
            // A client that hangs up is no fault of ours.
            _ = connection.as_mut() => return Ok(()),
            _ = stop.changed() => connection.as_mut().graceful_shutdown(),
            () = line.notified() => return Err(ended("it held most of what others of its kind needed")),
            _ = check.tick() => {
                let tls = hub.tls.read().unwrap_or_else(PoisonError::into_inner).clone();
                let now = clock::now_ms();
                // Judged anew only where trust was read again, a date has come or the clock went back. LNK-8
                if last.as_ref().is_some_and(|(of, holds)| Arc::ptr_eq(of, &tls) && holds.contains(&now)) {
                    continue;
                }
                match tls.people.recheck(&established.chain, now) {
                    Ok(vetted) => last = Some((tls, vetted.holds)),
                    Err(fault) => return Err(ended(&format!("session ended: {fault}"))),
                }
            }
        }
    }
}

/// Serves the counters in clear text on loopback, for a scraper on this machine.
pub(crate) async fn metrics(hub: Arc<Hub>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
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
