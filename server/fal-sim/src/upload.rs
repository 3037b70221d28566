//! Uploads, in both forms: JavaScript's (ask for a link, then put the bytes there) and Python's (ask for a token, then
//! post the bytes). Each has a variant in parts for large files. And reading any file back.

use crate::app::App;
use crate::call::Call;
use crate::clock::iso_in;
use crate::reply::{self, Reply, json};
use crate::spoil::spoil;
use bytes::Bytes;
use http::{Method, StatusCode};
use serde::Deserialize;
use serde_json::json as value;
use sha2::{Digest as _, Sha256};

const TOKEN_SECONDS: i64 = 3600;
const MAX_PARTS: u32 = 10_000;

#[derive(Deserialize)]
struct Initiate {
    content_type: String,
    file_name: String,
}

/// `POST /storage/upload/initiate`, and `…-multipart`: where to put the bytes, and where they will be.
pub(crate) fn initiate(app: &App, call: &Call) -> Reply {
    if let Err(refusal) = app.gate.check(&call.headers, None) {
        return refusal.reply("storage");
    }
    let Ok(asked) = serde_json::from_slice::<Initiate>(&call.body) else {
        return reply::detail(StatusCode::UNPROCESSABLE_ENTITY, "content_type and file_name are required");
    };
    let (path, signature) = (new_path(app, &asked.file_name), app.names.token());
    let file_url = format!("{}{path}", call.origins.cdn);
    let upload_url = format!("{file_url}?signature={signature}");
    app.files.expect(path, asked.content_type, signature);
    json(StatusCode::OK, &value!({ "upload_url": upload_url, "file_url": file_url }))
}

/// `POST /storage/auth/token`: a token for uploads.
pub(crate) fn token(app: &App, call: &Call) -> Reply {
    if let Err(refusal) = app.gate.check(&call.headers, None) {
        return refusal.reply("storage");
    }
    let token = app.names.token();
    app.gate.remember(&token);
    let expires_at = iso_in(TOKEN_SECONDS);
    let body =
        value!({ "token": token, "token_type": "Bearer", "base_url": call.origins.cdn, "expires_at": expires_at });
    json(StatusCode::OK, &body)
}

/// `POST /tokens/`: a short-lived token for a browser, as a JSON string.
pub(crate) fn browser_token(app: &App, call: &Call) -> Reply {
    if let Err(refusal) = app.gate.check(&call.headers, None) {
        return refusal.reply("tokens");
    }
    let token = app.names.token();
    app.gate.remember(&token);
    json(StatusCode::CREATED, &token)
}

/// `POST /files/upload`, and `…/multipart`, with an upload token.
pub(crate) fn upload(app: &App, call: &Call, multipart: bool) -> Reply {
    if let Err(refusal) = app.gate.check(&call.headers, None) {
        return refusal.reply("storage");
    }
    let path = new_path(app, call.header("x-fal-file-name").unwrap_or("upload.bin"));
    let content_type = call.header("content-type").unwrap_or("application/octet-stream").to_owned();
    let access_url = format!("{}{path}", call.origins.cdn);
    if multipart {
        let id = app.names.token();
        app.files.expect(path, content_type, id.clone());
        return json(StatusCode::OK, &value!({ "access_url": access_url, "uploadId": id }));
    }
    app.files.store(path, call.body.clone(), content_type);
    json(StatusCode::OK, &value!({ "access_url": access_url }))
}

/// Anything under `/files/`: reading a file, putting one, or a part of one.
pub(crate) async fn file(app: &App, call: &Call, path: &str) -> Reply {
    if call.header("authorization").is_some_and(|text| text.to_ascii_lowercase().starts_with("key ")) {
        app.ledger.key_sent_to_cdn();
    }
    match call.method {
        Method::GET | Method::HEAD => read(app, path).await,
        Method::PUT | Method::POST => write(app, call, path),
        _ => reply::detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
    }
}

async fn read(app: &App, path: &str) -> Reply {
    let Some(file) = app.files.read(path).await else { return no_file() };
    let answer =
        reply::bytes(StatusCode::OK, &file.content_type, file.bytes).with("cache-control", "public, max-age=31536000");
    spoil(file.fault, answer).await
}

fn no_file() -> Reply {
    reply::detail(StatusCode::NOT_FOUND, "Not Found")
}

/// A step of an upload.
#[derive(Debug, PartialEq, Eq)]
enum Step<'a> {
    /// The bytes in one piece.
    Whole {
        path: &'a str,
    },
    Part {
        path: &'a str,
        secret: Option<&'a str>,
        number: u32,
    },
    Complete {
        path: &'a str,
        secret: Option<&'a str>,
    },
}

/// Parts go to `{file}/{n}?signature=…` (JavaScript) or `{file}/multipart/{id}/{n}` (Python); `complete` in place of
/// the number ends them.
fn step<'a>(method: &Method, path: &'a str) -> Option<Step<'a>> {
    let (before, last) = path.rsplit_once('/')?;
    let in_path = before.rsplit_once('/').and_then(|(rest, id)| Some((rest.strip_suffix("/multipart")?, Some(id))));
    let (file, secret) = in_path.unwrap_or((before, None));
    match last.parse() {
        Ok(number) if method == Method::PUT && number <= MAX_PARTS => Some(Step::Part { path: file, secret, number }),
        _ if method == Method::POST && last == "complete" => Some(Step::Complete { path: file, secret }),
        _ if method == Method::PUT => Some(Step::Whole { path }),
        _ => None,
    }
}

fn write(app: &App, call: &Call, path: &str) -> Reply {
    let signature = call.query("signature").unwrap_or_default();
    let ok = || reply::bytes(StatusCode::OK, "text/plain", Bytes::new());
    let done = match step(&call.method, path) {
        Some(Step::Whole { path }) => {
            let stored = app.files.take_part(path, &signature, 1, call.body.clone());
            stored.and_then(|()| app.files.complete(path, &signature)).map(|()| ok())
        }
        Some(Step::Part { path, secret, number }) => {
            let secret = secret.unwrap_or(&signature);
            app.files.take_part(path, secret, number, call.body.clone()).map(|()| part_taken(number, &call.body))
        }
        Some(Step::Complete { path, secret }) => app.files.complete(path, secret.unwrap_or(&signature)).map(|()| ok()),
        None => return reply::detail(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
    };
    done.unwrap_or_else(|_| no_file())
}

fn part_taken(number: u32, body: &[u8]) -> Reply {
    let etag = format!("\"{}\"", &crate::dice::hex(&Sha256::digest(body))[..32]);
    json(StatusCode::OK, &value!({ "partNumber": number, "etag": etag })).with("etag", &etag)
}

/// A path as FAL's CDN gives them, ending in the file's name.
fn new_path(app: &App, file_name: &str) -> String {
    let (folder, stem) = app.names.file_name();
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let name: String = file_name.chars().take(100).map(safe).collect();
    format!("/files/b/{folder}/{stem}_{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_both_forms_are_understood() {
        let file = "/files/b/0a/x_cat.png";
        let part = |secret| Some(Step::Part { path: file, secret, number: 3 });
        let complete = |secret| Some(Step::Complete { path: file, secret });
        let cases = [
            ("PUT", "", Some(Step::Whole { path: file })),
            ("PUT", "/3", part(None)),
            ("POST", "/complete", complete(None)),
            ("PUT", "/multipart/id/3", part(Some("id"))),
            ("POST", "/multipart/id/complete", complete(Some("id"))),
            ("POST", "", None),
            ("POST", "/3", None),
        ];
        for (method, ending, expected) in cases {
            let path = format!("{file}{ending}");
            assert_eq!(step(&method.parse().unwrap(), &path), expected, "{method} {path}");
        }
    }
}
