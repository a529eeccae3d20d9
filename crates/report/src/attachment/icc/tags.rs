//! The tags that a colour profile may have, and of what form and length each is.

/// What a tag says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    /// Words, a few numbers, a date: [`MAX_SMALL`] bytes at most.
    Small,
    /// A name in many languages: [`MAX_NAMES`] bytes at most.
    Names,
    /// A curve, as long as its count says.
    Curve,
    /// What a screen is driven by, as long as its counts say.
    Calibration,
    /// A table of colours, as long as its head says.
    Table,
}
use Kind::{Calibration, Curve, Names, Small, Table};

/// Bytes of a text or of a few numbers.
const MAX_SMALL: usize = 1024;
/// Bytes of a profile's name, which systems write in forty languages.
const MAX_NAMES: usize = 2048;
/// Bytes of all tags that are neither curves nor tables.
pub(super) const MAX_TOGETHER: usize = 8 * 1024;
/// Bytes of a curve of 4096 numbers.
const MAX_CURVE: usize = 12 + 2 * 4096;
/// Bytes of a calibration of three curves of 256 numbers.
const MAX_CALIBRATION: usize = 18 + 3 * 2 * 256;

/// The public tags of ICC.1 of versions 2 and 4, without those that hold PostScript programs (`psd0` to `psd3`, `ps2s`,
/// `ps2i`, `crdi`), settings of devices (`devs`) or tables of many processing elements (`D2B0` to `D2B3`, `B2D0` to `B2D3`),
/// which pictures do not have; and behind them those that every picture of a Mac's screen has.
const TAGS: [(&[u8; 4], Kind); 56] = [
    (b"A2B0", Table),
    (b"A2B1", Table),
    (b"A2B2", Table),
    (b"B2A0", Table),
    (b"B2A1", Table),
    (b"B2A2", Table),
    (b"gamt", Table),
    (b"pre0", Table),
    (b"pre1", Table),
    (b"pre2", Table),
    (b"rTRC", Curve),
    (b"gTRC", Curve),
    (b"bTRC", Curve),
    (b"kTRC", Curve),
    (b"rXYZ", Small),
    (b"gXYZ", Small),
    (b"bXYZ", Small),
    (b"wtpt", Small),
    (b"bkpt", Small),
    (b"lumi", Small),
    (b"chad", Small),
    (b"chrm", Small),
    (b"cicp", Small),
    (b"meas", Small),
    (b"view", Small),
    (b"tech", Small),
    (b"ciis", Small),
    (b"calt", Small),
    (b"rig0", Small),
    (b"rig2", Small),
    (b"desc", Names),
    (b"cprt", Small),
    (b"dmnd", Small),
    (b"dmdd", Small),
    (b"vued", Small),
    (b"targ", Small),
    (b"meta", Small),
    (b"pseq", Small),
    (b"psid", Small),
    (b"scrd", Small),
    (b"scrn", Small),
    (b"bfd ", Small),
    (b"resp", Small),
    (b"clro", Small),
    (b"clrt", Small),
    (b"clot", Small),
    (b"ncol", Small),
    (b"ncl2", Small),
    // Of Apple: curves of a screen, its calibration, how it was made, its name in many languages.
    (b"aarg", Curve),
    (b"aagg", Curve),
    (b"aabg", Curve),
    (b"vcgt", Calibration),
    (b"vcgp", Small),
    (b"mmod", Small),
    (b"ndin", Small),
    (b"dscm", Names),
];

/// One tag of a profile: its name, where its bytes begin, and these.
pub(super) struct Tag<'p> {
    pub(super) name: [u8; 4],
    pub(super) at: usize,
    pub(super) bytes: &'p [u8],
}

impl Tag<'_> {
    /// How many bytes of words and numbers it adds to a profile, if it may stand there.
    ///
    /// # Errors
    /// What is wrong, with its name and place, in words that end "a colour profile ...".
    pub(super) fn check(&self) -> Result<usize, String> {
        let (name, at, size) = (String::from_utf8_lossy(&self.name), self.at, self.bytes.len());
        let Some((_, kind)) = TAGS.iter().find(|(known, _)| **known == self.name) else {
            return Err(format!("a colour profile with a tag {name} at its byte {at}, which is none of the known"));
        };
        let (most, length) = match kind {
            Small => (MAX_SMALL, None),
            Names => (MAX_NAMES, None),
            Curve => (MAX_CURVE, Some(curve(self.bytes))),
            Calibration => (MAX_CALIBRATION, Some(calibration(self.bytes))),
            Table => (usize::MAX, Some(table(self.bytes))),
        };
        if size > most {
            return Err(format!("a colour profile with {size} bytes in its tag {name} at its byte {at}"));
        }
        match length {
            None => Ok(size),
            // Some programs count the zeros behind it in.
            Some(Some(length)) if is_filled(self.bytes, length) => Ok(0),
            Some(_) => Err(format!("a colour profile with a tag {name} of another form at its byte {at}")),
        }
    }
}

/// Whether nothing but up to three zeros stands behind so many bytes.
fn is_filled(bytes: &[u8], length: usize) -> bool {
    bytes.get(length..).is_some_and(|rest| rest.len() < 4 && rest.iter().all(|byte| *byte == 0))
}

fn short(bytes: &[u8], at: usize) -> Option<usize> {
    bytes.get(at..)?.first_chunk::<2>().map(|two| usize::from(u16::from_be_bytes(*two)))
}

fn product(factors: &[usize]) -> Option<usize> {
    factors.iter().try_fold(1_usize, |all, one| all.checked_mul(*one))
}

/// How long a curve is by its head.
fn curve(bytes: &[u8]) -> Option<usize> {
    match bytes.first_chunk::<4>()? {
        b"curv" => {
            let count = u32::from_be_bytes(*bytes.get(8..)?.first_chunk::<4>()?);
            usize::try_from(count).ok()?.checked_mul(2)?.checked_add(12)
        }
        b"para" => Some(12 + 4 * [1, 3, 4, 5, 7].get(short(bytes, 8)?)?),
        _ => None,
    }
}

/// How long a calibration is by its head.
fn calibration(bytes: &[u8]) -> Option<usize> {
    if !bytes.starts_with(b"vcgt") {
        return None;
    }
    match bytes.get(8..12)? {
        [0, 0, 0, 0] => product(&[short(bytes, 12)?, short(bytes, 14)?, short(bytes, 16)?])?.checked_add(18),
        [0, 0, 0, 1] => Some(48),
        _ => None,
    }
}

/// How long a table of colours is by its head.
fn table(bytes: &[u8]) -> Option<usize> {
    let (kind, [inputs, outputs, points]) = (bytes.first_chunk::<4>()?, bytes.get(8..)?.first_chunk::<3>()?);
    let (inputs, outputs) = (usize::from(*inputs), usize::from(*outputs));
    let colours = || usize::from(*points).checked_pow(u32::try_from(inputs).ok()?)?.checked_mul(outputs);
    match kind {
        b"mft1" => {
            let curves = product(&[256, inputs.checked_add(outputs)?])?;
            curves.checked_add(colours()?)?.checked_add(48)
        }
        b"mft2" => {
            let before = product(&[short(bytes, 48)?, inputs])?;
            let behind = product(&[short(bytes, 50)?, outputs])?;
            before.checked_add(colours()?)?.checked_add(behind)?.checked_mul(2)?.checked_add(52)
        }
        b"mAB " => parts(bytes, inputs, outputs),
        b"mBA " => parts(bytes, outputs, inputs),
        _ => None,
    }
}

/// The end of a table in parts: curves of the connection space, a matrix, curves, points of colours, curves of the device.
/// A part begins where the head says, and nothing but up to three zeros stands between two.
fn parts(bytes: &[u8], device: usize, space: usize) -> Option<usize> {
    let mut places = Vec::new();
    for (row, part) in bytes.get(12..32)?.chunks_exact(4).zip(0_u8..) {
        let at = usize::try_from(u32::from_be_bytes(*row.first_chunk()?)).ok()?;
        if at == 0 {
            continue;
        }
        let rest = bytes.get(at..)?;
        let size = match part {
            0 | 2 => curves(rest, space)?,
            1 => 48,
            3 => points(rest, bytes)?,
            _ => curves(rest, device)?,
        };
        places.push((at, at.checked_add(size)?));
    }
    places.sort_unstable();
    places.dedup();
    let mut end = 32;
    for (from, to) in places {
        if !is_filled(bytes.get(..from)?, end) {
            return None;
        }
        end = to;
    }
    Some(end)
}

/// How long so many curves are, each but the last filled up to a multiple of four.
fn curves(bytes: &[u8], count: usize) -> Option<usize> {
    let mut end = 0_usize;
    for _ in 0..count {
        let start = end.checked_next_multiple_of(4)?;
        let rest = bytes.get(start..)?;
        if !is_filled(bytes.get(..start)?, end) {
            return None;
        }
        end = start.checked_add(curve(rest)?)?;
    }
    Some(end)
}

/// How long the points of colours are: how many there are in each direction, of how many bytes, and they.
fn points(bytes: &[u8], table: &[u8]) -> Option<usize> {
    let ([inputs, outputs], head) = (table.get(8..)?.first_chunk::<2>()?, bytes.first_chunk::<20>()?);
    let (grid, rest) = head.split_first_chunk::<16>()?;
    let (width, zeros) = rest.split_first()?;
    let (used, unused) = grid.split_at_checked(usize::from(*inputs))?;
    if !matches!(width, 1 | 2) || zeros.iter().chain(unused).any(|byte| *byte != 0) {
        return None;
    }
    let colours = used.iter().try_fold(1_usize, |all, one| all.checked_mul(usize::from(*one)))?;
    product(&[colours, usize::from(*outputs), usize::from(*width)])?.checked_add(20)
}
