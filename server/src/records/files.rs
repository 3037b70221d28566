//! `GET /api/files/images/{id}/{name}`: the copy of a picture, or its preview. An `<img>` sends no header, so the name is
//! what opens it: 22 random characters, told to the record's owner alone, and good as long as the record is there.

use crate::app::App;
use crate::http::range::{Asked, asked, describe, outside};
use crate::http::{RecordsError, Request, Response, StatusCode, respond};
use crate::ids::ImageId;
use crate::store::{ImageFiles, LinkedPicture, Picture};
use http::header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG};
use http::{HeaderValue, Method};
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
    let (status, range) = match asked(&request, &tag, picture.bytes) {
        Asked::Known => return Ok(with_headers(respond::empty(StatusCode::NOT_MODIFIED), &tag)),
        Asked::Outside => return Ok(with_headers(outside(picture.bytes), &tag)),
        Asked::Bytes(status, range) => (status, range),
    };
    let mut response = if request.method() == Method::HEAD {
        respond::empty(status)
    } else {
        body(app, &picture, range.clone(), status).await?
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(picture.format.media_type()));
    describe(headers, status, &range, picture.bytes);
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

/// What goes with every answer about a file that is there. It never changes, so caches may keep it for a year: the
/// asker's own, which may as well remember the link.
fn with_headers(mut response: Response, tag: &str) -> Response {
    let headers = response.headers_mut();
    respond::insert(headers, ETAG, tag);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'"));
    headers.insert(CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    response
}
