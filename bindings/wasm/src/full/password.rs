//! Chosen passwords.

use crate::error::misused;
use crate::memory;
use generatio_core::seal::check_password;
use wasm_bindgen::prelude::*;

/// The code of what is wrong with it; empty when nothing is.
#[wasm_bindgen(js_name = passwordProblem)]
pub fn password_problem(password: Vec<u8>) -> Result<Vec<u8>, JsValue> {
    let password = memory::password(password).ok_or_else(misused)?;
    // The check takes the text.
    let problem = check_password(password.expose()).err();
    Ok(problem.map_or(Vec::new(), |problem| problem.code().as_str().into()))
}
