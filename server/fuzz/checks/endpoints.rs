//! What has to hold for every request to every endpoint, whoever sends it. They are put to the server's inside: routes,
//! handlers and a database of its own, without sockets.

use crate::calls::{Caller, Decisions, PASSWORD, next_call};
use bytes::Bytes;
use generatio_core::seal::Iterations;
use generatio_core::time::Clock;
use generatio_core::validate::Email;
use generatio_core::{Password, SecretText};
use generatio_server::app::App;
use generatio_server::auth::passwords;
use generatio_server::http;
use generatio_server::settings::Settings;
use generatio_server::store::{NewUser, User};
use getrandom::SysRng;
use http_body_util::BodyExt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// Where the requests come from.
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Requests of one input.
const MOST: usize = 4;

/// A server's inside with somebody in it.
struct Inside {
    runtime: Runtime,
    app: Arc<App>,
    somebody: Option<Somebody>,
    _folder: TempDir,
}

#[derive(Clone)]
struct Somebody {
    user: User,
    jwt: String,
    session: String,
}

/// Sends up to four requests, one after the other.
pub(crate) fn endpoints(bytes: &[u8]) {
    with_inside(|inside| {
        let mut decisions = Decisions(bytes);
        for _ in 0..MOST {
            if decisions.is_over() {
                break;
            }
            let somebody = inside.somebody();
            let own = [somebody.user.id.as_str().to_owned(), somebody.user.email.clone()];
            let caller = Caller { own: &own, jwt: &somebody.jwt, session: &somebody.session };
            if let Some(request) = next_call(&mut decisions, &caller) {
                inside.ask(request);
            }
        }
    });
}

/// Sends `body` to `POST /api/batch`, as the SDK sends files and JSON together.
pub(crate) fn multipart(body: &[u8]) {
    with_inside(|inside| {
        let somebody = inside.somebody();
        for path in ["/api/batch", "/api/collections/folders/records"] {
            let request = ::http::Request::post(path)
                .header("authorization", &somebody.jwt)
                .header("content-type", "multipart/form-data; boundary=B");
            inside.ask(request.body(Bytes::copy_from_slice(body)).expect("a request"));
        }
    });
}

fn with_inside(work: impl FnOnce(&mut Inside)) {
    static INSIDE: OnceLock<Mutex<Inside>> = OnceLock::new();
    let inside = INSIDE.get_or_init(|| Mutex::new(Inside::start()));
    work(&mut inside.lock().unwrap_or_else(PoisonError::into_inner));
}

impl Inside {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = Settings {
            data_dir: folder.path().to_owned(),
            // Nothing listens there.
            fal_url: Some("http://127.0.0.1:1".to_owned()),
            sync_wait: Duration::from_millis(1),
            pbkdf2_iterations: Iterations::MIN,
            ..Settings::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let app = runtime.block_on(App::start(settings)).expect("it starts");
        Self { runtime, app, somebody: None, _folder: folder }
    }

    /// Who is logged in; somebody new when the last one is gone, or has changed the password.
    fn somebody(&mut self) -> Somebody {
        let Self { runtime, app, somebody, .. } = self;
        runtime.block_on(async {
            let still = match somebody.as_ref() {
                Some(known) => app
                    .store
                    .user(&known.user.id)
                    .await
                    .expect("the store")
                    .is_some_and(|user| user.token_key.0 == known.user.token_key.0),
                None => false,
            };
            if !still {
                *somebody = Some(enter(app).await);
            }
            somebody.clone().expect("there is one now")
        })
    }

    /// Asks, and judges the answer.
    fn ask(&self, request: ::http::Request<Bytes>) {
        let told = format!("{} {}", request.method(), request.uri());
        self.runtime.block_on(async {
            let answer = http::ask(&self.app, CLIENT, request).await;
            let status = answer.status().as_u16();
            // FAL cannot be reached here, which is no fault of the server's.
            let foreseen = matches!(status, 200..=409 | 412..=416 | 422 | 429 | 502);
            assert!(foreseen, "{told}: {status}");
            let kind = answer.headers().get("content-type").map(|kind| kind.as_bytes().to_vec());
            if kind.as_deref() == Some(b"text/event-stream") {
                return;
            }
            let body = answer.into_body().collect().await.expect("bodies come whole").to_bytes();
            let is_json = kind.as_deref().is_some_and(|kind| kind.starts_with(b"application/json"));
            let readable = serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok();
            assert!(!is_json || readable, "{told}: {status} {}", String::from_utf8_lossy(&body));
            assert!(status < 400 || is_json, "{told}: {status} {}", String::from_utf8_lossy(&body));
            assert!(!body.windows(PASSWORD.len()).any(is_password), "{told}: a password");
        });
    }
}

/// Byte for byte: the fuzzer watches comparisons of texts, and would put the password where it is a name like others.
fn is_password(part: &[u8]) -> bool {
    part.iter().zip(PASSWORD.bytes()).all(|(byte, other)| *byte == other)
}

/// An account with a session.
async fn enter(app: &App) -> Somebody {
    let now = app.clock.now();
    let hash = passwords::hash(&Password::new(PASSWORD.to_owned()), &mut SysRng).expect("a hash");
    let mut number = 0_u32;
    let user = loop {
        let email = Email::parse(&format!("somebody-{number}@example.com")).expect("an address");
        let user = NewUser::generate(&email, hash.clone(), now, &mut SysRng).expect("an account");
        match app.store.create_user(user).await {
            Ok(user) => break user,
            Err(_) => number += 1,
        }
    };
    let key = SecretText::new("planted-id:planted-secret".to_owned());
    let started = app.sessions.start(&user.id, key, "fuzz", now).await.expect("a session");
    let (jwt, session) = (app.jwt.issue(&user, now), started.id.to_text().expose().to_owned());
    Somebody { user, jwt, session }
}
