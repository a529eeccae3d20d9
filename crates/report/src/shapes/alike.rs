//! Whether a text reads as a few words of a register do.

use super::fold::fold;

/// Whether the whole text is these words for a reader: in any case, whatever blanks and signs stand round and between
/// them, accents and look-alikes as they look. Linear, and of a longer text no more than the beginning is read.
pub(crate) fn reads_alike(text: &str, words: &str) -> bool {
    reads_as(text, &letters(words))
}

/// The same, where the words are read already by [`letters`].
pub(super) fn reads_as(text: &str, wanted: &[char]) -> bool {
    // Each of these is one in the folded text.
    let plain = |one: &char| one.is_ascii_alphanumeric();
    if wanted.is_empty() || text.chars().filter(plain).take(wanted.len() + 1).count() > wanted.len() {
        return false;
    }
    letters(text) == wanted
}

/// Words in capitals, one blank between them.
pub(super) fn letters(text: &str) -> Vec<char> {
    let folded = fold(&text.to_uppercase(), 0).chars;
    let words = folded.split(|one| !one.is_alphanumeric()).filter(|word| !word.is_empty());
    let capitals: Vec<Vec<char>> = words.map(|word| word.iter().map(char::to_ascii_uppercase).collect()).collect();
    capitals.join(&' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_in_other_letters_reads_alike() {
        for text in [
            "TEAR LINE",
            "TEAR LINE ",
            "Tear Line",
            "TEAR\u{a0}LINE",
            "TEAR  LINE:",
            "tear\nline",
            "**Tear-line**",
            "T\u{395}AR LIN\u{415}",
            "t\u{435}ar line",
            "\u{FF34}\u{FF25}\u{FF21}\u{FF32} LINE",
            "# TEAR LINE #",
        ] {
            assert!(reads_alike(text, "TEAR LINE"), "{text:?}");
        }
        for text in ["", "-", "TEAR", "TEARLINE", "A TEAR LINE", "TEAR LINES", "TEAR LINE 2", "The tear line follows."]
        {
            assert!(!reads_alike(text, "TEAR LINE"), "{text:?}");
        }
        assert!(reads_alike("Resume\u{301} cle\u{301}", "R\u{C9}SUM\u{C9} CL\u{C9}"));
        assert!(!reads_alike("- -", "--"));
    }
}
