//! The pages that a browser sees: Generatio's own, built into a release, or a folder of somebody's front end
//! (`--public-dir`). Everything outside `/api` that can be read.
//!
//! A path without a file and without a dot in its last name gets the first page, as front ends that make up their own
//! addresses need it. A file with a `.br` beside it is sent compressed to whoever takes that.

mod built_in;
mod folder;
mod kind;
mod made;
mod path;
mod policy;

pub use built_in::BuiltIn;
pub use policy::PagePolicy;

pub(crate) use made::Made;

use crate::http::range::{Asked, asked, describe, outside};
use crate::http::{RecordsError, Request, Response, StatusCode, respond};
use crate::pieces::{self, Pieces};
use crate::settings::Settings;
use folder::Folder;
use futures_util::{StreamExt, stream};
use generatio_core::fal::Hosts;
use http::header::{
    ACCEPT_ENCODING, ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    RANGE, REFERRER_POLICY, VARY,
};
use http::{HeaderValue, Method};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::path::Path;

const FIRST_PAGE: &str = "index.html";

/// Where pages come from, and what goes with them.
#[derive(Debug)]
pub struct Page {
    source: Option<Source>,
    policy: Option<HeaderValue>,
}

#[derive(Debug)]
enum Source {
    BuiltIn(BuiltIn),
    Folder(Folder),
}

/// A file that was found.
struct Found {
    content: Content,
    bytes: u64,
    /// A strong entity tag in its quotes.
    tag: String,
    compressed: bool,
}

enum Content {
    Memory(&'static [u8]),
    Disk(File),
}

impl Page {
    /// The pages of `settings`; pictures and generations of a front end may come from `hosts`.
    ///
    /// # Errors
    /// The folder is not there, or no folder.
    pub fn open(settings: &Settings, hosts: &Hosts) -> io::Result<Self> {
        let source = match &settings.public_dir {
            Some(folder) => Some(Source::Folder(Folder::open(folder)?)),
            None => BuiltIn::of_this_build().map(Source::BuiltIn),
        };
        let usual = if settings.public_dir.is_some() { PagePolicy::None } else { PagePolicy::Strict };
        let policy = settings.page_policy.unwrap_or(usual).header(hosts);
        Ok(Self { source, policy })
    }

    /// Whether there is a page to look at.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.source.is_some()
    }

    /// The answer to a request that no route of the API takes: a file, or that there is none.
    ///
    /// # Errors
    /// 404 in PocketBase's shape.
    pub(crate) async fn answer(&self, request: &Request) -> Result<Response, RecordsError> {
        let reads = [Method::GET, Method::HEAD].contains(request.method());
        let path = path::parse(request.path()).filter(|_| reads).ok_or_else(RecordsError::not_found)?;
        let takes_brotli =
            takes_brotli(request.header(ACCEPT_ENCODING.as_str())) && !request.headers().contains_key(RANGE);
        let (name, found) = self.find(&path, takes_brotli).await?.ok_or_else(RecordsError::not_found)?;
        let mut response = respond_with(request, found);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind::of(&name)));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
        headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
        if let Some(policy) = &self.policy {
            headers.insert(CONTENT_SECURITY_POLICY, policy.clone());
        }
        Ok(response)
    }

    /// The file of this path under the name it has; else the first page, where that may stand in.
    async fn find(&self, path: &str, takes_brotli: bool) -> Result<Option<(String, Found)>, RecordsError> {
        for name in path::candidates(path, FIRST_PAGE) {
            if let Some(found) = self.open_file(&name, takes_brotli).await? {
                return Ok(Some((name, found)));
            }
        }
        Ok(None)
    }

    async fn open_file(&self, name: &str, takes_brotli: bool) -> Result<Option<Found>, RecordsError> {
        match &self.source {
            None => Ok(None),
            Some(Source::BuiltIn(files)) => Ok(files.find(name, takes_brotli)),
            Some(Source::Folder(folder)) => {
                let found = folder.find(name, takes_brotli).await;
                found.map_err(|error| RecordsError::internal(format!("a file of --public-dir: {error}")))
            }
        }
    }
}

/// The file, the part of it that is asked for, or that the asker has it.
fn respond_with(request: &Request, found: Found) -> Response {
    let Found { content, bytes, tag, compressed } = found;
    let mut response = match asked(request, &tag, bytes) {
        Asked::Known => respond::empty(StatusCode::NOT_MODIFIED),
        Asked::Outside => outside(bytes),
        Asked::Bytes(status, range) => {
            let mut response = match request.method() {
                &Method::HEAD => respond::empty(status),
                _ => respond::pieces(status, content.pieces(range.clone())),
            };
            describe(response.headers_mut(), status, &range, bytes);
            response
        }
    };
    if compressed {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    respond::insert(response.headers_mut(), ETAG, &tag);
    response
}

impl Content {
    fn pieces(self, range: Range<u64>) -> Pieces {
        match self {
            Self::Disk(file) => pieces::pieces(file, range),
            Self::Memory(bytes) => {
                let ends = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
                let part = ends.and_then(|(start, end)| bytes.get(start..end)).unwrap_or_default();
                stream::iter([Ok(part.into())]).boxed()
            }
        }
    }
}

/// Whether `Accept-Encoding` names Brotli (RFC 7932) and does not rule it out.
fn takes_brotli(accepted: Option<&str>) -> bool {
    let codings = accepted.into_iter().flat_map(|codings| codings.split(','));
    codings.map(|coding| coding.split_once(';').unwrap_or((coding, ""))).any(|(coding, weight)| {
        let weight = weight.trim().strip_prefix("q=").map_or(Ok(1.0), str::parse::<f32>);
        coding.trim().eq_ignore_ascii_case("br") && weight.is_ok_and(|weight| weight > 0.0)
    })
}

/// The name of the compressed file beside `name`.
fn compressed_name(name: &str) -> String {
    format!("{name}.br")
}

/// Whether the folder at `path` can be served.
fn is_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() { Ok(()) } else { Err(io::Error::new(io::ErrorKind::NotADirectory, "it is not a folder")) }
}

#[cfg(test)]
mod tests;
