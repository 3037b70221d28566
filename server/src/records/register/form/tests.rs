use super::{Account, Form};
use crate::auth::invitation;
use crate::http::Error;
use crate::settings::Registration;
use http_body_util::BodyExt;
use serde_json::{Value, json};

fn form(changes: Value) -> Value {
    let mut form = json!({
        "email": "Ann@example.com",
        "password": "violet-otter-42",
        "passwordConfirm": "violet-otter-42",
    });
    for (name, value) in changes.as_object().unwrap() {
        form[name] = value.clone();
    }
    form
}

fn account(changes: Value) -> Account {
    serde_json::from_str::<Form>(&form(changes).to_string()).unwrap().check(true, Registration::Open).unwrap()
}

/// The codes of a refused form, by field.
async fn codes(form: Value) -> Vec<(String, String)> {
    let error = serde_json::from_str::<Form>(&form.to_string()).unwrap().check(true, Registration::Open).unwrap_err();
    let body = Error::from(error).into_response().into_body().collect().await.unwrap().to_bytes();
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&answer["status"], &answer["message"]), (&json!(400), &json!("Failed to create record.")));
    let data = answer["data"].as_object().unwrap();
    data.iter().map(|(field, problem)| (field.clone(), problem["code"].as_str().unwrap().to_owned())).collect()
}

fn rows(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(field, code)| ((*field).to_owned(), format!("validation_{code}"))).collect()
}

#[test]
fn a_good_form_is_taken_as_written() {
    let plain = account(json!({"fal_token": "x", "financial_data": {"total_spent": 9}, "tokenKey": "x", "created": 7}));
    assert_eq!((plain.email.as_str(), plain.name.as_str()), ("Ann@example.com", ""));
    assert_eq!((plain.id.as_ref(), plain.email_visibility, plain.password_derived), (None, false, false));
    assert_eq!(plain.password.expose(), "violet-otter-42");

    let full = account(json!({"id": "abcdefghij01234", "name": " Ann ", "emailVisibility": true, "verified": false}));
    assert_eq!(full.id.unwrap().as_str(), "abcdefghij01234");
    assert_eq!((full.name.as_str(), full.email_visibility), (" Ann ", true));
}

#[test]
fn an_account_secret_is_remembered_as_derived() {
    let secret = format!("g2.{}", "A".repeat(43));
    assert!(account(json!({"password": secret, "passwordConfirm": secret})).password_derived);
    let almost = format!("g2.{}", "A".repeat(42));
    assert!(!account(json!({"password": almost, "passwordConfirm": almost})).password_derived);
}

#[test]
fn passwords_in_the_clear_may_be_unwanted() {
    let check = |password: &str| {
        let form = form(json!({"password": password, "passwordConfirm": password}));
        serde_json::from_str::<Form>(&form.to_string()).unwrap().check(false, Registration::Open).is_ok()
    };
    assert!(check(&format!("g2.{}", "A".repeat(43))));
    assert!(!check("violet-otter-42"));
}

#[test]
fn an_invitation_is_asked_for_where_it_is_needed_and_left_alone_elsewhere() {
    let check = |changes: Value, registration: Registration| {
        let form: Form = serde_json::from_str(&form(changes).to_string()).unwrap();
        form.check(true, registration).map(|account| account.invitation)
    };
    let code = json!({"invitation": " abc\n"});
    assert_eq!(check(code.clone(), Registration::Invite).unwrap(), Some(invitation::hash("abc")));
    assert_eq!(check(code, Registration::Open).unwrap(), None);
    for none in [json!({}), json!({"invitation": " "}), json!({"invitation": null})] {
        assert!(check(none, Registration::Invite).is_err());
    }
}

#[tokio::test]
async fn the_form_stage_answers_alone() {
    let table = [
        (json!({}), rows(&[("password", "required"), ("passwordConfirm", "required")])),
        (json!({"email": "bad", "password": "short"}), rows(&[("passwordConfirm", "required")])),
        (
            json!({"email": "bad", "password": "short", "passwordConfirm": "other"}),
            rows(&[("passwordConfirm", "values_mismatch")]),
        ),
        (form(json!({"verified": true})), rows(&[("verified", "values_mismatch")])),
        (
            json!({"password": null, "passwordConfirm": "x"}),
            rows(&[("password", "required"), ("passwordConfirm", "values_mismatch")]),
        ),
    ];
    for (form, expected) in table {
        assert_eq!(codes(form.clone()).await, expected, "{form}");
    }
}

#[tokio::test]
async fn the_field_rules_answer_together() {
    let password = |text: &str| json!({"password": text, "passwordConfirm": text});
    let table = [
        (json!({"email": ""}), rows(&[("email", "required")])),
        (json!({"email": "user@localhost"}), rows(&[("email", "is_email")])),
        (json!({"email": " a@example.com"}), rows(&[("email", "is_email")])),
        (password("seven77"), rows(&[("password", "min_text_constraint")])),
        (password(&"é".repeat(72)), rows(&[("password", "max_text_constraint")])),
        (password("password123"), rows(&[("password", "common_password")])),
        (json!({"name": "é".repeat(201)}), rows(&[("name", "max_text_constraint")])),
        (json!({"id": "short"}), rows(&[("id", "min_text_constraint")])),
        (json!({"id": "abcdefghij012345"}), rows(&[("id", "max_text_constraint")])),
        (json!({"id": "ABCDEFGHIJ01234"}), rows(&[("id", "invalid_format")])),
        (
            json!({"email": "x", "password": "x", "passwordConfirm": "x", "id": "x"}),
            rows(&[("email", "is_email"), ("id", "min_text_constraint"), ("password", "min_text_constraint")]),
        ),
    ];
    for (changes, expected) in table {
        assert_eq!(codes(form(changes.clone())).await, expected, "{changes}");
    }
}

#[test]
fn edges_are_allowed() {
    for text in ["eight-88".to_owned(), "é".repeat(71)] {
        assert_eq!(account(json!({"password": text, "passwordConfirm": text})).password.expose(), text);
    }
    assert_eq!(account(json!({"name": "é".repeat(200)})).name.chars().count(), 200);
}
