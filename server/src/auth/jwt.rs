//! The tokens of a login: JWTs (RFC 7519) of PocketBase's form, so that its SDK takes them for its own.
//!
//! HS256 under a key that is half the user's and half the installation's: a new half on either side voids the tokens.
//! Nothing is stored per token. Who the bearer is, is [`principal`](super::principal())'s to find out.

mod file;
mod hs256;

use crate::ids::UserId;
use crate::store::User;
use generatio_core::{SecretText, Timestamp};
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, crypto, decode_header};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// The id that PocketBase computes for an auth collection named `generatio_users`.
pub const USERS_COLLECTION_ID: &str = "pbc_733528692";
/// The one type of token there is here.
const TYPE: &str = "auth";

/// Signs and checks tokens with the installation's secret.
#[derive(Debug)]
pub struct JwtKey {
    secret: SecretText,
    lifetime: Duration,
}

impl JwtKey {
    /// A key over this secret, for tokens that live `lifetime`, counted in whole seconds.
    #[must_use]
    pub fn new(secret: SecretText, lifetime: Duration) -> Self {
        hs256::install();
        Self { secret, lifetime }
    }

    /// The key in the file at `path`, which is made with 50 random characters and mode 0600 if there is none.
    ///
    /// # Errors
    /// When the file cannot be read or made, or holds something other than 32 to 1024 visible ASCII characters.
    pub fn open(path: &Path, lifetime: Duration) -> io::Result<Self> {
        file::read_or_create(path).map(|secret| Self::new(secret, lifetime))
    }

    /// A fresh token for `user`: `{"collectionId","exp","id","refreshable","type"}` and no other claim.
    #[must_use]
    pub fn issue(&self, user: &User, now: Timestamp) -> String {
        let claims = Claims {
            collection_id: USERS_COLLECTION_ID.to_owned(),
            exp: now.after(self.lifetime).unix_s(),
            id: user.id.as_str().to_owned(),
            refreshable: true,
            kind: TYPE.to_owned(),
        };
        let key = EncodingKey::from_secret(&self.signing_key(user));
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key)
            .expect("five plain claims serialize, and HMAC takes keys of any length")
    }

    /// Whose token this claims to be, not yet verified; `None` unless it is a token of our users that has not expired.
    #[must_use]
    pub fn claimed_user(&self, token: &str, now: Timestamp) -> Option<UserId> {
        insecure_decode_claims::<Claims>(token).ok()?.user(now)
    }

    /// Whether `token` is this user's, signed here with HS256 and not expired. There is no leeway.
    #[must_use]
    pub fn verify(&self, token: &str, user: &User, now: Timestamp) -> bool {
        self.is_signed_for(user, token) && self.claimed_user(token, now).as_ref() == Some(&user.id)
    }

    /// Whether `token` was signed with HS256 under this user's key and ours. What it claims is not looked at.
    #[must_use]
    pub(super) fn is_signed_for(&self, user: &User, token: &str) -> bool {
        let Some((message, signature)) = token.rsplit_once('.') else { return false };
        let key = DecodingKey::from_secret(&self.signing_key(user));
        decode_header(token).is_ok_and(|header| header.alg == Algorithm::HS256)
            && crypto::verify(signature, message.as_bytes(), &key, Algorithm::HS256).is_ok_and(|good| good)
    }

    fn signing_key(&self, user: &User) -> Zeroizing<Vec<u8>> {
        // Both halves go into the HMAC key and nowhere else.
        let (own, ours) = (user.token_key.0.as_bytes(), self.secret.expose().as_bytes());
        let mut key = Zeroizing::new(Vec::with_capacity(own.len() + ours.len()));
        key.extend_from_slice(own);
        key.extend_from_slice(ours);
        key
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Claims {
    collection_id: String,
    exp: i64,
    id: String,
    refreshable: bool,
    #[serde(rename = "type")]
    kind: String,
}

impl Claims {
    /// The user the claims name, if they are what a live token of ours says.
    fn user(&self, now: Timestamp) -> Option<UserId> {
        let live = now.unix_s() < self.exp;
        let ours = self.collection_id == USERS_COLLECTION_ID && self.kind == TYPE;
        if live && ours { UserId::parse(&self.id) } else { None }
    }
}

#[cfg(test)]
mod tests;
