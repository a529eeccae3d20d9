//! The whole story, both sides, numbered as the design numbers it.
//!
//! ```text
//! submit   S1 decoded, signed, known id?     S2 policy::check     S3 refused: journal, explain; held or queued: wait
//!          S4 COMMIT leaf + payload + outbox + detail; answer     S5 seal, head file     S6 LEAVES, then the payload
//! follow   F1 next index, root, key (link/connection)             F2 COMMIT leaves + checkpoint + effects
//! payload  R1 awaited, in order     R2 opens the commitment?      R3 decodes?      R4 policy::check inbound
//!          R5 COMMIT payload + Outcome leaf + inbox + journal     R6 seal; only now readable; the Outcome is the receipt
//! resume   HELLO; LEAVES from the size the other side holds; WANT for what was awaited
//! ```
//! Each step reads a [`View`] and gives a [`Step`]: writes, and what may be let out once they are on the disk.

use crate::{
    admit,
    batch::{Batch, Step, View},
    belief, clocks,
    decide::{self, Road, Wish},
    emergency,
    exchange::Exchange,
    inbound,
    input::{Answer, Event, Input, LinkId, Out, Submit},
    journal::Act,
    lifecycle,
    link::frame::ByeCode,
    people,
    ready::Own,
    records,
    rows::{Detail, Outbox, Stage, Submission, SubmissionState},
    session, settle, statement,
    store::{Key, Row, StoreError},
};
use relto_audit::{
    checkpoint::SignedCheckpoint,
    commitment::{commit, commit_detail},
    leaf::{Leaf, Released},
    tree::leaf_hash,
};
use relto_report::{codec, signed::Authored};

/// Leaves that a log may have beyond its last stored checkpoint. LOG-5
pub const MAX_UNSEALED: u64 = 1_024;
/// Bytes in a link's lanes beyond which payloads wait in the store.
pub(crate) const LANE_BYTES: usize = 4 * 1024 * 1024;

/// The rows that a step of this input will ask for: one read for the whole batch.
pub(crate) fn needs(input: &Input) -> Option<Key> {
    match input {
        Input::Submit(submit) => Some(Key::Submission(submit.id)),
        Input::Statement(stated) => Some(Key::Submission(stated.id)),
        Input::Approve { id, .. } | Input::Decline { id, .. } => Some(Key::Submission(*id)),
        Input::Fetched(fetched) => fetched.submission().map(Key::Submission),
        Input::Up(..)
        | Input::Down(..)
        | Input::Change { .. }
        | Input::Install { .. }
        | Input::Mismatch(..)
        | Input::Leaves { .. }
        | Input::Payload(..)
        | Input::Want { .. }
        | Input::Sealed(_)
        | Input::Wrote(_)
        | Input::Opened { .. }
        | Input::Looked(_)
        | Input::Started
        | Input::Believed(_)
        | Input::ClockWord { .. }
        | Input::Tick => None,
    }
}

/// One input, as one or more steps. What a session brings that is no longer the current one is dropped.
pub(crate) fn input(exchange: &mut Exchange, batch: &mut Batch<'_>, input: Input) -> Result<(), StoreError> {
    if input.session().is_some_and(|(link, number)| !is_current(exchange, link, number)) {
        return Ok(());
    }
    match input {
        Input::Submit(input) => batch.run(exchange, input.link, |view| submit(view, *input)),
        Input::Statement(stated) => batch.run(exchange, stated.link, |view| statement::state(view, &stated)),
        Input::Approve { ticket, id, approval, drafted } => match people::link_of(exchange, batch, &id) {
            Some(link) => batch.run(exchange, link, |view| people::approve(view, ticket, id, approval, &drafted)),
            None => batch.answer(ticket, Answer::NotHeld),
        },
        Input::Decline { ticket, id, officer, reason } => match people::link_of(exchange, batch, &id) {
            Some(link) => batch.run(exchange, link, |view| people::decline(view, ticket, id, officer, reason)),
            None => batch.answer(ticket, Answer::NotHeld),
        },
        Input::Opened { ticket, account, link, index, decided } => {
            batch.run(exchange, link, |view| people::opened(view, ticket, account, index, decided))
        }
        Input::Up(link, up) => session::up(exchange, batch, link, up),
        Input::Down(link, number) => {
            if exchange.sessions.get(&link).is_some_and(|session| session.number == number) {
                exchange.sessions.remove(&link);
            }
            Ok(())
        }
        Input::Leaves { link, first, leaves, checkpoint, .. } => {
            follow(exchange, batch, link, first, leaves, &checkpoint)
        }
        Input::Change { ticket, link, change } => {
            batch.run(exchange, link, |view| Ok(lifecycle::change(view, ticket, change)))
        }
        Input::Install { ticket, link, text } => lifecycle::install(exchange, batch, (ticket, link), &text),
        Input::Mismatch(link, _, what) => batch.run(exchange, link, |view| Ok(session::mismatch(view, &what))),
        Input::Payload(link, _, piece) => batch.run(exchange, link, |view| inbound::payload(view, *piece)),
        Input::Want { link, index, offset, .. } => {
            session::want(exchange, link, index, offset);
            Ok(())
        }
        Input::Fetched(fetched) => settle::fetched(exchange, batch, *fetched),
        Input::Looked(asked) => settle::looked(exchange, asked),
        Input::Sealed(checkpoint) => session::sealed(exchange, batch, &checkpoint),
        Input::Wrote(write) => session::wrote(exchange, batch, write),
        Input::Started => session::started(exchange, batch),
        Input::Believed(by) => belief::believe(exchange, batch, by),
        Input::ClockWord { ticket, voice, word } => belief::word(exchange, batch, (ticket, voice), word),
        Input::Tick => Ok(()),
    }
}

fn is_current(exchange: &Exchange, link: LinkId, number: u64) -> bool {
    exchange.halted.is_none()
        && exchange.belief.by().is_some()
        && exchange.sessions.get(&link).is_some_and(|session| session.number == number)
}

/// An operator's act: index 0 of our log. LOG-2
pub(crate) fn genesis(view: &View<'_>) -> Step {
    let mut step = Step::default();
    if view.pair.mine.size() == 0 {
        step.append(view, &Exchange::genesis_leaf(view.link, view.link.own));
    }
    step
}

/// S1 to S4.
fn submit(view: &View<'_>, submit: Submit) -> Result<Step, StoreError> {
    let mut step = Step::default();
    let answer = |mut step: Step, answer: Answer| {
        step.out.push(Out::Reply(submit.ticket, answer));
        Ok(step)
    };
    let authored = submit.authored.get();
    // S1: the same signed bytes under the same id are the same submission, however often they come. FLW-1
    if let Some(Row::Submission(known)) = view.get(&Key::Submission(submit.id))? {
        let same = known.account == submit.account && known.signed == authored.digest();
        return answer(step, if same { Answer::Known(known.state) } else { Answer::IdReused });
    }
    if let Some(why) = view.halted {
        return answer(step, Answer::Unavailable(why.to_owned()));
    }
    let own = &submit.own;
    if let Some(invalid) = records::fault(view, authored, own) {
        return answer(step, invalid);
    }
    // S2
    let wish = Wish::of(authored, submit.emergency).by(&submit.account);
    let road = decide::outbound(view, &authored.document, own, &wish);
    let row = |state: SubmissionState| Submission {
        account: submit.account.clone(),
        signed: authored.digest(),
        agreement: view.link.agreement.id.clone(),
        serial: authored.document.report().serial.clone(),
        precedence: wish.precedence,
        time: view.now.millis,
        state,
    };
    let (id, account) = (submit.id, submit.account.clone());
    // S3 and S4
    let state = match road {
        Road::Release(permit) => {
            let index = release(&mut step, view, id, &account, (authored, own), &wish, &permit)?;
            SubmissionState::Released(index)
        }
        Road::Queue(why) => {
            step.journal(view, Act::Queued { submission: id, account, why: why.clone() });
            people::draft(&mut step, id, authored, own, &wish);
            SubmissionState::Queued(why)
        }
        Road::Hold(owed) => {
            let agreement = view.pair.agreement.digest;
            step.journal(view, Act::Held { submission: id, account, agreement, owed: decide::codes(&owed) });
            people::draft(&mut step, id, authored, own, &wish);
            SubmissionState::Held(owed)
        }
        Road::Refuse(reasons) => {
            let agreement = view.pair.agreement.digest;
            let (signed, reasons_kept) = (authored.digest(), decide::codes(&reasons));
            let act = Act::NotReleased { submission: id, account, agreement, signed, reasons: reasons_kept };
            step.journal(view, act);
            SubmissionState::Refused(reasons)
        }
    };
    step.insert(Key::Submission(id), Row::Submission(row(state.at_rest())));
    answer(step, Answer::Stands(state))
}

/// S4: a permit for these very bytes, and the leaf, its payload and its records in one transaction. FLW-2
pub(crate) fn release(
    step: &mut Step,
    view: &View<'_>,
    id: [u8; 16],
    account: &str,
    (authored, own): (&Authored, &Own),
    wish: &Wish,
    permit: &relto_policy::check::Permit,
) -> Result<u64, StoreError> {
    let agreement = view.pair.agreement.digest;
    if !permit.is_for(&authored.document.digest(), &agreement, view.link.own, view.link.partner) {
        return Err(StoreError::Fatal("a permit for other bytes"));
    }
    let (origin, index) = (view.pair.mine.origin, step.next_index(view));
    let detail = Detail {
        salt: view.salt(),
        account: account.to_owned(),
        author: authored.statement_bytes.clone(),
        signature: authored.signature.as_bytes().to_vec(),
        approvals: wish.approvals.clone(),
        basis: decide::basis(permit),
    };
    let time = step.leaf_time(view);
    let bytes = u64::try_from(authored.document.plaintext().len()).unwrap_or(u64::MAX);
    let length = own.payload.length();
    let leaf = Leaf::Released(Released {
        time,
        agreement,
        commitment: commit(origin, index, &own.salt(), bytes, &authored.document.digest()),
        length,
        precedence: wish.precedence,
        detail: commit_detail(origin, index, &detail.salt, &codec::encode(&detail)),
        seen: view.pair.theirs.as_head(),
    });
    step.append(view, &leaf);
    let confirmation = emergency::owed(step, view, id, index, permit);
    let exposed = session::expose_at_once(step, view, index, wish.precedence, own.payload.plain());
    let outbox = Outbox {
        submission: id,
        account: account.to_owned(),
        serial: authored.document.report().serial.clone(),
        plaintext: authored.document.digest(),
        precedence: wish.precedence,
        length,
        time,
        leaf: leaf_hash(&leaf.encode()),
        exposed,
        stage: Stage::Released,
        confirmation,
        statement: None,
        acknowledged: None,
    };
    step.insert(Key::Payload(origin, index), Row::Body(own.payload.clone()));
    if own.home.length() > 0 {
        step.insert(Key::Home(origin, index), Row::Body(own.home.clone()));
    }
    step.insert(Key::Detail(origin, index), Row::Detail(detail));
    step.insert(Key::Outbox(origin, index), Row::Outbox(outbox));
    Ok(index)
}

/// F2: every leaf of a frame, one step each, then the checkpoint that covers them.
fn follow(
    exchange: &mut Exchange,
    batch: &mut Batch<'_>,
    link: LinkId,
    first: u64,
    leaves: Vec<(Vec<u8>, Leaf)>,
    checkpoint: &SignedCheckpoint,
) -> Result<(), StoreError> {
    let size = exchange.memory.pair(link).map_or(0, |pair| pair.theirs.size());
    // Each connection followed its own copy; the writer's is the one that counts, and a second connection's leaves may
    // have come first. A session that does not follow it is over at once, whatever else it has sent.
    if first != size {
        return session::end(exchange, batch, link, ByeCode::OutOfOrder);
    }
    if !session::leads_to(exchange, link, &leaves, checkpoint) {
        return session::end(exchange, batch, link, ByeCode::BadCheckpoint);
    }
    if clocks::refuses(exchange, batch, link, &leaves)? {
        return session::end(exchange, batch, link, ByeCode::BadLeaf);
    }
    // What no honest partner's log has is not even kept.
    if let Err(refusal) = admit::look(exchange, link, first, &leaves, batch.now().millis) {
        return admit::refuse(exchange, batch, link, refusal);
    }
    let empty = leaves.is_empty();
    for (index, (bytes, leaf)) in (first..).zip(leaves) {
        batch.run(exchange, link, |view| inbound::follow(view, index, bytes, &leaf))?;
    }
    if !empty {
        batch.run(exchange, link, |view| {
            let mut step = Step::default();
            let head = view.pair.theirs.as_head();
            step.insert(
                Key::Checkpoint(view.pair.theirs.origin, head.size),
                Row::Bytes(checkpoint.as_bytes().to_vec()),
            );
            step.event(Event::Followed { link, head });
            Ok(step)
        })?;
    }
    exchange.opened.insert(checkpoint.checkpoint().origin, checkpoint.clone());
    session::confirm(exchange, link, batch.now().millis);
    Ok(())
}
