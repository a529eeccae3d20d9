//! A label as XML, in the order of the schema, one form for one label.

use super::{ConfidentialityLabel, NAMESPACE};
use quick_xml::escape::escape;
use std::fmt::Write as _;

/// Writes a label as a whole file.
#[must_use]
pub fn write(label: &ConfidentialityLabel) -> String {
    let root = label.kind.element();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let root_attributes = attribute("Id", label.id.as_deref())
        + &attribute("ReviewDateTime", label.review.as_ref().map(|one| one.text.as_str()));
    // Writing to a String cannot fail.
    let _ = writeln!(out, "<slab:{root} xmlns:slab=\"{NAMESPACE}\"{root_attributes}>");
    out.push_str("  <slab:ConfidentialityInformation>\n");
    element(&mut out, 2, "PolicyIdentifier", &attribute("URI", label.policy_uri.as_deref()), &label.policy);
    element(&mut out, 2, "Classification", "", &label.classification);
    if let Some(mark) = &label.privacy_mark {
        element(&mut out, 2, "PrivacyMark", "", mark);
    }
    for category in &label.categories {
        let attributes = attribute("TagName", Some(&category.tag))
            + &attribute("Type", Some(category.kind.word()))
            + &attribute("URI", category.uri.as_deref());
        let _ = writeln!(out, "    <slab:Category{attributes}>");
        category.values.iter().for_each(|value| element(&mut out, 3, "GenericValue", "", value));
        out.push_str("    </slab:Category>\n");
    }
    out.push_str("  </slab:ConfidentialityInformation>\n");
    if let Some(originator) = &label.originator {
        element(&mut out, 1, "OriginatorID", &attribute("IDType", Some(&originator.kind)), &originator.name);
    }
    if let Some(created) = &label.created {
        element(&mut out, 1, "CreationDateTime", "", &created.text);
    }
    let _ = writeln!(out, "</slab:{root}>");
    out
}

fn attribute(name: &str, value: Option<&str>) -> String {
    value.map_or_else(String::new, |value| format!(" {name}=\"{}\"", escape(value)))
}

fn element(out: &mut String, depth: usize, name: &str, attributes: &str, text: &str) {
    let indent = "  ".repeat(depth);
    let _ = writeln!(out, "{indent}<slab:{name}{attributes}>{}</slab:{name}>", escape(text));
}
