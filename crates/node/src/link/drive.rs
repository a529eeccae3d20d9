//! One connection: the task that reads frames for the writer, and the one that pulls frames for the socket.

use crate::{
    hub::Hub,
    jobs::{Job, SealJob},
    pool::Seat,
    quiet::{Cause, Kind},
    sessions::{Place, Verdict},
    sync::lock,
    trust::tls,
};
use relto_exchange::{
    choice::Heard,
    connection::{Connection, LinkStart, Need},
    ids::LinkId,
    input::Input,
    ready::Seed,
    seal::Outgoing,
    serve::read_need,
    wire::{
        frame::CHUNK,
        hello::{Channel, Role},
        protocol::ByeCode,
    },
};
use relto_host::{
    clock::{self, Stopwatch},
    random,
    tls::{fault::TlsFault, session::Established},
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
/// Bytes of frames that are gathered for one write to the socket: those of one piece of a payload.
const AT_ONCE: usize = CHUNK;
/// Shares of 64 KiB that one connection may have waiting for the writer.
const ALLOWANCE: usize = 256;

/// What both tasks of a connection share.
struct Shared {
    hub: Arc<Hub>,
    connection: Mutex<Connection>,
    wake: Notify,
    established: Established,
    role: Role,
    place: Place,
    begun: AtomicBool,
    /// A HELLO that has come is being heard: who ends the connection waits for that.
    hears: AtomicBool,
    /// What the socket said when it broke before the HELLO was proven: there a dialer hears that it is not let in.
    broke: Mutex<Option<String>>,
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
    let began = Stopwatch::start();
    let (outgoing, offers) = mpsc::unbounded_channel();
    let place = hub.sessions.open((established.identity.nation, established.identity.name.clone()), outgoing);
    // The owner of the choice says whether this dial is still wanted, before our heads are read. LNK-15, LNK-18
    let hello = if role == Role::Dialer { place.dialled() } else { None };
    if role == Role::Dialer && hello.is_none() {
        return false;
    }
    let Some(connection) = introduce(&hub, &established, role).await else { return false };
    let (connection, begun, broke) = (Mutex::new(connection), AtomicBool::new(false), Mutex::new(None));
    let hears = AtomicBool::new(false);
    let (wake, seat) = (Notify::new(), Mutex::new(seat));
    let shared = Arc::new(Shared { hub, connection, wake, established, role, place, begun, hears, broke, seat });
    if let Some(time) = hello
        && greet(&shared, time).await.is_none()
    {
        return false;
    }
    let (reader, writer) = tokio::io::split(stream);
    let watch = Watch::new(shared.clone(), offers, stop);
    let mut sending = tokio::spawn(send(shared.clone(), writer, watch));
    let receiving = receive(&shared, reader);
    tokio::pin!(receiving);
    tokio::select! {
        () = &mut receiving => {
            // The partner is gone or was closed on: only BYE is left to say.
            shared.close();
            shared.wake.notify_one();
            let _ = timeout(2 * ENDING, &mut sending).await;
        }
        // Silence, a stop or a stalled write ended it: a partner that says nothing more does not keep the session. A HELLO
        // that has come is heard out. LNK-19
        _ = &mut sending => {
            if shared.hears.load(Ordering::Acquire) {
                let _ = timeout(ENDING, &mut receiving).await;
            }
        }
    }
    sending.abort();
    shared.close();
    let (closed, number) = {
        let connection = lock(&shared.connection);
        (connection.closed(), connection.session())
    };
    shared.place.end();
    let begun = shared.begun.load(Ordering::Acquire);
    let (hub, now) = (&shared.hub, clock::monotonic_ms());
    let partner = shared.established.identity.nation;
    if begun {
        let lasted = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        hub.pauses.ended(&shared.established.identity, closed.is_some_and(is_unheard_of), lasted, now);
        if hub.quiet.is_new(Kind::Session, cause(&shared), "", now) {
            tracing::info!(%partner, session = number, code = ?closed, "session ended");
        }
    } else if let Some(reason) = lock(&shared.broke).take() {
        if hub.quiet.is_new(Kind::Unproven, cause(&shared), &reason, now) {
            tracing::info!(%partner, role = ?shared.role, %reason, "the partner ended the connection");
        }
    } else if hub.quiet.is_new(Kind::Unproven, cause(&shared), &format!("{closed:?}"), now) {
        tracing::info!(%partner, role = ?shared.role, code = ?closed, "connection ended, which was no session");
    }
    begun
}

/// Whom a line of the log is about. API-38
fn cause(shared: &Shared) -> Cause {
    Cause::Node(shared.established.identity.nation, shared.established.identity.name.clone())
}

/// Whether no honest node ever causes this end, so that the partner is not served for a while. LNK-36
const fn is_unheard_of(code: ByeCode) -> bool {
    matches!(code, ByeCode::BadLeaf | ByeCode::TooFast)
}

/// How the links with the node at the other end stand. LNK-12: a link is with the one node that node.toml names, whoever
/// dialled.
async fn starts(hub: &Hub, established: &Established) -> Option<Vec<LinkStart>> {
    let (reply, starts) = oneshot::channel();
    hub.write(Job::Standings(established.identity.nation, reply));
    let mut starts = starts.await.ok()?;
    let name = &established.identity.name;
    let is_partner = |link: LinkId| hub.files.get(link.place()).is_some_and(|one| one.partner_node == *name);
    starts.retain(|start| is_partner(start.link));
    Some(starts)
}

/// A connection that has said nothing yet.
async fn introduce(hub: &Hub, established: &Established, role: Role) -> Option<Connection> {
    let starts = starts(hub, established).await?;
    if starts.is_empty() {
        tracing::warn!(partner = %established.identity, "no link of node.toml has this node as its partner_node");
        return None;
    }
    let channel = Channel {
        role,
        own_node: hub.config.node.clone(),
        partner_node: established.identity.name.clone(),
        exporter: established.exporter,
    };
    Some(Connection::new(channel, established.identity.nation, 0, starts, clock::monotonic_ms()))
}

/// Our HELLO of this time, from the logs as they stand now, signed by the seal key of each over this very channel. LNK-13
async fn greet(shared: &Shared, time: u64) -> Option<()> {
    let starts = starts(&shared.hub, &shared.established).await?;
    let keys: Vec<PublicKey> = starts.iter().map(|start| start.expected.my_key).collect();
    let unsigned = {
        let mut connection = lock(&shared.connection);
        connection.refresh(starts);
        connection.hello(shared.hub.config.nation, time)
    };
    let (reply, proofs) = oneshot::channel();
    shared.hub.seal(SealJob::Sign(unsigned.to_sign().to_vec(), keys, reply));
    let proofs = proofs.await.ok()?;
    lock(&shared.connection).introduce(unsigned, proofs);
    shared.wake.notify_one();
    Some(())
}

/// Reads frames and hands their inputs to the writer, within this connection's allowance.
async fn receive<R: AsyncRead + Unpin>(shared: &Arc<Shared>, mut reader: R) {
    let allowance = Arc::new(Semaphore::new(ALLOWANCE));
    let greeting = Stopwatch::start();
    let mut verdict = shared.place.verdict.clone();
    let mut buffer = vec![0_u8; 64 * 1024];
    // What came before it was decided whether this is a session: the HELLO, and what stood behind it.
    let mut brought = Some(Vec::new());
    loop {
        let up = lock(&shared.connection).is_up();
        let decided = *verdict.borrow_and_update();
        let mut inputs = Vec::new();
        match brought.take_if(|_| up && decided != Verdict::Undecided) {
            Some(early) => {
                if settle(shared, decided, early).await.is_none() {
                    return;
                }
            }
            None => {
                let read = tokio::select! {
                    read = reader.read(&mut buffer) => read,
                    changed = verdict.changed(), if brought.is_some() => match changed {
                        Ok(()) => continue,
                        Err(_) => return,
                    },
                    // LNK-17: one time for the whole HELLO, however it is cut into pieces
                    () = sleep(GREETING.saturating_sub(greeting.elapsed())), if !up => return,
                };
                let count = match read {
                    Ok(count @ 1..) => count,
                    Ok(_) => return,
                    Err(error) => {
                        if !up {
                            *lock(&shared.broke) = Some(TlsFault::from(error).to_string());
                        }
                        return;
                    }
                };
                shared.hears.store(!up, Ordering::Release);
                let Some(read) = take(shared, buffer.get(..count).unwrap_or_default()) else { return };
                match &mut brought {
                    Some(early) => early.extend(read),
                    None => inputs = read,
                }
                if !up
                    && let Some(early) = &brought
                    && propose(shared, early).await.is_none()
                {
                    return;
                }
            }
        }
        if hand_on(shared, &allowance, inputs).await.is_none() {
            return;
        }
        shared.wake.notify_one();
        let (closed, told) = {
            let connection = lock(&shared.connection);
            (connection.closed(), connection.is_up() && connection.is_told_of_rollback())
        };
        if let Some(code) = closed {
            // The BYE of one who holds more of our log may come with its HELLO in the same bytes. What the HELLO says
            // counts all the same: from it a log that was put back learns what it lacks. LNK-19
            let decided = *verdict.borrow();
            if let Some(early) = brought.take_if(|_| told && decided != Verdict::Undecided) {
                let _ = settle(shared, decided, early).await;
            }
            tell_of(shared, code);
            return;
        }
        shared.hears.store(false, Ordering::Release);
    }
}

/// Hands inputs to the writer as the allowance has room for them; nothing where the connection ends.
async fn hand_on(shared: &Shared, allowance: &Arc<Semaphore>, inputs: Vec<Input>) -> Option<()> {
    for input in inputs {
        if let Input::Payload(link, _, piece) = &input {
            shared.hub.metrics.came(*link, piece.index);
        }
        let permit = Arc::clone(allowance).acquire_many_owned(weight(&input)).await.ok()?;
        shared.hub.write(Job::Input(input, Some(permit)));
    }
    Some(())
}

fn tell_of(shared: &Shared, code: ByeCode) {
    if code != ByeCode::Done {
        shared.hub.metrics.refused();
        let (partner, from) = (shared.established.identity.nation, &shared.established.identity.name);
        if shared.hub.quiet.is_new(Kind::Broken, cause(shared), &format!("{code:?}"), clock::monotonic_ms()) {
            tracing::warn!(%partner, %from, ?code, "link closed: the partner broke the protocol");
        }
    }
}

/// The inputs of bytes that have come.
fn take(shared: &Shared, bytes: &[u8]) -> Option<Vec<Input>> {
    let seed = random::fill().map(Seed).ok()?;
    let mut connection = lock(&shared.connection);
    let up = connection.is_up();
    // The HELLO's time is a wall clock's, everything else is monotonic.
    let now = if up { clock::monotonic_ms() } else { clock::now_ms() };
    let inputs = connection.receive(bytes, now, seed);
    // Bytes of a HELLO that is not whole yet are no sign of life on the monotonic clock either.
    if !up {
        connection.heard(clock::monotonic_ms());
    }
    Some(inputs)
}

/// A HELLO that is proven goes before the owner of the choice; what is decided comes as this connection's verdict. LNK-15
async fn propose(shared: &Shared, early: &[Input]) -> Option<()> {
    let (time, links) = {
        let connection = lock(&shared.connection);
        (connection.partner_time(), connection.open_links().collect::<Vec<_>>())
    };
    let Some(time) = time else { return Some(()) };
    lock(&shared.seat).take();
    // LNK-19: by what we have followed until now, and not when the connection was made
    let starts = starts(&shared.hub, &shared.established).await?;
    let behind = early.iter().any(|input| {
        let Input::Up(link, up) = input else { return false };
        let followed = starts.iter().find(|one| one.link == *link).map_or(0, |one| one.theirs.size());
        up.head.as_ref().map_or(0, |head| head.checkpoint().size) < followed
    });
    if behind {
        let partner = &shared.established.identity;
        tracing::warn!(%partner, "its HELLO shows less of its own log than it has sent: a copy that was put back?");
    }
    shared.place.heard(shared.role, Heard { time, behind }, links);
    Some(())
}

/// What was decided about this connection. As a session it brings what has come already.
async fn settle(shared: &Shared, decided: Verdict, early: Vec<Input>) -> Option<()> {
    match decided {
        Verdict::Undecided | Verdict::End => None,
        Verdict::Tell(time) => {
            greet(shared, time).await?;
            lock(&shared.connection).dismiss(ByeCode::RolledBack);
            None
        }
        Verdict::Begin(number, answer) => {
            if let Some(time) = answer {
                greet(shared, time).await?;
            }
            let early = lock(&shared.connection).begin(number, early);
            if !shared.place.bring(number, early) {
                return None;
            }
            shared.begun.store(true, Ordering::Release);
            shared.hub.metrics.session();
            shared.hub.certificates.saw(&shared.established);
            let partner = &shared.established.identity;
            if shared.hub.quiet.is_new(Kind::Session, cause(shared), "", clock::monotonic_ms()) {
                tracing::info!(%partner, session = number, role = ?shared.role, "session proven");
            }
            Some(())
        }
    }
}

/// Bytes of a payload that count as one input: a whole piece as nine.
const UNIT: u64 = 8 * 1024;

fn weight(input: &Input) -> u32 {
    match input {
        Input::Leaves { leaves, .. } => u32::try_from(leaves.len() / 16 + 1).unwrap_or(64),
        // Of long payloads some 28 pieces are before the writer at once, and 2 MiB.
        Input::Payload(_, _, piece) => u32::try_from(piece.length() / UNIT + 1).unwrap_or(64),
        _ => 1,
    }
}

/// Pulls frames whenever the socket can take them.
async fn send<W: AsyncWrite + Unpin>(shared: Arc<Shared>, mut writer: W, mut watch: Watch) {
    let mut frames = Vec::with_capacity(AT_ONCE);
    loop {
        watch.drain();
        let needs = lock(&shared.connection).needs();
        if let Some(need) = needs {
            fill(&shared, need).await;
        }
        frames.clear();
        gather(&shared, &mut frames);
        if !frames.is_empty() {
            if !write(&mut writer, &frames, &mut watch).await {
                shared.close();
                return;
            }
        } else if shared.is_closed() {
            let _ = timeout(ENDING, writer.shutdown()).await;
            return;
        } else {
            watch.next().await;
        }
    }
}

/// The next frames, until there are none, one needs the store, or [`AT_ONCE`] bytes are together: few writes where
/// frames are small, and no more of them ahead of a faster one than one piece of a payload is.
fn gather(shared: &Shared, frames: &mut Vec<u8>) {
    let mut connection = lock(&shared.connection);
    let now = clock::monotonic_ms();
    while frames.len() < AT_ONCE
        && (frames.is_empty() || connection.needs().is_none())
        && let Some(wire) = connection.pull(now)
    {
        frames.extend_from_slice(wire.as_bytes());
    }
}

/// Writes frames. Offers, a stop, a close and the partner's certificate are seen to meanwhile, so that what is faster
/// stands first when the socket takes the next frame, and nothing piles up behind a partner that reads slowly.
async fn write<W: AsyncWrite + Unpin>(writer: &mut W, frames: &[u8], watch: &mut Watch) -> bool {
    let write = async {
        writer.write_all(frames).await?;
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
    verdict: watch::Receiver<Verdict>,
    stop: Option<watch::Receiver<bool>>,
    look: Interval,
}

impl Watch {
    fn new(shared: Arc<Shared>, offers: mpsc::UnboundedReceiver<Outgoing>, stop: watch::Receiver<bool>) -> Self {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let verdict = shared.place.verdict.clone();
        Self { shared, offers, verdict, stop: Some(stop), look }
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
            changed = self.verdict.changed() => {
                if changed.is_err() || *self.verdict.borrow() == Verdict::End {
                    self.shared.close();
                }
            }
            _ = self.look.tick() => recheck(&self.shared),
            () = stopped => {
                self.stop = None;
                self.shared.close();
            }
        }
    }
}

/// What is sent next and is not at hand, from the store.
async fn fill(shared: &Arc<Shared>, need: Need) {
    let hub = shared.hub.clone();
    let found = tokio::task::spawn_blocking(move || {
        let found = read_need(&*lock(&hub.resends), &hub.links, need);
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
    let identity = &shared.established.identity;
    let judged = tls.judge(shared.role, &shared.established, clock::now_ms());
    let mut connection = lock(&shared.connection);
    if let Err(fault) = judged {
        tracing::warn!(partner = %identity, reason = %fault, "session ended: its certificate is no longer good");
        connection.close(ByeCode::Done);
    }
}
