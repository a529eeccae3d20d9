//! Changes of the agreement's state that its signers did not make.

use super::alarms;
use relto_audit::{
    leaf::{Head, Leaf, Released, SignedStatement, Verdict},
    tree::Frontier,
};
use relto_exchange::input::Input;
use relto_policy::{
    change::{Act, Measure, Record, Restricts},
    code::Code,
    state::AgreementState,
};
use relto_report::{crypto::sha256, digest::Digest};
use relto_tests::{
    fixture::{self, Draft, link},
    hostile::Hostile,
    pair::LINK,
};

#[test]
fn flw_17_a_change_that_its_signers_did_not_sign_only_alarms() {
    let suspension = |hostile: &Hostile, side: usize| {
        let (_, record) = hostile.node.exchange.life(LINK).unwrap();
        let record = Record { ours: record.partners.clone(), partners: Vec::new() };
        fixture::change(&link(side), &record, Act::Suspend)
    };
    let mut hostile = Hostile::greeted();
    let good = suspension(&hostile, 1);
    let few = SignedStatement { signatures: Vec::new(), ..good.clone() };
    let mut forged = good.clone();
    forged.signatures[0].1 = forged.signatures[1].1;
    let ours = suspension(&hostile, 0);
    let garbage = SignedStatement { statement: vec![0xff; 900], signatures: Vec::new() };
    for change in [few, forged, ours, garbage] {
        hostile.append(&Leaf::AgreementChange { time: hostile.now, change });
        hostile.send_leaves();
        assert_eq!((alarms(&mut hostile).len(), hostile.closed()), (1, None));
        let (state, record) = hostile.node.exchange.life(LINK).unwrap();
        assert_eq!((state.partners, record), (AgreementState::InForce, &Record::default()));
    }
    // The same statement twice is one change.
    for alarm in ["has stated suspend", "changes nothing: K012"] {
        hostile.append(&Leaf::AgreementChange { time: hostile.now, change: good.clone() });
        hostile.send_leaves();
        let told = alarms(&mut hostile);
        assert!(told.len() == 1 && told[0].contains(alarm), "{told:?}");
    }
    assert_eq!(hostile.node.exchange.life(LINK).unwrap().0.partners, AgreementState::Suspended);
    // A report after it is a breach: the partner knew its own word.
    let (index, payload) = hostile.release(5);
    hostile.payload(index, 0, &payload);
    assert_eq!(hostile.verdict(index), Some((Verdict::Refused, Code::AgreementSuspended.bit())));
}

/// The partner adopts a version and releases a report whose leaf names one, under a head of ours of this size.
fn names(hostile: &mut Hostile, number: u32, version: Digest, seen: u64) -> Option<(Verdict, u64)> {
    let (released, payload) = hostile.released(Draft::new(1, number).document().plaintext());
    let mut frontier = Frontier::new();
    hostile.theirs.iter().take(usize::try_from(seen).unwrap()).for_each(|leaf| frontier.push(leaf));
    let seen = Head { size: frontier.size(), root: frontier.root() };
    let index = hostile.append(&Leaf::Released(Released { agreement: version, seen, ..released }));
    hostile.send_leaves();
    hostile.payload(index, 0, &payload);
    hostile.verdict(index)
}

#[test]
fn flw_23_a_leaf_names_the_version_in_force_as_its_owner_knew_it() {
    let old = link(0).agreement.clone();
    let new = fixture::version_after(&old, |text| text.replacen("max_words   = 200", "max_words   = 150", 1));
    let refused = Some((Verdict::Refused, Code::AgreementDigestMismatch.bit()));
    let admitted = Some((Verdict::Admitted, 0));
    let mut hostile = Hostile::greeted();
    hostile.node.links[0].later.push(new.clone());
    let text = new.clone();
    hostile.node.push(Input::Install { ticket: 900, link: LINK, text });
    hostile.pump();
    assert_eq!(names(&mut hostile, 1, new.digest, 1), refused, "nobody has adopted it");
    assert_eq!(names(&mut hostile, 2, sha256(&[b"no version"]), 1), refused);
    let adopts = |side| fixture::change(&link(side), &Record::default(), Act::Adopt(new.digest));
    hostile.append(&Leaf::AgreementChange { time: hostile.now, change: adopts(1) });
    hostile.send_leaves();
    assert_eq!(names(&mut hostile, 3, new.digest, 1), refused, "we have not");
    assert_eq!(names(&mut hostile, 4, old.digest, 1), admitted);
    let before = u64::try_from(hostile.theirs.len()).unwrap();
    hostile.node.push(Input::Change { ticket: 901, link: LINK, change: adopts(0) });
    hostile.pump();
    let after = u64::try_from(hostile.theirs.len()).unwrap();
    assert!(after > before, "our adoption has a leaf");
    assert_eq!(names(&mut hostile, 5, new.digest, before), refused, "under a head that does not cover ours");
    assert_eq!(names(&mut hostile, 6, old.digest, before), admitted);
    assert_eq!(names(&mut hostile, 7, old.digest, after), refused, "it knew that the new one is in force");
    assert_eq!(names(&mut hostile, 8, new.digest, after), admitted);
}

#[test]
fn flw_24_a_measure_out_of_turn_changes_nothing() {
    let mut hostile = Hostile::greeted();
    let stop = Act::Measure(Measure { step: 5, restricts: Restricts::Agreement });
    let change = fixture::change(&link(1), &Record::default(), stop);
    hostile.append(&Leaf::AgreementChange { time: hostile.now, change });
    hostile.send_leaves();
    let told = alarms(&mut hostile);
    assert!(told.len() == 1 && told[0].contains("K017: step 5 comes after step 1"), "{told:?}");
    assert_eq!(hostile.node.exchange.life(LINK).unwrap().1, &Record::default());
}
