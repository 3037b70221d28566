//! `GET /api/files/images/{id}/{name}`: the copy of a picture, or its preview. An `<img>` sends no header, so the name is
//! what opens it: 22 random characters, told to the record's owner alone, and good as long as the record is there.

use crate::app::App;
use crate::http::range::{Part, is_known, is_same, part};
use crate::http::{RecordsError, Request, Response, StatusCode, respond};
use crate::ids::ImageId;
use crate::store::{ImageFiles, LinkedPicture, Picture};
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, ETAG, IF_NONE_MATCH, IF_RANGE, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use std::ops::Range;
use std::sync::Arc;
use subtle::ConstantTimeEq;

/// The file: 200, the part of it that is asked for (206), or that the asker has it (304).
///
/// # Errors
/// 404 for another name than those of the record's links.
pub async fn show(app: &Arc<App>, request: Request) -> Result<Response, RecordsError> {
    let id = ImageId::parse(request.param("id")).ok_or_else(RecordsError::not_found)?;
    let files = app.store.image_files(&id).await?.ok_or_else(RecordsError::not_found)?;
    let (picture, tag) = named(&files, request.param("name")).ok_or_else(RecordsError::not_found)?;
    if is_known(request.header(IF_NONE_MATCH.as_str()), &tag) {
        return Ok(with_headers(respond::empty(StatusCode::NOT_MODIFIED), &tag));
    }
    let wish = request.header(RANGE.as_str()).filter(|_| request.method() == Method::GET);
    let wish = wish.filter(|_| is_same(request.header(IF_RANGE.as_str()), &tag));
    let (status, range) = match part(wish, picture.bytes) {
        Part::Of(range) => (StatusCode::PARTIAL_CONTENT, range),
        Part::Outside => return Ok(outside(&picture, &tag)),
        Part::Whole => (StatusCode::OK, 0..picture.bytes),
    };
    let mut response = if request.method() == Method::HEAD {
        respond::empty(status)
    } else {
        body(app, &picture, range.clone(), status).await?
    };
    describe(response.headers_mut(), &picture, status, &range);
    Ok(with_headers(response, &tag))
}

/// The file of this name, and its entity tag: its token, since the address of the content is nobody's to know.
fn named(files: &ImageFiles, name: &str) -> Option<(Picture, String)> {
    let mut both = [Some(&files.file), files.thumbnail.as_ref()].into_iter().flatten();
    let fits = |linked: &LinkedPicture| {
        let known = format!("{}.{}", linked.token.0, linked.picture.format.as_str());
        bool::from(known.as_bytes().ct_eq(name.as_bytes()))
    };
    both.find(|linked| fits(linked)).map(|linked| (linked.picture, format!("\"{}\"", linked.token.0)))
}

async fn body(app: &App, picture: &Picture, range: Range<u64>, status: StatusCode) -> Result<Response, RecordsError> {
    match app.pictures.read(picture.address, range).await {
        Ok(Some(pieces)) => Ok(respond::pieces(status, pieces)),
        Ok(None) => {
            tracing::error!(address = %picture.address, "a picture's file is missing");
            Err(RecordsError::not_found())
        }
        Err(error) => Err(RecordsError::internal(format!("a picture's file: {error}"))),
    }
}

fn describe(headers: &mut HeaderMap, picture: &Picture, status: StatusCode, range: &Range<u64>) {
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(picture.format.media_type()));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    if status == StatusCode::PARTIAL_CONTENT {
        let last = range.end.saturating_sub(1);
        insert(headers, CONTENT_RANGE, &format!("bytes {}-{last}/{}", range.start, picture.bytes));
    }
}

/// 416 with how much there is.
fn outside(picture: &Picture, tag: &str) -> Response {
    let mut response = respond::empty(StatusCode::RANGE_NOT_SATISFIABLE);
    insert(response.headers_mut(), CONTENT_RANGE, &format!("bytes */{}", picture.bytes));
    with_headers(response, tag)
}

/// What goes with every answer about a file that is there. It never changes, so caches may keep it for a year: the
/// asker's own, which may as well remember the link.
fn with_headers(mut response: Response, tag: &str) -> Response {
    let headers = response.headers_mut();
    insert(headers, ETAG, tag);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    response
}

fn insert(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    match HeaderValue::try_from(text) {
        Ok(value) => drop(headers.insert(name, value)),
        Err(_) => tracing::error!(%name, "a header of ours is not visible ASCII"),
    }
}
