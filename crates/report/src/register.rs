//! A nation's marking register: the words, and nothing of what they permit.

use crate::{
    crypto::sha256,
    digest::Digest,
    fault::Faults,
    nation::Nation,
    toml::{Rules, Section, TomlFile},
};

const RULES: Rules = Rules { syntax: "M001", unknown_key: "M002", wrong_type: "M003", missing: "M004" };

/// A level's words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LevelWord {
    /// As in a banner.
    pub long: String,
    /// As in a portion.
    pub short: String,
    /// Other spellings of the long word.
    pub accepts: Vec<String>,
    /// Without any control such a portion has no say in the audience.
    pub uncontrolled: bool,
}

/// A control's words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ControlWord {
    /// As in a banner.
    pub long: String,
    /// As in a portion.
    pub short: String,
    /// Other spellings of the long word.
    pub accepts: Vec<String>,
    /// Never together with a list of nations.
    pub excludes_list: bool,
}

/// The words of the audience.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ListWord {
    /// Before the codes in a banner.
    pub long: String,
    /// Before the codes in a portion.
    pub short: String,
    /// In a portion: the banner's list.
    pub as_banner: String,
    /// Other spellings of the words before the codes.
    pub accepts: Vec<String>,
}

/// One nation's register.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Register {
    /// Whose words these are.
    pub nation: Nation,
    /// Language of reports that do not say otherwise.
    pub language: String,
    /// Highest first.
    pub levels: Vec<LevelWord>,
    /// In the order in which they stand in a mark.
    pub controls: Vec<ControlWord>,
    /// The audience.
    pub list: ListWord,
    /// The word before foreign owners.
    pub foreign: String,
    /// Headings that are unclassified by definition and need no mark.
    pub fixed_headings: Vec<String>,
    /// The heading of the tear line.
    pub tear_line: String,
    /// `KJ` or `JC`.
    pub judgement_prefix: String,
    /// Above and below every page of exercise traffic.
    pub exercise_banner: String,
    /// The word for real events inside an exercise.
    pub real_world: String,
    /// SHA-256 of the file's bytes, which agreements name.
    pub digest: Digest,
}

impl Register {
    /// Reads a register file.
    ///
    /// # Errors
    /// Every fault with its place.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Faults> {
        let text = String::from_utf8_lossy(bytes);
        let file = TomlFile::new(&text, 1, RULES);
        if matches!(text, std::borrow::Cow::Owned(_)) {
            file.fault(0, RULES.syntax, "not UTF-8. Save the file as UTF-8");
        }
        let register = file.parse().and_then(|document| read(&file.root(&document), sha256(&[bytes])));
        let faults = file.into_faults(name);
        register.filter(|_| !faults.has_errors()).ok_or(faults)
    }

    /// The level whose short word this is, with its place in the list.
    #[must_use]
    pub fn level_by_short(&self, word: &str) -> Option<(usize, &LevelWord)> {
        self.levels.iter().enumerate().find(|(_, level)| level.short == word)
    }

    /// The level whose long word, or an accepted spelling of it, this is, with its place in the list.
    #[must_use]
    pub fn level_by_long(&self, word: &str) -> Option<(usize, &LevelWord)> {
        self.levels
            .iter()
            .enumerate()
            .find(|(_, level)| level.long == word || level.accepts.iter().any(|one| one == word))
    }

    /// The control whose short word this is.
    #[must_use]
    pub fn control_by_short(&self, word: &str) -> Option<&ControlWord> {
        self.controls.iter().find(|control| control.short == word)
    }

    /// The control whose long word, or an accepted spelling of it, this is.
    #[must_use]
    pub fn control_by_long(&self, word: &str) -> Option<&ControlWord> {
        self.controls.iter().find(|control| control.long == word || control.accepts.iter().any(|one| one == word))
    }
}

fn strings(section: &Section<'_>, key: &str) -> Vec<String> {
    section.texts(key).map(|list| list.value.into_iter().map(|one| one.value).collect()).unwrap_or_default()
}

fn flag(section: &Section<'_>, key: &str) -> bool {
    section.boolean(key).is_some_and(|one| one.value)
}

fn word(section: &Section<'_>, key: &str) -> Option<String> {
    section.required(key).map(|one| one.value)
}

fn read(root: &Section<'_>, digest: Digest) -> Option<Register> {
    if let Some(format) = root.required("format").filter(|format| format.value != "relto-markings/1") {
        root.fault(format.at, "M010", "format is not known. This program reads relto-markings/1");
    }
    let nation = root.required("nation").and_then(|text| {
        let nation = Nation::parse(&text.value);
        if nation.is_none() {
            root.fault(text.at, "M011", "nation must be three capital letters");
        }
        nation
    });
    let language = word(root, "language");
    let levels: Option<Vec<_>> = root.tables("marking").iter().map(level).collect();
    let controls: Option<Vec<_>> = root.tables("control").iter().map(control).collect();
    let list = root.table("list").and_then(|section| {
        let out = Some(ListWord {
            long: word(&section, "long")?,
            short: word(&section, "short")?,
            as_banner: word(&section, "as_banner")?,
            accepts: strings(&section, "accepts"),
        });
        section.finish();
        out
    });
    let foreign = root.table("foreign").and_then(|section| {
        let out = word(&section, "word");
        section.finish();
        out
    });
    let headings = root.table("headings").and_then(|section| {
        let out = Some((strings(&section, "fixed"), word(&section, "tear_line")?, word(&section, "judgement_prefix")?));
        section.finish();
        out
    });
    let exercise = root.table("exercise").and_then(|section| {
        let out = Some((word(&section, "banner")?, word(&section, "real_world")?));
        section.finish();
        out
    });
    for (key, there) in [
        ("list", list.is_some()),
        ("foreign", foreign.is_some()),
        ("headings", headings.is_some()),
        ("exercise", exercise.is_some()),
    ] {
        if !there && !root.has(key) {
            root.miss(key);
        }
    }
    root.finish();
    let (fixed_headings, tear_line, judgement_prefix) = headings?;
    let (exercise_banner, real_world) = exercise?;
    let (levels, controls) = (levels?, controls?);
    if levels.is_empty() || levels.len() > 16 {
        root.miss("marking");
        return None;
    }
    Some(Register {
        nation: nation?,
        language: language?,
        levels,
        controls,
        list: list?,
        foreign: foreign?,
        fixed_headings,
        tear_line,
        judgement_prefix,
        exercise_banner,
        real_world,
        digest,
    })
}

fn level(section: &Section<'_>) -> Option<LevelWord> {
    let out = LevelWord {
        long: word(section, "long")?,
        short: word(section, "short")?,
        accepts: strings(section, "accepts"),
        uncontrolled: flag(section, "uncontrolled"),
    };
    section.finish();
    Some(out)
}

fn control(section: &Section<'_>) -> Option<ControlWord> {
    let out = ControlWord {
        long: word(section, "long")?,
        short: word(section, "short")?,
        accepts: strings(section, "accepts"),
        excludes_list: flag(section, "excludes_list"),
    };
    section.finish();
    Some(out)
}
