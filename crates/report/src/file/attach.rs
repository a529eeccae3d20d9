//! Attachments: names, marks, types, digests (R060 to R062).

use super::{
    context::Context,
    head::marked,
    keys::{AttachmentKeys, Keys, Text},
    sources::bracketed,
    told::Told,
};
use crate::{
    assessment::{Attachment, MAX_ATTACHED, MarkedText},
    attachment::{
        ENDINGS, JsonFault, Mismatch,
        bytes::{Apart, Bytes as _, each_piece},
        ending, is_plain_name,
        looks::Looks,
        media_type,
    },
    crypto::Sha256,
    digest::Digest,
};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Judges all attachments and gives those that can be read, each with its bytes, wherever they are.
pub(super) fn check(keys: &Keys, context: &Context<'_>, told: &Told<'_>) -> Vec<(Attachment, Apart)> {
    let mut out: Vec<(Attachment, Apart)> = Vec::new();
    for (at, one) in keys.attachments.iter().enumerate() {
        let mark = one.mark.as_ref().and_then(|mark| bracketed(mark, context, told)).unwrap_or_default();
        let title = one.title.as_ref().and_then(|title| marked(title, "attachment title", "R100", 200, context, told));
        let title = title.unwrap_or_else(|| MarkedText { mark: String::new(), text: String::new() });
        let Some(file) = &one.file else { continue };
        let earlier = keys.attachments.iter().take(at).filter_map(|one| one.file.as_ref());
        if earlier.into_iter().any(|earlier| earlier.value == file.value) {
            told.error(told.at(file.at), "R060", format!("{} is attached twice. Attach it once", file.value));
            continue;
        }
        if at == MAX_ATTACHED {
            let count = keys.attachments.len();
            told.error(told.at(file.at), "R060", format!("{count} attachments; the limit is {MAX_ATTACHED}"));
        }
        if let Some((bytes, length, sha256)) = content(file, one, context, told)
            && let Some(media_type) = kind(file, &bytes, context, told)
        {
            let name = file.value.clone();
            out.push((Attachment { name, mark, title, media_type: media_type.to_owned(), length, sha256 }, bytes));
        }
    }
    out
}

/// The bytes of a file, their length and their digest.
fn content(file: &Text, one: &AttachmentKeys, context: &Context<'_>, told: &Told<'_>) -> Option<(Apart, u64, Digest)> {
    let at = told.at(file.at);
    if !is_plain_name(&file.value) {
        told.error(at, "R060", unusual(&file.value));
        return None;
    }
    let Some(bytes) = (context.attachment)(&file.value) else {
        told.error(
            at,
            "R062",
            format!(
                "no file {} beside the report, and links are not followed. Put it there or take it out",
                file.value
            ),
        );
        return None;
    };
    let (length, mut digest) = (bytes.length(), Sha256::new());
    if each_piece(&bytes, length, |piece| digest.update(piece)).is_err() {
        told.error(at, "R062", format!("{} cannot be read to its end. See that it can be read", file.value));
        return None;
    }
    let found = digest.finish();
    if let Some(stated) = &one.sha256 {
        let read = Digest::parse(&stated.value).or_else(|| Digest::parse_hex(&stated.value));
        if read != Some(found) {
            let message = format!("{} is another file than sha256 says; its own is {found}", file.value);
            told.error(told.at(stated.at), "R062", message);
        }
    }
    Some((bytes, length, found))
}

fn kind(file: &Text, bytes: &Apart, context: &Context<'_>, told: &Told<'_>) -> Option<&'static str> {
    let mismatch = match media_type(&file.value, bytes) {
        Ok(found) => return Some(found),
        Err(mismatch) => mismatch,
    };
    told.error(told.at(file.at), "R061", misnamed(&file.value, mismatch, &types(context)));
    None
}

/// The endings that the recipient's agreement takes, or without one those that reports carry.
fn types(context: &Context<'_>) -> String {
    let agreed = context.recipient.as_ref().map(|one| one.attachment_types).unwrap_or_default();
    let takes = |media_type: &str| agreed.is_empty() || agreed.iter().any(|one| one == media_type);
    let endings = ENDINGS.iter().filter(|(_, media_type)| takes(media_type)).map(|(ending, _)| *ending);
    let list = endings.collect::<Vec<_>>().join(", ");
    if agreed.is_empty() { format!("Reports carry {list}") } else { format!("The agreement takes {list}") }
}

/// What a file is in place of what its name says, and what to do. R061
fn misnamed(name: &str, mismatch: Mismatch, types: &str) -> String {
    let ending = ending(name);
    match mismatch {
        Mismatch::Ending(looks) => {
            let advice = advice(looks, ending).unwrap_or_else(|| "Give the file the ending of what it is".to_owned());
            format!("{name} is {looks}, and no type of attachment ends in {ending:?}. {types}. {advice}")
        }
        Mismatch::Content(looks) => {
            let advice = advice(looks, ending).unwrap_or_else(|| format!("Attach a file that is {ending}"));
            format!("{name} is {looks}, not the {ending} that its ending says. {advice}. {types}")
        }
        Mismatch::Json(fault, at) => {
            let advice = match fault {
                JsonFault::Mark => "Save it as UTF-8 without a byte order mark (BOM)",
                JsonFault::Depth => "Write its data with fewer levels",
                JsonFault::Twice => "Take one of the two out",
                JsonFault::Surrogate => "Write the whole character, or leave it out",
                JsonFault::NotUtf8 => "Save it as UTF-8",
                JsonFault::Members => "Part it in several files",
                JsonFault::Form => "Mend it there; a program that writes JSON makes no such file",
                JsonFault::Unread => "See that it can be read",
            };
            format!("{name} is not JSON that every program reads alike: at byte {at} {fault}. {advice}")
        }
    }
}

/// What can be done with a file that looks so.
fn advice(looks: Looks, ending: &str) -> Option<String> {
    let table = ending.eq_ignore_ascii_case("csv");
    let save = if table {
        "Save it as UTF-8: in Excel as \"CSV UTF-8\", in LibreOffice with the character set UTF-8"
    } else {
        "Save it as UTF-8"
    };
    Some(match looks {
        Looks::Utf16 | Looks::Utf32 => save.to_owned(),
        Looks::OneByte => format!("{save}; or run: iconv -f WINDOWS-1252 -t UTF-8 FILE"),
        Looks::Controls(_) => "Take the control character out; lines end with LF or CRLF, tabs are allowed".to_owned(),
        Looks::Other(format) => format.advice().to_owned(),
        Looks::Pdf => "Give it the ending pdf".to_owned(),
        Looks::Png => "Give it the ending png".to_owned(),
        Looks::Jpeg => "Give it the ending jpg".to_owned(),
        Looks::Behind(_) => {
            "Take what stands before it out, such as a byte order mark; it must begin at the first byte".to_owned()
        }
        Looks::Empty => "Attach a file that has something in it, or none".to_owned(),
        Looks::Text | Looks::Unknown | Looks::Unread => return None,
    })
}

/// What is wrong with a name, and one like it that is right. R060
fn unusual(name: &str) -> String {
    if name.contains(['/', '\\']) || name.is_empty() || name.starts_with('.') {
        return format!(
            "{name:?}: give the name of a file beside the report, without a folder and without a leading dot"
        );
    }
    let usual = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '-');
    let plain = name.nfkd().filter(|letter| !is_combining_mark(*letter));
    let plain: String = plain.map(|letter| if usual(letter) { letter } else { '-' }).take(120).collect();
    let rename = if is_plain_name(&plain) && plain.contains(|letter: char| letter.is_ascii_alphanumeric()) {
        format!("Rename the file, such as {plain}, and write that name here")
    } else {
        "Rename the file, and write that name here".to_owned()
    };
    let allowed =
        "a name has 1 to 120 of the letters A-Z and a-z, digits, dot, underscore and hyphen, and nothing else";
    format!("{name:?}: {allowed}. {rename}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attachment::looks::{Format, Shown};

    #[test]
    fn a_name_is_told_what_it_may_have() {
        for (name, plain) in
            [("track 1.csv", "track-1.csv"), ("Übersicht.csv", "Ubersicht.csv"), ("a\u{1b}[2J.csv", "a--2J.csv")]
        {
            let told = unusual(name);
            assert!(told.contains("letters A-Z and a-z, digits, dot, underscore and hyphen"), "{told}");
            assert!(told.contains(&format!("such as {plain}, ")), "{told}");
            assert!(!told.contains('\u{1b}'), "{told}");
        }
        assert!(unusual("../x.csv").starts_with("\"../x.csv\": give the name of a file beside the report"));
        assert!(unusual("").contains("give the name"));
        assert!(unusual("日本").ends_with("Rename the file, and write that name here"));
    }

    #[test]
    fn a_file_is_told_what_it_is_and_what_can_be_done() {
        let types = "Reports carry csv, json, geojson, pdf, png, jpg, jpeg";
        for (name, mismatch, wanted) in [
            ("a.csv", Mismatch::Content(Looks::OneByte), "WINDOWS-1252"),
            (
                "a.csv",
                Mismatch::Content(Looks::Utf16),
                "a.csv is text in UTF-16, not the csv that its ending says. Save it as UTF-8",
            ),
            ("a.csv", Mismatch::Content(Looks::Other(Format::Xlsx)), "a.csv is an Office document (XLSX), not the csv"),
            ("a.xlsx", Mismatch::Ending(Looks::Other(Format::Xlsx)), "Save its table as CSV in UTF-8"),
            ("a.png", Mismatch::Content(Looks::Other(Format::Gif)), "Save the picture as PNG or JPEG"),
            ("a.gif", Mismatch::Ending(Looks::Other(Format::Gif)), types),
            ("T.PDF", Mismatch::Content(Looks::Behind(Shown::Pdf)), "a PDF document with other bytes before it"),
            ("a.txt", Mismatch::Ending(Looks::Text), "Give the file the ending of what it is"),
            ("a.json", Mismatch::Json(JsonFault::Mark, 0), "without a byte order mark (BOM)"),
            ("a.json", Mismatch::Json(JsonFault::Depth, 9), "at byte 9 arrays and objects are more than 128 deep"),
        ] {
            let told = misnamed(name, mismatch, types);
            assert!(told.contains(wanted), "{told}");
        }
    }
}
