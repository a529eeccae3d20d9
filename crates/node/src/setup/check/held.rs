//! How many of the reports that were released here a list of hold words would have held: a new list is seen before it
//! keeps people waiting. Never which word. POL-13

use crate::{filter, setup::config::Config};
use relto_audit::commitment::SALT;
use relto_exchange::{
    exchange::Exchange,
    ids::LinkId,
    link::Link,
    place::{self, PayloadAt},
    store::{Reader, StoreError},
};
use relto_policy::content::{HoldWords, inspect};
use relto_report::assessment::Document;

/// Reports of a log that are looked at, the newest.
const MOST: u64 = 2_000;

/// A line for each link with a list.
///
/// # Errors
/// [`StoreError::Fatal`] where the store cannot be read.
pub(super) fn held(
    config: &Config,
    links: &[Link],
    exchange: &Exchange,
    reader: &dyn Reader,
) -> Result<Vec<String>, StoreError> {
    let mut out = Vec::new();
    for (at, (link, files)) in (0_u16..).zip(links.iter().zip(&config.links)) {
        let content = link.national.as_ref().and_then(|rules| rules.content.as_ref());
        let Some((content, rules)) = content.zip(files.national.as_deref()) else { continue };
        // Its faults were told when the rules were read.
        let Ok(Some(words)) = filter::hold_words(content, rules) else { continue };
        let size = exchange.sizes(LinkId(at)).map_or(0, |sizes| sizes.ours);
        out.push(line(link, &words, size, reader)?);
    }
    Ok(out)
}

fn line(link: &Link, words: &HoldWords, size: u64, reader: &dyn Reader) -> Result<String, StoreError> {
    let (mut reports, mut waiting, mut places) = (0_u64, 0_u64, 0_usize);
    for index in size.saturating_sub(MOST)..size {
        let Some(payload) = place::read(reader, PayloadAt(link.mine(), index))? else { continue };
        // A Statement is no report.
        let Ok(document) = Document::decode(payload.get(SALT..).unwrap_or_default().to_vec()) else { continue };
        let found = inspect(&document, Some(words)).words.map_or(0, |found| found.len());
        reports += 1;
        waiting += u64::from(found > 0);
        places = places.saturating_add(found);
    }
    Ok(format!(
        "hold words of {}: {} words; of {reports} reports that were released they would hold {waiting}, at {places} places",
        link.agreement.id,
        words.count()
    ))
}
