//! What `../calls.c` measures through the C library, in Rust directly: one round, as one JSON object of nanoseconds a
//! call.

#![expect(clippy::print_stdout, reason = "its output is its result")]

use generatio_core::catalog::Catalog;
use generatio_core::seal::{Iterations, SealedToken, open, seal};
use generatio_core::session::{Claims, Kind, SealedSession, SessionId, open_session, seal_session};
use generatio_core::{Password, SecretText};
use getrandom::SysRng;
use serde_json::{Map, Value, json};
use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

const MODEL: &str = "flux/dev";
const PROMPT: &str = "a lighthouse in the fog";
const PARAMETERS: &str = r#"{"num_images": 2, "image_size": {"width": 1280, "height": 1024}}"#;
const TOKEN: &str = "0f0e0d0c-0b0a-4908-8706-050403020100:00112233445566778899aabbccddeeff";
const PASSWORD: &str = "quiet harbour 42";
const USER: &str = "u1";

/// Nanoseconds of one call, of so many.
fn timed(calls: u32, mut call: impl FnMut()) -> f64 {
    let began = Instant::now();
    for _ in 0..calls {
        call();
    }
    began.elapsed().as_secs_f64() * 1e9 / f64::from(calls)
}

#[inline(never)]
fn version() -> u32 {
    black_box(1_000)
}

fn main() -> Result<(), Box<dyn Error>> {
    let catalog = Catalog::builtin();
    let parameters: Map<String, Value> = serde_json::from_str(PARAMETERS)?;
    let generation = catalog.check(MODEL, PROMPT, Some(&parameters)).map_err(|problems| problems.to_string())?;
    let token = SecretText::new(TOKEN.to_owned());
    let password = || Password::new(PASSWORD.to_owned());
    let sealed = seal(&token, &password(), USER, Iterations::MIN, &mut SysRng)?;
    let sealed = sealed.as_str();
    let id = SessionId::generate(&mut SysRng)?;
    let claims = || Claims { kind: Kind::Session, user_id: USER.to_owned(), expires_unix_s: 9 };
    let session = seal_session(&id, claims(), &token, &mut SysRng)?;
    let id = id.to_text();

    let validate = || {
        let read: Option<Map<String, Value>> = serde_json::from_str(black_box(PARAMETERS)).ok();
        drop(black_box(catalog.check(MODEL, PROMPT, read.as_ref())));
    };
    let open_session = || {
        let kept = SealedSession::restore(claims(), &session.box_text());
        let opened = SessionId::parse(black_box(id.expose())).ok().and_then(|id| open_session(&id, &kept).ok());
        assert!(opened.is_some());
    };
    let open = || {
        let opened = SealedToken::parse(black_box(sealed)).ok().and_then(|text| open(&text, &password(), USER).ok());
        assert!(opened.is_some());
    };
    let seal = || assert!(seal(&token, &password(), USER, Iterations::DEFAULT, &mut SysRng).is_ok());
    println!(
        "{}",
        json!({
            "empty": timed(20_000_000, || _ = black_box(version())),
            "quote": timed(200_000, || _ = black_box(generation.quote())),
            "validate": timed(20_000, validate),
            "session": timed(20_000, open_session),
            "open": timed(10, open),
            "seal": timed(4, seal),
        })
    );
    Ok(())
}
