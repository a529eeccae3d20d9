//! Connections with partners' nodes: listen, dial, TLS. What one connection does is in [`drive`].

mod drive;
mod partners;
pub(crate) mod pause;

use crate::{
    hub::Hub,
    pool::{Limits, Pool, place},
    quiet::{Cause, Kind},
    setup::load::Dialer,
    trust::tls,
};
use drive::drive;
use partners::Partners;
use relto_exchange::wire::hello::Role;
use relto_host::{
    clock::{self, Stopwatch},
    tls::{
        config::{Channel as TlsChannel, server_name},
        fault::TlsFault,
        identity::Identity,
        session::{Established, established_client, established_server},
    },
};
use relto_report::nation::Nation;
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// TCP connect and TLS handshake together.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// Handshakes at once of whoever dials: of those who hold most the oldest ends, as on the client API. LNK-34
const STRANGERS: Limits = Limits { all: 112, each: usize::MAX, patience: 2_000 };
/// Handshakes at once from addresses of partners: a pool of their own, which strangers cannot touch. LNK-34
const PARTNERS: Limits = Limits { all: 16, each: usize::MAX, patience: 2_000 };
/// Connections of one partner's node that have no proven session yet; the oldest of the address that holds most ends.
/// A thief of its TLS key takes them from nobody else, and from it only with more addresses than it has. LNK-17
const GREETINGS: Limits = Limits { all: 16, each: usize::MAX, patience: 2_000 };
/// The first pause before a partner is dialled again; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A session that lasted as long was one: the next dial is not put off.
const LASTED: Duration = Duration::from_secs(2);
/// Bytes that the system may hold unsent: what is pulled later overtakes all but these.
const UNSENT: u32 = 128 * 1024;

/// What all connections that come in share.
struct Desk {
    hub: Arc<Hub>,
    partners: Partners,
    /// Not proven yet, by the node of the certificate; none but nodes that node.toml names.
    greetings: BTreeMap<(Nation, String), Arc<Pool<IpAddr, IpAddr>>>,
}

/// Accepts partners until told to stop.
pub(crate) async fn listen(hub: Arc<Hub>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let (strangers, partners) = (Pool::new(STRANGERS), Pool::new(PARTNERS));
    let nodes = hub.links.iter().zip(&hub.files).map(|(link, file)| (link.partner, file.partner_node.clone()));
    let greetings = nodes.map(|node| (node, Pool::new(GREETINGS))).collect();
    let desk = Arc::new(Desk { hub: hub.clone(), partners: Partners::default(), greetings });
    let (looks, stopped) = (desk.clone(), stop.clone());
    tokio::spawn(async move { looks.partners.look_up(&looks.hub, stopped).await });
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        let Ok((socket, from)) = accepted else {
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let pool = if desk.partners.has(from) { &partners } else { &strangers };
        let cut = Arc::new(Notify::new());
        let Some(seat) = pool.enter(place(from), 1, &cut, clock::monotonic_ms()) else {
            hub.metrics.refused();
            continue;
        };
        let (desk, stop) = (desk.clone(), stop.clone());
        tokio::spawn(async move {
            let stream = accept(&desk.hub, socket, from, &cut).await;
            drop(seat);
            if let Some((stream, established)) = stream {
                serve(&desk, stream, established, from, stop).await;
            }
        });
    }
}

type ServerStream = tokio_rustls::server::TlsStream<TcpStream>;

async fn accept(hub: &Hub, socket: TcpStream, from: SocketAddr, cut: &Notify) -> Option<(ServerStream, Established)> {
    settle(&socket);
    let acceptor = TlsAcceptor::from(tls(hub).link_server.clone());
    let handshake = async {
        match timeout(HANDSHAKE, acceptor.accept(socket)).await {
            Ok(Ok(stream)) => match established_server(stream.get_ref().1, TlsChannel::Link) {
                Ok(established) => Ok((stream, established)),
                Err(fault) => Err(fault.to_string()),
            },
            Ok(Err(error)) => Err(TlsFault::from(error).to_string()),
            Err(_) => Err("it took too long".to_owned()),
        }
    };
    let accepted = tokio::select! {
        accepted = handshake => accepted,
        () = cut.notified() => Err("no handshake yet, and others needed its place".to_owned()),
    };
    let reason = match accepted {
        Ok(accepted) => return Some(accepted),
        Err(reason) => reason,
    };
    hub.metrics.refused();
    // API-38
    let cause = Cause::Network(place(from).group);
    if hub.quiet.is_new(Kind::Handshake, cause, &reason, clock::monotonic_ms()) {
        tracing::warn!(%from, %reason, "link handshake refused");
    }
    None
}

async fn serve(
    desk: &Desk,
    stream: ServerStream,
    established: Established,
    from: SocketAddr,
    mut stop: watch::Receiver<bool>,
) {
    let (hub, identity, now) = (&desk.hub, established.identity.clone(), clock::monotonic_ms());
    let refuse = |reason: &str| {
        hub.metrics.refused();
        let cause = Cause::Node(identity.nation, identity.name.clone());
        if hub.quiet.is_new(Kind::Partner, cause, reason, now) {
            tracing::warn!(%from, partner = %identity, %reason, "link connection refused");
        }
    };
    // LNK-12: a link is with the one node that node.toml names, whoever dialled
    let Some(greetings) = desk.greetings.get(&(identity.nation, identity.name.clone())) else {
        return refuse("no link of node.toml has this node as its partner_node");
    };
    // LNK-36
    if hub.pauses.left(&identity, now) > 0 {
        return refuse("it broke the protocol a moment ago, and is not served for a while");
    }
    let cut = Arc::new(Notify::new());
    let Some(seat) = greetings.enter(place(from), 1, &cut, now) else {
        return refuse("too many connections of this node that have proven nothing");
    };
    let (end, ended) = watch::channel(false);
    let driven = drive(hub.clone(), stream, established, Role::Listener, Some(seat), ended);
    tokio::pin!(driven);
    let mut ends = false;
    let proven = loop {
        tokio::select! {
            proven = &mut driven => break proven,
            _ = stop.changed(), if !ends => ends = true,
            () = cut.notified(), if !ends => {
                ends = true;
                refuse("no HELLO yet, and others needed its place");
            }
        }
        // It says BYE and ends by itself.
        let _ = end.send(ends);
    };
    if proven {
        desk.partners.learn(from);
    }
}

/// Small frames leave at once, and little waits in the system, where no later and faster payload could overtake it.
fn settle(socket: &TcpStream) {
    let _ = socket.set_nodelay(true);
    if let Err(error) = socket2::SockRef::from(socket).set_tcp_notsent_lowat(UNSENT) {
        tracing::warn!(%error, "the system does not bound what is unsent: payloads may overtake late");
    }
}

/// Dials the partner of one link whenever it has no session. LNK-15, LNK-19
pub(crate) async fn dial(hub: Arc<Hub>, at: usize, mut stop: watch::Receiver<bool>) {
    let (Some(link), Some(file)) = (hub.links.get(at), hub.files.get(at)) else { return };
    let Some(address) = file.dial.clone() else { return };
    let peer = (link.partner, file.partner_node.clone());
    let partner = link.partner;
    let identity = Identity::parse(&format!("relto://{partner}/node/{}", peer.1));
    let mut pause = FIRST_PAUSE;
    while !*stop.borrow() {
        let since = Stopwatch::start();
        tokio::select! {
            () = hub.sessions.free(&peer) => {}
            _ = stop.changed() => return,
        }
        // LNK-36: nor is one dialled that broke the protocol a moment ago
        let left = identity.as_ref().map_or(0, |node| hub.pauses.left(node, clock::monotonic_ms()));
        if left > 0 {
            tokio::select! {
                () = sleep(Duration::from_millis(left)) => continue,
                _ = stop.changed() => return,
            }
        }
        // A session that the partner dialled is one too.
        if since.elapsed() >= LASTED {
            pause = FIRST_PAUSE;
        }
        let mut lasted = None;
        match connect(&hub, &address, &peer).await {
            Ok((stream, established)) => {
                let watch = Stopwatch::start();
                let proven = drive(hub.clone(), stream, established, Role::Dialer, None, stop.clone()).await;
                lasted = proven.then(|| watch.elapsed());
            }
            Err(reason) => {
                let cause = Cause::Node(partner, peer.1.clone());
                if hub.quiet.is_new(Kind::NotReached, cause, &reason, clock::monotonic_ms()) {
                    tracing::info!(%partner, %address, %reason, "partner not reached");
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

    #[test]
    fn api_38_that_a_partner_is_not_reached_is_told_once_and_then_once_a_minute() {
        let quiet = crate::quiet::Quiet::default();
        let cause = Cause::Node(relto_report::nation::Nation::parse("XBB").unwrap(), "xbb-1".to_owned());
        let (mut pause, mut now, mut swept) = (FIRST_PAUSE, Duration::ZERO, Duration::ZERO);
        let (mut lines, mut again, mut dials) = (0, Vec::new(), 0_u64);
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap();
        while now < Duration::from_secs(600) {
            dials += 1;
            let is_new =
                quiet.is_new(Kind::NotReached, cause.clone(), "Connection refused (os error 111)", millis(now));
            lines += usize::from(is_new);
            pause = next_pause(pause, None);
            now += pause;
            while swept <= now {
                again.extend(quiet.sweep(millis(swept)));
                swept += Duration::from_secs(1);
            }
        }
        assert_eq!((lines, again.len()), (1, 9 + usize::from(dials > 120)), "{dials} dials: {again:?}");
        let counted = quiet.hushed();
        assert_eq!(counted, dials - 1, "what is not told is counted");
    }
}
