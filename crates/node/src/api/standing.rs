//! How a submission stands, as its account is told.

use crate::{hub::Hub, jobs::Told, sync::lock};
use relto_exchange::{
    ids::LinkId,
    link::Link,
    place::{self, OutboxAt, SubmissionAt},
    rows::{Confirmation, Outbox, Stage, Submission, SubmissionState},
    store::{StoreError, SubmissionId},
};
use relto_formats::api::{Incident, Role, Standing, Submission as Body};
use relto_policy::code::names;

/// The link of an agreement's id.
pub(super) fn link_of(hub: &Hub, agreement: &str) -> Option<LinkId> {
    let at = hub.links.iter().position(|link| link.agreement.id == agreement)?;
    LinkId::at(at)
}

/// A submission's row and its outbox row, as a body.
pub(super) fn standing_of(hub: &Hub, id: &SubmissionId) -> Result<Option<Body>, StoreError> {
    let reader = lock(&hub.reader);
    let Some(row) = place::read(&*reader, SubmissionAt(*id))? else { return Ok(None) };
    let at = hub.links.iter().position(|link| link.agreement.id == row.agreement);
    let link = at.and_then(|at| hub.links.get(at));
    let outbox = match (&row.state, link) {
        (SubmissionState::Released(index), Some(link)) => place::read(&*reader, OutboxAt(link.mine(), *index))?,
        _ => None,
    };
    let incident = at.zip(link).zip(outbox.as_ref()).and_then(|((at, link), row)| incident(hub, at, link, row));
    Ok(Some(body(hub, id, row, outbox, incident)))
}

/// Whom the agreement owes word of a release in an emergency that was not confirmed. FLW-20
fn incident(hub: &Hub, at: usize, link: &Link, row: &Outbox) -> Option<Incident> {
    let Confirmation::Denied { officer, reason } = &row.confirmation else { return None };
    let agreement = hub.versions.in_force(at, link);
    Some(Incident {
        officer: officer.clone(),
        reason: reason.clone(),
        told: vec![Role::Operator, Role::Auditor],
        partner: link.partner.to_string(),
        first_report_hours: agreement.duties.incident.map(|clause| clause.first_report_hours),
        committee_hours: agreement.emergency.as_ref().map(|clause| clause.tell_committee_within_hours),
    })
}

/// How a submission stands that the partner has not answered.
pub(super) fn standing(state: SubmissionState) -> Standing {
    match state {
        SubmissionState::Released(index) => Standing::Released { index },
        SubmissionState::Held(owed) => Standing::Held { owed },
        SubmissionState::Queued(why) => Standing::Queued { why },
        SubmissionState::Refused(reasons) => Standing::Refused { reasons },
        SubmissionState::Declined { officer, reason } => Standing::Declined { officer, reason },
    }
}

/// What the partner has answered, where it has.
pub(super) fn resolved(told: Told) -> Option<Standing> {
    match told {
        Told::Resolved { index, verdict, codes, outcome } => {
            Some(Standing::Resolved { index, verdict, codes: names(codes), outcome })
        }
        Told::Moved => None,
    }
}

fn body(hub: &Hub, id: &SubmissionId, row: Submission, outbox: Option<Outbox>, incident: Option<Incident>) -> Body {
    let acknowledged_by = outbox.as_ref().and_then(|row| row.acknowledged.as_ref()).map(|said| said.office.clone());
    let standing = match (row.state, outbox.map(|row| row.stage)) {
        (SubmissionState::Released(index), Some(Stage::Resolved { outcome, verdict, codes, .. })) => {
            resolved(Told::Resolved { index, verdict, codes, outcome }).unwrap_or(Standing::Released { index })
        }
        (SubmissionState::Released(index), Some(Stage::Withdrawn { .. })) => Standing::Withdrawn { index },
        // The row has the causes; what they said of this report is remembered for a while. API-38
        (SubmissionState::Refused(reasons), _) => {
            Standing::Refused { reasons: hub.refusals.texts(id).unwrap_or(reasons) }
        }
        (state, _) => standing(state),
    };
    Body {
        id: uuid::Uuid::from_bytes(*id).to_string(),
        serial: row.serial,
        agreement: row.agreement,
        account: row.account,
        time: row.time,
        standing,
        incident,
        acknowledged_by,
    }
}
