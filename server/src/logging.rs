//! Log lines to stderr. Lines of Generatio's own crates are written down to the level asked for; those of libraries
//! only from `warn` up, because some print headers below that, and a header may hold a key.

mod lines;
mod text;

use crate::settings::{LogFormat, LogLevel};
use lines::Lines;
use std::io::{IsTerminal, Write};
use text::Text;
use tracing::{Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::{Registry, fmt};

/// Writes log lines from here on; a second call changes nothing. Some wait for a moment: all that do leave when what this
/// gives is dropped, which is for the end of the program.
#[must_use]
pub fn init(level: LogLevel, format: LogFormat) -> impl Drop {
    let stderr = std::io::stderr();
    let colours = stderr.is_terminal() && std::env::var_os("NO_COLOR").is_none();
    let (lines, ending) = Lines::new(stderr);
    // An error says that lines are being written already.
    let _ = tracing::subscriber::set_global_default(subscriber(level.0, format, colours, lines));
    ending
}

fn subscriber<W>(level: Level, format: LogFormat, colours: bool, writer: W) -> impl Subscriber
where
    W: for<'a> MakeWriter<'a, Writer: Write> + Send + Sync + 'static,
{
    let lines: Box<dyn Layer<Registry> + Send + Sync> = match format {
        LogFormat::Text if colours => Box::new(fmt::layer().with_writer(writer)),
        LogFormat::Text => {
            Box::new(fmt::layer().with_ansi(false).fmt_fields(Text).event_format(Text).with_writer(writer))
        }
        LogFormat::Json => Box::new(fmt::layer().json().flatten_event(true).with_writer(writer)),
    };
    // Levels compare by detail: `ERROR < TRACE`.
    let libraries = Targets::new().with_default(level.min(Level::WARN)).with_target("generatio", level);
    Registry::default().with(lines.with_filter(libraries))
}

#[cfg(test)]
mod tests {
    use super::subscriber;
    use crate::settings::LogFormat;
    use std::io::Write;
    use std::sync::{Arc, Mutex};
    use tracing::Level;

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What is written at this level while a library and we speak at every level.
    fn written(level: Level, format: LogFormat) -> String {
        let page = Page::default();
        let writer = page.clone();
        let subscriber = subscriber(level, format, false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            tracing::trace!(target: "hyper::proto", "library trace");
            tracing::info!(target: "reqwest::connect", "library info");
            tracing::warn!(target: "rustls::conn", "library warn");
            tracing::error!(target: "rustls::conn", "library error");
            tracing::trace!(target: "generatio_server::jobs", "our trace");
            tracing::info!(target: "generatio_core::fal", job = "j1", "our info");
        });
        let bytes = page.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn libraries_stay_quiet_whatever_the_level() {
        let trace = written(Level::TRACE, LogFormat::Text);
        for line in ["our trace", "our info", "library warn", "library error"] {
            assert!(trace.contains(line), "{trace}");
        }
        assert!(!trace.contains("library trace") && !trace.contains("library info"), "{trace}");
    }

    #[test]
    fn text_says_who_says_what_and_within_what() {
        let page = Page::default();
        let writer = page.clone();
        let subscriber = subscriber(Level::INFO, LogFormat::Text, false, move || writer.clone());
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!(target: "generatio", "request", id = "7f");
            let _within = span.enter();
            tracing::warn!(target: "generatio", route = "/a", odd = "b \"c\"", client = %"::1\u{1b}[31m\n", ms = 7_u128, "our warning");
        });
        let line = String::from_utf8(page.0.lock().unwrap().clone()).unwrap();
        let (time, rest) = line.split_at("2026-11-26T08:00:00.123Z".len());
        assert!(crate::clock::parse_rfc3339(time).is_some(), "{line}");
        let expected =
            r#"  WARN request{id="7f"}: generatio: our warning route="/a" odd="b \"c\"" client=::1\u{1b}[31m\n ms=7"#;
        assert_eq!(rest, format!("{expected}\n"));
    }

    #[test]
    fn the_level_holds_for_everybody() {
        let info = written(Level::INFO, LogFormat::Text);
        assert!(info.contains("our info") && !info.contains("our trace"), "{info}");
        let error = written(Level::ERROR, LogFormat::Text);
        assert!(error.contains("library error"), "{error}");
        assert!(!error.contains("our info") && !error.contains("library warn"), "{error}");
    }

    #[test]
    fn json_is_one_object_a_line() {
        let lines = written(Level::INFO, LogFormat::Json);
        let last: serde_json::Value = serde_json::from_str(lines.lines().last().unwrap()).unwrap();
        assert_eq!(
            (&last["message"], &last["job"], &last["level"]),
            (&"our info".into(), &"j1".into(), &"INFO".into())
        );
    }
}
