//! A new version against the one before: within it, or beyond it by exactly what `extends` lists.
//!
//! Two things are asked. By comparison of the files: `extends` is the computed list, line by line, and `supersedes`
//! names the earlier file. By proof: taken away every request that a line names, the new version permits nothing that
//! the old one did not; and each line alone permits something new, or is said to have no effect on a release.

use crate::{Finding, Prover, Verdict, properties, read, solver::Question};
use relto_formats::cedar;
use relto_policy::agreement::{Agreement, Meaning};
use relto_report::calendar::{Day, Timestamp};
use std::time::Instant;

pub(crate) fn compare(prover: &Prover<'_>, new: &Agreement, old: &Agreement, say: &mut dyn FnMut(Finding)) {
    let begun = Instant::now();
    let verdict = match new.follows("the new version", old) {
        Ok(()) => Verdict::Proven,
        Err(faults) => Verdict::Refuted(faults.to_string()),
    };
    let property = format!("the file follows version {} and lists exactly the difference", old.version);
    say(Finding { property, verdict, queries: 0, millis: begun.elapsed().as_millis() });

    let before = read(&cedar::text(old));
    let lines: Vec<(&String, Line)> = new.extends.iter().map(|line| (line, touched(line, new))).collect();
    // Without the requests that the lines name; but for one line, which must then name them.
    let without = |kept: Option<usize>| {
        let mut policies = prover.policies.to_string();
        for (place, (_, line)) in lines.iter().enumerate() {
            if let Line::Names(condition) = line {
                let word = if Some(place) == kept { "unless" } else { "when" };
                policies.push_str(&format!("\nforbid (principal, action, resource) {word} {{ {condition} }};\n"));
            }
        }
        read(&policies)
    };
    let rest = without(None);
    let property = if new.extends.is_empty() {
        format!("it permits nothing that version {} did not", old.version)
    } else {
        format!(
            "apart from its {} extensions it permits nothing that version {} did not",
            new.extends.len(),
            old.version
        )
    };
    say(prover.ask(&property, &[Question::Implies(&rest, &before)], false));

    for (place, (text, line)) in lines.iter().enumerate() {
        let property = format!("extends: {text}");
        say(match line {
            Line::Names(_) => {
                let alone = without(Some(place));
                let finding = prover.ask(&property, &[Question::Implies(&alone, &before)], true);
                let no_effect = matches!(finding.verdict, Verdict::Refuted(_));
                let why = "alone it releases nothing new: another clause still refuses it".to_owned();
                if no_effect { Finding { verdict: Verdict::Noted(why), ..finding } } else { finding }
            }
            Line::Elsewhere => {
                let why = "no clause of the release decision's text; compared in the files alone".to_owned();
                Finding { property, verdict: Verdict::Noted(why), queries: 0, millis: 0 }
            }
            Line::Unread => {
                let why = "this program cannot say which requests the line names".to_owned();
                Finding { property, verdict: Verdict::NotProven(why), queries: 0, millis: 0 }
            }
        });
    }
}

/// What a line of `extends` says of requests.
enum Line {
    /// These requests, as a condition.
    Names(String),
    /// Nothing: officers, duties, the reading of groups and the calendar are not in the text.
    Elsewhere,
    /// Not understood.
    Unread,
}

const ELSEWHERE: [&str; 8] = [
    "life while_suspended",
    "life after_end",
    "life suspend_by",
    "life resume_by",
    "emergency topic ",
    "retention ",
    "technology ",
    "protection ",
];

/// The requests that a line of `extends` names.
fn touched(line: &str, new: &Agreement) -> Line {
    let found = if let Some(rest) = line.strip_prefix("scope ") {
        scope(rest, new)
    } else if ELSEWHERE.iter().any(|prefix| line.starts_with(prefix)) || line.starts_with("group ") {
        return Line::Elsewhere;
    } else {
        whole(line, new)
    };
    match found {
        Some(condition) if condition.is_empty() => Line::Elsewhere,
        Some(condition) => Line::Names(condition),
        None => Line::Unread,
    }
}

/// `A>B key member: added` or `A>B key: from -> to`; an empty condition where no request is named.
fn scope(rest: &str, new: &Agreement) -> Option<String> {
    let (direction, rest) = rest.split_once([' ', ':'])?;
    let (from, to) = direction.split_once('>')?;
    let nation = relto_report::nation::Nation::parse;
    let (from, to) = (nation(from)?, nation(to)?);
    let here = properties::direction(from, to);
    if rest.trim() == "added" {
        return Some(here);
    }
    let (what, change) = rest.rsplit_once(": ")?;
    let before = change.split_once(" -> ").map(|(before, _)| before);
    let (key, member) = what.split_once(' ').unwrap_or((what, ""));
    let quoted = cedar::quoted(member);
    let number = || before?.parse::<i64>().ok();
    let condition = match key {
        "topic" => format!("resource.topics.contains({quoted})"),
        "purpose" => format!("resource.purpose == {quoted}"),
        "form" => format!("resource.form == {quoted}"),
        "tlp" => format!("resource.tlp == {quoted}"),
        "attachments.types" => format!("resource.attachmentTypes.contains({quoted})"),
        "caveat" => caveat(new, from, Meaning::parse(member)?)?,
        "highest_level" => above(new, from, u8::try_from(number()?).ok()?)?,
        "information_from" => format!("context.cutoff < {}", moment(before?)?),
        "information_until" => format!("context.cutoff >= {}", moment(before?)?),
        "max_age_hours" => format!("context.age > {}", number()?.checked_mul(3600)?),
        "attachments.max_count" => format!("resource.attachmentCount > {}", number()?),
        "transport.max_report_bytes" => format!("resource.reportBytes > {}", number()?),
        "transport.max_attachment_bytes" => format!("resource.attachmentBytes > {}", number()?),
        "officer_from_level" | "second_officer_from_level" | "standing_authority_to_level" => {
            return Some(String::new());
        }
        _ => return None,
    };
    Some(format!("{here} && ({condition})"))
}

/// Lines that name no direction.
fn whole(line: &str, new: &Agreement) -> Option<String> {
    let (what, change) = line.rsplit_once(": ")?;
    let before = change.split_once(" -> ").map(|(before, _)| before);
    let words: Vec<&str> = what.splitn(3, ' ').collect();
    let marked = |word: &str| {
        let word = cedar::quoted(word);
        format!("(resource.bannerMarking == {word} || resource.portionMarkings.contains({word}))")
    };
    match words.as_slice() {
        ["equivalence", nation, word] => {
            Some(format!("context.sender == {} && {}", cedar::quoted(nation), marked(word)))
        }
        ["caveat", nation, word] => {
            Some(format!("context.sender == {} && ({})", cedar::quoted(nation), has_caveat([*word])))
        }
        ["life", "enters_into_force"] => {
            let begins = moment(before?)?;
            Some(format!("context.now < {begins} || context.released < {begins}"))
        }
        // Where renewal is by signature or tacit the text asks for the end that the calendar gives.
        ["life", "term_ends" | "renewal"] => {
            let ends = if what == "life term_ends" { moment(before?)? } else { new.life.term_ends.seconds() };
            Some(format!("context.now >= {ends} || context.released >= {ends}"))
        }
        ["life", "renewal_months" | "notice_days"] => Some(String::new()),
        ["traffic"] => Some(format!("resource.traffic == {}", cedar::quoted(new.traffic.word()))),
        ["clock_skew_seconds"] => Some(format!("context.age < {}", before?.parse::<i64>().ok()?.checked_neg()?)),
        ["party", nation, office] => {
            let office = cedar::quoted(office.strip_prefix("addressee ")?);
            let to = format!("principal == Relto::Nation::{}", cedar::quoted(nation));
            Some(format!(
                "{to} && (resource.actionOffices.contains({office}) || resource.infoOffices.contains({office}))"
            ))
        }
        ["third_party", "recipients_own"] => Some("resource.returns".to_owned()),
        ["third_party", "concealed_origin"] => Some("resource.portionConceals".to_owned()),
        ["third_party", _] => Some(String::new()),
        ["precedence", word, form] => {
            let (word, form) = (cedar::quoted(word), cedar::quoted(form.strip_prefix("form ")?));
            Some(format!("context.precedence == {word} && resource.form == {form}"))
        }
        _ => None,
    }
}

fn has_caveat<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<String> = words.into_iter().map(cedar::quoted).collect();
    let sets = ["bannerCaveats", "bannerUnlisted", "portionCaveats"];
    sets.map(|set| format!("resource.{set}.containsAny([{}])", words.join(", "))).join(" || ")
}

fn caveat(new: &Agreement, from: relto_report::nation::Nation, means: Meaning) -> Option<String> {
    let party = new.place_of(from)?;
    let rows = new.caveats.iter().filter(|row| row.means == means);
    let words: Vec<&str> = rows.filter_map(|row| row.words.get(party)).map(String::as_str).collect();
    // A meaning that no caveat has names no request.
    if words.is_empty() { Some("false".to_owned()) } else { Some(has_caveat(words)) }
}

/// Markings above a level, on whatever day.
fn above(new: &Agreement, from: relto_report::nation::Nation, level: u8) -> Option<String> {
    let party = new.place_of(from)?;
    let rows = new.equivalence.iter().filter(|row| row.level > level);
    let words: Vec<&String> = rows
        .flat_map(|row| row.markings.get(party).into_iter().chain(row.accepts.get(party).into_iter().flatten()))
        .collect();
    if words.is_empty() {
        return Some("false".to_owned());
    }
    let words = properties::set(words);
    Some(format!("{words}.contains(resource.bannerMarking) || resource.portionMarkings.containsAny({words})"))
}

/// Seconds of a moment as `extends` writes it; `none` is an open end, which names no request.
fn moment(text: &str) -> Option<i64> {
    Timestamp::parse(text).map(Timestamp::seconds).or_else(|| Day::parse(text).map(|day| day.start().seconds()))
}
