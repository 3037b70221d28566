//! Requests out of bytes: what the fuzzer changes are decisions, so that what comes out has the shape of requests. Routes
//! are the server's own, words mostly those that mean something to it.

use bytes::Bytes;
use generatio_server::http::routes::routes;
use std::fmt::Write as _;

/// Deeper values are cut off. What is deeper than serde reads is a text of its own.
const DEPTH: u32 = 5;
/// Names and words of the API, of PocketBase's, and of nobody's.
const WORDS: &str = include_str!("words.txt");
/// What everybody's password is. It is sent where a password belongs and nowhere else: a folder of that name would be told.
pub(crate) const PASSWORD: &str = "copper-lantern-93";
/// Where one belongs.
const PASSWORD_FIELDS: [&str; 3] = ["password", "passwordConfirm", "oldPassword"];
const NUMBERS: [&str; 16] = [
    "0",
    "1",
    "-1",
    "2",
    "0.5",
    "-0",
    "1e400",
    "-1e400",
    "1e-400",
    "255",
    "1001",
    "2147483648",
    "9007199254740993",
    "18446744073709551616",
    "0.1234567890123456789",
    "1E+5",
];

/// Bytes as decisions. When none is left, each is the first.
pub(crate) struct Decisions<'a>(pub(crate) &'a [u8]);

impl<'a> Decisions<'a> {
    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn below(&mut self, count: usize) -> usize {
        usize::from(u16::from_be_bytes([if count > 256 { self.byte() } else { 0 }, self.byte()])) % count.max(1)
    }

    fn bytes(&mut self) -> &'a [u8] {
        let length = self.below(64).min(self.0.len());
        let (own, rest) = self.0.split_at(length);
        self.0 = rest;
        own
    }

    /// A word of the list, or any text.
    fn text(&mut self, own: &[String]) -> String {
        match self.byte() % 8 {
            0 => String::from_utf8_lossy(self.bytes()).into_owned(),
            1 => own[self.below(own.len())].clone(),
            2 => self.word().repeat(self.below(300)),
            _ => self.word().to_owned(),
        }
    }

    fn word(&mut self) -> &'static str {
        let words = WORDS.lines().count();
        WORDS.lines().nth(self.below(words)).unwrap_or_default()
    }

    /// A JSON value.
    fn value(&mut self, own: &[String], depth: u32, into: &mut String) {
        match self.byte() % 10 {
            0 => into.push_str("null"),
            1 => into.push_str(if self.byte().is_multiple_of(2) { "true" } else { "false" }),
            2 => into.push_str(NUMBERS[self.below(NUMBERS.len())]),
            3 => {
                let _ = write!(into, "{}", i16::from_be_bytes([self.byte(), self.byte()]));
            }
            4 if depth < DEPTH => self.list(own, depth, into),
            5 | 6 if depth < DEPTH => self.object(own, depth, into),
            _ => quote(&self.text(own), into),
        }
    }

    fn list(&mut self, own: &[String], depth: u32, into: &mut String) {
        into.push('[');
        for index in 0..self.below(4) {
            if index > 0 {
                into.push(',');
            }
            self.value(own, depth + 1, into);
        }
        into.push(']');
    }

    fn object(&mut self, own: &[String], depth: u32, into: &mut String) {
        into.push('{');
        for index in 0..self.below(8) {
            if index > 0 {
                into.push(',');
            }
            let name = self.text(own);
            quote(&name, into);
            into.push(':');
            if depth == 0 && PASSWORD_FIELDS.contains(&name.as_str()) && self.byte().is_multiple_of(2) {
                quote(PASSWORD, into);
            } else {
                self.value(own, depth + 1, into);
            }
        }
        into.push('}');
    }

    /// A body and its type.
    fn body(&mut self, own: &[String]) -> (&'static str, Vec<u8>) {
        let mut json = String::new();
        match self.byte() % 16 {
            0 => return ("application/json", self.bytes().to_vec()),
            1 => return ("text/plain", self.bytes().to_vec()),
            2 => return ("application/json", Vec::new()),
            3 => self.value(own, 0, &mut json),
            4 => {
                self.object(own, 0, &mut json);
                return ("multipart/form-data; boundary=B", multipart(&[("@jsonPayload", &json)]));
            }
            _ => self.object(own, 0, &mut json),
        }
        ("application/json", json.into_bytes())
    }
}

/// As JSON writes it.
fn quote(text: &str, into: &mut String) {
    into.push_str(&serde_json::Value::from(text).to_string());
}

/// A body of these parts with the boundary `B`.
pub(crate) fn multipart(parts: &[(&str, &str)]) -> Vec<u8> {
    let part = |(name, text): &(&str, &str)| {
        format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    (parts.iter().map(part).collect::<String>() + "--B--\r\n").into_bytes()
}

/// Who may be asking: `own` are texts of theirs (ids), the others what proves it.
pub(crate) struct Caller<'a> {
    pub(crate) own: &'a [String],
    pub(crate) jwt: &'a str,
    pub(crate) session: &'a str,
}

/// The next request; `None` when what was decided on is none.
pub(crate) fn next_call(decisions: &mut Decisions<'_>, caller: &Caller<'_>) -> Option<http::Request<Bytes>> {
    let count = routes().count();
    let route = routes().nth(decisions.below(count))?;
    let mut path = String::new();
    for segment in route.pattern().split('/').skip(1) {
        path.push('/');
        if segment.starts_with('{') {
            let text = decisions.text(caller.own);
            path.extend(percent_encoding::utf8_percent_encode(&text, percent_encoding::NON_ALPHANUMERIC));
        } else {
            path.push_str(segment);
        }
    }
    for index in 0..decisions.below(4) {
        path.push(if index == 0 { '?' } else { '&' });
        for part in [decisions.text(caller.own), decisions.text(caller.own)] {
            path.extend(percent_encoding::utf8_percent_encode(&part, percent_encoding::NON_ALPHANUMERIC));
            path.push('=');
        }
    }
    let mut request = http::Request::builder().method(route.method()).uri(path);
    let heads = decisions.byte();
    if heads & 1 == 0 {
        request = request.header("authorization", caller.jwt);
    }
    if heads & 2 == 0 {
        request = request.header("x-session-id", caller.session);
    }
    if heads & 4 != 0 {
        let name = ["idempotency-key", "prefer", "last-event-id", "range", "if-none-match"][decisions.below(5)];
        request = request.header(name, decisions.text(caller.own));
    }
    let (kind, body) = decisions.body(caller.own);
    request.header("content-type", kind).body(body.into()).ok()
}
