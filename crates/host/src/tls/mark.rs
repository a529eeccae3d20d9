//! Which of its issuer's lists a CRL is, and times as certificates and lists have them.

use relto_report::digest::Digest;
use serde::{Deserialize, Serialize};
use std::fmt;
use x509_parser::time::ASN1Time;

/// A time in a certificate or CRL: seconds since 1970, shown in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At(pub i64);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(time) = ASN1Time::from_timestamp(self.0) else { return write!(f, "second {} of 1970", self.0) };
        let time = time.to_datetime();
        let (year, month, day) = time.to_calendar_date();
        let (hour, minute, second) = time.to_hms();
        write!(f, "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", u8::from(month))
    }
}

/// One list by its place in the sequence of its issuer's lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrlMark {
    /// crlNumber, big-endian; RFC 5280 section 5.2.3 allows 20 bytes.
    pub number: [u8; 20],
    /// thisUpdate, seconds since 1970.
    pub this_update: i64,
    /// SHA-256 of the list.
    pub crl: Digest,
}

impl CrlMark {
    /// The number of these big-endian bytes; `None` when there are none or they are over 20 long.
    #[must_use]
    pub fn number(bytes: &[u8]) -> Option<[u8; 20]> {
        let mut number = [0; 20];
        let unused = number.len().checked_sub(bytes.len())?;
        number.get_mut(unused..)?.copy_from_slice(bytes);
        (!bytes.is_empty()).then_some(number)
    }
}

impl fmt::Display for CrlMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = hex::encode(self.number);
        let short = digits.trim_start_matches('0');
        write!(f, "crlNumber 0x{} of {}", if short.is_empty() { "0" } else { short }, At(self.this_update))
    }
}
