//! Hold words: codewords, unit names, source cryptonyms. They are compared as readers see them and told to nobody.
//!
//! Texts are compared composed (NFC), in small letters, accents as they are. White space, line ends, hyphens and other
//! signs that join or set apart the letters of one phrase count for nothing, so that a phrase is found where a line or a
//! hyphen parts it; where a hit begins and ends, a word of the text must begin and end. Any other sign counts as itself.

use relto_report::fault::{Fault, Faults};
use std::{borrow::Cow, collections::BTreeMap, fmt};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark, is_nfc};

/// Bytes of a file of hold words.
pub const MAX_FILE: usize = 1024 * 1024;
/// Words of a file.
pub const MAX_WORDS: usize = 20_000;
/// Characters of a word or phrase.
pub const MAX_WORD: usize = 120;
/// Letters and digits of a word at least: a shorter one would hold every report.
const MIN_LETTERS: usize = 3;
const RULE: &str = "N020";

/// The hold words of one nation. Never printed: not in a log, not in a refusal, not by `Debug`.
pub struct HoldWords {
    nodes: Vec<Node>,
    count: usize,
}

/// A letter's place in the tree of all words.
#[derive(Default)]
struct Node {
    is_word: bool,
    next: BTreeMap<char, usize>,
}

impl fmt::Debug for HoldWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HoldWords({})", self.count)
    }
}

impl HoldWords {
    /// Reads a file: UTF-8, one word or phrase a line; empty lines and lines that begin with `#` are left out.
    ///
    /// # Errors
    /// N020 for each line that is no word, by its number alone, and for a file that is too large or not UTF-8.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Faults> {
        let whole = |message: String| Faults::new(name, vec![fault(0, message)]);
        if bytes.len() > MAX_FILE {
            return Err(whole(format!("{} bytes; the limit is {MAX_FILE}", bytes.len())));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| whole("not UTF-8. Save the file as UTF-8".to_owned()))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut words = Self { nodes: vec![Node::default()], count: 0 };
        let mut faults = Vec::new();
        let lines = text.lines().map(str::trim).zip(1..);
        for (line, number) in lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#')) {
            let letters = Letters::of(line).letters;
            let count = letters.iter().filter(|letter| letter.is_alphanumeric()).count();
            if count < MIN_LETTERS || line.chars().count() > MAX_WORD {
                let message =
                    format!("a hold word has {MIN_LETTERS} letters or digits at least, {MAX_WORD} characters at most");
                faults.push(fault(number, message));
            } else {
                words.add(&letters);
            }
        }
        if words.count > MAX_WORDS {
            faults.push(fault(0, format!("{} words; the limit is {MAX_WORDS}", words.count)));
        }
        if faults.is_empty() { Ok(words) } else { Err(Faults::new(name, faults)) }
    }

    /// How many there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    fn add(&mut self, letters: &[char]) {
        let mut at = 0;
        for letter in letters {
            let new = self.nodes.len();
            let Some(node) = self.nodes.get_mut(at) else { return };
            at = *node.next.entry(*letter).or_insert(new);
            if at == new {
                self.nodes.push(Node::default());
            }
        }
        if let Some(node) = self.nodes.get_mut(at) {
            node.is_word = true;
            self.count = self.count.saturating_add(1);
        }
    }

    /// Whether any of them stands in a text.
    #[must_use]
    pub fn stand_in(&self, text: &str) -> bool {
        if self.count == 0 {
            return false;
        }
        let text = Letters::of(text);
        text.starts().any(|start| self.begins(&text, start))
    }

    /// The same for JSON, whose texts may be written with escapes.
    #[must_use]
    pub fn stand_in_json(&self, text: &str) -> bool {
        self.stand_in(&without_escapes(text))
    }

    fn begins(&self, text: &Letters, start: usize) -> bool {
        let mut node = self.nodes.first();
        for (letter, ends) in text.from(start) {
            node = node.and_then(|node| node.next.get(letter)).and_then(|next| self.nodes.get(*next));
            match node {
                None => return false,
                Some(node) if node.is_word && ends => return true,
                Some(_) => {}
            }
        }
        false
    }
}

fn fault(line: usize, message: String) -> Fault {
    Fault { line, column: usize::from(line > 0), rule: RULE, message, warning: false }
}

/// A text without what counts for nothing.
struct Letters {
    letters: Vec<char>,
    /// Whether a word may begin before the letter of the same place; one more for the end.
    edges: Vec<bool>,
}

impl Letters {
    fn of(text: &str) -> Self {
        let composed = if is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) };
        let mut out = Self { letters: Vec::with_capacity(text.len()), edges: Vec::with_capacity(text.len() + 1) };
        let mut edge = true;
        for letter in composed.chars() {
            if is_ignored(letter) {
                continue;
            }
            if joins(letter) {
                edge = true;
                continue;
            }
            let in_word = letter.is_alphanumeric() || is_combining_mark(letter);
            out.push(letter, edge || !in_word);
            edge = !in_word;
        }
        out.edges.push(true);
        out
    }

    /// In small letters; the letters that have two small forms in one.
    fn push(&mut self, letter: char, mut edge: bool) {
        let mut add = |letter: char| {
            self.letters.push(letter);
            self.edges.push(std::mem::take(&mut edge));
        };
        match letter {
            'ß' | 'ẞ' => ['s', 's'].into_iter().for_each(add),
            'ς' => add('σ'),
            _ => letter.to_lowercase().for_each(add),
        }
    }

    fn starts(&self) -> impl Iterator<Item = usize> + '_ {
        let edges = self.edges.iter().take(self.letters.len()).enumerate();
        edges.filter(|(_, edge)| **edge).map(|(at, _)| at)
    }

    /// Letters from a place on, each with whether a word may end after it.
    fn from(&self, start: usize) -> impl Iterator<Item = (&char, bool)> {
        let ends = self.edges.iter().skip(start.saturating_add(1)).copied();
        self.letters.iter().skip(start).zip(ends)
    }
}

/// Signs that are not seen: soft hyphen, zero-width spaces and joiners.
const fn is_ignored(letter: char) -> bool {
    matches!(letter, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

/// White space, hyphens and dashes, and the signs with which texts set letters apart.
const fn joins(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '-' | '_' | '*' | '`' | '~' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe63}' | '\u{ff0d}'
        )
}

/// A JSON text with each escape as the character that it stands for.
fn without_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut units = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (unit, length) = match rest.as_bytes() {
            [b'\\', b'u', ..] => match rest.get(2..6).and_then(|digits| u16::from_str_radix(digits, 16).ok()) {
                Some(unit) => (Some(unit), 6),
                None => (None, 1),
            },
            [b'\\', b'b' | b'f' | b'n' | b'r' | b't', ..] => (Some(u16::from(b' ')), 2),
            [b'\\', other, ..] if other.is_ascii() => (Some(u16::from(*other)), 2),
            _ => (None, letter.len_utf8()),
        };
        match unit {
            Some(unit) => units.push(unit),
            None => units.extend_from_slice(letter.encode_utf16(&mut [0; 2])),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    Cow::Owned(String::from_utf16_lossy(&units))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(list: &str) -> HoldWords {
        HoldWords::read("hold-words.txt", list.as_bytes()).unwrap_or_else(|faults| panic!("{faults}"))
    }

    #[test]
    fn the_example_holds_words_however_lines_and_hyphens_part_them() {
        let words = words(include_str!("../../../../examples/hold-words.txt"));
        assert_eq!(words.count(), 3);
        for hit in [
            "AMBER LANTERN",
            "the amber lantern.",
            "Amber\nLantern",
            "amber\u{a0}\tlan-\ntern, again",
            "AMBER-LANTERN",
            "**AMBER** LANTERN",
            "am\u{ad}ber lan\u{200b}tern",
            "AmberLantern",
            "northgate 7",
            "(NORTHGATE\u{2011}7)",
            "NORTHGATE-\n7",
            "x,GLASS HARBOUR,y",
        ] {
            assert!(words.stand_in(hit), "{hit:?}");
        }
        for miss in [
            "",
            "amber",
            "lantern amber",
            "amber lanterns",
            "chamber lantern",
            "amber. Lantern",
            "NORTHGATE-70",
            "NORTHGATE 17",
            "glass, harbour",
        ] {
            assert!(!words.stand_in(miss), "{miss:?}");
        }
    }

    #[test]
    fn letters_are_compared_composed_and_small_and_accents_count() {
        let words = words("Café Noir\nGROẞE STRAßE\nΟΔΟΣ\nK/27\n");
        for hit in ["CAFE\u{301} NOIR", "café noir", "große strasse", "οδος", "οδοσ", "see K/27."] {
            assert!(words.stand_in(hit), "{hit:?}");
        }
        for miss in ["cafe noir", "K 27", "K/2 7x"] {
            assert!(!words.stand_in(miss), "{miss:?}");
        }
    }

    #[test]
    fn escapes_of_json_hide_nothing() {
        let words = words("AMBER LANTERN\nÉtoile\n🦊 fox\nK/27\nPLAN \"B\"");
        for hit in [
            r#"{"a":"amb\u0065r\nlantern"}"#,
            r#"["AMBER\/LANTERN", "\u00C9TOILE"]"#,
            r#"["\ud83e\udd8a fox"]"#,
            r#"["E\u0301toile\t"]"#,
            r#"["\é amber lantern"]"#,
            r#"["see K\/27"]"#,
            r#"["plan \"b\" holds"]"#,
        ] {
            assert!(words.stand_in_json(hit), "{hit}");
        }
        for miss in [r#"["AMBER\/LANTERN"]"#, r#"["\u00e"]"#, "\\", "\\u", "{\"amber\":\"lantern\"}"] {
            assert!(!words.stand_in_json(miss), "{miss}");
        }
    }

    #[test]
    fn a_file_has_a_mebibyte_and_20_000_words_at_most_and_a_word_3_letters_and_120_characters() {
        let is_read = |text: &str| HoldWords::read("w", text.as_bytes()).is_ok();
        assert!(is_read(&"#".repeat(1_048_576)) && !is_read(&"#".repeat(1_048_577)));
        assert!(is_read(&"x".repeat(120)) && !is_read(&"x".repeat(121)));
        assert!(is_read("ab1") && !is_read("ab-") && !is_read("a b"));
        let list = |count: usize| (0..count).map(|n| format!("word {n}\n")).collect::<String>();
        assert_eq!(words(&list(20_000)).count(), 20_000);
        let told = HoldWords::read("w", list(20_001).as_bytes()).unwrap_err();
        assert_eq!(told.to_string(), "w: error N020: 20001 words; the limit is 20000");
        assert_eq!((told.list[0].line, told.list[0].column), (0, 0), "the whole file");
    }

    #[test]
    fn faults_name_the_line_and_never_the_word() {
        let told = HoldWords::read("hold-words.txt", b"# list\nGOOD WORD\nAB\n- -\n").unwrap_err().to_string();
        assert!(told.contains("hold-words.txt:3:1: error N020") && told.contains(":4:1: error N020"), "{told}");
        assert!(!told.contains("AB"), "{told}");
        assert!(HoldWords::read("w", b"\xff").is_err());
        assert!(HoldWords::read("w", &vec![b'#'; MAX_FILE + 1]).is_err());
        assert!(HoldWords::read("w", "x".repeat(MAX_WORD + 1).as_bytes()).is_err());
        assert_eq!(format!("{:?}", words("SECRET NAME")), "HoldWords(1)");
        assert!(!words("# nothing\n").stand_in("anything"));
    }
}
