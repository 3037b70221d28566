//! What every new account is given, whoever makes it.

use crate::ids::UserId;
use crate::random::alphanumeric;
use crate::store::{NewUser, PasswordHash, TokenKey};
use generatio_core::Timestamp;
use generatio_core::validate::Email;
use rand_core::TryCryptoRng;

impl NewUser {
    /// An account with a random id and token key, without a name, whose address nobody else sees and whose password was
    /// given in the clear.
    ///
    /// # Errors
    /// Whatever the source of randomness fails with.
    pub fn generate<R: TryCryptoRng + ?Sized>(
        email: &Email,
        password_hash: PasswordHash,
        created: Timestamp,
        rng: &mut R,
    ) -> Result<Self, R::Error> {
        Ok(Self {
            id: UserId::generate(rng)?,
            email: email.as_str().to_owned(),
            email_key: email.key(),
            email_visibility: false,
            name: String::new(),
            password_hash,
            password_derived: false,
            token_key: TokenKey::generate(rng)?,
            invitation: None,
            created,
        })
    }
}

impl TokenKey {
    /// Its length, as PocketBase's.
    pub const LENGTH: usize = 50;

    /// A fresh key.
    ///
    /// # Errors
    /// Whatever the source of randomness fails with.
    pub fn generate<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Self, R::Error> {
        // It lives in the account's row.
        alphanumeric(rng, Self::LENGTH).map(|text| Self(text.expose().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use crate::store::{NewUser, PasswordHash, TokenKey};
    use generatio_core::Timestamp;
    use generatio_core::validate::Email;
    use getrandom::SysRng;

    #[test]
    fn accounts_have_ids_and_keys_of_their_own() {
        let email = Email::parse("Ann@Example.com").unwrap();
        let make = || NewUser::generate(&email, PasswordHash("hash".into()), Timestamp::from_unix_ms(7), &mut SysRng);
        let (first, second) = (make().unwrap(), make().unwrap());
        assert_eq!((first.email.as_str(), first.email_key.as_str()), ("Ann@Example.com", "ann@example.com"));
        assert_eq!(first.token_key.0.len(), TokenKey::LENGTH);
        assert!(first.id != second.id && first.token_key.0 != second.token_key.0);
        assert!(!first.email_visibility && !first.password_derived);
    }
}
