//! What every agreement promises, written from its file and not with the exporter's conditions.

use relto_formats::cedar::quoted;
use relto_policy::agreement::{Agreement, Meaning, Renewal};
use relto_report::nation::Nation;

/// How a claim's policies stand to the agreement's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// No request that they permit is released.
    Never,
    /// Every released request is one that they permit.
    Always,
    /// Some request that they permit is released.
    Sometimes,
}

/// One property.
pub(crate) struct Claim {
    pub(crate) property: String,
    pub(crate) kind: Kind,
    pub(crate) permits: String,
}

/// Every property of one version.
pub(crate) fn of(agreement: &Agreement, previous: Option<&Agreement>) -> Vec<Claim> {
    let mut out = vec![
        claim(
            "a report with a national-only caveat is never released",
            Kind::Never,
            national_only(agreement, previous),
        ),
        claim("out of force, suspended or ended, nothing is released", Kind::Never, out_of_force(agreement)),
        claim("whoever receives is in the audience of banner, list and portions", Kind::Always, audience(agreement)),
        claim("nothing above the ceiling of a topic or of the direction is released", Kind::Never, above(agreement)),
        claim(
            "a marking without a row in the table of equivalence is never released",
            Kind::Always,
            has_row(agreement),
        ),
    ];
    for scope in &agreement.scopes {
        let property = format!("{} to {} permits something", scope.from, scope.to);
        out.push(Claim { property, kind: Kind::Sometimes, permits: permit(&direction(scope.from, scope.to)) });
    }
    out
}

fn claim(property: &str, kind: Kind, permits: Vec<String>) -> Claim {
    Claim { property: property.to_owned(), kind, permits: permits.iter().map(|one| permit(one)).collect() }
}

/// A policy that permits where a condition holds.
pub(crate) fn permit(condition: &str) -> String {
    format!("permit (principal, action, resource) when {{ {condition} }};\n")
}

/// Sender and recipient.
pub(crate) fn direction(from: Nation, to: Nation) -> String {
    format!("context.sender == \"{from}\" && principal == Relto::Nation::\"{to}\"")
}

/// Both directions.
fn directions(agreement: &Agreement) -> [(Nation, Nation); 2] {
    let [one, other] = agreement.parties;
    [(one, other), (other, one)]
}

/// Texts as a set.
pub(crate) fn set<'t>(texts: impl IntoIterator<Item = &'t String>) -> String {
    let quoted: Vec<String> = texts.into_iter().map(|text| quoted(text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// Banner or portions have a caveat that either version calls national-only.
fn national_only(agreement: &Agreement, previous: Option<&Agreement>) -> Vec<String> {
    let mut out = Vec::new();
    for (party, (from, _)) in directions(agreement).into_iter().enumerate() {
        let rows = [Some(agreement), previous].into_iter().flatten().flat_map(|one| &one.caveats);
        let words = rows.filter(|row| row.means == Meaning::NationalOnly).filter_map(|row| row.words.get(party));
        for word in words {
            for marks in ["bannerCaveats", "bannerUnlisted", "portionCaveats"] {
                out.push(format!("context.sender == \"{from}\" && resource.{marks}.contains({})", quoted(word)));
            }
        }
    }
    out
}

fn out_of_force(agreement: &Agreement) -> Vec<String> {
    let life = &agreement.life;
    let (begins, ends) = (life.enters_into_force.seconds(), life.term_ends.seconds());
    let mut out = Vec::new();
    for moment in ["context.now", "context.released"] {
        out.push(format!("{moment} < {begins}"));
        out.push(format!("context.noticeOnRecord && {moment} >= context.noticeEnds"));
        match life.renewal {
            Renewal::None => out.push(format!("{moment} >= {ends}")),
            Renewal::BySignature => {
                out.push(format!("context.renewals == 0 && {moment} >= {ends}"));
                out.push(format!("context.renewals != 0 && {moment} >= context.renewedUntil"));
            }
            Renewal::Tacit => {}
        }
    }
    for log in ["ours", "partners"] {
        out.push(format!("context.{log} != \"in-force\" && context.{log} != \"under-notice\""));
    }
    out
}

fn audience(agreement: &Agreement) -> Vec<String> {
    let admits = |(from, to): (Nation, Nation)| {
        format!(
            "{} && resource.stated.contains(\"{to}\") && resource.listed.contains(\"{to}\") && \
             (resource.portionsSay == false || resource.computed.contains(\"{to}\"))",
            direction(from, to)
        )
    };
    directions(agreement).map(admits).into()
}

/// Each row of the table above each ceiling.
fn above(agreement: &Agreement) -> Vec<String> {
    let mut out = Vec::new();
    for scope in &agreement.scopes {
        let Some(party) = agreement.place_of(scope.from) else { continue };
        for row in &agreement.equivalence {
            let words: Vec<&String> =
                row.markings.get(party).into_iter().chain(row.accepts.get(party).into_iter().flatten()).collect();
            let words = set(words);
            let mut days = String::new();
            days.extend(row.from.map(|from| format!(" && context.releasedDay >= {}", from.count())));
            days.extend(row.until.map(|until| format!(" && context.releasedDay < {}", until.count())));
            let marked = format!(
                "({words}.contains(resource.bannerMarking) || resource.portionMarkings.containsAny({words})){days}"
            );
            let sender = direction(scope.from, scope.to);
            if row.level > scope.highest_level {
                out.push(format!("{sender} && {marked}"));
            }
            let topics: Vec<&String> =
                scope.topics.iter().filter(|(_, ceiling)| row.level > *ceiling).map(|(topic, _)| topic).collect();
            if !topics.is_empty() {
                out.push(format!("{sender} && {marked} && resource.topics.containsAny({})", set(topics)));
            }
        }
    }
    out
}

fn has_row(agreement: &Agreement) -> Vec<String> {
    let known = |(party, (from, to)): (usize, (Nation, Nation))| {
        let rows = agreement.equivalence.iter();
        let words = rows
            .flat_map(|row| row.markings.get(party).into_iter().chain(row.accepts.get(party).into_iter().flatten()));
        let words = set(words);
        format!(
            "{} && {words}.contains(resource.bannerMarking) && {words}.containsAll(resource.portionMarkings) && !resource.unreadPortion",
            direction(from, to)
        )
    };
    directions(agreement).into_iter().enumerate().map(known).collect()
}
