//! The one table of routes: method, path and handler, looked up in a tree that is built once.

use super::error::{Error, RecordsError};
use super::request::{Params, Request};
use super::respond::Response;
use crate::app::App;
use crate::{api, openapi, ops, records};
use futures_util::future::BoxFuture;
use http::Method;
use std::sync::{Arc, LazyLock};

type Handler = fn(Arc<App>, Request) -> BoxFuture<'static, Result<Response, Error>>;

/// A row of the table.
#[derive(Debug)]
pub struct Route {
    method: Method,
    pattern: &'static str,
    handler: Handler,
}

impl Route {
    /// Its method. A `GET` row answers `HEAD` as well.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Its path, with `{name}` for one segment of any text.
    #[must_use]
    pub fn pattern(&self) -> &'static str {
        self.pattern
    }

    #[cfg(test)]
    pub(super) fn new(method: Method, pattern: &'static str, handler: Handler) -> Self {
        Self { method, pattern, handler }
    }

    pub(super) fn call(&self, app: Arc<App>, request: Request) -> BoxFuture<'static, Result<Response, Error>> {
        (self.handler)(app, request)
    }
}

/// `route!(GET "/path/{id}" => module::handler)`, for `async fn handler(app: &Arc<App>, request: Request) ->
/// Result<Response, E>` where [`Error`] is made from `E`.
macro_rules! route {
    ($method:ident $pattern:literal => $handler:path) => {
        Route {
            method: Method::$method,
            pattern: $pattern,
            handler: |app, request| Box::pin(async move { $handler(&app, request).await.map_err(Error::from) }),
        }
    };
}

static ROUTES: &[Route] = &[
    route!(GET "/healthz" => ops::health::alive),
    route!(GET "/readyz" => ops::health::ready),
    route!(GET "/api/health" => records::health::show),
    route!(POST "/api/collections/{collection}/auth-refresh" => records::login::refresh),
    route!(POST "/api/collections/{collection}/auth-with-password" => records::login::with_password),
    route!(GET "/api/collections/{collection}/auth-methods" => records::mail::methods),
    route!(POST "/api/collections/{collection}/request-verification" => records::mail::request),
    route!(POST "/api/collections/{collection}/confirm-verification" => records::mail::confirm),
    route!(POST "/api/collections/{collection}/request-password-reset" => records::mail::request),
    route!(POST "/api/collections/{collection}/confirm-password-reset" => records::mail::confirm),
    route!(POST "/api/collections/{collection}/request-email-change" => records::mail::request_email_change),
    route!(POST "/api/collections/{collection}/confirm-email-change" => records::mail::confirm),
    route!(POST "/api/collections/{collection}/request-otp" => records::mail::one_time_passwords),
    route!(POST "/api/collections/{collection}/auth-with-otp" => records::mail::one_time_passwords),
    route!(POST "/api/collections/{collection}/auth-with-oauth2" => records::mail::other_providers),
    route!(POST "/api/collections/{collection}/impersonate/{id}" => records::mail::impersonate),
    route!(GET "/api/collections/{collection}/records" => records::list::list),
    route!(POST "/api/collections/{collection}/records" => records::write::create),
    route!(GET "/api/collections/{collection}/records/{id}" => records::view::show),
    route!(PATCH "/api/collections/{collection}/records/{id}" => records::write::update),
    route!(DELETE "/api/collections/{collection}/records/{id}" => records::write::delete),
    route!(POST "/api/batch" => records::batch::run),
    route!(GET "/api/realtime" => records::realtime::connect),
    route!(POST "/api/realtime" => records::realtime::subscribe),
    route!(GET "/api/files/images/{id}/{name}" => records::files::show),
    route!(GET "/api/custom/status" => api::status::show),
    route!(POST "/api/custom/auth/login" => api::login::login),
    route!(POST "/api/custom/auth/create-session" => api::sessions::create),
    route!(DELETE "/api/custom/auth/session" => api::sessions::end),
    route!(GET "/api/custom/auth/sessions" => api::sessions::handles::list),
    route!(DELETE "/api/custom/auth/sessions/{handle}" => api::sessions::handles::end),
    route!(GET "/api/custom/auth/token-status" => api::sessions::token_status),
    route!(GET "/api/custom/tokens" => api::tokens::show),
    route!(DELETE "/api/custom/tokens" => api::tokens::remove),
    route!(POST "/api/custom/tokens/setup" => api::tokens::setup),
    route!(POST "/api/custom/tokens/verify" => api::tokens::verify),
    route!(POST "/api/custom/generate/estimate" => api::estimate::show),
    route!(POST "/api/custom/generate/image" => api::generate::image),
    route!(GET "/api/custom/generate/jobs" => api::jobs::list),
    route!(GET "/api/custom/generate/jobs/{id}" => api::jobs::show),
    route!(DELETE "/api/custom/generate/jobs/{id}" => api::jobs::wishes::cancel),
    route!(GET "/api/custom/generate/jobs/{id}/events" => api::jobs::events::stream),
    route!(POST "/api/custom/generate/jobs/{id}/resolve" => api::jobs::wishes::resolve),
    route!(GET "/api/custom/generate/models" => api::generate::models),
    route!(POST "/api/custom/generate/record" => api::record::reserve),
    route!(DELETE "/api/custom/generate/record/{id}" => api::record::give_up),
    route!(PUT "/api/custom/generate/record/{id}/submitted" => api::record::submitted),
    route!(PUT "/api/custom/generate/record/{id}/result" => api::record::result),
    route!(GET "/api/custom/financial/budget" => api::financial::budget::show),
    route!(PUT "/api/custom/financial/budget" => api::financial::budget::replace),
    route!(GET "/api/custom/financial/ledger" => api::financial::ledger::list),
    route!(GET "/api/custom/financial/series" => api::financial::series::show),
    route!(GET "/api/custom/financial/stats" => api::financial::stats),
    route!(POST "/api/custom/webhooks/fal/{nonce}" => api::webhook::receive),
    route!(POST "/api/custom/preferences/get" => api::preferences::load),
    route!(POST "/api/custom/preferences/save" => api::preferences::save),
    route!(GET "/api/custom/collections" => api::collections::list),
    route!(POST "/api/custom/collections/create" => api::collections::create),
    route!(GET "/docs" => openapi::show_page),
    route!(GET "/openapi.json" => openapi::show),
];

/// All routes there are.
pub fn routes() -> impl Iterator<Item = &'static Route> {
    ROUTES.iter()
}

/// The route of a request and what stands at its pattern's names.
///
/// # Errors
/// 404 in PocketBase's shape for an unknown path, and for a known one under another method.
pub(super) fn find(method: &Method, path: &str) -> Result<(&'static Route, Params), RecordsError> {
    static TREE: LazyLock<matchit::Router<Vec<&'static Route>>> = LazyLock::new(|| tree(ROUTES));
    let found = TREE.at(path).map_err(|_| RecordsError::not_found())?;
    let asked = if method == Method::HEAD { &Method::GET } else { method };
    let route = found.value.iter().find(|route| route.method == asked).ok_or_else(RecordsError::not_found)?;
    Ok((route, found.params.iter().map(|(name, value)| (name, value.to_owned())).collect()))
}

/// The route that answers `path`, names in braces included.
#[cfg(test)]
pub(crate) fn found(method: &Method, path: &str) -> Option<&'static Route> {
    find(method, path).ok().map(|(route, _)| route)
}

fn tree(routes: &'static [Route]) -> matchit::Router<Vec<&'static Route>> {
    let mut tree = matchit::Router::new();
    for pattern in routes.iter().map(|route| route.pattern).collect::<std::collections::BTreeSet<_>>() {
        let rows = routes.iter().filter(|route| route.pattern == pattern).collect();
        tree.insert(pattern, rows).expect("the table's patterns do not clash, which a test sees to");
    }
    tree
}

#[cfg(test)]
mod tests {
    use super::{ROUTES, Route, find, routes, tree};
    use http::Method;
    use std::collections::HashSet;

    #[test]
    fn no_two_rows_clash() {
        let _ = tree(ROUTES);
        let distinct: HashSet<_> = routes().map(|route| (route.method(), route.pattern())).collect();
        assert_eq!(distinct.len(), routes().count());
    }

    #[test]
    fn every_row_is_found_under_its_own_path() {
        for row in routes() {
            let path = row.pattern().replace(['{', '}'], "");
            let (found, params) = find(row.method(), &path).unwrap();
            assert!(std::ptr::eq::<Route>(found, row), "{path}");
            assert_eq!(params.len(), row.pattern().matches('{').count());
            assert!(params.iter().all(|(name, value)| name == value), "{params:?}");
        }
    }

    #[test]
    fn head_goes_where_get_goes() {
        let (route, _) = find(&Method::HEAD, "/api/health").unwrap();
        assert_eq!((route.method(), route.pattern()), (&Method::GET, "/api/health"));
        assert!(find(&Method::HEAD, "/api/collections/x/auth-refresh").is_err());
    }

    #[test]
    fn other_paths_and_methods_are_not_found() {
        for (method, path) in [
            (Method::GET, "/"),
            (Method::GET, "/api/health/"),
            (Method::GET, "/api//health"),
            (Method::GET, "/API/health"),
            (Method::POST, "/api/health"),
            (Method::GET, "/api/collections/generatio_users/auth-refresh"),
            (Method::PUT, "/api/collections/images/records/x"),
            (Method::GET, "*"),
        ] {
            assert!(find(&method, path).is_err(), "{method} {path}");
        }
    }
}
