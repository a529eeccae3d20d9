//! The home file: what belongs to a report and never leaves the nation. Read by the disclosure officer.
//!
//! Nothing here has `Debug`: its texts name sources.

use crate::{
    assessment::MarkedText,
    digest::Digest,
    domain::{Tag, hash},
    fault::Faults,
    marking::{read_banner, read_portion},
    nation::Nation,
    register::Register,
    toml::{Rules, Section, Spanned, TomlFile, day_of},
};

const RULES: Rules = Rules { syntax: "R080", unknown_key: "R080", wrong_type: "R080", missing: "R080" };
/// The form of home files that this program reads.
pub const FORMAT: &str = "relto-home/1";
/// Bytes of a home file.
pub const MAX_HOME: usize = 1024 * 1024;
/// Sources of a home file: as many as a report has.
const MAX_SOURCES: usize = 64;
/// Entries of `derived_from`.
const MAX_DERIVED: usize = 256;

/// What stays at home of one source.
#[derive(Clone, PartialEq, Eq)]
pub struct HomeSource {
    /// Its number in the report.
    pub n: u32,
    /// Serial in the nation's own systems.
    pub reference: Option<String>,
    /// Owner, where the report conceals it or has a foreign one.
    pub owner: Option<Nation>,
    /// Serial of the owner's consent.
    pub consent: Option<String>,
    /// The whole entry of a withheld source: nation, mark, kind, day and descriptor are all there.
    pub is_described: bool,
    /// Mark of a withheld source, without brackets.
    pub mark: Option<String>,
    /// Nation of a withheld source.
    pub nation: Option<Nation>,
    /// Kind of a withheld source.
    pub kind: Option<String>,
    /// Descriptor of a withheld source.
    pub descriptor: Option<String>,
}

/// A home file.
#[derive(Clone, PartialEq, Eq)]
pub struct Home {
    /// Serial of the report it belongs to.
    pub report: String,
    /// Banner of this file, in the register's words.
    pub banner: Option<String>,
    /// What the nation gains by the release.
    pub justification: Option<MarkedText>,
    /// Classification guides and reports that the marking comes from.
    pub derived_from: Vec<String>,
    /// In the order of the file.
    pub sources: Vec<HomeSource>,
    /// Tagged digest of the file's bytes.
    pub digest: Digest,
}

impl Home {
    /// Reads a home file.
    ///
    /// # Errors
    /// Every fault with its place, under R080; under R003 for a character that nobody sees.
    pub fn read(name: &str, bytes: &[u8], register: &Register) -> Result<Self, Faults> {
        let text = String::from_utf8_lossy(bytes.get(..MAX_HOME).unwrap_or(bytes));
        let file = TomlFile::new(&text, 1, RULES);
        if bytes.len() > MAX_HOME {
            file.fault(0, "R080", "larger than 1 MiB. A home file holds references only");
        } else if matches!(text, std::borrow::Cow::Owned(_)) {
            file.fault(0, "R080", "not UTF-8. Save the file as UTF-8");
        }
        let digest = hash(Tag::Home, &[bytes]);
        let home = file.parse().map(|document| read(&file.root(&document), register, digest));
        let faults = file.into_faults(name);
        home.filter(|_| !faults.has_errors()).ok_or(faults)
    }

    /// What stays at home of this source.
    #[must_use]
    pub fn source(&self, n: u32) -> Option<&HomeSource> {
        self.sources.iter().find(|one| one.n == n)
    }

    /// Every value that must not stand in the report file (R072): references, consents, origins of the marking.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let sources = self.sources.iter().flat_map(|one| [one.reference.as_deref(), one.consent.as_deref()]);
        sources.flatten().chain(self.derived_from.iter().map(String::as_str))
    }
}

fn value(text: Option<Spanned<String>>) -> Option<String> {
    text.map(|text| text.value)
}

fn read(root: &Section<'_>, register: &Register, digest: Digest) -> Home {
    if let Some(format) = root.required("format").filter(|format| format.value != FORMAT) {
        root.fault(format.at, "R080", format!("format {:?} is not known. This program reads {FORMAT}", format.value));
    }
    let report = value(root.required("report")).unwrap_or_default();
    let banner = root.text("banner").map(|text| {
        let (banner, faults) = read_banner(&text.value, register);
        if let Some(fault) = faults.first() {
            root.fault(text.at, "R080", format!("banner: {}", fault.kind.message(register)));
        }
        banner.canonical(register)
    });
    let justification = root.text("justification").and_then(|text| {
        let marked = marked(&text.value, register);
        if marked.is_none() {
            root.fault(text.at, "R080", "justification needs a portion mark, then what the nation gains");
        }
        marked
    });
    let derived_from = root.texts("derived_from");
    if let Some(list) = derived_from.as_ref().filter(|list| list.value.len() > MAX_DERIVED) {
        let message = format!("derived_from has {} entries; the limit is {MAX_DERIVED}", list.value.len());
        root.fault(list.at, "R080", message);
    }
    let derived_from =
        derived_from.map(|list| list.value.into_iter().map(|one| one.value).collect()).unwrap_or_default();
    let sources = sources(root, register);
    root.finish();
    Home { report, banner, justification, derived_from, sources, digest }
}

fn marked(text: &str, register: &Register) -> Option<MarkedText> {
    let (mark, rest) = text.strip_prefix('(')?.split_once(") ")?;
    let (read, faults) = read_portion(mark, register);
    let usable = faults.is_empty() && !rest.trim().is_empty();
    usable.then(|| MarkedText { mark: read.canonical(register), text: rest.trim().to_owned() })
}

fn sources(root: &Section<'_>, register: &Register) -> Vec<HomeSource> {
    let mut out: Vec<HomeSource> = Vec::new();
    for section in root.tables("source") {
        if out.len() == MAX_SOURCES {
            section.fault(section.at(), "R080", format!("more than {MAX_SOURCES} sources; a report has no more"));
            section.finish();
            break;
        }
        if let Some(one) = source(&section, register) {
            if out.iter().any(|earlier| earlier.n == one.n) {
                section.fault(section.at(), "R080", format!("source {} stands here twice. Write one entry", one.n));
            }
            out.push(one);
        }
        section.finish();
    }
    out
}

fn source(section: &Section<'_>, register: &Register) -> Option<HomeSource> {
    if !section.has("n") {
        section.miss("n");
    }
    let n = section.integer("n");
    let number = n.as_ref().and_then(|n| u32::try_from(n.value).ok());
    if let (Some(n), None) = (&n, number) {
        section.fault(n.at, "R080", "n must be the number of a source of the report");
    }
    let mark = section.text("mark").map(|text| {
        let inner = text.value.strip_prefix('(').and_then(|rest| rest.strip_suffix(')'));
        let read = inner.map(|inner| read_portion(inner, register));
        match read {
            Some((mark, faults)) if faults.is_empty() => mark.canonical(register),
            _ => {
                section.fault(text.at, "R080", "mark must be a portion mark, such as (S//NF)");
                String::new()
            }
        }
    });
    let as_of = section.raw_datetime("as_of");
    if let Some(raw) = as_of.as_ref().filter(|raw| day_of(&raw.value).is_none()) {
        section.fault(raw.at, "R080", "as_of must be a date, such as 2026-11-12");
    }
    let (kind, descriptor) = (value(section.text("kind")), value(section.text("descriptor")));
    let (owner, nation) = (nation(section, "owner"), nation(section, "nation"));
    let is_described = mark.is_some() && nation.is_some() && kind.is_some() && as_of.is_some() && descriptor.is_some();
    let (reference, consent) = (value(section.text("reference")), value(section.text("consent")));
    Some(HomeSource { n: number?, reference, owner, consent, is_described, mark, nation, kind, descriptor })
}

fn nation(section: &Section<'_>, key: &str) -> Option<Nation> {
    let text = section.text(key)?;
    let nation = Nation::parse(&text.value);
    if nation.is_none() {
        section.fault(text.at, "R080", format!("{key} must be three capital letters"));
    }
    nation
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marking::tests::registers;

    #[test]
    fn the_examples_read() {
        let (xaa, xbb) = registers();
        let home = Home::read("home", include_bytes!("../../../examples/report.home.toml"), &xaa).ok().unwrap();
        assert_eq!(home.report, "XAA-J2-2026-0431");
        assert_eq!(home.source(3).unwrap().consent.as_deref(), Some("XCC-CONSENT-2026-0088"));
        assert!(home.source(7).unwrap().is_described && !home.source(1).unwrap().is_described);
        assert_eq!(home.secrets().count(), 7);
        let home = Home::read("home", include_bytes!("../../../examples/report-xbb.home.toml"), &xbb).ok().unwrap();
        assert_eq!(home.justification.unwrap().mark, "C//SB");
    }

    #[test]
    fn faults_are_told_with_their_places() {
        let (xaa, _) = registers();
        let text =
            "format = \"relto-home/2\"\njustification = \"none\"\n[[source]]\nn = -1\nowner = \"corvania\"\nx = 1\n";
        let faults = Home::read("report.home.toml", text.as_bytes(), &xaa).err().unwrap();
        let places: Vec<_> = faults.list.iter().map(|one| (one.line, one.column)).collect();
        assert_eq!(places, [(1, 1), (1, 10), (2, 17), (4, 5), (5, 9), (6, 1)]);
        assert!(faults.list.iter().all(|one| one.rule == "R080"));
    }
}
