//! The installation's signing keys: one signs, and those before it open what they signed until that has expired.

use generatio_core::{SecretText, Timestamp};
use std::io;
use std::ops::RangeInclusive;
use zeroize::Zeroizing;

/// First line of a file of several keys. A file without it holds one, alone on its line.
const HEADER: &str = "generatio-keys-1";
/// In the place of what a key does not have.
const NONE: &str = "-";
/// Lengths of a secret that an operator may bring.
const ALLOWED: RangeInclusive<usize> = 32..=1024;
/// Most keys that are kept: one that signs, and old ones.
pub(super) const MOST: usize = 16;
/// Longest file that is read, in bytes.
pub(super) const LONGEST_FILE: u64 = 32 * 1024;

/// A signing key.
#[derive(Debug)]
pub(super) struct Key {
    /// Its name in the headers of what it signs; the first key of an installation has none.
    pub(super) id: Option<String>,
    pub(super) secret: SecretText,
    /// From when on it opens nothing; the one that signs has no end.
    pub(super) until: Option<Timestamp>,
}

impl Key {
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    fn copy(&self, until: Timestamp) -> Self {
        let ends = self.until.map_or(until, |before| before.min(until));
        // Both copies are wiped: this one lives in the ring that takes the other's place.
        Self { id: self.id.clone(), secret: SecretText::new(self.secret.expose().to_owned()), until: Some(ends) }
    }
}

/// The keys, the one that signs first.
#[derive(Debug)]
pub(super) struct Ring(Vec<Key>);

impl Ring {
    /// One key, as every installation begins.
    pub(super) fn of(secret: SecretText) -> Self {
        Self(vec![Key { id: None, secret, until: None }])
    }

    /// The one that signs.
    pub(super) fn signing(&self) -> &Key {
        self.0.first().expect("a ring is never empty")
    }

    /// The one of this name, if it still opens anything.
    pub(super) fn find(&self, id: Option<&str>, now: Timestamp) -> Option<&Key> {
        self.0.iter().find(|key| key.id.as_deref() == id && !key.is_over(now))
    }

    /// When the last of the old ones ends.
    pub(super) fn old_until(&self) -> Option<Timestamp> {
        self.0.iter().filter_map(|key| key.until).max()
    }

    pub(super) fn has_ended(&self, now: Timestamp) -> bool {
        self.0.iter().any(|key| key.is_over(now))
    }

    /// A ring in which `key` signs. Those of this one go on until `until`, or end now.
    pub(super) fn with(&self, key: Key, now: Timestamp, until: Option<Timestamp>) -> io::Result<Self> {
        let mut keys = vec![key];
        if let Some(until) = until {
            keys.extend(self.0.iter().filter(|key| !key.is_over(now)).map(|key| key.copy(until)));
        }
        if keys.len() > MOST {
            return Err(io::Error::other("too many old keys still open logins: wait, or let them end at once"));
        }
        Ok(Self(keys))
    }

    /// This one without the keys that are over.
    pub(super) fn without_ended(&self, now: Timestamp) -> Self {
        let end = Timestamp::from_unix_ms(i64::MAX);
        let copy = |key: &Key| Key { until: key.until, ..key.copy(end) };
        Self(self.0.iter().filter(|key| !key.is_over(now)).map(copy).collect())
    }

    /// Reads the text of a file.
    pub(super) fn parse(text: &str) -> io::Result<Self> {
        let Some(rows) = text.strip_prefix(HEADER) else { return secret(text.trim_ascii()).map(Self::of) };
        let keys: Vec<Key> =
            rows.lines().filter(|line| !line.trim_ascii().is_empty()).map(row).collect::<io::Result<_>>()?;
        let signing = keys.iter().position(|key| key.until.is_none());
        let is_good = signing == Some(0) && keys.iter().filter(|key| key.until.is_none()).count() == 1;
        if is_good && keys.len() <= MOST { Ok(Self(keys)) } else { Err(unfit()) }
    }

    /// The text of its file. One first key stands there alone, as earlier programs read it.
    pub(super) fn text(&self) -> Zeroizing<String> {
        // The secrets go to their file, the one place where they are at rest.
        if let [Key { id: None, secret, until: None }] = self.0.as_slice() {
            return Zeroizing::new(format!("{}\n", secret.expose()));
        }
        let mut text = Zeroizing::new(String::with_capacity(usize::try_from(LONGEST_FILE).unwrap_or_default()));
        text.push_str(HEADER);
        text.push('\n');
        for key in &self.0 {
            let until = key.until.map_or_else(|| NONE.to_owned(), |until| until.unix_ms().to_string());
            for word in [key.id.as_deref().unwrap_or(NONE), " ", key.secret.expose(), " ", &until, "\n"] {
                text.push_str(word);
            }
        }
        text
    }
}

/// `ID SECRET UNTIL`, the last in Unix milliseconds.
fn row(line: &str) -> io::Result<Key> {
    let mut words = line.split_ascii_whitespace();
    let (Some(id), Some(text), Some(until), None) = (words.next(), words.next(), words.next(), words.next()) else {
        return Err(unfit());
    };
    let until = match until {
        NONE => None,
        ms => Some(Timestamp::from_unix_ms(ms.parse().map_err(|_| unfit())?)),
    };
    Ok(Key { id: (id != NONE).then(|| id.to_owned()), secret: secret(text)?, until })
}

fn secret(text: &str) -> io::Result<SecretText> {
    if ALLOWED.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(SecretText::new(text.to_owned()))
    } else {
        Err(unfit())
    }
}

fn unfit() -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        "a JWT key is 32 to 1024 visible ASCII characters, or several by their ids",
    )
}
