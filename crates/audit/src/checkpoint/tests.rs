use super::*;
use crate::testing::{key, nation, origin, plain_leaves, signed};

fn other_origin() -> Origin {
    Origin::new(crate::testing::AGREEMENT, nation(), 1)
}

fn open(bytes: &[u8]) -> Result<SignedCheckpoint, CheckpointError> {
    SignedCheckpoint::open(bytes, origin(), &key(1).public_key())
}

/// Signs any text as the body of a note: what a hostile owner of the key could send.
fn note_over(body: &str) -> String {
    let signature = key(1).sign(body.as_bytes()).unwrap();
    let name = origin().to_string();
    let line = [&key_id(&name, &key(1).public_key())[..], signature.as_bytes()].concat();
    format!("{body}\n— {name} {}\n", STANDARD.encode(line))
}

#[test]
fn a_signed_checkpoint_opens_to_itself() {
    for count in [0, 1, 17] {
        let signed = signed(&plain_leaves(count));
        assert_eq!(open(signed.as_bytes()), Ok(signed.clone()));
        assert_eq!(Checkpoint::parse_unverified(signed.as_bytes()), Ok(*signed.checkpoint()));
        assert_eq!(signed.as_str().as_bytes(), signed.as_bytes());
        assert_eq!(note_over(&signed.checkpoint().text()), signed.as_str());
    }
    let longest = Checkpoint { origin: origin(), size: u64::MAX, root: empty_root() }.sign(&key(1)).unwrap();
    assert_eq!(longest.as_bytes().len(), 310);
    assert_eq!(open(longest.as_bytes()), Ok(longest));
}

#[test]
fn the_note_has_the_form_of_the_specification() {
    let signed = signed(&plain_leaves(2));
    let lines: Vec<&str> = signed.as_str().lines().collect();
    assert_eq!(lines[0], origin().to_string());
    assert_eq!(lines[1], "2");
    assert_eq!(lines[3], "");
    assert!(lines[4].starts_with(&format!("— {} ", origin())));
    assert_eq!(lines.len(), 5);
    assert!(signed.as_str().ends_with('\n'));
}

/// The worked example of the signed-note format in the documentation of Go's package `note`.
#[test]
fn key_id_and_signature_fit_the_published_example() {
    let key = STANDARD.decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
    let key = PublicKey::from_bytes(key[1..].try_into().unwrap());
    let line = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
    let (id, signature) = signature_line(&format!("— PeterNeumann {line}"), "PeterNeumann").unwrap();
    assert_eq!(id, [0xc7, 0x4f, 0x20, 0xa3]);
    assert_eq!(key_id("PeterNeumann", &key), id);
    let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    assert!(key.verify(text.as_bytes(), &signature));
}

#[test]
fn every_changed_bit_is_refused() {
    let signed = signed(&plain_leaves(12));
    for at in 0..signed.as_bytes().len() {
        for bit in 0..8 {
            let mut changed = signed.as_bytes().to_vec();
            changed[at] ^= 1 << bit;
            assert!(open(&changed).is_err(), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn log_4_every_cut_added_and_removed_byte_is_refused() {
    let note = signed(&plain_leaves(12)).as_bytes().to_vec();
    for at in 0..note.len() {
        assert!(open(&note[..at]).is_err(), "cut at {at}");
        assert!(open(&[&note[..at], &note[at + 1..]].concat()).is_err(), "without byte {at}");
        for added in [b"0", b"\n", b" ", b"=", b"\r", b"\0"] {
            assert!(open(&[&note[..at], added, &note[at..]].concat()).is_err(), "added before {at}");
        }
    }
    for added in ["\n", " ", "x", "\n\n"] {
        assert!(open(&[&note, added.as_bytes()].concat()).is_err());
    }
}

#[test]
fn other_logs_and_other_keys_are_told_apart() {
    let mine = signed(&plain_leaves(3));
    let theirs = Checkpoint { origin: other_origin(), ..*mine.checkpoint() }.sign(&key(1)).unwrap();
    assert_eq!(open(theirs.as_bytes()), Err(CheckpointError::WrongOrigin));
    let forged = mine.checkpoint().sign(&key(2)).unwrap();
    assert_eq!(open(forged.as_bytes()), Err(CheckpointError::WrongKey));

    // Signed by another key under this key's id.
    let mut note = Note::parse(forged.as_bytes()).unwrap();
    note.key_id = key_id(&origin().to_string(), &key(1).public_key());
    assert_eq!(open(note.format().as_bytes()), Err(CheckpointError::BadSignature));
}

#[test]
fn a_valid_signature_does_not_excuse_the_form() {
    let head = *signed(&plain_leaves(3)).checkpoint();
    let (name, root) = (head.origin.to_string(), STANDARD.encode(head.root.as_bytes()));
    let empty = STANDARD.encode(empty_root().as_bytes());
    let cases = [
        (format!("{name}\n03\n{root}\n"), CheckpointError::Size),
        (format!("{name}\n+3\n{root}\n"), CheckpointError::Size),
        (format!("{name}\n\n{root}\n"), CheckpointError::Size),
        (format!("{name}\n18446744073709551616\n{root}\n"), CheckpointError::Size),
        (format!("{name}\n٣\n{root}\n"), CheckpointError::Size),
        (format!("{name}\n0\n{root}\n"), CheckpointError::Root),
        (format!("{name}\n3\n{}\n", &root[..40]), CheckpointError::Root),
        (format!("{name}\n3\n{}\n", root.trim_end_matches('=')), CheckpointError::Root),
        (format!("{name}\n3\n{root}\nextension\n"), CheckpointError::Extension),
        (format!("{name}\r\n3\n{root}\n"), CheckpointError::Origin),
        (format!("{}\n3\n{root}\n", name.to_uppercase()), CheckpointError::Origin),
        (format!("x{name}\n3\n{root}\n"), CheckpointError::Origin),
    ];
    for (body, fault) in cases {
        assert_eq!(open(note_over(&body).as_bytes()), Err(fault), "{body}");
    }
    assert!(open(note_over(&format!("{name}\n0\n{empty}\n")).as_bytes()).is_ok());
}

#[test]
fn exactly_one_signature_line_in_the_name_of_the_log() {
    let note = signed(&plain_leaves(3));
    let (body, line) = note.as_str().split_once("\n\n").unwrap();
    let refused = |text: String| open(text.as_bytes()).unwrap_err();
    assert_eq!(refused(format!("{body}\n\n{line}{line}")), CheckpointError::Trailing);
    assert_eq!(refused(format!("{body}\n\n{line}— witness.example AAAA\n")), CheckpointError::Trailing);
    assert_eq!(refused(format!("{body}\n\n— witness.example AAAA\n{line}")), CheckpointError::SignatureLine);
    assert_eq!(refused(format!("{body}\n\n{}", line.replace('—', "-"))), CheckpointError::SignatureLine);
    assert_eq!(refused(format!("{body}\n\n")), CheckpointError::SignatureLine);
    assert_eq!(refused(format!("{body}\n\n{}", line.trim_end())), CheckpointError::Trailing);
    assert_eq!(open(&[b'a'; MAX_CHECKPOINT + 1]), Err(CheckpointError::TooLong));
    assert_eq!(open(&[0xff; 20]), Err(CheckpointError::NotText));
    assert_eq!(open(b""), Err(CheckpointError::Origin));
}

#[test]
fn stray_bits_of_the_signature_are_a_second_spelling() {
    // 68 bytes end in 4 unused bits of the last character before the padding.
    let note = signed(&plain_leaves(3));
    let stem = note.as_str().strip_suffix("=\n").unwrap();
    let (stem, last) = stem.split_at(stem.len() - 1);
    for other in ('a'..='z').chain('A'..='Z').chain('0'..='9').map(String::from) {
        if other != last {
            assert!(open(format!("{stem}{other}=\n").as_bytes()).is_err(), "{other} for {last}");
        }
    }
}
