//! An office acknowledges a report that it may read: the first form of a Statement.

use super::{
    caller::Caller,
    inbox::may_not,
    people::ask_writer,
    posting::Posting,
    problem::{Refused, blocking},
    reading::decide,
    standing::link_of,
    submitting::id_of,
};
use crate::hub::Hub;
use axum::{
    Extension, Json,
    extract::{Path, State},
};
use relto_exchange::{
    forms::Form,
    input::{Input, Stated},
};
use relto_formats::api::{Acknowledge, Submission};
use relto_report::note::Note;
use std::sync::Arc;

/// `POST /v1/inbox/{agreement}/{index}/acknowledge`: the originator is told which office has it, and nothing else. API-28
pub(super) async fn acknowledge(
    State(hub): State<Arc<Hub>>,
    Extension(caller): Extension<Caller>,
    Path((agreement, index)): Path<(String, u64)>,
    Posting { value: body, share: _share, .. }: Posting<Acknowledge>,
) -> Result<Json<Submission>, Refused> {
    let id = id_of(&body.id)?;
    let link = link_of(&hub, &agreement).ok_or_else(Refused::not_found)?;
    let (asked, person) = (hub.clone(), caller.0.clone());
    let (may_read, partner) = blocking(move || {
        let link = asked.links.get(link.place()).ok_or_else(Refused::not_found)?;
        Ok((decide(&asked, link, index, &person)?, link.partner))
    })
    .await?;
    let office = may_read.ok_or_else(Refused::not_found)?.map_err(|refusals| may_not(&refusals))?;
    let note = Note::bare(office);
    let (account, subject) = (caller.0.account.clone(), (partner, index));
    let question = move |ticket| {
        let form = Form::Acknowledged;
        Input::Statement(Box::new(Stated { ticket, id, account, link, form, subject, note }))
    };
    ask_writer(hub, id, Box::new(question)).await
}
