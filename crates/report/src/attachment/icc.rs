//! Colour profiles (ICC.1): every byte is the header's, the tag table's or a tag's, and each tag is a known one.

mod tags;

use std::collections::BTreeSet;
use tags::{MAX_TOGETHER, Tag};

/// Bytes of a profile that are looked at; a printer's has 2 MiB.
pub(super) const MAX_PROFILE: usize = 8 * 1024 * 1024;

const HEADER: usize = 128;
const RESERVED: std::ops::Range<usize> = 100..HEADER;
const TAG: usize = 12;

/// Whether a profile is its header, its tag table and its tags, which lie behind one another with less than four zeros
/// between; two tags may share their bytes. Each is a known one, once, of its form and length: what no program reads says
/// what it likes.
///
/// # Errors
/// What is wrong, in words that end "a colour profile ...".
pub(super) fn check(profile: &[u8]) -> Result<(), String> {
    head(profile)?;
    let mut tags = tags_of(profile)?;
    let (mut names, mut together) = (BTreeSet::new(), 0_usize);
    tags.sort_unstable_by_key(|tag| (tag.at, tag.bytes.len()));
    let mut end = HEADER.saturating_add(4).saturating_add(tags.len().saturating_mul(TAG));
    let mut before = None;
    for tag in &tags {
        let place = (tag.at, tag.at.saturating_add(tag.bytes.len()));
        let size = tag.check()?;
        if !names.insert(tag.name) {
            return Err(format!("a colour profile with two tags {}", String::from_utf8_lossy(&tag.name)));
        }
        if before.replace(place) == Some(place) {
            continue;
        }
        together = together.saturating_add(size);
        gap(profile, end, place.0)?;
        end = place.1;
    }
    if together > MAX_TOGETHER {
        return Err(format!("a colour profile with {together} bytes of words and numbers"));
    }
    Ok(gap(profile, end, profile.len())?)
}

/// The header has its size and signature, and zeros where nothing stands.
fn head(profile: &[u8]) -> Result<(), &'static str> {
    if word(profile, 0) != Some(profile.len()) {
        return Err("a colour profile whose size field is wrong");
    }
    if profile.get(36..40) != Some(b"acsp") {
        return Err("a colour profile without its signature");
    }
    if profile.get(RESERVED).is_none_or(|bytes| bytes.iter().any(|byte| *byte != 0)) {
        return Err("a colour profile with bytes in the reserved part of its header");
    }
    Ok(())
}

fn word(profile: &[u8], at: usize) -> Option<usize> {
    let bytes = profile.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*bytes)).ok()
}

/// The rows of the tag table.
fn tags_of(profile: &[u8]) -> Result<Vec<Tag<'_>>, &'static str> {
    let broken = "a colour profile whose tag table is wrong";
    let count = word(profile, HEADER).ok_or(broken)?;
    let table = profile.get(HEADER.saturating_add(4)..).unwrap_or_default();
    if count > table.len() / TAG {
        return Err(broken);
    }
    let tag = |row: &[u8]| {
        let (at, size) = (word(row, 4)?, word(row, 8)?);
        Some(Tag { name: *row.first_chunk()?, at, bytes: profile.get(at..at.checked_add(size)?)? })
    };
    table.chunks_exact(TAG).take(count).map(|row| tag(row).ok_or(broken)).collect()
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
mod tests;
