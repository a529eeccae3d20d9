//! Connections with partners' nodes: dial, listen, TLS, and the two tasks that drive one connection.

use crate::hub::{Hub, Job, SealJob, Session, lock};
use relto_exchange::{
    input::Input,
    link::{
        connection::Connection,
        frame::ByeCode,
        hello::{Channel, Proof, Role},
    },
    seal::{Outgoing, resend},
};
use relto_host::{
    clock,
    tls::{
        config::{Channel as TlsChannel, server_name},
        session::{Established, established_client, established_server},
    },
};
use relto_report::crypto::PublicKey;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Notify, Semaphore, mpsc, oneshot, watch},
    time::{sleep, timeout},
};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// TCP connect and TLS handshake together.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// One write to the socket, and the partner's HELLO.
const STALLED: Duration = Duration::from_secs(15);
/// Shares of 64 KiB that one connection may have waiting for the writer.
const ALLOWANCE: usize = 256;
/// Handshakes at once.
const HANDSHAKES: usize = 64;

fn tls(hub: &Hub) -> Arc<crate::load::Tls> {
    hub.tls.read().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Accepts partners until told to stop.
pub async fn listen(hub: Arc<Hub>, listener: TcpListener, mut stop: watch::Receiver<bool>) {
    let handshakes = Arc::new(Semaphore::new(HANDSHAKES));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.changed() => return,
        };
        let Ok((socket, from)) = accepted else {
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(permit) = handshakes.clone().try_acquire_owned() else {
            tracing::warn!(%from, "too many handshakes at once: connection dropped");
            continue;
        };
        let (hub, stop) = (hub.clone(), stop.clone());
        tokio::spawn(async move {
            let acceptor = TlsAcceptor::from(tls(&hub).link_server.clone());
            let _ = socket.set_nodelay(true);
            let stream = match timeout(HANDSHAKE, acceptor.accept(socket)).await {
                Ok(Ok(stream)) => stream,
                Ok(Err(error)) => {
                    hub.metrics.refused();
                    tracing::warn!(%from, reason = %error, "link handshake refused");
                    return;
                }
                Err(_) => {
                    hub.metrics.refused();
                    tracing::warn!(%from, "link handshake took too long");
                    return;
                }
            };
            drop(permit);
            match established_server(stream.get_ref().1, TlsChannel::Link) {
                Ok(established) => drive(hub, stream, established, Role::Listener, stop).await,
                Err(fault) => {
                    hub.metrics.refused();
                    tracing::warn!(%from, reason = %fault, "link session refused");
                }
            }
        });
    }
}

/// Dials the partner of one link whenever it has no session.
pub async fn dial(hub: Arc<Hub>, at: usize, mut stop: watch::Receiver<bool>) {
    let (Some(link), Some(file)) = (hub.links.get(at), hub.files.get(at)) else { return };
    let Some(address) = file.dial.clone() else { return };
    let (partner, node) = (link.partner, file.partner_node.clone());
    let id = relto_exchange::input::LinkId(u16::try_from(at).unwrap_or(u16::MAX));
    let mut pause = Duration::from_millis(100);
    while !*stop.borrow() {
        if !hub.is_connected(id) {
            match connect(&hub, &address, &(partner, node.clone())).await {
                Ok((stream, established)) => {
                    pause = Duration::from_millis(100);
                    drive(hub.clone(), stream, established, Role::Dialer, stop.clone()).await;
                }
                Err(reason) => {
                    tracing::info!(%partner, %address, %reason, "partner not reached");
                    pause = (pause * 2).min(Duration::from_secs(5));
                }
            }
        }
        tokio::select! {
            () = sleep(pause) => {}
            _ = stop.changed() => return,
        }
    }
}

type ClientStream = tokio_rustls::client::TlsStream<TcpStream>;

async fn connect(
    hub: &Hub,
    address: &str,
    partner: &(relto_report::nation::Nation, String),
) -> Result<(ClientStream, Established), String> {
    let Some((config, _)) = tls(hub).dialers.get(partner).cloned() else {
        return Err("no trust for this partner".to_owned());
    };
    let attempt = async {
        let socket = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
        let _ = socket.set_nodelay(true);
        let stream =
            TlsConnector::from(config).connect(server_name(), socket).await.map_err(|error| error.to_string())?;
        let established =
            established_client(stream.get_ref().1, TlsChannel::Link).map_err(|fault| fault.to_string())?;
        Ok((stream, established))
    };
    timeout(HANDSHAKE, attempt).await.unwrap_or_else(|_| Err("no answer in time".to_owned()))
}

/// What both tasks of a connection share.
struct Shared {
    hub: Arc<Hub>,
    connection: Mutex<Connection>,
    wake: Notify,
    established: Established,
    role: Role,
    /// The HELLO was proven and the hub was asked: from then on a connection that is no session ends.
    greeted: AtomicBool,
}

/// Runs one connection from HELLO to its end.
async fn drive<S>(hub: Arc<Hub>, stream: S, established: Established, role: Role, stop: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let partner = established.identity.nation;
    let Some(connection) = introduce(&hub, &established, role).await else { return };
    let number = connection.session();
    let (outgoing, offers) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared {
        hub: hub.clone(),
        connection: Mutex::new(connection),
        wake: Notify::new(),
        established,
        role,
        greeted: AtomicBool::new(false),
    });
    let (reader, writer) = tokio::io::split(stream);
    let sending = tokio::spawn(send(shared.clone(), writer, offers, stop));
    let session = |preferred| Session { number, preferred, since: clock::monotonic_ms(), outgoing: outgoing.clone() };
    receive(&shared, reader, session).await;
    // The partner is gone: nothing more can be said.
    lock(&shared.connection).close(ByeCode::Done);
    shared.wake.notify_one();
    let _ = timeout(Duration::from_secs(2), sending).await;
    let (open, closed) = {
        let connection = lock(&shared.connection);
        (connection.open_links().collect::<Vec<_>>(), connection.closed())
    };
    for link in open {
        hub.unregister(link, number);
        hub.write(Job::Input(Input::Down(link, number), None));
    }
    tracing::info!(%partner, session = number, code = ?closed, "session ended");
}

/// Our HELLO, signed by the seal key of our logs over this very channel.
async fn introduce(hub: &Hub, established: &Established, role: Role) -> Option<Connection> {
    let (reply, standings) = oneshot::channel();
    hub.write(Job::Standings(established.identity.nation, reply));
    let standings = standings.await.ok()?;
    let keys: Vec<PublicKey> = standings.iter().map(|standing| standing.expected.my_key).collect();
    let channel = Channel {
        role,
        own_node: hub.config.node.clone(),
        partner_node: established.identity.name.clone(),
        exporter: established.exporter,
    };
    let now = clock::now_ms();
    let mut connection =
        Connection::new(channel, established.identity.nation, hub.number(), standings, clock::monotonic_ms());
    let unsigned = connection.hello(hub.config.nation, now);
    let (reply, signature) = oneshot::channel();
    hub.seal(SealJob::Sign(unsigned.to_sign().to_vec(), reply));
    let signature = signature.await.ok()?;
    let mut proofs: Vec<Proof> = Vec::new();
    for key in keys {
        if proofs.iter().all(|proof| proof.key != key) {
            proofs.push(Proof { key, signature });
        }
    }
    connection.introduce(unsigned, proofs);
    Some(connection)
}

/// Reads frames and hands their inputs to the writer, within this connection's allowance.
async fn receive<R: AsyncRead + Unpin>(shared: &Arc<Shared>, mut reader: R, session: impl Fn(bool) -> Session) {
    let allowance = Arc::new(Semaphore::new(ALLOWANCE));
    let mut buffer = vec![0_u8; 64 * 1024];
    loop {
        let up = lock(&shared.connection).is_up();
        let read = if up {
            reader.read(&mut buffer).await
        } else {
            match timeout(STALLED, reader.read(&mut buffer)).await {
                Ok(read) => read,
                Err(_) => return,
            }
        };
        let Ok(count @ 1..) = read else { return };
        let bytes = buffer.get(..count).unwrap_or_default();
        let (inputs, closed) = {
            let mut connection = lock(&shared.connection);
            // The HELLO's time is a wall clock's, everything else is monotonic.
            let now = if connection.is_up() { clock::monotonic_ms() } else { clock::now_ms() };
            let inputs = connection.receive(bytes, now);
            if !up && connection.is_up() {
                connection.heard(clock::monotonic_ms());
            }
            (inputs, connection.closed())
        };
        for input in inputs {
            if let Input::Up(link, _) = &input
                && !greet(shared, *link, &session)
            {
                lock(&shared.connection).close(ByeCode::Done);
                shared.wake.notify_one();
                return;
            }
            let Ok(permit) = allowance.clone().acquire_many_owned(weight(&input)).await else { return };
            shared.hub.write(Job::Input(input, Some(permit)));
        }
        shared.wake.notify_one();
        if let Some(code) = closed {
            if code != ByeCode::Done {
                shared.hub.metrics.refused();
                let (partner, from) = (shared.established.identity.nation, &shared.established.identity.name);
                tracing::warn!(%partner, %from, ?code, "link closed: the partner broke the protocol");
            }
            return;
        }
    }
}

fn weight(input: &Input) -> u32 {
    match input {
        Input::Leaves { leaves, .. } => u32::try_from(leaves.len() / 16 + 1).unwrap_or(64),
        _ => 1,
    }
}

/// A proven HELLO: this connection becomes its link's session, if it may.
fn greet(shared: &Arc<Shared>, link: relto_exchange::input::LinkId, session: &impl Fn(bool) -> Session) -> bool {
    let (own, partner) = (&shared.hub.config.node, &shared.established.identity.name);
    let preferred = (own < partner) == (shared.role == Role::Dialer);
    let taken = shared.hub.register(link, session(preferred), clock::monotonic_ms());
    shared.greeted.store(true, Ordering::Release);
    if taken {
        shared.hub.metrics.session();
        tracing::info!(partner = %shared.established.identity, role = ?shared.role, "session proven");
    }
    taken
}

/// Pulls frames whenever the socket can take them.
async fn send<W: AsyncWrite + Unpin>(
    shared: Arc<Shared>,
    mut writer: W,
    mut offers: mpsc::UnboundedReceiver<Outgoing>,
    mut stop: watch::Receiver<bool>,
) {
    let mut check = tokio::time::interval(Duration::from_millis(500));
    loop {
        let needs = lock(&shared.connection).needs();
        if let Some((log, from)) = needs {
            fill(&shared, log, from).await;
        }
        let wire = lock(&shared.connection).pull(clock::monotonic_ms());
        if let Some(wire) = wire {
            let written = timeout(STALLED, writer.write_all(wire.as_bytes())).await;
            if !matches!(written, Ok(Ok(()))) {
                lock(&shared.connection).close(ByeCode::Done);
                return;
            }
            continue;
        }
        if !matches!(timeout(STALLED, writer.flush()).await, Ok(Ok(()))) || lock(&shared.connection).closed().is_some()
        {
            let _ = writer.shutdown().await;
            return;
        }
        tokio::select! {
            offer = offers.recv() => match offer {
                Some(offer) => {
                    let mut connection = lock(&shared.connection);
                    connection.offer(offer);
                    while let Ok(more) = offers.try_recv() {
                        connection.offer(more);
                    }
                }
                None => lock(&shared.connection).close(ByeCode::Done),
            },
            () = shared.wake.notified() => {}
            _ = check.tick() => recheck(&shared),
            _ = stop.changed() => lock(&shared.connection).close(ByeCode::Done),
        }
    }
}

/// Leaves that the sealer's frames left out, from the store.
async fn fill(shared: &Arc<Shared>, log: relto_audit::origin::Origin, from: u64) {
    let hub = shared.hub.clone();
    let found = tokio::task::spawn_blocking(move || {
        let at = hub.links.iter().position(|link| link.mine() == log)?;
        let link = hub.links.get(at)?;
        let id = relto_exchange::input::LinkId(u16::try_from(at).ok()?);
        resend(&*lock(&hub.resends), id, log, &link.own_key, from).unwrap_or_else(|fault| crate::hub::fatal(&fault))
    });
    match found.await {
        Ok(Some(outgoing)) => lock(&shared.connection).offer(outgoing),
        // Its checkpoint is signed and not stored yet.
        _ => sleep(Duration::from_millis(5)).await,
    }
}

/// Revoked, expired or replaced sessions end within a second.
fn recheck(shared: &Arc<Shared>) {
    let tls = tls(&shared.hub);
    let (chain, now) = (&shared.established.chain, clock::now_ms());
    let identity = &shared.established.identity;
    let judged = match shared.role {
        Role::Listener => tls.partners.recheck(chain, now).map(|_| ()),
        Role::Dialer => match tls.dialers.get(&(identity.nation, identity.name.clone())) {
            Some((_, pinned)) => pinned.recheck(chain, now).map(|_| ()),
            None => Ok(()),
        },
    };
    let mut connection = lock(&shared.connection);
    if let Err(fault) = judged {
        tracing::warn!(partner = %identity, reason = %fault, "session ended: its certificate is no longer good");
        connection.close(ByeCode::Done);
    }
    let number = connection.session();
    let replaced = shared.greeted.load(Ordering::Acquire)
        && !connection.open_links().any(|link| shared.hub.is_session(link, number));
    if replaced {
        connection.close(ByeCode::Done);
    }
}
