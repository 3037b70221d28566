//! Faults: their names, when they strike, and how often. Carrying them out is the work of whoever answers
//! ([`crate::spoil`] for most).

use clap::ValueEnum;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// Something that goes wrong on request. The name on the command line and in `x_sim` is the variant in snake case,
/// digits set apart: `submit_429`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, ValueEnum)]
pub enum Fault {
    /// Submit refused with 429 and `Retry-After: 1`; not accepted
    #[value(name = "submit_429")]
    Submit429,
    /// Submit refused by the proxy in front, nginx's 503 page; not accepted
    #[value(name = "submit_503")]
    Submit503,
    /// Submit answered by an HTML page with status 200; not accepted
    #[value(name = "submit_html")]
    SubmitHtml,
    /// Connection reset before the submit is accepted
    #[value(name = "submit_reset_before")]
    SubmitResetBefore,
    /// Submit accepted, connection reset instead of an answer
    #[value(name = "submit_reset_after")]
    SubmitResetAfter,
    /// Submit accepted, answer cut off half-way
    #[value(name = "submit_truncated")]
    SubmitTruncated,
    /// Submit accepted, answer never comes
    #[value(name = "submit_stall")]
    SubmitStall,
    /// Status answers 429
    #[value(name = "status_429")]
    Status429,
    /// Status answers 500
    #[value(name = "status_500")]
    Status500,
    /// Status answers 200 with an HTML page
    #[value(name = "status_html")]
    StatusHtml,
    /// Status answer cut off half-way
    #[value(name = "status_truncated")]
    StatusTruncated,
    /// Connection reset instead of a status
    #[value(name = "status_reset")]
    StatusReset,
    /// Status answer never comes
    #[value(name = "status_stall")]
    StatusStall,
    /// Status stream ends after its first event (in the middle of it, if it is the last), as if all were well
    #[value(name = "stream_cut")]
    StreamCut,
    /// Status stream trickles in pieces of five bytes
    #[value(name = "stream_slow")]
    StreamSlow,
    /// Status stream sends every event twice
    #[value(name = "stream_duplicate")]
    StreamDuplicate,
    /// Status stream with comments, unknown fields, CRLF, and an event that is not JSON
    #[value(name = "stream_junk")]
    StreamJunk,
    /// Connection reset after the status stream's first event (in the middle of it, if it is the last)
    #[value(name = "stream_reset")]
    StreamReset,
    /// Status stream falls silent after its first event (in the middle of it, if it is the last)
    #[value(name = "stream_stall")]
    StreamStall,
    /// Status stream answers 404
    #[value(name = "stream_404")]
    Stream404,
    /// Result answers 429
    #[value(name = "result_429")]
    Result429,
    /// Result answers 500
    #[value(name = "result_500")]
    Result500,
    /// Result answers 200 with an HTML page
    #[value(name = "result_html")]
    ResultHtml,
    /// Result cut off half-way
    #[value(name = "result_truncated")]
    ResultTruncated,
    /// Connection reset instead of a result
    #[value(name = "result_reset")]
    ResultReset,
    /// Result never comes
    #[value(name = "result_stall")]
    ResultStall,
    /// The request has expired by the time its result is read, and stays so
    #[value(name = "result_expired")]
    ResultExpired,
    /// Result is a valid JSON object of 256 MiB
    #[value(name = "oversized_result")]
    OversizedResult,
    /// Picture answers 404
    #[value(name = "file_404")]
    File404,
    /// Picture answers 500
    #[value(name = "file_500")]
    File500,
    /// Picture cut off half-way
    #[value(name = "file_truncated")]
    FileTruncated,
    /// Connection reset instead of a picture
    #[value(name = "file_reset")]
    FileReset,
    /// Picture never comes
    #[value(name = "file_stall")]
    FileStall,
    /// The model fails with a 422 of its own; billed 0
    #[value(name = "job_failed_422")]
    JobFailed422,
    /// The model fails with a 500; billed 0
    #[value(name = "job_failed_500")]
    JobFailed500,
    /// The runner is lost: 503 `runner_disconnected`; billed 0
    #[value(name = "job_failed_503")]
    JobFailed503,
    /// Refused by a content checker: 422 `content_policy_violation`; billed 0
    #[value(name = "content_policy")]
    ContentPolicy,
    /// Pictures are black and marked as not safe; billed as usual
    #[value(name = "flagged")]
    Flagged,
    /// Success without any picture; billed 0
    #[value(name = "zero_images")]
    ZeroImages,
    /// Result without `x-fal-billable-units`; billed as usual
    #[value(name = "no_billable_header")]
    NoBillableHeader,
    /// Cancel is acknowledged, and the request runs on to its end
    #[value(name = "cancel_ignored")]
    CancelIgnored,
}

/// The moment a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Submit,
    Status,
    Stream,
    Result,
    File,
    Outcome,
    Cancel,
}

impl Fault {
    /// Reads a fault's name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::from_str(name, false).ok()
    }

    pub(crate) fn phase(self) -> Phase {
        match self {
            Self::Submit429 | Self::Submit503 | Self::SubmitHtml | Self::SubmitResetBefore => Phase::Submit,
            Self::SubmitResetAfter | Self::SubmitTruncated | Self::SubmitStall => Phase::Submit,
            Self::Status429 | Self::Status500 | Self::StatusHtml => Phase::Status,
            Self::StatusTruncated | Self::StatusReset | Self::StatusStall => Phase::Status,
            Self::StreamCut | Self::StreamSlow | Self::StreamDuplicate | Self::StreamJunk => Phase::Stream,
            Self::StreamReset | Self::StreamStall | Self::Stream404 => Phase::Stream,
            Self::Result429 | Self::Result500 | Self::ResultHtml | Self::ResultTruncated => Phase::Result,
            Self::ResultReset | Self::ResultStall | Self::ResultExpired | Self::OversizedResult => Phase::Result,
            Self::File404 | Self::File500 | Self::FileTruncated | Self::FileReset | Self::FileStall => Phase::File,
            Self::JobFailed422 | Self::JobFailed500 | Self::JobFailed503 | Self::ContentPolicy => Phase::Outcome,
            Self::Flagged | Self::ZeroImages | Self::NoBillableHeader => Phase::Outcome,
            Self::CancelIgnored => Phase::Cancel,
        }
    }
}

/// Some faults, and how often each has struck.
#[derive(Debug, Default)]
pub(crate) struct Strikes {
    faults: Vec<Fault>,
    times: u32,
    struck: Mutex<HashMap<Fault, u32>>,
}

impl Strikes {
    /// Each of `faults` strikes `times` times, or always for 0.
    pub(crate) fn new(faults: Vec<Fault>, times: u32) -> Self {
        Self { faults, times, struck: Mutex::default() }
    }

    /// The first fault of `phase` that still has a strike left; uses that strike up.
    pub(crate) fn strike(&self, phase: Phase) -> Option<Fault> {
        self.faults.iter().copied().filter(|fault| fault.phase() == phase).find(|fault| self.spend(*fault))
    }

    /// Whether `fault` is among them and has a strike left; uses that strike up.
    pub(crate) fn take(&self, fault: Fault) -> bool {
        self.faults.contains(&fault) && self.spend(fault)
    }

    fn spend(&self, fault: Fault) -> bool {
        let mut struck = self.struck.lock().unwrap_or_else(PoisonError::into_inner);
        let count = struck.entry(fault).or_default();
        let left = self.times == 0 || *count < self.times;
        *count = count.saturating_add(u32::from(left));
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_snake_case_and_round_trip() {
        for fault in Fault::value_variants() {
            let name = fault.to_possible_value().unwrap().get_name().to_owned();
            assert_eq!(Fault::parse(&name), Some(*fault));
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{name}");
        }
        assert_eq!(Fault::parse("submit-429"), None);
    }

    #[test]
    fn strikes_run_out_unless_they_are_for_ever() {
        let twice = Strikes::new(vec![Fault::Status429], 2);
        let struck: Vec<_> = (0..4).map(|_| twice.strike(Phase::Status).is_some()).collect();
        assert_eq!(struck, [true, true, false, false]);
        assert!(twice.strike(Phase::Result).is_none());

        let always = Strikes::new(vec![Fault::CancelIgnored], 0);
        assert!((0..4).all(|_| always.take(Fault::CancelIgnored)));
        assert!(!always.take(Fault::Flagged));
    }
}
