//! Changes of the agreement's state that its signers did not make.

use super::alarms;
use relto_audit::leaf::{Leaf, SignedStatement, Verdict};
use relto_policy::{
    change::{Act, Record},
    code::Code,
    state::AgreementState,
};
use relto_tests::{
    fixture::{self, link},
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
