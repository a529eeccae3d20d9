//! What is wrong with files of bodies.

/// What is wrong with a segment file, or with a body in it.
#[derive(Debug, thiserror::Error)]
pub enum SegmentFault {
    /// The file is not there.
    #[error("it is missing, and rows of the database stand in it: put back the folder that belongs to this database")]
    Missing,
    /// Not its header.
    #[error("its header is not whole, or not of a file of segments")]
    Header,
    /// Another store's, or another number's.
    #[error(
        "it belongs to another store, or stands under another file's name: put back the folder that belongs to this database"
    )]
    Foreign,
    /// Shorter than what rows name.
    #[error("it has {found} bytes, and rows of the database name {named}")]
    Short {
        /// Its bytes.
        found: u64,
        /// Up to where rows stand.
        named: u64,
    },
    /// The record there is another one, or none.
    #[error("at byte {0} is not the record that its row names")]
    Record(u64),
    /// The system's.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}
