//! Two versions of one agreement: what the later permits and the earlier did not, line by line.

use super::{Agreement, By, Making, Onward, Reading, Renewal, Scope};
use relto_report::{
    calendar::Timestamp,
    fault::{Fault, Faults},
};
use std::fmt::Display;

impl Agreement {
    /// Judges whether this version, read from the file `name`, follows the installed one.
    ///
    /// # Errors
    /// A002 another agreement or other Parties, A003 not the next version, A004 another version superseded, A005 each
    /// widening that `extends` does not list and each entry that is none.
    pub fn follows(&self, name: &str, installed: &Self) -> Result<(), Faults> {
        let mut list = Vec::new();
        let mut fault = |rule, message| list.push(Fault { line: 0, column: 0, rule, message, warning: false });
        if self.id != installed.id || self.parties != installed.parties {
            let [one, other] = installed.parties;
            fault("A002", format!("the installed agreement is {} of {one} and {other}", installed.id));
        }
        if Some(self.version) != installed.version.checked_add(1) {
            fault("A003", format!("version {} follows {}", self.version, installed.version));
        }
        if self.supersedes != Some(installed.digest) {
            fault("A004", format!("supersedes must be {}, the installed version", installed.digest));
        }
        let computed = self.widening(installed);
        for line in computed.iter().filter(|line| !self.extends.contains(line)) {
            fault("A005", format!("not listed: {line}"));
        }
        for line in self.extends.iter().filter(|line| !computed.contains(line)) {
            fault("A005", format!("listed, but no difference: {line}"));
        }
        if list.is_empty() { Ok(()) } else { Err(Faults::new(name, list)) }
    }

    /// Everything that this version permits and the other did not, in the words of `extends`; empty: no wider.
    #[must_use]
    pub fn widening(&self, before: &Self) -> Vec<String> {
        let mut out = Lines(Vec::new());
        out.scopes(before, self);
        out.markings(before, self);
        out.life(before, self);
        out.third_parties(before, self);
        out.handling(before, self);
        out.protection(before, self);
        out.0
    }
}

struct Lines(Vec<String>);

impl Lines {
    fn say(&mut self, what: impl Display, from: impl Display, to: impl Display) {
        self.0.push(format!("{what}: {from} -> {to}"));
    }

    fn number<N: PartialOrd + Display>(&mut self, what: impl Display, from: N, to: N) {
        if to > from {
            self.say(what, from, to);
        }
    }

    /// A limit that permits more the lower it is.
    fn lower<N: PartialOrd + Display>(&mut self, what: impl Display, from: N, to: N) {
        if to < from {
            self.say(what, from, to);
        }
    }

    fn added<'m>(
        &mut self,
        what: impl Display,
        from: impl IntoIterator<Item = &'m str>,
        to: impl IntoIterator<Item = &'m str>,
    ) {
        let from: Vec<&str> = from.into_iter().collect();
        let new = to.into_iter().filter(|member| !from.contains(member));
        self.0.extend(new.map(|member| format!("{what} {member}: added")));
    }

    fn scopes(&mut self, before: &Agreement, after: &Agreement) {
        for scope in &after.scopes {
            let direction = format!("scope {}>{}", scope.from, scope.to);
            match before.scope(scope.from, scope.to) {
                None => self.0.push(format!("{direction}: added")),
                Some(old) => self.scope(&direction, old, scope),
            }
        }
    }

    fn scope(&mut self, direction: &str, old: &Scope, new: &Scope) {
        for (topic, level) in &new.topics {
            let what = format!("{direction} topic {topic}");
            match old.topics.iter().find(|(known, _)| known == topic) {
                None => self.say(what, "none", level),
                Some((_, known)) => self.number(what, known, level),
            }
        }
        self.added(format!("{direction} purpose"), texts(&old.purposes), texts(&new.purposes));
        self.added(format!("{direction} form"), texts(&old.forms), texts(&new.forms));
        let words = |scope: &Scope| scope.caveats.iter().map(|means| means.word()).collect::<Vec<_>>();
        self.added(format!("{direction} caveat"), words(old), words(new));
        self.added(format!("{direction} tlp"), texts(&old.tlp), texts(&new.tlp));
        let kind = format!("{direction} attachments.types");
        self.added(kind, texts(&old.attachment_types), texts(&new.attachment_types));
        self.number(format!("{direction} highest_level"), old.highest_level, new.highest_level);
        let earliest = |scope: &Scope| scope.information_from.map_or(i64::MIN, Timestamp::seconds);
        if earliest(new) < earliest(old) {
            self.say(
                format!("{direction} information_from"),
                or_none(old.information_from),
                or_none(new.information_from),
            );
        }
        let latest = |scope: &Scope| scope.information_until.map_or(i64::MAX, Timestamp::seconds);
        if latest(new) > latest(old) {
            let what = format!("{direction} information_until");
            self.say(what, or_none(old.information_until), or_none(new.information_until));
        }
        if new.max_age_hours.unwrap_or(u32::MAX) > old.max_age_hours.unwrap_or(u32::MAX) {
            self.say(format!("{direction} max_age_hours"), or_none(old.max_age_hours), or_none(new.max_age_hours));
        }
        self.number(format!("{direction} officer_from_level"), old.officer_from_level, new.officer_from_level);
        let second = format!("{direction} second_officer_from_level");
        self.number(second, old.second_officer_from_level, new.second_officer_from_level);
        let standing = format!("{direction} standing_authority_to_level");
        self.number(standing, old.standing_authority_to_level, new.standing_authority_to_level);
        self.number(format!("{direction} attachments.max_count"), old.max_attachments, new.max_attachments);
        let report = format!("{direction} transport.max_report_bytes");
        self.number(report, old.max_report_bytes, new.max_report_bytes);
        let attached = format!("{direction} transport.max_attachment_bytes");
        self.number(attached, old.max_attachment_bytes, new.max_attachment_bytes);
    }

    fn markings(&mut self, before: &Agreement, after: &Agreement) {
        for row in &after.equivalence {
            for (party, nation) in after.parties.iter().enumerate() {
                let Some(word) = row.markings.get(party) else { continue };
                let spellings = row.accepts.get(party).into_iter().flatten();
                for word in std::iter::once(word).chain(spellings) {
                    let what = format!("equivalence {nation} {word}");
                    let has = |old: &&super::Equivalence| {
                        old.markings.get(party) == Some(word)
                            || old.accepts.get(party).is_some_and(|list| list.contains(word))
                    };
                    let same_days =
                        |old: &&super::Equivalence| has(old) && (old.from, old.until) == (row.from, row.until);
                    match before.equivalence.iter().find(same_days) {
                        None => self.say(what, "none", row.level),
                        Some(old) => self.lower(what, old.level, row.level),
                    }
                }
            }
        }
        for row in &after.caveats {
            for (party, nation) in after.parties.iter().enumerate() {
                let Some(word) = row.words.get(party) else { continue };
                match before.meaning_of(*nation, word) {
                    None => self.say(format!("caveat {nation} {word}"), "none", row.means.word()),
                    Some(old) if old != row.means => {
                        self.say(format!("caveat {nation} {word}"), old.word(), row.means.word());
                    }
                    Some(_) => {}
                }
            }
        }
    }

    fn life(&mut self, before: &Agreement, after: &Agreement) {
        let (old, new) = (&before.life, &after.life);
        self.lower("life enters_into_force", old.enters_into_force, new.enters_into_force);
        self.number("life term_ends", old.term_ends, new.term_ends);
        if new.renewal != old.renewal && new.renewal != Renewal::None {
            self.say("life renewal", renewal(old.renewal), renewal(new.renewal));
        }
        self.number("life renewal_months", old.renewal_months, new.renewal_months);
        self.number("life notice_days", old.notice_days, new.notice_days);
        if (old.suspend_by, new.suspend_by) == (By::Either, By::Both) {
            self.say("life suspend_by", "either", "both");
        }
        if (old.resume_by, new.resume_by) == (By::Both, By::Either) {
            self.say("life resume_by", "both", "either");
        }
        self.added("life while_suspended", texts(&old.while_suspended), texts(&new.while_suspended));
        self.added("life after_end", texts(&old.after_end), texts(&new.after_end));
        if before.traffic != after.traffic {
            self.say("traffic", before.traffic.word(), after.traffic.word());
        }
        self.number("clock_skew_seconds", before.clock_skew_seconds, after.clock_skew_seconds);
        self.number("anchor_minutes", before.anchor_minutes, after.anchor_minutes);
        for (old, new) in before.party.iter().zip(&after.party) {
            self.added(format!("party {} addressee", new.nation), texts(&old.addressees), texts(&new.addressees));
        }
    }

    fn third_parties(&mut self, before: &Agreement, after: &Agreement) {
        let (old, new) = (&before.third_party, &after.third_party);
        if new.recipients_own_may_return && !old.recipients_own_may_return {
            self.say("third_party recipients_own", "refuse", "may-return");
        }
        if new.concealed_origin && !old.concealed_origin {
            self.say("third_party concealed_origin", "refuse", "permitted");
        }
        self.number("third_party consent_max_months", old.consent_max_months, new.consent_max_months);
        self.ranked("third_party onward_by_rel_to", onward(old.onward_by_rel_to), onward(new.onward_by_rel_to));
        let (was, is) = (reading(old.third_state_nationals), reading(new.third_state_nationals));
        self.ranked("third_party third_state_nationals", was, is);
        self.ranked("third_party contractors", reading(old.contractors), reading(new.contractors));
        for group in &after.groups {
            for member in &group.members {
                let was = |old: &super::Group| {
                    old.code == group.code
                        && old.members.contains(member)
                        && old.from <= group.from
                        && group.until <= old.until
                };
                if !before.groups.iter().any(was) {
                    self.0
                        .push(format!("group {} member {member} {} to {}: added", group.code, group.from, group.until));
                }
            }
        }
    }

    /// Words in an order of their own, each with its place.
    fn ranked(&mut self, what: &str, from: (u8, &str), to: (u8, &str)) {
        if to.0 > from.0 {
            self.say(what, from.1, to.1);
        }
    }

    fn handling(&mut self, before: &Agreement, after: &Agreement) {
        for (word, new) in &after.precedence {
            let old = before.precedence.get(word).map(|old| texts(&old.forms)).unwrap_or_default();
            self.added(format!("precedence {word} form"), old, texts(&new.forms));
        }
        let topics = |agreement: &Agreement| match &agreement.emergency {
            Some(emergency) if emergency.permitted => emergency.topics.clone(),
            Some(_) | None => Vec::new(),
        };
        self.added("emergency topic", texts(&topics(before)), texts(&topics(after)));
        let (old, new) = (&before.duties.retention, &after.duties.retention);
        self.number("retention report_max_days", old.report_max_days, new.report_max_days);
        self.number("retention head_lag_max_minutes", old.head_lag_max_minutes, new.head_lag_max_minutes);
        for new in &after.duties.technology {
            if !before.duties.technology.contains(new) {
                self.0.push(format!("technology {}: added", new.category));
            }
        }
    }

    fn protection(&mut self, before: &Agreement, after: &Agreement) {
        for new in &after.protection {
            let Some(old) = before.protection_at(new.level) else { continue };
            for (what, was, is) in [
                ("clearance", old.clearance, new.clearance),
                ("register", old.register, new.register),
                ("receipt", old.receipt, new.receipt),
                ("incident_report", old.incident_report, new.incident_report),
            ] {
                if was && !is {
                    self.say(format!("protection {} {what}", new.level), was, is);
                }
            }
            self.ranked(&format!("protection {} copies", new.level), making(old.copies), making(new.copies));
            let what = format!("protection {} translation", new.level);
            self.ranked(&what, making(old.translation), making(new.translation));
        }
    }
}

fn texts(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

fn or_none<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

const fn renewal(renewal: Renewal) -> &'static str {
    match renewal {
        Renewal::None => "none",
        Renewal::Tacit => "tacit",
        Renewal::BySignature => "by-signature",
    }
}

const fn onward(onward: Onward) -> (u8, &'static str) {
    match onward {
        Onward::Never => (0, "never"),
        Onward::TearLine => (1, "tear-line"),
        Onward::Always => (2, "always"),
    }
}

const fn reading(reading: Reading) -> (u8, &'static str) {
    match reading {
        Reading::No => (0, "no"),
        Reading::Consent => (1, "consent"),
        Reading::Yes => (2, "yes"),
    }
}

const fn making(making: Making) -> (u8, &'static str) {
    match making {
        Making::Consent => (0, "consent"),
        Making::Recorded => (1, "recorded"),
        Making::Free => (2, "free"),
    }
}
