//! What goes over from one block of a text to the next, where values are compared as they are written.

use std::borrow::Cow;

/// The end of the text before a block, so that a value which goes over the end of a line is seen there too. Blanks of any
/// length are one, as they are wherever values are compared as written.
pub(crate) struct Across {
    end: String,
    most: usize,
}

impl Across {
    /// At the start of a text; `most` bytes go with the next block at least.
    pub(super) const fn new(most: usize) -> Self {
        Self { end: String::new(), most }
    }

    /// The text that a block is read as where values are compared as written.
    pub(super) fn join<'t>(&self, block: &'t str) -> Cow<'t, str> {
        if self.end.is_empty() { Cow::Borrowed(block) } else { Cow::Owned(format!("{}{block}", self.end)) }
    }

    /// Goes on to the next block.
    pub(super) fn pass(&mut self, end: String) {
        self.end = end;
    }

    /// The end of a text, as it goes with the next block.
    pub(super) fn end_of(&self, text: &str) -> String {
        let mut end = String::new();
        // From behind, as many letters as are needed and the rest of the word in which they begin.
        let (mut count, mut was_blank, mut start) = (0_usize, false, text.len());
        for (at, one) in text.char_indices().rev() {
            let is_blank = one.is_whitespace();
            count = count.saturating_add(if is_blank && was_blank { 0 } else { one.len_utf8() });
            if count > self.most && !one.is_alphanumeric() {
                break;
            }
            // A word that is longer than all values is none of them.
            if count > self.most.saturating_mul(2) {
                let word = text.get(at..).and_then(|rest| rest.find(|one: char| !one.is_alphanumeric()));
                start = word.map_or(text.len(), |word| at.saturating_add(word));
                break;
            }
            (was_blank, start) = (is_blank, at);
        }
        let mut was_blank = false;
        for one in text.get(start..).unwrap_or_default().chars() {
            let is_blank = one.is_whitespace();
            if !(is_blank && was_blank) {
                end.push(if is_blank { ' ' } else { one });
            }
            was_blank = is_blank;
        }
        end
    }
}
