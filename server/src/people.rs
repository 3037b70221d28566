//! What an operator does with accounts, on the data folder: while a server runs on it, too.
//!
//! Rows are read and written in the database, where a running server finds them with its next look: it reads the account
//! at every request. Only sessions, and what it counted within a minute, live in the process, which is told to end them
//! and to forget it by its socket ([`control`]).

mod error;
mod invitations;

pub use error::DeskError;
pub use invitations::Invited;

use crate::app;
use crate::auth::jwt::{JwtKey, Rekeyed};
use crate::auth::passwords;
use crate::auth::throttle;
use crate::clock::SystemClock;
use crate::control::{self, Answer, Question, SessionLine};
use crate::ids::UserId;
use crate::store::sqlite::{self, OpenError, SqliteStore};
use crate::store::{AccountReset, Actor, AuditEntry, Deed, NewPassword, NewUser, Store, TokenKey, User};
use generatio_core::seal::{check_password, is_account_secret};
use generatio_core::time::Clock;
use generatio_core::validate::Email;
use generatio_core::{Password, Timestamp};
use getrandom::SysRng;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The data folder, and the database in it.
pub struct Desk {
    data_dir: PathBuf,
    store: SqliteStore,
}

/// What a reset did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResetSummary {
    /// Whether there was a sealed token, which is lost.
    pub token_lost: bool,
    /// How many sessions ended.
    pub sessions: usize,
}

impl Desk {
    /// The desk of a data folder that has been in use.
    ///
    /// # Errors
    /// [`DeskError::NoDatabase`], [`DeskError::Database`].
    pub fn open(data_dir: &Path) -> Result<Self, DeskError> {
        let path = data_dir.join(sqlite::FILE_NAME);
        if !path.is_file() {
            return Err(DeskError::NoDatabase(data_dir.to_owned()));
        }
        let opened = match SqliteStore::open_as_it_is(&path) {
            // Of an earlier program; the server of that may still be at work on it, and must not find it changed.
            Err(OpenError::Older { found, known }) => match app::lock(data_dir) {
                Ok(_held) => sqlite::bring_up_to_date(&path).and_then(|()| SqliteStore::open_as_it_is(&path)),
                Err(_) => Err(OpenError::Older { found, known }),
            },
            opened => opened,
        };
        let store = opened.map_err(|cause| DeskError::Database(path, cause))?;
        Ok(Self { data_dir: data_dir.to_owned(), store })
    }

    /// The same; makes the folder and the database where there are none.
    ///
    /// # Errors
    /// [`DeskError::Database`]; the folder cannot be made.
    pub fn open_or_make(data_dir: &Path) -> Result<Self, DeskError> {
        let path = data_dir.join(sqlite::FILE_NAME);
        if !path.exists() {
            let made = app::make_private(data_dir).map_err(|error| OpenError::Engine(error.to_string()));
            made.and_then(|()| sqlite::bring_up_to_date(&path)).map_err(|cause| DeskError::Database(path, cause))?;
        }
        Self::open(data_dir)
    }

    /// The rows.
    #[must_use]
    pub fn store(&self) -> &SqliteStore {
        &self.store
    }

    /// The account of this id or address.
    ///
    /// # Errors
    /// [`DeskError::Nobody`]; the store's.
    pub async fn find(&self, who: &str) -> Result<User, DeskError> {
        let found = match (UserId::parse(who), Email::parse(who)) {
            (Some(id), _) => self.store.user(&id).await?,
            (None, Ok(email)) => self.store.user_by_email(&email.key()).await?,
            (None, Err(_)) => None,
        };
        found.ok_or_else(|| DeskError::Nobody(who.to_owned()))
    }

    /// Makes an account.
    ///
    /// # Errors
    /// [`DeskError::Email`], [`DeskError::Password`]; [`StoreError::EmailTaken`](crate::store::StoreError::EmailTaken) among
    /// the store's.
    pub async fn create(&self, email: &str, name: &str, password: &Password) -> Result<User, DeskError> {
        let email = address(email)?;
        let NewPassword { hash, derived } = hashed(password)?;
        let made = NewUser::generate(&email, hash, SystemClock.now(), &mut SysRng)?;
        let user = NewUser { name: name.to_owned(), password_derived: derived, ..made };
        let user = self.store.create_user(user).await?;
        self.note(Deed::Registered, Some(&user.id)).await?;
        Ok(user)
    }

    /// Gives an account another password. Its logins and sessions end, and its sealed token is lost: it opened with the old
    /// password alone. Pictures and spending stay.
    ///
    /// # Errors
    /// [`DeskError::Password`]; [`DeskError::Untold`] when all is done but the ending of sessions.
    pub async fn reset_password(&self, user: &UserId, password: &Password) -> Result<ResetSummary, DeskError> {
        let reset = AccountReset {
            password: hashed(password)?,
            token_key: TokenKey::generate(&mut SysRng)?,
            now: SystemClock.now(),
        };
        let token_lost = self.store.reset_account(user, reset).await?;
        self.note(Deed::PasswordReset, Some(user)).await?;
        // Behind the rows: whoever begins a session now needs the new password.
        let sessions = self.end_all(user)?;
        Ok(ResetSummary { token_lost, sessions })
    }

    /// Removes an account with everything that is its user's; files of pictures go with the server's next sweep.
    ///
    /// # Errors
    /// [`DeskError::Untold`] when all is done but the ending of sessions.
    pub async fn delete(&self, user: &UserId) -> Result<(), DeskError> {
        self.store.delete_user(user).await?;
        self.note(Deed::Deleted, Some(user)).await?;
        self.end_all(user).map(drop)
    }

    /// Forgets failed attempts on an account and its sealed token, so that its owner need not wait; says how many they were.
    ///
    /// # Errors
    /// [`DeskError::Untold`] when all is forgotten but what a running server counted within the last minute.
    pub async fn unlock(&self, user: &User) -> Result<u64, DeskError> {
        let failures = throttle::forget_failures(&self.store, user).await?;
        self.note(Deed::Unlocked, Some(&user.id)).await?;
        match self.ask(&Question::Unlock { user: user.id.as_str().to_owned() })? {
            None | Some(Answer::Unlocked) => Ok(failures),
            other => Err(self.unexpected(other)),
        }
    }

    /// The sessions of a user, as the running server tells.
    ///
    /// # Errors
    /// [`DeskError::NoServer`] when none runs.
    pub fn sessions(&self, user: &UserId) -> Result<Vec<SessionLine>, DeskError> {
        match self.ask(&Question::Sessions { user: user.as_str().to_owned() })? {
            Some(Answer::Sessions(sessions)) => Ok(sessions),
            other => Err(self.unexpected(other)),
        }
    }

    /// Ends one session of a user, or all; says how many.
    ///
    /// # Errors
    /// [`DeskError::NoServer`] when none runs.
    pub async fn end_sessions(&self, user: &UserId, handle: Option<&str>) -> Result<usize, DeskError> {
        let question = Question::EndSessions { user: user.as_str().to_owned(), handle: handle.map(ToOwned::to_owned) };
        match self.ask(&question)? {
            Some(Answer::Ended(0)) => Ok(0),
            Some(Answer::Ended(count)) => {
                self.note(Deed::SessionEnded, Some(user)).await?;
                Ok(count)
            }
            other => Err(self.unexpected(other)),
        }
    }

    /// None where no server runs: there are none then.
    fn end_all(&self, user: &UserId) -> Result<usize, DeskError> {
        match self.ask(&Question::EndSessions { user: user.as_str().to_owned(), handle: None })? {
            None => Ok(0),
            Some(Answer::Ended(count)) => Ok(count),
            other => Err(self.unexpected(other)),
        }
    }

    fn ask(&self, question: &Question) -> Result<Option<Answer>, DeskError> {
        control::ask(&self.data_dir, question).map_err(|cause| DeskError::Untold(self.data_dir.clone(), cause))
    }

    fn unexpected(&self, answer: Option<Answer>) -> DeskError {
        match answer {
            None => DeskError::NoServer(self.data_dir.clone()),
            Some(Answer::Refused(why)) => DeskError::Refused(why),
            Some(_) => DeskError::Refused("it answered another question".into()),
        }
    }

    /// Notes what the operator did.
    ///
    /// # Errors
    /// The store's.
    pub async fn note(&self, deed: Deed, user: Option<&UserId>) -> Result<(), DeskError> {
        let created = SystemClock.now();
        let entry = AuditEntry { created, actor: Actor::Operator, deed, user: user.cloned(), block: None };
        Ok(self.store.note(entry).await?)
    }

    /// Lets a new key sign logins, by the server where one runs: it knows its key file and how long its logins last. Without
    /// one these are `path` and `lifetime`.
    ///
    /// # Errors
    /// [`DeskError::Key`], [`DeskError::Refused`].
    pub async fn rekey(&self, path: &Path, lifetime: Duration, void_old: bool) -> Result<Rekeyed, DeskError> {
        let made = match self.ask(&Question::Rekey { void_old })? {
            Some(Answer::Rekeyed { id, old_until_ms }) => {
                Rekeyed { id, old_until: old_until_ms.map(Timestamp::from_unix_ms) }
            }
            None => self.rekey_alone(path, lifetime, void_old)?,
            other => return Err(self.unexpected(other)),
        };
        self.note(Deed::Rekeyed, None).await?;
        Ok(made)
    }

    fn rekey_alone(&self, path: &Path, lifetime: Duration, void_old: bool) -> Result<Rekeyed, DeskError> {
        let cannot = |cause| DeskError::Key(path.to_owned(), cause);
        // No server starts meanwhile and goes on with the key of before.
        let _held = app::lock(&self.data_dir).map_err(|error| cannot(io::Error::other(error.to_string())))?;
        JwtKey::open(path, lifetime).and_then(|key| key.rekey(SystemClock.now(), void_old)).map_err(cannot)
    }
}

fn address(text: &str) -> Result<Email, DeskError> {
    Email::parse(text).map_err(|cause| DeskError::Email(text.to_owned(), cause))
}

/// A password given in the clear is held to the rules for one; what a client derived from one was held to them there.
fn hashed(password: &Password) -> Result<NewPassword, DeskError> {
    // Checked, not kept.
    let derived = is_account_secret(password.expose());
    if !derived {
        check_password(password.expose())?;
    }
    Ok(NewPassword { hash: passwords::hash(password, &mut SysRng)?, derived })
}
