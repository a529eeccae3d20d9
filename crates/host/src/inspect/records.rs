//! The rows beside the logs: what became of each leaf, as the node itself keeps it. They are no evidence; whoever reads
//! them here compares them with the leaves.

#[cfg(doc)]
use super::PAGE;
use super::{Damage, INDEX_BITS, Inspection, index_of, limit};
use relto_audit::origin::Origin;
use relto_exchange::{
    rows::{Awaited, Inbox, Outbox, Submission},
    store::{Key, Row, SubmissionId},
};
use rusqlite::{OptionalExtension as _, params};
use std::collections::BTreeMap;

/// Bytes by which a piece of the spool is longer on the disk: nonce, wrapped key with its tag, tag.
const SEALED: u64 = 12 + 48 + 16;

/// Rows by index; each of them may be damaged alone.
pub(super) type Records<T> = BTreeMap<u64, Result<T, Damage>>;

/// A row's kind, for counts and lists of places.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Reports of ours on their way.
    Outbox,
    /// Leaves of the partner that wait for their payload.
    Awaited,
    /// What became of leaves of the partner.
    Inbox,
    /// Payloads held.
    Payload,
    /// Private details held.
    Detail,
}

impl Kind {
    const fn table(self) -> &'static str {
        match self {
            Self::Outbox => "outbox",
            Self::Awaited => "awaited",
            Self::Inbox => "inbox",
            Self::Payload => "payload",
            Self::Detail => "detail",
        }
    }
}

impl Inspection {
    /// Rows of the outbox for leaves `from` to `to` of our log, [`PAGE`] at most.
    ///
    /// # Errors
    /// [`Damage`] of the database.
    pub(super) fn outbox(&self, log: Origin, from: u64, to: u64) -> Result<Records<Outbox>, Damage> {
        let take = |row| if let Row::Outbox(row) = row { Some(row) } else { None };
        self.records(Kind::Outbox, log, (from, to), &|at| Key::Outbox(log, at), take)
    }

    /// Rows of the inbox for leaves `from` to `to` of the partner's log, [`PAGE`] at most.
    ///
    /// # Errors
    /// As [`Inspection::outbox`].
    pub(super) fn inbox(&self, log: Origin, from: u64, to: u64) -> Result<Records<Inbox>, Damage> {
        let take = |row| if let Row::Inbox(row) = row { Some(row) } else { None };
        self.records(Kind::Inbox, log, (from, to), &|at| Key::Inbox(log, at), take)
    }

    /// Awaited rows for leaves `from` to `to` of the partner's log, [`PAGE`] at most.
    ///
    /// # Errors
    /// As [`Inspection::outbox`].
    pub(super) fn awaited(&self, log: Origin, from: u64, to: u64) -> Result<Records<Awaited>, Damage> {
        let take = |row| if let Row::Awaited(row) = row { Some(row) } else { None };
        self.records(Kind::Awaited, log, (from, to), &|at| Key::Awaited(log, at), take)
    }

    /// The leaf at an index.
    ///
    /// # Errors
    /// As [`Inspection::outbox`].
    pub(super) fn leaf(&self, log: Origin, index: u64) -> Result<Option<Vec<u8>>, Damage> {
        let Some((place, _)) = self.range(log, index, index) else { return Ok(None) };
        let mut statement = self.connection.prepare_cached("SELECT v FROM leaf WHERE k = ?1")?;
        Ok(statement.query_row(params![place], |row| row.get(0)).optional()?)
    }

    /// Up to [`PAGE`] indexes, `from` to `to`, at which a row of this kind stands.
    ///
    /// # Errors
    /// As [`Inspection::outbox`].
    pub(super) fn indexes(&self, kind: Kind, log: Origin, from: u64, to: u64) -> Result<Vec<u64>, Damage> {
        let Some((low, high)) = self.range(log, from, to) else { return Ok(Vec::new()) };
        let text = format!("SELECT k FROM {} WHERE k BETWEEN ?1 AND ?2 ORDER BY k LIMIT ?3", kind.table());
        let mut statement = self.connection.prepare_cached(&text)?;
        let keys = statement.query_map(params![low, high, limit()], |row| row.get::<_, i64>(0))?;
        keys.map(|key| Ok(index_of(key?))).collect()
    }

    /// How many rows of this kind a log has.
    ///
    /// # Errors
    /// As [`Inspection::outbox`].
    pub(super) fn count(&self, kind: Kind, log: Origin) -> Result<u64, Damage> {
        let Some((low, high)) = self.range(log, 0, u64::MAX) else { return Ok(0) };
        let text = format!("SELECT count(*) FROM {} WHERE k BETWEEN ?1 AND ?2", kind.table());
        let found: i64 = self.connection.query_row(&text, params![low, high], |row| row.get(0))?;
        Ok(u64::try_from(found).unwrap_or(0))
    }

    /// Bytes of an awaited payload that lie in the spool without a gap, as their lengths on the disk tell.
    ///
    /// # Errors
    /// As [`Inspection::outbox`].
    pub(super) fn spooled(&self, log: Origin, index: u64) -> Result<u64, Damage> {
        let Some((low, _)) = self.range(log, 0, 0) else { return Ok(0) };
        let number = u16::try_from(low >> INDEX_BITS).unwrap_or(u16::MAX);
        let place = |offset: u64| [&number.to_be_bytes()[..], &index.to_be_bytes(), &offset.to_be_bytes()].concat();
        // Of one that stands outside the database the row has all but the ciphertext and its tag.
        let text = "SELECT k, length(v) + coalesce(length, 0) FROM spool WHERE k BETWEEN ?1 AND ?2 ORDER BY k";
        let mut statement = self.connection.prepare_cached(text)?;
        let mut rows = statement.query(params![place(0), place(u64::MAX)])?;
        let mut end = 0;
        while let Some(row) = rows.next()? {
            let (key, length): (Vec<u8>, i64) = (row.get(0)?, row.get(1)?);
            if key != place(end) {
                break;
            }
            end = end.saturating_add(u64::try_from(length).unwrap_or(0).saturating_sub(SEALED));
        }
        Ok(end)
    }

    /// The first id behind this one of whose upload parts are here.
    ///
    /// # Errors
    /// As [`Inspection::outbox`].
    pub(super) fn next_of_parts(&self, last: Option<SubmissionId>) -> Result<Option<SubmissionId>, Damage> {
        let after = last.map_or_else(Vec::new, |id| [&id[..], &[0xff; 8]].concat());
        let text = "SELECT substr(k, 1, 16) FROM part WHERE k > ?1 ORDER BY k LIMIT 1";
        Ok(self.connection.prepare_cached(text)?.query_row(params![after], |row| row.get(0)).optional()?)
    }

    /// Whether an upload under this id goes on.
    ///
    /// # Errors
    /// As [`Inspection::outbox`].
    pub(super) fn has_upload(&self, id: &SubmissionId) -> Result<bool, Damage> {
        Ok(self.connection.prepare_cached("SELECT 1 FROM upload WHERE k = ?1")?.exists(params![&id[..]])?)
    }

    /// The first leaf of the partner behind this one of whose payload pieces are here.
    ///
    /// # Errors
    /// As [`Inspection::outbox`].
    pub(super) fn next_of_spool(&self, log: Origin, last: Option<u64>) -> Result<Option<u64>, Damage> {
        let Some((low, _)) = self.range(log, 0, 0) else { return Ok(None) };
        let number = u16::try_from(low >> INDEX_BITS).unwrap_or(u16::MAX).to_be_bytes();
        let after = match last {
            Some(last) => [&number[..], &last.to_be_bytes(), &[0xff; 8]].concat(),
            None => number.to_vec(),
        };
        let end = [&number[..], &[0xff; 16]].concat();
        let text = "SELECT k FROM spool WHERE k > ?1 AND k <= ?2 ORDER BY k LIMIT 1";
        let mut statement = self.connection.prepare_cached(text)?;
        let found: Option<Vec<u8>> = statement.query_row(params![after, end], |row| row.get(0)).optional()?;
        let index = |key: Vec<u8>| key.get(2..10).and_then(|at| Some(u64::from_be_bytes(at.try_into().ok()?)));
        found.map(|key| index(key).ok_or(Damage::Undecodable)).transpose()
    }

    /// Up to [`PAGE`] submissions behind this id, in the order of their ids.
    ///
    /// # Errors
    /// As [`Inspection::outbox`].
    #[expect(clippy::type_complexity, reason = "an id and its row, which may be damaged alone")]
    pub(super) fn submissions(
        &self,
        after: SubmissionId,
    ) -> Result<Vec<(SubmissionId, Result<Submission, Damage>)>, Damage> {
        let text = "SELECT k, v FROM submission WHERE k > ?1 ORDER BY k LIMIT ?2";
        let mut statement = self.connection.prepare_cached(text)?;
        let rows = statement.query_map(params![&after[..], limit()], |row| {
            Ok((row.get::<_, SubmissionId>(0)?, row.get::<_, Vec<u8>>(1)?))
        })?;
        rows.map(|row| row.map(|(id, bytes)| (id, self.submitted(&id, bytes))).map_err(Damage::from)).collect()
    }

    /// The submission of this id.
    ///
    /// # Errors
    /// [`Damage`] of the database or of the row.
    pub(super) fn submission(&self, id: &SubmissionId) -> Result<Option<Submission>, Damage> {
        let mut statement = self.connection.prepare_cached("SELECT v FROM submission WHERE k = ?1")?;
        let bytes: Option<Vec<u8>> = statement.query_row(params![&id[..]], |row| row.get(0)).optional()?;
        bytes.map(|bytes| self.submitted(id, bytes)).transpose()
    }

    fn submitted(&self, id: &SubmissionId, bytes: Vec<u8>) -> Result<Submission, Damage> {
        match self.encrypted.to_row(&Key::Submission(*id), bytes) {
            Ok(Row::Submission(row)) => Ok(row),
            Ok(_) => Err(Damage::Kind),
            Err(_) => Err(Damage::Undecodable),
        }
    }

    /// Whether a draft of this submission is held, and its text.
    ///
    /// # Errors
    /// As [`Inspection::outbox`].
    pub(super) fn has_draft(&self, id: &SubmissionId) -> Result<bool, Damage> {
        let mut statement =
            self.connection.prepare_cached("SELECT 1 FROM draft JOIN draft_body USING (k) WHERE k = ?1")?;
        Ok(statement.exists(params![&id[..]])?)
    }

    /// How many drafts are held.
    ///
    /// # Errors
    /// As [`Inspection::outbox`].
    pub(super) fn drafts(&self) -> Result<u64, Damage> {
        let found: i64 = self.connection.query_row("SELECT count(*) FROM draft", [], |row| row.get(0))?;
        Ok(u64::try_from(found).unwrap_or(0))
    }

    fn records<T>(
        &self,
        kind: Kind,
        log: Origin,
        (from, to): (u64, u64),
        key: &dyn Fn(u64) -> Key,
        take: fn(Row) -> Option<T>,
    ) -> Result<Records<T>, Damage> {
        let Some((low, high)) = self.range(log, from, to) else { return Ok(BTreeMap::new()) };
        let text = format!("SELECT k, v FROM {} WHERE k BETWEEN ?1 AND ?2 ORDER BY k LIMIT ?3", kind.table());
        let mut statement = self.connection.prepare_cached(&text)?;
        let rows = statement
            .query_map(params![low, high, limit()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        let read = |at: u64, bytes: Vec<u8>| {
            let row = self.encrypted.to_row(&key(at), bytes).map_err(|_| Damage::Undecodable)?;
            take(row).ok_or(Damage::Kind)
        };
        rows.map(|row| row.map(|(at, bytes)| (index_of(at), read(index_of(at), bytes))).map_err(Damage::from)).collect()
    }
}
