//! New versions of an agreement and measures, against reports on their way in both directions.

use super::{released, resolved, stands};
use relto_audit::leaf::Leaf;
use relto_exchange::{
    out::{Answer, Event},
    rows::SubmissionState,
};
use relto_policy::{
    agreement::Agreement,
    change::{Act, Measure, Restricts},
    state::Standing,
};
use relto_report::digest::Digest;
use relto_tests::{
    check::leaves,
    fixture::{self, Draft, nation},
    node::Disk,
    pair::{Act as Doing, LINK, Pair},
};
use std::{collections::BTreeMap, sync::Arc};

/// The topic of every draft here, as the example lists it for both directions.
const TOPIC: &str = "\"maritime.surface\"                 = 3\n";

/// A later version without the topic from XAA to XBB.
fn narrower() -> Arc<Agreement> {
    fixture::version_after(&fixture::link(0).agreement, |text| text.replacen(TOPIC, "", 1))
}

/// A later version that differs in no clause which a report meets.
fn reworded() -> Arc<Agreement> {
    fixture::version_after(&fixture::link(0).agreement, |text| {
        text.replacen("max_words   = 200", "max_words   = 150", 1)
    })
}

/// Two linked nodes on which a version is installed.
fn installed(text: &Arc<Agreement>) -> Pair {
    let with = |side| {
        let mut link = fixture::link(side);
        link.later.push(text.clone());
        link
    };
    Pair::with([with(0), with(1)], [Disk::memory(), Disk::memory()]).link()
}

fn draft(side: usize, number: u32) -> Draft {
    Draft::new(side, number).level(0)
}

/// Submits, lets everything come to rest, and says what came of it.
fn sends(pair: &mut Pair, side: usize, number: u32) -> String {
    let sent = pair.submit(side, &draft(side, number).signed());
    pair.settle_all();
    outcome(pair, sent)
}

fn outcome(pair: &Pair, sent: usize) -> String {
    match pair.state(sent) {
        Some(SubmissionState::Refused(reasons)) => reasons[0].name(),
        Some(SubmissionState::Queued(_)) => "queued".to_owned(),
        _ => {
            let (verdict, codes) = resolved(pair, sent);
            format!("{} {}", verdict.word(), codes.join(" ")).trim_end().to_owned()
        }
    }
}

fn named(pair: &Pair, sent: usize) -> Digest {
    let (side, index) = (pair.sent[sent].side, released(pair.told(sent)));
    let log = leaves(pair.nodes[side].reader(), pair.nodes[side].links[0].mine());
    match Leaf::decode(&log[usize::try_from(index).unwrap()]) {
        Ok(Leaf::Released(leaf)) => leaf.agreement,
        other => panic!("{other:?}"),
    }
}

#[test]
fn flw_23_a_version_in_force_is_named_by_leaves_from_then_on() {
    let new = reworded();
    let mut pair = installed(&new);
    let old = pair.nodes[0].links[0].agreement.digest;
    for (act, name) in [(None, old), (Some(0), old), (Some(1), new.digest)] {
        if let Some(side) = act {
            let asked = pair.change(side, Act::Adopt(new.digest));
            pair.settle_all();
            assert_eq!(pair.answer(asked), Some(&Answer::Noted));
        }
        for side in [0, 1] {
            let sent = pair.submit(side, &draft(side, 1 + u32::try_from(pair.sent.len()).unwrap()).signed());
            pair.settle_all();
            assert_eq!((outcome(&pair, sent).as_str(), named(&pair, sent)), ("admitted", name));
        }
    }
    for side in [0, 1] {
        pair.restart(side);
        pair.settle_all();
        assert_eq!(pair.nodes[side].exchange.in_force(LINK).unwrap().digest, new.digest);
        let sent = pair.submit(side, &draft(side, 20).signed());
        pair.settle_all();
        assert_eq!((outcome(&pair, sent).as_str(), named(&pair, sent)), ("admitted", new.digest));
    }
}

#[test]
fn flw_23_from_the_first_adoption_on_both_versions_bind() {
    for adopter in [0, 1] {
        let new = narrower();
        let mut pair = installed(&new);
        assert_eq!(sends(&mut pair, 0, 1), "admitted");
        pair.change(adopter, Act::Adopt(new.digest));
        pair.settle_all();
        assert_eq!(sends(&mut pair, 0, 2), "TOPIC_OUT_OF_SCOPE");
        assert_eq!(sends(&mut pair, 1, 3), "admitted", "the other direction is as it was");
        pair.change(1 - adopter, Act::Adopt(new.digest));
        pair.settle_all();
        assert_eq!(sends(&mut pair, 0, 4), "TOPIC_OUT_OF_SCOPE");
        assert_eq!(sends(&mut pair, 1, 5), "admitted");
    }
}

#[test]
fn flw_23_what_the_partner_adopted_and_is_not_here_queues_until_it_is_installed() {
    let new = reworded();
    let mut pair = Pair::linked();
    pair.install(1, &new);
    pair.settle_all();
    let early = pair.change(0, Act::Adopt(new.digest));
    pair.settle_all();
    assert!(matches!(pair.answer(early), Some(Answer::Invalid { rule: "K018", .. })), "{:?}", pair.answer(early));
    pair.change(1, Act::Adopt(new.digest));
    pair.settle_all();
    let sent = pair.submit(0, &draft(0, 1).signed());
    pair.settle();
    assert_eq!(outcome(&pair, sent), "queued");
    // Stated under the version that is not here: it acts as soon as it can be read.
    let suspended = pair.change(1, Act::Suspend);
    pair.settle();
    assert_eq!((pair.answer(suspended), pair.stands(0)), (Some(&Answer::Noted), Standing::InForce));
    pair.install(0, &new);
    pair.settle_all();
    assert_eq!((pair.stands(0), pair.stands(1)), (Standing::Suspended, Standing::Suspended));
    assert_eq!(outcome(&pair, sent), "AGREEMENT_SUSPENDED");
    let before = pair.nodes[0].exchange.life(LINK).map(|(state, record)| (state, record.clone()));
    pair.restart(0);
    assert_eq!(pair.nodes[0].exchange.life(LINK).map(|(state, record)| (state, record.clone())), before);
}

/// Both adopt a version that forbids a report on its way, each at its own moment: in no order is it a breach, and the
/// version that a leaf names is always the one that the follower expects.
#[test]
fn flw_23_a_report_that_crosses_a_new_version_is_no_breach() {
    let new = narrower();
    let mut outcomes = BTreeMap::<String, u32>::new();
    for (first, later) in (0..40).flat_map(|first| [0, 3, 13].map(|later| (first, first + later))) {
        for adopter in [0, 1] {
            let mut pair = installed(&new);
            let sent = pair.submit(0, &draft(0, 1).signed());
            let back = pair.submit(1, &draft(1, 2).signed());
            for step in 0..=later {
                for (at, side) in [(first, adopter), (later, 1 - adopter)] {
                    if step == at {
                        pair.change(side, Act::Adopt(new.digest));
                    }
                }
                pair.act(step / Doing::ALL.len() % 2, Doing::ALL[step % Doing::ALL.len()]);
            }
            pair.settle_all();
            for node in &pair.nodes {
                assert_eq!(node.exchange.in_force(LINK).unwrap().digest, new.digest);
            }
            assert_eq!(outcome(&pair, back), "admitted", "{first} {later} {adopter}");
            *outcomes.entry(outcome(&pair, sent)).or_default() += 1;
        }
    }
    let known = ["admitted", "refused CROSSED"];
    assert_eq!(outcomes.keys().map(String::as_str).collect::<Vec<_>>(), known, "{outcomes:?}");
}

#[test]
fn flw_23_who_releases_against_a_version_that_it_has_adopted_breaks_the_agreement() {
    // A sender whose decision does not know the narrower scope, though its log says that it adopted it.
    let (new, mut lax) = (narrower(), Agreement::clone(&narrower()));
    lax.scopes.clone_from(&fixture::link(0).agreement.scopes);
    let (mut one, mut other) = (fixture::link(0), fixture::link(1));
    one.later.push(Arc::new(lax));
    other.later.push(new.clone());
    let mut pair = Pair::with([one, other], [Disk::memory(), Disk::memory()]).link();
    pair.change(0, Act::Adopt(new.digest));
    pair.settle_all();
    assert_eq!(sends(&mut pair, 0, 1), "quarantined TOPIC_OUT_OF_SCOPE", "it knew, so nothing crossed");
}

fn measure(step: u32, restricts: Restricts) -> Act {
    Act::Measure(Measure { step, restricts })
}

#[test]
fn flw_24_a_measure_acts_at_both_ends_until_who_took_it_lifts_it() {
    let from = |side| nation(side);
    let topic = "maritime.surface".to_owned();
    let steps = [
        (Restricts::Nothing, ["admitted", "admitted"]),
        (Restricts::Topic(from(0), topic), ["TOPIC_OUT_OF_SCOPE", "admitted"]),
        (Restricts::Level(from(1), 0), ["TOPIC_OUT_OF_SCOPE", "admitted"]),
        (Restricts::Direction(from(1)), ["TOPIC_OUT_OF_SCOPE", "AGREEMENT_SUSPENDED"]),
        (Restricts::Agreement, ["AGREEMENT_SUSPENDED", "AGREEMENT_SUSPENDED"]),
    ];
    let mut pair = Pair::linked();
    let mut number = 0;
    for (step, (restricts, wanted)) in (1..).zip(steps) {
        if step > 1 {
            let early = pair.change(1, measure(step + 1, Restricts::Agreement));
            pair.settle_all();
            assert!(matches!(pair.answer(early), Some(Answer::Invalid { rule: "K017", .. })), "{step}");
        }
        let asked = pair.change(1, measure(step, restricts));
        pair.settle_all();
        assert_eq!(pair.answer(asked), Some(&Answer::Noted));
        for side in [0, 1] {
            number += 1;
            assert_eq!(sends(&mut pair, side, number), wanted[side], "step {step} from {side}");
        }
    }
    let open = |pair: &Pair| {
        let (_, record) = pair.nodes[0].exchange.life(LINK).unwrap();
        record.measures().map(|(one, _)| one.change.digest()).collect::<Vec<_>>()
    };
    let all = open(&pair);
    assert_eq!(all.len(), 5);
    pair.change(0, Act::Resume(all.clone()));
    pair.settle_all();
    assert_eq!(open(&pair), all, "nobody lifts another's measure");
    pair.change(1, Act::Resume(all));
    pair.settle_all();
    for side in [0, 1] {
        pair.restart(side);
        pair.settle_all();
        assert_eq!(sends(&mut pair, side, 20), "admitted");
    }
}

#[test]
fn flw_24_a_report_that_crosses_a_measure_is_no_breach() {
    for (restricts, known) in [
        (Restricts::Topic(nation(0), "maritime.surface".to_owned()), "TOPIC_OUT_OF_SCOPE"),
        (Restricts::Direction(nation(0)), "AGREEMENT_SUSPENDED"),
    ] {
        let mut outcomes = BTreeMap::<String, u32>::new();
        for first in 0..60 {
            let mut pair = Pair::linked();
            for (step, mild) in [(1, Restricts::Nothing), (2, Restricts::Topic(nation(1), "cyber.ics".to_owned()))] {
                pair.change(1, measure(step, mild));
                pair.settle_all();
            }
            let step = if known == "TOPIC_OUT_OF_SCOPE" { 2 } else { 4 };
            if step == 4 {
                pair.change(1, measure(3, Restricts::Level(nation(1), 3)));
                pair.settle_all();
            }
            let sent = pair.submit(0, &draft(0, 1).signed());
            for at in 0..=first {
                if at == first {
                    pair.change(1, measure(step, restricts.clone()));
                }
                pair.act(at / Doing::ALL.len() % 2, Doing::ALL[at % Doing::ALL.len()]);
            }
            pair.settle_all();
            *outcomes.entry(outcome(&pair, sent)).or_default() += 1;
        }
        // With its direction suspended the sender withdraws what has no answer yet.
        let crossed = ["refused CROSSED", "refused WITHDRAWN"];
        let allowed = |word: &str| word == "admitted" || word == known || crossed.contains(&word);
        assert!(outcomes.keys().all(|word| allowed(word)), "{outcomes:?}");
        assert!(
            outcomes.contains_key("admitted") && outcomes.keys().any(|word| crossed.contains(&word.as_str())),
            "{outcomes:?}"
        );
    }
}

#[test]
fn flw_23_approvals_are_of_the_version_that_the_report_goes_under() {
    let new = reworded();
    let mut pair = installed(&new);
    let sent = pair.submit(0, &Draft::new(0, 1).level(2).signed());
    pair.settle_all();
    assert!(matches!(stands(pair.told(sent)), SubmissionState::Held(_)));
    for side in [0, 1] {
        pair.change(side, Act::Adopt(new.digest));
        pair.settle_all();
    }
    let asked = pair.approve(sent, 0);
    pair.settle_all();
    assert!(matches!(pair.answer(asked), Some(Answer::Invalid { rule: "R091", .. })), "{:?}", pair.answer(asked));
    assert_eq!(pair.outbox(sent), None);
}

#[test]
fn flw_23_what_lets_traffic_go_on_is_told_and_alarms_nobody() {
    let new = fixture::version_after(&fixture::link(0).agreement, |text| {
        text.replacen("renewal           = \"tacit\"", "renewal           = \"by-signature\"", 1)
    });
    let mut pair = installed(&new);
    // How often it is told, is alarmed of, and how many alarms there are in all.
    let states = |pair: &mut Pair, act: Act| {
        pair.nodes[0].events.clear();
        let says = format!("has stated {} for", act.word());
        let asked = pair.change(1, act);
        pair.settle_all();
        assert_eq!(pair.answer(asked), Some(&Answer::Noted), "{says}");
        let (mut notices, mut alarms, mut all) = (0, 0, 0);
        for event in std::mem::take(&mut pair.nodes[0].events) {
            match event {
                Event::Notice(what) => notices += usize::from(what.contains(&says)),
                Event::Alarm(what) => {
                    alarms += usize::from(what.contains(&says));
                    all += 1;
                }
                _ => {}
            }
        }
        (notices, alarms, all)
    };
    let (told, alarms) = ((1, 0, 0), (0, 1, 1));
    assert_eq!(states(&mut pair, Act::Adopt(new.digest)), told);
    pair.change(0, Act::Adopt(new.digest));
    pair.settle_all();
    assert_eq!(states(&mut pair, Act::Renew(1)), told);
    assert_eq!(states(&mut pair, Act::Suspend), alarms, "what stops traffic does");
    let (_, record) = pair.nodes[0].exchange.life(LINK).unwrap();
    let lifts = record.open_suspensions(&new.life);
    assert_eq!(states(&mut pair, Act::Resume(lifts)), told);
}
