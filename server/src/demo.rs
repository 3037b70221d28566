//! `generatio serve --demo`: everything working on this machine without a FAL key. A stand-in paints the pictures, and
//! an account is ready whose password is printed. Only this mode knows of either, and it never leaves the machine.

mod account;

pub use account::{Account, AccountError};

use crate::serve::{ServeError, Server};
use crate::settings::{Options, Settings};
use crate::store::sqlite;
use generatio_fal_sim::{Running, Sim};
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// A server, its stand-in for FAL, and an account to try both with.
pub struct Demo {
    server: Server,
    sim: Running,
    account: Account,
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// The account cannot be made.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The account's token is kept in a way that was ruled out.
    #[error("the demo's account needs the custody \"password\"; allow it or leave out --custody")]
    Custody,
    /// FAL is to be somewhere else.
    #[error("--demo brings a stand-in for FAL along; leave out --fal-url")]
    FalUrl,
    /// The folder holds a real server's data.
    #[error("{} was not made by --demo; choose another folder with --data-dir", .0.display())]
    NotOurs(PathBuf),
    /// Others could reach it.
    #[error("--demo has a known account, so it listens on this machine only (127.0.0.1 or [::1]), not on {0}")]
    Public(SocketAddr),
    /// The server does not come up.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The stand-in does not come up.
    #[error("the stand-in for FAL does not start")]
    Sim(#[from] generatio_fal_sim::Error),
}

/// What a demo uses instead of the defaults.
#[must_use]
pub fn options() -> Options {
    Options { data_dir: Some("./generatio_demo".into()), keep_pictures: Some("on".into()), ..Options::default() }
}

impl Demo {
    /// Starts stand-in and server and finds or makes the account.
    ///
    /// # Errors
    /// [`DemoError`]; settings that a demo must not have are refused before anything is touched.
    pub async fn start(mut settings: Settings) -> Result<Self, DemoError> {
        check(&settings)?;
        let anywhere = generatio_fal_sim::Options { http: (Ipv4Addr::LOCALHOST, 0).into(), ..Default::default() };
        let sim = Sim::start(anywhere).await?;
        settings.fal_url = Some(sim.url());
        let server = Server::start(settings).await?;
        let account = Account::find_or_make(server.app()).await?;
        Ok(Self { server, sim, account })
    }

    /// The server.
    #[must_use]
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// What somebody who sees this for the first time needs to know.
    #[must_use]
    pub fn welcome(&self) -> String {
        let url = format!("http://{}", self.server.address());
        welcome(&url, &self.sim.url(), &self.server.app().settings.data_dir, &self.account)
    }

    /// Answers until `stop`, then ends both.
    ///
    /// # Errors
    /// As at [`Server::run`].
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), ServeError> {
        let ended = self.server.run(stop).await;
        self.sim.shutdown().await;
        ended
    }
}

fn check(settings: &Settings) -> Result<(), DemoError> {
    if !settings.http.ip().is_loopback() {
        return Err(DemoError::Public(settings.http));
    }
    if settings.fal_url.is_some() {
        return Err(DemoError::FalUrl);
    }
    if !settings.custody.password {
        return Err(DemoError::Custody);
    }
    let folder = &settings.data_dir;
    if folder.join(sqlite::FILE_NAME).exists() && !account::password_file(folder).exists() {
        return Err(DemoError::NotOurs(folder.clone()));
    }
    Ok(())
}

fn welcome(url: &str, sim: &str, folder: &Path, account: &Account) -> String {
    // The password is printed because that is what a demo is for; it opens nothing but this machine's stand-in.
    let (email, password, key) = (account::EMAIL, account.password.expose(), account::FAL_KEY);
    let folder = folder.display();
    format!(
        r#"
This is a demo: pictures are painted by a stand-in for FAL at {sim} and cost nothing.

  E-mail    {email}
  Password  {password}
  FAL key   {key} (already set up; the stand-in takes any id:secret)
  Data      {folder} (remove it to start over)

Log in and make a picture:

  login=$(curl -s {url}/api/custom/auth/login -H 'content-type: application/json' \
    -d '{{"email":"{email}","password":"{password}"}}')
  field() {{ printf %s "$login" | sed "s/.*\"$1\":\"\([^\"]*\)\".*/\1/"; }}
  curl -s {url}/api/custom/generate/image -H 'content-type: application/json' \
    -H "authorization: Bearer $(field token)" -H "x-session-id: $(field session_id)" \
    -d '{{"model":"flux/schnell","prompt":"a lighthouse at dawn"}}'
"#
    )
}

#[cfg(test)]
mod tests;
