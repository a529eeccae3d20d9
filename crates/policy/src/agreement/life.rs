//! When the agreement begins, ends, renews and rests, and whether its traffic is live.

use crate::{calendar::add_months, reader::Table};
use relto_report::calendar::Timestamp;

/// Forms of statement that the protocol knows (vocabulary section 9).
pub const STATEMENT_FORMS: [&str; 16] = [
    "acknowledged",
    "answer",
    "consent-asked",
    "consent-given",
    "consultation",
    "dispute",
    "disposed",
    "end-use",
    "incident",
    "inventory",
    "measure",
    "notice",
    "recall",
    "reclassified",
    "request",
    "superseded",
];

/// What happens at the end of a term.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Renewal {
    /// It ends.
    None,
    /// It goes on unless notice is on record.
    Tacit,
    /// It ends without a signed renewal.
    BySignature,
}

/// Whose act it takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum By {
    /// One Party's.
    Either,
    /// Both Parties'.
    Both,
}

/// How long protection outlives the agreement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProtectionAfterEnd {
    /// Until the originator declassifies.
    UntilOriginatorDeclassifies,
    /// This many years.
    Years(u32),
}

/// `[life]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Life {
    /// First moment in force.
    pub enters_into_force: Timestamp,
    /// End of the first term, exclusive.
    pub term_ends: Timestamp,
    /// What happens then.
    pub renewal: Renewal,
    /// Length of each further term.
    pub renewal_months: u32,
    /// Days between notice and end at least.
    pub notice_days: u32,
    /// Who may suspend.
    pub suspend_by: By,
    /// Who resumes.
    pub resume_by: By,
    /// Forms of statement that may be made while suspended.
    pub while_suspended: Vec<String>,
    /// Forms of statement that may be made after the end.
    pub after_end: Vec<String>,
    /// How long protection lasts after the end.
    pub protection_after_end: ProtectionAfterEnd,
}

impl Life {
    /// End of the term that runs at `at`, with so many signed renewals on record.
    #[must_use]
    pub fn term_end(&self, at: Timestamp, renewals: u32) -> Timestamp {
        match self.renewal {
            Renewal::None => self.term_ends,
            Renewal::BySignature => add_months(self.term_ends, self.renewal_months.saturating_mul(renewals)),
            Renewal::Tacit => self.tacit_end(at),
        }
    }

    /// Each further term is counted from the first, so that a term that ends on the 31st keeps ending there.
    fn tacit_end(&self, at: Timestamp) -> Timestamp {
        let months = self.renewal_months.max(1);
        let past = at.seconds().saturating_sub(self.term_ends.seconds());
        if past < 0 {
            return self.term_ends;
        }
        // No month is longer than 31 days: this many terms have begun at least, and few more.
        let least = u32::try_from(past / (31 * 86_400)).unwrap_or(u32::MAX) / months;
        (least..least.saturating_add(1200))
            .map(|terms| add_months(self.term_ends, terms.saturating_mul(months)))
            .find(|end| *end > at)
            .unwrap_or(self.term_ends)
    }

    /// When the agreement ends, if its end is known: `notice` is the moment of the earliest notice on record.
    ///
    /// Timely notice ends it with the term in which it is given; late notice `notice_days` after itself.
    #[must_use]
    pub fn end(&self, notice: Option<Timestamp>, renewals: u32) -> Option<Timestamp> {
        let fixed = (self.renewal != Renewal::Tacit).then(|| self.term_end(self.term_ends, renewals));
        let by_notice = notice.map(|at| {
            let earliest = at.plus(i64::from(self.notice_days) * 86_400);
            self.term_end(at, renewals).max(earliest)
        });
        match (fixed, by_notice) {
            (Some(fixed), Some(noticed)) => Some(fixed.min(noticed)),
            (one, other) => one.or(other),
        }
    }
}

pub(super) fn read(table: &Table<'_>) -> Life {
    let renewals = [("none", Renewal::None), ("tacit", Renewal::Tacit), ("by-signature", Renewal::BySignature)];
    let renewal = if table.has("renewal") { table.word("renewal", "A021", &renewals) } else { None };
    let renewal = renewal.unwrap_or(Renewal::None);
    let months = table.opt_number("renewal_months", "A021", 1..=1200).unwrap_or(0);
    if renewal != Renewal::None && months == 0 {
        table.fault("renewal", "A021", "renewal_months is missing. A renewal needs its length");
    }
    let life = Life {
        enters_into_force: table.moment("enters_into_force", "A020"),
        term_ends: table.moment("term_ends", "A020"),
        renewal,
        renewal_months: u32::try_from(months).unwrap_or(0),
        notice_days: table.count("notice_days", "A022", 0..=3650),
        suspend_by: by(table, "suspend_by"),
        resume_by: by(table, "resume_by"),
        while_suspended: statements(table, "while_suspended"),
        after_end: statements(table, "after_end"),
        protection_after_end: protection(table),
    };
    if table.has("enters_into_force") && table.has("term_ends") && life.enters_into_force >= life.term_ends {
        let message =
            format!("enters_into_force {} is not before term_ends {}", life.enters_into_force, life.term_ends);
        table.fault("enters_into_force", "A020", message);
    }
    if life.suspend_by == By::Either && life.resume_by == By::Either && table.has("resume_by") {
        let message = "resume_by = \"either\" with suspend_by = \"either\": one Party could lift the other's suspension. \
                       Write resume_by = \"both\"";
        table.fault("resume_by", "A023", message);
    }
    life
}

fn by(table: &Table<'_>, key: &str) -> By {
    table.word(key, "A023", &[("either", By::Either), ("both", By::Both)]).unwrap_or(By::Both)
}

fn statements(table: &Table<'_>, key: &str) -> Vec<String> {
    let wanted = "is not allowed here. Only forms of statement may stand here; a report never leaves then";
    table.set(key, "A024", 0..=16, wanted, |word| STATEMENT_FORMS.contains(&word))
}

/// `until-originator-declassifies`, or a number of years such as `30 years`.
fn protection(table: &Table<'_>) -> ProtectionAfterEnd {
    let parse = |text: &str| {
        if text == "until-originator-declassifies" {
            return Some(ProtectionAfterEnd::UntilOriginatorDeclassifies);
        }
        let years: u32 = text.strip_suffix(" years")?.parse().ok()?;
        (1..=100).contains(&years).then_some(ProtectionAfterEnd::Years(years))
    };
    let wanted = "not known. Use until-originator-declassifies, or years such as \"30 years\"";
    let value = table.parsed("protection_after_end", "A025", wanted, parse);
    value.unwrap_or(ProtectionAfterEnd::UntilOriginatorDeclassifies)
}

/// `[traffic]`: an exercise text must never pass for a live one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Traffic {
    /// Real.
    Live,
    /// Of this exercise.
    Exercise(String),
}

impl Traffic {
    /// What a report's `traffic` must say.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Live => "live",
            Self::Exercise(id) => id,
        }
    }
}

pub(super) fn read_traffic(table: &Table<'_>) -> Traffic {
    let exercise = table.opt_text("exercise", "A026", 40).filter(|id| !id.is_empty());
    let is_exercise = table.word("kind", "A026", &[("live", false), ("exercise", true)]).unwrap_or(false);
    match (is_exercise, exercise) {
        (true, Some(id)) => {
            if id == "live" {
                table.fault("exercise", "A026", "\"live\" is not an exercise's id");
            }
            Traffic::Exercise(id)
        }
        (true, None) => {
            table.fault("kind", "A026", "exercise without id. Add exercise = \"EX-...\"");
            Traffic::Live
        }
        (false, Some(_)) => {
            table.fault("exercise", "A026", "live traffic with an exercise's id. Take it out");
            Traffic::Live
        }
        (false, None) => Traffic::Live,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    fn life(renewal: Renewal) -> Life {
        Life {
            enters_into_force: at("2026-01-01T00:00:00Z"),
            term_ends: at("2027-01-01T00:00:00Z"),
            renewal,
            renewal_months: 12,
            notice_days: 90,
            suspend_by: By::Either,
            resume_by: By::Both,
            while_suspended: Vec::new(),
            after_end: Vec::new(),
            protection_after_end: ProtectionAfterEnd::Years(30),
        }
    }

    #[test]
    fn notice_ends_the_term_in_which_it_is_given_or_later() {
        let tacit = life(Renewal::Tacit);
        assert_eq!(tacit.end(None, 0), None);
        for (notice, end) in [
            ("2026-09-15T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2026-10-03T00:00:00Z", "2027-01-01T00:00:00Z"),
            ("2026-10-03T00:00:01Z", "2027-01-01T00:00:01Z"),
            ("2026-11-01T00:00:00Z", "2027-01-30T00:00:00Z"),
            // In the second term: with that term, or 90 days later.
            ("2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"),
            ("2027-03-01T00:00:00Z", "2028-01-01T00:00:00Z"),
            ("2027-12-01T00:00:00Z", "2028-02-29T00:00:00Z"),
        ] {
            assert_eq!(tacit.end(Some(at(notice)), 0), Some(at(end)), "{notice}");
        }
    }

    #[test]
    fn without_renewal_nothing_outlives_the_term() {
        let none = life(Renewal::None);
        assert_eq!(none.end(None, 3), Some(at("2027-01-01T00:00:00Z")));
        assert_eq!(none.end(Some(at("2026-12-01T00:00:00Z")), 0), Some(at("2027-01-01T00:00:00Z")));
        let signed = life(Renewal::BySignature);
        assert_eq!(signed.end(None, 0), Some(at("2027-01-01T00:00:00Z")));
        assert_eq!(signed.end(None, 2), Some(at("2029-01-01T00:00:00Z")));
    }

    #[test]
    fn tacit_terms_go_on_for_ever_and_keep_their_day() {
        let mut tacit = life(Renewal::Tacit);
        for (now, end) in [
            ("2027-01-01T00:00:00Z", "2028-01-01T00:00:00Z"),
            ("2031-12-31T23:59:59Z", "2032-01-01T00:00:00Z"),
            ("2526-06-01T00:00:00Z", "2527-01-01T00:00:00Z"),
        ] {
            assert_eq!(tacit.term_end(at(now), 0), at(end), "{now}");
        }
        tacit.term_ends = at("2027-01-31T00:00:00Z");
        tacit.renewal_months = 1;
        for (now, end) in [
            ("2027-02-10T00:00:00Z", "2027-02-28T00:00:00Z"),
            ("2027-03-10T00:00:00Z", "2027-03-31T00:00:00Z"),
            ("2227-03-10T00:00:00Z", "2227-03-31T00:00:00Z"),
        ] {
            assert_eq!(tacit.term_end(at(now), 0), at(end), "{now}");
        }
    }
}
