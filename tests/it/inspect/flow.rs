//! What two nodes do while attachments are looked at, and with what comes of it; in virtual time.

use relto_audit::leaf::Verdict;
use relto_exchange::{exchange::Backlog, ids::Fetch, input::Input, link::Link, out::Answer, rows::SubmissionState};
use relto_policy::{
    code::Code,
    ground::{Cause, Named},
    national::Content,
    waits::Waits,
};
use relto_report::{
    assessment::Document,
    attachment::{
        finding::{Advice, At, Finding, Sort},
        inspected::Inspected,
    },
    calendar::Timestamp,
    digest::Digest,
    inspection::{Attachments, Look, Looks, Media, Seen, Uninspectable},
    signed::ApprovalStatement,
};
use relto_tests::{
    fixture::{self, Draft, Side, change_rules, officer},
    node::Disk,
    pair::{LINK, Pair},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// Knows what a test has told it, and else that it is to be looked at.
#[derive(Default)]
struct Told(Mutex<BTreeMap<Digest, Vec<Seen>>>);

impl Attachments for Told {
    fn looks(&self, document: &Document) -> Looks {
        let told = self.0.lock().unwrap().get(&document.digest()).cloned();
        told.map_or(Looks::Waiting, |seen| Looks::Done(document.digest(), seen.into()))
    }
}

/// A pair in which the attachments of one side wait for what the test says.
fn pair(side: Side) -> (Pair, Arc<Told>) {
    let told = Arc::new(Told::default());
    let link = |of: Side| match of == side {
        true => Link { attachments: told.clone(), ..fixture::link(of) },
        false => fixture::link(of),
    };
    (Pair::with([link(0), link(1)], [Disk::memory(), Disk::memory()]).link(), told.clone())
}

fn clean() -> Seen {
    Ok(Look { media: Some(Media::Csv), inspected: Inspected::default() })
}

/// The inspector is done with everything that a node has asked for.
fn looked(pair: &mut Pair, side: Side, told: &Told, seen: &Seen) -> usize {
    let looks = std::mem::take(&mut pair.nodes[side].looks);
    for look in &looks {
        let count = look.document.report().attachments.len();
        told.0.lock().unwrap().insert(look.document.digest(), vec![seen.clone(); count]);
        pair.nodes[side].push(Input::Looked(look.asked));
    }
    pair.settle();
    looks.len()
}

#[test]
fn pol_24_a_report_waits_for_its_look_and_no_officer_answers_it_away() {
    let (mut pair, told) = pair(0);
    let plain = pair.submit(0, &Draft::new(0, 1).signed());
    let sent = pair.submit(0, &Draft::new(0, 2).attachments(&[16]).signed());
    pair.settle();
    assert!(matches!(pair.state(plain), Some(SubmissionState::Released(_))), "without attachments nothing is asked");
    let waits = SubmissionState::Queued(Waits::Attachments);
    assert_eq!(pair.state(sent), Some(waits.clone()));
    let asked = pair.approve(sent, 0);
    pair.settle();
    assert_eq!(pair.answer(asked), Some(&Answer::NotFound));
    for _ in 0..3 {
        pair.tick();
        pair.settle();
    }
    assert_eq!((pair.state(sent), pair.nodes[0].looks.len()), (Some(waits), 1), "asked for once");
    pair.restart(0);
    pair.settle();
    assert_eq!(pair.nodes[0].looks.len(), 1, "after a restart it is looked at anew");
    assert_eq!(looked(&mut pair, 0, &told, &clean()), 1);
    pair.settle_all();
    assert!(matches!(pair.state(sent), Some(SubmissionState::Released(_))));
    assert_eq!(pair.inbox(sent).map(|row| row.verdict), Some(Verdict::Admitted));
}

#[test]
fn pol_24_what_an_inspector_says_is_another_thing_is_never_released() {
    let (mut pair, told) = pair(0);
    let sent = pair.submit(0, &Draft::new(0, 1).attachments(&[16]).signed());
    pair.settle();
    looked(&mut pair, 0, &told, &Ok(Look { media: Some(Media::Pdf), inspected: Inspected::default() }));
    pair.settle_all();
    assert!(matches!(pair.state(sent), Some(SubmissionState::Refused(_))), "{:?}", pair.state(sent));
}

#[test]
fn pol_24_what_cannot_be_inspected_is_held_for_two_who_answer_by_name() {
    let (mut pair, told) = pair(0);
    let sent = pair.submit(0, &Draft::new(0, 1).attachments(&[16]).signed());
    pair.settle();
    looked(&mut pair, 0, &told, &Err(Uninspectable::Died));
    let Some(SubmissionState::Held(owed)) = pair.state(sent) else { panic!("{:?}", pair.state(sent)) };
    assert!(owed[0].to_string().starts_with("NOT_INSPECTED: attachment 1, track-0.csv"), "{owed:?}");
    let approve = |pair: &mut Pair, n: u8, answers: Code| {
        let statement = ApprovalStatement {
            agreement: fixture::link(0).agreement.digest,
            recipient: fixture::nation(1),
            traffic: "live".to_owned(),
            plaintext: pair.sent[sent].document.digest(),
            precedence: "ROUTINE".to_owned(),
            answers: vec![answers.name().to_owned()],
            expires: Timestamp::from_millis(pair.now).plus(3_600),
        };
        let approval = fixture::approve_as(&officer(0, n), statement);
        let asked = pair.approve_with(0, pair.sent[sent].id, approval);
        pair.settle();
        matches!(pair.answer(asked), Some(Answer::Stands(SubmissionState::Released(_))))
    };
    assert!(!approve(&mut pair, 0, Code::NotInspected), "one is not enough");
    assert!(!approve(&mut pair, 0, Code::NotInspected), "nor one twice");
    assert!(!approve(&mut pair, 1, Code::ApprovalRequired), "nor another answer");
    assert!(approve(&mut pair, 1, Code::NotInspected));
}

#[test]
fn flw_27_a_payload_waits_for_its_look_and_others_go_on() {
    let (mut pair, told) = pair(1);
    let slow = pair.submit(0, &Draft::new(0, 1).attachments(&[16]).signed());
    let plain = pair.submit(0, &Draft::new(0, 2).signed());
    let long = pair.submit(0, &Draft::new(0, 3).padding(300_000).signed());
    pair.settle();
    assert!(pair.inbox(plain).is_some() && pair.inbox(long).is_some(), "others go on");
    assert!(pair.inbox(slow).is_none());
    assert_eq!(
        pair.nodes[1].exchange.backlog(LINK),
        Some(Backlog { awaited: 1, ..Backlog::default() }),
        "it stays awaited"
    );
    let index = pair.index(slow).unwrap();
    let asked = |pair: &Pair| pair.nodes[1].looks.iter().map(|one| one.asked).collect::<Vec<_>>();
    assert_eq!(asked(&pair), [Fetch::Spool(LINK, index)]);
    pair.tick();
    pair.settle();
    assert_eq!(asked(&pair).len(), 1, "asked for once");
    pair.restart(1);
    pair.settle();
    assert_eq!(asked(&pair), [Fetch::Spool(LINK, index)], "after a restart it is looked at anew");
    looked(&mut pair, 1, &told, &clean());
    pair.settle_all();
    assert_eq!(pair.inbox(slow).map(|row| row.verdict), Some(Verdict::Admitted));
}

#[test]
fn flw_28_a_payload_that_cannot_be_inspected_is_malformed_and_erased() {
    for seen in [Err(Uninspectable::Time), Ok(Look { media: None, inspected: Inspected::default() })] {
        let (mut pair, told) = pair(1);
        let sent = pair.submit(0, &Draft::new(0, 1).attachments(&[16]).signed());
        pair.settle();
        looked(&mut pair, 1, &told, &seen);
        pair.settle_all();
        let row = pair.inbox(sent).unwrap();
        assert_eq!((row.verdict, row.codes), (Verdict::Refused, Code::Malformed.bit()));
        let index = pair.index(sent).unwrap();
        let theirs = pair.nodes[1].links[0].theirs();
        use relto_exchange::store::{Key, one};
        for key in [Key::Payload(theirs, index), Key::Spool(theirs, index, 0)] {
            assert!(one(pair.nodes[1].reader(), &key).unwrap().is_none(), "erased");
        }
    }
}

#[test]
fn pol_14_what_a_nation_lets_nobody_send_nobody_sends_to_it() {
    let finding = Finding::new(Sort::Active, "a formula", At::Cell(2, 1), Advice::SaveValues);
    let seen = Ok(Look { media: Some(Media::Csv), inspected: Inspected::found(finding) });
    let content = |refuse_active_content| Content {
        hold_words_file: None,
        refuse_active_content,
        refuse_metadata: false,
        strip_metadata: false,
        filter: None,
        source_serials: None,
    };
    for (rules, wanted) in
        [(None, Verdict::Admitted), (Some(content(false)), Verdict::Admitted), (Some(content(true)), Verdict::Refused)]
    {
        let told = Arc::new(Told::default());
        let mut theirs = Link { attachments: told.clone(), ..fixture::link(1) };
        change_rules(&mut theirs, |national| national.content = rules);
        let mut pair = Pair::with([fixture::link(0), theirs], [Disk::memory(), Disk::memory()]).link();
        let plain = pair.submit(0, &Draft::new(0, 1).signed());
        let sent = pair.submit(0, &Draft::new(0, 2).attachments(&[16]).signed());
        pair.settle();
        assert_eq!(pair.inbox(plain).map(|row| row.verdict), Some(Verdict::Admitted), "hold words are its own");
        looked(&mut pair, 1, &told, &seen);
        pair.settle_all();
        let row = pair.inbox(sent).unwrap();
        assert_eq!(row.verdict, wanted, "{:?}", row.reasons);
        if wanted == Verdict::Refused {
            let cause = Cause { code: Named::Code(Code::AttachmentTypeNotAgreed), national: true };
            assert_eq!(row.reasons, [cause.into()]);
        }
    }
}
