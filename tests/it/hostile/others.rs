//! One node with two links, each to another nation: whatever the partner of one does, the other link goes on, and what
//! belongs to one link is neither said nor open on the other.

mod world;

use relto_audit::{
    commitment::{commit, plaintext_digest},
    leaf::{Head, Leaf, Outcome, Precedence, Released, Verdict},
    tree::{Frontier, empty_root, leaf_hash},
};
use relto_exchange::{
    exchange::{Backlog, MAX_BATCH},
    ids::LinkId,
    link::Prior,
    out::Answer,
    rows::SubmissionState,
    wire::{
        frame::{Decoder, FrameType, HEADER, Incoming, MAGIC, PayloadBody, WantBody, raw},
        hello::HelloLog,
        protocol::{ByeCode, FORM},
        question::FetchBody,
    },
};
use relto_report::{
    assessment::{Document, Report},
    codec,
    crypto::{Signer as _, sha256},
    nation::Nation,
};
use relto_tests::{
    check::{find, leaves},
    fixture::{Draft, NOW, change_rules, home, key, link, marker, nation},
};
use std::sync::Arc;
use world::{BAD, GOOD, THIRD, World, for_both, from_third, leaves_frame, report, sign, sign_with};

fn anchor(n: u8) -> Vec<u8> {
    Leaf::Anchor { time: NOW, commitment: sha256(&[&[n]]) }.encode()
}

type Act = (&'static str, ByeCode, fn(&mut World) -> Vec<u8>);

/// What Borealia says, and with which code Arcadia ends that session.
const ACTS: [Act; 12] = [
    ("another protocol", ByeCode::BadFrame, |_| b"GET /v1/inbox HTTP/1.1\r\n\r\n".to_vec()),
    ("4 GiB", ByeCode::TooLong, |_| {
        [&MAGIC[..], &[FORM, FrameType::Leaves.number(), 0, 0], &[0xff; 4], &[0; 1000]].concat()
    }),
    ("an unknown frame", ByeCode::UnknownFrame, |_| raw(77, b"x")),
    ("no body", ByeCode::Malformed, |_| raw(FrameType::Payload.number(), &[0xee; 300])),
    ("what is not built", ByeCode::NotServed, |world| {
        let log = world.arcadia.links[1].mine();
        raw(FrameType::Fetch.number(), &codec::encode(&FetchBody { log, first: 0, zero: 0 }))
    }),
    ("a leaf out of order", ByeCode::OutOfOrder, |world| {
        let size = world.followed();
        world.log.extend([anchor(1), anchor(2)]);
        leaves_frame(link(1).mine(), size + 1, &[anchor(2)], &world.head(size + 2))
    }),
    ("a leaf that is none", ByeCode::BadLeaf, |world| {
        let size = world.followed();
        world.log.push(vec![201; 40]);
        world.leaves_from(size)
    }),
    ("another root", ByeCode::BadCheckpoint, |world| {
        let size = world.followed();
        let head = world.forge(link(1).mine(), u64::try_from(size + 1).unwrap(), sha256(&[b"fork"]));
        leaves_frame(link(1).mine(), size, &[anchor(3)], &head)
    }),
    ("leaves of the other link's log", ByeCode::OutOfOrder, |world| {
        let (log, size) = (world.arcadia.links[1].theirs(), world.arcadia.exchange.sizes(GOOD).unwrap().theirs);
        let mut frontier = Frontier::new();
        let held = leaves(&world.arcadia.store, log);
        held.iter().chain([&anchor(4)]).for_each(|leaf| frontier.push(leaf));
        let head = world.forge(log, frontier.size(), frontier.root());
        leaves_frame(log, usize::try_from(size).unwrap(), &[anchor(4)], &head)
    }),
    ("an Outcome for the other link's report, in our log's name", ByeCode::OutOfOrder, |world| {
        let log = world.arcadia.links[1].mine();
        let head = world.forge(log, 1, sha256(&[b"x"]));
        leaves_frame(log, 0, &[anchor(5)], &head)
    }),
    ("a payload of the other link", ByeCode::OutOfOrder, |world| {
        let log = world.arcadia.links[1].theirs();
        let body = PayloadBody { log, index: 1, offset: 0, bytes: vec![7; 500] };
        raw(FrameType::Payload.number(), &codec::encode(&body))
    }),
    ("a wish for the other link's report", ByeCode::OutOfOrder, |world| {
        let (log, index) = (world.arcadia.links[1].mine(), world.arcadia.exchange.sizes(GOOD).unwrap().ours - 1);
        raw(FrameType::Want.number(), &codec::encode(&WantBody { log, index, offset: 0 }))
    }),
];

#[test]
fn lnk_2_lnk_20_lnk_21_what_ends_one_link_leaves_the_other_as_it_was() {
    let mut world = World::new();
    world.report_and_receipt();
    for (what, code, act) in ACTS {
        let (good, bad) = (world.good(), world.followed());
        let bytes = act(&mut world);
        world.say(&bytes);
        assert_eq!(world.arcadia.connection(BAD).closed(), Some(code), "{what}");
        assert_eq!(world.followed(), bad, "{what}: nothing of it is followed");
        assert!(world.good() == good, "{what}: the other link is not as it was");
        assert_eq!(world.arcadia.exchange.halted(), None, "{what}");
        // With that session closed, and again with a new one.
        world.report_and_receipt();
        world.log.truncate(bad);
        world.meet();
        world.report_and_receipt();
    }
    assert_eq!(world.arcadia.alarms(), 1, "the forked root alone is put on record");
    assert_eq!(world.reports, 25);
}

#[test]
fn lnk_13_a_hello_opens_no_other_partners_log() {
    let mut world = World::new();
    let good = world.good();
    // The third nation's log instead of Borealia's, under Borealia's key and under that log's own key's name.
    for key in [world.key.public_key(), key("seal XEE").public_key()] {
        world.dial();
        let mut hello = world.hello();
        hello.logs[0] = HelloLog {
            agreement: world.other.links[0].agreement.digest,
            own: world.other.links[0].mine(),
            key,
            own_head: Vec::new(),
            ..hello.logs[0].clone()
        };
        world.greet(&hello);
        assert_eq!(world.arcadia.connection(BAD).closed(), Some(ByeCode::BadHello));
    }
    // Beside its own it opens its own alone.
    world.dial();
    let mut hello = world.hello();
    let both = HelloLog { own: world.other.links[0].mine(), own_head: Vec::new(), ..hello.logs[0].clone() };
    hello.logs.push(both);
    world.greet(&hello);
    assert_eq!(world.arcadia.connection(BAD).closed(), None);
    assert_eq!(world.arcadia.connection(BAD).open_links().collect::<Vec<_>>(), [BAD]);
    // Our HELLO to Borealia names no log of the other link.
    let (mine, theirs) = (world.arcadia.links[1].mine(), world.arcadia.links[1].theirs());
    for origin in [mine, theirs] {
        for bytes in [codec::encode(&origin), origin.to_string().into_bytes()] {
            assert_eq!(find(&world.told[0], &bytes), None, "{origin} was named to Borealia");
        }
    }
    assert!(find(&world.told[1], &codec::encode(&mine)).is_some(), "the third nation is told of it");
    assert!(world.good() == good);
    world.report_and_receipt();
}

/// Frames of leaves, each of 1,024 times the same, that follow what Arcadia has.
fn flood(world: &mut World, leaf: &Leaf, frames: usize) -> Vec<Vec<u8>> {
    let frame = |_| {
        let first = world.log.len();
        world.log.extend(std::iter::repeat_n(leaf.encode(), 1024));
        world.leaves_from(first)
    };
    (0..frames).map(frame).collect()
}

#[test]
fn flw_5_a_flood_on_one_link_delays_the_other_by_a_few_turns() {
    let mut world = World::new();
    world.report_and_receipt();
    let journal = world.arcadia.exchange.journal_size();
    let seen = Head { size: 0, root: empty_root() };
    let outcome =
        Outcome { time: NOW, index: 1 << 40, leaf: leaf_hash(b"x"), verdict: Verdict::Refused, codes: 0, seen };
    let salt = [7; 32];
    let commitment = commit(link(1).mine(), 1, &salt, 9, &plaintext_digest(b"a payload"));
    let released = Released {
        time: NOW,
        agreement: link(1).agreement.digest,
        commitment,
        length: 41,
        precedence: Precedence::Flash,
        detail: sha256(&[b"detail"]),
        seen,
    };
    // More reports than the window takes, pieces that nobody awaits, and answers to nothing.
    let mut frames = flood(&mut world, &Leaf::Released(released), 6);
    let body = PayloadBody { log: link(1).mine(), index: 1 << 40, offset: 0, bytes: vec![1; 60_000] };
    frames.extend(std::iter::repeat_n(raw(FrameType::Payload.number(), &codec::encode(&body)), 500));
    // LNK-36: these come faster than time allows, and end the session.
    frames.extend(flood(&mut world, &Leaf::Outcome(outcome), 4));
    for frame in &frames {
        world.arcadia.receive(BAD, frame);
    }
    assert_eq!(world.arcadia.connection(BAD).closed(), None, "a flood is well formed");
    let queued = world.arcadia.jobs.len();
    assert_eq!(queued, frames.len());
    // Behind all of it one of our authors submits.
    world.reports += 1;
    let authored = sign(&world.arcadia.links[1], &report(world.reports));
    let ticket = world.arcadia.submit(GOOD, authored);
    let mut turns = 0;
    while world.arcadia.outcome(GOOD, ticket).is_none() {
        world.arcadia.turn();
        turns += 1;
        world.other.work();
        while let Some(wire) = world.arcadia.pull(GOOD) {
            world.other.receive(LinkId(0), wire.as_bytes());
        }
        world.other.work();
        while let Some(wire) = world.other.pull(LinkId(0)) {
            world.arcadia.receive(GOOD, wire.as_bytes());
        }
        assert!(turns <= queued / MAX_BATCH + 8, "{turns} turns and no receipt");
    }
    assert_eq!(world.arcadia.outcome(GOOD, ticket), Some(Verdict::Admitted));
    world.exchange();
    let backlog = world.arcadia.exchange.backlog(BAD).unwrap();
    assert_eq!(backlog.awaited, 4096, "of the flood the window and no more is awaited");
    let grown = world.arcadia.exchange.journal_size() - journal;
    // 2,048 reports beyond the window are refused, each on record; of 4,096 answers to nothing there is one alarm.
    assert!((2_048..2_048 + 512).contains(&grown), "{grown}");
    assert_eq!(world.arcadia.exchange.backlog(GOOD), Some(Backlog::default()));
    world.report_and_receipt();
}

#[test]
fn a_report_of_one_link_is_in_no_byte_of_the_other() {
    let mut world = World::new();
    world.reports += 1;
    let ours = report(world.reports);
    let theirs = Draft::new(0, 900);
    // Both in one turn.
    let first = sign(&world.arcadia.links[1], &ours);
    let good = world.arcadia.submit(GOOD, first);
    world.arcadia.work();
    let second = sign(&world.arcadia.links[0], &theirs.document());
    let bad = world.arcadia.submit(BAD, second);
    world.exchange();
    world.listen();
    assert_eq!(world.arcadia.outcome(GOOD, good), Some(Verdict::Admitted));
    assert_eq!(world.arcadia.outcome(BAD, bad), None, "Borealia answers nothing");
    let text = marker(&ours.report().serial);
    for (who, mine, other) in [(0, theirs.marker(), text.clone()), (1, text, theirs.marker())] {
        assert!(find(&world.told[who], mine.as_bytes()).is_some(), "{who} was sent its report");
        assert_eq!(find(&world.told[who], other.as_bytes()), None, "{who} was sent the other's report");
    }
    // A report for one nation is not submitted under the other's agreement.
    let crossed = sign(&world.arcadia.links[0], &report(950));
    let ticket = world.arcadia.submit(BAD, crossed);
    world.arcadia.work();
    let answer = &world.arcadia.answers[&ticket];
    assert!(matches!(answer, Answer::Stands(SubmissionState::Refused(_))), "{answer:?}");
    // All frames that went to Borealia are of its own logs.
    let mut decoder = Decoder::default();
    decoder.push(&world.told[0]);
    let mut frames = 0;
    while let Some(frame) = decoder.next_frame().unwrap() {
        frames += 1;
        match frame {
            Incoming::Leaves(body) => assert_eq!(body.log, link(0).mine()),
            Incoming::Payload(body) => assert_eq!(body.log, link(0).mine()),
            other => assert!(matches!(other, Incoming::Hello(_) | Incoming::Bye(_)), "{other:?}"),
        }
    }
    assert!(frames >= 4 && world.told[0].len() > HEADER);
}

#[test]
fn flw_4_the_same_report_goes_to_two_nations_once_to_each() {
    let mut world = World::new();
    let document = for_both(700);
    let submit = |world: &mut World, at: LinkId, document: &relto_report::assessment::Document| {
        let authored = sign(&world.arcadia.links[at.place()], document);
        let ticket = world.arcadia.submit(at, authored);
        world.arcadia.work();
        ticket
    };
    let (good, bad) = (submit(&mut world, GOOD, &document), submit(&mut world, BAD, &document));
    world.exchange();
    world.listen();
    assert_eq!(world.arcadia.outcome(GOOD, good), Some(Verdict::Admitted));
    assert_eq!(world.arcadia.outcome(BAD, bad), None, "released, and not answered");
    // A second time to either, or other bytes under its serial to anybody, is none.
    let other = report(700);
    for (at, document) in [(GOOD, &document), (BAD, &document), (GOOD, &other)] {
        let ticket = submit(&mut world, at, document);
        let answer = &world.arcadia.answers[&ticket];
        assert!(matches!(answer, Answer::Invalid { rule: "R012", .. }), "{answer:?}");
    }
}

/// Names a serial in a report; the rule by which that is refused.
type Naming = (&'static str, fn(&mut Report, String));

#[test]
fn flw_29_what_one_nation_gave_is_not_named_to_another() {
    let ways: [Naming; 4] = [
        ("R038", |report, serial| report.refers_to.push(serial)),
        ("R028", |report, serial| report.translation_of = Some(serial)),
        ("R037", |report, serial| report.answers = Some(serial)),
        ("R039", |report, serial| report.supersedes = Some(serial)),
    ];
    let mut world = World::with(|links| {
        let received = ["XEE-RFI-2026-0001".to_owned()].into();
        links[GOOD.place()].prior = Arc::new(Prior { sent: ["XAA-J2-2025-0001".to_owned()].into(), received });
    });
    let theirs = from_third(1);
    let given = theirs.report().serial.clone();
    let authored = sign_with(&world.other.links[0], &theirs, home(1, &given));
    let ticket = world.other.submit(LinkId(0), authored);
    world.exchange();
    assert_eq!(world.other.outcome(LinkId(0), ticket), Some(Verdict::Admitted));
    let ours = report(2);
    let authored = sign(&world.arcadia.links[GOOD.place()], &ours);
    let ticket = world.arcadia.submit(GOOD, authored);
    world.exchange();
    assert_eq!(world.arcadia.outcome(GOOD, ticket), Some(Verdict::Admitted));
    // Received from it, released to it, and of before the logs began.
    let known = [given, ours.report().serial.clone(), "XEE-RFI-2026-0001".to_owned(), "XAA-J2-2025-0001".to_owned()];
    for (n, serial) in (0..).zip(&known) {
        for (m, (rule, name)) in (0..).zip(ways) {
            let named = |document: Document| {
                let mut report = document.report().clone();
                name(&mut report, serial.clone());
                Document::decode(Document::lay_out(&report, &[])).unwrap()
            };
            let document = named(Draft::new(0, 100 + 10 * n + m).document());
            let authored = sign(&world.arcadia.links[BAD.place()], &document);
            let ticket = world.arcadia.submit(BAD, authored);
            world.arcadia.work();
            let answer = &world.arcadia.answers[&ticket];
            let Answer::Invalid { rule: said, message } = answer else { panic!("{serial} {rule}: {answer:?}") };
            assert_eq!(*said, rule, "{serial}: {message}");
            // The control: to the nation that has it.
            if rule == "R038" {
                let authored = sign(&world.arcadia.links[GOOD.place()], &named(report(200 + n)));
                let ticket = world.arcadia.submit(GOOD, authored);
                world.exchange();
                assert_eq!(world.arcadia.outcome(GOOD, ticket), Some(Verdict::Admitted), "{serial}");
            }
        }
        world.listen();
        assert_eq!(find(&world.told[0], serial.as_bytes()), None, "{serial} is in no byte to Borealia");
    }
}

/// How one report stands with both, each by its own link: to Borealia, to the third nation.
fn both(world: &mut World, document: &Document, home: &[u8]) -> [SubmissionState; 2] {
    [BAD, GOOD].map(|at| {
        let authored = sign_with(&world.arcadia.links[at.place()], document, home.to_vec());
        let ticket = world.arcadia.submit(at, authored);
        world.arcadia.work();
        match &world.arcadia.answers[&ticket] {
            Answer::Stands(state) => state.clone(),
            other => panic!("{other:?}"),
        }
    })
}

/// The codes of a refusal or of what is owed.
fn codes(state: &SubmissionState) -> Vec<String> {
    match state {
        SubmissionState::Refused(list) | SubmissionState::Held(list) => {
            list.iter().map(|reason| reason.code.name().to_owned()).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn flw_4_an_authority_or_a_rule_for_one_nation_is_none_for_another() {
    let document = for_both(710);
    let paper = home(0, &document.report().serial);
    for without in [0, 1] {
        let mut world = World::with(|links| change_rules(&mut links[without], |rules| rules.standing.clear()));
        let stands = both(&mut world, &document, &paper);
        assert_eq!(codes(&stands[without]), ["APPROVAL_REQUIRED"], "its own rules have no authority in advance");
        assert!(matches!(stands[1 - without], SubmissionState::Released(_)), "{stands:?}");
        let mut world = World::with(|links| {
            change_rules(&mut links[without], |rules| {
                let own = rules.scopes.iter_mut().find(|scope| scope.from == nation(0)).unwrap();
                own.narrowing.topics = Some(vec![("air.missile".to_owned(), 0)]);
            });
        });
        let stands = both(&mut world, &document, &paper);
        assert!(matches!(stands[without], SubmissionState::Refused(_)), "{stands:?}");
        assert!(matches!(stands[1 - without], SubmissionState::Released(_)), "{stands:?}");
    }
}

#[test]
fn flw_4_a_consent_on_record_for_one_agreement_is_none_under_another() {
    let base = for_both(720);
    let mut report = base.report().clone();
    report.banner = format!("RESTRICTED//FGI XCC//REL TO XAA, XBB, {THIRD}");
    let described = report.sources[0].described.as_mut().unwrap();
    (described.mark, described.nation) = (format!("//XCC R//REL TO XAA, XBB, {THIRD}"), "XCC".to_owned());
    described.topics = report.topics.clone();
    let document = Document::decode(Document::lay_out(&report, &[])).unwrap();
    let paper = String::from_utf8(home(0, &report.serial)).unwrap();
    let paper = paper.replace("n = 1\n", "n = 1\nowner = \"XCC\"\nconsent = \"XCC-CONSENT-2026-0088\"\n");
    // For Borealia and the third nation in its words; on record for one link, for the other, for both.
    for on_record in [[true, false], [false, true], [true, true], [false, false]] {
        let mut world = World::with(|links| {
            let mut consent = links[0].consents[0].clone();
            consent.to.push(nation_of(THIRD));
            for (link, has) in links.iter_mut().zip(on_record) {
                link.consents = Arc::new(if has { vec![consent.clone()] } else { Vec::new() });
            }
        });
        let stands = both(&mut world, &document, paper.as_bytes());
        for (state, has) in stands.iter().zip(on_record) {
            let missing = matches!(state, SubmissionState::Refused(_))
                && codes(state).iter().any(|code| code == "THIRD_PARTY_CONSENT_MISSING");
            assert_eq!(missing, !has, "{on_record:?}: {stands:?}");
            assert_eq!(matches!(state, SubmissionState::Released(_)), has, "{on_record:?}: {stands:?}");
        }
    }
}

fn nation_of(code: &str) -> Nation {
    Nation::parse(code).unwrap()
}
