//! Piece by piece, a plaintext is judged as it is whole.

use super::*;
use crate::{assessment::document::tests::report, attachment::bytes::held, domain::hash};

/// A row of numbers that is the same in each run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % below.max(1)
    }
}

fn pushed(bytes: &[u8], numbers: &mut Numbers) -> (Digest, Result<Hashed, Malformed>) {
    let mut hashing = Hashing::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let most = if numbers.next(3) == 0 { 4 } else { rest.len() + 1 };
        let (piece, behind) = rest.split_at(numbers.next(most).min(rest.len()));
        hashing.push(piece);
        rest = behind;
    }
    assert_eq!(hashing.pushed(), bytes.len() as u64);
    hashing.finish()
}

fn is_judged_alike(bytes: &[u8], numbers: &mut Numbers) -> Option<Malformed> {
    let (digest, found) = pushed(bytes, numbers);
    assert_eq!(digest, hash(Tag::Plaintext, &[bytes]));
    match (found, Document::decode(bytes.to_vec())) {
        (Ok(found), Ok(document)) => {
            assert_eq!((found.digest(), found.length(), found.head()), (digest, document.length(), document.head()));
            let behind = held(bytes[document.head().len()..].to_vec());
            let apart = found.apart(behind.clone());
            assert!(apart == document && apart.is_apart() && found.report() == document.report());
            assert!(Document::stored(found.head().to_vec(), digest, behind).is_ok());
            None
        }
        (found, document) => {
            let fault = found.err();
            assert_eq!(fault, document.err());
            fault
        }
    }
}

#[test]
fn rpt_3_whatever_the_pieces_a_plaintext_is_judged_as_it_is_whole() {
    const fn is_send<T: Send>() {}
    is_send::<Hashing>();
    let mut numbers = Numbers(2026);
    let long = vec![7; 70_000];
    let cases: [&[&[u8]]; 5] = [&[], &[b""], &[b"a,b\n", b"", b"cde"], &[b"", b"", &long], &[&long, b"x", b""]];
    let mut faults = Vec::new();
    for attached in cases {
        let good = Document::lay_out(&report(attached), attached);
        assert_eq!(is_judged_alike(&good, &mut numbers), None);
        for round in 0..150 {
            let mut bytes = good.clone();
            match round % 5 {
                0 => bytes.truncate(numbers.next(bytes.len())),
                1 => bytes.extend((0..=numbers.next(3)).map(|_| 0)),
                2 => bytes.truncate(bytes.len() - 1 - numbers.next(4)),
                3 => {
                    let at = numbers.next(bytes.len());
                    bytes[at] ^= 1 << numbers.next(8);
                }
                _ => {
                    let at = numbers.next(bytes.len().min(600));
                    bytes[at] = bytes[at].wrapping_add(1);
                }
            }
            faults.extend(is_judged_alike(&bytes, &mut numbers));
        }
    }
    for fault in [
        Malformed::Undecodable,
        Malformed::Trailing,
        Malformed::NotUtf8,
        Malformed::OutOfBounds("attachment length"),
        Malformed::OutOfBounds("attachment sha256"),
        Malformed::OutOfBounds("format"),
    ] {
        assert!(faults.contains(&fault), "{fault:?}");
    }
}

#[test]
fn a_report_that_is_too_long_is_not_kept() {
    let mut numbers = Numbers(7);
    let most = MAX_REPORT as u64;
    for (length, behind) in [(most + 1, most + 1), (most + 1, most), (most, most), (most, most - 1), (u64::MAX, 900)] {
        let bytes = [&length.to_le_bytes()[..], &vec![0; usize::try_from(behind).unwrap()]].concat();
        let fault = is_judged_alike(&bytes, &mut numbers);
        assert_eq!(fault == Some(Malformed::TooLong), length == most + 1 && behind == length, "{length} {behind}");
        let mut hashing = Hashing::new();
        bytes.chunks(4096).for_each(|piece| hashing.push(piece));
        let kept = if let Stage::Head(head) = &hashing.stage { head.len() } else { 0 };
        assert!(kept <= MAX_REPORT + 8);
    }
}
