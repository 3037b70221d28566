//! Precedence over the four places, and what is said about each value that is not allowed.

use super::values;
use super::{Custodies, Layer, Options, Origins, Settings, SettingsError, layers};
use crate::auth::proxies::TrustedProxies;
use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn environment(variables: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    variables.iter().map(|(name, value)| (name.into(), value.into())).collect()
}

fn data_dir(text: &str) -> Options {
    Options { data_dir: Some(text.into()), ..Options::default() }
}

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("generatio.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn from_variable(name: &str, value: &str) -> Result<Settings, SettingsError> {
    Settings::resolve(&layers(Options::default(), None, environment(&[(name, value)]))?)
}

fn from_file(text: &str) -> Result<Settings, SettingsError> {
    let (_folder, path) = file(text);
    Settings::resolve(&layers(Options::default(), Some(&path), environment(&[]))?)
}

#[test]
fn the_strongest_place_wins() {
    let (_folder, path) = file("data-dir = 'file'");
    let variable = [("GENERATIO_DATA_DIR", "variable")];
    for (flag, variables, config, fallback, expected) in [
        (true, &variable[..], true, true, "flag"),
        (false, &variable[..], true, true, "variable"),
        (false, &[][..], true, true, "file"),
        (false, &[][..], false, true, "fallback"),
        (false, &[][..], false, false, "./generatio_data"),
        (false, &[("GENERATIO_DATA_DIR", "")][..], false, false, "./generatio_data"),
        (false, &[("generatio_data_dir", "other"), ("GENERATIO_PORT", "tcp://10.0.0.1")][..], true, false, "file"),
    ] {
        let flags = if flag { data_dir("flag") } else { Options::default() };
        let mut layers = layers(flags, config.then_some(path.as_path()), environment(variables)).unwrap();
        if fallback {
            layers.push(Layer::fallback(data_dir("fallback")));
        }
        assert_eq!(Settings::resolve(&layers).unwrap().data_dir, Path::new(expected));
    }
}

#[test]
fn the_file_may_be_named_by_a_variable_and_a_flag_overrides_it() {
    let (_folder, path) = file("max-running-jobs = 3");
    let variables = environment(&[("GENERATIO_CONFIG", path.to_str().unwrap())]);
    let named = layers(Options::default(), None, variables.clone()).unwrap();
    assert_eq!(Settings::resolve(&named).unwrap().max_running_jobs, 3);
    let (_folder, other) = file("max-running-jobs = 4");
    let overridden = layers(Options::default(), Some(&other), variables).unwrap();
    assert_eq!(Settings::resolve(&overridden).unwrap().max_running_jobs, 4);
}

#[test]
fn a_file_takes_texts_numbers_and_lists() {
    let settings = from_file("http = '[::1]:0'\npbkdf2-iterations = 100000\ncustody = ['sealed', 'direct']").unwrap();
    assert_eq!(settings.http.to_string(), "[::1]:0");
    assert_eq!(settings.pbkdf2_iterations.get(), 100_000);
    assert_eq!(settings.custody, Custodies { password: false, sealed: true, direct: true });
    assert_eq!(settings.custody.names(), ["sealed", "direct"]);
}

#[test]
fn a_bad_file_is_told_apart() {
    let missing = layers(Options::default(), Some(Path::new("/no/such/file.toml")), environment(&[])).unwrap_err();
    assert_eq!(missing.to_string(), "the configuration file /no/such/file.toml cannot be read");
    for (text, telling) in [
        ("data_dir = 'x'", "unknown field `data_dir`"),
        ("password = 'x'", "unknown field `password`"),
        ("http = 1.5", "expected a text, a whole number or a list of texts"),
        ("http =", "line 1"),
    ] {
        let error = from_file(text).unwrap_err();
        assert!(matches!(error, SettingsError::FileMalformed(..)), "{text}: {error}");
        let cause = error.source().unwrap().to_string();
        assert!(cause.contains(telling), "{text}: {cause}");
    }
}

#[test]
fn defaults_are_the_documented_ones() {
    let settings = Settings::default();
    assert_eq!(settings.http.to_string(), "127.0.0.1:8090");
    assert_eq!(settings.origins, Origins::Any);
    assert_eq!(settings.trusted_proxies, TrustedProxies::default());
    assert_eq!(settings.max_body_bytes, 1024 * 1024);
    assert_eq!(settings.jwt_ttl, Duration::from_secs(604_800));
    assert_eq!(settings.session_ttl, Duration::from_secs(86_400));
    assert_eq!(settings.sweep_interval, Duration::from_secs(3600));
    assert_eq!(settings.fal_timeout, Duration::from_secs(600));
    assert_eq!((settings.fal_grace, settings.result_wait), (Duration::from_secs(900), Duration::from_secs(300)));
    assert_eq!(settings.sync_wait, Duration::from_secs(540));
    assert_eq!(settings.pbkdf2_iterations.get(), 600_000);
    assert_eq!(settings.custody.names(), ["password", "sealed", "direct"]);
}

#[test]
fn each_bad_value_is_named_with_what_would_be_right() {
    for (variable, value, telling) in [
        ("GENERATIO_HTTP", "8090", "such as 127.0.0.1:8090"),
        ("GENERATIO_DATA_DIR", " ", "is blank; write a path"),
        ("GENERATIO_ORIGINS", "https://a.example/path", "is not a list of origins"),
        ("GENERATIO_ORIGINS", "*,https://a.example", "is not a list of origins"),
        ("GENERATIO_TRUSTED_PROXIES", "10.0.0.1/8", "is not a list of addresses and networks"),
        ("GENERATIO_TRUSTED_PROXIES", "nginx", "is not a list of addresses and networks"),
        ("GENERATIO_TRUSTED_PROXIES", ",", "is not a list of addresses and networks"),
        ("GENERATIO_MAX_BODY_BYTES", "1MB", "has an unknown unit"),
        ("GENERATIO_MAX_BODY_BYTES", "1", "outside the range of 1024 to 67108864 bytes"),
        ("GENERATIO_REGISTRATION", "maybe", "is not one of open, closed, invite"),
        ("GENERATIO_JWT_TTL", "366d", "outside the range of 1m to 365d"),
        ("GENERATIO_JWT_KEY_FILE", " ", "is blank"),
        ("GENERATIO_SESSION_TTL", "24", "such as 24h, 10m, 30s or 500ms"),
        ("GENERATIO_SWEEP_INTERVAL", "999ms", "outside the range of 1s to 1d"),
        ("GENERATIO_CUSTODY", "password,trust", "is not a list of password, sealed and direct"),
        ("GENERATIO_CUSTODY", ",", "allows nothing"),
        ("GENERATIO_SEAL_FORMAT", "v3", "is not one of v1, v2"),
        ("GENERATIO_PBKDF2_ITERATIONS", "99999", "is not a whole number from 100000 to 2000000"),
        ("GENERATIO_PBKDF2_ITERATIONS", "2000001", "is not a whole number from 100000 to 2000000"),
        ("GENERATIO_FAL_URL", "http://fal.example", "is refused: "),
        ("GENERATIO_FAL_TIMEOUT", "soon", "is not a length of time"),
        ("GENERATIO_SYNC_WAIT", "2h", "outside the range of 1ms to 1h"),
        ("GENERATIO_MAX_RUNNING_JOBS", "0", "is not a whole number from 1 to 1000"),
        ("GENERATIO_KEEP_PICTURES", "true", "is not one of on, off"),
        ("GENERATIO_PRICES", "mine", "is not one of catalog, fal"),
        ("GENERATIO_CATALOG_FILE", " ", "is blank"),
        ("GENERATIO_LOG_LEVEL", "loud", "is not one of error, warn, info, debug, trace"),
        ("GENERATIO_LOG_FORMAT", "xml", "is not one of text, json"),
    ] {
        let message = from_variable(variable, value).unwrap_err().to_string();
        assert!(message.starts_with(&format!("{variable}: {value:?} ")), "{message}");
        assert!(message.contains(telling), "{message}");
    }
}

#[test]
fn an_error_names_the_place_in_its_own_spelling() {
    let flags = Options { session_ttl: Some("x".into()), ..Options::default() };
    let flag = Settings::resolve(&layers(flags, None, environment(&[])).unwrap()).unwrap_err().to_string();
    assert!(flag.starts_with("--session-ttl: \"x\" is not a length of time"), "{flag}");
    let file = from_file("session-ttl = 'x'").unwrap_err().to_string();
    assert!(file.starts_with("session-ttl in /") && file.contains("generatio.toml: \"x\""), "{file}");
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_text_is_named() {
    use std::os::unix::ffi::OsStringExt as _;
    let variables = [("GENERATIO_DATA_DIR".into(), OsString::from_vec(vec![0xff]))];
    let error = layers(Options::default(), None, variables).unwrap_err().to_string();
    assert_eq!(error, "the variable GENERATIO_DATA_DIR is not UTF-8 text");
}

#[test]
fn plain_http_reaches_fal_on_this_machine_only() {
    for (url, allowed) in [
        ("http://127.0.0.1:9090", true),
        ("https://fal.example", true),
        ("http://10.0.0.1:9090", false),
        ("ftp://127.0.0.1", false),
        ("fal.ai", false),
    ] {
        assert_eq!(from_variable("GENERATIO_FAL_URL", url).is_ok(), allowed, "{url}");
    }
}

#[test]
fn origins_are_listed_as_browsers_write_them() {
    let listed = values::origins("https://a.example, http://localhost:5173").unwrap();
    assert_eq!(listed, Origins::Listed(vec!["https://a.example".into(), "http://localhost:5173".into()]));
    for text in ["", "a.example", "https://a.example/", "https://A.example", "https://a.example:443"] {
        assert!(values::origins(text).is_err(), "{text}");
    }
}

#[test]
fn proxies_are_listed_by_address_or_network() {
    let listed = from_file("trusted-proxies = ['127.0.0.1', 'fd00::/8']").unwrap().trusted_proxies;
    for (address, trusted) in [("127.0.0.1", true), ("127.0.0.2", false), ("fd12::1", true), ("fe80::1", false)] {
        assert_eq!(listed.trusts(address.parse().unwrap()), trusted, "{address}");
    }
}

#[test]
fn lengths_of_time_are_a_number_and_a_unit() {
    let parse = values::duration(Duration::ZERO..=Duration::from_secs(1_000_000));
    for (text, ms) in [("500ms", 500), ("30s", 30_000), ("10m", 600_000), ("24h", 86_400_000), ("7d", 604_800_000)] {
        assert_eq!(parse(text), Ok(Duration::from_millis(ms)), "{text}");
    }
    for text in ["", "h", "10", "-1s", "1.5h", "10 m", "10M", "1h30m", "18446744073709551616s", "18446744073709551615d"]
    {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn sizes_are_bytes_or_powers_of_1024() {
    let parse = values::bytes(0..=usize::MAX);
    for (text, size) in [("10", 10), ("10B", 10), ("3KiB", 3072), ("2MiB", 2_097_152)] {
        assert_eq!(parse(text), Ok(size), "{text}");
    }
    for text in ["", "MiB", "1kb", "1.5MiB", "-1", "18446744073709551615MiB"] {
        assert!(parse(text).is_err(), "{text}");
    }
}
