//! Sealing, opening and account secrets, each begun and finished; JavaScript derives the key in between.

use crate::error::{Coded, locked, misused};
use crate::host::HostRng;
use crate::kept::{self, Kept};
use crate::memory::{self, apart};
use crate::token;
use generatio_core::seal::steps::{self, AccountSecret, Derivation, Opening, Root, Sealing};
use generatio_core::seal::{Iterations, IterationsError, SealedToken, Version, is_account_secret};
use std::ops::RangeInclusive;
use wasm_bindgen::prelude::*;
use zeroize::Zeroizing;

/// What is sealed here: never careless, and nothing that a server refuses.
const SEALING: RangeInclusive<u32> = Iterations::DEFAULT.get()..=2_000_000;

/// Begins to seal the token of this number.
#[wasm_bindgen(js_name = sealBegin)]
pub fn seal_begin(token: u32, password: Vec<u8>, context: &[u8], iterations: u32) -> Result<u32, JsValue> {
    let password = memory::password(password).ok_or_else(misused)?;
    let context = std::str::from_utf8(context).map_err(|_| misused())?;
    let iterations = sealing_iterations(iterations).map_err(|error| error.thrown())?;
    let token = token::copy(token).ok_or_else(locked)?;
    apart(|| Sealing::begin(token, &password, context, iterations, &mut HostRng))
        .map(|sealing| Kept::Sealing(sealing).keep())
        .map_err(|error| error.thrown())
}

fn sealing_iterations(count: u32) -> Result<Iterations, IterationsError> {
    match count {
        low if low < *SEALING.start() => Err(IterationsError::TooFew),
        high if high > *SEALING.end() => Err(IterationsError::TooMany),
        count => Iterations::new(count),
    }
}

/// Finishes sealing: the sealed text.
#[wasm_bindgen(js_name = sealFinish)]
pub fn seal_finish(number: u32, root: Vec<u8>) -> Result<Vec<u8>, JsValue> {
    let Some(Kept::Sealing(sealing)) = kept::take(number) else { return Err(misused()) };
    let root = self::root(root)?;
    let sealed = apart(|| sealing.finish(&root, &mut HostRng)).map_err(|error| error.thrown())?;
    Ok(sealed.as_str().as_bytes().to_vec())
}

/// Begins to open a sealed text of at most so many iterations.
#[wasm_bindgen(js_name = openBegin)]
pub fn open_begin(sealed: &[u8], password: Vec<u8>, context: &[u8], max_iterations: u32) -> Result<u32, JsValue> {
    let password = memory::password(password).ok_or_else(misused)?;
    let context = std::str::from_utf8(context).map_err(|_| misused())?;
    let sealed = parse(sealed)?;
    if sealed.iterations().get() > max_iterations {
        return Err(IterationsError::TooMany.thrown());
    }
    apart(|| Opening::begin(sealed, &password, context))
        .map(|opening| Kept::Opening(opening).keep())
        .map_err(|error| error.thrown())
}

/// Finishes opening: the number of the token.
#[wasm_bindgen(js_name = openFinish)]
pub fn open_finish(number: u32, root: Vec<u8>) -> Result<u32, JsValue> {
    let Some(Kept::Opening(opening)) = kept::take(number) else { return Err(misused()) };
    let root = self::root(root)?;
    apart(|| opening.finish(&root)).map(|token| Kept::Token(token).keep()).map_err(|error| error.thrown())
}

/// Begins an account secret.
#[wasm_bindgen(js_name = accountBegin)]
pub fn account_begin(email: &[u8], password: Vec<u8>, realm: &[u8]) -> Result<u32, JsValue> {
    let password = memory::password(password).ok_or_else(misused)?;
    let (Ok(email), Ok(realm)) = (std::str::from_utf8(email), std::str::from_utf8(realm)) else {
        return Err(misused());
    };
    AccountSecret::begin(email, &password, realm)
        .map(|account| Kept::Account(account).keep())
        .map_err(|error| error.thrown())
}

/// Finishes an account secret: its text.
#[wasm_bindgen(js_name = accountFinish)]
pub fn account_finish(number: u32, root: Vec<u8>) -> Result<Vec<u8>, JsValue> {
    let Some(Kept::Account(account)) = kept::take(number) else { return Err(misused()) };
    let root = self::root(root)?;
    // JavaScript hands it to a server.
    Ok(apart(|| account.finish(&root)).expose().as_bytes().to_vec())
}

/// What is to be derived, of what was begun: the iterations in four bytes, little endian, and the salt.
#[wasm_bindgen]
pub fn derivation(number: u32) -> Result<Vec<u8>, JsValue> {
    look(number, |derivation| [&derivation.iterations.get().to_le_bytes()[..], derivation.salt].concat())
}

/// Derives the root of what was begun, here.
#[wasm_bindgen]
pub fn derive(number: u32, password: Vec<u8>) -> Result<Vec<u8>, JsValue> {
    let password = memory::password(password).ok_or_else(misused)?;
    // It comes back at once, as WebCrypto's would.
    look(number, |derivation| apart(|| derivation.run(&password)).expose().to_vec())
}

/// Readies the engine for [`derive()`].
#[wasm_bindgen(js_name = warmUp)]
pub fn warm_up() {
    steps::warm_up();
}

/// Gives up what is kept: a token, or something begun.
#[wasm_bindgen(js_name = giveUp)]
pub fn give_up(number: u32) {
    drop(kept::take(number));
}

/// Form, iterations and fingerprint of a sealed text: one byte, four bytes (little endian), 32 bytes.
#[wasm_bindgen]
pub fn inspect(sealed: &[u8]) -> Result<Vec<u8>, JsValue> {
    let sealed = parse(sealed)?;
    let version = match sealed.version() {
        Version::V1 => 1,
        Version::V2 => 2,
    };
    Ok([&[version][..], &sealed.iterations().get().to_le_bytes(), &sealed.fingerprint()].concat())
}

/// Whether a text has the shape of an account secret.
#[wasm_bindgen(js_name = isAccountSecret)]
pub fn is_account(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(is_account_secret)
}

fn look<T>(number: u32, look: impl FnOnce(Derivation<'_>) -> T) -> Result<T, JsValue> {
    kept::look(number, |kept| kept.derivation().map(look)).ok_or_else(misused)
}

fn parse(sealed: &[u8]) -> Result<SealedToken, JsValue> {
    let text = std::str::from_utf8(sealed).map_err(|_| misused())?;
    SealedToken::parse(text).map_err(|error| error.thrown())
}

fn root(bytes: Vec<u8>) -> Result<Root, JsValue> {
    let bytes = Zeroizing::new(bytes);
    bytes.as_slice().try_into().map(Root::new).map_err(|_| misused())
}
