//! One round of `cargo xtask bench seal`: milliseconds of each library by turns, medians of three, as one JSON object.
//! Ours seals, the others derive the key alone; all have to come to the same bytes, of which ours makes the seal.

use generatio_core::seal::steps::{Derivation, Opening, Root};
use generatio_core::seal::{Iterations, SealedToken, seal};
use generatio_core::{Password, SecretText};
use getrandom::SysRng;
use serde_json::{Value, json};
use std::error::Error;
use std::num::NonZeroU32;
use std::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;
type Key = [u8; Root::BYTES];

const ITERATIONS: NonZeroU32 = NonZeroU32::new(Iterations::DEFAULT.get()).expect("not zero");
const PASSWORD: &str = "quiet harbour 42";
const SALT: &[u8; 32] = b"thirty-two bytes that are a salt";
const TOKEN: &str = "0f0e0d0c-0b0a-4908-8706-050403020100:00112233445566778899aabbccddeeff";
const USER: &str = "u1";
const TIMES: usize = 3;

/// A library that derives.
struct Peer {
    name: &'static str,
    derive: fn(&[u8], &mut Key),
    took_ms: Vec<f64>,
}

fn main() -> Outcome<()> {
    let mut peers = [
        peer("ring", |salt, key| {
            let algorithm = ring::pbkdf2::PBKDF2_HMAC_SHA256;
            ring::pbkdf2::derive(algorithm, ITERATIONS, salt, PASSWORD.as_bytes(), key);
        }),
        peer("aws_lc", |salt, key| {
            let algorithm = aws_lc_rs::pbkdf2::PBKDF2_HMAC_SHA256;
            aws_lc_rs::pbkdf2::derive(algorithm, ITERATIONS, salt, PASSWORD.as_bytes(), key);
        }),
        peer("crate", |salt, key| {
            pbkdf2::pbkdf2_hmac::<sha2::Sha256>(PASSWORD.as_bytes(), salt, ITERATIONS.get(), key);
        }),
    ];
    let (mut ours_ms, mut sealed) = (Vec::new(), None);
    for _ in 0..TIMES {
        ours_ms.push(timed(|| sealed = Some(ours())));
        for peer in &mut peers {
            let mut key = Key::default();
            peer.took_ms.push(timed(|| (peer.derive)(SALT, &mut key)));
        }
    }
    let sealed = sealed.ok_or("nothing was sealed")??;
    let mut figures = json!({ "ours": median(&mut ours_ms), "key": hexadecimal(&ours_of(SALT)) });
    for mut peer in peers {
        if key_of(&peer, SALT) != ours_of(SALT) {
            return Err(format!("{} derives another key", peer.name).into());
        }
        opens(&sealed, &peer)?;
        figures[peer.name] = Value::from(median(&mut peer.took_ms));
    }
    println!("{figures}");
    Ok(())
}

fn peer(name: &'static str, derive: fn(&[u8], &mut Key)) -> Peer {
    Peer { name, derive, took_ms: Vec::new() }
}

/// Milliseconds.
fn timed(work: impl FnOnce()) -> f64 {
    let began = Instant::now();
    work();
    began.elapsed().as_secs_f64() * 1e3
}

/// All of it: a salt, the key, a nonce, AES-256-GCM and the commitment.
fn ours() -> Outcome<SealedToken> {
    let (token, password) = (SecretText::new(TOKEN.to_owned()), Password::new(PASSWORD.to_owned()));
    Ok(seal(&token, &password, USER, Iterations::DEFAULT, &mut SysRng)?)
}

fn ours_of(salt: &[u8]) -> Key {
    let derivation = Derivation { salt, iterations: Iterations::DEFAULT };
    // The bytes are compared with the others'.
    *derivation.run(&Password::new(PASSWORD.to_owned())).expose()
}

fn key_of(peer: &Peer, salt: &[u8]) -> Key {
    let mut key = Key::default();
    (peer.derive)(salt, &mut key);
    key
}

/// What was sealed is opened with the key that a peer derives.
fn opens(sealed: &SealedToken, peer: &Peer) -> Outcome<()> {
    let sealed = SealedToken::parse(sealed.as_str())?;
    let opening = Opening::begin(sealed, &Password::new(PASSWORD.to_owned()), USER)?;
    let key = key_of(peer, opening.derivation().salt);
    let token = opening.finish(&Root::new(&key))?;
    if token.expose() == TOKEN { Ok(()) } else { Err("another token was sealed".into()) }
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn hexadecimal(key: &Key) -> String {
    key.iter().map(|byte| format!("{byte:02x}")).collect()
}
