//! The numbers that stand for choices. They cross the border as `uint32_t`, so that one that is not known here is
//! refused instead of being anything.

use crate::status::Status;
use generatio_core::cost::{Certainty, PriceBook, Unit};
use generatio_core::fal::CancelOutcome;
use generatio_core::session;

/// What a session is for.
#[repr(u32)]
pub enum SessionKind {
    /// A user at a device, for a day.
    Session = 1,
    /// A program, for long.
    ApiKey = 2,
}

/// Whose prices an amount follows.
#[repr(u32)]
pub enum Prices {
    /// The product's catalog.
    Catalog = 1,
    /// What FAL bills.
    Fal = 2,
}

/// How far an amount can be trusted.
#[repr(u32)]
pub enum CertaintyNumber {
    /// Price and units are those of the account.
    Known = 1,
    /// The price, its rounding or the units are the likely ones.
    Estimated = 2,
    /// There is nothing to reckon with; the amount is zero.
    Unpriced = 3,
}

/// What a price is per.
#[repr(u32)]
pub enum UnitNumber {
    /// One image, whatever its size.
    Image = 1,
    /// 1,048,576 pixels of output.
    Megapixel = 2,
    /// A second of computing time, known only afterwards.
    ComputeSecond = 3,
}

/// What a call wants next.
#[repr(u32)]
pub enum Step {
    /// Send the request that `generatio_call_request` lends, as exchange `generatio_call_exchange`, and feed what comes.
    Send = 1,
    /// Feed what has come of the exchange since, as soon as something has; at `generatio_call_wait_until`, ask again
    /// even if nothing has.
    Read = 2,
    /// There is no exchange: ask again at `generatio_call_wait_until`.
    Wait = 3,
    /// It is over: `generatio_call_finish` tells how.
    Done = 4,
}

/// How an exchange ended. What is asked is: can FAL have seen the request? Only where it certainly has not is a paid
/// request sent again.
#[repr(u32)]
pub enum ExchangeEnd {
    /// The body was fed to its end.
    Complete = 0,
    /// The request certainly never left: no connection came about, or this side refused to send.
    NotSent = 1,
    /// The exchange broke off, and the request may have left. When in doubt, it is this.
    MaybeSent = 2,
    /// Its time passed, and the request may have left.
    TimedOut = 3,
    /// The body is larger than `generatio_request_max_body`.
    TooLarge = 4,
    /// The caller cut it off, and the request may have left.
    CutOff = 5,
}

/// Where a request stands at FAL.
#[repr(u32)]
pub enum JobState {
    /// Waiting for a machine.
    Queued = 1,
    /// Running.
    Running = 2,
    /// Over, well or badly; the result tells which.
    Completed = 3,
}

/// What became of a cancel.
#[repr(u32)]
pub enum CancelNumber {
    /// Taken. A request that already runs may finish all the same, and be charged.
    Requested = 1,
    /// Too late: it is finished.
    AlreadyCompleted = 2,
    /// FAL does not know the request.
    NotFound = 3,
}

/// What a webhook brings.
#[repr(u32)]
pub enum DeliveryOutcome {
    /// The pictures: `generatio_delivery_output`.
    Pictures = 1,
    /// There are none, and why: `generatio_delivery_error`.
    Failed = 2,
    /// It went well, and the output could not be sent along. Fetching the result may still bring it.
    PayloadLost = 3,
}

pub(crate) fn session_kind(number: u32) -> Result<session::Kind, Status> {
    match number {
        1 => Ok(session::Kind::Session),
        2 => Ok(session::Kind::ApiKey),
        _ => Err(Status::BadArgument),
    }
}

pub(crate) fn price_book(number: u32) -> Option<PriceBook> {
    match number {
        1 => Some(PriceBook::Catalog),
        2 => Some(PriceBook::Fal),
        _ => None,
    }
}

pub(crate) fn certainty(certainty: Certainty) -> u32 {
    match certainty {
        Certainty::Known => CertaintyNumber::Known as u32,
        Certainty::Estimated => CertaintyNumber::Estimated as u32,
        Certainty::Unpriced => CertaintyNumber::Unpriced as u32,
    }
}

pub(crate) fn unit(unit: Unit) -> u32 {
    match unit {
        Unit::Image => UnitNumber::Image as u32,
        Unit::Megapixel => UnitNumber::Megapixel as u32,
        Unit::ComputeSecond => UnitNumber::ComputeSecond as u32,
    }
}

pub(crate) fn cancel(outcome: CancelOutcome) -> u32 {
    match outcome {
        CancelOutcome::Requested => CancelNumber::Requested as u32,
        CancelOutcome::AlreadyCompleted => CancelNumber::AlreadyCompleted as u32,
        CancelOutcome::NotFound => CancelNumber::NotFound as u32,
    }
}
