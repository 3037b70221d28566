//! Imports from hand-made rows of the original: what is brought, what is refused and told, and that nothing is brought
//! twice. Directories of a real PocketBase are read in `tests/operators`.

#![expect(clippy::unwrap_used, reason = "tests")]

mod rows;
mod support;
