//! Changes, each to the edge of one clause and a little over it.

use super::{DAY, Draft, HOUR, NOON, label::Mark};
use crate::dice::Dice;
use relto_policy::{
    check::Side,
    state::{AgreementState, StateView},
};
use relto_report::{assessment::MarkedText, calendar::Timestamp, nation::Nation};

impl Draft<'_> {
    /// One change.
    pub(super) fn change(&mut self, dice: &mut Dice<'_>) {
        match dice.below(24) {
            0 => self.levels(dice),
            1 => self.levels_of_one(dice),
            2 | 3 => self.caveats(dice),
            4 | 5 => self.lists(dice),
            6..=8 => self.foreign(dice),
            9 | 10 => self.topics(dice),
            11 => self.words(dice),
            12 => self.offices(dice),
            13 | 14 => self.cutoff(dice),
            15 => self.clock(dice),
            16 | 17 => self.state(dice),
            18 => self.sizes(dice),
            19 => self.attachments(dice),
            20 => self.colour(dice),
            21 => self.belief(dice),
            22 => self.form(dice),
            _ => self.reason(dice),
        }
    }

    fn other(&self) -> &'static str {
        if self.case.to.as_str() == "XBB" { "XBB" } else { "XAA" }
    }

    fn own(&self) -> &'static str {
        if self.case.from.as_str() == "XBB" { "XBB" } else { "XAA" }
    }

    /// Banner and portions together.
    fn levels(&mut self, dice: &mut Dice<'_>) {
        let levels = &self.world.registers[&self.register()].levels;
        let word = dice.pick(levels);
        self.plan.banner.level.clone_from(&word.long);
        self.plan.portions[0].level.clone_from(&word.short);
    }

    fn register(&self) -> Nation {
        let from = self.case.from;
        if self.world.registers.contains_key(&from) { from } else { self.world.agreement.parties[0] }
    }

    fn levels_of_one(&mut self, dice: &mut Dice<'_>) {
        let levels = &self.world.registers[&self.register()].levels;
        let word = dice.pick(levels);
        let strange = *dice.pick(&["X", "TOP", "s", "SECRET", "NON PROTEGE", "TRES SECRET", "CONFIDENTIEL"]);
        match dice.below(5) {
            0 => self.plan.banner.level.clone_from(&word.long),
            1 => dice_mark(&mut self.plan.portions, dice).level.clone_from(&word.short),
            2 => strange.clone_into(&mut self.plan.banner.level),
            3 => strange.clone_into(&mut dice_mark(&mut self.plan.portions, dice).level),
            _ => self.plan.title.clone_from(&word.short),
        }
    }

    fn caveats(&mut self, dice: &mut Dice<'_>) {
        let words = &self.world.registers[&self.register()].controls;
        let word = dice.pick(words);
        let (long, short) = if dice.once_in(6) {
            ("PROPIN".to_owned(), "PROPIN".to_owned())
        } else {
            (word.long.clone(), word.short.clone())
        };
        let on = dice.below(4);
        if on != 0 {
            self.plan.banner.controls.push(long);
        }
        if on != 1 {
            dice_mark(&mut self.plan.portions, dice).controls.push(short);
        }
        if dice.once_in(4) {
            // As a caveat that excludes a list is meant to stand.
            self.plan.banner.codes.clear();
            self.plan.portions.iter_mut().for_each(|one| one.codes.clear());
            self.plan.rel_to.clear();
        }
    }

    fn lists(&mut self, dice: &mut Dice<'_>) {
        let (own, other) = (self.own(), self.other());
        let choices: [&[&str]; 9] = [
            &[own, other],
            &[own, other, "XCC"],
            &[own, "XCC"],
            &[own],
            &[own, "NLGP"],
            &[own, "NLGQ"],
            &[own, "ABCD", other],
            &[own, "NLGP", other],
            &[other, own],
        ];
        let codes = *dice.pick::<&[&str]>(&choices);
        let mut sorted = codes.to_vec();
        if sorted.first() == Some(&own) {
            sorted[1..].sort_unstable();
        }
        let texts = || sorted.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
        match dice.below(6) {
            0 | 1 => self.plan.admit(&sorted),
            2 => self.plan.rel_to = texts(),
            3 => self.plan.banner.codes = texts(),
            4 => dice_mark(&mut self.plan.portions, dice).codes = texts(),
            _ => {
                self.plan.rel_to = texts();
                self.plan.banner.codes = texts();
                self.plan.portions.iter_mut().for_each(|one| one.as_banner = true);
            }
        }
    }

    /// A foreign portion, its source, what the banner says of it, its owner and a consent; mostly all that is needed.
    fn foreign(&mut self, dice: &mut Dice<'_>) {
        let concealed = dice.once_in(3);
        let owner = *dice.pick(&["XCC", "XCC", self.other(), "XDD", self.own()]);
        let word = if concealed { "FGI" } else { owner };
        let mut mark: Mark = self.plan.portions[0].clone();
        mark.foreign = format!("//{word} ");
        let whole = self.plan.portion(&mark);
        let topic = self.case.report.topics.first().cloned().unwrap_or_default();
        if !dice.once_in(8) {
            self.plan.portions.push(mark);
        }
        if !dice.once_in(8) {
            let of_source = *dice.pick(&[word, word, word, word, word, word, "XCC", "FGI", "x"]);
            let marked = if dice.once_in(8) { self.plan.plain.clone() } else { whole };
            let topics: &[&str] = if dice.once_in(2) { &[] } else { &[&topic] };
            self.source(of_source, &marked, topics);
        }
        let known = *dice.pick(&[word, word, word, word, word, "FGI", "XCC"]);
        if !dice.once_in(8) && word != self.own() {
            let named = if known == "FGI" { "//FGI".to_owned() } else { format!("//FGI {known}") };
            self.plan.banner.foreign = if concealed { "//FGI".to_owned() } else { named };
        }
        let number = u32::try_from(self.case.report.sources.len()).expect("few");
        if concealed && !dice.once_in(6) {
            self.case.owners.insert(number, Nation::parse(owner).expect("a nation"));
        }
        if !dice.once_in(3) {
            let level = if dice.once_in(5) { 0 } else { 3 };
            let topics: &[&str] = if dice.once_in(6) { &["cyber.ics"] } else { &[&topic] };
            let owner = if owner == self.own() { "XCC" } else { owner };
            self.consent(owner, topics, level, !dice.once_in(4));
            self.consent_dates(dice);
        }
    }

    fn consent_dates(&mut self, dice: &mut Dice<'_>) {
        let (released, from, to) = (self.case.released(), self.case.from, self.case.to);
        let Some(one) = self.case.consents.last_mut() else { return };
        match dice.below(10) {
            0 => one.valid_from = Timestamp::from_seconds(dice.near(released)),
            1 => one.valid_until = Timestamp::from_seconds(dice.near(released)),
            2 => {
                // Twelve months before noon of a day without a leap day between.
                one.valid_from = Timestamp::from_seconds(dice.near(released - 365 * DAY));
                one.valid_until = Timestamp::from_seconds(released + 365 * DAY);
            }
            3 => one.holder = to,
            4 => one.to = vec![from],
            _ => {}
        }
    }

    fn topics(&mut self, dice: &mut Dice<'_>) {
        let all = &self.world.vocabulary.topics;
        let scope = self.world.agreement.scopes.iter().find(|scope| scope.from == self.case.from);
        let topics = &mut self.case.report.topics;
        match dice.below(6) {
            0 => topics.clear(),
            1 => topics.push("maritime.*".to_owned()),
            2 => topics.push(dice.pick(all).clone()),
            3 => *topics = vec![dice.pick(all).clone()],
            _ => {
                if let Some(scope) = scope {
                    topics.push(dice.pick(&scope.topics).0.clone());
                }
            }
        }
    }

    fn words(&mut self, dice: &mut Dice<'_>) {
        let words = &self.world.vocabulary;
        let report = &mut self.case.report;
        match dice.below(5) {
            0 => (*dice.pick(&["force-protection", "early-warning", "curiosity", ""])).clone_into(&mut report.purpose),
            1 => report.form = dice.pick(&words.report_forms[..7]).clone(),
            2 => self.case.precedence = dice.pick(&words.precedence).clone(),
            3 => {
                report.precedence = dice.pick(&words.precedence).clone();
                self.case.precedence.clone_from(&report.precedence);
            }
            _ => (*dice.pick(&["live", "EX-LANTERN-26", "exercise", ""])).clone_into(&mut report.traffic),
        }
    }

    fn offices(&mut self, dice: &mut Dice<'_>) {
        let own = &self.world.agreement.party(self.register()).expect("a Party").addressees;
        let report = &mut self.case.report;
        match dice.below(5) {
            0 => report.action.clear(),
            1 => report.action.push(dice.pick(own).clone()),
            2 => report.info.push(dice.pick(own).clone()),
            3 => report.info.push("XBB/VEILLE".to_owned()),
            _ => {
                report.action.clear();
                let fastest = self.world.vocabulary.precedence[0].clone();
                if dice.once_in(2) {
                    report.form = "warning".to_owned();
                    report.precedence.clone_from(&fastest);
                }
                self.case.precedence = fastest;
            }
        }
    }

    fn cutoff(&mut self, dice: &mut Dice<'_>) {
        let released = self.case.released();
        let scope = self.world.agreement.scope(self.case.from, self.case.to);
        let limits = scope.map(|scope| (scope.information_from, scope.information_until, scope.max_age_hours));
        let (from, until, hours) = limits.unwrap_or_default();
        let from = from.map_or(released, Timestamp::seconds);
        let until = until.map_or(released, Timestamp::seconds);
        let edges = [
            released - i64::from(hours.unwrap_or(720)) * HOUR,
            released + i64::from(self.world.agreement.clock_skew_seconds),
            from,
            until,
            released,
        ];
        let edge = *dice.pick(&edges);
        self.case.report.information_cutoff = Timestamp::from_seconds(dice.near(edge));
        let moved = if edge == from || edge == until { dice.pick(&[10 * DAY, 0]) } else { &0 };
        if *moved != 0 {
            // Young though at the window's edge.
            (self.case.now, self.case.leaf) = (edge + moved, edge + moved);
        }
    }

    /// Another moment: ends of the term, of rows and groups.
    fn clock(&mut self, dice: &mut Dice<'_>) {
        let agreement = &self.world.agreement;
        let life = &agreement.life;
        let rows = agreement.equivalence.iter().flat_map(|row| [row.from, row.until]).flatten();
        let groups = agreement.groups.iter().flat_map(|group| [group.from, group.until]);
        let mut edges: Vec<i64> = rows.chain(groups).map(|day| day.start().seconds()).collect();
        edges.extend([life.enters_into_force, life.term_ends].map(Timestamp::seconds));
        edges.extend([NOON, NOON + 365 * DAY, life.term_ends.seconds() + 365 * DAY]);
        let edge = *dice.pick(&edges);
        let at = dice.near(edge);
        self.case.now = at;
        if !dice.once_in(3) {
            self.case.leaf = dice.near(edge);
        }
        let age = if dice.once_in(4) { 0 } else { 2 * DAY };
        self.case.report.information_cutoff = Timestamp::from_seconds(at - age);
    }

    fn state(&mut self, dice: &mut Dice<'_>) {
        let life = &self.world.agreement.life;
        let edge = notice_edge(life, self.case.now, dice);
        let notice = Timestamp::from_seconds(dice.near(edge));
        let all = [
            AgreementState::Draft,
            AgreementState::Signed,
            AgreementState::InForce,
            AgreementState::Suspended,
            AgreementState::Suspended,
            AgreementState::NoticeGiven(notice),
            AgreementState::NoticeGiven(notice),
            AgreementState::Terminated,
        ];
        let earlier = dice.once_in(5).then(|| Timestamp::from_seconds(notice.seconds() - DAY));
        let renewals = u32::try_from(dice.below(3)).expect("few");
        let state = *dice.pick(&all);
        let partners = if dice.once_in(3) { *dice.pick(&all) } else { state };
        self.case.state = StateView { renewals, notice: earlier, ..StateView::of(state, partners) };
        if dice.once_in(3) {
            self.clock(dice);
        }
    }

    fn sizes(&mut self, dice: &mut Dice<'_>) {
        let scope = self.world.agreement.scope(self.case.from, self.case.to);
        let most = scope.map_or(4096, |scope| i64::from(scope.max_report_bytes));
        self.case.report_bytes =
            if dice.once_in(20) { u64::MAX } else { u64::try_from(dice.near(most)).expect("positive") };
    }

    fn attachments(&mut self, dice: &mut Dice<'_>) {
        let scope = self.world.agreement.scope(self.case.from, self.case.to);
        let (types, count, bytes) = scope.map_or((vec!["text/csv".to_owned()], 1, 100), |scope| {
            (scope.attachment_types.clone(), scope.max_attachments, scope.max_attachment_bytes)
        });
        match dice.below(4) {
            0 => self.attach("application/zip", 10),
            1 => {
                let count = i64::from(count) + *dice.pick(&[0, 1, -1]);
                (0..count).for_each(|_| self.attach(&types[0], 10));
            }
            2 => {
                self.attach(&types[0], u64::from(bytes) - 10);
                self.attach(dice.pick::<String>(&types), *dice.pick(&[10, 11, 9, u64::MAX]));
            }
            _ => self.attach(dice.pick::<String>(&types), 0),
        }
    }

    fn colour(&mut self, dice: &mut Dice<'_>) {
        let colours = &self.world.vocabulary.tlp;
        self.case.report.tlp = Some(if dice.once_in(6) { "BLUE".to_owned() } else { dice.pick(colours).clone() });
    }

    /// Direction, Parties, version, originator, side.
    fn belief(&mut self, dice: &mut Dice<'_>) {
        let case = &mut self.case;
        let third = Nation::parse("XCC").expect("a nation");
        match dice.below(9) {
            0 => case.to = third,
            1 => (case.from, case.to) = (third, case.from),
            2 => case.to = case.from,
            3 => (case.from, case.to) = (case.to, case.from),
            4 => case.named = Some(false),
            5 => case.report.serial = "XCC-J2-2026-0431".to_owned(),
            6 => case.report.serial = String::new(),
            7 => case.superseded = true,
            _ => case.side = if case.side == Side::Out { Side::In } else { Side::Out },
        }
    }

    fn form(&mut self, dice: &mut Dice<'_>) {
        match dice.below(7) {
            0 => self.case.report.format = "relto-report/0".to_owned(),
            1 => self.case.report.precedence = "SLOW".to_owned(),
            2 => self.case.precedence = "SLOW".to_owned(),
            3 => self.plan.title = (*dice.pick(&["", "//", "U//", "S//REL TO", "U//OC/OC", "É"])).to_owned(),
            4 => self.plan.banner.level.push_str("//"),
            5 => self.plan.heading = Some((*dice.pick(&["DISCUSSION", "ANALYSE", "Else"]), String::new())),
            _ => self.plan.rel_to.push((*dice.pick(&["xbb", "TOOLONG", "XAA", "XZZ"])).to_owned()),
        }
    }

    fn reason(&mut self, dice: &mut Dice<'_>) {
        let text = (*dice.pick(&["The portions together show more", " ", ""])).to_owned();
        self.case.report.aggregation_reason = Some(MarkedText { mark: self.plan.plain.clone(), text });
        if dice.once_in(2) {
            self.levels_of_one(dice);
        }
    }
}

fn dice_mark<'m>(marks: &'m mut [Mark], dice: &mut Dice<'_>) -> &'m mut Mark {
    let place = dice.below(marks.len());
    &mut marks[place]
}

/// When notice may have been given: long ago, so that it has ended by now, or at the edge of a term.
fn notice_edge(life: &relto_policy::agreement::Life, now: i64, dice: &mut Dice<'_>) -> i64 {
    let days = i64::from(life.notice_days) * DAY;
    *dice.pick(&[now - days, now, life.term_ends.seconds() - days, life.term_ends.seconds(), now - 400 * DAY])
}
