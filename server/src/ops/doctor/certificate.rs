//! The certificate, if there is to be one: whether it goes with its key, and for how long all of its chain is good.

use super::Finding;
use crate::clock;
use crate::http::serve::{Tls, certificates};
use crate::settings::Settings;
use generatio_core::Timestamp;
use rustls::client::verify_server_cert_signed_by_trust_anchor;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, Error, RootCertStore};
use std::time::Duration;

const SUBJECT: &str = "certificate";
/// How long before its end one is told: whoever renews them does it a month before, and was not there then.
const SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);
/// Longer than any certificate.
const NEVER: Duration = Duration::from_secs(1 << 40);
const MEND: &str = "renew it, and send the server SIGHUP (systemctl reload generatio), which reads the files again";

pub(super) fn certificate(settings: &Settings, now: Timestamp) -> Option<Finding> {
    let (chain, key) = (settings.tls_cert_file.clone()?, settings.tls_key_file.clone()?);
    let read = Tls::open(chain.clone(), key).and_then(|_| certificates(&chain));
    Some(match read {
        Ok(chain) => judge(&chain, now),
        Err(error) => Finding::wrong(SUBJECT, error.to_string(), "mend the files; SIGHUP reads them again"),
    })
}

fn judge(chain: &[CertificateDer<'_>], now: Timestamp) -> Finding {
    let lives: Result<Vec<Life>, Error> = chain.iter().map(Life::of).collect();
    let lives = match lives {
        Ok(lives) => lives,
        Err(error) => return Finding::wrong(SUBJECT, format!("its dates cannot be read: {error}"), "get another one"),
    };
    let begin = lives.iter().map(|life| life.begin).max().unwrap_or_default();
    let end = lives.iter().map(|life| life.end).min().unwrap_or_default();
    let day = |moment| clock::rfc3339(moment);
    if end < now {
        return Finding::wrong(SUBJECT, format!("it expired at {}: clients refuse it", day(end)), MEND);
    }
    if now < begin {
        let mend = "look at this machine's clock, or use the one of before until then";
        return Finding::wrong(SUBJECT, format!("it is no good before {}: clients refuse it", day(begin)), mend);
    }
    if end.since(now) < SOON {
        return Finding::advice(SUBJECT, format!("it goes with its key, and expires at {}", day(end)), MEND);
    }
    Finding::well(SUBJECT, format!("it goes with its key, and is good until {}", day(end)))
}

/// The first and the last second of a certificate.
#[derive(Debug)]
struct Life {
    begin: Timestamp,
    end: Timestamp,
}

impl Life {
    /// rustls reads the dates and has no way to ask for them, but names them when it refuses: it looks at them first, and
    /// is asked about moments that are outside of any certificate's life.
    fn of(certificate: &CertificateDer<'_>) -> Result<Self, Error> {
        let parsed = ParsedCertificate::try_from(certificate)?;
        let end = match verify_at(&parsed, NEVER) {
            Err(Error::InvalidCertificate(CertificateError::ExpiredContext { not_after, .. })) => not_after,
            Err(error) => return Err(error),
            Ok(()) => return Err(Error::General("it has no end".to_owned())),
        };
        let begin = match verify_at(&parsed, Duration::ZERO) {
            Err(Error::InvalidCertificate(CertificateError::NotValidYetContext { not_before, .. })) => not_before,
            // Good from the beginning of time.
            _ => UnixTime::since_unix_epoch(Duration::ZERO),
        };
        let moment = |time: UnixTime| Timestamp::default().after(Duration::from_secs(time.as_secs()));
        Ok(Self { begin: moment(begin), end: moment(end) })
    }
}

/// Never goes well: nobody is trusted.
fn verify_at(certificate: &ParsedCertificate<'_>, since_epoch: Duration) -> Result<(), Error> {
    let at = UnixTime::since_unix_epoch(since_epoch);
    verify_server_cert_signed_by_trust_anchor(certificate, &RootCertStore::empty(), &[], at, &[])
}

#[cfg(test)]
mod tests {
    use super::{certificate, judge};
    use crate::clock::parse_rfc3339;
    use crate::ops::doctor::State;
    use crate::settings::Settings;
    use generatio_core::Timestamp;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
    use rustls::pki_types::CertificateDer;
    use std::fs::{Permissions, set_permissions, write};
    use std::os::unix::fs::PermissionsExt;

    /// A certificate from the first of January of one year to that of another.
    fn made(begin: i32, end: i32, is_ca: IsCa) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let mut asked = CertificateParams::new(["pictures.example".to_owned()]).unwrap();
        (asked.not_before, asked.not_after) = (date_time_ymd(begin, 1, 1), date_time_ymd(end, 1, 1));
        asked.is_ca = is_ca;
        (asked.self_signed(&key).unwrap(), key)
    }

    fn leaf(begin: i32, end: i32) -> CertificateDer<'static> {
        made(begin, end, IsCa::NoCa).0.der().clone()
    }

    fn authority(begin: i32, end: i32) -> CertificateDer<'static> {
        made(begin, end, IsCa::Ca(BasicConstraints::Unconstrained)).0.der().clone()
    }

    fn at(text: &str) -> Timestamp {
        parse_rfc3339(text).unwrap()
    }

    #[test]
    fn the_chain_is_as_good_as_its_worst_certificate() {
        let (long, short, late) = (leaf(2020, 2040), authority(2010, 2030), authority(2025, 2050));
        for (chain, now, state, seen) in [
            (vec![long.clone()], "2030-01-01T00:00:00Z", State::Well, "good until 2040-01-01T00:00:00.000Z"),
            (vec![long.clone(), short.clone()], "2029-12-01T00:00:00Z", State::Well, "until 2030-01-01T00:00:00.000Z"),
            (vec![long.clone(), short.clone()], "2029-12-18T00:00:01Z", State::Advice, "expires at 2030-01-01"),
            (vec![long.clone(), short.clone()], "2030-01-01T00:00:00Z", State::Advice, "expires at 2030-01-01"),
            (vec![long.clone(), short], "2030-01-01T00:00:01Z", State::Wrong, "expired at 2030-01-01"),
            (vec![long.clone()], "2019-12-31T23:59:59Z", State::Wrong, "no good before 2020-01-01"),
            (vec![long, late], "2024-01-01T00:00:00Z", State::Wrong, "no good before 2025-01-01"),
            (vec![CertificateDer::from(vec![0x30, 0])], "2024-01-01T00:00:00Z", State::Wrong, "cannot be read"),
        ] {
            let finding = judge(&chain, at(now));
            assert_eq!(finding.state, state, "{now}: {finding}");
            assert!(finding.seen.contains(seen), "{now}: {finding}");
            assert_eq!(finding.mend.is_some(), state != State::Well);
        }
    }

    /// Dates before 1970 are none that rustls reads.
    #[test]
    fn one_that_was_always_good_is_good() {
        let finding = judge(&[leaf(1970, 2049)], at("1970-01-01T00:00:00Z"));
        assert_eq!(finding.state, State::Well, "{finding}");
    }

    #[test]
    fn the_files_are_read_and_have_to_go_together() {
        let folder = tempfile::tempdir().unwrap();
        let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
        let settings =
            Settings { tls_cert_file: Some(chain.clone()), tls_key_file: Some(key.clone()), ..Settings::default() };
        let now = at("2024-01-01T00:00:00Z");
        let ((cert, of_it), (_, of_another)) = (made(2020, 2023, IsCa::NoCa), made(2020, 2023, IsCa::NoCa));
        write(&chain, cert.pem()).unwrap();
        for (pair, seen) in [(of_it, "expired at 2023-01-01"), (of_another, "do not work together")] {
            write(&key, pair.serialize_pem()).unwrap();
            set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
            let finding = certificate(&settings, now).unwrap();
            assert_eq!(finding.state, State::Wrong);
            assert!(finding.seen.contains(seen), "{finding}");
        }
        assert_eq!(certificate(&Settings::default(), now), None);
    }
}
