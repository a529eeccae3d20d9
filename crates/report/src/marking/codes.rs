//! Lists of codes in marks and banners: nations, groups, foreign owners.

use super::{
    Control, Foreign, MarkFaultKind, ordered_codes,
    piece::{Faults, Piece},
};
use crate::{nation::Nation, register::Register};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The words before the codes: the register's, and the accepted spellings that belong here. A spelling that is the
/// other place's word without accents does not.
pub(super) fn list_words(register: &Register, banner: bool) -> Vec<&str> {
    let list = &register.list;
    let (here, there) = if banner { (&list.long, &list.short) } else { (&list.short, &list.long) };
    let belongs = |word: &&str| unaccented(word) == unaccented(here) || unaccented(word) != unaccented(there);
    let mut out = vec![here.as_str()];
    out.extend(list.accepts.iter().map(String::as_str).filter(belongs));
    out
}

/// The list of codes behind its words; `at` is where these stand.
pub(super) fn codes(at: usize, tail: Piece<'_>, register: &Register, banner: bool, faults: &mut Faults) -> Control {
    let Some(first) = tail.text.strip_prefix(' ') else {
        let kind = if tail.text.is_empty() { MarkFaultKind::NoCodes } else { MarkFaultKind::Comma(Vec::new()) };
        faults.add(tail.at, kind);
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
        faults.add(place, kind);
    }
    code_faults((at, &codes, &places), register, banner, faults);
    Control::Audience(codes)
}

fn code_faults(
    (at, codes, places): (usize, &[String], &[usize]),
    register: &Register,
    banner: bool,
    faults: &mut Faults,
) {
    let own = register.nation;
    for (code, place) in codes.iter().zip(places) {
        if !is_code(code) {
            faults.add(*place, MarkFaultKind::NotACode(code.clone()));
        }
    }
    let right = ordered_codes(codes, own);
    let wrong = codes.iter().zip(&right).position(|(is, should)| is != should);
    if let Some(place) = wrong.or((codes.len() != right.len()).then_some(codes.len().min(right.len()))) {
        let words = if banner { &register.list.long } else { &register.list.short };
        let place = places.get(place).or_else(|| places.last()).copied().unwrap_or(at);
        if !codes.is_empty() {
            faults.add(place, MarkFaultKind::CodeOrder(format!("{words} {}", right.join(", "))));
        }
    } else if codes.len() == 1 {
        faults.add(at, MarkFaultKind::OwnNationAlone(String::new()));
    }
}

/// The owners of foreign portions behind the word for them.
pub(super) fn owners(piece: Piece<'_>, owners: &str, faults: &mut Faults) -> Foreign {
    let mut at = piece.end() - owners.chars().count();
    let mut nations: Vec<Nation> = Vec::new();
    for word in owners.split(' ').skip(1) {
        at += 1;
        match Nation::parse(word) {
            Some(nation) if nations.last().is_some_and(|last| *last >= nation) => {
                faults.add(at, MarkFaultKind::OwnerOrder(String::new()));
                nations.push(nation);
            }
            Some(nation) => nations.push(nation),
            None => faults.add(at, MarkFaultKind::NotACode(word.to_owned())),
        }
        at += word.chars().count();
    }
    if nations.is_empty() { Foreign::Concealed } else { Foreign::Nations(nations) }
}

/// Three capital letters (a nation) or four (a group).
#[must_use]
pub(crate) fn is_code(code: &str) -> bool {
    matches!(code.len(), 3 | 4) && code.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn unaccented(text: &str) -> String {
    text.nfd().filter(|one| !is_combining_mark(*one)).collect()
}
