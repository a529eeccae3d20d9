//! Work of one thread beside its floor: in turn, in the same rounds, so that both meet the same machine.

use super::figures::median;
use crate::args::RoundArgs;
use anyhow::{Result, ensure};
use relto_host::clock::Stopwatch;
use std::time::Duration;

/// What a measurement calls over and over.
pub(super) type Work<'a> = Box<dyn FnMut() -> Result<()> + 'a>;

/// A piece of work, and the least that it could be done with.
pub(super) struct Piece<'a> {
    pub(super) name: &'static str,
    /// What is counted, such as `leaves`.
    pub(super) counted: &'static str,
    /// How many of them one call of `work`, and one of `bare`, does.
    pub(super) count: usize,
    pub(super) work: Work<'a>,
    /// What the floor is, for people.
    pub(super) floor: &'static str,
    pub(super) bare: Work<'a>,
}

/// What a piece came to: medians of the rounds.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Beside {
    pub(super) name: &'static str,
    pub(super) counted: &'static str,
    pub(super) floor: &'static str,
    pub(super) per_second: f64,
    pub(super) floor_per_second: f64,
    /// The median of the rounds' ratios, which is not that of the medians.
    pub(super) ratio: f64,
}

/// Measures all pieces, each beside its floor, in so many rounds.
pub(super) fn measure(mut pieces: Vec<Piece<'_>>, args: &RoundArgs) -> Result<Vec<Beside>> {
    ensure!(args.rounds > 0 && args.millis > 0, "--rounds and --millis must be at least 1");
    let time = Duration::from_millis(args.millis);
    let mut rounds: Vec<Vec<(f64, f64)>> = pieces.iter().map(|_| Vec::new()).collect();
    for _ in 0..args.rounds {
        for (piece, rounds) in pieces.iter_mut().zip(&mut rounds) {
            let ours = per_second(&mut piece.work, piece.count, time)?;
            rounds.push((ours, per_second(&mut piece.bare, piece.count, time)?));
        }
    }
    let told = pieces.iter().zip(rounds).map(|(piece, rounds)| Beside {
        name: piece.name,
        counted: piece.counted,
        floor: piece.floor,
        per_second: median(rounds.iter().map(|(ours, _)| *ours).collect()),
        floor_per_second: median(rounds.iter().map(|(_, bare)| *bare).collect()),
        ratio: median(rounds.iter().map(|(ours, bare)| ours / bare).collect()),
    });
    Ok(told.collect())
}

/// How much of the work is done in a second, over at least so long and one call.
#[expect(clippy::cast_precision_loss, reason = "counts of a measurement, far below 2^52")]
fn per_second(work: &mut Work<'_>, count: usize, time: Duration) -> Result<f64> {
    let (watch, mut calls) = (Stopwatch::start(), 0_usize);
    loop {
        work()?;
        calls += 1;
        let passed = watch.elapsed();
        if passed >= time {
            return Ok((calls * count) as f64 / passed.as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_does_twice_as_much_has_half_the_rate() {
        let spin = |times: u32| (0..times).fold(0_u64, |sum, n| std::hint::black_box(sum ^ u64::from(n)));
        let piece = Piece {
            name: "twice",
            counted: "turns",
            count: 7,
            work: Box::new(|| {
                std::hint::black_box(spin(200_000));
                Ok(())
            }),
            floor: "once",
            bare: Box::new(|| {
                std::hint::black_box(spin(100_000));
                Ok(())
            }),
        };
        let args = RoundArgs { rounds: 5, millis: 5 };
        let told = measure(vec![piece], &args).unwrap();
        let [told] = told.as_slice() else { panic!("{told:?}") };
        assert!(told.ratio > 0.3 && told.ratio < 0.8, "{told:?}");
        assert!(told.per_second > 0.0 && told.floor_per_second > told.per_second, "{told:?}");
        assert!(measure(Vec::new(), &RoundArgs { rounds: 0, millis: 5 }).is_err());
    }

    #[test]
    fn work_that_fails_ends_the_measurement() {
        let piece = Piece {
            name: "fails",
            counted: "turns",
            count: 1,
            work: Box::new(|| anyhow::bail!("it broke")),
            floor: "nothing",
            bare: Box::new(|| Ok(())),
        };
        let told = measure(vec![piece], &RoundArgs { rounds: 1, millis: 1 });
        assert_eq!(told.unwrap_err().to_string(), "it broke");
    }
}
