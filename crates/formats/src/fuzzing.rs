//! Bodies of the fuzz targets for what a client sends and for labels, replayed over the corpus by an ordinary test.

use crate::{
    api::{Approve, Decline, Submit},
    stanag4774::{LabelKind, Terms, originator_label, read, translate, write},
};
use relto_policy::agreement::Agreement;
use relto_report::{
    calendar::{Day, Timestamp},
    register::Register,
};

/// Any bytes as each request body: no panic, and what is accepted is written and read back alike.
pub fn fuzz_body(data: &[u8]) {
    if let Ok(submit) = serde_json::from_slice::<Submit>(data) {
        let text = serde_json::to_vec(&submit).unwrap_or_default();
        let again = serde_json::from_slice::<Submit>(&text);
        assert!(again.is_ok_and(|again| again.plaintext == submit.plaintext), "a body reads as it was written");
    }
    let _ = serde_json::from_slice::<Approve>(data);
    let _ = serde_json::from_slice::<Decline>(data);
}

/// Any bytes as a label: no panic; what is accepted is written and read back alike; what is said in Arcadia's words
/// admits Arcadia, never hides a foreign owner, and goes out and in again as the same marking.
///
/// # Panics
/// When one of these does not hold.
pub fn fuzz_label(bytes: &[u8]) {
    let Ok(taken) = read("label.xml", bytes) else { return };
    let again = read("label.xml", write(&taken.label).as_bytes());
    assert!(again.is_ok_and(|again| again.label == taken.label), "a label reads as it was written");
    let file = include_bytes!("../../../examples/agreement.toml");
    let register = include_bytes!("../../../examples/markings-XAA.toml");
    let ground = Agreement::read("agreement.toml", file).and_then(|is| Ok((is, Register::read("XAA", register)?)));
    let Ok((agreement, register)) = ground else { return };
    let terms = Terms { agreement: &agreement, register: &register, day: Day::from_count(20_774) };
    let Ok(said) = translate(&taken.label, &terms) else { return };
    assert!(said.marking.rel_to().first().is_some_and(|code| code == "XAA"), "the own nation is admitted");
    let ours = taken.label.policy == "XAA" && taken.label.kind == LabelKind::Originator;
    assert!(ours || said.marking.banner().contains("//FGI"), "whose information it is stays on it");
    let out = originator_label(&said.marking, Timestamp::from_seconds(0));
    let back = translate(&out, &terms);
    assert!(back.is_ok_and(|back| back.marking == said.marking), "a marking goes out and comes in the same");
}
