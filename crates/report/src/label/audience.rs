//! Who may read: lists of nations and groups expanded, of one mark or of a banner.

use crate::{
    marking::{BannerMark, Control, PortionMark},
    nation::{Nation, Nations},
    register::Register,
};
use std::collections::BTreeSet;

/// The groups of nations of an agreement on the day of release.
pub trait Groups {
    /// The members behind a group's code; `None`: no such group on that day.
    fn members(&self, code: &str) -> Option<Vec<Nation>>;
}

/// No groups.
impl Groups for () {
    fn members(&self, _code: &str) -> Option<Vec<Nation>> {
        None
    }
}

impl<F: Fn(&str) -> Option<Vec<Nation>>> Groups for F {
    fn members(&self, code: &str) -> Option<Vec<Nation>> {
        self(code)
    }
}

/// A list of codes expanded.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Audience {
    /// Nations, the own one always among them.
    pub nations: Nations,
    /// Codes that do not expand.
    pub unknown_groups: BTreeSet<String>,
}

/// Whether a caveat excludes every list.
pub(super) fn excludes(controls: &[Control]) -> bool {
    controls.iter().any(|control| matches!(control, Control::Caveat { excludes_list: true, .. }))
}

/// Expands a list of codes; the own nation is always a member.
#[must_use]
pub fn expand(codes: &[String], own: Nation, groups: &dyn Groups) -> Audience {
    let mut out = Audience { nations: Nations::of(own), unknown_groups: BTreeSet::new() };
    for code in codes {
        if let Some(nation) = Nation::parse(code) {
            out.nations.insert(nation);
        } else if let Some(members) = groups.members(code) {
            out.nations.extend(members);
        } else {
            out.unknown_groups.insert(code.clone());
        }
    }
    out
}

/// Who may read one portion; `None`: it has no say. `rel_to` is the list that `(S//REL)` means.
#[must_use]
pub fn audience_of_portion(
    mark: &PortionMark,
    register: &Register,
    rel_to: &[String],
    groups: &dyn Groups,
) -> Option<Audience> {
    if mark.has_no_say(register) {
        return None;
    }
    Some(audience_of(&mark.controls, register.nation, rel_to, groups))
}

/// Who may read the report as its banner states it: the banner's list expanded, else the own nation alone.
#[must_use]
pub fn audience_of_banner(banner: &BannerMark, own: Nation, groups: &dyn Groups) -> Audience {
    audience_of(&banner.controls, own, &[], groups)
}

/// All lists of the controls; the unknown groups of each are told even where a caveat leaves the own nation alone.
fn audience_of(controls: &[Control], own: Nation, rel_to: &[String], groups: &dyn Groups) -> Audience {
    let mut lists = controls.iter().filter_map(|control| match control {
        Control::Audience(codes) => Some(codes.as_slice()),
        Control::AudienceOfBanner => Some(rel_to),
        Control::Caveat { .. } | Control::Unknown(_) => None,
    });
    let mut out = expand(lists.next().unwrap_or_default(), own, groups);
    for codes in lists {
        let other = expand(codes, own, groups);
        out.nations.retain(|nation| other.nations.contains(nation));
        out.unknown_groups.extend(other.unknown_groups);
    }
    if excludes(controls) {
        out.nations = Nations::of(own);
    }
    out
}
