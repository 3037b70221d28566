//! What has to hold for every delivery, whoever sent it.

use ed25519_dalek::{Signer as _, SigningKey};
use generatio_core::Timestamp;
use generatio_core::fal::Hosts;
use generatio_core::fal::webhook::{Headers, KeySet, Outcome, verify};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

const NOW: Timestamp = Timestamp::from_unix_ms(1_709_210_096_789);
const TIMESTAMP: &str = "1709210096";
const ID: &str = "764cabcf-b745-4b3e-ae38-1200304cf45b";

/// Delivers `body` under FAL's signature, which lets it through to be read, and without one, which does not; then the
/// text as each of the signed headers.
pub(crate) fn webhook(body: &[u8]) {
    let signer = SigningKey::from_bytes(&[7; 32]);
    let keys = keys(&signer);
    let hosts = Hosts::fal();
    let signature = sign(&signer, body);
    let good = Headers { request_id: ID, user_id: "user", timestamp: TIMESTAMP, signature: &signature };
    if let Ok(delivery) = verify(&hosts, &keys, &good, body, NOW) {
        assert_eq!(delivery.request_id, ID);
        if let Outcome::Delivered(output) = &delivery.outcome {
            assert!(
                output.images.iter().all(|image| hosts.picture_url(&image.url).as_ref() == Some(&image.url)),
                "{output:?}"
            );
        }
    }
    let zeros = "0".repeat(128);
    assert!(verify(&hosts, &keys, &Headers { signature: &zeros, ..good }, body, NOW).is_err());
    if let Ok(text) = std::str::from_utf8(body) {
        let forged = [
            Headers { request_id: text, ..good },
            Headers { user_id: text, ..good },
            Headers { timestamp: text, ..good },
            Headers { signature: text, ..good },
        ];
        let own = [ID, "user", TIMESTAMP, signature.as_str()];
        for headers in
            forged.iter().zip(own).filter(|(_, own)| !text.eq_ignore_ascii_case(own)).map(|(forged, _)| forged)
        {
            assert!(verify(&hosts, &keys, headers, body, NOW).is_err(), "{headers:?}");
        }
        let _ = KeySet::parse(text, NOW);
    }
}

fn sign(signer: &SigningKey, body: &[u8]) -> String {
    let message = format!("{ID}\nuser\n{TIMESTAMP}\n{}", hex(&Sha256::digest(body)));
    hex(&signer.sign(message.as_bytes()).to_bytes())
}

fn keys(signer: &SigningKey) -> KeySet {
    let x = base64url(signer.verifying_key().as_bytes());
    let jwks = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}]}}"#);
    KeySet::parse(&jwks, NOW).expect("a key set")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// RFC 4648 §5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        let digits = (0..=three.len()).map(|index| DIGITS[(bits >> (18 - 6 * index) & 63) as usize]);
        text.extend(digits.map(char::from));
    }
    text
}
