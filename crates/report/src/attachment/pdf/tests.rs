//! Files of real programs, files made for harm, and what both cost. `data/README.md` says which program made which file.

mod acts;
mod bounds;
mod hides;
mod made;
mod oracle;
mod pictures;
mod real;
mod structure;

use super::*;
use crate::attachment::finding::{Finding, Sort};

fn finding(bytes: &[u8]) -> Option<Finding> {
    inspect(&bytes).finding
}

/// The sort and words of what is found.
fn told(bytes: &[u8]) -> (Option<Sort>, String) {
    let found = finding(bytes);
    (found.as_ref().map(|one| one.sort), found.map(|one| one.what().to_owned()).unwrap_or_default())
}

fn sort(bytes: &[u8]) -> Option<Sort> {
    told(bytes).0
}
