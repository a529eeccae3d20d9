//! The policy NATO (ADatP-4774, appendix 2), as far as a nation's marking can say it.

use super::CategoryKind;

/// The policy's name; NATO compares all its values without regard to case.
pub(super) const NAME: &str = "NATO";
/// The policy's object identifier.
pub(super) const URI: &str = "urn:oid:1.3.26.1.3.1";
/// The context beside which `Releasable To` stands.
pub(super) const RELEASABLE: &str = "Releasable";

/// Lowest first: the level of a table of equivalence is the place in this list.
const CLASSIFICATIONS: [&str; 5] = ["UNCLASSIFIED", "RESTRICTED", "CONFIDENTIAL", "SECRET", "TOP SECRET"];

/// A category of the policy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Tag {
    Context,
    ReleasableTo,
    Only,
    AdditionalSensitivity,
    Administrative,
}

impl Tag {
    const ALL: [Self; 5] =
        [Self::Context, Self::ReleasableTo, Self::Only, Self::AdditionalSensitivity, Self::Administrative];

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tag| tag.row().0.eq_ignore_ascii_case(name))
    }

    pub(super) const fn kind(self) -> CategoryKind {
        self.row().1
    }

    pub(super) const fn uri(self) -> &'static str {
        self.row().2
    }

    const fn row(self) -> (&'static str, CategoryKind, &'static str) {
        match self {
            Self::AdditionalSensitivity => {
                ("Additional Sensitivity", CategoryKind::Restrictive, "urn:oid:1.3.26.1.4.1")
            }
            Self::ReleasableTo => ("Releasable To", CategoryKind::Permissive, "urn:oid:1.3.26.1.4.2"),
            Self::Administrative => ("Administrative", CategoryKind::Informative, "urn:oid:1.3.26.1.4.3"),
            Self::Context => ("Context", CategoryKind::Permissive, "urn:oid:1.3.26.1.4.4"),
            Self::Only => ("Only", CategoryKind::Permissive, "urn:oid:1.3.26.1.4.5"),
        }
    }
}

/// The level of a classification.
pub(super) fn level(word: &str) -> Option<u8> {
    let place = CLASSIFICATIONS.iter().position(|one| one.eq_ignore_ascii_case(word))?;
    u8::try_from(place).ok()
}
