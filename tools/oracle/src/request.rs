//! A case as Cedar's question. What the decision computes before its clauses is computed here a second time.

use crate::{cases::Case, months::later, worlds::World};
use cedar_policy::{Context, Entities, Entity, EntityTypeName, EntityUid, Request, RestrictedExpression};
use relto_policy::{agreement::Renewal, check::Side, consent::Consent, state::AgreementState};
use relto_report::{
    assessment::{Block, FORMAT},
    calendar::Timestamp,
    marking::{Control, Foreign, Owner, PortionMark, is_list, read_banner, read_portion},
    nation::Nation,
    register::Register,
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
    str::FromStr as _,
};

type Texts = BTreeSet<String>;

const DAY: i64 = 86_400;

/// The question.
///
/// # Panics
/// When it is not of the exported schema.
#[must_use]
pub fn build(world: &World, case: &Case) -> (Request, Entities) {
    let name = |kind: &str, id: &str| {
        EntityUid::from_type_name_and_id(EntityTypeName::from_str(kind).expect("a type"), id.parse().expect("any text"))
    };
    let action = match case.side {
        Side::Out => "release",
        Side::In => "accept",
    };
    let resource = name("Relto::Report", "report");
    let report = Entity::new(resource.clone(), attributes(world, case), HashSet::new()).expect("plain attributes");
    let entities = Entities::from_entities([report], Some(&world.schema)).expect("a report of the schema");
    let context = Context::from_pairs(context(world, case)).expect("plain values");
    let principal = name("Relto::Nation", case.to.as_str());
    let request = Request::new(principal, name("Relto::Action", action), resource, context, Some(&world.schema));
    (request.expect("a request of the schema"), entities)
}

fn set(texts: impl IntoIterator<Item = impl Into<String>>) -> RestrictedExpression {
    RestrictedExpression::new_set(texts.into_iter().map(|text| RestrictedExpression::new_string(text.into())))
}

fn long(number: impl TryInto<i64>) -> RestrictedExpression {
    RestrictedExpression::new_long(number.try_into().unwrap_or(i64::MAX))
}

fn text(text: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(text.to_owned())
}

fn context(world: &World, case: &Case) -> Vec<(String, RestrictedExpression)> {
    let (agreement, flag) = (&world.agreement, RestrictedExpression::new_bool);
    let (life, released) = (&agreement.life, case.released());
    let first = life.term_ends.seconds();
    let states = [case.state.ours, case.state.partners];
    let given = states.into_iter().filter_map(|one| match one {
        AgreementState::NoticeGiven(at) => Some(at),
        _ => None,
    });
    let notice = given.chain(case.state.notice).map(Timestamp::seconds).min();
    let renewed = later(first, life.renewal_months * case.state.renewals);
    let ends = notice.map(|at| {
        let term = match life.renewal {
            Renewal::None => first,
            Renewal::BySignature => renewed,
            Renewal::Tacit => {
                let mut terms = (0..).map(|count| later(first, life.renewal_months * count));
                terms.find(|end| *end > at).expect("terms go on")
            }
        };
        term.max(at + i64::from(life.notice_days) * DAY)
    });
    let fastest = world.vocabulary.precedence.first();
    let is_fastest = [&case.precedence, &case.report.precedence].into_iter().any(|word| Some(word) == fastest);
    let words = states.map(|one| match one {
        AgreementState::Draft => "draft",
        AgreementState::Signed => "signed",
        AgreementState::InForce => "in-force",
        AgreementState::Suspended => "suspended",
        AgreementState::NoticeGiven(_) => "under-notice",
        AgreementState::Terminated => "terminated",
    });
    let cutoff = case.report.information_cutoff.seconds();
    let out = [
        ("age", long(released - cutoff)),
        ("cutoff", long(cutoff)),
        ("fastest", flag(is_fastest)),
        ("noticeEnds", long(ends.unwrap_or(0))),
        ("noticeOnRecord", flag(ends.is_some())),
        ("now", long(case.now)),
        ("ours", text(words[0])),
        ("partners", text(words[1])),
        ("precedence", text(&case.precedence)),
        ("released", long(released)),
        ("releasedDay", long(released.div_euclid(DAY))),
        ("renewals", long(case.state.renewals)),
        ("renewedUntil", long(renewed)),
        ("sender", text(case.from.as_str())),
        ("thisVersion", flag(case.named.is_none_or(|right| right))),
    ];
    out.map(|(name, value)| (name.to_owned(), value)).into()
}

/// One portion as its mark reads.
struct Portion {
    mark: PortionMark,
    /// The level is none of the register's short words.
    unread: bool,
    /// The mark is no mark.
    malformed: bool,
    /// Index of the source that it marks.
    source: Option<usize>,
}

fn portions(case: &Case, register: &Register) -> Vec<Portion> {
    let report = &case.report;
    let mut marks = vec![(report.title.mark.as_str(), None)];
    for one in &report.portions {
        if !(matches!(one.block, Block::Heading(_)) && one.body.mark.is_empty()) {
            marks.push((&one.body.mark, None));
        }
    }
    for (place, one) in report.sources.iter().enumerate() {
        marks.extend(one.described.as_ref().map(|described| (described.mark.as_str(), Some(place))));
    }
    for one in &report.attachments {
        marks.extend([(one.mark.as_str(), None), (one.title.mark.as_str(), None)]);
    }
    let read = |(mark, source): (&str, Option<usize>)| {
        let (mark, faults) = read_portion(mark, register);
        Portion {
            unread: mark.level.is_none() || faults.iter().any(|fault| fault.kind.is_marking_unknown()),
            malformed: faults.iter().any(|fault| fault.kind.is_malformed()),
            mark,
            source,
        }
    };
    marks.into_iter().map(read).collect()
}

/// What a list of codes admits on the day of release, and the codes in it that are no nations.
struct Admits {
    nations: Texts,
    groups: Texts,
}

fn admits<'c>(world: &World, case: &Case, codes: impl IntoIterator<Item = &'c String>) -> Admits {
    let day = case.released().div_euclid(DAY);
    let mut out = Admits { nations: [case.from.as_str().to_owned()].into(), groups: Texts::new() };
    for code in codes {
        if Nation::parse(code).is_some() {
            out.nations.insert(code.clone());
            continue;
        }
        out.groups.insert(code.clone());
        for group in &world.agreement.groups {
            let on = i64::from(group.from.count()) <= day && day < i64::from(group.until.count());
            if on && group.code == *code {
                out.nations.extend(group.members.iter().map(|nation| nation.as_str().to_owned()));
            }
        }
    }
    out
}

fn excludes(controls: &[Control]) -> bool {
    controls.iter().any(|control| matches!(control, Control::Caveat { excludes_list: true, .. }))
}

/// What a mark's controls admit; several lists admit what is in all of them.
fn admitted(world: &World, case: &Case, controls: &[Control], rel_to: &[String]) -> Admits {
    let lists = controls.iter().filter_map(|control| match control {
        Control::Audience(codes) => Some(admits(world, case, codes)),
        Control::AudienceOfBanner => Some(admits(world, case, rel_to)),
        Control::Caveat { .. } | Control::Unknown(_) => None,
    });
    let all = lists.reduce(|one, other| Admits {
        nations: one.nations.intersection(&other.nations).cloned().collect(),
        groups: one.groups.union(&other.groups).cloned().collect(),
    });
    let mut out = all.unwrap_or_else(|| admits(world, case, []));
    if excludes(controls) {
        out.nations = [case.from.as_str().to_owned()].into();
    }
    out
}

fn caveats(controls: &[Control]) -> impl Iterator<Item = String> {
    controls.iter().filter_map(|control| match control {
        Control::Caveat { long, .. } => Some(long.clone()),
        Control::Audience(_) | Control::AudienceOfBanner | Control::Unknown(_) => None,
    })
}

fn unlisted(controls: &[Control]) -> impl Iterator<Item = String> {
    controls.iter().filter_map(|control| match control {
        Control::Unknown(word) => Some(word.clone()),
        Control::Audience(_) | Control::AudienceOfBanner | Control::Caveat { .. } => None,
    })
}

/// A marking in the register's long word, else as written.
fn canonical(register: &Register, place: Option<usize>, word: &str) -> String {
    place.map_or_else(|| word.to_owned(), |place| register.levels[place].long.clone())
}

fn attributes(world: &World, case: &Case) -> HashMap<String, RestrictedExpression> {
    let (report, flag) = (&case.report, RestrictedExpression::new_bool);
    // Where the sender is no Party its register does not matter: that is refused alone.
    let register = world.registers.get(&case.from).unwrap_or_else(|| world.registers.values().next().expect("one"));
    let parts = portions(case, register);
    let (banner, faults) = read_banner(&report.banner, register);
    let stated = admitted(world, case, &banner.controls, &[]);
    let listed = admits(world, case, &report.rel_to);
    let mut groups: Texts = stated.groups.union(&listed.groups).cloned().collect();
    let mut computed: Option<Texts> = None;
    for part in parts.iter().filter(|part| !part.mark.has_no_say(register)) {
        let audience = admitted(world, case, &part.mark.controls, &report.rel_to);
        groups.extend(audience.groups);
        computed = Some(match computed {
            None => audience.nations,
            Some(all) => all.intersection(&audience.nations).cloned().collect(),
        });
    }
    let well_formed = is_well_formed(world, case, register)
        && !faults.iter().any(|fault| fault.kind.is_malformed())
        && !parts.iter().any(|part| part.malformed);
    let both = |controls: &[Control]| excludes(controls) && controls.iter().any(is_list);
    let exclusive = |kind: &relto_report::marking::MarkFaultKind| {
        matches!(kind, relto_report::marking::MarkFaultKind::Exclusive(_))
    };
    let contradicts =
        faults.iter().any(|fault| exclusive(&fault.kind)) || parts.iter().any(|part| both(&part.mark.controls));
    let owners = |part: &Portion| match part.mark.foreign {
        Some(Owner::Nation(nation)) => Some(nation.as_str().to_owned()),
        Some(Owner::Concealed) | None => None,
    };
    let sources: Vec<&str> =
        report.sources.iter().filter_map(|one| Some(one.described.as_ref()?.nation.as_str())).collect();
    let foreign_source = |nation: &&&str| **nation != register.foreign && **nation != case.from.as_str();
    let mismatch = parts.iter().any(|part| {
        part.source.is_some_and(|place| {
            owner_word(part, case, register) != report.sources[place].described.as_ref().expect("marked").nation
        })
    });
    let read = parts.iter().filter(|part| !part.unread);
    let known = |topic: &&String| world.vocabulary.topics.contains(topic);
    let (named, conceals) = match &banner.foreign {
        Foreign::None => (Vec::new(), false),
        Foreign::Concealed => (Vec::new(), true),
        Foreign::Nations(nations) => (nations.iter().map(|nation| nation.as_str().to_owned()).collect(), false),
    };
    let third = third_party(world, case, register, &parts);
    let out = [
        ("actionOffices", set(&report.action)),
        ("infoOffices", set(&report.info)),
        ("aggregationReason", flag(report.aggregation_reason.as_ref().is_some_and(|one| !one.text.trim().is_empty()))),
        ("attachmentBytes", long(report.attachments.iter().fold(0, |sum: u64, one| sum.saturating_add(one.length)))),
        ("attachmentCount", long(report.attachments.len())),
        ("attachmentTypes", set(report.attachments.iter().map(|one| &one.media_type))),
        ("bannerCaveats", set(caveats(&banner.controls))),
        ("bannerConceals", flag(conceals)),
        ("bannerForeign", set(named)),
        ("bannerMarking", text(&canonical(register, banner.level, &banner.word))),
        ("bannerUnlisted", set(unlisted(&banner.controls))),
        ("computed", set(computed.iter().flatten())),
        ("contradicts", flag(contradicts)),
        ("form", text(&report.form)),
        ("groups", set(groups)),
        ("listed", set(listed.nations)),
        ("originator", text(report.serial.split('-').next().unwrap_or(""))),
        ("portionCaveats", set(parts.iter().flat_map(|part| caveats(&part.mark.controls)))),
        ("portionConceals", flag(parts.iter().any(|part| part.mark.foreign == Some(Owner::Concealed)))),
        ("portionForeign", set(parts.iter().filter_map(owners))),
        ("portionMarkings", set(read.map(|part| canonical(register, part.mark.level, &part.mark.word)))),
        ("portionUnlisted", set(parts.iter().flat_map(|part| unlisted(&part.mark.controls)))),
        ("portionsSay", flag(computed.is_some())),
        ("purpose", text(&report.purpose)),
        ("reportBytes", long(case.report_bytes)),
        ("returns", flag(third.returns)),
        ("sourceConceals", flag(sources.contains(&register.foreign.as_str()))),
        ("sourceForeign", set(sources.iter().filter(foreign_source).copied())),
        ("sourceMismatch", flag(mismatch)),
        ("stated", set(stated.nations)),
        ("superseded", flag(case.superseded)),
        ("tlp", text(report.tlp.as_deref().unwrap_or(""))),
        ("topics", set(report.topics.iter().filter(known))),
        ("traffic", text(&report.traffic)),
        ("unconsented", set(third.unconsented)),
        ("unknownTopics", set(report.topics.iter().filter(|topic| !known(topic)))),
        ("unreadPortion", flag(parts.iter().any(|part| part.unread))),
        ("wellFormed", flag(well_formed)),
    ];
    out.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Whose a portion is, as a source's nation is written.
fn owner_word(part: &Portion, case: &Case, register: &Register) -> String {
    match part.mark.foreign {
        None => case.from.as_str().to_owned(),
        Some(Owner::Concealed) => register.foreign.clone(),
        Some(Owner::Nation(nation)) => nation.as_str().to_owned(),
    }
}

/// The grammar's own rules, marks apart.
fn is_well_formed(world: &World, case: &Case, register: &Register) -> bool {
    let (report, words) = (&case.report, &world.vocabulary);
    let is_code = |code: &String| matches!(code.len(), 3 | 4) && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let own_first = report.rel_to.first().is_none_or(|code| code == case.from.as_str());
    let mut rest: Vec<&String> = report.rel_to.iter().skip(1).collect();
    rest.sort();
    rest.dedup();
    let in_order =
        rest.iter().copied().eq(report.rel_to.iter().skip(1)) && !rest.iter().any(|code| **code == case.from.as_str());
    let heading = |one: &relto_report::assessment::Portion| {
        let fixed = register.fixed_headings.contains(&one.body.text) || one.body.text == register.tear_line;
        !(matches!(one.block, Block::Heading(_)) && one.body.mark.is_empty()) || fixed
    };
    let source = |one: &relto_report::assessment::Source| {
        let nation = one.described.as_ref().map(|described| described.nation.as_str());
        nation.is_none_or(|nation| nation == register.foreign || Nation::parse(nation).is_some())
    };
    report.format == FORMAT
        && words.precedence.contains(&report.precedence)
        && report.tlp.as_ref().is_none_or(|colour| words.tlp.contains(colour))
        && report.rel_to.iter().all(is_code)
        && own_first
        && in_order
        && report.portions.iter().all(heading)
        && report.sources.iter().all(source)
}

#[derive(Default)]
struct ThirdParty {
    unconsented: Texts,
    returns: bool,
}

/// The third-party rule: each foreign portion's owner, at the highest level of the owner's portions.
fn third_party(world: &World, case: &Case, register: &Register, parts: &[Portion]) -> ThirdParty {
    let mut out = ThirdParty::default();
    let mut owners: Vec<Owner> = parts.iter().filter_map(|part| part.mark.foreign).collect();
    owners.dedup();
    for owner in owners {
        let of_owner = parts.iter().filter(|part| part.mark.foreign == Some(owner) && !part.unread);
        let level = of_owner
            .filter_map(|part| level_of(world, case, &canonical(register, part.mark.level, &part.mark.word)))
            .max();
        let wanted = match owner {
            Owner::Concealed => register.foreign.as_str(),
            Owner::Nation(ref nation) => nation.as_str(),
        };
        let listed: Vec<_> = case
            .report
            .sources
            .iter()
            .filter(|one| one.described.as_ref().is_some_and(|is| is.nation == wanted))
            .collect();
        let whole = &case.report.topics;
        match owner {
            Owner::Nation(nation) if nation == case.from => {}
            Owner::Nation(nation) if listed.is_empty() => out.ask(case, world, nation, true, level, whole),
            Owner::Concealed if listed.is_empty() => out.nobody_knows(),
            Owner::Nation(_) | Owner::Concealed => {
                for source in listed {
                    let named = &source.described.as_ref().expect("listed").topics;
                    let topics = if named.is_empty() { whole } else { named };
                    match owner {
                        Owner::Nation(nation) => out.ask(case, world, nation, true, level, topics),
                        Owner::Concealed => match case.owners.get(&source.n) {
                            None => out.nobody_knows(),
                            Some(nation) => out.ask(case, world, *nation, false, level, topics),
                        },
                    }
                }
            }
        }
    }
    out
}

impl ThirdParty {
    fn nobody_knows(&mut self) {
        self.unconsented.insert(String::new());
    }

    fn ask(&mut self, case: &Case, world: &World, owner: Nation, named: bool, level: Option<u8>, topics: &[String]) {
        if owner == case.to {
            self.returns = true;
        } else if owner != case.from {
            let released = case.released();
            let cap = world.agreement.third_party.consent_max_months;
            let holds = |one: &&Consent| {
                let (from, until) = (one.valid_from.seconds(), one.valid_until.seconds());
                let parties = one.owner == owner && one.holder == case.from && one.to.contains(&case.to);
                let in_time = from <= released && released < until && released < later(from, cap);
                parties && in_time && level.is_none_or(|level| level <= one.to_level) && (one.name_origin || !named)
            };
            let usable: Vec<&Consent> = case.consents.iter().filter(holds).collect();
            let covered: Texts = usable.iter().flat_map(|one| one.topics.iter().cloned()).collect();
            if usable.is_empty() || !topics.iter().all(|topic| covered.contains(topic)) {
                self.unconsented.insert(owner.as_str().to_owned());
            }
        }
    }
}

fn level_of(world: &World, case: &Case, word: &str) -> Option<u8> {
    let day = case.released().div_euclid(DAY);
    let party = usize::from(case.from != world.agreement.parties[0]);
    let rows = world.agreement.equivalence.iter().filter(|row| {
        row.from.is_none_or(|from| i64::from(from.count()) <= day)
            && row.until.is_none_or(|until| day < i64::from(until.count()))
    });
    rows.filter(|row| row.markings[party] == word || row.accepts[party].iter().any(|one| one == word))
        .map(|row| row.level)
        .next()
}
