//! Names of people and tools in the document's information (ISO 32000-2, 14.3.3) and in its XMP.

use super::{dictionary::Value, lexer::Short};
use crate::attachment::inspected::Inspected;

/// Keys of the information dictionary that name who made the document, and with what.
const KEYS: [&str; 3] = ["Author", "Creator", "Manager"];
/// Names in XMP, whatever their prefix, and what they are told as.
const ELEMENTS: [(&str, &str); 6] = [
    ("creator", "Author"),
    ("Author", "Author"),
    ("CreatorTool", "Creator"),
    ("Creator", "Creator"),
    ("Manager", "Manager"),
    ("manager", "Manager"),
];
/// Names that stand apart from their key.
const MAX_FAR: usize = 16;

/// Names found so far.
#[derive(Default)]
pub(super) struct Names {
    /// The objects that trailers give as the document's information.
    info: Vec<u32>,
    /// Objects that are the value of a key.
    far: Vec<(u32, &'static str)>,
    found: Inspected,
}

impl Names {
    /// A trailer gives this object as the document's information.
    pub(super) fn add_info(&mut self, number: u32) {
        if !self.info.contains(&number) && self.info.len() < MAX_FAR {
            self.info.push(number);
        }
    }

    pub(super) fn is_info(&self, number: u32) -> bool {
        self.info.contains(&number)
    }

    /// Takes a pair of the information.
    pub(super) fn pair(&mut self, key: &Short, value: Value, text: &[u8]) {
        let Some(key) = KEYS.into_iter().find(|known| key.is(known)) else { return };
        match value {
            Value::Text => self.found.name(key, &decoded(text)),
            Value::Reference(number) if self.far.len() < MAX_FAR => self.far.push((number, key)),
            _ => {}
        }
    }

    /// Whether the text of this object is wanted.
    pub(super) fn wants(&self, number: u32) -> bool {
        self.far.iter().any(|(far, _)| *far == number)
    }

    /// An object that is a text.
    pub(super) fn text(&mut self, number: u32, text: &[u8]) {
        let keys: Vec<&str> = self.far.iter().filter(|(far, _)| *far == number).map(|(_, key)| *key).collect();
        self.far.retain(|(far, _)| *far != number);
        keys.into_iter().for_each(|key| self.found.name(key, &decoded(text)));
    }

    /// Objects whose text was not met since they were known to be wanted.
    pub(super) fn unmet(&self) -> Vec<(u32, &'static str)> {
        self.far.clone()
    }

    /// A name.
    pub(super) fn name(&mut self, key: &str, value: &str) {
        self.found.name(key, value);
    }

    /// Takes a packet of XMP: the values of attributes, and the text between tags.
    pub(super) fn xmp(&mut self, packet: &[u8]) {
        let text = String::from_utf8_lossy(packet);
        let mut inside = None;
        for piece in text.split('<').skip(1) {
            let (tag, between) = piece.split_once('>').unwrap_or((piece, ""));
            let name = tag.trim_start_matches('/').split(|one: char| one.is_whitespace() || one == '/').next();
            let known = name.and_then(element);
            match (known, tag.starts_with('/')) {
                (Some(_), true) => inside = None,
                (Some(key), false) if !tag.ends_with('/') => inside = Some(key),
                _ => {}
            }
            self.attributes(tag);
            if let Some(key) = inside {
                self.found.name(key, &unescaped(between));
            }
        }
    }

    fn attributes(&mut self, tag: &str) {
        let mut rest = tag;
        while let Some((before, after)) = rest.split_once('=') {
            let quote = after.trim_start().chars().next().filter(|one| matches!(one, '"' | '\''));
            let Some(quote) = quote else { return };
            let Some((_, after)) = after.split_once(quote) else { return };
            let Some((value, after)) = after.split_once(quote) else { return };
            if let Some(key) = before.split_whitespace().next_back().and_then(element) {
                self.found.name(key, &unescaped(value));
            }
            rest = after;
        }
    }

    pub(super) fn into_found(self) -> Inspected {
        self.found
    }
}

/// What an element or attribute of XMP is the name of.
fn element(name: &str) -> Option<&'static str> {
    let local = name.rsplit(':').next()?;
    ELEMENTS.iter().find(|(known, _)| *known == local).map(|(_, key)| *key)
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'").replace("&amp;", "&")
}

/// A text string: UTF-16 or UTF-8 by its mark, else a code whose lower half is ASCII.
fn decoded(text: &[u8]) -> String {
    let pairs = |rest: &[u8], one: fn([u8; 2]) -> u16| {
        let units = rest.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(one);
        char::decode_utf16(units).map(|one| one.unwrap_or('?')).collect()
    };
    match text {
        [0xfe, 0xff, rest @ ..] => pairs(rest, u16::from_be_bytes),
        [0xff, 0xfe, rest @ ..] => pairs(rest, u16::from_le_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        other => other.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(packet: &str) -> Vec<(String, String)> {
        let mut names = Names::default();
        names.xmp(packet.as_bytes());
        names.into_found().names.into_iter().map(|one| (one.key, one.value)).collect()
    }

    #[test]
    fn xmp_names_people_in_elements_and_attributes() {
        let author = |name: &str| vec![("Author".to_owned(), name.to_owned())];
        assert_eq!(
            of("<dc:creator><rdf:Seq>\n<rdf:li>A. Doe</rdf:li></rdf:Seq></dc:creator><dc:x>n</dc:x>"),
            author("A. Doe")
        );
        assert_eq!(of("<x pdf:Author = 'A &amp; B' y='Manager'/>"), author("A & B"));
        let tool = vec![("Creator".to_owned(), "Writer".to_owned())];
        assert_eq!(of("<xmp:CreatorTool>Writer</xmp:CreatorTool>text"), tool);
        assert_eq!(of("<rdf:D xmp:CreatorTool=\"Writer\">"), tool);
        assert_eq!(of("<dc:creator/><dc:title>x</dc:title>"), vec![]);
        assert_eq!(of("<a b=c d='"), vec![]);
    }

    #[test]
    fn texts_are_decoded() {
        assert_eq!(decoded(b"\xfe\xff\0A\0b"), "Ab");
        assert_eq!(decoded(b"\xff\xfeA\0b\0"), "Ab");
        assert_eq!(decoded(b"\xef\xbb\xbfAb"), "Ab");
        assert_eq!(decoded(b"Ab"), "Ab");
    }
}
