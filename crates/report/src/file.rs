//! The reader of report files: TOML between two lines `+++`, then portion-marked text, to one canonical report.
//!
//! Every rule of the grammar that needs no records of the node is checked here (R001 to R126 without R012, and of
//! R037 to R039 only what the file itself shows), and all faults are told at once with their places.

mod attach;
mod banner;
mod blocks;
mod dates;
mod draft;
mod head;
mod judgements;
mod keys;
pub(crate) mod leaks;
mod near;
mod offices;
mod portions;
pub(crate) mod serials;
mod shapes;
mod sources;
mod tear;
#[cfg(test)]
mod tests;
pub(crate) mod text;
mod told;
pub(crate) mod words;

use crate::{
    assessment::Document,
    calendar::Timestamp,
    digest::Digest,
    domain::{Tag, hash},
    fault::{Fault, Faults},
    home::Home,
    label::Groups,
    nation::Nation,
    register::Register,
    rules,
    shapes::Words,
    toml::{Rules, TomlFile},
    vocabulary::Vocabulary,
    wellformed::{self, AtHome, Ground},
};
pub(crate) use head::is_traffic;
use told::Told;

const RULES: Rules = Rules { syntax: "R005", unknown_key: "R005", wrong_type: "R005", missing: "R005" };

/// The first letters of serial numbers of a nation's own collection systems, where its profile names no others.
pub const SERIAL_PREFIXES: &[&str] = &["IMG", "SIG", "EMS", "HUM", "TEC"];

/// What a report file is read against.
pub struct Context<'a> {
    /// The marking register of the author's nation.
    pub register: &'a Register,
    /// Registers of other nations, so that their words are told as theirs.
    pub others: &'a [&'a Register],
    /// The word lists.
    pub vocabulary: &'a Vocabulary,
    /// The recipient, when it is known.
    pub recipient: Option<Recipient<'a>>,
    /// The moment of reading.
    pub now: Timestamp,
    /// First letters of source serials `AAA-YYYY-n` that a descriptor must not hold.
    pub serial_prefixes: &'a [&'a str],
    /// Name and bytes of the home file.
    pub home: Option<(&'a str, &'a [u8])>,
    /// The bytes of a file beside the report.
    pub attachment: &'a dyn Fn(&str) -> Option<Vec<u8>>,
}

impl<'a> Context<'a> {
    /// A context without recipient, home file or attachments.
    #[must_use]
    pub fn new(register: &'a Register, vocabulary: &'a Vocabulary, now: Timestamp) -> Self {
        Self {
            register,
            others: &[],
            vocabulary,
            recipient: None,
            now,
            serial_prefixes: SERIAL_PREFIXES,
            home: None,
            attachment: &|_| None,
        }
    }

    /// The groups of the agreement with the recipient.
    fn groups(&self) -> &dyn Groups {
        self.recipient.as_ref().map_or(&(), |recipient| recipient.groups)
    }
}

/// What the agreement says of the nation that a report goes to.
pub struct Recipient<'a> {
    /// Its code.
    pub nation: Nation,
    /// Its offices.
    pub addressees: &'a [String],
    /// The office that gets a report without addressee.
    pub office: Option<&'a str>,
    /// Languages that it accepts.
    pub languages: &'a [String],
    /// Purposes of the scope in this direction.
    pub purposes: &'a [String],
    /// Groups on the day of reading.
    pub groups: &'a dyn Groups,
    /// The author's long word for limited distribution, which needs a named addressee.
    pub limited_distribution: Option<&'a str>,
    /// Words of a FLASH report.
    pub max_words_flash: Option<u64>,
    /// Bytes of the encoded report.
    pub max_report_bytes: Option<u64>,
    /// Media types of attachments in this direction.
    pub attachment_types: &'a [String],
}

/// A report file without errors.
pub struct Parsed {
    /// The canonical report with its attachments.
    pub document: Document,
    /// What stays at home.
    pub home: Option<Home>,
    /// Tagged digest of the home file's bytes (of no bytes where there is no home file), which the author signs.
    pub home_digest: Digest,
    /// The banner that the portions ask for.
    pub computed_banner: String,
    /// Whether the file states a banner. Where it does not, the document has the computed one and the author must
    /// accept it.
    pub banner_was_stated: bool,
    /// The tear line as a report of its own, with its own serial, audience and signature.
    pub tear_line: Option<TearLine>,
    /// What does not stop the report.
    pub warnings: Faults,
}

/// A tear line made a report.
pub struct TearLine {
    /// The canonical report; `from_tear_line` is set and it has no attachments.
    pub document: Document,
    /// The banner that its portions ask for.
    pub computed_banner: String,
    /// As [`Parsed::banner_was_stated`].
    pub banner_was_stated: bool,
}

/// Reads the report file `name`.
///
/// # Errors
/// All faults, sorted by place; warnings are among them.
pub fn parse(name: &str, bytes: &[u8], context: &Context<'_>) -> Result<Parsed, Faults> {
    let one = |fault: Fault| Faults::new(name, vec![fault]);
    let text = text::decode(bytes, text::MAX_FILE).map_err(one)?;
    let halves = text::halves(&text).map_err(one)?;
    let told = Told::new(halves.front);
    text::characters(&text, &told);
    let body = portions::read(halves.body, halves.body_line, context, &told);
    let toml = TomlFile::new(halves.front, 2, RULES).missing_at(halves.front.len()).looked_at();
    let keys = toml.parse().map(|document| keys::read(&toml.root(&document)));
    told.extend(toml.take_faults());
    let home = leaks::home(&text, context, &told);
    let made = keys.map(|keys| draft::make(&keys, body, home.as_ref(), context, &told));
    if let Some(Some(made)) = &made {
        as_the_nodes_do(made, home.as_ref(), context, &told);
    }
    let faults = Faults::new(name, told.into_list());
    match made.flatten() {
        Some(made) if !faults.has_errors() => Ok(Parsed {
            document: made.document,
            home,
            home_digest: hash(Tag::Home, &[context.home.map_or(&[][..], |(_, bytes)| bytes)]),
            computed_banner: made.computed_banner,
            banner_was_stated: made.banner_was_stated,
            tear_line: made.tear_line,
            warnings: faults,
        }),
        _ => Err(faults),
    }
}

/// The rules as both nodes judge them, so that nothing is signed which they refuse. What was told with its place is the
/// better reason.
fn as_the_nodes_do(made: &draft::Made, home: Option<&Home>, context: &Context<'_>, told: &Told<'_>) {
    let tear = made.tear_line.as_ref().map(|one| &one.document);
    let words = Words::of(context.others.iter().copied().chain([context.register]));
    for document in [Some(&made.document), tear].into_iter().flatten() {
        let ground = Ground {
            register: context.register,
            vocabulary: context.vocabulary,
            words: &words,
            recipient: context.recipient.as_ref().map(|one| one.nation),
            home: Some(AtHome { file: home, serial_prefixes: context.serial_prefixes.to_vec() }),
        };
        if !told.has_errors()
            && let Err(broken) = wellformed::check(document, &ground)
        {
            let asks = rules::rule(broken).map_or("the report's form", |rule| rule.asks);
            told.extend(vec![portions::whole(broken, format!("this is asked: {asks}"))]);
        }
    }
}
