//! One link's files as they were read.

use crate::versions::VersionFile;
use relto_report::nation::Nation;
use std::collections::BTreeMap;

/// For clients.
#[derive(Clone)]
pub(crate) struct LinkBytes {
    /// The agreement's exact bytes.
    pub agreement: Vec<u8>,
    /// Its signatures.
    pub signatures: Vec<u8>,
    /// The vocabulary's exact bytes.
    pub vocabulary: Vec<u8>,
    /// Registers by nation.
    pub registers: BTreeMap<Nation, Vec<u8>>,
    /// Name of the partner's node.
    pub partner_node: String,
    /// Where it listens.
    pub dial: Option<String>,
    /// Later versions of the agreement that are installed.
    pub later: Vec<VersionFile>,
}
