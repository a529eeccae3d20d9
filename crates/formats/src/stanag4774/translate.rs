//! From a label to a nation's marking under an agreement. Whatever is not understood refuses the whole label; nothing
//! is guessed, widened or dropped but what the standard itself calls informative.

use super::{
    CAVEAT, CONCEALED, Category, CategoryKind, ConfidentialityLabel, EXERCISE, FOREIGN, LabelKind, Marking,
    RELEASABLE_TO, Refused, TLP, Terms, nato,
};
use relto_report::{
    label::Groups as _,
    marking::{BannerMark, Control, Foreign, ordered_codes},
    nation::Nation,
};
use std::collections::BTreeSet;

/// Colours of TLP 2.0.
const COLOURS: [&str; 5] = ["RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR"];

/// What a marking does not carry because access never depends on it; the label keeps it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LeftOut {
    /// The category or element.
    pub tag: String,
    /// What it says.
    pub values: Vec<String>,
}

/// A label in a nation's words.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Translated {
    /// The marking.
    pub marking: Marking,
    /// Named, and not carried.
    pub left_out: Vec<LeftOut>,
    /// The owner is NATO, which a mark can only leave unnamed: no consent of it can be recorded, so a report that
    /// holds this information is not released.
    pub owned_by_nato: bool,
}

/// Says a label in the words of the nation of `terms.register`. LBL-6
///
/// # Errors
/// Each thing that the nation's marking cannot represent.
pub fn translate(label: &ConfidentialityLabel, terms: &Terms<'_>) -> Result<Translated, Vec<Refused>> {
    let mut work = Work { terms, own: terms.register.nation, said: Said::default(), refused: Vec::new() };
    work.policy(label);
    if let Some(mark) = &label.privacy_mark {
        work.refuse(Refused::PrivacyMark(mark.clone()));
    }
    if let Some(originator) = &label.originator {
        let name = format!("{} ({})", originator.name, originator.kind);
        work.said.left_out.push(LeftOut { tag: "OriginatorID".to_owned(), values: vec![name] });
    }
    let nation = Nation::parse(&label.policy).filter(|nation| terms.agreement.place_of(*nation).is_some());
    if is_nato(label) {
        work.nato(label);
    } else if let Some(nation) = nation {
        work.nation(label, nation);
    } else {
        work.refuse(Refused::Policy(label.policy.clone()));
    }
    work.traffic();
    work.finish(label)
}

fn is_nato(label: &ConfidentialityLabel) -> bool {
    label.policy.eq_ignore_ascii_case(nato::NAME)
}

/// What the label has said so far, in the nation's words.
#[derive(Default)]
struct Said {
    level: Option<(usize, String)>,
    caveats: Vec<Control>,
    owners: BTreeSet<Nation>,
    concealed: bool,
    codes: Vec<String>,
    tlp: Option<String>,
    exercise: Option<String>,
    left_out: Vec<LeftOut>,
}

struct Work<'a> {
    terms: &'a Terms<'a>,
    own: Nation,
    said: Said,
    refused: Vec<Refused>,
}

impl Work<'_> {
    fn refuse(&mut self, what: Refused) {
        self.refused.push(what);
    }

    /// NATO has its identifier; the Parties have three letters and no other name.
    fn policy(&mut self, label: &ConfidentialityLabel) {
        let Some(uri) = &label.policy_uri else { return };
        if !(is_nato(label) && uri == nato::URI) {
            self.refuse(Refused::PolicyUri { policy: label.policy.clone(), uri: uri.clone() });
        }
    }

    fn nato(&mut self, label: &ConfidentialityLabel) {
        if label.kind == LabelKind::Alternative {
            self.refuse(Refused::AlternativeOwner(label.policy.clone()));
        }
        self.nato_level(&label.classification);
        let (mut context, mut releasable) = (None, None);
        for category in &label.categories {
            let tag = nato::Tag::parse(&category.tag);
            if let Some(tag) = tag {
                self.as_its_policy_has_it(category, tag.kind(), tag.uri());
            }
            match tag {
                Some(nato::Tag::Context) => context = Some(category),
                Some(nato::Tag::ReleasableTo) => releasable = Some(category),
                Some(nato::Tag::Administrative) => self.leave_out(category),
                Some(nato::Tag::Only | nato::Tag::AdditionalSensitivity) => self.no_meaning(category),
                None => self.unknown(category),
            }
        }
        self.nato_audience(context, releasable);
        // NATO is no nation, and a mark names nations: its information is foreign, its owner named at home only.
        self.said.concealed = true;
        if !self.terms.agreement.third_party.concealed_origin {
            self.refuse(Refused::OwnerNotNamed(nato::NAME.to_owned()));
        }
    }

    fn nato_level(&mut self, word: &str) {
        let Some(level) = nato::level(word) else {
            return self.refuse(Refused::Classification { policy: nato::NAME.to_owned(), word: word.to_owned() });
        };
        let (agreement, day) = (self.terms.agreement, self.terms.day);
        let mut rows = agreement.equivalence.iter().filter(|row| row.level == level && row.holds_on(day));
        let (Some(row), None) = (rows.next(), rows.next()) else {
            return self.refuse(Refused::Level { word: word.to_owned(), level });
        };
        let marking = agreement.place_of(self.own).and_then(|place| row.markings.get(place)).cloned();
        self.level(marking.as_deref().unwrap_or_default());
    }

    /// `Context` names the groups that have the information anyway; beside `Releasable` the list alone counts.
    fn nato_audience(&mut self, context: Option<&Category>, releasable: Option<&Category>) {
        let Some(context) = context else {
            return self.refuse(Refused::Context("it is missing, and NATO requires it"));
        };
        let is_releasable = |value: &&String| value.eq_ignore_ascii_case(nato::RELEASABLE);
        let groups: Vec<&String> = context.values.iter().filter(|value| !is_releasable(value)).collect();
        if groups.is_empty() {
            self.refuse(Refused::Context("it names no group beside Releasable"));
        }
        let listed: Vec<&String> = match (releasable, context.values.iter().any(|value| is_releasable(&value))) {
            (Some(category), true) => category.values.iter().collect(),
            (None, false) => groups,
            (Some(_), false) => {
                return self.refuse(Refused::Context("it lacks Releasable, and Releasable To is there"));
            }
            (None, true) => return self.refuse(Refused::Context("it has Releasable, and Releasable To is missing")),
        };
        let tag = if releasable.is_some() { RELEASABLE_TO } else { "Context" };
        let codes: Vec<String> = listed.into_iter().map(|value| value.to_ascii_uppercase()).collect();
        self.audience(tag, &codes);
    }

    fn nation(&mut self, label: &ConfidentialityLabel, nation: Nation) {
        self.national_level(&label.classification, nation);
        let mut list = None;
        for category in &label.categories {
            let wanted = match category.tag.as_str() {
                RELEASABLE_TO => CategoryKind::Permissive,
                CAVEAT | FOREIGN | TLP | EXERCISE => CategoryKind::Restrictive,
                _ => {
                    self.unknown(category);
                    continue;
                }
            };
            self.as_its_policy_has_it(category, wanted, "");
            match category.tag.as_str() {
                RELEASABLE_TO => list = Some(category.values.as_slice()),
                CAVEAT => category.values.iter().for_each(|word| self.caveat(word, nation)),
                FOREIGN => self.owners(&category.values),
                TLP => self.said.tlp = self.single(category),
                _ => self.said.exercise = self.single(category),
            }
        }
        if let Some(colour) = self.said.tlp.clone().filter(|colour| !COLOURS.contains(&colour.as_str())) {
            self.refuse(Refused::Tlp(colour));
        }
        let whose = if label.kind == LabelKind::Alternative { None } else { Some(nation) };
        self.said.owners.extend(whose);
        self.said.owners.remove(&self.own);
        let unnamed = self.said.owners.is_empty() && !self.said.concealed;
        if label.kind == LabelKind::Alternative && (nation != self.own || unnamed) {
            self.refuse(Refused::AlternativeOwner(label.policy.clone()));
        }
        // Without a list only the policy's own nation has the information: never "no restriction". LBL-7
        self.audience(RELEASABLE_TO, list.unwrap_or(&[nation.to_string()]));
        let excludes = |one: &Control| matches!(one, Control::Caveat { excludes_list: true, .. });
        if self.said.codes.len() > 1
            && let Some(Control::Caveat { long, .. }) = self.said.caveats.iter().find(|one| excludes(one)).cloned()
        {
            self.refuse(Refused::Contradiction(long));
        }
    }

    fn national_level(&mut self, word: &str, nation: Nation) {
        if nation == self.own {
            return self.level(word);
        }
        let agreement = self.terms.agreement;
        let row = agreement.equivalence_of(nation, word, self.terms.day);
        match row.and_then(|row| row.markings.get(agreement.place_of(self.own)?)) {
            Some(marking) => self.level(marking),
            None => self.refuse(Refused::NotExchangeable { nation, word: word.to_owned() }),
        }
    }

    fn level(&mut self, word: &str) {
        match self.terms.register.level_by_long(word) {
            Some((place, level)) => self.said.level = Some((place, level.long.clone())),
            None => self.refuse(Refused::Classification { policy: self.own.to_string(), word: word.to_owned() }),
        }
    }

    fn caveat(&mut self, word: &str, nation: Nation) {
        let meant = if nation == self.own { Ok(word) } else { self.terms.caveat_of(nation, word, self.own) };
        let known = meant.map(|word| self.terms.register.control_by_long(word));
        match known {
            Ok(Some(control)) => {
                let (long, excludes_list) = (control.long.clone(), control.excludes_list);
                self.said.caveats.push(Control::Caveat { long, excludes_list });
            }
            Ok(None) => self.refuse(Refused::Caveat(word.to_owned())),
            Err(fault) => self.refuse(fault),
        }
    }

    fn owners(&mut self, values: &[String]) {
        self.said.concealed = matches!(values, [only] if only == CONCEALED);
        for value in values.iter().filter(|_| !self.said.concealed) {
            match Nation::parse(value).filter(|_| value != CONCEALED) {
                Some(nation) => {
                    self.said.owners.insert(nation);
                }
                None => self.refused.push(Refused::Owner(value.clone())),
            }
        }
    }

    /// The list must name the own nation: nobody is added to it.
    fn audience(&mut self, tag: &str, codes: &[String]) {
        let groups = self.terms.agreement.groups_on(self.terms.day);
        for code in codes.iter().filter(|code| Nation::parse(code).is_none() && groups.members(code).is_none()) {
            self.refused.push(Refused::Group { tag: tag.to_owned(), value: code.clone() });
        }
        if !codes.iter().any(|code| self.terms.admits(code, self.own)) {
            self.refuse(Refused::NotAdmitted(self.own));
        }
        self.said.codes = ordered_codes(codes, self.own);
    }

    fn single(&mut self, category: &Category) -> Option<String> {
        if category.values.len() > 1 {
            self.refuse(Refused::TooMany { tag: category.tag.clone() });
        }
        category.values.first().cloned()
    }

    fn as_its_policy_has_it(&mut self, category: &Category, wanted: CategoryKind, uri: &str) {
        let (tag, found) = (category.tag.clone(), category.kind);
        if found != wanted {
            self.refuse(Refused::CategoryType { tag: tag.clone(), found, wanted });
        }
        if let Some(other) = category.uri.as_ref().filter(|one| *one != uri) {
            self.refuse(Refused::CategoryUri { tag, uri: other.clone() });
        }
    }

    fn unknown(&mut self, category: &Category) {
        match category.kind {
            CategoryKind::Informative => self.leave_out(category),
            CategoryKind::Restrictive | CategoryKind::Permissive => self.no_meaning(category),
        }
    }

    fn leave_out(&mut self, category: &Category) {
        self.said.left_out.push(LeftOut { tag: category.tag.clone(), values: category.values.clone() });
    }

    fn no_meaning(&mut self, category: &Category) {
        let (tag, kind, values) = (category.tag.clone(), category.kind, category.values.clone());
        self.refuse(Refused::Category { tag, kind, values });
    }

    fn traffic(&mut self) {
        let (found, agreed) = (self.said.exercise.as_deref().unwrap_or("live"), self.terms.agreement.traffic.word());
        if found != agreed {
            let (found, agreed) = (found.to_owned(), agreed.to_owned());
            self.refuse(Refused::Traffic { found, agreed });
        }
    }

    fn finish(mut self, label: &ConfidentialityLabel) -> Result<Translated, Vec<Refused>> {
        let Said { level, caveats, owners, concealed, codes, tlp, exercise, left_out } = self.said;
        let (Some((place, word)), true) = (level, self.refused.is_empty()) else { return Err(self.refused) };
        let mut controls = caveats;
        if codes.len() > 1 {
            controls.push(Control::Audience(codes));
        }
        let foreign = if concealed {
            Foreign::Concealed
        } else if owners.is_empty() {
            Foreign::None
        } else {
            Foreign::Nations(owners.into_iter().collect())
        };
        let banner = BannerMark { level: Some(place), word, foreign, controls };
        let review = label.review.as_ref().map(|one| one.at.day());
        match Marking::new(banner, self.terms.register, tlp, exercise, review) {
            Ok(marking) => Ok(Translated { marking, left_out, owned_by_nato: is_nato(label) }),
            Err(fault) => {
                self.refused.push(fault);
                Err(self.refused)
            }
        }
    }
}
