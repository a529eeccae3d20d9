//! The clauses of one direction, each as what must hold; the forbids deny them one by one and the permit asks for all.

use super::{
    expr::{Expr, all_of, and, any_of, compare, implies, is_empty, not, one_of, or, quoted, same},
    words::Words,
};
use relto_policy::{
    agreement::{Agreement, Meaning, Renewal, Scope},
    code::Code,
};
use relto_report::nation::Nation;
use std::collections::{BTreeMap, BTreeSet};

const HOUR: i64 = 3600;

/// What must hold, and the code where it does not.
pub(super) struct Clause {
    pub(super) name: &'static str,
    pub(super) code: Code,
    pub(super) holds: Expr,
}

/// One direction of an agreement.
pub(super) struct Direction<'a> {
    agreement: &'a Agreement,
    words: Words<'a>,
    from: Nation,
    to: Nation,
    pub(super) scope: Option<&'a Scope>,
}

impl<'a> Direction<'a> {
    pub(super) fn new(agreement: &'a Agreement, party: usize, from: Nation, to: Nation) -> Self {
        Self { agreement, words: Words { agreement, party }, from, to, scope: agreement.scope(from, to) }
    }

    pub(super) fn name(&self) -> String {
        format!("{}>{}", self.from, self.to)
    }

    pub(super) fn principal(&self) -> String {
        format!("Relto::Nation::{}", quoted(self.to.as_str()))
    }

    /// Sender and recipient are these.
    pub(super) fn is_this(&self) -> Expr {
        and([same("context.sender", quoted(self.from.as_str())), same("principal", self.principal())])
    }

    /// What must be believed before a clause is asked; the recipient stands in the policy's head.
    pub(super) fn guard(&self) -> Expr {
        and([
            same("context.sender", quoted(self.from.as_str())),
            Expr::atom("context.thisVersion"),
            same("resource.originator", "context.sender"),
            Expr::atom("resource.wellFormed"),
        ])
    }

    /// Every clause that can fail.
    pub(super) fn clauses(&self) -> Vec<Clause> {
        let mut out = Vec::new();
        self.life(&mut out);
        self.label(&mut out);
        self.banner(&mut out);
        self.handling(&mut out);
        self.third_party(&mut out);
        match self.scope {
            None => out.push(Clause { name: "direction", code: Code::DirectionNotAgreed, holds: Expr::Is(false) }),
            Some(scope) => {
                self.audience(&mut out);
                self.words_of(scope, &mut out);
                self.limits(scope, &mut out);
            }
        }
        out.retain(|clause| clause.holds != Expr::Is(true));
        out
    }

    fn life(&self, out: &mut Vec<Clause>) {
        let life = &self.agreement.life;
        let begins = life.enters_into_force.seconds();
        let at = |moment: &str| {
            let term = match life.renewal {
                Renewal::None => compare(moment, "<", life.term_ends.seconds()),
                Renewal::BySignature => super::expr::if_else(
                    same("context.renewals", 0),
                    compare(moment, "<", life.term_ends.seconds()),
                    compare(moment, "<", "context.renewedUntil"),
                ),
                Renewal::Tacit => Expr::Is(true),
            };
            let notice = implies(Expr::atom("context.noticeOnRecord"), compare(moment, "<", "context.noticeEnds"));
            and([compare(moment, ">=", begins), term, notice])
        };
        let exists = |state: &str| one_of(state, ["in-force", "suspended", "under-notice"]);
        let in_force =
            and([at("context.now"), at("context.released"), exists("context.ours"), exists("context.partners")]);
        let suspended = or(["context.ours", "context.partners"].map(|state| same(state, quoted("suspended"))));
        let superseded = Expr::atom("resource.superseded");
        // Of the two, the stricter alone is told.
        let resting = not(and([in_force.clone(), suspended]));
        for (name, code, holds) in [
            ("in-force", Code::AgreementNotInForce, in_force),
            ("not-suspended", Code::AgreementSuspended, resting),
            ("not-superseded", Code::LabelSuperseded, not(superseded)),
        ] {
            out.push(Clause { name, code, holds });
        }
    }

    /// Markings and controls that the agreement knows, and foreign owners.
    fn label(&self, out: &mut Vec<Clause>) {
        let words = self.words;
        let named: Vec<&str> = words.not_exchangeable().collect();
        let known = words.by_day(|rows| {
            let all = || rows.iter().map(|(_, word)| *word).chain(named.iter().copied());
            and([one_of("resource.bannerMarking", all()), all_of("resource.portionMarkings", all())])
        });
        let never = or([
            one_of("resource.bannerMarking", named.iter().copied()),
            any_of("resource.portionMarkings", named.iter().copied()),
        ]);
        let listed = || words.caveats().map(|(_, word)| word);
        let sets = ["resource.bannerCaveats", "resource.bannerUnlisted", "resource.portionCaveats"];
        let caveats =
            and(sets.map(|set| all_of(set, listed())).into_iter().chain([is_empty("resource.portionUnlisted")]));
        let one_list = same("resource.stated", "resource.listed");
        let consistent = and([not(Expr::atom("resource.contradicts")), implies(words.banner_has_level(), one_list)]);
        let concealed = if self.agreement.third_party.concealed_origin {
            Expr::Is(true)
        } else {
            not(Expr::atom("resource.portionConceals"))
        };
        let foreign = and([
            same("resource.portionForeign", "resource.sourceForeign"),
            same("resource.portionConceals", "resource.sourceConceals"),
            not(Expr::atom("resource.sourceMismatch")),
            implies(Expr::atom("resource.bannerConceals"), Expr::atom("resource.portionConceals")),
            Expr::atom("resource.portionForeign.containsAll(resource.bannerForeign)"),
            concealed,
        ]);
        for (name, code, holds) in [
            ("marking", Code::MarkingUnknown, and([not(Expr::atom("resource.unreadPortion")), known])),
            ("exchangeable", Code::MarkingNotExchangeable, not(never)),
            ("caveat", Code::CaveatUnknown, caveats),
            ("group", Code::GroupCodeUnknown, words.groups_known()),
            ("consistent", Code::LabelInconsistent, consistent),
            ("foreign", Code::FgiMismatch, foreign),
        ] {
            out.push(Clause { name, code, holds });
        }
    }

    /// The banner says no less than the portions, and if more, why. A banner without a level is compared no further.
    fn banner(&self, out: &mut Vec<Clause>) {
        let words = self.words;
        let levels = words.levels();
        let portions_have = words.by_day(|rows| all_of("resource.portionMarkings", rows.iter().map(|(_, word)| *word)));
        let portions_have = and([not(Expr::atom("resource.unreadPortion")), portions_have]);
        // For each level of the banner: a portion on this side of it.
        let banner_with = |beside: &dyn Fn(u8, u8) -> bool| {
            or(levels.iter().map(|level| {
                words.by_day(|rows| {
                    let here = rows.iter().filter(|(one, _)| one == level).map(|(_, word)| *word);
                    let there = rows.iter().filter(|(one, _)| beside(*one, *level)).map(|(_, word)| *word);
                    and([one_of("resource.bannerMarking", here), any_of("resource.portionMarkings", there)])
                })
            }))
        };
        let lower = banner_with(&|portion, banner| portion > banner);
        let reached = banner_with(&|portion, banner| portion >= banner);
        let has = |set: &str, word: &str| Expr::atom(format!("{set}.contains({})", quoted(word)));
        let (banner, portions) = ("resource.bannerCaveats", "resource.portionCaveats");
        let caveats = and(words.caveats().map(|(_, word)| implies(has(portions, word), has(banner, word))));
        let more = or(words.caveats().map(|(_, word)| and([has(banner, word), not(has(portions, word))])));
        let foreign = or([
            Expr::atom("resource.bannerConceals"),
            and([
                not(Expr::atom("resource.portionConceals")),
                Expr::atom("resource.bannerForeign.containsAll(resource.portionForeign)"),
            ]),
        ]);
        let within = Expr::atom("resource.computed.containsAll(resource.stated)");
        let fewer = and([within.clone(), not(Expr::atom("resource.stated.containsAll(resource.computed)"))]);
        let say = Expr::atom("resource.portionsSay");
        let dominates = and([portions_have.clone(), not(lower), caveats, foreign, implies(say.clone(), within)]);
        let stricter = or([and([portions_have, not(reached)]), more, and([say, fewer])]);
        let reason = or([Expr::atom("resource.aggregationReason"), not(stricter)]);
        for (name, code, holds) in [
            ("dominates", Code::LabelUnderstatesPortions, dominates),
            ("aggregation", Code::AggregationReasonMissing, reason),
        ] {
            out.push(Clause { name, code, holds: implies(words.banner_has_level(), holds) });
        }
    }

    fn handling(&self, out: &mut Vec<Clause>) {
        let skew = i64::from(self.agreement.clock_skew_seconds);
        let known = self.agreement.party(self.to).map(|party| party.addressees.as_slice()).unwrap_or_default();
        let offices = |set: &str| all_of(set, known.iter().map(String::as_str));
        let limited = self.has_caveat(|means| means == Meaning::LimitedDistribution);
        let needed = or([limited, Expr::atom("context.fastest")]);
        let topics = not(and([is_empty("resource.topics"), is_empty("resource.unknownTopics")]));
        for (name, code, holds) in [
            ("topics", Code::TopicMissing, topics),
            ("topics-known", Code::TopicUnknown, is_empty("resource.unknownTopics")),
            ("not-in-future", Code::ReportInFuture, compare("context.age", ">=", skew.saturating_neg())),
            ("traffic", Code::TrafficKindMismatch, same("resource.traffic", quoted(self.agreement.traffic.word()))),
            (
                "addressees",
                Code::AddresseeUnknown,
                and([offices("resource.actionOffices"), offices("resource.infoOffices")]),
            ),
            ("addressed", Code::AddresseeMissing, implies(needed, not(is_empty("resource.actionOffices")))),
        ] {
            out.push(Clause { name, code, holds });
        }
    }

    /// Banner or portions have a caveat of such a meaning.
    fn has_caveat(&self, is: impl Fn(Meaning) -> bool) -> Expr {
        let words: Vec<&str> = self.words.caveats().filter(|(means, _)| is(*means)).map(|(_, word)| word).collect();
        let sets = ["resource.bannerCaveats", "resource.bannerUnlisted", "resource.portionCaveats"];
        or(sets.map(|set| any_of(set, words.iter().copied())))
    }

    /// Inbound it is the sender's duty.
    fn third_party(&self, out: &mut Vec<Clause>) {
        let own = if self.agreement.third_party.recipients_own_may_return {
            Expr::Is(true)
        } else {
            not(Expr::atom("resource.returns"))
        };
        let consents = and([is_empty("resource.unconsented"), own]);
        let inbound = same("action", "Relto::Action::\"accept\"");
        out.push(Clause { name: "consents", code: Code::ThirdPartyConsentMissing, holds: or([inbound, consents]) });
    }

    fn audience(&self, out: &mut Vec<Clause>) {
        let admits = |set: &str| Expr::atom(format!("{set}.contains({})", quoted(self.to.as_str())));
        let portions = implies(Expr::atom("resource.portionsSay"), admits("resource.computed"));
        let releasable = and([admits("resource.stated"), admits("resource.listed"), portions]);
        let foreign = not(self.has_caveat(|means| means == Meaning::NationalOnly));
        out.push(Clause { name: "national-only", code: Code::CaveatForbidsForeign, holds: foreign });
        out.push(Clause { name: "releasable", code: Code::NotReleasableToRecipient, holds: releasable });
    }

    fn words_of(&self, scope: &Scope, out: &mut Vec<Clause>) {
        let one = |term: &str, list: &[String]| one_of(term, list.iter().map(String::as_str));
        let forms = one("resource.form", &scope.forms);
        let handled = or(self.agreement.precedence.iter().map(|(word, handling)| {
            and([same("context.precedence", quoted(word)), one("resource.form", &handling.forms)])
        }));
        let refused = |means: Meaning| means != Meaning::NationalOnly && !scope.caveats.contains(&means);
        let tlp = or([same("resource.tlp", quoted("")), one("resource.tlp", &scope.tlp)]);
        for (name, code, holds) in [
            ("purpose", Code::PurposeMismatch, one("resource.purpose", &scope.purposes)),
            ("form", Code::FormNotAgreed, forms.clone()),
            ("precedence", Code::PrecedenceNotAgreed, implies(forms, handled)),
            ("caveat-permitted", Code::CaveatNotPermitted, not(self.has_caveat(refused))),
            ("tlp", Code::TlpForbids, tlp),
        ] {
            out.push(Clause { name, code, holds });
        }
    }

    fn limits(&self, scope: &Scope, out: &mut Vec<Clause>) {
        let topics = all_of("resource.topics", scope.topics.iter().map(|(topic, _)| topic.as_str()));
        let mut by_ceiling: BTreeMap<u8, BTreeSet<&str>> = BTreeMap::new();
        for (topic, ceiling) in scope.topics.iter().filter(|(_, ceiling)| *ceiling < scope.highest_level) {
            by_ceiling.entry(*ceiling).or_default().insert(topic);
        }
        let ceilings = by_ceiling
            .into_iter()
            .map(|(ceiling, topics)| implies(any_of("resource.topics", topics), not(self.words.above(ceiling))));
        let levels = and(ceilings.chain([not(self.words.above(scope.highest_level))]));
        let from = scope.information_from.map(|from| compare("context.cutoff", ">=", from.seconds()));
        let until = scope.information_until.map(|until| compare("context.cutoff", "<", until.seconds()));
        let age = scope.max_age_hours.map(|hours| compare("context.age", "<=", i64::from(hours) * HOUR));
        let types = all_of("resource.attachmentTypes", scope.attachment_types.iter().map(String::as_str));
        let size = and([
            compare("resource.reportBytes", "<=", scope.max_report_bytes),
            compare("resource.attachmentBytes", "<=", scope.max_attachment_bytes),
        ]);
        for (name, code, holds) in [
            ("topics-agreed", Code::TopicOutOfScope, topics),
            ("ceiling", Code::ClassExceedsCeiling, levels),
            ("window", Code::ReportOutsideWindow, and(from.into_iter().chain(until))),
            ("age", Code::ReportTooOld, and(age)),
            ("attachment-types", Code::AttachmentTypeNotAgreed, types),
            (
                "attachment-count",
                Code::AttachmentCountExceeded,
                compare("resource.attachmentCount", "<=", scope.max_attachments),
            ),
            ("size", Code::SizeExceeded, size),
        ] {
            out.push(Clause { name, code, holds });
        }
    }
}
