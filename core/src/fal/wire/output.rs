//! Results: what a model made, or why it made nothing.

use crate::ErrorCode;
use crate::fal::error::{Again, ErrorBody, FalError};
use crate::fal::hosts::Hosts;
use crate::fal::transport::Answer;
use crate::json::{self, Fields};
use serde_json::Number;
use serde_json::value::RawValue;

/// Most images of one request.
const MAX_IMAGES: usize = 64;
/// Longest content type kept, in characters.
const MAX_CONTENT_TYPE: usize = 100;
/// Longest text of billable units kept, in characters.
const MAX_UNITS: usize = 40;

/// What a model made.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Output {
    /// The pictures that can be fetched: 1 to 64.
    pub images: Vec<OutputImage>,
    /// The seed that was used, when it is an integer.
    pub seed: Option<Number>,
    /// Whether each picture was flagged, in the order of `images`; shorter or empty when FAL says less.
    pub has_nsfw_concepts: Vec<bool>,
    /// How long the model ran, milliseconds.
    pub inference_ms: Option<u64>,
    /// `x-fal-billable-units` as the model wrote it, at most 40 characters.
    pub billable_units: Option<String>,
}

/// One picture, at FAL.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputImage {
    /// A checked URL, see [`Hosts::picture_url`]. Public: no key is needed there, and none must be sent.
    pub url: String,
    /// Pixels.
    pub width: Option<u32>,
    /// Pixels.
    pub height: Option<u32>,
    /// Media type, as FAL wrote it.
    pub content_type: Option<String>,
    /// Bytes.
    pub file_size: Option<u64>,
}

/// Reads the answer to [`super::result_request`]. Pictures that cannot be fetched (`data:` URLs, foreign schemes, broken
/// entries) are left out, so that the others, which are paid for, are not lost.
///
/// # Errors
/// - [`ErrorCode::FalNoPictures`]: FAL made none.
/// - [`ErrorCode::FalProtocol`]: no picture is left, there are more than 64, or the answer is no output at all.
/// - [`ErrorCode::FalResultExpired`]: FAL has no such result.
/// - Else what the model or FAL says; a request that still runs is a retryable [`ErrorCode::FalUnavailable`].
pub fn read_result(hosts: &Hosts, answer: &Answer) -> Result<Output, FalError> {
    if answer.is_success() { output(hosts, answer) } else { Err(failure(answer)) }
}

fn output(hosts: &Hosts, answer: &Answer) -> Result<Output, FalError> {
    let refused = || FalError::protocol(answer.status);
    // Something on the way may have answered in FAL's place.
    let wire = Fields::read(&answer.body).ok_or_else(|| refused().worth(Again::Always))?;
    let pictures = wire.get("images");
    if json::length(pictures) > MAX_IMAGES {
        return Err(refused());
    }
    let flags = flags(wire.get("has_nsfw_concepts"));
    let entries = json::list(pictures, MAX_IMAGES).ok_or_else(refused)?;
    if entries.is_empty() {
        return Err(refused().with_code(ErrorCode::FalNoPictures));
    }
    let read = entries.into_iter().map(|entry| image(hosts, entry)).enumerate();
    let kept: Vec<(usize, OutputImage)> = read.filter_map(|(at, image)| Some((at, image?))).collect();
    if kept.is_empty() {
        return Err(refused());
    }
    let timings = json::fields(wire.get("timings"));
    Ok(Output {
        has_nsfw_concepts: kept.iter().map_while(|(at, _)| flags.get(*at).copied()).collect(),
        images: kept.into_iter().map(|(_, image)| image).collect(),
        seed: json::number(wire.get("seed")).filter(|seed| seed.is_i64() || seed.is_u64()),
        inference_ms: timings.and_then(|timings| json::seconds_as_ms(timings.get("inference"))),
        billable_units: billable_units(answer),
    })
}

fn image(hosts: &Hosts, entry: &RawValue) -> Option<OutputImage> {
    let wire = json::fields(Some(entry))?;
    let url = json::text(wire.get("url"))?;
    let content_type = json::text(wire.get("content_type"));
    Some(OutputImage {
        url: hosts.picture_url(&url)?,
        width: pixels(wire.get("width")),
        height: pixels(wire.get("height")),
        content_type: content_type.map(|text| json::visible(&text, MAX_CONTENT_TYPE)),
        file_size: json::count(wire.get("file_size")),
    })
}

/// Absent unless all are booleans.
fn flags(raw: Option<&RawValue>) -> Vec<bool> {
    let entries = json::list(raw, usize::MAX).unwrap_or_default();
    let flag = |entry: &RawValue| match entry.get() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    };
    entries.into_iter().map(flag).collect::<Option<_>>().unwrap_or_default()
}

fn pixels(raw: Option<&RawValue>) -> Option<u32> {
    json::count(raw).and_then(|side| u32::try_from(side).ok())
}

fn billable_units(answer: &Answer) -> Option<String> {
    let text = answer.header("x-fal-billable-units")?.trim();
    let good = (1..=MAX_UNITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    good.then(|| text.to_owned())
}

/// A result passes on the model's own status, so a 5xx may be its last word. It is when it carries a documented type; with
/// FAL's request id alone it is probably; without either it comes from something on the way.
fn failure(answer: &Answer) -> FalError {
    let error = FalError::from_answer(answer);
    let body = ErrorBody::read(&answer.body);
    match answer.status {
        400 if body.detail.mentions("still in progress") => {
            error.with_code(ErrorCode::FalUnavailable).worth(Again::Always)
        }
        // A path the app does not have is found out late (see FAL's 404 texts).
        404 if body.detail.begins("path ") || body.detail.begins("application ") => error,
        404 => error.with_code(ErrorCode::FalResultExpired),
        500..=599 if error.error_type().is_some() => error.at_most(Again::Never),
        500..=599 if answer.header("x-fal-request-id").is_some() => error.at_most(Again::Few),
        _ => error,
    }
}
