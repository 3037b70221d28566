//! The command line of `generatio`: what can be asked, and how it ends.

use crate::demo::{self, Demo, DemoError};
use crate::logging;
use crate::serve::{self, ServeError, Server};
use crate::settings::{Layer, Options, Settings, SettingsError, layers};
use clap::{Args, Parser, Subcommand};
use std::future::Future;
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
            eprintln!("generatio: {error}");
            ExitCode::FAILURE
        }
    }
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
    /// Runs the server; try `generatio serve --demo` first
    Serve(Serve),
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

const SPELLINGS: &str = "\
Each option is also a variable and a key of the file: --data-dir DIR is GENERATIO_DATA_DIR=DIR and data-dir = \"DIR\".
Flags win over variables, variables over the file. Times are written 500ms, 30s, 10m, 24h or 7d.";

/// Each variant's text is what the user reads.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error(transparent)]
    Demo(#[from] DemoError),
    #[error("the runtime does not start: {0}")]
    Runtime(io::Error),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("signals cannot be received: {0}")]
    Signals(io::Error),
    #[error("standard output cannot be written: {0}")]
    Stdout(io::Error),
}

impl Command {
    fn run(self) -> Result<(), CliError> {
        match self {
            Self::Serve(serve) => serve.run(),
        }
    }
}

impl Serve {
    fn run(self) -> Result<(), CliError> {
        let settings = self.configuration.settings(self.demo.then(demo::options))?;
        logging::init(&settings);
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
