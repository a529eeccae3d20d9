//! Judgements: their keys, and the words that their paragraphs must carry (R040 to R045).

use super::{
    context::Context,
    keys::{JudgementKeys, Keys, Text},
    portions::Placed,
    told::Told,
    words::{self, Found},
};
use crate::assessment::{Block, Judgement};

/// Words that say less than any word of the English scale; a judgement that has one is warned of.
const VAGUE: &[&str] = &["possible", "possibly", "may", "could", "might"];

/// Judgements of one report.
const MAX_JUDGEMENTS: usize = 20;

/// The words of one scale.
pub(super) struct Scale<'v> {
    name: String,
    likelihood: Vec<&'v str>,
    confidence: &'v [String],
}

impl<'v> Scale<'v> {
    /// The scale of this name; its confidence words are those of the language behind the `/`.
    pub(super) fn new(name: &str, context: &Context<'v>) -> Self {
        let rows = context.vocabulary.likelihood.iter().filter(|row| row.scale == name);
        let likelihood = rows.flat_map(|row| row.words.iter().map(String::as_str)).collect();
        let language = name.rsplit('/').next().unwrap_or_default();
        let confidence = context.vocabulary.confidence.iter().find(|(code, _)| code == language);
        Self { name: name.to_owned(), likelihood, confidence: confidence.map_or(&[], |(_, words)| words) }
    }

    fn shown(&self, context: &Context<'_>) -> String {
        let rows = context.vocabulary.likelihood.iter().filter(|row| row.scale == self.name);
        let shown = rows.map(|row| format!("{}-{} %: {}", row.percent.0, row.percent.1, row.words.join(", ")));
        shown.collect::<Vec<_>>().join("; ")
    }
}

/// Judges all judgements and gives those that have all their keys.
pub(super) fn check(
    keys: &Keys,
    main: &[Placed],
    scale: &Scale<'_>,
    context: &Context<'_>,
    told: &Told<'_>,
) -> Vec<Judgement> {
    count(keys, told);
    let mut out = Vec::new();
    for (at, one) in keys.judgements.iter().enumerate() {
        check_words(one, scale, context, told);
        let sources = sources(one, keys, told);
        if let Some(id) = &one.id {
            let due = format!("{}{}", context.register.judgement_prefix, at + 1);
            if id.value != due {
                told.error(
                    told.at(id.at),
                    "R040",
                    format!("judgement {:?}; {due} is due here: judgements are numbered in order", id.value),
                );
            } else if let Some(placed) = paragraph(id, main, told) {
                let stated =
                    Stated { id: &id.value, likelihood: one.likelihood.as_ref(), confidence: one.confidence.as_ref() };
                carried(&stated, placed, scale, None, told);
                vague(&id.value, placed, scale, told);
            }
        }
        if let (Some(id), Some(likelihood), Some(confidence)) = (&one.id, &one.likelihood, &one.confidence) {
            out.push(Judgement {
                id: id.value.clone(),
                likelihood: likelihood.value.clone(),
                confidence: confidence.value.clone(),
                sources,
            });
        }
    }
    out
}

fn count(keys: &Keys, told: &Told<'_>) {
    let Some(form) = &keys.form else { return };
    let first = keys.judgements.first().and_then(|one| one.id.as_ref()).map_or(told.closing(), |id| told.at(id.at));
    match form.value.as_str() {
        "assessment" | "warning" if keys.judgements.is_empty() => {
            told.error(told.closing(), "R040", format!("{} needs a [[judgement]], 1 to {MAX_JUDGEMENTS}", form.value));
        }
        "spot-report" if !keys.judgements.is_empty() => {
            told.error(
                first,
                "R040",
                "a spot-report has no judgement: it is not yet assessed. Take it out, or write an assessment",
            );
        }
        _ if keys.judgements.len() > MAX_JUDGEMENTS => {
            told.error(first, "R040", format!("{} judgements; the limit is {MAX_JUDGEMENTS}", keys.judgements.len()));
        }
        _ => {}
    }
}

fn check_words(one: &JudgementKeys, scale: &Scale<'_>, context: &Context<'_>, told: &Told<'_>) {
    if let Some(word) = one.likelihood.as_ref().filter(|word| !scale.likelihood.contains(&word.value.as_str())) {
        let name = scale.name.split('/').next().unwrap_or_default().to_uppercase().replace('-', " ");
        told.error(
            told.at(word.at),
            "R041",
            format!("{:?} is not on the {name} scale. {}", word.value, scale.shown(context)),
        );
    }
    if let Some(word) = one.confidence.as_ref().filter(|word| !scale.confidence.contains(&word.value)) {
        let message = match (word.value.as_str(), scale.confidence.iter().any(|known| known == "moderate")) {
            ("medium", true) => "\"medium\". ICD 203 says moderate".to_owned(),
            _ => format!("{:?} is no word of confidence. Use {}", word.value, scale.confidence.join(", ")),
        };
        told.error(told.at(word.at), "R042", message);
    }
}

fn sources(one: &JudgementKeys, keys: &Keys, told: &Told<'_>) -> Vec<u32> {
    let Some(list) = &one.sources else { return Vec::new() };
    if !(1..=32).contains(&list.value.len()) {
        told.error(told.at(list.at), "R043", format!("{} sources; name 1 to 32", list.value.len()));
    }
    let mut out: Vec<u32> = Vec::new();
    for number in &list.value {
        let listed = keys.sources.iter().any(|source| source.number() == number.value);
        match u32::try_from(number.value) {
            Ok(n) if listed && out.contains(&n) => {
                told.error(told.at(number.at), "R043", format!("source {n} stands here twice. Write it once"))
            }
            Ok(n) if listed => out.push(n),
            _ => told.error(told.at(number.at), "R043", format!("source {} is not listed", number.value)),
        }
    }
    out
}

/// The one paragraph that begins with the id.
fn paragraph<'p>(id: &Text, text: &'p [Placed], told: &Told<'_>) -> Option<&'p Placed> {
    let mut found = begins_with(&id.value, text);
    let first = found.next();
    let message = match (first, found.count()) {
        (None, _) => format!("no paragraph begins with \"{}.\" after its mark", id.value),
        (Some(_), 0) => return first,
        (Some(_), more) => format!("{} paragraphs begin with \"{}.\". One carries the judgement", more + 1, id.value),
    };
    told.error(told.at(id.at), "R040", message);
    first
}

/// Every portion, headings apart, whose text begins with this id and a full stop.
pub(super) fn begins_with<'p>(id: &str, text: &'p [Placed]) -> impl Iterator<Item = &'p Placed> {
    let start = format!("{id}.");
    text.iter()
        .filter(move |one| !matches!(one.portion.block, Block::Heading(_)) && one.portion.body.text.starts_with(&start))
}

/// What a judgement states.
pub(super) struct Stated<'k> {
    pub(super) id: &'k str,
    pub(super) likelihood: Option<&'k Text>,
    pub(super) confidence: Option<&'k Text>,
}

/// Whether the paragraph carries likelihood and confidence, in two sentences. In a tear line another word than the
/// report's is told under `differs` (R071).
pub(super) fn carried(
    stated: &Stated<'_>,
    placed: &Placed,
    scale: &Scale<'_>,
    differs: Option<&'static str>,
    told: &Told<'_>,
) {
    let text = &placed.portion.body.text;
    let likelihoods = words::find(text, &scale.likelihood);
    let known: Vec<&str> = scale.confidence.iter().map(String::as_str).collect();
    let confidences = words::find(text, &known);
    let on_scale = |text: Option<&&Text>, list: &[&str]| text.is_some_and(|text| list.contains(&text.value.as_str()));
    let likelihood = stated.likelihood.filter(|text| on_scale(Some(text), &scale.likelihood));
    let confidence = stated.confidence.filter(|text| on_scale(Some(text), &known));
    let said = likelihood.is_some_and(|text| says(text, "likelihood", stated.id, &likelihoods, placed, differs, told));
    let sure = confidence.is_some_and(|text| says(text, "confidence", stated.id, &confidences, placed, differs, told));
    let (Some(likelihood), Some(confidence)) = (likelihood, confidence) else { return };
    if !(said && sure) {
        return;
    }
    let beside = |one: &&Found<'_>| {
        likelihoods.iter().any(|other| other.word == likelihood.value && other.sentence == one.sentence)
    };
    let mut stated_confidence = confidences.iter().filter(|one| one.word == confidence.value);
    if let Some(first) = stated_confidence.clone().next().filter(|_| stated_confidence.all(|one| beside(&one))) {
        let message = "likelihood and confidence stand in one sentence. ICD 203 keeps them apart; make it two";
        told.error(placed.at(first.at), "R045", message);
    }
}

fn says(
    stated: &Text,
    what: &str,
    id: &str,
    found: &[Found<'_>],
    placed: &Placed,
    differs: Option<&'static str>,
    told: &Told<'_>,
) -> bool {
    if found.iter().any(|one| one.word == stated.value) {
        return true;
    }
    match (found.first(), differs) {
        // A tear line may say less.
        (None, Some(_)) => {}
        (None, None) => {
            told.error(
                placed.place,
                "R044",
                format!("{id} says {what} {:?} and its paragraph has no such word", stated.value),
            );
        }
        (Some(other), None) => {
            let message = format!("{id} says {what} {:?} and its paragraph has {:?}", stated.value, other.word);
            told.error(placed.at(other.at), "R044", message);
        }
        (Some(other), Some(rule)) => {
            let message = format!(
                "the tear line says {id} is {:?}, the report {:?}. A tear line may say less, never something else",
                other.word, stated.value
            );
            told.error(placed.at(other.at), rule, message);
        }
    }
    false
}

fn vague(id: &str, placed: &Placed, scale: &Scale<'_>, told: &Told<'_>) {
    if !scale.name.ends_with("/en") {
        return;
    }
    let text = &placed.portion.body.text;
    // "May" with a capital is a month.
    let small = |one: &Found<'_>| text.chars().nth(one.at).is_some_and(char::is_lowercase);
    for one in words::find(text, VAGUE).into_iter().filter(small) {
        let message = format!("{id} has {:?}, which is not on the scale. Say how likely it is", one.word);
        told.warning(placed.at(one.at), "R041", message);
    }
}
