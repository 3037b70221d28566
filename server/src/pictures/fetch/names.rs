//! Looking up names for the public internet: an address within some network of ours is none, whoever's name leads to it.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

type Lookup = fn(String) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;

/// A resolver that leaves out every address that is not public.
pub(super) struct PublicNames {
    lookup: Lookup,
}

/// A name leads to no public address.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the name leads to no public address")]
struct NotPublic;

impl PublicNames {
    /// Over the system's own resolver.
    pub(super) fn system() -> Self {
        Self::over(|name| async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) }.boxed())
    }

    /// Over another.
    fn over(lookup: Lookup) -> Self {
        Self { lookup }
    }
}

impl fmt::Debug for PublicNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicNames").finish_non_exhaustive()
    }
}

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        let looking = (self.lookup)(name.as_str().to_owned());
        Box::pin(async move {
            let mut found = looking.await?;
            found.retain(|address| is_public(address.ip()));
            if found.is_empty() { Err(NotPublic.into()) } else { Ok(Box::new(found.into_iter()) as Addrs) }
        })
    }
}

/// Whether an address is one of the public internet (IANA's registries of special-purpose addresses).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let protocols = (a, b, c) == (192, 0, 0) || (a, b, c) == (192, 88, 99);
    let benchmarks = a == 198 && (18..20).contains(&b);
    let elsewhere = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || shared
        || protocols
        || benchmarks;
    // 0/8 is this network; from 224 on come multicast, what is reserved, and broadcast.
    !elsewhere && a != 0 && a < 224
}

/// Global unicast is 2000::/3, without what embeds or translates other addresses, and what is for documents.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let special = (a == 0x2001 && b < 0x0200) || (a, b) == (0x2001, 0x0db8) || a == 0x2002 || a == 0x3fff;
    (0x2000..0x4000).contains(&a) && !special
}

#[cfg(test)]
mod tests {
    use super::{PublicNames, is_public};
    use futures_util::FutureExt;
    use reqwest::dns::Resolve;
    use std::net::{IpAddr, SocketAddr};

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for (text, expected) in [
            ("151.101.1.91", true),
            ("8.8.8.8", true),
            ("223.255.255.255", true),
            ("2606:4700::1111", true),
            ("2a00:1450:4001:80b::201b", true),
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("172.32.0.1", true),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("0.0.0.0", false),
            ("192.0.0.8", false),
            ("198.18.0.1", false),
            ("203.0.113.7", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:8.8.8.8", false),
            ("64:ff9b::7f00:1", false),
            ("fe80::1", false),
            ("fc00::1", false),
            ("fd12:3456::1", false),
            ("ff02::1", false),
            ("2001:db8::1", false),
            ("2001::1", false),
            ("2002:7f00:1::", false),
        ] {
            assert_eq!(is_public(text.parse::<IpAddr>().unwrap()), expected, "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_leads_to_its_public_addresses_alone() {
        let names = PublicNames::over(|name| {
            let found = match name.as_str() {
                "mixed.fal.media" => vec!["10.0.0.1", "151.101.1.91", "::1"],
                "inside.fal.media" => vec!["127.0.0.1", "fd00::1"],
                _ => vec![],
            };
            let found = found.into_iter().map(|text| SocketAddr::new(text.parse().unwrap(), 0)).collect();
            async move { Ok(found) }.boxed()
        });
        let found: Vec<_> = names.resolve("mixed.fal.media".parse().unwrap()).await.unwrap().collect();
        assert_eq!(found, ["151.101.1.91:0".parse().unwrap()]);
        for name in ["inside.fal.media", "nowhere.fal.media"] {
            assert!(names.resolve(name.parse().unwrap()).await.is_err(), "{name}");
        }
    }
}
