//! Who sent a request, and how they prove it. The sole reader of `Authorization` and `X-Session-ID`.

pub mod address;
pub mod derive;
pub(crate) mod invitation;
pub mod jwt;
pub mod login;
pub mod original;
pub mod passwords;
pub mod proxies;
pub mod quota;
pub mod throttle;

mod account;
mod principal;

pub use derive::{Busy, Derivations};
pub use jwt::JwtKey;
pub use principal::{
    Grant, Principal, Scopes, names_session, principal, principal_and_token, session_id, session_token, visitor,
};
pub use quota::Quota;
