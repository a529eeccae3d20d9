//! An agreement's file: how long it may be, where its signatures lie, and who gave them.

use relto_policy::{
    agreement::{Agreement, Party},
    signatures::Signed,
};
use std::path::{Path, PathBuf};

/// Bytes of the longest agreement, rules or signature file.
pub(super) const MAX_FILE: u64 = 256 * 1024;

/// The signatures beside a file: its name and `.sig`.
pub(super) fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

/// Who signed for each Party, of how many offices, and how many must: `XAA 2 of 3 offices, 2 needed: XAA/MFA, XAA/MOD`.
pub(super) fn by_quorum(agreement: &Agreement, signed: &[Signed]) -> String {
    let of = |party: &Party| {
        let offices: Vec<&str> =
            signed.iter().filter(|one| one.nation == party.nation).map(|one| one.office.as_str()).collect();
        let (have, all, need) = (offices.len(), party.signers.len(), party.quorum.sign);
        format!("{} {have} of {all} offices, {need} needed: {}", party.nation, offices.join(", "))
    };
    agreement.party.iter().map(of).collect::<Vec<_>>().join("; ")
}
