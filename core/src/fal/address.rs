//! The addresses that FAL uses, in normal form: `http` or `https`, a host in ASCII, and what follows it.
//!
//! A reader of all URLs is a tenth of the npm package, and most of what it can turn into an address is nothing FAL
//! writes. This one takes less: what it accepts, the `url` crate reads as the same address, which the tests check. Case
//! of scheme and host, the usual port, and characters that must be escaped are put right; user info, fragments, dot
//! segments, backslashes, hosts beyond ASCII and unusual spellings of IP addresses are refused.

use std::fmt::Write;
use std::net::Ipv4Addr;

/// Longest host name (RFC 1035).
const MAX_HOST: usize = 253;

/// An absolute address of `http` or `https` in normal form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    text: String,
    /// Where the host begins and ends.
    host: (usize, usize),
    /// Where the path begins.
    rest: usize,
}

/// Why a text is no [`Address`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// Another scheme.
    Scheme,
    /// Not an absolute address, or not one of FAL's form.
    Form,
}

/// Whose address it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Host<'a> {
    /// In lower case.
    Name(&'a str),
    V4(Ipv4Addr),
    /// `[::1]`, the only address of its kind that is taken.
    V6Loopback,
}

impl Address {
    /// `text` in normal form.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let (scheme, after) = text.split_once(':').ok_or(Refusal::Form)?;
        let scheme = scheme.to_ascii_lowercase();
        let usual = match scheme.as_str() {
            "http" => "80",
            "https" => "443",
            other if is_scheme(other) => return Err(Refusal::Scheme),
            _ => return Err(Refusal::Form),
        };
        let after = after.strip_prefix("//").ok_or(Refusal::Form)?;
        let (authority, rest) = after.split_at(after.find(['/', '?', '#', '\\']).unwrap_or(after.len()));
        let (host, port) = split_port(authority).ok_or(Refusal::Form)?;
        let host = host.to_ascii_lowercase();
        host_of(&host).ok_or(Refusal::Form)?;
        let begin = scheme.len() + "://".len();
        let mut address = Self { host: (begin, begin + host.len()), text: scheme + "://" + &host, rest: 0 };
        if let Some(port) = port.filter(|port| *port != usual) {
            address.text.push(':');
            address.text.push_str(port);
        }
        address.rest = address.text.len();
        let rest = if rest.is_empty() { "/" } else { rest };
        push_rest(&mut address.text, rest).ok_or(Refusal::Form)?;
        Ok(address)
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    pub(super) fn host(&self) -> Host<'_> {
        let (begin, end) = self.host;
        host_of(&self.text[begin..end]).expect("checked when it was read")
    }

    /// Whether no port is named.
    pub(super) fn is_on_usual_port(&self) -> bool {
        self.host.1 == self.rest
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self) -> &str {
        &self.text[..self.rest]
    }

    /// Path and query.
    pub(super) fn rest(&self) -> &str {
        &self.text[self.rest..]
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.text
    }
}

fn is_scheme(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(plain)
}

/// Host and port. A port has its shortest spelling.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => return Some((authority, None)),
    };
    let plain = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
    (plain && port.parse::<u16>().is_ok()).then_some((host, Some(port)))
}

/// Reads a host in lower case.
fn host_of(text: &str) -> Option<Host<'_>> {
    if text == "[::1]" {
        return Some(Host::V6Loopback);
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let good = |label: &str| (1..=63).contains(&label.len()) && !label.starts_with("xn--") && label.bytes().all(plain);
    if text.len() > MAX_HOST || !text.split('.').all(good) {
        return None;
    }
    // A name that ends in a number is an IP address, however it is spelled; four decimal numbers are taken.
    let last = text.rsplit('.').next().unwrap_or(text);
    if last.starts_with(|first: char| first.is_ascii_digit()) {
        return ipv4(text).map(Host::V4);
    }
    Some(Host::Name(text))
}

fn ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next().filter(|part| *part == "0" || !part.starts_with('0'))?;
        *octet = part.parse().ok()?;
    }
    parts.next().is_none().then(|| Ipv4Addr::from(octets))
}

/// Appends path and query, what must be escaped in both escaped.
fn push_rest(text: &mut String, rest: &str) -> Option<()> {
    let (path, query) = rest.split_once('?').map_or((rest, ""), |(path, query)| (path, query));
    const DOTS: [&str; 6] = [".", "%2e", "..", ".%2e", "%2e.", "%2e%2e"];
    let dots = |segment: &str| DOTS.iter().any(|dots| segment.eq_ignore_ascii_case(dots));
    // A quote is escaped in a query only, and a space at the end counts for nothing.
    if !path.starts_with('/')
        || path.split('/').any(dots)
        || query.bytes().any(|byte| byte == b'\'')
        || rest.ends_with(' ')
    {
        return None;
    }
    for byte in rest.bytes() {
        match byte {
            b'#' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | 0x7f | ..b' ' => return None,
            b' ' | b'"' | b'<' | b'>' | 0x80.. => push_escaped(text, byte),
            _ => text.push(char::from(byte)),
        }
    }
    Some(())
}

/// `text` as the value of a form's field.
pub(super) fn form_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'*' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            _ if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            _ => push_escaped(&mut encoded, byte),
        }
    }
    encoded
}

fn push_escaped(text: &mut String, byte: u8) {
    let _ = write!(text, "%{byte:02X}");
}

#[cfg(test)]
mod tests {
    use super::{Address, Host, form_encoded};
    use proptest::prelude::*;
    use url::{Url, form_urlencoded};

    /// What is accepted, `url` reads as the same address, before and after.
    fn agrees(text: &str) -> Result<bool, TestCaseError> {
        let Ok(address) = Address::parse(text) else { return Ok(false) };
        for spelling in [text, address.as_str()] {
            let url = Url::parse(spelling).map_err(|error| TestCaseError::fail(format!("{spelling:?}: {error}")))?;
            prop_assert_eq!(url.as_str(), address.as_str(), "{:?}", text);
            prop_assert_eq!(url.origin().ascii_serialization(), address.origin());
            prop_assert_eq!(url.port().is_none(), address.is_on_usual_port());
            prop_assert!(url.username().is_empty() && url.password().is_none() && url.fragment().is_none());
            match (url.host(), address.host()) {
                (Some(url::Host::Domain(theirs)), Host::Name(ours)) => prop_assert_eq!(theirs, ours),
                (Some(url::Host::Ipv4(theirs)), Host::V4(ours)) => prop_assert_eq!(theirs, ours),
                (Some(url::Host::Ipv6(theirs)), Host::V6Loopback) => prop_assert!(theirs.is_loopback()),
                other => prop_assert!(false, "{other:?}"),
            }
        }
        Ok(true)
    }

    #[test]
    fn what_fal_writes_is_taken() {
        for text in [
            "https://v3.fal.media/files/a/B_c-d~1.png?x=1&y=%20",
            "HTTPS://V3.FAL.media:443/a//b/",
            "http://127.0.0.1:9000",
            "http://[::1]:1/a",
            "https://fal.media/Füchse und \"Bären\".png?q=ä b",
            "https://fal.media/a'b(c);d,e=f@g:h.png",
        ] {
            assert!(agrees(text).unwrap(), "{text}");
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "https://fal.media\\a",
            "https:/fal.media/",
            "https:fal.media",
            "https://a@fal.media/",
            "https://fal.media/a#b",
            "https://fal.media/a/../b",
            "https://fal.media/a/%2E./b",
            "https://fal.media/.",
            "https://fal.media/a\\b",
            "https://127.1/",
            "https://0x7f.1/",
            "https://127.0.0.01/",
            "https://2130706433/",
            "https://[::2]/",
            "https://fal.media./",
            "https://fal..media/",
            "https://f\u{e4}l.media/",
            "https://xn--fl-fka.media/",
            "https://fal%2emedia/",
            "https://fal.media:/",
            "https://fal.media:080/",
            "https://fal.media:65536/",
            "https://fal.media:+1/",
            "https://fal.media?a",
            "https:///",
            "https://:1/",
            " https://fal.media/",
            "https://fal.media/ ",
            "https://fal.media/a\tb",
            "ht\ntps://fal.media/",
            "https://fal.media/?it's",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_is_never_another_address_than_url_reads(
            text in "(https?|HTTPS)://[a-z0-9A-Z.:@\\[\\]xn_%-]{0,12}(:[0-9]{0,6})?[/\\\\?#]?[ -~ä]{0,16}",
        ) {
            agrees(&text)?;
        }

        #[test]
        fn nor_where_hosts_are_good(
            text in "https?://(a\\.b|10\\.0\\.2\\.9|A|\\[::1\\])(:443|:80|:1)?/[a-zA-Z0-9./%2eE?&='\"<>|{}()!$*+,;:@~ ä-]{0,24}",
        ) {
            agrees(&text)?;
        }

        #[test]
        fn fields_are_encoded_as_forms_are(text in "\\PC{0,20}") {
            let theirs: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
            prop_assert_eq!(form_encoded(&text), theirs);
        }
    }
}
