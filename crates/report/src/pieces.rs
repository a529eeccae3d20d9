//! What of a portion is read together: prose, and each cell of its rows, whatever the portion is called.

/// What a piece is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Piece {
    /// Lines that are no rows, one after the other.
    Prose,
    /// A cell of a row.
    Cell {
        /// Of the first row.
        header: bool,
    },
}

/// Which lines are rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rows {
    /// Those that begin with a bar: what stands in one may be read as the beginning of a cell. Where a line of dashes and
    /// bars rules a head off, those that have a bar in them.
    Begun,
    /// Those that have a bar in them: a table's.
    Barred,
    /// Those that end with one too: what stands in two cells of one is not read together.
    Closed,
}

/// Gives each piece with the byte at which it begins, in order. Linear in the text.
pub fn each_piece<'t>(text: &'t str, rows: Rows, mut see: impl FnMut(usize, Piece, &'t str)) {
    // Most texts have no row.
    if !text.contains('|') {
        if !text.is_empty() {
            see(0, Piece::Prose, text);
        }
        return;
    }
    let barred = match rows {
        Rows::Barred => true,
        Rows::Begun => text.split('\n').any(is_rule),
        Rows::Closed => false,
    };
    let is_row = |line: &str| match rows {
        _ if barred => line.contains('|'),
        Rows::Begun | Rows::Barred => is_row(line),
        Rows::Closed => is_row(line) && line.trim().len() > 1 && line.trim().ends_with('|'),
    };
    let (mut begun, mut at, mut count) = (0, 0, 0_usize);
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        if is_row(line) {
            if begun < at {
                see(begun, Piece::Prose, text.get(begun..at).unwrap_or_default());
            }
            count += 1;
            let mut start = at;
            for cell in line.trim_end_matches('\n').split('|') {
                see(start, Piece::Cell { header: count == 1 }, cell);
                start += cell.len() + 1;
            }
            begun = end;
        }
        at = end;
    }
    if begun < text.len() {
        see(begun, Piece::Prose, text.get(begun..).unwrap_or_default());
    }
}

/// Whether a line begins with a bar, as those of a table do.
#[must_use]
pub fn is_row(line: &str) -> bool {
    line.trim_start().starts_with('|')
}

/// Whether it is the line between the head of a table and its rows: `--- | :-:`.
fn is_rule(line: &str) -> bool {
    line.contains('|')
        && line.contains('-')
        && line.chars().all(|one| matches!(one, '-' | ':' | '|') || one.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cells_wherever_they_stand_and_the_rest_is_one() {
        let text = "one\ntwo\n| a | b |\n  | c |\nlast\n";
        let mut found = Vec::new();
        each_piece(text, Rows::Begun, |at, piece, one| {
            assert_eq!(text.get(at..at + one.len()), Some(one));
            found.push((piece, one));
        });
        let (head, row) = (Piece::Cell { header: true }, Piece::Cell { header: false });
        let wanted = [
            (Piece::Prose, "one\ntwo\n"),
            (head, ""),
            (head, " a "),
            (head, " b "),
            (head, ""),
            (row, "  "),
            (row, " c "),
            (row, ""),
            (Piece::Prose, "last\n"),
        ];
        assert_eq!(found, wanted);
        let mut whole = Vec::new();
        each_piece("no row | here", Rows::Begun, |_, piece, one| whole.push((piece, one)));
        assert_eq!(whole, [(Piece::Prose, "no row | here")]);
        whole.clear();
        each_piece("text\n| no row\n", Rows::Closed, |_, piece, one| whole.push((piece, one)));
        assert_eq!(whole, [(Piece::Prose, "text\n| no row\n")]);
    }
    #[test]
    fn lines_of_a_table_are_rows_whether_they_begin_with_a_bar_or_not() {
        let cells = |text: &'static str, rows: Rows| {
            let mut out = Vec::new();
            each_piece(text, rows, |at, piece, one| {
                assert_eq!(text.get(at..at + one.len()), Some(one));
                out.extend((piece != Piece::Prose).then_some(one));
            });
            out
        };
        assert_eq!(cells("a | b\nno row", Rows::Barred), ["a ", " b"]);
        assert_eq!(cells("a | b\nno row", Rows::Begun), [""; 0]);
        let ruled = ["a ", " b", "--- ", " :-:", "c ", " d"];
        assert_eq!(cells("text\na | b\n--- | :-:\nc | d", Rows::Begun), ruled);
        assert_eq!(cells("a | b\n--- | :-:\nc | d", Rows::Closed), [""; 0]);
        assert_eq!(cells("a | b\n---\nc | d", Rows::Begun), [""; 0], "no bar among the dashes");
        assert_eq!(cells("|", Rows::Closed), [""; 0]);
    }
}
