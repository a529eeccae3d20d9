//! STANAG 4774 confidentiality labels (ADatP-4774, namespace version 1:0), in and out.
//!
//! [`read`] takes the XML of one label and refuses everything that it does not know, by name and place. [`translate`]
//! says the label in a nation's own words under an agreement, or names each thing that Relto cannot represent.
//! [`Marking`] is what a report's banner says; [`originator_label`] and [`alternative_label`] write it as labels.
//!
//! A label is never a decision: what it admits, [`relto_policy::check`] decides. Bindings (STANAG 4778) are not read.

mod export;
mod lexical;
mod marking;
mod nato;
mod read;
mod refused;
mod terms;
#[cfg(test)]
mod tests;
mod translate;
mod write;
mod wrong;
mod xml;

pub use export::{alternative_label, originator_label};
pub use marking::Marking;
pub use read::{ReadLabel, read};
pub use refused::Refused;
pub use terms::Terms;
pub use translate::{LeftOut, Translated, translate};
pub use write::write;
pub use wrong::{MAX_ATTRIBUTES, MAX_TEXT};
pub use xml::{MAX_DEPTH, MAX_ELEMENTS};

use relto_report::calendar::Timestamp;

/// The namespace of every element.
pub const NAMESPACE: &str = "urn:nato:stanag:4774:confidentialitymetadatalabel:1:0";
/// Bytes of a label's file.
pub const MAX_LABEL: usize = 64 * 1024;

/// The category of the nations and groups that may have the information.
pub const RELEASABLE_TO: &str = "Releasable To";
/// The category of a nation's caveats, in its banner's words.
pub const CAVEAT: &str = "Caveat";
/// The category of foreign owners: nations, or [`CONCEALED`] alone.
pub const FOREIGN: &str = "Foreign Government Information";
/// The value of [`FOREIGN`] where an owner is named at home only.
pub const CONCEALED: &str = "FGI";
/// The category of the colour of TLP 2.0.
pub const TLP: &str = "Traffic Light Protocol";
/// The category of the exercise's id.
pub const EXERCISE: &str = "Exercise";

/// Whose words a label is in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LabelKind {
    /// As the originator marked it.
    Originator,
    /// The equivalent in another policy.
    Alternative,
}

impl LabelKind {
    /// The name of its element.
    #[must_use]
    pub const fn element(self) -> &'static str {
        match self {
            Self::Originator => "originatorConfidentialityLabel",
            Self::Alternative => "alternativeConfidentialityLabel",
        }
    }
}

/// How a reader's attributes are compared with a category.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CategoryKind {
    /// A reader holds every value.
    Restrictive,
    /// A reader holds one value at least.
    Permissive,
    /// Access does not depend on it.
    Informative,
}

impl CategoryKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Restrictive, Self::Permissive, Self::Informative];

    /// The word of the attribute `Type`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Restrictive => "RESTRICTIVE",
            Self::Permissive => "PERMISSIVE",
            Self::Informative => "INFORMATIVE",
        }
    }
}

/// One `Category` of a label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Category {
    /// `TagName`.
    pub tag: String,
    /// `Type`.
    pub kind: CategoryKind,
    /// `URI`, an object identifier.
    pub uri: Option<String>,
    /// The values, one at least, each once.
    pub values: Vec<String>,
}

/// A moment as it is written, and which it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Moment {
    /// As in the file, fractions of a second with it.
    pub text: String,
    /// Whole seconds.
    pub at: Timestamp,
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self { text: at.to_string(), at }
    }
}

/// Who made the label.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OriginatorId {
    /// `IDType`.
    pub kind: String,
    /// The name.
    pub name: String,
}

/// A label as its originator wrote it: no word is changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConfidentialityLabel {
    /// The root element.
    pub kind: LabelKind,
    /// `Id`.
    pub id: Option<String>,
    /// `PolicyIdentifier`: whose words follow.
    pub policy: String,
    /// Its `URI`, an object identifier.
    pub policy_uri: Option<String>,
    /// `Classification`.
    pub classification: String,
    /// `PrivacyMark`: free text.
    pub privacy_mark: Option<String>,
    /// In the order of the file, no tag twice.
    pub categories: Vec<Category>,
    /// `OriginatorID`.
    pub originator: Option<OriginatorId>,
    /// `ReviewDateTime`.
    pub review: Option<Moment>,
    /// `CreationDateTime`.
    pub created: Option<Moment>,
}
