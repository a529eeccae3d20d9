//! F2 for each kind of leaf, and R1 to R5 for payloads.

use crate::{
    acts::{
        change,
        close::{Closing, close},
        statement,
    },
    decide::{
        self,
        kept::{Kept, kept},
    },
    input::Piece,
    model::{
        limits::{LONG, MAX_STATEMENTS, MAX_UNRESOLVED},
        parts::Parts,
        place::{AwaitedAt, LeafAt, OutboxAt, SpoolAt},
        rows::{About, Awaited, Stage},
        store::StoreError,
    },
    ready::{Content, ReceivedPayload},
    turn::{
        batch::{Step, View},
        out::{Event, Out},
    },
    wire::frame::CHUNK,
};
use relto_audit::{
    commitment::SALT,
    leaf::{Leaf, Outcome, Released, Verdict},
    tree::leaf_hash,
};
use relto_policy::{check::Decision, code::Code};
use relto_report::{
    assessment::{Document, MAX_PAYLOAD},
    note::MAX_NOTE,
};

/// Bytes of the longest payload of a Statement: a note and its salt.
const LONGEST_NOTE: u64 = (MAX_NOTE + SALT) as u64;

/// Bytes of a long payload after which what has come is hashed: whole chunks. FLW-31
const HASHED_AT_ONCE: u64 = 1024 * 1024;

/// Payloads that may fail to open a commitment before the leaf is refused. FLW-7
const MAX_TRIES: u8 = 3;

/// F2 for one leaf of the partner. A leaf whose meaning is wrong is answered, never fatal.
pub(crate) fn follow(view: &View<'_>, index: u64, bytes: Vec<u8>, leaf: &Leaf) -> Result<Step, StoreError> {
    let mut step = Step::default();
    let hash = leaf_hash(&bytes);
    step.insert(LeafAt(view.pair.theirs.origin, index), bytes);
    match leaf {
        Leaf::Released(released) => awaited(&mut step, view, index, hash, released, None),
        // Each obliges one Outcome, whatever its form. FLW-13
        Leaf::Statement(statement) => {
            let about = About { form: statement.form, subject: statement.subject };
            awaited(&mut step, view, index, hash, &statement.released, Some(about));
        }
        Leaf::Outcome(outcome) => receipt(&mut step, view, index, outcome),
        Leaf::Withdrawn { index: withdrawn, .. } => {
            if let Some(row) = view.pair.awaited.get(withdrawn).filter(|row| row.owed.is_none()) {
                drop_spool(&mut step, view, *withdrawn, row);
                let owed = Awaited { owed: Some(Code::Withdrawn.bit()), spooled: 0, ..row.clone() };
                step.replace(AwaitedAt(view.pair.theirs.origin, *withdrawn), owed);
            }
        }
        Leaf::AgreementChange { change, .. } => change::follow_change(&mut step, view, index, change),
        // The connection has answered NotServed to a new key, so none comes here. LNK-33
        Leaf::KeyChange { .. }
        | Leaf::Genesis { .. }
        | Leaf::Observed { .. }
        | Leaf::Anchor { .. }
        | Leaf::Erased { .. } => {}
    }
    Ok(step)
}

fn awaited(
    step: &mut Step,
    view: &View<'_>,
    index: u64,
    leaf: relto_report::digest::Digest,
    released: &Released,
    statement: Option<About>,
) {
    let mut refused = 0;
    // FLW-5: the follower refuses what is beyond the window
    let statements = || view.pair.awaited.values().filter(|row| row.statement.is_some()).count();
    let full = view.pair.awaited.len() >= MAX_UNRESOLVED || statement.is_some() && statements() >= MAX_STATEMENTS;
    if full || !view.pair.awaited_bytes.fits(released.length, 8) {
        refused |= Code::WindowExceeded.bit();
    }
    if released.length > MAX_PAYLOAD || released.length <= 32 {
        refused |= Code::Malformed.bit();
    }
    // What no rule here knows needs no body to be refused.
    if statement.is_some_and(|about| statement::form_of(view.link, about).is_none()) {
        refused |= Code::EvaluationError.bit();
    }
    // Longer than any report that the agreement lets through: refused before a byte of it is kept. FLW-16
    let longest = if statement.is_some() { LONGEST_NOTE } else { longest_payload(view) };
    if released.length > longest {
        refused |= Code::SizeExceeded.bit();
    }
    if is_backdated(view, released) {
        refused |= Code::LeafTimeInvalid.bit();
    }
    let row = Awaited {
        commitment: released.commitment,
        length: released.length,
        precedence: released.precedence,
        time: released.time,
        agreement: released.agreement,
        leaf,
        seen: released.seen,
        spooled: 0,
        tries: 0,
        owed: (refused != 0).then_some(refused),
        statement,
    };
    step.insert(AwaitedAt(view.pair.theirs.origin, index), row);
}

/// Salt, length, report and attachments at their limits in the partner's direction; without a scope the report alone,
/// so that the decision can say that nothing is agreed.
fn longest_payload(view: &View<'_>) -> u64 {
    // By the most that any version lets through: which one the leaf names is judged with the report.
    let scopes =
        view.pair.changes.adopted(&view.pair.versions).filter_map(|text| text.scope(view.link.partner, view.link.own));
    let most =
        scopes.map(|scope| u64::from(scope.max_report_bytes).saturating_add(u64::from(scope.max_attachment_bytes)));
    let most = most.max().unwrap_or(1024 * 1024);
    most.saturating_add(40)
}

/// LOG-6: a leaf earlier than its predecessor, ahead of our clock, or before what its own head has seen of ours; and
/// nobody has seen a head of ours that is not there yet, or forgotten one that it has named before.
fn is_backdated(view: &View<'_>, released: &Released) -> bool {
    let skew = u64::from(view.pair.agreement.clock_skew_seconds).saturating_mul(1000);
    released.time < view.pair.theirs.time
        || released.time > view.now.millis.saturating_add(skew)
        || released.seen.size > view.pair.mine.size()
        || released.seen.size < view.pair.acknowledged_head
        || released.time.saturating_add(skew) < view.pair.my_time_under(released.seen.size)
}

/// The partner's Outcome closes an outbox row. A second one changes nothing and is evidence.
fn receipt(step: &mut Step, view: &View<'_>, at: u64, outcome: &Outcome) {
    let Some(row) = view.pair.unresolved.get(&outcome.index) else {
        step.alarm(view, &format!("the partner's leaf {at} answers leaf {}, which awaits no answer", outcome.index));
        return;
    };
    // FLW-6
    if row.leaf != outcome.leaf {
        step.alarm(view, &format!("the partner's leaf {at} answers leaf {} under another hash", outcome.index));
        return;
    }
    // An answer that contradicts itself, or names a head of ours that there was not, is evidence; it stays the answer.
    if (outcome.verdict == Verdict::Admitted) != (outcome.codes == 0) {
        step.alarm(
            view,
            &format!("the partner's leaf {at} is {} with codes {:#x}", outcome.verdict.word(), outcome.codes),
        );
    }
    if outcome.seen.size <= outcome.index || outcome.seen.size > view.pair.mine.size() {
        step.alarm(
            view,
            &format!("the partner's leaf {at} answers leaf {} under a head that does not cover it", outcome.index),
        );
    }
    let mut resolved = row.clone();
    resolved.stage =
        Stage::Resolved { outcome: at, verdict: outcome.verdict, codes: outcome.codes, time: outcome.time };
    step.event(Event::Resolved {
        submission: row.submission,
        index: outcome.index,
        verdict: outcome.verdict,
        codes: outcome.codes,
        outcome: at,
    });
    step.replace(OutboxAt(view.pair.mine.origin, outcome.index), resolved);
    step.out.push(Out::Stop { link: view.id, log: view.pair.mine.origin, index: outcome.index });
}

/// R1: a piece of an awaited payload, in order; everything else is dropped. LNK-25
pub(crate) fn payload(view: &View<'_>, piece: Piece) -> Result<Step, StoreError> {
    let mut step = Step::default();
    let Some(row) = view.pair.awaited.get(&piece.index).filter(|row| row.owed.is_none()) else { return Ok(step) };
    let body = piece.content.body();
    let end = piece.offset.saturating_add(body.length());
    // LNK-26: every piece but the last is a whole chunk, so that a payload is a bounded number of rows
    if piece.offset != row.spooled || end > row.length || (end < row.length && body.plain().len() != CHUNK) {
        return Ok(step);
    }
    if let Content::Whole(theirs) = &piece.content
        && end == row.length
        && has_room(view)
    {
        judge_payload(&mut step, view, piece.index, row, theirs)?;
        return Ok(step);
    }
    let origin = view.pair.theirs.origin;
    let body = body.clone();
    let long = row.length > LONG;
    let body = if long { body.of_long() } else { body };
    // The rest is hashed when it is whole.
    if long && end < row.length && end.is_multiple_of(HASHED_AT_ONCE) {
        step.event(Event::Came(view.id, piece.index));
    }
    step.insert_body(SpoolAt(origin, piece.index, piece.offset), body);
    step.replace(AwaitedAt(origin, piece.index), Awaited { spooled: end, ..row.clone() });
    Ok(step)
}

/// Whether my log may take a receipt now. LOG-5, FLW-8; under a clock that is not trusted nothing is decided, and
/// without the file of a version that the partner has adopted no report. FLW-3, FLW-23
fn has_room(view: &View<'_>) -> bool {
    view.greeted && view.now.trusted && view.pair.has_room() && view.pair.into.lacking.is_none()
}

/// A refusal that is owed.
pub(crate) fn refuse_owed(view: &View<'_>, index: u64) -> Step {
    let mut step = Step::default();
    if let Some((row, codes)) = view.pair.awaited.get(&index).and_then(|row| Some((row, row.owed?))) {
        close(&mut step, view, index, row, Closing::refused(codes));
    }
    step
}

/// A whole payload that stood in the spool, made ready. What was withdrawn meanwhile is not decided on; what finds no
/// room now is fetched again.
pub(crate) fn take_spooled(view: &View<'_>, index: u64, theirs: &ReceivedPayload) -> Result<Step, StoreError> {
    let mut step = Step::default();
    let whole = |row: &&Awaited| row.owed.is_none() && row.spooled == row.length;
    let Some(row) = view.pair.awaited.get(&index).filter(whole).filter(|_| has_room(view)) else { return Ok(step) };
    // What it translates has come or gone since it was fetched: fetched again, it is held to that. A Statement is no
    // report, whatever its bytes are.
    let report = theirs.document.as_ref().filter(|_| row.statement.is_none());
    if let Some(document) = report
        && matches!(translated(view, document, theirs)?, Kept::Unknown)
    {
        return Ok(step);
    }
    let kept = judge_payload(&mut step, view, index, row, theirs)?;
    // A long payload that is kept stands in its pieces from now on.
    if !(kept && theirs.is_in_parts()) {
        drop_spool(&mut step, view, index, row);
    }
    Ok(step)
}

/// R2 to R5; whether the payload is kept.
fn judge_payload(
    step: &mut Step,
    view: &View<'_>,
    index: u64,
    row: &Awaited,
    theirs: &ReceivedPayload,
) -> Result<bool, StoreError> {
    let origin = view.pair.theirs.origin;
    // R2. FLW-7
    if !theirs.opens(origin, index, &row.commitment) {
        let tries = row.tries.saturating_add(1);
        if tries >= MAX_TRIES {
            close(step, view, index, row, Closing::refused(Code::NotOpened.bit()));
        } else {
            let again = Awaited { tries, spooled: 0, ..row.clone() };
            step.replace(AwaitedAt(origin, index), again);
            if let Some(session) = view.session {
                step.out.push(Out::Want { link: view.id, session: session.number, log: origin, index, offset: 0 });
            }
        }
        return Ok(false);
    }
    if let Some(about) = &row.statement {
        return statement::judge_statement(step, view, index, row, about, theirs).map(|()| false);
    }
    // R3: refused, never a closed link, or it would come again for ever. FLW-10, RPT-7
    let Some(document) = &theirs.document else {
        close(step, view, index, row, Closing::refused(Code::Malformed.bit()));
        return Ok(false);
    };
    // A serial is one report for ever: the same again is no second one. FLW-15
    let serial = &document.report().serial;
    if view.link.prior.received.contains(serial) || view.memory.is_received(&view.rows(), serial)? {
        close(step, view, index, row, Closing::refused(Code::Replayed.bit()));
        return Ok(false);
    }
    // RPT-11
    if !matches!(translated(view, document, theirs)?, Kept::Yes) {
        close(step, view, index, row, Closing::refused(Code::Malformed.bit()));
        return Ok(false);
    }
    // R4
    let decision = decide::inbound(view, document, &theirs.seen, index, row);
    // FLW-11
    let codes = decision.partner_codes();
    let (verdict, reasons) = match &decision {
        Decision::Permit(permit) => {
            if !permit.is_for(&document.digest(), &row.agreement, view.link.partner, view.link.own) {
                return Err(StoreError::Fatal("a permit for other bytes"));
            }
            (Verdict::Admitted, Vec::new())
        }
        // People codes are never computed inbound; a decision that holds is a fault of ours and refuses.
        Decision::Hold(hold) => (Verdict::Refused, decide::unquoted(&hold.owed)),
        Decision::Refusal(refusal) if refusal.quarantine => (Verdict::Quarantined, decide::told(&refusal.reasons)),
        // Shown to nobody: a reason's text quotes the report, its name does not.
        Decision::Refusal(refusal) => (Verdict::Refused, decide::unquoted(&refusal.reasons)),
    };
    // R5
    let payload = (verdict != Verdict::Refused).then(|| theirs.payload.clone());
    let kept = payload.is_some();
    close(step, view, index, row, Closing { verdict, codes, reasons, serial: serial.clone(), payload });
    Ok(kept)
}

fn translated(view: &View<'_>, document: &Document, theirs: &ReceivedPayload) -> Result<Kept, StoreError> {
    kept(view, document.report(), theirs.held_to.as_ref())
}

fn drop_spool(step: &mut Step, view: &View<'_>, index: u64, row: &Awaited) {
    if row.spooled > 0 {
        step.erase_parts(Parts::Spooled(view.pair.theirs.origin, index));
    }
}
