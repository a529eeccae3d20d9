//! Changes of the agreement's state that its signers did not make.

use super::alarms;
use relto_audit::{
    leaf::{Head, Leaf, Released, SignedStatement, Verdict},
    tree::Frontier,
};
use relto_exchange::{input::Input, wire::protocol::ByeCode};
use relto_policy::{
    change::{Act, Change, Measure, OnRecord, Record, Restricts},
    code::Code,
    state::AgreementState,
};
use relto_report::{calendar::Timestamp, crypto::sha256, digest::Digest};
use relto_tests::{
    fixture::{self, Draft, link},
    hostile::Hostile,
    pair::LINK,
};

/// What a hostile partner says once more, with its newest leaf in place of the last; it was never followed.
fn instead(hostile: &mut Hostile, change: SignedStatement) {
    hostile.log.truncate(usize::try_from(hostile.followed()).unwrap());
    hostile.sent = hostile.log.len();
    if hostile.closed().is_some() {
        hostile.connect();
        hostile.greet();
    }
    hostile.append(&Leaf::AgreementChange { time: hostile.now, change });
    hostile.send_leaves();
}

#[test]
fn flw_17_lnk_35_a_change_that_its_signers_did_not_sign_ends_the_session_and_is_not_followed() {
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
    let ended = Some(ByeCode::BadLeaf);
    for change in [few, forged, ours, garbage] {
        let size = hostile.node.exchange.journal_size();
        instead(&mut hostile, change.clone());
        assert_eq!((alarms(&mut hostile).len(), hostile.closed(), hostile.followed()), (1, ended, 1));
        let journal = hostile.node.exchange.journal_size();
        assert!(journal > size, "it is on record");
        // However often the same leaf comes again, it is judged and told once.
        for _ in 0..3 {
            instead(&mut hostile, change.clone());
            assert_eq!((alarms(&mut hostile).len(), hostile.closed(), hostile.followed()), (0, ended, 1));
        }
        assert_eq!(hostile.node.exchange.journal_size(), journal);
        let (state, record) = hostile.node.exchange.life(LINK).unwrap();
        assert_eq!((state.partners, record), (AgreementState::InForce, &Record::default()));
    }
    hostile.node.restart(hostile.now);
    assert_eq!(hostile.followed(), 1, "a restart finds none of them");
    hostile.connect();
    hostile.greet();
    instead(&mut hostile, good.clone());
    let told = alarms(&mut hostile);
    assert!(told.len() == 1 && told[0].contains("has stated suspend"), "{told:?}");
    assert_eq!(hostile.node.exchange.life(LINK).unwrap().0.partners, AgreementState::Suspended);
    // A report after it is a breach: the partner knew its own word.
    let (index, payload) = hostile.release(5);
    hostile.payload(index, 0, &payload);
    assert_eq!(hostile.verdict(index), Some((Verdict::Refused, Code::AgreementSuspended.bit())));
    // The same statement twice is one change, and no honest log has it twice.
    hostile.append(&Leaf::AgreementChange { time: hostile.now, change: good });
    hostile.send_leaves();
    let told = alarms(&mut hostile);
    assert!(told.len() == 1 && told[0].contains("no next change of its signers: K012"), "{told:?}");
    assert_eq!(hostile.closed(), ended);
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
    assert_eq!(hostile.closed(), Some(ByeCode::BadLeaf));
    assert_eq!(hostile.node.exchange.life(LINK).unwrap().1, &Record::default());
}

#[test]
fn flw_19_a_report_of_a_suspension_is_a_breach_after_it_too() {
    let mut hostile = Hostile::greeted();
    // It has followed our suspension, releases all the same, and keeps the payload back until both have resumed.
    let ours = |hostile: &Hostile, act| fixture::change(&link(0), hostile.node.exchange.life(LINK).unwrap().1, act);
    let suspend = ours(&hostile, Act::Suspend);
    hostile.node.push(Input::Change { ticket: 900, link: LINK, change: suspend });
    hostile.pump();
    let (record, size) = (hostile.node.exchange.life(LINK).unwrap().1.clone(), hostile.theirs.len());
    let (released, payload) = hostile.released(Draft::new(1, 1).document().plaintext());
    let mut frontier = Frontier::new();
    hostile.theirs.iter().for_each(|leaf| frontier.push(leaf));
    assert_eq!(frontier.size(), u64::try_from(size).unwrap());
    let seen = Head { size: frontier.size(), root: frontier.root() };
    let index = hostile.append(&Leaf::Released(Released { seen, ..released }));
    hostile.send_leaves();
    let lifts = record.open_suspensions(&link(0).agreement.life);
    let resume = ours(&hostile, Act::Resume(lifts.clone()));
    hostile.node.push(Input::Change { ticket: 901, link: LINK, change: resume });
    let theirs = fixture::change(&link(1), &Record::default(), Act::Resume(lifts));
    hostile.append(&Leaf::AgreementChange { time: hostile.now, change: theirs });
    hostile.send_leaves();
    let (state, _) = hostile.node.exchange.life(LINK).unwrap();
    assert_eq!((state.ours, state.partners), (AgreementState::InForce, AgreementState::InForce));
    hostile.payload(index, 0, &payload);
    assert_eq!(hostile.verdict(index), Some((Verdict::Refused, Code::AgreementSuspended.bit())));
}

#[test]
fn log_6_a_leaf_does_not_forget_a_head_that_its_log_has_named() {
    let mut hostile = Hostile::greeted();
    let all = u64::try_from(hostile.theirs.len()).unwrap();
    let old = link(0).agreement.digest;
    assert_eq!(names(&mut hostile, 1, old, all), Some((Verdict::Admitted, 0)));
    let now = u64::try_from(hostile.theirs.len()).unwrap();
    assert_eq!(names(&mut hostile, 2, old, now), Some((Verdict::Admitted, 0)));
    // Whoever names an older head again would not have known what stands under the newer.
    assert_eq!(names(&mut hostile, 3, old, all), Some((Verdict::Refused, Code::LeafTimeInvalid.bit())));
}

#[test]
fn flw_23_what_comes_under_a_version_that_is_not_here_is_not_decided() {
    let old = link(0).agreement.clone();
    let new = fixture::version_after(&old, |text| text.replacen("max_words   = 200", "max_words   = 150", 1));
    let mut hostile = Hostile::greeted();
    let mut record = Record::default();
    let adopts = fixture::change(&link(1), &record, Act::Adopt(new.digest));
    let adopted = Change::read("adopted", &adopts.statement).unwrap();
    record.ours.push(OnRecord { change: adopted, time: Timestamp::from_millis(hostile.now), index: Some(1) });
    hostile.append(&Leaf::AgreementChange { time: hostile.now, change: adopts });
    hostile.send_leaves();
    assert_eq!(names(&mut hostile, 1, old.digest, 1), None, "the version may forbid it");
    // Of what nobody can verify yet only what could follow is kept: the rest ends the session.
    for n in 0..20_u32 {
        let statement = n.to_le_bytes().to_vec();
        instead(&mut hostile, SignedStatement { statement, signatures: Vec::new() });
        assert_eq!(hostile.closed(), Some(ByeCode::BadLeaf));
    }
    hostile.log.truncate(usize::try_from(hostile.followed()).unwrap());
    hostile.sent = hostile.log.len();
    hostile.connect();
    hostile.greet();
    let suspends = fixture::change(&link(1), &record, Act::Suspend);
    hostile.append(&Leaf::AgreementChange { time: hostile.now, change: suspends });
    hostile.send_leaves();
    hostile.node.links[0].later.push(new.clone());
    hostile.node.push(Input::Install { ticket: 902, link: LINK, text: new });
    hostile.pump();
    let (state, record) = hostile.node.exchange.life(LINK).map(|(state, record)| (state, record.clone())).unwrap();
    assert_eq!(state.partners, AgreementState::Suspended);
    hostile.node.restart(hostile.now);
    let again = hostile.node.exchange.life(LINK).unwrap();
    assert_eq!((again.0, again.1), (state, &record), "a restart comes to the same");
}
