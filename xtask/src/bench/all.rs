//! `all`: every benchmark, and one page that leads to the newest result of each, with its goals.

use super::page::KEPT;
use super::{Name, Options};
use crate::{Outcome, process};
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The page, beside the results.
const PAGE: &str = "README.md";

/// Measures everything, also when something breaks off, and makes the page anew; or makes that alone.
pub(super) fn run(options: &Options) -> Outcome {
    let mut broken = Vec::new();
    for one in benches().filter(|_| !options.kept) {
        println!("\n== {}", one.text());
        if let Err(error) = super::keep(one, options) {
            println!("{error}");
            broken.push(one.text());
        }
    }
    write_page()?;
    println!("\nThe page is {KEPT}/{PAGE}.");
    if broken.is_empty() { Ok(()) } else { Err(format!("broke off: {}", broken.join(", ")).into()) }
}

/// Makes the page of what is kept by now.
pub(super) fn write_page() -> Outcome {
    let folder = process::workspace().join(KEPT);
    Ok(fs::write(folder.join(PAGE), page(&kept(&folder)?))?)
}

fn benches() -> impl Iterator<Item = Name> {
    Name::value_variants().iter().copied().filter(|one| !matches!(one, Name::All))
}

/// What a page of results says.
#[derive(Debug, PartialEq, Eq)]
struct Kept {
    name: String,
    date: String,
    title: String,
    /// Each with its verdict, as it stands on the page.
    goals: Vec<String>,
}

/// The newest page of each benchmark, in the order of their names.
fn kept(folder: &Path) -> Outcome<Vec<Kept>> {
    let mut newest = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let known = |(name, _): &(&str, &str)| benches().any(|bench| bench.text() == *name);
        let Some((name, date)) = stem.split_once('-').filter(known) else { continue };
        let page = newest.entry(name.to_owned()).or_insert_with(|| (String::new(), path.clone()));
        if date > page.0.as_str() {
            *page = (date.to_owned(), path.clone());
        }
    }
    newest
        .into_iter()
        .map(|(name, (date, path))| {
            let text = fs::read_to_string(&path)?;
            let title = text.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or(&name).to_owned();
            let goals = text.lines().filter_map(|line| line.strip_prefix("- Goal: ")).map(str::to_owned).collect();
            Ok(Kept { name, date, title, goals })
        })
        .collect()
}

fn page(kept: &[Kept]) -> String {
    let all: Vec<&String> = kept.iter().flat_map(|kept| &kept.goals).collect();
    let missed = all.iter().filter(|goal| goal.ends_with("MISSED.")).count();
    let mut page = format!(
        "# What was measured\n\n\
         The newest result of each benchmark; `cargo xtask bench NAME` makes one anew and this page with it, `cargo \
         xtask bench all` all of them. Each page says what was done and on which machine, and what was run in which \
         version. Of {} goals, {} hold.\n",
        all.len(),
        all.len() - missed
    );
    for Kept { name, date, title, goals } in kept {
        // Writing to a String does not fail.
        let _ = write!(page, "\n## [{title}]({name}-{date}.md)\n\n`cargo xtask bench {name}`, {date}\n\n");
        goals.iter().for_each(|goal| page += &format!("- {goal}\n"));
        if goals.is_empty() {
            page += "No goal.\n";
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Lag\n\n`cargo xtask bench lag`, 2026-11-25\n\n- Goal: at most 5 ms; seen: 2 ms: holds.\n\
                        - Goal: at most 1 MB; seen: 2 MB: MISSED.\n\nRun on\n\n- 2 cores\n";

    #[test]
    fn the_newest_page_of_each_is_listed_with_its_goals() {
        let folder = tempfile::tempdir().unwrap();
        let others =
            [("lag-2026-09-30.md", "# Old\n"), ("other-2026-11-25.md", "# Other\n"), ("README.md", "# This\n")];
        for (name, text) in
            others.into_iter().chain([("lag-2026-11-25.md", TEXT), ("seal-2026-01-01.md", "# Sealing\n")])
        {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let kept = kept(folder.path()).unwrap();
        assert_eq!(kept.iter().map(|kept| kept.title.as_str()).collect::<Vec<_>>(), ["Lag", "Sealing"]);
        let page = page(&kept);
        assert!(page.contains("Of 2 goals, 1 hold."), "{page}");
        let lag = "## [Lag](lag-2026-11-25.md)\n\n`cargo xtask bench lag`, 2026-11-25\n\n\
                   - at most 5 ms; seen: 2 ms: holds.\n- at most 1 MB; seen: 2 MB: MISSED.\n";
        assert!(page.contains(lag) && page.ends_with("No goal.\n"), "{page}");
    }

    #[test]
    fn the_page_is_of_what_is_kept() {
        let folder = process::workspace().join(KEPT);
        let kept = kept(&folder).unwrap();
        assert!(kept.len() >= 5, "{kept:?}");
        assert_eq!(fs::read_to_string(folder.join(PAGE)).unwrap(), page(&kept), "`cargo xtask bench all --kept`");
    }
}
