//! What a report's banner and head say of its handling: the side of Relto in every translation.

use super::Refused;
use relto_report::{
    assessment::Report,
    calendar::Day,
    marking::{BannerMark, Control, Foreign, Owner, PortionMark, ordered_codes, read_banner},
    nation::Nation,
    register::Register,
};

/// A marking in the words of one register. Its banner reads without a fault.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Marking {
    pub(super) banner: BannerMark,
    pub(super) nation: Nation,
    pub(super) tlp: Option<String>,
    pub(super) exercise: Option<String>,
    pub(super) review: Option<Day>,
    text: String,
    portion: Option<String>,
}

impl Marking {
    /// The marking of a report in its nation's register.
    ///
    /// # Errors
    /// A banner that the register does not have.
    pub fn of(report: &Report, register: &Register) -> Result<Self, Refused> {
        let exercise = (report.traffic != "live").then(|| report.traffic.clone());
        let (banner, faults) = read_banner(&report.banner, register);
        match faults.first() {
            Some(fault) => Err(Refused::Banner(fault.kind.message(register))),
            None => Self::new(banner, register, report.tlp.clone(), exercise, report.review),
        }
    }

    /// A marking of these parts; the banner is written in its register's words and read back.
    pub(super) fn new(
        banner: BannerMark,
        register: &Register,
        tlp: Option<String>,
        exercise: Option<String>,
        review: Option<Day>,
    ) -> Result<Self, Refused> {
        let text = banner.canonical(register);
        let (banner, faults) = read_banner(&text, register);
        if let Some(fault) = faults.first() {
            return Err(Refused::Banner(fault.kind.message(register)));
        }
        let portion = portion(&banner, register);
        Ok(Self { banner, nation: register.nation, tlp, exercise, review, text, portion })
    }

    /// The banner in the register's words.
    #[must_use]
    pub fn banner(&self) -> &str {
        &self.text
    }

    /// The mark of a portion that says the same, in brackets; `None` where the banner names several foreign owners,
    /// each of whom needs portions of its own.
    #[must_use]
    pub fn portion(&self) -> Option<&str> {
        self.portion.as_deref()
    }

    /// The codes of a report's `rel_to`: never empty, since without a list the own nation alone may read. LBL-7
    #[must_use]
    pub fn rel_to(&self) -> Vec<String> {
        let listed = self.banner.controls.iter().find_map(|control| match control {
            Control::Audience(codes) => Some(codes.as_slice()),
            Control::Caveat { .. } | Control::AudienceOfBanner | Control::Unknown(_) => None,
        });
        ordered_codes(listed.unwrap_or_default(), self.nation)
    }

    /// The colour of TLP 2.0, if there is one.
    #[must_use]
    pub fn tlp(&self) -> Option<&str> {
        self.tlp.as_deref()
    }

    /// The report's `traffic`: `live`, or the exercise's id.
    #[must_use]
    pub fn traffic(&self) -> &str {
        self.exercise.as_deref().unwrap_or("live")
    }

    /// The day of review, if there is one.
    #[must_use]
    pub const fn review(&self) -> Option<Day> {
        self.review
    }

    /// The caveats, by their words in a banner. An unknown control cannot be here; it would count as a caveat.
    pub(super) fn caveats(&self) -> Vec<&str> {
        let words = self.banner.controls.iter().filter_map(|control| match control {
            Control::Caveat { long: word, .. } | Control::Unknown(word) => Some(word.as_str()),
            Control::Audience(_) | Control::AudienceOfBanner => None,
        });
        words.collect()
    }
}

fn portion(banner: &BannerMark, register: &Register) -> Option<String> {
    let foreign = match &banner.foreign {
        Foreign::None => None,
        Foreign::Concealed => Some(Owner::Concealed),
        Foreign::Nations(nations) => match nations.as_slice() {
            [only] => Some(Owner::Nation(*only)),
            _ => return None,
        },
    };
    let mark =
        PortionMark { foreign, level: banner.level, word: banner.word.clone(), controls: banner.controls.clone() };
    Some(format!("({})", mark.canonical(register)))
}
