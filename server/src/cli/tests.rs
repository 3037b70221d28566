//! What the command line takes and says; what the options mean is tested beside the settings.

use super::{Cli, Command};
use clap::{CommandFactory, Parser};

fn serve_help() -> String {
    let command = Cli::command();
    // Wide enough that no line is folded.
    command.find_subcommand("serve").unwrap().clone().term_width(1000).render_help().to_string()
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn help_tells_every_option_with_its_default() {
    let help = serve_help();
    for text in ["--demo", "--config <FILE>", "--http <ADDRESS>", "[default: 127.0.0.1:8090]", "GENERATIO_DATA_DIR"] {
        assert!(help.contains(text), "{text} in {help}");
    }
    for heading in ["Server:", "Accounts and sessions:", "FAL tokens:", "Generation:", "Logs:"] {
        assert!(help.contains(&format!("\n{heading}\n")), "{heading} in {help}");
    }
}

#[test]
fn no_flag_takes_a_secret() {
    let command = Cli::command();
    for flag in command.find_subcommand("serve").unwrap().get_arguments().filter_map(|flag| flag.get_long()) {
        let names_a_secret = ["password", "secret", "key", "token"].iter().any(|word| flag.ends_with(word));
        assert!(!names_a_secret, "--{flag}");
    }
}

#[test]
fn flags_reach_the_options() {
    let cli =
        Cli::try_parse_from(["generatio", "serve", "--demo", "--data-dir", "here", "--config=file.toml"]).unwrap();
    let Command::Serve(serve) = cli.command else { panic!("{cli:?}") };
    assert!(serve.demo);
    assert_eq!(serve.configuration.config.unwrap().to_str(), Some("file.toml"));
    assert_eq!(serve.configuration.options.data_dir, Some("here".into()));
}

#[test]
fn a_senseless_command_line_is_refused_as_usage() {
    for line in [&["generatio"][..], &["generatio", "fly"], &["generatio", "serve", "--no-such-flag"]] {
        assert_eq!(Cli::try_parse_from(line).unwrap_err().exit_code(), 2, "{line:?}");
    }
}
