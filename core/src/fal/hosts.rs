//! Which addresses a key may be sent to, and which pictures may be fetched. The checks of follow-up URLs live here; when
//! they are used is [`super::wire`]'s business.

use super::address::{self, Address, Host, Refusal};
use super::endpoint::Endpoint;
use crate::ErrorCode;

/// Longest URL that is kept, in bytes.
const MAX_URL: usize = 2048;

/// The queue's origin. A key goes there and nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hosts {
    /// Scheme, host and port with the path `/`.
    queue: Address,
}

/// The text cannot be the address of FAL or of a stand-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// Plain HTTP to something other than this machine, or another scheme.
    #[error("FAL's address must be https://, or http:// to a loopback address")]
    Insecure,
    /// Not an absolute URL, or one with more than scheme, host and port.
    #[error("FAL's address must be scheme://host[:port] and nothing else")]
    Malformed,
}

impl HostError {
    /// Always [`ErrorCode::FalHostRefused`].
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        ErrorCode::FalHostRefused
    }
}

impl Hosts {
    /// FAL itself: `https://queue.fal.run`.
    #[must_use]
    pub fn fal() -> Self {
        Self { queue: Address::parse("https://queue.fal.run").expect("a constant URL") }
    }

    /// A stand-in or a proxy at `base_url`, `scheme://host[:port]`. Its pictures may be plain HTTP when it is loopback.
    ///
    /// # Errors
    /// [`HostError`] for anything but `https`, or `http` to `127.0.0.0/8`, `[::1]` or `localhost`.
    pub fn at(base_url: &str) -> Result<Self, HostError> {
        let queue = Address::parse(base_url).map_err(|refusal| match refusal {
            Refusal::Scheme => HostError::Insecure,
            Refusal::Form => HostError::Malformed,
        })?;
        if !secure(&queue, true) {
            return Err(HostError::Insecure);
        }
        if queue.rest() == "/" { Ok(Self { queue }) } else { Err(HostError::Malformed) }
    }

    /// Whether requests stay on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.queue)
    }

    /// The queue's origin, `scheme://host[:port]` without a slash at the end.
    #[must_use]
    pub fn queue(&self) -> &str {
        self.queue.as_str().trim_end_matches('/')
    }

    /// Where `endpoint` is submitted, with the webhook FAL shall call.
    pub(crate) fn submit_url(&self, endpoint: &Endpoint, webhook: Option<&str>) -> String {
        let url = format!("{}/{}", self.queue(), endpoint.as_str());
        match webhook {
            Some(webhook) => url + "?fal_webhook=" + &address::form_encoded(webhook),
            None => url,
        }
    }

    /// The address of a request, under which status, result and cancel live. `request_id` is a safe token.
    pub(crate) fn request_url(&self, endpoint: &Endpoint, request_id: &str) -> String {
        format!("{}/{}/requests/{request_id}", self.queue(), endpoint.app())
    }

    /// `text` in normal form, if it is `request_url` itself or lies under it. The comparison is of normalised text from
    /// the first character on, so scheme, user info, host, port and path are all covered by it.
    pub(crate) fn pin(text: &str, request_url: &str) -> Option<String> {
        let url = short(text)?;
        let rest = url.as_str().strip_prefix(request_url)?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-');
        let under = (rest.is_empty() || rest.starts_with('/')) && rest.bytes().all(plain);
        under.then(|| url.into())
    }

    /// Where the keys are published that FAL signs its webhooks with. No key of ours is sent there.
    pub(crate) fn webhook_keys_url(&self) -> String {
        let origin = if self.is_loopback() { self.queue() } else { "https://rest.fal.ai" };
        format!("{origin}/.well-known/jwks.json")
    }

    /// Whether a key may be sent to `url`: the queue's origin, no user info.
    pub(crate) fn takes_key(&self, url: &str) -> bool {
        Address::parse(url).is_ok_and(|url| url.as_str().starts_with(self.queue.as_str()))
    }

    /// A picture's address in normal form, if it may be fetched: `https` (or `http` within this machine, when FAL is
    /// played there), at most 2,048 bytes, no user info.
    #[must_use]
    pub fn picture_url(&self, text: &str) -> Option<String> {
        let url = short(text)?;
        secure(&url, self.is_loopback()).then(|| url.into())
    }

    /// Whether a server may copy a picture from `text`, which others can choose: from FAL's CDN, `https` on its usual
    /// port, at `fal.media`, a name below it, or `storage.googleapis.com/falserverless/`; when FAL is played on this
    /// machine, from there and nowhere else.
    #[must_use]
    pub fn may_fetch_picture(&self, text: &str) -> bool {
        let Some(url) = short(text).filter(|url| secure(url, self.is_loopback())) else { return false };
        if self.is_loopback() {
            return url.origin() == self.queue.origin();
        }
        let Host::Name(name) = url.host() else { return false };
        let of_fal = name == "fal.media" || name.ends_with(".fal.media");
        let older = name == "storage.googleapis.com" && url.rest().starts_with("/falserverless/");
        url.is_on_usual_port() && (of_fal || older)
    }
}

/// An address that is not too long, as it came and in normal form.
fn short(text: &str) -> Option<Address> {
    let url = Some(text).filter(|text| text.len() <= MAX_URL).and_then(|text| Address::parse(text).ok());
    url.filter(|url| url.as_str().len() <= MAX_URL)
}

fn secure(url: &Address, plain_loopback: bool) -> bool {
    url.is_https() || (plain_loopback && is_loopback(url))
}

fn is_loopback(url: &Address) -> bool {
    match url.host() {
        Host::Name(name) => name == "localhost",
        Host::V4(address) => address.is_loopback(),
        Host::V6Loopback => true,
    }
}

#[cfg(test)]
mod tests {
    use super::{HostError, Hosts};

    #[test]
    fn only_https_or_this_machine_plays_fal() {
        let cases = [
            ("https://fal.example", Ok("https://fal.example")),
            ("https://fal.example:8443/", Ok("https://fal.example:8443")),
            ("https://fal.example:443", Ok("https://fal.example")),
            ("http://127.0.0.1:9000", Ok("http://127.0.0.1:9000")),
            ("http://127.9.9.9", Ok("http://127.9.9.9")),
            ("http://[::1]:1", Ok("http://[::1]:1")),
            ("http://localhost:1", Ok("http://localhost:1")),
            ("http://fal.example", Err(HostError::Insecure)),
            ("http://localhost.example", Err(HostError::Insecure)),
            ("http://10.0.0.1", Err(HostError::Insecure)),
            ("file:///tmp", Err(HostError::Insecure)),
            ("https://user@fal.example", Err(HostError::Malformed)),
            ("https://fal.example/queue", Err(HostError::Malformed)),
            ("https://fal.example/?a", Err(HostError::Malformed)),
            ("https://fal.example/#a", Err(HostError::Malformed)),
            ("fal.example", Err(HostError::Malformed)),
        ];
        for (text, wanted) in cases {
            let got = Hosts::at(text);
            assert_eq!(got.as_ref().map(Hosts::queue).map_err(|error| *error), wanted, "{text}");
        }
    }

    #[test]
    fn pictures_are_https_unless_fal_is_played_on_this_machine() {
        let long = format!("https://v3.fal.media/{}", "a".repeat(2048));
        let sim = Hosts::at("http://127.0.0.1:9000").unwrap();
        let cases = [
            ("https://v3.fal.media/files/a/b.png", true, true),
            ("http://127.0.0.1:9001/b.png", false, true),
            ("http://v3.fal.media/b.png", false, false),
            ("https://me:pw@v3.fal.media/b.png", false, false),
            ("data:image/png;base64,AAAA", false, false),
            ("ftp://v3.fal.media/b.png", false, false),
            ("//v3.fal.media/b.png", false, false),
            ("", false, false),
            (&long, false, false),
        ];
        for (text, at_fal, at_sim) in cases {
            assert_eq!(Hosts::fal().picture_url(text).is_some(), at_fal, "{text}");
            assert_eq!(sim.picture_url(text).is_some(), at_sim, "{text}");
        }
    }

    #[test]
    fn pictures_are_copied_from_fal_s_hosts_alone() {
        let sim = Hosts::at("http://127.0.0.1:9000").unwrap();
        let proxy = Hosts::at("https://fal.example").unwrap();
        let cases = [
            ("https://v3.fal.media/files/a/b.png", true, false),
            ("https://V3B.FAL.MEDIA:443/files/b/c.png", true, false),
            ("https://fal.media/files/a.png", true, false),
            ("https://storage.googleapis.com/falserverless/a.png", true, false),
            ("https://storage.googleapis.com/falserverless/../other/a.png", false, false),
            ("https://storage.googleapis.com/other/a.png", false, false),
            ("https://notfal.media/a.png", false, false),
            ("https://fal.media.example/a.png", false, false),
            ("https://v3.fal.media./a.png", false, false),
            ("https://v3.fal.media:8443/a.png", false, false),
            ("https://me@v3.fal.media/a.png", false, false),
            ("http://v3.fal.media/a.png", false, false),
            ("https://fal.example/a.png", false, false),
            ("https://169.254.169.254/latest", false, false),
            ("https://[::1]/a.png", false, false),
            ("http://127.0.0.1:9000/files/a.png", false, true),
            ("http://127.0.0.1:9001/files/a.png", false, false),
            ("http://localhost:9000/files/a.png", false, false),
            ("https://127.0.0.1:9000/files/a.png", false, false),
            ("file:///etc/passwd", false, false),
            ("", false, false),
        ];
        for (text, at_fal, at_sim) in cases {
            assert_eq!(Hosts::fal().may_fetch_picture(text), at_fal, "{text}");
            assert_eq!(proxy.may_fetch_picture(text), at_fal, "{text}");
            assert_eq!(sim.may_fetch_picture(text), at_sim, "{text}");
        }
    }
}
