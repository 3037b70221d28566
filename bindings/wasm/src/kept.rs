//! What JavaScript holds by number.

use crate::table::Table;
use generatio_core::SecretText;
use generatio_core::seal::steps::{AccountSecret, Derivation, Opening, Sealing};

/// One of the things that are held. One table for all is less code, and one sequence of numbers.
pub(crate) enum Kept {
    Account(AccountSecret),
    #[cfg(feature = "full")]
    Call(crate::full::fal::Call),
    #[cfg(feature = "full")]
    Catalog(generatio_core::catalog::Catalog),
    Opening(Opening),
    Sealing(Sealing),
    Token(SecretText),
}

thread_local! {
    static KEPT: Table<Kept> = const { Table::new() };
}

impl Kept {
    /// Keeps it and gives its number.
    pub(crate) fn keep(self) -> u32 {
        KEPT.with(|table| table.keep(self))
    }

    /// What is to be derived, of what was begun.
    pub(crate) fn derivation(&self) -> Option<Derivation<'_>> {
        match self {
            Self::Account(account) => Some(account.derivation()),
            Self::Opening(opening) => Some(opening.derivation()),
            Self::Sealing(sealing) => Some(sealing.derivation()),
            _ => None,
        }
    }
}

/// Takes it out.
pub(crate) fn take(number: u32) -> Option<Kept> {
    KEPT.with(|table| table.take(number))
}

/// Looks at it.
pub(crate) fn look<T>(number: u32, look: impl FnOnce(&Kept) -> Option<T>) -> Option<T> {
    KEPT.with(|table| table.with(number, look)).flatten()
}
