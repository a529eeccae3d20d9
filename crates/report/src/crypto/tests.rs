//! Fixed answers, which hold in every build: what one provider makes, another reads, and what one refuses, all refuse.
//! They were computed by other programs than ours.

use super::*;

const MESSAGE: &[u8] = b"relto/1/known answers";
const PUBLIC: &str = "bfbeda8ecc4aad90fda7707aea74df68a593b86597597f95f086669b32a41974";
const SIGNED: &str = "4df35066beb09825558091a9a71787732fce91b1aa7cb661baf9e8eb483d18c4\
                      586bfc86e30db643b05a166838f1ab05f9a5778675d2d938a0769e0e6cb3fc0c";

fn seed() -> Zeroizing<[u8; 32]> {
    Zeroizing::new(*sha256(&[b"relto known answers"]).as_bytes())
}

fn key(hex: &str) -> PublicKey {
    PublicKey::parse(&format!("ed25519:{hex}")).unwrap()
}

fn signature(hex: &str) -> Signature {
    Signature::from_slice(&hex::decode(hex).unwrap()).unwrap()
}

#[test]
fn digests_are_those_of_the_standard() {
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(hex::encode(sha256(&[b"abc"]).as_bytes()), abc);
    assert_eq!(sha256(&[b"a", b"", b"bc"]), sha256(&[b"abc"]));
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(hex::encode(sha256(&[]).as_bytes()), empty);
}

#[test]
fn a_seed_has_one_key_and_a_message_one_signature() {
    let own = SoftwareKey::from_seed(&seed()).unwrap();
    assert_eq!(own.public_key(), key(PUBLIC));
    assert_eq!(own.sign(MESSAGE), Ok(signature(SIGNED)));
    assert!(own.public_key().verify(MESSAGE, &signature(SIGNED)));
    assert!(!own.public_key().verify(b"another", &signature(SIGNED)));
    for at in 0..64 {
        let mut changed = *signature(SIGNED).as_bytes();
        changed[at] ^= 1;
        assert!(!own.public_key().verify(MESSAGE, &Signature(changed)), "byte {at}");
    }
}

#[test]
fn keys_are_read_in_each_form_of_pkcs8() {
    let file = |head: &str, middle: &str, public: &str| {
        [hex::decode(head).unwrap(), seed().to_vec(), hex::decode(format!("{middle}{public}")).unwrap()].concat()
    };
    let first = file("302e020100300506032b657004220420", "", "");
    let second = |public: &str| file("3051020101300506032b657004220420", "812100", public);
    for form in [first, second(PUBLIC)] {
        assert_eq!(SoftwareKey::from_pkcs8(&form).unwrap().public_key(), key(PUBLIC));
        assert!(SoftwareKey::from_pkcs8(&form[..form.len() - 1]).is_none());
    }
    assert!(SoftwareKey::from_pkcs8(&second(&PUBLIC.replace("bf", "be"))).is_none(), "another key's public half");
    // As ring wrote it until version 0.16, and neither RFC 5958 nor this program has it: ring alone still reads that.
    let of_ring = file("3053020101300506032b657004220420", "a123032100", PUBLIC);
    assert_eq!(SoftwareKey::from_pkcs8(&of_ring).is_some(), cfg!(not(feature = "aws-lc")));
}

/// Nodes of different builds must agree on every signature that anyone can make, honest or not: a leaf that one takes
/// and the other refuses parts their logs.
#[test]
fn what_no_honest_signer_makes_is_judged_alike() {
    // S + L, the same number modulo the order.
    let longer = "4df35066beb09825558091a9a71787732fce91b1aa7cb661baf9e8eb483d18c4\
                  453ff2e3fd70c89b86f70d0b17eb8a1af9a5778675d2d938a0769e0e6cb3fc1c";
    assert!(!key(PUBLIC).verify(MESSAGE, &signature(longer)));
    // The neutral point as key and as R, in the one form that is canonical and in those that are not.
    let (zeros, ones) = ("00".repeat(30), "ff".repeat(30));
    let neutral = format!("01{zeros}00");
    let trivial = |point: &str| signature(&format!("{point}{zeros}0000"));
    assert!(key(&neutral).verify(MESSAGE, &trivial(&neutral)), "a key of which everybody knows the secret half");
    for other in [format!("ee{ones}7f"), format!("ee{ones}ff"), format!("01{zeros}80")] {
        assert!(!key(&other).verify(MESSAGE, &trivial(&neutral)), "{other} as key");
        assert!(!key(&neutral).verify(MESSAGE, &trivial(&other)), "{other} as R");
    }
    for (form, canonical) in [
        (format!("ec{ones}7f"), true),
        (format!("ec{ones}ff"), false),
        (format!("ed{ones}7f"), false),
        (format!("ff{ones}ff"), false),
        (format!("00{zeros}80"), true),
        (format!("02{zeros}80"), true),
        (PUBLIC.to_owned(), true),
    ] {
        assert_eq!(key(&form).is_canonical(), canonical, "{form}");
    }
    // A key with a part of order eight: the equation is checked as it stands, not multiplied by eight.
    let mixed = key("b5db4104c80c182a935d17e5b77ef694960abaa71901c349de7985b5d7a05445");
    let odd = "e36a3c804d932b64cf41cda797c35822e7a000c9fc725ad89d0862dac481a486\
               ec844048e7e28d339ed6cd6c390dbe4671c2d79210b9ad0e88cbdb5c5426c50f";
    assert!(!mixed.verify(b"2", &signature(odd)));
    let even = "31d3524c4d9aa5bca5739880bcd64f469fa11645eb2de852a7af83208b7d511d\
                f9c09a161397bc06d28e052d38746d5fe7b21520754d77a6a4f260ec0f08b605";
    assert!(mixed.verify(b"9", &signature(even)));
}

#[test]
fn ciphertexts_are_the_same_bytes() {
    let key = *sha256(&[b"key"]).as_bytes();
    let plain = b"A report's text, longer than a block of 16 bytes.";
    let sealed = "ac3a237cd483679ab3f143a66f361b00eddced29a01782e5d594f37b0d2a6b36\
                  396fc0af48746fd6c852d4d71873971b02fdac355bc7683d053cf820ecc9201744";
    assert_eq!(encrypt(&key, [7; 12], b"its place", plain.to_vec()).map(hex::encode), Some(sealed.to_owned()));
    let sealed = hex::decode(sealed).unwrap();
    assert_eq!(decrypt(&key, [7; 12], b"its place", sealed.clone()), Some(plain.to_vec()));
    assert_eq!(decrypt(&key, [7; 12], b"another", sealed.clone()), None);
    assert_eq!(decrypt(&key, [8; 12], b"its place", sealed.clone()), None);
    assert_eq!(decrypt(&key, [7; 12], b"its place", sealed[1..].to_vec()), None);
    let nothing = "68a67f67992e5cb1a3f63bb45cee4ab1";
    assert_eq!(encrypt(&key, [7; 12], b"", Vec::new()).map(hex::encode), Some(nothing.to_owned()));
    assert_eq!(decrypt(&key, [7; 12], b"", hex::decode(nothing).unwrap()), Some(Vec::new()));
    assert_eq!(decrypt(&key, [7; 12], b"", vec![0; 15]), None);
}
