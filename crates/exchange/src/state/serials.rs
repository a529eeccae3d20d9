//! Which serials are on record. Those of old reports are rows, by a salted digest; the newest are held here until they are
//! moved there in the order of their keys, so that a row costs no page of its own. STO-8

use crate::model::store::{Key, Reader, Row, SerialAt, StoreError, one};
use relto_audit::origin::Origin;
use relto_report::{crypto::sha256, digest::Digest};
use std::collections::BTreeSet;

/// Serials that are held before they are moved.
pub(crate) const HELD: usize = 32_768;
/// Places of one serial at most: each link has one of ours.
const PLACES: usize = 4_096;

/// Serials that are not rows yet, and how they are known.
#[derive(Clone, Default, Debug)]
pub(crate) struct Serials {
    /// Made for the store, so that nobody who reads the database alone can try serials.
    salt: Option<[u8; 32]>,
    pub(crate) held: BTreeSet<SerialAt>,
}

impl Serials {
    /// Whether the store has its salt: without one there are no rows.
    pub(crate) const fn is_salted(&self) -> bool {
        self.salt.is_some()
    }

    /// By what a fold knows the salt.
    pub(super) fn salt_digest(&self) -> Option<Digest> {
        self.salt.map(|salt| sha256(&[&salt]))
    }

    /// How a serial is known.
    fn digest(&self, serial: &str) -> [u8; 16] {
        salted(self.salt.as_ref(), first_half(&[serial.as_bytes()]))
    }

    /// A report of this serial is on record there.
    pub(crate) fn hold(&mut self, serial: &str, log: Origin, index: u64) {
        let serial = self.digest(serial);
        self.held.insert(SerialAt { serial, log, index });
    }

    /// The store got its salt: what is held is known by it from now on.
    pub(super) fn take_salt(&mut self, row: &Row) {
        let Row::Bytes(bytes) = row else { return };
        let salt = <[u8; 32]>::try_from(bytes.as_slice()).ok();
        if self.salt.is_none() {
            let known = |at: SerialAt| SerialAt { serial: salted(salt.as_ref(), at.serial), ..at };
            self.held = std::mem::take(&mut self.held).into_iter().map(known).collect();
            self.salt = salt;
        }
    }

    /// Where reports of this serial are on record.
    pub(crate) fn places(&self, rows: &dyn Reader, serial: &str) -> Result<BTreeSet<SerialAt>, StoreError> {
        let (first, last) = all_of(self.digest(serial));
        let mut places: BTreeSet<SerialAt> = self.held.range(first..=last).copied().collect();
        if self.is_salted() {
            places.extend(stored(rows, (first, last), PLACES)?);
        }
        Ok(places)
    }

    /// Those of a page of rows, without those that are rows of serials already, beside those held before.
    pub(super) fn merge(&mut self, rows: &dyn Reader, mut before: BTreeSet<SerialAt>) -> Result<(), StoreError> {
        if self.is_salted() {
            let keys: Vec<Key> = self.held.iter().map(|at| Key::Serial(*at)).collect();
            for (key, row) in keys.iter().zip(rows.get(&keys)?) {
                if let (Key::Serial(at), Some(_)) = (key, row) {
                    self.held.remove(at);
                }
            }
        }
        before.append(&mut self.held);
        self.held = before;
        Ok(())
    }

    /// Whether a report of this serial is on record at this place, as far as these serials and the rows say.
    pub(crate) fn is_known(
        &self,
        rows: &dyn Reader,
        serial: &str,
        log: Origin,
        index: u64,
    ) -> Result<bool, StoreError> {
        let at = SerialAt { serial: self.digest(serial), log, index };
        Ok(self.held.contains(&at) || (self.is_salted() && one(rows, &Key::Serial(at))?.is_some()))
    }

    /// Holds all that are rows too.
    pub(super) fn take_rows(&mut self, rows: &dyn Reader) -> Result<(), StoreError> {
        let (first, last) = (all_of([0; 16]).0, all_of([0xff; 16]).1);
        self.held.extend(stored(rows, (first, last), usize::MAX)?);
        Ok(())
    }

    /// Up to `most` of those held from this digest on, in the order of their keys.
    pub(crate) fn next(&self, from: [u8; 16], most: usize) -> Vec<SerialAt> {
        self.held.range(all_of(from).0..).take(most).copied().collect()
    }
}

/// Places that are rows.
fn stored(
    rows: &dyn Reader,
    (first, last): (SerialAt, SerialAt),
    most: usize,
) -> Result<impl Iterator<Item = SerialAt>, StoreError> {
    let rows = rows.scan(&Key::Serial(first), &Key::Serial(last), most)?;
    Ok(rows.into_iter().filter_map(|(key, _)| if let Key::Serial(at) = key { Some(at) } else { None }))
}

/// The least and the greatest place of a serial.
fn all_of(serial: [u8; 16]) -> (SerialAt, SerialAt) {
    let end = |log: [u8; 32], index| SerialAt { serial, log: Origin::from_bytes(log), index };
    (end([0; 32], 0), end([0xff; 32], u64::MAX))
}

fn first_half(parts: &[&[u8]]) -> [u8; 16] {
    let digest = sha256(parts);
    digest.as_bytes().first_chunk::<16>().copied().unwrap_or_default()
}

fn salted(salt: Option<&[u8; 32]>, serial: [u8; 16]) -> [u8; 16] {
    salt.map_or(serial, |salt| first_half(&[salt, &serial]))
}
