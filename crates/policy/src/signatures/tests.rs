use super::*;
use relto_report::{
    crypto::SoftwareKey,
    primitives::{rand, signature},
};

const FILE: &str = include_str!("../../../../examples/agreement.toml");

/// A key of this test alone.
fn key() -> SoftwareKey {
    let pkcs8 = signature::Ed25519KeyPair::generate_pkcs8(&rand::SystemRandom::new()).unwrap();
    SoftwareKey::from_pkcs8(pkcs8.as_ref()).unwrap()
}

struct Panels {
    text: String,
    agreement: Agreement,
    offices: Vec<(Nation, String, SoftwareKey)>,
}

/// The example with keys of this test.
fn panels() -> Panels {
    let mut text = FILE.to_owned();
    let example = Agreement::read("agreement.toml", FILE.as_bytes()).unwrap();
    let mut offices = Vec::new();
    let signers = example.party.iter().flat_map(|party| party.signers.iter().map(|signer| (party.nation, signer)));
    for (nation, signer) in signers {
        let own = key();
        text = text.replacen(&signer.key.to_string(), &own.public_key().to_string(), 1);
        offices.push((nation, signer.office.clone(), own));
    }
    let agreement = Agreement::read("agreement.toml", text.as_bytes()).unwrap();
    Panels { text, agreement, offices }
}

impl Panels {
    fn signed(&self, by: &[&str]) -> SignatureFile {
        let mut file = SignatureFile::new(self.text.as_bytes());
        for (nation, office, key) in self.offices.iter().filter(|(_, office, _)| by.contains(&office.as_str())) {
            let signature = sign(self.text.as_bytes(), Tag::Agreement, key).unwrap();
            file.add(*nation, office, key.public_key(), signature);
        }
        file
    }

    fn verify(&self, file: &SignatureFile) -> Result<Vec<Signed>, SignatureFault> {
        verify_agreement(&self.agreement, self.text.as_bytes(), file.write().as_bytes())
    }
}

#[test]
fn two_offices_of_each_party_are_enough() {
    let panels = panels();
    let file = panels.signed(&["XAA/NSA", "XAA/MFA", "XBB/ANS", "XBB/MINDEF"]);
    let signed = panels.verify(&file).unwrap();
    assert_eq!(
        signed.iter().map(|one| one.office.as_str()).collect::<Vec<_>>(),
        ["XAA/NSA", "XAA/MFA", "XBB/ANS", "XBB/MINDEF"]
    );
    let all = panels.signed(&["XAA/NSA", "XAA/MOD", "XAA/MFA", "XBB/ANS", "XBB/MINDEF"]);
    assert_eq!(panels.verify(&all).unwrap().len(), 5);
}

#[test]
fn one_office_too_few_is_named_with_those_that_may_still_sign() {
    let panels = panels();
    let file = panels.signed(&["XAA/NSA", "XBB/ANS", "XBB/MINDEF"]);
    let fault = panels.verify(&file).unwrap_err();
    assert_eq!(fault.to_string(), "XAA has 1 of 2 signatures; XAA/MOD, XAA/MFA may still sign");
    let none = SignatureFile::new(panels.text.as_bytes());
    assert!(matches!(panels.verify(&none), Err(SignatureFault::Missing { have: 0, .. })));
}

#[test]
fn a_wrong_unknown_foreign_or_repeated_entry_refuses_the_file() {
    let panels = panels();
    let good = panels.signed(&["XAA/NSA", "XAA/MFA", "XBB/ANS", "XBB/MINDEF"]);
    let change = |at: usize, change: &dyn Fn(&mut Entry)| {
        let mut file = good.clone();
        change(&mut file.signatures[at]);
        panels.verify(&file).unwrap_err().to_string()
    };
    let other = good.signatures[1].signature;
    assert_eq!(change(0, &|entry| entry.signature = other), "the signature of XAA/NSA does not verify");
    assert_eq!(change(0, &|entry| entry.office = "XAA/J2".to_owned()), "XAA/J2 of XAA is not a signer");
    assert_eq!(change(0, &|entry| entry.nation = Nation::parse("XBB").unwrap()), "XAA/NSA of XBB is not a signer");
    let stranger = key().public_key();
    assert_eq!(change(2, &|entry| entry.key = stranger), format!("{stranger} is not the key of XBB/ANS"));
    let mut twice = good.clone();
    twice.signatures.push(good.signatures[0].clone());
    assert_eq!(panels.verify(&twice).unwrap_err().to_string(), "XAA/NSA has signed twice");
}

#[test]
fn signatures_are_for_one_file_and_one_use() {
    let panels = panels();
    let offices = ["XAA/NSA", "XAA/MFA", "XBB/ANS", "XBB/MINDEF"];
    let good = panels.signed(&offices).write();
    let changed = panels.text.replacen("version    = 3", "version    = 4", 1);
    let agreement = Agreement::read("agreement.toml", changed.as_bytes()).unwrap();
    let verified = verify_agreement(&agreement, changed.as_bytes(), good.as_bytes());
    assert!(matches!(verified, Err(SignatureFault::OtherFile { .. })), "another file");
    let verified = verify_agreement(&panels.agreement, changed.as_bytes(), good.as_bytes());
    assert!(matches!(verified, Err(SignatureFault::OtherFile { .. })), "an agreement read from another file");
    let mut other_use = SignatureFile::new(panels.text.as_bytes());
    for (nation, office, key) in &panels.offices {
        let signature = sign(panels.text.as_bytes(), Tag::NationalRules, key).unwrap();
        other_use.add(*nation, office, key.public_key(), signature);
    }
    assert!(matches!(panels.verify(&other_use), Err(SignatureFault::Wrong { .. })), "signed for another use");
}

#[test]
fn national_rules_need_two_officers() {
    let (rules, nation) = (b"rules", Nation::parse("XAA").unwrap());
    let keys = [key(), key()];
    let officers: Vec<(String, PublicKey)> =
        (1..).zip(&keys).map(|(n, key)| (format!("officer-{n}"), key.public_key())).collect();
    let mut file = SignatureFile::new(rules);
    for ((name, public), key) in officers.iter().zip(&keys) {
        let short = verify_national(rules, file.write().as_bytes(), nation, &officers).unwrap_err();
        assert!(matches!(short, SignatureFault::Missing { need: 2, .. }));
        file.add(nation, name, *public, sign(rules, Tag::NationalRules, key).unwrap());
    }
    assert_eq!(verify_national(rules, file.write().as_bytes(), nation, &officers).unwrap().len(), 2);
}

#[test]
fn the_file_reads_back_and_its_faults_are_told() {
    let panels = panels();
    let file = panels.signed(&["XAA/NSA", "XBB/ANS"]);
    assert_eq!(SignatureFile::read("a.sig", file.write().as_bytes()).as_ref(), Ok(&file));
    for (from, to, told) in [
        ("signatures/1", "signatures/2", "error S010"),
        ("\nsignature = \"", "\nsignature = \"%", "error S013"),
        ("nation    = \"XAA\"", "nation    = \"XA\"", "error S012"),
        ("office ", "offices ", "error S091"),
    ] {
        let text = file.write().replacen(from, to, 1);
        let list = SignatureFile::read("a.sig", text.as_bytes()).unwrap_err().to_string();
        assert!(list.contains(told), "{list}");
        let fault = verify_agreement(&panels.agreement, panels.text.as_bytes(), text.as_bytes());
        assert!(matches!(fault, Err(SignatureFault::Unreadable(_))));
    }
}

#[test]
fn an_office_signs_once_and_a_file_has_18_signatures_at_most() {
    let panels = panels();
    let offices = ["XAA/NSA", "XAA/MFA", "XBB/ANS", "XBB/MINDEF"];
    let mut file = panels.signed(&offices);
    let (nation, office, key) = &panels.offices[0];
    let wrong = file.signatures[1].signature;
    file.add(*nation, office, key.public_key(), wrong);
    assert_eq!(file.signatures.len(), 4, "in place of the earlier one");
    assert_eq!(file.signatures.last().map(|one| (one.office.as_str(), one.signature)), Some(("XAA/NSA", wrong)));
    let again = sign(panels.text.as_bytes(), Tag::Agreement, key).unwrap();
    file.add(*nation, office, key.public_key(), again);
    assert_eq!(panels.verify(&file).map(|signed| signed.len()), Ok(4));
    let many = |count: usize| {
        let one = file.signatures[0].clone();
        let signatures = (0..count).map(|n| Entry { office: format!("XAA/O{n}"), ..one.clone() }).collect();
        SignatureFile::read("a.sig", SignatureFile { signatures, ..file.clone() }.write().as_bytes())
    };
    assert_eq!(many(18).map(|file| file.signatures.len()), Ok(18));
    let told = many(19).unwrap_err().to_string();
    assert!(told.contains("error S011: 19 signatures; at most 18 may be there"), "{told}");
}
