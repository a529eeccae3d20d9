//! The faults of a start, all told at once.

use std::path::Path;

/// The faults of a start, one line each for the operator.
#[derive(Debug, Default)]
pub(crate) struct StartFaults(pub Vec<String>);

impl StartFaults {
    pub(super) fn add(&mut self, what: impl ToString) {
        self.0.push(what.to_string());
    }

    pub(super) fn take<T, E: ToString>(&mut self, result: Result<T, E>) -> Option<T> {
        result.map_err(|fault| self.add(fault)).ok()
    }

    /// A file that a key of node.toml names. A key that is missing is told already, and its path is empty.
    pub(super) fn file(&mut self, key: &str, path: &Path) -> Option<Vec<u8>> {
        if path.as_os_str().is_empty() {
            return None;
        }
        self.take(std::fs::read(path).map_err(|error| format!("{key} = {}: {error}", path.display())))
    }
}

/// A path that a key of node.toml gives; a key that is missing is told already.
pub(super) fn given(path: &Path) -> Option<&Path> {
    (!path.as_os_str().is_empty()).then_some(path)
}
