//! The one place where the program draws randomness; everywhere else random bytes are an argument.
//!
//! TLS draws its own through its provider object, from the same source: the kernel with ring, and with aws-lc-rs a
//! generator of its own that the kernel seeds.

use relto_report::primitives::rand::{SecureRandom as _, SystemRandom};

/// The kernel gave no random bytes. Nothing that needs a salt, a nonce or an id may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the operating system gives no random bytes: see that getrandom(2) is allowed to this service")]
pub struct RandomFault;

/// `N` random bytes fit for keys.
///
/// # Errors
/// [`RandomFault`] when the operating system gives none.
pub fn fill<const N: usize>() -> Result<[u8; N], RandomFault> {
    let mut bytes = [0_u8; N];
    SystemRandom::new().fill(&mut bytes).map_err(|_| RandomFault)?;
    Ok(bytes)
}

/// `N` times `count` random bytes in one draw.
///
/// # Errors
/// [`RandomFault`] when the operating system gives none.
pub fn fill_many<const N: usize>(count: usize) -> Result<Vec<[u8; N]>, RandomFault> {
    let mut many = vec![[0_u8; N]; count];
    SystemRandom::new().fill(many.as_flattened_mut()).map_err(|_| RandomFault)?;
    Ok(many)
}

/// The UUID, version 7, of a time in milliseconds since 1970 and 10 random bytes (RFC 9562 section 5.7).
///
/// Ids of later milliseconds sort later, which keeps the rows that they name together on disk. Six bits of `random`
/// give way to the version and the variant.
#[must_use]
pub const fn uuid_v7(unix_ms: u64, random: [u8; 10]) -> [u8; 16] {
    let [_, _, t0, t1, t2, t3, t4, t5] = unix_ms.to_be_bytes();
    let [a0, a1, b0, b1, b2, b3, b4, b5, b6, b7] = random;
    [t0, t1, t2, t3, t4, t5, 0x70 | (a0 & 0x0f), a1, 0x80 | (b0 & 0x3f), b1, b2, b3, b4, b5, b6, b7]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_differ_from_one_draw_to_the_next() {
        let (one, two) = (fill::<32>().unwrap(), fill::<32>().unwrap());
        assert_ne!(one, two);
        assert_ne!(one, [0; 32]);
        let many = fill_many::<44>(3).unwrap();
        assert_eq!(many.len(), 3);
        assert!(many[0] != many[1] && many[1] != many[2] && many[2] != [0; 44]);
        assert!(fill_many::<44>(0).unwrap().is_empty());
    }

    #[test]
    fn a_uuid_has_its_time_its_version_and_its_variant() {
        let id = uuid_v7(0x0001_0203_0405_0607, [0xff; 10]);
        assert_eq!(id[..6], [2, 3, 4, 5, 6, 7]);
        assert_eq!((id[6], id[8]), (0x7f, 0xbf));
        assert!(uuid_v7(1, [0xff; 10]) < uuid_v7(2, [0; 10]));
    }
}
