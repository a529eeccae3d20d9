//! What national rules ask of the content of a report that leaves.

/// Rules on the words and attachments of a report that leaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Content {
    /// File beside the rules with words that stop a report for a human look, one per line.
    pub hold_words_file: Option<String>,
    /// Macros, scripts and embedded files are refused.
    pub refuse_active_content: bool,
    /// Names of people and programs in the metadata of attachments are refused.
    pub refuse_metadata: bool,
    /// Whether metadata is taken out; always false, because what the author signed is never changed.
    pub strip_metadata: bool,
    /// A program that may hold or refuse.
    pub filter: Option<Filter>,
    /// First letters of the serials of the nation's own collection systems, which no descriptor may have (R057); `None`:
    /// the usual ones.
    pub source_serials: Option<Vec<String>>,
}

/// The nation's own program that looks at each report before it leaves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Filter {
    /// Its file, beside the rules; no arguments.
    pub program: String,
    /// Seconds in which it must end; later its verdict is a hold.
    pub seconds: u32,
}
