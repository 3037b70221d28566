//! Sealing in halves, as a host does it that derives keys itself: the same texts, the same refusals.

use generatio_core::seal::steps::{AccountSecret, Derivation, Opening, Root, Sealing};
use generatio_core::seal::{Iterations, OpenError, PasswordLengthError, SealError, SealedToken, open, seal};
use generatio_core::{Password, SecretText};
use generatio_testkit::rng::{ScriptedRng, SeededRng};
use generatio_testkit::vectors::{Expected, Reason, seal_vectors};
use pbkdf2::pbkdf2_hmac;
use sha2::Sha256;

const CONTEXT: &str = "u1a2b3c4d5e6f7g";

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

fn token(text: &str) -> SecretText {
    SecretText::new(text.to_owned())
}

/// The host's part, by another implementation than core's.
fn derived(derivation: Derivation<'_>, password: &str) -> Root {
    let mut bytes = [0; Root::BYTES];
    pbkdf2_hmac::<Sha256>(password.as_bytes(), derivation.salt, derivation.iterations.get(), &mut bytes);
    Root::new(&bytes)
}

#[test]
fn every_vector_opens_or_is_refused_for_its_reason() {
    let vectors = seal_vectors().sealed_tokens;
    assert_eq!(vectors.len(), 88);
    for vector in &vectors {
        let Ok(sealed) = SealedToken::parse(&vector.sealed) else {
            assert_eq!(vector.expected, Expected::Invalid { reason: Reason::Format }, "case {}", vector.id);
            continue;
        };
        let outcome = Opening::begin(sealed, &password(&vector.password), &vector.context).and_then(|opening| {
            let root = derived(opening.derivation(), &vector.password);
            opening.finish(&root)
        });
        let outcome = match outcome {
            Ok(token) => Expected::Valid { token: token.expose().to_owned() },
            Err(OpenError::Password(PasswordLengthError::Empty)) => Expected::Invalid { reason: Reason::EmptyPassword },
            Err(OpenError::WrongPassword) => Expected::Invalid { reason: Reason::WrongPassword },
            Err(OpenError::Corrupt) => Expected::Invalid { reason: Reason::Corrupt },
            Err(error) => panic!("case {}: {error}", vector.id),
        };
        assert_eq!(outcome, vector.expected, "case {}", vector.id);
    }
}

#[test]
fn account_secrets_come_out() {
    let vectors = seal_vectors().account_secrets;
    assert_eq!(vectors.len(), 7);
    for vector in vectors {
        let half = AccountSecret::begin(&vector.email, &password(&vector.password), &vector.realm).unwrap();
        let root = derived(half.derivation(), &vector.password);
        assert_eq!(half.finish(&root).expose(), vector.account_secret, "case {}", vector.id);
    }
    assert!(AccountSecret::begin("user@example.com", &password(""), "").is_err());
}

#[test]
fn the_same_randomness_seals_the_same_text() {
    let (clear, secret) = ("fal-key", password("p"));
    let whole = seal(&token(clear), &secret, CONTEXT, Iterations::MIN, &mut SeededRng::new(3)).unwrap();
    let mut rng = SeededRng::new(3);
    let half = Sealing::begin(token(clear), &secret, CONTEXT, Iterations::MIN, &mut rng).unwrap();
    let root = derived(half.derivation(), "p");
    assert_eq!(half.finish(&root, &mut rng).unwrap(), whole);
}

#[test]
fn what_is_sealed_with_a_wrong_root_opens_with_that_root_alone() {
    let (secret, wrong) = (password("p"), Root::new(&[7; Root::BYTES]));
    let mut rng = SeededRng::new(4);
    let half = Sealing::begin(token("fal-key"), &secret, CONTEXT, Iterations::MIN, &mut rng).unwrap();
    let sealed = half.finish(&wrong, &mut rng).unwrap();
    assert_eq!(open(&sealed, &secret, CONTEXT).err(), Some(OpenError::WrongPassword));
    let opening = |context| Opening::begin(sealed.clone(), &secret, context).unwrap();
    assert_eq!(opening(CONTEXT).finish(&wrong).unwrap().expose(), "fal-key");
    assert_eq!(opening("another").finish(&wrong).err(), Some(OpenError::Corrupt));
}

#[test]
fn what_is_refused_draws_and_derives_nothing() {
    let mut rng = ScriptedRng::new([7; 44]);
    let begun = Sealing::begin(token(""), &password("p"), CONTEXT, Iterations::MIN, &mut rng);
    assert_eq!((begun.err(), rng.left()), (Some(SealError::TokenEmpty), 44));
    let mut rng = ScriptedRng::new([7; 40]);
    let half = Sealing::begin(token("t"), &password("p"), CONTEXT, Iterations::MIN, &mut rng).unwrap();
    let root = Root::new(&[1; Root::BYTES]);
    assert!(matches!(half.finish(&root, &mut rng), Err(SealError::Random(_))), "a salt without a nonce");
}

#[test]
fn a_text_is_known_again_by_its_fingerprint() {
    let sealed = |seed| seal(&token("t"), &password("p"), CONTEXT, Iterations::MIN, &mut SeededRng::new(seed)).unwrap();
    let (one, other) = (sealed(1), sealed(2));
    assert_eq!(one.fingerprint(), SealedToken::parse(one.as_str()).unwrap().fingerprint());
    assert_ne!(one.fingerprint(), other.fingerprint());
}
