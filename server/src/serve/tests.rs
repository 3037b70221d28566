//! A server from start to stop, over real sockets.

use super::{ServeError, Server};
use crate::settings::{Settings, WeakSettings};
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

fn settings(folder: &Path) -> Settings {
    Settings {
        http: "127.0.0.1:0".parse().unwrap(),
        data_dir: folder.join("data"),
        fal_url: Some("http://127.0.0.1:9".into()),
        ..Settings::default()
    }
}

#[tokio::test]
async fn a_server_answers_until_it_is_told_to_stop() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(settings(folder.path())).await.unwrap();
    let address = server.address();
    assert_ne!(address.port(), 0);
    let (stop, told) = oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async move { drop(told.await) }));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET /no-such-page HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn throttles_are_raised_on_this_machine_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (http, is_refused) in [("0.0.0.0:0", true), ("[::]:0", true), ("192.0.2.1:80", true), ("[::1]:0", false)] {
        let http = http.parse().unwrap();
        let settings = Settings { http, throttle_times: 2, ..settings(folder.path()) };
        // There may be no IPv6 here; that is another error.
        let error = Server::start(settings).await.err();
        assert_eq!(
            matches!(error, Some(ServeError::Weak(WeakSettings::Guessable(address))) if address == http),
            is_refused,
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn an_address_in_use_is_named_and_nothing_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let http = taken.local_addr().unwrap();
    let error = Server::start(Settings { http, ..settings(folder.path()) }).await.err().unwrap();
    assert!(matches!(error, ServeError::Bind(address, "--http", _) if address == http), "{error}");
    assert!(!folder.path().join("data").exists());
}
