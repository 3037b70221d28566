//! What the queries of `/api/custom/financial` have in common.

use crate::api::filled;
use crate::clock;
use crate::http::Request;
use crate::http::error::ApiError;
use generatio_core::Timestamp;

/// A span of time: from the first moment, up to and without the second. Each may be open.
pub(super) type Span = (Option<Timestamp>, Option<Timestamp>);

/// A query parameter that is not empty.
pub(super) fn text(request: &Request, name: &str) -> Option<String> {
    filled(request.query(name)).map(String::from)
}

/// `from` and `to`, in RFC 3339.
pub(super) fn span(request: &Request) -> Result<Span, ApiError> {
    let from = moment(request, "from", "The parameter from must be a time in RFC 3339")?;
    let to = moment(request, "to", "The parameter to must be a time in RFC 3339")?;
    if from.zip(to).is_some_and(|(from, to)| from >= to) {
        return Err(ApiError::validation("The parameter from must be earlier than to"));
    }
    Ok((from, to))
}

fn moment(request: &Request, name: &str, refusal: &'static str) -> Result<Option<Timestamp>, ApiError> {
    let given = text(request, name);
    given.map(|text| clock::parse_rfc3339(&text).ok_or(ApiError::validation(refusal))).transpose()
}
