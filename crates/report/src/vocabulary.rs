//! The closed word lists that both nations read alike.

use crate::{
    crypto::sha256,
    digest::Digest,
    fault::Faults,
    toml::{Rules, Section, TomlFile},
};

const RULES: Rules = Rules { syntax: "V001", unknown_key: "V002", wrong_type: "V003", missing: "V004" };

/// A range of probability and the words for it on one scale.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Likelihood {
    /// Such as `icd-203/en`.
    pub scale: String,
    /// Lower and upper bound in per cent.
    pub percent: (i64, i64),
    /// The words.
    pub words: Vec<String>,
}

/// One version of the vocabulary.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Vocabulary {
    /// Topics `domain.threat`.
    pub topics: Vec<String>,
    /// Product forms.
    pub report_forms: Vec<String>,
    /// Statement forms.
    pub statement_forms: Vec<String>,
    /// Fastest first.
    pub precedence: Vec<String>,
    /// All scales.
    pub likelihood: Vec<Likelihood>,
    /// Language and its confidence words, strongest first.
    pub confidence: Vec<(String, Vec<String>)>,
    /// Source kinds.
    pub source_kinds: Vec<String>,
    /// A to F.
    pub reliability: Vec<String>,
    /// 1 to 6.
    pub credibility: Vec<String>,
    /// What a caveat can mean.
    pub caveat_meanings: Vec<String>,
    /// TLP 2.0.
    pub tlp: Vec<String>,
    /// SHA-256 of the file's bytes, which agreements name.
    pub digest: Digest,
}

impl Vocabulary {
    /// Reads a vocabulary file.
    ///
    /// # Errors
    /// Every fault with its place.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Faults> {
        let text = String::from_utf8_lossy(bytes);
        let file = TomlFile::new(&text, 1, RULES);
        if matches!(text, std::borrow::Cow::Owned(_)) {
            file.fault(0, RULES.syntax, "not UTF-8. Save the file as UTF-8");
        }
        let vocabulary = file.parse().map(|document| read(&file.root(&document), sha256(&[bytes])));
        let faults = file.into_faults(name);
        vocabulary.filter(|_| !faults.has_errors()).ok_or(faults)
    }

    /// Whether the topic is in the list. Exact match only.
    #[must_use]
    pub fn has_topic(&self, word: &str) -> bool {
        // Domains are few, so first letters are alike; the last ones tell topics apart without a call to compare.
        let last = word.as_bytes().last();
        self.topics.iter().any(|topic| topic.len() == word.len() && topic.as_bytes().last() == last && topic == word)
    }

    /// Whether this is a product form.
    #[must_use]
    pub fn has_report_form(&self, word: &str) -> bool {
        self.report_forms.iter().any(|form| form == word)
    }

    /// The range of a word on a scale.
    #[must_use]
    pub fn range(&self, scale: &str, word: &str) -> Option<(i64, i64)> {
        let on_scale = self.likelihood.iter().filter(|row| row.scale == scale);
        on_scale.into_iter().find(|row| row.words.iter().any(|one| one == word)).map(|row| row.percent)
    }
}

fn list(section: &Section<'_>, key: &str) -> Vec<String> {
    if !section.has(key) {
        section.miss(key);
    }
    section.texts(key).map(|list| list.value.into_iter().map(|one| one.value).collect()).unwrap_or_default()
}

fn sub(root: &Section<'_>, name: &str, keys: &[&str]) -> Vec<Vec<String>> {
    let Some(section) = root.table(name) else {
        if !root.has(name) {
            root.miss(name);
        }
        return vec![Vec::new(); keys.len()];
    };
    let out = keys.iter().map(|key| list(&section, key)).collect();
    section.finish();
    out
}

fn read(root: &Section<'_>, digest: Digest) -> Vocabulary {
    if let Some(format) = root.required("format").filter(|format| format.value != "relto-vocabulary/1") {
        root.fault(format.at, "V010", "format is not known. This program reads relto-vocabulary/1");
    }
    if root.integer("version").is_none() && !root.has("version") {
        root.miss("version");
    }
    let topics = root.tables("topic").iter().filter_map(topic).collect();
    let likelihood = root.tables("likelihood").iter().filter_map(likelihood).collect();
    let mut forms = sub(root, "forms", &["report", "statement"]).into_iter();
    let mut precedence = sub(root, "precedence", &["order"]).into_iter();
    let mut source = sub(root, "source", &["kinds", "reliability", "credibility"]).into_iter();
    let mut caveat = sub(root, "caveat", &["meanings"]).into_iter();
    let mut tlp = sub(root, "tlp", &["colours"]).into_iter();
    let confidence = root.table("confidence").map(|section| {
        let keys = section.keys();
        let words = keys.into_iter().map(|key| (key.value.clone(), list(&section, &key.value))).collect();
        section.finish();
        words
    });
    root.finish();
    Vocabulary {
        topics,
        report_forms: forms.next().unwrap_or_default(),
        statement_forms: forms.next().unwrap_or_default(),
        precedence: precedence.next().unwrap_or_default(),
        likelihood,
        confidence: confidence.unwrap_or_default(),
        source_kinds: source.next().unwrap_or_default(),
        reliability: source.next().unwrap_or_default(),
        credibility: source.next().unwrap_or_default(),
        caveat_meanings: caveat.next().unwrap_or_default(),
        tlp: tlp.next().unwrap_or_default(),
        digest,
    }
}

fn topic(section: &Section<'_>) -> Option<String> {
    let name = section.required("name");
    section.required("covers");
    section.text("near");
    section.text("same");
    section.finish();
    name.map(|name| name.value)
}

fn likelihood(section: &Section<'_>) -> Option<Likelihood> {
    let scale = section.required("scale")?.value;
    let percent = section.integers("percent")?;
    let words = list(section, "words");
    section.finish();
    let mut bounds = percent.value.iter().map(|one| one.value);
    let (Some(low), Some(high), None) = (bounds.next(), bounds.next(), bounds.next()) else {
        section.fault(percent.at, "V011", "percent must be two whole numbers, lower and upper");
        return None;
    };
    Some(Likelihood { scale, percent: (low, high), words })
}
