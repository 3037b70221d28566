//! The C library as it is installed, called by C: the vectors, sanitizers and Valgrind, memory after a secret, the
//! header, what is exported, and how programs find it.

mod consumers;
mod header;
mod installed;
mod memory;
mod vectors;
