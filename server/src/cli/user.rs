//! `generatio user`: accounts, by the operator's hand.

mod invite;
mod list;
mod secret;

use super::{CliError, Place, block_on, say};
use crate::people::Desk;
use clap::{Args, Subcommand};

const HOW: &str = "\
These commands work on the data folder, whether a server runs on it or not. Passwords are read from standard input or a
file, never from the command line: printf '%s' \"$PASSWORD\" | generatio user reset-password ann@example.com";

#[derive(Debug, Args)]
#[command(after_help = HOW)]
pub(super) struct User {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List all accounts
    List(list::List),
    /// Make an account
    Create(Create),
    /// Make an invitation, whose code registers one account where --registration is invite
    Invite(invite::Invite),
    /// List invitations, or take one back
    Invitations(invite::Invitations),
    /// Give an account another password; its sealed FAL token is lost, its logins and sessions end, its pictures stay
    ResetPassword(Reset),
    /// Remove an account with everything that is its user's
    Delete(Delete),
    /// List the sessions that a user has with the running server, or end them
    Sessions(Sessions),
    /// Forget failed attempts on an account, so that its owner need not wait for the next one
    Unlock(Unlock),
}

#[derive(Debug, Args)]
struct Create {
    /// E-mail address
    email: String,
    /// Display name
    #[arg(long, default_value = "")]
    name: String,
    #[command(flatten)]
    source: secret::Source,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Reset {
    /// Id or e-mail address
    user: String,
    #[command(flatten)]
    source: secret::Source,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Delete {
    /// Id or e-mail address
    user: String,
    /// Do it; without this it is only said what would go
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Sessions {
    /// Id or e-mail address
    user: String,
    /// End the session of this handle
    #[arg(long, value_name = "HANDLE")]
    end: Option<String>,
    /// End all of them
    #[arg(long, conflicts_with = "end")]
    end_all: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct Unlock {
    /// Id or e-mail address
    user: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

impl User {
    pub(super) fn run(self) -> Result<(), CliError> {
        match self.command {
            Command::List(list) => block_on(list.run()),
            Command::Create(create) => block_on(create.run()),
            Command::Invite(invite) => block_on(invite.run()),
            Command::Invitations(invitations) => block_on(invitations.run()),
            Command::ResetPassword(reset) => block_on(reset.run()),
            Command::Delete(delete) => block_on(delete.run()),
            Command::Sessions(sessions) => block_on(sessions.run()),
            Command::Unlock(unlock) => block_on(unlock.run()),
        }
    }
}

impl Create {
    async fn run(self) -> Result<(), CliError> {
        let data_dir = self.place.settings()?.data_dir;
        let password = self.source.read()?;
        let user = Desk::open_or_make(&data_dir)?.create(&self.email, &self.name, &password).await?;
        if self.json {
            return print(&serde_json::json!({ "id": user.id, "email": user.email }));
        }
        say(&format!("Made {} for {}\n", user.id, user.email))
    }
}

impl Reset {
    async fn run(self) -> Result<(), CliError> {
        let desk = Desk::open(&self.place.settings()?.data_dir)?;
        let user = desk.find(&self.user).await?;
        let password = self.source.read()?;
        let done = desk.reset_password(&user.id, &password).await?;
        if self.json {
            let token = done.token_lost;
            return print(&serde_json::json!({ "id": user.id, "token_lost": token, "sessions_ended": done.sessions }));
        }
        let token = if done.token_lost { "the sealed FAL token is lost, " } else { "" };
        say(&format!("{} has another password: {token}{} sessions ended\n", user.id, done.sessions))
    }
}

impl Delete {
    async fn run(self) -> Result<(), CliError> {
        let desk = Desk::open(&self.place.settings()?.data_dir)?;
        let user = desk.find(&self.user).await?;
        if !self.yes {
            return Err(CliError::Unconfirmed(format!("{} ({})", user.id, user.email)));
        }
        desk.delete(&user.id).await?;
        say(&format!("Removed {}\n", user.id))
    }
}

impl Sessions {
    async fn run(self) -> Result<(), CliError> {
        let desk = Desk::open(&self.place.settings()?.data_dir)?;
        let user = desk.find(&self.user).await?;
        if self.end.is_some() || self.end_all {
            let ended = desk.end_sessions(&user.id, self.end.as_deref()).await?;
            if self.json {
                return print(&serde_json::json!({ "ended": ended }));
            }
            return say(&format!("{ended} sessions ended\n"));
        }
        let sessions = desk.sessions(&user.id)?;
        if self.json {
            return print(&sessions);
        }
        let mut text = format!("{:<15}  {:<24}  {:<24}  LABEL\n", "HANDLE", "BEGAN", "EXPIRES");
        for session in sessions {
            let label = session.label.escape_debug();
            text += &format!("{:<15}  {:<24}  {:<24}  {label}\n", session.handle, session.created, session.expires);
        }
        say(&text)
    }
}

impl Unlock {
    async fn run(self) -> Result<(), CliError> {
        let desk = Desk::open(&self.place.settings()?.data_dir)?;
        let user = desk.find(&self.user).await?;
        let failures = desk.unlock(&user).await?;
        if self.json {
            return print(&serde_json::json!({ "id": user.id, "failures": failures }));
        }
        say(&format!("Unlocked {}: {failures} failed attempts are forgotten\n", user.id))
    }
}

/// A line of JSON.
pub(super) fn print(value: &impl serde::Serialize) -> Result<(), CliError> {
    let text = serde_json::to_string(value).map_err(|error| CliError::Stdout(error.into()))?;
    say(&(text + "\n"))
}
