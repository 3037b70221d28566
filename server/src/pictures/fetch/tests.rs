//! Against a host on this machine that says what each test tells it to.

use super::{FetchError, MAX_BYTES, Source};
use generatio_core::fal::Hosts;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A host that answers by the path of a request, and how many requests it had.
async fn host(answer: fn(&str) -> String) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut buffer = vec![0; 4096];
            let length = stream.read(&mut buffer).await.unwrap();
            let request = String::from_utf8_lossy(&buffer[..length]).to_lowercase();
            assert!(!request.contains("authorization") && !request.contains("cookie"), "{request}");
            let path = request.split(' ').nth(1).unwrap().to_owned();
            stream.write_all(answer(&path).as_bytes()).await.unwrap();
        }
    });
    (format!("http://{address}"), asked)
}

fn moved(to: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

fn told(path: &str) -> String {
    match path {
        "/good" => "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nabcd".into(),
        "/short" => "HTTP/1.1 200 OK\r\ncontent-length: 9\r\nconnection: close\r\n\r\nabcd".into(),
        "/huge" => format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", MAX_BYTES + 1),
        "/gone" => "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into(),
        "/near" => moved("/good"),
        "/far" => moved("http://127.0.0.1:1/good"),
        "/metadata" => moved("http://169.254.169.254/latest/meta-data"),
        "/loop" => moved("/loop"),
        _ => "HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".into(),
    }
}

#[tokio::test]
async fn what_is_there_comes_whole_and_what_is_not_is_said() {
    let (base, _) = host(told).await;
    let source = Source::new(Hosts::at(&base).unwrap());
    for (path, expected) in [
        ("/good", Ok(&b"abcd"[..])),
        ("/near", Ok(b"abcd")),
        ("/short", Err(FetchError::Connection)),
        ("/huge", Err(FetchError::TooLarge)),
        ("/gone", Err(FetchError::Gone)),
        ("/far", Err(FetchError::NotFal)),
        ("/metadata", Err(FetchError::NotFal)),
        ("/loop", Err(FetchError::NotFal)),
        ("/broken", Err(FetchError::Status(500))),
    ] {
        let fetched = source.fetch(&format!("{base}{path}")).await;
        assert_eq!(fetched.as_deref().map_err(|error| *error), expected, "{path}");
    }
}

#[tokio::test]
async fn other_hosts_are_not_even_asked() {
    let (ours, _) = host(told).await;
    let (other, asked) = host(told).await;
    let played_here = Source::new(Hosts::at(&ours).unwrap());
    assert_eq!(played_here.fetch(&format!("{other}/good")).await, Err(FetchError::NotFal));
    let at_fal = Source::new(Hosts::fal());
    for url in [format!("{other}/good"), "https://example.com/a.png".into(), "not a url".into()] {
        assert_eq!(at_fal.fetch(&url).await, Err(FetchError::NotFal), "{url}");
    }
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}
