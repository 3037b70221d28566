use super::JwtKey;
use crate::ids::UserId;
use crate::store::{PasswordHash, TokenKey, User};
use generatio_core::{SecretText, Timestamp};
use std::time::Duration;

/// Expiry of the golden tokens.
const EXP: i64 = 1_795_829_039;
const WEEK: Duration = Duration::from_secs(604_800);

// Computed with Python's `hmac` and `base64` over the claims of a real PocketBase token; key: 50 × `k`, 50 × `s`.
const CLAIMS: &str = "eyJjb2xsZWN0aW9uSWQiOiJwYmNfNzMzNTI4NjkyIiwiZXhwIjoxNzk1ODI5MDM5LCJpZCI6Img5YWJydHRuNm9hamJsciIsInJlZnJlc2hhYmxlIjp0cnVlLCJ0eXBlIjoiYXV0aCJ9";
const OUR_HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9";
const OUR_SIGNATURE: &str = "c7GjHkw4rvF0ks8ihKBLDMuM9k9_Nh8UOjMD8jwraHs";
const POCKETBASE_HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";
const POCKETBASE_SIGNATURE: &str = "xvVWxTuk42CrqlMnbfT6pYM72Rhl4ycjEZsP51MF65Q";

#[test]
fn a_token_is_byte_for_byte_the_golden_one() {
    let token = key("s").issue(&user("k"), Timestamp::from_unix_ms((EXP - 604_800) * 1000));
    assert_eq!(token, format!("{OUR_HEADER}.{CLAIMS}.{OUR_SIGNATURE}"));
}

#[test]
fn golden_tokens_verify_until_they_expire() {
    for (header, signature) in [(OUR_HEADER, OUR_SIGNATURE), (POCKETBASE_HEADER, POCKETBASE_SIGNATURE)] {
        let token = format!("{header}.{CLAIMS}.{signature}");
        let last = Timestamp::from_unix_ms(EXP * 1000 - 1);
        assert!(key("s").verify(&token, &user("k"), last));
        assert_eq!(key("s").claimed_user(&token, last), Some(user("k").id));
        let over = Timestamp::from_unix_ms(EXP * 1000);
        assert!(!key("s").verify(&token, &user("k"), over), "no leeway");
        assert_eq!(key("s").claimed_user(&token, over), None);
    }
}

#[test]
fn a_new_half_of_the_key_voids_the_token() {
    let token = format!("{OUR_HEADER}.{CLAIMS}.{OUR_SIGNATURE}");
    assert!(!key("t").verify(&token, &user("k"), now()));
    assert!(!key("s").verify(&token, &user("l"), now()));
}

#[test]
fn a_token_is_good_for_its_own_user_only() {
    let token = format!("{OUR_HEADER}.{CLAIMS}.{OUR_SIGNATURE}");
    let other = User { id: UserId::parse("aaaaaaaaaaaaaaa").unwrap(), ..user("k") };
    assert!(!key("s").verify(&token, &other, now()), "even with the same key");
}

/// Rows that are signed correctly (Python again) and still are not tokens of ours, then rows that are not signed so.
#[test]
fn everything_else_is_refused() {
    let rows = [
        // {"alg":"none","typ":"JWT"}
        ("none", format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{CLAIMS}.")),
        ("HS512", format!("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzUxMiJ9.{CLAIMS}.BKivq5ELmHVQgn8ZjuQzZEIcLRcPXKz6WcMLsuAoQYd4eerWJaXdKcDTMmlFvyH_H32RkLtuw4vP1eqCKIY1zw")),
        ("other collection", "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJjb2xsZWN0aW9uSWQiOiJwYmNfMzE0MjYzNTgyMyIsImV4cCI6MTc5NTgyOTAzOSwiaWQiOiJoOWFicnR0bjZvYWpibHIiLCJyZWZyZXNoYWJsZSI6dHJ1ZSwidHlwZSI6ImF1dGgifQ.-sywJTaQLq3CTpz4pEh4rA2CDvlxvhGISF5D14kP9vs".to_owned()),
        ("no exp", "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJjb2xsZWN0aW9uSWQiOiJwYmNfNzMzNTI4NjkyIiwiaWQiOiJoOWFicnR0bjZvYWpibHIiLCJyZWZyZXNoYWJsZSI6dHJ1ZSwidHlwZSI6ImF1dGgifQ.qCuOYyud-4X0MyYHRqrMqBzCFc0dSJPYrD114o9D3L4".to_owned()),
        ("other type", "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJjb2xsZWN0aW9uSWQiOiJwYmNfNzMzNTI4NjkyIiwiZXhwIjoxNzk1ODI5MDM5LCJpZCI6Img5YWJydHRuNm9hamJsciIsInJlZnJlc2hhYmxlIjp0cnVlLCJ0eXBlIjoiZmlsZSJ9.jGor8RczmT0pteuzhRnqTSp_LkD2hBm9IxK9O3zvMAI".to_owned()),
        ("claims altered", format!("{OUR_HEADER}.{}.{OUR_SIGNATURE}", CLAIMS.replace("xNzk1", "xNzk2"))),
        ("header swapped", format!("{POCKETBASE_HEADER}.{CLAIMS}.{OUR_SIGNATURE}")),
        ("signature cut", format!("{OUR_HEADER}.{CLAIMS}.{}", &OUR_SIGNATURE[..40])),
        ("no signature", format!("{OUR_HEADER}.{CLAIMS}")),
        ("empty", String::new()),
        ("not a token", "....".to_owned()),
    ];
    for (name, token) in rows {
        assert!(!key("s").verify(&token, &user("k"), now()), "{name}");
    }
}

fn now() -> Timestamp {
    Timestamp::from_unix_ms(1_790_000_000_000)
}

fn key(letter: &str) -> JwtKey {
    JwtKey::new(SecretText::new(letter.repeat(50)), WEEK)
}

fn user(token_key: &str) -> User {
    User {
        id: UserId::parse("h9abrttn6oajblr").unwrap(),
        email: "ann@example.com".into(),
        email_visibility: false,
        verified: false,
        name: String::new(),
        password_hash: PasswordHash(String::new()),
        password_derived: false,
        token_key: TokenKey(token_key.repeat(50)),
        created: Timestamp::default(),
        updated: Timestamp::default(),
    }
}
