//! Cases: a report that may go, and a few changes of it, each at the edge of a clause.

mod change;
mod label;

use crate::{dice::Dice, worlds::World};
use label::Plan;
use relto_policy::{
    check::{Facts, Side, Times},
    consent::Consent,
    state::{AgreementState, StateView},
};
use relto_report::{
    assessment::{Attachment, Described, FORMAT, MarkedText, Report, Source},
    calendar::{Day, Timestamp},
    digest::Digest,
    nation::Nation,
};
use std::{collections::BTreeMap, fmt::Write as _};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
/// 2026-06-15T12:00:00Z: every table of every world has its words, and every scope its window.
const NOON: i64 = 1_781_524_800;

/// One question.
pub struct Case {
    /// The report.
    pub report: Report,
    /// Bytes of its encoding.
    pub report_bytes: u64,
    /// Who asks.
    pub side: Side,
    /// Who sends.
    pub from: Nation,
    /// Who receives.
    pub to: Nation,
    /// The agreement's state.
    pub state: StateView,
    /// Whether the version that the other side named is the one at hand; none was named.
    pub named: Option<bool>,
    /// The leaf's precedence.
    pub precedence: String,
    /// Consents on record.
    pub consents: Vec<Consent>,
    /// Owners of concealed sources.
    pub owners: BTreeMap<u32, Nation>,
    /// The originator has changed the marking.
    pub superseded: bool,
    /// Now, in seconds.
    pub now: i64,
    /// The leaf's time where it is inbound.
    pub leaf: i64,
}

impl Case {
    /// One case of a world.
    #[must_use]
    pub fn draw(world: &World, dice: &mut Dice<'_>) -> Self {
        let mut draft = Draft::fitting(world, dice);
        let changes = match dice.below(10) {
            0 => 0,
            1..=5 => 1,
            6 | 7 => 2,
            8 => 3,
            _ => 6,
        };
        for _ in 0..changes {
            draft.change(dice);
        }
        draft.finish()
    }

    /// The moment of release.
    #[must_use]
    pub fn released(&self) -> i64 {
        match self.side {
            Side::Out => self.now,
            Side::In => self.leaf,
        }
    }

    /// As the decision takes it.
    #[must_use]
    pub fn times(&self) -> Times {
        let leaf = (self.side == Side::In).then(|| Timestamp::from_seconds(self.leaf));
        Times { now: Timestamp::from_seconds(self.now), released: leaf }
    }

    /// As the decision takes them.
    #[must_use]
    pub fn facts(&self, world: &World) -> Facts<'_> {
        let other = Digest::from_bytes([9; 32]);
        Facts {
            named: self.named.map(|right| if right { world.agreement.digest } else { other }),
            consents: &self.consents,
            owners: self.owners.clone(),
            superseded: self.superseded,
            ..Facts::new(self.from, self.to, self.state, &self.precedence)
        }
    }

    /// The case in words, for whoever must look into a difference.
    #[must_use]
    pub fn told(&self) -> String {
        let report = &self.report;
        let mut out = format!(
            "{:?} {}>{} now {} leaf {} state {:?} named {:?} precedence {} superseded {} bytes {} owners {:?}\n",
            self.side,
            self.from,
            self.to,
            self.now,
            self.leaf,
            self.state,
            self.named,
            self.precedence,
            self.superseded,
            self.report_bytes,
            self.owners
        );
        let marks: Vec<&str> = report.portions.iter().map(|one| one.body.mark.as_str()).collect();
        let sources: Vec<_> = report
            .sources
            .iter()
            .filter_map(|one| one.described.as_ref())
            .map(|one| (&one.mark, &one.nation, &one.topics))
            .collect();
        let attached: Vec<_> = report.attachments.iter().map(|one| (&one.mark, &one.media_type, one.length)).collect();
        let _ = write!(
            out,
            "{} {} {} {}/{} banner {:?} rel_to {:?} title {:?} portions {marks:?} sources {sources:?} attachments {attached:?}\n\
             topics {:?} action {:?} info {:?} tlp {:?} traffic {} cutoff {} reason {:?}\nconsents {:?}",
            report.format,
            report.serial,
            report.form,
            report.purpose,
            report.precedence,
            report.banner,
            report.rel_to,
            report.title.mark,
            report.topics,
            report.action,
            report.info,
            report.tlp,
            report.traffic,
            report.information_cutoff,
            report.aggregation_reason.as_ref().map(|one| &one.text),
            self.consents
        );
        out
    }
}

/// A case that is still being changed.
struct Draft<'w> {
    world: &'w World,
    case: Case,
    plan: Plan,
}

impl<'w> Draft<'w> {
    /// A report that nothing refuses, where anything is agreed in its direction.
    fn fitting(world: &'w World, dice: &mut Dice<'_>) -> Self {
        let agreement = &world.agreement;
        let [one, other] = agreement.parties;
        let (from, to) = if dice.once_in(3) { (other, one) } else { (one, other) };
        let scope = agreement.scope(from, to).or_else(|| agreement.scope(to, from)).expect("some scope");
        let (topic, ceiling) = dice.pick(&scope.topics).clone();
        let level = dice.below(usize::from(ceiling.min(scope.highest_level)) + 1);
        let plan = Plan::of_level(&world.registers[&from], level, &[from.as_str(), to.as_str()], dice);
        let slow = ["ROUTINE", "PRIORITY", "IMMEDIATE"];
        let precedence = (*dice.pick(&slow)).to_owned();
        let offices = &agreement.party(to).expect("a Party").addressees;
        let case = Case {
            report: Report {
                format: FORMAT.to_owned(),
                serial: format!("{from}-J2-2026-0431"),
                form: dice.pick(&scope.forms).clone(),
                title: MarkedText { mark: String::new(), text: "Title".to_owned() },
                banner: String::new(),
                rel_to: Vec::new(),
                topics: vec![topic],
                purpose: dice.pick(&scope.purposes).clone(),
                precedence: precedence.clone(),
                action: vec![dice.pick(offices).clone()],
                info: Vec::new(),
                traffic: agreement.traffic.word().to_owned(),
                language: "en".to_owned(),
                translation_of: None,
                information_cutoff: Timestamp::from_seconds(NOON - DAY),
                produced: Timestamp::from_seconds(NOON),
                review: None,
                declassify: None,
                classified_by: None,
                likelihood_scale: "icd-203/en".to_owned(),
                tlp: None,
                answers: None,
                refers_to: Vec::new(),
                supersedes: None,
                aggregation_reason: None,
                from_tear_line: false,
                judgements: Vec::new(),
                sources: Vec::new(),
                portions: Vec::new(),
                attachments: Vec::new(),
            },
            report_bytes: 2048,
            side: if dice.once_in(3) { Side::In } else { Side::Out },
            from,
            to,
            state: StateView::both(AgreementState::InForce),
            named: dice.once_in(2).then_some(true),
            precedence,
            consents: Vec::new(),
            owners: BTreeMap::new(),
            superseded: false,
            now: NOON,
            leaf: NOON,
        };
        Self { world, case, plan }
    }

    /// Writes the marks.
    fn finish(mut self) -> Case {
        self.plan.write(&mut self.case.report);
        self.case
    }

    fn source(&mut self, nation: &str, mark: &str, topics: &[&str]) {
        let n = u32::try_from(self.case.report.sources.len()).expect("few") + 1;
        let described = Described {
            mark: mark.to_owned(),
            nation: nation.to_owned(),
            kind: "liaison".to_owned(),
            as_of: Day::from_count(20_000),
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            descriptor: "A source".to_owned(),
        };
        self.case.report.sources.push(Source { n, grade: "B2".to_owned(), described: Some(described) });
    }

    fn attach(&mut self, media_type: &str, length: u64) {
        let plain = self.plan.plain.clone();
        self.case.report.attachments.push(Attachment {
            name: "data".to_owned(),
            mark: plain.clone(),
            title: MarkedText { mark: plain, text: "Data".to_owned() },
            media_type: media_type.to_owned(),
            length,
            sha256: Digest::from_bytes([0; 32]),
        });
    }

    fn consent(&mut self, owner: &str, topics: &[&str], level: u8, name_origin: bool) {
        let nation = |text: &str| Nation::parse(text).expect("a nation");
        self.case.consents.push(Consent {
            serial: "CONSENT-1".to_owned(),
            owner: nation(owner),
            holder: self.case.from,
            to: vec![self.case.to],
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            to_level: level,
            valid_from: Timestamp::from_seconds(NOON - 30 * DAY),
            valid_until: Timestamp::from_seconds(NOON + 30 * DAY),
            onward: false,
            name_origin,
            evidence: Digest::from_bytes([1; 32]),
            signed_by: Vec::new(),
        });
    }
}
