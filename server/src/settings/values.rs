//! The values options take, and how they are read from text. A parser's error says what is wrong with the text, to
//! be read after it: `"x" is not a number`.

use super::MAX_ITERATIONS;
use crate::auth::proxies::{Network, TrustedProxies};
use crate::page::PagePolicy;
use generatio_core::cost::PriceBook;
use generatio_core::fal::Hosts;
use generatio_core::seal::{Iterations, Version};
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;
use url::{Host, Url};

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registration {
    /// Nobody.
    Closed,
    /// Who was invited.
    Invite,
    /// Everybody.
    Open,
}

impl Registration {
    /// `closed`, `invite` or `open`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Invite => "invite",
            Self::Open => "open",
        }
    }
}

/// The ways a FAL token may be kept here; at least one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Custodies {
    /// The server seals and opens with a password it is given.
    pub password: bool,
    /// The client seals and opens, and hands the token over for a session.
    pub sealed: bool,
    /// The client keeps the token and calls FAL itself.
    pub direct: bool,
}

impl Custodies {
    /// Whether this server ever takes a token in the clear.
    #[must_use]
    pub fn takes_tokens(self) -> bool {
        self.password || self.sealed
    }

    /// The allowed ways by name, in a fixed order.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let all = [(self.password, "password"), (self.sealed, "sealed"), (self.direct, "direct")];
        all.into_iter().filter_map(|(allowed, name)| allowed.then_some(name)).collect()
    }
}

/// Whose pages may call the API from a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Everybody's.
    Any,
    /// Those of these origins, as browsers write them (`https://app.example.com`).
    Listed(Vec<String>),
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// The least important log line that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLevel(pub tracing::Level);

impl Default for LogLevel {
    fn default() -> Self {
        Self(tracing::Level::INFO)
    }
}

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "is not an address with a port; write one such as 127.0.0.1:8090 or [::]:8090".into())
}

pub(super) fn path(text: &str) -> Result<PathBuf, String> {
    if text.trim().is_empty() { Err("is blank; write a path".into()) } else { Ok(text.into()) }
}

pub(super) fn registration(text: &str) -> Result<Registration, String> {
    one_of(text, &[Registration::Open, Registration::Closed, Registration::Invite].map(|who| (who.as_str(), who)))
}

pub(super) fn switch(text: &str) -> Result<bool, String> {
    one_of(text, &[("on", true), ("off", false)])
}

pub(super) fn page_policy(text: &str) -> Result<PagePolicy, String> {
    one_of(text, &[("strict", PagePolicy::Strict), ("none", PagePolicy::None)])
}

pub(super) fn seal_format(text: &str) -> Result<Version, String> {
    one_of(text, &[("v1", Version::V1), ("v2", Version::V2)])
}

pub(super) fn prices(text: &str) -> Result<PriceBook, String> {
    one_of(text, &[("catalog", PriceBook::Catalog), ("fal", PriceBook::Fal)])
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    one_of(text, &[("text", LogFormat::Text), ("json", LogFormat::Json)])
}

pub(super) fn log_level(text: &str) -> Result<LogLevel, String> {
    use tracing::Level;
    let levels = [
        ("error", Level::ERROR),
        ("warn", Level::WARN),
        ("info", Level::INFO),
        ("debug", Level::DEBUG),
        ("trace", Level::TRACE),
    ];
    one_of(text, &levels).map(LogLevel)
}

pub(super) fn custody(text: &str) -> Result<Custodies, String> {
    let mut allowed = Custodies::default();
    for name in items(text) {
        match name {
            "password" => allowed.password = true,
            "sealed" => allowed.sealed = true,
            "direct" => allowed.direct = true,
            _ => return Err("is not a list of password, sealed and direct".into()),
        }
    }
    if allowed == Custodies::default() {
        Err("allows nothing; name one of password, sealed, direct".into())
    } else {
        Ok(allowed)
    }
}

pub(super) fn origins(text: &str) -> Result<Origins, String> {
    if text.trim() == "*" {
        return Ok(Origins::Any);
    }
    let listed: Vec<String> = items(text).map(str::to_owned).collect();
    let good = |origin: &String| Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
    if !listed.is_empty() && listed.iter().all(good) {
        Ok(Origins::Listed(listed))
    } else {
        Err("is not a list of origins; write them as browsers do, such as https://app.example.com, or * alone".into())
    }
}

/// `none`, or whose `X-Forwarded-For` is believed.
pub(super) fn trusted_proxies(text: &str) -> Result<TrustedProxies, String> {
    if text.trim() == "none" {
        return Ok(TrustedProxies::default());
    }
    let networks: Option<Vec<_>> = items(text).map(Network::parse).collect();
    let good = networks.filter(|networks| !networks.is_empty()).map(TrustedProxies::new);
    good.ok_or_else(|| "is not a list of addresses and networks; write such as 127.0.0.1,10.0.0.0/8, or none".into())
}

pub(super) fn fal_url(text: &str) -> Result<String, String> {
    match Hosts::at(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(problem) => Err(format!("is refused: {problem}")),
    }
}

/// An address that a path can follow.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let Ok(url) = Url::parse(text) else {
        return Err("is not a URL; write one such as https://pictures.example.com".into());
    };
    let on_this_machine = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let secure = url.scheme() == "https" && url.has_host() || url.scheme() == "http" && on_this_machine;
    let plain =
        url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
    match (secure, plain) {
        (true, true) => Ok(text.to_owned()),
        (false, _) => Err("is refused: it has to be https, or http on this machine".into()),
        (true, false) => Err("is refused: it has to be an address alone, without user, query or fragment".into()),
    }
}

pub(super) fn iterations(text: &str) -> Result<Iterations, String> {
    let range = Iterations::MIN.get()..=MAX_ITERATIONS;
    let count = count(range.clone())(text)?;
    Iterations::new(count).map_err(|_| outside(&range))
}

pub(super) fn count(range: RangeInclusive<u32>) -> impl Fn(&str) -> Result<u32, String> {
    move |text| match text.parse() {
        Ok(count) if range.contains(&count) => Ok(count),
        _ => Err(outside(&range)),
    }
}

fn outside(range: &RangeInclusive<u32>) -> String {
    format!("is not a whole number from {} to {}", range.start(), range.end())
}

/// A number of bytes: `1048576`, `1024KiB`, `1MiB`.
pub(super) fn bytes(range: RangeInclusive<usize>) -> impl Fn(&str) -> Result<usize, String> {
    move |text| {
        let (number, unit) = number_and_unit(text).ok_or("is not a size; write one such as 1048576, 512KiB or 1MiB")?;
        let factor = match unit {
            "" | "B" => Some(1),
            "KiB" => Some(1024),
            "MiB" => Some(1024 * 1024),
            _ => None,
        };
        let factor = factor.ok_or("has an unknown unit; write bytes, KiB or MiB")?;
        let size = usize::try_from(number).ok().and_then(|number| number.checked_mul(factor));
        size.filter(|size| range.contains(size))
            .ok_or_else(|| format!("is outside the range of {} to {} bytes", range.start(), range.end()))
    }
}

/// A length of time: a whole number and a unit, `500ms`, `30s`, `10m`, `24h` or `7d`.
pub(super) fn duration(range: RangeInclusive<Duration>) -> impl Fn(&str) -> Result<Duration, String> {
    move |text| {
        let (number, unit) = number_and_unit(text).ok_or(NOT_A_DURATION)?;
        let unit_ms = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, ms)| *ms).ok_or(NOT_A_DURATION)?;
        let length = number.checked_mul(unit_ms).map(Duration::from_millis);
        length
            .filter(|length| range.contains(length))
            .ok_or_else(|| format!("is outside the range of {} to {}", spell(*range.start()), spell(*range.end())))
    }
}

const NOT_A_DURATION: &str = "is not a length of time; write a whole number and a unit, such as 24h, 10m, 30s or 500ms";
const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

/// The length in the largest unit that fits without a remainder.
fn spell(length: Duration) -> String {
    let ms = length.as_millis();
    let fits = |unit_ms: &u64| ms.is_multiple_of(u128::from(*unit_ms));
    let (name, unit_ms) = UNITS.into_iter().find(|(_, unit_ms)| fits(unit_ms)).unwrap_or(("ms", 1));
    format!("{}{name}", ms / u128::from(unit_ms))
}

fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let number = text[..end].parse().ok()?;
    Some((number, &text[end..]))
}

fn one_of<T: Copy>(text: &str, choices: &[(&str, T)]) -> Result<T, String> {
    let chosen = choices.iter().find(|(name, _)| *name == text);
    chosen.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        format!("is not one of {}", names.join(", "))
    })
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}
