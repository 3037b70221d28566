//! The server's end of the socket.

use super::{Answer, LINE, PATIENCE, Question, SessionLine, address};
use crate::app::App;
use crate::auth::throttle;
use crate::clock;
use crate::ids::UserId;
use crate::sessions::SessionsError;
use generatio_core::time::Clock;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

/// The socket of a running server; removed when dropped.
pub struct Door {
    listener: UnixListener,
    path: PathBuf,
    /// Who may ask, besides root.
    owner: u32,
}

impl Door {
    /// Opens the socket in a data folder that this process alone holds. What a killed server left there is replaced.
    ///
    /// # Errors
    /// The folder's file system has no sockets, or no room.
    pub fn open(data_dir: &Path) -> io::Result<Self> {
        let (path, directory) = address(data_dir)?;
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        let owner = fs::metadata(&path)?.uid();
        drop(directory);
        Ok(Self { listener, path: data_dir.join(super::NAME), owner })
    }

    /// Answers one after another; never returns. Dropping it loses a question that is being answered.
    pub async fn run(&self, app: &App) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    // A client that says nothing holds up other operators, who are few.
                    match timeout(PATIENCE, self.serve(app, stream)).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => tracing::warn!(%error, "an operator's command was not answered"),
                        Err(_) => tracing::warn!("an operator's command took too long"),
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "operators' commands cannot be taken");
                    tokio::time::sleep(PATIENCE).await;
                }
            }
        }
    }

    async fn serve(&self, app: &App, mut stream: UnixStream) -> io::Result<()> {
        let asker = stream.peer_cred()?.uid();
        if asker != self.owner && asker != 0 {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "another user asked"));
        }
        let (read, mut write) = stream.split();
        let mut line = Vec::new();
        BufReader::new(read.take(LINE)).read_until(b'\n', &mut line).await?;
        let answer = match serde_json::from_slice(&line) {
            Ok(question) => answer(app, question).await,
            Err(_) => Answer::Refused("the server does not know this command: it is of another version".into()),
        };
        let mut line = serde_json::to_vec(&answer)?;
        line.push(b'\n');
        write.write_all(&line).await
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // The next server replaces what is left.
        let _ = fs::remove_file(&self.path);
    }
}

async fn answer(app: &App, question: Question) -> Answer {
    let answer = match question {
        Question::EndSessions { user, handle } => end_sessions(app, &user, handle.as_deref()).await,
        Question::Sessions { user } => sessions(app, &user).await,
        Question::Rekey { void_old } => return rekey(app, void_old),
        Question::Unlock { user } => return unlock(app, &user).await,
    };
    answer.unwrap_or_else(|error| Answer::Refused(error.to_string()))
}

async fn end_sessions(app: &App, user: &str, handle: Option<&str>) -> Result<Answer, SessionsError> {
    let Some(user) = UserId::parse(user) else { return Ok(Answer::Ended(0)) };
    let ended = match handle {
        Some(handle) => usize::from(app.sessions.end_by_handle(handle, &user).await?),
        None => app.sessions.end_all(&user).await?,
    };
    Ok(Answer::Ended(ended))
}

async fn sessions(app: &App, user: &str) -> Result<Answer, SessionsError> {
    let Some(user) = UserId::parse(user) else { return Ok(Answer::Sessions(Vec::new())) };
    let listed = app.sessions.list(&user, None, app.clock.now()).await?;
    let line = |listed: crate::sessions::Listed| SessionLine {
        handle: listed.handle,
        label: listed.label,
        created: clock::rfc3339(listed.created),
        expires: clock::rfc3339(listed.expires),
    };
    Ok(Answer::Sessions(listed.into_iter().map(line).collect()))
}

async fn unlock(app: &App, user: &str) -> Answer {
    let found = match UserId::parse(user) {
        Some(user) => app.store.user(&user).await,
        None => Ok(None),
    };
    match found {
        Ok(user) => {
            user.iter().for_each(|user| throttle::forget_minute(&app.derivations, user));
            Answer::Unlocked
        }
        Err(error) => Answer::Refused(error.to_string()),
    }
}

fn rekey(app: &App, void_old: bool) -> Answer {
    match app.jwt.rekey(app.clock.now(), void_old) {
        Ok(made) => {
            tracing::info!(key = made.id, void_old, "a new key signs logins");
            Answer::Rekeyed { id: made.id, old_until_ms: made.old_until.map(|until| until.unix_ms()) }
        }
        Err(error) => Answer::Refused(format!("the key file cannot be written: {error}")),
    }
}
