//! A line as text without colours. tracing's own is the same but for what it spends on styles it does not use.

use crate::clock::{self, SystemClock};
use generatio_core::time::Clock;
use std::fmt::{self, Debug, Write};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Lines as `2026-11-26T08:00:00.123Z  INFO request{id="…"}: generatio_server::http::answer: answered status=200`.
pub(super) struct Text;

/// Room that most lines fit into, in bytes.
const USUAL_LENGTH: usize = 256;

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        // Put together here and handed over at once: each call of the writer's is an indirect one.
        let mut line = String::with_capacity(USUAL_LENGTH);
        line.push_str(clock::rfc3339_text(SystemClock.now()).as_str());
        let level = metadata.level().as_str();
        line.push_str(&"      "[level.len()..]);
        line.push_str(level);
        line.push(' ');
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            line.push_str(span.name());
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>()
                && !fields.is_empty()
            {
                line.push('{');
                line.push_str(fields);
                line.push('}');
            }
            line.push_str(": ");
        }
        line.push_str(metadata.target());
        line.push(':');
        event.record(&mut Fields { line: Visible(&mut line), before: " " });
        line.push('\n');
        writer.write_str(&line)
    }
}

/// A span's fields.
impl<'writer> FormatFields<'writer> for Text {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'writer>, recorded: R) -> fmt::Result {
        let mut line = String::new();
        recorded.record(&mut Fields { line: Visible(&mut line), before: "" });
        writer.write_str(&line)
    }
}

/// Writes fields behind one another, the message without its name.
struct Fields<'a> {
    line: Visible<'a>,
    /// What stands before the next.
    before: &'static str,
}

impl Fields<'_> {
    fn begin(&mut self, field: &Field) {
        let Visible(line) = &mut self.line;
        line.push_str(std::mem::replace(&mut self.before, " "));
        if field.name() != "message" {
            line.push_str(field.name());
            line.push('=');
        }
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.begin(field);
        // A `String` takes everything; what a value has against being shown is its own affair.
        let _ = write!(self.line, "{value:?}");
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.begin(field);
        // Sooner than formatting it, which looks for widths and signs.
        self.line.0.push_str(&value.to_string());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // Most have nothing to escape: looking at them as `Debug` does takes longer.
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if field.name() == "message" {
            self.begin(field);
            self.line.push(value);
        } else if value.bytes().all(is_plain) {
            self.begin(field);
            let Visible(line) = &mut self.line;
            line.push('"');
            line.push_str(value);
            line.push('"');
        } else {
            self.record_debug(field, &value);
        }
    }
}

/// Lets no control character into a line: it could end it, or play tricks with a terminal.
struct Visible<'a>(&'a mut String);

impl Visible<'_> {
    fn push(&mut self, text: &str) {
        // Nearly all of it is ASCII, of which bytes tell as much as characters do, and sooner.
        if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) || !text.contains(char::is_control) {
            return self.0.push_str(text);
        }
        for character in text.chars() {
            match character {
                control if control.is_control() => self.0.extend(control.escape_default()),
                other => self.0.push(other),
            }
        }
    }
}

impl Write for Visible<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text);
        Ok(())
    }
}
