//! What an unseen character is called and what to do with it.

/// Why a character is refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum What {
    /// A control character.
    Control,
    /// U+000B, the line break of a word processor.
    WordLineEnd,
    /// U+00AD.
    SoftHyphen,
    /// U+200B.
    ZeroWidthSpace,
    /// U+FEFF anywhere but before a file.
    ByteOrderMark,
    /// U+F0B7, a bullet of the font Symbol.
    SymbolBullet,
    /// For private use: each font shows another sign or none.
    Private,
    /// Joins or parts letters, or makes one picture of several.
    Joiner,
    /// Turns the reading direction.
    Direction,
    /// Ends a line or paragraph and is no line feed.
    LineSeparator,
    /// Chooses another form of the sign before it, and stands where there is none.
    Variation,
    /// Spells what nobody sees.
    Tag,
    /// A letter without a shape.
    Filler,
    /// A sign without a shape.
    Empty,
    /// Stands for an object that was not copied.
    Object,
    /// Stands for a character that was lost.
    Lost,
    /// No character, now and for ever.
    NoCharacter,
    /// Another character that shows nothing.
    Format,
    /// A combining mark with nothing to stand on.
    MarkAlone,
    /// A fifth combining mark on one letter.
    MarksHeaped,
}

impl What {
    /// What a message calls it before its number.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Private | Self::SymbolBullet | Self::Lost | Self::Object | Self::MarkAlone | Self::MarksHeaped => {
                "character"
            }
            _ => "invisible character",
        }
    }

    /// The name of the character, or of its kind.
    #[must_use]
    pub const fn name(self, one: char) -> &'static str {
        match self {
            Self::Control => control(one),
            Self::WordLineEnd => "vertical tab",
            Self::SoftHyphen => "soft hyphen",
            Self::ZeroWidthSpace => "zero-width space",
            Self::ByteOrderMark => "byte-order mark",
            Self::SymbolBullet => "private use",
            Self::Private => "private use",
            Self::Joiner if one == '\u{200C}' => "zero-width non-joiner",
            Self::Joiner => "zero-width joiner",
            Self::Direction => direction(one),
            Self::LineSeparator if one == '\u{2029}' => "paragraph separator",
            Self::LineSeparator => "line separator",
            Self::Variation if one == '\u{34F}' => "combining grapheme joiner",
            Self::Variation => "variation selector",
            Self::Tag => "tag character",
            Self::Filler => "letter without a shape",
            Self::Empty if one == '\u{2800}' => "blank Braille pattern",
            Self::Empty => "sign without a shape",
            Self::Object => "object replacement character",
            Self::Lost => "replacement character",
            Self::NoCharacter => "noncharacter",
            Self::Format => format(one),
            Self::MarkAlone => "combining mark without a letter",
            Self::MarksHeaped => "fifth combining mark on one letter",
        }
    }

    /// What to do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::WordLineEnd => "A line break from a word processor: end the line instead",
            Self::SoftHyphen => "A hyphenation point from a word processor: delete it",
            Self::ZeroWidthSpace => "A break point from a word processor or web page: delete it",
            Self::ByteOrderMark => "The beginning of another file, pasted in: delete it",
            Self::SymbolBullet => "A bullet from a word processor: type -",
            Self::Private => "Each font shows another sign here, or none: type the sign that is meant",
            Self::Joiner => "Delete it: the text stays readable. For a joined emoji use the single picture",
            Self::Variation => "Delete it; it shows nothing and can hide a message",
            Self::Tag => "Delete it; it shows nothing and can spell a message. For a flag made of tags write the name",
            Self::Object => "A picture or object that was not copied: delete it, and attach what it showed",
            Self::Lost => "A character was lost when the text was converted: type it again",
            Self::LineSeparator => "End the line instead",
            Self::MarkAlone => "Type it behind its letter, or delete it",
            Self::MarksHeaped => "At most four stand on one letter: delete the rest",
            Self::Control | Self::Direction | Self::Filler | Self::Empty | Self::NoCharacter | Self::Format => {
                "Delete it; it can make text read differently from what is signed"
            }
        }
    }

    /// Whether pasting from a word processor brings it in every day, so that a client may offer to take it out.
    #[must_use]
    pub const fn is_of_word_processors(self) -> bool {
        matches!(
            self,
            Self::WordLineEnd | Self::SoftHyphen | Self::ZeroWidthSpace | Self::ByteOrderMark | Self::SymbolBullet
        )
    }
}

const fn control(one: char) -> &'static str {
    match one {
        '\0' => "null",
        '\u{07}' => "bell",
        '\u{08}' => "backspace",
        '\u{0C}' => "form feed",
        '\r' => "carriage return",
        '\u{1B}' => "escape",
        '\u{7F}' => "delete",
        '\u{85}' => "next line",
        _ => "control character",
    }
}

const fn direction(one: char) -> &'static str {
    match one {
        '\u{061C}' => "Arabic letter mark",
        '\u{200E}' => "left-to-right mark",
        '\u{200F}' => "right-to-left mark",
        '\u{202A}' => "left-to-right embedding",
        '\u{202B}' => "right-to-left embedding",
        '\u{202C}' => "pop directional formatting",
        '\u{202D}' => "left-to-right override",
        '\u{202E}' => "right-to-left override",
        '\u{2066}' => "left-to-right isolate",
        '\u{2067}' => "right-to-left isolate",
        '\u{2068}' => "first strong isolate",
        _ => "pop directional isolate",
    }
}

const fn format(one: char) -> &'static str {
    match one {
        '\u{180E}' => "Mongolian vowel separator",
        '\u{2060}' => "word joiner",
        '\u{2061}'..='\u{2064}' => "invisible operator",
        '\u{206A}'..='\u{206F}' => "deprecated format character",
        '\u{FFF9}'..='\u{FFFB}' => "interlinear annotation",
        '\u{13430}'..='\u{1343F}' => "hieroglyph format control",
        '\u{1BCA0}'..='\u{1BCA3}' => "shorthand format control",
        '\u{1D173}'..='\u{1D17A}' => "musical format control",
        '\u{E0000}'..='\u{E0FFF}' => "ignorable code point",
        _ => "format character",
    }
}
