//! Each finding, provoked.

use super::{Finding, State, examine};
use crate::settings::Settings;
use crate::store::Store;
use crate::store::sqlite::{DEFAULT_READERS, FILE_NAME, SqliteStore};
use std::fs::{Permissions, set_permissions, write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A FAL that refuses with this date; goes away with the test.
async fn fal(date: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = [0; 4096];
            let _ = stream.read(&mut head).await;
            let answer = format!("HTTP/1.1 401 Unauthorized\r\n{date}content-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    url
}

/// A private folder with a database, a FAL beside it, and nothing to complain of.
async fn sound(folder: &Path) -> Settings {
    set_permissions(folder, Permissions::from_mode(0o700)).unwrap();
    SqliteStore::open(&folder.join(FILE_NAME), DEFAULT_READERS).unwrap().close().await;
    Settings { data_dir: folder.to_owned(), fal_url: Some(fal("").await), ..Settings::default() }
}

fn wrong(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().filter(|finding| finding.state == State::Wrong).map(|finding| finding.subject).collect()
}

#[tokio::test]
async fn a_sound_server_is_well_and_everything_was_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let findings = examine(&sound(folder.path()).await).await;
    assert_eq!(wrong(&findings), [""; 0], "{findings:#?}");
    let subjects: Vec<_> = findings.iter().map(|finding| finding.subject).collect();
    assert_eq!(subjects, ["settings", "data folder", "disk", "database", "FAL"]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left behind");
}

#[tokio::test]
async fn each_fault_is_told_with_its_mend() {
    let data = tempfile::tempdir().unwrap();
    let good = sound(data.path()).await;
    let open = tempfile::tempdir().unwrap();
    set_permissions(open.path(), Permissions::from_mode(0o755)).unwrap();
    let damaged = tempfile::tempdir().unwrap();
    set_permissions(damaged.path(), Permissions::from_mode(0o700)).unwrap();
    write(damaged.path().join(FILE_NAME), "this is no database, however long it may be").unwrap();
    let rows = [
        ("settings", Settings { http: "0.0.0.0:80".parse().unwrap(), ..good.clone() }),
        ("data folder", Settings { data_dir: open.path().to_owned(), ..good.clone() }),
        ("database", Settings { data_dir: damaged.path().to_owned(), ..good.clone() }),
        ("FAL", Settings { fal_url: Some("http://127.0.0.1:9".into()), ..good.clone() }),
        ("clock", Settings { fal_url: Some(fal("date: Sun, 06 Nov 1994 08:49:37 GMT\r\n").await), ..good.clone() }),
        (
            "certificate",
            Settings { tls_cert_file: Some("/none".into()), tls_key_file: Some("/none".into()), ..good.clone() },
        ),
    ];
    for (subject, settings) in rows {
        let findings = examine(&settings).await;
        assert_eq!(wrong(&findings), [subject], "{findings:#?}");
        let finding = findings.iter().find(|finding| finding.state == State::Wrong).unwrap();
        assert!(finding.mend.is_some() && finding.to_string().contains("->"), "{finding}");
    }
}

#[tokio::test]
async fn a_key_that_everybody_may_read_is_told() {
    let data = tempfile::tempdir().unwrap();
    let settings = sound(data.path()).await;
    let key = data.path().join("jwt.key");
    write(&key, "x").unwrap();
    set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(wrong(&examine(&settings).await), ["login key"]);
}

#[tokio::test]
async fn before_the_first_start_there_is_advice_alone() {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { data_dir: folder.path().join("data"), ..sound(folder.path()).await };
    let findings = examine(&settings).await;
    assert_eq!(wrong(&findings), [""; 0], "{findings:#?}");
    assert!(!settings.data_dir.exists(), "it makes none");
}
