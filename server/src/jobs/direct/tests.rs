use super::verdict;
use crate::store::JobState::{Canceled, Failed, Unknown};
use generatio_core::fal::FalError;

#[test]
fn an_error_is_an_end_only_if_it_says_so() {
    let said = |status, kind, is_attached| verdict(&FalError::reported(status, kind, None), is_attached);
    for (status, kind, at_submit, afterwards) in [
        (None, None, Unknown, Unknown),
        (Some(400), None, Failed, Failed),
        (Some(401), None, Failed, Unknown),
        (Some(403), None, Failed, Unknown),
        (Some(404), None, Failed, Unknown),
        (Some(408), None, Unknown, Unknown),
        (Some(422), None, Failed, Failed),
        (Some(422), Some("content_policy_violation"), Failed, Failed),
        (None, Some("content_policy_violation"), Unknown, Failed),
        (None, Some("no_media_generated"), Unknown, Failed),
        (Some(429), None, Failed, Unknown),
        (Some(499), None, Unknown, Canceled),
        (None, Some("client_cancelled"), Unknown, Canceled),
        (Some(500), None, Unknown, Unknown),
        (Some(500), Some("internal_server_error"), Unknown, Failed),
        (Some(503), None, Unknown, Unknown),
        (Some(504), Some("generation_timeout"), Unknown, Failed),
        (Some(503), Some("of_no_document"), Unknown, Unknown),
    ] {
        let seen = (said(status, kind, false), said(status, kind, true));
        assert_eq!(seen, (at_submit, afterwards), "{status:?} {kind:?}");
    }
}
