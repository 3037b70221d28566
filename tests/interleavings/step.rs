//! What can happen next.

use crate::dice::Dice;

/// One step of an interleaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Somebody sets a budget or takes it away.
    Budget,
    /// Somebody wants a job of theirs stopped.
    Cancel,
    /// An earlier key comes with another body.
    Contradict,
    /// The server dies where it stands.
    Crash,
    /// Somebody tries the ids of somebody else.
    Foreign,
    /// Somebody orders pictures.
    Generate,
    /// Somebody orders pictures and waits for them.
    GenerateAndWait,
    /// Somebody calls, and goes away before the answer.
    Leave,
    /// Several orders and an earlier one again, all at once.
    Many,
    /// The oldest webhook that is on its way arrives.
    Post,
    /// Some webhook arrives early, or again.
    PostAny,
    /// Somebody reads what is theirs.
    Read,
    /// Somebody's browser reserves a job of its own.
    Record,
    /// Somebody's browser goes on with such a job.
    Report,
    /// Somebody says what came of a job in doubt.
    Resolve,
    /// The server is stopped and started.
    Restart,
    /// An earlier order is sent again.
    Retry,
    /// Somebody starts a session.
    Session,
    /// The server dies, or is stopped, while orders come in.
    Storm,
    /// Nothing, until some job moves.
    Watch,
}

/// How often each happens.
const WEIGHTS: [(usize, Step); 20] = [
    (24, Step::Budget),
    (30, Step::Cancel),
    (12, Step::Contradict),
    (6, Step::Crash),
    (12, Step::Foreign),
    (100, Step::Generate),
    (20, Step::GenerateAndWait),
    (24, Step::Leave),
    (12, Step::Many),
    (50, Step::Post),
    (20, Step::PostAny),
    (20, Step::Read),
    (30, Step::Record),
    (90, Step::Report),
    (24, Step::Resolve),
    (3, Step::Restart),
    (50, Step::Retry),
    (20, Step::Session),
    (6, Step::Storm),
    (20, Step::Watch),
];

impl Step {
    /// The next one.
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        dice.weighted(&WEIGHTS)
    }
}
