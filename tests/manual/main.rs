//! The manual of the server, page by page: every command in it is typed into a shell, as a reader would.
//!
//! A block of `sh` is run. One that starts a server goes on in the background, on a port of its own, until its page is
//! over. `console` is for what takes a machine of its own: services, images, builds; it is read only.

mod shell;

use generatio_fal_sim::{Options, Sim};
use generatio_tests::binary;
use shell::Shell;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

const PAGES: [(&str, &str); 9] = [
    ("backup.md", include_str!("../../server/docs/backup.md")),
    ("custody.md", include_str!("../../server/docs/custody.md")),
    ("first-hour.md", include_str!("../../server/docs/first-hour.md")),
    ("install.md", include_str!("../../server/docs/install.md")),
    ("moving-over.md", include_str!("../../server/docs/moving-over.md")),
    ("people.md", include_str!("../../server/docs/people.md")),
    ("troubleshooting.md", include_str!("../../server/docs/troubleshooting.md")),
    ("upgrade.md", include_str!("../../server/docs/upgrade.md")),
    ("watching.md", include_str!("../../server/docs/watching.md")),
];

/// Where the pages' servers are.
const WRITTEN: &str = "127.0.0.1:8090";

/// The blocks of a page in this language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(fence.as_str()).skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

#[tokio::test]
async fn every_command_works_as_written() {
    let fal = Sim::start(Options::immediate()).await.expect("the stand-in starts");
    let url = fal.url();
    // The stand-in answers on this thread meanwhile.
    let typed = tokio::task::spawn_blocking(move || PAGES.map(|(name, page)| typed(name, page, &url)).iter().sum());
    let count: usize = typed.await.expect("every command works");
    assert!(count >= 15, "{count} blocks were found");
}

/// Types a page's blocks in, with FAL at `fal_url`; how many there are.
fn typed(name: &str, page: &str, fal_url: &str) -> usize {
    let mut shell = Shell::start(fal_url);
    let blocks = blocks(page, "sh");
    for block in &blocks {
        match block.strip_prefix("generatio serve") {
            Some(arguments) => shell.serve(arguments, WRITTEN),
            None => shell.run(name, block),
        }
    }
    blocks.len()
}

#[test]
fn what_is_only_read_names_commands_that_exist() {
    let known = [
        "cargo xtask ",
        "install ",
        "docker ",
        "systemctl ",
        "useradd ",
        "dpkg ",
        "apt-get ",
        "mv ",
        "chown ",
        "generatio config",
        "generatio import ",
        "generatio restore ",
    ];
    let mut count = 0;
    for (name, page) in PAGES {
        for line in blocks(page, "console").into_iter().flat_map(str::lines) {
            let command = line.strip_prefix("$ ").or(line.strip_prefix("# "));
            let command = command.unwrap_or_else(|| panic!("{name}: {line:?} is no prompt with a command"));
            assert!(known.iter().any(|known| command.starts_with(known)), "{name}: {command}");
            count += 1;
        }
    }
    assert!(count >= 5, "{count} lines were found");
}

/// It is the heart of the README, and the manual's readers should not have to go there.
#[test]
fn who_sees_a_key_is_told_in_one_way() {
    let table = |page: &str| -> Vec<String> {
        let rows = page.lines().skip_while(|line| !line.starts_with("| | `direct`"));
        rows.take_while(|line| line.starts_with('|')).map(ToOwned::to_owned).collect()
    };
    let told = table(include_str!("../../README.md"));
    assert!(told.len() > 5);
    assert_eq!(table(include_str!("../../server/docs/custody.md")), told);
}

#[test]
fn the_table_of_contents_names_every_page() {
    let contents = include_str!("../../server/docs/SUMMARY.md");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/docs");
    for file in std::fs::read_dir(docs).expect("the manual is there") {
        let name = file.expect("it can be listed").file_name().into_string().expect("names are text");
        let is_page = name.ends_with(".md") && name != "SUMMARY.md";
        assert!(!is_page || contents.contains(&format!("({name})")), "{name}");
    }
}

/// With the program where the unit has it, and no user to look for.
#[test]
fn the_unit_is_one_that_systemd_takes() {
    let unit = include_str!("../../server/deploy/generatio.service");
    let installed = unit.replace("/usr/local/bin/generatio", &binary().display().to_string());
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("generatio.service");
    std::fs::write(&file, installed).expect("a file can be written");
    match Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&file).output() {
        Ok(told) => assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr)),
        // A machine without systemd has no use for the unit.
        Err(error) => assert_eq!(error.kind(), ErrorKind::NotFound),
    }
}
