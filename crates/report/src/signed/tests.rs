//! A submission is the same whether its report came in one piece or was decoded while it came.

use super::*;
use crate::{
    assessment::{Hashing, document::tests::report},
    attachment::bytes::held,
    crypto::{Signer as _, SoftwareKey},
};
use zeroize::Zeroizing;

const ATTACHED: &[u8] = b"a,b\n1,2\n";

fn plaintext() -> Vec<u8> {
    Document::lay_out(&report(&[ATTACHED]), &[ATTACHED])
}

fn apart() -> Document {
    let mut hashing = Hashing::new();
    hashing.push(&plaintext());
    hashing.finish().1.unwrap().apart(held(ATTACHED.to_vec()))
}

fn verified(report: Sent, signed: Digest, home: &[u8]) -> Result<Authored, NotSigned> {
    let key = SoftwareKey::from_seed(&Zeroizing::new([7; 32])).unwrap();
    let statement = AuthorStatement {
        agreement: "xaa-xbb".to_owned(),
        recipient: Nation::parse("XBB").unwrap(),
        traffic: "live".to_owned(),
        plaintext: signed,
        home: home_digest(Some(home)),
    };
    let statement = codec::encode(&statement);
    let signature = key.sign(&message(Tag::Author, &statement)).unwrap();
    let submitted = Submitted { report, home: Some(b"home".to_vec()), statement, signature };
    Unverified::new(submitted).verify(&key.public_key()).map(Verified::into_inner)
}

#[test]
fn rpt_4_what_was_decoded_on_the_way_is_signed_as_what_came_whole_is() {
    let digest = Document::decode(plaintext()).unwrap().digest();
    for report in [|| Sent::from(plaintext()), || Sent::from(apart())] {
        let authored = verified(report(), digest, b"home").unwrap();
        assert!(authored.document == apart());
        let (statement, signature) = (&authored.statement_bytes, authored.signature.as_bytes());
        let stored = Authored::from_store_with(apart(), b"home", statement, signature).unwrap();
        assert!(stored.digest() == authored.digest() && stored.document == authored.document);
        let stored = Authored::from_store(&plaintext(), b"home", statement, signature).unwrap();
        assert!(stored.document == authored.document && stored.home == authored.home);
        let other = Digest::from_bytes([7; 32]);
        assert_eq!(verified(report(), other, b"home").err(), Some(NotSigned::Names("report")));
        assert_eq!(verified(report(), digest, b"").err(), Some(NotSigned::Names("home file")));
    }
    assert_eq!(
        verified(Sent::from(b"none".to_vec()), digest, b"home").err(),
        Some(NotSigned::Report(Malformed::Undecodable))
    );
}
