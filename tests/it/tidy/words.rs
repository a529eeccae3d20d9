//! Nothing acts on words for people: who refuses or owes says so by a code, a rule or another word of a closed list, and its
//! sentence is for reading.

use super::{program, sources};
use relto_policy::code::Code;

/// Where what earlier versions wrote in words is taken apart, once.
const OLD: &str = "crates/host/src/store/migrate/words.rs";
/// What takes a line of words apart at its name.
const APART: [&str; 4] = [".split(\": \")", ".split_once(\": \")", ".split(':')", ".splitn(2, ':')"];
/// Words of closed lists that a text would be compared with.
const LISTED: [&str; 12] = [
    "admitted",
    "quarantined",
    "refused",
    "released",
    "withdrawn",
    "in-force",
    "suspended",
    "pending",
    "superseded",
    "reading",
    "invalid",
    "id-reused",
];

/// How a program would act on a text with this word in it.
fn compared(word: &str) -> [String; 6] {
    [
        format!("== \"{word}\""),
        format!("!= \"{word}\""),
        format!("== [\"{word}\""),
        format!("starts_with(\"{word}"),
        format!(".contains(\"{word}"),
        format!("Some(\"{word}\") =>"),
    ]
}

#[test]
fn nothing_acts_on_words_for_people() {
    let rules = (0..=9).map(|digit| format!("R{digit}"));
    let codes = Code::ALL.iter().map(|code| code.name().to_owned());
    let words: Vec<String> = rules.chain(codes).chain(LISTED.map(str::to_owned)).collect();
    let acts: Vec<String> = words.iter().flat_map(|word| compared(word)).chain(APART.map(str::to_owned)).collect();
    let mut found = Vec::new();
    for name in ["exchange", "formats/src/api", "host", "node", "cli", "lab"] {
        for (file, text) in sources(&format!("crates/{name}")) {
            let text = program(&file, &text);
            let here = acts.iter().filter(|act| file != OLD && text.contains(act.as_str()));
            found.extend(here.map(|act| format!("{file}: {act}")));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    assert!(APART.iter().any(|act| super::read(OLD).contains(act)), "{OLD}: the control");
}
