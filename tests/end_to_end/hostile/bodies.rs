//! JSON, multipart bodies and queries that are well framed and nothing else.

use super::raw::{Expected, Sent, told};
use super::{Row, row};
use generatio_tests::User;

const DEEP: usize = 100_000;
const CREATE: &str = "/api/custom/collections/create";
const BUDGET: &str = "/api/custom/financial/budget";
const ESTIMATE: &str = "/api/custom/generate/estimate";
const RECORDS: &str = "/api/collections/folders/records";
const IMAGES: &str = "/api/collections/images/records";

pub(super) fn rows(user: &User) -> Vec<Row> {
    let asked = Asker { jwt: &user.jwt };
    [asked.shapes(), asked.texts(), asked.numbers(), asked.sizes(), asked.multipart(), asked.queries()]
        .into_iter()
        .flatten()
        .collect()
}

struct Asker<'a> {
    jwt: &'a str,
}

fn invalid() -> Expected {
    told(400, "validation_error")
}

fn unreadable() -> Expected {
    told(400, "\"status\":400")
}

fn nested(open: &str, close: &str) -> String {
    format!("{{\"name\":{}{}}}", open.repeat(DEEP), close.repeat(DEEP))
}

impl Asker<'_> {
    fn send(&self, method: &str, path: &str, kind: &str, body: &[u8]) -> Sent {
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n",
            self.jwt
        );
        [head.as_bytes(), body].concat().into()
    }

    fn json(&self, path: &str, body: impl AsRef<[u8]>) -> Sent {
        self.send("POST", path, "application/json", body.as_ref())
    }

    fn get(&self, path: &str) -> Sent {
        self.send("GET", path, "application/json", b"")
    }

    fn shapes(&self) -> Vec<Row> {
        vec![
            row("deep lists", self.json(CREATE, nested("[", "]")), invalid()),
            row("deep objects", self.json(CREATE, nested("{\"a\":", "}")), invalid()),
            row("depth that nobody reads", self.json(CREATE, nested("[", "]").replace("name", "other")), invalid()),
            row("deep lists for a record", self.json(RECORDS, nested("[", "]")), unreadable()),
            row("duplicate keys", self.json(CREATE, r#"{"name":"a","name":"b"}"#), invalid()),
            row(
                "duplicate keys in a model's parameters",
                self.json(ESTIMATE, r#"{"model":"flux/dev","parameters":{"a":1,"a":2}}"#),
                invalid(),
            ),
            row("two documents", self.json(CREATE, "{}{}"), invalid()),
            row("a list", self.json(CREATE, r#"["x"]"#), invalid()),
            row("another type", self.json(CREATE, r#"{"name":{"$ne":1}}"#), invalid()),
            row("comments", self.json(CREATE, r#"{/**/"name":"x"}"#), invalid()),
            row("an unknown encoding", self.json(CREATE, b"\x1f\x8b\x08\0\0\0\0\0"), invalid()),
            row("UTF-16", self.json(CREATE, b"\xff\xfe{\0}\0"), invalid()),
        ]
    }

    fn texts(&self) -> Vec<Row> {
        let login = |body: &[u8]| self.json("/api/custom/auth/login", body);
        vec![
            row("NUL, raw", self.json(CREATE, b"{\"name\":\"a\0b\"}"), invalid()),
            row("no UTF-8", self.json(CREATE, b"{\"name\":\"\xff\"}"), invalid()),
            row("half a surrogate", self.json(CREATE, r#"{"name":"\ud800"}"#), invalid()),
            row("an overlong character", self.json(CREATE, b"{\"name\":\"\xc0\x80\"}"), invalid()),
            row(
                "no UTF-8 in a secret",
                login(b"{\"email\":\"a@example.com\",\"password\":\"\xff\"}"),
                invalid().closed(),
            ),
            row(
                "NUL in an address",
                login(br#"{"email":"a\u0000@example.com","password":"x"}"#),
                told(401, "").closed(),
            ),
            row("duplicate passwords", login(br#"{"email":"a","password":"x","password":"y"}"#), invalid().closed()),
        ]
    }

    fn numbers(&self) -> Vec<Row> {
        let put = |body: &str| self.send("PUT", BUDGET, "application/json", body.as_bytes());
        let count = |number: &str| {
            self.json(
                ESTIMATE,
                format!(r#"{{"model":"flux/dev","prompt":"x","parameters":{{"num_images":{number}}}}}"#),
            )
        };
        let digits = "9".repeat(100_000);
        vec![
            row("a budget beyond all numbers", put(r#"{"day":1e400}"#), invalid()),
            row("a budget of many digits", put(&format!(r#"{{"day":{digits}}}"#)), invalid()),
            row("a budget with an exponent without end", put(&format!(r#"{{"day":1e-{digits}}}"#)), invalid()),
            row("a negative budget", put(r#"{"day":-1}"#), invalid()),
            row("no number", put(r#"{"day":NaN}"#), invalid()),
            row("a count beyond all numbers", count("1e400"), invalid()),
            row("a count of many digits", count(&digits), invalid()),
            row("half a picture", count("0.5"), invalid()),
            row("minus zero", count("-0"), invalid()),
            row(
                "a page beyond 64 bits",
                self.get(&format!("{IMAGES}?page=99999999999999999999&perPage=-1")),
                unreadable(),
            ),
        ]
    }

    fn sizes(&self) -> Vec<Row> {
        let head = |path: &str, length: usize| {
            format!(
                "POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
                self.jwt
            )
        };
        let keys = "\"k\":0,";
        let long =
            |path, times: usize| Sent::long(head(path, 1 + keys.len() * times + 5) + "{", keys, times, "\"\":0}");
        vec![
            row("a million keys", long(CREATE, 1_000_000), told(413, "validation_error")),
            row("a million keys of a record", long(RECORDS, 1_000_000), told(413, "\"status\":413")),
            row("100,000 keys", self.json(CREATE, format!("{{{}\"name\":\"\"}}", keys.repeat(100_000))), invalid()),
            row(
                "100 MB of a record",
                Sent::long(head(RECORDS, 100 << 20), "x".repeat(65_536), 1600, ""),
                told(413, "").closed(),
            ),
            row(
                "100 MB for nobody's webhook",
                Sent::long(head("/api/custom/webhooks/fal/x", 100 << 20), "x".repeat(65_536), 1600, ""),
                told(404, "not_found").closed(),
            ),
        ]
    }

    fn multipart(&self) -> Vec<Row> {
        let batch = |kind: &str, body: &str| self.send("POST", "/api/batch", kind, body.as_bytes());
        let kind = "multipart/form-data; boundary=B";
        let part = "--B\r\nContent-Disposition: form-data; name=\"@jsonPayload\"\r\n\r\n";
        vec![
            row("no boundary", batch("multipart/form-data", part), unreadable()),
            row(
                "a boundary without end",
                batch(&format!("multipart/form-data; boundary={}", "B".repeat(50_000)), part),
                unreadable(),
            ),
            row("no part", batch(kind, ""), unreadable()),
            row("a part without end", batch(kind, part), unreadable()),
            row("many parts", batch(kind, &(part.to_owned() + "{}\r\n").repeat(10_000)), unreadable()),
            row(
                "a part's headers without end",
                batch(kind, &format!("--B\r\n{}", "X: y\r\n".repeat(100_000))),
                unreadable(),
            ),
            row("a part that is no JSON", batch(kind, &format!("{part}{{\r\n--B--\r\n")), unreadable()),
            row(
                "many requests in one",
                self.json("/api/batch", format!(r#"{{"requests":[{}{{}}]}}"#, "{},".repeat(100_000))),
                unreadable(),
            ),
        ]
    }

    fn queries(&self) -> Vec<Row> {
        let filter = |text: &str| self.get(&format!("{IMAGES}?filter={text}"));
        vec![
            row("a filter without end", filter(&"a".repeat(50_000)), unreadable()),
            row("deep parentheses", filter(&"(".repeat(3000)), unreadable()),
            row("many comparisons", filter(&"id='a'%26%26".repeat(300)), unreadable()),
            row("NUL in a filter", filter("prompt='%00'"), unreadable()),
            row("no UTF-8 in a filter", filter("prompt='%ff'"), told(200, "\"items\"")),
            row("SQL in a filter", filter("id='x'%20OR%201=1;--"), unreadable()),
            row("SQL in a sort", self.get(&format!("{IMAGES}?sort=id;DROP%20TABLE%20users")), unreadable()),
            row("a sort without end", self.get(&format!("{IMAGES}?sort={}", "-created,".repeat(5000))), unreadable()),
            row(
                "deep expansion",
                self.get(&format!("{IMAGES}?expand={}", "folder_id.".repeat(5000))),
                told(200, "\"items\""),
            ),
            row("fields without end", self.get(&format!("{IMAGES}?fields={}", "id,".repeat(15_000))), unreadable()),
            row("many parameters", self.get(&format!("{IMAGES}?{}", "a=b&".repeat(12_000))), told(200, "\"items\"")),
        ]
    }
}
