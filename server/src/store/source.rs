//! Who runs a job.

/// Who submits a job to FAL and waits for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The client, which reports what comes of it.
    Direct,
    /// This server.
    #[default]
    Server,
}

impl Source {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Direct, Self::Server];

    /// `direct` or `server`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Server => "server",
        }
    }
}
