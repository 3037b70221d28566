//! Sealed tokens through the public API: the shared vectors, the original server's own, and every limit.

use base64ct::{Base64, Encoding};
use generatio_core::seal::{
    Iterations, MAX_CONTEXT_BYTES, MAX_TOKEN_BYTES, OpenError, PasswordLengthError, RandomError, ResealError,
    SealError, SealedToken, Version, open, reseal, seal, seal_v1,
};
use generatio_core::{ErrorCode, Password, SecretText};
use generatio_testkit::rng::{ScriptedRng, SeededRng};
use generatio_testkit::vectors::{Expected, Reason, SealedTokenVector, seal_vectors};

const CONTEXT: &str = "u1a2b3c4d5e6f7g";

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

fn token(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

/// Parses and opens, and sorts what happens as the vectors do.
fn outcome(vector: &SealedTokenVector) -> Expected {
    let Ok(sealed) = SealedToken::parse(&vector.sealed) else {
        return Expected::Invalid { reason: Reason::Format };
    };
    let reason = match open(&sealed, &password(&vector.password), &vector.context) {
        Ok(token) => return Expected::Valid { token: token.expose().to_owned() },
        Err(OpenError::Password(PasswordLengthError::Empty)) => Reason::EmptyPassword,
        Err(OpenError::WrongPassword) => Reason::WrongPassword,
        Err(OpenError::Corrupt) => Reason::Corrupt,
        Err(error) => panic!("case {}: {error}", vector.id),
    };
    Expected::Invalid { reason }
}

#[test]
fn every_vector_opens_or_is_refused_for_its_reason() {
    let vectors = seal_vectors().sealed_tokens;
    assert_eq!(vectors.len(), 88);
    for vector in &vectors {
        assert_eq!(outcome(vector), vector.expected, "case {}", vector.id);
    }
    let count = |reason| vectors.iter().filter(|vector| vector.expected == Expected::Invalid { reason }).count();
    let reasons = [Reason::Format, Reason::EmptyPassword, Reason::WrongPassword, Reason::Corrupt];
    assert_eq!(reasons.map(count), [35, 2, 9, 6]);
}

#[test]
fn versions_and_iterations_are_read_off_the_text() {
    let vectors = seal_vectors().sealed_tokens;
    let valid: Vec<_> = vectors.iter().filter(|vector| matches!(vector.expected, Expected::Valid { .. })).collect();
    assert_eq!(valid.len(), 36);
    for vector in valid {
        let sealed = SealedToken::parse(&vector.sealed).unwrap();
        let version = if vector.version == 1 { Version::V1 } else { Version::V2 };
        let iterations = vector.iterations.unwrap_or(Iterations::LEGACY.get());
        assert_eq!((sealed.version(), sealed.iterations().get()), (version, iterations), "case {}", vector.id);
        assert_eq!(sealed.as_str(), vector.sealed, "case {}", vector.id);
    }
}

/// The random bytes a valid vector was sealed with: salt, then nonce. `None` for salts that sealing does not make.
fn randomness(vector: &SealedTokenVector) -> Option<Vec<u8>> {
    let decode = |text| Base64::decode_vec(text).expect("the vector is valid");
    let parts: Vec<&str> = vector.sealed.split('.').collect();
    let (salt, body, nonce_at) = match parts[..] {
        [body, salt] => (decode(salt), decode(body), 0),
        [_, _, salt, body] => (decode(salt), decode(body), 32),
        _ => panic!("case {} has {} parts", vector.id, parts.len()),
    };
    (salt.len() == 32).then(|| [&salt, &body[nonce_at..nonce_at + 12]].concat())
}

#[test]
fn sealing_with_a_vectors_randomness_gives_its_text() {
    let mut made = 0;
    for vector in seal_vectors().sealed_tokens {
        let Expected::Valid { token: clear } = &vector.expected else { continue };
        let Some(bytes) = randomness(&vector) else { continue };
        let (clear, secret, mut rng) = (token(clear), password(&vector.password), ScriptedRng::new(bytes));
        let sealed = match vector.iterations {
            Some(count) => seal(&clear, &secret, &vector.context, Iterations::new(count).unwrap(), &mut rng),
            None => seal_v1(&clear, &secret, &mut rng),
        };
        assert_eq!(sealed.unwrap().as_str(), vector.sealed, "case {}", vector.id);
        assert_eq!(rng.left(), 0, "case {}", vector.id);
        made += 1;
    }
    assert_eq!(made, 34);
}

#[test]
fn the_original_servers_texts_open_unless_made_with_its_test_setting() {
    let salt = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    let at_100_000 = "oKGio6SlpqeoqaqrzQnF0/nKIhKjri0UN0wiTZ7F7pCKhEvppWUf7bEVHDwrv7q0";
    let at_1_000 = "oKGio6SlpqeoqaqrZ+EHEjmTU91c7bCDWleuwPnUpckY0GmM11S3MZBvqDeKw387";
    let unicode = "oKGio6SlpqeoqaqrHgsmDnQSVhvQCGjUDjuUUT1Nwn0JAGCfkqURJ9FLsXXk";
    let cases = [
        (at_100_000, "testpassword123", Ok("test_fal_token_12345")),
        (at_1_000, "testpassword123", Err(OpenError::WrongPassword)),
        (unicode, "pässwörd 🔑", Ok("fal-ai-token-here")),
    ];
    for (body, secret, expected) in cases {
        let sealed = SealedToken::parse(&format!("{body}.{salt}")).unwrap();
        let opened = open(&sealed, &password(secret), CONTEXT);
        assert_eq!(opened.as_ref().map(SecretText::expose), expected.as_ref().copied(), "{body}");
    }
    let as_v2 = SealedToken::parse(&format!("v2.1000.{salt}.{at_1_000}")).unwrap_err();
    assert_eq!(as_v2.code(), ErrorCode::IterationsOutOfRange);
}

#[test]
fn refusals_to_parse_carry_their_codes() {
    let salt = Base64::encode_string(&[0; 32]);
    let body = |length: usize| Base64::encode_string(&vec![0; length]);
    let longest_v1 = MAX_TOKEN_BYTES + 28;
    let longest_v2 = MAX_TOKEN_BYTES + 60;
    let cases = [
        (format!("{}.{salt}", body(29)), None),
        (format!("{}.{salt}", body(longest_v1)), None),
        (format!("{}.{salt}", body(longest_v1 + 1)), Some(ErrorCode::SealedTokenMalformed)),
        (format!("v2.100000.{salt}.{}", body(61)), None),
        (format!("v2.10000000.{salt}.{}", body(longest_v2)), None),
        (format!("v2.100000.{salt}.{}", body(longest_v2 + 1)), Some(ErrorCode::SealedTokenMalformed)),
        (format!("v2.99999.{salt}.{}", body(61)), Some(ErrorCode::IterationsOutOfRange)),
        (format!("v2.10000001.{salt}.{}", body(61)), Some(ErrorCode::IterationsOutOfRange)),
        (format!("v2.99999999999.{salt}.{}", body(61)), Some(ErrorCode::IterationsOutOfRange)),
        (format!("v2.0100000.{salt}.{}", body(61)), Some(ErrorCode::SealedTokenMalformed)),
        ("A".repeat(100_001), Some(ErrorCode::SealedTokenMalformed)),
    ];
    for (text, expected) in cases {
        let code = SealedToken::parse(&text).err().map(|error| error.code());
        assert_eq!(code, expected, "{:.40} of {} characters", text, text.len());
    }
}

#[test]
fn limits_are_kept_when_sealing() {
    let cases = [
        (1, 1, 0, None),
        (MAX_TOKEN_BYTES, Password::MAX_BYTES, MAX_CONTEXT_BYTES, None),
        (0, 1, 0, Some(SealError::TokenEmpty)),
        (MAX_TOKEN_BYTES + 1, 1, 0, Some(SealError::TokenTooLong)),
        (1, 0, 0, Some(SealError::Password(PasswordLengthError::Empty))),
        (1, Password::MAX_BYTES + 1, 0, Some(SealError::Password(PasswordLengthError::TooLong))),
        (1, 1, MAX_CONTEXT_BYTES + 1, Some(SealError::ContextTooLong)),
    ];
    for (token_bytes, password_bytes, context_bytes, expected) in cases {
        let (clear, secret) = (token(&"t".repeat(token_bytes)), password(&"p".repeat(password_bytes)));
        let context = "c".repeat(context_bytes);
        // What is refused draws nothing.
        let mut rng = ScriptedRng::new([7; 44]);
        let sealed = seal(&clear, &secret, &context, Iterations::MIN, &mut rng);
        assert_eq!(sealed.as_ref().err(), expected.as_ref());
        assert_eq!(rng.left(), if expected.is_some() { 44 } else { 0 });
        let Ok(sealed) = sealed else { continue };
        let parsed = SealedToken::parse(sealed.as_str()).unwrap();
        assert_eq!(parsed, sealed);
        assert_eq!(open(&parsed, &secret, &context).unwrap().expose(), clear.expose());
    }
}

#[test]
fn limits_are_kept_when_opening_and_the_password_comes_first() {
    let sealed = seal_v1(&token("fal-key"), &password("p"), &mut SeededRng::new(1)).unwrap();
    let long = "p".repeat(Password::MAX_BYTES + 1);
    let too_wide = "c".repeat(MAX_CONTEXT_BYTES + 1);
    let cases = [
        ("p", "", Ok("fal-key")),
        ("p", CONTEXT, Ok("fal-key")),
        ("", too_wide.as_str(), Err(OpenError::Password(PasswordLengthError::Empty))),
        (long.as_str(), CONTEXT, Err(OpenError::Password(PasswordLengthError::TooLong))),
        ("p", too_wide.as_str(), Err(OpenError::ContextTooLong)),
        (&long[1..], CONTEXT, Err(OpenError::WrongPassword)),
    ];
    for (secret, context, expected) in cases {
        let opened = open(&sealed, &password(secret), context);
        assert_eq!(opened.as_ref().map(SecretText::expose), expected.as_ref().copied());
    }
}

#[test]
fn failed_randomness_seals_nothing() {
    // None at all, half a salt, and a salt without a nonce.
    for bytes in [0, 16, 32, 43] {
        let rng = || ScriptedRng::new(vec![0; bytes]);
        let v2 = seal(&token("t"), &password("p"), CONTEXT, Iterations::MIN, &mut rng());
        assert_eq!(v2, Err(SealError::Random(RandomError)), "{bytes}");
        let v1 = seal_v1(&token("t"), &password("p"), &mut rng());
        assert_eq!(v1, Err(SealError::Random(RandomError)), "{bytes}");
    }
}

#[test]
fn resealing_keeps_the_token_and_raises_the_work() {
    let (clear, secret, mut rng) = (token("fal-key"), password("p"), SeededRng::new(2));
    let old = seal_v1(&clear, &secret, &mut rng).unwrap();
    assert!(old.needs_reseal(Iterations::MIN));

    let target = Iterations::new(100_001).unwrap();
    let new = reseal(&old, &secret, CONTEXT, target, &mut rng).unwrap();
    assert_eq!((new.version(), new.iterations()), (Version::V2, target));
    assert_eq!(open(&new, &secret, CONTEXT).unwrap().expose(), "fal-key");
    assert!(!new.needs_reseal(target) && !new.needs_reseal(Iterations::MIN) && new.needs_reseal(Iterations::DEFAULT));

    let again = reseal(&new, &secret, CONTEXT, target, &mut rng).unwrap();
    assert_ne!(again.as_str(), new.as_str());
    let wrong = reseal(&new, &password("q"), CONTEXT, target, &mut rng);
    assert_eq!(wrong, Err(ResealError::Open(OpenError::WrongPassword)));
    let dry = reseal(&new, &secret, CONTEXT, target, &mut ScriptedRng::new([]));
    assert_eq!(dry.unwrap_err().code(), ErrorCode::RandomUnavailable);
}
