//! FAL's keys: which are used, from where, and for how long.

use crate::sent::{NOW, jwk, jwk_of, jwks, ok, signer};
use ed25519_dalek::SigningKey;
use generatio_core::fal::Hosts;
use generatio_core::fal::transport::Method;
use generatio_core::fal::webhook::{KeySet, WebhookError, jwks_request};
use proptest::prelude::*;
use serde_json::json;
use std::time::Duration;

#[test]
fn each_key_is_tried_and_no_other() {
    let (other, third) = (SigningKey::from_bytes(&[8; 32]), SigningKey::from_bytes(&[9; 32]));
    let all = KeySet::parse(&jwks(&[jwk(&other), jwk(&third), jwk(&signer())]), NOW).unwrap();
    let others = KeySet::parse(&jwks(&[jwk(&other), jwk(&third)]), NOW).unwrap();
    assert!(ok().verify_with(&all).is_ok());
    assert_eq!(ok().verify_with(&others), Err(WebhookError::Signature));
    assert_eq!(ok().signed(&other).verify(), Err(WebhookError::Signature));
}

#[test]
fn keys_of_other_kinds_are_passed_over() {
    let weak = {
        let mut point = [0; 32];
        point[0] = 1;
        jwk_of(&point)
    };
    let padded = json!({"kty": "OKP", "crv": "Ed25519", "x": format!("{}=", jwk(&signer())["x"].as_str().unwrap())});
    let curve = json!({"kty": "OKP", "crv": "X25519", "x": jwk(&signer())["x"]});
    let rsa = json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"});
    let short = jwk_of(&[1; 31]);
    let nowhere = jwk_of(&[2; 32]);
    let others = [weak, padded, curve, rsa, short, nowhere, json!({"kty": "OKP"}), json!(null), json!("key")];
    for other in &others {
        let alone = KeySet::parse(&jwks(std::slice::from_ref(other)), NOW);
        assert_eq!(alone.unwrap_err(), WebhookError::Keys, "{other}");
    }
    let beside = KeySet::parse(&jwks(&[&others[..], &[jwk(&signer())]].concat()), NOW).unwrap();
    assert!(ok().verify_with(&beside).is_ok());
}

#[test]
fn sets_of_keys_are_bounded() {
    let parse = |text: &str| KeySet::parse(text, NOW).map(|_| ());
    let many = |count| jwks(&vec![jwk(&signer()); count]);
    assert_eq!(parse(&many(KeySet::MAX_KEYS)), Ok(()));
    assert_eq!(parse(&many(KeySet::MAX_KEYS + 1)), Err(WebhookError::Keys));
    let padded = |bytes: usize| many(1) + &" ".repeat(bytes - many(1).len());
    assert_eq!(parse(&padded(KeySet::MAX_BYTES)), Ok(()));
    assert_eq!(parse(&padded(KeySet::MAX_BYTES + 1)), Err(WebhookError::Keys));
    for text in ["", "[]", "{}", r#"{"keys":[]}"#, r#"{"keys":7}"#, "<html>"] {
        assert_eq!(parse(text), Err(WebhookError::Keys), "{text}");
    }
}

#[test]
fn keys_live_a_day_and_are_asked_for_once_a_minute() {
    let after = |seconds| NOW.after(Duration::from_secs(seconds));
    let before = |seconds| NOW.before(Duration::from_secs(seconds));
    let mut keys = KeySet::parse(&jwks(&[jwk(&signer())]), NOW).unwrap();
    for (moment, stale, may) in [
        (NOW, false, false),
        (after(59), false, false),
        (after(60), false, true),
        (after(86_399), false, true),
        (after(86_400), true, true),
        (before(60), false, true),
        (before(86_400), true, true),
    ] {
        assert_eq!((keys.stale(moment), keys.may_refetch(moment)), (stale, may), "{moment:?}");
    }
    keys.refetching(after(100_000));
    assert!(keys.stale(after(100_059)) && !keys.may_refetch(after(100_059)));
    assert!(keys.may_refetch(after(100_060)));
}

#[test]
fn no_keys_and_old_keys_judge_nothing() {
    let old = KeySet::parse(&jwks(&[jwk(&signer())]), NOW.before(Duration::from_secs(86_400))).unwrap();
    let none = KeySet::default();
    assert!(none.stale(NOW) && none.may_refetch(NOW));
    for keys in [old, none] {
        assert_eq!(ok().verify_with(&keys), Err(WebhookError::NoKeys));
    }
}

#[test]
fn keys_are_asked_for_where_fal_publishes_them() {
    let cases = [
        (Hosts::fal(), "https://rest.fal.ai/.well-known/jwks.json"),
        (Hosts::at("https://fal.example").unwrap(), "https://rest.fal.ai/.well-known/jwks.json"),
        (Hosts::at("http://127.0.0.1:8091").unwrap(), "http://127.0.0.1:8091/.well-known/jwks.json"),
    ];
    for (hosts, url) in cases {
        let request = jwks_request(&hosts, NOW);
        assert_eq!((request.method, request.url.as_str()), (Method::Get, url));
        assert_eq!((request.max_body, request.deadline), (KeySet::MAX_BYTES, NOW));
        assert!(request.headers.iter().all(|header| header.name != "authorization"));
    }
}

proptest! {
    #[test]
    fn any_text_is_a_set_of_keys_or_none(text in r#"\{"keys":\[(\{"kty":"OKP","crv":"Ed25519","x":"[A-Za-z0-9_=-]{40,46}"\},?){0,4}\]\}|.*"#) {
        if let Ok(keys) = KeySet::parse(&text, NOW) {
            prop_assert!(matches!(ok().verify_with(&keys), Err(WebhookError::Signature)));
        }
    }
}
