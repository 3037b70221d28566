//! What every engine behind the `Store` trait promises. Nothing here knows SQL; `support::open` is the one place that
//! says which engine is held to it.

#![expect(clippy::unwrap_used, reason = "tests")]

mod accounts;
mod audit;
mod budgets;
mod direct;
mod following;
mod idempotency;
mod invitations;
mod jobs;
mod leases;
mod ledger;
mod library;
mod listing;
mod money;
mod pictures;
mod records;
mod settling;
mod support;
mod throttle;
mod writing;
