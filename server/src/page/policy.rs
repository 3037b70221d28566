//! What a page may do: `Content-Security-Policy` (W3C CSP 3).

use generatio_core::fal::Hosts;
use http::HeaderValue;

/// Which policy pages are sent with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagePolicy {
    /// None: a front end of others loads what it likes.
    None,
    /// Scripts and styles of this server alone, WebAssembly, and connections to this server and FAL alone.
    Strict,
}

impl PagePolicy {
    /// The header's value; `hosts` is where FAL is, for its queue and pictures.
    pub(super) fn header(self, hosts: &Hosts) -> Option<HeaderValue> {
        if self == Self::None {
            return None;
        }
        let queue = hosts.queue();
        let pictures = if hosts.is_loopback() { queue } else { FAL_PICTURES };
        let text = format!(
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; font-src 'self'; \
             img-src 'self' blob: data: {pictures}; connect-src 'self' {queue}; manifest-src 'self'; \
             worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        // The address of FAL was parsed as a URL, and those are ASCII.
        HeaderValue::try_from(text).ok()
    }
}

/// Where FAL keeps what it made (`fal_media`, read 2026-11): the hosts that [`Hosts::may_fetch_picture`] takes.
const FAL_PICTURES: &str = "https://fal.media https://*.fal.media https://storage.googleapis.com/falserverless/";

#[cfg(test)]
mod tests {
    use super::PagePolicy;
    use generatio_core::fal::Hosts;

    fn strict(hosts: &Hosts) -> String {
        PagePolicy::Strict.header(hosts).unwrap().to_str().unwrap().to_owned()
    }

    #[test]
    fn strict_names_fal_and_nobody_else() {
        let policy = strict(&Hosts::fal());
        assert!(policy.contains("connect-src 'self' https://queue.fal.run;"), "{policy}");
        assert!(policy.contains("img-src 'self' blob: data: https://fal.media https://*.fal.media "), "{policy}");
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    }

    #[test]
    fn a_stand_in_is_reached_where_it_is() {
        let policy = strict(&Hosts::at("http://127.0.0.1:8091").unwrap());
        assert!(policy.contains("connect-src 'self' http://127.0.0.1:8091;"), "{policy}");
        assert!(policy.contains("data: http://127.0.0.1:8091;") && !policy.contains("fal.media"), "{policy}");
    }

    #[test]
    fn others_front_ends_have_none() {
        assert_eq!(PagePolicy::None.header(&Hosts::fal()), None);
    }
}
