//! `sort=-created,folder_id.name`.

use super::{FilterError, Resolver};
use crate::store::{SortBy, SortKey};

/// Most keys.
const MAX_KEYS: usize = 8;
/// Longest key, in bytes.
const MAX_KEY_BYTES: usize = 255;

/// Reads the keys, the first one counting most.
///
/// # Errors
/// [`FilterError`] for an empty or unknown key, and beyond the limits.
pub fn parse(text: &str, resolver: &mut Resolver) -> Result<Vec<SortKey>, FilterError> {
    let keys: Vec<&str> = text.split(',').map(str::trim).collect();
    if keys.len() > MAX_KEYS || keys.iter().any(|key| key.len() > MAX_KEY_BYTES) {
        return Err(FilterError::TooMuch);
    }
    keys.into_iter().map(|key| sort_key(key, resolver)).collect()
}

fn sort_key(key: &str, resolver: &mut Resolver) -> Result<SortKey, FilterError> {
    let (descending, name) = match key.strip_prefix('-') {
        Some(name) => (true, name),
        None => (false, key.strip_prefix('+').unwrap_or(key)),
    };
    let by = match name {
        "@random" => SortBy::Random,
        "@rowid" => SortBy::Age,
        name => SortBy::Path(resolver.path(name)?),
    };
    Ok(SortKey { by, descending })
}
