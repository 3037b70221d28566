//! The account secret through the public API.

use generatio_core::seal::{account_secret, is_account_secret};
use generatio_core::{ErrorCode, Password};
use generatio_testkit::vectors::seal_vectors;

#[test]
fn every_vector_comes_out() {
    let vectors = seal_vectors().account_secrets;
    assert_eq!(vectors.len(), 7);
    for vector in vectors {
        let secret = account_secret(&vector.email, &Password::new(vector.password), &vector.realm).unwrap();
        assert_eq!(secret.expose(), vector.account_secret, "case {}", vector.id);
        assert!(is_account_secret(secret.expose()));
    }
}

#[test]
fn passwords_outside_the_limits_are_refused() {
    let cases = [(0, ErrorCode::PasswordEmpty), (Password::MAX_BYTES + 1, ErrorCode::PasswordTooLong)];
    for (length, code) in cases {
        let refused = account_secret("user@example.com", &Password::new("p".repeat(length)), "");
        assert_eq!(refused.unwrap_err().code(), code);
    }
}

#[test]
fn only_its_exact_shape_is_taken_for_one() {
    let secret = "g2.eiJfRZZpqq-iUmp3q2MDbQySHsan_3DLqK5b9qn_FlQ";
    let body = &secret[3..];
    let cases = [
        (secret.to_owned(), true),
        (secret[..45].to_owned(), false),
        (format!("{secret}A"), false),
        (format!("{secret}="), false),
        (format!(" {secret}"), false),
        (format!("G2.{body}"), false),
        (format!("g3.{body}"), false),
        (body.to_owned(), false),
        (format!("g2.{}+", &body[1..]), false),
        (format!("g2.{}/", &body[1..]), false),
        (format!("g2.{}é", &body[2..]), false),
        (String::new(), false),
        ("g2.".to_owned(), false),
    ];
    for (text, expected) in cases {
        assert_eq!(is_account_secret(&text), expected, "{text}");
    }
}
