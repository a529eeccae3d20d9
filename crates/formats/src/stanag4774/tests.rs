//! Labels: what is taken, what is refused, and that what goes out comes in again.

mod hardening;
mod markings;

use super::{ConfidentialityLabel, read};
use relto_policy::agreement::Agreement;
use relto_report::{fault::Faults, register::Register};

const AGREEMENT: &str = include_str!("../../../../examples/agreement.toml");
const XAA: &[u8] = include_bytes!("../../../../examples/markings-XAA.toml");
const XBB: &[u8] = include_bytes!("../../../../examples/markings-XBB.toml");
pub(super) const PUBLIC: [&[u8]; 6] = [
    include_bytes!("../../../../examples/labels/nato-4774-17-1.nato"),
    include_bytes!("../../../../examples/labels/nato-4774-17-2.nato"),
    include_bytes!("../../../../examples/labels/nato-4774-17-3.nato"),
    include_bytes!("../../../../examples/labels/nato-4774-17-4.nato"),
    include_bytes!("../../../../examples/labels/nato-4774-17-5.nato"),
    include_bytes!("../../../../examples/labels/nato-4774-17-6.nato"),
];

/// The example agreement, with groups of NATO's.
fn agreement(groups: &[&str]) -> Agreement {
    changed(groups, |text| text)
}

fn changed(groups: &[&str], change: impl Fn(String) -> String) -> Agreement {
    let mut text = AGREEMENT.to_owned();
    for code in groups {
        let group = format!(
            "\n[[group]]\ncode = \"{code}\"\nmembers = [\"XAA\", \"XBB\", \"XDD\"]\nfrom = 2026-03-01\nuntil = 2027-03-01\n"
        );
        text.push_str(&group);
    }
    Agreement::read("agreement.toml", change(text).as_bytes()).unwrap_or_else(|faults| panic!("{faults}"))
}

fn registers() -> [Register; 2] {
    [("XAA", XAA), ("XBB", XBB)].map(|(name, bytes)| Register::read(name, bytes).unwrap())
}

fn label(text: &str) -> ConfidentialityLabel {
    read("label.xml", text.as_bytes()).unwrap_or_else(|faults| panic!("{faults}\n{text}")).label
}

fn faults(bytes: &[u8]) -> Faults {
    read("label.xml", bytes).err().unwrap_or_else(|| panic!("was taken: {}", String::from_utf8_lossy(bytes)))
}

/// A label of Arcadia with these categories.
fn of(policy: &str, classification: &str, categories: &str) -> String {
    format!(
        "<originatorConfidentialityLabel xmlns=\"{}\" ReviewDateTime=\"2027-05-16T00:00:00Z\">\n\
         <ConfidentialityInformation>\n<PolicyIdentifier>{policy}</PolicyIdentifier>\n\
         <Classification>{classification}</Classification>\n{categories}</ConfidentialityInformation>\n\
         <CreationDateTime>2026-11-16T18:00:00Z</CreationDateTime>\n</originatorConfidentialityLabel>\n",
        super::NAMESPACE
    )
}

fn category(tag: &str, kind: &str, values: &[&str]) -> String {
    let values: String = values.iter().map(|value| format!("<GenericValue>{value}</GenericValue>")).collect();
    format!("<Category TagName=\"{tag}\" Type=\"{kind}\">{values}</Category>\n")
}
