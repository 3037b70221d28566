//! Passwords as the original server hashed them: bcrypt, by PocketBase, `$2a$10$…`. They are only ever compared, once:
//! a login that succeeds leaves an Argon2id hash.

use crate::store::PasswordHash;
use bcrypt::HashParts;
use generatio_core::Password;
use std::str::FromStr;

/// The highest cost that is worked off here; PocketBase's is 10. Each step more doubles the time, which at 14 is about a
/// second.
pub const MAX_COST: u32 = 14;

/// The lowest that bcrypt has.
const MIN_COST: u32 = 4;

/// bcrypt reads no further.
const MOST_BYTES: usize = 72;

/// Whether a stored hash is one of these.
#[must_use]
pub fn is_original(hash: &PasswordHash) -> bool {
    hash.0.starts_with("$2")
}

/// Takes the text of a hash whose cost is within bounds.
#[must_use]
pub fn parse(text: &str) -> Option<PasswordHash> {
    let parts = HashParts::from_str(text).ok()?;
    (MIN_COST..=MAX_COST).contains(&parts.get_cost()).then(|| PasswordHash(text.to_owned()))
}

/// Whether this is the password that was hashed; `None` when the hash is malformed or too dear. Compares in constant time.
pub(super) fn verify(password: &Password, hash: &PasswordHash) -> Option<bool> {
    let hash = parse(&hash.0)?;
    // The password's bytes go into the hash function and nowhere else.
    let bytes = password.expose().as_bytes();
    let same = bcrypt::verify(bytes, &hash.0).ok()?;
    // PocketBase refused longer ones, which bcrypt would take for their beginning; the same work is done for them.
    Some(same && bytes.len() <= MOST_BYTES)
}

/// The work of [`verify`] at this cost, for nothing.
pub(super) fn verify_nobody(password: &Password, cost: u32) {
    let cost = cost.clamp(MIN_COST, MAX_COST);
    // The password's bytes go into the hash function and nowhere else.
    let _ = std::hint::black_box(bcrypt::hash_with_salt(password.expose().as_bytes(), cost, [0; 16]).is_ok());
}

#[cfg(test)]
mod tests {
    use super::{MAX_COST, is_original, parse, verify};
    use crate::store::PasswordHash;
    use generatio_core::Password;

    /// Of "quartz-harbour-27", by a PocketBase.
    const STORED: &str = "$2a$10$kVLSmjjQDfQMdvG.Bv00AOAhq4LRm3mITEI/5dG4bYxj2YAnMg/5C";

    fn password(text: &str) -> Password {
        Password::new(text.to_owned())
    }

    #[test]
    fn a_hash_of_pocketbase_opens_for_its_password_only() {
        let hash = parse(STORED).unwrap();
        assert!(is_original(&hash) && !is_original(&PasswordHash("$argon2id$v=19".into())));
        assert_eq!(verify(&password("quartz-harbour-27"), &hash), Some(true));
        for wrong in ["quartz-harbour-28", "", "quartz-harbour-27 ", "quartz\0"] {
            assert_eq!(verify(&password(wrong), &hash), Some(false), "{wrong}");
        }
    }

    #[test]
    fn what_bcrypt_cuts_off_is_no_part_of_a_password() {
        let longest = "x".repeat(72);
        let hash = parse(&bcrypt::hash_with_salt(&longest, 4, [7; 16]).unwrap().to_string()).unwrap();
        assert_eq!(verify(&password(&longest), &hash), Some(true));
        assert_eq!(verify(&password(&format!("{longest}y")), &hash), Some(false));
    }

    #[test]
    fn malformed_and_dear_hashes_are_none() {
        let dear = STORED.replace("$10$", "$15$");
        for text in ["", "$2a$10$", &dear, &STORED[1..], &STORED.replace("$10$", "$03$"), &"é".repeat(30)] {
            assert!(parse(text).is_none(), "{text}");
        }
        assert!(parse(&STORED.replace("$10$", &format!("${MAX_COST}$"))).is_some());
        assert_eq!(verify(&password("x"), &PasswordHash(dear)), None);
    }
}
