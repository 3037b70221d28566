//! What accounts and operators did, as the store keeps it: who, what, when, from where; nobody's words and no secrets.

use crate::ids::UserId;
use generatio_core::Timestamp;

/// Who did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who did not show who they are.
    Nobody,
    /// Whoever runs the server, by its command line.
    Operator,
    /// The user whom it is about.
    User,
}

impl Actor {
    /// `nobody`, `operator` or `user`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nobody => "nobody",
            Self::Operator => "operator",
            Self::User => "user",
        }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The account has another address.
    AddressChanged,
    /// The account was removed.
    Deleted,
    /// Rows of the original server were brought in.
    Imported,
    /// Somebody registered with an invitation that is not good.
    InvitationRefused,
    /// An invitation was taken back.
    InvitationRevoked,
    /// An account was made by an invitation.
    InvitationUsed,
    /// An invitation was made.
    Invited,
    /// Somebody logged in.
    LoggedIn,
    /// Somebody gave a wrong password.
    LoginFailed,
    /// The account has another password.
    PasswordChanged,
    /// The account has another password, and lost its sealed token.
    PasswordReset,
    /// An account was made.
    Registered,
    /// Another key signs logins.
    Rekeyed,
    /// A session was ended.
    SessionEnded,
    /// A session was begun.
    SessionStarted,
    /// The sealed token was removed.
    TokenRemoved,
    /// A sealed token was stored.
    TokenSet,
    /// Failed attempts on the account were forgotten.
    Unlocked,
}

impl Deed {
    /// Its name in rows and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AddressChanged => "address_changed",
            Self::Deleted => "deleted",
            Self::Imported => "imported",
            Self::InvitationRefused => "invite_refused",
            Self::InvitationRevoked => "invite_revoked",
            Self::InvitationUsed => "invite_used",
            Self::Invited => "invited",
            Self::LoggedIn => "logged_in",
            Self::LoginFailed => "login_failed",
            Self::PasswordChanged => "password_changed",
            Self::PasswordReset => "password_reset",
            Self::Registered => "registered",
            Self::Rekeyed => "rekeyed",
            Self::SessionEnded => "session_ended",
            Self::SessionStarted => "session_started",
            Self::TokenRemoved => "token_removed",
            Self::TokenSet => "token_set",
            Self::Unlocked => "unlocked",
        }
    }
}

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub created: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// What.
    pub deed: Deed,
    /// Whom it is about.
    pub user: Option<UserId>,
    /// Where it came from ([`crate::auth::address::block`]); nowhere for an operator.
    pub block: Option<String>,
}

/// Which entries are asked for, oldest first. What is `None` does not narrow.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// About this user.
    pub user: Option<UserId>,
    /// At this moment or later.
    pub since: Option<Timestamp>,
    /// Behind this entry.
    pub after: i64,
    /// At most this many.
    pub limit: u32,
}
