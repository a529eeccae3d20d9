//! Every rule of the report grammar, and who judges it: the author's client, the node that sends, the node that receives.
//!
//! What one end checks, the end that relies on it checks too, by the same function; where an end does not, the table says
//! why. Tests walk it: a broken field for each row that a node judges, posted past the client, is refused by its number.

use crate::codec::Malformed;

/// Where a rule is judged at one end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judged {
    /// By the reader of the file, with the place in it, and once more as [`Judged::Form`] before it is signed.
    File,
    /// By [`crate::wellformed::check`], on the decoded report and the home file.
    Form,
    /// By the decoder: what breaks it has no bytes that decode.
    Decoder,
    /// By the decision, which has a code of this name for it.
    Decision(&'static str),
    /// By the node's records of what was released and received.
    Records,
    /// By whoever looks into attachments.
    Look,
    /// By whoever checks the signatures of people.
    Signature,
    /// Not here, and why.
    Not(Why),
}

/// Why an end does not judge a rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Why {
    /// It is of the text as the author wrote it; nothing of it is in the decoded report.
    SourceText,
    /// It needs records or rules that the author's nation alone has.
    AuthorsNation,
    /// It needs the node's records; the client asks the node.
    Records,
    /// It is of the report that a tear line comes from, which does not go with it.
    Original,
}

/// One rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Its number.
    pub number: &'static str,
    /// What it asks, and so what to do: a sentence for whoever broke it.
    pub asks: &'static str,
    /// The author's client.
    pub client: Judged,
    /// The node that sends.
    pub sender: Judged,
    /// The node that receives.
    pub receiver: Judged,
}

/// Of which list this is. It rises with every rule that is added, taken away or judged otherwise, so that two programs
/// can say that they do not have the same one.
pub const LIST: u32 = 4;

/// The rule that a serial is used once.
pub const SPENT: &str = "R012";

/// The rule of a number.
#[must_use]
pub fn rule(number: &str) -> Option<&'static Rule> {
    RULES.iter().find(|one| one.number == number)
}

/// Which rule bounds a field that the decoder bounds, by the name that its fault gives.
pub const BOUNDED: &[(&str, &str)] = &[
    ("format", "R010"),
    ("serial", "R011"),
    ("form", "R013"),
    ("mark", "R100"),
    ("marked text", "R006"),
    ("rel_to", "R021"),
    ("topics", "R022"),
    ("purpose", "R023"),
    ("precedence", "R024"),
    ("action", "R025"),
    ("info", "R025"),
    ("traffic", "R026"),
    ("language", "R027"),
    ("translation_of", "R028"),
    ("classified_by", "R034"),
    ("likelihood_scale", "R035"),
    ("tlp", "R036"),
    ("answers", "R037"),
    ("refers_to", "R038"),
    ("supersedes", "R039"),
    ("judgements", "R040"),
    ("judgement.id", "R040"),
    ("judgement.likelihood", "R041"),
    ("judgement.confidence", "R042"),
    ("judgement.sources", "R043"),
    ("sources", "R050"),
    ("source.mark", "R100"),
    ("source.nation", "R052"),
    ("source.kind", "R053"),
    ("source.grade", "R054"),
    ("source.topics", "R056"),
    ("source.descriptor", "R100"),
    ("portions", "R006"),
    ("attachments", "R060"),
    ("attachment.name", "R060"),
    ("attachment.mark", "R100"),
    ("attachment.media_type", "R061"),
    ("attachment length", "R062"),
    ("attachment sha256", "R062"),
    ("banner", "R125"),
];

/// The rule that bytes break which are no report.
#[must_use]
pub fn broken_by(fault: Malformed) -> &'static str {
    match fault {
        Malformed::NotUtf8 => "R001",
        Malformed::TooLong => "R002",
        Malformed::Trailing => "R062",
        Malformed::Undecodable | Malformed::NotCanonical => "R010",
        Malformed::OutOfBounds(field) => {
            BOUNDED.iter().find(|(name, _)| *name == field).map_or("R010", |(_, rule)| rule)
        }
    }
}

const fn all(number: &'static str, asks: &'static str, nodes: Judged) -> Rule {
    Rule { number, asks, client: Judged::File, sender: nodes, receiver: nodes }
}

const fn text(number: &'static str, asks: &'static str) -> Rule {
    all(number, asks, Judged::Not(Why::SourceText))
}

const fn form(number: &'static str, asks: &'static str) -> Rule {
    all(number, asks, Judged::Form)
}

const fn decided(number: &'static str, asks: &'static str, code: &'static str) -> Rule {
    all(number, asks, Judged::Decision(code))
}

const fn home(number: &'static str, asks: &'static str, client: Judged, sender: Judged) -> Rule {
    Rule { number, asks, client, sender, receiver: Judged::Not(Why::AuthorsNation) }
}

/// The whole list, by number.
pub const RULES: &[Rule] = &[
    all("R001", "the text is UTF-8", Judged::Decoder),
    decided(
        "R002",
        "a report is no larger than the agreement permits: shorten it, or send it in parts",
        "SIZE_EXCEEDED",
    ),
    form("R003", "no text has a sign that nobody sees, and each is composed (NFC): delete the sign"),
    text("R004", "the keys stand between two lines of +++"),
    text("R005", "the keys are TOML"),
    form("R006", "a report has 1 to 2,000 portions with text, each of 16 KiB at most"),
    all("R010", "the format is relto-report/1", Judged::Decoder),
    form("R011", "the serial is of the author's nation: NNN-OFFICE-YYYY-number, 40 characters at most"),
    home(SPENT, "a serial is used once", Judged::Not(Why::Records), Judged::Records),
    decided("R013", "the form is one of the vocabulary", "FORM_NOT_AGREED"),
    form("R014", "the title is marked and has 1 to 200 characters on one line"),
    decided("R020", "rel_to has codes of nations, and groups of the agreement", "GROUP_CODE_UNKNOWN"),
    form("R021", "rel_to has each code once, the own nation first, the rest by the alphabet"),
    form("R022", "each topic stands once"),
    decided("R023", "the purpose is one of the agreement", "PURPOSE_MISMATCH"),
    form("R024", "the precedence is FLASH, IMMEDIATE, PRIORITY or ROUTINE"),
    form("R025", "each office of action and info stands once in its list"),
    form("R026", "traffic is live or an exercise's id, and an exercise's text tells of no real event"),
    decided("R027", "the language is one that the recipient accepts, or a translation is attached", "MALFORMED"),
    Rule {
        number: "R028",
        asks: "translation_of is a serial of one of both nations, and the translation keeps its markings",
        client: Judged::File,
        sender: Judged::Records,
        receiver: Judged::Records,
    },
    decided("R029", "a spot-report has 400 words at most, a FLASH no more than the agreement permits", "MALFORMED"),
    form("R030", "information_cutoff is a moment of the years 1 to 9999"),
    form("R031", "produced is not before information_cutoff, and of the years 1 to 9999"),
    form("R032", "from level 1 a report has a review day, after information_cutoff and of the years 1 to 9999"),
    form("R033", "from level 2 a report says when it is declassified: a day not before review, or originator"),
    form(
        "R034",
        "from level 1 a report says who classified it: an office of the own nation, 80 visible characters on one line",
    ),
    form("R035", "the likelihood scale is one of the vocabulary"),
    form("R036", "the TLP colour is one of TLP 2"),
    home("R037", "answers names a request that the recipient sent", Judged::File, Judged::Records),
    home("R038", "each reference names a report that the recipient has", Judged::File, Judged::Records),
    home("R039", "supersedes names a report of ours that the recipient has", Judged::File, Judged::Records),
    form(
        "R040",
        "judgements are numbered in order, and one paragraph begins with each number; a tear line's begin with no other",
    ),
    form("R041", "the likelihood is a word of the scale"),
    form("R042", "the confidence is a word of the vocabulary"),
    form("R043", "a judgement names 1 to 32 listed sources, each once; in a tear line none"),
    form("R044", "the paragraph of a judgement has its words"),
    form("R045", "likelihood and confidence stand in two sentences"),
    form("R050", "sources are numbered 1, 2, 3; a tear line has none"),
    text("R051", "a withheld source has number and grade alone"),
    decided(
        "R052",
        "the mark of a source names its nation, and portions and sources are of the same nations",
        "FGI_MISMATCH",
    ),
    form("R053", "the kind of a source is a word of the vocabulary"),
    form("R054", "the grade is a letter A-F and a digit 1-6"),
    form("R055", "a source is not dated after information_cutoff, nor before the year 1"),
    form("R056", "the topics of a source are the report's, each once"),
    home("R057", "a descriptor has no serial of the nation's own systems", Judged::File, Judged::Form),
    form("R058", "what stands in brackets in the text, such as [3], [1, 2] or [4-6], names listed sources alone"),
    form("R060", "a report has 16 attachments at most, each with a plain name that no other has"),
    all("R061", "an attachment is what its name's ending says", Judged::Look),
    all("R062", "an attachment has the bytes that the report lists", Judged::Decoder),
    form(
        "R070",
        "no portion of a report that is sent reads as the heading of a tear line, and a tear line has no attachments, references and copies",
    ),
    all("R071", "a tear line says no other likelihood or confidence than its report", Judged::Not(Why::Original)),
    home("R072", "no value of the home file stands in the report", Judged::File, Judged::Form),
    home(
        "R080",
        "the home file has what the officer needs: the reason, owners, consents, withheld sources",
        Judged::File,
        Judged::Form,
    ),
    home("R090", "the author signed for this agreement and recipient", Judged::Signature, Judged::Signature),
    home("R091", "the officer signed for this report, version and recipient", Judged::Signature, Judged::Signature),
    form(
        "R100",
        "every title, heading, paragraph, item, table and reason has a portion mark, what is one line is one line, each line of a table behind the first begins with a bar, and nothing has an empty line in it",
    ),
    decided("R101", "the level of a portion is written short", "MARKING_UNKNOWN"),
    decided("R102", "marks are in capital letters", "MARKING_UNKNOWN"),
    decided("R103", "level and controls are parted by //", "MALFORMED"),
    decided("R104", "codes are parted by a comma and one space", "MALFORMED"),
    decided("R105", "a mark has ordinary spaces and hyphens", "MALFORMED"),
    decided("R106", "the own nation stands first in a mark", "MALFORMED"),
    decided("R107", "a list in a mark names another nation", "MALFORMED"),
    decided("R108", "a control that excludes a list has none beside it", "LABEL_INCONSISTENT"),
    decided("R109", "controls stand in their order, each once", "MALFORMED"),
    decided("R110", "each control is one of the register", "CAVEAT_UNKNOWN"),
    decided("R111", "marks are the author's nation's", "MARKING_UNKNOWN"),
    decided("R112", "there are no joint marks", "MALFORMED"),
    decided("R113", "what is for display alone is not sent", "MALFORMED"),
    text("R114", "the mark stands before the text"),
    form("R115", "no line, cell, title or reason begins with what is shaped like a mark: a portion has one mark"),
    decided(
        "R120",
        "the banner has no lower level than a part, and the reason for it is the own nation's",
        "LABEL_UNDERSTATES_PORTIONS",
    ),
    decided("R121", "the banner has every control and owner that a part has", "LABEL_UNDERSTATES_PORTIONS"),
    decided("R122", "the banner admits nobody whom a part does not", "LABEL_UNDERSTATES_PORTIONS"),
    decided("R123", "a banner above its parts says why: aggregation_reason", "AGGREGATION_REASON_MISSING"),
    decided("R124", "rel_to and banner name the same", "LABEL_INCONSISTENT"),
    decided("R125", "the banner's marking is one of the register", "MARKING_UNKNOWN"),
    decided("R126", "the banner's controls are of the register", "CAVEAT_UNKNOWN"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_stands_once_in_order_and_says_what_it_asks() {
        assert!(RULES.is_sorted_by(|one, next| one.number < next.number));
        for one in RULES {
            assert!(one.number.len() == 4 && one.number.starts_with('R'), "{}", one.number);
            assert!(!one.asks.is_empty() && !one.asks.ends_with('.'), "{}", one.number);
            assert_eq!(rule(one.number), Some(one));
        }
        assert_eq!(rule("R999"), None);
    }

    #[test]
    fn each_field_that_the_decoder_bounds_has_the_rule_that_bounds_it() {
        let source = concat!(include_str!("assessment.rs"), include_str!("assessment/document.rs"));
        let (_, validate) = include_str!("assessment.rs").split_once("impl Validate for MarkedText").unwrap();
        let named: Vec<&str> = validate.split('"').skip(1).step_by(2).collect();
        assert!(named.len() > 30, "{named:?}");
        for field in named {
            assert!(BOUNDED.iter().any(|(name, _)| *name == field), "{field}");
        }
        for (field, number) in BOUNDED {
            assert!(source.contains(&format!("\"{field}\"")) && rule(number).is_some(), "{field}");
        }
    }

    #[test]
    fn what_is_never_asked_inbound_is_what_needs_the_authors_nation() {
        let never: Vec<&str> =
            RULES.iter().filter(|one| one.receiver == Judged::Not(Why::AuthorsNation)).map(|one| one.number).collect();
        assert_eq!(never, ["R012", "R037", "R038", "R039", "R057", "R072", "R080", "R090", "R091"]);
    }
}
