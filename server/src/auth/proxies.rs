//! Whose request it is when a proxy stands between: a trusted proxy's word is taken for the client's address, and nobody
//! else's.

use http::HeaderMap;
use http::header::HeaderName;
use std::net::{IpAddr, SocketAddr};

/// Where proxies write the address that called them, behind what is there already.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Addresses with the same leading bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    leading: u32,
}

impl Network {
    /// `192.0.2.0/24`, `2001:db8::/32`, or an address alone. `None` for anything else, also when bits behind the leading
    /// ones are set: somebody mistyped it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let first: IpAddr = address.parse().ok()?;
        let most = if first.is_ipv4() { 32 } else { 128 };
        let leading = match length {
            None => most,
            Some(length) => length.bytes().all(|byte| byte.is_ascii_digit()).then(|| length.parse().ok())??,
        };
        let network = Self { first, leading };
        (leading <= most && network.cut(first) == first).then_some(network)
    }

    /// Whether the address is one of them. An IPv4 address mapped into IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.first.is_ipv4() && self.cut(address) == self.first
    }

    /// The address with its leading bits alone.
    fn cut(self, address: IpAddr) -> IpAddr {
        match address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32_u32.saturating_sub(self.leading)).unwrap_or(0);
                IpAddr::from((address.to_bits() & mask).to_be_bytes())
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128_u32.saturating_sub(self.leading)).unwrap_or(0);
                IpAddr::from((address.to_bits() & mask).to_be_bytes())
            }
        }
    }
}

/// The proxies whose word is taken; nobody's by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// Whoever is in one of these networks.
    #[must_use]
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether this is the address of one.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The client's address: `peer` unless it is a trusted proxy; then the last address in `X-Forwarded-For` that is none,
    /// or the first one when all are. What stands left of that is the client's own invention, and not looked at.
    ///
    /// A text that is no address where one is looked for makes it `peer`: all such clients share the proxy's share then,
    /// and none can make up another's.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if self.trusts(peer) { self.forwarded(headers).unwrap_or(peer) } else { peer }
    }

    fn forwarded(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let mut nearest = None;
        for value in headers.get_all(FORWARDED_FOR).iter().rev() {
            for item in value.to_str().ok()?.rsplit(',') {
                let address = address(item.trim())?;
                nearest = Some(address);
                if !self.trusts(address) {
                    return nearest;
                }
            }
        }
        nearest
    }
}

/// An address, with or without a port, which some proxies add.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::{FORWARDED_FOR, Network, TrustedProxies};
    use http::{HeaderMap, HeaderValue};
    use std::net::IpAddr;

    fn trusting(networks: &[&str]) -> TrustedProxies {
        TrustedProxies::new(networks.iter().map(|text| Network::parse(text).unwrap()).collect())
    }

    fn client(proxies: &TrustedProxies, peer: &str, headers: &[&[u8]]) -> String {
        let mut map = HeaderMap::new();
        for value in headers {
            map.append(FORWARDED_FOR, HeaderValue::from_bytes(value).unwrap());
        }
        proxies.client(peer.parse::<IpAddr>().unwrap(), &map).to_string()
    }

    #[test]
    fn networks_hold_what_begins_as_they_do() {
        let rows = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("10.1.2.3", "10.1.2.3", true),
            ("10.1.2.3", "10.1.2.2", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("0.0.0.0/0", "2001:db8::1", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "10.0.0.1", false),
            ("::1", "::1", true),
        ];
        for (network, address, holds) in rows {
            assert_eq!(
                Network::parse(network).unwrap().contains(address.parse().unwrap()),
                holds,
                "{network} {address}"
            );
        }
    }

    #[test]
    fn what_is_no_network_is_none() {
        for text in [
            "",
            "/",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.1/8",
            "10.0.0.0/+8",
            "::/129",
            "a.example",
            "10.0.0.0/8/8",
            "10.0.0",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_last_address_that_is_no_proxy_counts() {
        let proxies = trusting(&["10.0.0.0/8", "fd00::/8"]);
        let rows: [(&[&[u8]], &str); 12] = [
            (&[b"192.0.2.7"], "192.0.2.7"),
            (&[b"198.51.100.1, 192.0.2.7"], "192.0.2.7"),
            (&[b"198.51.100.1 ,192.0.2.7,10.9.9.9"], "192.0.2.7"),
            (&[b"198.51.100.1", b"192.0.2.7", b"10.9.9.9, fd00::1"], "192.0.2.7"),
            (&[b"10.1.1.1, 10.2.2.2"], "10.1.1.1"),
            (&[b"192.0.2.7:4711"], "192.0.2.7"),
            (&[b"[2001:db8::7]:4711"], "2001:db8::7"),
            (&[b"2001:db8::7"], "2001:db8::7"),
            (&[b"junk \xff, 192.0.2.7".as_slice()], "10.0.0.1"),
            (&[b"junk, 192.0.2.7"], "192.0.2.7"),
            (&[b"192.0.2.7, junk"], "10.0.0.1"),
            (&[b"192.0.2.7,"], "10.0.0.1"),
        ];
        for (headers, expected) in rows {
            assert_eq!(client(&proxies, "10.0.0.1", headers), expected, "{headers:?}");
        }
        assert_eq!(client(&proxies, "10.0.0.1", &[]), "10.0.0.1", "it asks for itself");
        assert_eq!(client(&proxies, "::ffff:10.0.0.1", &[b"192.0.2.7"]), "192.0.2.7");
    }

    #[test]
    fn nobody_else_is_believed() {
        for (proxies, peer) in [(trusting(&[]), "127.0.0.1"), (trusting(&["10.0.0.0/8"]), "192.0.2.1")] {
            assert_eq!(client(&proxies, peer, &[b"198.51.100.1"]), peer);
        }
    }
}
