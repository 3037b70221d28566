//! Readers of `tests/vectors/sealed_tokens.json`. Who reads asserts how many there are.

use serde::Deserialize;

/// A sealed token and what opening it gives.
#[derive(Debug, Deserialize)]
pub struct SealedTokenVector {
    /// Names the case.
    pub id: u32,
    /// Whether and how it opens.
    #[serde(flatten)]
    pub expected: Expected,
    /// 1 or 2.
    pub version: u8,
    /// The iteration count, in valid v2 cases.
    pub iterations: Option<u32>,
    /// To open it with.
    pub password: String,
    /// To open it with.
    pub context: String,
    /// The text.
    pub sealed: String,
}

/// What opening a sealed token gives.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum Expected {
    /// The token.
    Valid {
        /// In the clear.
        token: String,
    },
    /// A refusal.
    Invalid {
        /// Its class.
        reason: Reason,
    },
}

/// Why a sealed token is refused; the file's `format` block says what each means.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The text is no sealed token.
    Format,
    /// The password is empty.
    EmptyPassword,
    /// The password does not open it.
    WrongPassword,
    /// The password is right, the bytes are not.
    Corrupt,
}

/// An account secret and what it is derived from.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "named as in the file")]
pub struct AccountSecretVector {
    pub id: u32,
    pub email: String,
    pub password: String,
    pub realm: String,
    pub account_secret: String,
}

/// A sealed session.
#[derive(Debug, Deserialize)]
#[expect(missing_docs, reason = "named as in the file")]
pub struct SessionVector {
    pub id: u32,
    pub kind: String,
    pub session_id: String,
    pub user_id: String,
    pub expires_unix_s: i64,
    pub token: String,
    /// Hexadecimal.
    pub index: String,
    /// Base64.
    #[serde(rename = "box")]
    pub box_text: String,
}

/// All that the file holds.
#[derive(Debug, Deserialize)]
pub struct SealVectors {
    /// 88 of them.
    pub sealed_tokens: Vec<SealedTokenVector>,
    /// 7 of them.
    pub account_secrets: Vec<AccountSecretVector>,
    /// 3 of them.
    pub sessions: Vec<SessionVector>,
}

/// Reads the file.
///
/// # Panics
/// When it is missing or of another shape.
#[must_use]
pub fn seal_vectors() -> SealVectors {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/sealed_tokens.json");
    let text = std::fs::read_to_string(path).expect("the vectors are in the repository");
    serde_json::from_str(&text).expect("the vectors have this shape")
}
