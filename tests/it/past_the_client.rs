//! What an author with a modified client, or a partner with a modified node, may send: each rule of the report grammar
//! broken in each way, signed, and posted past the client. RPT-7
#![cfg(test)] // so that the lints know the helpers for tests

mod breaks;
mod bytes;
mod references;

use breaks::{Break, breaks};
use relto_audit::leaf::{Leaf, Verdict};
use relto_exchange::{out::Answer, rows::SubmissionState, wire::frame::CHUNK};
use relto_policy::{code::Code, national::Content};
use relto_report::{
    assessment::{Document, Report},
    rules::{Judged, RULES, rule},
    wellformed::{self, Ground},
};
use relto_tests::{
    fixture::{self, Draft},
    hostile::Hostile,
    node::Disk,
    pair::Pair,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn draft(side: usize, number: u32) -> Draft {
    Draft::new(side, number).attachments(&[64])
}

/// What the sending node says to a report of Arcadia's that breaks a rule.
fn sent(pair: &mut Pair, number: u32, one: &Break) -> Result<SubmissionState, &'static str> {
    let document = draft(0, number).edited(|report| (one.report)(report, 0));
    let mut home = fixture::home(0, &document.report().serial);
    (one.home)(&mut home);
    let sent = pair.submit(0, &fixture::sign_with(0, &document, home));
    pair.settle();
    match pair.told(sent) {
        Some(Answer::Invalid { rule, .. }) => Err(rule),
        Some(Answer::Stands(state)) => Ok(state.clone()),
        other => panic!("{}: {other:?}", one.name),
    }
}

#[test]
fn rpt_7_each_rule_that_is_broken_past_the_client_is_refused_by_the_sending_node() {
    let mut wrong = Vec::new();
    for (number, one) in (1..).zip(breaks()) {
        let mut pair = Pair::linked();
        let clean = pair.submit(0, &draft(0, 9_000).signed());
        pair.settle();
        assert!(matches!(pair.state(clean), Some(SubmissionState::Released(_))), "the control goes out");
        let judged = rule(one.rule).unwrap().sender;
        let said = sent(&mut pair, number, &one);
        let right = match (judged, &said) {
            (Judged::Form | Judged::Records | Judged::Look, Err(rule)) => *rule == one.rule,
            (Judged::Decision(code), Ok(SubmissionState::Refused(reasons))) => {
                reasons.iter().any(|reason| reason.code.name() == code)
            }
            // A form fault of a decided rule is told by its own number.
            (Judged::Decision(_), Err(rule)) => *rule == one.rule,
            _ => false,
        };
        if !right {
            wrong.push(format!("{} {}: {judged:?}, and the node says {said:?}", one.rule, one.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the receiving node's check of form says of a report of Borealia's.
fn by_the_one_function(document: &Document) -> Result<(), &'static str> {
    let link = fixture::link(0);
    let ground = Ground {
        register: &link.registers[&link.partner],
        vocabulary: &link.vocabulary,
        words: &link.words,
        recipient: Some(link.own),
        home: None,
    };
    wellformed::check(document, &ground)
}

#[test]
fn rpt_7_each_rule_that_a_partner_breaks_is_refused_by_the_receiving_node() {
    let mut wrong = Vec::new();
    for one in breaks() {
        let judged = rule(one.rule).unwrap().receiver;
        let wanted = match judged {
            Judged::Form | Judged::Look | Judged::Records => Code::Malformed,
            Judged::Decision(code) => Code::parse(code).unwrap(),
            Judged::File | Judged::Decoder | Judged::Signature | Judged::Not(_) => continue,
        };
        let mut hostile = Hostile::greeted();
        let document = draft(1, 1).edited(|report| (one.report)(report, 1));
        // What the partner is told is one word for all of these; which rule it was the one function says.
        if judged == Judged::Form && by_the_one_function(&document) != Err(one.rule) {
            wrong.push(format!("{} {}: {:?}", one.rule, one.name, by_the_one_function(&document)));
        }
        let (released, payload) = hostile.released(document.plaintext());
        let index = hostile.append(&Leaf::Released(released));
        hostile.send_leaves();
        for (n, piece) in payload.chunks(CHUNK).enumerate() {
            hostile.payload(index, u64::try_from(n * CHUNK).unwrap(), piece);
        }
        let said = hostile.verdict(index);
        let codes = said.map_or(0, |(_, codes)| codes);
        // A rule of form that a decided one has too stands alone.
        let right = codes & (wanted.bit() | Code::Malformed.bit()) != 0;
        if !right || said.is_some_and(|(verdict, _)| verdict == Verdict::Admitted) {
            wrong.push(format!("{} {}: {judged:?}, and the node says {said:?}", one.rule, one.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every place of a value that holds something of its own, with its words; places in a list are one.
fn places(value: &Value, at: &str, out: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| places(value, &format!("{at}.{name}"), out)),
        Value::Array(items) => {
            out.entry(at.to_owned()).or_default().push(items.len().to_string());
            items.iter().for_each(|value| places(value, at, out));
        }
        other => out.entry(at.to_owned()).or_default().push(other.to_string()),
    }
}

#[test]
fn rpt_7_each_field_of_a_report_is_broken_in_some_way() {
    let of = |report: &Report| {
        let mut out = BTreeMap::new();
        places(&serde_json::to_value(report).unwrap(), "", &mut out);
        out
    };
    let (mut known, mut broken) = (BTreeSet::new(), BTreeSet::new());
    let before = of(draft(0, 1).document().report());
    for one in breaks() {
        let after = of(draft(0, 1).edited(|report| (one.report)(report, 0)).report());
        known.extend(before.keys().chain(after.keys()).cloned());
        broken.extend(known.iter().filter(|place| before.get(*place) != after.get(*place)).cloned());
    }
    let untouched: Vec<&str> = known.difference(&broken).map(String::as_str).collect();
    // What the decoder alone judges: bytes.rs
    assert_eq!(untouched, [".format"]);
}

#[test]
fn rpt_7_no_rule_that_a_node_judges_goes_untried() {
    let tried: BTreeSet<&str> = breaks().iter().map(|one| one.rule).collect();
    let is_judged =
        |judged: Judged| matches!(judged, Judged::Form | Judged::Decision(_) | Judged::Records | Judged::Look);
    let untried: Vec<&str> = RULES
        .iter()
        .filter(|one| (is_judged(one.sender) || is_judged(one.receiver)) && !tried.contains(one.number))
        .map(|one| one.number)
        .collect();
    assert_eq!(untried, [""; 0]);
}

#[test]
fn rpt_7_the_serials_that_no_descriptor_has_are_those_of_the_nations_rules() {
    let mut own = fixture::link(0);
    fixture::change_rules(&mut own, |rules| {
        rules.content = Some(Content {
            source_serials: Some(vec!["KEST".to_owned()]),
            hold_words_file: None,
            refuse_active_content: false,
            refuse_metadata: false,
            strip_metadata: false,
            filter: None,
        });
    });
    let mut ruled = Pair::with([own, fixture::link(1)], [Disk::memory(), Disk::memory()]).link();
    let mut plain = Pair::linked();
    for (number, serial, by_rules, by_none) in [(1, "KEST-2026-7", true, false), (2, "SIG-2026-55017", false, true)] {
        for (pair, wanted) in [(&mut ruled, by_rules), (&mut plain, by_none)] {
            let described = |report: &mut Report| {
                let source = report.sources[0].described.as_mut().unwrap();
                source.descriptor = format!("A vessel, {serial}");
            };
            let sent = pair.submit(0, &fixture::sign(0, &draft(0, number).edited(described)));
            pair.settle();
            let told = pair.told(sent);
            let refused = matches!(told, Some(Answer::Invalid { rule: "R057", .. }));
            assert!(refused || matches!(told, Some(Answer::Stands(_))), "{serial}: {told:?}");
            assert_eq!(refused, wanted, "{serial}: {told:?}");
        }
    }
}
