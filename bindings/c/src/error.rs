//! What a failure has to say beyond its status.

use crate::boundary::{free, look, part};
use crate::status::Status;
use crate::text::{Text, View};
use generatio_core::catalog::{CatalogError, Problems};
use generatio_core::fal::webhook::WebhookError;
use generatio_core::fal::{FalError, SubmitError};

/// What a failure has to say beyond its status: a message, problems with their places, what FAL answered.
#[derive(Clone)]
pub struct Failure {
    pub(crate) status: Status,
    message: Text,
    problems: Vec<Problem>,
    line: u64,
    column: u64,
    fal_status: u16,
    error_type: Text,
    retryable: bool,
    retry_after_ms: Option<i64>,
    may_have_been_taken: bool,
    request_id: Text,
}

#[derive(Clone)]
struct Problem {
    status: Status,
    path: Text,
    message: Text,
}

impl Failure {
    pub(crate) fn new(status: Status, message: &str) -> Self {
        Self {
            status,
            message: Text::new(message),
            problems: Vec::new(),
            line: 0,
            column: 0,
            fal_status: 0,
            error_type: Text::new(""),
            retryable: false,
            retry_after_ms: None,
            may_have_been_taken: false,
            request_id: Text::new(""),
        }
    }

    /// The caller aborted; `taken`: FAL may have taken what was being submitted.
    pub(crate) fn aborted(taken: bool) -> Self {
        Self { may_have_been_taken: taken, ..Self::from(Status::Aborted) }
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::new(status, &status.message().to_string_lossy())
    }
}

impl From<&Problems> for Failure {
    fn from(problems: &Problems) -> Self {
        let all = problems.iter().map(|problem| Problem {
            status: problem.code.into(),
            path: Text::new(&problem.path),
            message: Text::new(&problem.message),
        });
        Self { problems: all.collect(), ..Self::new(problems.first().code.into(), &problems.to_string()) }
    }
}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Self {
        let place = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        let (line, column) = (place(error.line()), place(error.column()));
        Self { line, column, ..Self::new(error.code().into(), &error.to_string()) }
    }
}

impl From<FalError> for Failure {
    fn from(error: FalError) -> Self {
        let status = Status::from(error.code());
        let problem = |problem: &generatio_core::fal::InputProblem| Problem {
            status,
            path: Text::new(&problem.path),
            message: Text::new(&problem.message),
        };
        Self {
            problems: error.problems().iter().map(problem).collect(),
            fal_status: error.fal_status().unwrap_or(0),
            error_type: Text::new(error.error_type().unwrap_or_default()),
            retryable: error.retryable(),
            retry_after_ms: error.retry_after().map(|pause| i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)),
            ..Self::new(status, &error.to_string())
        }
    }
}

impl From<SubmitError> for Failure {
    fn from(error: SubmitError) -> Self {
        let message = Text::new(&error.to_string());
        let (error, taken) = match error {
            SubmitError::NotTaken(error) => (error, false),
            SubmitError::Unknown(error) => (error, true),
        };
        Self { message, may_have_been_taken: taken, ..Self::from(error) }
    }
}

impl From<WebhookError> for Failure {
    fn from(error: WebhookError) -> Self {
        let request_id = match &error {
            WebhookError::Expired { request_id } => Text::new(request_id),
            _ => Text::new(""),
        };
        Self { request_id, ..Self::new(error.code().into(), &error.to_string()) }
    }
}

/// The status that the failing function gave back. `GENERATIO_OK` for NULL. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_status(error: *const Failure) -> u32 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| error.status.number()) }
}

/// What went wrong, in English; it holds no secret. Lent until the error is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_message(error: *const Failure) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| error.message.view()) }
}

/// How many single problems there are: of a request that was checked, or of an input that FAL refused. Any thread; does
/// not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_problem_count(error: *const Failure) -> usize {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| error.problems.len()) }
}

/// The status of a problem, from 0 to the count; `GENERATIO_OK` beyond. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_problem_status(error: *const Failure, index: usize) -> u32 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| error.problems.get(index).map_or(0, |problem| problem.status.number())) }
}

/// What a problem is about, such as "parameters.image_size.width"; empty when it is not said. Lent until the error is
/// freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_problem_path(error: *const Failure, index: usize) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| part(&error.problems, index, |problem| problem.path.view())) }
}

/// A problem in words. Those of FAL may quote the input: show them to the user whose input it is, and do not log them.
/// Lent until the error is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_problem_message(error: *const Failure, index: usize) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| part(&error.problems, index, |problem| problem.message.view())) }
}

/// The line of the fault in a catalog's file, from 1; 0 for other errors. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_line(error: *const Failure) -> u64 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| error.line) }
}

/// The column of the fault in a catalog's file, in characters from 1; 0 for other errors. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_column(error: *const Failure) -> u64 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| error.column) }
}

/// The HTTP status that FAL answered with; 0 if it did not answer. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_fal_status(error: *const Failure) -> u16 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| error.fal_status) }
}

/// FAL's own type of the error, such as "content_policy_violation", if it is a documented one; else empty. Lent until
/// the error is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_fal_type(error: *const Failure) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| error.error_type.view()) }
}

/// Whether asking again later, with the same input, can help. Never true for a submit that FAL may have taken. Any
/// thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_retryable(error: *const Failure) -> bool {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| error.retryable) }
}

/// How long FAL asked to wait, in milliseconds; -1 if it did not. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_retry_after_ms(error: *const Failure) -> i64 {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| error.retry_after_ms) }.unwrap_or(-1)
}

/// Whether a submit failed in a way that leaves open whether FAL took it: it may be charged, and must not be submitted
/// again without asking. Any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_may_have_been_taken(error: *const Failure) -> bool {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| error.may_have_been_taken) }
}

/// The request that FAL signed a webhook for which came too late (`GENERATIO_WEBHOOK_EXPIRED`), worth a look at its
/// status; else empty. Lent until the error is freed; any thread; does not block.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_request_id(error: *const Failure) -> View {
    // SAFETY: the caller keeps to the conventions.
    unsafe { look(error, |error| error.request_id.view()) }
}

/// Frees an error; NULL is fine. No view of it may be used afterwards.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn generatio_error_free(error: *mut Failure) {
    // SAFETY: the caller keeps to the conventions.
    unsafe { free(error) }
}
