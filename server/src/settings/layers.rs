//! The places options are written in, from the strongest to the weakest, and how one is found in them.

use super::Options;
use super::error::{Origin, SettingsError};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

const PREFIX: &str = "GENERATIO_";

/// Options from one place.
#[derive(Debug)]
pub struct Layer {
    options: Options,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Fallback,
    File(PathBuf),
    Flags,
    Variables,
}

impl Layer {
    /// What stands in for the defaults in a special mode; put it last.
    #[must_use]
    pub fn fallback(options: Options) -> Self {
        Self { options, place: Place::Fallback }
    }

    fn file(path: PathBuf) -> Result<Self, SettingsError> {
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(cause) => return Err(SettingsError::FileUnreadable(path, cause)),
        };
        match toml::from_str(&text) {
            Ok(options) => Ok(Self { options, place: Place::File(path) }),
            Err(cause) => Err(SettingsError::FileMalformed(path, cause)),
        }
    }

    fn origin(&self, name: &str) -> Origin {
        match &self.place {
            Place::Fallback => Origin::Default(flag(name)),
            Place::File(path) => Origin::File(key(name), path.clone()),
            Place::Flags => Origin::Flag(flag(name)),
            Place::Variables => Origin::Variable(variable(name)),
        }
    }
}

/// The layers of a start: flags, then variables, then the file that `--config` or `GENERATIO_CONFIG` names. Empty
/// variables count as absent, and variables that are no option are left alone.
///
/// # Errors
/// [`SettingsError`] for a file that cannot be read or understood, and for variables that are not text.
pub fn layers(
    flags: Options,
    config: Option<&Path>,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Vec<Layer>, SettingsError> {
    let variables: Vec<_> = variables.into_iter().collect();
    let options = Options::from_lookup(|name| look_up(&variables, name))?;
    let config = match config {
        Some(path) => Some(path.to_path_buf()),
        None => look_up(&variables, "config")?.map(|path| PathBuf::from(path.0)),
    };
    let mut layers = vec![Layer { options: flags, place: Place::Flags }, Layer { options, place: Place::Variables }];
    if let Some(path) = config {
        layers.push(Layer::file(path)?);
    }
    Ok(layers)
}

fn look_up(variables: &[(OsString, OsString)], name: &str) -> Result<Option<Text>, SettingsError> {
    let variable = variable(name);
    match variables.iter().find(|(key, value)| key.as_os_str() == variable.as_str() && !value.is_empty()) {
        None => Ok(None),
        Some((_, value)) => match value.to_str() {
            Some(text) => Ok(Some(Text(text.to_owned()))),
            None => Err(SettingsError::VariableMalformed { variable }),
        },
    }
}

/// An option's value as text, before anybody has looked at it. In a file it may also be a number or a list of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text(String);

impl<T: Into<String>> From<T> for Text {
    fn from(text: T) -> Self {
        Self(text.into())
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Text(String),
            Number(i64),
            List(Vec<String>),
        }
        match Written::deserialize(deserializer) {
            Ok(Written::Text(text)) => Ok(Self(text)),
            Ok(Written::Number(number)) => Ok(Self(number.to_string())),
            Ok(Written::List(list)) => Ok(Self(list.join(","))),
            Err(_) => Err(D::Error::custom("expected a text, a whole number or a list of texts")),
        }
    }
}

/// An option in the first layer that has it.
pub(super) struct Found<'a> {
    name: &'static str,
    place: Option<(&'a Layer, &'a Text)>,
}

pub(super) fn find<'a>(
    layers: &'a [Layer],
    name: &'static str,
    field: impl Fn(&'a Options) -> Option<&'a Text>,
) -> Found<'a> {
    let place = layers.iter().find_map(|layer| field(&layer.options).map(|text| (layer, text)));
    Found { name, place }
}

impl Found<'_> {
    pub(super) fn required<T>(
        &self,
        parser: impl Fn(&str) -> Result<T, String>,
        default: &str,
    ) -> Result<T, SettingsError> {
        match self.optional(&parser)? {
            Some(value) => Ok(value),
            None => read(&parser, default, || Origin::Default(flag(self.name))),
        }
    }

    pub(super) fn optional<T>(&self, parser: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, SettingsError> {
        self.place.map(|(layer, text)| read(&parser, &text.0, || layer.origin(self.name))).transpose()
    }
}

fn read<T>(
    parser: &impl Fn(&str) -> Result<T, String>,
    text: &str,
    origin: impl FnOnce() -> Origin,
) -> Result<T, SettingsError> {
    parser(text).map_err(|problem| SettingsError::Invalid { origin: origin(), value: text.to_owned(), problem })
}

pub(super) fn key(name: &str) -> String {
    name.replace('_', "-")
}

pub(super) fn flag(name: &str) -> String {
    format!("--{}", key(name))
}

fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.to_ascii_uppercase())
}
