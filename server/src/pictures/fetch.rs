//! Fetching a picture: from FAL's hosts alone, wherever they redirect to, at public addresses alone, and no more than
//! fits. No key is ever sent along.

mod names;

use super::MAX_BYTES;
use crate::transport::{self, LateClient};
use bytes::Bytes;
use generatio_core::fal::Hosts;
use names::PublicNames;
use reqwest::header::LOCATION;
use reqwest::{Response, StatusCode, Url};
use std::sync::Arc;
use std::time::Duration;

/// Longest time that one picture may take, redirects included.
const DEADLINE: Duration = Duration::from_secs(120);
/// Most redirects that are followed.
const MAX_REDIRECTS: usize = 3;

/// Where pictures come from.
#[derive(Clone)]
pub(super) struct Source {
    client: LateClient,
    hosts: Hosts,
}

/// Why there is no picture. Says nothing of its address, which is whoever knows it's to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FetchError {
    /// The connection failed, or ended early.
    #[error("the connection failed")]
    Connection,
    /// It is there no more.
    #[error("it is gone")]
    Gone,
    /// It did not come in time.
    #[error("it did not come in time")]
    Late,
    /// Its address, or what that redirects to, is not FAL's.
    #[error("its address is not FAL's")]
    NotFal,
    /// The host answered with this status.
    #[error("status {0}")]
    Status(u16),
    /// It is larger than what is copied.
    #[error("it is too large")]
    TooLarge,
}

impl FetchError {
    /// Whether trying again is of no use.
    pub(super) fn is_final(self) -> bool {
        matches!(self, Self::Gone | Self::NotFal | Self::TooLarge)
    }
}

impl Source {
    /// The source that belongs to FAL at `hosts`.
    pub(super) fn new(hosts: Hosts) -> Self {
        let (is_loopback, is_plain) = (hosts.is_loopback(), hosts.queue().starts_with("http://"));
        let client = LateClient::made_by(move || {
            transport::client(|builder| match (is_loopback, is_plain) {
                (true, true) => builder.tls_certs_only([]),
                (true, false) => builder,
                (false, _) => builder.https_only(true).dns_resolver(Arc::new(PublicNames::system())),
            })
        });
        Self { client, hosts }
    }

    /// The bytes at `url`, at most [`MAX_BYTES`].
    pub(super) async fn fetch(&self, url: &str) -> Result<Bytes, FetchError> {
        let fetching = async { read(self.follow(url).await?).await };
        tokio::time::timeout(DEADLINE, fetching).await.unwrap_or(Err(FetchError::Late))
    }

    async fn follow(&self, url: &str) -> Result<Response, FetchError> {
        let mut url = Url::parse(url).map_err(|_| FetchError::NotFal)?;
        let client = self.client.get().await.map_err(|_| FetchError::Connection)?;
        for _ in 0..=MAX_REDIRECTS {
            if !self.hosts.may_fetch_picture(url.as_str()) {
                return Err(FetchError::NotFal);
            }
            let answer = client.get(url.clone()).send().await.map_err(|_| FetchError::Connection)?;
            match answer.status() {
                StatusCode::OK => return Ok(answer),
                StatusCode::NOT_FOUND | StatusCode::GONE => return Err(FetchError::Gone),
                status => url = redirected(&url, &answer).ok_or(FetchError::Status(status.as_u16()))?,
            }
        }
        Err(FetchError::NotFal)
    }
}

/// Where the answer sends us, if it does (RFC 9110 §15.4).
fn redirected(from: &Url, answer: &Response) -> Option<Url> {
    matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308).then_some(())?;
    from.join(answer.headers().get(LOCATION)?.to_str().ok()?).ok()
}

async fn read(mut answer: Response) -> Result<Bytes, FetchError> {
    let announced = answer.content_length().unwrap_or(0);
    let room = usize::try_from(announced).ok().filter(|room| *room <= MAX_BYTES).ok_or(FetchError::TooLarge)?;
    let mut bytes = Vec::with_capacity(room);
    while let Some(chunk) = answer.chunk().await.map_err(|_| FetchError::Connection)? {
        if chunk.len() > MAX_BYTES - bytes.len() {
            return Err(FetchError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

#[cfg(test)]
mod tests;
