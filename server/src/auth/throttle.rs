//! How often an account may be guessed at, and from where: counted before the work, taken back when it succeeds.
//!
//! First of all an address block has a quota over all accounts ([`Quota::Block`]), so that made-up ones cost it no more
//! than a look into memory. The other counters are the store's and outlive a restart. What is counted is named by a hash: no e-mail stands there.

use super::address;
use super::derive::{Busy, Derivations};
use super::quota::Quota;
use crate::app::App;
use crate::ids::UserId;
use crate::store::{Attempt, AttemptPolicy, Store, StoreError, User};
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
/// Passwords tried on a user's sealed token: as logins, by counters of their own.
pub const OPENINGS: AttemptPolicy = LOGINS;
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
    /// The account's name among the counters.
    pub(super) fn account(&self) -> &str {
        &self.account
    }

    /// It succeeded: the counters go back to zero, and the block is remembered as the owner's. When the store fails, it
    /// succeeded all the same.
    pub async fn succeeded(self, app: &App) {
        if let Err(error) = app.store.clear_attempts(&self.account, &self.block, app.clock.now()).await {
            tracing::error!(%error, "a success could not be taken off the counters");
        }
    }
}

/// Counts a login to the account with this lower-cased e-mail, whether it exists or not.
///
/// # Errors
/// [`Refusal`]; a refused attempt is not counted in the store.
pub async fn count_login(app: &App, email_key: &str, client: IpAddr) -> Result<Counted, Refusal> {
    let (account, block) = (name("account", email_key), address::block(client));
    let now = app.clock.now();
    app.derivations.admit(Quota::Block, &block, now)?;
    app.derivations.admit(Quota::Login, &format!("{account} {block}"), now)?;
    count(app, account, block, LOGINS).await
}

/// Counts a registration.
///
/// # Errors
/// [`Refusal`]; a refused attempt is not counted in the store.
pub async fn count_registration(app: &App, client: IpAddr) -> Result<Counted, Refusal> {
    let block = address::block(client);
    app.derivations.admit(Quota::Block, &block, app.clock.now())?;
    count(app, "registration".to_owned(), block, REGISTRATIONS).await
}

/// Counts a password that is tried on the user's sealed token. Whoever has a login may have stolen it, and must not guess
/// on at the token.
///
/// # Errors
/// [`Refusal`]; a refused attempt is not counted in the store.
pub async fn count_opening(app: &App, user: &UserId, client: IpAddr) -> Result<Counted, Refusal> {
    let (account, block) = (name("token", user.as_str()), address::block(client));
    app.derivations.admit(Quota::Block, &block, app.clock.now())?;
    count(app, account, block, OPENINGS).await
}

/// Forgets failures on the user's account and sealed token, from wherever they came; says how many they were. The running
/// server also has [`forget_minute`].
///
/// # Errors
/// The store's.
pub async fn forget_failures(store: &dyn Store, user: &User) -> Result<u64, StoreError> {
    let login = store.forget_attempts(&login_name(user)).await?;
    Ok(login + store.forget_attempts(&name("token", user.id.as_str())).await?)
}

/// Forgets what this process counted against the user's account within the last minute. What it counted against address
/// blocks stays: others share them.
pub fn forget_minute(derivations: &Derivations, user: &User) {
    derivations.forget(Quota::Login, &format!("{} ", login_name(user)));
    derivations.forget(Quota::Derivation, user.id.as_str());
}

fn login_name(user: &User) -> String {
    name("account", &user.email.to_lowercase())
}

async fn count(app: &App, account: String, block: String, policy: AttemptPolicy) -> Result<Counted, Refusal> {
    let policy = policy.times(app.settings.throttle_times);
    match app.store.count_attempt(&account, &block, policy, app.clock.now()).await? {
        Attempt::Allowed => Ok(Counted { account, block }),
        Attempt::Refused { retry_after } => Err(Refusal::Wait { retry_after }),
    }
}

impl AttemptPolicy {
    /// The same with so many times the attempts.
    fn times(self, times: u32) -> Self {
        let (per_block, per_account) = (self.per_block.saturating_mul(times), self.per_account.saturating_mul(times));
        Self { per_block, per_account, ..self }
    }
}

impl From<Busy> for Refusal {
    fn from(busy: Busy) -> Self {
        Refusal::Wait { retry_after: busy.retry_after }
    }
}

/// SHA-256 of what is counted, a zero byte and whose it is (a lower-cased e-mail, a user's id), in hexadecimal.
fn name(counted: &str, whose: &str) -> String {
    let digest = Sha256::new().chain_update(counted).chain_update(b"\0").chain_update(whose).finalize();
    digest.iter().fold(String::with_capacity(64), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

#[cfg(test)]
mod tests {
    use super::{OPENINGS, Refusal, count_login, count_opening, count_registration, name};
    use crate::auth::Quota;
    use crate::http::answer::tests::app;
    use crate::ids::UserId;
    use std::net::IpAddr;

    /// `printf 'account\0ann@example.com' | sha256sum`
    #[test]
    fn accounts_are_named_by_a_hash() {
        assert_eq!(
            name("account", "ann@example.com"),
            "08de1bfb174d87177e8af7b09a0d07d6594d61ca8db5f983264c881e0ba60b67"
        );
    }

    #[tokio::test]
    async fn made_up_accounts_and_registrations_share_their_block_s_minute() {
        let (app, _folder) = app().await;
        let (here, elsewhere) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        for i in 0..Quota::Block.limit() {
            count_login(&app, &format!("made-up-{i}@example.com"), here).await.unwrap();
        }
        let refused = [
            count_login(&app, "one-more@example.com", here).await.unwrap_err(),
            count_registration(&app, here).await.unwrap_err(),
            count_opening(&app, &ann(), here).await.unwrap_err(),
        ];
        assert!(refused.iter().all(|refusal| matches!(refusal, Refusal::Wait { .. })), "{refused:?}");
        count_login(&app, "one-more@example.com", elsewhere).await.unwrap();
        count_registration(&app, elsewhere).await.unwrap();
        count_opening(&app, &ann(), elsewhere).await.unwrap();
    }

    fn ann() -> UserId {
        UserId::parse("aaaaaaaaaaaaaaa").unwrap()
    }

    #[tokio::test]
    async fn passwords_for_a_token_are_counted_apart_from_logins() {
        let (app, _folder) = app().await;
        let here = IpAddr::from([192, 0, 2, 1]);
        for _ in 0..OPENINGS.per_block {
            count_opening(&app, &ann(), here).await.unwrap();
        }
        let refused = count_opening(&app, &ann(), here).await.unwrap_err();
        assert!(matches!(refused, Refusal::Wait { .. }), "{refused:?}");
        count_login(&app, ann().as_str(), here).await.unwrap();
        count_opening(&app, &UserId::parse("bbbbbbbbbbbbbbb").unwrap(), here).await.unwrap().succeeded(&app).await;
        count_opening(&app, &ann(), IpAddr::from([192, 0, 2, 2])).await.unwrap().succeeded(&app).await;
    }
}
