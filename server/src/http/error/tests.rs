use super::{ApiError, ApiErrorKind, Error, Problem, RecordsError};
use crate::store::StoreError;
use http::StatusCode;
use http_body_util::BodyExt;
use std::collections::BTreeMap;
use std::time::Duration;

async fn answer(error: impl Into<Error>) -> (u16, Option<String>, String) {
    let response = error.into().into_response();
    let status = response.status().as_u16();
    let retry_after = response.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, retry_after, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn custom_errors_read_as_the_clients_know_them() {
    let rows = [
        (ApiError::validation("no"), 400, r#"{"error":"validation_error","message":"no"}"#),
        (ApiError::authentication("no"), 401, r#"{"error":"authentication_error","message":"no"}"#),
        (ApiError::new(ApiErrorKind::BudgetExceeded, "no"), 402, r#"{"error":"budget_exceeded","message":"no"}"#),
        (
            ApiError::authorization("no").with_details(serde_json::json!({"custody": ["direct"]})),
            403,
            r#"{"error":"authorization_error","message":"no","details":{"custody":["direct"]}}"#,
        ),
        (ApiError::not_found("no"), 404, r#"{"error":"not_found","message":"no"}"#),
        (ApiError::conflict("no"), 409, r#"{"error":"conflict","message":"no"}"#),
        (ApiError::too_large(), 413, r#"{"error":"validation_error","message":"Request body too large"}"#),
        (
            ApiError::external("no", serde_json::json!({"retryable": true})),
            502,
            r#"{"error":"external_error","message":"no","details":{"retryable":true}}"#,
        ),
    ];
    for (error, status, body) in rows {
        assert_eq!(answer(error).await, (status, None, body.to_owned()));
    }
}

#[tokio::test]
async fn records_errors_read_as_pocketbases() {
    let missing = r#"{"data":{},"message":"The requested resource wasn't found.","status":404}"#;
    assert_eq!(answer(RecordsError::not_found()).await, (404, None, missing.to_owned()));
    let params = serde_json::json!({"min": 15}).as_object().unwrap().clone();
    let problem = Problem { code: "validation_x", message: "X.".into(), params };
    let error = RecordsError::fields("Failed to create record.", BTreeMap::from([("id", problem)]));
    let body = r#"{"data":{"id":{"code":"validation_x","message":"X.","params":{"min":15}}},"message":"Failed to create record.","status":400}"#;
    assert_eq!(answer(error).await, (400, None, body.to_owned()));
}

#[tokio::test]
async fn waiting_is_told_in_whole_seconds() {
    let body = r#"{"error":"rate_limit_error","message":"Too many attempts, try again later"}"#;
    for (wait, seconds) in [(0, "1"), (1, "1"), (1000, "1"), (1001, "2"), (900_000, "900")] {
        let error = ApiError::too_many_attempts(Duration::from_millis(wait));
        assert_eq!(answer(error).await, (429, Some(seconds.to_owned()), body.to_owned()));
    }
    let body = r#"{"data":{},"message":"Too many attempts, try again later.","status":429}"#;
    let error = RecordsError::too_many_attempts(Duration::from_secs(4));
    assert_eq!(answer(error).await, (429, Some("4".to_owned()), body.to_owned()));
}

#[tokio::test]
async fn causes_stay_inside() {
    let custom = r#"{"error":"internal_error","message":"Something went wrong while processing your request."}"#;
    let records = r#"{"data":{},"message":"Something went wrong while processing your request.","status":500}"#;
    let cause = || StoreError::Backend("disk I/O error in /srv/private".to_owned());
    assert_eq!(answer(ApiError::from(cause())).await, (500, None, custom.to_owned()));
    assert_eq!(answer(RecordsError::from(cause())).await, (500, None, records.to_owned()));
    assert_eq!(answer(Error::internal_at("/api/custom/status", "panic")).await.2, custom);
    assert_eq!(answer(Error::internal_at("/api/health", "panic")).await.2, records);
}

#[test]
fn codes_are_the_documented_ones() {
    let mut codes: Vec<_> = ApiErrorKind::ALL.iter().map(|kind| kind.status_and_code().1).collect();
    codes.sort_unstable();
    codes.dedup();
    let documented = [
        "authentication_error",
        "authorization_error",
        "budget_exceeded",
        "conflict",
        "external_error",
        "internal_error",
        "not_found",
        "rate_limit_error",
        "validation_error",
    ];
    assert_eq!(codes, documented);
    assert!(ApiErrorKind::ALL.iter().all(|kind| kind.status_and_code().0 != StatusCode::OK));
}
