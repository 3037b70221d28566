//! How a stream begins and ends, and what it tells of what is gone.

use super::{Listener, PATIENCE, Patience};
use crate::app::App;
use crate::http::answer::tests::{app, ask};
use crate::records::realtime::hub::{Connection, Identity, Standing};
use crate::records::realtime::subscription::Subscription;
use crate::records::{Collection, RecordView};
use crate::store::{Action, Change, NewUser, PasswordHash, RecordQuery, User};
use generatio_core::time::Clock;
use generatio_core::validate::Email;
use getrandom::SysRng;
use std::collections::HashSet;
use std::future::poll_fn;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;

const SHORT: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(600);

async fn user(app: &App) -> User {
    let email = Email::parse("ann@example.com").unwrap();
    let user = NewUser::generate(&email, PasswordHash("hash".into()), app.clock.now(), &mut SysRng).unwrap();
    app.store.create_user(user).await.unwrap()
}

fn subscribed(app: &App, user: &User, topics: &[&str]) -> Connection {
    let connection = app.changes.enter(Ipv4Addr::LOCALHOST.into()).unwrap();
    let subscriptions = topics.iter().filter_map(|topic| Subscription::parse(topic)).collect();
    let standing = Standing { user: user.id.clone(), token_key: user.token_key.clone(), subscriptions };
    app.changes.identify(connection.id(), Identity::User(Arc::new(standing))).unwrap();
    connection
}

#[tokio::test]
async fn it_begins_with_the_handshake_and_ends_idle() {
    for patience in [Patience { idle: SHORT, life: LONG }, Patience { idle: LONG, life: SHORT }] {
        let (app, _folder) = app().await;
        let connection = app.changes.enter(Ipv4Addr::LOCALHOST.into()).unwrap();
        let id = connection.id().to_owned();
        let begun = Instant::now();
        let mut listener = Listener::new(&app, connection, patience);
        let greeting = format!("id:{id}\nevent:PB_CONNECT\ndata:{{\"clientId\":\"{id}\"}}\n\n");
        assert_eq!(listener.next().await, Some(greeting));
        assert_eq!(listener.next().await, None);
        assert!(begun.elapsed() >= SHORT);
        assert!(app.changes.find(&id).is_some());
        drop(listener);
        assert!(app.changes.find(&id).is_none());
        app.store.close().await;
    }
}

#[tokio::test]
async fn what_is_deleted_is_told_with_its_last_state_whatever_the_filter() {
    let (app, _folder) = app().await;
    let user = user(&app).await;
    let topics =
        ["generatio_users/*", "generatio_users/*?options=%7B%22query%22%3A%7B%22filter%22%3A%22id%3D1%22%7D%7D"];
    let connection = subscribed(&app, &user, &topics);
    let id = connection.id().to_owned();
    let mut listener = Listener::new(&app, connection, PATIENCE);
    listener.next().await.unwrap();

    let record = app.store.record(&user.id, Collection::Users, user.id.as_str()).await.unwrap().unwrap();
    let view = serde_json::to_string(&RecordView::new(record.clone())).unwrap();
    app.changes.publish(&user.id, vec![Change::with(Action::Update, record.clone())]);
    app.changes.publish(&user.id, vec![Change::with(Action::Delete, record)]);
    for (topic, action) in [(topics[0], "update"), (topics[0], "delete"), (topics[1], "delete")] {
        let message = format!("id:{id}\nevent:{topic}\ndata:{{\"record\":{view},\"action\":\"{action}\"}}\n\n");
        assert_eq!(listener.next().await, Some(message));
    }
    app.store.close().await;
}

/// What comes of the work when it is left before it is looked at for the time after these.
async fn left_after<T>(looks: usize, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut left) = (pin!(work), looks);
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// A client that leaves early drops its request wherever that waits.
#[tokio::test]
async fn what_is_stored_is_told_wherever_its_request_is_left() {
    let (app, _folder) = app().await;
    let user = user(&app).await;
    let jwt = app.jwt.issue(&user, app.clock.now());
    let mut told = subscribed(&app, &user, &["folders", "model_preferences"]);
    for (path, collection) in
        [("collections/create", Collection::Folders), ("preferences/save", Collection::ModelPreferences)]
    {
        let (mut answered, mut heard) = (0, HashSet::new());
        // How often a request waits depends on what is ready when it looks: each place is left several times.
        for turn in 1..=40 {
            let body = format!(r#"{{"name":"{turn}","model_name":"{turn}","preferences":{{}}}}"#);
            let request = http::Request::post(format!("/api/custom/{path}")).header("authorization", &jwt);
            let asked = ask(&app, request.header("content-type", "application/json"), body);
            let looks = if turn == 40 { usize::MAX } else { turn % 5 };
            if let Some(response) = left_after(looks, asked).await {
                assert_eq!(response.status(), 200, "{}", response.body());
                answered += 1;
            }
        }
        // Writes come one after the other: behind the last, all that were begun are stored.
        let stored = stored(&app, &user, collection).await;
        while heard.len() < stored.len() {
            let next = tokio::time::timeout(LONG / 20, told.next()).await.expect("all of them are told");
            heard.insert(next.unwrap().1.change.id.clone());
        }
        assert_eq!(heard, stored);
        assert!(stored.len() > answered, "some were stored though their request was left");
    }
    app.store.close().await;
}

async fn stored(app: &App, user: &User, collection: Collection) -> HashSet<String> {
    let query = RecordQuery {
        collection,
        filter: None,
        sort: Vec::new(),
        search: None,
        offset: 0,
        limit: 100,
        with_total: false,
    };
    let page = app.store.list_records(&user.id, query).await.unwrap();
    page.records.iter().map(|record| record.id().to_owned()).collect()
}
