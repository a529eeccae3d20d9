//! Attachments that the node gives one by one: each straight into a file, checked on the way, and gone on with where the
//! body broke off.

use crate::{
    again::{Line, Tries, may_pass},
    head::{Head, NotWhole},
    on_disk::OnDisk,
    output::NotVerified,
    profile::Profile,
    progress::Bar,
};
use anyhow::{Context as _, Result, anyhow};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Bytes};
use relto_host::files;
use relto_report::{
    assessment::{Attachment, Document, Report},
    attachment::bytes::Apart,
    crypto::Sha256,
};
use std::{fs::File, os::unix::fs::FileExt as _, sync::Arc, time::Duration};
use tokio::time::{sleep, timeout};

/// A node that gives nothing for so long is asked again.
const STALLED: Duration = Duration::from_secs(60);
const MIB: u64 = 1024 * 1024;

/// Where the attachments of one report are asked for.
pub(super) struct Download<'p> {
    line: Line<'p>,
    /// Such as `/v1/holds/{id}`.
    path: String,
    bar: Bar,
    /// Bytes of the attachments before the one that comes.
    before: u64,
}

impl<'p> Download<'p> {
    /// Of the report at this path of the client API.
    pub(super) fn new(profile: &'p Profile, path: String, report: &Report) -> Self {
        let bar = Bar::new("download", report.attachment_bytes() / MIB, "MiB");
        Self { line: Line::new(profile), path, bar, before: 0 }
    }

    /// Fills a file, which is empty, with an attachment, counted from 0.
    ///
    /// # Errors
    /// [`NotVerified`] where the bytes are not those that the report lists; where the node does not give them, or the file
    /// does not take them.
    pub(super) async fn take(&mut self, at: usize, one: &Attachment, file: &File) -> Result<()> {
        let Self { line, path, bar, before } = self;
        let path = format!("{path}/attachments/{}", at.saturating_add(1));
        let ask = async |from: u64| {
            if from > 0 {
                // What broke off may still be on its way over the old one.
                line.part();
            }
            let path = if from > 0 { format!("{path}?from={from}") } else { path.clone() };
            line.ask(async |client| client.get_bytes(&path).await).await
        };
        take(one, file, ask, |taken| bar.at(before.saturating_add(taken) / MIB)).await?;
        *before = before.saturating_add(one.length);
        Ok(())
    }

    /// An attachment is there already and is not asked for.
    pub(super) fn passed(&mut self, one: &Attachment) {
        self.before = self.before.saturating_add(one.length);
    }
}

/// The whole document of a head: its attachments in files without a name, which go with whoever reads them, whatever
/// becomes of this program. The digest is computed of all bytes here. API-11
///
/// # Errors
/// As [`Download::take`]; [`NotVerified`] where they do not make the document.
pub(super) async fn whole(profile: &Profile, path: String, head: &Head) -> Result<Document> {
    let told = || profile.cache.display().to_string();
    files::create_folder(&profile.cache).with_context(told)?;
    let mut download = Download::new(profile, path, head.report());
    let mut kept: Vec<Apart> = Vec::new();
    for (at, one) in head.report().attachments.iter().enumerate() {
        let file = tempfile::tempfile_in(&profile.cache).with_context(told)?;
        download.take(at, one, &file).await?;
        kept.push(Arc::new(OnDisk::of(file).with_context(told)?));
    }
    head.with(kept).map_err(|fault| match fault {
        NotWhole::Malformed(fault) => NotVerified(format!("{}: {fault}", head.report().serial)).into(),
        NotWhole::Unread => anyhow!("{}: what was downloaded cannot be read again: {fault}", told()),
    })
}

/// An attachment on its way into a file.
struct Taking<'a> {
    one: &'a Attachment,
    file: &'a File,
    /// Bytes that are in the file.
    at: u64,
    sha256: Sha256,
}

impl Taking<'_> {
    fn push(&mut self, piece: &[u8]) -> Result<()> {
        let Attachment { name, length, .. } = self.one;
        let end = self.at.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if end > *length {
            return Err(
                NotVerified(format!("attachment {name}: more bytes come than the {length} of the report")).into()
            );
        }
        self.file.write_all_at(piece, self.at).with_context(|| format!("attachment {name} cannot be written"))?;
        self.sha256.update(piece);
        self.at = end;
        Ok(())
    }

    /// Takes what a body has. Gives why it ended before the attachment did.
    async fn read<B>(&mut self, mut body: B) -> Result<anyhow::Error>
    where
        B: Body<Data = Bytes> + Unpin,
        B::Error: std::fmt::Display,
    {
        let name = &self.one.name;
        loop {
            let frame = match timeout(STALLED, body.frame()).await {
                Ok(Some(Ok(frame))) => frame,
                Ok(Some(Err(error))) => return Ok(anyhow!("attachment {name}: the node's answer broke off: {error}")),
                Ok(None) => return Ok(anyhow!("attachment {name}: the node gave {} of its bytes", self.at)),
                Err(_) => return Ok(anyhow!("attachment {name}: the node gives nothing any more")),
            };
            if let Ok(data) = frame.into_data() {
                self.push(&data)?;
            }
        }
    }

    fn finish(self) -> Result<()> {
        if self.sha256.finish() == self.one.sha256 {
            return Ok(());
        }
        let text = format!("attachment {}: what came is not what its report lists: the sha256 differs", self.one.name);
        Err(NotVerified(text).into())
    }
}

/// Takes an attachment. `ask` gives its bytes from one on; where they end early it is asked again, for the rest.
async fn take<B>(
    one: &Attachment,
    file: &File,
    mut ask: impl AsyncFnMut(u64) -> Result<B>,
    see: impl Fn(u64),
) -> Result<()>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    let (mut taking, mut tries) = (Taking { one, file, at: 0, sha256: Sha256::new() }, Tries::default());
    while taking.at < one.length {
        let began = taking.at;
        let why = match ask(began).await {
            Ok(body) => taking.read(body).await?,
            Err(error) if may_pass(&error) => error,
            Err(error) => return Err(error),
        };
        see(taking.at);
        if taking.at > began {
            tries.moved();
        }
        if taking.at < one.length {
            let Some(pause) = tries.pause() else { return Err(why.context("it was asked for again and again")) };
            sleep(pause).await;
        }
    }
    taking.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{client::Refused, head::tests::with_attachment};
    use http_body_util::Full;
    use relto_formats::api::{Problem, ProblemKind};

    /// An attachment of these bytes is taken of a node that gives `most` bytes at once, and fails before that as often as
    /// `broken`.
    async fn taken(listed: &[u8], given: &[u8], most: usize, broken: u32) -> (Result<()>, Vec<u8>, Vec<u64>) {
        let document = with_attachment("a.csv", listed);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let file = File::create_new(&path).unwrap();
        let (mut asked, mut left) = (Vec::new(), broken);
        let ask = async |from: u64| {
            asked.push(from);
            if left > 0 {
                left -= 1;
                anyhow::bail!("broken");
            }
            let rest = &given[usize::try_from(from).unwrap()..];
            Ok(Full::new(Bytes::copy_from_slice(&rest[..rest.len().min(most)])))
        };
        let done = take(&document.report().attachments[0], &file, ask, |_| ()).await;
        (done, std::fs::read(&path).unwrap(), asked)
    }

    #[tokio::test]
    async fn a_body_that_ends_early_is_gone_on_with_where_it_ended() {
        let whole = b"0123456789";
        let (done, file, asked) = taken(whole, whole, 4, 1).await;
        assert!(done.is_ok(), "{done:?}");
        assert_eq!((file.as_slice(), asked.as_slice()), (&whole[..], &[0, 0, 4, 8][..]));
        let (done, _, asked) = taken(b"", b"", 4, 0).await;
        assert!(done.is_ok() && asked.is_empty(), "of no bytes nothing is asked");
    }

    #[tokio::test]
    async fn other_bytes_than_the_report_lists_are_not_taken() {
        for given in [&b"0123456780"[..], b"01234567890"] {
            let error = taken(b"0123456789", given, 100, 0).await.0.unwrap_err();
            assert!(error.is::<NotVerified>(), "{error}");
        }
    }

    #[tokio::test]
    async fn a_refusal_ends_it() {
        let document = with_attachment("a.csv", b"abc");
        let file = tempfile::tempfile().unwrap();
        let problem = Problem { error: ProblemKind::NotFound, rule: None, message: "not there".to_owned() };
        let mut asked = 0;
        let ask = async |_: u64| {
            asked += 1;
            Err::<Full<Bytes>, _>(Refused { status: 404, problem: problem.clone() }.into())
        };
        let error = take(&document.report().attachments[0], &file, ask, |_| ()).await.unwrap_err();
        assert!(error.is::<Refused>() && asked == 1);
    }
}
