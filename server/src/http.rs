//! The way of a request: connections, routes, bodies, answers, errors and CORS.
//!
//! What a request means is decided in the handlers; who sent it, in [`auth`](crate::auth).

pub mod error;
pub mod request;
pub mod respond;
pub mod routes;
pub mod serve;

pub(crate) mod answer;
mod body;
mod cors;
pub(crate) mod range;
mod secret;

pub use ::http::StatusCode;
pub use body::BodyError;
pub use error::{ApiError, Error, RecordsError};
pub use request::{Request, SecretField, read_json};
pub use respond::{Body, Response};
pub use serve::serve;

use crate::app::App;
use bytes::Bytes;
use std::net::IpAddr;
use std::sync::Arc;

/// The answer to a request of this client's that is here as a whole, without a connection: for programs that ask from
/// inside.
pub async fn ask(app: &Arc<App>, client: IpAddr, request: ::http::Request<Bytes>) -> Response {
    answer::answer(Arc::clone(app), client, request.map(body::whole)).await
}
