//! The tokens of a login: JWTs (RFC 7519) of PocketBase's form, so that its SDK takes them for its own.
//!
//! HS256 under a key that is half the user's and half the installation's: a new half on either side voids the tokens.
//! A new installation's half lets the old one open what it signed for as long as a login lasts ([`JwtKey::rekey`]).
//! Nothing is stored per token. Who the bearer is, is [`principal`](super::principal())'s to find out.

mod file;
mod hs256;
mod ring;

use crate::ids::{UserId, random_text};
use crate::store::User;
use generatio_core::{SecretText, Timestamp};
use getrandom::SysRng;
use jsonwebtoken::dangerous::insecure_decode_claims;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, crypto, decode_header};
use ring::{Key, Ring};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use zeroize::Zeroizing;

/// The id that PocketBase computes for an auth collection named `generatio_users`.
pub const USERS_COLLECTION_ID: &str = "pbc_733528692";
/// Length of a key's name.
const ID_LENGTH: usize = 8;
/// The one type of token there is here.
const TYPE: &str = "auth";

/// Signs and checks tokens with the installation's keys.
#[derive(Debug)]
pub struct JwtKey {
    /// Replaced as a whole.
    ring: RwLock<Arc<Ring>>,
    /// Where they are kept.
    path: Option<PathBuf>,
    lifetime: Duration,
}

/// A key that signs from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rekeyed {
    /// Its name.
    pub id: String,
    /// Until when earlier ones open what they signed; `None` when they open nothing any more.
    pub old_until: Option<Timestamp>,
}

impl JwtKey {
    /// A key over this secret, for tokens that live `lifetime`, counted in whole seconds.
    #[must_use]
    pub fn new(secret: SecretText, lifetime: Duration) -> Self {
        Self::with(Ring::of(secret), None, lifetime)
    }

    fn with(ring: Ring, path: Option<PathBuf>, lifetime: Duration) -> Self {
        hs256::install();
        Self { ring: RwLock::new(Arc::new(ring)), path, lifetime }
    }

    /// The keys in the file at `path`, which is made with one of 50 random characters and mode 0600 if there is none.
    ///
    /// # Errors
    /// When the file cannot be read or made, or holds something other than 32 to 1024 visible ASCII characters.
    pub fn open(path: &Path, lifetime: Duration) -> io::Result<Self> {
        file::read_or_create(path).map(|ring| Self::with(ring, Some(path.to_owned()), lifetime))
    }

    /// Makes a new key, which signs from now on. Those before it open what they signed until `lifetime` from now, by when
    /// all of that has expired, or nothing any more with `void_old`. It is in its file, durably, when this returns; no other
    /// process may write to that. Blocks for the disk.
    ///
    /// # Errors
    /// The file cannot be written, or too many old keys are not over; nothing is changed then.
    pub fn rekey(&self, now: Timestamp, void_old: bool) -> io::Result<Rekeyed> {
        let id = random_text(&mut SysRng, ID_LENGTH).map_err(io::Error::other)?;
        let key = Key { id: Some(id.clone()), secret: file::new_secret()?, until: None };
        let until = (!void_old).then(|| now.after(self.lifetime));
        let ring = self.replace(|ring| ring.with(key, now, until))?;
        Ok(Rekeyed { id, old_until: ring.old_until() })
    }

    /// Forgets the keys that open nothing any more; says whether there were any.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn drop_ended(&self, now: Timestamp) -> io::Result<bool> {
        let has_ended = self.ring().has_ended(now);
        if has_ended {
            self.replace(|ring| Ok(ring.without_ended(now)))?;
        }
        Ok(has_ended)
    }

    /// Puts a ring in the present one's place, on disk and then here.
    fn replace(&self, make: impl FnOnce(&Ring) -> io::Result<Ring>) -> io::Result<Arc<Ring>> {
        let mut place = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let ring = Arc::new(make(&place)?);
        if let Some(path) = &self.path {
            file::write(path, &ring)?;
        }
        *place = Arc::clone(&ring);
        Ok(ring)
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
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
        let ring = self.ring();
        let signing = ring.signing();
        let key = EncodingKey::from_secret(&whole_key(signing, user));
        let header = Header { kid: signing.id.clone(), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &key)
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
        self.is_signed_for(user, token, now) && self.claimed_user(token, now).as_ref() == Some(&user.id)
    }

    /// Whether `token` was signed with HS256 under this user's key and one of ours that is not over. What it claims is not
    /// looked at.
    #[must_use]
    pub(super) fn is_signed_for(&self, user: &User, token: &str, now: Timestamp) -> bool {
        let Some((message, signature)) = token.rsplit_once('.') else { return false };
        let Ok(header) = decode_header(token) else { return false };
        let ring = self.ring();
        let Some(key) = ring.find(header.kid.as_deref(), now) else { return false };
        let key = DecodingKey::from_secret(&whole_key(key, user));
        header.alg == Algorithm::HS256
            && crypto::verify(signature, message.as_bytes(), &key, Algorithm::HS256).is_ok_and(|good| good)
    }
}

/// What signs the user's tokens: the user's half and the installation's.
fn whole_key(ours: &Key, user: &User) -> Zeroizing<Vec<u8>> {
    // Both halves go into the HMAC key and nowhere else.
    let (own, ours) = (user.token_key.0.as_bytes(), ours.secret.expose().as_bytes());
    let mut key = Zeroizing::new(Vec::with_capacity(own.len() + ours.len()));
    key.extend_from_slice(own);
    key.extend_from_slice(ours);
    key
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
