//! The options as text: a file to begin with, and a table to read.

use super::{OPTIONS, layers};
use std::fmt::{self, Display, Formatter};

/// An option, as people read of it.
#[derive(Clone, Copy, Debug)]
pub struct OptionHelp {
    /// What it belongs to.
    pub heading: &'static str,
    /// Its name in code: `data_dir`.
    pub name: &'static str,
    /// What stands for its value: `DIR`.
    pub placeholder: &'static str,
    /// The value it has when nobody gives one.
    pub default: Option<&'static str>,
    /// What it does.
    pub help: &'static str,
}

pub(super) const fn first(given: &[&'static str]) -> Option<&'static str> {
    if given.is_empty() { None } else { Some(given[0]) }
}

/// A configuration file in which every option is commented out and stands at its default.
#[derive(Clone, Copy, Debug)]
pub struct ExampleFile;

impl Display for ExampleFile {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(
            "# Configuration of Generatio: generatio serve --config FILE, or GENERATIO_CONFIG=FILE.\n\
             # Each option stands here at its default. Flags (--data-dir) and variables (GENERATIO_DATA_DIR) win over\n\
             # this file. No secret belongs here: keys lie in files of their own. `generatio doctor` checks it.\n",
        )?;
        let mut heading = "";
        for option in OPTIONS {
            if option.heading != heading {
                heading = option.heading;
                writeln!(f, "\n# ---- {heading} ----")?;
            }
            let value = option.default.unwrap_or(option.placeholder);
            writeln!(f, "\n# {}\n#{} = {value:?}", option.help, layers::key(option.name))?;
        }
        Ok(())
    }
}

/// A page with a table of all options (Markdown).
#[derive(Clone, Copy, Debug)]
pub struct OptionTable;

impl Display for OptionTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(
            "# Options\n\n\
             <!-- Printed by `generatio config --table`; a test holds it to the program. -->\n\n\
             Every option is a flag of `generatio serve`, a variable (`--data-dir` is `GENERATIO_DATA_DIR`) and a key of\n\
             the configuration file (`data-dir`), in this order of precedence.\n",
        )?;
        let mut heading = "";
        for option in OPTIONS {
            if option.heading != heading {
                heading = option.heading;
                writeln!(f, "\n## {heading}\n\n| option | default | |\n|---|---|---|")?;
            }
            let default = option.default.map(|default| format!("`{default}`")).unwrap_or_default();
            writeln!(f, "| `{} {}` | {default} | {} |", layers::flag(option.name), option.placeholder, option.help)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{ExampleFile, OPTIONS, OptionTable};
    use crate::settings::{Layer, Options, Settings, layers};
    use std::path::Path;

    /// Holds a file of the repository to what is printed; a run with `GENERATIO_BLESS` set writes it anew.
    fn hold(path: &str, printed: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
        if std::env::var_os("GENERATIO_BLESS").is_some() {
            std::fs::write(&path, printed).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == printed, "{} is not what the program prints: GENERATIO_BLESS=1 writes it anew", path.display());
    }

    #[test]
    fn the_committed_pages_are_what_is_printed() {
        hold("deploy/generatio.toml", &ExampleFile.to_string());
        hold("docs/options.md", &OptionTable.to_string());
    }

    #[test]
    fn with_every_line_of_its_own_the_file_means_the_defaults() {
        let uncommented: String = ExampleFile
            .to_string()
            .lines()
            .filter_map(|line| line.strip_prefix('#').filter(|line| !line.starts_with(' ')))
            .filter(|line| OPTIONS.iter().any(|option| option.default.is_some() && line.starts_with(&key(option.name))))
            .map(|line| format!("{line}\n"))
            .collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("generatio.toml");
        std::fs::write(&path, uncommented).unwrap();
        let layers: Vec<Layer> = layers(Options::default(), Some(&path), []).unwrap();
        let printed = format!("{:?}", Settings::resolve(&layers).unwrap());
        assert_eq!(printed, format!("{:?}", Settings::default()));
    }

    fn key(name: &str) -> String {
        format!("{} = ", name.replace('_', "-"))
    }
}
