//! The vectors of specs/vectors: every one is computed again from its input and compared, and every example in a
//! specification is a vector. `RELTO_WRITE=vectors cargo test vectors` fills in what a new input gives.
//!
//! A value in an input is the type's own, with these words for bytes: `hex:`, `sha256:`, `ed25519:`, `relto/1/`,
//! `nation:`. Private keys are SHA-256 of a name, for tests alone.
#![cfg(test)] // so that the lints know the helpers for tests

use relto_audit::{
    checkpoint::{Checkpoint, SignedCheckpoint},
    commitment::{commit, commit_anchor, commit_detail, opens, plaintext_digest},
    leaf::Leaf,
    origin::Origin,
    tree::{Frontier, leaf_hash},
};
use relto_exchange::{
    journal::Entry,
    wire::{
        frame::{ByeBody, Decoder, LeavesBody, PayloadBody, WantBody, raw},
        hello::{Channel, Hello, HelloBody, Role, to_sign},
        question::{FetchBody, ProofBody, ProveBody},
    },
};
use relto_policy::code::{Code, names};
use relto_report::{
    assessment::{Document, Report},
    codec,
    crypto::{Signer, SoftwareKey},
    digest::Digest,
    domain::{Tag, hash, message},
    nation::Nation,
    signed::{ApprovalStatement, AuthorStatement, home_digest},
};
use relto_tests::fixture::key;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fs, path::PathBuf};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("specs")
}

/// The files of vectors, as `log/leaf` and what they hold.
fn files() -> BTreeMap<String, Value> {
    let mut out = BTreeMap::new();
    for spec in fs::read_dir(folder().join("vectors")).unwrap() {
        let spec = spec.unwrap().path();
        for file in fs::read_dir(&spec).unwrap() {
            let file = file.unwrap().path();
            let name = [&spec, &file].map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).join("/");
            let value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
            out.insert(name, value);
        }
    }
    out
}

/// Words for bytes as the lists of numbers that the types read.
fn plain(value: &Value) -> Value {
    match value {
        Value::String(text) => bytes_of(text).map_or_else(|| value.clone(), |bytes| json!(bytes)),
        Value::Array(list) => list.iter().map(plain).collect(),
        Value::Object(map) => {
            map.iter().map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>().into()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

fn bytes_of(text: &str) -> Option<Vec<u8>> {
    if let Some(nation) = text.strip_prefix("nation:") {
        return Some(nation.as_bytes().to_vec());
    }
    let prefixes = ["hex:", "sha256:", "ed25519:", "relto/1/"];
    let digits = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix))?;
    Some(unhex(digits))
}

fn unhex(digits: &str) -> Vec<u8> {
    let digits: Vec<u32> =
        digits.chars().map(|one| one.to_digit(16).unwrap_or_else(|| panic!("hex: {digits}"))).collect();
    assert!(digits.len().is_multiple_of(2));
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A member of an input.
struct In<'a>(&'a Value);

impl In<'_> {
    fn text(&self, name: &str) -> &str {
        self.0[name].as_str().unwrap_or_else(|| panic!("{name} in {}", self.0))
    }
    fn number(&self, name: &str) -> u64 {
        self.0[name].as_u64().unwrap_or_else(|| panic!("{name} in {}", self.0))
    }
    fn bytes(&self, name: &str) -> Vec<u8> {
        bytes_of(self.text(name)).unwrap_or_else(|| panic!("{name} in {}", self.0))
    }
    fn array<const N: usize>(&self, name: &str) -> [u8; N] {
        self.bytes(name).try_into().unwrap()
    }
    fn list(&self, name: &str) -> Vec<Vec<u8>> {
        let list = self.0[name].as_array().unwrap_or_else(|| panic!("{name} in {}", self.0));
        list.iter().map(|one| bytes_of(one.as_str().unwrap()).unwrap()).collect()
    }
    fn origin(&self, name: &str) -> Origin {
        Origin::parse(self.text(name)).unwrap()
    }
    fn key(&self) -> SoftwareKey {
        key(self.text("key"))
    }
}

/// A member of an input as a type of the program.
macro_rules! value {
    ($input:expr, $name:literal, $of:ty) => {
        serde_json::from_value::<$of>(plain(&$input.0[$name]))
            .unwrap_or_else(|error| panic!("{}: {error} in {}", $name, $input.0))
    };
}

fn of_log(kind: &str, input: &In<'_>) -> Option<Value> {
    Some(match kind {
        "leaf" => {
            let leaf = value!(input, "leaf", Leaf);
            let bytes = leaf.encode();
            assert_eq!(Leaf::decode(&bytes).as_ref(), Ok(&leaf));
            json!({ "bytes": hex(&bytes), "leaf_hash": leaf_hash(&bytes).to_string() })
        }
        "leaf-refused" => {
            let fault = Leaf::decode(&input.bytes("bytes")).expect_err("a vector of what is refused");
            json!({ "fault": format!("{fault:?}") })
        }
        "origin" => {
            let owner = Nation::parse(input.text("owner")).unwrap();
            let epoch = u32::try_from(input.number("epoch")).unwrap();
            json!({ "origin": Origin::new(input.text("agreement"), owner, epoch).to_string() })
        }
        "commitment" => {
            let (origin, index, salt) = (input.origin("origin"), input.number("index"), input.array("salt"));
            let plaintext = input.bytes("plaintext");
            let length = u64::try_from(plaintext.len()).unwrap();
            let digest = plaintext_digest(&plaintext);
            let inner = hash(Tag::Inner, &[&salt, &length.to_le_bytes(), digest.as_bytes()]);
            let commitment = commit(origin, index, &salt, length, &digest);
            let payload = [&salt[..], &plaintext].concat();
            assert!(opens(origin, index, &commitment, &payload) && !opens(origin, index + 1, &commitment, &payload));
            json!({
                "payload": hex(&payload), "plaintext_digest": digest.to_string(), "inner": inner.to_string(),
                "commitment": commitment.to_string(),
            })
        }
        "detail" => {
            let detail = input.bytes("detail");
            let digest = commit_detail(input.origin("origin"), input.number("index"), &input.array("salt"), &detail);
            json!({ "commitment": digest.to_string() })
        }
        "anchor" => {
            let root = value!(input, "root", Digest);
            let digest = commit_anchor(&input.array("salt"), input.origin("journal"), input.number("size"), &root);
            json!({ "commitment": digest.to_string() })
        }
        "checkpoint" => {
            let (origin, key) = (input.origin("origin"), input.key());
            let mut frontier = Frontier::new();
            input.list("leaves").iter().for_each(|leaf| frontier.push(leaf));
            let signed = Checkpoint::of(origin, &frontier).sign(&key).unwrap();
            assert!(SignedCheckpoint::open(signed.as_bytes(), origin, &key.public_key()).is_ok());
            json!({
                "public_key": key.public_key().to_string(), "size": frontier.size(),
                "root": frontier.root().to_string(), "note": String::from_utf8(signed.as_bytes().to_vec()).unwrap(),
            })
        }
        "checkpoint-refused" => {
            let key = input.key().public_key();
            let fault = SignedCheckpoint::open(input.text("note").as_bytes(), input.origin("origin"), &key)
                .expect_err("a vector of what is refused");
            json!({ "fault": format!("{fault:?}") })
        }
        "journal" => {
            let entry = value!(input, "entry", Entry);
            assert_eq!(Entry::decode(&entry.encode()).as_ref(), Ok(&entry));
            json!({ "bytes": hex(&entry.encode()) })
        }
        _ => return None,
    })
}

fn of_link(kind: &str, input: &In<'_>) -> Option<Value> {
    Some(match kind {
        "frame" => {
            let (number, body) = match input.text("type") {
                "HELLO" => (1, codec::encode(&value!(input, "body", HelloBody))),
                "LEAVES" => (2, codec::encode(&value!(input, "body", LeavesBody))),
                "PAYLOAD" => (3, codec::encode(&value!(input, "body", PayloadBody))),
                "WANT" => (4, codec::encode(&value!(input, "body", WantBody))),
                "FETCH" => (5, codec::encode(&value!(input, "body", FetchBody))),
                "PROVE" => (6, codec::encode(&value!(input, "body", ProveBody))),
                "PROOF" => (7, codec::encode(&value!(input, "body", ProofBody))),
                "BYE" => (8, codec::encode(&value!(input, "body", ByeBody))),
                other => panic!("no frame {other}"),
            };
            let bytes = raw(number, &body);
            let mut decoder = Decoder::default();
            decoder.take_questions();
            decoder.push(&bytes);
            assert!(matches!(decoder.next_frame(), Ok(Some(_))) && matches!(decoder.next_frame(), Ok(None)));
            json!({ "bytes": hex(&bytes) })
        }
        "frame-refused" => {
            let mut decoder = Decoder::default();
            decoder.push(&input.bytes("bytes"));
            let code = decoder.next_frame().expect_err("a vector of what is refused");
            json!({ "bye": format!("{code:?}"), "number": code as u32 })
        }
        "hello" => {
            let key = input.key();
            let hello = value!(input, "hello", Hello);
            let bytes = codec::encode(&hello);
            let (role, signer) = match input.text("signer") {
                "dialer" => (Role::Dialer, Role::Dialer),
                "listener" => (Role::Listener, Role::Listener),
                other => panic!("no role {other}"),
            };
            let (dialer, listener) = (input.text("dialer").to_owned(), input.text("listener").to_owned());
            let (own_node, partner_node) = if role == Role::Dialer { (dialer, listener) } else { (listener, dialer) };
            let channel = Channel { role, own_node, partner_node, exporter: input.array("exporter") };
            let signed = to_sign(&channel, signer, &bytes);
            json!({
                "public_key": key.public_key().to_string(), "hello": hex(&bytes), "signed": hex(&signed),
                "signature": hex(key.sign(&signed).unwrap().as_bytes()),
            })
        }
        _ => return None,
    })
}

fn of_report(kind: &str, input: &In<'_>) -> Option<Value> {
    let statement = |bytes: &[u8], tag: Tag| {
        let (key, signed) = (input.key(), message(tag, bytes));
        json!({
            "public_key": key.public_key().to_string(), "statement": hex(bytes), "signed": hex(&signed),
            "signature": hex(key.sign(&signed).unwrap().as_bytes()),
        })
    };
    Some(match kind {
        "report" => {
            let report = value!(input, "report", Report);
            let attachments = input.list("attachments");
            let slices: Vec<&[u8]> = attachments.iter().map(Vec::as_slice).collect();
            let plaintext = Document::lay_out(&report, &slices);
            let document = Document::decode(plaintext.clone()).unwrap_or_else(|fault| panic!("{fault}"));
            json!({ "plaintext": hex(&plaintext), "plaintext_digest": document.digest().to_string() })
        }
        "report-refused" => {
            let fault = Document::decode(input.bytes("plaintext")).err().expect("a vector of what is refused");
            json!({ "fault": format!("{fault:?}") })
        }
        "author" => statement(&codec::encode(&value!(input, "statement", AuthorStatement)), Tag::Author),
        "approval" => {
            let bytes = codec::encode(&value!(input, "statement", ApprovalStatement));
            assert!(codec::decode::<ApprovalStatement, 4096>(&bytes).is_ok());
            statement(&bytes, Tag::Approval)
        }
        "home" => json!({ "digest": home_digest(Some(&input.bytes("file"))).to_string() }),
        "tagged" => {
            let tag = *Tag::ALL.iter().find(|tag| tag.text() == input.text("tag")).expect("a tag");
            let body = input.bytes("body");
            json!({ "digest": hash(tag, &[&body]).to_string(), "signed": hex(&message(tag, &body)) })
        }
        _ => return None,
    })
}

fn of_policy(kind: &str, input: &In<'_>) -> Option<Value> {
    Some(match kind {
        "code" => {
            let code = Code::parse(input.text("code")).unwrap();
            json!({ "class": format!("{:?}", code.class()), "bit": code.bit_number(), "set": code.bit() })
        }
        "set" => json!({ "names": names(input.number("set")) }),
        _ => return None,
    })
}

fn computed(kind: &str, input: &Value) -> Value {
    let input = In(input);
    of_log(kind, &input)
        .or_else(|| of_link(kind, &input))
        .or_else(|| of_report(kind, &input))
        .or_else(|| of_policy(kind, &input))
        .unwrap_or_else(|| panic!("no kind of vector {kind}"))
}

#[test]
fn every_vector_is_what_the_code_gives() {
    let write = std::env::var("RELTO_WRITE").is_ok_and(|what| what == "vectors");
    let mut count = 0;
    for (name, mut file) in files() {
        for case in file["cases"].as_array_mut().unwrap_or_else(|| panic!("{name}: cases")) {
            let (kind, about) = (case["kind"].as_str().unwrap().to_owned(), format!("{name}: {}", case["name"]));
            let found = computed(&kind, &case["input"]);
            if write {
                case["expect"] = found;
            } else {
                assert_eq!(case["expect"], found, "{about}");
            }
            count += 1;
        }
        if write {
            let text = serde_json::to_string_pretty(&file).unwrap() + "\n";
            fs::write(folder().join("vectors").join(name).with_extension("json"), text).unwrap();
        }
    }
    assert!(count >= 50, "{count} vectors");
}

/// In a specification, a block ```` ```hex FILE CASE MEMBER ```` is that member of that vector; what stands behind two
/// spaces in a line is for people.
#[test]
fn examples_in_the_specifications_are_vectors() {
    let files = files();
    let mut count = 0;
    for spec in ["report", "policy", "log", "link", "recovery"] {
        let text = fs::read_to_string(folder().join(spec).with_extension("md")).unwrap();
        let mut here = 0;
        for block in text.split("\n```hex ").skip(1) {
            let (first, rest) = block.split_once('\n').unwrap();
            let (body, _) = rest.split_once("```").unwrap();
            let [file, case, member] = first.split(' ').collect::<Vec<_>>()[..] else { panic!("{spec}: {first}") };
            let cases = files.get(file).unwrap_or_else(|| panic!("{spec}: {first}"))["cases"].as_array().unwrap();
            let case = cases.iter().find(|one| one["name"] == case).unwrap_or_else(|| panic!("{spec}: {first}"));
            let digits = |line: &str| line.split("  ").next().unwrap_or_default().replace(' ', "");
            let found: String = body.lines().map(digits).collect();
            assert_eq!(case["expect"][member], found, "{spec}: {first}");
            here += 1;
        }
        assert!(here > 0, "{spec}.md opens with an example");
        count += here;
    }
    assert!(count >= 4);
}

/// The table of codes in specs/policy.md is the code's own, row for row.
#[test]
fn pol_10_the_table_of_bits_is_the_codes() {
    let text = fs::read_to_string(folder().join("policy.md")).unwrap();
    let wanted: Vec<String> = Code::ALL
        .iter()
        .map(|code| {
            let bit = code.bit_number().map_or_else(|| "-".to_owned(), |bit| bit.to_string());
            format!("| {bit} | {code} | {:?} |", code.class())
        })
        .collect();
    let found: Vec<&str> = text
        .lines()
        .filter(|line| line.split('|').nth(2).is_some_and(|cell| Code::parse(cell.trim()).is_some()))
        .filter_map(|line| line.match_indices('|').nth(3).map(|(at, _)| &line[..=at]))
        .collect();
    assert_eq!(found, wanted);
}
