//! What a dictionary may say: judged pair by pair as it is read, and as a whole at its end.

use super::{
    lexer::Short,
    refusal::{NO_ACTION, annotation_fault, link_fault, refused},
    rules::{self, Rule, bit_of},
    stop::Stop,
    table::{Class, Table, Want},
};
use crate::attachment::finding::{At, Sort};

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
    /// The value of /A.
    does: Option<Value>,
    /// The flags of an annotation; what is no number has all.
    flags: i64,
    /// It has a text that a note shows.
    says: bool,
}

/// Flags of an annotation that is not shown: Hidden and NoView.
const UNSEEN: i64 = 2 | 32;

impl Facts {
    pub(super) const fn has(&self, bit: u64) -> bool {
        self.seen & bit != 0
    }

    pub(super) const fn kind(&self) -> &Short {
        &self.kind
    }

    pub(super) const fn subtype(&self) -> &Short {
        &self.subtype
    }

    /// Takes one pair.
    pub(super) fn put(&mut self, pair: &Pair<'_>, table: &mut Table) -> Result<(), Stop> {
        let Some((n, rule)) = rules::of_key(pair.key) else { return Ok(()) };
        let bit = 1_u64 << n;
        if self.seen & bit != 0 {
            return Err(Stop::odd("a key that is given twice", pair.at));
        }
        self.seen |= bit;
        self.note(pair);
        match (rule, pair.value) {
            (_, Value::Null) => self.seen &= !bit,
            (Rule::Refused(sort), _) => return Err(refused(sort, pair.key, pair.at)),
            (Rule::Kind, Value::Name(name)) => *self.slot(pair.key) = name,
            (Rule::Kind, Value::Reference(number)) => table.want(number, Want::NoName),
            (Rule::Action, Value::Reference(number)) => table.want(number, Want::Action),
            (Rule::Metadata, Value::Reference(number)) => table.want(number, Want::Metadata),
            (Rule::Annotations, Value::Reference(number)) => table.want(number, Want::Annotations),
            (Rule::Open, Value::Reference(number)) => table.want(number, Want::Open),
            (Rule::Open, Value::Array | Value::Dictionary(Class::GoTo)) => {}
            (Rule::Open, _) => return Err(Stop::active("/OpenAction that is no page to show", pair.at)),
            (Rule::Link, Value::Reference(number)) => table.want(number, Want::Link),
            (Rule::Link, Value::Text) if !is_link(pair.text) => return Err(link_fault(pair.at)),
            _ => {}
        }
        Ok(())
    }

    /// Keeps what counts only if the dictionary is an annotation or an item of the outline.
    fn note(&mut self, pair: &Pair<'_>) {
        match (pair.key.bytes(), pair.value) {
            (_, Value::Null) => {}
            (b"A", value) => self.does = Some(value),
            (b"F", Value::Int(flags)) => self.flags = flags,
            (b"F", _) => self.flags = -1,
            // Nothing, or the mark of its coding alone.
            (b"Contents" | b"RC", Value::Text) => {
                self.says |= !matches!(pair.text, b"" | b"\xfe\xff" | b"\xff\xfe" | b"\xef\xbb\xbf");
            }
            (b"Contents" | b"RC", _) => self.says = true,
            _ => {}
        }
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
    pub(super) fn close(&self, under: &Short, at: At, table: &mut Table) -> Result<Class, Stop> {
        if self.kind.is_one_of(&rules::FORBIDDEN_TYPES) {
            return Err(refused(Sort::Active, &self.kind, at));
        }
        if self.subtype.is_one_of(&rules::FORBIDDEN_SUBTYPES) {
            return Err(refused(Sort::Active, &self.subtype, at));
        }
        let annotation = self.subtype.is_one_of(&rules::ANNOTATIONS);
        let due = under.is("Annots") || self.kind.is("Annot") || self.has(bit_of("Rect")) && !self.subtype.is_empty();
        if due && !annotation {
            return Err(annotation_fault(at));
        }
        if annotation && self.says && self.flags & UNSEEN != 0 && !self.subtype.is("Popup") {
            return Err(Stop::hidden("a note that no reader shows", at));
        }
        // Of an annotation or an item of the outline it is an action; of a part of the text, attributes.
        if annotation || self.has(bit_of("Title")) {
            match self.does {
                None | Some(Value::Dictionary(Class::GoTo | Class::Action)) => {}
                Some(Value::Reference(number)) => table.want(number, Want::OnlyAction),
                Some(_) => return Err(Stop::active(NO_ACTION, at)),
            }
        }
        self.class(annotation, under, at)
    }

    fn class(&self, annotation: bool, under: &Short, at: At) -> Result<Class, Stop> {
        self.check_action(at)?;
        if self.action.is_one_of(&rules::ACTIONS) {
            return Ok(if self.action.is("GoTo") { Class::GoTo } else { Class::Action });
        }
        let other = !self.action.is_empty();
        if other && under.is_one_of(&rules::ACTION_KEYS) {
            return Err(Stop::active(NO_ACTION, at));
        }
        Ok(match (other, annotation) {
            (true, _) => Class::Other,
            (false, true) => Class::Annotation,
            (false, false) => Class::Dictionary,
        })
    }

    /// What says to be an action is one that may be there.
    fn check_action(&self, at: At) -> Result<(), Stop> {
        if self.action.is_one_of(&rules::FORBIDDEN_ACTIONS) {
            return Err(refused(Sort::Active, &self.action, at));
        }
        // Outlines have /Next too, and no /S.
        if self.action.is_one_of(&rules::ACTIONS) && self.has(bit_of("Next")) {
            return Err(Stop::active("an action with a further one", at));
        }
        if self.action.is("Named") && !self.named.is_one_of(&rules::NAMED) {
            return Err(Stop::active("a named action that is no turning of pages", at));
        }
        Ok(())
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
