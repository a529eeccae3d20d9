//! The tables of a JPEG: of codes (DHT) and of steps (DQT), each for something.

use super::{
    super::finding::Finding,
    huffman::Table,
    reader::{Reader, Slot},
    segment::{Segment, odd},
};

/// DHT: one table or more, each of 16 counts and as many values.
pub(super) fn huffman_tables(reader: &mut Reader<'_>, segment: &Segment) -> Result<(), Finding> {
    let (mut rest, at) = (segment.data.as_slice(), segment.at);
    let wrong = || odd("a segment DHT of another form", at);
    if rest.is_empty() {
        return Err(wrong());
    }
    while let Some((place, more)) = rest.split_first() {
        let slot = match place {
            0..=3 => usize::from(*place),
            0x10..=0x13 => usize::from(*place & 3).saturating_add(4),
            _ => return Err(wrong()),
        };
        let (table, size) = Table::read(more).ok_or_else(wrong)?;
        rest = more.get(size..).unwrap_or_default();
        let slot = reader.codes.get_mut(slot).ok_or_else(wrong)?;
        define_codes(slot, at, table)?;
    }
    Ok(())
}

/// DQT: one table or more, each of 64 steps that are not zero. A component's steps are taken when its first scan comes,
/// so that a second table in the same place is for no component or for one that has begun: no decoder needs it.
pub(super) fn step_tables(reader: &mut Reader<'_>, segment: &Segment) -> Result<(), Finding> {
    let (mut rest, at) = (segment.data.as_slice(), segment.at);
    let wrong = || odd("a segment DQT of another form", at);
    if rest.is_empty() {
        return Err(wrong());
    }
    while let Some((place, more)) = rest.split_first() {
        let width = match place >> 4 {
            0 => 1,
            1 => 2,
            _ => return Err(wrong()),
        };
        let (table, more) = more.split_at_checked(width * 64).ok_or_else(wrong)?;
        if table.chunks_exact(width).any(|step| step.iter().all(|byte| *byte == 0)) {
            return Err(wrong());
        }
        rest = more;
        let slot = reader.steps.get_mut(usize::from(place & 15)).ok_or_else(wrong)?;
        match slot {
            Some(before) if before.used => {
                return Err(odd("a table of steps for a component that has begun", at));
            }
            Some(before) => return Err(odd("a table that no scan uses", before.at)),
            None => *slot = Some(Slot { at, used: false, again: false, table: () }),
        }
    }
    Ok(())
}

/// Puts a table of codes in its place, where no table stands that was for nothing.
fn define_codes(slot: &mut Option<Slot<Table>>, at: u64, table: Table) -> Result<(), Finding> {
    match slot {
        Some(before) if !before.used => return Err(odd("a table that no scan uses", before.at)),
        // The same once more says nothing new.
        Some(before) if before.table == table => before.used = false,
        Some(before) => {
            needed(before)?;
            *before = Slot { at, used: false, again: true, table };
        }
        None => *slot = Some(Slot { at, used: false, again: false, table }),
    }
    Ok(())
}

/// Whether each code of a table that replaced another stands in a scan. Programs that write tables anew make them for
/// what follows; else every scan could have a table with some 200 bytes of codes that nothing needs. The first table of a
/// place may have more, as the common ones of ISO 10918-1, Annex K do.
pub(super) fn needed(slot: &Slot<Table>) -> Result<(), Finding> {
    if slot.again && !slot.table.is_used_up() {
        return Err(odd("a later table with codes that no scan uses", slot.at));
    }
    Ok(())
}
