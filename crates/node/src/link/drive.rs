//! One connection: the task that reads frames for the writer, and the one that pulls frames for the socket.

use super::tls;
use crate::{
    hub::{Hub, Job, SealJob, Session, lock},
    pool::Seat,
    quiet::{Cause, Kind},
};
use relto_exchange::{
    input::{Input, LinkId},
    link::{
        connection::{Connection, Need},
        frame::{ByeCode, Wire},
        hello::{Channel, Role},
    },
    ready::Seed,
    seal::{Outgoing, reload, resend},
};
use relto_host::{
    clock::{self, Stopwatch},
    random,
    tls::session::Established,
};
use relto_report::crypto::PublicKey;
use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    sync::{Notify, Semaphore, mpsc, oneshot, watch},
    time::{Instant, Interval, MissedTickBehavior, interval, sleep, timeout},
};

/// The partner's whole proven HELLO, from the handshake on. LNK-17
const GREETING: Duration = Duration::from_secs(10);
/// One write to the socket.
const STALLED: Duration = Duration::from_secs(15);
/// What a write may still take once the connection is closed, and the partner's end of it after a BYE.
const ENDING: Duration = Duration::from_millis(500);
/// Between two looks at the partner's certificate and at silence.
const LOOK: Duration = Duration::from_millis(500);
/// Shares of 64 KiB that one connection may have waiting for the writer.
const ALLOWANCE: usize = 256;

/// What both tasks of a connection share.
struct Shared {
    hub: Arc<Hub>,
    connection: Mutex<Connection>,
    wake: Notify,
    established: Established,
    role: Role,
    /// The HELLO was proven and the hub was asked: from then on a connection that is no session ends.
    greeted: AtomicBool,
    /// Its place among those that have proven nothing; given up with the proof. LNK-34
    seat: Mutex<Option<Seat<IpAddr, IpAddr>>>,
}

impl Shared {
    fn close(&self) {
        lock(&self.connection).close(ByeCode::Done);
    }

    fn is_closed(&self) -> bool {
        lock(&self.connection).closed().is_some()
    }
}

/// Runs one connection from HELLO to its end, and says whether it became a session.
pub(super) async fn drive<S>(
    hub: Arc<Hub>,
    stream: S,
    established: Established,
    role: Role,
    seat: Option<Seat<IpAddr, IpAddr>>,
    stop: watch::Receiver<bool>,
) -> bool
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (partner, began) = (established.identity.nation, Stopwatch::start());
    let Some(connection) = introduce(&hub, &established, role).await else { return false };
    let (outgoing, offers) = mpsc::unbounded_channel();
    let shared = Arc::new(Shared {
        hub: hub.clone(),
        connection: Mutex::new(connection),
        wake: Notify::new(),
        established,
        role,
        greeted: AtomicBool::new(false),
        seat: Mutex::new(seat),
    });
    let (reader, writer) = tokio::io::split(stream);
    let watch = Watch::new(shared.clone(), offers, stop);
    let mut sending = tokio::spawn(send(shared.clone(), writer, watch));
    let session = |preferred| {
        let number = lock(&shared.connection).session();
        Session { number, preferred, since: clock::monotonic_ms(), outgoing: outgoing.clone() }
    };
    tokio::select! {
        () = receive(&shared, reader, session) => {
            // The partner is gone or was closed on: only BYE is left to say.
            shared.close();
            shared.wake.notify_one();
            let _ = timeout(2 * ENDING, &mut sending).await;
        }
        // Silence, a stop or a stalled write ended it: a partner that says nothing more does not keep the session.
        _ = &mut sending => {}
    }
    sending.abort();
    shared.close();
    let (open, closed, number) = {
        let connection = lock(&shared.connection);
        (connection.open_links().collect::<Vec<_>>(), connection.closed(), connection.session())
    };
    let proven = !open.is_empty();
    for link in open {
        hub.unregister(link, number);
        hub.write(Job::Input(Input::Down(link, number), None));
    }
    let lasted = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let identity = &shared.established.identity;
    if proven {
        hub.pauses.ended(identity, closed.is_some_and(is_unheard_of), lasted, clock::monotonic_ms());
    }
    // API-38
    let cause = Cause::Node(identity.nation, identity.name.clone());
    let (kind, reason) = if proven { (Kind::Session, String::new()) } else { (Kind::Unproven, format!("{closed:?}")) };
    if hub.quiet.is_new(kind, cause, &reason, clock::monotonic_ms()) {
        tracing::info!(%partner, session = number, code = ?closed, "session ended");
    }
    proven
}

/// Whether no honest node ever causes this end, so that the partner is not served for a while. LNK-36
const fn is_unheard_of(code: ByeCode) -> bool {
    matches!(code, ByeCode::BadLeaf | ByeCode::TooFast)
}

/// Our HELLO, signed by the seal key of each of our logs over this very channel. LNK-13, API-30
async fn introduce(hub: &Hub, established: &Established, role: Role) -> Option<Connection> {
    let (reply, standings) = oneshot::channel();
    hub.write(Job::Standings(established.identity.nation, reply));
    let mut standings = standings.await.ok()?;
    // LNK-12: a link is with the one node that node.toml names, whoever dialled
    let name = &established.identity.name;
    let is_partner = |link: LinkId| hub.files.get(usize::from(link.0)).is_some_and(|one| one.partner_node == *name);
    standings.retain(|standing| is_partner(standing.link));
    if standings.is_empty() {
        tracing::warn!(partner = %established.identity, "no link of node.toml has this node as its partner_node");
        return None;
    }
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
    let (reply, proofs) = oneshot::channel();
    hub.seal(SealJob::Sign(unsigned.to_sign().to_vec(), keys, reply));
    connection.introduce(unsigned, proofs.await.ok()?);
    Some(connection)
}

/// Reads frames and hands their inputs to the writer, within this connection's allowance.
async fn receive<R: AsyncRead + Unpin>(shared: &Arc<Shared>, mut reader: R, session: impl Fn(bool) -> Session) {
    let allowance = Arc::new(Semaphore::new(ALLOWANCE));
    let greeting = Stopwatch::start();
    let mut buffer = vec![0_u8; 64 * 1024];
    loop {
        let up = lock(&shared.connection).is_up();
        let read = if up {
            reader.read(&mut buffer).await
        } else {
            // LNK-17: one time for the whole HELLO, however it is cut into pieces
            let left = GREETING.saturating_sub(greeting.elapsed());
            match timeout(left, reader.read(&mut buffer)).await {
                Ok(read) => read,
                Err(_) => return,
            }
        };
        let Ok(count @ 1..) = read else { return };
        let bytes = buffer.get(..count).unwrap_or_default();
        let Ok(seed) = random::fill().map(Seed) else { return };
        let (inputs, closed) = {
            let mut connection = lock(&shared.connection);
            if !up {
                connection.renumber(shared.hub.number());
            }
            // The HELLO's time is a wall clock's, everything else is monotonic.
            let now = if connection.is_up() { clock::monotonic_ms() } else { clock::now_ms() };
            let inputs = connection.receive(bytes, now, seed);
            // Bytes of a HELLO that is not whole yet are no sign of life on the monotonic clock either.
            if !up {
                connection.heard(clock::monotonic_ms());
            }
            (inputs, connection.closed())
        };
        for input in inputs {
            if let Input::Up(link, _) = &input
                && !greet(shared, *link, &session)
            {
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
                let cause = Cause::Node(partner, from.clone());
                if shared.hub.quiet.is_new(Kind::Broken, cause, &format!("{code:?}"), clock::monotonic_ms()) {
                    tracing::warn!(%partner, %from, ?code, "link closed: the partner broke the protocol");
                }
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
fn greet(shared: &Arc<Shared>, link: LinkId, session: &impl Fn(bool) -> Session) -> bool {
    let (own, partner) = (&shared.hub.config.node, &shared.established.identity.name);
    let preferred = (own < partner) == (shared.role == Role::Dialer);
    let taken = shared.hub.register(link, session(preferred), clock::monotonic_ms());
    shared.greeted.store(true, Ordering::Release);
    lock(&shared.seat).take();
    if taken {
        shared.hub.metrics.session();
        let identity = &shared.established.identity;
        let cause = Cause::Node(identity.nation, identity.name.clone());
        if shared.hub.quiet.is_new(Kind::Session, cause, "", clock::monotonic_ms()) {
            tracing::info!(partner = %identity, role = ?shared.role, "session proven");
        }
    }
    taken
}

/// Pulls frames whenever the socket can take them.
async fn send<W: AsyncWrite + Unpin>(shared: Arc<Shared>, mut writer: W, mut watch: Watch) {
    loop {
        watch.drain();
        let needs = lock(&shared.connection).needs();
        if let Some(need) = needs {
            fill(&shared, need).await;
        }
        let wire = lock(&shared.connection).pull(clock::monotonic_ms());
        match wire {
            Some(wire) if write(&mut writer, &wire, &mut watch).await => {}
            Some(_) => {
                shared.close();
                return;
            }
            None if shared.is_closed() => {
                let _ = timeout(ENDING, writer.shutdown()).await;
                return;
            }
            None => watch.next().await,
        }
    }
}

/// Writes one frame. Offers, a stop, a close and the partner's certificate are seen to meanwhile, so that what is faster
/// stands first when the socket takes the next frame, and nothing piles up behind a partner that reads slowly.
async fn write<W: AsyncWrite + Unpin>(writer: &mut W, wire: &Wire, watch: &mut Watch) -> bool {
    let write = async {
        writer.write_all(wire.as_bytes()).await?;
        writer.flush().await
    };
    let deadline = sleep(STALLED);
    tokio::pin!(write, deadline);
    let mut ending = false;
    loop {
        tokio::select! {
            written = &mut write => return written.is_ok(),
            () = &mut deadline => return false,
            () = watch.next() => {}
        }
        if !ending && watch.shared.is_closed() {
            ending = true;
            let end = (Instant::now() + ENDING).min(deadline.deadline());
            deadline.as_mut().reset(end);
        }
    }
}

/// All that a connection hears of beside its socket.
struct Watch {
    shared: Arc<Shared>,
    offers: mpsc::UnboundedReceiver<Outgoing>,
    stop: Option<watch::Receiver<bool>>,
    look: Interval,
}

impl Watch {
    fn new(shared: Arc<Shared>, offers: mpsc::UnboundedReceiver<Outgoing>, stop: watch::Receiver<bool>) -> Self {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { shared, offers, stop: Some(stop), look }
    }

    /// Takes what is offered already. The connection bounds what it keeps: leaves are read from the store later, and
    /// the bytes of payloads are counted before they are offered.
    fn drain(&mut self) {
        let mut connection = lock(&self.shared.connection);
        while let Ok(offer) = self.offers.try_recv() {
            connection.offer(offer);
        }
    }

    /// Waits for one thing and sees to it.
    async fn next(&mut self) {
        let stopped = async {
            match &mut self.stop {
                Some(stop) => drop(stop.changed().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            offer = self.offers.recv() => match offer {
                Some(offer) => {
                    lock(&self.shared.connection).offer(offer);
                    self.drain();
                }
                None => self.shared.close(),
            },
            () = self.shared.wake.notified() => {}
            _ = self.look.tick() => recheck(&self.shared),
            () = stopped => {
                self.stop = None;
                self.shared.close();
            }
        }
    }
}

/// Leaves that the sealer's frames left out, and the payload that is sent next, from the store.
async fn fill(shared: &Arc<Shared>, need: Need) {
    let hub = shared.hub.clone();
    let found = tokio::task::spawn_blocking(move || {
        let (Need::Leaves(log, _) | Need::Payload(log, _)) = need;
        let at = hub.links.iter().position(|link| link.mine() == log)?;
        let link = hub.links.get(at)?;
        let id = LinkId(u16::try_from(at).ok()?);
        let reader = lock(&hub.resends);
        let found = match need {
            Need::Leaves(_, from) => resend(&*reader, id, log, &link.own_key, from),
            Need::Payload(_, index) => reload(&*reader, id, log, index).map(Some),
        };
        found.unwrap_or_else(|fault| crate::hub::fatal(&fault))
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
