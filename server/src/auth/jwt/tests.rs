use super::JwtKey;
use crate::ids::UserId;
use crate::store::{PasswordHash, TokenKey, User};
use generatio_core::{SecretText, Timestamp};
use std::fs;
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

fn opened(folder: &tempfile::TempDir) -> JwtKey {
    JwtKey::open(&folder.path().join("jwt.key"), WEEK).unwrap()
}

#[test]
fn a_new_key_signs_and_the_old_one_opens_until_its_logins_have_expired() {
    let folder = tempfile::tempdir().unwrap();
    let keys = opened(&folder);
    let first = keys.issue(&user("k"), now());
    let made = keys.rekey(now(), false).unwrap();
    assert_eq!(made.old_until, Some(now().after(WEEK)));
    let second = keys.issue(&user("k"), now());
    let header = jsonwebtoken::decode_header(&second).unwrap();
    assert_eq!((header.kid.as_deref(), jsonwebtoken::decode_header(&first).unwrap().kid), (Some(&*made.id), None));
    let last = now().after(WEEK).before(Duration::from_secs(1));
    for keys in [&keys, &opened(&folder)] {
        assert!(keys.verify(&first, &user("k"), last) && keys.verify(&second, &user("k"), last));
    }
    // A third one: the first still ends when it was to.
    let later = now().after(Duration::from_secs(3600));
    keys.rekey(later, false).unwrap();
    let unexpired = JwtKey::open(&folder.path().join("jwt.key"), 2 * WEEK).unwrap();
    assert!(unexpired.verify(&second, &user("k"), last) && unexpired.verify(&first, &user("k"), last));
    assert!(!keys.drop_ended(last).unwrap());
    assert!(keys.drop_ended(now().after(WEEK)).unwrap());
    assert!(!keys.verify(&first, &user("k"), last), "it is gone");
    let text = fs::read_to_string(folder.path().join("jwt.key")).unwrap();
    assert_eq!(text.lines().count(), 3, "a first line, the second and the third key");
    assert!(opened(&folder).verify(&second, &user("k"), last));
}

#[test]
fn old_keys_can_be_void_at_once_and_are_never_too_many() {
    let folder = tempfile::tempdir().unwrap();
    let keys = opened(&folder);
    let first = keys.issue(&user("k"), now());
    for _ in 0..15 {
        keys.rekey(now(), false).unwrap();
    }
    assert!(keys.verify(&first, &user("k"), now()));
    keys.rekey(now(), false).unwrap_err();
    assert!(keys.verify(&first, &user("k"), now()), "nothing is changed then");
    assert_eq!(keys.rekey(now(), true).unwrap().old_until, None);
    for keys in [&keys, &opened(&folder)] {
        assert!(!keys.verify(&first, &user("k"), now()));
        assert!(keys.verify(&keys.issue(&user("k"), now()), &user("k"), now()));
    }
}

#[test]
fn files_of_several_keys_are_read_as_they_are_written_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwt.key");
    let secret = "s".repeat(50);
    for rows in [
        String::new(),
        format!("a {secret} 7\n"),
        format!("a {secret} -\nb {secret} -\n"),
        format!("b {secret} 7\na {secret} -\n"),
        format!("a {secret}\n"),
        format!("a {secret} - more\n"),
        "a short -\n".to_owned(),
        format!("a {secret} soon\n"),
        (0..17).map(|number| format!("{number} {secret} {}\n", if number == 0 { "-" } else { "7" })).collect(),
    ] {
        let text = format!("generatio-keys-1\n{rows}");
        fs::write(&path, &text).unwrap();
        assert!(JwtKey::open(&path, WEEK).is_err(), "{rows}");
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
    }
    fs::write(&path, format!("generatio-keys-1\na {secret} -\n- {secret} 99999999999999\n")).unwrap();
    let plain = key("s").issue(&user("k"), now());
    assert!(opened(&folder).verify(&plain, &user("k"), now()), "the first key of all has no name");
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
