//! Choices: from a seed, the same each time, or from a fuzzer's bytes.

/// A source of choices.
#[derive(Debug)]
pub enum Dice<'b> {
    /// Splitmix64 from this state.
    Seeded(u64),
    /// Each choice takes two bytes; after the last all are 0.
    Bytes(&'b [u8]),
}

impl Dice<'_> {
    fn next(&mut self) -> u64 {
        match self {
            Self::Seeded(state) => {
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut out = *state;
                out = (out ^ (out >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                out = (out ^ (out >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                out ^ (out >> 31)
            }
            Self::Bytes(rest) => {
                let (taken, tail) = rest.split_at(rest.len().min(2));
                *rest = tail;
                taken.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
            }
        }
    }

    /// A number below a limit that is not 0.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).expect("a small number")).expect("below a usize")
    }

    /// True once in so many.
    pub fn once_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    /// One of these.
    pub fn pick<'l, T>(&mut self, list: &'l [T]) -> &'l T {
        &list[self.below(list.len())]
    }

    /// A number at, just below or just above this one.
    pub fn near(&mut self, edge: i64) -> i64 {
        edge.saturating_add(*self.pick(&[0, -1, 1, -60, 60]))
    }
}
