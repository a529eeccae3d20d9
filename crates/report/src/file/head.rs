//! The keys of the head (R010 to R029, R035 to R039).

use super::{
    context::Context,
    keys::{Keys, Text, Texts},
    mark::{read_mark, split},
    near::near_mark,
    offices,
    portions::Body,
    serials,
    told::Told,
    words,
};
use crate::{
    assessment::{FORMAT, MAX_WORDS_SPOT, MarkedText},
    fault::nearest,
    marking::{is_code, ordered_codes},
    nation::Nation,
    spelling::is_traffic,
};

/// Judges the keys that stand for themselves.
pub(super) fn check(keys: &Keys, body: &Body, context: &Context<'_>, told: &Told<'_>) {
    let error = |text: &Text, rule, message: String| told.error(told.at(text.at), rule, message);
    if let Some(format) = keys.format.as_ref().filter(|format| format.value != FORMAT) {
        error(format, "R010", format!("format {:?} is not known to this client. It reads {FORMAT}", format.value));
    }
    if let Some(serial) = &keys.serial {
        serials::own(serial, context, told);
    }
    if let Some(form) = &keys.form {
        check_form(form, keys, body, context, told);
    }
    if let Some(list) = &keys.rel_to {
        rel_to(list, context, told);
    }
    if let Some(list) = &keys.topics {
        topics(list, context, told);
    }
    if let Some(purpose) = &keys.purpose {
        check_purpose(purpose, context, told);
    }
    precedence(keys, body, context, told);
    if let Some(traffic) = keys.traffic.as_ref().filter(|traffic| !is_traffic(&traffic.value)) {
        let message = format!(
            "traffic {:?} is neither \"live\" nor an exercise's id, such as EX-NORTHERN-LANTERN-26",
            traffic.value
        );
        error(traffic, "R026", message);
    }
    if let Some(language) = &keys.language {
        check_language(language, keys, context, told);
    }
    vocabulary_words(keys, context, told);
    serials::references(keys, context, told);
    if let Some(office) = &keys.classified_by {
        super::dates::classified_by(office, context, told);
    }
}

fn check_form(form: &Text, keys: &Keys, body: &Body, context: &Context<'_>, told: &Told<'_>) {
    let vocabulary = context.vocabulary;
    // A request and its answer are the same file and travel as statements.
    let carried =
        |word: &str| matches!(word, "request" | "answer") && vocabulary.statement_forms.iter().any(|one| one == word);
    if !vocabulary.has_report_form(&form.value) && !carried(&form.value) {
        let mut known = vocabulary.report_forms.clone();
        known.sort_unstable();
        told.error(
            told.at(form.at),
            "R013",
            format!("form {:?} is not known. Known: {}", form.value, known.join(", ")),
        );
    }
    let needed = |key: Option<&Text>, wanted, rule, message: &str| {
        if form.value == wanted && key.is_none() {
            told.error(told.closing(), rule, message);
        }
    };
    needed(
        keys.answers.as_ref(),
        "rfi-response",
        "R037",
        "answers is missing: rfi-response names the request that it answers",
    );
    needed(
        keys.supersedes.as_ref(),
        "correction",
        "R039",
        "supersedes is missing: correction names the report that it corrects",
    );
    if form.value == "spot-report" {
        too_long(told.at(form.at), "a spot-report", MAX_WORDS_SPOT, body, told);
    }
}

fn too_long(at: super::told::Place, what: &str, limit: u64, body: &Body, told: &Told<'_>) {
    let words = body.main.iter().fold(0_u64, |sum, one| sum.saturating_add(words::count(&one.portion.body.text)));
    if words > limit {
        told.error(at, "R029", format!("{words} words; the limit of {what} is {limit}. Shorten the text"));
    }
}

/// R020 and R021.
pub(super) fn rel_to(list: &Texts, context: &Context<'_>, told: &Told<'_>) {
    if list.value.len() > 32 {
        told.error(told.at(list.at), "R020", format!("rel_to has {} codes; the limit is 32", list.value.len()));
    }
    let mut codes = Vec::new();
    for code in &list.value {
        if !is_code(&code.value) {
            let message =
                format!("rel_to {:?} is not a nation or group code. Nations are three capital letters", code.value);
            told.error(told.at(code.at), "R020", message);
            return;
        }
        let group = Nation::parse(&code.value).is_none();
        if let Some(recipient) =
            context.recipient.as_ref().filter(|one| group && one.groups.members(&code.value).is_none())
        {
            let message = format!(
                "rel_to {:?} is no group of the agreement with {} on {}",
                code.value,
                recipient.nation,
                context.now.day()
            );
            told.error(told.at(code.at), "R020", message);
        }
        codes.push(code.value.clone());
    }
    let right = ordered_codes(&codes, context.register.nation);
    if !codes.is_empty() && codes != right {
        let wrong = codes.iter().zip(&right).position(|(is, should)| is != should).unwrap_or(right.len());
        let at = list.value.get(wrong).map_or(list.at, |code| code.at);
        told.error(told.at(at), "R021", format!("order is {}: own nation first, then alphabetical", right.join(", ")));
    }
}

/// R022.
pub(super) fn topics(list: &Texts, context: &Context<'_>, told: &Told<'_>) {
    if !(1..=8).contains(&list.value.len()) {
        told.error(told.at(list.at), "R022", format!("{} topics; name 1 to 8 of the vocabulary", list.value.len()));
    }
    for (count, topic) in list.value.iter().enumerate() {
        if !context.vocabulary.has_topic(&topic.value) {
            let message =
                format!("topic {:?} is not in the vocabulary. {}", topic.value, near_topics(&topic.value, context));
            told.error(told.at(topic.at), "R022", message);
        } else if list.value.iter().take(count).any(|earlier| earlier.value == topic.value) {
            told.error(told.at(topic.at), "R022", format!("topic {:?} stands here twice. Write it once", topic.value));
        }
    }
}

/// The topics of the same domain, nearest first; else the nearest of all.
fn near_topics(word: &str, context: &Context<'_>) -> String {
    let topics = || context.vocabulary.topics.iter().map(String::as_str);
    let domain = word.split('.').next().unwrap_or_default();
    let mut near: Vec<&str> = topics().filter(|topic| topic.split('.').next() == Some(domain)).collect();
    near.sort_by(|one, other| strsim::jaro_winkler(word, other).total_cmp(&strsim::jaro_winkler(word, one)));
    if near.is_empty() {
        near.extend(nearest(word, topics()));
    }
    if near.is_empty() {
        "See the vocabulary's list of topics".to_owned()
    } else {
        format!("Nearest: {}", near.join(", "))
    }
}

fn check_purpose(purpose: &Text, context: &Context<'_>, told: &Told<'_>) {
    let at = told.at(purpose.at);
    if purpose.value.is_empty() || purpose.value.chars().count() > 80 {
        told.error(at, "R023", "purpose must be 1 to 80 characters. Name one that the agreement has");
    } else if let Some(recipient) = &context.recipient
        && !recipient.purposes.contains(&purpose.value)
    {
        let known = recipient.purposes.join(", ");
        let message =
            format!("purpose {:?} is in no agreement of this node. For {}: {known}", purpose.value, recipient.nation);
        told.error(at, "R023", message);
    }
}

fn precedence(keys: &Keys, body: &Body, context: &Context<'_>, told: &Told<'_>) {
    let known = &context.vocabulary.precedence;
    if let Some(written) = &keys.precedence {
        let at = told.at(written.at);
        if !known.contains(&written.value) {
            let (last, first) =
                known.split_last().map_or(("", String::new()), |(last, first)| (last.as_str(), first.join(", ")));
            told.error(at, "R024", format!("precedence {:?}. Use {first} or {last}", written.value));
        }
        if let Some(limit) =
            context.recipient.as_ref().and_then(|one| one.max_words_flash).filter(|_| written.value == "FLASH")
        {
            too_long(at, "FLASH", limit, body, told);
        }
    }
    offices::check(keys.action.as_ref(), "action", 1, 16, context, told);
    offices::check(keys.info.as_ref(), "info", 0, 32, context, told);
    let flash = keys.precedence.as_ref().is_some_and(|one| one.value == "FLASH");
    if flash && keys.action.is_none() {
        told.error(
            told.closing(),
            "R025",
            "action is missing: FLASH names the offices that must act, such as action = [\"XBB/J2\"]",
        );
    }
}

fn check_language(language: &Text, keys: &Keys, context: &Context<'_>, told: &Told<'_>) {
    let at = told.at(language.at);
    let code = &language.value;
    if code.len() != 2 || !code.bytes().all(|byte| byte.is_ascii_lowercase()) {
        told.error(at, "R027", format!("language {code:?} is no code of ISO 639-1. Two small letters, such as en"));
        return;
    }
    let Some(recipient) = &context.recipient else { return };
    // A translation is an attachment that names its language before the ending: report.fr.pdf.
    let translated = keys
        .attachments
        .iter()
        .filter_map(|one| one.file.as_ref())
        .any(|file| recipient.languages.iter().any(|accepted| file.value.contains(&format!(".{accepted}."))));
    if !recipient.languages.contains(code) && !translated {
        let accepted = recipient.languages.join(", ");
        let example = recipient.languages.first().map_or("en", String::as_str);
        let message = format!(
            "language {code:?}; {} accepts {accepted}. Attach a translation (name.{example}.pdf) or write in one of them",
            recipient.nation
        );
        told.error(at, "R027", message);
    }
}

fn vocabulary_words(keys: &Keys, context: &Context<'_>, told: &Told<'_>) {
    if let Some(scale) = &keys.likelihood_scale
        && !context.vocabulary.likelihood.iter().any(|row| row.scale == scale.value)
    {
        let mut known: Vec<&str> = context.vocabulary.likelihood.iter().map(|row| row.scale.as_str()).collect();
        known.dedup();
        told.error(
            told.at(scale.at),
            "R035",
            format!("scale {:?} is not in the vocabulary. Known: {}", scale.value, known.join(", ")),
        );
    }
    if let Some(tlp) = keys.tlp.as_ref().filter(|tlp| !context.vocabulary.tlp.contains(&tlp.value)) {
        let message = if tlp.value == "WHITE" {
            "tlp \"WHITE\" is TLP 1. Write CLEAR".to_owned()
        } else {
            format!("tlp {:?} is not of TLP 2. Use {}", tlp.value, context.vocabulary.tlp.join(", "))
        };
        told.error(told.at(tlp.at), "R036", message);
    }
}

/// A marked text of one line and of at most `most` characters; `rule` tells that it has no mark.
pub(super) fn marked(
    text: &Text,
    what: &str,
    rule: &'static str,
    most: usize,
    context: &Context<'_>,
    told: &Told<'_>,
) -> Option<MarkedText> {
    let none = || {
        if let Some(wrong) = near_mark(&text.value, None, context) {
            told.error(told.inside(text.at, 0), rule, format!("{what}: {wrong}"));
            return;
        }
        let start: String = text.value.chars().take(40).collect();
        let lowest = context.register.levels.last().map_or("U", |level| level.short.as_str());
        told.error(
            told.inside(text.at, 0),
            rule,
            format!("{what} has no portion mark. Write it as ({lowest}) {start}"),
        );
    };
    let Some((mark, rest)) = split(&text.value) else {
        none();
        return None;
    };
    let canonical = read_mark(mark, context, told, |offset| told.inside(text.at, offset + 1), none)?;
    let length = rest.chars().count();
    if length > most || rest.contains('\n') {
        told.error(
            told.inside(text.at, 0),
            rule,
            format!("{what} has {length} characters; write 1 to {most} on one line"),
        );
    }
    Some(MarkedText { mark: canonical, text: rest.to_owned() })
}
