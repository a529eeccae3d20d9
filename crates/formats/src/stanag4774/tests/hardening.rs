//! What XML can do to its reader, and what is none of a label's.

use super::{PUBLIC, category, faults, label, of};
use crate::stanag4774::{MAX_ATTRIBUTES, MAX_DEPTH, MAX_ELEMENTS, MAX_LABEL, MAX_TEXT, NAMESPACE, read, write};
use relto_report::fault::Fault;

fn good() -> String {
    of("XAA", "SECRET", &category("Releasable To", "PERMISSIVE", &["XAA", "XBB"]))
}

/// The good label with one thing changed is refused with this rule, at this place, in words that hold this.
fn refused(from: &str, to: &str, rule: &str, holds: &str) {
    let good = good();
    assert!(good.contains(from), "{from}");
    let bad = good.replacen(from, to, 1);
    let faults = faults(bad.as_bytes());
    let told = |fault: &Fault| {
        !fault.warning && fault.rule == rule && fault.line > 0 && fault.column > 0 && fault.message.contains(holds)
    };
    assert!(faults.list.iter().any(told), "{rule} {holds}: {faults}");
}

#[test]
fn the_good_label_is_taken_without_a_warning_in_either_form_of_prefix() {
    let read = read("label.xml", good().as_bytes()).unwrap();
    assert!(read.warnings.list.is_empty(), "{}", read.warnings);
    assert_eq!(label(&write(&read.label)), read.label);
    let with_mark = [&[0xEF, 0xBB, 0xBF], good().as_bytes()].concat();
    assert_eq!(super::read("label.xml", &with_mark).unwrap().label, read.label);
}

#[test]
fn lbl_1_a_file_is_one_label_in_utf_8_of_bounded_size() {
    let good = good();
    for utf_16 in [
        good.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(),
        good.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        [vec![0xFF, 0xFE], good.encode_utf16().flat_map(u16::to_le_bytes).collect()].concat(),
    ] {
        let faults = faults(&utf_16);
        assert!(faults.list[0].rule == "L001" && faults.list[0].message.contains("Save the file as UTF-8"), "{faults}");
    }
    let latin = good.replace("SECRET", "TR\u{c8}S").into_bytes();
    let latin: Vec<u8> = latin.into_iter().filter(|byte| *byte != 0x88).collect();
    let faults_of_latin = faults(&latin);
    assert_eq!((faults_of_latin.list[0].rule, faults_of_latin.list[0].line), ("L001", 4), "{faults_of_latin}");
    let declared = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n{good}");
    assert_eq!(faults(declared.as_bytes()).list[0].rule, "L001");
    let long = format!("{good}{}", " ".repeat(MAX_LABEL));
    assert_eq!(faults(long.as_bytes()).list[0].rule, "L004");
    let longest = format!("{good}{}", " ".repeat(MAX_LABEL - good.len()));
    assert!(read("label.xml", longest.as_bytes()).is_ok());
    for behind in ["garbage", "<a/>", "&amp;", &good, "\0"] {
        assert_eq!(faults(format!("{good}{behind}").as_bytes()).list[0].rule, "L003", "{behind:?}");
    }
    for nothing in ["", "  \n", "<", "<a", "<!-- only -->", "text", "</a>", "<?xml version=\"1.0\"?>"] {
        assert!(["L003", "L005"].contains(&faults(nothing.as_bytes()).list[0].rule), "{nothing:?}");
    }
    let cut: Vec<usize> = (0..good.len() - 2).filter(|at| read("label.xml", &good.as_bytes()[..*at]).is_ok()).collect();
    assert!(cut.is_empty(), "taken when cut at {cut:?}");
}

#[test]
fn lbl_2_no_dtd_no_entity_no_instruction_and_no_cdata_is_taken() {
    let root = "<originatorConfidentialityLabel";
    let bomb = "<!DOCTYPE a [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;\">]>";
    let external = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">";
    let parameter = "<!DOCTYPE a [<!ENTITY % x SYSTEM \"http://127.0.0.1/x\"> %x;]>";
    for dtd in [bomb, external, parameter, "<!DOCTYPE a>"] {
        refused(root, &format!("{dtd}\n{root}"), "L002", "DOCTYPE");
    }
    for entity in [
        "&c;",
        "&xxe;",
        "&nbsp;",
        "&#0;",
        "&#xD800;",
        "&#x110000;",
        "&#;",
        "&#x;",
        "&#+65;",
        "&#10;",
        "&#32;",
        "&#xA0;",
        "&AMP;",
    ] {
        let good = good().replacen(">SECRET<", &format!(">SECRET{entity}<"), 1);
        assert!(["L002", "L003"].contains(&faults(good.as_bytes()).list[0].rule), "{entity}");
        let good = super::of("XAA", "SECRET", &category(&format!("a{entity}"), "PERMISSIVE", &["XAA"]));
        assert!(["L002", "L003"].contains(&faults(good.as_bytes()).list[0].rule), "{entity}");
    }
    refused(">SECRET<", ">SECRET & CO<", "L003", "");
    refused(root, &format!("<?php x?>\n{root}"), "L002", "processing instruction");
    refused("<Classification>", "<?x?><Classification>", "L002", "processing instruction");
    refused(">SECRET<", "><![CDATA[SECRET]]><", "L002", "CDATA");
    refused(">SECRET<", ">SEC<!-- -->RET<", "L002", "comment");
    refused(">SECRET<", ">SECRET<!-- a -- b --><", "L003", "--");
    refused("\n<Classification>", "\n<?xml version=\"1.0\"?><Classification>", "L003", "declaration");
    let commented = good().replacen("<Classification>", "<!-- of the J2 --><Classification>", 1);
    assert_eq!(label(&commented), label(&good()));
    // The five, and characters by number, are read as what they mean.
    let five = of("XAA", "A &amp; B &lt;&gt; &quot;&apos; &#233;&#xE9;", "");
    assert_eq!(label(&five).classification, "A & B <> \"' \u{e9}\u{e9}");
}

#[test]
fn lbl_3_what_is_nested_named_or_placed_otherwise_is_refused_by_name() {
    let open = "<a>".repeat(1_000);
    let deep = good().replacen("<Classification>", &format!("{}<Classification>", open.replace('a', "Category")), 1);
    let told = faults(deep.as_bytes());
    assert!(told.list[0].rule == "L004" && told.list[0].message.contains(&MAX_DEPTH.to_string()), "{told}");
    let many = "<Category/>".repeat(MAX_ELEMENTS);
    refused("<Classification>", &format!("{many}<Classification>"), "L004", "elements");
    refused(">SECRET<", &format!(">{}<", "S".repeat(MAX_TEXT + 1)), "L004", "Classification");
    refused("TagName=\"Releasable To\"", &format!("TagName=\"{}\"", "R".repeat(MAX_TEXT + 1)), "L004", "TagName");
    let attributes: String = (0..=MAX_ATTRIBUTES).map(|n| format!(" a{n}=\"\"")).collect();
    refused("<Category ", &format!("<Category{attributes} "), "L004", "attributes");
    // Namespaces.
    refused(NAMESPACE, "urn:nato:stanag:4774:confidentialitymetadatalabel:2:0", "L005", "2:0");
    refused(&format!(" xmlns=\"{NAMESPACE}\""), "", "L005", "no namespace");
    refused("<Classification>", "<x:Classification>", "L005", "prefix x is not declared");
    refused("<Category ", "<Category xmlns=\"\" ", "L005", "no namespace");
    refused("<Category ", "<y:Category ", "L005", "prefix y");
    refused(
        " ReviewDateTime",
        " xmlns:xsi=\"urn:x\" xsi:schemaLocation=\"x\" ReviewDateTime",
        "L007",
        "xsi:schemaLocation",
    );
    refused(" ReviewDateTime", " xmlns:xml=\"urn:x\" ReviewDateTime", "L005", "xmlns:xml");
    // Attributes.
    refused(" Type=\"PERMISSIVE\"", " Type=\"PERMISSIVE\" Type=\"INFORMATIVE\"", "L007", "twice");
    refused(" Type=\"PERMISSIVE\"", " type=\"PERMISSIVE\"", "L007", "attribute type of Category");
    refused(" Type=\"PERMISSIVE\"", "", "L008", "Type");
    refused(" Type=\"PERMISSIVE\"", " Type=PERMISSIVE", "L003", "quotes");
    refused("\" Type=", "\"Type=", "L003", "space");
    refused("Type=\"PERMISSIVE\"", "Type=\"permissive\"", "L010", "\"permissive\"");
    refused("<Classification>", "<Classification URI=\"urn:oid:1.2\">", "L007", "URI");
    // Elements.
    refused(
        "<CreationDateTime>2026-11-16T18:00:00Z</CreationDateTime>",
        "<CreationDataTime>2026-11-16T18:00:00Z</CreationDataTime>",
        "L006",
        "CreationDateTime?",
    );
    let other = good().replace("originatorConfidentialityLabel", "alternateConfidentialityLabel");
    let told = faults(other.as_bytes());
    assert!(told.list[0].message.contains("Did you mean alternativeConfidentialityLabel?"), "{told}");
    for (name, rule) in [("metadataConfidentialityLabel", "metadata"), ("ConfidentialityLabel", "whose label")] {
        let told = faults(good().replace("originatorConfidentialityLabel", name).as_bytes());
        assert!(told.list[0].rule == "L006" && told.list[0].message.contains(rule), "{told}");
    }
    refused(
        "</ConfidentialityInformation>",
        "</ConfidentialityInformation><SuccessionHandling/>",
        "L006",
        "SuccessionHandling",
    );
    refused("<GenericValue>XBB</GenericValue>", "<IntegerValue>7</IntegerValue>", "L006", "IntegerValue");
    refused("<GenericValue>XBB</GenericValue>", "<Extension>7</Extension>", "L006", "\"Extension\"");
    refused("<GenericValue>XBB</GenericValue>", "XBB", "L010", "text \"XBB\"");
    refused("<PolicyIdentifier>XAA</PolicyIdentifier>\n", "", "L008", "PolicyIdentifier");
    refused(
        "<PolicyIdentifier>XAA</PolicyIdentifier>",
        "<PolicyIdentifier>XAA</PolicyIdentifier>".repeat(2).as_str(),
        "L009",
        "twice",
    );
    refused("</Classification>\n", "</Classification>\n<PolicyIdentifier>XBB</PolicyIdentifier>", "L009", "twice");
    refused(
        "<PolicyIdentifier>XAA</PolicyIdentifier>\n<Classification>SECRET</Classification>",
        "<Classification>SECRET</Classification>\n<PolicyIdentifier>XAA</PolicyIdentifier>",
        "L009",
        "order",
    );
}

#[test]
fn lbl_4_the_known_deviations_of_published_labels_are_taken_with_a_warning_and_no_other() {
    for (n, bytes) in PUBLIC.iter().enumerate() {
        let read = read("label.nato", bytes).unwrap_or_else(|faults| panic!("{faults}"));
        let told: Vec<&str> = read.warnings.list.iter().map(|fault| fault.message.split(' ').next().unwrap()).collect();
        let wanted: &[&str] = if n == 0 {
            &["ReviewDateTime", "CreationDateTime", "attribute"]
        } else {
            &["ReviewDateTime", "CreationDateTime"]
        };
        assert_eq!(told, wanted, "{}", read.warnings);
        assert!(read.warnings.list.iter().all(|fault| fault.warning && fault.rule == "L011"));
        assert_eq!(read.label.policy, "NATO");
        assert_eq!(read.label.policy_uri.is_some(), n == 0);
        assert_eq!(label(&write(&read.label)), read.label, "its words are kept");
    }
    refused("<PolicyIdentifier>", "<PolicyIdentifier URL=\"urn:oid:1.2\" URI=\"urn:oid:1.2\">", "L007", "both");
    refused("<PolicyIdentifier>", "<PolicyIdentifier URL=\"http://example.org\">", "L010", "urn:oid:");
    refused("<Category ", "<Category URL=\"urn:oid:1.2\" ", "L007", "URL");
    refused("<PolicyIdentifier>", "<PolicyIdentifier Url=\"urn:oid:1.2\">", "L007", "Url");
}

#[test]
fn lbl_5_a_value_reads_as_it_is_compared() {
    for odd in [
        "SEC\u{200b}RET",
        "\u{202e}SECRET",
        "SEC\u{ad}RET",
        "SEC\u{a0}RET",
        "SEC\tRET",
        "SEC\nRET",
        "SEC  RET",
        "SEC\u{feff}RET",
        "SEC\u{85}RET",
    ] {
        refused(">SECRET<", &format!(">{odd}<"), "L010", "Classification");
    }
    refused(">SECRET<", ">SEC\u{1b}RET<", "L003", "U+001B");
    refused(">SECRET<", "><", "L010", "empty");
    refused("\"Releasable To\"", "\"Releasable To \"", "L010", "TagName");
    refused("\"Releasable To\"", "\" \"", "L010", "TagName");
    refused("<GenericValue>XAA</GenericValue><GenericValue>XBB</GenericValue>", "", "L008", "GenericValue");
    refused("<GenericValue>XBB</GenericValue>", "<GenericValue/>", "L010", "GenericValue is empty");
    refused(">XBB<", ">XAA<", "L009", "twice");
    refused(
        "</Category>",
        "</Category><Category TagName=\"RELEASABLE to\" Type=\"PERMISSIVE\"><GenericValue>XCC</GenericValue></Category>",
        "L009",
        "twice",
    );
    for bad in ["2026-11-16", "2026-11-16T18:00:00", "2026-11-16T18:00:00.Z", "2026-13-16T18:00:00Z", "today"] {
        refused("2026-11-16T18:00:00Z", bad, "L010", "offset");
    }
    for good_one in ["2015-08-02T14:06:20.9873126Z", "2026-11-16T20:00:00+02:00"] {
        let read = label(&good().replacen("2026-11-16T18:00:00Z", good_one, 1));
        assert_eq!(read.created.map(|one| one.text).as_deref(), Some(good_one), "as it was written");
    }
    for bad in ["urn:oid:", "urn:oid:1", "urn:oid:1..2", "urn:oid:1.02", "urn:oid:1.2 ", "URN:OID:1.2", "1.2.3"] {
        refused("<PolicyIdentifier>", &format!("<PolicyIdentifier URI=\"{bad}\">"), "L010", "object identifier");
    }
    let whole = good()
        .replacen(
            "</ConfidentialityInformation>",
            "</ConfidentialityInformation><OriginatorID IDType=\"jID\">j2@example.org</OriginatorID>",
            1,
        )
        .replacen(" ReviewDateTime", " Id=\"label-1\" ReviewDateTime", 1)
        .replacen("</Classification>", "</Classification><PrivacyMark>STAFF ONLY</PrivacyMark>", 1);
    let read = label(&whole);
    assert_eq!((read.id.as_deref(), read.privacy_mark.as_deref()), (Some("label-1"), Some("STAFF ONLY")));
    assert_eq!(label(&write(&read)), read);
    let told = faults(whole.replacen("jID", "JID", 1).as_bytes());
    assert!(told.list[0].message.contains("IDType \"JID\""), "{told}");
}
