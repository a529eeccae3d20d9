//! The way back from a loss: a plan that two people sign, and one of them starts. RCV-2, RCV-11

use crate::{
    model::{
        ids::{LinkId, Ticket},
        journal::Act,
        store::StoreError,
    },
    state::{
        State,
        heads::own_logs,
        log::Log,
        recovery::{Asks, Plan},
    },
    turn::{
        batch::{Batch, Step},
        out::{Answer, Event, Out},
    },
};
use relto_audit::checkpoint::SignedCheckpoint;
use relto_report::signed::recovery::plan_digest;
use std::fmt::Write as _;

/// The partner's signed word for the largest head of ours that it holds. One that is smaller than its own log names is false. RCV-11
pub(crate) fn note_shown(state: &mut State, link: LinkId, held: u64) {
    state.recovery.shown.insert(link, held);
    let named = state.memory().pair(link).map_or(0, |pair| pair.acknowledged_head);
    if held < named {
        let place = link.0;
        let what = format!("the partner of link {place} shows size {held} of my log, and its own log names {named}");
        state.recovery.beyond.get_or_insert(what);
    }
}

/// The plan as things stand; `None`: this node has not halted.
pub(crate) fn plan(state: &State, now: u64) -> Option<Plan> {
    let why = state.halted.as_ref()?;
    let recovery = &state.recovery;
    let wrong = recovery.beyond.clone().or_else(|| {
        let alone = "this version has a way back from the loss of the head file alone";
        (!recovery.head_file_lost).then(|| alone.to_owned())
    });
    let act = if wrong.is_some() { "none" } else { "the head file is made anew from the heads below" };
    let mut text = format!("relto-recovery/1\nstart {}\nhalted {why}\nact {act}\n", state.fence.epoch);
    let names = state.ids().into_iter().filter_map(|id| state.memory().pair(id));
    let names = names.map(|pair| format!("{}>{} under {}", pair.own, pair.partner, pair.agreement.id));
    for ((log, _), name) in own_logs(state).zip(names.chain(["journal".to_owned()])) {
        let (head, origin) = (log.as_head(), log.origin);
        // Writing to a text does not fail.
        let _ = writeln!(text, "log {name} {origin} size {} signed {} root {}", head.size, log.sealed(), head.root);
    }
    let mut waits_for = Vec::new();
    for id in state.ids() {
        let Some(pair) = state.memory().pair(id) else { continue };
        let (agreement, partner) = (&pair.agreement.id, pair.partner);
        match recovery.shown.get(&id) {
            Some(size) => drop(writeln!(text, "partner {partner} under {agreement} holds {size} of our log")),
            None => {
                waits_for.push(partner);
                let _ = writeln!(text, "partner {partner} under {agreement} has not said what it holds");
            }
        }
    }
    waits_for.sort();
    waits_for.dedup();
    let [operator, auditor] = recovery.counting(&plan_digest(&text), now).map(|word| word.is_some());
    Some(Plan { text, waits_for, wrong, signed: (operator, auditor), done: recovery.done })
}

/// Answers it.
pub(crate) fn asks(state: &mut State, batch: &mut Batch<'_>, ticket: Ticket, asks: Asks) -> Result<(), StoreError> {
    let now = batch.now().millis;
    let Some(plan) = plan(state, now) else {
        return batch.answer(ticket, invalid("this node has not halted: there is nothing to recover"));
    };
    if let Asks::Abort = asks {
        state.recovery.abort();
        return batch.answer(ticket, Answer::Noted);
    }
    if let Some(why) = hindrance(&plan) {
        return batch.answer(ticket, invalid(&why));
    }
    match asks {
        Asks::Sign(voice, word, of) => {
            let word = word.into_inner();
            if of != plan.digest() {
                let text = "the plan is another one by now. Look at it again: relto recover plan";
                return batch.answer(ticket, invalid(text));
            }
            if let Some(other) = state.recovery.other(voice, &of, now)
                && (other.account == word.account || other.key == word.key)
            {
                let text = "two people sign a plan: another account, with another key, than the first";
                return batch.answer(ticket, invalid(text));
            }
            state.recovery.sign(voice, word, (of, now));
            batch.answer(ticket, Answer::Noted)
        }
        Asks::Start => start(state, batch, ticket, &plan),
        Asks::Abort => batch.answer(ticket, Answer::Noted),
    }
}

fn invalid(message: &str) -> Answer {
    Answer::Invalid { rule: "RCV-2", message: message.to_owned() }
}

/// Why a plan is not to be signed or started now.
fn hindrance(plan: &Plan) -> Option<String> {
    if plan.done {
        return Some("it was carried out: the node starts anew".to_owned());
    }
    if let Some(wrong) = &plan.wrong {
        return Some(wrong.clone());
    }
    let waits: Vec<String> = plan.waits_for.iter().map(ToString::to_string).collect();
    (!waits.is_empty()).then(|| {
        format!("{} has not said yet what it holds of our log. See that the link is reached", waits.join(", "))
    })
}

/// Who signed it goes on record, and then the head file is made from the heads that the store has.
fn start(state: &mut State, batch: &mut Batch<'_>, ticket: Ticket, plan: &Plan) -> Result<(), StoreError> {
    let digest = plan.digest();
    let [Some(operator), Some(auditor)] = state.recovery.counting(&digest, batch.now().millis) else {
        let text = "an operator and an auditor sign the plan first, within the hour: relto recover sign";
        return batch.answer(ticket, invalid(text));
    };
    let words = vec![operator.clone(), auditor.clone()];
    let open = |(log, key): (&Log, _)| {
        let (_, note) = log.head.as_ref()?;
        Some(SignedCheckpoint::open(note, log.origin, key))
    };
    let heads: Result<Vec<SignedCheckpoint>, _> = own_logs(state).filter_map(open).collect();
    let heads = heads.map_err(|_| StoreError::Fatal("a stored checkpoint does not verify"))?;
    let last = state.memory().head_write;
    batch.run_national(state, |view| {
        let mut step = Step::default();
        step.journal(view, Act::Recovered { plan: digest, words });
        Ok(step)
    })?;
    state.recovery.done = true;
    batch.push(Out::Event(Event::MakeHeadFile { heads, last }));
    batch.answer(ticket, Answer::Noted)
}
