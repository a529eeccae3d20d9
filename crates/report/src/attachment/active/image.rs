//! Images: the parts that a viewer shows, and nothing else.

use super::Active;

/// Chunks of PNG (third edition) that make the picture. What is left out carries text or metadata: `tEXt`, `zTXt`,
/// `iTXt`, `eXIf`, and whatever a program made up.
const PNG_CHUNKS: [&[u8; 4]; 20] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"mDCV",
    b"cLLI", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
];
const PNG_SIGNATURE: usize = 8;

/// Whether a PNG has chunks beside the picture's, or bytes after its end.
pub(super) fn png(bytes: &[u8]) -> Option<Active> {
    let mut at = PNG_SIGNATURE;
    loop {
        let broken = Some(Active::Opaque("a broken chunk", at));
        let Some(head) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else { return broken };
        let [a, b, c, d, kind @ ..] = *head;
        let Ok(length) = usize::try_from(u32::from_be_bytes([a, b, c, d])) else { return broken };
        // length, kind, data, CRC
        let Some(next) = at.checked_add(12).and_then(|next| next.checked_add(length)) else { return broken };
        if next > bytes.len() {
            return broken;
        }
        if kind == *b"IEND" {
            return (next != bytes.len()).then_some(Active::Trailing(next));
        }
        if !PNG_CHUNKS.contains(&&kind) {
            let name: String =
                kind.iter().map(|byte| if byte.is_ascii_alphabetic() { char::from(*byte) } else { '?' }).collect();
            return Some(Active::Hidden(format!("a chunk {name}"), at));
        }
        at = next;
    }
}

/// Whether a JPEG has segments beside the picture's, or bytes after its end.
pub(super) fn jpeg(bytes: &[u8]) -> Option<Active> {
    let mut at = 2;
    loop {
        let broken = Some(Active::Opaque("a broken segment", at));
        let Some([0xff, marker]) = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>()).copied() else {
            return broken;
        };
        match marker {
            // Fill bytes, and markers without a length.
            0xff => at = at.saturating_add(1),
            0x01 | 0xd0..=0xd7 => at = at.saturating_add(2),
            0xd9 => {
                let end = at.saturating_add(2);
                return (end != bytes.len()).then_some(Active::Trailing(end));
            }
            0xd8 | 0x00 => return broken,
            _ => {
                let body = at.saturating_add(4);
                let length = bytes.get(at.saturating_add(2)..).and_then(|rest| rest.first_chunk::<2>());
                let length = length.map(|length| usize::from(u16::from_be_bytes(*length)));
                let Some(length) = length.filter(|length| *length >= 2) else { return broken };
                let Some(next) = at.checked_add(2).and_then(|next| next.checked_add(length)) else { return broken };
                let Some(data) = bytes.get(body..next) else { return broken };
                if let Some(what) = hidden(marker, data) {
                    return Some(Active::Hidden(what, at));
                }
                at = if marker == 0xda { scan_end(bytes, next) } else { next };
            }
        }
    }
}

/// Application segments but JFIF's, the colour profile's and the colour transform's, and comments.
fn hidden(marker: u8, data: &[u8]) -> Option<String> {
    let shown = match marker {
        0xe0 => data.starts_with(b"JFIF\0"),
        0xe2 => data.starts_with(b"ICC_PROFILE\0"),
        0xee => data.starts_with(b"Adobe"),
        0xe1 | 0xe3..=0xed | 0xef | 0xfe => false,
        _ => true,
    };
    let number = marker.wrapping_sub(0xe0);
    let what = if marker == 0xfe { "a comment".to_owned() } else { format!("an application segment APP{number}") };
    (!shown).then_some(what)
}

/// Where the coded picture of a scan ends: the next marker that is neither a stuffed byte nor a restart.
fn scan_end(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let marker = rest.windows(2).position(|pair| matches!(pair, [0xff, next] if !matches!(next, 0 | 0xd0..=0xd7)));
    marker.map_or(bytes.len(), |at| from.saturating_add(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind, data, &[0; 4]].concat()
    }

    #[test]
    fn a_png_is_its_picture_and_nothing_else() {
        let start = [b"\x89PNG\r\n\x1a\n".to_vec(), chunk(b"IHDR", &[0; 13])].concat();
        let end = [chunk(b"IDAT", b"data"), chunk(b"IEND", b"")].concat();
        let whole = [start.clone(), end.clone()].concat();
        assert_eq!(png(&whole), None);
        assert_eq!(png(&[&whole[..], b"PK"].concat()), Some(Active::Trailing(whole.len())));
        for kind in [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"prVt"] {
            let made = [start.clone(), chunk(kind, b"x"), end.clone()].concat();
            assert!(matches!(png(&made), Some(Active::Hidden(..))), "{kind:?}");
        }
        for cut in [9, whole.len() - 1] {
            assert!(matches!(png(&whole[..cut]), Some(Active::Opaque(..))), "{cut}");
        }
        let long = [start, [0xff; 8].to_vec()].concat();
        assert!(matches!(png(&long), Some(Active::Opaque(..))));
    }

    #[test]
    fn a_jpeg_is_its_picture_and_nothing_else() {
        let segment = |marker: u8, data: &[u8]| {
            [&[0xff, marker][..], &u16::try_from(data.len() + 2).unwrap().to_be_bytes(), data].concat()
        };
        let scan = [segment(0xda, &[0; 6]), vec![1, 0xff, 0, 2, 0xff, 0xd3, 3], vec![0xff, 0xd9]].concat();
        let with = |segments: &[Vec<u8>]| [&[0xff, 0xd8][..], &segments.concat(), &scan].concat();
        let plain = with(&[segment(0xe0, b"JFIF\0.."), segment(0xdb, &[0; 64])]);
        assert_eq!(jpeg(&plain), None);
        assert_eq!(jpeg(&[&plain[..], b"x"].concat()), Some(Active::Trailing(plain.len())));
        for (marker, data) in [(0xe1, &b"Exif\0\0"[..]), (0xfe, b"said"), (0xe2, b"MPF\0"), (0xed, b"Photoshop")] {
            assert!(matches!(jpeg(&with(&[segment(marker, data)])), Some(Active::Hidden(..))), "{marker:x}");
        }
        for cut in [2, 5, plain.len() - 1] {
            assert!(matches!(jpeg(&plain[..cut]), Some(Active::Opaque(..))), "{cut}");
        }
        assert!(matches!(jpeg(&[0xff, 0xd8, 0xff, 0xdb, 0, 1]), Some(Active::Opaque(..))));
    }
}
