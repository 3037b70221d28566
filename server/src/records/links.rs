//! Absolute links to files of ours: under the server's public address, else under the one that the asker used.

use crate::http::Request;
use crate::settings::Settings;
use http::header::HOST;
use http::uri::Authority;
use std::net::Ipv6Addr;
use std::sync::Arc;

/// Where the files of pictures are.
pub const PATH: &str = "/api/files/images/";

/// Longest `Host` that a link begins with, in bytes: a name and a port.
const MAX_HOST: usize = 260;

/// What links begin with; nothing, where that is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Shared by all records of an answer.
    base: Option<Arc<str>>,
}

impl Links {
    /// As the asker reached us. A request without a good `Host` leaves it open.
    #[must_use]
    pub fn of(request: &Request) -> Self {
        let host = request.header(HOST.as_str()).filter(|host| is_host(host));
        Self { base: host.map(|host| format!("http://{host}{PATH}").into()) }
    }

    /// The same, unless the operator named an address.
    #[must_use]
    pub fn preferring(&self, settings: &Settings) -> Self {
        let named = settings.public_url.as_deref().map(|url| format!("{}{PATH}", url.trim_end_matches('/')).into());
        let asked = || match &self.base {
            Some(base) if settings.has_tls() => Some(base.replacen("http://", "https://", 1).into()),
            base => base.clone(),
        };
        Self { base: named.or_else(asked) }
    }

    /// The link that ends so; empty where there is no end, or no beginning.
    #[must_use]
    pub fn to(&self, end: &str) -> String {
        match &self.base {
            Some(base) if !end.is_empty() => format!("{base}{end}"),
            _ => String::new(),
        }
    }
}

/// A name or address, perhaps with a port: what may stand in a link without changing where it leads.
fn is_host(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    let good = text.len() <= MAX_HOST && text.bytes().all(plain);
    good && text.parse::<Authority>().is_ok_and(|authority| {
        let host = authority.host();
        let is_named = match host.strip_prefix('[') {
            Some(rest) => rest.strip_suffix(']').is_some_and(|address| address.parse::<Ipv6Addr>().is_ok()),
            None => !host.is_empty() && !host.contains(']'),
        };
        is_named && (text == host || authority.port_u16().is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::Links;
    use crate::http::request::tests::request;
    use crate::settings::Settings;

    #[test]
    fn links_begin_as_the_asker_came() {
        for (host, expected) in [
            ("127.0.0.1:8090", "http://127.0.0.1:8090/api/files/images/a/b.png"),
            ("[::1]:8090", "http://[::1]:8090/api/files/images/a/b.png"),
            ("pictures.example.com", "http://pictures.example.com/api/files/images/a/b.png"),
            ("me@example.com", ""),
            ("example.com/path", ""),
            ("example.com?x", ""),
            ("exa mple.com", ""),
            ("example.com\"><script>", ""),
            ("example.com:port", ""),
            ("example.com:", ""),
            ("example.com:80:80", ""),
            ("example.com:65536", ""),
            ("[::1", ""),
            ("::1]:80", ""),
            ("[]x:80", ""),
            ("a]b", ""),
            (":80", ""),
            ("", ""),
            (&"a".repeat(300), ""),
        ] {
            assert_eq!(Links::of(&request("/", &[("host", host)], "")).to("a/b.png"), expected, "{host}");
        }
        assert_eq!(Links::of(&request("/", &[], "")).to("a/b.png"), "");
        assert_eq!(Links::of(&request("/", &[("host", "a.example")], "")).to(""), "");
    }

    #[test]
    fn the_operator_s_address_wins() {
        let host = Links::of(&request("/", &[("host", "127.0.0.1:8090")], ""));
        let settings = Settings { public_url: Some("https://a.example/pictures/".into()), ..Settings::default() };
        for links in [&host, &Links::default()] {
            assert_eq!(links.preferring(&settings).to("a/b"), "https://a.example/pictures/api/files/images/a/b");
        }
        assert_eq!(host.preferring(&Settings::default()), host);
        let secure = Settings { tls_cert_file: Some("x".into()), ..Settings::default() };
        assert_eq!(host.preferring(&secure).to("a/b"), "https://127.0.0.1:8090/api/files/images/a/b");
    }
}
