//! From the tree to the label: every element and attribute that the standard's schema has and this program does not
//! know is refused by name, and all faults are told at once.

use super::{
    Category, CategoryKind, ConfidentialityLabel, LabelKind, MAX_LABEL, Moment, OriginatorId,
    lexical::{Attribute, is_part, misleading, shown},
    wrong::{ATTRIBUTE, ENCODING, LIMIT, NOT_XML, Wrong},
    xml::{Element, parse},
};
use relto_report::{
    calendar::Timestamp,
    fault::{Fault, Faults, Places, nearest},
};

const ELEMENT: &str = "L006";
const MISSING: &str = "L008";
const ORDER: &str = "L009";
const VALUE: &str = "L010";
const DEVIATION: &str = "L011";

/// Kinds of names that an `OriginatorID` may be of (ADatP-4774, table 9).
const ID_TYPES: [&str; 8] = [
    "rfc822Name",
    "dNSName",
    "directoryName",
    "uniformResourceIdentifier",
    "iPAddress",
    "x400Address",
    "userPrincipalName",
    "jID",
];
/// What the schema has and this program does not read, and why.
const NOT_READ: [(&str, &str); 5] = [
    ("SuccessionHandling", "a label that changes by itself is not read. Import the label that holds today"),
    ("IntegerValue", "the standard forbids it. Write GenericValue"),
    ("BitStringValue", "the standard forbids it. Write GenericValue"),
    ("metadataConfidentialityLabel", "it labels metadata and not the information. Give the originator's label"),
    ("ConfidentialityLabel", "it does not say whose label it is. Give the originatorConfidentialityLabel"),
];

/// A child that an element may have, in its place.
struct Child {
    name: &'static str,
    required: bool,
    many: bool,
}

const fn child(name: &'static str, required: bool, many: bool) -> Child {
    Child { name, required, many }
}

const LABEL: [Child; 3] = [
    child("ConfidentialityInformation", true, false),
    child("OriginatorID", false, false),
    child("CreationDateTime", false, false),
];
const INFORMATION: [Child; 4] = [
    child("PolicyIdentifier", true, false),
    child("Classification", true, false),
    child("PrivacyMark", false, false),
    child("Category", false, true),
];
const CATEGORY: [Child; 1] = [child("GenericValue", true, true)];

/// A label and what is odd about its file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReadLabel {
    /// The label.
    pub label: ConfidentialityLabel,
    /// Known deviations from the standard that were taken.
    pub warnings: Faults,
}

/// Reads the file `name`, which holds one label. LBL-1
///
/// # Errors
/// Every fault with its place; where the file is no XML of this kind, the first one.
pub fn read(name: &str, bytes: &[u8]) -> Result<ReadLabel, Faults> {
    let text =
        decode(bytes).map_err(|(line, column, wrong)| Faults::new(name, vec![fault(line, column, wrong, false)]))?;
    let mut told = Told { places: Places::new(text, 1), list: Vec::new() };
    let label = match parse(text) {
        Ok(root) => told.label(&root),
        Err(wrong) => {
            told.add(wrong, false);
            None
        }
    };
    let faults = Faults::new(name, told.list);
    match label {
        Some(label) if !faults.has_errors() => Ok(ReadLabel { label, warnings: faults }),
        _ => Err(faults),
    }
}

/// The text of a file of at most [`MAX_LABEL`] bytes in UTF-8, without the mark of byte order.
fn decode(bytes: &[u8]) -> Result<&str, (usize, usize, Wrong)> {
    let whole = |rule, message: &str| Err((0, 0, Wrong::new(0, rule, message)));
    if bytes.len() > MAX_LABEL {
        return whole(LIMIT, "longer than 65536 bytes, which no label needs");
    }
    if bytes.starts_with(&[0xFE, 0xFF]) || bytes.starts_with(&[0xFF, 0xFE]) || bytes.iter().take(4).any(|one| *one == 0)
    {
        return whole(ENCODING, "UTF-16 or UTF-32. Save the file as UTF-8");
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let valid =
            bytes.get(..error.valid_up_to()).and_then(|valid| std::str::from_utf8(valid).ok()).unwrap_or_default();
        let (line, column) = Places::new(valid, 1).at(valid.len());
        (line, column, Wrong::new(0, ENCODING, "not UTF-8. Save the file as UTF-8"))
    })
}

fn fault(line: usize, column: usize, wrong: Wrong, warning: bool) -> Fault {
    Fault { line, column, rule: wrong.rule, message: wrong.message, warning }
}

struct Told<'t> {
    places: Places<'t>,
    list: Vec<Fault>,
}

impl Told<'_> {
    fn add(&mut self, wrong: Wrong, warning: bool) {
        let (line, column) = self.places.at(wrong.at);
        self.list.push(fault(line, column, wrong, warning));
    }

    fn error(&mut self, at: usize, rule: &'static str, message: impl Into<String>) {
        self.add(Wrong::new(at, rule, message), false);
    }

    fn label(&mut self, root: &Element) -> Option<ConfidentialityLabel> {
        let kinds = [LabelKind::Originator, LabelKind::Alternative];
        let Some(kind) = kinds.into_iter().find(|kind| kind.element() == root.name) else {
            self.unknown(&root.name, root.at, "the root of a label", &kinds.map(LabelKind::element));
            return None;
        };
        self.attributes(root, &["Id", "ReviewDateTime"]);
        self.children(root, &LABEL);
        let information = only(root, "ConfidentialityInformation");
        let review = self.optional_attribute(root, "ReviewDateTime").and_then(|one| self.moment(&one.value, one.at));
        if !root.attributes.iter().any(|one| one.name == "ReviewDateTime") {
            self.deviates(root.at, "ReviewDateTime is missing. The standard wants it where the label has no successor");
        }
        let id = self.optional_attribute(root, "Id").map(|one| one.value.clone());
        if let Some(id) = id.as_ref().filter(|id| !is_part(id)) {
            self.error(root.at, VALUE, format!("Id {} is no name of XML", shown(id)));
        }
        let created = match only(root, "CreationDateTime") {
            Some(one) => self.value(one, &[]).and_then(|text| self.moment(&text, one.text_at)),
            None => {
                self.deviates(root.at, "CreationDateTime is missing, which the standard requires");
                None
            }
        };
        let originator = only(root, "OriginatorID").and_then(|one| self.originator(one));
        let information = information?;
        self.attributes(information, &[]);
        self.children(information, &INFORMATION);
        let policy = only(information, "PolicyIdentifier").map(|one| self.policy(one));
        let privacy_mark = only(information, "PrivacyMark").map(|one| self.value(one, &[]));
        let classification = only(information, "Classification").and_then(|one| self.value(one, &[]));
        let categories = self.categories(information);
        let (policy, policy_uri) = policy?;
        Some(ConfidentialityLabel {
            kind,
            id,
            policy: policy?,
            policy_uri,
            classification: classification?,
            privacy_mark: privacy_mark.flatten(),
            categories,
            originator,
            review,
            created,
        })
    }

    /// The two deviations that published labels have, and `URL` for `URI`, are taken and told. LBL-4
    fn deviates(&mut self, at: usize, message: &str) {
        self.add(Wrong::new(at, DEVIATION, message), true);
    }

    fn policy(&mut self, element: &Element) -> (Option<String>, Option<String>) {
        let name = self.value(element, &["URI", "URL"]);
        let uri = self.optional_attribute(element, "URI");
        let url = self.optional_attribute(element, "URL");
        match (&uri, &url) {
            (Some(_), Some(url)) => self.error(url.at, ATTRIBUTE, "both URI and URL. Keep URI"),
            (None, Some(url)) => self.deviates(url.at, "attribute URL is read as URI, which the standard has"),
            (_, None) => {}
        }
        let uri = uri.or(url).and_then(|one| self.uri(&one));
        (name, uri)
    }

    fn originator(&mut self, element: &Element) -> Option<OriginatorId> {
        let name = self.value(element, &["IDType"]);
        let kind = self.required_attribute(element, "IDType")?;
        if !ID_TYPES.contains(&kind.value.as_str()) {
            let told = format!("IDType {} is not known. Known: {}", shown(&kind.value), ID_TYPES.join(", "));
            self.error(kind.at, VALUE, told);
        }
        Some(OriginatorId { kind: kind.value, name: name? })
    }

    fn categories(&mut self, information: &Element) -> Vec<Category> {
        let mut out: Vec<Category> = Vec::new();
        for element in information.children.iter().filter(|one| one.name == "Category") {
            let Some(category) = self.category(element) else { continue };
            if out.iter().any(|earlier| earlier.tag.eq_ignore_ascii_case(&category.tag)) {
                let told = format!("category {} stands twice. Put its values in one", shown(&category.tag));
                self.error(element.at, ORDER, told);
            }
            out.push(category);
        }
        out
    }

    fn category(&mut self, element: &Element) -> Option<Category> {
        self.attributes(element, &["TagName", "Type", "URI"]);
        self.children(element, &CATEGORY);
        let tag = self.required_attribute(element, "TagName");
        let tag = tag.and_then(|one| self.plain(&one.value, one.at, "TagName"));
        let kind = self.required_attribute(element, "Type").and_then(|one| {
            let kind = CategoryKind::ALL.into_iter().find(|kind| kind.word() == one.value);
            if kind.is_none() {
                let known = CategoryKind::ALL.map(CategoryKind::word).join(", ");
                self.error(one.at, VALUE, format!("Type {} is not known. Known: {known}", shown(&one.value)));
            }
            kind
        });
        let uri = self.optional_attribute(element, "URI").and_then(|one| self.uri(&one));
        let mut values: Vec<String> = Vec::new();
        for one in element.children.iter().filter(|one| one.name == "GenericValue") {
            let Some(value) = self.value(one, &[]) else { continue };
            if values.contains(&value) {
                self.error(one.at, ORDER, format!("value {} stands twice. Keep one", shown(&value)));
            }
            values.push(value);
        }
        Some(Category { tag: tag?, kind: kind?, uri, values })
    }

    /// The text of an element without children.
    fn value(&mut self, element: &Element, attributes: &[&str]) -> Option<String> {
        self.attributes(element, attributes);
        for one in &element.children {
            self.error(
                one.at,
                ELEMENT,
                format!("element {} stands inside {}, which holds text only", one.name, element.name),
            );
        }
        let at = if element.text.is_empty() { element.at } else { element.text_at };
        self.plain(&element.text, at, &element.name)
    }

    /// A value as people read it: not empty, no white space but single spaces, nothing unseen. LBL-5
    fn plain(&mut self, text: &str, at: usize, name: &str) -> Option<String> {
        if text.is_empty() {
            self.error(at, VALUE, format!("{name} is empty"));
            return None;
        }
        if let Some(odd) = misleading(text) {
            let told = format!("character U+{:04X} in {name}, which nobody sees. Take it out", u32::from(odd));
            self.error(at, VALUE, told);
            return None;
        }
        if text.starts_with(' ') || text.ends_with(' ') || text.contains("  ") {
            self.error(
                at,
                VALUE,
                format!("{name} {} has spaces that are none of its words. Take them out", shown(text)),
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// `urn:oid:` and an object identifier, which is all that the standard permits.
    fn uri(&mut self, one: &Attribute) -> Option<String> {
        let arc =
            |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'));
        let oid = one.value.strip_prefix("urn:oid:");
        let right = oid
            .is_some_and(|oid| oid.split('.').count() > 1 && oid.split('.').all(|part| !part.is_empty() && arc(part)));
        if !right {
            self.error(
                one.at,
                VALUE,
                format!("{} {} is not urn:oid: and an object identifier", one.name, shown(&one.value)),
            );
        }
        right.then(|| one.value.clone())
    }

    /// A moment with its offset from UTC, fractions of a second allowed.
    fn moment(&mut self, text: &str, at: usize) -> Option<Moment> {
        let parsed = whole_seconds(text).and_then(|whole| Timestamp::parse(&whole));
        if parsed.is_none() {
            let told = format!("{} is not a moment with its offset. Write it as 2026-11-16T18:00:00Z", shown(text));
            self.error(at, VALUE, told);
        }
        parsed.map(|at| Moment { text: text.to_owned(), at })
    }

    fn optional_attribute(&self, element: &Element, name: &str) -> Option<Attribute> {
        element.attributes.iter().find(|one| one.name == name).cloned()
    }

    fn required_attribute(&mut self, element: &Element, name: &str) -> Option<Attribute> {
        let found = self.optional_attribute(element, name);
        if found.is_none() {
            self.error(element.at, MISSING, format!("{} has no attribute {name}, which it must have", element.name));
        }
        found
    }

    fn attributes(&mut self, element: &Element, known: &[&str]) {
        for one in element.attributes.iter().filter(|one| !known.contains(&one.name.as_str())) {
            let may = if known.is_empty() { "It has none".to_owned() } else { format!("Known: {}", known.join(", ")) };
            let told = format!("attribute {} of {} is not known. {may}", one.name, element.name);
            self.error(one.at, ATTRIBUTE, told);
        }
    }

    /// Children in the order of the schema, none but those. LBL-3
    fn children(&mut self, element: &Element, known: &[Child]) {
        let names: Vec<&str> = known.iter().map(|one| one.name).collect();
        if !element.text.is_empty() {
            let told = format!("text {} stands in {}, which holds elements only", shown(&element.text), element.name);
            self.error(element.text_at, VALUE, told);
        }
        let mut last = 0;
        for (n, one) in element.children.iter().enumerate() {
            let Some(place) = names.iter().position(|name| *name == one.name) else {
                self.unknown(&one.name, one.at, &element.name, &names);
                continue;
            };
            let many = known.get(place).is_some_and(|known| known.many);
            if !many && element.children.iter().take(n).any(|earlier| earlier.name == one.name) {
                self.error(one.at, ORDER, format!("element {} stands in {} twice. Keep one", one.name, element.name));
            } else if place < last {
                let told = format!("element {} is out of order. The order is {}", one.name, names.join(", "));
                self.error(one.at, ORDER, told);
            }
            last = last.max(place);
        }
        for one in
            known.iter().filter(|known| known.required && !element.children.iter().any(|is| is.name == known.name))
        {
            self.error(element.at, MISSING, format!("{} has no {}, which it must have", element.name, one.name));
        }
    }

    fn unknown(&mut self, name: &str, at: usize, inside: &str, known: &[&str]) {
        let message = match NOT_READ.iter().find(|(one, _)| *one == name) {
            Some((_, why)) => format!("element {name}: {why}"),
            None => {
                let meant = nearest(name, known.iter().copied());
                let advice =
                    meant.map_or_else(|| format!("Known: {}", known.join(", ")), |one| format!("Did you mean {one}?"));
                format!("element {} in {inside} is not known. {advice}", shown(name))
            }
        };
        self.error(at, if name.is_empty() { NOT_XML } else { ELEMENT }, message);
    }
}

fn only<'e>(element: &'e Element, name: &str) -> Option<&'e Element> {
    element.children.iter().find(|one| one.name == name)
}

/// A moment without its fraction of a second; `None` for a fraction that is none.
fn whole_seconds(text: &str) -> Option<String> {
    let Some((before, behind)) = text.split_once('.') else { return Some(text.to_owned()) };
    let zone = behind.trim_start_matches(|one: char| one.is_ascii_digit());
    let digits = behind.len().saturating_sub(zone.len());
    (1..=9).contains(&digits).then(|| format!("{before}{zone}"))
}
