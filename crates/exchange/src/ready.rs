//! What takes time in proportion to a report's size, done before its turn: decoding, hashing, the rules of the grammar,
//! and encryption for the disk. The inputs of a turn carry it, so that a turn cannot be asked without.

pub mod fetch;
pub mod held;
pub mod parts;

use crate::{
    model::{
        body::Body,
        link::Link,
        parts::Parts,
        store::{Reader, StoreError},
    },
    ready::{
        held::{HeldTo, Originals, hold},
        parts::{HashedPayload, Shelf, row_of},
    },
    wire::frame::CHUNK,
};
use relto_audit::commitment::{SALT, SALT_BYTES, commit, plaintext_digest};
use relto_audit::origin::Origin;
use relto_policy::{
    content::{ContentFindings, ToLook, to_look},
    national::NationalRules,
};
use relto_report::{
    assessment::{Document, Report},
    crypto::sha256,
    digest::Digest,
    fault::Faults,
    file::SERIAL_PREFIXES,
    home::Home,
    inspection::{Looks, Seen},
    nation::Nation,
    note::Note,
    signed::Authored,
    unseen::RULE,
    wellformed::{self, AtHome, Ground},
};
use std::{collections::BTreeMap, sync::Arc};

/// 32 fresh bytes, and the salts and keys that follow from them.
#[derive(Clone, Copy)]
pub struct Seed(pub [u8; 32]);

impl Seed {
    /// Another seed, for the `n`-th of several things that one was drawn for.
    pub(crate) fn nth(&self, n: u64) -> Self {
        Self(*sha256(&[&self.0, &n.to_le_bytes()]).as_bytes())
    }

    /// The key of a part of a long plaintext.
    #[must_use]
    pub fn part(&self) -> [u8; 32] {
        self.key(b"part")
    }

    fn key(&self, use_of: &[u8]) -> [u8; 32] {
        *sha256(&[&self.0, use_of]).as_bytes()
    }
}

/// A report of our own, ready for S2 to S4.
#[derive(Clone)]
pub struct Prepared {
    /// Salt, then plaintext; where the attachments stand in parts, what comes before these.
    pub(crate) payload: Body,
    /// Bytes of the whole payload.
    pub(crate) length: u64,
    /// The home file; of no bytes where there is none.
    pub(crate) home: Body,
    /// The rule of the report grammar without a decision code of its own that it breaks.
    pub(crate) fault: Option<&'static str>,
    /// Owners of its concealed foreign sources, by number.
    pub(crate) owners: BTreeMap<u32, Nation>,
    /// What an officer must look at, whatever the national rules.
    pub(crate) look: Vec<ToLook>,
    /// What was found in its content, where the national rules have it looked at; within, `None` while that goes on.
    pub(crate) content: Option<Option<Arc<ContentFindings>>>,
    /// What was seen of each attachment; `None` while they are looked at. POL-24
    pub(crate) seen: Option<Vec<Seen>>,
    /// Where it is a translation: what it was held against.
    pub(crate) held_to: Option<HeldTo>,
}

impl Prepared {
    /// Makes a signed report ready.
    #[must_use]
    pub fn new(authored: &Authored, link: &Link, seed: Seed) -> Self {
        let home = authored.home.clone().unwrap_or_default();
        let read = read_home(link, &home);
        let inspector = link.national.as_deref().and_then(NationalRules::inspector);
        let payload = [&seed.key(b"salt")[..], authored.document.plaintext()].concat();
        let document = &authored.document;
        let seen = seen(link, document);
        let looked = || seen.as_ref().map_or(Ok(()), |seen| wellformed::attachments(document.report(), seen));
        Self {
            payload: Body::new(payload, seed.key(b"payload")),
            length: document.length().saturating_add(SALT_BYTES),
            owners: owners(read.as_ref().ok().and_then(Option::as_ref)),
            fault: read.and_then(|home| well_formed(link, document, Some(home.as_ref()))).and_then(|()| looked()).err(),
            home: Body::new(home, seed.key(b"home")),
            look: to_look(document, &link.words),
            content: inspector.map(|inspector| inspector.findings(document)),
            seen,
            held_to: None,
        }
    }

    /// Holds it to its original, where it is a translation.
    ///
    /// # Errors
    /// The store's.
    pub fn held_to(
        mut self,
        reader: &dyn Reader,
        link: &Link,
        own: &Report,
        originals: &dyn Originals,
    ) -> Result<Self, StoreError> {
        self.held_to = hold(reader, (link, link.own), own, originals)?;
        Ok(self)
    }

    pub(crate) fn salt(&self) -> [u8; SALT] {
        self.payload.plain().first_chunk().copied().unwrap_or_default()
    }
}

/// A payload of the partner, ready for R2 to R5.
pub struct ReceivedPayload {
    /// As its row is to have it.
    pub(crate) payload: Body,
    /// Digest and length in bytes of the plaintext.
    plaintext: (Digest, u64),
    /// `None` where it does not decode, or breaks a rule of the grammar that has no code of its own. RPT-7
    pub(crate) document: Option<Document>,
    /// What was seen of its attachments.
    pub(crate) seen: Vec<Seen>,
    /// Where it is no report but a note.
    pub(crate) note: Option<Note>,
    /// Where it is a translation: what it was held against.
    pub(crate) held_to: Option<HeldTo>,
}

/// A payload of the partner, as far as it can be made ready now.
pub(crate) enum Made {
    Ready(Box<ReceivedPayload>),
    /// Its attachments are to be looked at first.
    Looking(Vec<u8>, Box<Document>),
}

impl ReceivedPayload {
    /// Makes the bytes of a whole payload ready. Attachments are looked at only of what `opens` its commitment, so that
    /// nothing else costs an inspector. What cannot be inspected is MALFORMED. RPT-7, FLW-28
    pub(crate) fn make(
        payload: Vec<u8>,
        link: &Link,
        key: [u8; 32],
        opens: impl FnOnce(&[u8], &Digest) -> bool,
    ) -> Made {
        let (document, plaintext) = decoded(&payload, link);
        // Rules that need no look come first.
        let attached = document.as_ref().is_some_and(|document| !document.report().attachments.is_empty());
        let looks = attached && opens(&payload, &plaintext);
        match document {
            Some(document) if looks => {
                let Some(seen) = seen(link, &document) else { return Made::Looking(payload, Box::new(document)) };
                let right = seen.iter().all(Result::is_ok) && wellformed::attachments(document.report(), &seen).is_ok();
                let theirs = Self::of(payload, key, (Some(document).filter(|_| right), plaintext));
                Made::Ready(Box::new(Self { seen, ..theirs }))
            }
            document => Made::Ready(Box::new(Self::of(payload, key, (document, plaintext)))),
        }
    }

    /// The same of a long payload whose pieces were hashed where they stand.
    fn make_in_parts(
        found: &HashedPayload,
        link: &Link,
        key: [u8; 32],
        (shelf, parts): (&dyn Shelf, Parts),
        opens: bool,
    ) -> Made {
        let document = found.document(shelf, parts).ok().filter(|document| well_formed(link, document, None).is_ok());
        let seen = match document.as_ref().filter(|_| opens).map(|document| (seen(link, document), document)) {
            Some((None, document)) => return Made::Looking(Vec::new(), Box::new(document.clone())),
            Some((Some(seen), _)) => seen,
            None => Vec::new(),
        };
        let right = |document: &Document| {
            seen.iter().all(Result::is_ok) && wellformed::attachments(document.report(), &seen).is_ok()
        };
        let document = document.filter(|document| !opens || right(document));
        Made::Ready(Box::new(Self::in_parts(found, key, document, seen)))
    }

    /// The same without a look at attachments.
    fn new(payload: Vec<u8>, link: &Link, key: [u8; 32]) -> Self {
        let decoded = decoded(&payload, link);
        Self::of(payload, key, decoded)
    }

    fn of(payload: Vec<u8>, key: [u8; 32], (document, plaintext): (Option<Document>, Digest)) -> Self {
        // Neither is ever the other: a report begins with the length of what follows, a note with its format.
        let note = Note::decode(payload.get(SALT..).unwrap_or_default()).ok();
        let length = u64::try_from(payload.len().saturating_sub(SALT)).unwrap_or(u64::MAX);
        let (payload, plaintext) = (Body::new(payload, key), (plaintext, length));
        Self { payload, plaintext, document, seen: Vec::new(), note, held_to: None }
    }

    /// A long one, in parts that are all there.
    fn in_parts(found: &HashedPayload, key: [u8; 32], document: Option<Document>, seen: Vec<Seen>) -> Self {
        let payload = Body::new(row_of(found), key);
        Self { payload, plaintext: (found.plaintext, found.length), document, seen, note: None, held_to: None }
    }

    /// Whether its attachments stay where they are, in pieces.
    pub(crate) fn is_in_parts(&self) -> bool {
        self.document.as_ref().is_some_and(Document::is_apart)
    }

    /// Holds it to its original, where it is a translation.
    fn held_to(mut self, reader: &dyn Reader, link: &Link, originals: &dyn Originals) -> Result<Self, StoreError> {
        if let Some(document) = &self.document {
            self.held_to = hold(reader, (link, link.partner), document.report(), originals)?;
        }
        Ok(self)
    }

    /// Whether it is to be held to another report, which takes a reader.
    fn is_translation(&self) -> bool {
        self.document.as_ref().is_some_and(|document| document.report().translation_of.is_some())
    }

    /// Whether it is what the leaf commits to. LOG-3
    pub(crate) fn opens(&self, origin: Origin, index: u64, commitment: &Digest) -> bool {
        let (digest, length) = &self.plaintext;
        let Some(salt) = self.payload.plain().first_chunk::<SALT>() else { return false };
        commit(origin, index, salt, *length, digest) == *commitment
    }
}

/// The report in a payload of the partner, where it decodes and breaks no rule of the grammar, and the plaintext's digest.
fn decoded(payload: &[u8], link: &Link) -> (Option<Document>, Digest) {
    let plaintext = payload.get(SALT..).unwrap_or_default();
    let document = Document::decode(plaintext.to_vec()).ok();
    let digest = document.as_ref().map_or_else(|| plaintext_digest(plaintext), Document::digest);
    (document.filter(|document| well_formed(link, document, None).is_ok()), digest)
}

/// A piece of a payload as it came, ready for R1.
pub enum Content {
    /// The first piece, which is not a full one, is the whole payload.
    Whole(Box<ReceivedPayload>),
    /// One of several.
    Part(Body),
}

impl Content {
    /// Makes a piece ready.
    #[must_use]
    pub fn new(offset: u64, bytes: Vec<u8>, link: &Link, seed: Seed) -> Self {
        let key = seed.key(b"piece");
        if offset == 0 && bytes.len() < CHUNK {
            // Whether it opens its commitment is seen in its turn, and what is to be looked at, or held to another report,
            // waits in the spool.
            match ReceivedPayload::make(bytes, link, key, |_, _| true) {
                Made::Ready(theirs) if theirs.is_translation() => Self::Part(theirs.payload),
                Made::Ready(theirs) => Self::Whole(theirs),
                Made::Looking(bytes, _) => Self::Part(Body::new(bytes, key)),
            }
        } else {
            Self::Part(Body::new(bytes, key))
        }
    }

    /// What goes into the spool.
    pub(crate) fn body(&self) -> &Body {
        match self {
            Self::Whole(theirs) => &theirs.payload,
            Self::Part(body) => body,
        }
    }
}

/// What was seen of a report's attachments, where they were looked at.
fn seen(link: &Link, document: &Document) -> Option<Vec<Seen>> {
    let looks = Looks::none(document).unwrap_or_else(|| link.attachments.looks(document));
    looks.of(document).map(<[Seen]>::to_vec)
}

/// Rules of the report grammar that have no decision code of their own; a fault of one is MALFORMED. `home` is what
/// stays at home of a report of ours, and `None` for the partner's: it asks for what the author's nation alone has.
fn well_formed(link: &Link, document: &Document, home: Option<Option<&Home>>) -> Result<(), &'static str> {
    let (from, to) = if home.is_some() { (link.own, link.partner) } else { (link.partner, link.own) };
    let serials = || link.national.as_deref().map_or_else(|| SERIAL_PREFIXES.to_vec(), NationalRules::source_serials);
    let ground = Ground {
        register: link.registers.get(&from).ok_or("no marking register of the originator is loaded")?,
        vocabulary: &link.vocabulary,
        words: &link.words,
        recipient: Some(to),
        home: home.map(|file| AtHome { file, serial_prefixes: serials() }),
    };
    wellformed::check(document, &ground)?;
    let report = document.report();
    let agreed = link.agreement.duties.exercise.iter().map(|one| one.real_world_word.as_str());
    let mut words = link.registers.values().map(|one| one.real_world.as_str()).chain(agreed);
    // What is real goes over the live link, whatever is being played. API-31
    let real = report.traffic != "live" && words.any(|word| !word.is_empty() && report.says(word));
    if real { Err("R026") } else { Ok(()) }
}

/// The home file of a report of ours, where there is one. One that does not read is refused: nobody could judge by it.
fn read_home(link: &Link, home: &[u8]) -> Result<Option<Home>, &'static str> {
    if home.is_empty() {
        return Ok(None);
    }
    let register = link.registers.get(&link.own).ok_or("no marking register of the originator is loaded")?;
    // What people read of it hides nothing. RPT-8
    let hides = |faults: &Faults| std::str::from_utf8(home).is_ok() && faults.list.iter().any(|one| one.rule == RULE);
    let number = |faults: Faults| if hides(&faults) { RULE } else { "R080" };
    Home::read("home file", home, register).map(Some).map_err(number)
}

/// Who owns the concealed foreign sources, from the home file.
fn owners(home: Option<&Home>) -> BTreeMap<u32, Nation> {
    let sources = home.map(|home| home.sources.as_slice()).unwrap_or_default();
    sources.iter().filter_map(|source| Some((source.n, source.owner?))).collect()
}
