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

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let metadata = event.metadata();
        line.write_str(&clock::rfc3339(SystemClock.now()))?;
        for _ in metadata.level().as_str().len()..6 {
            line.write_char(' ')?;
        }
        line.write_str(metadata.level().as_str())?;
        line.write_char(' ')?;
        for span in context.event_scope().into_iter().flat_map(|scope| scope.from_root()) {
            line.write_str(span.name())?;
            if let Some(fields) = span.extensions().get::<FormattedFields<N>>()
                && !fields.is_empty()
            {
                line.write_char('{')?;
                line.write_str(fields)?;
                line.write_char('}')?;
            }
            line.write_str(": ")?;
        }
        line.write_str(metadata.target())?;
        line.write_char(':')?;
        let mut fields = Fields { line: Visible(line.by_ref()), before: " ", written: Ok(()) };
        event.record(&mut fields);
        fields.written?;
        line.write_char('\n')
    }
}

/// A span's fields.
impl<'writer> FormatFields<'writer> for Text {
    fn format_fields<R: RecordFields>(&self, line: Writer<'writer>, recorded: R) -> fmt::Result {
        let mut fields = Fields { line: Visible(line), before: "", written: Ok(()) };
        recorded.record(&mut fields);
        fields.written
    }
}

/// Writes fields behind one another, the message without its name.
struct Fields<'a> {
    line: Visible<'a>,
    /// What stands before the next.
    before: &'static str,
    written: fmt::Result,
}

impl Fields<'_> {
    fn write(&mut self, field: &Field, value: impl FnOnce(&mut Visible<'_>) -> fmt::Result) {
        if self.written.is_ok() {
            self.written = self.try_write(field.name(), value);
        }
    }

    fn try_write(&mut self, name: &str, value: impl FnOnce(&mut Visible<'_>) -> fmt::Result) -> fmt::Result {
        self.line.0.write_str(std::mem::replace(&mut self.before, " "))?;
        if name != "message" {
            self.line.0.write_str(name)?;
            self.line.0.write_char('=')?;
        }
        value(&mut self.line)
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write(field, |line| write!(line, "{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // Most have nothing to escape: looking at them as `Debug` does takes longer.
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        match field.name() {
            "message" => self.write(field, |line| line.write_str(value)),
            _ if value.bytes().all(is_plain) => self.write(field, |Visible(line)| {
                line.write_char('"')?;
                line.write_str(value)?;
                line.write_char('"')
            }),
            _ => self.record_debug(field, &value),
        }
    }
}

/// Lets no control character into a line: it could end it, or play tricks with a terminal.
struct Visible<'a>(Writer<'a>);

impl Write for Visible<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Nearly all of it is ASCII, of which bytes tell as much as characters do, and sooner.
        if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) || !text.contains(char::is_control) {
            return self.0.write_str(text);
        }
        text.chars().try_for_each(|character| match character {
            control if control.is_control() => write!(self.0, "{}", control.escape_default()),
            other => self.0.write_char(other),
        })
    }
}
