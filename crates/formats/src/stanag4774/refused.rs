//! What Relto cannot represent, by name. A label with anything of this has no marking. LBL-6

use super::CategoryKind;
use relto_report::nation::Nation;
use std::fmt;

/// One thing of a label, or of a report's marking, that cannot be said in the other's terms.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    /// A policy that is neither NATO's nor a Party's.
    Policy(String),
    /// An identifier of the policy that nothing here gives a meaning.
    PolicyUri {
        /// The policy.
        policy: String,
        /// Its identifier.
        uri: String,
    },
    /// A classification that the policy does not have.
    Classification {
        /// The policy.
        policy: String,
        /// As written.
        word: String,
    },
    /// A marking that the agreement names as never exchanged, or gives no row.
    NotExchangeable {
        /// Whose.
        nation: Nation,
        /// As written.
        word: String,
    },
    /// A level of NATO's that the table of equivalence does not have exactly once.
    Level {
        /// As written.
        word: String,
        /// 0 to 4.
        level: u8,
    },
    /// A privacy mark: free text without an agreed meaning.
    PrivacyMark(String),
    /// A category without an agreed meaning.
    Category {
        /// `TagName`.
        tag: String,
        /// `Type`.
        kind: CategoryKind,
        /// Its values.
        values: Vec<String>,
    },
    /// A category whose `Type` is another than its policy says.
    CategoryType {
        /// `TagName`.
        tag: String,
        /// As written.
        found: CategoryKind,
        /// As the policy has it.
        wanted: CategoryKind,
    },
    /// A category whose identifier is another than its policy says.
    CategoryUri {
        /// `TagName`.
        tag: String,
        /// As written.
        uri: String,
    },
    /// NATO's category `Context` is missing or contradicts `Releasable To`.
    Context(&'static str),
    /// Neither a nation's code nor a group of the agreement on the day.
    Group {
        /// The category.
        tag: String,
        /// As written.
        value: String,
    },
    /// A caveat that the register or the agreement does not have.
    Caveat(String),
    /// A caveat that keeps the information with its own nation.
    NationalOnly(String),
    /// A caveat that excludes a list, and a list.
    Contradiction(String),
    /// Not a nation's code, nor the word for a concealed owner alone.
    Owner(String),
    /// The owner is no nation, and the agreement takes no portions whose owner is not named.
    OwnerNotNamed(String),
    /// An alternative label that does not say whose information it is, or is in another nation's words.
    AlternativeOwner(String),
    /// The list does not admit this nation.
    NotAdmitted(Nation),
    /// A colour that TLP 2.0 does not have.
    Tlp(String),
    /// Another traffic than the agreement's.
    Traffic {
        /// Of the label or report.
        found: String,
        /// Of the agreement.
        agreed: String,
    },
    /// More values than the category can have.
    TooMany {
        /// `TagName`.
        tag: String,
    },
    /// A banner that its register cannot read; the fault.
    Banner(String),
}

impl Refused {
    /// A word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Policy(_) => "policy",
            Self::PolicyUri { .. } => "policy-uri",
            Self::Classification { .. } => "classification",
            Self::NotExchangeable { .. } => "not-exchangeable",
            Self::Level { .. } => "level",
            Self::PrivacyMark(_) => "privacy-mark",
            Self::Category { .. } => "category",
            Self::CategoryType { .. } => "category-type",
            Self::CategoryUri { .. } => "category-uri",
            Self::Context(_) => "context",
            Self::Group { .. } => "group",
            Self::Caveat(_) => "caveat",
            Self::NationalOnly(_) => "national-only",
            Self::Contradiction(_) => "contradiction",
            Self::Owner(_) => "owner",
            Self::OwnerNotNamed(_) => "owner-not-named",
            Self::AlternativeOwner(_) => "alternative-owner",
            Self::NotAdmitted(_) => "not-admitted",
            Self::Tlp(_) => "tlp",
            Self::Traffic { .. } => "traffic",
            Self::TooMany { .. } => "too-many",
            Self::Banner(_) => "banner",
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy(policy) => write!(f, "policy {policy:?}: neither NATO nor a Party of the agreement"),
            Self::PolicyUri { policy, uri } => {
                write!(f, "policy {policy} with URI {uri}: nothing here says that this is its identifier")
            }
            Self::Classification { policy, word } => {
                write!(f, "classification {word:?}: policy {policy} has no such one")
            }
            Self::NotExchangeable { nation, word } => {
                write!(
                    f,
                    "classification {word} of {nation}: the table of equivalence has no row for it; it is not exchanged"
                )
            }
            Self::Level { word, level } => {
                write!(
                    f,
                    "classification NATO {word}: the table of equivalence has not exactly one row of level {level} today"
                )
            }
            Self::PrivacyMark(text) => write!(f, "PrivacyMark {text:?}: free text has no agreed meaning"),
            Self::Category { tag, kind, values } => {
                write!(f, "category {tag} ({}) {}: no agreed meaning", kind.word(), values.join(", "))
            }
            Self::CategoryType { tag, found, wanted } => {
                write!(f, "category {tag}: Type {} where its policy has {}", found.word(), wanted.word())
            }
            Self::CategoryUri { tag, uri } => {
                write!(f, "category {tag} with URI {uri}: not the identifier that its policy gives it")
            }
            Self::Context(why) => write!(f, "category Context: {why}"),
            Self::Group { tag, value } => {
                write!(f, "{tag} {value}: neither a nation's three letters nor a group of the agreement today")
            }
            Self::Caveat(word) => write!(f, "caveat {word:?}: no agreed meaning"),
            Self::NationalOnly(word) => write!(f, "caveat {word}: it keeps the information with its own nation"),
            Self::Contradiction(word) => {
                write!(f, "caveat {word} together with a list of nations: they exclude each other")
            }
            Self::Owner(value) => write!(f, "foreign owner {value:?}: neither a nation's three letters nor FGI alone"),
            Self::OwnerNotNamed(owner) => {
                write!(
                    f,
                    "owner {owner}: it is no nation, and the agreement takes no portions whose owner is not named"
                )
            }
            Self::AlternativeOwner(policy) => write!(
                f,
                "alternative label in the words of {policy}: it does not say to you whose information this is. Give the originator's label"
            ),
            Self::NotAdmitted(nation) => write!(f, "{nation} is not among those that the label admits"),
            Self::Tlp(word) => write!(f, "TLP {word:?}: not a colour of TLP 2.0"),
            Self::Traffic { found, agreed } => {
                write!(f, "traffic {found:?}: the agreement is for {agreed:?}; live and exercise never meet")
            }
            Self::TooMany { tag } => write!(f, "category {tag}: more than one value"),
            Self::Banner(why) => write!(f, "banner: {why}"),
        }
    }
}
