//! Exif in images: the one entry that a picture needs, its orientation; and names of people and tools.

use super::inspected::Inspected;

/// Entries of one directory that are read.
const MAX_ENTRIES: usize = 256;
const ORIENTATION: u16 = 0x0112;
const SUB_DIRECTORY: u16 = 0x8769;
const POSITION: u16 = 0x8825;
/// Entries that name people or tools.
const NAMES: [(u16, &str); 11] = [
    (0x010f, "Exif Make"),
    (0x0110, "Exif Model"),
    (0x0131, "Exif Software"),
    (0x013b, "Exif Artist"),
    (0x013c, "Exif HostComputer"),
    (0x8298, "Exif Copyright"),
    (0x9c9d, "Exif Author"),
    (0xa430, "Exif CameraOwnerName"),
    (0xa431, "Exif BodySerialNumber"),
    (0xa434, "Exif LensModel"),
    (0xa435, "Exif LensSerialNumber"),
];

/// Exif data behind its byte order.
struct Exif<'b> {
    bytes: &'b [u8],
    little: bool,
}

/// Tag, type, count, and where the value or its offset stands.
struct Entry {
    tag: u16,
    kind: u16,
    count: usize,
    at: usize,
}

impl<'b> Exif<'b> {
    fn read(bytes: &'b [u8]) -> Option<Self> {
        let little = match bytes.first_chunk::<4>()? {
            b"II*\0" => true,
            b"MM\0*" => false,
            _ => return None,
        };
        Some(Self { bytes, little })
    }

    fn short(&self, at: usize) -> Option<u16> {
        let bytes = *self.bytes.get(at..)?.first_chunk::<2>()?;
        Some(if self.little { u16::from_le_bytes(bytes) } else { u16::from_be_bytes(bytes) })
    }

    fn long(&self, at: usize) -> Option<usize> {
        let bytes = *self.bytes.get(at..)?.first_chunk::<4>()?;
        let word = if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) };
        usize::try_from(word).ok()
    }

    /// The entries of the directory at an offset, as far as they can be read.
    fn entries(&self, at: usize) -> Vec<Entry> {
        let count = usize::from(self.short(at).unwrap_or_default()).min(MAX_ENTRIES);
        let entry = |n: usize| {
            let at = at.checked_add(2)?.checked_add(n.checked_mul(12)?)?;
            let count = self.long(at.checked_add(4)?)?;
            Some(Entry { tag: self.short(at)?, kind: self.short(at.checked_add(2)?)?, count, at: at.checked_add(8)? })
        };
        (0..count).map_while(entry).collect()
    }

    /// The value of a text, or of a text in UTF-16, which Windows writes as bytes.
    fn text(&self, entry: &Entry) -> Option<String> {
        if !matches!(entry.kind, 1 | 2 | 7) {
            return None;
        }
        let start = if entry.count <= 4 { entry.at } else { self.long(entry.at)? };
        let bytes = self.bytes.get(start..start.checked_add(entry.count)?)?;
        let letters: Vec<u8> = bytes.iter().copied().filter(|byte| *byte != 0).take(1024).collect();
        Some(String::from_utf8_lossy(&letters).into_owned())
    }
}

/// The orientation that Exif data names, 1 to 8; `None` where it names none.
pub(super) fn orientation(bytes: &[u8]) -> Option<u16> {
    let exif = Exif::read(bytes)?;
    let entries = exif.entries(exif.long(4)?);
    let entry = entries.iter().find(|entry| (entry.tag, entry.kind, entry.count) == (ORIENTATION, 3, 1))?;
    exif.short(entry.at).filter(|value| (1..=8).contains(value))
}

/// Exif data, big-endian, whose one entry is the orientation.
pub(super) fn only(orientation: u16) -> [u8; 26] {
    let [high, low] = orientation.to_be_bytes();
    let [tag, number] = ORIENTATION.to_be_bytes();
    #[rustfmt::skip]
    let out = [
        b'M', b'M', 0, 42, 0, 0, 0, 8, // the directory stands at 8
        0, 1, tag, number, 0, 3, 0, 0, 0, 1, high, low, 0, 0, // one entry, one short number
        0, 0, 0, 0, // no other directory
    ];
    out
}

/// Whether Exif data has one entry, the orientation, in the one form that such data can have.
pub(super) fn is_only_orientation(bytes: &[u8]) -> bool {
    let Some(value) = orientation(bytes) else { return false };
    let big = only(value);
    if bytes == big {
        return true;
    }
    let [low, high] = value.to_le_bytes();
    let [number, tag] = ORIENTATION.to_le_bytes();
    let little = [b'I', b'I', 42, 0, 8, 0, 0, 0, 1, 0, number, tag, 3, 0, 1, 0, 0, 0, low, high, 0, 0, 0, 0, 0, 0];
    bytes == little
}

/// Keeps the names that Exif data holds, and that it names a position.
pub(super) fn names(bytes: &[u8], into: &mut Inspected) {
    let Some(exif) = Exif::read(bytes) else { return };
    let mut entries = exif.entries(exif.long(4).unwrap_or(usize::MAX));
    let below = entries.iter().find(|entry| entry.tag == SUB_DIRECTORY).and_then(|entry| exif.long(entry.at));
    if let Some(below) = below {
        entries.extend(exif.entries(below));
    }
    for entry in &entries {
        if entry.tag == POSITION {
            into.name("Exif GPS", "a position");
        }
        if let Some((_, key)) = NAMES.iter().find(|(tag, _)| *tag == entry.tag)
            && let Some(text) = exif.text(entry)
        {
            into.name(key, &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_orientation_of_the_exact_form_passes() {
        for value in 1..=8 {
            let big = only(value);
            assert!(is_only_orientation(&big));
            let mut little = *b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0?\0\0\0\0\0\0\0";
            little[18] = value as u8;
            assert!(is_only_orientation(&little), "{value}");
            assert_eq!(orientation(&little), Some(value));
            assert!(!is_only_orientation(&[&big[..], b"x"].concat()));
            assert!((0..big.len()).all(|at| {
                let mut changed = big;
                changed[at] ^= 0x10;
                !is_only_orientation(&changed)
            }));
        }
        assert!(!is_only_orientation(&only(0)) && !is_only_orientation(&only(9)) && !is_only_orientation(b""));
    }

    #[test]
    fn names_are_told_and_broken_data_tells_none() {
        let artist =
            [b"MM\0*\0\0\0\x08\0\x01\x01\x3b\0\x02\0\0\0\x07\0\0\0\x1a\0\0\0\0".as_slice(), b"J. Doe\0"].concat();
        let mut found = Inspected::default();
        names(&artist, &mut found);
        assert_eq!((found.names[0].key.as_str(), found.names[0].value.as_str()), ("Exif Artist", "J. Doe"));
        for end in 0..artist.len() {
            names(&artist[..end], &mut Inspected::default());
        }
    }
}
