//! Text that is shaped like a mark (R115), and what an officer will have to look at (MARK_IN_TEXT).

use super::{
    context::Context,
    keys::{Keys, Text},
    portions::Placed,
    told::{Place, Told},
};
use crate::{
    assessment::Report,
    shapes::{RULE, Words, each_shape},
    shown::Place as Shown,
};

/// The code under which the same is held at the node; here it is a warning.
const HELD: &str = "MARK_IN_TEXT";
/// Told of each kind: more than are shown, so that the rest is counted.
const MOST: usize = 100;

/// Tells every shape of a report. `place` finds a character of a text in the file. RPT-9
pub(super) fn check(report: &Report, place: &dyn Fn(Shown, usize) -> Place, context: &Context<'_>, told: &Told<'_>) {
    let registers = std::iter::once(context.register).chain(context.others.iter().copied());
    let (mut errors, mut held) = (0, 0);
    each_shape(report, &Words::of(registers), |part, shape| {
        let count = if shape.is_error() { &mut errors } else { &mut held };
        *count += 1;
        // Each place is looked for in the file: a text made of shapes must not take time for all of them.
        if *count > MOST {
            return;
        }
        let at = place(part, shape.chars);
        if shape.is_error() {
            told.error(at, RULE, shape.advice(part));
        } else {
            told.warning(at, HELD, format!("an officer must look at {part}, {shape}"));
        }
    });
}

/// Finds a character of a text of the report itself.
pub(super) fn place_in(
    part: Shown,
    count: usize,
    (report, keys, main): (&Report, &Keys, &[Placed]),
    told: &Told<'_>,
) -> Place {
    // Behind the mark and its blanks.
    let behind = |written: Option<&Text>, text: &str| {
        written.map_or_else(
            || told.closing(),
            |written| {
                let lead = written.value.chars().count().saturating_sub(text.chars().count());
                told.inside(written.at, lead.saturating_add(count))
            },
        )
    };
    let nth = |n: usize| n.saturating_sub(1);
    match part {
        Shown::Title => behind(keys.title.as_ref(), &report.title.text),
        Shown::AggregationReason => {
            behind(keys.aggregation_reason.as_ref(), report.aggregation_reason.as_ref().map_or("", |one| &one.text))
        }
        Shown::Portion(n) => main.get(nth(n)).map_or_else(|| told.closing(), |one| one.at(count)),
        Shown::Source(n) => {
            let written = keys.sources.get(nth(n)).and_then(|one| one.descriptor.as_ref());
            behind(written, written.map_or("", |one| &one.value))
        }
        Shown::AttachmentTitle(n) => {
            let written = keys.attachments.get(nth(n)).and_then(|one| one.title.as_ref());
            behind(written, report.attachments.get(nth(n)).map_or("", |one| &one.title.text))
        }
        Shown::Judgement(_) | Shown::Attachment(_) | Shown::Key(_) => told.closing(),
    }
}
