//! `storm`: what `cargo xtask storm` needs from inside, beside the server: many who log in at once while others read, and
//! many who only listen.

mod logins;
mod streams;

pub(crate) use logins::{Logins, logins};
pub(crate) use streams::{Streams, streams};

use crate::Outcome;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};

/// The address of the machine's own that number `index` comes from, so many to each: from one address a server takes a
/// share only.
pub(crate) fn source(index: usize, share: usize) -> SocketAddr {
    let [_, second, third, fourth] = u32::try_from(index / share.max(1) + 2).unwrap_or(u32::MAX).to_be_bytes();
    SocketAddr::from((Ipv4Addr::new(127, second, third, fourth), 0))
}

/// Resident memory of a process, kibibytes.
pub(crate) fn resident_kb(pid: u32) -> Outcome<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    Ok(resident.ok_or("Linux did not tell")?.trim().parse()?)
}
