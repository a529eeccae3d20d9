//! One shape: its look, its place, and what is said of it.

use crate::shown::Place;
use std::fmt;

/// What a shape looks like.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Kind {
    /// A mark with a control, or of a foreign scheme.
    Full,
    /// A banner.
    Banner,
    /// A level alone, in brackets.
    Level,
}

/// Where a shape stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stands {
    /// A line, cell or text begins with it: R115.
    Begins,
    /// It opens a sentence.
    OpensSentence,
    /// Nothing stands behind it.
    ClosesText,
    /// Elsewhere.
    Inside,
}

/// One shape.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shape {
    /// Byte offset in the text as written.
    pub at: usize,
    /// Characters of the text as written before it.
    pub chars: usize,
    /// Line of the text as written, from 1.
    pub line: usize,
    /// Its look.
    pub kind: Kind,
    /// Its place.
    pub stands: Stands,
    /// Whether it stands in a cell of a table.
    pub in_cell: bool,
    /// As written, cut where it is long.
    pub text: String,
}

impl Shape {
    /// Whether it is an error; else it holds.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.stands == Stands::Begins
    }

    /// What R115 says of a shape in this part of a report.
    #[must_use]
    pub fn advice(&self, part: Place) -> String {
        let text = &self.text;
        // One line has no room for an empty one.
        let one_line = |what: &str| {
            format!(
                "{what} begins with {text} behind its mark, and it has one mark. Take {text} out, or write the {what} \
                 anew with the one mark that it needs"
            )
        };
        match part {
            Place::Title => one_line("title"),
            Place::AttachmentTitle(_) => one_line("attachment title"),
            Place::Source(_) => format!(
                "descriptor begins with {text}, and its mark stands in the key mark. Take {text} out, or write the \
                 descriptor anew and give it there the mark that it needs"
            ),
            Place::AggregationReason => one_line("reason"),
            Place::Portion(_) if self.in_cell => format!(
                "cell begins with {text}: a table has one mark. Move the text of the cell into a portion of its own, or \
                 take {text} out if it is no mark"
            ),
            Place::Portion(_) | Place::Judgement(_) | Place::Attachment(_) | Place::Key(_) => format!(
                "line begins with {text}: a portion has one mark. Put an empty line before it, or move it to the line \
                 above if it is no mark"
            ),
        }
    }
}

impl fmt::Display for Shape {
    /// `line 2: (S) opens a sentence`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.stands {
            Stands::Begins => "begins the line",
            Stands::OpensSentence => "opens a sentence",
            Stands::ClosesText => "closes the text",
            Stands::Inside => "stands in it",
        };
        write!(f, "line {}: {} {what}", self.line, self.text)
    }
}
