//! Server-sent events, read as they arrive (WHATWG HTML §9.2.6). Only `data` matters to FAL: names, ids and retry times
//! are passed over, as are comments. What the data means is [`super::wire`]'s business.

/// Splits a byte stream into events. Chunks may end anywhere, inside a character too.
#[derive(Debug)]
pub(crate) struct Parser {
    line: Vec<u8>,
    data: String,
    limit: usize,
    first_line: bool,
    after_cr: bool,
}

/// A line or an event grew past the limit: no more will be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EventTooLong;

impl Parser {
    /// A parser that holds at most about `limit` bytes.
    pub(crate) fn new(limit: usize) -> Self {
        Self { line: Vec::new(), data: String::new(), limit, first_line: true, after_cr: false }
    }

    /// Takes the next bytes; gives the data of each event they complete. An event without its empty line is not given.
    pub(crate) fn feed(&mut self, mut chunk: &[u8]) -> Result<Vec<String>, EventTooLong> {
        let mut events = Vec::new();
        while let Some(&first) = chunk.first() {
            if std::mem::take(&mut self.after_cr) && first == b'\n' {
                chunk = &chunk[1..];
                continue;
            }
            let Some(end) = chunk.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                self.grow(chunk)?;
                break;
            };
            self.grow(&chunk[..end])?;
            self.after_cr = chunk[end] == b'\r';
            chunk = &chunk[end + 1..];
            events.extend(self.end_line());
        }
        Ok(events)
    }

    fn grow(&mut self, bytes: &[u8]) -> Result<(), EventTooLong> {
        if self.line.len() + self.data.len() + bytes.len() > self.limit {
            return Err(EventTooLong);
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    /// Reads the line collected so far; an empty one completes an event.
    fn end_line(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if std::mem::take(&mut self.first_line) {
            line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
        }
        if line.is_empty() {
            return self.end_event();
        }
        let value = if line == b"data" { Some(&line[4..]) } else { line.strip_prefix(b"data:") };
        if let Some(value) = value {
            self.data.push_str(&String::from_utf8_lossy(value.strip_prefix(b" ").unwrap_or(value)));
            self.data.push('\n');
        }
        None
    }

    fn end_event(&mut self) -> Option<String> {
        let mut data = std::mem::take(&mut self.data);
        data.pop();
        (!data.is_empty()).then_some(data)
    }
}

#[cfg(test)]
mod tests {
    use super::{EventTooLong, Parser};
    use proptest::prelude::*;

    fn events(chunks: &[&[u8]]) -> Vec<String> {
        let mut parser = Parser::new(1024);
        chunks.iter().flat_map(|chunk| parser.feed(chunk).unwrap()).collect()
    }

    #[test]
    fn lines_end_in_lf_crlf_or_cr() {
        for text in ["data: a\n\ndata: b\n\n", "data: a\r\n\r\ndata: b\r\n\r\n", "data: a\r\rdata: b\r\r\n"] {
            assert_eq!(events(&[text.as_bytes()]), ["a", "b"], "{text:?}");
        }
    }

    #[test]
    fn everything_but_data_is_passed_over() {
        let text = "\u{feff}: hello\nevent: x\nid: 7\nretry: 1\ndatabase: no\ndata\ndata:a\ndata:  b\n:\n\n\n: ping\n\ndata:\n\n";
        assert_eq!(events(&[text.as_bytes()]), ["\na\n b"]);
    }

    #[test]
    fn an_event_that_was_cut_off_is_not_given() {
        assert_eq!(events(&[b"data: a\n\ndata: b\n"]), ["a"]);
    }

    #[test]
    fn a_line_without_end_is_not_collected_for_ever() {
        let mut parser = Parser::new(100);
        let fed = (0..20).map(|_| parser.feed(b"data: xxxx")).position(|fed| fed == Err(EventTooLong));
        assert_eq!(fed, Some(10));
    }

    #[test]
    fn an_event_without_end_is_not_collected_for_ever() {
        let mut parser = Parser::new(100);
        let fed = (0..200).map(|_| parser.feed(b"data: xxxx\n")).position(|fed| fed == Err(EventTooLong));
        assert_eq!(fed, Some(19));
    }

    proptest! {
        #[test]
        fn where_chunks_end_does_not_matter(cuts in prop::collection::vec(0_usize..70, 0..6)) {
            let text = "data: {\"a\":\"žluťoučký 🐎\"}\r\n\r\n: ping\r\n\r\ndata: 日本\ndata: 語\n\n".as_bytes();
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut < text.len()).collect();
            cuts.sort_unstable();
            let edges: Vec<usize> = [0].into_iter().chain(cuts).chain([text.len()]).collect();
            let chunks: Vec<&[u8]> = edges.windows(2).map(|pair| &text[pair[0]..pair[1]]).collect();
            prop_assert_eq!(events(&chunks), ["{\"a\":\"žluťoučký 🐎\"}", "日本\n語"]);
        }
    }
}
