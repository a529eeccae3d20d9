//! What a dictionary may say: judged pair by pair as it is read, and as a whole at its end.

use super::{
    lexer::Short,
    rules::{self, Rule, bit_of},
    table::{Class, Table, Want},
    window::Stop,
};
use crate::attachment::finding::{Advice, At, Sort};

/// A value, as far as the dictionary that has it must know.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Value {
    Null,
    Int(i64),
    /// Another number, `true` or `false`.
    Scalar,
    Name(Short),
    /// A string; its beginning is beside it.
    Text,
    Reference(u32),
    Array,
    Dictionary(Class),
}

/// What a dictionary says of itself.
#[derive(Clone, Copy, Default)]
pub(super) struct Facts {
    seen: u64,
    action: Short,
    kind: Short,
    subtype: Short,
    named: Short,
}

impl Facts {
    pub(super) const fn has(&self, bit: u64) -> bool {
        self.seen & bit != 0
    }

    pub(super) const fn kind(&self) -> &Short {
        &self.kind
    }

    /// Takes one pair.
    pub(super) fn put(&mut self, pair: &Pair<'_>, table: &mut Table) -> Result<(), Stop> {
        let Some((n, rule)) = rules::of_key(pair.key) else { return Ok(()) };
        let bit = 1_u64 << n;
        if self.seen & bit != 0 {
            return Err(Stop::odd("a key that is given twice", pair.at));
        }
        self.seen |= bit;
        match (rule, pair.value) {
            (_, Value::Null) => self.seen &= !bit,
            (Rule::Refused(sort), _) => return Err(refused(sort, pair.key, pair.at)),
            (Rule::Kind, Value::Name(name)) => *self.slot(pair.key) = name,
            (Rule::Kind, Value::Reference(number)) => table.want(number, Want::NoName),
            (Rule::Action, Value::Reference(number)) => table.want(number, Want::Action),
            (Rule::Open, Value::Reference(number)) => table.want(number, Want::Open),
            (Rule::Open, Value::Array | Value::Dictionary(Class::GoTo)) => {}
            (Rule::Open, _) => return Err(Stop::active("/OpenAction that is no page to show", pair.at)),
            (Rule::Link, Value::Reference(number)) => table.want(number, Want::Link),
            (Rule::Link, Value::Text) if !is_link(pair.text) => return Err(link_fault(pair.at)),
            _ => {}
        }
        Ok(())
    }

    fn slot(&mut self, key: &Short) -> &mut Short {
        match key.bytes() {
            b"S" => &mut self.action,
            b"Type" => &mut self.kind,
            b"Subtype" => &mut self.subtype,
            _ => &mut self.named,
        }
    }

    /// The end of a dictionary, which stands under this key of another.
    pub(super) fn close(&self, under: &Short, at: At) -> Result<Class, Stop> {
        if self.kind.is_one_of(&rules::FORBIDDEN_TYPES) {
            return Err(refused(Sort::Active, &self.kind, at));
        }
        if self.subtype.is_one_of(&rules::FORBIDDEN_SUBTYPES) {
            return Err(refused(Sort::Active, &self.subtype, at));
        }
        let annotation = self.kind.is("Annot") || (self.has(bit_of("Rect")) && !self.subtype.is_empty());
        if annotation && !self.subtype.is_one_of(&rules::ANNOTATIONS) {
            return Err(Stop::odd("an annotation that is no text, mark or link", at));
        }
        self.class(under, at)
    }

    fn class(&self, under: &Short, at: At) -> Result<Class, Stop> {
        if self.action.is_one_of(&rules::FORBIDDEN_ACTIONS) {
            return Err(refused(Sort::Active, &self.action, at));
        }
        if self.action.is_one_of(&rules::ACTIONS) {
            // Outlines have /Next too, and no /S.
            if self.has(bit_of("Next")) {
                return Err(Stop::active("an action with a further one", at));
            }
            if self.action.is("Named") && !self.named.is_one_of(&rules::NAMED) {
                return Err(Stop::active("a named action that is no turning of pages", at));
            }
            return Ok(if self.action.is("GoTo") { Class::GoTo } else { Class::Action });
        }
        // Attributes of a part of the text say whose they are; actions never do.
        let other = !self.action.is_empty() && !self.has(bit_of("O"));
        if other && under.is_one_of(&["A", "PA", "NA", "OpenAction"]) {
            return Err(Stop::active("an action that does more than show a page or a link", at));
        }
        Ok(if other { Class::Other } else { Class::Dictionary })
    }

    /// The dictionary is one of a stream.
    pub(super) fn of_stream(&self, at: At) -> Result<(), Stop> {
        for key in ["F", "FFilter", "FDecodeParms", "Ref", "Subtype2", "PS"] {
            if self.has(bit_of(key)) {
                return Err(Stop::active(&format!("/{key}: a stream that is a program or in another file"), at));
            }
        }
        Ok(())
    }
}

/// A key with its value.
pub(super) struct Pair<'t> {
    pub(super) key: &'t Short,
    pub(super) value: Value,
    /// Beginning of a value that is a string.
    pub(super) text: &'t [u8],
    pub(super) at: At,
}

fn refused(sort: Sort, name: &Short, at: At) -> Stop {
    let name = String::from_utf8_lossy(name.bytes()).into_owned();
    let (what, advice) = match name.as_str() {
        "Encrypt" => ("/Encrypt: an encrypted document".to_owned(), Advice::Unlock),
        "EmbeddedFiles" | "EmbeddedFile" | "EF" | "AF" | "FileAttachment" | "Filespec" | "Collection" => {
            (format!("/{name}"), Advice::Detach)
        }
        _ => (format!("/{name}"), Advice::PrintAnew),
    };
    Stop::new(sort, &what, at, advice)
}

/// What is said of a link that may not be there.
pub(super) fn link_fault(at: At) -> Stop {
    Stop::new(Sort::Active, "a link that is neither http nor https nor mailto", at, Advice::MendLink)
}

/// Whether a link is one that a browser or a mail program opens.
pub(super) fn is_link(text: &[u8]) -> bool {
    let starts =
        |scheme: &&str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()));
    ["http://", "https://", "mailto:"].iter().any(starts) && !text.iter().any(u8::is_ascii_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_web_and_mail_are_links() {
        for good in ["http://a", "HTTPS://a/JavaScript", "mailto:a@b"] {
            assert!(is_link(good.as_bytes()), "{good}");
        }
        for bad in
            ["", "javascript:app.alert(1)", " http://a", "file:///etc", "\u{feff}http://a", "http://a\n", "http:a"]
        {
            assert!(!is_link(bad.as_bytes()), "{bad}");
        }
    }
}
