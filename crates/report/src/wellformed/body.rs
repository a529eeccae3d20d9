//! Rules on the text, its judgements and its sources.

use super::ground::{Broken, Ground, are_different, ensure};
use crate::{
    assessment::{Block, Judgement, Portion, Report},
    calendar::Day,
    citation::citations,
    file::words,
    label::is_fixed_heading,
    pieces::is_row,
    register::Register,
    spelling::is_line,
    vocabulary::Vocabulary,
};

pub(super) fn portions(report: &Report, ground: &Ground<'_>) -> Result<(), Broken> {
    let register = ground.register;
    ensure(!report.portions.is_empty(), "R006")?;
    for one in &report.portions {
        let heading = matches!(one.block, Block::Heading(1..=3));
        ensure(heading || !matches!(one.block, Block::Heading(_)), "R006")?;
        ensure(!one.body.text.trim().is_empty(), "R006")?;
        // An empty line would part the portion in two, and the second would have no mark.
        let parted = one.body.text.split('\n').any(|line| line.trim().is_empty());
        ensure(!parted, "R100")?;
        ensure(!heading || !one.body.text.contains('\n'), "R100")?;
        ensure(!one.body.mark.is_empty() || (heading && is_fixed_heading(&one.body.text, register)), "R100")?;
        // What is between them would be read as cells by some and by others not.
        let rows = || one.body.text.split('\n').skip(1).all(is_row);
        ensure(one.block != Block::Table || rows(), "R100")?;
        ensure(!ground.words.has_tear_line(&one.body.text), "R070")?;
    }
    Ok(())
}

pub(super) fn judgements(report: &Report, register: &Register, vocabulary: &Vocabulary) -> Result<(), Broken> {
    let due = matches!(report.form.as_str(), "assessment" | "warning") && !report.from_tear_line;
    ensure(!(due && report.judgements.is_empty()), "R040")?;
    ensure(report.form != "spot-report" || report.judgements.is_empty(), "R040")?;
    let rows = vocabulary.likelihood.iter().filter(|row| row.scale == report.likelihood_scale);
    let likelihood: Vec<&str> = rows.flat_map(|row| row.words.iter().map(String::as_str)).collect();
    let language = report.likelihood_scale.rsplit('/').next().unwrap_or_default();
    let confidence: Vec<&str> = vocabulary
        .confidence
        .iter()
        .filter(|(code, _)| code == language)
        .flat_map(|(_, list)| list.iter().map(String::as_str))
        .collect();
    for (n, one) in report.judgements.iter().enumerate() {
        let in_order = one.id == format!("{}{}", register.judgement_prefix, n + 1);
        // A tear line takes some of its report's judgements over, under their own numbers.
        let earlier = report.judgements.iter().take(n).any(|earlier| earlier.id == one.id);
        let numbered = words::judgement(&format!("{}.", one.id), &register.judgement_prefix) == Some(&one.id);
        let of_tear = report.from_tear_line && numbered && !earlier;
        ensure(in_order || of_tear, "R040")?;
        ensure(likelihood.contains(&one.likelihood.as_str()), "R041")?;
        ensure(confidence.contains(&one.confidence.as_str()), "R042")?;
        let listed = one.sources.iter().all(|n| report.sources.iter().any(|source| source.n == *n));
        let twice = one.sources.iter().enumerate().any(|(at, n)| one.sources.iter().take(at).any(|other| other == n));
        ensure(listed && !twice && one.sources.is_empty() == report.from_tear_line, "R043")?;
        carried(one, report, &likelihood, &confidence)?;
    }
    let texts = report.portions.iter().filter(|one| !matches!(one.block, Block::Heading(_)));
    let mut begun = texts.filter_map(|one| words::judgement(&one.body.text, &register.judgement_prefix));
    let listed = |id: &str| report.judgements.iter().any(|one| one.id == id);
    ensure(!report.from_tear_line || begun.all(listed), "R040")
}

fn carried(one: &Judgement, report: &Report, likelihood: &[&str], confidence: &[&str]) -> Result<(), Broken> {
    let start = format!("{}.", one.id);
    let text =
        |portion: &&Portion| !matches!(portion.block, Block::Heading(_)) && portion.body.text.starts_with(&start);
    let mut found = report.portions.iter().filter(text);
    let (Some(portion), None) = (found.next(), found.next()) else { return Err("R040") };
    let likelihoods = words::find(&portion.body.text, likelihood);
    let confidences = words::find(&portion.body.text, confidence);
    let stated = |list: &[words::Found<'_>], word: &str| list.iter().any(|found| found.word == word);
    let (said, sure) = (stated(&likelihoods, &one.likelihood), stated(&confidences, &one.confidence));
    // A tear line may say less.
    ensure(said || (report.from_tear_line && likelihoods.is_empty()), "R044")?;
    ensure(sure || (report.from_tear_line && confidences.is_empty()), "R044")?;
    let beside = |word: &words::Found<'_>| {
        likelihoods.iter().any(|other| other.word == one.likelihood && other.sentence == word.sentence)
    };
    let apart = confidences.iter().any(|found| found.word == one.confidence && !beside(found));
    ensure(!said || !sure || apart, "R045")
}

pub(super) fn sources(report: &Report, vocabulary: &Vocabulary) -> Result<(), Broken> {
    ensure(!report.from_tear_line || report.sources.is_empty(), "R050")?;
    for (n, one) in (1..).zip(&report.sources) {
        ensure(one.n == n, "R050")?;
        let grade = vocabulary.reliability.iter().find_map(|letter| one.grade.strip_prefix(letter.as_str()));
        ensure(grade.is_some_and(|digit| vocabulary.credibility.iter().any(|known| known == digit)), "R054")?;
        let Some(is) = &one.described else { continue };
        ensure(vocabulary.source_kinds.contains(&is.kind), "R053")?;
        ensure(Day::FIRST <= is.as_of && is.as_of <= report.information_cutoff.day(), "R055")?;
        ensure(is.topics.iter().all(|topic| report.topics.contains(topic)) && are_different(&is.topics), "R056")?;
        ensure(is_line(&is.descriptor, 300), "R100")?;
    }
    // Sources are numbered from 1 here, without a gap.
    let all = i64::try_from(report.sources.len()).unwrap_or(i64::MAX);
    let mut cited = report.portions.iter().flat_map(|one| citations(&one.body.text));
    ensure(cited.all(|(_, cited)| 1 <= *cited.start() && *cited.end() <= all), "R058")
}
