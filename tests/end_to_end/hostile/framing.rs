//! Heads, lengths and the ends of messages.

use super::raw::{Sent, cut_off, told};
use super::{Row, row};

/// So much is "without end": far more than any buffer here.
const ENDLESS: usize = 100 * 1024;
const HEALTH: &str = "GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n";
const LOGIN: &str = "POST /api/custom/auth/login HTTP/1.1\r\nHost: x\r\n";
const WELL: &str = "API is healthy.";
const INVALID: &str = "Invalid request body";

pub(super) fn rows() -> Vec<Row> {
    [heads(), bytes(), lengths(), chunks(), requests()].into_iter().flatten().collect()
}

/// A request to `/api/health` with this text where the headers are.
fn health(headers: &str) -> String {
    format!("GET /api/health HTTP/1.1\r\nHost: x\r\n{headers}\r\n")
}

fn login(headers: &str, body: &str) -> String {
    format!("{LOGIN}{headers}\r\n{body}")
}

fn heads() -> Vec<Row> {
    let unfinished = "GET /api/health HTTP/1.1\r\nHost: x\r\n";
    let long_path = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(60_000));
    vec![
        row(
            "a header without end",
            Sent::long(format!("{unfinished}X: "), "x".repeat(1024), ENDLESS, ""),
            told(431, "").closed(),
        ),
        row("headers without end", Sent::long(unfinished, "X: y\r\n".repeat(100), ENDLESS, ""), told(431, "").closed()),
        row("a path without end", Sent::long("GET /", "a".repeat(1024), ENDLESS, ""), told(431, "").closed()),
        row("a method without end", Sent::long("G", "E".repeat(1024), ENDLESS, ""), told(431, "").closed()),
        row("empty lines without end", Sent::long("", "\r\n".repeat(512), ENDLESS, ""), told(431, "").closed()),
        row("a hundred and one headers", health(&"X: y\r\n".repeat(100)), told(431, "").closed()),
        row("a path of 60,000 characters", long_path, told(404, "wasn't found")),
        row("a head cut in the middle", Sent::half_closed(unfinished), cut_off()),
        row("nothing at all", Sent::half_closed(""), cut_off()),
    ]
}

fn bytes() -> Vec<Row> {
    let path = |bytes: &[u8]| [b"GET /".as_slice(), bytes, b" HTTP/1.1\r\nHost: x\r\n\r\n"].concat();
    let header =
        |bytes: &[u8]| [b"GET /api/custom/tokens HTTP/1.1\r\nHost: x\r\n".as_slice(), bytes, b"\r\n\r\n"].concat();
    let refused = || told(400, "").closed();
    vec![
        row("NUL in a path", path(b"api/\0health"), refused()),
        row("a control in a path", path(b"api/\x07health"), refused()),
        row("no UTF-8 in a path", path(b"api/\xff\xfe"), refused()),
        row("half a character in a path", path(b"api/\xe2\x82"), refused()),
        row("NUL, encoded", path(b"api/health%00"), told(404, "wasn't found")),
        row("no UTF-8, encoded", path(b"api/collections/%ff/records"), told(404, "")),
        row("half an encoding", path(b"api/collections/%/records/%f"), told(404, "")),
        row("dots, encoded", path(b"%2e%2e/%2e%2e/etc/passwd"), told(404, "")),
        row("dots", path(b"../../etc/passwd"), told(404, "")),
        row("no UTF-8 in a query", path(b"api/health?a=%ff&%c0%80=\x7f"), refused()),
        row("NUL in a header", header(b"Authorization: a\0b"), refused()),
        row("no UTF-8 in a header", header(b"Authorization: Bearer \xff\xfe"), told(401, "authentication_error")),
        row("no UTF-8 in a header's name", header(b"\xff: x"), refused()),
        row("a bare CR in a header", header(b"X: a\rb"), refused()),
        row("a space before the colon", header(b"Content-Length : 5"), refused()),
        row("a folded header", header(b"X: a\r\n b"), refused()),
        row("a header without a colon", header(b"X"), refused()),
        row("TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", refused()),
        row("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", cut_off()),
        row("HTTP/0.9", "GET /api/health\r\n\r\n", refused()),
        row("HTTP/9.9", "GET /api/health HTTP/9.9\r\n\r\n", refused()),
    ]
}

/// `Content-Length`, alone and beside `Transfer-Encoding` (RFC 9112 §6.3).
fn lengths() -> Vec<Row> {
    let refused = || told(400, "").closed();
    let smuggled = format!("0\r\n\r\n{HEALTH}");
    let twice = login(&format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", smuggled.len()), &smuggled);
    let other_way = login(&format!("Transfer-Encoding: chunked\r\nContent-Length: {}\r\n", smuggled.len()), &smuggled);
    let hundred = Sent::long(login("Content-Length: 104857600\r\n", ""), "x".repeat(65_536), 1600, "");
    let expecting = login("Content-Length: 104857600\r\nExpect: 100-continue\r\n", "");
    vec![
        row("two lengths", login("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), refused()),
        row("a list of lengths", login("Content-Length: 2, 3\r\n", "{}"), refused()),
        row("a negative length", login("Content-Length: -2\r\n", "{}"), refused()),
        row("a length with a sign", login("Content-Length: +2\r\n", "{}"), refused()),
        row("a length in hexadecimal", login("Content-Length: 0x2\r\n", "{}"), refused()),
        row("a length beyond 64 bits", login("Content-Length: 18446744073709551616\r\n", "{}"), refused()),
        row(
            "a length at the end of 63 bits",
            login("Content-Length: 9223372036854775807\r\n", "{}"),
            told(413, "").closed(),
        ),
        row("length and chunks", twice, told(400, INVALID).closed()),
        row("chunks and length", other_way, told(400, INVALID).closed()),
        row("an unknown coding", login("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), refused()),
        row("chunks that are not last", login("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), refused()),
        row(
            "chunks in HTTP/1.0",
            "POST /api/custom/auth/login HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            refused(),
        ),
        row("100 MB, announced", hundred, told(413, "Request body too large").closed()),
        row("100 MB, announced and not sent", expecting, told(413, "Request body too large").closed()),
        row(
            "a body cut in the middle",
            Sent::half_closed(login("Content-Length: 9\r\n", "{}")),
            told(400, INVALID).closed(),
        ),
    ]
}

fn chunks() -> Vec<Row> {
    let chunked = |body: &str| login("Transfer-Encoding: chunked\r\n", body);
    let invalid = || told(400, INVALID).closed();
    let megabyte = format!("10000\r\n{}\r\n", "x".repeat(65_536));
    vec![
        row(
            "100 MB in chunks",
            Sent::long(chunked(""), megabyte, 1600, "0\r\n\r\n"),
            told(413, "Request body too large").closed(),
        ),
        row("chunks of a byte", Sent::long(chunked(""), "1\r\n{\r\n", 100_000, "0\r\n\r\n"), invalid()),
        row("a size that is none", chunked("zz\r\n{}\r\n0\r\n\r\n"), invalid()),
        row("a negative size", chunked("-2\r\n{}\r\n0\r\n\r\n"), invalid()),
        row("a size beyond 64 bits", chunked("ffffffffffffffffff\r\n{}\r\n0\r\n\r\n"), invalid()),
        row("no size", chunked("\r\n{}\r\n0\r\n\r\n"), invalid()),
        row("a chunk longer than its size", chunked("1\r\n{}\r\n0\r\n\r\n"), invalid()),
        row("an extension without end", Sent::long(chunked("2;"), "x".repeat(1024), ENDLESS, ""), invalid()),
        row("trailers without end", Sent::long(chunked("2\r\n{}\r\n0\r\n"), "X: y\r\n", ENDLESS, ""), invalid()),
        row("chunks cut in the middle", Sent::half_closed(chunked("5\r\n{}")), told(400, INVALID).closed()),
    ]
}

fn requests() -> Vec<Row> {
    let many = (0..500).fold(told(200, WELL), |expected, _| expected.then(200, WELL));
    vec![
        row("junk behind a request", format!("{HEALTH}\0\0\0junk"), told(200, WELL).then(400, "").closed()),
        row("many requests at once", Sent::long("", HEALTH, 501, ""), many),
        row("a request after its end", Sent::half_closed(HEALTH), told(200, WELL).or_nothing()),
        row(
            "another host's address",
            "GET http://evil.example/api/health HTTP/1.1\r\nHost: x\r\n\r\n",
            told(200, WELL),
        ),
        row(
            "a guest at another host's",
            "GET http://a:b@evil.example/api/custom/tokens HTTP/1.1\r\n\r\n",
            told(401, ""),
        ),
        row("a tunnel", "CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n", told(404, "").closed()),
        row("a trace", "TRACE /api/health HTTP/1.1\r\nHost: x\r\n\r\n", told(404, "")),
        row("an asterisk", "GET * HTTP/1.1\r\nHost: x\r\n\r\n", told(404, "")),
        row("a made-up method", "HUNTER2 /api/health HTTP/1.1\r\nHost: x\r\n\r\n", told(404, "")),
        row("another protocol", health("Connection: upgrade\r\nUpgrade: websocket\r\n"), told(200, WELL)),
        row("two hosts", health("Host: y\r\n"), told(200, WELL)),
        row(
            "requests in a body that nobody reads",
            Sent::long("POST /nowhere HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n", HEALTH, 10_000, ""),
            told(404, "wasn't found").closed(),
        ),
        row(
            "an unread body",
            format!("GET /api/health HTTP/1.1\r\nContent-Length: {}\r\n\r\n{HEALTH}", HEALTH.len()),
            told(200, WELL).closed(),
        ),
        row("lines that end in LF alone", "GET /api/health HTTP/1.1\nHost: x\n\n", told(200, WELL)),
    ]
}
