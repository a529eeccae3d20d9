//! The banner as stated and as the portions ask for it (R052, R070, R120 to R126).

use super::{
    context::Context,
    keys::{Text, Texts},
    told::{Place, Told},
};
use crate::{
    assessment::Report,
    label::{Audience, Joined, audience_of_banner, audience_of_portion, banner_of, expand, join_marks, parts},
    marking::{BannerMark, Control, Foreign, Owner, PortionMark, is_code, read_banner_with, read_portion},
    nation::{Nation, Nations},
    shown::Place as Shown,
};
use std::collections::BTreeSet;

/// What the author states, with its places.
pub(super) struct Stated<'k> {
    pub(super) banner: Option<&'k Text>,
    pub(super) rel_to: Option<&'k Texts>,
    /// Whether a reason is given for a banner above the portions.
    pub(super) reason: bool,
}

/// The two banners.
pub(super) struct Banners {
    /// As stated, in the register's words; else the computed one.
    pub(super) text: String,
    pub(super) computed: String,
    /// The place of its level in the register, where it can be read.
    pub(super) level: Option<usize>,
    pub(super) caveats: BTreeSet<String>,
}

/// A part whose mark reads without a fault.
struct Clean {
    part: Shown,
    place: Place,
    mark: PortionMark,
}

struct Check<'c> {
    stated: &'c Stated<'c>,
    context: &'c Context<'c>,
    told: &'c Told<'c>,
    rel_to: &'c [String],
    parts: Vec<Clean>,
    joined: Joined,
    /// Every mark could be read, so that nothing unread can be what lifts the banner.
    complete: bool,
}

/// Compares the banner with the portions. `place` finds a part in the file.
pub(super) fn check(
    report: &Report,
    stated: &Stated<'_>,
    place: &dyn Fn(Shown) -> Place,
    context: &Context<'_>,
    told: &Told<'_>,
) -> Banners {
    let register = context.register;
    let (mut clean, mut marks, mut complete) = (Vec::new(), Vec::new(), true);
    for (part, text) in parts(report) {
        let (mark, faults) = read_portion(text, register);
        if faults.is_empty() {
            clean.push(Clean { part, place: place(part), mark });
            marks.push(text);
        } else {
            complete = false;
        }
    }
    let joined = join_marks(&marks, &report.rel_to, register, context.groups());
    let asked = banner_of(&joined, &report.rel_to, register, context.groups());
    let computed = asked.canonical(register);
    let check = Check { stated, context, told, rel_to: &report.rel_to, parts: clean, joined, complete };
    check.foreign_sets(report);
    let banner = match stated.banner {
        Some(text) => check.stated(text, &asked),
        None => {
            check.rel_to_of_computed(&asked);
            Some(asked)
        }
    };
    let level = banner.as_ref().and_then(|one| one.level);
    let caveats = banner.iter().flat_map(|one| caveats(&one.controls)).collect();
    let text = banner.map_or_else(|| computed.clone(), |one| one.canonical(register));
    Banners { text, computed, level, caveats }
}

fn caveats(controls: &[Control]) -> BTreeSet<String> {
    let longs = controls.iter().filter_map(|control| match control {
        Control::Caveat { long, .. } => Some(long.clone()),
        Control::Audience(_) | Control::AudienceOfBanner | Control::Unknown(_) => None,
    });
    longs.collect()
}

impl Check<'_> {
    /// The banner read and compared; `None` where it cannot be read.
    fn stated(&self, text: &Text, asked: &BannerMark) -> Option<BannerMark> {
        let register = self.context.register;
        let (banner, faults) = read_banner_with(&text.value, register, self.context.others);
        for fault in &faults {
            self.told.error(self.told.inside(text.at, fault.offset), fault.rule(), fault.kind.message(register));
        }
        if !faults.is_empty() {
            return None;
        }
        let audience = audience_of_banner(&banner, register.nation, self.context.groups());
        self.below(text, &banner);
        self.lacking(text, &banner);
        self.wider(text, &banner, &audience);
        self.rel_to_differs(text, &audience);
        if self.complete {
            self.above(text, &banner, asked, &audience);
        }
        Some(banner)
    }

    fn at(&self, text: &Text) -> Place {
        self.told.at(text.at)
    }

    fn short(&self, mark: &PortionMark) -> String {
        format!("({})", mark.canonical(self.context.register))
    }

    /// R120: the banner's level is below that of a portion.
    fn below(&self, text: &Text, banner: &BannerMark) {
        let highest = self.parts.iter().filter(|one| one.mark.level < banner.level);
        if let Some(one) = highest.min_by_key(|one| one.mark.level) {
            let level = one.mark.level.and_then(|place| self.context.register.levels.get(place));
            let short = level.map_or(one.mark.word.as_str(), |level| level.short.as_str());
            let message = format!(
                "banner {} is below line {}: ({short}). Raise the banner or lower the {}",
                banner.word,
                one.place.0,
                name(one.part)
            );
            self.told.error(self.at(text), "R120", message);
        }
    }

    /// R121: the banner lacks a control or the foreign owners of a portion.
    fn lacking(&self, text: &Text, banner: &BannerMark) {
        let has = caveats(&banner.controls);
        for long in self.joined.caveats.difference(&has) {
            let line =
                self.parts.iter().find(|one| caveats(&one.mark.controls).contains(long)).map_or(0, |one| one.place.0);
            self.told.error(self.at(text), "R121", format!("banner lacks {long}, which line {line} has"));
        }
        let fgi = &self.context.register.foreign;
        let line = |wanted: &dyn Fn(Owner) -> bool| {
            self.parts.iter().find(|one| one.mark.foreign.is_some_and(wanted)).map_or(0, |one| one.place.0)
        };
        if self.joined.concealed {
            if banner.foreign != Foreign::Concealed {
                let line = line(&|owner| owner == Owner::Concealed);
                let message =
                    format!("banner lacks {fgi} alone: line {line} conceals an owner, so the banner names none");
                self.told.error(self.at(text), "R121", message);
            }
            return;
        }
        let named: &[Nation] = match &banner.foreign {
            Foreign::Nations(nations) => nations,
            Foreign::None | Foreign::Concealed => &[],
        };
        for nation in self.joined.foreign.iter().filter(|nation| !named.contains(nation)) {
            let line = line(&|owner| owner == Owner::Nation(*nation));
            self.told.error(self.at(text), "R121", format!("banner lacks {fgi} {nation}, which line {line} has"));
        }
        let surplus = named.iter().find(|nation| !self.joined.foreign.contains(nation));
        if let Some(nation) = surplus.filter(|_| self.complete) {
            self.told.error(self.at(text), "R052", format!("banner names {fgi} {nation} and no portion is //{nation}"));
        } else if banner.foreign == Foreign::Concealed && self.joined.foreign.is_empty() && self.complete {
            self.told.error(self.at(text), "R052", format!("banner has {fgi} and no portion is foreign"));
        }
    }

    /// R122: the banner admits a nation that a portion does not. Told for each such portion: one without a list closes
    /// the whole report.
    fn wider(&self, text: &Text, banner: &BannerMark, audience: &Audience) {
        if !audience.unknown_groups.is_empty() || !self.joined.unknown_groups.is_empty() {
            return;
        }
        let codes = banner.controls.iter().find_map(|control| match control {
            Control::Audience(codes) => Some(codes.as_slice()),
            Control::Caveat { .. } | Control::AudienceOfBanner | Control::Unknown(_) => None,
        });
        let codes = codes.unwrap_or_default();
        for one in &self.parts {
            let Some(nation) = self.not_admitted(&one.mark, &audience.nations) else { continue };
            let mut right = one.mark.clone();
            right.controls.retain(|control| !crate::marking::is_list(control));
            right.controls.push(Control::Audience(codes.to_vec()));
            let message = format!(
                "banner admits {nation}; line {}, {}, does not. {}, mark it {}, or take {nation} out of the banner",
                one.place.0,
                self.short(&one.mark),
                without(one.part),
                self.short(&right)
            );
            self.told.error(self.code_place(text, codes, nation), "R122", message);
        }
    }

    /// The first nation of `admitted` that a portion does not admit. A portion that excludes lists lacks its control in
    /// the banner, which is told as that.
    fn not_admitted(&self, mark: &PortionMark, admitted: &Nations) -> Option<Nation> {
        let excludes = |control: &Control| matches!(control, Control::Caveat { excludes_list: true, .. });
        if mark.controls.iter().any(excludes) {
            return None;
        }
        let own = audience_of_portion(mark, self.context.register, self.rel_to, self.context.groups())?;
        admitted.difference(&own.nations).next().copied()
    }

    /// Where the code stands in the banner that admits this nation.
    fn code_place(&self, text: &Text, codes: &[String], nation: Nation) -> Place {
        let own = self.context.register.nation;
        let admits =
            |code: &&String| expand(std::slice::from_ref(*code), own, self.context.groups()).nations.contains(&nation);
        let code = codes.iter().find(|code| code.as_str() == nation.as_str()).or_else(|| codes.iter().find(admits));
        let Some(start) = code.and_then(|code| text.value.rfind(code.as_str())) else { return self.at(text) };
        self.told.inside(text.at, text.value.get(..start).unwrap_or_default().chars().count())
    }

    /// R123: the banner is stricter than the portions and no reason is given.
    fn above(&self, text: &Text, banner: &BannerMark, asked: &BannerMark, audience: &Audience) {
        if self.stated.reason {
            return;
        }
        let why = "say why: aggregation_reason = \"(U) ...\"";
        let level = |place: Option<usize>| place.and_then(|place| self.context.register.levels.get(place));
        if banner.level < asked.level {
            let short = level(asked.level).map_or("?", |level| level.short.as_str());
            let message = format!(
                "banner {} is above every portion ({short}). If together they are {}, {why}",
                banner.word, banner.word
            );
            self.told.error(self.at(text), "R123", message);
        }
        if let Some(long) = caveats(&banner.controls).difference(&self.joined.caveats).next() {
            self.told.error(
                self.at(text),
                "R123",
                format!("banner has {long} and no portion has it. If together they need it, {why}"),
            );
        }
        let Some(common) = self.joined.audience.as_ref().filter(|_| audience.unknown_groups.is_empty()) else { return };
        let known = self.joined.unknown_groups.is_empty();
        if let Some(nation) = common.difference(&audience.nations).next().filter(|_| known) {
            let message =
                format!("banner shuts {nation} out, which every portion admits. If together they are narrower, {why}");
            self.told.error(self.at(text), "R123", message);
        }
    }

    /// R124: `rel_to` and the banner name other nations.
    fn rel_to_differs(&self, text: &Text, audience: &Audience) {
        let Some(list) = self.stated.rel_to else { return };
        let wanted = expand(self.rel_to, self.context.register.nation, self.context.groups());
        // A code that is none has been told as R020.
        let known = self.context.recipient.is_some();
        if !self.rel_to.iter().all(|code| is_code(code)) || (known && !wanted.unknown_groups.is_empty()) {
            return;
        }
        let unknown = wanted.unknown_groups.symmetric_difference(&audience.unknown_groups).next();
        let message = if let Some(nation) = wanted.nations.difference(&audience.nations).next() {
            format!("rel_to has {nation} and the banner has not")
        } else if let Some(nation) = audience.nations.difference(&wanted.nations).next() {
            format!("the banner has {nation} and rel_to has not")
        } else if let Some(group) = unknown {
            format!("only one of rel_to and the banner has {group}: {}", text.value)
        } else {
            return;
        };
        self.told.error(self.told.at(list.at), "R124", message);
    }

    /// R124 where the banner is left to be computed: the portions must admit those that `rel_to` names.
    fn rel_to_of_computed(&self, asked: &BannerMark) {
        let (Some(list), register) = (self.stated.rel_to, self.context.register) else { return };
        let groups = self.context.groups();
        let wanted = expand(self.rel_to, register.nation, groups);
        if !self.complete || !wanted.unknown_groups.is_empty() || !self.joined.unknown_groups.is_empty() {
            return;
        }
        let computed = audience_of_banner(asked, register.nation, groups);
        if let Some(nation) = computed.nations.difference(&wanted.nations).next() {
            self.told.error(
                self.told.at(list.at),
                "R124",
                format!("the computed banner has {nation} and rel_to has not"),
            );
            return;
        }
        let Some(nation) = wanted.nations.difference(&computed.nations).next() else { return };
        let closed = self.parts.iter().find(|one| {
            let own = audience_of_portion(&one.mark, register, self.rel_to, groups);
            own.is_some_and(|own| !own.nations.contains(nation))
        });
        let line = closed.map_or_else(String::new, |one| {
            format!(": line {}, {}, does not admit it", one.place.0, self.short(&one.mark))
        });
        self.told.error(
            self.told.at(list.at),
            "R124",
            format!("rel_to has {nation} and the computed banner has not{line}"),
        );
    }

    /// R052: the foreign owners of the text and those of the sources are one set.
    fn foreign_sets(&self, report: &Report) {
        if !self.complete {
            return;
        }
        let is_source = |one: &&Clean| matches!(one.part, Shown::Source(_));
        let foreign = |one: &Clean| one.mark.foreign;
        let of_text: Vec<Owner> = self.parts.iter().filter(|one| !is_source(one)).filter_map(foreign).collect();
        let of_sources: Vec<Owner> = self.parts.iter().filter(is_source).filter_map(foreign).collect();
        for one in &self.parts {
            let Some(owner) = one.mark.foreign else { continue };
            let name = match owner {
                Owner::Nation(nation) => nation.to_string(),
                Owner::Concealed => self.context.register.foreign.clone(),
            };
            let message = if is_source(&one) && !of_text.contains(&owner) {
                format!("a source is of {name} and no portion of the text is marked //{name}")
            } else if !is_source(&one) && !of_sources.contains(&owner) {
                let tear =
                    if report.from_tear_line { ". A tear line has no sources, and so nothing foreign" } else { "" };
                format!("a portion is marked //{name} and no source is of {name}{tear}")
            } else {
                continue;
            };
            self.told.error(one.place, "R052", message);
        }
    }
}

/// What comes first where a part does not admit a nation: to do without it.
const fn without(part: Shown) -> &'static str {
    match part {
        Shown::Portion(_) => "Leave the paragraph out",
        Shown::Title | Shown::AttachmentTitle(_) => "Write another title",
        Shown::AggregationReason => "Write another reason",
        Shown::Source(_) => "Withhold the source",
        Shown::Attachment(_) => "Leave the attachment out",
        Shown::Judgement(_) | Shown::Key(_) => "Leave it out",
    }
}

/// What a part is called where its author is told to mark it lower.
const fn name(part: Shown) -> &'static str {
    match part {
        Shown::Portion(_) => "paragraph",
        Shown::Title => "title",
        Shown::AttachmentTitle(_) => "attachment title",
        Shown::AggregationReason => "reason",
        Shown::Source(_) => "source",
        Shown::Attachment(_) => "attachment",
        Shown::Judgement(_) | Shown::Key(_) => "part",
    }
}

/// R120 for a reason of aggregation that is marked as another nation's: what parts say together is the author's own.
pub(super) fn reason(text: &Text, context: &Context<'_>, told: &Told<'_>) {
    let Some((mark, _)) = super::mark::split(&text.value) else { return };
    let mark = read_portion(mark, context.register).0;
    if mark.foreign.is_some() {
        let message = format!(
            "aggregation_reason is marked ({}). It says what the parts are together, which is your nation's own: give \
             it a mark of your own",
            mark.canonical(context.register)
        );
        told.error(told.inside(text.at, 0), "R120", message);
    }
}
