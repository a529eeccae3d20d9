use super::*;
use crate::state::{AgreementState, Standing};
use relto_report::{
    calendar::Timestamp,
    crypto::{Signer as _, SoftwareKey},
    primitives::{rand, signature},
};
use std::sync::Arc;

const FILE: &str = include_str!("../../../../examples/agreement.toml");

fn key() -> SoftwareKey {
    let pkcs8 = signature::Ed25519KeyPair::generate_pkcs8(&rand::SystemRandom::new()).unwrap();
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
        (Act::Adopt(digest), 2),
        (Act::Measure(Measure { step: 1, restricts: Restricts::Nothing }), 1),
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
    let measure = |step, restricts| Act::Measure(Measure { step, restricts });
    for act in [
        Act::Suspend,
        Act::Resume(lifts.clone()),
        Act::GiveNotice,
        Act::Renew(7),
        Act::Terminate,
        Act::Adopt(lifts[0]),
        measure(1, Restricts::Nothing),
        measure(2, Restricts::Topic(nation("XAA"), "cyber.ics".to_owned())),
        measure(3, Restricts::Level(nation("XBB"), 2)),
        measure(4, Restricts::Direction(nation("XAA"))),
        measure(5, Restricts::Agreement),
    ] {
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
        text.replace("suspend", "adopt"),
        text.replace("suspend", "measure"),
        format!("{}step = 1\ndoes = \"apology\"\n", text.replace("suspend", "measure")),
        format!("{}step = 3\ndoes = \"lower-level\"\nfrom = \"XAA\"\nlevel = 5\n", text.replace("suspend", "measure")),
        "x".repeat(MAX_CHANGE + 1),
    ] {
        assert!(Change::read("c", other.as_bytes()).is_err(), "{other}");
    }
}

/// Two nations' records, written down step by step.
struct World {
    agreement: Agreement,
    versions: Versions,
    record: Record,
    at: i64,
}

impl World {
    fn new(change: impl Fn(&str) -> String) -> Self {
        let agreement = Agreement::read("agreement.toml", change(FILE).as_bytes()).unwrap();
        let versions = Versions::new(Arc::new(agreement.clone()));
        Self {
            agreement,
            versions,
            record: Record::default(),
            at: Timestamp::parse("2026-11-17T12:00:00Z").unwrap().seconds(),
        }
    }

    fn next(&self, ours: bool, act: Act) -> Change {
        let list = if ours { &self.record.ours } else { &self.record.partners };
        Change {
            version: Record::newest(list, &self.versions),
            nation: nation(if ours { "XAA" } else { "XBB" }),
            counter: u32::try_from(list.len()).unwrap() + 1,
            previous: list.last().map(|one| one.change.digest()),
            ..change(&self.agreement, act)
        }
    }

    /// Whether that nation's node would take this as its own next change.
    fn admits(&self, ours: bool, act: Act) -> bool {
        let change = self.next(ours, act);
        let list = if ours { &self.record.ours } else { &self.record.partners };
        if let Act::Adopt(version) = change.act {
            let mut record = self.record.clone();
            if !ours {
                std::mem::swap(&mut record.ours, &mut record.partners);
            }
            return record.may_adopt(change.nation, version, &self.versions).is_ok();
        }
        let agreement = self.versions.get(&change.version).unwrap();
        Record::in_turn(list, &change, agreement).is_ok()
    }

    fn state(&mut self, ours: bool, act: Act) -> Digest {
        self.at += 3600;
        let change = self.next(ours, act);
        let list = if ours { &mut self.record.ours } else { &mut self.record.partners };
        Record::follows(list, &change).unwrap();
        assert!(Record::follows(list, &Change { counter: change.counter + 1, ..change.clone() }).is_err());
        assert!(Record::follows(list, &Change { previous: Some(sha256(&[b"x"])), ..change.clone() }).is_err());
        let (time, index) = (Timestamp::from_seconds(self.at), Some(list.len() as u64 * 10));
        let digest = change.digest();
        list.push(OnRecord { change, time, index });
        digest
    }

    /// A version that supersedes this one, with one more topic.
    fn draft(&mut self, before: Digest, topic: &str) -> Digest {
        let text = FILE.replacen("version    = 3", "version    = 4", 1);
        let line = text.lines().find(|line| line.starts_with("supersedes = ")).unwrap().to_owned();
        let text = text.replacen(&line, &format!("supersedes = \"{before}\""), 1);
        let text = text.replacen("[scope.topics]", &format!("[scope.topics]\n\"{topic}\" = 1"), 1);
        let text = Arc::new(Agreement::read("agreement.toml", text.as_bytes()).unwrap());
        let digest = text.digest;
        self.versions.install(text);
        digest
    }

    fn bound(&self, from: &str) -> Bound {
        self.record.bound(&self.versions, nation(from))
    }

    /// Digests of the versions that bind, the one in force first.
    fn binds(&self) -> Vec<Digest> {
        self.bound("XAA").texts().map(|text| text.agreement.digest).collect()
    }

    fn standing(&self) -> Standing {
        self.record.state(&self.agreement).standing(&self.agreement.life, Timestamp::from_seconds(self.at))
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
    let view = world.record.state(&world.agreement);
    assert_eq!(view.partners, AgreementState::NoticeGiven(Timestamp::from_seconds(world.at)));
    assert_eq!(world.standing(), Standing::InForce);
    let suspended = world.state(false, Act::Suspend);
    let view = world.record.state(&world.agreement);
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
        assert_eq!(world.record.state(&world.agreement).renewals, renewals, "{ours} {act}");
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

#[test]
fn pol_19_a_version_is_in_force_once_both_have_adopted_it() {
    for first in [true, false] {
        let mut world = World::new(str::to_owned);
        let old = world.agreement.digest;
        let new = world.draft(old, "air.drone");
        assert_eq!(world.binds(), [old]);
        world.state(first, Act::Adopt(new));
        assert_eq!(world.binds(), [old, new], "both bind from the first adoption on");
        assert!(!world.admits(first, Act::Adopt(new)), "adopted already");
        if first {
            let told = world.record.may_adopt(nation("XAA"), new, &world.versions).unwrap_err().to_string();
            assert_eq!(told, "XAA has adopted it already");
        }
        let next = world.draft(new, "air.balloon");
        assert!(!world.admits(first, Act::Adopt(next)), "the one after waits until both have this one");
        assert!(!world.admits(!first, Act::Adopt(next)), "it supersedes another than the one in force");
        world.state(!first, Act::Adopt(new));
        assert_eq!(world.binds(), [new]);
        assert!(!world.admits(first, Act::Adopt(old)), "there is no way back");
        world.state(!first, Act::Adopt(next));
        assert_eq!(world.binds(), [new, next]);
    }
}

#[test]
fn pol_19_an_adoption_counts_for_what_leaves_name_once_it_has_a_leaf() {
    let mut world = World::new(str::to_owned);
    let old = world.agreement.digest;
    let new = world.draft(old, "air.drone");
    world.state(false, Act::Adopt(new));
    world.state(true, Act::Adopt(new));
    world.record.ours[0].index = None;
    assert_eq!(world.binds(), [old, new], "the partner cannot know of it yet");
    assert_eq!(world.record.as_of(9, 0).in_force(&world.versions).digest, old);
    world.record.ours[0].index = Some(7);
    assert_eq!(
        (7..9).map(|size| world.record.as_of(size, 9).in_force(&world.versions).digest).collect::<Vec<_>>(),
        [old, new]
    );
    let unknown = sha256(&[b"a file that is not here"]);
    assert_eq!(
        world.record.may_adopt(nation("XAA"), unknown, &world.versions),
        Err(ChangeFault::NotInstalled { version: unknown })
    );
    world.state(false, Act::Adopt(unknown));
    assert_eq!(world.bound("XAA").lacking, Some(unknown));
}

#[test]
fn pol_19_of_two_versions_adopted_crosswise_the_second_nation_takes_the_firsts() {
    let mut world = World::new(str::to_owned);
    let old = world.agreement.digest;
    let (one, other) = (world.draft(old, "air.drone"), world.draft(old, "air.balloon"));
    world.state(true, Act::Adopt(one));
    world.state(false, Act::Adopt(other));
    assert_eq!(world.binds().len(), 3, "nothing goes that one of the three forbids");
    assert!(!world.admits(true, Act::Adopt(other)), "the first nation never gives way, or both could for ever");
    assert!(world.admits(false, Act::Adopt(one)), "the second nation does");
    world.state(false, Act::Adopt(one));
    assert_eq!(world.binds(), [one]);
}

#[test]
fn pol_19_a_renewal_is_of_the_version_under_which_it_was_stated() {
    let mut world =
        World::new(|text: &str| text.replace("renewal           = \"tacit\"", "renewal           = \"by-signature\""));
    world.state(true, Act::Renew(1));
    world.state(false, Act::Renew(1));
    let suspension = world.state(false, Act::Suspend);
    let new = world.draft(world.agreement.digest, "air.drone");
    world.state(true, Act::Adopt(new));
    world.state(false, Act::Adopt(new));
    assert_eq!(world.record.state(&world.agreement).renewals, 1);
    let text = world.versions.get(&new).unwrap().clone();
    assert_eq!(world.record.state(&text).renewals, 0, "the new version has terms of its own");
    assert_eq!(world.record.open_suspensions(&text.life), [suspension], "a new version lifts no suspension");
    assert_eq!(world.record.state(&text).partners, AgreementState::Suspended);
}

fn measure(step: u32, restricts: Restricts) -> Act {
    Act::Measure(Measure { step, restricts })
}

#[test]
fn pol_20_measures_come_in_order_and_restrict_at_once() {
    let mut world = World::new(str::to_owned);
    let (xaa, xbb) = (nation("XAA"), nation("XBB"));
    let topic = |from| Restricts::Topic(from, "cyber.ics".to_owned());
    assert!(!world.admits(false, measure(2, topic(xaa))), "no reminder before it");
    world.state(false, measure(1, Restricts::Nothing));
    assert!(!world.admits(true, measure(2, topic(xaa))), "the other nation's reminder is not ours");
    for wrong in [
        measure(2, Restricts::Direction(xaa)),
        measure(6, Restricts::Agreement),
        measure(2, Restricts::Topic(xaa, "cooking".to_owned())),
        measure(2, topic(nation("XCC"))),
    ] {
        assert!(!world.admits(false, wrong.clone()), "{wrong:?}");
    }
    let scope = |world: &World, from: &str| {
        let bound = world.bound(from);
        bound.in_force.agreement.scopes.iter().find(|scope| scope.from == nation(from)).unwrap().clone()
    };
    let has = |world: &World, from: &str| scope(world, from).topics.iter().any(|(topic, _)| topic == "cyber.ics");
    assert!(has(&world, "XAA") && has(&world, "XBB"), "a reminder restricts nothing");
    for right in [measure(1, Restricts::Nothing), measure(2, topic(xaa)), measure(2, topic(xbb))] {
        assert!(world.admits(false, right.clone()), "{right:?}");
    }
    let held = world.state(false, measure(2, topic(xaa)));
    assert!(world.admits(false, measure(3, Restricts::Level(xbb, 1))));
    assert!(!world.admits(false, measure(4, Restricts::Direction(xaa))), "step 3 is not taken");
    assert_eq!((has(&world, "XAA"), has(&world, "XBB")), (false, true));
    world.state(false, measure(3, Restricts::Level(xbb, 1)));
    assert_eq!((scope(&world, "XAA").highest_level, scope(&world, "XBB").highest_level), (3, 1));
    assert_eq!(world.bound("XAA").in_force.agreement.digest, world.agreement.digest, "it is the same text");
    world.state(false, measure(4, Restricts::Direction(xaa)));
    assert_eq!(world.bound("XAA").in_force.state.partners, AgreementState::Suspended);
    assert_eq!(world.bound("XBB").in_force.state.partners, AgreementState::InForce);
    assert_eq!(world.standing(), Standing::InForce, "the agreement itself is not suspended");
    let stopped = world.state(false, measure(5, Restricts::Agreement));
    assert_eq!(world.standing(), Standing::Suspended);
    world.state(true, Act::Resume(vec![held, stopped]));
    assert_eq!(world.standing(), Standing::Suspended, "who took it lifts it, nobody else");
    world.state(false, Act::Resume(vec![held, stopped]));
    assert_eq!(world.standing(), Standing::InForce);
    assert!(has(&world, "XAA"));
    assert_eq!(world.record.measures().count(), 3);
    assert!(
        !world.admits(false, measure(4, Restricts::Direction(xbb))),
        "step 2 is lifted, so the ladder begins there"
    );
}

#[test]
fn pol_19_a_superseded_version_never_comes_back() {
    for again in [true, false] {
        let mut world = World::new(str::to_owned);
        let two = world.draft(world.agreement.digest, "air.drone");
        let three = world.draft(two, "air.balloon");
        for version in [two, three] {
            world.state(true, Act::Adopt(version));
            world.state(false, Act::Adopt(version));
        }
        assert_eq!(world.binds(), [three]);
        world.state(again, Act::Adopt(two));
        assert_eq!(world.binds(), [three], "it binds nobody, and the one in force stays");
    }
}

#[test]
fn pol_17_a_record_has_an_end_and_room_for_what_stops_the_exchange() {
    let mut world = World::new(str::to_owned);
    for _ in 0..MAX_CHANGES {
        world.state(true, Act::Renew(1));
    }
    let follows = |world: &World, act: Act| Record::follows(&world.record.ours, &world.next(true, act));
    assert!(matches!(follows(&world, Act::Renew(2)), Err(ChangeFault::TooMany { .. })));
    assert_eq!(follows(&world, Act::Suspend), Ok(()));
    for _ in 0..16 {
        world.state(true, Act::Suspend);
    }
    assert!(matches!(follows(&world, Act::Suspend), Err(ChangeFault::TooMany { .. })));
}

#[test]
fn pol_18_where_either_may_resume_one_is_enough() {
    let by_either = |text: &str| {
        let text = text.replace("suspend_by        = \"either\"", "suspend_by        = \"both\"");
        text.replace("resume_by         = \"both\"", "resume_by         = \"either\"")
    };
    for resumes in [true, false] {
        let mut world = World::new(by_either);
        let ours = world.state(true, Act::Suspend);
        world.state(false, Act::Suspend);
        assert_eq!(world.standing(), Standing::Suspended);
        world.state(resumes, Act::Resume(vec![ours]));
        assert_eq!(world.standing(), Standing::InForce);
    }
}

#[test]
fn pol_17_faults_have_their_numbers_and_say_who_may_still_sign() {
    let (agreement, keys) = signed_example();
    let text = change(&agreement, Act::GiveNotice).write();
    let told = Change::verify(text.as_bytes(), &sign(text.as_bytes(), &keys, &[1]), &agreement, nation("XAA"));
    let Err(fault @ ChangeFault::Missing { .. }) = told else { panic!("{told:?}") };
    assert_eq!(fault.to_string(), "1 of 2 signatures of XAA for give-notice; XAA/NSA, XAA/MFA may still sign");
    let version = agreement.digest;
    let not_open = ChangeFault::NotOpen { what: "not now".to_owned() };
    let unreadable = Change::read("c", b"x").unwrap_err();
    let number = ChangeFault::OutOfOrder { nation: nation("XAA"), found: 3, last: 1 };
    for (fault, code) in [
        (fault, "K014"),
        (not_open, "K017"),
        (ChangeFault::NotInstalled { version }, "K018"),
        (unreadable, "K090"),
        (number, "K012"),
        (ChangeFault::TooMany { nation: nation("XAA") }, "K016"),
        (ChangeFault::Spelling, "K010"),
        (ChangeFault::Signature { at: 1, what: "wrong" }, "K013"),
        (ChangeFault::Other { found: String::new(), wanted: String::new() }, "K011"),
    ] {
        assert_eq!(fault.code(), code);
    }
    // As long as a leaf may carry it, and a byte more.
    let lifts = |count| change(&agreement, Act::Resume((0..count).map(|n| sha256(&[&[n]])).collect())).write();
    assert!(Change::read("c", lifts(8).as_bytes()).is_ok() && lifts(8).len() <= MAX_CHANGE);
    assert_eq!(Change::read("c", " ".repeat(MAX_CHANGE + 1).as_bytes()), Err(ChangeFault::Spelling));
    assert!(matches!(Change::read("c", " ".repeat(MAX_CHANGE).as_bytes()), Err(ChangeFault::Unreadable(_))));
}

#[test]
fn pol_12_an_agreement_is_in_force_from_its_first_second_to_the_last_of_its_term() {
    let agreement =
        World::new(|text: &str| text.replace("renewal           = \"tacit\"", "renewal           = \"none\""))
            .agreement;
    let state = Record::default().state(&agreement);
    for (at, standing) in [
        ("2025-12-31T23:59:59Z", Standing::NotInForce),
        ("2026-01-01T00:00:00Z", Standing::InForce),
        ("2026-12-31T23:59:59Z", Standing::InForce),
        ("2027-01-01T00:00:00Z", Standing::NotInForce),
    ] {
        assert_eq!(state.standing(&agreement.life, Timestamp::parse(at).unwrap()), standing, "{at}");
    }
}

#[test]
fn pol_19_both_nodes_see_the_same_version_in_force_whatever_was_adopted_crosswise() {
    let mut world = World::new(str::to_owned);
    let old = world.agreement.digest;
    let (one, other) = (world.draft(old, "air.drone"), world.draft(old, "air.balloon"));
    assert_eq!(world.versions.iter().count(), 3);
    // The first nation does what it should not: it takes up the other's version too.
    for (ours, version) in [(true, one), (false, other), (true, other), (false, one)] {
        world.state(ours, Act::Adopt(version));
    }
    let theirs = Record { ours: world.record.partners.clone(), partners: world.record.ours.clone() };
    for record in [&world.record, &theirs] {
        assert_eq!(record.in_force(&world.versions).digest, one);
        let adopted: Vec<Digest> = record.adopted(&world.versions).map(|text| text.digest).collect();
        assert!(adopted.len() == 3 && [old, one, other].iter().all(|version| adopted.contains(version)));
    }
    let installed = world.draft(one, "air.kite");
    assert!(world.record.adopted(&world.versions).all(|text| text.digest != installed), "nobody has adopted it");
}
