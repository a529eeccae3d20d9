//! What people owe before a report leaves: release is an officer's act.

use crate::{
    agreement::Scope,
    case::Case,
    code::{Code, Reason},
    content::{FilterVerdict, Place},
    decision::Basis,
    facts::Approval,
    national::StandingAuthority,
};

/// The topic that no list can foresee; it always waits for an officer (vocabulary section 1).
const UNASSIGNED: &str = "emerging.unassigned";

/// What is owed, and what the release rests on where nothing is.
pub(crate) struct Owed {
    pub(crate) reasons: Vec<Reason>,
    pub(crate) basis: Basis,
    pub(crate) officers_missing: u8,
}

/// Judges approvals. Asked only where no clause has failed, so the direction has a scope and the label a level. POL-7
pub(crate) fn people(case: &Case<'_>) -> Owed {
    let mut out = Owed { reasons: Vec::new(), basis: Basis::default(), officers_missing: 0 };
    let Some(scope) = case.scope else {
        out.owe(Code::ApprovalRequired, "nothing is agreed in this direction".to_owned());
        return out;
    };
    approvals(case, scope, &mut out);
    if let Some(review) = case.report.review.filter(|review| *review < case.day)
        && !answered(case, Code::ReviewDatePassed, false)
    {
        let detail = format!("review date {review} has passed; an officer confirms the marking or refuses");
        out.owe(Code::ReviewDatePassed, detail);
    }
    let held = case.own.map(|own| own.hold_topics.as_slice()).unwrap_or_default();
    for topic in case.report.topics.iter().filter(|topic| held.contains(topic)) {
        if !answered(case, Code::NationalTopicHeld, true) {
            out.owe(Code::NationalTopicHeld, format!("topic {topic} is held for a senior officer, whatever its level"));
        }
    }
    if let Some(why) = content_held(case).filter(|_| !answered(case, Code::ContentHeld, false)) {
        out.owe(Code::ContentHeld, why);
    }
    // POL-21, POL-22: by name, and no authority given in advance answers it
    for one in case.facts.look.iter().filter(|one| !answered(case, one.code, false)) {
        out.owe(one.code, one.detail.clone());
    }
    not_inspected(case, &mut out);
    out
}

/// What no inspector could judge leaves only where two officers answer for it by name, whatever the level and however
/// urgent. POL-24
fn not_inspected(case: &Case<'_>, out: &mut Owed) {
    let Some(first) = case.facts.uninspected.first() else { return };
    let answer = |one: &&Approval| !one.is_author && one.answers.contains(Code::NotInspected);
    let mut officers: Vec<&str> = case.facts.approvals.iter().filter(answer).map(|one| one.account.as_str()).collect();
    officers.sort_unstable();
    officers.dedup();
    let missing = 2_u8.saturating_sub(u8::try_from(officers.len()).unwrap_or(u8::MAX));
    if missing == 0 {
        return;
    }
    let name = case.report.attachments.get(first.saturating_sub(1)).map_or("", |one| one.name.as_str());
    let others = match case.facts.uninspected.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let detail = format!(
        "attachment {first}, {name}{others}: no inspector could judge it; two officers who know what it is answer for it, \
         of whom {missing} still do"
    );
    out.owe(Code::NotInspected, detail);
    out.officers_missing = out.officers_missing.max(missing);
}

/// Why a person must look at words or attachments: the place, and never the word. POL-13, POL-15
fn content_held(case: &Case<'_>) -> Option<String> {
    let mut why = Vec::new();
    if case.facts.faults.contains(Code::ContentHeld) {
        why.push("a word of the list stands in it".to_owned());
    }
    let asked = case.rules.national.and_then(|rules| rules.content.as_ref());
    if let (Some(asked), Some(found)) = (asked, case.facts.content) {
        let places: Vec<String> = found.words.iter().flatten().map(Place::to_string).collect();
        if asked.hold_words_file.is_some() && !places.is_empty() {
            why.push(format!("a hold word stands in {}", places.join(", ")));
        }
        match found.filter.filter(|_| asked.filter.is_some()) {
            Some(FilterVerdict::Hold) => why.push("the nation's content filter holds it".to_owned()),
            Some(FilterVerdict::Failed(fault)) => why.push(format!("the nation's content filter {fault}")),
            Some(FilterVerdict::Nothing | FilterVerdict::Refuse) | None => {}
        }
    }
    (!why.is_empty()).then(|| why.join("; "))
}

impl Owed {
    #[cold]
    fn owe(&mut self, code: Code, detail: String) {
        self.reasons.push(Reason { code, national: false, detail });
    }
}

/// Whether an officer who is not the author has answered a code.
fn answered(case: &Case<'_>, code: Code, by_senior: bool) -> bool {
    let answers = |one: &Approval| !one.is_author && (one.senior || !by_senior) && one.answers.contains(code);
    case.facts.approvals.iter().any(answers)
}

fn approvals(case: &Case<'_>, scope: &Scope, out: &mut Owed) {
    // A label without a level was refused; were it not, it would need the most.
    let level = case.label.level.unwrap_or(u8::MAX);
    let own = case.own.map(|own| &own.narrowing);
    let first = narrower(scope.officer_from_level, own.and_then(|own| own.officer_from_level));
    let second = narrower(scope.second_officer_from_level, own.and_then(|own| own.second_officer_from_level));
    // What no list foresees always waits for an officer.
    let unassigned = case.report.topics.iter().any(|topic| topic == UNASSIGNED);
    let mut need = if level >= second { 2 } else { usize::from(level >= first || unassigned) };
    let given = || case.facts.approvals.iter().filter(|one| one.releases());
    let mut officers: Vec<String> = given().filter(|one| !one.is_author).map(|one| one.account.clone()).collect();
    officers.sort_unstable();
    officers.dedup();
    let urgent = need == 2 && has_emergency_topics(case);
    // Where two have released it, nobody did so alone.
    let emergency = urgent && case.facts.emergency && officers.len() < 2;
    if emergency {
        need = 1;
    }
    // One officer may release alone in an emergency: a person, not an authority given in advance.
    let standing = if need > 0 && !emergency { standing(case, scope, level) } else { None };
    let have = officers.len() + usize::from(standing.is_some());
    if have < need {
        if have == 0 {
            out.owe(
                Code::ApprovalRequired,
                format!("{} {}: an officer releases it", case.level(level), case.direction()),
            );
        }
        if need == 2 {
            let detail = format!(
                "{} {}: from {} on two officers release it",
                case.level(level),
                case.direction(),
                case.level(second)
            );
            out.owe(Code::SecondApprovalRequired, detail);
        }
        if urgent && !emergency && case.facts.emergency_asked {
            out.owe(Code::EmergencyRelease, offer(case, level));
        }
        let author = given().find(|one| one.is_author);
        if let Some(author) = author {
            out.owe(
                Code::ApproverIsAuthor,
                format!("the approval of {} is the author's own and does not count", author.account),
            );
        }
        out.officers_missing = u8::try_from(need - have).unwrap_or(u8::MAX);
    }
    out.basis = Basis { standing: standing.map(|one| one.serial.clone()), officers, emergency };
}

fn narrower(agreed: u8, own: Option<u8>) -> u8 {
    own.map_or(agreed, |own| own.min(agreed))
}

/// What an officer is offered where the author asks for it. FLW-20
fn offer(case: &Case<'_>, level: u8) -> String {
    let hours = case.agreement.emergency.as_ref().map_or(0, |clause| clause.confirm_within_hours);
    format!(
        "you alone release what needs two officers, because the author calls it an emergency: {} on {}; \
         another officer confirms it within {hours} hours, or an incident is opened. Without this answer two release it",
        case.level(level),
        case.report.topics.join(", ")
    )
}

/// Imminent danger to life: every topic is one that the agreement names for it.
fn has_emergency_topics(case: &Case<'_>) -> bool {
    let topics = &case.report.topics;
    let covers = |topic: &String| {
        case.agreement.emergency.as_ref().is_some_and(|clause| clause.permitted && clause.topics.contains(topic))
    };
    !topics.is_empty() && topics.iter().all(covers)
}

/// The standing authority that covers the report and so answers for the first officer.
fn standing<'a>(case: &Case<'a>, scope: &Scope, level: u8) -> Option<&'a StandingAuthority> {
    if !case.facts.standing_allowed {
        return None;
    }
    let own = case.own.and_then(|own| own.narrowing.standing_authority_to_level);
    let limit = own.map_or(scope.standing_authority_to_level, |own| own.min(scope.standing_authority_to_level));
    let report = case.report;
    let covers = |one: &&StandingAuthority| {
        one.to == case.facts.to
            && i16::from(level) <= i16::from(limit)
            && level <= one.to_level
            && case.released < one.valid_until
            && one.forms.contains(&report.form)
            && !report.topics.is_empty()
            && report.topics.iter().all(|topic| topic != UNASSIGNED && one.topics.contains(topic))
            && case.label.meanings.iter().all(|(_, meaning)| one.caveats.contains(meaning))
    };
    case.rules.national?.standing.iter().find(covers)
}
