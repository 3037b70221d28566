//! Which of FAL's hosts a request means, and what it asks there. Pure: a host, a method and a path in, a [`Route`] out.

use http::Method;

/// What a request is about.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// Submit to the queue.
    Submit(Target),
    /// Run at once; `stream` when the output is wanted as events.
    Run { target: Target, stream: bool },
    /// About an accepted request.
    FollowUp { app: String, id: String, verb: Verb },
    /// A file of the CDN, by its whole path.
    File { path: String },
    /// Start an upload, in one piece or in parts.
    InitiateUpload,
    /// A token for uploads to the CDN.
    UploadToken,
    /// Upload with such a token; `multipart` when it comes in parts.
    Upload { multipart: bool },
    /// A short-lived token for browsers.
    BrowserToken,
    /// The keys webhooks are signed with.
    WebhookKeys,
    /// The stand-in's own book.
    Book,
    /// Nothing there.
    NotFound,
    /// Something there, and not by this method.
    WrongMethod,
}

/// An endpoint as a path names it: `owner/app`, and the path within the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) app: String,
    pub(crate) path: String,
}

impl Target {
    /// The app's name without its owner, as FAL's messages give it.
    pub(crate) fn alias(&self) -> &str {
        self.app.rsplit('/').next().unwrap_or(&self.app)
    }

    /// The full endpoint id.
    pub(crate) fn id(&self) -> String {
        if self.path.is_empty() { self.app.clone() } else { format!("{}/{}", self.app, self.path) }
    }
}

/// What is asked about an accepted request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Status,
    Stream,
    Result,
    Cancel,
}

/// One of FAL's hosts, or ourselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Face {
    Queue,
    Run,
    Rest,
    Cdn,
    Sim,
}

/// A request's address, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    pub(crate) face: Face,
    /// The prefix that chose the face, such as `/queue`; empty when something else did. Links given out carry it.
    pub(crate) prefix: &'static str,
    /// The path without the prefix.
    pub(crate) path: &'a str,
    /// Whether the host was one of FAL's own.
    pub(crate) fals_host: bool,
}

/// Decides by the host's name if it is one of FAL's, else by the first segment of the path, else for the queue.
pub(crate) fn place<'a>(host: &str, path: &'a str) -> Place<'a> {
    if let Some(face) = face_of_host(host) {
        return Place { face, prefix: "", path, fals_host: true };
    }
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    let (face, prefix) = match first {
        "queue" => (Face::Queue, "/queue"),
        "run" => (Face::Run, "/run"),
        "rest" => (Face::Rest, "/rest"),
        "storage" | "tokens" | ".well-known" => (Face::Rest, ""),
        "files" => (Face::Cdn, ""),
        "sim" => (Face::Sim, ""),
        _ => (Face::Queue, ""),
    };
    Place { face, prefix, path: path.strip_prefix(prefix).unwrap_or(path), fals_host: false }
}

fn face_of_host(host: &str) -> Option<Face> {
    match host.to_ascii_lowercase().as_str() {
        "queue.fal.run" | "queue.falrun.com" => Some(Face::Queue),
        "fal.run" | "falrun.com" => Some(Face::Run),
        "rest.fal.ai" | "rest.alpha.fal.ai" => Some(Face::Rest),
        "fal.media" | "v2.fal.media" | "v3.fal.media" | "v3b.fal.media" => Some(Face::Cdn),
        _ => None,
    }
}

impl Route {
    /// Reads a method and a path at `place`.
    pub(crate) fn find(method: &Method, place: &Place<'_>) -> Self {
        match place.face {
            Face::Queue => queue(method, place.path),
            Face::Run => run(method, place.path),
            Face::Rest => rest(method, place.path),
            Face::Cdn => cdn(method, place.path),
            Face::Sim => {
                only(method, &Method::GET, if place.path == "/sim/book" { Self::Book } else { Self::NotFound })
            }
        }
    }
}

fn queue(method: &Method, path: &str) -> Route {
    let Some((app, rest)) = app_of(path) else { return Route::NotFound };
    let segments: Vec<_> = rest.split('/').collect();
    let (verb, wanted) = match segments.as_slice() {
        ["requests", _] | ["requests", _, "response"] => (Verb::Result, Method::GET),
        ["requests", _, "status"] => (Verb::Status, Method::GET),
        ["requests", _, "status", "stream"] => (Verb::Stream, Method::GET),
        ["requests", _, "cancel"] => (Verb::Cancel, Method::PUT),
        _ => return only(method, &Method::POST, Route::Submit(Target { app, path: rest })),
    };
    let id = segments[1].to_owned();
    only(method, &wanted, Route::FollowUp { app, id, verb })
}

fn run(method: &Method, path: &str) -> Route {
    let Some((app, path)) = app_of(path) else { return Route::NotFound };
    let whole = path.strip_suffix("stream").map(|rest| rest.strip_suffix('/').unwrap_or(rest).to_owned());
    let stream = whole.is_some() && path.split('/').next_back() == Some("stream");
    let path = if stream { whole.unwrap_or_default() } else { path };
    only(method, &Method::POST, Route::Run { target: Target { app, path }, stream })
}

/// Splits a path into `owner/app` (with its namespace, if any) and what follows.
fn app_of(path: &str) -> Option<(String, String)> {
    let segments: Vec<_> = path.trim_matches('/').split('/').collect();
    let words = if matches!(segments[0], "workflows" | "comfy") { 3 } else { 2 };
    match segments.split_at_checked(words) {
        Some((app, rest)) if segments.iter().all(|segment| !segment.is_empty()) => {
            Some((app.join("/"), rest.join("/")))
        }
        _ => None,
    }
}

fn rest(method: &Method, path: &str) -> Route {
    match path {
        "/storage/upload/initiate" | "/storage/upload/initiate-multipart" => {
            only(method, &Method::POST, Route::InitiateUpload)
        }
        "/storage/auth/token" => only(method, &Method::POST, Route::UploadToken),
        "/tokens/" | "/tokens" => only(method, &Method::POST, Route::BrowserToken),
        "/.well-known/jwks.json" => only(method, &Method::GET, Route::WebhookKeys),
        _ => Route::NotFound,
    }
}

fn cdn(method: &Method, path: &str) -> Route {
    match path {
        "/files/upload" => only(method, &Method::POST, Route::Upload { multipart: false }),
        "/files/upload/multipart" => only(method, &Method::POST, Route::Upload { multipart: true }),
        _ if path.starts_with("/files/") => Route::File { path: path.to_owned() },
        _ => Route::NotFound,
    }
}

fn only(method: &Method, wanted: &Method, route: Route) -> Route {
    let head_for_get = method == Method::HEAD && wanted == Method::GET;
    if method == wanted || head_for_get || route == Route::NotFound { route } else { Route::WrongMethod }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(method: &str, host: &str, path: &str) -> Route {
        Route::find(&method.parse().unwrap(), &place(host, path))
    }

    fn target(app: &str, path: &str) -> Target {
        Target { app: app.into(), path: path.into() }
    }

    fn follow_up(verb: Verb) -> Route {
        Route::FollowUp { app: "fal-ai/flux".into(), id: "7".into(), verb }
    }

    #[test]
    fn paths_say_what_is_asked() {
        let schnell = || target("fal-ai/flux", "schnell");
        let cases = [
            ("POST", "/fal-ai/flux/schnell", Route::Submit(schnell())),
            ("POST", "/queue/fal-ai/flux/schnell", Route::Submit(schnell())),
            ("POST", "/fal-ai/fast-sdxl", Route::Submit(target("fal-ai/fast-sdxl", ""))),
            ("POST", "/workflows/me/mine/go", Route::Submit(target("workflows/me/mine", "go"))),
            ("POST", "/run/fal-ai/flux/schnell", Route::Run { target: schnell(), stream: false }),
            ("POST", "/run/fal-ai/flux/schnell/stream", Route::Run { target: schnell(), stream: true }),
            ("POST", "/run/fal-ai/upstream", Route::Run { target: target("fal-ai/upstream", ""), stream: false }),
            ("GET", "/fal-ai/flux/requests/7/status", follow_up(Verb::Status)),
            ("GET", "/fal-ai/flux/requests/7/status/stream", follow_up(Verb::Stream)),
            ("GET", "/queue/fal-ai/flux/requests/7", follow_up(Verb::Result)),
            ("GET", "/fal-ai/flux/requests/7/response", follow_up(Verb::Result)),
            ("PUT", "/fal-ai/flux/requests/7/cancel", follow_up(Verb::Cancel)),
            ("GET", "/fal-ai/flux/schnell/requests/7/status", Route::WrongMethod),
            ("PUT", "/fal-ai/flux/schnell/requests/7/cancel", Route::WrongMethod),
            ("GET", "/fal-ai/flux/requests/7/cancel", Route::WrongMethod),
            ("GET", "/fal-ai/flux/schnell", Route::WrongMethod),
            ("POST", "/flux", Route::NotFound),
            ("POST", "/fal-ai//flux", Route::NotFound),
            ("GET", "/", Route::NotFound),
            ("GET", "/files/b/0/x.png", Route::File { path: "/files/b/0/x.png".into() }),
            ("POST", "/files/upload", Route::Upload { multipart: false }),
            ("POST", "/rest/storage/auth/token", Route::UploadToken),
            ("POST", "/storage/upload/initiate", Route::InitiateUpload),
            ("POST", "/tokens/", Route::BrowserToken),
            ("GET", "/.well-known/jwks.json", Route::WebhookKeys),
            ("GET", "/sim/book", Route::Book),
            ("GET", "/sim/keys", Route::NotFound),
        ];
        for (method, path, route) in cases {
            assert_eq!(find(method, "127.0.0.1", path), route, "{method} {path}");
        }
    }

    #[test]
    fn fals_own_host_names_decide_first() {
        let path = "/fal-ai/flux/schnell";
        let schnell = || target("fal-ai/flux", "schnell");
        assert_eq!(find("POST", "queue.fal.run", path), Route::Submit(schnell()));
        assert_eq!(find("POST", "FAL.run", path), Route::Run { target: schnell(), stream: false });
        assert_eq!(find("POST", "rest.fal.ai", path), Route::NotFound);
        assert_eq!(find("GET", "v3.fal.media", "/files/x"), Route::File { path: "/files/x".into() });
        assert_eq!(find("POST", "queue.fal.run", "/run/x"), Route::Submit(target("run/x", "")));
    }
}
