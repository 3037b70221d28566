//! The collections there are, by name or by the id that PocketBase computes from type and name.

/// A collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Collection {
    /// `folders`.
    Folders,
    /// `images`.
    Images,
    /// `jobs`, which clients only read.
    Jobs,
    /// `ledger`, which clients only read.
    Ledger,
    /// `model_preferences`.
    ModelPreferences,
    /// `generatio_users`, the one whose records log in.
    Users,
}

impl Collection {
    /// All collections.
    pub const ALL: [Self; 6] =
        [Self::Folders, Self::Images, Self::Jobs, Self::Ledger, Self::ModelPreferences, Self::Users];

    /// By name, in whatever case, or id.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| text.eq_ignore_ascii_case(one.name()) || text == one.id())
    }

    /// `collectionName` of its records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Folders => "folders",
            Self::Images => "images",
            Self::Jobs => "jobs",
            Self::Ledger => "ledger",
            Self::ModelPreferences => "model_preferences",
            Self::Users => "generatio_users",
        }
    }

    /// `collectionId` of its records: `pbc_` and the CRC-32 of type and name.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Folders => "pbc_1868868837",
            Self::Images => "pbc_3607937828",
            Self::Jobs => "pbc_2409499253",
            Self::Ledger => "pbc_4150843890",
            Self::ModelPreferences => "pbc_452953864",
            Self::Users => crate::auth::jwt::USERS_COLLECTION_ID,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Collection;

    #[test]
    fn names_and_ids_lead_to_the_same_collection() {
        for collection in Collection::ALL {
            assert_eq!(Collection::parse(collection.name()), Some(collection));
            assert_eq!(Collection::parse(collection.id()), Some(collection));
        }
        assert_eq!(Collection::parse("Images"), Some(Collection::Images));
        assert_eq!(Collection::parse("image"), None);
        assert_eq!(Collection::parse(""), None);
    }

    #[test]
    fn ids_are_what_pocketbase_computes() {
        for collection in Collection::ALL {
            let kind = if collection == Collection::Users { "auth" } else { "base" };
            let crc = crc32(format!("{kind}{}", collection.name()).as_bytes());
            assert_eq!(collection.id(), format!("pbc_{crc}"));
        }
    }

    /// CRC-32 (IEEE 802.3), bit by bit.
    fn crc32(data: &[u8]) -> u32 {
        !data.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 })
        })
    }
}
