//! The C library as it is installed, called by C: the vectors (from Python too), FAL over real sockets, sanitizers and
//! Valgrind, memory after a secret, threads, the header, what is exported, and how programs find it.

#![expect(clippy::unwrap_used, reason = "a test program through and through, not only where it says #[test]")]

mod client;
mod consumers;
mod header;
mod installed;
mod memory;
mod threads;
mod vectors;
