//! Connections with partners' nodes: listen, dial, TLS. What one connection does is in [`drive`].

mod drive;

mod quiet;

use crate::{
    gate::{Gate, peer},
    hub::Hub,
    load::Dialer,
    trust::tls,
};
use drive::drive;
use quiet::Quiet;
use relto_exchange::link::hello::Role;
use relto_host::{
    clock::{Stopwatch, monotonic_ms},
    tls::{
        config::{Channel as TlsChannel, server_name},
        fault::TlsFault,
        session::{Established, established_client, established_server},
    },
};
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// TCP connect and TLS handshake together.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Handshakes at once: in all, and from one address. Whoever has no certificate holds no more than these. LNK-17
const HANDSHAKES: (usize, usize) = (128, 8);
/// Connections at once after the handshake: in all, and from one address. LNK-17
const CONNECTIONS: (usize, usize) = (128, 16);
/// The first pause before a partner is dialled again; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A session that lasted as long was one: the next dial is not put off.
const LASTED: Duration = Duration::from_secs(2);
/// Bytes that the system may hold unsent: what is pulled later overtakes all but these.
const UNSENT: u32 = 128 * 1024;

/// Accepts partners until told to stop.
pub async fn listen(hub: Arc<Hub>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let handshakes = Gate::new(HANDSHAKES.0, HANDSHAKES.1);
    let connections = Gate::new(CONNECTIONS.0, CONNECTIONS.1);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        let Ok((socket, from)) = accepted else {
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Some(pass) = handshakes.enter(peer(from), 1) else {
            hub.metrics.refused();
            continue;
        };
        let (hub, stop, connections) = (hub.clone(), stop.clone(), connections.clone());
        tokio::spawn(async move {
            let stream = accept(&hub, socket, from).await;
            drop(pass);
            if let Some((stream, established)) = stream {
                serve(hub, stream, established, &connections, from, stop).await;
            }
        });
    }
}

type ServerStream = tokio_rustls::server::TlsStream<TcpStream>;

async fn accept(hub: &Hub, socket: TcpStream, from: SocketAddr) -> Option<(ServerStream, Established)> {
    settle(&socket);
    let acceptor = TlsAcceptor::from(tls(hub).link_server.clone());
    let reason = match timeout(HANDSHAKE, acceptor.accept(socket)).await {
        Ok(Ok(stream)) => match established_server(stream.get_ref().1, TlsChannel::Link) {
            Ok(established) => return Some((stream, established)),
            Err(fault) => fault.to_string(),
        },
        Ok(Err(error)) => TlsFault::from(error).to_string(),
        Err(_) => "it took too long".to_owned(),
    };
    hub.metrics.refused();
    tracing::warn!(%from, %reason, "link handshake refused");
    None
}

async fn serve(
    hub: Arc<Hub>,
    stream: ServerStream,
    established: Established,
    connections: &Arc<Gate<IpAddr>>,
    from: SocketAddr,
    stop: watch::Receiver<bool>,
) {
    let Some(_pass) = connections.enter(peer(from), 1) else {
        hub.metrics.refused();
        tracing::warn!(%from, partner = %established.identity, "too many connections of this partner's address");
        return;
    };
    drive(hub, stream, established, Role::Listener, stop).await;
}

/// Small frames leave at once, and little waits in the system, where no later and faster payload could overtake it.
fn settle(socket: &TcpStream) {
    let _ = socket.set_nodelay(true);
    if let Err(error) = socket2::SockRef::from(socket).set_tcp_notsent_lowat(UNSENT) {
        tracing::warn!(%error, "the system does not bound what is unsent: payloads may overtake late");
    }
}

/// Dials the partner of one link whenever it has no session. LNK-15, LNK-19
pub async fn dial(hub: Arc<Hub>, at: usize, mut stop: watch::Receiver<bool>) {
    let (Some(link), Some(file)) = (hub.links.get(at), hub.files.get(at)) else { return };
    let Some(address) = file.dial.clone() else { return };
    let peer = (link.partner, file.partner_node.clone());
    let partner = link.partner;
    let mut pause = FIRST_PAUSE;
    let mut quiet = Quiet::default();
    while !*stop.borrow() {
        let since = Stopwatch::start();
        tokio::select! {
            () = hub.sessions.free(&peer) => {}
            _ = stop.changed() => return,
        }
        // A session that the partner dialled is one too.
        if since.elapsed() >= LASTED {
            pause = FIRST_PAUSE;
        }
        let mut lasted = None;
        match connect(&hub, &address, &peer).await {
            Ok((stream, established)) => {
                let watch = Stopwatch::start();
                let proven = drive(hub.clone(), stream, established, Role::Dialer, stop.clone()).await;
                lasted = proven.then(|| watch.elapsed());
                if proven {
                    quiet = Quiet::default();
                }
            }
            Err(reason) => {
                if let Some(times) = quiet.tells(monotonic_ms()) {
                    tracing::info!(%partner, %address, %reason, times, "partner not reached");
                }
            }
        }
        pause = next_pause(pause, lasted);
        tokio::select! {
            () = sleep(pause) => {}
            _ = stop.changed() => return,
        }
    }
}

/// A partner that takes the connection and ends it at once is no better reached than one that does not answer.
fn next_pause(pause: Duration, session: Option<Duration>) -> Duration {
    if session.is_some_and(|lasted| lasted >= LASTED) { FIRST_PAUSE } else { (pause * 2).min(LONGEST_PAUSE) }
}

type ClientStream = tokio_rustls::client::TlsStream<TcpStream>;

async fn connect(
    hub: &Hub,
    address: &str,
    partner: &(relto_report::nation::Nation, String),
) -> Result<(ClientStream, Established), String> {
    let config = match tls(hub).dialers.get(partner) {
        Some(Dialer::Open(config, _)) => config.clone(),
        Some(Dialer::Closed(why)) => return Err(why.to_string()),
        None => return Err("no trust for this partner".to_owned()),
    };
    let attempt = async {
        let socket = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        settle(&socket);
        let connected = TlsConnector::from(config).connect(server_name(), socket).await;
        let stream = connected.map_err(|error| TlsFault::from(error).to_string())?;
        let established =
            established_client(stream.get_ref().1, TlsChannel::Link).map_err(|fault| fault.to_string())?;
        Ok((stream, established))
    };
    timeout(HANDSHAKE, attempt).await.unwrap_or_else(|_| Err("no answer in time".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partner_that_always_closes_is_dialled_ever_more_seldom() {
        let mut pause = FIRST_PAUSE;
        let mut dials = 0;
        let mut waited = Duration::ZERO;
        while waited < Duration::from_secs(60) {
            // A session was proven each time, and ended at once.
            pause = next_pause(pause, Some(Duration::from_millis(3)));
            waited += pause;
            dials += 1;
        }
        assert!(dials < 20, "{dials} in a minute");
        assert_eq!(pause, LONGEST_PAUSE);
        assert_eq!(next_pause(pause, None), LONGEST_PAUSE);
        assert_eq!(next_pause(pause, Some(LASTED)), FIRST_PAUSE);
    }
}
