//! Pages that the program makes of what it knows, once for as long as it runs.

use super::{Content, Found, built_in, respond_with};
use crate::http::{Request, Response};
use http::HeaderValue;
use http::header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};

/// A page that was made.
#[derive(Debug)]
pub(crate) struct Made {
    kind: &'static str,
    text: &'static str,
    tag: String,
    policy: Option<HeaderValue>,
}

impl Made {
    /// `text` as a page of this media type, under this policy.
    pub(crate) fn new(kind: &'static str, text: &'static str, policy: Option<HeaderValue>) -> Self {
        Self { kind, text, tag: built_in::tag(text.as_bytes()), policy }
    }

    /// The page, a part of it, or that the asker has it.
    pub(crate) fn answer(&self, request: &Request) -> Response {
        let content = Content::Memory(self.text.as_bytes());
        let found = Found { content, bytes: self.text.len() as u64, tag: self.tag.clone(), compressed: false };
        let mut response = respond_with(request, found);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        if let Some(policy) = &self.policy {
            headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
        }
        response
    }
}
