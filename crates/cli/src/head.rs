//! A plaintext whose attachments came apart from it: its head, which is the length and the report, and what makes a whole
//! document of it again.

use relto_report::{
    assessment::{Document, Hashing, MAX_PAYLOAD, Report},
    attachment::bytes::{Apart, Bytes, Joined, Unread, each_piece},
    codec::Malformed,
    digest::Digest,
};
use std::sync::Arc;

/// A report without the bytes of the attachments that it lists.
#[derive(Clone)]
pub struct Head {
    report: Report,
    bytes: Vec<u8>,
}

/// What came as a plaintext.
pub enum Came {
    /// All of it, decoded.
    Whole(Box<Document>),
    /// Its head; each attachment is asked for alone.
    Head(Box<Head>),
}

/// Why a head and files make no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotWhole {
    /// A file is not given to its end.
    #[error("an attachment cannot be read to its end")]
    Unread,
    /// The files are not those that the report lists.
    #[error("{0}")]
    Malformed(#[from] Malformed),
}

impl Came {
    /// Decodes what came, strictly.
    ///
    /// # Errors
    /// [`Malformed`] naming what differs.
    pub fn read(plaintext: Vec<u8>) -> Result<Self, Malformed> {
        match Head::read(&plaintext) {
            Some(report) => Ok(Self::Head(Box::new(Head { report, bytes: plaintext }))),
            None => Document::decode(plaintext).map(|document| Self::Whole(Box::new(document))),
        }
    }

    /// The report.
    #[must_use]
    pub const fn report(&self) -> &Report {
        match self {
            Self::Whole(document) => document.report(),
            Self::Head(head) => head.report(),
        }
    }
}

impl Head {
    /// The report of a plaintext that ends with it, although it lists attachments that have bytes.
    fn read(plaintext: &[u8]) -> Option<Report> {
        Document::decode_head_alone(plaintext).filter(|report| report.attachment_bytes() <= MAX_PAYLOAD)
    }

    /// The report.
    #[must_use]
    pub const fn report(&self) -> &Report {
        &self.report
    }

    /// The document with the bytes of its attachments, in listed order. All of them are read: its digest is computed here.
    ///
    /// # Errors
    /// [`NotWhole`].
    pub fn with(&self, files: Vec<Apart>) -> Result<Document, NotWhole> {
        let lengths = self.report.attachments.iter().map(|one| one.length);
        let joined = Joined::of(files.into_iter().zip(lengths));
        let mut hashing = Hashing::new();
        hashing.push(&self.bytes);
        each_piece(&joined, joined.length(), |piece| hashing.push(piece)).map_err(|Unread| NotWhole::Unread)?;
        Ok(hashing.finish().1?.apart(Arc::new(joined)))
    }

    /// The document without its attachments, which nobody can read, and with a digest that somebody else computed: for
    /// comparing with another, never for signing.
    ///
    /// # Errors
    /// [`Malformed`].
    pub fn listed(&self, digest: Digest) -> Result<Document, Malformed> {
        Document::stored(self.bytes.clone(), digest, Arc::new(NotHere(self.report.attachment_bytes())))
    }
}

/// Bytes that are not at hand, and how many they are.
struct NotHere(u64);

impl Bytes for NotHere {
    fn length(&self) -> u64 {
        self.0
    }

    fn read_at(&self, _: u64, _: &mut [u8]) -> Result<(), Unread> {
        Err(Unread)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use relto_report::{
        attachment::bytes::held,
        calendar::Timestamp,
        crypto::sha256,
        file::{Context, parse},
        register::Register,
        vocabulary::Vocabulary,
    };

    /// The example's report, with one attachment of this name and these bytes in place of its own.
    pub(crate) fn with_attachment(name: &str, bytes: &[u8]) -> Document {
        let register = Register::read("r", include_bytes!("../../../examples/markings-XAA.toml")).unwrap();
        let vocabulary = Vocabulary::read("v", include_bytes!("../../../examples/vocabulary.toml")).unwrap();
        let now = Timestamp::parse("2026-11-17T12:00:00Z").unwrap();
        let track = |_: &str| Some(held(include_bytes!("../../../examples/sierra-14-track.csv").to_vec()));
        let home = include_bytes!("../../../examples/report.home.toml");
        let context =
            Context { home: Some(("home", home)), attachment: &track, ..Context::new(&register, &vocabulary, now) };
        let parsed = parse("report.md", include_bytes!("../../../examples/report.md"), &context);
        let parsed = parsed.unwrap_or_else(|faults| panic!("{faults}"));
        let mut report: Report = parsed.document.report().clone();
        let one = &mut report.attachments[0];
        (one.name, one.length, one.sha256) = (name.to_owned(), bytes.length(), sha256(&[bytes]));
        Document::decode(Document::lay_out(&report, &[bytes])).unwrap()
    }

    #[test]
    fn a_head_alone_is_told_from_a_whole_plaintext_and_is_whole_again_with_its_files() {
        let whole = with_attachment("track.csv", b"a,b\n1,2\n");
        assert!(matches!(Came::read(whole.plaintext().to_vec()), Ok(Came::Whole(found)) if *found == whole));
        let Ok(Came::Head(head)) = Came::read(whole.head().to_vec()) else { panic!("no head") };
        assert!(head.report() == whole.report());
        let again = head.with(vec![held(b"a,b\n1,2\n".to_vec())]).unwrap();
        assert_eq!((again.digest(), again.length()), (whole.digest(), whole.length()));
        let changed = head.with(vec![held(b"a,b\n1,3\n".to_vec())]).err();
        assert_eq!(changed, Some(NotWhole::Malformed(Malformed::OutOfBounds("attachment sha256"))));
        assert_eq!(head.with(vec![held(b"a,b".to_vec())]).err(), Some(NotWhole::Unread));
        assert!(matches!(head.with(Vec::new()), Err(NotWhole::Malformed(_))), "none of its files");
        let listed = head.listed(whole.digest()).unwrap();
        assert_eq!(listed.attached(0).unwrap().read(100), Err(Unread));
        assert!(Came::read(whole.head()[1..].to_vec()).is_err());
        assert!(Came::read(whole.plaintext()[..whole.plaintext().len() - 1].to_vec()).is_err(), "cut");
    }
}
