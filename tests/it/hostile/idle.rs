//! Leaves that oblige nothing, and what a start costs that finds them.

use relto_audit::leaf::Leaf;
use relto_exchange::wire::protocol::ByeCode;
use relto_report::crypto::sha256;
use relto_tests::hostile::Hostile;

#[test]
fn lnk_36_leaves_that_oblige_nothing_come_as_fast_as_their_time_allows() {
    let anchor = |time| Leaf::Anchor { time, commitment: sha256(&[b"anchor"]) };
    // What gathered in a month without a link comes at once: an Anchor each five minutes.
    let mut hostile = Hostile::greeted();
    let month = 30 * 24 * 12;
    for n in 0..month {
        hostile.append(&anchor(hostile.now - (month - n) * 300_000));
        if n % 1_000 == 999 {
            hostile.send_leaves();
        }
    }
    hostile.send_leaves();
    assert_eq!((hostile.closed(), hostile.followed()), (None, 1 + month));
    // The same number of one moment does not, nor do times to come make room.
    for ahead in [0, 100_000] {
        let mut hostile = Hostile::greeted();
        for n in 0..400 {
            hostile.append(&anchor(hostile.now + n * ahead));
        }
        hostile.send_leaves();
        assert_eq!((hostile.closed(), hostile.followed()), (Some(ByeCode::TooFast), 1));
    }
    // Withdrawn of nothing: as many as a suspension may bring, and no more.
    let mut hostile = Hostile::greeted();
    let gone = Leaf::Withdrawn { time: hostile.now, index: 1 << 40, maybe: true };
    for _ in 0..4 {
        hostile.append_many(&gone, 1_024);
        hostile.send_leaves();
    }
    assert_eq!((hostile.closed(), hostile.followed()), (None, 4_097));
    hostile.append_many(&gone, 1_024);
    hostile.send_leaves();
    assert_eq!((hostile.closed(), hostile.followed()), (Some(ByeCode::TooFast), 4_097));
}
