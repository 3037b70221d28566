//! Invitations, which an operator makes, looks over and takes back.

use super::{Desk, DeskError, address};
use crate::auth::invitation;
use crate::clock::SystemClock;
use crate::ids::InvitationId;
use crate::store::{Deed, Invitation, NewInvitation, Store, StoreError};
use generatio_core::time::Clock;
use generatio_core::{SecretText, Timestamp};
use getrandom::SysRng;
use std::time::Duration;

/// An invitation as it is made: the one moment at which its code is known.
#[derive(Debug)]
pub struct Invited {
    /// Names it; opens nothing.
    pub id: InvitationId,
    /// Whoever has it makes an account.
    pub code: SecretText,
    /// The first moment at which it is no good.
    pub expires: Timestamp,
}

impl Desk {
    /// Makes an invitation that is good for one account within `lifetime`, with this address or with any.
    ///
    /// # Errors
    /// [`DeskError::Email`], [`DeskError::Invitations`].
    pub async fn invite(&self, email: Option<&str>, lifetime: Duration) -> Result<Invited, DeskError> {
        let email_key = email.map(address).transpose()?.map(|email| email.key());
        let (id, code) = (InvitationId::generate(&mut SysRng)?, invitation::generate(&mut SysRng)?);
        let created = SystemClock.now();
        let expires = created.after(lifetime);
        let hash = invitation::hash(code.expose());
        let made = NewInvitation { id: id.clone(), code: hash, email_key, created, expires };
        match self.store.create_invitation(made).await {
            Err(StoreError::Full) => return Err(DeskError::Invitations),
            made => made?,
        }
        self.note(Deed::Invited, None).await?;
        Ok(Invited { id, code, expires })
    }

    /// All invitations, oldest first; used and expired ones for thirty days.
    ///
    /// # Errors
    /// The store's.
    pub async fn invitations(&self) -> Result<Vec<Invitation>, DeskError> {
        Ok(self.store.invitations().await?)
    }

    /// Takes an invitation back that was not used.
    ///
    /// # Errors
    /// [`DeskError::NoInvitation`].
    pub async fn revoke_invitation(&self, id: &str) -> Result<(), DeskError> {
        let revoked = match InvitationId::parse(id) {
            Some(id) => self.store.revoke_invitation(&id).await?,
            None => false,
        };
        if !revoked {
            return Err(DeskError::NoInvitation(id.to_owned()));
        }
        self.note(Deed::InvitationRevoked, None).await
    }
}
