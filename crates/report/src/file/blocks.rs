//! The blocks of the text: headings, paragraphs, items, tables, with the place of each line.

use super::told::Place;
use crate::{assessment::Block, pieces::is_row};

/// One block as it stands, before its mark is read.
pub(super) struct Raw<'t> {
    pub(super) kind: Block,
    /// Place of the first character behind `#` or the list's sign, and each line's text.
    pub(super) lines: Vec<(Place, &'t str)>,
}

/// Parts the text into blocks. An empty line ends a block; so do a heading and the next item, also without one, so
/// that neither hides in the text of another portion.
pub(super) fn read(body: &str, first_line: usize) -> Vec<Raw<'_>> {
    let mut out: Vec<Raw<'_>> = Vec::new();
    let mut open = false;
    for (number, line) in body.split('\n').enumerate() {
        let number = first_line + number;
        let line = line.trim_end();
        if line.is_empty() {
            open = false;
            continue;
        }
        if let Some((kind, skip)) = opening(line, open, out.last()) {
            let text = line.get(skip..).unwrap_or_default();
            let place = (number, line.get(..skip).unwrap_or_default().chars().count() + 1);
            out.push(Raw { kind, lines: vec![(place, text)] });
            open = !matches!(kind, Block::Heading(_));
            continue;
        }
        match out.last_mut().filter(|_| open) {
            Some(last) => {
                let skip = if is_item(last.kind) { 2 } else { 0 };
                last.lines.push(((number, skip + 1), line.get(skip..).unwrap_or_default()));
            }
            None => {
                let text = line.trim_start();
                let column = line.chars().count() - text.chars().count() + 1;
                out.push(Raw { kind: Block::Paragraph, lines: vec![((number, column), text)] });
                open = true;
            }
        }
    }
    for raw in &mut out {
        // A line that is no row makes it a paragraph, whose rows are read by their cells all the same.
        let rows = raw.lines.len() > 1 && raw.lines.iter().skip(1).all(|(_, line)| is_row(line));
        let bare = raw.lines.first().is_some_and(|(_, line)| line.starts_with('|'));
        if raw.kind == Block::Paragraph && (rows || bare) {
            raw.kind = Block::Table;
        }
    }
    out
}

const fn is_item(kind: Block) -> bool {
    matches!(kind, Block::Bullet | Block::Numbered)
}

/// Whether a line opens a block of its own, and the bytes of its sign.
fn opening(line: &str, open: bool, last: Option<&Raw<'_>>) -> Option<(Block, usize)> {
    let hashes = line.bytes().take_while(|byte| *byte == b'#').count();
    if let (1..=3, Some(b' ')) = (hashes, line.as_bytes().get(hashes)) {
        let spaces = line.bytes().skip(hashes).take_while(|byte| *byte == b' ').count();
        return Some((Block::Heading(u8::try_from(hashes).unwrap_or(3)), hashes + spaces));
    }
    let indent = line.bytes().take_while(|byte| *byte == b' ').count();
    let in_list = open && last.is_some_and(|raw| is_item(raw.kind));
    let text = line.get(indent..).unwrap_or_default();
    if indent > 0 && open && !in_list {
        return None;
    }
    if text.starts_with("- ") {
        return Some((Block::Bullet, indent + sign(text, 1)));
    }
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let numbered = (1..=9).contains(&digits) && text.get(digits..).is_some_and(|rest| rest.starts_with(". "));
    // A line of a paragraph may begin with a number and a full stop; a mark behind them makes it an item.
    let item = !open || in_list || text.get(digits + 2..).is_some_and(|rest| rest.trim_start().starts_with('('));
    if numbered && item {
        return Some((Block::Numbered, indent + sign(text, digits + 1)));
    }
    if open && in_list && indent < 2 {
        return Some((Block::Paragraph, indent));
    }
    None
}

/// Bytes of a list's sign and the spaces behind it.
fn sign(text: &str, length: usize) -> usize {
    length + text.bytes().skip(length).take_while(|byte| *byte == b' ').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Block, Place, usize)> {
        read(text, 10).iter().map(|raw| (raw.kind, raw.lines[0].0, raw.lines.len())).collect()
    }

    #[test]
    fn empty_lines_part_blocks() {
        let text = "## HEAD\n\n(U) One\ntwo\n\n- (U) a\n  more\n- (U) b\n1. (U) c\n\n(U) Caption\n| a |\n| b |\n";
        assert_eq!(
            kinds(text),
            [
                (Block::Heading(2), (10, 4), 1),
                (Block::Paragraph, (12, 1), 2),
                (Block::Bullet, (15, 3), 2),
                (Block::Bullet, (17, 3), 1),
                (Block::Numbered, (18, 4), 1),
                (Block::Table, (20, 1), 3),
            ]
        );
    }

    #[test]
    fn nothing_hides_in_another_portion() {
        assert_eq!(kinds("(U) Text\n- (S) item\n# (S) head\nnext").len(), 4);
        assert_eq!(kinds("(U) Text\n1. (S) item").len(), 2);
        assert_eq!(kinds("(U) It was in\n2026. Then").len(), 1);
        assert_eq!(kinds("- (U) a\n  - (S) nested\nplain").len(), 3);
        assert_eq!(kinds("#### four\n##none")[0], (Block::Paragraph, (10, 1), 2));
        assert_eq!(kinds("| bare |")[0].0, Block::Table);
        assert_eq!(kinds("(U) Caption\n  | a |\n| b |")[0].0, Block::Table);
        for text in ["(U) Text\n| a |\nmore", "(U) Text\nmore\n| a |", "(U) Text | a\n--- | ---", "(U) Text"] {
            assert_eq!(kinds(text)[0].0, Block::Paragraph, "{text:?}");
        }
    }
}
