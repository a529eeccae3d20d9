//! Portions: blocks with their marks read (R006, R100, R114, and the marks' own rules).

use super::{
    blocks::{self, Raw},
    context::Context,
    mark::{examples, read_mark, split},
    near::near_mark,
    told::{Place, Told},
};
use crate::{
    assessment::{Block, MAX_PORTION, MAX_PORTIONS, MarkedText, Portion},
    label::is_fixed_heading,
    marking::read_portion,
    shapes::reads_alike,
};

/// A portion of the text and its places.
pub(super) struct Placed {
    pub(super) portion: Portion,
    /// Where the block's text begins: its mark.
    pub(super) place: Place,
    /// Where the text behind the mark begins, and each further line.
    lines: Vec<Place>,
}

impl Placed {
    /// The place of a character of the text behind the mark.
    pub(super) fn at(&self, character: usize) -> Place {
        let before: String = self.portion.body.text.chars().take(character).collect();
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count();
        self.lines.get(line).map_or(self.place, |(number, start)| (*number, start + column))
    }
}

/// The text of a report, and apart from it that of its tear line.
pub(super) struct Body {
    pub(super) main: Vec<Placed>,
    pub(super) tear: Vec<Placed>,
    /// Where the heading of the tear line stands.
    pub(super) tear_heading: Option<Place>,
}

/// Reads the text.
pub(super) fn read(body: &str, first_line: usize, context: &Context<'_>, told: &Told<'_>) -> Body {
    let mut out = Body { main: Vec::new(), tear: Vec::new(), tear_heading: None };
    // The level of the tear line's heading while its section lasts.
    let mut within: Option<u8> = None;
    let raws = blocks::read(body, first_line);
    for (count, raw) in raws.iter().enumerate() {
        let place = raw.lines.first().map_or((first_line, 1), |(place, _)| *place);
        if count == MAX_PORTIONS {
            told.error(
                place,
                "R006",
                format!("{} portions; the limit is 2,000. Move tables and data to an attachment", raws.len()),
            );
            break;
        }
        if let Block::Heading(level) = raw.kind {
            if raw.lines.first().is_some_and(|(_, text)| *text == context.register.tear_line) {
                if out.tear_heading.is_some() {
                    told.error(
                        place,
                        "R070",
                        format!("{} stands here twice. A report has one tear line", context.register.tear_line),
                    );
                }
                out.tear_heading = Some(place);
                within = Some(level);
                continue;
            }
            within = within.filter(|outer| level > *outer);
        }
        if let Some(heading) = tear_heading(raw, context) {
            let message = format!(
                "this reads as the heading of a tear line. Where one begins, write ## {heading} without a mark and in \
                 these letters; else write other words"
            );
            told.error(place, "R070", message);
            continue;
        }
        let placed = portion(raw, place, context, told);
        if within.is_some() { out.tear.push(placed) } else { out.main.push(placed) }
    }
    if out.main.is_empty() {
        told.error((first_line, 1), "R006", "the report has no text. Write at least one portion");
    }
    out
}

/// The own heading of a tear line, where a block reads as that of one nation or another behind its mark.
fn tear_heading<'c>(raw: &Raw<'_>, context: &Context<'c>) -> Option<&'c str> {
    let text = raw.lines.iter().map(|(_, line)| *line).collect::<Vec<_>>().join("\n");
    let text = split(&text).map_or(text.as_str(), |(_, rest)| rest);
    let mut registers = context.others.iter().copied().chain([context.register]);
    registers.any(|of| reads_alike(text, &of.tear_line)).then_some(context.register.tear_line.as_str())
}

/// A block whose mark cannot be read keeps an empty mark, so that the other rules still find its text.
fn portion(raw: &Raw<'_>, place: Place, context: &Context<'_>, told: &Told<'_>) -> Placed {
    let text = raw.lines.iter().map(|(_, line)| *line).collect::<Vec<_>>().join("\n");
    if text.len() > MAX_PORTION {
        let length = super::text::thousands(u64::try_from(text.len()).unwrap_or(u64::MAX));
        told.error(
            (place.0, 1),
            "R006",
            format!("portion of {length} bytes; the limit is 16,384. Split the paragraph"),
        );
    }
    let mut lines: Vec<Place> = raw.lines.iter().map(|(place, _)| *place).collect();
    let unmarked = |text: &str, lines: Vec<Place>| {
        let body = MarkedText { mark: String::new(), text: text.to_owned() };
        Placed { portion: Portion { block: raw.kind, body }, place, lines }
    };
    if matches!(raw.kind, Block::Heading(_)) && is_fixed_heading(&text, context.register) {
        return unmarked(&text, lines);
    }
    let Some((mark, rest)) = split(&text) else {
        no_mark(raw.kind, &text, place, context, told);
        return unmarked(&text, lines);
    };
    let read = read_mark(
        mark,
        context,
        told,
        |offset| (place.0, place.1 + 1 + offset),
        || {
            no_mark(raw.kind, &text, place, context, told);
        },
    );
    let Some(canonical) = read else { return unmarked(&text, lines) };
    if let Some(first) = lines.first_mut() {
        first.1 += mark.chars().count() + 2 + spaces(&text, mark.len() + 2);
    }
    let body = MarkedText { mark: canonical, text: rest.to_owned() };
    Placed { portion: Portion { block: raw.kind, body }, place, lines }
}

fn spaces(text: &str, from: usize) -> usize {
    text.bytes().skip(from).take_while(|byte| *byte == b' ').count()
}

fn no_mark(kind: Block, text: &str, place: Place, context: &Context<'_>, told: &Told<'_>) {
    if let Some(wrong) = near_mark(text, Some(kind), context) {
        told.error(place, "R100", wrong);
        return;
    }
    let line = text.lines().next().unwrap_or_default();
    if let Some((before, mark)) = trailing(line, context) {
        let sign = match kind {
            Block::Bullet => "- ",
            Block::Numbered => "1. ",
            Block::Heading(_) | Block::Paragraph | Block::Table => "",
        };
        let start: String = before.chars().take(40).collect();
        told.error(place, "R114", format!("the mark stands before the text: {sign}({mark}) {start}"));
        return;
    }
    let what = match kind {
        Block::Heading(_) => "heading",
        Block::Paragraph => "paragraph",
        Block::Bullet | Block::Numbered => "list item",
        Block::Table => "table",
    };
    told.error(
        (place.0, 1),
        "R100",
        format!("{what} has no portion mark. Begin it with one, such as {}", examples(context)),
    );
}

/// A mark that stands at the end of the first line.
fn trailing<'t>(line: &'t str, context: &Context<'_>) -> Option<(&'t str, &'t str)> {
    let (before, mark) = line.trim_end_matches('.').strip_suffix(')')?.rsplit_once('(')?;
    let stands = !before.trim().is_empty() && read_portion(mark, context.register).1.is_empty();
    stands.then_some((before.trim_end(), mark))
}
