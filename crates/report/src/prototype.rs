//! What a letter outside ASCII looks like: its prototype of UTS 39, so that a Cyrillic letter is compared as the Latin
//! one that a reader takes it for.
//!
//! The library's skeleton is never applied to ASCII: it turns `m` into `rn` and `I` into `l`.

use unicode_security::confusable_detection::skeleton;

/// Version of Unicode of the tables of look-alikes.
pub const UNICODE_VERSION: (u64, u64, u64) = unicode_security::UNICODE_VERSION;

/// Gives the characters that one character looks like. ASCII is given as it is. A capital that looks like a stroke is
/// given as `I`, where the table has `l`. Combining marks of a letter come behind it; what shows nothing gives nothing.
pub fn prototype(one: char, mut give: impl FnMut(char)) {
    if one.is_ascii() {
        give(one);
        return;
    }
    if let Some(framed) = framed(one) {
        give(framed);
        return;
    }
    if let Some(figure) = ringed(one) {
        figure.to_string().chars().for_each(give);
        return;
    }
    let mut buffer = [0; 4];
    let stroke = one.is_uppercase();
    for like in skeleton(one.encode_utf8(&mut buffer)) {
        let like = small_capital(like).unwrap_or(like);
        give(if stroke && like == 'l' { 'I' } else { like });
    }
}

/// Figures that are raised, as those of notes are.
#[must_use]
pub const fn is_raised(one: char) -> bool {
    matches!(one, '\u{B2}' | '\u{B3}' | '\u{B9}' | '\u{2070}'..='\u{2079}')
}

/// Signs that notes and lists are numbered by: raised figures and letters, those in rings, brackets and squares, and the
/// raised words of trade. Each may also be read as what it shows.
#[must_use]
pub const fn is_note(one: char) -> bool {
    is_raised(one)
        || matches!(one, '\u{AA}' | '\u{BA}' | '\u{2B0}'..='\u{2B8}' | '\u{2E0}'..='\u{2E4}')
        || matches!(one, '\u{1D2C}'..='\u{1D61}' | '\u{1D78}' | '\u{1D9B}'..='\u{1DBF}' | '\u{207F}')
        || matches!(one, '\u{2C7D}' | '\u{A770}' | '\u{2120}' | '\u{2122}')
        || matches!(one, '\u{2460}'..='\u{24FF}' | '\u{2776}'..='\u{2793}' | '\u{1F100}'..='\u{1F189}')
}

/// The figure of one in a ring, which has no compatible form.
fn ringed(one: char) -> Option<u32> {
    let code = u32::from(one);
    Some(match one {
        '\u{2776}'..='\u{277F}' => code - 0x2775,
        '\u{2780}'..='\u{2789}' => code - 0x277F,
        '\u{278A}'..='\u{2793}' => code - 0x2789,
        '\u{24EB}'..='\u{24F4}' => code - 0x24E0,
        '\u{24F5}'..='\u{24FE}' => code - 0x24F4,
        '\u{24FF}' | '\u{1F10B}' | '\u{1F10C}' => 0,
        _ => return None,
    })
}

/// The letter of one in a dark ring or square, which has no compatible form.
fn framed(one: char) -> Option<char> {
    let place = match one {
        '\u{1F150}'..='\u{1F169}' => u32::from(one) - 0x1F150,
        '\u{1F170}'..='\u{1F189}' => u32::from(one) - 0x1F170,
        _ => return None,
    };
    char::from_u32(u32::from('A') + place)
}

/// The letter of a small capital, which the table of look-alikes has for some alone.
const fn small_capital(one: char) -> Option<char> {
    Some(match one {
        'ᴀ' => 'a',
        'ʙ' => 'b',
        'ᴄ' => 'c',
        'ᴅ' => 'd',
        'ᴇ' => 'e',
        'ꜰ' => 'f',
        'ɢ' => 'g',
        'ʜ' => 'h',
        'ɪ' => 'i',
        'ᴊ' => 'j',
        'ᴋ' => 'k',
        'ʟ' => 'l',
        'ᴍ' | 'ʍ' => 'm',
        'ɴ' => 'n',
        'ᴏ' => 'o',
        'ᴘ' => 'p',
        'ʀ' => 'r',
        'ꜱ' => 's',
        'ᴛ' => 't',
        'ᴜ' => 'u',
        'ᴠ' => 'v',
        'ᴡ' => 'w',
        'ʏ' => 'y',
        'ᴢ' => 'z',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        let mut out = String::new();
        text.chars().for_each(|one| prototype(one, |like| out.push(like)));
        out
    }

    #[test]
    fn letters_of_other_scripts_are_what_they_look_like() {
        assert_eq!(of("ЅЕСRЕТ"), "SECRET");
        assert_eq!(of("СОΝFІDЕΝТІАL"), "CONFIDENTIAL");
        assert_eq!(of("ΑΒΕΖΗΙΚΜΝΟΡΤΧ"), "ABEZHIKMNOPTX");
        assert_eq!(of("аеорсух"), "aeopcyx");
        assert_eq!(of("\u{FE0F}\u{200B}\u{34F}"), "");
        assert_eq!(of("É"), "E\u{301}");
        assert_eq!(of("ꜱᴇᴄʀᴇᴛ"), "secret");
        assert_eq!(of("втнм"), "bthm");
        assert_eq!(of("🆂🅴🅲"), "SEC");
        assert_eq!(of("❶❿➀➉➊➓"), "110110110");
        assert_eq!(of("⓫⓴⓵⓾⓿🄋"), "112011000");
    }

    #[test]
    fn ascii_is_never_folded() {
        for one in '\0'..='\u{7f}' {
            assert_eq!(of(&one.to_string()), one.to_string());
        }
    }
}
