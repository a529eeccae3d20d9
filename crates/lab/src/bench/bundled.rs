//! The bundled agreement as both nations' nodes have it, and reports made of the bundled ones, all in memory.

use crate::lab::examples::{AGREEMENT, BOREALIAN_RULES, CONSENT, HOLD_WORDS, NATIONAL, REGISTERS, REPORTS, VOCABULARY};
use anyhow::{Context as _, Result};
use relto_policy::{agreement::Agreement, consent::Consent, content::HoldWords, national::NationalRules};
use relto_report::{
    assessment::{Block, Document, MarkedText, Portion, Report},
    attachment::bytes::held,
    calendar::Timestamp,
    file::{Context, parse},
    nation::Nation,
    register::Register,
    vocabulary::Vocabulary,
};
use std::collections::BTreeMap;

/// When the bundled reports go.
const NOW: &str = "2026-11-17T12:00:00Z";
/// The report that is made as long as is wanted, and the mark of what is added.
const PADDED: &str = "linux-port-numbers.md";
const MARK: &str = "U//REL TO XAA, XBB";
const PROSE: &str = "The vessels left the harbour after sunset and moved along the northern edge of the corridor. ";
/// Topics that some reports have beside their own: one that Arcadia holds, and one that it does not let out.
const TOPICS: [&str; 2] = ["hybrid.disinformation", "economic.coercion"];

/// What stands in the bundled files.
pub(super) struct Bundled {
    pub(super) agreement: Agreement,
    pub(super) registers: BTreeMap<Nation, Register>,
    pub(super) vocabulary: Vocabulary,
    /// Arcadia's rules, and Borealia's.
    pub(super) rules: [NationalRules; 2],
    pub(super) consents: Vec<Consent>,
    pub(super) hold_words: HoldWords,
    pub(super) now: Timestamp,
    /// Arcadia, which sends, and Borealia.
    pub(super) parties: [Nation; 2],
}

impl Bundled {
    /// Reads them.
    pub(super) fn read() -> Result<Self> {
        let mut registers = BTreeMap::new();
        for (nation, bytes) in REGISTERS {
            let register = Register::read(&format!("markings-{nation}.toml"), bytes)?;
            registers.insert(register.nation, register);
        }
        let nation = |code| Nation::parse(code).context("a nation");
        Ok(Self {
            agreement: Agreement::read("agreement.toml", AGREEMENT.as_bytes())?,
            registers,
            vocabulary: Vocabulary::read("vocabulary.toml", VOCABULARY)?,
            rules: [
                NationalRules::read("national-rules.toml", NATIONAL.as_bytes())?,
                NationalRules::read("national-rules.toml", BOREALIAN_RULES.as_bytes())?,
            ],
            consents: vec![Consent::read("consent-XCC.toml", CONSENT.as_bytes())?],
            hold_words: HoldWords::read("hold-words.txt", HOLD_WORDS)?,
            now: Timestamp::parse(NOW).context("a time")?,
            parties: [nation("XAA")?, nation("XBB")?],
        })
    }

    /// Arcadia's marking register.
    pub(super) fn own(&self) -> Result<&Register> {
        let [own, _] = self.parties;
        self.registers.get(&own).context("Arcadia's register")
    }

    /// Arcadia's report of this name.
    fn example(&self, name: &str) -> Result<Document> {
        let file = |name: &str| REPORTS.iter().find(|(_, file, _)| *file == name).map(|(_, _, bytes)| *bytes);
        let home = format!("{}.home.toml", name.trim_end_matches(".md"));
        let home = file(&home).map(|bytes| (home.as_str(), bytes));
        let attachment = |name: &str| file(name).map(|bytes| held(bytes.to_vec()));
        let context =
            Context { home, attachment: &attachment, ..Context::new(self.own()?, &self.vocabulary, self.now) };
        Ok(parse(name, file(name).context("an example")?, &context)?.document)
    }

    /// So many reports: each of Arcadia's bundled ones cut to its first portion, to two of them and so on, in turn with and
    /// without its attachments, some with a topic more; numbered, so that no two are the same.
    pub(super) fn reports(&self, count: usize) -> Result<Vec<Document>> {
        let ours = REPORTS.iter().filter(|(nation, name, _)| *nation == "XAA" && name.ends_with(".md"));
        let models = ours.map(|(_, name, _)| self.example(name)).collect::<Result<Vec<_>>>()?;
        let mut out = Vec::with_capacity(count);
        for n in 0..count {
            let round = n / models.len().max(1);
            let model = models.get(n % models.len().max(1)).context("a bundled report")?;
            let mut report = model.report().clone();
            let number = report.serial.rfind('-').map_or(0, |at| at + 1);
            report.serial.truncate(number);
            report.serial.push_str(&(10_000_000 + n).to_string());
            report.portions.truncate(1 + round % report.portions.len().max(1));
            if round.is_multiple_of(2) {
                report.attachments.clear();
            }
            report.topics.extend(TOPICS.get(n % 16).map(|topic| (*topic).to_owned()));
            out.push(laid_out(&report, model)?);
        }
        Ok(out)
    }

    /// The bytes of a bundled report, with prose added until it has about this size.
    pub(super) fn padded(&self, size: usize) -> Result<Vec<u8>> {
        let model = self.example(PADDED)?;
        let mut report = model.report().clone();
        while Document::lay_out(&report, &[]).len() + 400 < size {
            let body = MarkedText { mark: MARK.to_owned(), text: PROSE.repeat(4).trim_end().to_owned() };
            report.portions.push(Portion { block: Block::Paragraph, body });
        }
        Ok(Document::lay_out(&report, &[]))
    }
}

/// The report as it is sent, with the model's attachments where it names any.
fn laid_out(report: &Report, model: &Document) -> Result<Document> {
    let attached =
        (0..report.attachments.len()).map(|n| model.attached(n).and_then(|one| one.here()).context("an attachment"));
    Ok(Document::decode(Document::lay_out(report, &attached.collect::<Result<Vec<_>>>()?))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_differ_and_keep_their_attachments() {
        let bundled = Bundled::read().unwrap();
        let reports = bundled.reports(64).unwrap();
        let mut digests: Vec<_> = reports.iter().map(Document::digest).collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), 64);
        assert!(
            reports.iter().any(|one| one.attached(0).and_then(|one| one.here()).is_some_and(|bytes| !bytes.is_empty()))
        );
    }

    #[test]
    fn a_padded_report_has_the_size_that_is_wanted() {
        let length = Bundled::read().unwrap().padded(4096).unwrap().len();
        assert!((3_500..=4_096).contains(&length), "{length}");
    }
}
