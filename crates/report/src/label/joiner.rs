//! Mark by mark: joining is idempotent, so a mark that comes again is not read again.

use super::{
    audience::{Audience, Groups, audience_of_portion, excludes, expand},
    joined::{Joined, JoinedParts, ReadLevel, ReadMark, key_of},
};
use crate::{
    marking::{
        Control, KnownList, MarkFault, Owner, PlainList, PlainMark, PortionMark, codes_of, is_list, nations_of,
        plain_portion_after, read_portion,
    },
    nation::{Nation, Nations},
    register::Register,
};

/// Marks that are looked for before one is read: a report has few different ones, and a hostile report must not make
/// the search long.
const LOOKED_FOR: usize = 64;

pub(super) struct Joiner<'m, 'r> {
    register: &'r Register,
    rel_to: &'r [String],
    groups: &'r dyn Groups,
    out: JoinedParts<'m>,
    /// Places of caveats in the register.
    caveats: u64,
    /// The last list of nations: most marks have the same one.
    known: Option<KnownList<'m>>,
}

impl<'m, 'r> Joiner<'m, 'r> {
    pub(super) fn new(rel_to: &'r [String], register: &'r Register, groups: &'r dyn Groups) -> Self {
        let listed = expand(rel_to, register.nation, groups);
        let out = JoinedParts { joined: Joined::default(), marks: Vec::with_capacity(8), listed };
        Self { register, rel_to, groups, out, caveats: 0, known: None }
    }

    pub(super) fn add(&mut self, text: &'m str) {
        let key = key_of(text);
        let looked_for = self.out.marks.get(..LOOKED_FOR).unwrap_or(&self.out.marks);
        if looked_for.iter().any(|one| one.key == key && one.text == text) {
            return;
        }
        let read = match plain_portion_after(text, self.register, self.known) {
            Some(mark) => self.plain(text, &mark),
            None => self.any(text),
        };
        self.out.marks.push(read);
    }

    pub(super) fn finish(mut self) -> JoinedParts<'m> {
        if self.caveats != 0 {
            let has = |place: usize| self.caveats >> place & 1 == 1;
            let words = self.register.controls.iter().take(64).enumerate().filter(|(place, _)| has(*place));
            self.out.joined.caveats.extend(words.map(|(_, word)| word.long.clone()));
        }
        self.out
    }

    fn plain(&mut self, text: &'m str, mark: &PlainMark<'m>) -> ReadMark<'m> {
        self.level_and_owner(Some(mark.level), mark.foreign);
        self.caveats |= mark.controls.caveats;
        self.out.joined.has_excluding_caveat |= mark.controls.excludes_list;
        if !mark.has_no_say(self.register) {
            self.audience_of_plain(text, mark);
        }
        ReadMark { text, key: key_of(text), foreign: mark.foreign, level: ReadLevel::Place(mark.level) }
    }

    fn audience_of_plain(&mut self, text: &'m str, mark: &PlainMark<'m>) {
        let own = self.register.nation;
        match mark.controls.list {
            None => self.narrow(|nation| nation == own, || Nations::of(own)),
            Some(PlainList::Nations(list)) => {
                let this = KnownList::of(text, self.register, list);
                // The same list again takes nobody out.
                let again = self.known.zip(this).is_some_and(|(known, this)| known.control == this.control);
                if !again {
                    self.narrow(|nation| nations_of(list).any(|code| code == nation), || nations_of(list).collect());
                    self.known = this;
                }
            }
            Some(PlainList::Codes(codes)) => {
                let codes: Vec<String> = codes_of(codes).map(str::to_owned).collect();
                let audience = expand(&codes, own, self.groups);
                self.audience(audience);
            }
            Some(PlainList::OfBanner) => {
                let audience = self.out.listed.clone();
                self.audience(audience);
            }
        }
    }

    /// Takes out whom a mark does not admit; the first mark that has a say begins with all that it admits.
    fn narrow(&mut self, admits: impl Fn(Nation) -> bool, all: impl FnOnce() -> Nations) {
        match &mut self.out.joined.audience {
            Some(so_far) => so_far.retain(|nation| admits(*nation)),
            none => *none = Some(all()),
        }
    }

    fn audience(&mut self, audience: Audience) {
        self.out.joined.unknown_groups.extend(audience.unknown_groups);
        match &mut self.out.joined.audience {
            Some(so_far) => so_far.retain(|nation| audience.nations.contains(nation)),
            none => *none = Some(audience.nations),
        }
    }

    fn level_and_owner(&mut self, level: Option<usize>, owner: Option<Owner>) {
        let joined = &mut self.out.joined;
        joined.level = match (joined.level, level) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        match owner {
            Some(Owner::Nation(nation)) => {
                joined.foreign.insert(nation);
            }
            Some(Owner::Concealed) => joined.concealed = true,
            None => {}
        }
    }

    fn any(&mut self, text: &'m str) -> ReadMark<'m> {
        let (read, faults) = read_portion(text, self.register);
        self.faulty(text, &read, &faults);
        if let Some(audience) = audience_of_portion(&read, self.register, self.rel_to, self.groups) {
            self.audience(audience);
        }
        let level = if faults.iter().any(|fault| fault.kind.is_marking_unknown()) {
            ReadLevel::Unknown(read.word)
        } else {
            read.level.map_or(ReadLevel::Word(read.word), ReadLevel::Place)
        };
        ReadMark { text, key: key_of(text), foreign: read.foreign, level }
    }

    fn faulty(&mut self, mark: &str, read: &PortionMark, faults: &[MarkFault]) {
        self.level_and_owner(read.level, read.foreign);
        let out = &mut self.out.joined;
        out.malformed |= faults.iter().any(|fault| fault.kind.is_malformed());
        if read.level.is_none() || faults.iter().any(|fault| fault.kind.is_marking_unknown()) {
            out.unknown_levels.push(mark.to_owned());
        }
        for control in &read.controls {
            match control {
                Control::Caveat { long, .. } => {
                    out.caveats.insert(long.clone());
                }
                Control::Unknown(word) => {
                    out.unknown_controls.insert(word.clone());
                }
                Control::Audience(_) | Control::AudienceOfBanner => {}
            }
        }
        out.has_excluding_caveat |= excludes(&read.controls);
        out.excluded_and_listed |= excludes(&read.controls) && read.controls.iter().any(is_list);
    }
}
