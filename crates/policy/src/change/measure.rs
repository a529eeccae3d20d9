//! A measure: what a Party may do, in the order of the agreement's ladder, while a dispute or an incident stays open.

use crate::{
    agreement::{Agreement, Does, MAX_LEVEL},
    reader::Table,
};
use relto_report::nation::Nation;
use std::fmt;

/// One measure, as stated. It ends when the nation that took it lifts it by a resumption.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Measure {
    /// Its step of the ladder, from 1.
    pub step: u32,
    /// What it restricts.
    pub restricts: Restricts,
}

/// What a measure restricts, at both ends at once. Statements between the nations are not touched by it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Restricts {
    /// Nothing: it stands on record.
    Nothing,
    /// No report of this topic goes from this nation.
    Topic(Nation, String),
    /// No report above this level goes from this nation.
    Level(Nation, u8),
    /// No report goes from this nation.
    Direction(Nation),
    /// No report goes.
    Agreement,
}

impl Restricts {
    /// What the agreement calls it.
    #[must_use]
    pub const fn does(&self) -> Does {
        match self {
            Self::Nothing => Does::Reminder,
            Self::Topic(..) => Does::HoldTopic,
            Self::Level(..) => Does::LowerLevel,
            Self::Direction(_) => Does::SuspendDirection,
            Self::Agreement => Does::SuspendAgreement,
        }
    }
}

/// The keys of the statement that say it.
impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "step = {}", self.step)?;
        writeln!(f, "does = \"{}\"", self.restricts.does().word())?;
        match &self.restricts {
            Restricts::Nothing | Restricts::Agreement => Ok(()),
            Restricts::Topic(from, topic) => writeln!(f, "from = \"{from}\"\ntopic = \"{topic}\""),
            Restricts::Level(from, level) => writeln!(f, "from = \"{from}\"\nlevel = {level}"),
            Restricts::Direction(from) => writeln!(f, "from = \"{from}\""),
        }
    }
}

pub(super) fn read(root: &Table<'_>) -> Option<Measure> {
    let step = root.count("step", "K015", 1..=100);
    let does = root.word("does", "K015", &Does::WORDS)?;
    let from = || root.nation("from", "K015");
    let restricts = match does {
        Does::Reminder => Restricts::Nothing,
        Does::HoldTopic => Restricts::Topic(from()?, root.text("topic", "K015", 60)),
        Does::LowerLevel => {
            let level = root.count("level", "K015", 0..=u32::from(MAX_LEVEL));
            Restricts::Level(from()?, u8::try_from(level).unwrap_or(0))
        }
        Does::SuspendDirection => Restricts::Direction(from()?),
        Does::SuspendAgreement => Restricts::Agreement,
    };
    Some(Measure { step, restricts })
}

impl Measure {
    /// Whether the agreement has this step, and the step bears on something of it; else why not.
    pub(super) fn fits(&self, agreement: &Agreement) -> Result<(), String> {
        let does = self.restricts.does();
        let step = agreement.duties.measures.iter().find(|one| one.step == self.step);
        let Some(known) = step else {
            return Err(format!("{} has no [[measure]] of step {}", agreement.id, self.step));
        };
        if known.does != does {
            return Err(format!(
                "step {} of {} is {}, not {}",
                self.step,
                agreement.id,
                known.does.word(),
                does.word()
            ));
        }
        let (from, topic) = match &self.restricts {
            Restricts::Nothing | Restricts::Agreement => return Ok(()),
            Restricts::Topic(from, topic) => (from, Some(topic)),
            Restricts::Level(from, _) | Restricts::Direction(from) => (from, None),
        };
        let Some(scope) = agreement.scopes.iter().find(|scope| scope.from == *from) else {
            return Err(format!("{} lets nothing go from {from}", agreement.id));
        };
        match topic {
            Some(topic) if scope.topics.iter().all(|(known, _)| known != topic) => {
                Err(format!("{} lets no {topic} go from {from}", agreement.id))
            }
            _ => Ok(()),
        }
    }
}

/// What an agreement still permits under these measures; its digest stays, for it is the same text. POL-20
pub(super) fn narrowed<'m>(agreement: &Agreement, measures: impl Iterator<Item = &'m Measure>) -> Option<Agreement> {
    let mut out: Option<Agreement> = None;
    for measure in measures {
        let (Restricts::Topic(from, _) | Restricts::Level(from, _)) = &measure.restricts else {
            // The others are states.
            continue;
        };
        let text = out.get_or_insert_with(|| agreement.clone());
        for scope in text.scopes.iter_mut().filter(|scope| scope.from == *from) {
            match &measure.restricts {
                Restricts::Topic(_, topic) => scope.topics.retain(|(known, _)| known != topic),
                Restricts::Level(_, level) => scope.highest_level = scope.highest_level.min(*level),
                Restricts::Nothing | Restricts::Direction(_) | Restricts::Agreement => {}
            }
        }
    }
    out
}
