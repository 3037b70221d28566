//! Address blocks: how far one attacker's addresses are taken for one.

use std::net::{IpAddr, Ipv6Addr};

/// The block an address belongs to, as text: an IPv4 address alone (`192.0.2.1/32`), an IPv6 network of 64 bits
/// (`2001:db8:1:2::/64`), which is what one subscriber gets. An IPv4 address mapped into IPv6 counts as IPv4.
#[must_use]
pub fn block(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("{address}/32"),
        IpAddr::V6(address) => format!("{}/64", network(address)),
    }
}

fn network(address: Ipv6Addr) -> Ipv6Addr {
    const NETWORK: u128 = !(u64::MAX as u128);
    Ipv6Addr::from_bits(address.to_bits() & NETWORK)
}

#[cfg(test)]
mod tests {
    use super::block;

    #[test]
    fn blocks() {
        let rows = [
            ("192.0.2.1", "192.0.2.1/32"),
            ("192.0.2.2", "192.0.2.2/32"),
            ("::ffff:192.0.2.1", "192.0.2.1/32"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
            ("::1", "::/64"),
        ];
        for (address, expected) in rows {
            assert_eq!(block(address.parse().unwrap()), expected);
        }
    }
}
