//! What a client says of a result, held against what FAL could have said. Core reads it as it reads FAL's own answers.

use crate::http::error::ApiError;
use crate::jobs::Report;
use crate::openapi::shapes;
use generatio_core::cost::Units;
use generatio_core::fal::transport::Answer;
use generatio_core::fal::wire::read_result;
use generatio_core::fal::{FalError, Hosts};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Number, json};

/// The most pictures of one request that FAL was ever seen to give.
const MAX_IMAGES: usize = 64;
/// The most pixels of a side.
const MAX_SIDE: u32 = 65_536;
/// The longest media type, in characters.
const MAX_CONTENT_TYPE: usize = 100;
/// The longest type of an error, in characters.
const MAX_TYPE: usize = 100;
/// The one type that is not FAL's: FAL finished the request, and has the result no longer.
const EXPIRED: &str = "result_expired";
/// The longest message of an error, in characters.
const MAX_MESSAGE: usize = 1000;
/// The longest text of billable units, in characters.
const MAX_UNITS: usize = 40;

/// `{images, seed?, billable_units?}` or `{error}`.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "DirectResult")]
pub(crate) struct Body {
    #[schemars(length(min = 1, max = MAX_IMAGES))]
    images: Option<Vec<Image>>,
    #[schemars(with = "Option<shapes::Integer>")]
    seed: Option<Number>,
    /// FAL's header of this name, as text or number.
    #[schemars(with = "Option<shapes::Decimal>")]
    billable_units: Option<Box<RawValue>>,
    error: Option<Failure>,
}

/// One picture; what else FAL says of it is not ours to keep.
#[derive(Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "DirectImage")]
struct Image {
    #[schemars(url)]
    url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = MAX_SIDE))]
    width: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = MAX_SIDE))]
    height: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = MAX_CONTENT_TYPE))]
    content_type: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "DirectFailure")]
struct Failure {
    #[serde(rename = "type")]
    #[schemars(regex(pattern = r"^[A-Za-z0-9_.-]{0,100}$"))]
    kind: Option<String>,
    #[schemars(length(max = MAX_MESSAGE))]
    message: Option<String>,
    /// FAL's HTTP status.
    #[schemars(range(min = 400, max = 599))]
    status: Option<u16>,
}

impl Body {
    /// The report, if FAL could have said so.
    pub(super) fn read(self, hosts: &Hosts) -> Result<Report, ApiError> {
        // Whatever they stand beside.
        if self.seed.as_ref().is_some_and(|seed| !(seed.is_i64() || seed.is_u64())) {
            return Err(ApiError::validation("The seed must be an integer"));
        }
        let units = self.billable_units.as_deref().map(units).transpose()?.flatten();
        match (self.images, self.error) {
            (Some(images), None) => output(hosts, images, self.seed, units),
            (None, Some(error)) => error.read(hosts),
            _ => Err(ApiError::validation("Send either images or an error")),
        }
    }
}

fn output(hosts: &Hosts, images: Vec<Image>, seed: Option<Number>, units: Option<String>) -> Result<Report, ApiError> {
    if images.is_empty() || images.len() > MAX_IMAGES {
        return Err(ApiError::validation("A result has 1 to 64 images, and no more than were asked for"));
    }
    let images = images.into_iter().enumerate().map(|(at, image)| image.check(hosts, at));
    let images: Vec<Image> = images.collect::<Result<_, _>>()?;
    let headers = units.map(|units| ("x-fal-billable-units".to_owned(), units)).into_iter().collect();
    let body = json!({ "images": images, "seed": seed }).to_string().into_bytes();
    let read = read_result(hosts, &Answer { status: 200, headers, body });
    read.map(Report::Output).map_err(|error| ApiError::internal(format!("checked, and not read: {error}")))
}

impl Image {
    fn check(mut self, hosts: &Hosts, at: usize) -> Result<Self, ApiError> {
        let sides = [&mut self.width, &mut self.height];
        let wide = sides.iter().any(|side| side.is_some_and(|side| side > MAX_SIDE));
        let long = self.content_type.as_ref().is_some_and(|text| text.chars().count() > MAX_CONTENT_TYPE);
        if wide || long || !hosts.may_fetch_picture(&self.url) {
            let problem = format!("images[{at}] is no picture of FAL's: its url, its size or its type cannot be");
            return Err(ApiError::validation(problem));
        }
        // FAL's way to say that it does not know.
        sides.into_iter().for_each(|side| *side = side.filter(|side| *side > 0));
        Ok(self)
    }
}

/// The header's text, which a client may have made a number of.
fn units(given: &RawValue) -> Result<Option<String>, ApiError> {
    let text = match serde_json::from_str::<String>(given.get()) {
        Ok(text) => text.trim().to_owned(),
        Err(_) if given.get() == "null" => return Ok(None),
        Err(_) => given.get().to_owned(),
    };
    match Units::parse(&text) {
        Ok(_) if text.len() <= MAX_UNITS => Ok(Some(text)),
        _ => Err(ApiError::validation("The billable_units must be a decimal such as 1.0, as FAL's header has it")),
    }
}

impl Failure {
    fn read(&self, hosts: &Hosts) -> Result<Report, ApiError> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        let named = self.kind.as_ref().is_none_or(|kind| kind.len() <= MAX_TYPE && kind.bytes().all(plain));
        let short = self.message.as_ref().is_none_or(|message| message.chars().count() <= MAX_MESSAGE);
        let failed = self.status.is_none_or(|status| (400..=599).contains(&status));
        if !(named && short && failed) {
            let problem = "The error's type is up to 100 characters of A-Za-z0-9_.-, its message up to 1000 characters, \
                           its status 400 to 599";
            return Err(ApiError::validation(problem));
        }
        if self.kind.as_deref() == Some(EXPIRED) {
            return gone(hosts);
        }
        let error = FalError::reported(self.status, self.kind.as_deref(), self.message.as_deref());
        Ok(Report::Error(error))
    }
}

/// What FAL says in such a case.
fn gone(hosts: &Hosts) -> Result<Report, ApiError> {
    match read_result(hosts, &Answer { status: 404, headers: Vec::new(), body: Vec::new() }) {
        Err(error) => Ok(Report::Expired(error)),
        Ok(_) => Err(ApiError::internal("FAL's 404 is a result")),
    }
}

#[cfg(test)]
mod tests;
