//! Webhooks: signed as FAL signs them, and tried until somebody takes them.

use crate::client::{Answer, Fal, SCHNELL};
use base64ct::{Base64UrlUnpadded, Encoding as _};
use ed25519_dalek::{Signature, VerifyingKey};
use generatio_fal_sim::{Delivery, Options};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

struct Delivered {
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

/// Takes one delivery and answers it with `status`.
async fn take(listener: &TcpListener, status: u16) -> Delivered {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    loop {
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let headers: HashMap<_, _> = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        if bytes.len() == end + 4 + headers["content-length"].parse::<usize>().unwrap() {
            let answer = format!("HTTP/1.1 {status} Fine\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.unwrap();
            return Delivered { headers, body: bytes.split_off(end + 4) };
        }
    }
}

async fn submit(fal: &Fal, hook: &str, input: &Value) -> Answer {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("fal_webhook", hook).finish();
    fal.try_submit(&format!("{SCHNELL}?{query}"), input).await.unwrap()
}

async fn until_decided(fal: &Fal) -> Delivery {
    loop {
        match fal.sim.book().requests[0].webhook.unwrap() {
            Delivery::Pending => tokio::task::yield_now().await,
            decided => return decided,
        }
    }
}

async fn verify(fal: &Fal, delivered: &Delivered) {
    let keys = Answer::read(fal.request("GET", "/.well-known/jwks.json").send().await.unwrap()).await.unwrap();
    assert_eq!((keys.text("/keys/0/kty").as_str(), keys.text("/keys/0/crv").as_str()), ("OKP", "Ed25519"));
    let key = Base64UrlUnpadded::decode_vec(&keys.text("/keys/0/x")).unwrap();
    let key = VerifyingKey::from_bytes(key.as_slice().try_into().unwrap()).unwrap();
    let header = |name: &str| delivered.headers[&format!("x-fal-webhook-{name}")].as_str();
    let digest: String = Sha256::digest(&delivered.body).iter().map(|byte| format!("{byte:02x}")).collect();
    let message = [header("request-id"), header("user-id"), header("timestamp"), &digest].join("\n");
    let hex = header("signature");
    let signature: Vec<u8> = (0..64).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap()).collect();
    key.verify_strict(message.as_bytes(), &Signature::from_slice(&signature).unwrap()).unwrap();
}

#[tokio::test]
async fn a_good_end_is_told_and_signed() {
    let (fal, listener) = (Fal::immediate().await, TcpListener::bind("127.0.0.1:0").await.unwrap());
    let hook = format!("http://{}/hook?nonce=1&x=%20", listener.local_addr().unwrap());
    let answer = submit(&fal, &hook, &json!({"prompt": "a cat", "seed": 4})).await;
    let delivered = take(&listener, 200).await;
    verify(&fal, &delivered).await;
    let body: Value = serde_json::from_slice(&delivered.body).unwrap();
    assert_eq!((&body["status"], &body["payload"]["seed"]), (&json!("OK"), &json!(4)));
    assert_eq!(body["request_id"], answer.text("/request_id"));
    assert_eq!(body["gateway_request_id"], delivered.headers["x-fal-webhook-request-id"]);
    assert_eq!(until_decided(&fal).await, Delivery::Delivered);
}

#[tokio::test]
async fn a_bad_end_is_told_again_until_it_is_taken() {
    let (fal, listener) = (Fal::immediate().await, TcpListener::bind("127.0.0.1:0").await.unwrap());
    submit(&fal, &format!("http://{}/", listener.local_addr().unwrap()), &json!({})).await;
    let first = take(&listener, 500).await;
    let second = take(&listener, 204).await;
    verify(&fal, &second).await;
    assert_eq!(first.body, second.body);
    let body: Value = serde_json::from_slice(&second.body).unwrap();
    assert_eq!((&body["status"], &body["error"]), (&json!("ERROR"), &json!("Invalid status code: 422")));
    assert_eq!(body["payload"]["detail"][0]["type"], "missing");
    assert_eq!(until_decided(&fal).await, Delivery::Delivered);
}

#[tokio::test]
async fn a_redirect_is_final() {
    let (fal, listener) = (Fal::immediate().await, TcpListener::bind("127.0.0.1:0").await.unwrap());
    submit(&fal, &format!("http://{}/", listener.local_addr().unwrap()), &json!({"prompt": "x"})).await;
    take(&listener, 302).await;
    assert_eq!(until_decided(&fal).await, Delivery::Failed);
}

#[tokio::test]
async fn nobody_else_is_reached() {
    for (hook, off) in [
        ("http://192.0.2.1/", false),
        ("https://127.0.0.1/", false),
        ("nonsense", false),
        ("http://127.0.0.1:9/", true),
    ] {
        let fal = Fal::start(Options { no_webhooks: off, ..Options::immediate() }).await;
        submit(&fal, hook, &json!({"prompt": "x"})).await;
        assert_eq!(until_decided(&fal).await, Delivery::Dropped, "{hook}");
    }
}
