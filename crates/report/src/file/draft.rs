//! The report made of keys and text: each part judged, the banner compared, the bytes laid out.

use super::{
    attach,
    banner::{self, Banners, Stated},
    canonical::{SCALE, empty, lay_out, of_keys},
    context::Context,
    dates, head,
    judgements::{self, Scale},
    keys::{Keys, Text},
    leaks,
    portions::{Body, Placed},
    shapes, sources,
    tear::{self, TearLine},
    told::{Place, Told},
};
use crate::{
    assessment::{Attachment, Document, Report},
    attachment::bytes::Apart,
    calendar::Timestamp,
    home::Home,
    shown::Place as Shown,
};

/// A report made of its file.
pub(super) struct Made {
    pub(super) document: Document,
    pub(super) computed_banner: String,
    pub(super) banner_was_stated: bool,
    pub(super) tear_line: Option<TearLine>,
}

/// Judges keys and text and makes the report. `None` where it has no bytes; a fault says why.
pub(super) fn make(
    keys: &Keys,
    body: Body,
    home: Option<&Home>,
    context: &Context<'_>,
    told: &Told<'_>,
) -> Option<Made> {
    head::check(keys, &body, context, told);
    let dates = dates::read(keys, context, told);
    let scale = Scale::new(keys.likelihood_scale.as_ref().map_or(SCALE, |scale| scale.value.as_str()), context);
    let judgements = judgements::check(keys, &body.main, &scale, context, told);
    let sources = sources::check(keys, dates.cutoff, context, told);
    sources::citations(keys, &body.main, &body.tear, told);
    let (attachments, contents): (Vec<Attachment>, Vec<Apart>) = attach::check(keys, context, told).into_iter().unzip();
    let marked = |text: &Option<Text>, what, rule| {
        text.as_ref().and_then(|text| head::marked(text, what, rule, 200, context, told))
    };
    let title = marked(&keys.title, "title", "R014");
    let reason = marked(&keys.aggregation_reason, "aggregation_reason", "R100");
    let mut report =
        Report { title: title.unwrap_or_else(empty), aggregation_reason: reason, ..of_keys(keys, context) };
    report.information_cutoff = dates.cutoff.unwrap_or(Timestamp::from_seconds(0));
    report.produced = dates.produced;
    report.review = dates.review;
    report.declassify = dates.declassify;
    report.judgements = judgements;
    report.sources = sources;
    report.attachments = attachments;
    report.portions = body.main.iter().map(|one| one.portion.clone()).collect();
    shapes::check(
        &report,
        &|part, count| shapes::place_in(part, count, (&report, keys, &body.main), told),
        context,
        told,
    );
    let place = |part| place_of(part, keys, &body.main, told);
    let stated = Stated {
        banner: keys.banner.as_ref(),
        rel_to: keys.rel_to.as_ref(),
        reason: report.aggregation_reason.is_some(),
    };
    let banners = banner::check(&report, &stated, &place, context, told);
    report.banner.clone_from(&banners.text);
    by_banner(keys, &banners, home, context, told);
    let tear_line = tear::make(keys, &report, &body, banners.level, &scale, context, told);
    let document = lay_out(&report, &contents, context, told)?;
    let banner_was_stated = keys.banner.is_some();
    Some(Made { document, computed_banner: banners.computed, banner_was_stated, tear_line })
}

/// What the banner makes necessary.
fn by_banner(keys: &Keys, banners: &Banners, home: Option<&Home>, context: &Context<'_>, told: &Told<'_>) {
    if let Some(text) = &keys.aggregation_reason {
        banner::reason(text, context, told);
    }
    if let Some(place) = banners.level {
        let level = context.register.levels.len().saturating_sub(1).saturating_sub(place);
        dates::by_level(keys, level, &banners.text, context, told);
        dates::justification(level, home, context, told);
    }
    let limited = context.recipient.as_ref().and_then(|recipient| recipient.limited_distribution);
    if let Some(limited) = limited.filter(|word| keys.action.is_none() && banners.caveats.contains(*word)) {
        told.error(told.closing(), "R025", format!("action is missing: {limited} needs named addressees"));
    }
    leaks::needed(keys, home, context, told);
}

/// Where a part of the report stands in its file.
fn place_of(part: Shown, keys: &Keys, main: &[Placed], told: &Told<'_>) -> Place {
    let at = |text: Option<&Text>| text.map_or_else(|| told.closing(), |text| told.inside(text.at, 0));
    match part {
        Shown::Title => at(keys.title.as_ref()),
        Shown::AggregationReason => at(keys.aggregation_reason.as_ref()),
        Shown::Portion(n) => main.get(n.saturating_sub(1)).map_or_else(|| told.closing(), |one| one.place),
        Shown::Source(n) => at(keys.sources.get(n.saturating_sub(1)).and_then(|one| one.mark.as_ref())),
        Shown::Attachment(n) => at(keys.attachments.get(n.saturating_sub(1)).and_then(|one| one.mark.as_ref())),
        Shown::AttachmentTitle(n) => at(keys.attachments.get(n.saturating_sub(1)).and_then(|one| one.title.as_ref())),
        Shown::Judgement(_) | Shown::Key(_) => told.closing(),
    }
}
