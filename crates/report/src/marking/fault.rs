//! What is wrong with a mark or banner, and how it is told.

use crate::{nation::Nation, register::Register};

/// A fault of a mark or banner.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MarkFault {
    /// Where, in characters from the first one of the mark (behind the bracket) or banner.
    pub offset: usize,
    /// What.
    pub kind: MarkFaultKind,
}

impl MarkFault {
    /// Number of the rule.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        self.kind.rule()
    }
}

/// What is wrong, with what the message needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MarkFaultKind {
    /// R100: nothing is there.
    Empty,
    /// R101: the level's long word in a portion; this is the short one.
    LevelInFull(String),
    /// R101: no level of the register.
    LevelUnknown(String),
    /// R102: small letters; this is the mark in capitals.
    SmallLetters(String),
    /// R103: level and controls, or two controls, are not parted as they should be.
    Separator,
    /// R103: behind the leading `//` stands no owner and level.
    Owner,
    /// R104: codes are not parted by a comma and one space; these are the codes.
    Comma(Vec<String>),
    /// R104: the words of the list without a code behind them.
    NoCodes,
    /// R105: a character that a word processor puts in.
    OddCharacter(char),
    /// R106: the codes as they should stand, with the words before them.
    CodeOrder(String),
    /// R106: owners behind FGI out of order; this is the banner in order.
    OwnerOrder(String),
    /// R106: neither a nation's nor a group's code.
    NotACode(String),
    /// R107: a list of the own nation alone; this is the mark without it.
    OwnNationAlone(String),
    /// R108: a control that excludes a list, and a list.
    Exclusive(String),
    /// R109: controls out of order; this is the mark in order.
    ControlOrder(String),
    /// R109: the same control twice.
    Repeated(String),
    /// R110: no control of the register.
    ControlUnknown(String),
    /// R111: a level of another nation's register, and the own word of the same place.
    OtherNation {
        /// As written.
        word: String,
        /// Whose it is.
        nation: Nation,
        /// The own register's word.
        own: Option<String>,
    },
    /// R112: a joint mark.
    Joint,
    /// R113: shown and not handed over.
    DisplayOnly,
    /// R125: no marking of the register in a banner.
    BannerLevel(String),
    /// R126: no control of the register in a banner.
    BannerControl(String),
}

impl MarkFaultKind {
    /// Number of the rule in the grammar of the report file.
    #[must_use]
    pub const fn rule(&self) -> &'static str {
        match self {
            Self::Empty => "R100",
            Self::LevelInFull(_) | Self::LevelUnknown(_) => "R101",
            Self::SmallLetters(_) => "R102",
            Self::Separator | Self::Owner => "R103",
            Self::Comma(_) | Self::NoCodes => "R104",
            Self::OddCharacter(_) => "R105",
            Self::CodeOrder(_) | Self::OwnerOrder(_) | Self::NotACode(_) => "R106",
            Self::OwnNationAlone(_) => "R107",
            Self::Exclusive(_) => "R108",
            Self::ControlOrder(_) | Self::Repeated(_) => "R109",
            Self::ControlUnknown(_) => "R110",
            Self::OtherNation { .. } => "R111",
            Self::Joint => "R112",
            Self::DisplayOnly => "R113",
            Self::BannerLevel(_) => "R125",
            Self::BannerControl(_) => "R126",
        }
    }

    /// Whether the decision has no code of its own for this fault, so that a node says MALFORMED.
    #[must_use]
    pub const fn is_malformed(&self) -> bool {
        match self {
            Self::LevelInFull(_)
            | Self::LevelUnknown(_)
            | Self::SmallLetters(_)
            | Self::OtherNation { .. }
            | Self::BannerLevel(_)
            | Self::Exclusive(_)
            | Self::ControlUnknown(_)
            | Self::BannerControl(_) => false,
            Self::Empty
            | Self::Separator
            | Self::Owner
            | Self::Comma(_)
            | Self::NoCodes
            | Self::OddCharacter(_)
            | Self::CodeOrder(_)
            | Self::OwnerOrder(_)
            | Self::NotACode(_)
            | Self::OwnNationAlone(_)
            | Self::ControlOrder(_)
            | Self::Repeated(_)
            | Self::Joint
            | Self::DisplayOnly => true,
        }
    }

    /// Whether the decision calls this MARKING_UNKNOWN.
    #[must_use]
    pub const fn is_marking_unknown(&self) -> bool {
        matches!(
            self,
            Self::LevelInFull(_)
                | Self::LevelUnknown(_)
                | Self::SmallLetters(_)
                | Self::OtherNation { .. }
                | Self::BannerLevel(_)
        )
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn message(&self, register: &Register) -> String {
        let nation = register.nation;
        match self {
            Self::Empty => "no mark stands here. Begin with one, such as (U)".to_owned(),
            Self::LevelInFull(short) => format!("write the level short in a portion: ({short})"),
            Self::LevelUnknown(word) => {
                format!(
                    "level {word:?} is not {nation}'s. Known: {}",
                    list(register.levels.iter().map(|one| &one.short))
                )
            }
            Self::SmallLetters(mark) => format!("marks are capital letters: ({mark})"),
            Self::Separator => "level and controls are parted by //; controls among themselves by /".to_owned(),
            Self::Owner => format!(
                "a foreign portion begins with // and its owner, then the level: (//XCC S), or (//{} S) where the owner is concealed",
                register.foreign
            ),
            Self::Comma(codes) => format!("a comma and one space between codes: {}", codes.join(", ")),
            Self::NoCodes => {
                format!("no code stands behind {}. Name the nations, own nation first", register.list.long)
            }
            Self::OddCharacter(odd) => odd_character(*odd),
            Self::CodeOrder(right) => format!("own nation first, the rest alphabetical, each once: {right}"),
            Self::OwnerOrder(right) => format!("owners stand in alphabetical order, each once: {right}"),
            Self::NotACode(code) => {
                format!("{code:?} is not a nation or group code. Nations are three capital letters, groups four")
            }
            Self::OwnNationAlone(mark) => {
                format!("{} with your own nation alone says nothing. Write {mark}", register.list.long)
            }
            Self::Exclusive(long) => {
                format!("{long} and {} exclude each other. Keep the one that is meant", register.list.long)
            }
            Self::ControlOrder(mark) => format!("order is {}: {mark}", known(register, false)),
            Self::Repeated(word) => format!("{word} stands here twice. Write it once"),
            Self::ControlUnknown(word) => {
                format!("control {word:?} is not {nation}'s. Known: {}", known(register, false))
            }
            Self::OtherNation { word, nation: whose, own } => {
                let instead = own.as_ref().map_or_else(String::new, |own| format!(": {own}"));
                format!("{word} is {whose}'s mark. This file's serial says {nation}{instead}")
            }
            Self::Joint => "joint marks are not in relto-report/1. Each nation releases its own portions".to_owned(),
            Self::DisplayOnly => {
                "display-only means shown and not handed over. It cannot be sent; use relto disclosure record"
                    .to_owned()
            }
            Self::BannerLevel(word) => {
                let known = list(register.levels.iter().map(|one| &one.long));
                register.level_by_short(word).map_or_else(
                    || format!("banner marking {word:?} is not {nation}'s. Known: {known}"),
                    |(_, level)| format!("write the level in full in a banner: {}", level.long),
                )
            }
            Self::BannerControl(word) => register.control_by_short(word).map_or_else(
                || format!("banner control {word:?} is not {nation}'s. Known: {}", known(register, true)),
                |control| format!("write the control in full in a banner: {}", control.long),
            ),
        }
    }
}

fn list<'w>(words: impl Iterator<Item = &'w String>) -> String {
    words.map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn known(register: &Register, banner: bool) -> String {
    let caveats = register.controls.iter().map(|one| if banner { &one.long } else { &one.short });
    let audience = if banner { &register.list.long } else { &register.list.short };
    list(caveats.chain(std::iter::once(audience)))
}

fn odd_character(odd: char) -> String {
    let code = u32::from(odd);
    match odd {
        '\u{00A0}' | '\u{202F}' => {
            format!("no-break space U+{code:04X} inside a mark. Type an ordinary space")
        }
        '\u{2010}'..='\u{2015}' | '\u{2212}' => {
            format!("typographic dash U+{code:04X} inside a mark. Type an ordinary hyphen")
        }
        _ => format!("character U+{code:04X} inside a mark. Type ordinary capitals, spaces, commas and /"),
    }
}
