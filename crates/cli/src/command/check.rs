//! `relto check`: what the file says, what the decision says, and what neither has looked at.

mod explained;
mod local;
mod several;
mod unseen;

use super::{
    nations::{nations, recipient},
    submission,
    traffic::{banner_for, between, real_event},
    unfilled::{or_unfilled, print_unfilled, unfilled_in},
};
use crate::{
    args::CheckArgs,
    cache::{self, Installed},
    client::Client,
    document::{Closing, Source, closing, read_bounded, warnings},
    exit::Exit,
    output::Output,
    profile::Profile,
    session::Session,
    signing,
};
use anyhow::{Context as _, Result, anyhow};
use local::{MAX_FILE, Verdict};
use relto_formats::{
    api::{Standing, Submit},
    base64_bytes::Bytes,
};
use relto_host::clock;
use relto_report::{
    assessment::Document, attachment::bytes, calendar::Timestamp, file::Parsed, nation::Nation, register::Register,
    vocabulary::Vocabulary,
};
use serde_json::{Value, json};

/// Bytes of a plaintext that is sent with the question: what base64 of it leaves of the longest request body.
const MAX_ASKED: usize = 48 * 1024 * 1024;

/// What is checked, for whom.
#[derive(Clone, Copy)]
struct Question<'a> {
    args: &'a CheckArgs,
    profile: &'a Profile,
    to: Nation,
    source: &'a Source,
    now: Timestamp,
}

/// Runs the command.
pub(super) async fn run(session: &Session, args: &CheckArgs) -> Result<Exit> {
    let now = Timestamp::from_millis(clock::now_ms());
    if args.fix_unseen {
        unseen::offer(session.output, &args.file, args.yes)?;
    }
    let source = Source::read(&args.file)?;
    if let (Some(register), Some(vocabulary)) = (&args.register, &args.vocabulary) {
        let register = Register::read(&register.display().to_string(), &read_bounded(register, MAX_FILE)?)?;
        let vocabulary = Vocabulary::read(&vocabulary.display().to_string(), &read_bounded(vocabulary, MAX_FILE)?)?;
        let parsed = source.parse_alone(&register, &vocabulary, now)?;
        let left = unfilled_in(&source, &parsed.document);
        return alone(session.output, args, &parsed, &register, left);
    }
    let profile = session.profile().context("to read a file without one, give --register FILE --vocabulary FILE")?;
    let to = match nations(&args.to)?.as_slice() {
        [] => recipient(&profile, None)?,
        [one] => *one,
        all => return several::run(session, args, &profile, all, &source, now).await,
    };
    let question = Question { args, profile: &profile, to, source: &source, now };
    if args.online {
        online(session.output, question).await
    } else {
        let installed = cache::current(session.output, &profile, profile.agreement_with(to)?).await?;
        let parsed = source.parse_for(&installed, profile.nation, now)?;
        offline(session.output, question, &installed, &parsed, None)
    }
}

/// The file alone: no recipient, no decision.
fn alone(
    output: Output,
    args: &CheckArgs,
    parsed: &Parsed,
    register: &Register,
    left: Option<&'static str>,
) -> Result<Exit> {
    let report = parsed.document.report();
    let is_live = report.traffic == "live";
    let word = register.real_world.as_str();
    let real = Some(word).filter(|word| is_live && !word.is_empty() && report.says(word));
    let mut object = file_object(args, parsed, real);
    insert(&mut object, "not_checked", json!(["agreement", "recipient", "national rules", "approvals"]));
    insert(&mut object, "unfilled", json!(left));
    output.object(&object)?;
    between(output, (!is_live).then_some(&*register.exercise_banner), || {
        head(output, args, parsed, real)?;
        output.line("not checked: no agreement, no recipient. Give --profile FILE --to NATION for a decision")?;
        print_unfilled(output, left)
    })?;
    Ok(or_unfilled(Exit::Done, left))
}

/// Decides from the agreement as it was last fetched. `more`: what else is not checked.
fn offline(
    output: Output,
    question: Question<'_>,
    installed: &Installed,
    parsed: &Parsed,
    more: Option<String>,
) -> Result<Exit> {
    let Question { args, profile, to, source, now } = question;
    let case = local::Case { installed, own: profile.nation, now, explain: args.explain };
    let consents = local::consents(&args.consent)?;
    let decided = case.decide(&parsed.document, parsed.home.as_ref(), consents.as_deref());
    let tear = parsed.tear_line.as_ref().map(|tear| (tear, case.decide(&tear.document, None, Some(&[]))));
    let groups = installed.agreement.groups_on(now.day());
    let closing = closing(parsed.document.report(), source, installed.register(profile.nation)?, to, &groups);

    let mut not_checked = decided.not_checked.clone();
    not_checked.push("national rules".to_owned());
    not_checked.push("approvals given".to_owned());
    not_checked.push("serials spent, and reports referred to".to_owned());
    not_checked.push(format!("the agreement's version and state since {}", installed.fetched));
    not_checked.extend(more);
    let mut object = file_object(args, parsed, real_event(parsed.document.report(), installed));
    let agreement = &installed.agreement;
    insert(&mut object, "to", json!(to.as_str()));
    insert(
        &mut object,
        "agreement",
        json!({ "id": agreement.id, "version": agreement.version, "digest": agreement.digest.to_string(), "fetched": installed.fetched.to_string() }),
    );
    insert(&mut object, "verdict", json!(decided.verdict.word()));
    insert(&mut object, "reasons", decided.reasons_object());
    insert(&mut object, "closing", closing.iter().map(Closing::object).collect());
    insert(&mut object, "not_checked", json!(not_checked));
    let left = unfilled_in(source, &parsed.document);
    insert(&mut object, "unfilled", json!(left));
    if let Some(told) = &decided.explanation {
        insert(&mut object, "explanation", explained::object(told));
    }
    if let Some((tear, decided)) = &tear {
        let report = tear.document.report();
        let value = json!({
            "serial": report.serial, "banner": report.banner, "verdict": decided.verdict.word(), "reasons": decided.reasons_object(),
        });
        insert(&mut object, "tear_line", value);
    }
    output.object(&object)?;
    let told = Told { args, installed, to, parsed, decided: &decided, closing: &closing };
    between(output, banner_for(parsed.document.report(), installed, profile.nation), || {
        told.print(output)?;
        if let Some((tear, decided)) = &tear {
            let report = tear.document.report();
            output.line(format!("\ntear line {}: {}", report.serial, report.banner))?;
            print_decided(output, decided, to)?;
        }
        output.line(format!("\nnot checked: {}", not_checked.join("; ")))?;
        print_unfilled(output, left)
    })?;
    Ok(or_unfilled(decided.verdict.exit(), left))
}

/// What a decision from the agreement alone is told from.
struct Told<'a> {
    args: &'a CheckArgs,
    installed: &'a Installed,
    to: Nation,
    parsed: &'a Parsed,
    decided: &'a local::Decided,
    closing: &'a [Closing],
}

impl Told<'_> {
    fn print(&self, output: Output) -> Result<()> {
        let (agreement, to) = (&self.installed.agreement, self.to);
        head(output, self.args, self.parsed, real_event(self.parsed.document.report(), self.installed))?;
        let fetched = self.installed.fetched;
        output.field("agreement", format!("{} version {}, as of {fetched}", agreement.id, agreement.version))?;
        match &self.decided.explanation {
            Some(told) => explained::print(output, told, to)?,
            None => print_closing(output, self.closing, to)?,
        }
        print_decided(output, self.decided, to)?;
        self.decided.explanation.as_ref().map_or(Ok(()), |told| explained::print_remedy(output, told))
    }
}

/// The plaintext as it is sent with the question; `None` where it is too long to be.
fn asked(document: &Document) -> Result<Option<Vec<u8>>> {
    if document.length() > u64::try_from(MAX_ASKED).unwrap_or(u64::MAX) {
        return Ok(None);
    }
    let read = bytes::read(document, MAX_ASKED);
    read.map(Some).map_err(|_| anyhow!("an attachment cannot be read to its end. See that nobody changes it"))
}

/// Asks the node, which knows everything and writes nothing. API-6
async fn online(output: Output, question: Question<'_>) -> Result<Exit> {
    let Question { args, profile, to, source, now } = question;
    let mut client = Client::connect(profile).await?;
    let installed = cache::refresh(profile, &mut client, profile.agreement_with(to)?).await?;
    let parsed = source.parse_for(&installed, profile.nation, now)?;
    let Some(plaintext) = asked(&parsed.document)? else {
        let node = &profile.node;
        output.note(format!(
            "node {node} was not asked: with attachments of more than 48 MiB it looks at a report when that is submitted. \
             What follows is decided here"
        ));
        return offline(output, question, &installed, &parsed, Some(format!("what node {node} would say")));
    };
    let home = source.home_bytes().map(<[u8]>::to_vec);
    let signed = signing::submission(&profile.signer()?, &installed.agreement.id, to, &parsed.document, home, false)?;
    let question = Submit { id: String::new(), plaintext: Bytes(plaintext), uploaded: false, ..signed };
    let standing: Standing = client.post("/v1/checks", &question).await?;
    let groups = installed.agreement.groups_on(now.day());
    let closing = closing(parsed.document.report(), source, installed.register(profile.nation)?, to, &groups);
    let real = real_event(parsed.document.report(), &installed);
    let mut object = file_object(args, &parsed, real);
    insert(&mut object, "to", json!(to.as_str()));
    insert(&mut object, "standing", serde_json::to_value(&standing)?);
    insert(&mut object, "closing", closing.iter().map(Closing::object).collect());
    insert(&mut object, "not_checked", json!([]));
    let left = unfilled_in(source, &parsed.document);
    insert(&mut object, "unfilled", json!(left));
    output.object(&object)?;
    between(output, banner_for(parsed.document.report(), &installed, profile.nation), || {
        head(output, args, &parsed, real)?;
        print_closing(output, &closing, to)?;
        output.line(format!("\nnode {}:", profile.node))?;
        submission::words(&standing).iter().try_for_each(|line| output.line(line))?;
        print_unfilled(output, left)
    })?;
    Ok(or_unfilled(Exit::of(&standing), left))
}

fn file_object(args: &CheckArgs, parsed: &Parsed, real: Option<&str>) -> Value {
    let report = parsed.document.report();
    json!({
        "file": args.file.display().to_string(),
        "serial": report.serial,
        "traffic": report.traffic,
        "real_event": real,
        "banner": report.banner,
        "computed_banner": parsed.computed_banner,
        "banner_stated": parsed.banner_was_stated,
        "attachments": report.attachments.len(),
        "warnings": warnings(parsed),
    })
}

fn insert(object: &mut Value, key: &str, value: Value) {
    if let Some(members) = object.as_object_mut() {
        members.insert(key.to_owned(), value);
    }
}

fn head(output: Output, args: &CheckArgs, parsed: &Parsed, real: Option<&str>) -> Result<()> {
    let report = parsed.document.report();
    for fault in &parsed.warnings.list {
        output.note(parsed.warnings.line(fault));
    }
    output.field("report", format!("{} ({})", report.serial, args.file.display()))?;
    if report.traffic != "live" {
        output.field("traffic", &report.traffic)?;
    }
    if let Some(word) = real {
        output
            .field("traffic", format!("live, and marked {word}: a real event, which goes over no exercise's link"))?;
    }
    if parsed.banner_was_stated {
        output.field("banner", &report.banner)?;
        if report.banner != parsed.computed_banner {
            output.field("computed", &parsed.computed_banner)?;
        }
    } else {
        output.field("banner", format!("{} (computed; the file states none)", report.banner))?;
    }
    Ok(())
}

fn print_closing(output: Output, closing: &[Closing], to: Nation) -> Result<()> {
    if closing.is_empty() {
        return Ok(());
    }
    output
        .line(format!("\nportions that close the whole report to {to}; the marking is its classifier's decision:"))?;
    closing.iter().try_for_each(|one| output.line(format!("  {}", one.text(to))))
}

fn print_decided(output: Output, decided: &local::Decided, to: Nation) -> Result<()> {
    let text = match decided.verdict {
        Verdict::Releasable => format!("releasable to {to} under the agreement"),
        Verdict::Held if decided.standing_may_release => {
            "held, unless a standing authority of the national rules releases it at once".to_owned()
        }
        Verdict::Held => format!("held: {to} may have it once people have done what they owe"),
        Verdict::Refused => format!("refused: {to} may not have it as it is"),
    };
    output.line(format!("\n{text}"))?;
    decided.reasons.iter().try_for_each(|reason| output.line(format!("  {reason}")))
}
