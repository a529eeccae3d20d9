//! R5: the one road by which anything of the partner gets its answer. The payload, the Outcome leaf, the inbox row and the
//! journal entry go into one transaction: the receipt.

use crate::{
    model::{
        body::Body,
        journal::Act,
        place::{AwaitedAt, InboxAt, PayloadAt},
        rows::{Awaited, Inbox},
    },
    turn::{
        batch::{Step, View},
        out::Event,
    },
};
use relto_audit::leaf::{Leaf, Outcome, Verdict};
use relto_policy::{
    code::Code,
    ground::{Cause, Ground, causes},
};

/// What was decided on a leaf of the partner.
pub(crate) struct Closing {
    pub(crate) verdict: Verdict,
    /// The codes that the partner sees.
    pub(crate) codes: u64,
    /// All reasons, for our own people.
    pub(crate) reasons: Vec<Ground>,
    /// The report's serial; nothing for a Statement. Of what is refused it is not kept.
    pub(crate) serial: String,
    /// What is kept of it; nothing where it is refused.
    pub(crate) payload: Option<Body>,
}

impl Closing {
    /// Admitted, with what is kept of it.
    pub(crate) const fn admitted(payload: Body, serial: String) -> Self {
        Self { verdict: Verdict::Admitted, codes: 0, reasons: Vec::new(), serial, payload: Some(payload) }
    }

    /// Refused, for these codes and no more.
    pub(crate) fn refused(codes: u64) -> Self {
        let reasons = Code::of_bits(codes).into_iter().map(|code| Cause::of(code).into()).collect();
        let serial = String::new();
        Self { verdict: Verdict::Refused, codes, reasons, serial, payload: None }
    }
}

/// Closes the leaf at `index`, which waits as `row` says.
pub(crate) fn close(step: &mut Step, view: &View<'_>, index: u64, row: &Awaited, closing: Closing) {
    let Closing { verdict, codes: shown, reasons, serial, payload } = closing;
    let origin = view.pair.theirs.origin;
    if let Some(payload) = payload {
        step.insert_body(PayloadAt(origin, index), payload);
    }
    let time = step.leaf_time(view);
    let seen = view.pair.theirs.as_head();
    let leaf = Outcome { time, index, leaf: row.leaf, verdict, codes: shown, seen };
    let outcome = step.append(view, &Leaf::Outcome(leaf));
    step.journal(view, Act::Received { index, verdict, reasons: causes(&reasons) });
    // A refused report is shown to nobody: not even its serial stays.
    let serial = if verdict == Verdict::Refused { String::new() } else { serial };
    let inbox = Inbox {
        verdict,
        codes: shown,
        reasons,
        outcome,
        serial,
        precedence: row.precedence,
        time: view.now.millis,
        length: row.length,
        statement: row.statement,
        acknowledged: None,
    };
    step.insert(InboxAt(origin, index), inbox);
    step.erase(AwaitedAt(origin, index));
    step.event(Event::Decided { link: view.id, index, verdict });
}
