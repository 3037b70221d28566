//! `generatio user list`.

use super::super::{CliError, Place, say};
use super::print;
use crate::clock;
use crate::people::Desk;
use crate::store::{AccountLine, Store};
use clap::Args;
use serde::Serialize;

/// Accounts that are read at a time.
const PAGE: u32 = 500;

#[derive(Debug, Args)]
pub(super) struct List {
    /// Print a JSON object for each account, a line each
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    email: &'a str,
    name: &'a str,
    verified: bool,
    created: String,
    password: &'static str,
    token: &'static str,
    images: u64,
    spent: generatio_core::cost::UsdSum,
}

impl<'a> Line<'a> {
    fn of(line: &'a AccountLine) -> Self {
        let user = &line.user;
        Self {
            id: user.id.as_str(),
            email: &user.email,
            name: &user.name,
            verified: user.verified,
            created: clock::rfc3339(user.created),
            password: how_hashed(line),
            token: line.custody.map_or("none", |custody| custody.as_str()),
            images: line.images,
            spent: line.spent,
        }
    }
}

/// What the account's password is: given in the clear, derived from one in the client, or still as the original hashed it.
fn how_hashed(line: &AccountLine) -> &'static str {
    match (crate::auth::original::is_original(&line.user.password_hash), line.user.password_derived) {
        (true, _) => "bcrypt",
        (false, true) => "derived",
        (false, false) => "plain",
    }
}

impl List {
    pub(super) async fn run(self) -> Result<(), CliError> {
        let Self { json, place } = self;
        let desk = Desk::open(&place.settings()?.data_dir)?;
        if !json {
            say(&format!(
                "{:<15}  {:<24}  {:<8}  {:<8}  {:>8}  {:>12}  EMAIL, NAME\n",
                "ID", "CREATED", "PASSWORD", "TOKEN", "IMAGES", "SPENT"
            ))?;
        }
        let mut after = None;
        loop {
            let page = desk.store().accounts(after, PAGE).await.map_err(crate::people::DeskError::from)?;
            for line in &page {
                show(&Line::of(line), json)?;
            }
            match page.last() {
                Some(last) => after = Some(last.user.id.clone()),
                None => return Ok(()),
            }
        }
    }
}

fn show(line: &Line<'_>, json: bool) -> Result<(), CliError> {
    if json {
        return print(line);
    }
    // Names are their users' words: none steers a terminal.
    let name = if line.name.is_empty() { String::new() } else { format!(", {}", line.name.escape_debug()) };
    say(&format!(
        "{:<15}  {:<24}  {:<8}  {:<8}  {:>8}  {:>12}  {}{name}\n",
        line.id,
        line.created,
        line.password,
        line.token,
        line.images,
        line.spent.to_string(),
        line.email.escape_debug()
    ))
}
