//! The difference of two versions of an agreement in words, and the keys that differ beside it.
//!
//! A line of `extends` says what one file permits and another does not: `scope XAA>XBB topic cyber.ics: 1 -> 2`. Read
//! from the earlier version to the later it is newly permitted; read the other way round it is newly forbidden.

use anyhow::{Context as _, Result};
use relto_policy::agreement::Agreement;
use relto_report::nation::Nation;
use std::collections::{BTreeMap, BTreeSet};
use toml_edit::{DocumentMut, Item, Value};

/// Keys that a difference tells in words, or that differ in any two versions.
const TOLD: [&str; 8] =
    ["version", "supersedes", "extends", "scope.", "life.", "third_party.", "clock_skew_seconds", "anchor_minutes"];

/// One line of `extends`, taken apart.
struct Line<'a> {
    /// What it is of, such as `topic cyber.ics`, without its direction.
    subject: &'a str,
    /// Such as `XAA to XBB`; empty where it is of the agreement as a whole.
    direction: String,
    /// Whose words levels are told in.
    nation: &'a str,
    /// As the version has it that permits less, and as the other has it; none: a member is added.
    limits: Option<(&'a str, &'a str)>,
}

impl<'a> Line<'a> {
    fn of(line: &'a str) -> Self {
        let (what, rest) = line.rsplit_once(": ").unwrap_or((line, "added"));
        let limits = rest.split_once(" -> ");
        let scope = what.strip_prefix("scope ").map(|rest| rest.split_once(' ').unwrap_or((rest, "")));
        match scope.and_then(|(way, subject)| Some((way.split_once('>')?, subject))) {
            Some(((from, to), subject)) => {
                Self { subject, direction: format!("{from} to {to}: "), nation: from, limits }
            }
            None => {
                let nation = what.strip_prefix("equivalence ").and_then(|rest| rest.split(' ').next());
                Self { subject: what, direction: String::new(), nation: nation.unwrap_or_default(), limits }
            }
        }
    }

    fn sentence(&self, permits: bool, levels: &Levels<'_>) -> String {
        let Self { subject, direction, nation, limits } = self;
        let is_level = ["topic ", "equivalence "].iter().any(|kind| subject.starts_with(kind))
            || ["highest_level", "officer_from_level", "second_officer_from_level", "standing_authority_to_level"]
                .contains(subject);
        let told = |value: &str| if is_level { levels(nation, value) } else { value.to_owned() };
        let text = match (limits, permits) {
            (None, _) => member(subject, permits),
            // From the narrow to the wide version, and back.
            (Some((narrow, wide)), true) => limit(subject, &told(narrow), &told(wide)),
            (Some((narrow, wide)), false) => limit(subject, &told(wide), &told(narrow)),
        };
        format!("{direction}{text}")
    }
}

/// A level, by its number, in a nation's words; whatever is no level as it stands.
pub(super) type Levels<'a> = dyn Fn(&str, &str) -> String + 'a;

/// The words of an agreement for levels.
pub(super) fn levels(agreement: &Agreement) -> impl Fn(&str, &str) -> String + '_ {
    |nation, value| match (Nation::parse(nation), value.parse()) {
        (Some(nation), Ok(level)) => agreement.level_in_words(nation, level),
        (Some(_) | None, _) => value.to_owned(),
    }
}

/// What a line of `new.widening(old)` says: newly permitted.
pub(super) fn permitted(line: &str, levels: &Levels<'_>) -> String {
    Line::of(line).sentence(true, levels)
}

/// What a line of `old.widening(new)` says: newly forbidden.
pub(super) fn forbidden(line: &str, levels: &Levels<'_>) -> String {
    Line::of(line).sentence(false, levels)
}

/// Something that is in one version and not in the other.
fn member(subject: &str, is: bool) -> String {
    let may = if is { "may now" } else { "may no longer" };
    let (kind, name) = subject.rsplit_once(' ').unwrap_or((subject, ""));
    match kind {
        "" if is => "reports may now go in this direction".to_owned(),
        "" => "nothing goes in this direction any more".to_owned(),
        "purpose" => format!("reports for the purpose {name} {may} go"),
        "form" => format!("reports of the form {name} {may} go"),
        "caveat" => format!("the caveat {name} {may} stand on a report"),
        "tlp" => format!("TLP:{name} {may} stand on a report"),
        "attachments.types" => format!("attachments of type {name} {may} go"),
        "life while_suspended" => format!("statements {name} {may} be made while it is suspended"),
        "life after_end" => format!("statements {name} {may} be made after it has ended"),
        "emergency topic" => format!("in an emergency one officer {may} release topic {name} alone"),
        "technology" => format!("technology packages of {name} {may} go as this entry has it"),
        _ => two_words(subject, kind, name, may).unwrap_or_else(|| plain(subject, is)),
    }
}

/// Kinds with a name of their own: `party XAA addressee XAA/J2`, `precedence FLASH form warning`, a group's member.
fn two_words(subject: &str, kind: &str, name: &str, may: &str) -> Option<String> {
    let words: Vec<&str> = kind.split(' ').collect();
    match words.as_slice() {
        ["party", nation, "addressee"] => Some(format!("reports {may} be addressed to {name} of {nation}")),
        ["precedence", word, "form"] => Some(format!("reports of the form {name} {may} travel at {word}")),
        ["group", ..] => match subject.split(' ').collect::<Vec<_>>().as_slice() {
            ["group", code, "member", nation, from, "to", until] => {
                Some(format!("a list that names {code} {may} mean {nation}, from {from} to {until}"))
            }
            _ => None,
        },
        _ => None,
    }
}

fn plain(subject: &str, is: bool) -> String {
    format!("{subject} is {} there", if is { "now" } else { "no longer" })
}

/// A limit that was moved.
fn limit(subject: &str, was: &str, is: &str) -> String {
    let (kind, name) = subject.split_once(' ').unwrap_or((subject, ""));
    match (kind, was, is) {
        ("topic", "none", level) => format!("topic {name} may now go, up to {level}"),
        ("topic", level, "none") => format!("topic {name} may no longer go; before, up to {level}"),
        ("topic", ..) => format!("topic {name} goes up to {is}; before, up to {was}"),
        ("equivalence", "none", level) => format!("the marking {name} is now exchanged, as {level}"),
        ("equivalence", level, "none") => {
            format!("the marking {name} is no longer exchanged; before, as {level}")
        }
        ("equivalence", ..) => format!("the marking {name} counts as {is}; before, as {was}"),
        ("caveat", "none", means) => format!("the caveat {name} is now known, as {means}"),
        ("caveat", means, "none") => format!("the caveat {name} is no longer known; before, as {means}"),
        ("caveat", ..) => format!("the caveat {name} means {is}; before, {was}"),
        ("protection", ..) => format!("the recipient's duty at level {name} is {is}; before, {was}"),
        ("life" | "third_party" | "retention", ..) => format!("{} of {kind} is {is}; before, {was}", key(name)),
        _ => format!("{} is {is}; before, {was}", key(subject)),
    }
}

/// A key in words.
fn key(name: &str) -> String {
    let known = [
        ("highest_level", "the highest level of all"),
        ("information_from", "the earliest information cut-off"),
        ("information_until", "the first information cut-off that is too late"),
        ("max_age_hours", "the oldest information, in hours from cut-off to release,"),
        ("officer_from_level", "the level from which a disclosure officer releases"),
        ("second_officer_from_level", "the level from which two officers release"),
        ("standing_authority_to_level", "the level up to which a nation may approve in advance (-1: never)"),
        ("attachments.max_count", "the number of attachments"),
        ("transport.max_report_bytes", "the size of a report, in bytes,"),
        ("transport.max_attachment_bytes", "the size of all attachments, in bytes,"),
        ("clock_skew_seconds", "the tolerance for clocks, in seconds,"),
        ("anchor_minutes", "the minutes between two Anchors"),
        ("traffic", "the kind of traffic"),
    ];
    known.iter().find(|(key, _)| *key == name).map_or_else(|| name.to_owned(), |(_, words)| (*words).to_owned())
}

/// The other keys that differ, with both values: `party.XAA.seal_key: "..." -> "..."`. They permit and forbid no report.
///
/// # Errors
/// Where a file is no TOML, which one that was read as an agreement always is.
pub(super) fn others(old: &[u8], new: &[u8]) -> Result<Vec<String>> {
    let (old, new) = (flat(old)?, flat(new)?);
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let told = |key: &str| TOLD.iter().any(|one| key == *one || one.ends_with('.') && key.starts_with(one));
    let value = |map: &BTreeMap<String, String>, key: &String| map.get(key).map_or("none", String::as_str).to_owned();
    Ok(keys
        .into_iter()
        .filter(|key| !told(key) && old.get(*key) != new.get(*key))
        .map(|key| format!("{key}: {} -> {}", value(&old, key), value(&new, key)))
        .collect())
}

/// Every value of a file by its path; the tables of a list by their place, from 1.
fn flat(bytes: &[u8]) -> Result<BTreeMap<String, String>> {
    let text = std::str::from_utf8(bytes)?;
    let document: DocumentMut = text.parse().context("an agreement is TOML")?;
    let mut out = BTreeMap::new();
    for (key, item) in document.iter() {
        flatten(key.to_owned(), item, &mut out);
    }
    Ok(out)
}

fn flatten(path: String, item: &Item, out: &mut BTreeMap<String, String>) {
    match item {
        Item::None => {}
        Item::Value(value) => {
            out.insert(path, in_one_line(value));
        }
        Item::Table(table) => table.iter().for_each(|(key, item)| flatten(format!("{path}.{key}"), item, out)),
        Item::ArrayOfTables(list) => {
            for (table, place) in list.iter().zip(1..) {
                table.iter().for_each(|(key, item)| flatten(format!("{path}.{place}.{key}"), item, out));
            }
        }
    }
}

/// A value without the spaces, line ends and comments around it.
fn in_one_line(value: &Value) -> String {
    match value {
        Value::Array(list) => format!("[{}]", list.iter().map(in_one_line).collect::<Vec<_>>().join(", ")),
        Value::InlineTable(table) => {
            let members = table.iter().map(|(key, value)| format!("{key} = {}", in_one_line(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Value::String(text) => format!("{:?}", text.value()),
        Value::Integer(number) => number.value().to_string(),
        Value::Float(number) => number.value().to_string(),
        Value::Boolean(flag) => flag.value().to_string(),
        Value::Datetime(moment) => moment.value().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(nation: &str, value: &str) -> String {
        let agreement = include_bytes!("../../../../examples/agreement.toml");
        levels(&Agreement::read("agreement", agreement).unwrap())(nation, value)
    }

    #[test]
    fn a_difference_is_read_from_either_side() {
        for (line, permits, forbids) in [
            (
                "scope XAA>XBB topic cyber.ics: none -> 2",
                "XAA to XBB: topic cyber.ics may now go, up to CONFIDENTIAL (level 2)",
                "XAA to XBB: topic cyber.ics may no longer go; before, up to CONFIDENTIAL (level 2)",
            ),
            (
                "scope XAA>XBB topic cyber.ics: 1 -> 2",
                "XAA to XBB: topic cyber.ics goes up to CONFIDENTIAL (level 2); before, up to RESTRICTED (level 1)",
                "XAA to XBB: topic cyber.ics goes up to RESTRICTED (level 1); before, up to CONFIDENTIAL (level 2)",
            ),
            (
                "scope XBB>XAA highest_level: 1 -> 2",
                "XBB to XAA: the highest level of all is CONFIDENTIEL (level 2); before, DIFFUSION RESTREINTE (level 1)",
                "XBB to XAA: the highest level of all is DIFFUSION RESTREINTE (level 1); before, CONFIDENTIEL (level 2)",
            ),
            (
                "scope XBB>XAA: added",
                "XBB to XAA: reports may now go in this direction",
                "XBB to XAA: nothing goes in this direction any more",
            ),
            (
                "scope XBB>XAA form warning: added",
                "XBB to XAA: reports of the form warning may now go",
                "XBB to XAA: reports of the form warning may no longer go",
            ),
            (
                "scope XAA>XBB max_age_hours: 168 -> none",
                "XAA to XBB: the oldest information, in hours from cut-off to release, is none; before, 168",
                "XAA to XBB: the oldest information, in hours from cut-off to release, is 168; before, none",
            ),
            (
                "life term_ends: 2026-01-01T00:00:00Z -> 2027-01-01T00:00:00Z",
                "term_ends of life is 2027-01-01T00:00:00Z; before, 2026-01-01T00:00:00Z",
                "term_ends of life is 2026-01-01T00:00:00Z; before, 2027-01-01T00:00:00Z",
            ),
            (
                "equivalence XBB NON PROTEGE: none -> 0",
                "the marking XBB NON PROTEGE is now exchanged, as NON PROTÉGÉ (level 0)",
                "the marking XBB NON PROTEGE is no longer exchanged; before, as NON PROTÉGÉ (level 0)",
            ),
            (
                "group NLGP member XCC 2026-03-01 to 2027-03-01: added",
                "a list that names NLGP may now mean XCC, from 2026-03-01 to 2027-03-01",
                "a list that names NLGP may no longer mean XCC, from 2026-03-01 to 2027-03-01",
            ),
            (
                "precedence FLASH form warning: added",
                "reports of the form warning may now travel at FLASH",
                "reports of the form warning may no longer travel at FLASH",
            ),
            (
                "party XBB addressee XBB/J2: added",
                "reports may now be addressed to XBB/J2 of XBB",
                "reports may no longer be addressed to XBB/J2 of XBB",
            ),
        ] {
            let told = (permitted(line, &word), forbidden(line, &word));
            assert_eq!((told.0.as_str(), told.1.as_str()), (permits, forbids), "{line}");
        }
    }

    #[test]
    fn what_no_sentence_was_written_for_is_told_as_it_stands() {
        assert_eq!(permitted("new thing: added", &word), "new thing is now there");
        assert_eq!(forbidden("new thing: 1 -> 2", &word), "new thing is 1; before, 2");
    }

    #[test]
    fn other_keys_are_told_with_both_values() {
        let text = include_str!("../../../../examples/agreement.toml");
        let changed = text.replacen("notice_days       = 90", "notice_days       = 80", 1);
        let changed = changed.replacen("suspend = 1", "suspend = 2", 1).replacen("[recall]", "[recall] # soon", 1);
        let list = others(text.as_bytes(), changed.as_bytes()).unwrap();
        assert_eq!(list, ["party.XAA.quorum.suspend: 1 -> 2"], "what the words tell, and comments, apart");
    }
}
