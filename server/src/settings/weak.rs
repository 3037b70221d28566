//! Settings that each are allowed and together give something away. A server does not start with them, and says what to
//! do instead.

use super::Settings;
use std::net::SocketAddr;

/// What is weak about a server's settings, with the mend.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum WeakSettings {
    /// Passwords could be guessed at from elsewhere.
    #[error(
        "--throttle-times is for measurements: above 1 it takes an address of this machine, and {0} is none (--http)"
    )]
    Guessable(SocketAddr),
    /// Passwords and tokens would travel in the clear.
    #[error(
        "others than this machine reach {0}, and without TLS everybody on the way reads their passwords: give \
         --tls-cert-file and --tls-key-file, or --plain-http on behind a proxy that adds TLS, or --http 127.0.0.1:{port}",
        port = .0.port()
    )]
    InTheClear(SocketAddr),
    /// A certificate without its key, or a key without its certificate.
    #[error("--tls-cert-file and --tls-key-file go together: give both or neither")]
    HalfTls,
}

impl Settings {
    /// Whether it serves HTTPS.
    #[must_use]
    pub fn has_tls(&self) -> bool {
        self.tls_cert_file.is_some()
    }

    /// Looks for settings that give something away.
    ///
    /// # Errors
    /// [`WeakSettings`], the first that is found.
    pub fn refuse_weak(&self) -> Result<(), WeakSettings> {
        if self.throttle_times > 1 && !self.http.ip().is_loopback() {
            return Err(WeakSettings::Guessable(self.http));
        }
        if self.tls_cert_file.is_some() != self.tls_key_file.is_some() {
            return Err(WeakSettings::HalfTls);
        }
        let in_the_clear = !self.has_tls() && !self.plain_http;
        if in_the_clear && !self.http.ip().is_loopback() { Err(WeakSettings::InTheClear(self.http)) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Settings, WeakSettings};

    fn found(http: &str, cert: Option<&str>, key: Option<&str>, plain_http: bool) -> Result<(), WeakSettings> {
        let http = http.parse().unwrap();
        let (tls_cert_file, tls_key_file) = (cert.map(Into::into), key.map(Into::into));
        Settings { http, tls_cert_file, tls_key_file, plain_http, ..Settings::default() }.refuse_weak()
    }

    #[test]
    fn others_are_served_with_tls_or_on_purpose() {
        let clear = |http: &str| Err(WeakSettings::InTheClear(http.parse().unwrap()));
        for (http, cert, plain, expected) in [
            ("127.0.0.1:80", None, false, Ok(())),
            ("[::1]:80", None, false, Ok(())),
            ("0.0.0.0:80", None, false, clear("0.0.0.0:80")),
            ("[::]:80", None, false, clear("[::]:80")),
            ("192.0.2.1:80", None, false, clear("192.0.2.1:80")),
            ("0.0.0.0:80", None, true, Ok(())),
            ("0.0.0.0:80", Some("x"), false, Ok(())),
        ] {
            assert_eq!(found(http, cert, cert, plain), expected, "{http}");
        }
    }

    #[test]
    fn half_of_tls_is_none() {
        assert_eq!(found("127.0.0.1:80", Some("x"), None, false), Err(WeakSettings::HalfTls));
        assert_eq!(found("0.0.0.0:80", None, Some("x"), true), Err(WeakSettings::HalfTls));
    }

    #[test]
    fn the_mend_is_in_the_message() {
        let text = WeakSettings::InTheClear("0.0.0.0:8090".parse().unwrap()).to_string();
        for mend in ["--tls-cert-file", "--plain-http on", "--http 127.0.0.1:8090"] {
            assert!(text.contains(mend), "{text}");
        }
    }
}
