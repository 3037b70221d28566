//! End to end: the real binary, real sockets, a real database file, and the stand-in for FAL. Each test has a server,
//! a stand-in and users of its own.

mod accounts;
mod budget;
mod credentials;
mod direct;
mod events;
mod faults;
mod files;
mod folders;
mod generate;
mod guessing;
mod hostile;
mod http;
mod idempotency;
mod jobs;
mod leaks;
mod ledger;
mod lifecycle;
mod money;
mod ownership;
mod preferences;
mod realtime;
mod records;
mod reference;
mod replay;
mod session_list;
mod sessions;
mod status;
mod throttles;
mod tokens;
mod webhooks;
mod wishes;
mod writes;
