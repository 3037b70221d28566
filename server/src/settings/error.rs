//! What can be wrong with the options, in sentences that name the option, its value and where it was written.

use std::fmt;
use std::path::PathBuf;

/// Why the server cannot be set up as asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// The configuration file is not TOML, or has keys that do not exist.
    #[error("the configuration file {} is not valid", .0.display())]
    FileMalformed(PathBuf, #[source] toml::de::Error),
    /// The configuration file cannot be read.
    #[error("the configuration file {} cannot be read", .0.display())]
    FileUnreadable(PathBuf, #[source] std::io::Error),
    /// A value is not allowed.
    #[error("{origin}: {value:?} {problem}")]
    Invalid {
        /// Which option, and where it was written.
        origin: Origin,
        /// The value as written.
        value: String,
        /// What is wrong with it and what would be right.
        problem: String,
    },
    /// A variable's value is not text.
    #[error("the variable {variable} is not UTF-8 text")]
    VariableMalformed {
        /// Its name.
        variable: String,
    },
}

/// Where a value was written, in the spelling of that place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere: it is the default of this option.
    Default(String),
    /// This key of this configuration file.
    File(String, PathBuf),
    /// This flag.
    Flag(String),
    /// This variable.
    Variable(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default(flag) => write!(f, "the default of {flag}"),
            Self::File(key, path) => write!(f, "{key} in {}", path.display()),
            Self::Flag(flag) => f.write_str(flag),
            Self::Variable(name) => f.write_str(name),
        }
    }
}
