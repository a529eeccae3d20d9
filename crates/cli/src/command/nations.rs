//! Nations as they are typed, and the one that is meant where none is.

use crate::profile::Profile;
use anyhow::{Context as _, Result, bail};
use relto_report::nation::Nation;

/// The recipient as given, else the profile's only one.
pub(super) fn recipient(profile: &Profile, given: Option<&str>) -> Result<Nation> {
    match given {
        Some(text) => nation(text),
        None => match profile.agreements.keys().collect::<Vec<_>>().as_slice() {
            [only] => Ok(**only),
            [] => bail!("the profile names no agreement. Add it under [agreements]"),
            [..] => bail!("the profile names several agreements. Say which nation"),
        },
    }
}

/// A nation's code as typed.
pub(super) fn nation(text: &str) -> Result<Nation> {
    Nation::parse(text)
        .with_context(|| format!("{text:?} is not a nation. Nations are three capital letters, such as XBB"))
}

/// Nations' codes as typed, each once.
pub(super) fn nations(list: &[String]) -> Result<Vec<Nation>> {
    let mut out = Vec::new();
    for text in list {
        let one = nation(text)?;
        if out.contains(&one) {
            bail!("{one} is named twice. Name each nation once");
        }
        out.push(one);
    }
    Ok(out)
}
