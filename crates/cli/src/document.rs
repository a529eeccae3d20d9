//! A report file with what lies beside it, read against an agreement or against a register alone.

use crate::{cache::Installed, on_disk::OnDisk, output::fault_object};
use anyhow::{Context as _, Result, bail};
use relto_policy::agreement::{Agreement, Meaning};
use relto_report::{
    assessment::{Document, Report},
    attachment::{
        bytes::{Apart, Bytes as _},
        inspect,
        inspected::Named,
    },
    calendar::Timestamp,
    fault::{Fault, Faults},
    file::{Context, Parsed, Recipient, parse},
    label::{Groups, audience_of_portion, parts},
    marking::{Control, is_list, ordered_codes, read_portion},
    nation::Nation,
    register::Register,
    shown::Place,
    vocabulary::Vocabulary,
};
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Bytes of a report or home file that are read; the parser tells its own, smaller limits.
const MAX_FILE: u64 = 16 * 1024 * 1024;
/// Bytes of one attachment that are looked at: what all of a report have together at most.
const MAX_ATTACHMENT: u64 = 1024 * 1024 * 1024;

/// A report file and its home file as they lie on the disk.
pub struct Source {
    /// As the user gave it.
    pub path: PathBuf,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Name and bytes of `<name>.home.toml` beside it.
    pub home: Option<(String, Vec<u8>)>,
}

impl Source {
    /// Reads both files.
    ///
    /// # Errors
    /// The system's error, with the file.
    pub fn read(path: &Path) -> Result<Self> {
        let bytes = read_bounded(path, MAX_FILE)?;
        let home_path = path.with_extension("home.toml");
        let home = if home_path.exists() {
            Some((home_path.display().to_string(), read_bounded(&home_path, MAX_FILE)?))
        } else {
            None
        };
        Ok(Self { path: path.to_owned(), bytes, home })
    }

    /// The home file's bytes.
    #[must_use]
    pub fn home_bytes(&self) -> Option<&[u8]> {
        self.home.as_ref().map(|(_, bytes)| bytes.as_slice())
    }

    /// Reads the report against an agreement, for a recipient.
    ///
    /// # Errors
    /// [`Faults`], those that close the audience first; or an attachment's error.
    pub fn parse_for(&self, installed: &Installed, own: Nation, now: Timestamp) -> Result<Parsed> {
        let (agreement, to) = (&installed.agreement, installed.partner);
        let groups = agreement.groups_on(now.day());
        let register = installed.register(own)?;
        let others: Vec<&Register> = installed.registers.values().filter(|one| one.nation != own).collect();
        let recipient = recipient(agreement, own, to, &groups);
        let serial_prefixes = &installed.serial_prefixes();
        let context = Context::new(register, &installed.vocabulary, now);
        let context = Context { recipient, others: &others, serial_prefixes, ..context };
        self.parse(context, &installed.real_world_words())
    }

    /// Reads the report against a register and a vocabulary, for nobody in particular.
    ///
    /// # Errors
    /// As [`Source::parse_for`].
    pub fn parse_alone(&self, register: &Register, vocabulary: &Vocabulary, now: Timestamp) -> Result<Parsed> {
        self.parse(Context::new(register, vocabulary, now), &[&register.real_world])
    }

    fn parse(&self, context: Context<'_>, real_world: &[&str]) -> Result<Parsed> {
        let folder = self.path.parent().unwrap_or(Path::new("")).to_owned();
        let trouble = RefCell::new(None);
        let attachment = |name: &str| {
            // The parser has refused paths (R060); this is for the day when it does not. A link may lead anywhere.
            let path = is_plain_name(name).then(|| folder.join(name))?;
            attached(&path).unwrap_or_else(|error| {
                *trouble.borrow_mut() = Some(error);
                None
            })
        };
        let home = self.home.as_ref().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        let context = Context { home, attachment: &attachment, ..context };
        let parsed = parse(&self.path.display().to_string(), &self.bytes, &context);
        if let Some(error) = trouble.into_inner() {
            return Err(error);
        }
        let mut parsed = parsed.map_err(audience_first)?;
        self.no_real_event_in_an_exercise(&parsed, real_world)?;
        let warning = |one: Carried| {
            // The key of the national rules that refuses it.
            let rule = if one.is_name { "refuse_metadata" } else { "refuse_active_content" };
            let message = format!("{}. The rules of your nation, or of theirs, may refuse it as it is", one.text);
            Fault { line: 0, column: 0, rule, message, warning: true }
        };
        parsed.warnings.list.extend(what_is_carried(&parsed.document).into_iter().map(warning));
        Ok(parsed)
    }

    /// What is real goes over the live link, whatever is being played: in exercise traffic nobody would act on it. API-31
    fn no_real_event_in_an_exercise(&self, parsed: &Parsed, real_world: &[&str]) -> Result<(), Faults> {
        let reports = parsed.tear_line.iter().map(|tear| tear.document.report()).chain([parsed.document.report()]);
        let found = reports.filter(|report| report.traffic != "live").find_map(|report| {
            let word = real_world.iter().find(|word| report.says(word))?;
            Some((&report.traffic, *word))
        });
        let Some((traffic, word)) = found else { return Ok(()) };
        let text = String::from_utf8_lossy(&self.bytes);
        let place = text.lines().zip(1..).find_map(|(line, number)| Some((number, line.find(word)?, line)));
        let (line, column) =
            place.map_or((0, 0), |(number, at, line)| (number, line.get(..at).unwrap_or_default().chars().count() + 1));
        let message = format!(
            "traffic is {traffic:?} and the text says {word}: a real event goes over the live link alone. Write traffic = \
             \"live\" and send it under the live agreement, or take {word} out"
        );
        let fault = Fault { line, column, rule: "R026", message, warning: false };
        Err(Faults::new(&self.path.display().to_string(), vec![fault]))
    }
}

/// What attachments carry that no reader of them sees, or that a program would execute: looked for in this process, by
/// the function that a node's inspector calls. Whether it is refused the rules of each nation say. POL-14
#[must_use]
pub fn carried(document: &Document) -> Vec<String> {
    what_is_carried(document).into_iter().map(|one| one.text).collect()
}

/// One thing that an attachment carries.
struct Carried {
    text: String,
    is_name: bool,
}

fn what_is_carried(document: &Document) -> Vec<Carried> {
    let mut out = Vec::new();
    for (n, one) in (1..).zip(&document.report().attachments) {
        let Some(bytes) = document.attached(n - 1) else { continue };
        let found = inspect(&one.media_type, &bytes);
        let place = format!("attachment {n}, {}", one.name);
        out.extend(found.finding.map(|found| Carried { text: format!("{place}: {found}"), is_name: false }));
        let named = |one: Named| {
            let (value, key) = (one.value, one.key);
            Carried { text: format!("{place}: names {value} ({key}), where no reader looks"), is_name: true }
        };
        out.extend(found.names.into_iter().map(named));
    }
    out
}

/// A file beside the report, to be read where it lies; `None` where there is none of this name.
fn attached(path: &Path) -> Result<Option<Apart>> {
    let told = || path.display().to_string();
    let Some(file) = OnDisk::open(path).with_context(told)? else { return Ok(None) };
    if file.length() > MAX_ATTACHMENT {
        bail!("{}: longer than {MAX_ATTACHMENT} bytes, which is the most that is attached. Attach less", told());
    }
    Ok(Some(Arc::new(file)))
}

/// R122 is the fault that people meet most, and the one whose lines they must find: it goes first.
fn audience_first(mut faults: Faults) -> Faults {
    faults.list.sort_by_key(|fault| fault.rule != "R122");
    faults
}

/// Reads a file that may not be longer than this.
///
/// # Errors
/// The system's error, or that it is longer.
pub fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>> {
    let told = || path.display().to_string();
    let mut bytes = Vec::new();
    let kind = path.metadata().with_context(told)?.file_type();
    if !kind.is_file() {
        bail!("{}: {}, not a file. Name a file", told(), if kind.is_dir() { "a folder" } else { "a device or a pipe" });
    }
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).with_context(told)?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > most) {
        bail!("{}: longer than {most} bytes", told());
    }
    Ok(bytes)
}

/// Whether a name is of one file in the same folder.
#[must_use]
pub fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=120).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(plain)
}

/// What the agreement says of the recipient; none where nothing is agreed in this direction, which the decision tells.
fn recipient<'a>(agreement: &'a Agreement, own: Nation, to: Nation, groups: &'a dyn Groups) -> Option<Recipient<'a>> {
    let (party, scope) = (agreement.party(to)?, agreement.scope(own, to)?);
    let limited = agreement.caveats.iter().find(|row| row.means == Meaning::LimitedDistribution);
    let place = agreement.place_of(own)?;
    Some(Recipient {
        nation: to,
        addressees: &party.addressees,
        office: agreement.duties.consultation.as_ref().and_then(|one| one.office_of(to)),
        languages: &party.languages,
        purposes: &scope.purposes,
        groups,
        limited_distribution: limited.and_then(|row| row.words.get(place)).map(String::as_str),
        max_words_flash: agreement.precedence.get("FLASH").and_then(|one| one.max_words).map(u64::from),
        max_report_bytes: Some(u64::from(scope.max_report_bytes)),
        attachment_types: &scope.attachment_types,
    })
}

/// A portion that does not admit the recipient and so closes the whole report to it.
pub struct Closing {
    /// `title`, `paragraph`, `source 3`, ...
    pub part: String,
    /// Line in the file, where the text is found there as it stands.
    pub line: Option<usize>,
    /// Its mark, in brackets.
    pub mark: String,
    /// The mark that would admit the recipient; none where a caveat keeps the portion at home.
    pub needs: Option<String>,
}

impl Closing {
    /// One line for people.
    #[must_use]
    pub fn text(&self, to: Nation) -> String {
        let place = self.line.map_or_else(|| self.part.clone(), |line| format!("line {line}, {}", self.part));
        match &self.needs {
            Some(needs) => format!("{place}: {} does not admit {to}; {needs} would", self.mark),
            None => format!("{place}: {} keeps it at home; no list of nations can be added", self.mark),
        }
    }

    /// The same for programs.
    #[must_use]
    pub fn object(&self) -> Value {
        json!({ "part": self.part, "line": self.line, "mark": self.mark, "needs": self.needs })
    }
}

/// The portions that close a report to a recipient. The marking is the classifier's decision: nothing is changed.
#[must_use]
pub fn closing(report: &Report, source: &Source, register: &Register, to: Nation, groups: &dyn Groups) -> Vec<Closing> {
    let mut codes = report.rel_to.clone();
    if !relto_report::label::expand(&codes, register.nation, groups).nations.contains(&to) {
        codes.push(to.as_str().to_owned());
    }
    let codes = ordered_codes(&codes, register.nation);
    let text = String::from_utf8_lossy(&source.bytes);
    let mut out = Vec::new();
    for (place, mark) in parts(report) {
        let (read, _) = read_portion(mark, register);
        let audience = audience_of_portion(&read, register, &report.rel_to, groups);
        if audience.is_none_or(|audience| audience.nations.contains(&to)) {
            continue;
        }
        let excludes = |control: &Control| matches!(control, Control::Caveat { excludes_list: true, .. });
        let needs = (!read.controls.iter().any(excludes)).then(|| {
            let mut right = read.clone();
            right.controls.retain(|control| !is_list(control));
            right.controls.push(Control::Audience(codes.clone()));
            format!("({})", right.canonical(register))
        });
        let (name, words) = describe(report, place);
        let line = words.and_then(|words| text.lines().position(|line| line.contains(words))).map(|at| at + 1);
        out.push(Closing { part: name, line, mark: format!("({mark})"), needs });
    }
    out
}

/// What a part is called, and words by which its line is found.
fn describe(report: &Report, place: Place) -> (String, Option<&str>) {
    match place {
        Place::Title => ("title".to_owned(), first_line(&report.title.text)),
        Place::AggregationReason => {
            let reason = report.aggregation_reason.as_ref();
            ("aggregation reason".to_owned(), reason.and_then(|one| first_line(&one.text)))
        }
        Place::Portion(n) => {
            ("portion".to_owned(), report.portions.get(n.saturating_sub(1)).and_then(|one| first_line(&one.body.text)))
        }
        Place::Source(n) => {
            let one = report.sources.get(n.saturating_sub(1));
            let words = one.and_then(|one| one.described.as_ref()).map(|one| one.descriptor.as_str());
            (format!("source {}", one.map_or(0, |one| one.n)), words)
        }
        Place::Attachment(n) => {
            let name = report.attachments.get(n.saturating_sub(1)).map(|one| one.name.as_str());
            (format!("attachment {}", name.unwrap_or_default()), None)
        }
        Place::AttachmentTitle(n) => {
            let one = report.attachments.get(n.saturating_sub(1));
            let name = one.map_or("", |one| one.name.as_str());
            (format!("title of {name}"), one.and_then(|one| first_line(&one.title.text)))
        }
        // No mark stands there.
        Place::Judgement(_) | Place::Key(_) => (place.to_string(), None),
    }
}

fn first_line(text: &str) -> Option<&str> {
    text.lines().next().filter(|line| !line.is_empty())
}

/// Warnings of a file that reads, as objects.
#[must_use]
pub fn warnings(parsed: &Parsed) -> Vec<Value> {
    parsed.warnings.list.iter().map(|fault| fault_object(&parsed.warnings.file, fault)).collect()
}
