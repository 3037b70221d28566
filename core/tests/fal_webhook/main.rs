//! Webhooks: what FAL signed is read, everything else is refused for its own reason.

mod deliveries;
mod keys;
mod refusals;
mod sent;
