//! Nothing is put on record before the clock is believed; what is learned of a partner's clock stays; a leaf of a day
//! that has not come is not followed.

use super::{Draft, Pair, SubmissionState, released, resolved, stands};
use relto_audit::leaf::{Leaf, Verdict};
use relto_exchange::{
    belief::{By, Voice},
    input::Input,
    journal::{Act, Entry, origin},
    out::{Answer, Event},
    wire::protocol::ByeCode,
};
use relto_policy::{reading::ReadingRule, waits::Waits};
use relto_report::{
    calendar::Timestamp,
    codec,
    crypto::{Signer as _, sha256},
    domain::{Tag, message},
    signed::{ClockStatement, ClockWord, Unverified, Verified},
};
use relto_tests::{
    check::entries,
    fixture::{key, nation},
    hostile::Hostile,
    pair::LINK,
};

const DAY: u64 = 24 * 3_600_000;

/// Two nodes that know each other, the first started again under a clock that nobody vouches for.
fn doubting(offset: i64) -> Pair {
    let mut pair = Pair::linked();
    pair.settle_all();
    pair.linked = false;
    pair.cut();
    pair.careful = false;
    pair.restart(0);
    pair.nodes[0].clock_offset = offset;
    pair.nodes[0].exchange.doubt_clock("nobody vouches for it");
    pair.nodes[0].push(Input::Started);
    pair.settle();
    pair
}

fn acts(pair: &Pair) -> Vec<Act> {
    let journal = origin(nation(0), 0);
    let acts = entries(pair.nodes[0].reader(), journal).into_iter().map(|entry| Entry::decode(&entry).unwrap().act);
    // But for folds, which fall due whatever happens.
    acts.filter(|act| !matches!(act, Act::Folded { .. })).collect()
}

fn queued(answer: Option<&Answer>) -> Waits {
    let SubmissionState::Queued(why) = stands(answer) else { panic!("{answer:?}") };
    why.clone()
}

fn believed_by(pair: &Pair) -> Option<By> {
    pair.nodes[0].exchange.belief().by().cloned()
}

/// What an account signs of the first node's clock.
fn word(account: &str) -> Verified<ClockWord> {
    let time = Timestamp::from_millis(1_800_000_000_000);
    let statement = codec::encode(&ClockStatement { nation: nation(0), node: "xaa-1".to_owned(), start: 2, time });
    let signature = key(account).sign(&message(Tag::Clock, &statement)).unwrap();
    let word = ClockWord { account: account.to_owned(), statement, signature };
    Unverified::new(word).verify(&key(account).public_key()).unwrap().0
}

#[test]
fn flw_25_nothing_is_put_on_record_before_the_clock_is_believed() {
    let mut pair = doubting(i64::try_from(10 * DAY).unwrap());
    let (journal, sizes) = (pair.nodes[0].exchange.journal_size(), pair.nodes[0].exchange.sizes(LINK));
    let asked = pair.request_submit(0, [7; 16], &Draft::new(0, 3).signed());
    let opened = pair.request(0, |ticket| Input::Opened {
        ticket,
        account: "reader".to_owned(),
        link: LINK,
        index: 1,
        decided: Err(vec![ReadingRule::Clearance]),
    });
    for _ in 0..20 {
        pair.advance(60_000);
        pair.settle();
    }
    assert_eq!(pair.answer(asked), Some(&Answer::Unavailable("nobody vouches for it".to_owned())));
    assert_eq!(pair.answer(opened), Some(&Answer::NotFound));
    // A partner whose clock says otherwise ends nothing: nobody here knows which of the two is wrong.
    pair.connect();
    while pair.step() {}
    assert!(pair.closes.contains(&(0, ByeCode::Done)), "{:?}", pair.closes);
    assert_eq!(believed_by(&pair), None);
    assert_eq!((pair.nodes[0].exchange.journal_size(), pair.nodes[0].exchange.sizes(LINK)), (journal, sizes));
    // Once it is set right the next HELLO agrees; the start is on record then, and reports go.
    pair.nodes[0].clock_offset = 0;
    pair.linked = true;
    pair.connect();
    pair.settle();
    assert_eq!(believed_by(&pair), Some(By::Partner(nation(1))));
    let acts = acts(&pair);
    let after = &acts[usize::try_from(journal).unwrap()..];
    assert!(
        matches!(after, [Act::Started { .. }, Act::ClockBelieved { words, .. }, ..] if words.is_empty()),
        "{after:?}"
    );
    let sent = pair.submit(0, &Draft::new(0, 4).signed());
    pair.settle();
    released(pair.told(sent));
    assert_eq!(resolved(&pair, sent), (Verdict::Admitted, vec![]));
}

#[test]
fn flw_25_the_system_or_two_accounts_end_the_doubt() {
    let mut pair = doubting(0);
    pair.nodes[0].push(Input::Believed(By::System));
    pair.settle();
    assert_eq!(believed_by(&pair), Some(By::System));
    let mut pair = doubting(0);
    let say = |pair: &mut Pair, voice, account: &str| {
        let word = word(account);
        let asked = pair.request(0, move |ticket| Input::ClockWord { ticket, voice, word: word.clone() });
        pair.settle();
        pair.answer(asked).cloned()
    };
    assert_eq!(say(&mut pair, Voice::Operator, "operator"), Some(Answer::Noted));
    assert_eq!((believed_by(&pair), pair.nodes[0].exchange.belief().signed()), (None, (true, false)));
    // One account with both roles is one account.
    let same = say(&mut pair, Voice::Auditor, "operator");
    assert!(matches!(same, Some(Answer::Invalid { rule: "FLW-25", .. })), "{same:?}");
    assert_eq!(believed_by(&pair), None);
    assert_eq!(say(&mut pair, Voice::Auditor, "auditor"), Some(Answer::Noted));
    assert_eq!(believed_by(&pair), Some(By::Accounts));
    let acts = acts(&pair);
    let Some(Act::ClockBelieved { words, .. }) = acts.last() else { panic!("{acts:?}") };
    let accounts: Vec<&str> = words.iter().map(|word| word.account.as_str()).collect();
    assert_eq!(accounts, ["operator", "auditor"], "both, as they signed");
    assert!(pair.nodes[0].events.contains(&Event::ClockBelieved(By::Accounts)));
}

#[test]
fn flw_26_a_skew_outlives_its_session_until_the_next_hello() {
    let mut pair = Pair::linked();
    pair.settle_all();
    pair.linked = false;
    pair.cut();
    // The partner's clock goes wrong, and its next HELLO shows it.
    pair.nodes[1].clock_offset = 400_000;
    pair.connect();
    pair.settle();
    let first = pair.submit(0, &Draft::new(0, 1).signed());
    pair.settle();
    assert_eq!(queued(pair.told(first)), Waits::ClocksDiffer);
    pair.cut();
    let second = pair.submit(0, &Draft::new(0, 2).signed());
    pair.settle();
    assert_eq!(queued(pair.told(second)), Waits::ClocksDiffer, "without a session too");
    pair.nodes[1].clock_offset = 0;
    pair.linked = true;
    pair.connect();
    pair.settle();
    for sent in [first, second] {
        assert!(matches!(pair.state(sent), Some(SubmissionState::Released(_))), "{:?}", pair.state(sent));
    }
}

#[test]
fn flw_26_a_leaf_of_a_day_that_has_not_come_is_not_followed_until_it_is_near() {
    let anchor = |time| Leaf::Anchor { time, commitment: sha256(&[b"anchor"]) };
    let mut hostile = Hostile::greeted();
    hostile.append(&anchor(hostile.now + DAY));
    hostile.send_leaves();
    assert_eq!((hostile.closed(), hostile.followed()), (None, 2), "a day ahead is a clock that is wrong");
    hostile.append(&anchor(hostile.now + DAY + 60_000));
    hostile.send_leaves();
    assert_eq!((hostile.closed(), hostile.followed()), (Some(ByeCode::BadLeaf), 2), "more is none");
    let told = |event: &&Event| matches!(event, Event::Alarm(what) if what.contains("more than a day from now"));
    assert_eq!(hostile.node.events.iter().filter(told).count(), 1);
    assert_eq!(hostile.node.exchange.halted(), None);
}
