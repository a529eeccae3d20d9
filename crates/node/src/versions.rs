//! Later versions of the agreements: files that an operator has installed, beside the store, and which version is in
//! force. A file binds nobody before it is adopted.

use crate::sync::lock;
use relto_exchange::{ids::LinkId, link::Link};
use relto_host::files;
use relto_policy::{
    agreement::{Agreement, Signer},
    signatures::{Signed, verify_agreement},
};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// Later versions of one agreement that a node keeps at most.
const MOST: usize = 64;
/// Bytes of the longest file, as the agreement's form limits it.
const MAX_FILE: u64 = 256 * 1024;

/// A version's file and the signatures beside it, verified.
#[derive(Clone, Debug)]
pub struct VersionFile {
    /// What it says.
    pub text: Arc<Agreement>,
    /// Its exact bytes.
    pub file: Vec<u8>,
    /// The signatures'.
    pub signatures: Vec<u8>,
}

/// Why a version's file is not taken up; a line for the operator.
#[derive(Debug, thiserror::Error)]
#[error("{rule}{}{what}", if .rule.is_empty() { "" } else { ": " })]
pub struct NotTaken {
    /// Number of the rule; empty where the text names it.
    pub rule: &'static str,
    /// What is wrong.
    pub what: String,
}

impl VersionFile {
    /// Reads a version that takes the place of one which is here, by its supersession, its widening and its signatures.
    ///
    /// # Errors
    /// [`NotTaken`]: every fault of the file, or the first of the signatures; K019 where it changes what a new version
    /// cannot change in a running node.
    pub fn judge(
        name: &str,
        (file, signatures): (Vec<u8>, Vec<u8>),
        link: &Link,
        later: &[Arc<Agreement>],
    ) -> Result<Self, NotTaken> {
        let of = |what: String| NotTaken { rule: "", what };
        let text = Agreement::read(name, &file).map_err(|faults| of(faults.to_string()))?;
        let mut known = std::iter::once(&link.agreement).chain(later);
        let Some(before) = known.find(|one| Some(one.digest) == text.supersedes) else {
            let what = format!("{name}: supersedes names no version that is installed here. Install that one first");
            return Err(NotTaken { rule: "A004", what });
        };
        text.follows(name, before).map_err(|faults| of(faults.to_string()))?;
        text.fits(name, &link.vocabulary, &link.registers).map_err(|faults| of(faults.to_string()))?;
        let keys = |one: &Agreement| one.party.each_ref().map(|party| party.seal_key);
        if keys(&text) != keys(before) || text.traffic != before.traffic {
            let what = format!(
                "{name}: a new version changes no seal key and no traffic: a key changes by its own statement, and an \
                 exercise has an agreement of its own"
            );
            return Err(NotTaken { rule: "K019", what });
        }
        let signed = verify_agreement(&text, &file, &signatures).map_err(|fault| of(format!("{name}.sig: {fault}")))?;
        // Whoever may write a file names signers in it as they like: those of the version before must stand behind it.
        for party in &before.party {
            let now = text.party(party.nation).map(|new| new.signers.as_slice()).unwrap_or_default();
            let stays = |known: &&Signer| now.iter().any(|new| new.office == known.office && new.key == known.key);
            let by = |one: &Signed| party.signers.iter().filter(stays).any(|known| known.office == one.office);
            let have = signed.iter().filter(|one| one.nation == party.nation && by(one)).count();
            let need = usize::try_from(party.quorum.sign).unwrap_or(usize::MAX);
            if have < need {
                let what = format!(
                    "{name}: {have} of {need} signatures are by signers whom version {} names for {}. Signers change step \
                     by step: a version is signed by enough of those before it",
                    before.version, party.nation
                );
                return Err(NotTaken { rule: "K019", what });
            }
        }
        Ok(Self { text: Arc::new(text), file, signatures })
    }

    /// Puts both files on the disk, the signatures first: a file without them is none.
    ///
    /// # Errors
    /// The system's.
    fn keep(&self, folder: &Path) -> io::Result<()> {
        let path = path_of(folder, &self.text);
        files::create_folder(folder)?;
        for (path, bytes) in [(beside(&path), &self.signatures), (path, &self.file)] {
            let new = path.with_extension("new");
            files::write_private(&new, bytes)?;
            fs::rename(&new, &path)?;
        }
        files::flush_folder(folder)?;
        files::flush_folder(files::folder_of(folder))
    }
}

fn path_of(folder: &Path, text: &Agreement) -> PathBuf {
    let digest = text.digest.to_string();
    let short: String = digest.trim_start_matches("sha256:").chars().take(16).collect();
    folder.join(format!("{}.{}.{short}.toml", text.id, text.version))
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

/// Reads what is installed of a link's agreement, in the order of its versions.
///
/// # Errors
/// A line for each file that is not sound: an adopted version that is missing must not go unnoticed.
pub fn installed(folder: &Path, link: &Link) -> Result<Vec<VersionFile>, Vec<String>> {
    let mut paths = match fs::read_dir(folder) {
        Ok(entries) => {
            let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| entry.map(|entry| entry.path())).collect();
            paths.map_err(|error| vec![format!("{}: {error}", folder.display())])?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(vec![format!("{}: {error}", folder.display())]),
    };
    let number = |path: &PathBuf| -> Option<u32> {
        let name = path.file_name()?.to_str()?.strip_suffix(".toml")?;
        let rest = name.strip_prefix(link.agreement.id.as_str())?.strip_prefix('.')?;
        rest.split('.').next()?.parse().ok()
    };
    paths.retain(|path| number(path).is_some());
    paths.sort_by_key(|path| (number(path), path.clone()));
    let (mut found, mut faults): (Vec<VersionFile>, Vec<String>) = (Vec::new(), Vec::new());
    for path in paths {
        let name = path.display().to_string();
        let later: Vec<Arc<Agreement>> = found.iter().map(|one| one.text.clone()).collect();
        let read = |path: &Path| {
            let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
            let mut bytes = Vec::new();
            io::Read::read_to_end(&mut io::Read::take(file, MAX_FILE + 1), &mut bytes)
                .map_err(|error| format!("{}: {error}", path.display()))?;
            Ok::<_, String>(bytes)
        };
        match read(&path).and_then(|file| Ok((file, read(&beside(&path))?))) {
            Ok(files) => match VersionFile::judge(&name, files, link, &later) {
                Ok(version) => found.push(version),
                Err(fault) => faults.push(fault.to_string()),
            },
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// The versions of a running node's agreements.
pub struct Versions {
    folder: PathBuf,
    /// Later versions of each link, as installed.
    later: Mutex<Vec<Vec<Arc<VersionFile>>>>,
    /// One at a time is judged and written; readers do not wait for it.
    installing: Mutex<()>,
    /// What is in force on each link, as of the writer's last turn.
    in_force: RwLock<Vec<Arc<Agreement>>>,
}

impl Versions {
    /// As they were loaded.
    #[must_use]
    pub fn new(folder: PathBuf, links: &[Link], later: Vec<Vec<VersionFile>>) -> Self {
        let in_force = links.iter().map(|link| link.agreement.clone()).collect();
        let later = later.into_iter().map(|list| list.into_iter().map(Arc::new).collect()).collect();
        Self { folder, later: Mutex::new(later), installing: Mutex::new(()), in_force: RwLock::new(in_force) }
    }

    /// The version in force on the link at this place.
    #[must_use]
    pub fn in_force(&self, at: usize, link: &Link) -> Arc<Agreement> {
        let known = self.in_force.read().unwrap_or_else(PoisonError::into_inner).get(at).cloned();
        known.unwrap_or_else(|| link.agreement.clone())
    }

    /// After a turn of the writer.
    pub fn note<'a>(&self, in_force: impl Fn(LinkId) -> Option<&'a Arc<Agreement>>) {
        let current = self.in_force.read().unwrap_or_else(PoisonError::into_inner).clone();
        let of = |at: usize| LinkId::at(at).and_then(&in_force);
        let same = |(at, known): (usize, &Arc<Agreement>)| of(at).is_none_or(|new| Arc::ptr_eq(new, known));
        if !current.iter().enumerate().all(same) {
            let new = current.iter().enumerate().map(|(at, known)| of(at).unwrap_or(known).clone()).collect();
            *self.in_force.write().unwrap_or_else(PoisonError::into_inner) = new;
        }
    }

    /// Later versions of a link, as installed.
    #[must_use]
    pub fn later(&self, link: usize) -> Vec<Arc<VersionFile>> {
        lock(&self.later).get(link).cloned().unwrap_or_default()
    }

    /// Judges a version of a link and puts it on the disk, where it is not there already.
    ///
    /// # Errors
    /// [`NotTaken`].
    pub fn install(&self, at: usize, link: &Link, files: (Vec<u8>, Vec<u8>)) -> Result<Arc<Agreement>, NotTaken> {
        let _one = lock(&self.installing);
        let known = self.later(at);
        let texts: Vec<Arc<Agreement>> = known.iter().map(|one| one.text.clone()).collect();
        let version = VersionFile::judge("agreement.toml", files, link, &texts)?;
        let text = version.text.clone();
        if texts.iter().any(|known| known.digest == text.digest) {
            return Ok(text);
        }
        if known.len() >= MOST {
            return Err(NotTaken { rule: "K019", what: format!("{MOST} later versions are installed already") });
        }
        let failed = |error: io::Error| NotTaken { rule: "", what: format!("{}: {error}", self.folder.display()) };
        version.keep(&self.folder).map_err(failed)?;
        if let Some(list) = lock(&self.later).get_mut(at) {
            list.push(Arc::new(version));
        }
        Ok(text)
    }
}
