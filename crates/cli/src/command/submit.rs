//! `relto submit`: signed, written down, sent; and sent again as it was written until there is an answer. API-10

use super::{Session, boxes, moment, nation, new::unfilled, submission, traffic::Traffics};
use crate::{
    args::SubmitArgs,
    cache,
    client::{Client, Refused},
    document::{Source, read_bounded},
    exit::Exit,
    output::{Output, ask},
    profile::Profile,
    progress::Bar,
    signing,
};
use anyhow::{Context as _, Result, anyhow, bail};
use relto_formats::api::{MAX_BODY, Submission, Submit};
use relto_host::clock::{self, Stopwatch};
use relto_report::{
    assessment::Document,
    calendar::Timestamp,
    codec,
    file::Parsed,
    nation::Nation,
    signed::{AuthorStatement, MAX_STATEMENT},
};
use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

/// Seconds that the node lets one request wait.
const MAX_WAIT: u64 = 300;

/// Runs the command.
pub(super) async fn run(session: &Session, args: &SubmitArgs) -> Result<Exit> {
    let profile = session.profile()?;
    let to = nation(&args.to)?;
    let path = submission_path(&args.file, args.tear_line);
    let earlier = if path.exists() { earlier(session.output, &profile, to, args, &path).await? } else { None };
    let body = if let Some(body) = earlier {
        session.output.note(format!("{}: sending this submission again, as it was signed", path.display()));
        body
    } else {
        let body = make(session.output, &profile, to, args).await?;
        // On the disk before a byte is sent: whatever happens now, the same id and bytes can be sent again.
        write_new(&path, &serde_json::to_vec(&body)?)?;
        body
    };
    let answered = send(&profile, &body, args.wait.unwrap_or(0)).await;
    match answered {
        Ok(answer) => {
            if submission::is_final(&answer.standing) {
                put_away(&path, &body.id)?;
            }
            submission::print(session.output, &answer, &Traffics::kept(&profile, &answer.agreement))?;
            Ok(submission::exit_of(&answer.standing))
        }
        Err(error) => {
            // The node has recorded nothing of a request that it refuses so, and never will of these bytes.
            if error
                .downcast_ref::<Refused>()
                .is_some_and(|refused| matches!(refused.status, 400 | 403 | 409 | 413 | 422))
            {
                put_away(&path, &body.id)?;
                return Err(told_before(&profile, &body, error).await);
            }
            let hint = format!("nothing is lost: {} is kept. Run the same command again", path.display());
            session.output.note(hint);
            Err(error)
        }
    }
}

/// `report.submission`, or `report.tear-line.submission`, beside the report.
fn submission_path(file: &Path, tear_line: bool) -> PathBuf {
    file.with_extension(if tear_line { "tear-line.submission" } else { "submission" })
}

/// A submission that was written down and has no final answer yet.
fn pending(path: &Path, to: Nation) -> Result<Submit> {
    let told = || path.display().to_string();
    let most = u64::try_from(MAX_BODY).unwrap_or(u64::MAX);
    let body: Submit = serde_json::from_slice(&read_bounded(path, most)?)
        .with_context(|| format!("{}: not a whole submission. Delete it; nothing of it was sent", told()))?;
    let statement: AuthorStatement = codec::decode::<_, MAX_STATEMENT>(&body.statement.0)
        .with_context(|| format!("{}: its statement does not decode. Delete it", told()))?;
    if statement.recipient != to {
        bail!(
            "{}: this submission is for {} and has no final answer yet. Finish it first",
            told(),
            statement.recipient
        );
    }
    Ok(body)
}

/// The submission that has no final answer yet, to be sent again; `None` where it is done with and the file, which has
/// changed since, is to be signed anew. An old text never goes in place of a new one unasked.
async fn earlier(
    output: Output,
    profile: &Profile,
    to: Nation,
    args: &SubmitArgs,
    path: &Path,
) -> Result<Option<Submit>> {
    let body = pending(path, to)?;
    if args.as_signed || !has_changed(profile, to, args, &body)? {
        return Ok(Some(body));
    }
    let (file, kept) = (args.file.display(), path.display());
    let mut client = Client::connect(profile).await?;
    let found: Result<Submission> = client.get(&format!("/v1/submissions/{}", body.id)).await;
    let stands = match found {
        Ok(found) if submission::is_final(&found.standing) => {
            put_away(path, &body.id)?;
            output.note(format!("the earlier submission {} was answered for good; {file} is signed anew", body.id));
            return Ok(None);
        }
        Ok(found) => submission::words(&found.standing).join("\n"),
        Err(error) if error.downcast_ref::<Refused>().is_some_and(|refused| refused.status == 404) => {
            "the node does not have it".to_owned()
        }
        Err(error) => return Err(error),
    };
    bail!(
        "{file} was changed after it was signed as submission {}. Nothing was sent. As to the earlier text: {stands}\n\
         To let the earlier text go, give --as-signed. To submit the new text, first end the earlier submission: an \
         officer declines what is held (`relto hold refuse {} --reason TEXT`); what the node does not have is ended by \
         deleting {kept}",
        body.id,
        body.id
    )
}

/// Whether the file as it is now would be another submission than the one that was signed.
fn has_changed(profile: &Profile, to: Nation, args: &SubmitArgs, body: &Submit) -> Result<bool> {
    let Some(installed) = cache::load(profile, profile.agreement_with(to)?)? else { return Ok(false) };
    let signed = Document::decode(body.plaintext.0.clone())
        .with_context(|| format!("submission {}: it does not decode", body.id))?;
    let source = Source::read(&args.file)?;
    if source.home_bytes() != body.home.as_ref().map(|home| home.0.as_slice()) {
        return Ok(true);
    }
    // A file that names no moment of production takes that of the reading: read it at the moment of the signing.
    let Ok(parsed) = source.parse_for(&installed, profile.nation, signed.report().produced) else { return Ok(true) };
    let now = if args.tear_line { parsed.tear_line.map(|tear| tear.document) } else { Some(parsed.document) };
    Ok(now.is_none_or(|now| now.digest() != signed.digest()))
}

/// A serial that was spent by this very report is no fault to mend: say where it is.
async fn told_before(profile: &Profile, body: &Submit, error: anyhow::Error) -> anyhow::Error {
    let spent = error.downcast_ref::<Refused>().is_some_and(|refused| refused.problem.message.starts_with("R012"));
    let (true, Ok(document)) = (spent, Document::decode(body.plaintext.0.clone())) else { return error };
    let serial = &document.report().serial;
    let found = async { boxes::sent(profile, &mut Client::connect(profile).await?, serial).await };
    match found.await {
        Ok(Some(sent)) => anyhow!(
            "{serial} was released already, as {} on {}: {}. See `relto show {serial}` and `relto receipt {serial}`. A \
             correction takes a new serial and names this one in supersedes",
            sent.leaf,
            moment(sent.time),
            sent.stage
        ),
        Ok(None) | Err(_) => error,
    }
}

async fn make(output: Output, profile: &Profile, to: Nation, args: &SubmitArgs) -> Result<Submit> {
    let source = Source::read(&args.file)?;
    let installed = cache::load_or_fetch(profile, profile.agreement_with(to)?).await?;
    if installed.partner != to {
        bail!(
            "{} is with {} and not with {to}. Mend [agreements] in the profile",
            installed.agreement.id,
            installed.partner
        );
    }
    let parsed = source.parse_for(&installed, profile.nation, Timestamp::from_millis(clock::now_ms()))?;
    for fault in &parsed.warnings.list {
        output.note(parsed.warnings.line(fault));
    }
    let document = accepted(output, parsed, args)?;
    if let Some(left) = unfilled(document.plaintext()) {
        bail!("{}: {left:?} is still there from `relto new report`. Write what it asks for", args.file.display());
    }
    signing::submission(
        &profile.signer()?,
        &installed.agreement.id,
        to,
        &document,
        source.home.map(|(_, bytes)| bytes),
        args.emergency,
    )
}

/// The report, or its tear line, whose banner the author states or accepts.
fn accepted(output: Output, parsed: Parsed, args: &SubmitArgs) -> Result<Document> {
    let (document, stated) = if args.tear_line {
        let tear = parsed.tear_line.with_context(|| format!("{}: it has no tear line", args.file.display()))?;
        (tear.document, tear.banner_was_stated)
    } else {
        (parsed.document, parsed.banner_was_stated)
    };
    if stated || args.accept_banner {
        return Ok(document);
    }
    let banner = document.report().banner.clone();
    output.note(format!("computed banner: {banner}"));
    match ask(output, "sign with this banner?")? {
        Some(true) => Ok(document),
        Some(false) => bail!("not signed. State the banner in the file, or mark the portions as they are meant"),
        None => bail!(
            "{}: the file states no banner; computed: {banner}. Write it as banner = \"...\", or give --accept-banner",
            args.file.display()
        ),
    }
}

/// Writes a file that must not exist, and has it on the disk before it returns.
fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let told = || path.display().to_string();
    if bytes.len() > MAX_BODY {
        bail!("the submission has {} bytes; the node takes {MAX_BODY}. Attach less", bytes.len());
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).with_context(told)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).with_context(told)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).with_context(told)
}

/// A final answer is there: `report.submission.<id>.done`.
fn put_away(path: &Path, id: &str) -> Result<()> {
    let mut done = path.as_os_str().to_owned();
    done.push(format!(".{id}.done"));
    std::fs::rename(path, &done).with_context(|| path.display().to_string())
}

/// Sends the submission and waits for its receipt, `wait` seconds at most.
async fn send(profile: &Profile, body: &Submit, wait: u64) -> Result<Submission> {
    let mut client = Client::connect(profile).await?;
    let watch = Stopwatch::start();
    let left = || Duration::from_secs(wait).saturating_sub(watch.elapsed()).as_secs_f64().ceil();
    let sending = async {
        let mut answer: Submission = client.post(&format!("/v1/submissions?wait={}", wait.min(MAX_WAIT)), body).await?;
        while waits(&answer) && left() > 0.0 {
            let seconds = Duration::from_secs_f64(left()).as_secs().min(MAX_WAIT);
            answer = client.get(&format!("/v1/submissions/{}?wait={seconds}", body.id)).await?;
        }
        Ok(answer)
    };
    let bar = Bar::new("receipt", wait, "s at most");
    let mut look = tokio::time::interval(Duration::from_millis(200));
    tokio::pin!(sending);
    loop {
        tokio::select! {
            answer = &mut sending => return answer,
            _ = look.tick() => bar.at(watch.elapsed().as_secs().min(wait)),
        }
    }
}

fn waits(answer: &Submission) -> bool {
    use relto_formats::api::Standing;
    matches!(answer.standing, Standing::Released { .. } | Standing::Queued { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_10_a_submission_is_written_once_and_put_away_under_its_id() {
        let folder = tempfile::tempdir().unwrap();
        let path = submission_path(&folder.path().join("report.md"), false);
        assert_eq!(path.file_name().unwrap(), "report.submission");
        write_new(&path, b"one").unwrap();
        assert!(write_new(&path, b"two").is_err(), "an earlier submission is never overwritten");
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
        put_away(&path, "0197").unwrap();
        assert!(!path.exists() && folder.path().join("report.submission.0197.done").exists());
        assert_eq!(submission_path(Path::new("a/report.md"), true), Path::new("a/report.tear-line.submission"));
    }

    #[test]
    fn a_torn_or_foreign_submission_file_is_told_and_not_sent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.submission");
        std::fs::write(&path, b"{\"id\":").unwrap();
        let error = pending(&path, Nation::parse("XBB").unwrap()).err().unwrap();
        assert!(format!("{error:#}").contains("not a whole submission"), "{error:#}");
    }
}
