//! Whether national rules only narrow: each key against the agreement's, the wider one named.

use super::{NationalRules, NationalScope};
use crate::agreement::{Agreement, Scope};
use relto_report::{
    calendar::Timestamp,
    fault::{Fault, Faults},
};
use std::fmt::Display;

impl NationalRules {
    /// Judges the rules against the agreement that they are for.
    ///
    /// # Errors
    /// N001 names each key that is wider, N002 each standing authority above what may be approved in advance, N012
    /// another agreement, nation or direction.
    pub fn narrows(&self, agreement: &Agreement) -> Result<(), Faults> {
        let mut out = Judge { rules: self, list: Vec::new() };
        if self.agreement != agreement.id {
            out.fault("agreement", "N012", format!("these rules are for {}, not {}", self.agreement, agreement.id));
        }
        if agreement.partner_of(self.nation).is_none() {
            out.fault("nation", "N012", format!("{} is no Party to {}", self.nation, agreement.id));
        }
        let highest = agreement.highest_level();
        if self.accreditation.highest_level > highest {
            let key = "accreditation.highest_level";
            out.wider(key, key, self.accreditation.highest_level, highest);
        }
        for scope in &self.scopes {
            let direction = format!("{}>{}", scope.from, scope.to);
            match agreement.scope(scope.from, scope.to) {
                Some(agreed) => out.scope(&direction, scope, agreed),
                None => out.fault(
                    &format!("{direction} purposes"),
                    "N012",
                    format!("scope {direction}: the agreement has no scope in this direction"),
                ),
            }
        }
        out.standing(agreement);
        if out.list.is_empty() { Ok(()) } else { Err(Faults::new(&self.file, out.list)) }
    }
}

struct Judge<'r> {
    rules: &'r NationalRules,
    list: Vec<Fault>,
}

impl Judge<'_> {
    fn fault(&mut self, place: &str, rule: &'static str, message: String) {
        let (line, column) = self.rules.places.get(place).copied().unwrap_or((0, 0));
        self.list.push(Fault { line, column, rule, message, warning: false });
    }

    fn wider(&mut self, place: &str, what: &str, value: impl Display, agreed: impl Display) {
        self.fault(place, "N001", format!("{what} = {value} is wider than the agreement's {agreed}"));
    }

    /// A limit that permits more the higher it is.
    fn most<N: PartialOrd + Display>(&mut self, direction: &str, key: &str, value: Option<N>, agreed: N) {
        if let Some(value) = value.filter(|value| *value > agreed) {
            self.wider(&format!("{direction} {key}"), &format!("scope {direction} {key}"), value, agreed);
        }
    }

    fn subset<M: PartialEq>(
        &mut self,
        direction: &str,
        key: &str,
        value: Option<&Vec<M>>,
        agreed: &[M],
        word: impl Fn(&M) -> String,
    ) {
        for member in value.into_iter().flatten().filter(|member| !agreed.contains(member)) {
            let message =
                format!("scope {direction} {key} has {:?}, which the agreement has not: it is wider", word(member));
            self.fault(&format!("{direction} {key}"), "N001", message);
        }
    }

    fn scope(&mut self, direction: &str, scope: &NationalScope, agreed: &Scope) {
        let own = &scope.narrowing;
        self.subset(direction, "purposes", own.purposes.as_ref(), &agreed.purposes, String::clone);
        self.subset(direction, "forms", own.forms.as_ref(), &agreed.forms, String::clone);
        self.subset(direction, "caveats", own.caveats.as_ref(), &agreed.caveats, |means| means.word().to_owned());
        self.subset(direction, "tlp", own.tlp.as_ref(), &agreed.tlp, String::clone);
        let types = own.attachment_types.as_ref();
        self.subset(direction, "attachments.types", types, &agreed.attachment_types, String::clone);
        for (topic, level) in own.topics.iter().flatten() {
            let place = format!("{direction} topics");
            let what = format!("scope {direction} topic {topic}");
            match agreed.topics.iter().find(|(known, _)| known == topic) {
                None => self.wider(&place, &what, level, "none"),
                Some((_, highest)) if level > highest => self.wider(&place, &what, level, highest),
                Some(_) => {}
            }
        }
        self.most(direction, "highest_level", own.highest_level, agreed.highest_level);
        self.most(direction, "officer_from_level", own.officer_from_level, agreed.officer_from_level);
        let second = own.second_officer_from_level;
        self.most(direction, "second_officer_from_level", second, agreed.second_officer_from_level);
        let standing = own.standing_authority_to_level;
        self.most(direction, "standing_authority_to_level", standing, agreed.standing_authority_to_level);
        self.most(direction, "attachments.max_count", own.max_attachments, agreed.max_attachments);
        self.most(direction, "transport.max_report_bytes", own.max_report_bytes, agreed.max_report_bytes);
        self.most(direction, "transport.max_attachment_bytes", own.max_attachment_bytes, agreed.max_attachment_bytes);
        if let Some(agreed) = agreed.max_age_hours {
            self.most(direction, "max_age_hours", own.max_age_hours, agreed);
        }
        if let Some(agreed) = agreed.information_until {
            self.most(direction, "information_until", own.information_until, agreed);
        }
        self.earliest(direction, own.information_from, agreed.information_from);
    }

    fn earliest(&mut self, direction: &str, value: Option<Timestamp>, agreed: Option<Timestamp>) {
        if let (Some(value), Some(agreed)) = (value, agreed)
            && value < agreed
        {
            let key = format!("{direction} information_from");
            self.wider(&key, &format!("scope {key}"), value, agreed);
        }
    }

    fn standing(&mut self, agreement: &Agreement) {
        for one in &self.rules.standing {
            let place = format!("standing {}", one.serial);
            let from = self.rules.nation;
            let Some(scope) = agreement.scope(from, one.to) else {
                let message = format!("standing authority {}: nothing may go from {from} to {}", one.serial, one.to);
                self.fault(&place, "N012", message);
                continue;
            };
            let own = self.rules.scope(from, one.to).and_then(|scope| scope.narrowing.standing_authority_to_level);
            let limit = own.map_or(scope.standing_authority_to_level, |own| own.min(scope.standing_authority_to_level));
            if i16::from(one.to_level) > i16::from(limit) {
                let message = format!(
                    "standing authority {} reaches level {}; standing_authority_to_level is {limit}",
                    one.serial, one.to_level
                );
                self.fault(&place, "N002", message);
            }
        }
    }
}
