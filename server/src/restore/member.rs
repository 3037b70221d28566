//! What a backup writes, by its name in the archive.

use crate::app::JWT_KEY;
use crate::pictures::{Address, FOLDER, MAX_BYTES};
use crate::store::sqlite;
use std::path::PathBuf;

/// A file of a data folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Member {
    Database,
    JwtKey,
    Picture(Address),
}

impl Member {
    /// The member of this name; a name that differs in anything is none.
    pub(super) fn parse(name: &str) -> Option<Self> {
        match name {
            sqlite::FILE_NAME => Some(Self::Database),
            JWT_KEY => Some(Self::JwtKey),
            name => {
                let (start, rest) = name.strip_prefix(FOLDER)?.strip_prefix('/')?.split_once('/')?;
                let address = (start.len() == 2).then(|| Address::parse(&format!("{start}{rest}")))?;
                address.ok().map(Self::Picture)
            }
        }
    }

    /// Where it lies in the data folder: made from what was understood, never from what was read.
    pub(super) fn path(self) -> PathBuf {
        match self {
            Self::Database => sqlite::FILE_NAME.into(),
            Self::JwtKey => JWT_KEY.into(),
            Self::Picture(address) => {
                let text = address.to_string();
                let (start, rest) = text.split_at(2);
                [FOLDER, start, rest].iter().collect()
            }
        }
    }

    /// The largest there is. A database is bounded by the archive that holds it.
    pub(super) fn most_bytes(self) -> u64 {
        match self {
            Self::Database => u64::MAX,
            Self::JwtKey => 64 * 1024,
            Self::Picture(_) => MAX_BYTES as u64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Member;
    use crate::pictures::Address;
    use std::path::Path;

    #[test]
    fn what_a_backup_writes_is_known_and_nothing_else() {
        assert_eq!(Member::parse("generatio.db"), Some(Member::Database));
        assert_eq!(Member::parse("jwt.key"), Some(Member::JwtKey));
        let address = Address::of(b"abc");
        let text = address.to_string();
        let picture = format!("pictures/{}/{}", &text[..2], &text[2..]);
        assert_eq!(Member::parse(&picture), Some(Member::Picture(address)));
        assert_eq!(Member::Picture(address).path(), Path::new(&picture));
        for name in [
            "",
            "/generatio.db",
            "./generatio.db",
            "generatio.db/",
            "generatio.db-wal",
            "../generatio.db",
            "pictures/../jwt.key",
            "lock",
            &format!("pictures/{text}"),
            &format!("pictures//{text}"),
            &format!("pictures/{}/{}", &text[..3], &text[3..]),
            &format!("/{picture}"),
            &picture.to_uppercase(),
        ] {
            assert_eq!(Member::parse(name), None, "{name}");
        }
    }
}
