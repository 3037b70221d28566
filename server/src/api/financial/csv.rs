//! Comma-separated values (RFC 4180), also for programs that take some texts for formulas.

use std::borrow::Cow;

/// A file of lines that end in CR LF.
#[derive(Default)]
pub(super) struct Csv(String);

impl Csv {
    /// Adds a line. Cells are quoted where they have to be; what a user or another server wrote goes through [`text`]
    /// first.
    pub(super) fn line<'a>(&mut self, cells: impl IntoIterator<Item = Cow<'a, str>>) {
        for (place, cell) in cells.into_iter().enumerate() {
            if place > 0 {
                self.0.push(',');
            }
            self.0.push_str(&quoted(cell));
        }
        self.0.push_str("\r\n");
    }

    /// All lines.
    pub(super) fn into_text(self) -> String {
        self.0
    }
}

/// A text that no spreadsheet takes for a formula: one that begins like a formula gets an apostrophe in front (OWASP,
/// "CSV Injection").
pub(super) fn text(text: &str) -> Cow<'_, str> {
    const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if text.trim_start_matches(' ').starts_with(FORMULA) { format!("'{text}").into() } else { text.into() }
}

fn quoted(cell: Cow<'_, str>) -> Cow<'_, str> {
    if cell.contains(['"', ',', '\r', '\n']) || cell.starts_with(' ') || cell.ends_with(' ') {
        format!("\"{}\"", cell.replace('"', "\"\"")).into()
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::{Csv, text};

    #[test]
    fn cells_are_quoted_where_they_have_to_be() {
        let mut csv = Csv::default();
        csv.line(["plain", "", "a,b", "say \"hi\"", "two\nlines", " edge", "0.003"].map(Into::into));
        csv.line(["x".into()]);
        let expected = "plain,,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\" edge\",0.003\r\nx\r\n";
        assert_eq!(csv.into_text(), expected);
    }

    #[test]
    fn no_text_is_a_formula() {
        for begins in ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＠x"] {
            assert_eq!(text(begins), format!("'{begins}"));
        }
        for harmless in ["", "flux/schnell", "a=b", "1-1", "8.439999999999998"] {
            assert_eq!(text(harmless), harmless);
        }
    }
}
