//! `relto recover`: the way back of a node that has halted, for an operator and an auditor. RCV-2

use crate::{args::RecoverAct, client::Client, exit::Exit, output::ask, profile::Profile, session::Session};
use anyhow::{Context as _, Result, bail};
use relto_formats::{
    api::{Recovery, RecoveryAct, Role},
    base64_bytes::Bytes,
};
use relto_report::{
    codec,
    crypto::Signer as _,
    domain::{Tag, message},
    signed::recovery::{RecoveryStatement, plan_digest},
};

const PATH: &str = "/v1/recovery";

/// Shows, signs, starts or takes back.
pub(super) async fn run(session: &Session, act: RecoverAct) -> Result<Exit> {
    let (profile, mut client) = session.connect().await?;
    let told: Recovery = client.get(PATH).await?;
    let told = match act {
        RecoverAct::Plan => {
            session.output.object(&serde_json::to_value(&told)?)?;
            print(session, &told)?;
            if told.plan.is_some() {
                stands(session, &told)?;
            }
            return Ok(match (&told.halted, &told.wrong) {
                (None, _) => Exit::Done,
                _ if told.done => Exit::Done,
                (_, Some(_)) => Exit::Failed,
                (_, None) => Exit::Held,
            });
        }
        RecoverAct::Sign { yes } => sign(session, (&profile, &mut client), &told, yes).await?,
        RecoverAct::Start => client.post(PATH, &RecoveryAct::Start).await?,
        RecoverAct::Abort => client.post(PATH, &RecoveryAct::Abort).await?,
    };
    session.output.object(&serde_json::to_value(&told)?)?;
    stands(session, &told)?;
    Ok(Exit::Done)
}

/// Only what was shown is signed: its digest is computed here.
async fn sign(
    session: &Session,
    (profile, client): (&Profile, &mut Client),
    told: &Recovery,
    yes: bool,
) -> Result<Recovery> {
    let plan = told.plan.as_ref().context("the node has not halted: there is nothing to sign")?;
    if !(yes || session.output.can_ask()) {
        bail!("there is no terminal to ask at. Read the plan that `relto recover plan` shows, then give --yes");
    }
    print(session, told)?;
    if !yes && ask(session.output, "is this to be done?")? != Some(true) {
        bail!("not signed");
    }
    let (nation, node, start) = (profile.nation, told.node.clone(), told.start);
    let statement = codec::encode(&RecoveryStatement { nation, node, start, plan: plan_digest(plan) });
    let signature = profile.signer()?.sign(&message(Tag::Recovery, &statement))?;
    let (statement, signature) = (Bytes(statement), Bytes(signature.as_bytes().to_vec()));
    client.post(PATH, &RecoveryAct::Sign { statement, signature }).await
}

fn print(session: &Session, told: &Recovery) -> Result<()> {
    let Some(plan) = &told.plan else {
        return session.output.line("the node has not halted: there is nothing to recover");
    };
    plan.lines().try_for_each(|line| session.output.line(format!("  {line}")))?;
    session.output.field("digest", plan_digest(plan).to_string())
}

fn stands(session: &Session, told: &Recovery) -> Result<()> {
    let output = session.output;
    if told.done {
        return output.line(
            "the head file is made anew, and the node ends: start it again. Where it does not end, its log says why",
        );
    }
    if let Some(wrong) = &told.wrong {
        return output.line(format!("this cannot be carried out: {wrong}"));
    }
    if !told.waits_for.is_empty() {
        let waits = told.waits_for.join(", ");
        return output.line(format!("it waits for what {} holds of our log: see that the link is reached", waits));
    }
    if told.halted.is_none() {
        return Ok(());
    }
    let missing: Vec<&str> = [(Role::Operator, "operator"), (Role::Auditor, "auditor")]
        .into_iter()
        .filter(|(role, _)| !told.signed_by.contains(role))
        .map(|(_, word)| word)
        .collect();
    output.line(match missing.as_slice() {
        [] => "both have signed. An operator carries it out: relto recover start".to_owned(),
        missing => format!("still to sign, within the hour: {}", missing.join(" and ")),
    })
}
