//! The bodies of the client API, and the example of its specification.

use std::{fs, path::Path};

/// Bodies as clients write them by hand: what the node would decode them into.
#[test]
fn api_3_unknown_members_and_loose_base64_are_refused() {
    use relto_formats::api::{Decline, Submit};
    let good = r#"{"id":"","statement":"AA==","signature":"AA==","plaintext":"AA=="}"#;
    assert!(serde_json::from_str::<Submit>(good).is_ok());
    for bad in [
        r#"{"id":"","statement":"AA==","signature":"AA==","plaintext":"AA==","emergncy":true}"#,
        r#"{"id":"","statement":"AA","signature":"AA==","plaintext":"AA=="}"#,
        r#"{"id":"","statement":"AB==","signature":"AA==","plaintext":"AA=="}"#,
        r#"{"id":"","statement":"A-==","signature":"AA==","plaintext":"AA=="}"#,
        r#"{"id":"","statement":"AA==","signature":"AA=="}"#,
    ] {
        assert!(serde_json::from_str::<Submit>(bad).is_err(), "{bad}");
    }
    assert!(serde_json::from_str::<Decline>(r#"{"reason":"no","to":"XBB"}"#).is_err());
}

/// The example that opens specs/client-api.md is what it says it is, byte for byte.
#[test]
fn api_5_rpt_4_the_example_of_the_specification_is_signed_as_it_says() {
    use relto_formats::api::{Standing, Submission, Submit};
    use relto_report::{
        crypto::{PublicKey, Signature},
        signed::{NotSigned, Sent, Submitted, Unverified},
    };
    let spec = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("specs/client-api.md")).unwrap();
    let mut examples = spec.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let request: Submit = serde_json::from_str(examples.next().unwrap()).unwrap();
    let answer: Submission = serde_json::from_str(examples.next().unwrap()).unwrap();
    let key = spec.split('`').find_map(PublicKey::parse).unwrap();
    assert_eq!((&request.id, "XAA-CYBER-2026-6024"), (&answer.id, answer.serial.as_str()));
    assert!(matches!(answer.standing, Standing::Resolved { index: 3, outcome: 3, .. }));
    let submitted = |change: &dyn Fn(&mut Submitted)| {
        let mut submitted = Submitted {
            report: request.plaintext.0.clone().into(),
            home: request.home.clone().map(|bytes| bytes.0),
            statement: request.statement.0.clone(),
            signature: Signature::from_slice(&request.signature.0).unwrap(),
        };
        change(&mut submitted);
        Unverified::new(submitted).verify(&key)
    };
    let signed = submitted(&|_| {}).unwrap_or_else(|fault| panic!("{fault}")).into_inner();
    assert_eq!(signed.document.report().serial, answer.serial);
    assert_eq!(
        (signed.statement.agreement, signed.statement.recipient.to_string()),
        (answer.agreement, "XBB".to_owned())
    );
    let told = |change: &dyn Fn(&mut Submitted)| submitted(change).err();
    assert_eq!(told(&|one| one.home = None), Some(NotSigned::Names("home file")));
    assert_eq!(told(&|one| one.statement[70] ^= 1), Some(NotSigned::Signature));
    let spoil = |one: &mut Submitted| {
        if let Sent::Plaintext(plaintext) = &mut one.report {
            plaintext[100] ^= 1;
        }
    };
    assert!(told(&spoil).is_some());
}
