//! Named points on a job's way where a test may bring it to a halt, to kill the process exactly there. With the feature
//! `fault-points`, `GENERATIO_FAULT_POINT` names the one that every job stops at; without it, nothing of this is built.

#[cfg(all(feature = "fault-points", not(debug_assertions)))]
compile_error!("fault points are for tests: a release build must not stop at them");

/// Where a job can stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FaultPoint {
    /// It is written down that FAL may know of the job, and nothing was sent.
    BeforeSubmit,
    /// FAL has taken it, and its request id is not written down.
    AfterSubmit,
    /// FAL has it under a recorded request id.
    WhileWaiting,
    /// The result is here, and not stored.
    AfterResult,
    /// Pictures and charge are stored, and nobody was told.
    AfterCommit,
}

/// Stops here for ever, and says so on stderr, when this is the point that was asked for.
#[cfg(feature = "fault-points")]
pub(crate) async fn reach(point: FaultPoint) {
    let asked = std::env::var("GENERATIO_FAULT_POINT");
    if asked.is_ok_and(|name| name == point.name()) {
        eprintln!("fault point {}", point.name());
        std::future::pending::<()>().await;
    }
}

/// Goes on.
#[cfg(not(feature = "fault-points"))]
pub(crate) async fn reach(_: FaultPoint) {}

#[cfg(feature = "fault-points")]
impl FaultPoint {
    const fn name(self) -> &'static str {
        match self {
            Self::BeforeSubmit => "before_submit",
            Self::AfterSubmit => "after_submit",
            Self::WhileWaiting => "while_waiting",
            Self::AfterResult => "after_result",
            Self::AfterCommit => "after_commit",
        }
    }
}
