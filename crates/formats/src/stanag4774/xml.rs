//! A hardened XML reader: one small tree of elements of one namespace, and nothing that XML can hide things in.
//!
//! The library finds the tags. What a tag may hold, how much, and in which namespace is judged here.

use super::{
    NAMESPACE,
    lexical::{Attribute, attributes, is_name, is_space, legal, reference, shown, unknown_reference},
    wrong::{ATTRIBUTE, ENCODING, LIMIT, MARKUP, MAX_TEXT, NOT_XML, SPACE, Wrong},
};
use quick_xml::{
    Reader,
    events::{BytesDecl, BytesStart, Event},
};

/// Elements inside each other; a label needs 4.
pub const MAX_DEPTH: usize = 8;
/// Elements of a file.
pub const MAX_ELEMENTS: usize = 512;
/// An element of the label's namespace.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Element {
    /// Without its prefix.
    pub(super) name: String,
    /// Byte offset of its tag.
    pub(super) at: usize,
    /// Those that are no declarations of namespaces.
    pub(super) attributes: Vec<Attribute>,
    pub(super) children: Vec<Element>,
    /// All its own text, without white space before and behind.
    pub(super) text: String,
    /// Byte offset of the text.
    pub(super) text_at: usize,
    commented: bool,
}

/// Reads a whole file. LBL-2, LBL-3
pub(super) fn parse(text: &str) -> Result<Element, Wrong> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().enable_all_checks(true);
    let mut tree = Tree::default();
    loop {
        let at = offset(reader.buffer_position());
        let event = reader.read_event();
        let event = event.map_err(|error| Wrong::new(offset(reader.error_position()), NOT_XML, error.to_string()))?;
        match event {
            Event::Start(tag) => tree.open(&tag, at)?,
            Event::Empty(tag) => {
                tree.open(&tag, at)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(piece) => tree.text(&piece, at)?,
            Event::GeneralRef(word) => {
                let meant = reference(&word).ok_or_else(|| unknown_reference(&word, at))?;
                tree.push(meant.encode_utf8(&mut [0; 4]), at)?;
            }
            Event::Comment(_) => tree.comment(),
            Event::Decl(decl) => declaration(&decl, at)?,
            Event::DocType(_) => return Err(forbidden(at, "a DOCTYPE")),
            Event::PI(_) => return Err(forbidden(at, "a processing instruction")),
            Event::CData(_) => return Err(forbidden(at, "a CDATA section")),
            Event::Eof => return tree.finish(at),
        }
    }
}

fn offset(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

fn forbidden(at: usize, what: &str) -> Wrong {
    Wrong::new(at, MARKUP, format!("{what} is not taken in a label. Take it out"))
}

fn declaration(decl: &BytesDecl<'_>, at: usize) -> Result<(), Wrong> {
    if at != 0 {
        return Err(Wrong::new(at, NOT_XML, "an XML declaration stands at the very beginning or nowhere"));
    }
    let raw = decl.strip_prefix("xml").unwrap_or_default();
    for one in attributes(raw, at)? {
        let right = match one.name.as_str() {
            "version" => one.value == "1.0",
            "encoding" => one.value.eq_ignore_ascii_case("UTF-8"),
            "standalone" => matches!(one.value.as_str(), "yes" | "no"),
            _ => false,
        };
        if !right {
            let rule = if one.name == "encoding" { ENCODING } else { NOT_XML };
            let told = format!(
                "{} = {} in the XML declaration. Save the file as XML 1.0 in UTF-8",
                one.name,
                shown(&one.value)
            );
            return Err(Wrong::new(at, rule, told));
        }
    }
    Ok(())
}

/// A prefix and its namespace.
struct Binding {
    prefix: String,
    uri: String,
}

#[derive(Default)]
struct Tree {
    /// Open elements, each with the count of bindings before it.
    open: Vec<(Element, usize)>,
    bindings: Vec<Binding>,
    root: Option<Element>,
    count: usize,
}

impl Tree {
    fn open(&mut self, tag: &BytesStart<'_>, at: usize) -> Result<(), Wrong> {
        if self.root.is_some() {
            return Err(Wrong::new(at, NOT_XML, "a second element stands behind the label. One file holds one label"));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(Wrong::new(at, LIMIT, format!("more than {MAX_DEPTH} elements inside each other")));
        }
        self.count += 1;
        if self.count > MAX_ELEMENTS {
            return Err(Wrong::new(at, LIMIT, format!("more than {MAX_ELEMENTS} elements")));
        }
        let (before, whole) = (self.bindings.len(), tag.name());
        let whole = whole.as_ref();
        if !is_name(whole) {
            return Err(Wrong::new(at, NOT_XML, format!("{} is not the name of an element", shown(whole))));
        }
        let all = attributes(tag.attributes_raw(), at + 1 + whole.len())?;
        let (declared, attributes): (Vec<_>, Vec<_>) = all.into_iter().partition(is_declaration);
        declared.into_iter().try_for_each(|one| self.bind(one))?;
        let (prefix, name) = whole.split_once(':').unwrap_or(("", whole));
        self.must_be_ours(prefix, name, at)?;
        if let Some(one) = attributes.iter().find(|one| one.name.contains(':')) {
            let told = format!(
                "attribute {} of {name} is not one of a label, whose attributes have no prefix. Take it out",
                one.name
            );
            return Err(Wrong::new(one.at, ATTRIBUTE, told));
        }
        self.open.push((Element { name: name.to_owned(), at, attributes, ..Element::default() }, before));
        Ok(())
    }

    fn bind(&mut self, one: Attribute) -> Result<(), Wrong> {
        let prefix = one.name.strip_prefix("xmlns").unwrap_or_default().trim_start_matches(':');
        if matches!(prefix, "xml" | "xmlns") || (one.value.is_empty() && !prefix.is_empty()) {
            return Err(Wrong::new(one.at, SPACE, format!("{} cannot be declared so. Take it out", one.name)));
        }
        self.bindings.push(Binding { prefix: prefix.to_owned(), uri: one.value });
        Ok(())
    }

    /// The newest binding of the prefix is the label's namespace.
    fn must_be_ours(&self, prefix: &str, name: &str, at: usize) -> Result<(), Wrong> {
        let bound = self.bindings.iter().rev().find(|one| one.prefix == prefix).map(|one| one.uri.as_str());
        match bound.filter(|uri| !uri.is_empty()) {
            Some(NAMESPACE) => Ok(()),
            Some(other) => {
                let told = format!("element {name} is of namespace {}. This program reads {NAMESPACE}", shown(other));
                Err(Wrong::new(at, SPACE, told))
            }
            None if prefix.is_empty() => {
                Err(Wrong::new(at, SPACE, format!("element {name} is of no namespace. Declare xmlns=\"{NAMESPACE}\"")))
            }
            None => Err(Wrong::new(
                at,
                SPACE,
                format!("prefix {prefix} is not declared. Declare xmlns:{prefix}=\"{NAMESPACE}\""),
            )),
        }
    }

    /// The library has compared the names of both tags.
    fn close(&mut self) -> Result<(), Wrong> {
        let Some((mut element, before)) = self.open.pop() else {
            return Err(Wrong::new(0, NOT_XML, "a tag closes what was never opened"));
        };
        self.bindings.truncate(before);
        let end = element.text.trim_end_matches(is_space).len();
        element.text.truncate(end);
        if element.commented && !element.text.is_empty() {
            let told = format!("a comment stands inside the value of {}. Take it out", element.name);
            return Err(Wrong::new(element.at, MARKUP, told));
        }
        match self.open.last_mut() {
            Some((parent, _)) => parent.children.push(element),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, piece: &str, at: usize) -> Result<(), Wrong> {
        if piece.contains("]]>") {
            return Err(Wrong::new(at, NOT_XML, "]]> in text. Write ]]&gt;"));
        }
        self.push(piece, at)
    }

    /// Adds to the open element's text. White space before it is dropped.
    fn push(&mut self, piece: &str, at: usize) -> Result<(), Wrong> {
        legal(piece, at)?;
        let kept = piece.trim_start_matches(is_space);
        let Some((element, _)) = self.open.last_mut() else {
            let told = "text stands outside the label. One file holds one label and nothing else";
            return if kept.is_empty() { Ok(()) } else { Err(Wrong::new(at, NOT_XML, told)) };
        };
        if !element.text.is_empty() {
            element.text.push_str(piece);
        } else if !kept.is_empty() {
            element.text_at = at + piece.len().saturating_sub(kept.len());
            element.text.push_str(kept);
        }
        if element.text.trim_end_matches(is_space).len() > MAX_TEXT {
            return Err(Wrong::new(at, LIMIT, format!("the text of {} has more than {MAX_TEXT} bytes", element.name)));
        }
        Ok(())
    }

    fn comment(&mut self) {
        if let Some((element, _)) = self.open.last_mut() {
            element.commented = true;
        }
    }

    fn finish(self, at: usize) -> Result<Element, Wrong> {
        if let Some((element, _)) = self.open.last() {
            return Err(Wrong::new(element.at, NOT_XML, format!("element {} is not closed", element.name)));
        }
        self.root.ok_or_else(|| Wrong::new(at, NOT_XML, "the file holds no element"))
    }
}

fn is_declaration(one: &Attribute) -> bool {
    one.name == "xmlns" || one.name.starts_with("xmlns:")
}
