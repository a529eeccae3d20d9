//! The names of a PDF that mean something here (ISO 32000-2), each with what follows from it.
//!
//! A key that is not in [`KEYS`] is not read: it makes no viewer act, whatever its value is, because what its value holds
//! is judged by the same table.

use super::lexer::Short;
use crate::attachment::finding::Sort;

/// What follows from a key of a dictionary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Rule {
    /// It must not be there, for this reason, unless its value is null.
    Refused(Sort),
    /// It must not be there in the dictionary of a stream.
    NotOfStream,
    /// Its value is an action, or the attributes of a part of the text.
    Action,
    /// Its value is a page to show first.
    Open,
    /// Its value says of what kind the dictionary is: a name that stands here and nowhere else.
    Kind,
    /// Its value is a link.
    Link,
    /// Its value is a stream of XMP.
    Metadata,
    /// Its value is an array of annotations.
    Annotations,
    /// It says how the file is kept, or of what kind the dictionary is; it must not be there twice.
    Once,
}

use Rule::{Action, Annotations, Kind, Link, Metadata, NotOfStream, Once, Open, Refused};
use Sort::{Active, Hidden};

/// Every key that is read.
const KEYS: [(&str, Rule); 62] = [
    // Scripts, actions and files
    ("AA", Refused(Active)),
    ("JS", Refused(Active)),
    ("JavaScript", Refused(Active)),
    ("XFA", Refused(Active)),
    ("EmbeddedFiles", Refused(Active)),
    ("EF", Refused(Active)),
    ("AF", Refused(Active)),
    ("Collection", Refused(Active)),
    ("RichMediaContent", Refused(Active)),
    ("RichMediaSettings", Refused(Active)),
    ("Renditions", Refused(Active)),
    ("AlternatePresentations", Refused(Active)),
    ("Movie", Refused(Active)),
    ("Sound", Refused(Active)),
    ("3DD", Refused(Active)),
    ("3DA", Refused(Active)),
    ("3DV", Refused(Active)),
    ("OPI", Refused(Active)),
    // What no reader sees
    ("Encrypt", Refused(Hidden)),
    ("PieceInfo", Refused(Hidden)),
    ("Templates", Refused(Hidden)),
    ("Alternates", Refused(Hidden)),
    // Parts of other files in place of a stream
    ("F", NotOfStream),
    ("FFilter", NotOfStream),
    ("FDecodeParms", NotOfStream),
    ("Ref", NotOfStream),
    ("Subtype2", NotOfStream),
    ("PS", NotOfStream),
    ("A", Action),
    ("PA", Action),
    ("NA", Action),
    // Of an item of the outline, the item behind it.
    ("Next", Action),
    ("OpenAction", Open),
    ("URI", Link),
    ("S", Kind),
    ("Type", Kind),
    ("Subtype", Kind),
    ("N", Kind),
    ("O", Once),
    ("Rect", Once),
    ("Length", Once),
    ("Filter", Once),
    ("DecodeParms", Once),
    ("Predictor", Once),
    ("Colors", Once),
    ("BitsPerComponent", Once),
    ("Columns", Once),
    ("First", Once),
    ("Extends", Once),
    ("W", Once),
    ("Index", Once),
    ("Size", Once),
    ("Prev", Once),
    ("XRefStm", Once),
    ("Root", Once),
    ("Info", Once),
    ("Names", Once),
    ("Title", Once),
    ("Contents", Once),
    ("RC", Once),
    ("Annots", Annotations),
    ("Metadata", Metadata),
];

/// The place of a key in the table, below 64, and what follows from it.
pub(super) fn of_key(key: &Short) -> Option<(u32, Rule)> {
    (0..).zip(KEYS).find(|(_, (name, _))| key.is(name)).map(|(n, (_, rule))| (n, rule))
}

/// The bit of a key in a set of seen ones. A key that is not in the table has none.
pub(super) const fn bit_of(wanted: &str) -> u64 {
    let mut n = 0;
    while n < KEYS.len() {
        #[allow(clippy::indexing_slicing, reason = "below the length, and evaluated when the program is built")]
        if same(KEYS[n].0.as_bytes(), wanted.as_bytes()) {
            return 1 << n;
        }
        n += 1;
    }
    0
}

const fn same(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([first, rest @ ..], [wanted, after @ ..]) = (one, other) {
        if *first != *wanted {
            return false;
        }
        (one, other) = (rest, after);
    }
    one.is_empty() && other.is_empty()
}

/// Keys whose value is an action where its dictionary has one.
pub(super) const ACTION_KEYS: [&str; 5] = ["A", "PA", "NA", "Next", "OpenAction"];
/// Actions that show a page of this document or a link.
pub(super) const ACTIONS: [&str; 3] = ["GoTo", "URI", "Named"];
/// What a named action may do.
pub(super) const NAMED: [&str; 4] = ["NextPage", "PrevPage", "FirstPage", "LastPage"];
/// Every other action that the standard or a wide-spread viewer knows.
pub(super) const FORBIDDEN_ACTIONS: [&str; 20] = [
    "GoToR",
    "GoToE",
    "GoToDp",
    "Launch",
    "Thread",
    "Sound",
    "Movie",
    "Hide",
    "SubmitForm",
    "ResetForm",
    "ImportData",
    "JavaScript",
    "SetOCGState",
    "Rendition",
    "Trans",
    "GoTo3DView",
    "RichMediaExecute",
    "SetState",
    "NOP",
    "NoOp",
];
/// Annotations that are text, marks and links on a page.
pub(super) const ANNOTATIONS: [&str; 12] = [
    "Link",
    "Text",
    "FreeText",
    "Highlight",
    "Underline",
    "StrikeOut",
    "Square",
    "Circle",
    "Line",
    "Ink",
    "Stamp",
    "Popup",
];
/// Every other annotation of the standard, and streams that are a program or a scene.
pub(super) const FORBIDDEN_SUBTYPES: [&str; 20] = [
    "FileAttachment",
    "Sound",
    "Movie",
    "Screen",
    "Widget",
    "RichMedia",
    "3D",
    "U3D",
    "PRC",
    "PS",
    "PrinterMark",
    "TrapNet",
    "Watermark",
    "Redact",
    "Projection",
    "Polygon",
    "PolyLine",
    "Caret",
    "Squiggly",
    "Text3D",
];
/// Dictionaries that are a file, a script or what is played.
pub(super) const FORBIDDEN_TYPES: [&str; 16] = [
    "EmbeddedFile",
    "Filespec",
    "FileSpec",
    "F",
    "Template",
    "3D",
    "3DView",
    "3DRef",
    "Rendition",
    "MediaClip",
    "MediaPlayers",
    "MediaPlayerInfo",
    "RichMediaContent",
    "RichMediaSettings",
    "RichMediaActivation",
    "JavaScript",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_stands_once_in_the_table_and_has_a_bit() {
        let mut bits = 0_u64;
        for (name, _) in KEYS {
            assert!(bit_of(name) != 0 && bits & bit_of(name) == 0, "{name}");
            bits |= bit_of(name);
        }
        assert_eq!(bit_of("NoSuchKey"), 0);
    }
}
