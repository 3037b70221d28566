//! `generatio audit`.

use super::{CliError, Place, block_on, say, user};
use crate::clock::{self, SystemClock};
use crate::ids::UserId;
use crate::people::{Desk, DeskError};
use crate::settings::age;
use crate::store::{AuditEntry, AuditQuery, Store};
use clap::Args;
use generatio_core::Timestamp;
use generatio_core::time::Clock;
use serde_json::json;

/// Entries that are read at a time.
const PAGE: u32 = 1000;

#[derive(Debug, Args)]
pub(super) struct Audit {
    /// Only what is about this user: an id, of a removed account too, or an e-mail address
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Only since then: a time ago, such as 24h or 7d, or a moment, such as 2026-01-02T03:04:05Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    since: Option<Timestamp>,
    /// Print a JSON object for each entry, a line each
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    place: Place,
}

fn moment(text: &str) -> Result<Timestamp, String> {
    match clock::parse_rfc3339(text) {
        Some(moment) => Ok(moment),
        None => age(text).map(|age| SystemClock.now().before(age)),
    }
}

impl Audit {
    pub(super) fn run(self) -> Result<(), CliError> {
        let data_dir = self.place.settings()?.data_dir;
        block_on(async move {
            let desk = Desk::open(&data_dir)?;
            // An id stays what it was when its account is gone.
            let user = match self.user.as_deref().map(|who| (who, UserId::parse(who))) {
                None => None,
                Some((_, Some(id))) => Some(id),
                Some((who, None)) => Some(desk.find(who).await?.id),
            };
            let mut query = AuditQuery { user, since: self.since, after: 0, limit: PAGE };
            loop {
                let page = desk.store().audit(query.clone()).await.map_err(DeskError::from)?;
                for (_, entry) in &page {
                    show(entry, self.json)?;
                }
                match page.last() {
                    Some((seq, _)) => query.after = *seq,
                    None => return Ok(()),
                }
            }
        })
    }
}

fn show(entry: &AuditEntry, as_json: bool) -> Result<(), CliError> {
    let (time, actor, action) = (clock::rfc3339(entry.created), entry.actor.as_str(), entry.deed.as_str());
    if as_json {
        let (user, address) = (&entry.user, &entry.block);
        let line = json!({ "time": time, "actor": actor, "action": action, "user": user, "address": address });
        return user::print(&line);
    }
    let user = entry.user.as_ref().map_or("-", UserId::as_str);
    let block = entry.block.as_deref().unwrap_or("-");
    say(&format!("{time}  {actor:<8}  {action:<16}  {user:<15}  {block}\n"))
}
