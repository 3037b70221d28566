//! Keys and tokens: who is let in, and FAL's words for who is not.

use crate::options::GoodKey;
use crate::reply::{Reply, json};
use http::{HeaderMap, StatusCode, header};
use serde_json::json as value;
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

const MAX_TOKENS: usize = 1024;

/// Decides who is let in.
pub(crate) struct Gate {
    keys: Vec<GoodKey>,
    tokens: Mutex<VecDeque<String>>,
}

/// Someone who was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The account has no credit left: it may look, and not buy.
    pub(crate) locked: bool,
}

/// Why someone was not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Missing,
    NotAKey,
    Unknown,
    UnknownToken,
}

impl Gate {
    /// Lets in `keys` only, or anybody well-mannered when there are none.
    pub(crate) fn new(keys: Vec<GoodKey>) -> Self {
        Self { keys, tokens: Mutex::default() }
    }

    /// Remembers a short-lived token; the oldest makes room.
    pub(crate) fn remember(&self, token: &str) {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.truncate(MAX_TOKENS - 1);
        tokens.push_front(token.to_owned());
    }

    /// Judges a request by its `Authorization` header, or by the token in its query.
    pub(crate) fn check(&self, headers: &HeaderMap, query_token: Option<&str>) -> Result<Caller, Refusal> {
        let Some(text) = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap_or_default()) else {
            return query_token.map_or(Err(Refusal::Missing), |token| self.check_token(token));
        };
        match text.split_once(' ') {
            Some((scheme, key)) if scheme.eq_ignore_ascii_case("key") => self.check_key(key.trim()),
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => self.check_token(token.trim()),
            _ => Err(Refusal::NotAKey),
        }
    }

    fn check_key(&self, key: &str) -> Result<Caller, Refusal> {
        let parts = key.split_once(':').filter(|(id, secret)| !id.is_empty() && !secret.is_empty());
        let (id, _) = parts.ok_or(Refusal::NotAKey)?;
        let good = if self.keys.is_empty() { !id.starts_with("bad-") } else { self.keys.iter().any(|k| k.is(key)) };
        if good { Ok(Caller { locked: id.starts_with("poor-") }) } else { Err(Refusal::Unknown) }
    }

    fn check_token(&self, token: &str) -> Result<Caller, Refusal> {
        let tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        if tokens.iter().any(|known| known == token) {
            Ok(Caller { locked: false })
        } else {
            Err(Refusal::UnknownToken)
        }
    }
}

impl Refusal {
    /// FAL's 401 for a call about `app`.
    pub(crate) fn reply(self, app: &str) -> Reply {
        let text = match self {
            Self::Missing => {
                let ending = "Authentication is required to access this application.";
                format!("Cannot access application \"{app}\". {ending}")
            }
            Self::NotAKey => "invalid key format, the expected form is <key_id>:<key_secret>".to_owned(),
            Self::Unknown => "invalid key credentials".to_owned(),
            Self::UnknownToken => "bearer: unable to decode issuer".to_owned(),
        };
        json(StatusCode::UNAUTHORIZED, &value!({ "detail": text }))
    }
}

/// FAL's 403 for an account without credit.
pub(crate) fn locked() -> Reply {
    let text = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.";
    json(StatusCode::FORBIDDEN, &value!({ "detail": text }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Refusal::{Missing, NotAKey, Unknown, UnknownToken};

    fn check(gate: &Gate, header: Option<&str>) -> Result<Caller, Refusal> {
        let header = header.map(|text| (header::AUTHORIZATION, text.parse().unwrap()));
        gate.check(&header.into_iter().collect(), None)
    }

    #[test]
    fn keys_are_told_apart() {
        let (fine, locked) = (Ok(Caller { locked: false }), Ok(Caller { locked: true }));
        let cases = [
            (None, Err(Missing)),
            (Some("Key id:secret"), fine),
            (Some("key id:se:cret"), fine),
            (Some("Key poor-id:secret"), locked),
            (Some("Key bad-id:secret"), Err(Unknown)),
            (Some("Key secret"), Err(NotAKey)),
            (Some("Key :secret"), Err(NotAKey)),
            (Some("Key id:"), Err(NotAKey)),
            (Some("id:secret"), Err(NotAKey)),
            (Some("Bearer id:secret"), Err(UnknownToken)),
        ];
        let gate = Gate::new(Vec::new());
        for (header, expected) in cases {
            assert_eq!(check(&gate, header), expected, "{header:?}");
        }
    }

    #[test]
    fn named_keys_are_the_only_good_ones() {
        let gate = Gate::new(vec!["bad-but:named".parse().unwrap()]);
        assert!(check(&gate, Some("Key bad-but:named")).is_ok());
        assert_eq!(check(&gate, Some("Key id:secret")), Err(Unknown));
    }

    #[test]
    fn tokens_are_good_while_remembered() {
        let gate = Gate::new(Vec::new());
        gate.remember("first");
        assert!(check(&gate, Some("Bearer first")).is_ok());
        assert!(gate.check(&HeaderMap::new(), Some("first")).is_ok());
        (0..MAX_TOKENS).for_each(|n| gate.remember(&n.to_string()));
        assert_eq!(check(&gate, Some("Bearer first")), Err(UnknownToken));
    }
}
