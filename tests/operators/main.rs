//! What operators do, with the real binary: backups and restores under load, imports from the original, people.

mod command;
mod drill;
mod import;
mod invitations;
mod people;
mod unlock;
mod versions;
