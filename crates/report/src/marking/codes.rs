//! Lists of codes in marks and banners: nations, groups, foreign owners.

use super::{
    Control, Foreign, MarkFaultKind, ordered_codes,
    read::{Piece, Reader},
};
use crate::nation::Nation;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

impl Reader<'_> {
    /// The words before the codes: the register's, and the accepted spellings that belong here. A spelling that is the
    /// other place's word without accents does not.
    pub(super) fn list_words(&self) -> Vec<&str> {
        let list = &self.register.list;
        let (here, there) = if self.banner { (&list.long, &list.short) } else { (&list.short, &list.long) };
        let belongs = |word: &&str| unaccented(word) == unaccented(here) || unaccented(word) != unaccented(there);
        let mut out = vec![here.as_str()];
        out.extend(list.accepts.iter().map(String::as_str).filter(belongs));
        out
    }

    pub(super) fn codes(&mut self, at: usize, tail: Piece<'_>) -> Control {
        let Some(first) = tail.text.strip_prefix(' ') else {
            let kind = if tail.text.is_empty() { MarkFaultKind::NoCodes } else { MarkFaultKind::Comma(Vec::new()) };
            self.fault(tail.at, kind);
            return Control::Audience(
                tail.text.split([' ', ',']).filter(|code| !code.is_empty()).map(str::to_owned).collect(),
            );
        };
        let text = Piece { text: first, at: tail.at + 1 };
        let (mut codes, mut places) = (Vec::new(), Vec::new());
        let mut gap = String::new();
        let mut bad_gap = None;
        let mut code = String::new();
        for (place, one) in (text.at..).zip(text.text.chars().chain(std::iter::once(','))) {
            if one == ' ' || one == ',' {
                if !code.is_empty() {
                    places.push(place - code.chars().count());
                    codes.push(std::mem::take(&mut code));
                    gap.clear();
                }
                gap.push(one);
            } else {
                let right = if codes.is_empty() { "" } else { ", " };
                if code.is_empty() && gap != right {
                    bad_gap = bad_gap.or(Some(place - gap.chars().count()));
                }
                code.push(one);
            }
        }
        if gap != "," || codes.is_empty() {
            bad_gap = bad_gap.or(Some(text.end().saturating_sub(gap.chars().count() - 1)));
        }
        if let Some(place) = bad_gap {
            let kind = if codes.is_empty() { MarkFaultKind::NoCodes } else { MarkFaultKind::Comma(codes.clone()) };
            self.fault(place, kind);
        }
        self.code_faults(at, &codes, &places);
        Control::Audience(codes)
    }

    fn code_faults(&mut self, at: usize, codes: &[String], places: &[usize]) {
        let own = self.register.nation;
        for (code, place) in codes.iter().zip(places) {
            if !is_code(code) {
                self.fault(*place, MarkFaultKind::NotACode(code.clone()));
            }
        }
        let right = ordered_codes(codes, own);
        let wrong = codes.iter().zip(&right).position(|(is, should)| is != should);
        if let Some(place) = wrong.or((codes.len() != right.len()).then_some(codes.len().min(right.len()))) {
            let words = if self.banner { &self.register.list.long } else { &self.register.list.short };
            let place = places.get(place).or_else(|| places.last()).copied().unwrap_or(at);
            if !codes.is_empty() {
                self.fault(place, MarkFaultKind::CodeOrder(format!("{words} {}", right.join(", "))));
            }
        } else if codes.len() == 1 {
            self.fault(at, MarkFaultKind::OwnNationAlone(String::new()));
        }
    }

    pub(super) fn owners(&mut self, piece: Piece<'_>, owners: &str) -> Foreign {
        let mut at = piece.end() - owners.chars().count();
        let mut nations: Vec<Nation> = Vec::new();
        for word in owners.split(' ').skip(1) {
            at += 1;
            match Nation::parse(word) {
                Some(nation) if nations.last().is_some_and(|last| *last >= nation) => {
                    self.fault(at, MarkFaultKind::OwnerOrder(String::new()));
                    nations.push(nation);
                }
                Some(nation) => nations.push(nation),
                None => self.fault(at, MarkFaultKind::NotACode(word.to_owned())),
            }
            at += word.chars().count();
        }
        if nations.is_empty() { Foreign::Concealed } else { Foreign::Nations(nations) }
    }
}

/// Three capital letters (a nation) or four (a group).
#[must_use]
pub(crate) fn is_code(code: &str) -> bool {
    matches!(code.len(), 3 | 4) && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn unaccented(text: &str) -> String {
    text.nfd().filter(|one| !is_combining_mark(*one)).collect()
}
