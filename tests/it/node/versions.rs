//! Which file a node takes up as a later version of an agreement.

use relto_node::versions::VersionFile;
use relto_policy::{
    agreement::Agreement,
    signatures::{SignatureFile, sign},
};
use relto_report::{
    crypto::{Signer as _, SoftwareKey},
    domain::Tag,
};
use relto_tests::fixture::{self, agreement_text, key, link, nation, signer};

/// The text of the version after the first, changed.
fn next(change: impl FnOnce(String) -> String) -> String {
    let first = Agreement::clone(&link(0).agreement);
    let head = format!("version = 2\nsupersedes = \"{}\"", first.digest);
    change(agreement_text().replacen("version = 1", &head, 1))
}

/// Signed by two offices of each Party, each by the key that the text names for it.
fn signed(text: &str, keys: impl Fn(usize, u8) -> SoftwareKey) -> (Vec<u8>, Vec<u8>) {
    let mut file = SignatureFile::new(text.as_bytes());
    for side in [0, 1] {
        let parties = &link(side).agreement;
        let offices = &parties.party(nation(side)).unwrap().signers;
        for (n, office) in (0..2_u8).zip(offices) {
            let key = keys(side, n);
            let signature = sign(text.as_bytes(), Tag::Agreement, &key).unwrap();
            file.add(nation(side), &office.office, key.public_key(), signature);
        }
    }
    (text.as_bytes().to_vec(), file.write().into_bytes())
}

fn judged(files: (Vec<u8>, Vec<u8>)) -> Result<u32, String> {
    let judged = VersionFile::judge("v.toml", files, &link(0), &[]);
    judged.map(|version| version.text.version).map_err(|fault| fault.to_string())
}

#[test]
fn api_34_a_version_is_signed_by_those_who_signed_before() {
    let good = next(|text| text.replacen("max_words   = 200", "max_words   = 150", 1));
    assert_eq!(judged(signed(&good, signer)), Ok(2));
    // Signers that somebody has made, in the text and under it.
    let forged = |side: usize, n: u8| key(&format!("forged {side} {n}"));
    let mut text = good.clone();
    for (side, n) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        text = text.replacen(&signer(side, n).public_key().to_string(), &forged(side, n).public_key().to_string(), 1);
    }
    let told = judged(signed(&text, forged)).unwrap_err();
    assert!(told.starts_with("K019") && told.contains("0 of 2 signatures"), "{told}");
    // One of them changes, and enough of the others sign.
    let one = good.replacen(&signer(0, 2).public_key().to_string(), &forged(0, 2).public_key().to_string(), 1);
    assert_eq!(judged(signed(&one, signer)), Ok(2));
}

#[test]
fn api_34_a_version_changes_neither_keys_nor_words_and_follows_one_that_is_here() {
    let seal = key(&fixture::seal_key_name(0)).public_key().to_string();
    let topic = "\"maritime.surface\"                 = 3";
    for (text, rule) in [
        (next(|text| text.replacen(&seal, &key("another seal key").public_key().to_string(), 1)), "K019"),
        (next(|text| text.replacen("kind = \"live\"", "kind = \"exercise\"\nexercise = \"EX-A\"", 1)), "traffic"),
        (next(|text| text.replacen(topic, &topic.replace('3', "4"), 1)), "A0"),
        (next(|text| text.replacen("version = 2", "version = 3", 1)), "A003"),
        (agreement_text().replacen("version = 1", "version = 2\nsupersedes = \"sha256:00\"", 1), "A0"),
        (next(|text| text.replacen("= 2\n\"hybrid.disinformation\"", "= 3\n\"hybrid.disinformation\"", 1)), "A005"),
    ] {
        let Err(told) = judged(signed(&text, signer)) else { panic!("{rule}") };
        assert!(told.contains(rule), "{rule}: {told}");
    }
    let (text, signatures) = signed(&next(|text| text), signer);
    assert!(judged((text.clone(), Vec::new())).is_err() && judged((Vec::new(), signatures)).is_err());
    assert_eq!(judged(signed(&String::from_utf8(text).unwrap(), signer)), Ok(2));
}
