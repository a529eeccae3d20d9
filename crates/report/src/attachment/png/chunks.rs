//! The exact form of each chunk that a picture may have.

use super::rows::Pass;

/// First column and row, and steps of both, of the seven passes of an interlaced picture.
const ADAM7: [(u32, u32, u32, u32); 7] =
    [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
/// Lengths and positions stay below this.
const LIMIT: u32 = 1 << 31;

/// How the colours of a pixel are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Colour {
    Grey,
    Rgb,
    Palette,
    GreyAlpha,
    RgbAlpha,
}

impl Colour {
    const fn channels(self) -> u64 {
        match self {
            Self::Grey | Self::Palette => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::RgbAlpha => 4,
        }
    }
}

/// The first chunk.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) width: u32,
    pub(super) height: u32,
    depth: u8,
    colour: Colour,
    interlaced: bool,
    /// Colours of the palette.
    palette: usize,
}

impl Head {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let wrong = "a chunk IHDR of another form";
        let Ok([a, b, c, d, e, f, g, h, depth, colour, 0, 0, interlaced @ 0..=1]) = <[u8; 13]>::try_from(bytes) else {
            return Err(wrong);
        };
        let (width, height) = (u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h]));
        let colour = match (colour, depth) {
            (0, 1 | 2 | 4 | 8 | 16) => Colour::Grey,
            (2, 8 | 16) => Colour::Rgb,
            (3, 1 | 2 | 4 | 8) => Colour::Palette,
            (4, 8 | 16) => Colour::GreyAlpha,
            (6, 8 | 16) => Colour::RgbAlpha,
            _ => return Err(wrong),
        };
        if !(1..LIMIT).contains(&width) || !(1..LIMIT).contains(&height) {
            return Err("a picture without width or height");
        }
        Ok(Self { width, height, depth, colour, interlaced: interlaced == 1, palette: 0 })
    }

    pub(super) fn needs_palette(&self) -> bool {
        self.colour == Colour::Palette
    }

    pub(super) fn passes(&self) -> Vec<Pass> {
        let bits = self.colour.channels().saturating_mul(u64::from(self.depth));
        let pass = |width: u32, height: u32| {
            let bytes = u64::from(width).saturating_mul(bits).div_ceil(8);
            // A pass without columns has no rows either, and so no filters.
            Pass { rows: if width == 0 { 0 } else { u64::from(height) }, bytes }
        };
        if !self.interlaced {
            return vec![pass(self.width, self.height)];
        }
        let size = |all: u32, first: u32, step: u32| all.saturating_sub(first).div_ceil(step);
        let passes = ADAM7.iter();
        passes.map(|(x, y, dx, dy)| pass(size(self.width, *x, *dx), size(self.height, *y, *dy))).collect()
    }

    /// Bytes of all rows with their filters.
    pub(super) fn inflated(&self) -> u64 {
        let bytes = |pass: &Pass| pass.rows.saturating_mul(pass.bytes.saturating_add(1));
        self.passes().iter().map(bytes).fold(0, u64::saturating_add)
    }

    /// Checks a chunk, of which the first bytes are given, and its whole length.
    pub(super) fn check(&mut self, kind: &[u8; 4], bytes: &[u8], length: u64) -> Result<(), &'static str> {
        let wrong = Err("of another form");
        if u64::try_from(bytes.len()) != Ok(length) {
            return wrong;
        }
        let right = match (kind, bytes) {
            (b"IEND", []) => true,
            (b"PLTE", _) => return self.palette(bytes),
            (b"tRNS", _) => self.transparent(bytes),
            (b"cHRM", _) if bytes.len() == 32 => bytes.chunks_exact(4).all(|word| word.first() < Some(&0x80)),
            (b"gAMA", [first @ 0..0x80, ..]) => bytes.len() == 4 && (*first, bytes) != (0, &[0; 4][..]),
            (b"sRGB", [intent]) => *intent < 4,
            (b"sBIT", _) => self.significant(bytes),
            (b"cICP", [_, _, matrix, range]) => (*matrix, *range < 2) == (0, true),
            (b"mDCV", _) => bytes.len() == 24,
            (b"cLLI", _) => bytes.len() == 8,
            (b"bKGD", [index]) if self.needs_palette() => usize::from(*index) < self.palette,
            (b"bKGD", _) => !self.needs_palette() && self.samples(bytes),
            (b"hIST", _) => self.needs_palette() && self.palette > 0 && bytes.len() == self.palette.saturating_mul(2),
            (b"pHYs", [.., unit]) => bytes.len() == 9 && *unit < 2,
            (b"tIME", [_, _, 1..=12, 1..=31, 0..=23, 0..=59, 0..=60]) => true,
            _ => false,
        };
        if right { Ok(()) } else { wrong }
    }

    fn palette(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        if !self.needs_palette() {
            return Err("that the picture does not use");
        }
        self.palette = bytes.len() / 3;
        let most = 1_usize << self.depth.min(8);
        let right = bytes.len().is_multiple_of(3) && (1..=most).contains(&self.palette);
        if right { Ok(()) } else { Err("of another form") }
    }

    fn transparent(&self, bytes: &[u8]) -> bool {
        match self.colour {
            Colour::Palette => (1..=self.palette).contains(&bytes.len()),
            Colour::Grey | Colour::Rgb => self.samples(bytes),
            Colour::GreyAlpha | Colour::RgbAlpha => false,
        }
    }

    /// One colour, two bytes a sample, none above what the depth has.
    fn samples(&self, bytes: &[u8]) -> bool {
        let count = if matches!(self.colour, Colour::Grey | Colour::GreyAlpha) { 1 } else { 3 };
        let most = u16::MAX >> 16_u32.saturating_sub(u32::from(self.depth));
        let fits = |pair: &[u8]| matches!(pair, [a, b] if u16::from_be_bytes([*a, *b]) <= most);
        bytes.len() == count * 2 && bytes.chunks_exact(2).all(fits)
    }

    fn significant(&self, bytes: &[u8]) -> bool {
        let (count, most) = if self.needs_palette() { (3, 8) } else { (self.colour.channels(), self.depth) };
        u64::try_from(bytes.len()) == Ok(count) && bytes.iter().all(|bits| (1..=most).contains(bits))
    }
}

/// A profile's name, the zero behind it and the method zero: 1 to 79 characters of Latin-1, no blank at an end and no
/// two together.
pub(super) fn is_profile_name(head: &[u8]) -> bool {
    let Some((name, b"\0\0")) = head.len().checked_sub(2).and_then(|at| head.split_at_checked(at)) else {
        return false;
    };
    let printable = name.iter().all(|byte| matches!(byte, 32..=126 | 161..=255));
    let blanks = name.first() == Some(&b' ') || name.last() == Some(&b' ') || name.windows(2).any(|two| two == b"  ");
    (1..=79).contains(&name.len()) && printable && !blanks
}

const TABLE: [u32; 256] = table();

#[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "0 to 255, when the program is built")]
const fn table() -> [u32; 256] {
    let mut out = [0; 256];
    let mut n = 0;
    while n < 256 {
        let mut word = n as u32;
        let mut bit = 0;
        while bit < 8 {
            word = if word & 1 == 1 { 0xedb8_8320 ^ (word >> 1) } else { word >> 1 };
            bit += 1;
        }
        out[n] = word;
        n += 1;
    }
    out
}

/// The CRC-32 so far, before it is inverted at the end.
pub(super) fn crc(before: u32, bytes: &[u8]) -> u32 {
    bytes.iter().fold(before, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        TABLE.get(usize::from(low ^ byte)).copied().unwrap_or_default() ^ (crc >> 8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_standard() {
        assert_eq!(!crc(u32::MAX, b"123456789"), 0xcbf4_3926);
        assert_eq!(!crc(u32::MAX, b"IEND"), 0xae42_6082);
    }

    #[test]
    fn names_of_profiles() {
        for (name, right) in [
            (&b"ICC Profile\0\0"[..], true),
            (b"\0\0", false),
            (b" x\0\0", false),
            (b"a  b\0\0", false),
            (b"x\0\x01", false),
            (b"x\n\0\0", false),
            (b"x", false),
        ] {
            assert_eq!(is_profile_name(name), right, "{name:?}");
        }
    }
}
