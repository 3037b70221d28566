//! One description of the collections and their fields. Filters, sorting, `fields`, `expand` and what clients may write
//! all follow from it.
//!
//! It names nothing but [`Collection`], so that the store's questions can be put in its words.

mod tables;

use super::Collection;
#[cfg(doc)]
use generatio_core::validate::Name;

/// A field of a collection.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name, in records and filters.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Whether its zero value is refused on writing.
    pub required: bool,
    /// Whether nobody sees it, and no filter or sort may name it.
    pub hidden: bool,
    /// Whether clients may write it; what they send for another is ignored.
    pub writable: bool,
    /// Whether no two records have the same value: a relation back along it leads to one record.
    pub unique: bool,
}

/// What a field's values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A date that only the server sets.
    Autodate,
    /// `true` or `false`.
    Bool,
    /// A moment, or none: `""`.
    Date,
    /// A text with the syntax of an e-mail address. Found by filters only where `emailVisibility` is true.
    Email,
    /// Any JSON value, of at most `max` bytes as text.
    Json {
        /// Most bytes.
        max: usize,
        /// Whether clients may write objects only.
        object: bool,
    },
    /// What something is called: a text of at most [`Name::MAX_CHARS`] characters. A blank one is none.
    Name,
    /// A number; zero where there is none. Clients write whole ones from zero.
    Number {
        /// The largest they may write.
        max: u32,
    },
    /// The id of another record, or `""`; `many` is an array of them.
    Relation {
        /// Whose records.
        to: Collection,
        /// Whether it is an array.
        many: bool,
    },
    /// A text of at most `max` characters.
    Text {
        /// Most characters.
        max: usize,
    },
    /// A text that is the address of something on the web (`http` or `https`), of at most `max` characters.
    Url {
        /// Most characters.
        max: usize,
    },
}

impl Collection {
    /// All its fields in the order that records show them, hidden ones included. `id` is the first.
    #[must_use]
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Folders => tables::FOLDERS,
            Self::Images => tables::IMAGES,
            Self::Jobs => tables::JOBS,
            Self::Ledger => tables::LEDGER,
            Self::ModelPreferences => tables::MODEL_PREFERENCES,
            Self::Users => tables::USERS,
        }
    }

    /// The field of this name, hidden or not.
    #[must_use]
    pub fn field(self, name: &str) -> Option<&'static Field> {
        self.fields().iter().find(|field| field.name == name)
    }

    /// The fields that records show.
    pub fn visible(self) -> impl Iterator<Item = &'static Field> {
        self.fields().iter().filter(|field| !field.hidden)
    }

    /// Whether clients can do nothing but read its records.
    #[must_use]
    pub const fn is_read_only(self) -> bool {
        matches!(self, Self::Jobs | Self::Ledger)
    }

    /// What a name such as `images_via_folder_id` leads to from this collection: the collection and its visible relation
    /// that points here.
    #[must_use]
    pub fn back_relation(self, name: &str) -> Option<(Collection, &'static Field)> {
        // The last `_via_` splits, as PocketBase's greedy pattern does.
        let (from, field) = name.rsplit_once("_via_")?;
        let from = Collection::parse(from)?;
        let field = from.field(field).filter(|field| !field.hidden)?;
        matches!(field.kind, Kind::Relation { to, .. } if to == self).then_some((from, field))
    }
}

impl Field {
    /// Where it leads, if it is a relation.
    #[must_use]
    pub const fn target(&self) -> Option<Collection> {
        match self.kind {
            Kind::Relation { to, .. } => Some(to),
            _ => None,
        }
    }

    /// Whether it holds several ids.
    #[must_use]
    pub const fn is_many(&self) -> bool {
        matches!(self.kind, Kind::Relation { many: true, .. })
    }
}

#[cfg(test)]
mod tests {
    use super::{Collection, Kind};
    use std::collections::HashSet;

    #[test]
    fn names_are_distinct_and_each_collection_has_its_id_and_dates() {
        for collection in Collection::ALL {
            let fields = collection.fields();
            let names: HashSet<_> = fields.iter().map(|field| field.name).collect();
            assert_eq!(names.len(), fields.len(), "{collection:?}");
            assert_eq!(fields[0].name, "id");
            assert_eq!(collection.field("created").map(|field| field.kind), Some(Kind::Autodate));
        }
    }

    #[test]
    fn secrets_are_hidden_and_what_the_server_computes_is_not_written() {
        let users = Collection::Users;
        for name in ["password", "tokenKey", "fal_token"] {
            assert!(users.field(name).unwrap().hidden, "{name}");
            assert!(users.visible().all(|field| field.name != name));
        }
        for name in ["financial_data", "fal_token", "model_preferences", "created", "updated"] {
            assert!(!users.field(name).unwrap().writable, "{name}");
        }
        for collection in [Collection::Jobs, Collection::Ledger] {
            assert!(collection.is_read_only());
            assert!(collection.fields().iter().all(|field| !field.writable));
        }
    }

    #[test]
    fn back_relations_lead_from_those_that_point_here() {
        let rows = [
            (Collection::Folders, "images_via_folder_id", Some((Collection::Images, "folder_id"))),
            (Collection::Folders, "pbc_3607937828_via_folder_id", Some((Collection::Images, "folder_id"))),
            (Collection::Folders, "folders_via_parent_id", Some((Collection::Folders, "parent_id"))),
            (
                Collection::ModelPreferences,
                "generatio_users_via_model_preferences",
                Some((Collection::Users, "model_preferences")),
            ),
            (Collection::Jobs, "ledger_via_job_id", Some((Collection::Ledger, "job_id"))),
            (Collection::Images, "images_via_folder_id", None),
            (Collection::Folders, "images_via_title", None),
            (Collection::Folders, "images_via_nothing", None),
            (Collection::Folders, "nothing_via_folder_id", None),
            (Collection::Folders, "images", None),
        ];
        for (here, name, expected) in rows {
            assert_eq!(here.back_relation(name).map(|(from, field)| (from, field.name)), expected, "{name}");
        }
    }
}
