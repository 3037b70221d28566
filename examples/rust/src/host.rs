//! What core asks of a program: one HTTP exchange, a clock, and a way to wait. Here: reqwest and tokio.

use generatio_core::Timestamp;
use generatio_core::fal::transport::{Body, Host, Method, Reason, Request, Response, Transport, TransportError};
use generatio_core::time::Clock;
use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The largest picture that is taken.
const MAX_PICTURE: usize = 64 << 20;

/// HTTP by reqwest, time by the system.
pub(crate) struct WebHost(reqwest::Client);

impl WebHost {
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        // reqwest leaves the choice of a cryptography provider to the program; it fails only when one was chosen before.
        _ = rustls::crypto::ring::default_provider().install_default();
        // No redirect: a request goes where core says. No second try: a submit is a purchase.
        let builder = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        builder.retry(reqwest::retry::never()).build().map(Self)
    }

    /// Fetches a picture. Its address is public: no key goes there.
    pub(crate) async fn picture(&self, url: &str) -> Result<Vec<u8>, Box<dyn Error>> {
        let mut answer = self.0.get(url).timeout(Duration::from_secs(60)).send().await?.error_for_status()?;
        let mut picture = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            picture.extend_from_slice(&chunk);
            if picture.len() > MAX_PICTURE {
                return Err("the picture is larger than 64 MiB".into());
            }
        }
        Ok(picture)
    }
}

impl Clock for WebHost {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix_ms(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Host for WebHost {
    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

impl Transport for WebHost {
    type Body = Arriving;

    async fn send(&self, request: Request) -> Result<Response<Arriving>, TransportError> {
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
        };
        let mut builder = self.0.request(method, &request.url).timeout(request.deadline.since(self.now()));
        for header in &request.headers {
            let value = reqwest::header::HeaderValue::from_str(&header.value);
            let mut value = value.map_err(|_| TransportError::NotSent(Reason::Aborted))?;
            value.set_sensitive(header.sensitive);
            builder = builder.header(header.name, value);
        }
        if let Some(body) = request.body {
            builder = builder.body(body);
        }
        let answer = builder.send().await.map_err(|error| failure(&error))?;
        let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        let status = answer.status().as_u16();
        Ok(Response { status, headers, body: Arriving { answer, left: request.max_body } })
    }
}

/// What matters about a failure: can FAL have seen the request?
fn failure(error: &reqwest::Error) -> TransportError {
    if error.is_builder() || error.is_connect() {
        TransportError::NotSent(Reason::Connection)
    } else if error.is_timeout() {
        TransportError::MaybeSent(Reason::Deadline)
    } else {
        TransportError::MaybeSent(Reason::Connection)
    }
}

/// A body on its way.
pub(crate) struct Arriving {
    answer: reqwest::Response,
    left: usize,
}

impl Body for Arriving {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        while let Some(chunk) = self.answer.chunk().await.map_err(|error| failure(&error))? {
            self.left = self.left.checked_sub(chunk.len()).ok_or(TransportError::MaybeSent(Reason::TooLarge))?;
            if !chunk.is_empty() {
                return Ok(Some(chunk.to_vec()));
            }
        }
        Ok(None)
    }
}
