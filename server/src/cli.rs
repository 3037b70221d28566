//! The command line of `generatio`: what can be asked, and how it ends.

use crate::backup::{self, BackupError};
use crate::demo::{self, Demo, DemoError};
use crate::logging;
use crate::openapi;
use crate::serve::{self, ServeError, Server};
use crate::settings::{Layer, LogFormat, LogLevel, Options, Settings, SettingsError, layers};
use clap::{Args, Parser, Subcommand};
use generatio_fal_sim::Sim;
use std::error::Error;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Runs the command line of this process: 0 when done, 1 after an error, 2 for a command line that makes no sense.
#[must_use]
pub fn run() -> ExitCode {
    match Cli::parse().command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("generatio: {}", sentence(&error));
            ExitCode::FAILURE
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
    Backup(Backup),
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

#[derive(Debug, Args)]
struct Backup {
    /// Archive to write (tar, readable by its owner only); must not exist yet
    file: PathBuf,
    /// Data folder to copy [default: ./generatio_data]
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
    Demo(#[from] DemoError),
    #[error(transparent)]
    FalSim(#[from] generatio_fal_sim::Error),
    #[error("the runtime does not start")]
    Runtime(#[source] io::Error),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("signals cannot be received")]
    Signals(#[source] io::Error),
    #[error("standard output cannot be written")]
    Stdout(#[source] io::Error),
}

impl Command {
    fn run(self) -> Result<(), CliError> {
        match self {
            Self::Serve(serve) => serve.run(),
            Self::Backup(backup) => backup.run(),
            Self::OpenApi => say(openapi::text()),
            Self::FalSim(options) => {
                logging::init(LogLevel::default(), LogFormat::Text);
                block_on(stand_in(options))
            }
        }
    }
}

impl Serve {
    fn run(self) -> Result<(), CliError> {
        let settings = self.configuration.settings(self.demo.then(demo::options))?;
        logging::init(settings.log_level, settings.log_format);
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

impl Backup {
    fn run(self) -> Result<(), CliError> {
        let options = Options { data_dir: self.data_dir.map(Into::into), ..Options::default() };
        let settings = Configuration { config: self.config, options }.settings(None)?;
        let made = backup::backup(&settings.data_dir, &self.file)?;
        say(&format!("Wrote {} ({} bytes)\n", self.file.display(), made.bytes))?;
        if made.jwt_key { Ok(()) } else { say("The key that signs logins is kept elsewhere: save it too.\n") }
    }
}

async fn serve(settings: Settings) -> Result<(), CliError> {
    let stop = serve::signal().map_err(CliError::Signals)?;
    let server = Server::start(settings).await?;
    say(&ready(&server))?;
    server.run(stop).await;
    Ok(())
}

async fn show(settings: Settings) -> Result<(), CliError> {
    let stop = serve::signal().map_err(CliError::Signals)?;
    let demo = Demo::start(settings).await?;
    say(&(ready(demo.server()) + &demo.welcome()))?;
    demo.run(stop).await;
    Ok(())
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
    format!("Generatio is listening on http://{}\n", server.address())
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
