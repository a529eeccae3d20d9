//! Sentences, and the words of a scale in them: longest match, whole words, whatever the case.

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
pub(crate) fn find<'w>(text: &str, list: &[&'w str]) -> Vec<Found<'w>> {
    let text: Vec<char> = text.chars().map(plain).collect();
    let mut words: Vec<(&'w str, Vec<char>)> =
        list.iter().map(|word| (*word, word.chars().map(plain).collect())).collect();
    words.sort_by_key(|(_, letters)| std::cmp::Reverse(letters.len()));
    let (mut out, mut at, mut sentence) = (Vec::new(), 0, 0);
    while let Some(one) = text.get(at) {
        let before = at.checked_sub(1).and_then(|last| text.get(last));
        let starts = one.is_alphanumeric() && !before.is_some_and(|last| last.is_alphanumeric());
        let hit = if starts { words.iter().find(|(_, word)| stands(&text, at, word)) } else { None };
        if let Some((word, letters)) = hit {
            out.push(Found { at, word, sentence });
            at += letters.len().max(1);
            continue;
        }
        let next = text.get(at + 1);
        if matches!(one, '.' | '!' | '?') && next.is_none_or(|next| next.is_whitespace()) {
            sentence += 1;
        }
        at += 1;
    }
    out
}

fn stands(text: &[char], at: usize, word: &[char]) -> bool {
    let end = at + word.len();
    text.get(at..end) == Some(word) && !text.get(end).is_some_and(|next| next.is_alphanumeric())
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
}
