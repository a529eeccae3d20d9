//! The decision's facts, gathered from rows and configuration, and what the decision means for the flow.

pub(crate) mod grammar;
pub(crate) mod kept;

use crate::{
    model::{
        journal::MAX_REASONS,
        limits::{MAX_UNRESOLVED, MAX_UNSEALED},
        link::Link,
        rows::{Awaited, Given},
    },
    ready::Prepared,
    state::pair::Pair,
    turn::batch::View,
};
use relto_audit::leaf::Precedence;
use relto_policy::{
    agreement::Agreement,
    change::{Bound, Text},
    check::{Approval, Decision, Facts, Permit, Rules, Side, Subject, Times, check},
    code::{Code, CodeSet, Reason},
    content::ContentFindings,
    ground::{Cause, Ground},
    state::StateView,
    waits::Waits,
};
use relto_report::{assessment::Document, calendar::Timestamp, digest::Digest, inspection::Seen, signed::Authored};
use std::sync::Arc;

/// Of the leaves that a log may have beyond its last stored checkpoint, kept for receipts that are owed.
const RESERVED_FOR_OUTCOMES: u64 = 256;

/// Seconds for which an approval may answer at most: what an officer saw a week ago is to be seen again.
const MAX_APPROVAL: i64 = 7 * 24 * 3600;

/// Whether what an officer signed has not expired, and was not signed to hold for longer than it may.
pub(crate) fn is_fresh(view: &View<'_>, expires: Timestamp) -> bool {
    let now = Timestamp::from_millis(view.now.millis);
    now < expires && expires <= now.plus(MAX_APPROVAL)
}

/// What a release is asked with.
pub(crate) struct ReleaseRequest {
    pub(crate) account: Option<String>,
    pub(crate) precedence: Precedence,
    pub(crate) emergency: bool,
    pub(crate) approvals: Vec<Given>,
}

impl ReleaseRequest {
    /// As the drafter has it: the report's own precedence, no approvals.
    pub(crate) fn of(authored: &Authored, emergency: bool) -> Self {
        let precedence = Precedence::parse(&authored.document.report().precedence).unwrap_or(Precedence::Routine);
        Self { account: None, precedence, emergency, approvals: Vec::new() }
    }

    pub(crate) fn by(mut self, account: &str) -> Self {
        self.account = Some(account.to_owned());
        self
    }
}

/// Where a submission goes from S2.
pub(crate) enum Disposition {
    Release(Permit),
    Hold(Vec<Ground>),
    Queue(Waits),
    Refuse(Vec<Ground>),
}

/// What a decision on one of our own reports rests on beside the report and the rules.
pub(crate) struct Basis<'a> {
    pub(crate) link: &'a Link,
    pub(crate) bound: &'a Bound,
    pub(crate) now: u64,
}

/// S2.
pub(crate) fn outbound(view: &View<'_>, document: &Document, own: &Prepared, wish: &ReleaseRequest) -> Disposition {
    let basis = Basis { link: view.link, bound: &view.pair.out, now: view.now.millis };
    judge(&basis, document, own, wish, |length, precedence| must_queue(view, length, precedence))
}

/// The same anywhere: `must_queue` says why a permitted report of this length and precedence waits, if it does.
pub(crate) fn judge(
    basis: &Basis<'_>,
    document: &Document,
    own: &Prepared,
    wish: &ReleaseRequest,
    must_queue: impl FnOnce(u64, Precedence) -> Option<Waits>,
) -> Disposition {
    // POL-24
    if own.seen.is_none() {
        return Disposition::Queue(Waits::Attachments);
    }
    // POL-16
    if matches!(own.content, Some(None)) {
        return Disposition::Queue(Waits::Content);
    }
    match decision(basis, document, own, wish) {
        Decision::Permit(permit) => match must_queue(own.length, wish.precedence) {
            Some(why) => Disposition::Queue(why),
            None => Disposition::Release(permit),
        },
        Decision::Hold(hold) => Disposition::Hold(told(&hold.owed)),
        Decision::Refusal(refusal) => Disposition::Refuse(told(&refusal.reasons)),
    }
}

/// What refuses it, by what of its words and attachments is looked at already.
pub(crate) fn refusals(view: &View<'_>, document: &Document, own: &Prepared, wish: &ReleaseRequest) -> Vec<Reason> {
    let basis = Basis { link: view.link, bound: &view.pair.out, now: view.now.millis };
    match decision(&basis, document, own, wish) {
        Decision::Refusal(refusal) => refusal.reasons,
        Decision::Permit(_) | Decision::Hold(_) => Vec::new(),
    }
}

/// The decision on one of our own reports. What is not looked at yet counts as nothing found: see [`judge`].
fn decision(basis: &Basis<'_>, document: &Document, own: &Prepared, wish: &ReleaseRequest) -> Decision {
    let (link, in_force) = (basis.link, &basis.bound.in_force.agreement);
    let now = Timestamp::from_millis(basis.now);
    let approval = |given: &Given| {
        let statement = given.approval.statement().ok()?;
        // Weighed anew each time: a new agreement version voids approvals, so do another precedence than was signed, other
        // bytes, and time; and who gave them is who the people are now. FLW-30
        let officer = link.officers.get(&given.approval.account).filter(|one| given.approval.is_by(&one.key))?;
        let valid = statement.agreement == in_force.digest
            && statement.recipient == link.partner
            && statement.plaintext == document.digest()
            && statement.traffic == document.report().traffic
            && statement.precedence == wish.precedence.word()
            && now < statement.expires;
        let is_author = wish.account.as_deref() == Some(given.approval.account.as_str());
        let answers = CodeSet::of_names(&statement.answers);
        valid.then(|| Approval { account: given.approval.account.clone(), is_author, senior: officer.senior, answers })
    };
    let approvals: Vec<Approval> = wish.approvals.iter().filter_map(approval).collect();
    let seen = own.seen.as_deref().unwrap_or_default();
    let content = own.content.clone().flatten();
    let content = content.map(|found| found.with_looks(seen));
    let facts = Facts {
        content: content.as_ref(),
        look: &own.look,
        uninspected: (1..).zip(seen).filter(|(_, seen)| seen.is_err()).map(|(n, _)| n).collect(),
        // The author's wish binds nobody: the officer who releases signs that it is one. FLW-20
        emergency: approvals.iter().any(Approval::releases_alone),
        emergency_asked: wish.emergency,
        approvals,
        consents: &link.consents,
        owners: own.owners.clone(),
        ..Facts::new(link.own, link.partner, basis.bound.in_force.state, wish.precedence.word())
    };
    by_all(basis, document, facts, Times { now, released: None })
}

/// What the version in force and every one that a nation has adopted come to together; the permit is the former's. FLW-23
fn by_all(basis: &Basis<'_>, document: &Document, mut facts: Facts<'_>, times: Times) -> Decision {
    let (link, subject) = (basis.link, Subject::of(document));
    let mut decision = check(&subject, &rules(link, &basis.bound.in_force.agreement), &facts, Side::Out, &times);
    for text in &basis.bound.pending {
        facts.state = text.state;
        let other = check(&subject, &rules(link, &text.agreement), &facts, Side::Out, &times);
        let version = text.agreement.version;
        decision = decision.stricter(other, &format!("by version {version}, which not both nations have adopted yet"));
    }
    decision
}

/// Reasons as they are told: with their sentences, which quote the report.
pub(crate) fn told(reasons: &[Reason]) -> Vec<Ground> {
    reasons.iter().take(MAX_REASONS).map(Ground::from).collect()
}

/// Reasons without their sentences.
pub(crate) fn unquoted(reasons: &[Reason]) -> Vec<Ground> {
    reasons.iter().take(MAX_REASONS).map(|reason| Cause::from(reason).into()).collect()
}

/// R4: judged by the version that the leaf names, which must be the one in force as its owner knew it; then by every other
/// that bound its owner; last by what binds here now: what that alone forbids has crossed. FLW-23
pub(crate) fn inbound(view: &View<'_>, document: &Document, seen: &[Seen], index: u64, row: &Awaited) -> Decision {
    let (link, pair, subject) = (view.link, view.pair, Subject::of(document));
    let (now, released) = (Timestamp::from_millis(view.now.millis), Timestamp::from_millis(row.time));
    let times = Times { now, released: Some(released) };
    // POL-14
    let content = ContentFindings::unread(document.digest()).with_looks(seen);
    let facts = |named: Digest, state: StateView, fault: Option<Code>| Facts {
        named: Some(named),
        content: Some(&content),
        consents: &link.consents,
        clock_trusted: view.now.trusted,
        faults: fault.into_iter().collect(),
        ..Facts::new(link.partner, link.own, state, row.precedence.word())
    };
    let then = pair.bound_then(index, row.seen.size);
    let named = &then.in_force;
    // At the leaf's time by what its owner knew then; what is known since stops it as one that crossed, or by the clock.
    let by_named = |fault: Option<Code>| {
        let facts = facts(row.agreement, named.state, fault);
        check(&subject, &rules(link, &named.agreement), &facts, Side::In, &times)
    };
    let decision = by_named(pair.crossed(&then, released, now).then_some(Code::Crossed));
    if !matches!(decision, Decision::Permit(_)) || Arc::ptr_eq(&then, &pair.into) && then.pending.is_empty() {
        return decision;
    }
    let by = |text: &Text| {
        let rules = Rules { national: None, ..rules(link, &text.agreement) };
        check(&subject, &rules, &facts(text.agreement.digest, text.state, None), Side::In, &times)
    };
    let forbids = |decision: &Decision| !matches!(decision, Decision::Permit(_));
    if let Some(breach) = then.pending.iter().map(by).find(forbids) {
        return breach;
    }
    let new = pair.into.texts().filter(|text| then.texts().all(|known| known.agreement != text.agreement));
    if new.map(by).any(|decision| forbids(&decision)) { by_named(Some(Code::Crossed)) } else { decision }
}

fn rules<'a>(link: &'a Link, agreement: &'a Agreement) -> Rules<'a> {
    Rules { agreement, registers: &link.registers, vocabulary: &link.vocabulary, national: link.national.as_deref() }
}

/// Why a permitted report must wait, if it must. FLW-3, FLW-23
pub(crate) fn must_queue(view: &View<'_>, length: u64, precedence: Precedence) -> Option<Waits> {
    if !view.now.trusted {
        return Some(Waits::Clock);
    }
    // FLW-26: it outlives the session in which it was learned.
    if view.skewed {
        return Some(Waits::ClocksDiffer);
    }
    if let Some(version) = view.pair.out.lacking {
        return Some(Waits::Version(version));
    }
    if !view.confirmed {
        return Some(Waits::Heads);
    }
    if view.pair.mine.unsealed().saturating_add(RESERVED_FOR_OUTCOMES) >= MAX_UNSEALED {
        return Some(Waits::SealKey);
    }
    window_full(view.pair, length, precedence).then_some(Waits::Window)
}

/// An eighth each of the window is kept for FLASH and for IMMEDIATE. FLW-5
pub(crate) fn window_full(pair: &Pair, length: u64, precedence: Precedence) -> bool {
    let share = match precedence {
        Precedence::Flash => 8,
        Precedence::Immediate => 7,
        Precedence::Priority | Precedence::Routine => 6,
    };
    let count = pair.unresolved.len() >= MAX_UNRESOLVED / 8 * share;
    count || !pair.unresolved_bytes.fits(length, u64::try_from(share).unwrap_or(8))
}

/// On what a release rests, for the private detail.
pub(crate) fn basis(permit: &Permit) -> String {
    let basis = permit.basis();
    let mut parts: Vec<String> = basis.standing.iter().map(|serial| format!("standing authority {serial}")).collect();
    if !basis.officers.is_empty() {
        parts.push(format!("approved by {}", basis.officers.join(", ")));
    }
    if basis.emergency {
        parts.push("emergency: a second officer confirms afterwards".to_owned());
    }
    parts.join("; ")
}
