//! The frame of a JPEG: size, components, and how far each has been coded.

use super::{
    super::finding::Finding,
    segment::{Segment, odd, too_large},
};

/// Blocks of 64 samples of all components whose coefficients are kept track of: 24 MiB.
pub(super) const MAX_BLOCKS: u64 = 3 * 1024 * 1024;
/// Bits that a block takes at least: a difference of nothing, and in one scan the end of the block.
const BITS_OF_BLOCK: u64 = 1;
/// Coefficients of a block.
pub(super) const SIZE: u8 = 64;

/// What a picture may claim.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of the file.
    pub(super) length: u64,
    /// Blocks of a progressive picture.
    pub(super) blocks: u64,
}

/// One picture.
pub(super) struct Frame {
    pub(super) progressive: bool,
    /// Bits of a difference of DC at most, and of a coefficient of AC.
    pub(super) most_bits: (u8, u8),
    /// Units of which each has every component.
    pub(super) units: u64,
    pub(super) components: Vec<Component>,
}

/// One component.
pub(super) struct Component {
    pub(super) id: u8,
    /// Which table of steps.
    pub(super) steps: usize,
    /// Blocks in a unit of several components.
    pub(super) in_unit: u64,
    /// Blocks in a scan of its own.
    pub(super) alone: u64,
    /// For each coefficient: the lowest bit that has been coded, if one was.
    pub(super) coded: [Option<u8>; SIZE as usize],
    /// For each block: the coefficients that are not zero; only in a progressive picture, and only once needed.
    pub(super) not_zero: Vec<u64>,
}

impl Frame {
    /// The frame of a segment SOF0, SOF1 or SOF2.
    pub(super) fn read(segment: &Segment, limits: Limits) -> Result<Self, Finding> {
        let wrong = || odd("a segment SOF of another form", segment.at);
        let ([bits, a, b, c, d, count], list) = segment.data.split_first_chunk::<6>().ok_or_else(wrong)?;
        let (height, width) = (u64::from(u16::from_be_bytes([*a, *b])), u64::from(u16::from_be_bytes([*c, *d])));
        let precise = *bits == 12 && segment.marker != 0xc0;
        if !(*bits == 8 || precise) || !(1..=4).contains(count) || list.len() != usize::from(*count) * 3 {
            return Err(wrong());
        }
        if height == 0 || width == 0 {
            return Err(odd("a picture without width or height", segment.at));
        }
        let rows: Vec<(u8, u64, u64, usize)> = list
            .chunks_exact(3)
            .filter_map(|row| match row {
                [id, sides, steps @ 0..=3] => {
                    Some((*id, u64::from(sides >> 4), u64::from(sides & 15), usize::from(*steps)))
                }
                _ => None,
            })
            .collect();
        let sides = |side: &u64| (1..=4).contains(side);
        let right = rows.len() == usize::from(*count) && rows.iter().all(|(_, h, v, _)| sides(h) && sides(v));
        let twice = rows.iter().enumerate().any(|(n, row)| rows.iter().take(n).any(|other| other.0 == row.0));
        if !right || twice {
            return Err(wrong());
        }
        let widest = rows.iter().map(|row| row.1).max().unwrap_or(1);
        let highest = rows.iter().map(|row| row.2).max().unwrap_or(1);
        let component = |(id, h, v, steps): (u8, u64, u64, usize)| {
            let side = |all: u64, own: u64, most: u64| (all.saturating_mul(own)).div_ceil(most).div_ceil(8);
            let alone = side(width, h, widest).saturating_mul(side(height, v, highest));
            let (coded, in_unit) = ([None; SIZE as usize], h.saturating_mul(v));
            Component { id, steps, in_unit, alone, coded, not_zero: Vec::new() }
        };
        let components: Vec<Component> = rows.into_iter().map(component).collect();
        let blocks = components.iter().map(|one| one.alone).fold(0, u64::saturating_add);
        let progressive = segment.marker == 0xc2;
        if blocks.saturating_mul(BITS_OF_BLOCK) > limits.length.saturating_mul(8) {
            return Err(too_large(&format!("a picture of {width} x {height} in so small a file"), segment.at));
        }
        if progressive && blocks > limits.blocks {
            return Err(too_large(&format!("a progressive picture of {width} x {height}"), segment.at));
        }
        let units = width.div_ceil(widest.saturating_mul(8)).saturating_mul(height.div_ceil(highest.saturating_mul(8)));
        Ok(Self { progressive, most_bits: if precise { (15, 14) } else { (11, 10) }, units, components })
    }

    /// Whether every component has been coded.
    pub(super) fn is_whole(&self) -> bool {
        let last = if self.progressive { 0 } else { usize::from(SIZE) - 1 };
        self.components.iter().all(|one| one.coded.get(last).is_some_and(Option::is_some))
    }
}

impl Component {
    /// Notes that coefficients are coded from one bit down to another; whether that bit was due.
    pub(super) fn code(&mut self, from: u8, to: u8, high: u8, low: u8) -> bool {
        // Coefficients but the first come after it.
        let begun = from == 0 || self.coded.first().is_some_and(Option::is_some);
        let due = |before: &Option<u8>| match before {
            None => high == 0 && low <= 13,
            Some(bit) => high == *bit && high.checked_sub(1) == Some(low),
        };
        let places = self.coded.get_mut(usize::from(from)..=usize::from(to)).unwrap_or_default();
        let right = begun && !places.is_empty() && places.iter().all(due);
        places.fill(Some(low));
        right
    }
}
