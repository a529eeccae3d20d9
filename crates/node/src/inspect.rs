//! Inspectors: processes that look at attachments, so that nothing parses a foreign file where the seal key is.
//!
//! A look is asked for off the writer's thread, for a submission or for a payload of the partner, and its findings are
//! kept in memory for an hour; whoever makes a report ready finds them there or sees that it must wait. What is not looked
//! at never leaves and is never admitted. In scope: when to start an inspector, whose turn it is, what to do where one
//! dies. Out of scope: what an inspector does ([`relto_host::inspector`]) and what to believe of it
//! ([`relto_report::inspection::talk`]).

pub mod known;
pub mod pool;
pub mod process;
pub mod queue;
pub mod settings;

use crate::{hub::Hub, jobs::Job};
use pool::Busy;
use queue::{Asked, Call, Who};
use relto_exchange::{ids::LinkId, input::Input, ready::fetch::Look};
use relto_report::{
    inspection::frame::InForce,
    signed::{Authored, Verified},
};
use std::sync::Arc;
use tokio::sync::oneshot;

/// The limits of inspectors in words, for people who run a node.
#[must_use]
pub fn words(in_force: &InForce) -> String {
    let landlock = match in_force.landlock {
        0 => "no landlock".to_owned(),
        abi => format!("landlock (ABI {abi})"),
    };
    let others = [
        (in_force.seccomp, "seccomp"),
        (in_force.no_new_privileges, "no new privileges"),
        (in_force.undumpable, "no core, no tracing"),
        (in_force.dies_with_parent, "death with the node"),
        (in_force.first_to_go, "first to go where memory is short"),
    ];
    let others = others.map(|(is, name)| if is { name.to_owned() } else { format!("not {name}") });
    format!("a process of their own with limited resources, {landlock}, {}", others.join(", "))
}

/// Has the attachments of a submission looked at, and waits for as long as that goes well. Where an inspector died twice
/// the submission goes on without findings, and is queued.
///
/// # Errors
/// [`Busy`]: too much is being looked at.
pub(crate) async fn look(
    hub: &Arc<Hub>,
    account: &str,
    authored: Verified<Authored>,
) -> Result<Verified<Authored>, Busy> {
    let document = &authored.get().document;
    if document.report().attachments.is_empty() {
        return Ok(authored);
    }
    let (told, done) = oneshot::channel();
    let asked = Asked::of(document.clone(), Who::Account(account.to_owned()));
    hub.inspectors.look(
        asked,
        Call::Soon(Box::new(move || {
            let _ = told.send(());
        })),
    )?;
    // The pool ends only with the process.
    let _ = done.await;
    Ok(authored)
}

/// Has the attachments of what a turn asked for looked at, and tells a later turn; where too much is being looked at
/// already, the turn is told to ask again when there is room.
pub(crate) fn look_for_turn(hub: &Arc<Hub>, look: Look) {
    let who = match look.account {
        Some(account) => Who::Account(account),
        None => Who::Partner(look.link.map_or(u16::MAX, |LinkId(at)| at)),
    };
    let (hub, asked) = (hub.clone(), look.asked);
    let tell = {
        let hub = hub.clone();
        move || hub.write(Job::Input(Input::Looked(asked), None))
    };
    let work = Asked { lane: look.lane, ..Asked::of(look.document, who) };
    hub.inspectors.look_or_tell_later(work, Box::new(tell));
}
