//! Colour profiles (ICC.1): every byte is the header's, the tag table's or a tag's.

/// Bytes of a profile that are looked at; a printer's has 2 MiB.
pub(super) const MAX_PROFILE: usize = 8 * 1024 * 1024;

const HEADER: usize = 128;
const RESERVED: std::ops::Range<usize> = 100..HEADER;
const TAG: usize = 12;

/// Whether a profile is its header, its tag table and its tags, which lie behind one another with less than four zeros
/// between; two tags may share their bytes.
///
/// # Errors
/// What is wrong, in words that end "a colour profile ...".
pub(super) fn check(profile: &[u8]) -> Result<(), &'static str> {
    let word = |at: usize| {
        let bytes = profile.get(at..)?.first_chunk::<4>()?;
        usize::try_from(u32::from_be_bytes(*bytes)).ok()
    };
    if word(0) != Some(profile.len()) {
        return Err("a colour profile whose size field is wrong");
    }
    if profile.get(36..40) != Some(b"acsp") {
        return Err("a colour profile without its signature");
    }
    if profile.get(RESERVED).is_none_or(|bytes| bytes.iter().any(|byte| *byte != 0)) {
        return Err("a colour profile with bytes in the reserved part of its header");
    }
    let broken = "a colour profile whose tag table is wrong";
    let count = word(HEADER).ok_or(broken)?;
    let table = profile.get(HEADER.saturating_add(4)..).unwrap_or_default();
    if count > table.len() / TAG {
        return Err(broken);
    }
    let mut tags: Vec<(usize, usize)> = Vec::with_capacity(count);
    for n in 0..count {
        let at = HEADER.saturating_add(4).saturating_add(n.saturating_mul(TAG));
        let (start, size) = (word(at.saturating_add(4)).ok_or(broken)?, word(at.saturating_add(8)).ok_or(broken)?);
        tags.push((start, start.checked_add(size).filter(|end| *end <= profile.len()).ok_or(broken)?));
    }
    tags.sort_unstable();
    tags.dedup();
    let mut end = HEADER.saturating_add(4).saturating_add(count.saturating_mul(TAG));
    for (start, next) in tags {
        gap(profile, end, start)?;
        end = next;
    }
    gap(profile, end, profile.len())
}

/// Zeros up to the next multiple of four.
fn gap(profile: &[u8], from: usize, to: usize) -> Result<(), &'static str> {
    let between = profile.get(from..to).ok_or("a colour profile whose tags overlap")?;
    let zeros = between.len() < 4 && between.iter().all(|byte| *byte == 0);
    if zeros { Ok(()) } else { Err("a colour profile with bytes that belong to no tag") }
}

/// A profile of these tags, each with its bytes.
#[cfg(test)]
pub(super) fn profile(tags: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let word = |n: usize| u32::try_from(n).unwrap().to_be_bytes();
    let mut out = vec![0; HEADER];
    out[36..40].copy_from_slice(b"acsp");
    out.extend(word(tags.len()));
    let mut at = HEADER + 4 + tags.len() * TAG;
    for (name, bytes) in tags {
        out.extend([&name[..], &word(at), &word(bytes.len())].concat());
        at += bytes.len().next_multiple_of(4);
    }
    for (_, bytes) in tags {
        out.extend_from_slice(bytes);
        out.resize(out.len().next_multiple_of(4), 0);
    }
    let size = word(out.len());
    out[..4].copy_from_slice(&size);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_tiled_by_its_tags() {
        let good = profile(&[(b"desc", b"one"), (b"wtpt", &[1; 20])]);
        assert_eq!(check(&good), Ok(()));
        let resized = |mut bytes: Vec<u8>| {
            let size = u32::try_from(bytes.len()).unwrap().to_be_bytes();
            bytes[..4].copy_from_slice(&size);
            bytes
        };
        let mut shared = good.clone();
        shared.copy_within(136..144, 148);
        assert!(check(&shared).is_err(), "the bytes of the second tag belong to none now");
        for (what, bytes) in [
            ("bytes behind", [&good[..], b"hide"].concat()),
            ("bytes behind, size right", resized([&good[..], b"hide"].concat())),
            ("a long gap", resized([&good[..], &[0; 4]].concat())),
            ("cut", resized(good[..good.len() - 4].to_vec())),
            ("no header", resized(vec![0; 100])),
            ("nothing", Vec::new()),
        ] {
            assert!(check(&bytes).is_err(), "{what}");
        }
        for at in [36, 110, 128, 136] {
            let mut changed = good.clone();
            changed[at] ^= 0x40;
            assert!(check(&changed).is_err(), "{at}");
        }
    }
}
