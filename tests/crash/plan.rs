//! What is decided before a life: when the server dies in it. All of it follows from one seed.

use generatio_testkit::rng::SeededRng;
use rand_core::Rng as _;
use std::time::Duration;

/// The named points, of `server/src/fault_points.rs`.
pub(crate) const POINTS: [&str; 5] = ["before_submit", "after_submit", "while_waiting", "after_result", "after_commit"];

/// A point is struck at least so often, however short the run.
pub(crate) const LEAST: usize = 6;
/// And in a longer one by each of so many parts of all kills, which leaves half of them to random moments.
const SHARE: usize = 10;
/// Of the random kills, one in so many comes before the server listens.
const STILLBORN: usize = 8;
/// The latest moments, milliseconds: most starts take longer, and most orders are done by then.
const START_MS: u64 = 10;
const LIFE_MS: u64 = 160;

/// When a server is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// As soon as a job has reached this point, where all jobs stop.
    Point(&'static str),
    /// So long after it was started, wherever it is then.
    Starting(Duration),
    /// So long after its users came.
    Running(Duration),
}

/// A moment for each of `kills` lives, in random order.
///
/// # Panics
/// When `kills` is too small for every point to be struck [`LEAST`] times, and as many random moments beside.
pub(crate) fn moments(kills: usize, dice: &mut Dice) -> Vec<Moment> {
    assert!(kills >= 2 * LEAST * POINTS.len(), "{kills} kills are too few");
    let per_point = LEAST.max(kills / SHARE);
    let mut moments: Vec<Moment> =
        POINTS.into_iter().flat_map(|point| std::iter::repeat_n(Moment::Point(point), per_point)).collect();
    for number in moments.len()..kills {
        moments.push(match number % STILLBORN {
            0 => Moment::Starting(dice.duration(START_MS)),
            _ => Moment::Running(dice.duration(LIFE_MS)),
        });
    }
    // Fisher and Yates.
    for last in (1..moments.len()).rev() {
        moments.swap(last, dice.below(last + 1));
    }
    moments
}

/// Numbers that follow from a seed.
#[derive(Debug)]
pub(crate) struct Dice(SeededRng);

impl Dice {
    /// The dice of this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(SeededRng::new(seed))
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("a count fits");
        usize::try_from(self.0.next_u64() % limit).expect("it is below a usize")
    }

    /// Whether one chance in `of` comes true.
    pub(crate) fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    /// Less than so many milliseconds, to the microsecond.
    pub(crate) fn duration(&mut self, limit_ms: u64) -> Duration {
        Duration::from_micros(self.0.next_u64() % (limit_ms * 1000))
    }

    /// One of `choices`.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }
}

#[test]
fn every_point_is_struck_and_as_many_random_moments() {
    for kills in [60, 61, 2000] {
        let moments = moments(kills, &mut Dice::new(1));
        assert_eq!(moments.len(), kills);
        let at = |point| moments.iter().filter(|moment| **moment == Moment::Point(point)).count();
        assert!(POINTS.into_iter().all(|point| at(point) == LEAST.max(kills / 10)));
    }
    assert_eq!(moments(60, &mut Dice::new(7)), moments(60, &mut Dice::new(7)));
    assert_ne!(moments(60, &mut Dice::new(7)), moments(60, &mut Dice::new(8)));
}
