//! A report's marks before they are written.

use crate::dice::Dice;
use relto_report::{
    assessment::{Block, MarkedText, Portion, Report},
    register::Register,
};

/// One mark: owner, level, controls, list.
#[derive(Clone)]
pub(super) struct Mark {
    /// As it stands in front, `//XCC ` of a portion.
    pub(super) foreign: String,
    pub(super) level: String,
    pub(super) controls: Vec<String>,
    /// Codes of the list; none: no list.
    pub(super) codes: Vec<String>,
    /// In place of a written list: the banner's.
    pub(super) as_banner: bool,
}

/// The marks of a report.
pub(super) struct Plan {
    pub(super) banner: Mark,
    pub(super) portions: Vec<Mark>,
    pub(super) rel_to: Vec<String>,
    /// The uncontrolled level, which has no say.
    pub(super) plain: String,
    pub(super) title: String,
    /// A heading, which needs a mark unless it is one of the register's.
    pub(super) heading: Option<(&'static str, String)>,
    list: [String; 3],
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|one| (*one).to_owned()).collect()
}

impl Plan {
    /// Banner and one portion at a level; the rest no higher.
    pub(super) fn of_level(register: &Register, level: usize, codes: &[&str], dice: &mut Dice<'_>) -> Self {
        // The register lists the highest first, and the table has 0 to 3.
        let word = |level: usize| &register.levels[register.levels.len() - 1 - level];
        let mark = |level: String| Mark {
            foreign: String::new(),
            level,
            controls: Vec::new(),
            codes: owned(codes),
            as_banner: false,
        };
        let mut portions = vec![mark(word(level).short.clone())];
        for _ in 0..dice.below(3) {
            portions.push(mark(word(dice.below(level + 1)).short.clone()));
        }
        let plain = word(0).short.clone();
        if dice.once_in(3) {
            portions.push(Mark { codes: Vec::new(), ..mark(plain.clone()) });
        }
        let list = [&register.list.long, &register.list.short, &register.list.as_banner].map(Clone::clone);
        let banner = mark(word(level).long.clone());
        Self { banner, portions, rel_to: owned(codes), title: plain.clone(), plain, heading: None, list }
    }

    /// Every list alike, the portions' of marks without one apart.
    pub(super) fn admit(&mut self, codes: &[&str]) {
        self.rel_to = owned(codes);
        self.banner.codes = owned(codes);
        for one in self.portions.iter_mut().filter(|one| !one.codes.is_empty()) {
            one.codes = owned(codes);
        }
    }

    pub(super) fn portion(&self, mark: &Mark) -> String {
        let [_, short, as_banner] = &self.list;
        let list = if mark.as_banner { Some(as_banner.clone()) } else { written(short, &mark.codes) };
        join(&format!("{}{}", mark.foreign, mark.level), &mark.controls, list)
    }

    fn banner(&self) -> String {
        let [long, _, _] = &self.list;
        join(
            &format!("{}{}", self.banner.level, self.banner.foreign),
            &self.banner.controls,
            written(long, &self.banner.codes),
        )
    }

    pub(super) fn write(&self, report: &mut Report) {
        report.banner = self.banner();
        report.rel_to.clone_from(&self.rel_to);
        report.title.mark.clone_from(&self.title);
        let body = |mark: String, text: &str| MarkedText { mark, text: text.to_owned() };
        let text = self
            .portions
            .iter()
            .map(|mark| Portion { block: Block::Paragraph, body: body(self.portion(mark), "Text") });
        let heading = self
            .heading
            .iter()
            .map(|(text, mark)| Portion { block: Block::Heading(2), body: body(mark.clone(), text) });
        report.portions = heading.chain(text).collect();
    }
}

fn written(word: &str, codes: &[String]) -> Option<String> {
    (!codes.is_empty()).then(|| format!("{word} {}", codes.join(", ")))
}

fn join(level: &str, controls: &[String], list: Option<String>) -> String {
    let all: Vec<String> = controls.iter().cloned().chain(list).collect();
    if all.is_empty() { level.to_owned() } else { format!("{level}//{}", all.join("/")) }
}
