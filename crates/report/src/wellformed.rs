//! The grammar's rules on a canonical report, for a node that cannot trust the client which made it.
//!
//! Only rules for which the decision has no code of its own (MALFORMED, report-grammar section 6): marks and labels,
//! topics, forms, purposes, addressees and sizes are judged by the decision, and what needs the author's records is
//! asked by nobody else.

#[cfg(test)]
mod tests;

use crate::{
    assessment::{Block, Declassify, Document, Judgement, Report},
    attachment::{is_plain_name, media_type},
    file::{serials, words},
    label::is_fixed_heading,
    marking::{read_banner, read_portion},
    register::Register,
    shapes,
    shown::{Sort, texts},
    unseen::unseen,
    vocabulary::Vocabulary,
};
use unicode_normalization::is_nfc;

/// The number of the first rule that a report breaks.
pub type Broken = &'static str;

/// Checks a report and its attachments against the register of its originator; text is looked at for shapes of marks with
/// the words of all parties.
///
/// # Errors
/// The rule that is broken.
pub fn check(
    document: &Document,
    register: &Register,
    vocabulary: &Vocabulary,
    parties: &[&Register],
) -> Result<(), Broken> {
    let report = document.report();
    ensure(texts(report).into_iter().all(|one| is_clean(one.text)), "R003")?; // RPT-8
    head(report, register, vocabulary)?;
    dates(report, register)?;
    body(report, register)?;
    judgements(report, register, vocabulary)?;
    sources(report, vocabulary)?;
    for (n, one) in report.attachments.iter().enumerate() {
        let earlier = report.attachments.iter().take(n).any(|earlier| earlier.name == one.name);
        ensure(is_plain_name(&one.name) && !earlier, "R060")?;
        let found = document.attachment(n).and_then(|bytes| media_type(&one.name, bytes).ok());
        ensure(found == Some(one.media_type.as_str()), "R061")?;
        ensure(is_line(&one.title.text, 200), "R100")?;
    }
    let shapes = shapes::of_report(report, parties.iter().copied());
    ensure(!shapes.iter().any(|(_, shape)| shape.is_error()), shapes::RULE) // RPT-9
}

impl Report {
    /// Whether a text of the report that people read says this, in these letters and as words of its own.
    #[must_use]
    pub fn says(&self, word: &str) -> bool {
        let written = texts(self).into_iter().filter(|one| one.sort == Sort::Words);
        written.into_iter().any(|one| {
            let text = one.text.split_whitespace().collect::<Vec<_>>().join(" ");
            let alone = |at: usize| {
                let before = text.get(..at).and_then(|before| before.chars().next_back());
                let after = text.get(at.saturating_add(word.len())..).and_then(|after| after.chars().next());
                ![before, after].into_iter().flatten().any(char::is_alphanumeric)
            };
            text.match_indices(word).any(|(at, _)| alone(at))
        })
    }
}

const fn ensure(right: bool, rule: Broken) -> Result<(), Broken> {
    if right { Ok(()) } else { Err(rule) }
}

/// Composed, and without characters that make a text read differently from what was signed.
fn is_clean(text: &str) -> bool {
    is_nfc(text) && unseen(text).is_none()
}

fn is_line(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.chars().count()) && !text.contains('\n')
}

fn head(report: &Report, register: &Register, vocabulary: &Vocabulary) -> Result<(), Broken> {
    let serial = serials::parts(&report.serial);
    ensure(serial.is_some_and(|(nation, _)| nation == register.nation), "R011")?;
    ensure(is_line(&report.title.text, 200), "R014")?;
    ensure(vocabulary.precedence.contains(&report.precedence), "R024")?;
    ensure(crate::file::is_traffic(&report.traffic), "R026")?;
    let language = &report.language;
    ensure(language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase()), "R027")?;
    ensure(vocabulary.likelihood.iter().any(|row| row.scale == report.likelihood_scale), "R035")?;
    ensure(report.tlp.as_ref().is_none_or(|colour| vocabulary.tlp.contains(colour)), "R036")?;
    if let Some(reason) = &report.aggregation_reason {
        ensure(is_line(&reason.text, 200) && read_portion(&reason.mark, register).1.is_empty(), "R100")?;
    }
    let taken = !report.from_tear_line;
    ensure(!taken || report.form != "rfi-response" || report.answers.is_some(), "R037")?;
    ensure(!taken || report.form != "correction" || report.supersedes.is_some(), "R039")
}

fn dates(report: &Report, register: &Register) -> Result<(), Broken> {
    let cutoff = report.information_cutoff;
    ensure(report.produced >= cutoff, "R031")?;
    // An unknown banner is judged by the decision; nothing is then needed by level.
    let place = read_banner(&report.banner, register).0.level;
    let level = place.map_or(0, |place| register.levels.len().saturating_sub(1).saturating_sub(place));
    ensure(report.review.map_or(level == 0, |day| day > cutoff.day()), "R032")?;
    let declassify = match &report.declassify {
        None => level < 2,
        Some(Declassify::Originator) => true,
        Some(Declassify::On(day)) => report.review.is_none_or(|review| *day >= review),
    };
    ensure(declassify, "R033")?;
    let office = report.classified_by.as_ref().map_or(level == 0, |office| {
        let behind = office.strip_prefix(register.nation.as_str()).and_then(|rest| rest.strip_prefix('/'));
        is_line(office, 80) && behind.is_some_and(|rest| !rest.is_empty())
    });
    ensure(office, "R034")
}

fn body(report: &Report, register: &Register) -> Result<(), Broken> {
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
        ensure(!(heading && one.body.text == register.tear_line), "R070")?;
    }
    Ok(())
}

fn judgements(report: &Report, register: &Register, vocabulary: &Vocabulary) -> Result<(), Broken> {
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
        let of_tear = report.from_tear_line && one.id.starts_with(&register.judgement_prefix) && !earlier;
        ensure(in_order || of_tear, "R040")?;
        ensure(likelihood.contains(&one.likelihood.as_str()), "R041")?;
        ensure(confidence.contains(&one.confidence.as_str()), "R042")?;
        let listed = one.sources.iter().all(|n| report.sources.iter().any(|source| source.n == *n));
        ensure(listed && one.sources.is_empty() == report.from_tear_line, "R043")?;
        carried(one, report, &likelihood, &confidence)?;
    }
    Ok(())
}

fn carried(one: &Judgement, report: &Report, likelihood: &[&str], confidence: &[&str]) -> Result<(), Broken> {
    let start = format!("{}.", one.id);
    let text = |portion: &&crate::assessment::Portion| {
        !matches!(portion.block, Block::Heading(_)) && portion.body.text.starts_with(&start)
    };
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

fn sources(report: &Report, vocabulary: &Vocabulary) -> Result<(), Broken> {
    ensure(!report.from_tear_line || report.sources.is_empty(), "R050")?;
    for (n, one) in (1..).zip(&report.sources) {
        ensure(one.n == n, "R050")?;
        let grade = vocabulary.reliability.iter().find_map(|letter| one.grade.strip_prefix(letter.as_str()));
        ensure(grade.is_some_and(|digit| vocabulary.credibility.iter().any(|known| known == digit)), "R054")?;
        let Some(is) = &one.described else { continue };
        ensure(vocabulary.source_kinds.contains(&is.kind), "R053")?;
        ensure(is.as_of <= report.information_cutoff.day(), "R055")?;
        ensure(is.topics.iter().all(|topic| report.topics.contains(topic)), "R056")?;
        ensure(is_line(&is.descriptor, 300), "R057")?;
    }
    let cited = report.portions.iter().flat_map(|one| words::citations(&one.body.text));
    let listed = |n: i64| report.sources.iter().any(|source| i64::from(source.n) == n);
    ensure(cited.into_iter().all(|(_, n)| listed(n)), "R058")
}
