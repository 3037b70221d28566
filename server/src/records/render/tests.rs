//! Records byte by byte.

use super::{Expanded, RecordView};
use crate::http::request::tests::request;
use crate::records::Collection;
use crate::records::fields::Pick;
use crate::records::links::Links;
use crate::store::{Record, Value};
use generatio_core::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

const NOON: i64 = 1_704_110_400_000;

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn date(ms: i64) -> Value {
    Value::Date(Some(Timestamp::from_unix_ms(ms)))
}

fn image() -> Record {
    image_with(r#"{"seed":12345678901234567890,"cost":0.003}"#)
}

fn image_with(info: &str) -> Record {
    let values = vec![
        text("imgimgimgimgimg"),
        date(NOON + 123),
        date(NOON + 124),
        text("A cat"),
        text("https://v3.fal.media/files/cat.png"),
        text("h9abrttn6oajblr"),
        text("A cat, \"sitting\""),
        text("req-1"),
        text("flux/schnell"),
        Value::Number("2".into()),
        Value::Json(r#"{"width":1024,"height":768}"#.into()),
        Value::Json(info.into()),
        text(""),
        Value::Date(None),
        Value::Link("imgimgimgimgimg/AAAAAAAAAAAAAAAAAAAAAA.png".into()),
        Value::Link(String::new()),
    ];
    Record::of(Collection::Images, values)
}

fn user(email_visible: bool) -> Record {
    let values = vec![
        text("h9abrttn6oajblr"),
        date(1_795_397_038_827),
        date(1_795_397_038_828),
        text("Ann@example.com"),
        Value::Bool(email_visible),
        Value::Bool(false),
        text("Ann"),
        Value::Json(r#"{"total_spent":0.009,"total_images":3}"#.into()),
        Value::Relations(vec!["prefprefprefpre".into()]),
    ];
    Record::of(Collection::Users, values)
}

fn shown(view: &RecordView, fields: &str) -> String {
    serde_json::to_string(&view.shown(&Pick::parse(fields).unwrap())).unwrap()
}

#[test]
fn a_picture_reads_field_by_field() {
    let expected = concat!(
        r#"{"collectionId":"pbc_3607937828","collectionName":"images","id":"imgimgimgimgimg","#,
        r#""created":"2024-01-01 12:00:00.123Z","updated":"2024-01-01 12:00:00.124Z","title":"A cat","#,
        r#""url":"https://v3.fal.media/files/cat.png","user_id":"h9abrttn6oajblr","#,
        r#""prompt":"A cat, \"sitting\"","request_id":"req-1","model":"flux/schnell","batch_number":2,"#,
        r#""image_size":{"width":1024,"height":768},"other_info":{"seed":12345678901234567890,"cost":0.003},"#,
        r#""folder_id":"","deleted_at":"","file_url":"","thumbnail_url":""}"#,
    );
    assert_eq!(serde_json::to_string(&RecordView::new(image())).unwrap(), expected);
}

#[test]
fn links_to_files_are_whole_where_it_is_known_how_they_begin() {
    let request = request("/", &[("host", "127.0.0.1:8090")], "");
    let view = RecordView::linked(image(), &Links::of(&request));
    let link = "http://127.0.0.1:8090/api/files/images/imgimgimgimgimg/AAAAAAAAAAAAAAAAAAAAAA.png";
    assert_eq!(shown(&view, "file_url,thumbnail_url"), format!(r#"{{"file_url":"{link}","thumbnail_url":""}}"#));
}

#[test]
fn an_owner_reads_all_but_what_is_hidden() {
    let expected = concat!(
        r#"{"collectionId":"pbc_733528692","collectionName":"generatio_users","id":"h9abrttn6oajblr","#,
        r#""created":"2026-11-23 01:23:58.827Z","updated":"2026-11-23 01:23:58.828Z","email":"Ann@example.com","#,
        r#""emailVisibility":false,"verified":false,"name":"Ann","#,
        r#""financial_data":{"total_spent":0.009,"total_images":3},"model_preferences":["prefprefprefpre"]}"#,
    );
    assert_eq!(serde_json::to_string(&RecordView::new(user(false))).unwrap(), expected);
}

#[test]
fn a_guest_reads_no_hidden_email() {
    for visible in [false, true] {
        let view = RecordView::new(user(visible)).for_guest();
        let record = serde_json::to_value(&view).unwrap();
        assert_eq!(record.get("email").is_some(), visible);
        assert_eq!(shown(&view, "email"), if visible { r#"{"email":"Ann@example.com"}"# } else { "{}" });
    }
}

#[test]
fn parts_of_a_damaged_json_field_are_an_error() {
    for info in ["{", "", "{} {}", "x"] {
        let view = RecordView::new(image_with(info));
        assert!(view.shown(&Pick::parse("other_info.seed").unwrap()).json().is_err(), "{info}");
    }
}

#[test]
fn fields_pick_within_records_and_what_was_expanded() {
    let owner = Arc::new(RecordView::new(user(false)));
    let plain = RecordView::new(image());
    let expand = BTreeMap::from([
        ("user_id".to_owned(), Expanded::One(Arc::clone(&owner))),
        ("others".to_owned(), Expanded::Many(vec![Arc::clone(&owner), owner])),
    ]);
    let view = plain.clone().with_expand(expand);
    assert_eq!((plain.weight(), view.weight()), (1, 4));
    let rows = [
        ("id,title:excerpt(3,true)", r#"{"id":"imgimgimgimgimg","title":"A c..."}"#),
        ("other_info.seed", r#"{"other_info":{"seed":12345678901234567890}}"#),
        ("expand.user_id.name", r#"{"expand":{"user_id":{"name":"Ann"}}}"#),
        ("expand.others.name", r#"{"expand":{"others":[{"name":"Ann"},{"name":"Ann"}]}}"#),
        ("expand.others.password,expand.nothing", r#"{"expand":{"others":[{},{}]}}"#),
        ("collectionName,password,fal_token", r#"{"collectionName":"images"}"#),
    ];
    for (fields, expected) in rows {
        assert_eq!(shown(&view, fields), expected, "{fields}");
    }
    let whole = serde_json::to_value(&view).unwrap();
    assert_eq!(whole["expand"]["user_id"]["name"], "Ann");
    let empty = plain.clone().with_expand(BTreeMap::new());
    assert_eq!(shown(&empty, "expand"), r#"{"expand":{}}"#);
    assert_eq!(shown(&plain, "expand"), "{}");
}
