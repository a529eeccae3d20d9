//! Signatures beside a signed file: `<file>.sig`. They cover the exact bytes of the file, comments too.
//!
//! ```toml
//! format = "relto-signatures/1"
//! digest = "sha256:..."
//! [[signature]]
//! nation    = "XAA"
//! office    = "XAA/NSA"
//! key       = "ed25519:..."
//! signature = "..."        # base64 of 64 bytes
//! ```

#[cfg(test)]
mod tests;

use crate::{
    agreement::{Agreement, Party},
    reader::{Form, Table, read_file},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use relto_report::{
    crypto::{PublicKey, Signature, Signer, SignerDown, sha256},
    digest::Digest,
    domain::{Tag, message},
    fault::Faults,
    nation::Nation,
    toml::Rules,
};
use std::fmt::Write as _;

/// The form of file that this program reads.
pub const FORMAT: &str = "relto-signatures/1";
/// Officers who sign national rules.
pub const NATIONAL_QUORUM: usize = 2;
/// Nine signers a Party, two Parties.
const MAX_SIGNATURES: usize = 18;
const FORM: Form = Form {
    rules: Rules { syntax: "S090", unknown_key: "S091", wrong_type: "S092", missing: "S093" },
    file: "S090",
    repeated: "S094",
};

/// One signature and who claims to have made it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Whose office.
    pub nation: Nation,
    /// The office.
    pub office: String,
    /// Its key.
    pub key: PublicKey,
    /// Over the tagged bytes of the file.
    pub signature: Signature,
}

/// A file of signatures.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureFile {
    /// SHA-256 of the signed file.
    pub digest: Digest,
    /// In the order of the file.
    pub signatures: Vec<Entry>,
}

/// Who has signed, as verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signed {
    /// Whose office.
    pub nation: Nation,
    /// The office.
    pub office: String,
}

/// Why signatures do not hold.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignatureFault {
    /// The signature file itself.
    #[error("{0}")]
    Unreadable(Faults),
    /// The signatures are of another file.
    #[error("the signatures are for the file with digest {named}; this file has {found}")]
    OtherFile {
        /// In the signature file.
        named: Digest,
        /// Of the file at hand.
        found: Digest,
    },
    /// The office is none of the signers.
    #[error("{office} of {nation} is not a signer")]
    UnknownOffice {
        /// Claimed.
        nation: Nation,
        /// Claimed.
        office: String,
    },
    /// The key is not the office's.
    #[error("{key} is not the key of {office}")]
    OtherKey {
        /// Claimed.
        office: String,
        /// Claimed.
        key: PublicKey,
    },
    /// The office has signed already.
    #[error("{office} has signed twice")]
    Repeated {
        /// The office.
        office: String,
    },
    /// The signature is not that key's over these bytes.
    #[error("the signature of {office} does not verify")]
    Wrong {
        /// The office.
        office: String,
    },
    /// Too few offices.
    #[error("{nation} has {have} of {need} signatures; {} may still sign", .open.join(", "))]
    Missing {
        /// Whose.
        nation: Nation,
        /// Valid signatures.
        have: usize,
        /// Needed.
        need: usize,
        /// Offices that have not signed.
        open: Vec<String>,
    },
}

impl SignatureFile {
    /// A file without signatures for these bytes.
    #[must_use]
    pub fn new(file_bytes: &[u8]) -> Self {
        Self { digest: sha256(&[file_bytes]), signatures: Vec::new() }
    }

    /// Reads a signature file.
    ///
    /// # Errors
    /// Every fault with its place.
    pub fn read(name: &str, bytes: &[u8]) -> Result<Self, Faults> {
        read_file(name, bytes, &FORM, read)
    }

    /// The file's text.
    #[must_use]
    pub fn write(&self) -> String {
        let mut out = format!("format = \"{FORMAT}\"\ndigest = \"{}\"\n", self.digest);
        for one in &self.signatures {
            let signature = STANDARD.encode(one.signature.as_bytes());
            let written = write!(
                out,
                "\n[[signature]]\nnation    = \"{}\"\noffice    = \"{}\"\nkey       = \"{}\"\nsignature = \"{signature}\"\n",
                one.nation, one.office, one.key
            );
            debug_assert!(written.is_ok(), "a string takes every text");
        }
        out
    }

    /// Adds an office's signature, in place of an earlier one of the same office.
    pub fn add(&mut self, nation: Nation, office: &str, key: PublicKey, signature: Signature) {
        self.signatures.retain(|one| one.office != office);
        self.signatures.push(Entry { nation, office: office.to_owned(), key, signature });
    }
}

fn read(root: &Table<'_>) -> Option<SignatureFile> {
    let wanted = format!("not known. This program reads {FORMAT}");
    root.parsed("format", "S010", &wanted, |text| (text == FORMAT).then_some(()));
    let digest = root.digest("digest", "S010");
    let rows = root.tables("signature");
    if rows.len() > MAX_SIGNATURES {
        root.fault("signature", "S011", format!("{} signatures; at most {MAX_SIGNATURES} may be there", rows.len()));
    }
    let decode = |text: &str| STANDARD.decode(text).ok().and_then(|bytes| Signature::from_slice(&bytes));
    let entry = |table: &Table<'_>| {
        let nation = table.nation("nation", "S012");
        let office = table.text("office", "S012", 80);
        let key = table.public_key("key", "S012");
        let signature = table.parsed("signature", "S013", "write the base64 of 64 bytes", decode);
        Some(Entry { nation: nation?, office, key, signature: signature? })
    };
    Some(SignatureFile { digest, signatures: rows.iter().filter_map(entry).collect() })
}

/// Signs the bytes of a file for one use.
///
/// # Errors
/// [`SignerDown`] when the key does not answer.
pub fn sign(file_bytes: &[u8], tag: Tag, signer: &dyn Signer) -> Result<Signature, SignerDown> {
    signer.sign(&message(tag, file_bytes))
}

/// Verifies the signatures over an agreement: as many different offices of each Party as `quorum.sign` says, and not
/// one wrong entry among them.
///
/// # Errors
/// The first fault, by name.
pub fn verify_agreement(
    agreement: &Agreement,
    file_bytes: &[u8],
    signature_bytes: &[u8],
) -> Result<Vec<Signed>, SignatureFault> {
    let found = sha256(&[file_bytes]);
    if found != agreement.digest {
        return Err(SignatureFault::OtherFile { named: agreement.digest, found });
    }
    let panel = |party: &Party| Panel {
        nation: party.nation,
        offices: party.signers.iter().map(|signer| (signer.office.clone(), signer.key)).collect(),
        need: usize::try_from(party.quorum.sign).unwrap_or(usize::MAX),
    };
    let panels: Vec<Panel> = agreement.party.iter().map(panel).collect();
    verify(&panels, Tag::Agreement, file_bytes, signature_bytes)
}

/// Verifies the signatures of two of the nation's disclosure officers, each by the name under which the signature file
/// has it and its key, over a file of national rules.
///
/// # Errors
/// The first fault, by name.
pub fn verify_national(
    file_bytes: &[u8],
    signature_bytes: &[u8],
    nation: Nation,
    officers: &[(String, PublicKey)],
) -> Result<Vec<Signed>, SignatureFault> {
    let panel = Panel { nation, offices: officers.to_vec(), need: NATIONAL_QUORUM };
    verify(&[panel], Tag::NationalRules, file_bytes, signature_bytes)
}

/// Offices of one nation and how many of them must sign.
struct Panel {
    nation: Nation,
    offices: Vec<(String, PublicKey)>,
    need: usize,
}

fn verify(
    panels: &[Panel],
    tag: Tag,
    file_bytes: &[u8],
    signature_bytes: &[u8],
) -> Result<Vec<Signed>, SignatureFault> {
    let file = SignatureFile::read("signatures", signature_bytes).map_err(SignatureFault::Unreadable)?;
    let found = sha256(&[file_bytes]);
    if file.digest != found {
        return Err(SignatureFault::OtherFile { named: file.digest, found });
    }
    let signed_bytes = message(tag, file_bytes);
    let mut out: Vec<Signed> = Vec::new();
    for entry in &file.signatures {
        let office = entry.office.clone();
        let panel = panels.iter().find(|panel| panel.nation == entry.nation);
        let key =
            panel.and_then(|panel| panel.offices.iter().find(|(name, _)| *name == entry.office)).map(|(_, key)| *key);
        let Some(key) = key else {
            return Err(SignatureFault::UnknownOffice { nation: entry.nation, office });
        };
        if key != entry.key {
            return Err(SignatureFault::OtherKey { office, key: entry.key });
        }
        if out.iter().any(|one| one.office == office) {
            return Err(SignatureFault::Repeated { office });
        }
        if !key.verify(&signed_bytes, &entry.signature) {
            return Err(SignatureFault::Wrong { office });
        }
        out.push(Signed { nation: entry.nation, office });
    }
    for panel in panels {
        let signed = |office: &str| out.iter().any(|one| one.nation == panel.nation && one.office == office);
        let have = panel.offices.iter().filter(|(office, _)| signed(office)).count();
        if have < panel.need {
            let open = panel.offices.iter().filter(|(name, _)| !signed(name)).map(|(name, _)| name.clone()).collect();
            return Err(SignatureFault::Missing { nation: panel.nation, have, need: panel.need, open });
        }
    }
    Ok(out)
}
