//! Whose turn it is, and who is turned away.

use super::table;
use relto_node::inspect::queue::{Added, Asked, Call, MAX_JOBS, Queue, Who};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

fn who(name: &str) -> Who {
    Who::Account(name.to_owned())
}

fn asked(number: u32, name: &str, lane: usize) -> Asked {
    Asked { lane, ..Asked::of(table(number, &format!("{number}\n")), who(name)) }
}

fn add(queue: &mut Queue, asked: Asked) -> bool {
    matches!(queue.add(asked, Call::Done(Box::new(|| ()))), Added::Waits(_))
}

#[test]
fn pol_24_flash_goes_first_and_nobody_keeps_others_waiting() {
    let mut queue = Queue::default();
    for n in 0..4 {
        assert!(add(&mut queue, asked(n, "much", 3)));
    }
    assert!(add(&mut queue, asked(10, "other", 3)));
    assert!(add(&mut queue, asked(11, "much", 0)));
    let first = queue.next(1, 1).unwrap();
    assert_eq!((first.asked.lane, &first.asked.who), (0, &who("much")), "FLASH");
    let second = queue.next(1, 1).unwrap();
    assert_eq!(second.asked.who, who("other"), "one of each at once");
    assert!(queue.next(1, 1).is_none());
    assert_eq!(queue.done(&first).len(), 1);
    let third = queue.next(1, 1).unwrap();
    assert_eq!(third.asked.who, who("much"));
    drop(queue.done(&second));
    assert!(queue.next(1, 1).is_none(), "it has one at work");
    assert_eq!(queue.postpone(third, 50).len(), 0, "it waits to the end");
    let fourth = queue.next(1, 1).unwrap();
    drop(queue.done(&fourth));
    assert_eq!(queue.len(), 3);
    for _ in 0..2 {
        let next = queue.next(1, 1).unwrap();
        drop(queue.done(&next));
    }
    assert!(queue.next(49, 1).is_none(), "not before its time");
    let last = queue.next(50, 1).unwrap();
    assert_eq!(queue.done(&last).len(), 1);
    assert!(queue.is_empty());
}

#[test]
fn api_48_what_waits_has_a_bound_for_each_and_for_all() {
    let mut queue = Queue::default();
    let taken = (0..100).filter(|n| add(&mut queue, asked(*n, "one", 3))).count();
    assert_eq!(taken, 16, "one account");
    let at_work = queue.next(1, 1).unwrap();
    let taken = (100..1_000).filter(|n| add(&mut queue, asked(*n, &n.to_string(), 3))).count();
    // Of sixteen of one account the one at work is left, which is no more than others have.
    assert_eq!(taken, MAX_JOBS - 1, "all");
    assert!(add(&mut queue, asked(0, "one", 3)), "the same again is the same");
    assert_eq!(queue.len(), MAX_JOBS);
    assert!(!add(&mut queue, asked(50, "one", 3)), "and nobody gives way to who has as much");
    assert_eq!(queue.done(&at_work).len(), 2);
}

/// Three accounts, or partners, have taken every place and every byte: each other one gets in, and no more than its share.
#[test]
fn api_48_whoever_has_most_that_waits_gives_way() {
    type Of<'a> = &'a dyn Fn(&str, u32) -> Asked;
    let many: [Of<'_>; 2] = [&|name, n| asked(n, name, 0), &|name, n| Asked {
        lane: 0,
        ..Asked::of(table(n, &format!("{n}\n").repeat(2 * 1024 * 1024)), who(name))
    }];
    for (heavy, of) in many.into_iter().enumerate() {
        let mut queue = Queue::default();
        let taken = (0..64)
            .filter(|n| add(&mut queue, of(["a", "b", "c", "d"][usize::try_from(n % 4).unwrap()], 10 + n)))
            .count();
        assert_eq!(taken, [64, 31][heavy]);
        let Added::Waits(gave_way) = queue.add(of("honest", 90), Call::Done(Box::new(|| ()))) else {
            panic!("{heavy}: there is room for who has nothing");
        };
        assert_eq!(gave_way.len(), 1, "one of the same weight");
        assert_eq!(queue.len(), taken, "and nobody else");
        let own = (100..200).filter(|n| add(&mut queue, of("honest", *n))).count();
        assert!((3..=12).contains(&own), "its share: {own}");
    }
}

#[test]
fn whoever_does_not_wait_for_another_try_is_told_that_there_is_one() {
    let (mut queue, told) = (Queue::default(), Arc::new(AtomicU32::new(0)));
    let soon = || {
        let told = told.clone();
        Call::Soon(Box::new(move || {
            told.fetch_add(1, Ordering::Relaxed);
        }))
    };
    assert!(matches!(queue.add(asked(1, "a", 3), soon()), Added::Waits(_)));
    assert!(add(&mut queue, asked(1, "a", 3)));
    let work = queue.next(1, 1).unwrap();
    let calls = queue.postpone(work, 100);
    assert!(matches!(&calls[..], [Call::Soon(_)]));
    assert!(matches!(queue.add(asked(1, "a", 3), soon()), Added::Postponed(_)));
    let work = queue.next(100, 1).unwrap();
    assert_eq!(queue.done(&work).len(), 1);
}
