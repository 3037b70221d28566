//! Real handshakes with certificates made here.

use super::{Tls, TlsError};
use crate::http::answer::tests::app;
use crate::http::serve;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::fs::{Permissions, set_permissions, write};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;

const NAME: &str = "pictures.example";

/// A new certificate in these files.
fn certify(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed([NAME.to_owned()]).unwrap();
    write(folder.join("chain.pem"), cert.pem()).unwrap();
    write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    set_permissions(folder.join("key.pem"), Permissions::from_mode(0o600)).unwrap();
    cert.der().clone()
}

fn files(folder: &Path) -> (PathBuf, PathBuf) {
    (folder.join("chain.pem"), folder.join("key.pem"))
}

fn open(folder: &TempDir) -> Result<Tls, TlsError> {
    let (chain, key) = files(folder.path());
    Tls::open(chain, key)
}

/// What the server answers to who trusts this certificate and no other.
async fn ask(address: SocketAddr, trusted: CertificateDer<'static>) -> std::io::Result<String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = builder.with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(address).await?;
    let mut stream = TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(NAME).unwrap(), stream).await?;
    stream.write_all(b"GET /api/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn answers_come_over_tls_and_a_certificate_is_changed_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let first = certify(folder.path());
    let tls = Arc::new(open(&folder).unwrap());
    let (app, _data) = app().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(serve(listener, Some(Arc::clone(&tls)), app, std::future::pending()));

    assert!(ask(address, first.clone()).await.unwrap().starts_with("HTTP/1.1 200 "));
    let second = certify(folder.path());
    assert!(ask(address, second.clone()).await.is_err(), "it is not read yet");
    tls.reload().unwrap();
    assert!(ask(address, second.clone()).await.unwrap().contains("API is healthy."));
    assert!(ask(address, first).await.is_err());

    write(folder.path().join("chain.pem"), "nothing").unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Chain(..))));
    assert!(ask(address, second).await.is_ok(), "the one in use stays");
    serving.abort();
}

#[tokio::test]
async fn who_speaks_plain_http_to_it_is_let_go_and_others_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = certify(folder.path());
    let tls = Arc::new(open(&folder).unwrap());
    let (app, _data) = app().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(serve(listener, Some(tls), app, std::future::pending()));
    let mut plain = TcpStream::connect(address).await.unwrap();
    plain.write_all(b"GET /api/health HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut told = Vec::new();
    // An alert and the end, or a reset: no answer in any case.
    let _ = plain.read_to_end(&mut told).await;
    assert!(!told.starts_with(b"HTTP/"));
    assert!(ask(address, certificate).await.is_ok());
    serving.abort();
}

#[test]
fn what_is_wrong_with_the_files_is_told_and_no_secret_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (chain, key) = files(folder.path());
    let name = |error: TlsError| match error {
        TlsError::Chain(..) => "chain",
        TlsError::Exposed(..) => "exposed",
        TlsError::Key(..) => "key",
        TlsError::Pair(..) => "pair",
    };
    assert_eq!(open(&folder).map_err(name).unwrap_err(), "chain", "there is none");
    certify(folder.path());
    set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    let exposed = open(&folder).unwrap_err();
    assert!(exposed.to_string().contains("chmod 600"), "{exposed}");
    let secret = std::fs::read_to_string(&key).unwrap();
    for (text, expected) in [("", "key"), ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "pair")] {
        write(&key, text).unwrap();
        set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
        assert_eq!(open(&folder).map_err(name).unwrap_err(), expected, "{text:?}");
    }
    write(&key, &secret).unwrap();
    write(&chain, &secret).unwrap();
    let told = open(&folder).unwrap_err().to_string();
    assert!(!secret.lines().any(|line| line.len() > 30 && told.contains(line)), "{told}");
    certify(folder.path());
    write(&key, secret).unwrap();
    assert_eq!(open(&folder).map_err(name).unwrap_err(), "pair", "the key is another certificate's");
}
