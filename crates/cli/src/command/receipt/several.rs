//! The receipts of one report, each nation's beside the others: each proven by itself, under its own agreement.

use crate::{
    cache::refresh,
    client::Client,
    command::{
        side::{Line, cells},
        traffic::{Traffics, between},
    },
    exit::Exit,
    output::{fault_of, moment},
    profile::Profile,
    receipt::{Proven, fetch_and_prove},
    session::Session,
};
use anyhow::{Result, bail};
use relto_formats::api::{Standing, Submission};
use serde_json::{Value, json};

/// What a nation has proven.
enum Receipt {
    /// Its answer stands under its signed head.
    Proven(Box<Proven>),
    /// It has the report, or is about to, and has not answered.
    NotYet,
    /// Nothing was released to it.
    None,
    /// It cannot be had, or does not prove what it should.
    Failed(anyhow::Error),
}

/// Fetches, proves and prints. Exit 1 where an answer is still to come, 4 where one does not verify.
pub(super) async fn run(
    session: &Session,
    profile: &Profile,
    client: &mut Client,
    serial: &str,
    lines: &[Line],
) -> Result<Exit> {
    let (mut worst, mut rows, mut list) = (Exit::Done, Vec::new(), Vec::new());
    for line in lines {
        let Ok(found) = &line.outcome else { bail!("{}: not submitted", line.nation) };
        let receipt = receipt(profile, client, found).await;
        let [_, state, leaf] = cells(&found.standing, &format!("{}>{}", profile.nation, line.nation));
        let mut object = json!({
            "to": line.nation, "agreement": line.agreement, "standing": found.standing, "verified": false,
        });
        let told = match &receipt {
            Receipt::Proven(proven) => {
                merge(&mut object, proven.object());
                let (_, theirs) = &proven.names;
                format!("{theirs} of {}, verified offline", moment(proven.outcome.time))
            }
            Receipt::NotYet => {
                worst = worst.or_worse(Exit::Failed);
                "not answered yet".to_owned()
            }
            Receipt::None => "none: nothing was released".to_owned(),
            Receipt::Failed(error) => {
                let (fault, exit) = fault_of(error);
                worst = worst.or_worse(exit);
                merge(&mut object, fault);
                format!("NOT VERIFIED: {error:#}")
            }
        };
        list.push(object);
        rows.push(vec![line.nation.clone(), line.agreement.clone(), state, leaf, told]);
    }
    let output = session.output;
    output.object(&json!({ "serial": serial, "receipts": list }))?;
    let first = lines.first().map(|line| Traffics::kept(profile, &line.agreement)).unwrap_or_default();
    let banner = lines.first().and_then(|line| first.banner(&line.agreement));
    between(output, banner, || {
        output.line(serial)?;
        output.table(&["nation", "agreement", "state", "leaf or codes", "receipt"], &rows)
    })?;
    Ok(worst)
}

async fn receipt(profile: &Profile, client: &mut Client, found: &Submission) -> Receipt {
    let index = match &found.standing {
        Standing::Resolved { index, .. } => *index,
        Standing::Released { .. } | Standing::Withdrawn { .. } => return Receipt::NotYet,
        Standing::Held { .. }
        | Standing::Queued { .. }
        | Standing::Refused { .. }
        | Standing::Declined { .. }
        | Standing::Releasable { .. } => return Receipt::None,
    };
    let proven = async {
        let installed = refresh(profile, client, &found.agreement).await?;
        fetch_and_prove(client, &installed, index).await
    };
    proven.await.map_or_else(Receipt::Failed, |proven| Receipt::Proven(Box::new(proven)))
}

fn merge(object: &mut Value, more: Value) {
    if let (Some(members), Value::Object(more)) = (object.as_object_mut(), more) {
        members.extend(more);
    }
}
