//! Every domain tag of the program: no digest and no signature made for one use can pass for another. RPT-6
//!
//! A tagged digest is SHA-256 over the tag's length (one byte), the tag, and the parts. Each part but the last has
//! a fixed length, so that no two part lists give the same bytes. A signed message is one zero byte, the tag's
//! length, the tag and the body; the zero byte keeps it apart from checkpoints, which are text.

use crate::{crypto::Sha256, digest::Digest};

macro_rules! tags {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// One use of a digest or of a signature.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Tag { $($(#[$doc])* $name,)* }

        impl Tag {
            /// All tags, for the test that no two are alike.
            pub const ALL: &[Tag] = &[$(Tag::$name,)*];

            /// The tag's text.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Tag::$name => $text,)* }
            }
        }
    };
}

tags! {
    /// Signature of a signer over an agreement's file.
    Agreement = "relto/1/agreement";
    /// Salted commitment to the national journal's head, in an Anchor leaf.
    Anchor = "relto/1/anchor";
    /// Signature of a foreign disclosure officer over an approval.
    Approval = "relto/1/approval";
    /// Signature of an author over a submission.
    Author = "relto/1/author";
    /// Signature of a signer over a change of an agreement's state.
    Change = "relto/1/change";
    /// Signature of an operator or auditor over what a node's clock says.
    Clock = "relto/1/clock";
    /// Salted commitment to the private detail of a Released leaf.
    Detail = "relto/1/detail";
    /// Signature of a seal key over a session's HELLO.
    Hello = "relto/1/hello";
    /// Digest of a home file.
    Home = "relto/1/home";
    /// Salted commitment to a payload, before it is bound to a place in a log.
    Inner = "relto/1/inner";
    /// Commitment that stands in a leaf.
    Leaf = "relto/1/leaf";
    /// Signature of disclosure officers over a file of national rules.
    NationalRules = "relto/1/national-rules";
    /// Name of a log: agreement id, owner, epoch.
    Origin = "relto/1/origin";
    /// Digest of a payload's plaintext.
    Plaintext = "relto/1/plaintext";
    /// Digest of the plan of a recovery, and signature of an operator or auditor over a statement that names it.
    Recovery = "relto/1/recovery";
    /// Associated data of a row that is encrypted at rest.
    Row = "relto/1/row";
}

/// The tagged digest of the parts; all but the last must be of fixed length.
#[must_use]
pub fn hash(tag: Tag, parts: &[&[u8]]) -> Digest {
    let mut begun = begin(tag);
    parts.iter().for_each(|part| begun.update(part));
    begun.finish()
}

/// A tagged digest of which the parts are still to come: what it is given piece by piece, the last part may be.
#[must_use]
pub fn begin(tag: Tag) -> Sha256 {
    let text = tag.text().as_bytes();
    let mut out = Sha256::new();
    out.update(&[u8::try_from(text.len()).unwrap_or(u8::MAX)]);
    out.update(text);
    out
}

/// The bytes that a key signs for this use.
#[must_use]
pub fn message(tag: Tag, body: &[u8]) -> Vec<u8> {
    let text = tag.text().as_bytes();
    let mut out = Vec::with_capacity(body.len() + text.len() + 2);
    out.push(0);
    out.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(text);
    out.extend_from_slice(body);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rpt_6_tags_are_distinct_and_short() {
        for (at, one) in Tag::ALL.iter().enumerate() {
            assert!(one.text().len() < 64);
            assert!(Tag::ALL.iter().skip(at + 1).all(|other| other.text() != one.text()), "{one:?}");
        }
    }

    #[test]
    fn one_use_never_passes_for_another() {
        assert_ne!(hash(Tag::Inner, &[b"x"]), hash(Tag::Leaf, &[b"x"]));
        let mut begun = begin(Tag::Inner);
        [&b"x"[..], b"", b"yz"].into_iter().for_each(|piece| begun.update(piece));
        assert_eq!(begun.finish(), hash(Tag::Inner, &[b"xyz"]));
        assert_eq!(message(Tag::Hello, b"x"), b"\x00\x0drelto/1/hellox");
    }
}
