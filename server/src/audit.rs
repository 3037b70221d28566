//! Noting what accounts did. What cannot be noted is logged and done all the same.

use crate::app::App;
use crate::auth::address;
use crate::ids::UserId;
use crate::store::{Actor, AuditEntry, Deed};
use generatio_core::time::Clock;
use std::net::IpAddr;

/// The user did this to the own account.
pub(crate) async fn by_user(app: &App, deed: Deed, user: &UserId, peer: IpAddr) {
    note(app, Actor::User, deed, Some(user), peer).await;
}

/// Somebody tried to be the user of this account, if there is one.
pub(crate) async fn by_nobody(app: &App, deed: Deed, user: Option<&UserId>, peer: IpAddr) {
    note(app, Actor::Nobody, deed, user, peer).await;
}

async fn note(app: &App, actor: Actor, deed: Deed, user: Option<&UserId>, peer: IpAddr) {
    let block = Some(address::block(peer));
    let entry = AuditEntry { created: app.clock.now(), actor, deed, user: user.cloned(), block };
    if let Err(error) = app.store.note(entry).await {
        tracing::error!(%error, deed = deed.as_str(), "it could not be noted in the audit log");
    }
}
