//! Our own way: a plain HTTP client that keeps its connection.

use super::contender::{Call, Caller as Calls};
use crate::Outcome;
use crate::api::mismatch;
use crate::bench::caller::{Caller, order};
use std::time::{SystemTime, UNIX_EPOCH};

impl Calls for Caller {
    fn call(&mut self, prompt: &str) -> Outcome<Call> {
        let order = order(prompt);
        let began_us = now_us();
        let answer = self.generate(&order)?;
        let returned_us = now_us();
        match answer["images"].as_array().map(Vec::len) {
            Some(1) => Ok(Call { began_us, returned_us }),
            _ => Err(mismatch("one picture", answer).into()),
        }
    }
}

fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
