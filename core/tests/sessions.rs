//! Sealed sessions through the public API: the shared vectors, and that nothing but the right id and claims opens one.

use base64ct::{Base64, Encoding};
use generatio_core::seal::{MAX_TOKEN_BYTES, RandomError};
use generatio_core::session::{
    Claims, Kind, OpenSessionError, SealSessionError, SealedSession, SessionId, SessionIdError, open_session,
    seal_session,
};
use generatio_core::{SecretText, Timestamp};
use generatio_testkit::rng::{ScriptedRng, SeededRng};
use generatio_testkit::vectors::seal_vectors;

fn claims() -> Claims {
    Claims { kind: Kind::Session, user_id: "u1a2b3c4d5e6f7g".to_owned(), expires_unix_s: 1_800_000_000 }
}

fn token(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

#[test]
fn every_vector_opens_and_is_sealed_again_to_the_byte() {
    let vectors = seal_vectors().sessions;
    assert_eq!(vectors.len(), 3);
    for vector in vectors {
        let kind = [Kind::ApiKey, Kind::Session].into_iter().find(|kind| kind.as_str() == vector.kind).unwrap();
        let id = SessionId::parse(&vector.session_id).unwrap();
        assert_eq!(id.to_text().expose(), vector.session_id);
        let index: String = id.index().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(index, vector.index, "case {}", vector.id);

        let claims = Claims { kind, user_id: vector.user_id, expires_unix_s: vector.expires_unix_s };
        let kept = SealedSession::restore(claims.clone(), &vector.box_text);
        assert_eq!(open_session(&id, &kept).unwrap().expose(), vector.token, "case {}", vector.id);

        let nonce = &Base64::decode_vec(&vector.box_text).unwrap()[..12];
        let sealed = seal_session(&id, claims, &token(&vector.token), &mut ScriptedRng::new(nonce)).unwrap();
        assert_eq!(sealed.box_text(), vector.box_text, "case {}", vector.id);
    }
}

#[test]
fn generated_ids_are_uuids_of_version_4_and_differ() {
    let id = SessionId::generate(&mut ScriptedRng::new([0xff; 16])).unwrap();
    assert_eq!(id.to_text().expose(), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    let id = SessionId::generate(&mut ScriptedRng::new([0; 16])).unwrap();
    assert_eq!(id.to_text().expose(), "00000000-0000-4000-8000-000000000000");

    let mut rng = SeededRng::new(1);
    let (one, other) = (SessionId::generate(&mut rng).unwrap(), SessionId::generate(&mut rng).unwrap());
    assert_ne!(one.index(), other.index());
    assert_eq!(SessionId::generate(&mut ScriptedRng::new([0; 15])).unwrap_err(), RandomError);
}

#[test]
fn only_uuids_of_version_4_are_read_as_ids() {
    let taken = ["fa578881-2a07-4540-af38-9022e81c2fc4", "FA578881-2A07-4540-AF38-9022E81C2FC4"];
    for text in taken {
        assert_eq!(SessionId::parse(text).unwrap().to_text().expose(), taken[0]);
    }
    let refused = [
        "",
        "fa578881-2a07-4540-af38-9022e81c2fc",
        "fa578881-2a07-4540-af38-9022e81c2fc44",
        "fa5788812a074540af389022e81c2fc4",
        "{fa578881-2a07-4540-af38-9022e81c2fc4}",
        "urn:uuid:fa578881-2a07-4540-af38-9022e81c2fc4",
        "fa578881-2a07-1540-af38-9022e81c2fc4",
        "fa578881-2a07-4540-cf38-9022e81c2fc4",
        "ga578881-2a07-4540-af38-9022e81c2fc4",
        "fa5788812-a07-4540-af38-9022e81c2fc4",
        "00000000-0000-0000-0000-000000000000",
        "ééééééééé-ééé-ééé",
    ];
    for text in refused {
        assert_eq!(SessionId::parse(text).unwrap_err(), SessionIdError, "{text}");
    }
}

#[test]
fn neither_another_id_nor_other_claims_nor_altered_bytes_open_it() {
    let mut rng = SeededRng::new(2);
    let (id, other) = (SessionId::generate(&mut rng).unwrap(), SessionId::generate(&mut rng).unwrap());
    let sealed = seal_session(&id, claims(), &token("fal-key"), &mut rng).unwrap();
    assert_eq!(open_session(&id, &sealed).unwrap().expose(), "fal-key");
    assert_eq!(open_session(&other, &sealed).unwrap_err(), OpenSessionError);

    let text = sealed.box_text();
    let mut flipped = Base64::decode_vec(&text).unwrap();
    flipped[20] ^= 1;
    let altered = [
        (Claims { kind: Kind::ApiKey, ..claims() }, text.clone()),
        (Claims { user_id: "someone-else".to_owned(), ..claims() }, text.clone()),
        (Claims { expires_unix_s: claims().expires_unix_s + 1, ..claims() }, text.clone()),
        (claims(), Base64::encode_string(&flipped)),
        (claims(), Base64::encode_string(&[0; 27])),
        (claims(), text[1..].to_owned()),
        (claims(), String::new()),
    ];
    for (claims, text) in altered {
        let kept = SealedSession::restore(claims, &text);
        assert_eq!(open_session(&id, &kept).unwrap_err(), OpenSessionError, "{kept:?}");
    }
}

#[test]
fn limits_are_kept_when_sealing() {
    let id = SessionId::generate(&mut SeededRng::new(3)).unwrap();
    let cases = [
        (1, 12, None),
        (MAX_TOKEN_BYTES, 12, None),
        (0, 12, Some(SealSessionError::TokenEmpty)),
        (MAX_TOKEN_BYTES + 1, 12, Some(SealSessionError::TokenTooLong)),
        (1, 11, Some(SealSessionError::Random(RandomError))),
    ];
    for (length, random, expected) in cases {
        let mut rng = ScriptedRng::new(vec![9; random]);
        let sealed = seal_session(&id, claims(), &token(&"t".repeat(length)), &mut rng);
        assert_eq!(sealed.err(), expected);
    }
}

#[test]
fn the_expiry_itself_is_still_valid() {
    let end = claims().expires_unix_s * 1000;
    for (ms, expired) in [(end - 1, false), (end, false), (end + 1, true)] {
        assert_eq!(claims().expired(Timestamp::from_unix_ms(ms)), expired, "{ms}");
    }
    let endless = Claims { expires_unix_s: i64::MAX, ..claims() };
    assert!(!endless.expired(Timestamp::from_unix_ms(i64::MAX)));
}
