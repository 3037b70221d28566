//! The demo's account: made at the first start, found again later. Its password lies in the demo's data folder, so that
//! every start prints the same one.

use crate::app::App;
use crate::auth::passwords::{self, PasswordError};
use crate::ids;
use crate::store::{Custody, NewUser, StoreError, StoredToken};
use generatio_core::seal::{self, SealError};
use generatio_core::time::Clock;
use generatio_core::validate::Email;
use generatio_core::{Password, SecretText};
use getrandom::SysRng;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// Who logs in.
pub(super) const EMAIL: &str = "demo@example.com";
/// The key that is set up: any would do.
pub(super) const FAL_KEY: &str = "demo:stand-in";

const PASSWORD_LENGTH: usize = 20;

/// The account and its password.
#[derive(Debug)]
pub struct Account {
    pub(super) password: Password,
}

/// Why there is no account.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The password could not be hashed.
    #[error("the demo's account cannot be made")]
    Password(#[from] PasswordError),
    /// The file of the password cannot be read or made.
    #[error("the demo's password file {} cannot be used", .0.display())]
    PasswordFile(PathBuf, #[source] io::Error),
    /// The system gives no randomness.
    #[error("the system gives no randomness")]
    Random(#[from] getrandom::Error),
    /// The key could not be sealed.
    #[error("the demo's FAL key cannot be sealed")]
    Seal(#[from] SealError),
    /// The store failed.
    #[error("the demo's account cannot be stored")]
    Store(#[from] StoreError),
}

/// Where the password of a demo in this folder lies.
pub(super) fn password_file(folder: &Path) -> PathBuf {
    folder.join("demo.password")
}

impl Account {
    /// The account of this demo. Blocks its thread for two derivations when it has to be made.
    pub(super) async fn find_or_make(app: &App) -> Result<Self, AccountError> {
        let password = read_or_make(&password_file(&app.settings.data_dir))?;
        let email = Email::parse(EMAIL).expect("a constant address");
        if app.store.user_by_email(&email.key()).await?.is_none() {
            make(app, &email, &password).await?;
        }
        Ok(Self { password })
    }
}

async fn make(app: &App, email: &Email, password: &Password) -> Result<(), AccountError> {
    let now = app.clock.now();
    let made = NewUser::generate(email, passwords::hash(password, &mut SysRng)?, now, &mut SysRng)?;
    let user = NewUser { name: "Demo".to_owned(), ..made };
    let user = app.store.create_user(user).await?;
    let key = SecretText::new(FAL_KEY.to_owned());
    let sealed = seal::seal(&key, password, user.id.as_str(), app.settings.pbkdf2_iterations, &mut SysRng)?;
    let token = StoredToken { sealed: sealed.as_str().to_owned(), custody: Custody::Password, updated: now };
    Ok(app.store.set_sealed_token(&user.id, token).await?)
}

fn read_or_make(path: &Path) -> Result<Password, AccountError> {
    let read = match std::fs::read_to_string(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            write_new(path, ids::random_text(&mut SysRng, PASSWORD_LENGTH)?)
        }
        read => read,
    };
    let text = read.map_err(|cause| AccountError::PasswordFile(path.to_owned(), cause))?;
    Ok(Password::new(text.trim_end().to_owned()))
}

fn write_new(path: &Path, password: String) -> io::Result<String> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{password}")?;
    Ok(password)
}
