//! Two nodes far apart that both dial: they come to one session, and reports go over it.

use relto_exchange::wire::protocol::ByeCode;
use relto_tests::{
    far::{Far, Way},
    fixture::Draft,
};

/// What is drawn for one run.
fn far(seed: u64) -> Far {
    let mut draw = Far::new(Way { delay: [0; 2], jitter: 0, lost: 0 }, 0, seed);
    let delay = [draw.random(1_001), draw.random(1_001)];
    let (jitter, lost) = (draw.random(300), draw.random(6));
    Far::new(Way { delay, jitter, lost }, draw.random(3_000), seed)
}

#[test]
fn lnk_15_a_thousand_runs_over_up_to_a_second_each_way_settle_on_one_session() {
    let mut replaced = 0;
    for seed in 0..1_000 {
        let mut far = far(seed);
        let mut faults = 0;
        for _ in 0..far.random(3) {
            let wait = far.random(12_000);
            far.run(wait, |_| false);
            let seen = [far.random(4) > 0, far.random(4) > 0];
            match far.random(3) {
                0 => far.restart(usize::from(seen[0]), seen[1]),
                _ => far.cut(seen),
            }
            faults += 1;
        }
        assert!(far.run(180_000, Far::is_settled), "{seed} does not settle: {:?} {:?}", far.begun, far.closes);
        let begun = far.begun;
        assert!(!far.run(25_000, |far| far.begun != begun), "{seed}: it is one that stays");
        // Each fault costs one session at most, and so does a HELLO that a slow line keeps back for ten seconds.
        assert!(far.replaced <= faults + far.gave_up, "{seed}: {} {faults} {}", far.replaced, far.gave_up);
        assert!(
            far.closes.iter().all(|code| matches!(code, ByeCode::Done | ByeCode::Silent)),
            "{seed}: {:?}",
            far.closes
        );
        replaced += far.replaced;
        if seed % 20 == 0 {
            let side = usize::from(seed % 40 == 0);
            far.submit(side, &Draft::new(side, 1).signed());
            far.run(1, |_| false);
            assert!(far.run(60_000, Far::is_done), "{seed}: the report goes");
        }
    }
    assert!(replaced > 0, "no run had a session to replace");
}

#[test]
fn lnk_15_a_hundred_reports_over_300_ms_each_way_go_over_one_session() {
    let mut far = Far::new(Way { delay: [300; 2], jitter: 0, lost: 0 }, 40, 1);
    for n in 0..100 {
        let side = usize::from(n % 2 == 1);
        far.submit(side, &Draft::new(side, n + 1).signed());
    }
    assert!(far.run(60_000, |far| far.is_settled() && far.is_done()), "{:?} {:?}", far.begun, far.closes);
    let sizes = [0, 1].map(|side: usize| far.nodes[side].exchange.sizes(relto_tests::pair::LINK).unwrap());
    assert!(sizes.iter().all(|size| size.ours > 100 && size.theirs > 100), "50 leaves and 50 receipts each: {sizes:?}");
    assert_eq!((far.begun, far.replaced, &far.closes[..]), ([1, 1], 0, &[][..]));
}
