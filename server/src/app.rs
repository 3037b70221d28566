//! Everything a handler needs, made once at start.

use crate::auth::{Derivations, JwtKey};
use crate::clock::SystemClock;
use crate::sessions::{MemoryStore, Sessions};
use crate::settings::Settings;
use crate::store::Store;
use crate::store::sqlite::SqliteStore;
use crate::transport::FalHost;
use generatio_core::catalog::Catalog;
use generatio_core::fal;
use std::sync::Arc;

/// One server's rooms, wired.
pub struct App {
    /// How it was set up.
    pub settings: Settings,
    /// What it keeps.
    pub store: Arc<dyn Store>,
    /// Who holds a FAL token ready.
    pub sessions: Arc<dyn Sessions>,
    /// Models and prices.
    pub catalog: Catalog,
    /// FAL's queue.
    pub fal: Arc<fal::Client<FalHost>>,
    /// The time.
    pub clock: SystemClock,
    /// Signs and checks logins.
    pub jwt: JwtKey,
    /// Where passwords are worked on.
    pub derivations: Derivations,
}
