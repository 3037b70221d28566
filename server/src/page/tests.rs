use crate::app::App;
use crate::http::answer::tests::ask;
use crate::page::{PagePolicy, takes_brotli};
use crate::settings::Settings;
use http::StatusCode;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;

/// A server that shows a folder of a front end; both live as long as the last part.
async fn server(policy: Option<PagePolicy>) -> (Arc<App>, [TempDir; 2]) {
    let (data, public) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(public.path(), "index.html", "<title>first</title>");
    write(public.path(), "app/main.js", "export {}");
    write(public.path(), "app/main.js.br", "br");
    write(public.path(), ".env", "secret");
    write(data.path(), "outside.txt", "outside");
    std::os::unix::fs::symlink(data.path(), public.path().join("link")).unwrap();
    let settings = Settings {
        data_dir: data.path().to_owned(),
        public_dir: Some(public.path().to_owned()),
        page_policy: policy,
        ..Settings::default()
    };
    (App::start(settings).await.unwrap(), [data, public])
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

async fn get(app: &Arc<App>, path: &str, headers: &[(&str, &str)]) -> http::Response<String> {
    let request = headers.iter().fold(http::Request::get(path), |request, (name, value)| request.header(*name, *value));
    ask(app, request, String::new()).await
}

#[tokio::test]
async fn files_are_served_with_their_type_and_the_first_page_stands_in() {
    let (app, _folders) = server(None).await;
    for (path, status, body, kind) in [
        ("/", 200, "<title>first</title>", "text/html; charset=utf-8"),
        ("/index.html", 200, "<title>first</title>", "text/html; charset=utf-8"),
        ("/gallery/folder", 200, "<title>first</title>", "text/html; charset=utf-8"),
        ("/app", 200, "<title>first</title>", "text/html; charset=utf-8"),
        ("/app/main.js", 200, "export {}", "text/javascript; charset=utf-8"),
    ] {
        let answer = get(&app, path, &[]).await;
        assert_eq!((answer.status().as_u16(), answer.body().as_str()), (status, body), "{path}");
        assert_eq!(answer.headers()["content-type"], kind, "{path}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff", "{path}");
        assert!(!answer.headers().contains_key("content-security-policy"), "a front end of others loads what it likes");
    }
}

#[tokio::test]
async fn nothing_outside_of_the_folder_is_served() {
    let (app, _folders) = server(None).await;
    for path in ["/missing.js", "/.env", "/link/outside.txt", "/../outside.txt", "/%2e%2e/outside.txt", "/api/missing"]
    {
        let answer = get(&app, path, &[]).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(answer.body().contains("wasn't found"), "{path}");
    }
    let posted = ask(&app, http::Request::post("/index.html"), String::new()).await;
    assert_eq!(posted.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_known_is_not_sent_again_and_parts_can_be_had() {
    let (app, _folders) = server(None).await;
    let first = get(&app, "/app/main.js", &[]).await;
    let tag = first.headers()["etag"].to_str().unwrap();
    let again = get(&app, "/app/main.js", &[("if-none-match", tag)]).await;
    assert_eq!((again.status(), again.body().as_str()), (StatusCode::NOT_MODIFIED, ""));
    let part = get(&app, "/app/main.js", &[("range", "bytes=0-5"), ("accept-encoding", "br")]).await;
    assert_eq!((part.status(), part.body().as_str()), (StatusCode::PARTIAL_CONTENT, "export"));
    assert_eq!(part.headers()["content-range"], "bytes 0-5/9");
    let outside = get(&app, "/app/main.js", &[("range", "bytes=9-")]).await;
    assert_eq!(outside.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    let head = ask(&app, http::Request::head("/app/main.js"), String::new()).await;
    assert_eq!((head.headers()["content-length"].to_str().unwrap(), head.body().as_str()), ("9", ""));
}

#[tokio::test]
async fn compressed_files_go_to_those_who_take_them() {
    let (app, _folders) = server(None).await;
    let compressed = get(&app, "/app/main.js", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!((compressed.body().as_str(), &compressed.headers()["content-encoding"]), ("br", &"br".parse().unwrap()));
    assert_eq!(compressed.headers()["content-type"], "text/javascript; charset=utf-8");
    let plain = get(&app, "/app/main.js", &[("accept-encoding", "gzip, br;q=0")]).await;
    assert_eq!(plain.body(), "export {}");
    assert_ne!(plain.headers()["etag"], compressed.headers()["etag"]);
    assert!(plain.headers().get_all("vary").iter().any(|name| name == "Accept-Encoding"));
}

#[tokio::test]
async fn the_strict_policy_goes_with_every_file() {
    let (app, _folders) = server(Some(PagePolicy::Strict)).await;
    for path in ["/", "/app/main.js"] {
        let policy = get(&app, path, &[]).await.headers()["content-security-policy"].clone();
        assert!(policy.to_str().unwrap().starts_with("default-src 'none';"), "{path}");
    }
}

#[tokio::test]
async fn a_folder_that_is_none_is_said_at_the_start() {
    let data = tempfile::tempdir().unwrap();
    let settings = Settings {
        data_dir: data.path().join("data"),
        public_dir: Some(data.path().join("missing")),
        ..Settings::default()
    };
    let error = App::start(settings).await.err().unwrap().to_string();
    assert!(error.contains("--public-dir"), "{error}");
    assert!(!data.path().join("data").exists());
}

#[test]
fn brotli_is_taken_where_it_is_named() {
    for (accepted, expected) in [
        (Some("br"), true),
        (Some("gzip, deflate, br, zstd"), true),
        (Some("br;q=0.5"), true),
        (Some("br;q=0"), false),
        (Some("gzip"), false),
        (Some("brotli"), false),
        (Some(""), false),
        (None, false),
    ] {
        assert_eq!(takes_brotli(accepted), expected, "{accepted:?}");
    }
}
