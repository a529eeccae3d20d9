//! The tear line: a report of its own, made of `[tearline]` and the section that a person wrote (R070, R071).

use super::{
    banner::{self, Stated},
    canonical::{default_action, lay_out, list},
    context::Context,
    head,
    judgements::{self, Scale, begins_with},
    keys::{JudgementKeys, Keys, TearKeys, Text},
    portions::Body,
    serials, shapes,
    told::Told,
    words,
};
use crate::{
    assessment::{Block, Document, Judgement, Report},
    shown::Place as Shown,
    spelling::serial_parts,
};

/// A tear line made a report.
pub struct TearLine {
    /// The canonical report; `from_tear_line` is set and it has no attachments.
    pub document: Document,
    /// The banner that its portions ask for.
    pub computed_banner: String,
    /// As [`super::Parsed::banner_was_stated`].
    pub banner_was_stated: bool,
}

/// Makes the tear line's report, if the file has one. `level` is that of the report's banner.
pub(super) fn make(
    keys: &Keys,
    report: &Report,
    body: &Body,
    level: Option<usize>,
    scale: &Scale<'_>,
    context: &Context<'_>,
    told: &Told<'_>,
) -> Option<TearLine> {
    let heading = &context.register.tear_line;
    let tear = match (&keys.tearline, body.tear_heading) {
        (None, None) => return None,
        (None, Some(place)) => {
            told.error(place, "R070", format!("{heading} stands here and the keys have no [tearline]. Add its keys"));
            return None;
        }
        (Some(tear), None) => {
            told.error(
                told.at(tear.at),
                "R070",
                format!("[tearline] stands here and the text has no ## {heading}. Write it"),
            );
            return None;
        }
        (Some(tear), Some(place)) => {
            if body.tear.is_empty() {
                told.error(place, "R070", format!("{heading} has no text. Write at least one portion"));
            }
            tear
        }
    };
    serial(tear, keys, context, told);
    if let Some(codes) = &tear.rel_to {
        head::rel_to(codes, context, told);
    }
    if let Some(topics) = &tear.topics {
        head::topics(topics, context, told);
    }
    let judgements = judgements(tear, keys, body, scale, context, told);
    let title = tear.title.as_ref().and_then(|title| head::marked(title, "title", "R014", 200, context, told));
    let mut made = taken_over(report);
    made.serial = tear.serial.as_ref().map(|serial| serial.value.clone()).unwrap_or_default();
    made.rel_to = list(&tear.rel_to);
    made.action = default_action(&made.rel_to, context);
    made.topics = list(&tear.topics);
    made.title = title.unwrap_or_else(|| report.title.clone());
    made.judgements = judgements;
    made.portions = body.tear.iter().map(|one| one.portion.clone()).collect();
    let place = |part| match part {
        Shown::Portion(n) => body.tear.get(n.saturating_sub(1)).map_or_else(|| told.at(tear.at), |one| one.place),
        _ => tear.title.as_ref().map_or_else(|| told.at(tear.at), |title| told.inside(title.at, 0)),
    };
    let inside = |part, count| match part {
        Shown::Portion(n) => body.tear.get(n.saturating_sub(1)).map_or_else(|| told.at(tear.at), |one| one.at(count)),
        _ => place(part),
    };
    shapes::check(&made, &inside, context, told);
    let stated = Stated { banner: tear.banner.as_ref(), rel_to: tear.rel_to.as_ref(), reason: false };
    let banners = banner::check(&made, &stated, &place, context, told);
    made.banner.clone_from(&banners.text);
    if banners.level.is_some() && banners.level < level {
        let at = tear.banner.as_ref().map_or(tear.at, |banner| banner.at);
        told.error(
            told.at(at),
            "R070",
            format!("the tear line is {}, above the report, {}. Write less", banners.text, report.banner),
        );
    }
    let limited = context.recipient.as_ref().and_then(|recipient| recipient.limited_distribution);
    if let Some(limited) = limited.filter(|word| banners.caveats.contains(*word)) {
        told.error(
            told.at(tear.at),
            "R025",
            format!("the tear line has {limited} and no addressees of its own. Write a report"),
        );
    }
    let document = lay_out(&made, &[], context, told)?;
    Some(TearLine { document, computed_banner: banners.computed, banner_was_stated: tear.banner.is_some() })
}

/// R011: a serial of its own that does not show which report it comes from.
fn serial(tear: &TearKeys, keys: &Keys, context: &Context<'_>, told: &Told<'_>) {
    let Some(serial) = &tear.serial else { return };
    serials::own(serial, context, told);
    let parts = |text: &Text| serial_parts(&text.value);
    if let (Some((_, own)), Some((_, other))) = (parts(serial), keys.serial.as_ref().and_then(parts))
        && own.abs_diff(other) <= 1
    {
        let message = "the tear line's number shows whose it is. Draw another at random with relto new report";
        told.error(told.at(serial.at), "R011", message);
    }
}

/// What a tear line takes over: form, purpose, precedence, scale, TLP, dates, traffic, language.
fn taken_over(report: &Report) -> Report {
    let mut made = report.clone();
    made.banner = String::new();
    made.action = Vec::new();
    made.info = Vec::new();
    made.translation_of = None;
    made.answers = None;
    made.refers_to = Vec::new();
    made.supersedes = None;
    made.aggregation_reason = None;
    made.from_tear_line = true;
    made.sources = Vec::new();
    made.attachments = Vec::new();
    made
}

/// The tear line's judgements: the report's words, without sources; its text may say less, never something else.
fn judgements(
    tear: &TearKeys,
    keys: &Keys,
    body: &Body,
    scale: &Scale<'_>,
    context: &Context<'_>,
    told: &Told<'_>,
) -> Vec<Judgement> {
    let mut out: Vec<Judgement> = Vec::new();
    for id in tear.judgements.iter().flat_map(|list| &list.value) {
        let of_report = |one: &&JudgementKeys| one.id.as_ref().is_some_and(|own| own.value == id.value);
        let Some(one) = keys.judgements.iter().find(of_report) else {
            told.error(told.at(id.at), "R040", format!("the report has no judgement {:?}", id.value));
            continue;
        };
        if out.iter().any(|earlier| earlier.id == id.value) {
            told.error(told.at(id.at), "R040", format!("judgement {} stands here twice. Write it once", id.value));
            continue;
        }
        let Some(placed) = begins_with(&id.value, &body.tear).next() else {
            told.error(
                told.at(id.at),
                "R040",
                format!("no paragraph of the tear line begins with \"{}.\" after its mark", id.value),
            );
            continue;
        };
        let (likelihood, confidence) = (one.likelihood.as_ref(), one.confidence.as_ref());
        let stated = judgements::Stated { id: &id.value, likelihood, confidence };
        judgements::carried(&stated, placed, scale, Some("R071"), told);
        if let (Some(likelihood), Some(confidence)) = (likelihood, confidence) {
            let (likelihood, confidence) = (likelihood.value.clone(), confidence.value.clone());
            out.push(Judgement { id: id.value.clone(), likelihood, confidence, sources: Vec::new() });
        }
    }
    // Of the report's or of nobody's: the partner would read it as one of the report's.
    for placed in body.tear.iter().filter(|one| !matches!(one.portion.block, Block::Heading(_))) {
        let id = words::judgement(&placed.portion.body.text, &context.register.judgement_prefix);
        let listed = |id: &str| tear.judgements.iter().flat_map(|list| &list.value).any(|other| other.value == id);
        if let Some(id) = id.filter(|id| !listed(id)) {
            let is_known = keys.judgements.iter().any(|one| one.id.as_ref().is_some_and(|own| own.value == id));
            let message = if is_known {
                format!(
                    "the tear line has {id} and its judgements do not list it. Add {id:?} to them, or begin the \
                     paragraph without a number"
                )
            } else {
                format!(
                    "the tear line has {id} and the report has no such judgement. Begin the paragraph with one that it \
                     has, or without a number"
                )
            };
            told.error(placed.place, "R040", message);
        }
    }
    out
}
