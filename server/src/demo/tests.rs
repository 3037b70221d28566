//! What a demo refuses, and that the account it prints is there.

use super::{Demo, DemoError, account, check, options};
use crate::auth::passwords;
use crate::settings::{Custodies, Layer, Settings};
use generatio_core::seal::{self, SealedToken};
use std::path::Path;

fn settings(folder: &Path) -> Settings {
    let http = "127.0.0.1:0".parse().unwrap();
    let pbkdf2_iterations = generatio_core::seal::Iterations::MIN;
    Settings { http, data_dir: folder.to_owned(), pbkdf2_iterations, ..Settings::default() }
}

#[test]
fn a_demo_keeps_its_pictures_as_its_stand_in_forgets_them() {
    let demo = Settings::resolve(&[Layer::fallback(options())]).unwrap();
    assert!(demo.keep_pictures && !Settings::default().keep_pictures);
}

#[test]
fn a_demo_stays_on_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    for (address, allowed) in [
        ("127.0.0.1:80", true),
        ("127.8.8.8:80", true),
        ("[::1]:80", true),
        ("0.0.0.0:80", false),
        ("[::]:80", false),
        ("192.168.0.1:80", false),
    ] {
        let settings = Settings { http: address.parse().unwrap(), ..settings(folder.path()) };
        let refused = matches!(check(&settings), Err(DemoError::Public(_)));
        assert_eq!(refused, !allowed, "{address}");
    }
}

#[test]
fn a_demo_refuses_what_it_cannot_honour() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = Settings { fal_url: Some("https://fal.example".into()), ..settings(folder.path()) };
    assert!(matches!(check(&elsewhere), Err(DemoError::FalUrl)));
    let custody = Custodies { direct: true, ..Custodies::default() };
    assert!(matches!(check(&Settings { custody, ..settings(folder.path()) }), Err(DemoError::Custody)));
}

#[tokio::test]
async fn a_demo_leaves_real_data_alone() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(crate::store::sqlite::FILE_NAME), "real").unwrap();
    assert!(matches!(Demo::start(settings(folder.path())).await, Err(DemoError::NotOurs(_))));
    assert_eq!(std::fs::read(folder.path().join(crate::store::sqlite::FILE_NAME)).unwrap(), b"real");
}

#[tokio::test]
async fn the_account_is_made_once_and_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut printed = Vec::new();
    for _ in 0..2 {
        let demo = Demo::start(settings(folder.path())).await.unwrap();
        let app = demo.server().app();
        let user = app.store.user_by_email(account::EMAIL).await.unwrap().unwrap();
        let password = &demo.account.password;
        assert!(passwords::verify(password, &user.password_hash).unwrap());
        let stored = app.store.sealed_token(&user.id).await.unwrap().unwrap();
        let sealed = SealedToken::parse(&stored.sealed).unwrap();
        assert_eq!(seal::open(&sealed, password, user.id.as_str()).unwrap().expose(), account::FAL_KEY);
        assert!(demo.welcome().contains(password.expose()));
        printed.push(password.expose().to_owned());
        demo.run(async {}).await.unwrap();
    }
    assert_eq!(printed[0], printed[1]);
    assert_eq!(printed[0].len(), 20);
}

#[cfg(unix)]
#[tokio::test]
async fn the_password_file_is_its_owners() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let demo = Demo::start(settings(folder.path())).await.unwrap();
    let mode = account::password_file(folder.path()).metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    demo.run(async {}).await.unwrap();
}
