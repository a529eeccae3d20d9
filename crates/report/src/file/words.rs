//! Sentences, and the words of a scale in them: longest match, whole words, whatever the case.

use std::str::Chars;

/// A word found in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Found<'w> {
    /// Number of its first character.
    pub(crate) at: usize,
    /// The word of the list.
    pub(crate) word: &'w str,
    /// Number of its sentence.
    pub(crate) sentence: usize,
}

/// The id of the judgement that a paragraph begins with: the prefix and a number, before a full stop.
pub(crate) fn judgement<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let number = text.strip_prefix(prefix)?;
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let is_one = digits > 0 && !number.starts_with('0') && number.get(digits..)?.starts_with('.');
    text.get(..prefix.len() + digits).filter(|_| is_one)
}

/// Every word of the list in the text. A sentence ends at `.`, `!` or `?` before a space or the end.
///
/// A word is compared only where its first letter begins one.
pub(crate) fn find<'w>(text: &str, list: &[&'w str]) -> Vec<Found<'w>> {
    let listed =
        |word: &&'w str| Some(Listed { word, first: plain(word.chars().next()?), length: word.chars().count() });
    let mut words: Vec<Listed<'w>> = list.iter().filter_map(listed).collect();
    words.sort_by_key(|one| std::cmp::Reverse(one.length));
    // A bit for each letter of ASCII, and one for all others.
    let bit = |letter: char| 1_u128 << u32::from(letter).min(127);
    let firsts = words.iter().fold(0, |bits, one| bits | bit(one.first));
    let (mut out, mut at, mut sentence, mut in_word) = (Vec::new(), 0, 0, false);
    let mut rest = text.chars();
    loop {
        let here = rest.as_str();
        let Some(one) = rest.next() else { return out };
        let letter = one.is_alphanumeric();
        if letter && !in_word {
            let first = plain(one);
            let begun = || words.iter().filter(|word| word.first == first);
            let hit = || begun().find_map(|word| Some((word, begins_with(here, word.word)?)));
            if firsts & bit(first) != 0
                && let Some((hit, behind)) = hit()
            {
                out.push(Found { at, word: hit.word, sentence });
                at += hit.length;
                in_word = hit.word.chars().next_back().is_some_and(char::is_alphanumeric);
                rest = behind;
                continue;
            }
        }
        in_word = letter;
        if matches!(one, '.' | '!' | '?') && rest.clone().next().is_none_or(char::is_whitespace) {
            sentence += 1;
        }
        at += 1;
    }
}

/// A word of the list.
struct Listed<'w> {
    word: &'w str,
    /// Its first character, as [`plain`] has it.
    first: char,
    /// Characters of it.
    length: usize,
}

/// What stands behind this word, where the text begins with it and it ends there.
fn begins_with<'t>(text: &'t str, word: &str) -> Option<Chars<'t>> {
    let mut rest = text.chars();
    let all = word.chars().all(|letter| rest.next().is_some_and(|one| plain(one) == plain(letter)));
    (all && !rest.clone().next().is_some_and(char::is_alphanumeric)).then_some(rest)
}

/// One character in small letters, any space as a space: words may be parted by a line's end.
fn plain(one: char) -> char {
    match one {
        '\t'..='\r' | ' ' => ' ',
        '!'..='~' => one.to_ascii_lowercase(),
        _ if one.is_whitespace() => ' ',
        _ => one.to_lowercase().next().unwrap_or(one),
    }
}

/// Words of a text as the limits on FLASH and spot reports count them.
pub(crate) fn count(text: &str) -> u64 {
    u64::try_from(text.split_whitespace().count()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_whole_word_counts() {
        let found = |text: &str| -> Vec<(usize, &str, usize)> {
            let list = ["likely", "very likely", "unlikely", "high"];
            find(text, &list).into_iter().map(|one| (one.at, one.word, one.sentence)).collect()
        };
        assert_eq!(found("It is very likely. Unlikely!"), [(6, "very likely", 0), (19, "unlikely", 1)]);
        assert_eq!(found("It is very\nlikely, likelihood, higher 2.5 high"), [(6, "very likely", 0), (42, "high", 0)]);
        assert_eq!(found("Likely? high."), [(0, "likely", 0), (8, "high", 1)]);
        assert_eq!(found("not-likely"), [(4, "likely", 0)]);
        assert_eq!(find("Très improbable", &["improbable", "très improbable"])[0].word, "très improbable");
    }
    /// The same, with nothing left out: every word is compared at every character.
    fn find_plainly<'w>(text: &str, list: &[&'w str]) -> Vec<Found<'w>> {
        let text: Vec<char> = text.chars().map(plain).collect();
        let mut words: Vec<(&'w str, Vec<char>)> =
            list.iter().map(|word| (*word, word.chars().map(plain).collect())).collect();
        words.sort_by_key(|(_, letters)| std::cmp::Reverse(letters.len()));
        let is_letter = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|one| one.is_alphanumeric());
        let (mut out, mut at, mut sentence) = (Vec::new(), 0, 0);
        while at < text.len() {
            let stands = |word: &[char]| text[at..].starts_with(word) && !is_letter(Some(at + word.len()));
            let starts = is_letter(Some(at)) && !is_letter(at.checked_sub(1));
            if let Some((word, letters)) = words.iter().find(|(_, word)| starts && stands(word)) {
                out.push(Found { at, word, sentence });
                at += letters.len();
                continue;
            }
            let next = text.get(at + 1);
            sentence +=
                usize::from(matches!(text[at], '.' | '!' | '?') && next.is_none_or(|next| next.is_whitespace()));
            at += 1;
        }
        out
    }

    #[test]
    fn each_word_is_found_that_a_plain_search_finds() {
        let list = ["likely", "very likely", "unlikely", "a", "é", "İl", "ß x", "even chance.", "", "- no"];
        let parts = [
            "likely",
            "LIKELY",
            "very",
            "un",
            "a",
            "A",
            "É",
            "İL",
            "ẞ",
            "x",
            " ",
            "\n",
            ".",
            "!",
            "-",
            "ſ",
            "ⓐ",
            "even chance.",
        ];
        // Numbers in the base of the list of parts: each text of up to four of them.
        for number in 0..parts.len().pow(4) {
            let (mut text, mut rest) = (String::new(), number);
            while rest > 0 {
                text.push_str(parts[rest % parts.len()]);
                rest /= parts.len();
            }
            assert_eq!(find(&text, &list), find_plainly(&text, &list), "{text:?}");
        }
    }

    #[test]
    fn what_is_a_letter_is_one_in_small_letters_too() {
        for one in '\0'..=char::MAX {
            assert_eq!(one.is_alphanumeric(), plain(one).is_alphanumeric(), "{one:?}");
            assert_eq!(one.is_whitespace(), plain(one).is_whitespace(), "{one:?}");
        }
    }
}
