//! What a Party owes after the exchange: times for incidents, recalls, inventories, inspections, disputes and the rest.
//!
//! Nothing here decides a release. The flow's obligations and alarms, the committee's report and the readers' rules
//! read these fields.

use super::third::Reading;
use crate::reader::{Table, is_office_of, is_word};
use relto_report::nation::Nation;

const MAX_TEXT: usize = 200;

/// `[incident]`: a loss, or a quarantine, known to the recipient.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Incident {
    /// Hours to the first report.
    pub first_report_hours: u32,
    /// Days to the final report.
    pub final_report_days: u32,
}

/// `[recall]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recall {
    /// Hours until nobody uses it.
    pub stop_use_hours: u32,
    /// Hours until it is acknowledged.
    pub acknowledge_hours: u32,
    /// Days until it is disposed of.
    pub dispose_days: u32,
}

/// `[reclassification]`, by the originator alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reclassification {
    /// Hours to the notice to every holder.
    pub notice_hours: u32,
    /// Hours until it is acknowledged.
    pub acknowledge_hours: u32,
}

/// `[disposal]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Disposal {
    /// Such as `return-or-destroy`.
    pub when_purpose_ends: String,
    /// Whether a certificate is made.
    pub certificate: bool,
    /// Hours to report a destruction in an emergency.
    pub emergency_destruction_report_hours: u32,
}

/// `[inventory]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inventory {
    /// Lowest level listed.
    pub from_level: u8,
    /// Months between two.
    pub every_months: u32,
}

/// `[inspection]`, by the other Party's security representatives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Inspection {
    /// Months between two.
    pub every_months: u32,
    /// Days of notice.
    pub visit_notice_days: u32,
    /// Whether the log is exported for it.
    pub log_export: bool,
}

/// `[retention]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Retention {
    /// Days that a report is held at most.
    pub report_max_days: u32,
    /// Years that the log is kept.
    pub log_years: u32,
    /// Minutes without the partner's log head after which a Party stops releasing.
    pub head_lag_max_minutes: u32,
}

/// `[committee]`; it decides by both Parties.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Committee {
    /// Months between two meetings.
    pub meets_every_months: u32,
    /// Months between two reports.
    pub report_every_months: u32,
}

/// `[dispute]`, settled by consultation alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dispute {
    /// Days to answer.
    pub answer_days: u32,
    /// Days before the committee has it.
    pub committee_days: u32,
}

/// What a step of the ladder does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Does {
    /// Reminds.
    Reminder,
    /// Holds a topic.
    HoldTopic,
    /// Lowers the highest level.
    LowerLevel,
    /// Suspends one direction.
    SuspendDirection,
    /// Suspends the agreement.
    SuspendAgreement,
}

impl Does {
    /// Each with its word.
    pub const WORDS: [(&'static str, Self); 5] = [
        ("reminder", Self::Reminder),
        ("hold-topic", Self::HoldTopic),
        ("lower-level", Self::LowerLevel),
        ("suspend-direction", Self::SuspendDirection),
        ("suspend-agreement", Self::SuspendAgreement),
    ];

    /// As the file writes it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, one)| *one == self).map_or("", |(word, _)| word)
    }
}

/// `[[measure]]`: what a Party may do, in order, while a dispute or an incident stays open.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Measure {
    /// 1, 2, ...
    pub step: u32,
    /// What it does.
    pub does: Does,
}

/// `[request]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Request {
    /// Whether at all.
    pub permitted: bool,
    /// Hours until it is acknowledged.
    pub acknowledge_hours: u32,
    /// Days to answer or decline.
    pub answer_days: u32,
    /// Whether a refusal needs a reason.
    pub refusal_needs_reason: bool,
}

/// `[consultation]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Consultation {
    /// The treaty's article.
    pub basis: String,
    /// Grounds on which it may be asked.
    pub grounds: Vec<String>,
    /// Minutes until the named office acknowledges.
    pub acknowledge_minutes: u32,
    /// Hours to the first meeting.
    pub first_meeting_hours: u32,
    /// How the treaty is invoked.
    pub invocation: String,
    /// The office of each Party that receives it.
    pub offices: Vec<String>,
}

impl Consultation {
    /// The office of one Party.
    #[must_use]
    pub fn office_of(&self, nation: Nation) -> Option<&str> {
        self.offices.iter().map(String::as_str).find(|office| is_office_of(office, nation))
    }
}

/// `[exercise]`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exercise {
    /// How ids of exercise agreements begin.
    pub agreement_prefix: String,
    /// Days from the end to the purge.
    pub purge_days_after_end: u32,
    /// Days to the report of lessons.
    pub lessons_report_days: u32,
    /// The word for a real event inside an exercise.
    pub real_world_word: String,
}

/// `[[technology]]`: what a technology-package may carry.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Technology {
    /// Such as `undersea-sensing`.
    pub category: String,
    /// Who may receive it.
    pub to: Vec<Nation>,
    /// Highest level.
    pub highest_level: u8,
    /// The end use.
    pub end_use: String,
    /// The rule for passing it on.
    pub retransfer: String,
    /// Firms.
    pub contractors: Reading,
    /// The certificate that is on record before the transfer.
    pub certificate: String,
    /// Months between two verifications.
    pub verify_every_months: u32,
}

/// Everything of this module, as the file has it. Absent tables oblige nothing; retention must be there.
#[derive(Clone, PartialEq, Eq, Debug)]
#[allow(missing_docs, reason = "each field is the table of the same name")]
pub struct Duties {
    pub incident: Option<Incident>,
    pub recall: Option<Recall>,
    pub reclassification: Option<Reclassification>,
    pub disposal: Option<Disposal>,
    pub inventory: Option<Inventory>,
    pub inspection: Option<Inspection>,
    /// Days of notice before a law that matters changes.
    pub law_change_notice_days: Option<u32>,
    pub retention: Retention,
    pub committee: Option<Committee>,
    pub dispute: Option<Dispute>,
    pub measures: Vec<Measure>,
    pub request: Option<Request>,
    pub consultation: Option<Consultation>,
    pub exercise: Option<Exercise>,
    pub technology: Vec<Technology>,
}

/// One fault number for a table of duties: a value is missing or out of range.
const DUTY: &str = "A046";

fn hours(table: &Table<'_>, key: &str) -> u32 {
    table.count(key, DUTY, 1..=87_600)
}

fn days(table: &Table<'_>, key: &str) -> u32 {
    table.count(key, DUTY, 1..=36_500)
}

fn months(table: &Table<'_>, key: &str) -> u32 {
    table.count(key, DUTY, 1..=1200)
}

pub(super) fn read(root: &Table<'_>, parties: [Nation; 2], highest: u8) -> Duties {
    Duties {
        incident: root.opt_table("incident").map(|table| Incident {
            first_report_hours: hours(&table, "first_report_hours"),
            final_report_days: days(&table, "final_report_days"),
        }),
        recall: root.opt_table("recall").map(|table| Recall {
            stop_use_hours: hours(&table, "stop_use_hours"),
            acknowledge_hours: hours(&table, "acknowledge_hours"),
            dispose_days: days(&table, "dispose_days"),
        }),
        reclassification: root.opt_table("reclassification").map(|table| {
            table.word("by", DUTY, &[("originator", ())]);
            Reclassification {
                notice_hours: hours(&table, "notice_hours"),
                acknowledge_hours: hours(&table, "acknowledge_hours"),
            }
        }),
        disposal: root.opt_table("disposal").map(|table| Disposal {
            when_purpose_ends: table.text("when_purpose_ends", DUTY, MAX_TEXT),
            certificate: table.flag("certificate", DUTY),
            emergency_destruction_report_hours: hours(&table, "emergency_destruction_report_hours"),
        }),
        inventory: root.opt_table("inventory").map(|table| Inventory {
            from_level: super::markings::level(&table, "from_level", DUTY),
            every_months: months(&table, "every_months"),
        }),
        inspection: root.opt_table("inspection").map(|table| Inspection {
            every_months: months(&table, "every_months"),
            visit_notice_days: days(&table, "visit_notice_days"),
            log_export: table.flag("log_export", DUTY),
        }),
        law_change_notice_days: root.opt_table("law_change").map(|table| days(&table, "notice_days")),
        retention: read_retention(root),
        committee: root.opt_table("committee").map(|table| {
            table.word("decides_by", DUTY, &[("both", ())]);
            Committee {
                meets_every_months: months(&table, "meets_every_months"),
                report_every_months: months(&table, "report_every_months"),
            }
        }),
        dispute: root.opt_table("dispute").map(|table| {
            table.word("settled_by", DUTY, &[("consultation", ())]);
            Dispute { answer_days: days(&table, "answer_days"), committee_days: days(&table, "committee_days") }
        }),
        measures: read_measures(root),
        request: root.opt_table("request").map(|table| Request {
            permitted: table.flag("permitted", DUTY),
            acknowledge_hours: hours(&table, "acknowledge_hours"),
            answer_days: days(&table, "answer_days"),
            refusal_needs_reason: table.flag("refusal_needs_reason", DUTY),
        }),
        consultation: root.opt_table("consultation").map(|table| read_consultation(&table, parties)),
        exercise: root.opt_table("exercise").map(|table| Exercise {
            agreement_prefix: table.text("agreement_prefix", DUTY, 20),
            purge_days_after_end: days(&table, "purge_days_after_end"),
            lessons_report_days: days(&table, "lessons_report_days"),
            real_world_word: table.text("real_world_word", DUTY, 40),
        }),
        technology: read_technology(root, parties, highest),
    }
}

fn read_retention(root: &Table<'_>) -> Retention {
    let Some(table) = root.table("retention", DUTY) else {
        return Retention { report_max_days: 1, log_years: 1, head_lag_max_minutes: 1 };
    };
    Retention {
        report_max_days: days(&table, "report_max_days"),
        log_years: table.count("log_years", DUTY, 1..=100),
        head_lag_max_minutes: table.count("head_lag_max_minutes", DUTY, 1..=525_600),
    }
}

fn read_measures(root: &Table<'_>) -> Vec<Measure> {
    let mut out = Vec::new();
    for (expected, table) in (1..).zip(root.tables("measure")) {
        let step = table.count("step", DUTY, 1..=100);
        if step != expected {
            table.fault("step", DUTY, format!("steps run 1, 2, 3; found {step} where {expected} should stand"));
        }
        out.extend(table.word("does", DUTY, &Does::WORDS).map(|does| Measure { step, does }));
    }
    out
}

fn read_consultation(table: &Table<'_>, parties: [Nation; 2]) -> Consultation {
    let [one, other] = parties;
    let is_office = |text: &str| is_office_of(text, one) || is_office_of(text, other);
    let offices = table.set("offices", DUTY, 2..=2, "an office is written XAA/OFFICE", is_office);
    for nation in parties {
        if !offices.is_empty() && !offices.iter().any(|office| is_office_of(office, nation)) {
            table.fault("offices", DUTY, format!("{nation} has no office here. One office a Party"));
        }
    }
    Consultation {
        basis: table.text("basis", DUTY, 300),
        grounds: table.set("grounds", DUTY, 1..=32, "a ground is a word of small letters", is_word),
        acknowledge_minutes: table.count("acknowledge_minutes", DUTY, 1..=525_600),
        first_meeting_hours: hours(table, "first_meeting_hours"),
        invocation: table.text("invocation", DUTY, MAX_TEXT),
        offices,
    }
}

fn read_technology(root: &Table<'_>, parties: [Nation; 2], highest: u8) -> Vec<Technology> {
    let firms = [("yes", Reading::Yes), ("consent", Reading::Consent), ("no", Reading::No)];
    let is_party = |text: &str| Nation::parse(text).is_some_and(|nation| parties.contains(&nation));
    let mut out = Vec::new();
    for table in root.tables("technology") {
        let level = super::markings::level(&table, "highest_level", DUTY);
        if level > highest {
            let message = format!("technology.highest_level = {level} is above the table's highest level, {highest}");
            table.fault("highest_level", "A041", message);
        }
        out.push(Technology {
            category: table.text("category", DUTY, MAX_TEXT),
            to: table
                .set("to", DUTY, 1..=2, "only the Parties may stand here", is_party)
                .iter()
                .filter_map(|text| Nation::parse(text))
                .collect(),
            highest_level: level,
            end_use: table.text("end_use", DUTY, MAX_TEXT),
            retransfer: table.text("retransfer", DUTY, MAX_TEXT),
            contractors: table.word("contractors", DUTY, &firms).unwrap_or(Reading::No),
            certificate: table.text("certificate", DUTY, MAX_TEXT),
            verify_every_months: months(&table, "verify_every_months"),
        });
    }
    out
}
