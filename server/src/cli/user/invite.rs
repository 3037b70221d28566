//! `generatio user invite` and `generatio user invitations`.

use super::super::{CliError, Place, say};
use super::print;
use crate::clock::{self, SystemClock};
use crate::ids::UserId;
use crate::people::Desk;
use crate::store::Invitation;
use clap::Args;
use generatio_core::Timestamp;
use generatio_core::time::Clock;
use serde_json::json;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Debug, Args)]
pub(super) struct Invite {
    /// The one e-mail address it is good for; without this it is good for any
    #[arg(long)]
    email: Option<String>,
    /// Days that it is good for
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=365))]
    days: u32,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(super) struct Invitations {
    /// Take back the one of this id, which was not used yet
    #[arg(long, value_name = "ID")]
    revoke: Option<String>,
    /// Print a JSON object for each, a line each
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl Invite {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let desk = Desk::open_or_make(&self.place.settings()?.data_dir)?;
        let made = desk.invite(self.email.as_deref(), DAY * self.days).await?;
        // Shown once, to whoever made it: of the code only its hash is kept.
        let (id, code, expires) = (&made.id, made.code.expose(), clock::rfc3339(made.expires));
        if self.json {
            return print(&json!({ "id": id, "code": code, "email": self.email, "expires": expires }));
        }
        say(&format!("{code}\nInvitation {id}, for one account until {expires}; this code is not shown again\n"))
    }
}

impl Invitations {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let desk = Desk::open(&self.place.settings()?.data_dir)?;
        if let Some(id) = &self.revoke {
            desk.revoke_invitation(id).await?;
            return if self.json { print(&json!({ "revoked": id })) } else { say(&format!("Revoked {id}\n")) };
        }
        if !self.json {
            say(&format!("{:<15}  {:<24}  {:<24}  {:<7}  {:<15}  FOR\n", "ID", "MADE", "EXPIRES", "STATE", "ACCOUNT"))?;
        }
        let now = SystemClock.now();
        desk.invitations().await?.iter().try_for_each(|one| show(one, self.json, now))
    }
}

/// Whether it was used, could be, or can no more.
fn state(invitation: &Invitation, now: Timestamp) -> &'static str {
    match invitation.used {
        Some(_) => "used",
        None if invitation.expires <= now => "expired",
        None => "open",
    }
}

fn show(invitation: &Invitation, as_json: bool, now: Timestamp) -> Result<(), CliError> {
    let (id, email, state) = (&invitation.id, invitation.email_key.as_deref(), state(invitation, now));
    let (made, expires) = (clock::rfc3339(invitation.created), clock::rfc3339(invitation.expires));
    let user = invitation.used.as_ref().map(|(_, user)| user);
    if as_json {
        let line =
            json!({ "id": id, "email": email, "created": made, "expires": expires, "state": state, "user": user });
        return print(&line);
    }
    let (user, email) = (user.map_or("-", UserId::as_str), email.unwrap_or("anybody").escape_debug());
    say(&format!("{:<15}  {made:<24}  {expires:<24}  {state:<7}  {user:<15}  {email}\n", id.as_str()))
}
