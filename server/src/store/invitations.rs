//! Invitations to register, as the store keeps them.

use crate::ids::{InvitationId, UserId};
use generatio_core::Timestamp;

/// Most invitations that are kept at a time, used and expired ones included until they are removed.
pub const MAX_INVITATIONS: u32 = 10_000;

/// SHA-256 of an invitation's code: enough to know it by, and of no use to who reads the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvitationHash(pub [u8; 32]);

/// An invitation about to be made.
#[derive(Clone)]
pub struct NewInvitation {
    /// Names it; opens nothing.
    pub id: InvitationId,
    /// What its code hashes to.
    pub code: InvitationHash,
    /// The one address it is good for, lower-cased; any, without.
    pub email_key: Option<String>,
    /// Now.
    pub created: Timestamp,
    /// The first moment at which it is no good.
    pub expires: Timestamp,
}

/// An invitation as operators see it.
#[derive(Clone)]
pub struct Invitation {
    /// Names it; opens nothing.
    pub id: InvitationId,
    /// The one address it is good for, lower-cased; any, without.
    pub email_key: Option<String>,
    /// When it was made.
    pub created: Timestamp,
    /// The first moment at which it is no good.
    pub expires: Timestamp,
    /// When it was used, and for which account.
    pub used: Option<(Timestamp, UserId)>,
}
