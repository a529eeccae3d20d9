//! Attachments: names, marks, types, digests (R060 to R062).

use super::{
    Context,
    head::marked,
    keys::{AttachmentKeys, Keys, Text},
    sources::bracketed,
    told::Told,
};
use crate::{
    assessment::{Attachment, MarkedText},
    attachment::{Mismatch, is_plain_name, media_type},
    crypto::sha256,
    digest::Digest,
};

/// Attachments of one report.
const MAX_ATTACHMENTS: usize = 16;

/// Judges all attachments and gives those that can be read, each with its bytes.
pub(super) fn check(keys: &Keys, context: &Context<'_>, told: &Told<'_>) -> Vec<(Attachment, Vec<u8>)> {
    let mut out: Vec<(Attachment, Vec<u8>)> = Vec::new();
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
        if at == MAX_ATTACHMENTS {
            let count = keys.attachments.len();
            told.error(told.at(file.at), "R060", format!("{count} attachments; the limit is {MAX_ATTACHMENTS}"));
        }
        if let Some(bytes) = content(file, one, context, told)
            && let Some(media_type) = kind(file, &bytes, told)
        {
            let (length, sha256) = (u64::try_from(bytes.len()).unwrap_or(u64::MAX), sha256(&[&bytes]));
            let name = file.value.clone();
            out.push((Attachment { name, mark, title, media_type: media_type.to_owned(), length, sha256 }, bytes));
        }
    }
    out
}

fn content(file: &Text, one: &AttachmentKeys, context: &Context<'_>, told: &Told<'_>) -> Option<Vec<u8>> {
    let at = told.at(file.at);
    if !is_plain_name(&file.value) {
        told.error(at, "R060", format!("{:?}: give the name of a file beside the report", file.value));
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
    if let Some(stated) = &one.sha256 {
        let found = sha256(&[&bytes]);
        let read = Digest::parse(&stated.value).or_else(|| Digest::parse_hex(&stated.value));
        if read != Some(found) {
            let message = format!("{} is another file than sha256 says; its own is {found}", file.value);
            told.error(told.at(stated.at), "R062", message);
        }
    }
    Some(bytes)
}

fn kind(file: &Text, bytes: &[u8], told: &Told<'_>) -> Option<&'static str> {
    let message = match media_type(&file.value, bytes) {
        Ok(found) => return Some(found),
        Err(Mismatch::Ending) => {
            format!("{} is of no type that reports carry. Use csv, json, geojson, pdf, png or jpg", file.value)
        }
        Err(Mismatch::Content(what)) => format!("{} is {what}. Attach what the ending says", file.value),
        Err(Mismatch::NotJson(at)) => format!("{} is no JSON: byte {at} cannot stand there", file.value),
    };
    told.error(told.at(file.at), "R061", message);
    None
}
