//! The road of one submission from its body to the writer's answer: one road, however it came.

use super::content::{self, LONG};
use super::{
    caller::Caller,
    problem::{Refused, blocking, refused},
    refusals::Chance,
    room::room,
    standing::{link_of, standing, standing_of},
    translation,
};
use crate::{hub::Hub, inspect, jobs::Told};
use axum::http::{HeaderMap, header};
use relto_audit::leaf::Precedence;
use relto_exchange::{
    ids::LinkId,
    input::{Input, Submit as SubmitInput},
    out::Answer,
    ready::{Prepared, Seed},
    rows::SubmissionState,
    store::SubmissionId,
};
use relto_formats::{
    agent::other_list,
    api::{Submission, Submit},
};
use relto_report::{
    assessment::Document,
    codec::{self, Malformed},
    crypto::{PublicKey, Signature},
    rules,
    signed::{AuthorStatement, Authored, MAX_STATEMENT, NotSigned, Sent, Submitted, Unverified, Verified},
};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Who submits to which node, by which program.
#[derive(Clone)]
pub(super) struct Sender {
    pub(super) hub: Arc<Hub>,
    pub(super) caller: Caller,
    /// Of its request: its program says there which list of rules it has.
    pub(super) headers: HeaderMap,
}

impl Sender {
    fn account(&self) -> &str {
        &self.caller.0.account
    }

    /// A refusal; where it is by a rule that the client has in another list, or not, it says so of both.
    pub(super) fn refuse(&self, answer: Answer) -> Refused {
        let Answer::Invalid { rule, message } = answer else { return refused(answer) };
        let agent = self.headers.get(header::USER_AGENT).and_then(|text| text.to_str().ok());
        let other = other_list(agent).filter(|_| rules::rule(rule).is_some());
        let message = other.map_or_else(|| message.clone(), |other| format!("{message}. {other}"));
        refused(Answer::Invalid { rule, message })
    }

    /// A report that does not decode breaks a rule, and is told so by its number. RPT-7
    pub(super) fn not_signed(&self, fault: NotSigned) -> Refused {
        let NotSigned::Report(malformed) = fault else {
            return Refused::not_signed(fault.to_string());
        };
        let rule = rules::broken_by(malformed);
        let asks = rules::rule(rule).map_or("the report decodes", |rule| rule.asks);
        let message = match malformed {
            Malformed::OutOfBounds(field) => format!("{field} is not within the bounds of the format: {asks}"),
            other => format!("the report {other}: {asks}"),
        };
        self.refuse(Answer::Invalid { rule, message })
    }
}

/// Reads a submission id: a UUID of version 7, so that rows stand in time order.
///
/// # Errors
/// 400 naming the form.
pub(super) fn id_of(text: &str) -> Result<SubmissionId, Refused> {
    let id = uuid::Uuid::parse_str(text).ok().filter(|id| id.get_version_num() == 7);
    id.map(uuid::Uuid::into_bytes)
        .ok_or_else(|| Refused::bad("id must be a UUID of version 7, made by the client and kept"))
}

/// Fresh randomness for what is made ready.
///
/// # Errors
/// Busy, where the system gives none.
pub(super) fn seed() -> Result<Seed, Refused> {
    relto_host::random::fill().map(Seed).map_err(|_| Refused::busy())
}

/// What a body says, before anything of it is checked.
pub(super) struct Claimed {
    link: LinkId,
    submitted: Submitted,
    uploaded: bool,
    emergency: bool,
}

impl Claimed {
    /// Reads a body; what it says of its signature and agreement at least has a form. `uploaded`: the report, where it was
    /// uploaded before.
    ///
    /// # Errors
    /// 400 naming the member.
    pub(super) fn read(hub: &Hub, body: Submit, uploaded: Option<Document>) -> Result<Self, Refused> {
        if body.uploaded && (uploaded.is_none() || !body.plaintext.0.is_empty()) {
            let text = "what was uploaded is submitted alone, by POST /v1/submissions, and its plaintext is empty";
            return Err(Refused::bad(text));
        }
        let signature =
            Signature::from_slice(&body.signature.0).ok_or_else(|| Refused::bad("signature must have 64 bytes"))?;
        let statement: AuthorStatement = codec::decode::<_, MAX_STATEMENT>(&body.statement.0)
            .map_err(|fault| Refused::bad(format!("statement: {fault}")))?;
        let link = link_of(hub, &statement.agreement)
            .ok_or_else(|| Refused::bad(format!("there is no agreement {} on this node", statement.agreement)))?;
        let home = body.home.map(|bytes| bytes.0);
        let report = uploaded.map_or_else(|| Sent::from(body.plaintext.0), Sent::from);
        let submitted = Submitted { report, home, statement: body.statement.0, signature };
        Ok(Self { link, submitted, uploaded: body.uploaded, emergency: body.emergency })
    }

    /// The visit to the verifier's thread: checks the author's signature, once, before anything is written, and makes
    /// the report ready where nothing of it must be looked at for longer. API-5
    ///
    /// # Errors
    /// [`NotSigned`].
    pub(super) fn check(self, hub: &Hub, key: &PublicKey, seed: Seed) -> Result<Signed, NotSigned> {
        let Self { link, submitted, uploaded, emergency } = self;
        let authored = Unverified::new(submitted).verify(key)?;
        let plain = authored.get().document.report().attachments.is_empty();
        let looked = plain && content::look_if_quick(hub, link, authored.get());
        let own = if looked { own_of(hub, link, authored.get(), seed) } else { None };
        Ok(Signed { link, uploaded, emergency, authored, own })
    }
}

/// Signed by the author, and perhaps ready.
pub(super) struct Signed {
    link: LinkId,
    uploaded: bool,
    emergency: bool,
    authored: Verified<Authored>,
    own: Option<Prepared>,
}

impl Signed {
    /// The order in which it asks to be sent.
    pub(super) fn precedence(&self) -> &str {
        &self.authored.get().document.report().precedence
    }

    /// Has looked at what takes longer: attachments, the nation's filter program, the original of a translation.
    ///
    /// # Errors
    /// Busy; the store's.
    pub(super) async fn make_ready(self, from: &Sender) -> Result<Ready, Refused> {
        let Self { link, uploaded, emergency, mut authored, own } = self;
        let hub = &from.hub;
        let own = match own {
            Some(own) => own,
            None => {
                if authored.get().document.is_apart() {
                    // Each takes seconds, and reads for itself.
                    let seen = inspect::look(hub, from.account(), authored.clone());
                    let looked = content::look(hub, from.account(), link, authored.clone());
                    let (seen, looked) = tokio::join!(seen, looked);
                    seen.map_err(|_| Refused::busy())?;
                    looked.ok_or_else(Refused::busy)?;
                } else {
                    authored = inspect::look(hub, from.account(), authored).await.map_err(|_| Refused::busy())?;
                    authored = content::look(hub, from.account(), link, authored).await.ok_or_else(Refused::busy)?;
                }
                let (seed, links) = (seed()?, hub.clone());
                let long = authored.get().document.is_apart();
                let make = move || {
                    let own = own_of(&links, link, authored.get(), seed);
                    own.map(|own| (authored, own))
                };
                // What takes seconds keeps no signature waiting, and nobody else's.
                let _turn = if long { LONG.wait(from.account()).await } else { None };
                let ready = if long {
                    blocking(move || Ok(make())).await?
                } else {
                    hub.verify(make).await.ok_or_else(Refused::busy)?
                };
                let (again, own) = ready.ok_or_else(Refused::not_found)?;
                authored = again;
                own
            }
        };
        let own = translation::held(hub, link, &authored.get().document, own).await?;
        Ok(Ready { link, uploaded, emergency, authored, own })
    }
}

/// A report made ready for a link; `None` where there is no such link.
fn own_of(hub: &Hub, link: LinkId, authored: &Authored, seed: Seed) -> Option<Prepared> {
    hub.links.get(link.place()).map(|link| Prepared::new(authored, link, seed))
}

/// Ready for its turn.
pub(super) struct Ready {
    pub(super) link: LinkId,
    uploaded: bool,
    pub(super) emergency: bool,
    pub(super) authored: Verified<Authored>,
    pub(super) own: Prepared,
}

/// Under which id it is submitted, and what its account has for it.
pub(super) struct Ticket {
    pub(super) id: SubmissionId,
    chance: Option<Chance>,
    /// Bytes of the body.
    bytes: usize,
}

impl Ticket {
    /// Room for one more of this account.
    ///
    /// # Errors
    /// The id's form; busy.
    pub(super) async fn take(from: &Sender, id: &str, bytes: usize) -> Result<Self, Refused> {
        let id = id_of(id)?;
        let chance = room(&from.hub, from.account(), id).await?;
        Ok(Self { id, chance, bytes })
    }
}

impl Ready {
    /// Puts it before the writer, behind all that was put there before.
    pub(super) fn put(self, from: &Sender, ticket: Ticket) -> Asked {
        let Self { link, uploaded, emergency, authored, own } = self;
        let (id, account) = (ticket.id, from.account().to_owned());
        let Authored { document, statement, .. } = authored.get();
        let length = usize::try_from(document.length()).unwrap_or(usize::MAX);
        let ticket = Ticket { bytes: ticket.bytes.max(length), ..ticket };
        let (serial, agreement) = (document.report().serial.clone(), statement.agreement.clone());
        let urgent = Precedence::parse(&document.report().precedence).is_some_and(Precedence::hurries);
        // Before it is asked, so that nothing is missed.
        let told = from.hub.wait_for(id);
        let question = move |number| {
            let ticket = number;
            Input::Submit(Box::new(SubmitInput { ticket, id, account, link, authored, own, uploaded, emergency }))
        };
        let answer = from.hub.put(Box::new(question), urgent);
        Asked { ticket, serial, agreement, told, answer }
    }
}

/// Before the writer.
pub(super) struct Asked {
    ticket: Ticket,
    serial: String,
    agreement: String,
    told: oneshot::Receiver<Told>,
    answer: oneshot::Receiver<(Answer, u64)>,
}

impl Asked {
    /// How it stands, and who tells when it moves.
    ///
    /// # Errors
    /// The writer's refusal.
    pub(super) async fn answered(self, from: &Sender) -> Result<(Submission, oneshot::Receiver<Told>), Refused> {
        let Self { ticket: Ticket { id, chance, bytes }, serial, agreement, told, answer } = self;
        let (hub, account) = (&from.hub, from.account().to_owned());
        match answer.await {
            Err(_) => Err(Refused::storage_full()),
            Ok((Answer::Stands(state), time)) => {
                hub.drafts.note(&account, bytes, &state);
                hub.refusals.remember(&id, &state);
                if let (SubmissionState::Refused(_), Some(chance)) = (&state, chance) {
                    chance.used();
                }
                let (id, standing) = (uuid::Uuid::from_bytes(id).to_string(), standing(state));
                let (acknowledged_by, incident) = (None, None);
                let found = Submission { id, serial, agreement, account, time, standing, acknowledged_by, incident };
                Ok((found, told))
            }
            // It came before, and may have come further since.
            Ok((Answer::Known(_), _)) => Ok((stored(hub, id).await?, told)),
            Ok((other, _)) => Err(from.refuse(other)),
        }
    }
}

/// The standing as its row has it.
///
/// # Errors
/// Not found; the store's.
pub(super) async fn stored(hub: &Arc<Hub>, id: SubmissionId) -> Result<Submission, Refused> {
    let reader = hub.clone();
    blocking(move || Ok(standing_of(&reader, &id)?)).await?.ok_or_else(Refused::not_found)
}
