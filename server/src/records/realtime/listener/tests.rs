//! How a stream begins and ends, and what it tells of what is gone.

use super::{Listener, PATIENCE, Patience};
use crate::http::answer::tests::app;
use crate::records::realtime::hub::{Identity, Standing};
use crate::records::realtime::subscription::Subscription;
use crate::records::{Collection, RecordView};
use crate::store::{Action, Change, NewUser, PasswordHash};
use generatio_core::time::Clock;
use generatio_core::validate::Email;
use getrandom::SysRng;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

const SHORT: Duration = Duration::from_millis(20);
const LONG: Duration = Duration::from_secs(600);

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
    let email = Email::parse("ann@example.com").unwrap();
    let user = NewUser::generate(&email, PasswordHash("hash".into()), app.clock.now(), &mut SysRng).unwrap();
    let user = app.store.create_user(user).await.unwrap();
    let topics =
        ["generatio_users/*", "generatio_users/*?options=%7B%22query%22%3A%7B%22filter%22%3A%22id%3D1%22%7D%7D"];
    let connection = app.changes.enter(Ipv4Addr::LOCALHOST.into()).unwrap();
    let id = connection.id().to_owned();
    let subscriptions = topics.iter().filter_map(|topic| Subscription::parse(topic)).collect();
    let standing = Standing { user: user.id.clone(), token_key: user.token_key, subscriptions };
    app.changes.identify(&id, Identity::User(Arc::new(standing))).unwrap();
    let mut listener = Listener::new(&app, connection, PATIENCE);
    listener.next().await.unwrap();

    let record = app.store.record(&user.id, Collection::Users, user.id.as_str()).await.unwrap().unwrap();
    let view = serde_json::to_string(&RecordView::new(record.clone()).unwrap()).unwrap();
    app.changes.publish(&user.id, vec![Change::with(Action::Update, record.clone())]);
    app.changes.publish(&user.id, vec![Change::with(Action::Delete, record)]);
    for (topic, action) in [(topics[0], "update"), (topics[0], "delete"), (topics[1], "delete")] {
        let message = format!("id:{id}\nevent:{topic}\ndata:{{\"record\":{view},\"action\":\"{action}\"}}\n\n");
        assert_eq!(listener.next().await, Some(message));
    }
    app.store.close().await;
}
