//! How often an account may be guessed at, and from where: counted before the work, taken back when it succeeds.
//!
//! The counters are the store's and outlive a restart. What is counted is named by a hash: no e-mail stands there.

use super::address;
use crate::app::App;
use crate::store::{Attempt, AttemptPolicy, StoreError};
use generatio_core::time::Clock;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::net::IpAddr;
use std::time::Duration;

/// Logins: ten in a row from one address block, a hundred on one account from strange ones.
pub const LOGINS: AttemptPolicy = AttemptPolicy {
    per_block: 10,
    per_account: 100,
    first_wait: Duration::from_secs(1),
    longest_wait: Duration::from_secs(15 * 60),
    familiar_for: Duration::from_secs(30 * 24 * 60 * 60),
};
/// Registrations share one account name, so that only the block binds them.
pub const REGISTRATIONS: AttemptPolicy = AttemptPolicy { per_account: u32::MAX, ..LOGINS };

/// The attempt may not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The counters could not be reached.
    #[error("attempts could not be counted: {0}")]
    Store(#[from] StoreError),
    /// There were too many.
    #[error("too many attempts")]
    Wait {
        /// Until when it is no use to try again.
        retry_after: Duration,
    },
}

/// An attempt that was counted and may be made.
#[derive(Debug)]
pub struct Counted {
    account: String,
    block: String,
}

impl Counted {
    /// Account and block in one, for what is counted per both.
    pub(super) fn key(&self) -> String {
        format!("{} {}", self.account, self.block)
    }

    /// The account's name among the counters.
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// It succeeded: the counters go back to zero, and the block is remembered as the owner's.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn succeeded(self, app: &App) -> Result<(), StoreError> {
        app.store.clear_attempts(&self.account, &self.block, app.clock.now()).await
    }
}

/// Counts a login to the account with this lower-cased e-mail, whether it exists or not.
///
/// # Errors
/// [`Refusal`]; a refused attempt is not counted.
pub async fn count_login(app: &App, email_key: &str, peer: IpAddr) -> Result<Counted, Refusal> {
    count(app, account_name(email_key), peer, LOGINS).await
}

/// Counts a registration.
///
/// # Errors
/// [`Refusal`]; a refused attempt is not counted.
pub async fn count_registration(app: &App, peer: IpAddr) -> Result<Counted, Refusal> {
    count(app, "registration".to_owned(), peer, REGISTRATIONS).await
}

async fn count(app: &App, account: String, peer: IpAddr, policy: AttemptPolicy) -> Result<Counted, Refusal> {
    let block = address::block(peer);
    match app.store.count_attempt(&account, &block, policy, app.clock.now()).await? {
        Attempt::Allowed => Ok(Counted { account, block }),
        Attempt::Refused { retry_after } => Err(Refusal::Wait { retry_after }),
    }
}

/// SHA-256 of `account`, a zero byte and the lower-cased e-mail, in hexadecimal.
fn account_name(email_key: &str) -> String {
    let digest = Sha256::new().chain_update(b"account\0").chain_update(email_key).finalize();
    digest.iter().fold(String::with_capacity(64), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

#[cfg(test)]
mod tests {
    use super::account_name;

    /// `printf 'account\0ann@example.com' | sha256sum`
    #[test]
    fn accounts_are_named_by_a_hash() {
        assert_eq!(account_name("ann@example.com"), "08de1bfb174d87177e8af7b09a0d07d6594d61ca8db5f983264c881e0ba60b67");
    }
}
