//! Each code point is classed once and the tables are those of the Unicode Character Database.

use super::{
    tables::{CLOSING, OPENING},
    *,
};
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, Emoji, GeneralCategory as Gc},
};
use std::collections::BTreeMap;

fn every() -> impl Iterator<Item = char> {
    (0..=0x10_FFFF).filter_map(char::from_u32)
}

fn category(one: char) -> Gc {
    CodePointMapData::<Gc>::new().get(one)
}

#[test]
fn rpt_8_every_code_point_is_classed_once() {
    let mut counts: BTreeMap<What, usize> = BTreeMap::new();
    let mut passed = 0;
    for one in every() {
        match refused(one) {
            Some(what) => *counts.entry(what).or_default() += 1,
            None => passed += 1,
        }
    }
    let counts: Vec<(What, usize)> = counts.into_iter().collect();
    assert_eq!(
        counts,
        [
            (What::Control, 62),
            (What::WordLineEnd, 1),
            (What::SoftHyphen, 1),
            (What::ZeroWidthSpace, 1),
            (What::ByteOrderMark, 1),
            (What::SymbolBullet, 1),
            (What::Private, 137_467),
            (What::Joiner, 2),
            (What::Direction, 12),
            (What::LineSeparator, 2),
            (What::Variation, 259),
            (What::Tag, 128),
            (What::Filler, 6),
            (What::Empty, 5),
            (What::Object, 1),
            (What::Lost, 1),
            (What::NoCharacter, 66),
            (What::Format, 3_794),
        ]
    );
    let refused: usize = counts.iter().map(|(_, count)| count).sum();
    assert_eq!(refused + passed, 0x11_0000 - 0x800, "surrogates are no characters of Rust");
}

/// The rule as its page has it, from the properties of another library.
#[test]
fn the_classes_are_those_of_the_database() {
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
    let by_name = ['\u{2800}', '\u{FFFC}', '\u{FFFD}', '\u{16FE4}', '\u{1D159}', '\u{13441}', '\u{13442}'];
    for one in every() {
        let class = category(one);
        let code = u32::from(one);
        let wanted = (class == Gc::Control && one != '\n' && one != '\t')
            || matches!(class, Gc::Format | Gc::PrivateUse | Gc::LineSeparator | Gc::ParagraphSeparator)
            || (0xFDD0..=0xFDEF).contains(&code)
            || code & 0xFFFE == 0xFFFE
            || ignorable.contains(one)
            || by_name.contains(&one);
        assert_eq!(is_ignored(one), wanted, "U+{code:04X} {class:?}");
        assert_eq!(is_unseen(one), wanted && !is_variation(one), "U+{code:04X} {class:?}");
        assert_eq!(is_blank(one), class == Gc::SpaceSeparator || matches!(one, '\n' | '\t'), "U+{code:04X}");
        assert_eq!(holds(OPENING, one), class == Gc::OpenPunctuation && !one.is_ascii(), "U+{code:04X}");
        assert_eq!(holds(CLOSING, one), class == Gc::ClosePunctuation && !one.is_ascii(), "U+{code:04X}");
    }
    let emoji = CodePointSetData::new::<Emoji>();
    let bases: Vec<char> = every().filter(|one| holds(EMOJI_BASES, *one)).collect();
    assert_eq!(bases.len(), 354);
    assert!(bases.into_iter().all(|one| emoji.contains(one)));
}

#[test]
fn the_versions_stand_in_the_specification() {
    let spec = include_str!("../../../../specs/report.md");
    let (major, minor, patch) = crate::prototype::UNICODE_VERSION;
    assert!(spec.contains(&format!("Unicode {major}.{minor}.{patch}")));
    let (one, two, three) = unicode_normalization::UNICODE_VERSION;
    assert_eq!((u64::from(one), u64::from(two), u64::from(three)), (major, minor, patch));
}

/// Letters, marks behind them, blanks, digits, punctuation and symbols of every script.
#[test]
fn rpt_8_all_that_is_seen_passes() {
    for one in every() {
        let shown = match category(one) {
            Gc::Control | Gc::Format | Gc::PrivateUse | Gc::Surrogate | Gc::LineSeparator | Gc::ParagraphSeparator => {
                continue;
            }
            Gc::Unassigned => continue,
            _ if is_ignored(one) => continue,
            _ => one,
        };
        for text in [format!("a{shown}"), format!("a{shown}\u{301}"), format!("(U) x{shown} y")] {
            let blank_and_mark = is_blank(shown) && text.contains('\u{301}');
            assert_eq!(unseen(&text).is_some(), blank_and_mark, "U+{:04X}", u32::from(shown));
        }
    }
}

#[test]
fn rpt_8_texts_that_people_write_pass_whole() {
    for text in [
        include_str!("../../../../examples/report.md"),
        include_str!("../../../../examples/report-xbb.md"),
        include_str!("../../../../examples/report.home.toml"),
        include_str!("../../../../examples/vocabulary.toml"),
        include_str!("../../../../examples/markings-XAA.toml"),
        include_str!("../../../../examples/markings-XBB.toml"),
        "«\u{a0}oui\u{a0}» ; 10\u{202f}000\u{a0}: c'est-à-dire «\u{202f}œuvre\u{202f}»\u{202f}!",
        "Zażółć gęślą jaźń. Świętosław Żukowski",
        "Diyarbakır, Iğdır, İstanbul, şüpheli gemi",
        "Nguyễn Thị Hồng Hạnh, Đặng Văn Ngữ, Việt Nam; NFD: Vie\u{323}\u{302}t",
        "Ελληνική Δημοκρατία, ΐ ΰ; «Αθήνα»",
        "محمد بن عبد الله، القاهرة",
        "מִדְבַּר יְהוּדָה, תל אביב",
        "नई दिल्ली, श्रीनगर",
        "ที่กรุงเทพ, 東京\u{3000}横浜, 서울",
        "✈️ ⚠️ 1️⃣ #️⃣ *️⃣ © ® → ° № € ©\u{FE0E} ☎\u{FE0E} 🚢 🇫🇷",
        "10\u{2009}km, non\u{2011}breaking, 5\u{2007}6",
        "\u{0378} and \u{1FFF0} are not assigned: they show as a box",
    ] {
        assert_eq!(unseen(text), None, "{text}");
    }
}

/// One of each row of the rule, and where it stands.
pub(crate) const REFUSED: &[(&str, usize, What)] = &[
    ("a\u{0}b", 1, What::Control),
    ("a\rb", 1, What::Control),
    ("a\u{85}b", 1, What::Control),
    ("a\u{9f}b", 1, What::Control),
    ("a\u{b}b", 1, What::WordLineEnd),
    ("ab\u{ad}c", 2, What::SoftHyphen),
    ("a\u{600}", 1, What::Format),
    ("a\u{200b}b", 1, What::ZeroWidthSpace),
    ("a\u{feff}b", 1, What::ByteOrderMark),
    ("\u{f0b7}\tb", 0, What::SymbolBullet),
    ("a\u{e000}", 1, What::Private),
    ("a\u{10fffd}", 1, What::Private),
    ("نمی\u{200c}خواهم", 6, What::Joiner),
    ("👩\u{200d}🚀", 4, What::Joiner),
    ("a\u{61c}", 1, What::Direction),
    ("a\u{200e}", 1, What::Direction),
    ("a\u{202e}b", 1, What::Direction),
    ("a\u{2069}b", 1, What::Direction),
    ("a\u{2028}b", 1, What::LineSeparator),
    ("a\u{2029}b", 1, What::LineSeparator),
    ("a\u{34f}b", 1, What::Variation),
    ("a\u{fe00}b", 1, What::Variation),
    ("a\u{fe0f}b", 1, What::Variation),
    ("\u{fe0f}", 0, What::Variation),
    ("1\u{fe0f}", 1, What::Variation),
    ("1\u{fe0f} \u{20e3}", 1, What::Variation),
    ("#\u{fe0e}x", 1, What::Variation),
    ("✈\u{fe0f}\u{fe0f}", 6, What::Variation),
    ("a\u{e0100}", 1, What::Variation),
    ("a\u{e0041}", 1, What::Tag),
    ("🏴\u{e0067}\u{e007f}", 4, What::Tag),
    ("a\u{115f}", 1, What::Filler),
    ("a\u{3164}b", 1, What::Filler),
    ("a\u{ffa0}b", 1, What::Filler),
    ("a\u{2800}b", 1, What::Empty),
    ("a\u{16fe4}", 1, What::Empty),
    ("a\u{1d159}", 1, What::Empty),
    ("a\u{13441}", 1, What::Empty),
    ("a\u{13442}", 1, What::Empty),
    ("a\u{fffc}", 1, What::Object),
    ("a\u{fffd}", 1, What::Lost),
    ("a\u{fdd0}", 1, What::NoCharacter),
    ("a\u{ffff}", 1, What::NoCharacter),
    ("a\u{1fffe}", 1, What::NoCharacter),
    ("a\u{2060}b", 1, What::Format),
    ("a\u{2065}b", 1, What::Format),
    ("a\u{206a}b", 1, What::Format),
    ("a\u{fff9}b", 1, What::Format),
    ("a\u{fff0}b", 1, What::Format),
    ("a\u{e0fff}b", 1, What::Format),
    ("\u{301}a", 0, What::MarkAlone),
    ("a\n\u{301}b", 2, What::MarkAlone),
    ("a \u{338}b", 2, What::MarkAlone),
    ("a\u{a0}\u{301}b", 3, What::MarkAlone),
    ("x\u{323}\u{324}\u{325}\u{330}\u{331}", 9, What::MarksHeaped),
];

#[test]
fn rpt_8_one_of_each_row_is_refused_where_it_stands() {
    for (text, at, what) in REFUSED {
        let found = unseen(text).unwrap_or_else(|| panic!("{text:?}"));
        assert_eq!((found.at, found.what), (*at, *what), "{text:?}");
        assert!(text[found.at..].starts_with(found.one));
        assert!(!what.advice().ends_with('.') && !what.name(found.one).is_empty());
    }
    assert_eq!(all("a\u{ad}b\u{200b}c\u{f0b7}").map(|one| one.at).collect::<Vec<_>>(), [1, 4, 8]);
    assert_eq!(
        unseen("x\u{202e}").unwrap().to_string(),
        "invisible character U+202E (right-to-left override). Delete it; it can make text read differently from what is signed"
    );
    let bullet = "character U+F0B7 (private use). A bullet from a word processor: type -";
    assert_eq!(unseen("\u{f0b7}").unwrap().to_string(), bullet);
    assert_eq!(shown("a\u{ad}b ✈\u{fe0f} \u{202e}c"), "a<U+00AD>b ✈\u{fe0f} <U+202E>c");
}

/// Whatever ASCII text: the short road says what the whole one says.
#[test]
fn the_ascii_road_is_the_whole_one() {
    let mut seed = 7_u64;
    for _ in 0..20_000 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let text: String = (0..8).map(|n| char::from((seed >> (n * 7 + 8)) as u8 & 0x7f)).collect();
        assert_eq!(unseen(&text), all(&text).next(), "{text:?}");
    }
    for byte in 0..=0x7f_u8 {
        let text = char::from(byte).to_string();
        assert_eq!(unseen(&text), all(&text).next());
        assert_eq!(unseen(&text).is_none(), is_plain(byte));
    }
}
