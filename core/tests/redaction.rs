//! Every type that holds a secret shows nothing of it, and lacks the traits by which it could get about.

use generatio_core::session::{Claims, Kind, SessionId, seal_session};
use generatio_core::{FalKey, Password, SecretText};
use generatio_testkit::rng::SeededRng;
use serde::{Deserialize, Serialize};
use std::fmt::{Debug, Display};
use std::marker::PhantomData;
use zeroize::ZeroizeOnDrop;

const SECRET: &str = "xyzzy-7f3a9c";

fn secret() -> SecretText {
    SecretText::new(SECRET.to_owned())
}

#[test]
fn debug_prints_the_type_and_nothing_else() {
    let id = SessionId::parse("fa578881-2a07-4540-af38-9022e81c2fc4").unwrap();
    let cases: [(&dyn Debug, &str); 4] = [
        (&secret(), "SecretText { .. }"),
        (&Password::new(SECRET.to_owned()), "Password { .. }"),
        (&FalKey::parse(secret()).unwrap(), "FalKey { .. }"),
        (&id, "SessionId { .. }"),
    ];
    for (value, expected) in cases {
        assert_eq!(format!("{value:?}"), expected);
        assert!(!format!("{value:#?}").contains("xyzzy"));
    }
}

#[test]
fn what_is_sealed_is_not_printed_either() {
    let mut rng = SeededRng::new(1);
    let id = SessionId::generate(&mut rng).unwrap();
    let claims = Claims { kind: Kind::Session, user_id: "ann".to_owned(), expires_unix_s: 1 };
    let sealed = seal_session(&id, claims, &secret(), &mut rng).unwrap();
    let printed = format!("{sealed:?}");
    assert!(printed.contains("ann") && !printed.contains(&sealed.box_text()), "{printed}");
}

#[test]
fn errors_about_secrets_do_not_quote_them() {
    let not_ascii = SecretText::new(format!("{SECRET} é"));
    let error = FalKey::parse(not_ascii).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("xyzzy"));
    let error = SessionId::parse(SECRET).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("xyzzy"));
}

/// Tells whether `T` has a trait: where it has, the inherent constant shadows the one of [`Absent`].
struct Probe<T>(PhantomData<T>);

trait Absent {
    const CLONE: bool = false;
    const DESERIALIZE: bool = false;
    const DISPLAY: bool = false;
    const EQ: bool = false;
    const SERIALIZE: bool = false;
    const WIPED: bool = false;
}

impl<T> Absent for Probe<T> {}

impl<T: Clone> Probe<T> {
    const CLONE: bool = true;
}
impl<'de, T: Deserialize<'de>> Probe<T> {
    const DESERIALIZE: bool = true;
}
impl<T: Display> Probe<T> {
    const DISPLAY: bool = true;
}
impl<T: PartialEq> Probe<T> {
    const EQ: bool = true;
}
impl<T: Serialize> Probe<T> {
    const SERIALIZE: bool = true;
}
impl<T: ZeroizeOnDrop> Probe<T> {
    const WIPED: bool = true;
}

/// Which of Clone, Deserialize, Display, PartialEq and Serialize a type has, and whether it says that it is wiped.
macro_rules! traits {
    ($type:ty) => {{
        type Probed = Probe<$type>;
        let spreading = [Probed::CLONE, Probed::DESERIALIZE, Probed::DISPLAY, Probed::EQ, Probed::SERIALIZE];
        (spreading, Probed::WIPED)
    }};
}

#[test]
fn secrets_are_wiped_and_cannot_be_cloned_compared_printed_or_serialised() {
    assert_eq!(traits!(String), ([true; 5], false), "the probe sees nothing");
    let secrets = [traits!(SecretText), traits!(Password), traits!(FalKey), traits!(SessionId)];
    for (number, found) in secrets.into_iter().enumerate() {
        assert_eq!(found, ([false; 5], true), "secret type {number}");
    }
}
