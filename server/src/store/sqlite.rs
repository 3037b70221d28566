//! The embedded store: SQLite, one writer, many readers. The only SQL of the server.
