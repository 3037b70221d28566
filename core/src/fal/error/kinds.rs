//! The error types FAL documents (docs.fal.ai/errors, read 2026): the only words of its errors that are handed on.

use crate::ErrorCode;

/// A documented error type.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// FAL's word.
    pub(crate) name: &'static str,
    /// Whether the same input may succeed later.
    pub(crate) retryable: bool,
    /// What it means, in our words.
    pub(crate) message: &'static str,
    /// The code, where the HTTP status would mislead.
    pub(crate) code: Option<ErrorCode>,
}

impl Kind {
    /// The type of that name, if FAL documents it.
    pub(crate) fn find(name: &str) -> Option<&'static Self> {
        KINDS.iter().find(|kind| kind.name == name)
    }
}

const fn refused(name: &'static str, message: &'static str) -> Kind {
    Kind { name, retryable: false, message, code: None }
}

const fn passing(name: &'static str, message: &'static str) -> Kind {
    Kind { name, retryable: true, message, code: Some(ErrorCode::FalUnavailable) }
}

const fn canceled(name: &'static str, message: &'static str) -> Kind {
    Kind { name, retryable: false, message, code: Some(ErrorCode::FalCanceled) }
}

static KINDS: &[Kind] = &[
    // The model failed.
    passing("internal_server_error", "the model failed"),
    passing("generation_timeout", "the model took too long"),
    passing("downstream_service_error", "a service the model needs failed"),
    passing("downstream_service_unavailable", "a service the model needs is not available"),
    // The model refuses.
    refused("content_policy_violation", "the content policy forbids it"),
    refused("no_media_generated", "nothing was generated"),
    refused("face_detection_error", "no usable face was found"),
    refused("feature_not_supported", "the model does not support this combination"),
    refused("image_too_small", "the image is too small"),
    refused("image_too_large", "the image is too large"),
    refused("image_load_error", "the image could not be loaded"),
    refused("file_download_error", "the file could not be downloaded"),
    refused("file_too_large", "the file is too large"),
    refused("unsupported_image_format", "the image format is not supported"),
    refused("unsupported_audio_format", "the audio format is not supported"),
    refused("unsupported_video_format", "the video format is not supported"),
    refused("invalid_archive", "the archive cannot be read"),
    refused("archive_file_count_below_minimum", "the archive holds too few files"),
    refused("archive_file_count_exceeds_maximum", "the archive holds too many files"),
    refused("audio_duration_too_short", "the audio is too short"),
    refused("audio_duration_too_long", "the audio is too long"),
    refused("video_duration_too_short", "the video is too short"),
    refused("video_duration_too_long", "the video is too long"),
    // The input breaks a rule.
    refused("greater_than", "the value is too small"),
    refused("greater_than_equal", "the value is too small"),
    refused("less_than", "the value is too large"),
    refused("less_than_equal", "the value is too large"),
    refused("multiple_of", "the value is not a multiple of what is asked for"),
    refused("sequence_too_short", "there are too few entries"),
    refused("sequence_too_long", "there are too many entries"),
    refused("one_of", "the value is not among the allowed ones"),
    refused("missing", "a required value is missing"),
    refused("string_type", "the value is not a text"),
    refused("int_parsing", "the value is not an integer"),
    refused("enum", "the value is not among the allowed ones"),
    refused("literal_error", "the value is not among the allowed ones"),
    refused("json_invalid", "the body is not valid JSON"),
    refused("bad_request", "the request is malformed"),
    // FAL's machinery failed.
    passing("request_timeout", "the request took too long"),
    passing("startup_timeout", "the model took too long to start"),
    passing("runner_scheduling_failure", "no machine was free"),
    passing("runner_connection_timeout", "the model's machine did not answer"),
    passing("runner_disconnected", "the model's machine went away"),
    passing("runner_connection_refused", "the model's machine refused the connection"),
    passing("runner_connection_error", "the model's machine could not be reached"),
    passing("runner_incomplete_response", "the model's answer was cut off"),
    passing("runner_server_error", "the model's machine failed"),
    passing("internal_error", "FAL failed"),
    // Somebody gave up.
    canceled("client_disconnected", "the caller went away"),
    canceled("client_cancelled", "the caller canceled it"),
];

#[cfg(test)]
mod tests {
    use super::{KINDS, Kind};
    use std::collections::HashSet;

    #[test]
    fn names_are_unique_and_nothing_else_is_known() {
        let names: HashSet<_> = KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(names.len(), KINDS.len());
        assert!(KINDS.iter().all(|kind| Kind::find(kind.name) == Some(kind)));
        assert_eq!(Kind::find("sk_secret"), None);
        assert_eq!(Kind::find("Missing"), None);
    }
}
