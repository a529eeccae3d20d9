//! Labels in a nation's words, and a nation's words as labels.

use super::{PUBLIC, agreement, category, changed, label, of, registers};
use crate::stanag4774::{
    ConfidentialityLabel, LabelKind, Marking, Refused, Terms, Translated, alternative_label, originator_label, read,
    translate, write,
};
use relto_policy::agreement::Agreement;
use relto_report::{
    calendar::{Day, Timestamp},
    marking::{BannerMark, Control, Foreign},
    nation::Nation,
    register::Register,
};

const DAY: &str = "2026-11-17";

fn day() -> Day {
    Day::parse(DAY).unwrap()
}

fn nation(code: &str) -> Nation {
    Nation::parse(code).unwrap()
}

fn terms<'a>(agreement: &'a Agreement, register: &'a Register) -> Terms<'a> {
    Terms { agreement, register, day: day() }
}

fn said(label: &ConfidentialityLabel, agreement: &Agreement, register: &Register) -> Result<Translated, Vec<String>> {
    translate(label, &terms(agreement, register)).map_err(|list| list.iter().map(Refused::to_string).collect())
}

fn banner(text: &str, agreement: &Agreement, register: &Register) -> String {
    said(&label(text), agreement, register).unwrap_or_else(|list| panic!("{list:#?}")).marking.banner().to_owned()
}

fn codes(text: &str, agreement: &Agreement, register: &Register) -> Vec<&'static str> {
    let label = label(text);
    translate(&label, &terms(agreement, register)).err().unwrap_or_default().iter().map(Refused::code).collect()
}

#[test]
fn lbl_6_the_six_public_labels_are_said_in_a_nations_words_or_refused_by_name() {
    let [xaa, xbb] = registers();
    let with = agreement(&["NATO", "EAPC", "ISAF", "KFOR"]);
    let wanted: [Result<[&str; 3], &[&str]>; 6] = [
        Err(&["group"]),
        Ok([
            "UNCLASSIFIED//FGI//REL TO XAA, NATO",
            "NON PROTÉGÉ//FGI//COMMUNICABLE À XBB, NATO",
            "(//FGI U//REL TO XAA, NATO)",
        ]),
        Ok([
            "UNCLASSIFIED//FGI//REL TO XAA, NATO",
            "NON PROTÉGÉ//FGI//COMMUNICABLE À XBB, NATO",
            "(//FGI U//REL TO XAA, NATO)",
        ]),
        Ok([
            "RESTRICTED//FGI//REL TO XAA, CHE, JPN, NATO, UKR",
            "DIFFUSION RESTREINTE//FGI//COMMUNICABLE À XBB, CHE, JPN, NATO, UKR",
            "(//FGI R//REL TO XAA, CHE, JPN, NATO, UKR)",
        ]),
        Ok([
            "CONFIDENTIAL//FGI//REL TO XAA, EAPC, ISAF",
            "CONFIDENTIEL//FGI//COMMUNICABLE À XBB, EAPC, ISAF",
            "(//FGI C//REL TO XAA, EAPC, ISAF)",
        ]),
        Err(&["category"]),
    ];
    for (bytes, wanted) in PUBLIC.iter().zip(wanted) {
        let label = read("label.nato", bytes).unwrap().label;
        match (translate(&label, &terms(&with, &xaa)), wanted) {
            (Ok(is), Ok([english, french, portion])) => {
                assert_eq!((is.marking.banner(), is.marking.portion()), (english, Some(portion)));
                assert_eq!(said(&label, &with, &xbb).unwrap().marking.banner(), french);
                assert!(is.owned_by_nato);
            }
            (Err(list), Err(codes)) => {
                assert_eq!(list.iter().map(Refused::code).collect::<Vec<_>>(), codes, "{list:?}")
            }
            (is, wanted) => panic!("{is:?}\n{wanted:?}"),
        }
        // The example agreement has none of NATO's groups.
        let list = said(&label, &agreement(&[]), &xaa).unwrap_err();
        assert!(list.iter().any(|one| one.contains("not among those")), "{list:?}");
    }
    let told = said(&read("1", PUBLIC[0]).unwrap().label, &with, &xaa).unwrap_err();
    assert!(told[0].starts_with("Releasable To RESOLUTE SUPPORT: neither"), "{told:?}");
    let told = said(&read("6", PUBLIC[5]).unwrap().label, &with, &xaa).unwrap_err();
    assert!(told[0].starts_with("category Only (PERMISSIVE) NATO, IRL, SWE, UKR"), "{told:?}");
    let third = said(&read("3", PUBLIC[2]).unwrap().label, &with, &xaa).unwrap();
    assert_eq!(
        (third.left_out[0].tag.as_str(), third.left_out[0].values.as_slice()),
        ("Administrative", &["STAFF".to_owned()][..])
    );
}

#[test]
fn lbl_6_what_nato_says_and_a_mark_cannot_is_named() {
    let [xaa, _] = registers();
    let with = agreement(&["NATO", "KFOR"]);
    let nato = category("Context", "PERMISSIVE", &["NATO"]);
    let releasable = category("Context", "PERMISSIVE", &["NATO", "Releasable"]);
    let to = category("Releasable To", "PERMISSIVE", &["NATO", "XCC"]);
    assert_eq!(
        banner(
            &of(
                "nato",
                "Secret",
                &nato
                    .to_uppercase()
                    .replace("CATEGORY", "Category")
                    .replace("GENERICVALUE", "GenericValue")
                    .replace("TAGNAME", "TagName")
                    .replace("TYPE", "Type")
            ),
            &with,
            &xaa
        ),
        "SECRET//FGI//REL TO XAA, NATO"
    );
    assert_eq!(
        banner(&of("NATO", "SECRET", &(releasable.clone() + &to)), &with, &xaa),
        "SECRET//FGI//REL TO XAA, NATO, XCC"
    );
    for (classification, categories, wanted) in [
        ("TOP SECRET", nato.clone(), &["level"][..]),
        ("COSMIC TOP SECRET", nato.clone(), &["classification"]),
        ("SECRET", String::new(), &["context"]),
        ("SECRET", releasable.clone(), &["context"]),
        ("SECRET", nato.clone() + &to, &["context"]),
        ("SECRET", category("Context", "PERMISSIVE", &["GEORGIA"]), &["group", "not-admitted"]),
        ("SECRET", category("Context", "RESTRICTIVE", &["NATO"]), &["category-type"]),
        ("SECRET", category("Context", "INFORMATIVE", &["NATO"]), &["category-type"]),
        ("SECRET", nato.replacen("Context\"", "Context\" URI=\"urn:oid:1.3.26.1.4.5\"", 1), &["category-uri"]),
        ("SECRET", nato.clone() + &category("Additional Sensitivity", "RESTRICTIVE", &["ATOMAL"]), &["category"]),
        ("SECRET", nato.clone() + &category("Colour", "PERMISSIVE", &["RED"]), &["category"]),
        ("SECRET", releasable.clone() + &category("Releasable To", "PERMISSIVE", &["XBB", "XCC"]), &["not-admitted"]),
    ] {
        assert_eq!(
            codes(&of("NATO", classification, &categories), &with, &xaa),
            wanted,
            "{classification} {categories}"
        );
    }
    let uri = of("NATO", "SECRET", &nato).replacen(
        "<PolicyIdentifier>",
        "<PolicyIdentifier URI=\"urn:oid:1.3.26.1.3.2\">",
        1,
    );
    assert_eq!(codes(&uri, &with, &xaa), ["policy-uri"]);
    let mark = of("NATO", "SECRET", &nato).replacen(
        "</Classification>",
        "</Classification><PrivacyMark>FOR J2</PrivacyMark>",
        1,
    );
    assert_eq!(codes(&mark, &with, &xaa), ["privacy-mark"]);
    let alternative = of("NATO", "SECRET", &nato).replace("originatorC", "alternativeC");
    assert_eq!(codes(&alternative, &with, &xaa), ["alternative-owner"]);
    let open = changed(&["NATO"], |text| {
        text.replacen("concealed_origin   = \"permitted\"", "concealed_origin   = \"refuse\"", 1)
    });
    assert_eq!(codes(&of("NATO", "SECRET", &nato), &open, &xaa), ["owner-not-named"]);
    for policy in ["PUBLIC", "XCC", "Arcadia", "xaa"] {
        assert!(codes(&of(policy, "SECRET", &nato), &with, &xaa).contains(&"policy"), "{policy}");
    }
}

#[test]
fn lbl_6_another_nations_label_becomes_foreign_information_in_the_own_words() {
    let [xaa, _] = registers();
    let plain = agreement(&[]);
    let to = category("Releasable To", "PERMISSIVE", &["XBB", "XAA"]);
    let caveat = |word| to.clone() + &category("Caveat", "RESTRICTIVE", &[word]);
    let of = |word: &str, categories: &str| of("XBB", word, categories);
    assert_eq!(banner(&of("CONFIDENTIEL", &to), &plain, &xaa), "CONFIDENTIAL//FGI XBB//REL TO XAA, XBB");
    assert_eq!(banner(&of("NON PROTEGE", &to), &plain, &xaa), "UNCLASSIFIED//FGI XBB//REL TO XAA, XBB");
    assert_eq!(
        banner(&of("SECRET", &caveat("CONTRÔLE ÉMETTEUR")), &plain, &xaa),
        "SECRET//FGI XBB//ORCON/REL TO XAA, XBB"
    );
    let group = category("Releasable To", "PERMISSIVE", &["XBB", "NLGP"]);
    assert_eq!(banner(&of("SECRET", &group), &plain, &xaa), "SECRET//FGI XBB//REL TO XAA, NLGP, XBB");
    // What was ours comes back as ours; what is a third nation's stays its own.
    let owners = |values: &[&str]| to.clone() + &category("Foreign Government Information", "RESTRICTIVE", values);
    assert_eq!(banner(&of("SECRET", &owners(&["XAA", "XCC"])), &plain, &xaa), "SECRET//FGI XBB XCC//REL TO XAA, XBB");
    assert_eq!(banner(&of("SECRET", &owners(&["FGI"])), &plain, &xaa), "SECRET//FGI//REL TO XAA, XBB");
    for (word, categories, wanted) in [
        ("TRÈS SECRET", to.clone(), &["not-exchangeable"][..]),
        ("Secret", to.clone(), &["not-exchangeable"]),
        ("RESERVADO", to.clone(), &["not-exchangeable"]),
        ("SECRET", caveat("SPÉCIAL BORÉALIE"), &["national-only"]),
        ("SECRET", caveat("ORCON"), &["caveat"]),
        ("SECRET", caveat("PROPIN"), &["caveat"]),
        ("SECRET", String::new(), &["not-admitted"]),
        ("SECRET", category("Releasable To", "PERMISSIVE", &["XBB"]), &["not-admitted"]),
        ("SECRET", category("Releasable To", "PERMISSIVE", &["XAA", "FVEY"]), &["group"]),
        ("SECRET", category("Releasable To", "INFORMATIVE", &["XBB", "XAA"]), &["category-type"]),
        ("SECRET", to.replacen("To\"", "To\" URI=\"urn:oid:1.2\"", 1), &["category-uri"]),
        ("SECRET", owners(&["FGI", "XCC"]), &["owner"]),
        ("SECRET", owners(&["Corvania"]), &["owner"]),
        ("SECRET", to.clone() + &category("Traffic Light Protocol", "RESTRICTIVE", &["WHITE"]), &["tlp"]),
        ("SECRET", to.clone() + &category("Traffic Light Protocol", "RESTRICTIVE", &["RED", "GREEN"]), &["too-many"]),
        ("SECRET", to.clone() + &category("Exercise", "RESTRICTIVE", &["EX-NORTHWIND-26"]), &["traffic"]),
    ] {
        assert_eq!(codes(&of(word, &categories), &plain, &xaa), wanted, "{word} {categories}");
    }
    let uri = of("SECRET", &to).replacen("<PolicyIdentifier>", "<PolicyIdentifier URI=\"urn:oid:2.25.7\">", 1);
    assert_eq!(codes(&uri, &plain, &xaa), ["policy-uri"]);
    // An alternative label in another's words, or in the own ones without an owner, would hide whose it is.
    let alternative = of("SECRET", &to).replace("originatorC", "alternativeC");
    assert_eq!(codes(&alternative, &plain, &xaa), ["alternative-owner"]);
    let ours = super::of("XAA", "SECRET", &category("Releasable To", "PERMISSIVE", &["XAA", "XBB"]));
    assert_eq!(codes(&ours.replace("originatorC", "alternativeC"), &plain, &xaa), ["alternative-owner"]);
}

#[test]
fn lbl_7_no_list_and_the_own_nation_alone_are_the_originator_and_never_everybody() {
    let [xaa, xbb] = registers();
    let plain = agreement(&[]);
    for categories in [String::new(), category("Releasable To", "PERMISSIVE", &["XAA"])] {
        let said = said(&label(&of("XAA", "SECRET", &categories)), &plain, &xaa).unwrap();
        assert_eq!((said.marking.banner(), said.marking.rel_to()), ("SECRET", vec!["XAA".to_owned()]));
        let out = originator_label(&said.marking, Timestamp::from_seconds(0));
        assert_eq!(out.categories.len(), 1);
        assert_eq!(
            (out.categories[0].tag.as_str(), out.categories[0].values.as_slice()),
            ("Releasable To", &["XAA".to_owned()][..])
        );
        let list = alternative_label(&said.marking, &terms(&plain, &xaa), nation("XBB"), Timestamp::from_seconds(0))
            .unwrap_err();
        assert_eq!(list, [Refused::NotAdmitted(nation("XBB"))]);
        assert_eq!(codes(&write(&out), &plain, &xbb), ["not-admitted"]);
    }
    // A list without its own nation is not completed.
    assert_eq!(
        codes(&of("XAA", "SECRET", &category("Releasable To", "PERMISSIVE", &["XBB"])), &plain, &xaa),
        ["not-admitted"]
    );
    let noforn =
        category("Releasable To", "PERMISSIVE", &["XAA", "XBB"]) + &category("Caveat", "RESTRICTIVE", &["NOFORN"]);
    assert_eq!(codes(&of("XAA", "SECRET", &noforn), &plain, &xaa), ["contradiction"]);
}

/// Every marking of a register over all levels, sets of caveats, owners and lists: some 2,000.
fn all_markings(register: &Register) -> Vec<Marking> {
    let (own, other) = if register.nation == nation("XAA") { ("XAA", "XBB") } else { ("XBB", "XAA") };
    let lists: [&[&str]; 7] =
        [&[], &[other], &[other, "XCC"], &["XCC"], &["NLGP"], &["NLGP", other, "XDD"], &["KFOR", "XZZ"]];
    let owners: [Foreign; 4] = [
        Foreign::None,
        Foreign::Concealed,
        Foreign::Nations(vec![nation("XCC")]),
        Foreign::Nations(vec![nation(other), nation("XCC")]),
    ];
    let mut out = Vec::new();
    for (place, level) in register.levels.iter().enumerate() {
        for set in 0..1_u32 << register.controls.len() {
            for (foreign, list) in owners.iter().flat_map(|foreign| lists.iter().map(move |list| (foreign, list))) {
                let chosen = register.controls.iter().enumerate().filter(|(n, _)| set & (1 << n) != 0);
                let mut controls: Vec<Control> = chosen
                    .map(|(_, one)| Control::Caveat { long: one.long.clone(), excludes_list: one.excludes_list })
                    .collect();
                let excludes = controls.iter().any(|one| matches!(one, Control::Caveat { excludes_list: true, .. }));
                if excludes && !list.is_empty() {
                    continue;
                }
                if !list.is_empty() {
                    controls.push(Control::Audience(
                        [&[own], *list].concat().iter().map(|code| (*code).to_owned()).collect(),
                    ));
                }
                let banner =
                    BannerMark { level: Some(place), word: level.long.clone(), foreign: foreign.clone(), controls };
                let tlp = (place == 0).then(|| "GREEN".to_owned());
                let review = (place < 4).then(|| Day::parse("2027-05-16").unwrap());
                out.push(Marking::new(banner, register, tlp, None, review).unwrap_or_else(|fault| panic!("{fault}")));
            }
        }
    }
    out
}

#[test]
fn lbl_8_a_marking_goes_out_and_comes_in_the_same() {
    let with = agreement(&["KFOR"]);
    let mut count = 0;
    for register in registers() {
        for marking in all_markings(&register) {
            let out = originator_label(&marking, Timestamp::from_seconds(1_795_000_000));
            assert_eq!((out.kind, out.policy.as_str()), (LabelKind::Originator, register.nation.as_str()));
            let text = write(&out);
            let back = label(&text);
            assert_eq!(back, out, "{text}");
            let said = translate(&back, &terms(&with, &register)).unwrap_or_else(|list| panic!("{list:?}\n{text}"));
            assert_eq!(said.marking, marking, "{text}");
            assert!(said.left_out.is_empty() && !said.owned_by_nato);
            count += 1;
        }
    }
    assert!(count > 1_200, "{count}");
}

#[test]
fn lbl_9_the_alternative_says_to_the_recipient_what_the_originators_label_says() {
    let with = agreement(&["KFOR"]);
    let [xaa, xbb] = registers();
    let (mut said_to, mut refused) = (0, 0);
    for (register, other) in [(&xaa, &xbb), (&xbb, &xaa)] {
        for marking in all_markings(register) {
            let created = Timestamp::from_seconds(1_795_000_000);
            let original = originator_label(&marking, created);
            let theirs = translate(&original, &terms(&with, other));
            match alternative_label(&marking, &terms(&with, register), other.nation, created) {
                Ok(out) => {
                    assert_eq!((out.kind, out.policy.as_str()), (LabelKind::Alternative, other.nation.as_str()));
                    let by_alternative = translate(&label(&write(&out)), &terms(&with, other));
                    let said = by_alternative.unwrap_or_else(|list| panic!("{list:?}\n{}", write(&out)));
                    assert_eq!(theirs.map(|one| one.marking), Ok(said.marking.clone()), "{}", marking.banner());
                    assert!(said.marking.banner().contains("//FGI"), "ownership is kept: {}", said.marking.banner());
                    said_to += 1;
                }
                Err(list) => {
                    assert!(theirs.is_err(), "{}: {list:?}", marking.banner());
                    refused += 1;
                }
            }
        }
    }
    assert!(said_to > 200 && refused > 200, "{said_to} {refused}");
}

#[test]
fn lbl_9_what_the_recipients_words_cannot_say_is_named() {
    let [xaa, _] = registers();
    let plain = agreement(&[]);
    let made = |banner: &str, exercise: Option<&str>| {
        let read = relto_report::marking::read_banner(banner, &xaa).0;
        let marking = Marking::new(read, &xaa, None, exercise.map(str::to_owned), None).unwrap();
        let list = alternative_label(&marking, &terms(&plain, &xaa), nation("XBB"), Timestamp::from_seconds(0));
        list.err().unwrap_or_default().iter().map(Refused::code).collect::<Vec<_>>()
    };
    assert!(made("SECRET//FGI XCC//ORCON/REL TO XAA, XBB", None).is_empty());
    assert_eq!(made("TOP SECRET//REL TO XAA, XBB", None), ["not-exchangeable"]);
    assert_eq!(made("SECRET//NOFORN", None), ["national-only", "not-admitted"]);
    assert_eq!(made("SECRET//REL TO XAA, XCC", None), ["not-admitted"]);
    assert_eq!(made("SECRET//REL TO XAA, KFOR", None), ["group", "not-admitted"]);
    assert_eq!(made("SECRET//REL TO XAA, XBB", Some("EX-NORTHWIND-26")), ["traffic"]);
    let later = Terms { day: Day::parse("2027-03-01").unwrap(), ..terms(&plain, &xaa) };
    let read = relto_report::marking::read_banner("SECRET//REL TO XAA, NLGP", &xaa).0;
    let marking = Marking::new(read, &xaa, None, None, None).unwrap();
    assert!(
        alternative_label(&marking, &later, nation("XBB"), Timestamp::from_seconds(0)).is_err(),
        "the group has ended"
    );
    assert!(alternative_label(&marking, &terms(&plain, &xaa), nation("XBB"), Timestamp::from_seconds(0)).is_ok());
}

#[test]
fn lbl_8_the_specifications_example_is_what_is_written() {
    let spec = include_str!("../../../../../specs/label.md");
    let block = |name: &str| {
        let (_, behind) = spec.split_once(&format!("```xml {name}\n")).unwrap();
        behind.split_once("```").unwrap().0.to_owned()
    };
    let [xaa, xbb] = registers();
    let plain = agreement(&[]);
    let read = relto_report::marking::read_banner("SECRET//FGI XCC//REL TO XAA, XBB", &xaa).0;
    let marking = Marking::new(read, &xaa, None, None, Day::parse("2027-05-16")).unwrap();
    let created = Timestamp::parse("2026-11-17T12:00:00Z").unwrap();
    assert_eq!(write(&originator_label(&marking, created)), block("originator"));
    let alternative = alternative_label(&marking, &terms(&plain, &xaa), nation("XBB"), created).unwrap();
    assert_eq!(write(&alternative), block("alternative"));
    for name in ["originator", "alternative"] {
        assert_eq!(banner(&block(name), &plain, &xbb), "SECRET//FGI XAA XCC//COMMUNICABLE À XBB, XAA");
    }
    assert_eq!(banner(&block("originator"), &plain, &xaa), "SECRET//FGI XCC//REL TO XAA, XBB");
}
