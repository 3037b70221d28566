//! The command line of `generatio`: what can be asked, and how it ends.

mod audit;
mod backup;
mod config;
mod doctor;
mod health;
mod import;
mod rekey;
mod restore;
mod user;

use crate::app::StartError;
use crate::backup::BackupError;
use crate::demo::{self, Demo, DemoError};
use crate::dumps;
use crate::import::ImportError;
use crate::logging;
use crate::open_files;
use crate::openapi;
use crate::people::DeskError;
use crate::restore::RestoreError;
use crate::serve::{self, ServeError, Server};
use crate::settings::{Layer, LogFormat, LogLevel, Options, Settings, SettingsError, layers};
use clap::{Args, Parser, Subcommand};
use generatio_fal_sim::Sim;
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Exit code of an import that left rows out.
const SKIPPED: u8 = 3;

/// Runs the command line of this process: 0 when done, 1 after an error, 2 for a command line that makes no sense, 3 after
/// an import that left rows out.
#[must_use]
pub fn run() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("generatio: {}", sentence(&error));
            error.exit_code()
        }
    }
}

/// The error and its causes, from what was wanted to what went wrong.
fn sentence(error: &dyn Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// Pictures from FAL's models: accounts, sealed FAL tokens, a library and exact spending, over HTTP
#[derive(Debug, Parser)]
#[command(name = "generatio", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server; `generatio serve --demo` shows everything at once
    Serve(Box<Serve>),
    /// Copy the database and keys into one archive; the server may go on meanwhile
    Backup(backup::Backup),
    /// Print a configuration file to begin with: every option, commented out, at its default
    Config(config::Config),
    /// Look at everything a server stands on, and say what to do; exits with 1 when something is wrong
    Doctor(Box<doctor::Doctor>),
    /// Ask the server on this machine whether it is ready; exits with 1 when it is not
    Health(Box<health::Health>),
    /// Bring in accounts and pictures of the original server, a PocketBase
    Import(import::Import),
    /// Unpack an archive of `backup` into a new data folder
    Restore(restore::Restore),
    /// List, make, reset, unlock and remove accounts
    User(user::User),
    /// Show what accounts and operators did
    Audit(audit::Audit),
    /// Let a new key sign logins
    Rekey(rekey::Rekey),
    /// Print the description of the API (OpenAPI 3.1), as the server has it at /openapi.json
    #[command(name = "openapi")]
    OpenApi,
    /// Run a stand-in for FAL: it speaks FAL's protocol, paints pictures and costs nothing
    FalSim(generatio_fal_sim::Options),
}

#[derive(Debug, Args)]
#[command(after_help = SPELLINGS)]
struct Serve {
    /// Show everything on this machine without a FAL key: a stand-in paints, an account is ready
    #[arg(long)]
    demo: bool,
    #[command(flatten)]
    configuration: Configuration,
}

#[derive(Debug, Args)]
struct Configuration {
    /// TOML file of options; flags and variables win over it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// Where the data folder of a command is that is not the server.
#[derive(Debug, Args)]
struct Place {
    /// Data folder to work on [default: ./generatio_data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// TOML file of options, where the data folder may be named
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

const SPELLINGS: &str = "\
Each option is also a variable and a key of the file: --data-dir DIR is GENERATIO_DATA_DIR=DIR and data-dir = \"DIR\".
Flags win over variables, variables over the file. Times are written 500ms, 30s, 10m, 24h or 7d.";

/// Each variant's text is what the user reads.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Desk(#[from] DeskError),
    #[error(transparent)]
    Demo(#[from] DemoError),
    #[error(transparent)]
    FalSim(#[from] generatio_fal_sim::Error),
    #[error("a finding cannot be printed")]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error("{rows} rows were skipped, as told above")]
    Skipped { rows: u64 },
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Restore(#[from] RestoreError),
    #[error("the password cannot be read")]
    Password(#[source] io::Error),
    #[error("the runtime does not start")]
    Runtime(#[source] io::Error),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("{0} and everything that is theirs would be removed: say --yes")]
    Unconfirmed(String),
    #[error("signals cannot be received")]
    Signals(#[source] io::Error),
    #[error("standard output cannot be written")]
    Stdout(#[source] io::Error),
    #[error("not ready: {0}")]
    Unready(String),
    #[error("{0} of these are wrong")]
    Unwell(usize),
}

impl CliError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Skipped { .. } => ExitCode::from(SKIPPED),
            _ => ExitCode::FAILURE,
        }
    }
}

impl Command {
    fn run(self) -> Result<(), CliError> {
        match self {
            Self::Serve(serve) => serve.run(),
            Self::Backup(backup) => backup.run(),
            Self::Config(config) => config.run(),
            Self::Doctor(doctor) => doctor.run(),
            Self::Health(health) => health.run(),
            Self::Import(import) => import.run(),
            Self::Restore(restore) => restore.run(),
            Self::User(user) => user.run(),
            Self::Audit(audit) => audit.run(),
            Self::Rekey(rekey) => rekey.run(),
            Self::OpenApi => say(openapi::text()),
            Self::FalSim(options) => {
                let _lines = logging::init(LogLevel::default(), LogFormat::Text);
                block_on(stand_in(options))
            }
        }
    }
}

impl Serve {
    fn run(self) -> Result<(), CliError> {
        let settings = self.configuration.settings(self.demo.then(demo::options))?;
        let _lines = logging::init(settings.log_level, settings.log_format);
        dumps::refuse();
        open_files::raise();
        if self.demo { block_on(show(settings)) } else { block_on(serve(settings)) }
    }
}

impl Configuration {
    /// The settings of this process, with `fallback` before the defaults.
    fn settings(self, fallback: Option<Options>) -> Result<Settings, SettingsError> {
        let mut layers = layers(self.options, self.config.as_deref(), std::env::vars_os())?;
        layers.extend(fallback.map(Layer::fallback));
        Settings::resolve(&layers)
    }
}

impl Place {
    /// The settings a server on this folder has, as far as the file and the variables tell.
    fn settings(self) -> Result<Settings, SettingsError> {
        let options = Options { data_dir: self.data_dir.map(Into::into), ..Options::default() };
        Configuration { config: self.config, options }.settings(None)
    }
}

async fn serve(settings: Settings) -> Result<(), CliError> {
    let stop = serve::signal().map_err(CliError::Signals)?;
    let server = Server::start(settings).await?;
    say(&ready(&server))?;
    Ok(server.run(stop).await?)
}

async fn show(settings: Settings) -> Result<(), CliError> {
    let stop = serve::signal().map_err(CliError::Signals)?;
    let demo = Demo::start(settings).await?;
    say(&(ready(demo.server()) + &demo.welcome()))?;
    Ok(demo.run(stop).await?)
}

async fn stand_in(options: generatio_fal_sim::Options) -> Result<(), CliError> {
    let stop = serve::signal().map_err(CliError::Signals)?;
    let sim = Sim::start(options).await?;
    say(&format!("The stand-in for FAL is listening on {}\n", sim.url()))?;
    stop.await;
    sim.shutdown().await;
    Ok(())
}

fn ready(server: &Server) -> String {
    let metrics = server.metrics_address().map(|address| format!("Metrics are at http://{address}/metrics\n"));
    format!("Generatio is listening on {}\n{}", server.url(), metrics.unwrap_or_default())
}

fn say(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(CliError::Stdout)
}

fn block_on(work: impl Future<Output = Result<(), CliError>>) -> Result<(), CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(CliError::Runtime)?;
    let result = runtime.block_on(work);
    // A derivation that nobody waits for any more must not hold up the end.
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

#[cfg(test)]
mod tests;
