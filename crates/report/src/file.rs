//! The reader of report files: TOML between two lines `+++`, then portion-marked text, to one canonical report.
//!
//! Every rule of the grammar that needs no records of the node is checked here (R001 to R126 without R012, and of
//! R037 to R039 only what the file itself shows), and all faults are told at once with their places.

mod attach;
mod banner;
mod blocks;
mod canonical;
mod context;
mod dates;
mod draft;
mod head;
mod judgements;
mod keys;
mod leaks;
mod mark;
mod near;
mod offices;
mod portions;
mod serials;
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
    digest::Digest,
    domain::{Tag, hash},
    fault::{Fault, Faults},
    home::Home,
    rules,
    shapes::Words,
    toml::{Rules, TomlFile},
    wellformed::{self, AtHome, Ground},
};
pub use context::{Context, Recipient, SERIAL_PREFIXES};
pub use tear::TearLine;
use told::{Told, whole};

const RULES: Rules = Rules { syntax: "R005", unknown_key: "R005", wrong_type: "R005", missing: "R005" };

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
            told.extend(vec![whole(broken, format!("this is asked: {asks}"))]);
        }
    }
}
