//! The reader of marks and banners (report-grammar sections 3 and 4).

use super::{
    BannerMark, Control, Foreign, MarkFault, MarkFaultKind, Owner, PortionMark, codes, is_list,
    piece::{Faults, Piece},
    rank,
};
use crate::{nation::Nation, register::Register};

/// Reads a portion mark, without brackets, against the register of the report's nation.
#[must_use]
pub fn read_portion(mark: &str, register: &Register) -> (PortionMark, Vec<MarkFault>) {
    read_portion_with(mark, register, &[])
}

/// As [`read_portion`]; a level that is in one of `others` is told as that nation's.
#[must_use]
pub fn read_portion_with(mark: &str, register: &Register, others: &[&Register]) -> (PortionMark, Vec<MarkFault>) {
    let mut reader = Reader { register, others, banner: false, faults: Faults::default() };
    let out = reader.portion(mark);
    reader.suggest_portion(&out);
    (out, reader.faults.into_list())
}

/// Reads a banner against the register of the report's nation.
#[must_use]
pub fn read_banner(banner: &str, register: &Register) -> (BannerMark, Vec<MarkFault>) {
    read_banner_with(banner, register, &[])
}

/// As [`read_banner`]; a marking that is in one of `others` is told as that nation's.
#[must_use]
pub fn read_banner_with(banner: &str, register: &Register, others: &[&Register]) -> (BannerMark, Vec<MarkFault>) {
    let mut reader = Reader { register, others, banner: true, faults: Faults::default() };
    let out = reader.banner(banner);
    reader.suggest_banner(&out);
    (out, reader.faults.into_list())
}

struct Reader<'r> {
    register: &'r Register,
    others: &'r [&'r Register],
    banner: bool,
    faults: Faults,
}

impl Reader<'_> {
    /// What a word processor put in is told and read as what was meant.
    fn plain(&mut self, mark: &str) -> String {
        let mut out = String::with_capacity(mark.len());
        for (at, one) in mark.chars().enumerate() {
            let meant = match one {
                '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
                odd if odd != ' ' && (odd.is_whitespace() || odd.is_control()) => ' ',
                usual => usual,
            };
            if meant != one {
                self.faults.add(at, MarkFaultKind::OddCharacter(one));
            }
            out.push(meant);
        }
        out
    }

    fn portion(&mut self, mark: &str) -> PortionMark {
        let text = self.plain(mark);
        let whole = Piece { text: &text, at: 0 };
        if text.trim().is_empty() {
            self.faults.add(0, MarkFaultKind::Empty);
            return PortionMark { foreign: None, level: None, word: String::new(), controls: Vec::new() };
        }
        let (foreign, rest) = if text.starts_with("//") { self.owner(whole.split(0, 2).1) } else { (None, whole) };
        let (mut level, mut controls) = self.cut(rest);
        // `(S REL TO XAA)`: the level is known and a space stands where // belongs.
        if controls.is_none() && self.register.level_by_short(level.text).is_none() {
            let first = level.text.find(' ').map(|end| level.split(end, 1));
            if let Some((word, tail)) = first.filter(|(word, _)| self.register.level_by_short(word.text).is_some()) {
                self.faults.add(word.end(), MarkFaultKind::Separator);
                (level, controls) = (word, Some(tail));
            }
        }
        let place = self.level(level, &text);
        let controls = controls.map(|piece| self.controls(piece)).unwrap_or_default();
        PortionMark { foreign, level: place, word: level.text.to_owned(), controls }
    }

    fn owner<'t>(&mut self, rest: Piece<'t>) -> (Option<Owner>, Piece<'t>) {
        let (word, tail) = match rest.text.find(' ') {
            Some(end) => rest.split(end, 1),
            None => (rest, Piece { text: "", at: rest.end() }),
        };
        if word.text == "JOINT" {
            self.faults.add(word.at, MarkFaultKind::Joint);
            return (Some(Owner::Concealed), tail);
        }
        let owner = if word.text == self.register.foreign {
            Some(Owner::Concealed)
        } else {
            Nation::parse(word.text).map(Owner::Nation)
        };
        if owner.is_none() || tail.text.is_empty() {
            self.faults.add(word.at, MarkFaultKind::Owner);
        }
        // Never read as our own information, whatever is wrong with the owner.
        (owner.or(Some(Owner::Concealed)), tail)
    }

    /// Parts level and controls at the first slash, which must be exactly two.
    fn cut<'t>(&mut self, rest: Piece<'t>) -> (Piece<'t>, Option<Piece<'t>>) {
        let Some(end) = rest.text.find('/') else { return (rest, None) };
        let slashes = rest.text.get(end..).unwrap_or_default().bytes().take_while(|byte| *byte == b'/').count();
        let (level, tail) = rest.split(end, slashes);
        if slashes != 2 {
            self.faults.add(level.end(), MarkFaultKind::Separator);
        }
        (level, Some(tail))
    }

    fn level(&mut self, word: Piece<'_>, whole: &str) -> Option<usize> {
        let register = self.register;
        let found = if self.banner { register.level_by_long(word.text) } else { register.level_by_short(word.text) };
        if let Some((place, _)) = found {
            return Some(place);
        }
        if word.text.trim() != word.text {
            self.faults.add(word.end(), MarkFaultKind::Separator);
        }
        let written = word.text.to_owned();
        let kind = if let Some(other) = self.of_other_nation(word.text) {
            other
        } else if self.banner {
            MarkFaultKind::BannerLevel(written)
        } else if let Some((_, level)) = register.level_by_long(word.text) {
            MarkFaultKind::LevelInFull(level.short.clone())
        } else if self.reads_in_capitals(word.text) {
            MarkFaultKind::SmallLetters(whole.to_uppercase())
        } else {
            MarkFaultKind::LevelUnknown(written)
        };
        self.faults.add(word.at, kind);
        None
    }

    fn reads_in_capitals(&self, word: &str) -> bool {
        let upper = word.to_uppercase();
        self.register.level_by_short(&upper).or_else(|| self.register.level_by_long(&upper)).is_some()
    }

    fn of_other_nation(&self, word: &str) -> Option<MarkFaultKind> {
        let own = self.register;
        if own.level_by_long(word).or_else(|| own.level_by_short(word)).is_some() {
            return None;
        }
        self.others.iter().filter(|other| other.nation != own.nation).find_map(|other| {
            let (place, _) = other.level_by_short(word).or_else(|| other.level_by_long(word))?;
            // The places answer to each other only where both registers have as many levels.
            let level = own.levels.get(place).filter(|_| own.levels.len() == other.levels.len());
            let same = level.map(|level| if self.banner { level.long.clone() } else { format!("({})", level.short) });
            Some(MarkFaultKind::OtherNation { word: word.to_owned(), nation: other.nation, own: same })
        })
    }

    fn controls(&mut self, all: Piece<'_>) -> Vec<Control> {
        let mut out: Vec<Control> = Vec::new();
        let (mut rest, mut highest) = (Some(all), 0);
        while let Some(piece) = rest {
            let one = match piece.text.find('/') {
                Some(end) => {
                    let (one, tail) = piece.split(end, 1);
                    rest = Some(tail);
                    one
                }
                None => {
                    rest = None;
                    piece
                }
            };
            if one.text.trim().is_empty() {
                self.faults.add(one.at, MarkFaultKind::Separator);
                continue;
            }
            let control = self.control(one);
            self.order(one, &control, &out, &mut highest);
            out.push(control);
        }
        self.exclusive(all, &out);
        out
    }

    fn order(&mut self, piece: Piece<'_>, control: &Control, before: &[Control], highest: &mut usize) {
        let again = before.iter().any(|one| one == control || (is_list(one) && is_list(control)));
        if again {
            self.faults.add(piece.at, MarkFaultKind::Repeated(piece.text.to_owned()));
        }
        if matches!(control, Control::Unknown(_)) {
            return;
        }
        let place = rank(control, self.register);
        if place < *highest {
            self.faults.add(piece.at, MarkFaultKind::ControlOrder(String::new()));
        }
        *highest = place.max(*highest);
    }

    fn exclusive(&mut self, all: Piece<'_>, controls: &[Control]) {
        if !controls.iter().any(is_list) {
            return;
        }
        let excluding = controls.iter().find_map(|control| match control {
            Control::Caveat { long, excludes_list: true } => Some(long.clone()),
            Control::Caveat { .. } | Control::Audience(_) | Control::AudienceOfBanner | Control::Unknown(_) => None,
        });
        if let Some(long) = excluding {
            let mut at = all.at;
            for text in all.text.split('/') {
                if self.caveat(text).is_some_and(|one| one == long) {
                    break;
                }
                at += text.chars().count() + 1;
            }
            self.faults.add(at, MarkFaultKind::Exclusive(long));
        }
    }

    /// The long word of the caveat that a text is here.
    fn caveat(&self, text: &str) -> Option<String> {
        let found =
            if self.banner { self.register.control_by_long(text) } else { self.register.control_by_short(text) };
        found.map(|one| one.long.clone())
    }

    fn control(&mut self, piece: Piece<'_>) -> Control {
        if let Some(known) = self.known_control(piece) {
            return known;
        }
        if piece.text.trim() != piece.text {
            self.faults.add(piece.at, MarkFaultKind::Separator);
        }
        if piece.text.starts_with("DISPLAY ONLY") {
            self.faults.add(piece.at, MarkFaultKind::DisplayOnly);
            return Control::Unknown(piece.text.to_owned());
        }
        if !self.banner {
            let upper = piece.text.to_uppercase();
            let raised = Piece { text: &upper, at: piece.at };
            if let Some(known) = self.known_control(raised) {
                self.faults.add(piece.at, MarkFaultKind::SmallLetters(upper));
                return known;
            }
        }
        let word = piece.text.to_owned();
        let kind = if self.banner { MarkFaultKind::BannerControl(word) } else { MarkFaultKind::ControlUnknown(word) };
        self.faults.add(piece.at, kind);
        Control::Unknown(piece.text.to_owned())
    }

    fn known_control(&mut self, piece: Piece<'_>) -> Option<Control> {
        let register = self.register;
        let found =
            if self.banner { register.control_by_long(piece.text) } else { register.control_by_short(piece.text) };
        if let Some(word) = found {
            return Some(Control::Caveat { long: word.long.clone(), excludes_list: word.excludes_list });
        }
        if !self.banner && piece.text == register.list.as_banner {
            return Some(Control::AudienceOfBanner);
        }
        let words = codes::list_words(register, self.banner);
        let prefix = words.into_iter().find(|word| {
            piece.text.strip_prefix(*word).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ',']))
        })?;
        let (_, tail) = piece.split(prefix.len(), 0);
        Some(codes::codes(piece.at, tail, register, self.banner, &mut self.faults))
    }

    fn banner(&mut self, banner: &str) -> BannerMark {
        let text = self.plain(banner);
        let (level, rest) = self.cut(Piece { text: &text, at: 0 });
        let place = self.level(level, &text);
        let (mut foreign, mut controls) = (Foreign::None, rest);
        if let Some(piece) = rest {
            let (first, tail) = piece.split(piece.text.find('/').unwrap_or(piece.text.len()), 0);
            if let Some(owners) = first.text.strip_prefix(self.register.foreign.as_str())
                && (owners.is_empty() || owners.starts_with(' '))
            {
                foreign = codes::owners(first, owners, &mut self.faults);
                controls = (!tail.text.is_empty()).then(|| self.cut(tail).1).flatten();
            }
        }
        let controls = controls.map(|piece| self.controls(piece)).unwrap_or_default();
        BannerMark { level: place, word: level.text.to_owned(), foreign, controls }
    }

    /// Puts the right form of the whole mark into the faults that show it.
    fn suggest_portion(&mut self, mark: &PortionMark) {
        if !self.needs_suggestion() {
            return;
        }
        let whole = format!("({})", mark.canonical(self.register));
        let mut short = mark.clone();
        short.controls.retain(|control| !matches!(control, Control::Audience(_)));
        let without = format!("({})", short.canonical(self.register));
        self.fill(&whole, &without);
    }

    fn suggest_banner(&mut self, banner: &BannerMark) {
        if !self.needs_suggestion() {
            return;
        }
        let mut sorted = banner.clone();
        if let Foreign::Nations(nations) = &mut sorted.foreign {
            nations.sort_unstable();
            nations.dedup();
        }
        let whole = sorted.canonical(self.register);
        sorted.controls.retain(|control| !matches!(control, Control::Audience(_)));
        self.fill(&whole, &sorted.canonical(self.register));
    }

    fn needs_suggestion(&self) -> bool {
        self.faults.list.iter().any(|fault| {
            matches!(
                fault.kind,
                MarkFaultKind::ControlOrder(_) | MarkFaultKind::OwnerOrder(_) | MarkFaultKind::OwnNationAlone(_)
            )
        })
    }

    fn fill(&mut self, whole: &str, without: &str) {
        for fault in &mut self.faults.list {
            match &mut fault.kind {
                MarkFaultKind::ControlOrder(text) | MarkFaultKind::OwnerOrder(text) => whole.clone_into(text),
                MarkFaultKind::OwnNationAlone(text) => without.clone_into(text),
                _ => {}
            }
        }
    }
}
