//! Whoever submits one report: the submission that is sent to each nation, made and signed, or found where it waits.

use super::{
    kept::{self, path_for, pending, put_away, signed, write_new},
    sending::standing_of,
    uploading::is_about_upload,
};
use crate::{
    args::SubmitArgs,
    cache::{self, Installed},
    client::{Client, Refused},
    command::{released::sent, submission, unfilled::unfilled},
    document::Source,
    output::{Output, ask, moment},
    profile::Profile,
    signing,
};
use anyhow::{Context as _, Result, anyhow, bail};
use relto_formats::api::{Submission, Submit};
use relto_host::clock;
use relto_report::{
    assessment::Document,
    calendar::Timestamp,
    codec,
    digest::Digest,
    file::Parsed,
    nation::Nation,
    rules::SPENT,
    signed::{AuthorStatement, MAX_STATEMENT},
};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// A signed submission that is on the disk.
pub(super) struct Ready {
    pub(super) path: PathBuf,
    pub(super) body: Submit,
}

impl Ready {
    /// The node has answered: with a final answer the file is put away.
    pub(super) fn answered(&self, answer: &Submission) -> Result<()> {
        if submission::is_final(&answer.standing) { put_away(&self.path, &self.body.id) } else { Ok(()) }
    }
}

/// Whoever submits one report, to one nation or to several.
pub(super) struct Author<'a> {
    pub(super) output: Output,
    pub(super) profile: &'a Profile,
    pub(super) args: &'a SubmitArgs,
    /// Of which file.
    pub(super) file: &'a Path,
    /// One moment of reading for all nations, so that all have the same bytes. FLW-4
    now: Timestamp,
    /// The report whose computed banner the author accepted.
    accepted: Option<Digest>,
    /// Warnings that were told; most are of the file and not of one recipient.
    told: BTreeSet<String>,
}

impl<'a> Author<'a> {
    pub(super) fn new(output: Output, profile: &'a Profile, args: &'a SubmitArgs, file: &'a Path) -> Self {
        let now = Timestamp::from_millis(clock::now_ms());
        Self { output, profile, args, file, now, accepted: None, told: BTreeSet::new() }
    }

    /// The submission for a nation: that which has no final answer yet, else a new one. On the disk before a byte is
    /// sent: whatever happens now, the same id and bytes can be sent again.
    pub(super) async fn ready(&mut self, to: Nation) -> Result<Ready> {
        let path = path_for(self.file, self.args.tear_line, to);
        if path.exists()
            && let Some(body) = self.earlier(to, &path).await?
        {
            self.output.note(format!("{}: sending this submission again, as it was signed", path.display()));
            return Ok(Ready { path, body });
        }
        let body = self.make(to).await?;
        write_new(&path, &serde_json::to_vec(&body)?)?;
        Ok(Ready { path, body })
    }

    /// Why a submission has no answer. The node has recorded nothing of a request that it refuses so, and never will of
    /// these bytes; of anything else nothing is known, and its file stays.
    pub(super) async fn unsent(&self, ready: &Ready, error: anyhow::Error) -> anyhow::Error {
        let refused = error.downcast_ref::<Refused>();
        let is_for_good = refused.is_some_and(|refused| matches!(refused.status, 400 | 403 | 409 | 413 | 422));
        if !is_for_good || is_about_upload(&error) {
            self.output.note(format!("nothing is lost: {} is kept. Run the same command again", ready.path.display()));
            return error;
        }
        match put_away(&ready.path, &ready.body.id) {
            Ok(()) => told_before(self.profile, &ready.body, error).await,
            Err(fault) => fault,
        }
    }

    /// The submission that has no final answer yet, to be sent again; `None` where it is done with and the file, which
    /// has changed since, is to be signed anew. An old text never goes in place of a new one unasked.
    async fn earlier(&self, to: Nation, path: &Path) -> Result<Option<Submit>> {
        let body = pending(path, to)?;
        if self.args.as_signed || !self.has_changed(to, &body)? {
            return Ok(Some(body));
        }
        let (file, kept) = (self.file.display(), path.display());
        let stands = match standing_of(self.profile, &body.id).await? {
            Some(found) if submission::is_final(&found.standing) => {
                put_away(path, &body.id)?;
                let note = format!("the earlier submission {} was answered for good; {file} is signed anew", body.id);
                self.output.note(note);
                return Ok(None);
            }
            Some(found) => submission::words(&found.standing).join("\n"),
            None => "the node does not have it".to_owned(),
        };
        bail!(
            "{file} was changed after it was signed as submission {}, or an attachment of it was. Nothing was sent. As to the earlier text: {stands}\n\
             To let the earlier text go, give --as-signed. To submit the new text, first end the earlier submission: an \
             officer declines what is held (`relto hold refuse {} --reason TEXT`); what the node does not have is ended by \
             deleting {kept}",
            body.id,
            body.id
        )
    }

    /// Whether the file as it is now would be another submission than the one that was signed.
    pub(super) fn has_changed(&self, to: Nation, body: &Submit) -> Result<bool> {
        let Some(installed) = cache::load(self.profile, self.profile.agreement_with(to)?)? else { return Ok(false) };
        let signed = signed(body)?;
        let source = Source::read(self.file)?;
        let is_same = source.home_bytes() == body.home.as_ref().map(|home| home.0.as_slice());
        Ok(!is_same || !self.reads_as(&source, &installed, &signed))
    }

    /// Whether the file gives these very bytes. One that names no moment of production takes that of the reading: it is
    /// read at the moment of the signing.
    fn reads_as(&self, source: &Source, installed: &Installed, signed: &Document) -> bool {
        let parsed = source.parse_for(installed, self.profile.nation, signed.report().produced);
        parsed.is_ok_and(|parsed| self.chosen(parsed).is_some_and(|(now, _)| now.digest() == signed.digest()))
    }

    /// The report, or its tear line where that is to go; and whether its banner stands in the file.
    fn chosen(&self, parsed: Parsed) -> Option<(Document, bool)> {
        if self.args.tear_line {
            parsed.tear_line.map(|tear| (tear.document, tear.banner_was_stated))
        } else {
            Some((parsed.document, parsed.banner_was_stated))
        }
    }

    async fn make(&mut self, to: Nation) -> Result<Submit> {
        let source = Source::read(self.file)?;
        let installed = cache::load_or_fetch(self.profile, self.profile.agreement_with(to)?).await?;
        if installed.partner != to {
            let (id, with) = (&installed.agreement.id, installed.partner);
            bail!("{id} is with {with} and not with {to}. Mend [agreements] in the profile");
        }
        let earlier = kept::earlier(self.file, self.args.tear_line, None);
        let moment = earlier.iter().find_map(|one| {
            let signed = signed(&one.body).ok()?;
            self.reads_as(&source, &installed, &signed).then(|| signed.report().produced)
        });
        // FLW-4: what went to another nation goes with the same bytes, though the clock has gone on.
        let parsed = source.parse_for(&installed, self.profile.nation, moment.unwrap_or(self.now))?;
        for fault in &parsed.warnings.list {
            let line = parsed.warnings.line(fault);
            if self.told.insert(line.clone()) {
                self.output.note(line);
            }
        }
        let document = self.accepted(parsed)?;
        let home = source.home.as_ref().map(|(_, bytes)| bytes.as_slice());
        if let Some(left) = unfilled(document.plaintext(), home) {
            let file = self.file.display();
            bail!("{file}: {left:?} is still there from `relto new report`. Write what it asks for");
        }
        one_text(&earlier, &document)?;
        let home = source.home.map(|(_, bytes)| bytes);
        let signer = self.profile.signer()?;
        signing::submission(&signer, &installed.agreement.id, to, &document, home, self.args.emergency)
    }

    /// The report, or its tear line, whose banner the author states or accepts.
    fn accepted(&mut self, parsed: Parsed) -> Result<Document> {
        let file = self.file.display();
        let (document, stated) = self.chosen(parsed).with_context(|| format!("{file}: it has no tear line"))?;
        if stated || self.args.accept_banner || self.accepted == Some(document.digest()) {
            return Ok(document);
        }
        let banner = document.report().banner.clone();
        self.output.note(format!("computed banner: {banner}"));
        match ask(self.output, "sign with this banner?")? {
            Some(true) => {
                self.accepted = Some(document.digest());
                Ok(document)
            }
            Some(false) => bail!("not signed. State the banner in the file, or mark the portions as they are meant"),
            None => bail!(
                "{file}: the file states no banner; computed: {banner}. Write it as banner = \"...\", or give --accept-banner"
            ),
        }
    }
}

/// Whether what waits under this serial, for any nation, has the same text: a serial is for one. FLW-4
fn one_text(earlier: &[kept::Earlier], document: &Document) -> Result<()> {
    for one in earlier.iter().filter(|one| one.is_open) {
        let Ok(other) = signed(&one.body) else { continue };
        let serial = &document.report().serial;
        if other.report().serial == *serial && other.digest() != document.digest() {
            bail!(
                "{serial} waits with another text, as submission {}. A serial is for one text: let that one be answered \
                 or declined first, or take the next serial",
                one.body.id
            );
        }
    }
    Ok(())
}

/// A serial that was spent by this very report is no fault to mend: say where it is.
async fn told_before(profile: &Profile, body: &Submit, error: anyhow::Error) -> anyhow::Error {
    let spent = error.downcast_ref::<Refused>().is_some_and(|refused| refused.problem.rule.as_deref() == Some(SPENT));
    let (true, Ok(document)) = (spent, signed(body)) else { return error };
    let serial = &document.report().serial;
    let under = codec::decode::<AuthorStatement, MAX_STATEMENT>(&body.statement.0).map(|one| one.agreement);
    let Ok(under) = under else { return error };
    let found = async { sent(profile, &mut Client::connect(profile).await?, serial, Some(&under)).await };
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
