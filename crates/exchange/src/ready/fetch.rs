//! What a turn asked to be read for a later one: drafts of ours, and payloads of the partner that stand whole in the spool.
//! Read and made ready on any thread but the writer's.

use crate::{
    model::{
        ids::{Fetch, LinkId},
        limits::LONG,
        link::Link,
        parts::Parts,
        place::{self, AwaitedAt, DraftAt, DraftBodyAt, DraftHomeAt, SpoolAt, SubmissionAt},
        rows::{Awaited, Draft, Submission, SubmissionState},
        store::{Reader, StoreError, SubmissionId},
    },
    ready::{
        Made, Prepared, ReceivedPayload, Seed,
        held::Originals,
        parts::{Ahead, Shelf, document},
    },
    wire::frame::CHUNK,
};
use relto_audit::commitment::opens_as;
use relto_report::{
    assessment::Document,
    codec,
    digest::Digest,
    signed::{AuthorStatement, Authored, MAX_STATEMENT},
};

/// Bytes of a long payload up to which it is hashed ahead from its beginning.
const FROM_ITS_BEGINNING: u64 = 2 * 1024 * 1024;

/// What whoever reads for a turn has at hand.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    /// The store.
    pub reader: &'a dyn Reader,
    /// The links in the order of the configuration.
    pub links: &'a [Link],
    /// Who knows where originals of translations are.
    pub originals: &'a dyn Originals,
    /// Where long payloads stand.
    pub shelf: &'a dyn Shelf,
    /// Fresh randomness.
    pub seed: Seed,
}

/// A held or queued report, ready to enter S2 again.
pub struct Drafted {
    pub(crate) authored: Authored,
    pub(crate) own: Prepared,
    account: String,
    lane: usize,
}

/// A draft as its rows have it.
struct Kept {
    submission: Submission,
    authored: Authored,
}

impl Kept {
    /// Reads the draft of a submission; `None` where there is none now.
    fn read(desk: &Desk<'_>, id: SubmissionId) -> Result<Option<Self>, StoreError> {
        // Reads of several rows are no snapshot: one that was released meanwhile is no draft any more.
        let (Some(submission), Some(draft), Some(payload)) = (
            place::read(desk.reader, SubmissionAt(id))?,
            place::read(desk.reader, DraftAt(id))?,
            place::read(desk.reader, DraftBodyAt(id))?,
        ) else {
            return Ok(None);
        };
        if !matches!(submission.state, SubmissionState::Held(_) | SubmissionState::Queued(_)) {
            return Ok(None);
        }
        let home = place::read(desk.reader, DraftHomeAt(id))?.unwrap_or_default();
        let authored =
            authored(&draft, &payload, home, (id, desk.shelf)).ok_or(StoreError::Fatal("a draft does not decode"))?;
        Ok(Some(Self { submission, authored }))
    }

    fn make(self, desk: &Desk<'_>) -> Result<Option<Box<Drafted>>, StoreError> {
        let Self { submission, authored } = self;
        let link = desk.links.iter().find(|link| link.agreement.id == submission.agreement);
        let Some(link) = link else { return Ok(None) };
        let own = Prepared::new(&authored, link, desk.seed);
        let own = own.held_to(desk.reader, link, authored.document.report(), desk.originals)?;
        let (account, lane) = (submission.account, submission.precedence.lane());
        Ok(Some(Box::new(Drafted { authored, own, account, lane })))
    }
}

/// The author signed the digest of the plaintext, which was looked at when it came.
fn authored(draft: &Draft, payload: &[u8], home: Vec<u8>, (id, shelf): (SubmissionId, &dyn Shelf)) -> Option<Authored> {
    let statement: AuthorStatement = codec::decode::<_, MAX_STATEMENT>(&draft.author).ok()?;
    let document = document(payload, statement.plaintext, Parts::Uploaded(id), shelf).ok()?;
    Authored::from_store_with(document, &home, &draft.author, &draft.signature).ok()
}

impl Drafted {
    /// Reads and makes ready the draft of a submission; `None` where there is none now.
    ///
    /// # Errors
    /// [`StoreError::Fatal`] when the store cannot be read or a row contradicts another.
    pub fn read(desk: &Desk<'_>, id: SubmissionId) -> Result<Option<Box<Self>>, StoreError> {
        Kept::read(desk, id)?.map_or(Ok(None), |draft| draft.make(desk))
    }
}

/// What was asked for, ready.
pub struct Fetched {
    pub(crate) asked: Fetch,
    pub(crate) found: Found,
}

impl Fetched {
    /// The submission whose draft it is.
    pub(crate) const fn submission(&self) -> Option<SubmissionId> {
        match self.asked {
            Fetch::Draft(id) => Some(id),
            Fetch::Spool(..) => None,
        }
    }
}

/// Attachments that are to be looked at before what a turn asked for can be decided on.
pub struct Look {
    /// What it asked for: to be told of when it is done.
    pub asked: Fetch,
    /// The report.
    pub document: Document,
    /// Whose it is; `None`: the partner's.
    pub account: Option<String>,
    /// Whose link; of a payload of the partner.
    pub link: Option<LinkId>,
    /// Its place by precedence, 0 first.
    pub lane: usize,
}

pub(crate) enum Found {
    Nothing,
    /// Attachments of the payload are looked at first.
    Looking,
    Draft(Box<Drafted>),
    Spool(Box<ReceivedPayload>),
}

/// Reads what a turn asked for and makes it ready, on any thread but the writer's; with what is to be looked at before it
/// can be decided on. The input goes to the writer before anybody looks. `None`: it is long, and whoever has no
/// `patience`, because others wait, leaves it to one who has.
///
/// # Errors
/// [`StoreError::Fatal`] when the store cannot be read or contradicts itself.
pub fn fetch(desk: &Desk<'_>, asked: Fetch, patience: bool) -> Result<Option<(Fetched, Option<Look>)>, StoreError> {
    let (found, look) = match asked {
        Fetch::Draft(id) => match Kept::read(desk, id)? {
            None => (Found::Nothing, None),
            Some(draft) if !patience && draft.authored.document.is_apart() => return Ok(None),
            Some(draft) => {
                let Some(drafted) = draft.make(desk)? else {
                    return Ok(Some((Fetched { asked, found: Found::Nothing }, None)));
                };
                let look = || Look {
                    asked,
                    document: drafted.authored.document.clone(),
                    account: Some(drafted.account.clone()),
                    link: None,
                    lane: drafted.lane,
                };
                let look = drafted.own.seen.is_none().then(look);
                (Found::Draft(drafted), look)
            }
        },
        Fetch::Spool(at, index) => match desk.links.get(at.place()) {
            Some(link) => match awaited(desk, link, index)? {
                Some(row) if !patience && row.length > LONG => return Ok(None),
                Some(row) => spool(desk, link, (at, index), row)?,
                None => (Found::Nothing, None),
            },
            None => (Found::Nothing, None),
        },
    };
    Ok(Some((Fetched { asked, found }, look)))
}

/// A leaf of the partner whose payload stands whole in the spool.
fn awaited(desk: &Desk<'_>, link: &Link, index: u64) -> Result<Option<Awaited>, StoreError> {
    let row = place::read(desk.reader, AwaitedAt(link.theirs(), index))?;
    Ok(row.filter(|row| row.spooled == row.length))
}

/// A payload in the spool, made ready or to be looked at.
fn spool(
    desk: &Desk<'_>,
    link: &Link,
    (at, index): (LinkId, u64),
    row: Awaited,
) -> Result<(Found, Option<Look>), StoreError> {
    let origin = link.theirs();
    let key = desk.seed.key(b"payload");
    let made = if row.length > LONG {
        let parts = Parts::Spooled(origin, index);
        let known = desk.shelf.known(parts);
        let found = match known.clone() {
            Some(known) => known,
            None => match ahead(desk, parts, row.tries).finish(desk.reader, parts, row.length)? {
                Some(found) => found,
                None => return Ok((Found::Nothing, None)),
            },
        };
        let opens = found.opens(origin, index, &row.commitment);
        if known.is_none() && opens {
            desk.shelf.keep(parts, found.clone());
        }
        ReceivedPayload::make_in_parts(&found, link, key, (desk.shelf, parts), opens)
    } else {
        let Some(bytes) = pieces(desk.reader, (link, index), row.length)? else { return Ok((Found::Nothing, None)) };
        if row.statement.is_some() {
            return Ok((Found::Spool(Box::new(ReceivedPayload::new(bytes, link, key))), None));
        }
        let opens = |payload: &[u8], digest: &Digest| opens_as(origin, index, &row.commitment, payload, digest);
        ReceivedPayload::make(bytes, link, key, opens)
    };
    Ok(match made {
        Made::Ready(theirs) => (Found::Spool(Box::new(theirs.held_to(desk.reader, link, desk.originals)?)), None),
        Made::Looking(_, document) => {
            let (asked, lane) = (Fetch::Spool(at, index), row.precedence.lane());
            (Found::Looking, Some(Look { asked, document: *document, account: None, link: Some(at), lane }))
        }
    })
}

fn ahead(desk: &Desk<'_>, parts: Parts, tries: u8) -> Ahead {
    desk.shelf.take_ahead(parts, tries).unwrap_or_else(|| Ahead::new(tries))
}

/// Hashes what has come of a long payload of the partner, so that little is left to do when its last piece is there.
///
/// # Errors
/// [`StoreError::Fatal`] when the store cannot be read.
pub fn hash_ahead(desk: &Desk<'_>, at: LinkId, index: u64) -> Result<(), StoreError> {
    let Some(link) = desk.links.get(at.place()) else { return Ok(()) };
    let (row, parts) =
        (place::read(desk.reader, AwaitedAt(link.theirs(), index))?, Parts::Spooled(link.theirs(), index));
    // What is whole is hashed where it is asked for.
    let Some(row) = row.filter(|row| row.owed.is_none() && row.spooled < row.length) else { return Ok(()) };
    let mut ahead = match desk.shelf.take_ahead(parts, row.tries) {
        Some(ahead) => ahead,
        None if row.spooled <= FROM_ITS_BEGINNING => Ahead::new(row.tries),
        // What was forgotten is hashed once, when it is whole: payloads that take turns cost no more than their bytes.
        None => return Ok(()),
    };
    // Withdrawn, or thrown away, between two reads: it is of no use any more.
    if ahead.go_on(desk.reader, parts, row.spooled)? {
        desk.shelf.keep_ahead(parts, ahead);
    }
    Ok(())
}

/// The pieces in the spool, in order; `None` where they are not whole any more.
fn pieces(reader: &dyn Reader, (link, index): (&Link, u64), length: u64) -> Result<Option<Vec<u8>>, StoreError> {
    let mut bytes = Vec::new();
    for offset in (0..length).step_by(CHUNK) {
        // Withdrawn between two reads: the turn that drops the answer knows.
        let Some(piece) = place::read(reader, SpoolAt(link.theirs(), index, offset))? else { return Ok(None) };
        bytes.extend_from_slice(&piece);
    }
    Ok(Some(bytes))
}
