//! `generatio-example [PICTURE [SEALED]]`: seals a FAL key, opens it, and has a picture made.
//!
//! The key comes from `FAL_KEY` and is sealed into the file SEALED; without `FAL_KEY`, SEALED of an earlier run is
//! opened. The password comes from `GENERATIO_PASSWORD`, and another address than FAL's from `FAL_URL`.

#![expect(clippy::print_stdout, reason = "a program speaks to whoever started it")]

mod host;

use generatio_core::catalog::{Catalog, Generation};
use generatio_core::fal::{Client, Endpoint, Hosts, Output, State, Status, SubmitError, SubmitOptions};
use generatio_core::seal::{Iterations, SealedToken, open, seal};
use generatio_core::time::Clock as _;
use generatio_core::{ErrorCode, FalKey, Password, SecretText};
use getrandom::SysRng;
use host::WebHost;
use serde_json::json;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

const MODEL: &str = "flux/schnell";
const PROMPT: &str = "a lighthouse in the fog";
/// How long a whole generation may take.
const PATIENCE: Duration = Duration::from_secs(600);

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let picture = arguments.next().unwrap_or_else(|| "picture.png".into());
    let sealed = arguments.next().unwrap_or_else(|| "sealed-key.txt".into());
    match story(&picture, &sealed).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn story(picture: &Path, sealed: &Path) -> Outcome {
    let key = unlocked(sealed)?;
    let parameters = json!({ "image_size": { "width": 1280, "height": 1024 }, "output_format": "png" });
    let generation = Catalog::builtin().check(MODEL, PROMPT, parameters.as_object())?;
    println!("price: ${}", generation.quote().fal.amount);

    let hosts = std::env::var("FAL_URL").map_or_else(|_| Ok(Hosts::fal()), |url| Hosts::at(&url))?;
    let client = Client::new(WebHost::new()?, hosts);
    let output = generate(&client, &key, &generation).await?;

    let [first, ..] = &output.images[..] else { return Err("FAL made no picture".into()) };
    std::fs::write(picture, WebHost::new()?.picture(&first.url).await?)?;
    let size = (first.width.unwrap_or_default(), first.height.unwrap_or_default());
    println!("saved: {} ({}x{})", picture.display(), size.0, size.1);
    let images = u32::try_from(output.images.len())?;
    println!("cost: ${}", generation.charge(images, output.billable_units.as_deref()).fal.amount);
    Ok(())
}

fn unlocked(path: &Path) -> Outcome<FalKey> {
    let password = Password::new(std::env::var("GENERATIO_PASSWORD").unwrap_or_default());
    if let Ok(key) = std::env::var("FAL_KEY") {
        let sealed = seal(&SecretText::new(key), &password, "", Iterations::DEFAULT, &mut SysRng);
        std::fs::write(path, sealed.map_err(|error| named(error.code(), &error))?.as_str())?;
    }
    let sealed = SealedToken::parse(std::fs::read_to_string(path)?.trim_end())?;
    let key = open(&sealed, &password, "").map_err(|error| named(error.code(), &error))?;
    Ok(FalKey::parse(key)?)
}

/// An error with its stable name.
fn named(code: ErrorCode, error: &dyn Error) -> Box<dyn Error> {
    format!("{error} ({})", code.as_str()).into()
}

async fn generate(client: &Client<WebHost>, key: &FalKey, generation: &Generation) -> Outcome<Output> {
    let deadline = WebHost::new()?.now().after(PATIENCE);
    let endpoint: &Endpoint = &generation.model().endpoint;
    let options = SubmitOptions { webhook: None, start_timeout: None, deadline };
    let submitted = client.submit(key, endpoint, &generation.input(), &options).await.map_err(not_submitted)?;
    let failed = |error: generatio_core::fal::FalError| named(error.code(), &error);
    client.wait(key, &submitted, deadline, tell).await.map_err(failed)?;
    client.result(key, &submitted, deadline).await.map_err(failed)
}

fn not_submitted(error: SubmitError) -> Box<dyn Error> {
    let told = named(error.error().code(), &error);
    match error {
        SubmitError::NotTaken(_) => told,
        SubmitError::Unknown(_) => format!("{told}\nLook at your account at FAL before you try again.").into(),
    }
}

fn tell(status: &Status) {
    match status.state {
        State::Queued { position: Some(ahead) } => println!("queued, {ahead} ahead"),
        State::Queued { position: None } => println!("queued"),
        State::InProgress => println!("running"),
        State::Completed { .. } => println!("completed"),
    }
    for line in &status.logs {
        println!("  {}", line.message);
    }
}
