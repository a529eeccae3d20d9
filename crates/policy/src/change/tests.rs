use super::*;
use crate::state::Standing;
use relto_report::crypto::{Signer as _, SoftwareKey};

const FILE: &str = include_str!("../../../../examples/agreement.toml");

fn key() -> SoftwareKey {
    let pkcs8 = ring::signature::Ed25519KeyPair::generate_pkcs8(&ring::rand::SystemRandom::new()).unwrap();
    SoftwareKey::from_pkcs8(pkcs8.as_ref()).unwrap()
}

fn nation(code: &str) -> Nation {
    Nation::parse(code).unwrap()
}

/// The example with the keys of this test in place of Arcadia's three signers.
fn signed_example() -> (Agreement, Vec<SoftwareKey>) {
    let mut text = FILE.to_owned();
    let example = Agreement::read("agreement.toml", FILE.as_bytes()).unwrap();
    let keys: Vec<SoftwareKey> = example.party(nation("XAA")).unwrap().signers.iter().map(|_| key()).collect();
    for (signer, key) in example.party(nation("XAA")).unwrap().signers.iter().zip(&keys) {
        text = text.replacen(&signer.key.to_string(), &key.public_key().to_string(), 1);
    }
    (Agreement::read("agreement.toml", text.as_bytes()).unwrap(), keys)
}

fn change(agreement: &Agreement, act: Act) -> Change {
    Change {
        agreement: agreement.id.clone(),
        version: agreement.digest,
        nation: nation("XAA"),
        counter: 1,
        previous: None,
        act,
    }
}

fn sign(bytes: &[u8], keys: &[SoftwareKey], by: &[u8]) -> Vec<(u8, Signature)> {
    by.iter().map(|at| (*at, keys[usize::from(*at)].sign(&message(Tag::Change, bytes)).unwrap())).collect()
}

#[test]
fn pol_17_a_quorum_of_the_act_signs_and_nothing_else_counts() {
    let (agreement, keys) = signed_example();
    let digest = sha256(&[b"a suspension"]);
    for (act, need) in [
        (Act::Suspend, 1),
        (Act::Resume(vec![digest]), 2),
        (Act::GiveNotice, 2),
        (Act::Renew(1), 2),
        (Act::Terminate, 2),
    ] {
        let change = change(&agreement, act);
        let text = change.write();
        let verify =
            |by: &[u8]| Change::verify(text.as_bytes(), &sign(text.as_bytes(), &keys, by), &agreement, nation("XAA"));
        let all: Vec<u8> = (0..3).collect();
        assert_eq!(verify(&all[..need]), Ok(change.clone()));
        let short = verify(&all[..need - 1]);
        assert!(
            matches!(short, Err(ChangeFault::Missing { have, need: wanted, .. }) if have + 1 == need && wanted == need),
            "{short:?}"
        );
        assert!(matches!(verify(&[0, 0]), Err(ChangeFault::Signature { at: 2, .. })), "one office twice");
        assert!(matches!(verify(&[1, 0]), Err(ChangeFault::Signature { at: 2, .. })), "out of order");
        let mut wrong = sign(text.as_bytes(), &keys, &[0, 1]);
        wrong[1].1 = wrong[0].1;
        let wrong = Change::verify(text.as_bytes(), &wrong, &agreement, nation("XAA"));
        assert!(matches!(wrong, Err(ChangeFault::Signature { at: 2, .. })));
        let nobody = sign(text.as_bytes(), &keys, &[0]).into_iter().map(|(_, one)| (9, one)).collect::<Vec<_>>();
        assert!(matches!(
            Change::verify(text.as_bytes(), &nobody, &agreement, nation("XAA")),
            Err(ChangeFault::Signature { .. })
        ));
        // As the partner's own statement it is none, however well it is signed.
        let theirs = Change::verify(text.as_bytes(), &sign(text.as_bytes(), &keys, &[0, 1]), &agreement, nation("XBB"));
        assert!(matches!(theirs, Err(ChangeFault::Other { .. })));
    }
    let other = Change { version: sha256(&[b"another version"]), ..change(&agreement, Act::Suspend) }.write();
    let other = Change::verify(other.as_bytes(), &sign(other.as_bytes(), &keys, &[0]), &agreement, nation("XAA"));
    assert!(matches!(other, Err(ChangeFault::Other { .. })));
}

#[test]
fn pol_17_a_statement_has_one_spelling() {
    let (agreement, _) = signed_example();
    let lifts = vec![sha256(&[b"one"]), sha256(&[b"two"])];
    for act in [Act::Suspend, Act::Resume(lifts.clone()), Act::GiveNotice, Act::Renew(7), Act::Terminate] {
        let one = Change { counter: 9, previous: Some(lifts[0]), ..change(&agreement, act) };
        let text = one.write();
        assert_eq!(Change::read("c", text.as_bytes()), Ok(one));
        assert!(text.len() <= MAX_CHANGE);
        for other in [
            format!("{text}# no comment goes to the partner\n"),
            format!("\n{text}"),
            text.replace(" = ", "="),
            text.replacen("counter = 9", "counter = 09", 1),
            text.trim_end().to_owned(),
        ] {
            assert!(Change::read("c", other.as_bytes()).is_err(), "{other}");
        }
    }
    let text = change(&agreement, Act::Suspend).write();
    for other in [
        text.replace("suspend", "pause"),
        format!("{text}term = 1\n"),
        format!("{text}lifts = []\n"),
        text.replace("suspend", "resume"),
        text.replace("counter = 1", "counter = 0"),
        text.replace("\"none\"", "\"\""),
        "x".repeat(MAX_CHANGE + 1),
    ] {
        assert!(Change::read("c", other.as_bytes()).is_err(), "{other}");
    }
}

/// Two nations' records, written down step by step.
struct World {
    agreement: Agreement,
    record: Record,
    at: i64,
}

impl World {
    fn new(change: impl Fn(&str) -> String) -> Self {
        let agreement = Agreement::read("agreement.toml", change(FILE).as_bytes()).unwrap();
        Self { agreement, record: Record::default(), at: Timestamp::parse("2026-11-17T12:00:00Z").unwrap().seconds() }
    }

    fn state(&mut self, ours: bool, act: Act) -> Digest {
        self.at += 3600;
        let list = if ours { &mut self.record.ours } else { &mut self.record.partners };
        let change = Change {
            nation: nation(if ours { "XAA" } else { "XBB" }),
            counter: u32::try_from(list.len()).unwrap() + 1,
            previous: list.last().map(|one| one.change.digest()),
            ..change(&self.agreement, act)
        };
        Record::follows(list, &change).unwrap();
        assert!(Record::follows(list, &Change { counter: change.counter + 1, ..change.clone() }).is_err());
        assert!(Record::follows(list, &Change { previous: Some(sha256(&[b"x"])), ..change.clone() }).is_err());
        let (time, index) = (Timestamp::from_seconds(self.at), Some(list.len() as u64 * 10));
        let digest = change.digest();
        list.push(OnRecord { change, time, index });
        digest
    }

    fn standing(&self) -> Standing {
        self.record.state(&self.agreement.life).standing(&self.agreement.life, Timestamp::from_seconds(self.at))
    }
}

#[test]
fn pol_18_one_suspends_and_both_resume() {
    // Every order of the two resumptions, and of who suspends.
    for suspender in [true, false] {
        for first in [true, false] {
            let mut world = World::new(str::to_owned);
            assert_eq!(world.standing(), Standing::InForce);
            let suspension = world.state(suspender, Act::Suspend);
            assert_eq!(world.standing(), Standing::Suspended);
            assert_eq!(world.record.open_suspensions(&world.agreement.life), [suspension]);
            world.state(first, Act::Resume(vec![sha256(&[b"another"])]));
            assert_eq!(world.standing(), Standing::Suspended, "it lifts another suspension");
            world.state(first, Act::Resume(vec![suspension]));
            assert_eq!(world.standing(), Standing::Suspended, "one nation alone lifts nothing");
            world.state(!first, Act::Resume(vec![suspension]));
            assert_eq!(world.standing(), Standing::InForce);
            // A later suspension is another one.
            world.state(suspender, Act::Suspend);
            assert_eq!(world.standing(), Standing::Suspended);
        }
    }
}

#[test]
fn pol_18_suspensions_of_both_are_lifted_each() {
    let mut world = World::new(str::to_owned);
    let (ours, theirs) = (world.state(true, Act::Suspend), world.state(false, Act::Suspend));
    world.state(true, Act::Resume(vec![ours]));
    world.state(false, Act::Resume(vec![ours, theirs]));
    assert_eq!(world.standing(), Standing::Suspended, "theirs is lifted by them alone");
    world.state(true, Act::Resume(vec![theirs]));
    assert_eq!(world.standing(), Standing::InForce);
}

#[test]
fn pol_18_where_both_suspend_one_alone_does_not() {
    let by_both = |text: &str| text.replace("suspend_by        = \"either\"", "suspend_by        = \"both\"");
    let mut world = World::new(by_both);
    let ours = world.state(true, Act::Suspend);
    assert_eq!(world.standing(), Standing::InForce);
    world.state(false, Act::Suspend);
    assert_eq!(world.standing(), Standing::Suspended);
    world.state(true, Act::Resume(vec![ours]));
    world.state(false, Act::Resume(vec![ours]));
    assert_eq!(world.standing(), Standing::InForce, "one of the two is lifted");
}

#[test]
fn pol_18_notice_renewal_and_the_end_by_both() {
    let mut world = World::new(str::to_owned);
    world.state(false, Act::GiveNotice);
    let view = world.record.state(&world.agreement.life);
    assert_eq!(view.partners, AgreementState::NoticeGiven(Timestamp::from_seconds(world.at)));
    assert_eq!(world.standing(), Standing::InForce);
    let suspended = world.state(false, Act::Suspend);
    let view = world.record.state(&world.agreement.life);
    assert_eq!(view.partners, AgreementState::Suspended);
    assert!(view.earliest_notice().is_some(), "a suspension hides no notice");
    world.state(true, Act::Resume(vec![suspended]));
    world.state(false, Act::Resume(vec![suspended]));
    world.at += 400 * 86_400;
    assert_eq!(world.standing(), Standing::NotInForce, "its days have run");

    let mut world = World::new(str::to_owned);
    world.state(true, Act::Terminate);
    assert_eq!(world.standing(), Standing::InForce, "nobody ends it alone");
    world.state(false, Act::Terminate);
    assert_eq!(world.standing(), Standing::NotInForce);

    let mut world =
        World::new(|text: &str| text.replace("renewal           = \"tacit\"", "renewal           = \"by-signature\""));
    for (ours, act, renewals) in [(true, 1, 0), (false, 1, 1), (false, 3, 1), (true, 3, 1), (true, 2, 1), (false, 2, 3)]
    {
        world.state(ours, Act::Renew(act));
        assert_eq!(world.record.state(&world.agreement.life).renewals, renewals, "{ours} {act}");
    }
}

#[test]
fn what_a_nation_could_know_ends_at_the_heads_it_had() {
    let mut world = World::new(str::to_owned);
    world.state(true, Act::Suspend);
    world.state(false, Act::GiveNotice);
    assert_eq!(world.record.as_of(1, 1), world.record);
    assert_eq!(world.record.as_of(0, 1).ours, []);
    assert_eq!(world.record.as_of(1, 0).partners, []);
    world.record.ours[0].index = None;
    assert_eq!(world.record.as_of(99, 99).ours, [], "in no log yet, so nobody else knows it");
}
