//! The short road: most texts have no word that even begins as one of the list does.

use aho_corasick::{Anchored, automaton::Automaton as _, nfa::contiguous::NFA};
use relto_report::folded::{alike, is_left_out, letters};

/// Letters and digits, by which the first two of a word are told.
const CODES: usize = 36;
const NONE: u8 = u8::MAX;

/// With which two letters or digits the words of a list begin, in their look-alike form.
pub(super) struct Starts {
    /// By the first, bits of the second.
    rows: [u64; CODES],
    /// Some word begins with another letter than of ASCII.
    foreign: bool,
}

/// The look-alike form of one character: up to four bytes of ASCII, or `other`.
#[derive(Clone, Copy)]
struct Form {
    codes: [u8; 4],
    other: bool,
}

impl Form {
    /// Kept out of the loops over a text, which have most forms at hand.
    #[cold]
    #[inline(never)]
    fn of(one: char) -> Self {
        let (mut codes, mut count, mut other) = ([NONE; 4], 0, false);
        letters(one, &mut |letter| {
            alike(letter, &mut |letter| {
                match (u8::try_from(letter).ok().map(code), codes.get_mut(count)) {
                    (Some(code), Some(place)) if code != NONE => *place = code,
                    _ => other = true,
                }
                count += 1;
            });
        });
        Self { codes, other }
    }

    const fn head(&self) -> u8 {
        let [head, ..] = self.codes;
        head
    }

    const fn tail(&self) -> u8 {
        let [_, tail, ..] = self.codes;
        tail
    }
}

/// Letters of Latin scripts whose form is looked up and not computed.
const LATIN: u32 = 0x180;

thread_local! {
    /// Forms of the characters below [`LATIN`]: a pure function, kept.
    static FORMS: Vec<Form> = (0..LATIN).filter_map(char::from_u32).map(Form::of).collect();
}

impl Starts {
    /// Of the forms of a list.
    pub(super) fn of(forms: &[Vec<u8>]) -> Self {
        let mut out = Self { rows: [0; CODES], foreign: false };
        for form in forms {
            match form.first_chunk::<2>().map(|two| two.map(code)) {
                Some([first, second]) if first != NONE && second != NONE => {
                    if let Some(row) = out.rows.get_mut(usize::from(first)) {
                        *row |= 1 << second;
                    }
                }
                _ => out.foreign = true,
            }
        }
        out
    }

    fn may(&self, first: u8, second: u8) -> bool {
        let row = self.rows.get(usize::from(first)).copied().unwrap_or(0);
        second != NONE && row >> second & 1 == 1
    }

    /// Whether one of the words may stand in the text: some word of it begins as one, and goes on as one. Where that
    /// takes more steps than a few times the text's length, the answer is that it may.
    pub(super) fn may_stand_in(&self, text: &str, finder: &NFA) -> bool {
        let walk = |forms: &Vec<Form>| match text.is_ascii() {
            true => self.walk_ascii(text, finder, forms),
            false => self.walk_all(text, finder, forms),
        };
        self.foreign || FORMS.with(walk)
    }

    /// The same for a text of ASCII: two steps a byte at most, but where a word begins as one of the list.
    fn walk_ascii(&self, text: &str, finder: &NFA, forms: &[Form]) -> bool {
        let mut budget = text.len().saturating_mul(4).saturating_add(256);
        let form = |byte: u8| forms.get(usize::from(byte)).copied();
        let gap = |rest: &[u8]| rest.iter().take_while(|byte| !byte.is_ascii_alphanumeric()).count();
        let mut rest = text.as_bytes();
        loop {
            rest = rest.get(gap(rest)..).unwrap_or_default();
            let Some((first, behind)) = rest.split_first() else { return false };
            let Some(begun) = form(*first) else { return true };
            if self.rows.get(usize::from(begun.head())).is_some_and(|row| *row != 0) {
                let next = || behind.get(gap(behind)).and_then(|byte| form(*byte)).map_or(NONE, |next| next.head());
                let second = if begun.tail() == NONE { next() } else { begun.tail() };
                let start = text.len().saturating_sub(rest.len());
                if self.may(begun.head(), second) && goes_on(text, start, finder, forms, &mut budget) {
                    return true;
                }
            }
            let word = behind.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
            rest = behind.get(word..).unwrap_or_default();
        }
    }

    fn walk_all(&self, text: &str, finder: &NFA, forms: &[Form]) -> bool {
        let mut budget = text.len().saturating_mul(4).saturating_add(256);
        let (mut within, mut first) = (false, None);
        let mut next = 0;
        while let Some(byte) = text.as_bytes().get(next).copied() {
            // What goes on with a word says nothing any more: most of every text.
            if within && first.is_none() && byte.is_ascii() {
                within = byte.is_ascii_alphanumeric();
                next += 1;
                continue;
            }
            let at = next;
            let Some(one) = text.get(at..).and_then(|rest| rest.chars().next()) else { return true };
            next += one.len_utf8();
            let form = form_of(one, forms);
            if form.head() == NONE && !form.other {
                // What is not seen parts nothing.
                within &= is_left_out(one);
                continue;
            }
            if form.other {
                return true;
            }
            if let Some((start, head)) = first.take()
                && self.may(head, form.head())
                && goes_on(text, start, finder, forms, &mut budget)
            {
                return true;
            }
            if !within {
                if form.tail() == NONE {
                    first = Some((at, form.head()));
                } else if self.may(form.head(), form.tail()) && goes_on(text, at, finder, forms, &mut budget) {
                    return true;
                }
            }
            within = true;
        }
        false
    }
}

fn form_of(one: char, forms: &[Form]) -> Form {
    let known = usize::try_from(u32::from(one)).ok().and_then(|at| forms.get(at));
    known.copied().unwrap_or_else(|| Form::of(one))
}

/// Whether the letters from here on are those of one of the words, whatever stands between them.
fn goes_on(text: &str, start: usize, finder: &NFA, forms: &[Form], budget: &mut usize) -> bool {
    let Ok(mut state) = finder.start_state(Anchored::Yes) else { return true };
    for one in text.get(start..).unwrap_or_default().chars() {
        let Some(left) = budget.checked_sub(1) else { return true };
        *budget = left;
        let form = form_of(one, forms);
        if form.other {
            return true;
        }
        for code in form.codes.into_iter().take_while(|code| *code != NONE) {
            state = finder.next_state(Anchored::Yes, state, letter(code));
            if finder.is_dead(state) {
                return false;
            }
            if finder.is_match(state) {
                return true;
            }
        }
    }
    false
}

/// The code of a byte of a look-alike form; [`NONE`] for any other.
const fn code(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' => byte - b'a',
        b'0'..=b'9' => byte - b'0' + 26,
        _ => NONE,
    }
}

const fn letter(code: u8) -> u8 {
    if code < 26 { code + b'a' } else { code - 26 + b'0' }
}
