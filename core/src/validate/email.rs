//! E-mail addresses by PocketBase's rules, so that an account made there is one here.

use crate::ErrorCode;
use std::fmt;

/// An e-mail address of at most 254 bytes (RFC 5321 §4.5.3.1.3, less the angle brackets): a local part, plain or
/// quoted, and a domain of at least two labels. Unicode up to U+FFEF is taken in both. Never trimmed or lower-cased.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(String);

/// The text is not an e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Must be a valid email address.")]
pub struct EmailError;

impl EmailError {
    /// [`ErrorCode::EmailMalformed`].
    #[must_use]
    pub fn code(self) -> ErrorCode {
        ErrorCode::EmailMalformed
    }
}

impl Email {
    /// Takes an address.
    ///
    /// # Errors
    /// [`EmailError`] for anything that PocketBase would refuse, and above 254 bytes.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError)?;
        let good = text.len() <= 254 && (is_dotted(local) || is_quoted(local)) && is_domain(domain);
        good.then(|| Self(text.to_owned())).ok_or(EmailError)
    }

    /// The address as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The lower-cased address, under which an account is looked up: `A@x.com` and `a@x.com` are one.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Email").finish_non_exhaustive()
    }
}

/// Atoms joined by single dots.
fn is_dotted(local: &str) -> bool {
    let of_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || is_wide(c);
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(of_atom))
}

/// Anything visible and spaces between quotes; a backslash takes the next character as it is.
fn is_quoted(local: &str) -> bool {
    let Some(inner) = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return false };
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        let plain = |c: char| c == ' ' || c.is_ascii_graphic() || is_wide(c);
        let good = match c {
            '"' => false,
            '\\' => chars.next().is_some_and(plain),
            _ => plain(c),
        };
        if !good {
            return false;
        }
    }
    true
}

/// At least two labels, the last of which begins and ends with a letter.
fn is_domain(domain: &str) -> bool {
    let labels: Vec<&str> = domain.split('.').collect();
    let alphanumeric = |c: char| c.is_ascii_alphanumeric() || is_wide(c);
    let letter = |c: char| c.is_ascii_alphabetic() || is_wide(c);
    let inner = |c: char| alphanumeric(c) || matches!(c, '-' | '_' | '~');
    let label = |text: &str| text.chars().all(inner) && text.starts_with(alphanumeric) && text.ends_with(alphanumeric);
    let last = labels.last().is_some_and(|text| text.starts_with(letter) && text.ends_with(letter));
    labels.len() >= 2 && last && labels.iter().all(|text| label(text))
}

/// The Unicode that PocketBase takes in addresses, without its white space.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{a0}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{ffef}') && !c.is_whitespace()
}

#[cfg(test)]
mod tests {
    use super::{Email, EmailError};

    #[test]
    fn addresses_pocketbase_takes_are_taken() {
        for text in [
            "test@test.com",
            "first.last+tag@sub.example.co",
            "o'hara@x.io",
            "\"quoted name\"@x.com",
            "\"a\\\"b@c\"@x.com",
            "jürgen@münchen.de",
            "a@x-y_z.com",
            "a@1.com",
            "A@X.COM",
        ] {
            assert_eq!(Email::parse(text).map(|email| email.as_str().to_owned()), Ok(text.to_owned()));
        }
        assert!(Email::parse(&format!("{}@x.com", "a".repeat(248))).is_ok(), "254 bytes");
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "a",
            "@x.com",
            "a@",
            "a@b",
            "user@localhost",
            "a@x..com",
            "a@.com",
            "a@x.com.",
            " a@x.com",
            "a@x.com ",
            "a b@x.com",
            "a@b@x.com",
            ".a@x.com",
            "a.@x.com",
            "a..b@x.com",
            "a@-x.com",
            "a@x-.com",
            "a@x.c0",
            "a@x.1c",
            "a@x .com",
            "\"a@x.com",
            "\"a\"b\"@x.com",
            "\"a\\\"@x.com",
            "a\n@x.com",
            "\"a\nb\"@x.com",
            "🦊@x.com",
            "a\u{a0}b@x.com",
            "a@[127.0.0.1]",
        ] {
            assert_eq!(Email::parse(text), Err(EmailError), "{text:?}");
        }
        assert_eq!(Email::parse(&format!("{}@x.com", "a".repeat(249))), Err(EmailError), "255 bytes");
    }

    #[test]
    fn the_key_ignores_case_and_debug_shows_nothing() {
        let email = Email::parse("Ann@Example.COM").unwrap();
        assert_eq!((email.as_str(), email.key().as_str()), ("Ann@Example.COM", "ann@example.com"));
        assert_eq!(format!("{email:?}"), "Email { .. }");
    }
}
