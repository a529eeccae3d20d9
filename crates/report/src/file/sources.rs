//! Sources: keys, grades, owners, and the citations of the text (R050 to R058).

use super::{
    context::Context,
    keys::{Keys, SourceKeys, Text},
    mark::{examples, read_mark},
    portions::Placed,
    told::Told,
};
use crate::{
    assessment::{Described, Source},
    calendar::{Day, Timestamp},
    citation,
    marking::{Owner, read_portion},
    nation::Nation,
    spelling::source_serial,
    toml::day_of,
};
use std::collections::BTreeSet;

/// Sources of one report.
const MAX_SOURCES: usize = 64;

/// Judges all sources and gives those that have their keys.
pub(super) fn check(keys: &Keys, cutoff: Option<Timestamp>, context: &Context<'_>, told: &Told<'_>) -> Vec<Source> {
    if let Some(extra) = keys.sources.get(MAX_SOURCES) {
        told.error(told.at(extra.at), "R050", format!("{} sources; the limit is {MAX_SOURCES}", keys.sources.len()));
    }
    let mut out = Vec::new();
    for (at, one) in keys.sources.iter().enumerate() {
        let due = at + 1;
        if let Some(n) = one.n.as_ref().filter(|_| !one.is_in_order()) {
            told.error(told.at(n.at), "R050", format!("source numbers must run 1, 2, 3; {due} is due here"));
        }
        if let Some(grade) = one.grade.as_ref().filter(|grade| !is_grade(&grade.value, context)) {
            told.error(
                told.at(grade.at),
                "R054",
                format!("grade {:?}. Reliability A-F, credibility 1-6: B2", grade.value),
            );
        }
        let described = if one.withheld {
            withheld(one, due, told);
            None
        } else {
            describe(one, due, cutoff, keys, context, told)
        };
        if let (Some(n), Some(grade)) = (&one.n, &one.grade)
            && (one.withheld || described.is_some())
        {
            out.push(Source { n: u32::try_from(n.value).unwrap_or(0), grade: grade.value.clone(), described });
        }
    }
    out
}

fn is_grade(grade: &str, context: &Context<'_>) -> bool {
    let vocabulary = context.vocabulary;
    vocabulary.reliability.iter().any(|letter| {
        grade
            .strip_prefix(letter.as_str())
            .is_some_and(|digit| vocabulary.credibility.iter().any(|known| known == digit))
    })
}

fn withheld(one: &SourceKeys, n: usize, told: &Told<'_>) {
    let texts = [("mark", &one.mark), ("nation", &one.nation), ("kind", &one.kind), ("descriptor", &one.descriptor)];
    let mut still: Vec<(&str, usize)> =
        texts.into_iter().filter_map(|(key, text)| Some((key, text.as_ref()?.at))).collect();
    still.extend(one.as_of.as_ref().map(|value| ("as_of", value.at)));
    still.extend(one.topics.as_ref().map(|value| ("topics", value.at)));
    for (key, at) in still {
        let article = if key == "as_of" { "an" } else { "a" };
        let message = format!("source {n} is withheld and still has {article} {key}. Move it to the home file");
        told.error(told.at(at), "R051", message);
    }
}

fn describe(
    one: &SourceKeys,
    n: usize,
    cutoff: Option<Timestamp>,
    keys: &Keys,
    context: &Context<'_>,
    told: &Told<'_>,
) -> Option<Described> {
    let mark = one.mark.as_ref().and_then(|mark| bracketed(mark, context, told));
    if let Some(nation) = &one.nation {
        owner(nation, mark.as_deref(), n, context, told);
    }
    let known = &context.vocabulary.source_kinds;
    if let Some(kind) = one.kind.as_ref().filter(|kind| !known.contains(&kind.value)) {
        told.error(
            told.at(kind.at),
            "R053",
            format!("kind {:?} is not in the vocabulary. Known: {}", kind.value, known.join(", ")),
        );
    }
    let as_of = one.as_of.as_ref().and_then(|raw| {
        let day = day_of(&raw.value);
        match day {
            None => told.error(told.at(raw.at), "R055", "as_of must be a date, such as 2026-11-14"),
            Some(day) if cutoff.is_some_and(|cutoff| day > cutoff.day()) => {
                told.error(told.at(raw.at), "R055", format!("source {n} is dated after information_cutoff"));
            }
            Some(_) => {}
        }
        day
    });
    if let Some(text) = &one.descriptor {
        descriptor(text, context, told);
    }
    Some(Described {
        mark: mark.unwrap_or_default(),
        nation: one.nation.as_ref()?.value.clone(),
        kind: one.kind.as_ref()?.value.clone(),
        as_of: as_of.unwrap_or(Day::from_count(0)),
        topics: topics(one, n, keys, told),
        descriptor: one.descriptor.as_ref()?.value.clone(),
    })
}

/// A mark alone, in its brackets.
pub(super) fn bracketed(text: &Text, context: &Context<'_>, told: &Told<'_>) -> Option<String> {
    let none = || {
        let message =
            format!("{:?} is no portion mark. Write it in brackets, such as {}", text.value, examples(context));
        told.error(told.inside(text.at, 0), "R100", message);
    };
    let Some(inner) = text.value.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        none();
        return None;
    };
    read_mark(inner, context, told, |offset| told.inside(text.at, offset + 1), none)
}

/// R052: the nation of a source and the owner in its mark are one.
fn owner(nation: &Text, mark: Option<&str>, n: usize, context: &Context<'_>, told: &Told<'_>) {
    let register = context.register;
    let concealed = nation.value == register.foreign;
    let parsed = Nation::parse(&nation.value);
    if parsed.is_none() && !concealed {
        let message = format!(
            "nation {:?} is not three capital letters, or {} when the owner is concealed",
            nation.value, register.foreign
        );
        told.error(told.at(nation.at), "R052", message);
        return;
    }
    let Some(mark) = mark else { return };
    let foreign = read_portion(mark, register).0.foreign;
    let message = match (foreign, parsed) {
        (None, Some(nation)) if nation == register.nation => return,
        (Some(Owner::Nation(owner)), Some(nation)) if owner == nation && nation != register.nation => return,
        (Some(Owner::Concealed), _) if concealed => return,
        (Some(_), Some(nation)) if nation == register.nation => {
            format!("source {n} is of nation {nation} and its mark is foreign. Name the owner, or mark it as your own")
        }
        _ => format!("source {n} is of nation {} and its mark is not //{}", nation.value, nation.value),
    };
    told.error(told.at(nation.at), "R052", message);
}

fn topics(one: &SourceKeys, n: usize, keys: &Keys, told: &Told<'_>) -> Vec<String> {
    let Some(list) = &one.topics else { return Vec::new() };
    for (count, topic) in list.value.iter().enumerate() {
        let of_report =
            keys.topics.as_ref().is_some_and(|all| all.value.iter().any(|other| other.value == topic.value));
        if !of_report {
            told.error(
                told.at(topic.at),
                "R056",
                format!("source {n} has topic {:?}, which the report has not", topic.value),
            );
        } else if list.value.iter().take(count).any(|earlier| earlier.value == topic.value) {
            told.error(told.at(topic.at), "R056", format!("topic {:?} stands here twice. Write it once", topic.value));
        }
    }
    list.value.iter().map(|topic| topic.value.clone()).collect()
}

fn descriptor(text: &Text, context: &Context<'_>, told: &Told<'_>) {
    let length = text.value.chars().count();
    if !(1..=300).contains(&length) || text.value.contains('\n') {
        told.error(told.at(text.at), "R057", format!("descriptor has {length} characters; write 1 to 300 on one line"));
    }
    if let Some((at, serial)) = source_serial(&text.value, context.serial_prefixes) {
        let message = format!("{serial:?} looks like a source serial. Put it in the home file");
        told.error(told.inside(text.at, at), "R057", message);
    }
}

/// Citations `[3]` name a listed source (R058); a source that nothing cites is warned of. A tear line has no sources.
pub(super) fn citations(keys: &Keys, main: &[Placed], tear: &[Placed], told: &Told<'_>) {
    let listed: BTreeSet<i64> = keys.sources.iter().map(|source| source.number()).collect();
    let mut uncited = listed.clone();
    for placed in main {
        for (at, cited) in citation::citations(&placed.portion.body.text) {
            // The list ends, and so this does.
            if let Some(n) = cited.clone().find(|n| !listed.contains(n)) {
                let message = if keys.sources.is_empty() {
                    format!("[{n}] stands here and the report lists no source. Take it out, or add its [[source]]")
                } else {
                    format!("[{n}] names no listed source. Sources are numbered 1 to {}", keys.sources.len())
                };
                told.error(placed.at(at), "R058", message);
            }
            uncited.retain(|n| !cited.contains(n));
        }
    }
    for placed in tear {
        for (at, cited) in citation::citations(&placed.portion.body.text) {
            let message = format!("[{}] stands in the tear line, which has no sources. Take it out", cited.start());
            told.error(placed.at(at), "R058", message);
        }
    }
    for n in keys.sources.iter().filter_map(|source| source.n.as_ref()).filter(|n| uncited.contains(&n.value)) {
        told.warning(told.at(n.at), "R058", format!("source {} is listed and nothing cites it", n.value));
    }
}
