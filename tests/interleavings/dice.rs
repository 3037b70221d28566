//! Chance that repeats itself.

use generatio_testkit::rng::SeededRng;
use rand_core::TryRng;

/// Draws from the sequence of one seed.
#[derive(Debug)]
pub(crate) struct Dice(SeededRng);

impl Dice {
    /// Begins the sequence of `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        Self(SeededRng::new(seed))
    }

    /// A number below `count`, which is not zero.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let Ok(drawn) = self.0.try_next_u64();
        usize::try_from(drawn % u64::try_from(count).expect("a small number")).expect("a small number")
    }

    /// Whether the unlikely thing of `percent` happens.
    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of them.
    pub(crate) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// One of them, by their weights.
    pub(crate) fn weighted<T: Copy>(&mut self, of: &[(usize, T)]) -> T {
        let mut drawn = self.below(of.iter().map(|(weight, _)| weight).sum());
        for (weight, one) in of {
            match drawn.checked_sub(*weight) {
                None => return *one,
                Some(rest) => drawn = rest,
            }
        }
        unreachable!("what is drawn is below the sum of all weights")
    }

    /// The index of one of the last `recent` of `count`; `None` of none.
    pub(crate) fn recent(&mut self, count: usize, recent: usize) -> Option<usize> {
        (count > 0).then(|| count - 1 - self.below(count.min(recent)))
    }
}
