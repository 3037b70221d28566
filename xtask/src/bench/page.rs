//! How a benchmark's outcome is shown and kept: one page of Markdown, the same on the screen and in the file.

use super::machine::Machine;
use crate::{Outcome, process};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Where pages are kept.
pub(super) const KEPT: &str = "tests/benches/results";

/// What a benchmark found.
pub(super) struct Page {
    /// What it is about, in a line.
    pub(super) title: String,
    /// What was done, and what the figures are.
    pub(super) about: String,
    /// The contenders.
    pub(super) table: Table,
    /// What was to be reached.
    pub(super) goals: Vec<Goal>,
    /// Where it ran.
    pub(super) machine: Machine,
    /// What was run, each with its version.
    pub(super) versions: Vec<String>,
}

/// Something to be reached, and whether it was.
pub(crate) struct Goal {
    /// In words.
    pub(crate) aim: String,
    /// What was seen.
    pub(crate) seen: String,
    /// Whether that is good enough.
    pub(crate) holds: bool,
}

impl Page {
    /// The page, with the command that makes it anew.
    pub(super) fn text(&self, name: &str, date: &str) -> String {
        let goals: String = self.goals.iter().map(|goal| format!("- {goal}\n")).collect();
        let goals = if goals.is_empty() { goals } else { goals + "\n" };
        let versions: String = self.versions.iter().map(|version| format!("- {version}\n")).collect();
        format!(
            "# {}\n\n`cargo xtask bench {name}`, {date}\n\n{}\n\n{}\n{goals}Run on\n\n{}{versions}",
            self.title, self.about, self.table, self.machine
        )
    }
}

/// Writes the page of `name` at `date`; one of the same day is replaced.
pub(super) fn keep(name: &str, date: &str, text: &str) -> Outcome<PathBuf> {
    let path = Path::new(KEPT).join(format!("{name}-{date}.md"));
    fs::create_dir_all(process::workspace().join(KEPT))?;
    fs::write(process::workspace().join(&path), text).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(path)
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.holds { "holds" } else { "MISSED" };
        write!(f, "Goal: {}; seen: {}: {verdict}.", self.aim, self.seen)
    }
}

/// Rows of cells below a head. The first column stands left, the others, being numbers, right.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table.
    pub(crate) fn new(head: &[&str]) -> Self {
        Self { rows: vec![head.iter().map(ToString::to_string).collect()] }
    }

    /// Adds a row, as wide as the head.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.into());
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, row) in self.rows.iter().enumerate() {
            for (column, cell) in row.iter().enumerate() {
                let width = self.width(column);
                if column == 0 { write!(f, "| {cell:<width$} |")? } else { write!(f, " {cell:>width$} |")? }
            }
            writeln!(f)?;
            if number == 0 {
                for column in 0..row.len() {
                    let width = self.width(column);
                    if column == 0 { write!(f, "|-{:-<width$}-|", "")? } else { write!(f, "-{:-<width$}:|", "")? }
                }
                writeln!(f)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_stands_in_columns_and_is_markdown() {
        let mut table = Table::new(&["contender", "ms"]);
        table.row(["ours".into(), "2.10".into()]);
        table.row(["another, in ×".into(), "228".into()]);
        let expected = "\
| contender     |   ms |
|---------------|-----:|
| ours          | 2.10 |
| another, in × |  228 |
";
        assert_eq!(table.to_string(), expected);
    }

    #[test]
    fn a_page_says_what_was_reached_and_how_to_see_it_again() {
        let goal = |holds| Goal { aim: "at most 5 ms".into(), seen: "2 ms".into(), holds };
        let page = Page {
            title: "Lag".into(),
            about: "Calls.".into(),
            table: Table::new(&["a", "b"]),
            goals: vec![goal(true), goal(false)],
            machine: Machine { lines: vec!["2 cores".into()] },
            versions: vec!["node v20".into()],
        };
        let expected = "\
# Lag

`cargo xtask bench lag`, 2026-11-25

Calls.

| a | b |
|---|--:|

- Goal: at most 5 ms; seen: 2 ms: holds.
- Goal: at most 5 ms; seen: 2 ms: MISSED.

Run on

- 2 cores
- node v20
";
        assert_eq!(page.text("lag", "2026-11-25"), expected);
    }
}
