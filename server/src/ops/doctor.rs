//! `generatio doctor`: looks at everything a server stands on, and says what to do where something is wrong.

mod certificate;
mod checks;

use crate::clock::SystemClock;
use crate::settings::Settings;
use generatio_core::time::Clock;
use serde::Serialize;
use std::fmt;

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Nothing to do.
    Well,
    /// It works, and could be better.
    Advice,
    /// It does not work, or not for long.
    Wrong,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub subject: &'static str,
    /// How it is.
    pub state: State,
    /// What was seen. Holds no secret and nobody's data.
    pub seen: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mend: Option<String>,
}

impl Finding {
    fn well(subject: &'static str, seen: impl Into<String>) -> Self {
        Self { subject, state: State::Well, seen: seen.into(), mend: None }
    }

    fn advice(subject: &'static str, seen: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { subject, state: State::Advice, seen: seen.into(), mend: Some(mend.into()) }
    }

    fn wrong(subject: &'static str, seen: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { subject, state: State::Wrong, seen: seen.into(), mend: Some(mend.into()) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.state {
            State::Well => "ok   ",
            State::Advice => "note ",
            State::Wrong => "WRONG",
        };
        write!(f, "{mark}  {:<14} {}", self.subject, self.seen)?;
        match &self.mend {
            Some(mend) => write!(f, "\n       {:<14} -> {mend}", ""),
            None => Ok(()),
        }
    }
}

/// Looks at everything, whether or not a server runs on the same data. Changes nothing but a file that it makes in the
/// data folder and removes again. Reads the whole database; asks FAL once, without a key.
pub async fn examine(settings: &Settings) -> Vec<Finding> {
    let mut findings = checks::settings(settings);
    findings.extend(checks::folder(settings));
    findings.extend(checks::disk(settings));
    findings.extend(checks::database(settings));
    findings.extend(certificate::certificate(settings, SystemClock.now()));
    findings.extend(checks::fal_and_clock(settings).await);
    findings
}

#[cfg(test)]
mod tests;
