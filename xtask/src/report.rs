//! A table of what ran, how long it took and how it ended.

use crate::Outcome;
use std::time::{Duration, Instant};

/// Rows in the order they ran.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    took: Duration,
    ended: Result<String, String>,
}

impl Report {
    /// Announces `name`, runs `work` and keeps its note, or its error; gives back whether it went well.
    pub(crate) fn run(&mut self, name: &'static str, work: impl FnOnce() -> Outcome<String>) -> bool {
        println!("\n== {name}");
        let began = Instant::now();
        let ended = work().map_err(|error| error.to_string());
        let well = ended.is_ok();
        self.rows.push(Row { name, took: began.elapsed(), ended });
        well
    }

    /// The table: a row each, and the total.
    pub(crate) fn table(&self) -> String {
        let mut lines = vec![line("", "seconds", "")];
        for Row { name, took, ended } in &self.rows {
            let note = ended.as_ref().map_or_else(|error| format!("FAILED: {error}"), Clone::clone);
            lines.push(line(name, &seconds(*took), &note));
        }
        lines.push(line("total", &seconds(self.rows.iter().map(|row| row.took).sum()), ""));
        lines.join("\n")
    }

    /// Names what failed.
    pub(crate) fn verdict(&self) -> Outcome {
        let failed: Vec<_> = self.rows.iter().filter(|row| row.ended.is_err()).map(|row| row.name).collect();
        if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
    }
}

fn line(name: &str, seconds: &str, note: &str) -> String {
    format!("{name:<12} {seconds:>8}  {note}").trim_end().to_owned()
}

fn seconds(duration: Duration) -> String {
    format!("{:.1}", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_what_failed() {
        let mut report = Report::default();
        assert!(report.run("core", || Ok("12 passed, 0 failed".into())));
        assert!(report.verdict().is_ok());
        assert!(!report.run("server", || Err("1 failed".into())));
        let expected = "              seconds\n\
                        core              0.0  12 passed, 0 failed\n\
                        server            0.0  FAILED: 1 failed\n\
                        total             0.0";
        assert_eq!(report.table(), expected);
        assert_eq!(report.verdict().unwrap_err().to_string(), "failed: server");
    }
}
