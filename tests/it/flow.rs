//! The exchange from submission to receipt, as both nations see it.
#![cfg(test)] // so that the lints know the helpers for tests

mod clock;
mod emergency;
mod far;
mod lifecycle;
mod link;
mod long;
mod start;
mod statements;
mod versions;

use relto_audit::leaf::Verdict;
use relto_exchange::{
    exchange::Backlog,
    link::Officer,
    out::Answer,
    rows::{Stage, SubmissionState},
    store::{Key, Row, one},
};
use relto_policy::{
    agreement::Traffic,
    code::{Code, names},
    ground::{Cause, Ground, Named},
};
use relto_report::{
    assessment::Report,
    crypto::Signer,
    signed::{Authored, Verified},
};
use relto_tests::{
    check::leaves,
    fixture::{self, Draft, author, change_rules, corrupt_agreement, officer},
    node::Disk,
    pair::{LINK, Pair},
};

fn stands(answer: Option<&Answer>) -> &SubmissionState {
    match answer {
        Some(Answer::Stands(state) | Answer::Known(state)) => state,
        other => panic!("{other:?}"),
    }
}

fn released(answer: Option<&Answer>) -> u64 {
    match stands(answer) {
        SubmissionState::Released(index) => *index,
        other => panic!("{other:?}"),
    }
}

fn resolved(pair: &Pair, sent: usize) -> (Verdict, Vec<String>) {
    match pair.outbox(sent).expect("it was released").stage {
        Stage::Resolved { verdict, codes, .. } => (verdict, names(codes)),
        other => panic!("{other:?}"),
    }
}

fn edited(draft: &Draft, edit: impl FnOnce(&mut Report)) -> Verified<Authored> {
    fixture::sign(draft.from, &draft.edited(edit))
}

#[test]
fn flw_2_a_standing_authority_releases_and_the_receipt_comes_back() {
    let mut pair = Pair::linked();
    pair.careful = true;
    for (side, level) in [(0, 0), (0, 1), (1, 0)] {
        let number = u32::try_from(pair.sent.len()).unwrap() + 1;
        let sent = pair.submit(side, &Draft::new(side, number).level(level).signed());
        pair.settle_all();
        released(pair.told(sent));
        assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
        let inbox = pair.inbox(sent).unwrap();
        assert_eq!((inbox.verdict, &inbox.serial), (Verdict::Admitted, &pair.sent[sent].serial));
        let node = &pair.nodes[side];
        let detail = one(node.reader(), &Key::Detail(node.links[0].mine(), pair.index(sent).unwrap())).unwrap();
        let Some(Row::Detail(detail)) = detail else { panic!("{detail:?}") };
        assert!(detail.basis.contains(["XAA-DDL-2026-014", "XBB-DDL-2026-003"][side]), "{}", detail.basis);
        assert_eq!(detail.account, author(side));
    }
}

#[test]
fn two_officers_release_what_one_cannot() {
    let mut pair = Pair::linked();
    let sent = pair.submit(0, &Draft::new(0, 1).level(2).signed());
    pair.settle();
    let SubmissionState::Held(owed) = stands(pair.told(sent)) else { panic!("{:?}", pair.told(sent)) };
    assert!(owed[0].is(Code::ApprovalRequired) && owed[1].is(Code::SecondApprovalRequired), "{owed:?}");
    let before = pair.nodes[0].exchange.sizes(LINK);

    let first = pair.approve(sent, 1);
    pair.settle();
    assert!(matches!(stands(pair.answer(first)), SubmissionState::Held(_)));
    let again = pair.approve(sent, 1);
    pair.settle();
    assert!(matches!(stands(pair.answer(again)), SubmissionState::Held(_)), "one officer counts once");
    assert_eq!(pair.nodes[0].exchange.sizes(LINK), before, "nothing was released");

    let second = pair.approve(sent, 2);
    pair.settle_all();
    released(pair.answer(second));
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
    let late = pair.approve(sent, 3);
    pair.settle_all();
    assert_eq!(pair.answer(late), Some(&Answer::NotFound));
}

#[test]
fn the_authors_own_approval_does_not_count() {
    let mut pair = Pair::linked();
    let sent = pair.submit(0, &Draft::new(0, 1).level(2).signed());
    // Nobody can have seen what is not stored yet.
    let early = pair.approve(sent, 1);
    pair.settle();
    assert_eq!(pair.answer(early), Some(&Answer::NotFound));
    let one = pair.approve(sent, 1);
    pair.settle();
    assert!(matches!(stands(pair.answer(one)), SubmissionState::Held(_)));
    let (id, document) = (pair.sent[sent].id, pair.sent[sent].document.clone());
    let own = pair.approve_with(0, id, fixture::approve(0, &author(0), &document));
    pair.settle();
    let SubmissionState::Held(owed) = stands(pair.answer(own)) else { panic!("{:?}", pair.answer(own)) };
    assert!(owed.iter().any(|reason| reason.is(Code::ApproverIsAuthor)), "{owed:?}");
}

#[test]
fn an_approval_is_for_one_report_recipient_and_time() {
    let mut pair = Pair::linked();
    let sent = pair.submit(0, &Draft::new(0, 1).level(2).signed());
    pair.settle();
    let (id, document) = (pair.sent[sent].id, pair.sent[sent].document.clone());
    let good = fixture::approve(0, &officer(0, 1), &document).get().statement().unwrap();
    let mut wrong = vec![good.clone(); 4];
    wrong[0].plaintext = Draft::new(0, 2).document().digest();
    wrong[1].recipient = fixture::nation(0);
    wrong[2].expires = relto_report::calendar::Timestamp::from_millis(pair.now);
    wrong[3].agreement = document.digest();
    for statement in wrong {
        let asked = pair.approve_with(0, id, fixture::approve_as(&officer(0, 1), statement));
        pair.settle();
        assert!(matches!(pair.answer(asked), Some(Answer::Invalid { rule: "R091", .. })), "{:?}", pair.answer(asked));
    }
    assert!(matches!(pair.state(sent), Some(SubmissionState::Held(_))));
}

#[test]
fn an_approval_that_has_expired_answers_nothing() {
    let mut pair = Pair::linked();
    let sent = pair.submit(0, &Draft::new(0, 1).level(2).signed());
    pair.settle();
    let (id, document) = (pair.sent[sent].id, pair.sent[sent].document.clone());
    let mut short = fixture::approve(0, &officer(0, 1), &document).get().statement().unwrap();
    short.expires = relto_report::calendar::Timestamp::from_millis(pair.now).plus(100);
    pair.approve_with(0, id, fixture::approve_as(&officer(0, 1), short));
    pair.settle();
    pair.idle(100_000);
    let second = pair.approve(sent, 2);
    pair.settle();
    assert!(matches!(stands(pair.answer(second)), SubmissionState::Held(_)), "the first is no longer one");
    let third = pair.approve(sent, 3);
    pair.settle_all();
    released(pair.answer(third));
}

#[test]
fn flw_30_approvals_are_weighed_by_who_the_people_are_now_and_for_the_precedence_that_was_signed() {
    let change = |pair: &mut Pair, change: &dyn Fn(&mut std::collections::BTreeMap<String, Officer>)| {
        let mut officers = fixture::officers(0);
        change(&mut officers);
        pair.nodes[0].links[0].officers = std::sync::Arc::new(officers);
        pair.restart(0);
        pair.settle_all();
    };
    type Change = dyn Fn(&mut std::collections::BTreeMap<String, Officer>);
    let gone: [&Change; 2] = [&|officers| assert!(officers.remove(&officer(0, 1)).is_some()), &|officers| {
        officers.get_mut(&officer(0, 1)).unwrap().key = fixture::officers(0)[&officer(0, 2)].key
    }];
    for gone in gone {
        let mut pair = Pair::linked();
        let sent = pair.submit(0, &Draft::new(0, 1).level(2).signed());
        pair.approve(sent, 1);
        pair.settle();
        change(&mut pair, gone);
        let late = pair.approve(sent, 1);
        let second = pair.approve(sent, 2);
        pair.settle_all();
        assert!(matches!(pair.answer(late), Some(Answer::Invalid { rule: "R091", .. })), "{:?}", pair.answer(late));
        assert!(matches!(stands(pair.answer(second)), SubmissionState::Held(_)), "of the first nothing is left");
        pair.approve(sent, 3);
        pair.settle_all();
        assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
    }
    let mut pair = Pair::linked();
    let sent = pair.submit(0, &Draft::new(0, 1).level(2).signed());
    pair.settle();
    let (id, document) = (pair.sent[sent].id, pair.sent[sent].document.clone());
    let mut faster = fixture::approve(0, &officer(0, 1), &document).get().statement().unwrap();
    faster.precedence = "PRIORITY".to_owned();
    pair.approve(sent, 2);
    let asked = pair.approve_with(0, id, fixture::approve_as(&officer(0, 1), faster));
    pair.settle();
    assert!(matches!(stands(pair.answer(asked)), SubmissionState::Held(_)), "signed for two precedences");
}

#[test]
fn flw_30_who_was_a_senior_officer_when_signing_and_is_none_now_answers_no_held_topic() {
    let mut pair = Pair::linked();
    let sent = pair.submit(0, &Draft::new(0, 1).level(2).topic("hybrid.disinformation").signed());
    pair.settle();
    let (id, document) = (pair.sent[sent].id, pair.sent[sent].document.clone());
    let mut signed = fixture::approve(0, &officer(0, 3), &document).get().statement().unwrap();
    signed.answers.insert(1, "NATIONAL_TOPIC_HELD".to_owned());
    let signed = fixture::approve_as(&officer(0, 3), signed);
    let owed = |pair: &Pair| match pair.state(sent) {
        Some(SubmissionState::Held(owed)) => owed.iter().map(Ground::name).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(owed(&pair), ["APPROVAL_REQUIRED", "SECOND_APPROVAL_REQUIRED", "NATIONAL_TOPIC_HELD"]);
    pair.approve_with(0, id, signed);
    pair.settle();
    assert_eq!(owed(&pair), ["SECOND_APPROVAL_REQUIRED"]);
    let seniors = |pair: &mut Pair, seniors: &[u8]| {
        let mut officers = fixture::officers(0);
        for n in 0..4 {
            officers.get_mut(&officer(0, n)).unwrap().senior = seniors.contains(&n);
        }
        pair.nodes[0].links[0].officers = std::sync::Arc::new(officers);
        pair.restart(0);
        pair.settle_all();
    };
    // Nobody is one, or another is: what the third signed as one counts as an officer's.
    for now in [&[][..], &[1]] {
        seniors(&mut pair, now);
        pair.approve(sent, 2);
        pair.settle_all();
        assert_eq!(owed(&pair), ["NATIONAL_TOPIC_HELD"], "{now:?}");
    }
    seniors(&mut pair, &[3]);
    pair.approve(sent, 1);
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
}

#[test]
fn a_declined_report_stays_at_home() {
    let mut pair = Pair::linked();
    let sent = pair.submit(0, &Draft::new(0, 1).level(2).signed());
    let one = pair.approve(sent, 1);
    pair.settle();
    assert!(pair.answer(one).is_some());
    let frames = pair.wire.sent.len();
    let no = pair.decline(sent, 2, "not now");
    pair.settle_all();
    let declined = SubmissionState::Declined { officer: officer(0, 2), reason: "not now".to_owned() };
    assert_eq!(stands(pair.answer(no)), &declined);
    assert_eq!(pair.state(sent), Some(declined));
    assert_eq!(pair.wire.sent.len(), frames, "the partner was told something");
    let late = pair.approve(sent, 3);
    pair.settle_all();
    assert_eq!(pair.answer(late), Some(&Answer::NotFound));
}

#[test]
fn refusals_say_which_clause_failed() {
    let mut pair = Pair::linked();
    let draft = |number| Draft::new(0, number);
    let only = |list: &'static str| {
        move |report: &mut Report| {
            report.rel_to = vec!["XAA".to_owned(), "XCC".to_owned()];
            report.banner = format!("RESTRICTED//{list}");
            report.portions.iter_mut().for_each(|portion| portion.body.mark = format!("R//{list}"));
        }
    };
    let noforn = |report: &mut Report| {
        report.rel_to = vec!["XAA".to_owned()];
        report.banner = "RESTRICTED//NOFORN".to_owned();
        report.portions.iter_mut().for_each(|portion| portion.body.mark = "R//NF".to_owned());
    };
    let cases = [
        ("CLASS_EXCEEDS_CEILING", draft(1).level(3).topic("maritime.subsurface").signed()),
        ("NATIONAL_SCOPE:CLASS_EXCEEDS_CEILING", draft(2).level(2).topic("maritime.subsurface").signed()),
        ("TOPIC_OUT_OF_SCOPE", draft(3).topic("maritime.mines").signed()),
        ("NATIONAL_SCOPE:TOPIC_OUT_OF_SCOPE", draft(4).topic("cyber.ics").signed()),
        ("CAVEAT_FORBIDS_FOREIGN", edited(&draft(5).level(1), noforn)),
        ("NOT_RELEASABLE_TO_RECIPIENT", edited(&draft(6).level(1), only("REL TO XAA, XCC"))),
        ("MARKING_NOT_EXCHANGEABLE", draft(7).level(4).signed()),
    ];
    let asked: Vec<(&str, usize)> =
        cases.into_iter().map(|(code, authored)| (code, pair.submit(0, &authored))).collect();
    let frames = pair.wire.sent.len();
    pair.settle_all();
    for (code, sent) in asked {
        let SubmissionState::Refused(reasons) = stands(pair.told(sent)) else { panic!("{:?}", pair.told(sent)) };
        assert!(reasons.iter().any(|reason| reason.name() == code && reason.detail.is_some()), "{code}: {reasons:?}");
    }
    assert_eq!(pair.wire.sent.len(), frames, "the partner was told something");
}

#[test]
fn flw_11_a_national_refusal_is_told_as_nothing_more() {
    let mut pair = Pair::linked();
    let sent = pair.submit(1, &Draft::new(1, 1).topic("hybrid.disinformation").signed());
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Refused, vec!["NATIONAL_RULE".to_owned()]));
    let inbox = pair.inbox(sent).unwrap();
    assert_eq!((inbox.codes, inbox.serial.as_str()), (Code::NationalRule.bit(), ""));
    let scoped = Cause { code: Named::Code(Code::TopicOutOfScope), national: true };
    assert_eq!(inbox.reasons, [Ground::from(scoped)], "without its sentence, which quotes what is not kept");
}

/// Borealia's node thinks that a topic is agreed which is not.
fn with_a_careless_partner() -> Pair {
    let (own, mut theirs) = (fixture::link(0), fixture::link(1));
    corrupt_agreement(&mut theirs, |agreement| agreement.scopes[1].topics.push(("cbrn.chemical".to_owned(), 0)));
    change_rules(&mut theirs, |rules| rules.standing[0].topics.push("cbrn.chemical".to_owned()));
    Pair::with([own, theirs], [Disk::memory(), Disk::memory()]).link()
}

#[test]
fn pol_6_a_clause_that_protects_quarantines() {
    let mut pair = with_a_careless_partner();
    let sent = pair.submit(1, &Draft::new(1, 1).topic("cbrn.chemical").signed());
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Quarantined, vec!["TOPIC_OUT_OF_SCOPE".to_owned()]));
    let index = pair.index(sent).unwrap();
    let opening = pair.open(0, index);
    pair.settle_all();
    assert_eq!(pair.answer(opening), Some(&Answer::NotFound), "nobody reads what is locked away");
}

#[test]
fn flw_1_the_same_bytes_under_the_same_id_are_one_submission() {
    let mut pair = Pair::linked();
    let authored = Draft::new(0, 1).signed();
    let sent = pair.submit(0, &authored);
    pair.settle_all();
    let index = released(pair.told(sent));
    let id = pair.sent[sent].id;
    let again = pair.request_submit(0, id, &authored);
    let other = pair.request_submit(0, id, &Draft::new(0, 2).signed());
    pair.settle_all();
    assert_eq!(released(pair.answer(again)), index);
    assert_eq!(pair.answer(other), Some(&Answer::IdReused));
    assert_eq!(pair.nodes[1].exchange.backlog(LINK), Some(Backlog::default()));
    // Both in one turn, and again after a restart.
    let id = pair.next_id();
    let authored = Draft::new(0, 3).signed();
    let sent = pair.submit_as(0, id, &authored);
    let asked = [0; 3].map(|_| pair.request_submit(0, id, &authored));
    pair.settle_all();
    pair.restart(0);
    let late = pair.request_submit(0, id, &authored);
    pair.settle_all();
    let index = released(pair.told(sent));
    assert!(asked.into_iter().chain([late]).all(|one| released(pair.answer(one)) == index));
}

#[test]
fn flw_4_a_serial_is_spent_by_its_release() {
    let mut pair = Pair::linked();
    let first = pair.submit(0, &Draft::new(0, 1).signed());
    let held = [1, 2].map(|padding| pair.submit(0, &Draft::new(0, 2).level(2).padding(padding).signed()));
    pair.settle();
    released(pair.told(first));
    let again = pair.submit(0, &Draft::new(0, 1).padding(9).signed());
    pair.settle();
    let told = pair.told(again);
    let Some(Answer::Invalid { rule: "R012", message }) = told else { panic!("{told:?}") };
    let serial = &pair.sent[again].serial;
    let advice = "Draw another number at random, as `relto new report` does, or set supersedes to correct that report";
    assert_eq!(*message, format!("serial {serial} was used. {advice}"));
    // Of two drafts that wait under one serial the first release wins.
    for n in [1, 2] {
        for sent in held {
            pair.approve(sent, n);
        }
    }
    pair.settle_all();
    let states = held.map(|sent| pair.state(sent).unwrap());
    assert!(matches!(states[0], SubmissionState::Released(_)), "{states:?}");
    let SubmissionState::Refused(reasons) = &states[1] else { panic!("{states:?}") };
    assert!(reasons[0].code == Named::Rule("R012"), "{reasons:?}");
}

#[test]
fn references_need_a_record() {
    let mut pair = Pair::linked();
    let refer = |report: &mut Report| report.refers_to = vec!["XAA-J2-2026-0001".to_owned()];
    let early = pair.submit(0, &edited(&Draft::new(0, 2), refer));
    pair.settle();
    assert!(matches!(pair.told(early), Some(Answer::Invalid { rule: "R038", .. })), "{:?}", pair.told(early));
    pair.submit(0, &Draft::new(0, 1).signed());
    pair.settle();
    let sent = pair.submit(0, &edited(&Draft::new(0, 2), refer));
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
}

#[test]
fn api_6_a_dry_run_leaves_no_trace() {
    let mut pair = Pair::linked();
    let (effects, turns) = (pair.effects, pair.nodes[0].turns);
    for (draft, wanted) in [(Draft::new(0, 1), "Releasable"), (Draft::new(0, 1).level(2), "Held")] {
        let answer = pair.nodes[0].check(&author(0), draft.signed().get(), fixture::NOW);
        assert!(format!("{answer:?}").contains(wanted), "{answer:?}");
    }
    pair.settle();
    assert_eq!((pair.effects, pair.nodes[0].turns), (effects, turns));
    let sent = pair.submit(0, &Draft::new(0, 1).signed());
    pair.settle_all();
    released(pair.told(sent));
}

#[test]
fn flw_9_api_7_a_report_is_read_only_when_its_receipt_is_sealed() {
    let mut pair = Pair::linked();
    let sent = pair.submit(0, &Draft::new(0, 1).signed());
    for _ in 0..10_000 {
        if pair.inbox(sent).is_some() {
            break;
        }
        for side in [0, 1] {
            for act in relto_tests::pair::Act::ALL {
                if side == 0 || pair.inbox(sent).is_none() {
                    pair.act(side, act);
                }
            }
        }
    }
    let index = pair.index(sent).unwrap();
    let early = pair.open(1, index);
    pair.act(1, relto_tests::pair::Act::Ask);
    pair.act(1, relto_tests::pair::Act::Turn);
    assert_eq!(pair.answer(early), Some(&Answer::NotFound));
    pair.settle_all();
    let journal = pair.nodes[1].exchange.journal_size();
    let opening = pair.open(1, index);
    pair.settle_all();
    assert_eq!(pair.answer(opening), Some(&Answer::Noted));
    assert_eq!(pair.nodes[1].exchange.journal_size(), journal + 1, "the opening is on record");
}

#[test]
fn log_10_two_nations_send_at_once_and_a_batch_has_one_signature_a_log() {
    let mut pair = Pair::linked();
    let before = [0, 1].map(|side| (pair.nodes[side].key.signed(), pair.nodes[side].heads_signed));
    for number in 1..=300 {
        for side in [0, 1] {
            pair.nodes[side].batch = 64;
            pair.submit(side, &Draft::new(side, number).signed());
        }
    }
    // The partner's process ends in the middle.
    pair.burst = 64;
    while pair.nodes[1].exchange.sizes(LINK).unwrap().theirs < 200 {
        pair.step();
    }
    pair.restart(1);
    pair.settle_all();
    for sent in 0..pair.sent.len() {
        assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]), "{}", pair.sent[sent].serial);
        assert_eq!(pair.inbox(sent).unwrap().serial, pair.sent[sent].serial);
    }
    for (side, node) in pair.nodes.iter().enumerate() {
        let sessions = 1;
        let (signed, heads) = before[side];
        assert_eq!(node.key.signed() - signed, node.heads_signed - heads + sessions, "{side}: a signature too many");
        let log = leaves(node.reader(), node.links[0].mine());
        assert!(log.len() > 600, "Genesis, an Anchor, 300 Released, 300 Outcomes: {}", log.len());
        assert!(node.heads_signed < 150, "{} heads for {} leaves", node.heads_signed, log.len());
        assert_eq!(node.key.public_key(), node.links[0].own_key);
    }
}

#[test]
fn api_31_a_node_takes_no_real_event_as_exercise_traffic() {
    const EXERCISE: &str = "EX-NORTHERN-LANTERN-26";
    let links = [0, 1].map(|side| {
        let mut link = fixture::link(side);
        corrupt_agreement(&mut link, |agreement| agreement.traffic = Traffic::Exercise(EXERCISE.to_owned()));
        link
    });
    let mut pair = Pair::with(links, [Disk::memory(), Disk::memory()]).link();
    let played = |number, text: &str| {
        edited(&Draft::new(0, number), |report| {
            report.traffic = EXERCISE.to_owned();
            report.title.text.push_str(text);
        })
    };
    for (number, text) in [(1, " NO DUFF"), (2, " [NO DUFF]")] {
        let sent = pair.submit(0, &played(number, text));
        pair.settle_all();
        assert!(matches!(pair.told(sent), Some(Answer::Invalid { rule: "R026", .. })), "{:?}", pair.told(sent));
    }
    let sent = pair.submit(0, &played(3, " NO DUFFLE"));
    pair.settle_all();
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
}
