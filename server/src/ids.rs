//! Row ids: 15 characters of `a-z0-9`, as PocketBase's, one type per table.

use crate::random;
use rand_core::TryRng;
use std::fmt;

/// Length of every id.
pub const ID_LENGTH: usize = 15;
const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// Declares an id type; two tables' ids cannot be mixed up.
macro_rules! id_types {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
        #[serde(transparent)]
        #[schemars(inline)]
        pub struct $name(#[schemars(with = "crate::openapi::shapes::Id")] String);

        impl $name {
            /// A fresh random id, 77 bits.
            ///
            /// # Errors
            /// Whatever the source of randomness fails with.
            pub fn generate<R: TryRng + ?Sized>(rng: &mut R) -> Result<Self, R::Error> {
                random_text(rng, ID_LENGTH).map(Self)
            }

            /// Checks the shape; `None` for anything that cannot be an id.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
                let fits = text.len() == ID_LENGTH && text.bytes().all(known);
                fits.then(|| Self(text.to_owned()))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

id_types! {
    /// A row of `generatio_users`.
    UserId;
    /// A row of `folders`.
    FolderId;
    /// A row of `images`.
    ImageId;
    /// A row of `invitations`.
    InvitationId;
    /// A row of `jobs`.
    JobId;
    /// A row of `model_preferences`.
    PreferenceId;
    /// A row of `ledger`.
    LedgerId;
}

/// `length` random characters of `a-z0-9`, without bias.
///
/// # Errors
/// Whatever the source of randomness fails with.
pub fn random_text<R: TryRng + ?Sized>(rng: &mut R, length: usize) -> Result<String, R::Error> {
    // Ids are no secrets: they leave the wiped text for rows and answers.
    random::text(rng, ALPHABET, length).map(|text| text.expose().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{ALPHABET, ID_LENGTH, UserId};
    use getrandom::SysRng;

    #[test]
    fn generated_ids_parse_and_differ() {
        let first = UserId::generate(&mut SysRng).unwrap();
        let second = UserId::generate(&mut SysRng).unwrap();
        assert_ne!(first, second);
        assert_eq!(UserId::parse(first.as_str()), Some(first));
        for letters in ALPHABET.windows(ID_LENGTH) {
            assert!(UserId::parse(std::str::from_utf8(letters).unwrap()).is_some());
        }
    }

    #[test]
    fn other_texts_are_not_ids() {
        for text in ["", "short", "UPPERCASE123456", &"a".repeat(ID_LENGTH + 1), "abc'; drop tabl", "éééééééabcdefgh"]
        {
            assert_eq!(UserId::parse(text), None, "{text}");
        }
    }
}
