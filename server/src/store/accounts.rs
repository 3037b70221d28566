//! Accounts and their sealed tokens, as the store keeps them.

use super::InvitationHash;
use crate::ids::UserId;
use generatio_core::Timestamp;
use generatio_core::cost::UsdSum;
use std::fmt;

/// An account password's Argon2id hash in PHC form. Not printed: it invites guessing.
#[derive(Clone)]
pub struct PasswordHash(pub String);

/// 50 random characters; half of the key that signs the user's JWTs. A new one voids them all.
#[derive(Clone)]
pub struct TokenKey(pub String);

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash { .. }")
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenKey { .. }")
    }
}

/// An account about to be made.
pub struct NewUser {
    /// Its id.
    pub id: UserId,
    /// As the user wrote it.
    pub email: String,
    /// Lower-cased, for look-ups and uniqueness.
    pub email_key: String,
    /// Whether others may see the address.
    pub email_visibility: bool,
    /// Display name, may be empty.
    pub name: String,
    /// Hash of the password or account secret.
    pub password_hash: PasswordHash,
    /// Whether the password was an account secret (`g2.…`).
    pub password_derived: bool,
    /// Signs the user's JWTs.
    pub token_key: TokenKey,
    /// The invitation that it uses up; none where it needs none.
    pub invitation: Option<InvitationHash>,
    /// Now.
    pub created: Timestamp,
}

/// An account.
#[derive(Clone)]
pub struct User {
    /// Its id.
    pub id: UserId,
    /// As the user wrote it.
    pub email: String,
    /// Whether others may see the address.
    pub email_visibility: bool,
    /// Whether the address was confirmed.
    pub verified: bool,
    /// Display name, may be empty.
    pub name: String,
    /// Hash of the password or account secret.
    pub password_hash: PasswordHash,
    /// Whether the password was an account secret (`g2.…`).
    pub password_derived: bool,
    /// Signs the user's JWTs.
    pub token_key: TokenKey,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// Who holds the password that opens a sealed token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Custody {
    /// Sealed by the server under a password it was given; login tries to open it.
    Password,
    /// Sealed by the client; the server never tries.
    Client,
}

impl Custody {
    /// `password` or `client`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Custody::Password => "password",
            Custody::Client => "client",
        }
    }
}

/// A sealed FAL token at rest.
#[derive(Clone, Debug)]
pub struct StoredToken {
    /// The sealed text, v1 or v2. Damaged texts are kept: the user must be told.
    pub sealed: String,
    /// Who can open it.
    pub custody: Custody,
    /// When it was stored.
    pub updated: Timestamp,
}

/// A change of an account. What is `None` stays as it is.
#[derive(Debug)]
pub struct UserChange {
    /// Whether others may see the address.
    pub email_visibility: Option<bool>,
    /// Display name.
    pub name: Option<String>,
    /// What the account is logged in to with.
    pub credentials: Option<NewCredentials>,
    /// Now.
    pub now: Timestamp,
}

/// What an account is logged in to with from now on.
#[derive(Debug)]
pub struct NewCredentials {
    /// The hash that the old password was checked against.
    pub checked: PasswordHash,
    /// Another address.
    pub email: Option<NewEmail>,
    /// Another password.
    pub password: Option<NewPassword>,
    /// Signs the user's JWTs from now on; those before are void.
    pub token_key: TokenKey,
    /// The sealed FAL token under the new password.
    pub reseal: Option<Reseal>,
}

/// An address as it was written, and lower-cased.
pub struct NewEmail {
    /// As the user wrote it.
    pub email: String,
    /// For look-ups and uniqueness.
    pub email_key: String,
}

/// A password's hash.
#[derive(Debug)]
pub struct NewPassword {
    /// Hash of the password or account secret.
    pub hash: PasswordHash,
    /// Whether it was an account secret (`g2.…`).
    pub derived: bool,
}

/// A sealed token that takes the place of another.
#[derive(Debug)]
pub struct Reseal {
    /// The text that was there when it was made; `None` when there was none.
    pub old: Option<String>,
    /// What takes its place.
    pub new: StoredToken,
}

/// An account as operators see it in a list.
#[derive(Debug)]
pub struct AccountLine {
    /// The account.
    pub user: User,
    /// Who holds the password of its sealed token, if it has one.
    pub custody: Option<Custody>,
    /// Its pictures, those in the trash included.
    pub images: u64,
    /// All charges to it.
    pub spent: UsdSum,
}

/// What an account is logged in to with after its operator has reset it.
#[derive(Debug)]
pub struct AccountReset {
    /// Another password.
    pub password: NewPassword,
    /// Signs the user's JWTs from now on; those before are void.
    pub token_key: TokenKey,
    /// Now.
    pub now: Timestamp,
}
