//! A scan, walked by its codes to find where its last block ends; nothing but ones may fill its last byte.

use super::{
    super::{
        finding::{Advice, At, Finding, Sort},
        window::{MAX_RATIO, SMALL},
    },
    frame::{Component, Frame, SIZE},
    huffman::{Bits, Table},
    reader::Reader,
    segment::{Segment, odd, too_large},
};

/// Blocks in a unit of several components at most (ISO 10918-1, B.2.3): decoders refuse more, and blocks of a unit that
/// lie outside the picture are not shown.
const MOST_IN_UNIT: u64 = 10;

/// Visits of blocks in scans that may say much with few bits.
pub(in crate::attachment) fn budget(length: u64) -> u64 {
    length.saturating_mul(MAX_RATIO).max(SMALL / 4)
}

/// What a scan codes.
struct Plan {
    /// Place of the component in the frame, of its table of DC and of its table of AC.
    components: Vec<(usize, usize, usize)>,
    /// First and last coefficient.
    from: u8,
    to: u8,
    /// The bit that was coded before; 0: none.
    high: u8,
}

impl Plan {
    /// Reads the head of a scan and notes in the frame what it codes.
    fn read(segment: &Segment, frame: &mut Frame) -> Result<Self, Finding> {
        let wrong = || odd("a segment SOS of another form", segment.at);
        let (count, rest) = segment.data.split_first().ok_or_else(wrong)?;
        let (list, tail) = rest.split_at_checked(usize::from(*count) * 2).ok_or_else(wrong)?;
        let Ok([from, to, bits]) = <[u8; 3]>::try_from(tail) else { return Err(wrong()) };
        let (high, low) = (bits >> 4, bits & 15);
        let mut components: Vec<(usize, usize, usize)> = Vec::new();
        for row in list.chunks_exact(2) {
            let [id, tables] = row else { return Err(wrong()) };
            let place = frame.components.iter().position(|one| one.id == *id).ok_or_else(wrong)?;
            let (dc, ac) = (usize::from(tables >> 4), usize::from(tables & 15));
            // In the order of the frame, each once.
            if dc > 3 || ac > 3 || components.last().is_some_and(|(before, ..)| *before >= place) {
                return Err(wrong());
            }
            components.push((place, dc, ac.saturating_add(4)));
        }
        let right = match (frame.progressive, from) {
            (false, _) => (from, to, high, low) == (0, SIZE - 1, 0, 0),
            (true, 0) => to == 0,
            (true, _) => from <= to && to < SIZE && components.len() == 1,
        };
        if !right || components.is_empty() || (components.len() > 1 && in_unit(&components, frame) > MOST_IN_UNIT) {
            return Err(wrong());
        }
        for (place, ..) in &components {
            let component = frame.components.get_mut(*place).ok_or_else(wrong)?;
            if !component.code(from, to, high, low) {
                return Err(odd("a scan that is not due", segment.at));
            }
        }
        Ok(Self { components, from, to, high })
    }
}

/// Blocks in a unit of these components.
fn in_unit(components: &[(usize, usize, usize)], frame: &Frame) -> u64 {
    let blocks = |place: usize| frame.components.get(place).map_or(0, |one| one.in_unit);
    components.iter().map(|(place, ..)| blocks(*place)).fold(0, u64::saturating_add)
}

/// What of a scan's blocks is coded in which way.
#[derive(Clone, Copy)]
enum Kind {
    Sequential,
    FirstDc,
    NextDc,
    FirstAc,
    NextAc,
}

pub(super) fn scan(reader: &mut Reader<'_>, segment: &Segment) -> Result<(), Finding> {
    let at = segment.at;
    let Some(mut frame) = reader.frame.take() else { return Err(odd("a scan before its picture", at)) };
    let plan = Plan::read(segment, &mut frame)?;
    let kind = match (frame.progressive, plan.from, plan.high) {
        (false, ..) => Kind::Sequential,
        (true, 0, 0) => Kind::FirstDc,
        (true, 0, _) => Kind::NextDc,
        (true, _, 0) => Kind::FirstAc,
        (true, ..) => Kind::NextAc,
    };
    use_tables(reader, &plan, &frame, kind, at)?;
    stretches(reader, segment, &plan, &mut frame, kind)?;
    reader.frame = Some(frame);
    (reader.scans, reader.restart.fresh, reader.restart.changed) = (true, None, false);
    Ok(())
}

/// Marks the tables of a scan as used; those of steps where the scan is the first of its component, as decoders take
/// them then and never again.
fn use_tables(reader: &mut Reader<'_>, plan: &Plan, frame: &Frame, kind: Kind, at: u64) -> Result<(), Finding> {
    let missing = || odd("a scan without its tables", at);
    for (place, dc, ac) in &plan.components {
        if matches!(kind, Kind::Sequential | Kind::FirstDc) {
            let steps = frame.components.get(*place).map_or(usize::MAX, |one| one.steps);
            reader.steps.get_mut(steps).and_then(Option::as_mut).ok_or_else(missing)?.used = true;
        }
        let needed = match kind {
            Kind::Sequential => [Some(dc), Some(ac)],
            Kind::FirstDc => [Some(dc), None],
            Kind::NextDc => [None, None],
            Kind::FirstAc | Kind::NextAc => [None, Some(ac)],
        };
        for slot in needed.into_iter().flatten() {
            reader.codes.get_mut(*slot).and_then(Option::as_mut).ok_or_else(missing)?.used = true;
        }
    }
    Ok(())
}

/// The stretches of a scan, with a restart marker between two; leaves the marker behind the last one to be read.
fn stretches(
    reader: &mut Reader<'_>,
    segment: &Segment,
    plan: &Plan,
    frame: &mut Frame,
    kind: Kind,
) -> Result<(), Finding> {
    let alone = match plan.components.as_slice() {
        [(place, ..)] => frame.components.get(*place).map(|one| one.alone),
        _ => None,
    };
    let units = alone.unwrap_or(frame.units);
    if let Some(at) = reader.restart.fresh.filter(|_| reader.restart.changed)
        && u64::from(reader.restart.interval) >= units
    {
        return Err(odd("a later segment DRI that restarts nothing", at));
    }
    let interval = if reader.restart.interval == 0 { units } else { u64::from(reader.restart.interval) };
    let (mut done, mut kept, mut number) = (0_u64, segment.at, 0_u8);
    while done < units {
        let count = interval.min(units.saturating_sub(done));
        let mut coder = Coder {
            bits: Bits::new(&mut reader.window),
            plan,
            most_bits: frame.most_bits,
            budget: &mut reader.budget,
            run: 0,
        };
        let mut tables = Vec::with_capacity(plan.components.len());
        for (place, dc, ac) in &plan.components {
            let table = |slot: usize| reader.codes.get(slot).and_then(Option::as_ref).map(|slot| &slot.table);
            let blocks = if alone.is_some() { 1 } else { frame.components.get(*place).map_or(1, |one| one.in_unit) };
            tables.push((table(*dc), table(*ac), blocks));
        }
        match kind {
            Kind::FirstAc | Kind::NextAc => {
                let place = plan.components.first().map_or(usize::MAX, |one| one.0);
                let (Some(component), Some((_, Some(table), _))) = (frame.components.get_mut(place), tables.first())
                else {
                    return Err(odd("a scan without its tables", segment.at));
                };
                coder.spectral(component, table, done, count, matches!(kind, Kind::NextAc))?;
            }
            _ => coder.units(kind, &tables, count)?,
        }
        done = done.saturating_add(count);
        let fill = coder.bits.fill();
        kept = filled(reader, kept, fill);
        kept = marker(reader, kept, (done < units).then_some(number))?;
        number = (number + 1) & 7;
    }
    reader.sink.keep(kept, reader.pending.map_or(kept, |(at, _)| at));
    Ok(())
}

/// Tells of a last byte that is not filled with ones; gives where what is still to be kept begins.
fn filled(reader: &mut Reader<'_>, kept: u64, fill: Option<u8>) -> u64 {
    let Some(byte) = fill else { return kept };
    let end = reader.window.position();
    let last = end.saturating_sub(1);
    let what = "fill bits that are not ones at the end of a scan";
    reader.walked.found(Finding::new(Sort::Odd, what, At::Byte(last), Advice::Clean));
    reader.sink.keep(kept, last);
    reader.sink.put(if byte == 0xff { &[0xff, 0] } else { std::slice::from_ref(&byte) });
    end
}

/// The marker behind a stretch: the restart marker that is due, or what follows the scan.
fn marker(reader: &mut Reader<'_>, kept: u64, due: Option<u8>) -> Result<u64, Finding> {
    let start = reader.window.position();
    let (mut at, mut before) = (start, 0);
    let marker = loop {
        let here = reader.window.position();
        let one = reader.byte()?;
        match (before, one) {
            (0xff, 0) | (0xff, 0xff) => {}
            // A restart marker behind the last stretch restarts nothing.
            (0xff, 0xd0..=0xd7) if due.is_none() => {}
            (0xff, marker) => break marker,
            _ => {}
        }
        (at, before) = (here, one);
    };
    let mut kept = kept;
    if at > start {
        reader.sink.keep(kept, start);
        reader.leave("bytes between the end of a scan and the next marker", start, at);
        kept = at;
    }
    match due {
        None => reader.pending = Some((at, marker)),
        Some(number) if marker == 0xd0 | number => {}
        Some(_) => return Err(odd("a restart marker that is not due", at)),
    }
    Ok(kept)
}

/// Reads the blocks of one stretch.
struct Coder<'c, 'w, 'f> {
    bits: Bits<'w, 'f>,
    plan: &'c Plan,
    most_bits: (u8, u8),
    budget: &'c mut u64,
    /// Blocks still to come without further codes.
    run: u64,
}

impl Coder<'_, '_, '_> {
    fn odd(&self, what: &str) -> Finding {
        odd(what, self.bits.window.position())
    }

    /// Blocks that need no memory of other blocks.
    fn units(
        &mut self,
        kind: Kind,
        tables: &[(Option<&Table>, Option<&Table>, u64)],
        count: u64,
    ) -> Result<(), Finding> {
        for _ in 0..count {
            for (dc, ac, blocks) in tables {
                for _ in 0..*blocks {
                    match (kind, dc, ac) {
                        (Kind::NextDc, ..) => drop(self.bits.bit()?),
                        (Kind::FirstDc, Some(dc), _) => self.first(dc)?,
                        (Kind::Sequential, Some(dc), Some(ac)) => {
                            self.first(dc)?;
                            self.others(ac)?;
                        }
                        _ => return Err(self.odd("a scan without its tables")),
                    }
                }
            }
        }
        Ok(())
    }

    /// The difference of the first coefficient.
    fn first(&mut self, table: &Table) -> Result<(), Finding> {
        let size = self.bits.value(table)?;
        if size > self.most_bits.0 {
            return Err(self.odd("a coefficient that is too large"));
        }
        self.bits.skip(u32::from(size))
    }

    /// The other coefficients of a block in a sequential picture.
    fn others(&mut self, table: &Table) -> Result<(), Finding> {
        let mut place = 1_u8;
        while place < SIZE {
            let value = self.bits.value(table)?;
            let (zeros, size) = (value >> 4, value & 15);
            if size == 0 {
                match zeros {
                    0 => return Ok(()),
                    15 => {}
                    _ => return Err(self.odd("a code without meaning")),
                }
            }
            place = place.saturating_add(zeros);
            if size > self.most_bits.1 || place >= SIZE {
                return Err(self.odd("a coefficient outside its block"));
            }
            self.bits.skip(u32::from(size))?;
            place = place.saturating_add(1);
        }
        Ok(())
    }

    /// Blocks of one component in a progressive picture, all coefficients but the first.
    fn spectral(
        &mut self,
        component: &mut Component,
        table: &Table,
        from: u64,
        count: u64,
        next: bool,
    ) -> Result<(), Finding> {
        if component.not_zero.is_empty() {
            // Each block has taken a bit of the file before: the scan of its first coefficient.
            component.not_zero = vec![0; usize::try_from(component.alone).unwrap_or_default()];
        }
        *self.budget = self.budget.checked_sub(count).ok_or_else(|| too_large("a picture of very many scans", 0))?;
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        for block in component.not_zero.iter_mut().skip(from).take(count) {
            if next { self.refine(table, block)? } else { self.begin(table, block)? }
        }
        // A run that goes on behind its stretch.
        if self.run > 0 { Err(self.odd("a run of blocks that is too long")) } else { Ok(()) }
    }

    /// The end of a run of blocks: how many there are, with this one.
    fn end_of_blocks(&mut self, bits: u8) -> Result<u64, Finding> {
        Ok((1 << bits) + u64::from(self.bits.bits(u32::from(bits))?))
    }

    /// The first scan of some coefficients of a block.
    fn begin(&mut self, table: &Table, block: &mut u64) -> Result<(), Finding> {
        if self.run > 0 {
            self.run = self.run.saturating_sub(1);
            return Ok(());
        }
        let (mut place, to) = (self.plan.from, self.plan.to);
        while place <= to {
            let value = self.bits.value(table)?;
            let (zeros, size) = (value >> 4, value & 15);
            if size == 0 && zeros < 15 {
                self.run = self.end_of_blocks(zeros)?.saturating_sub(1);
                return Ok(());
            }
            place = place.saturating_add(zeros);
            if size > self.most_bits.1 || place > to {
                return Err(self.odd("a coefficient outside its block"));
            }
            self.bits.skip(u32::from(size))?;
            *block |= u64::from(size > 0) << (place & 63);
            place = place.saturating_add(1);
        }
        Ok(())
    }

    /// A further bit of some coefficients of a block.
    fn refine(&mut self, table: &Table, block: &mut u64) -> Result<(), Finding> {
        let (mut place, to) = (self.plan.from, self.plan.to);
        while self.run == 0 && place <= to {
            let value = self.bits.value(table)?;
            let (mut zeros, size) = (value >> 4, value & 15);
            match (zeros, size) {
                (15, 0) => {}
                (_, 0) => {
                    self.run = self.end_of_blocks(zeros)?;
                    break;
                }
                (_, 1) => drop(self.bits.bit()?),
                _ => return Err(self.odd("a coefficient that is too large")),
            }
            loop {
                if place > to {
                    return Err(self.odd("a coefficient outside its block"));
                }
                if *block >> (place & 63) & 1 == 1 {
                    self.bits.bit()?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros = zeros.saturating_sub(1);
                }
                place = place.saturating_add(1);
            }
            *block |= u64::from(size) << (place & 63);
            place = place.saturating_add(1);
        }
        if self.run > 0 {
            if place <= to {
                let band = (u64::MAX >> (63 - (to & 63))) & (u64::MAX << (place & 63));
                self.bits.skip((*block & band).count_ones())?;
            }
            self.run = self.run.saturating_sub(1);
        }
        Ok(())
    }
}
