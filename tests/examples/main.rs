//! The programs of `examples/`, built as their README says and run against the stand-in for FAL: each tells the same
//! story, and a key sealed by any of them opens in every other.

mod face;
mod run;
mod toolchain;

use face::Face;
use generatio_core::cost::{Units, Usd};
use generatio_core::seal::SealedToken;
use run::{Stage, seen};

/// Tests of one example; the module's name is its folder's.
macro_rules! stories {
    ($($name:ident: $face:expr;)*) => {
        const FACES: &[Face] = &[$($face),*];
        $(mod $name {
            use super::{Face, a_bad_key_is_told, a_wrong_password_is_told, story};

            #[tokio::test]
            async fn tells_the_story() {
                story($face).await;
            }

            #[tokio::test]
            async fn says_what_went_wrong() {
                let face: Face = $face;
                a_wrong_password_is_told(face).await;
                a_bad_key_is_told(face).await;
            }
        })*
    };
}

stories! {
    python: Face::Python;
    c_curl: Face::CCurl;
    c_poll: Face::CPoll;
    cpp: Face::Cpp;
    go: Face::Go;
    java: Face::Java;
    rust: Face::Rust;
    node: Face::Node;
}

/// Price, progress, picture and cost; and nothing printed that must not be.
async fn story(face: Face) {
    let stage = Stage::start(face).await;
    let ran = stage.run(face, Some(run::KEY)).await;
    assert!(ran.well, "{face:?} failed\n{}", ran.printed);
    let [bill] = &stage.book().billed[..] else { panic!("{:?}", stage.book()) };
    let cost = Units::parse(&bill.units).and_then(|units| units.times(Usd::parse("0.003")?)).expect("an amount");
    let cost_line = format!("cost: ${cost}");
    // Which states are seen on the way depends on who is faster; the end and the log lines are told to everyone.
    for line in ["price: $0.006", "completed", "  prompt: a lighthouse in the fog", &cost_line] {
        assert!(ran.printed.lines().any(|printed| printed == line), "{face:?} prints no {line:?}\n{}", ran.printed);
    }
    assert_eq!(seen(&stage.picture()), Some((1280, 1024)), "{face:?}");
    assert_eq!(stage.book().keys_sent_to_cdn, 0, "{face:?} sends the key where the pictures are");
    ran.holds_no_secret();
    let sealed = std::fs::read_to_string(stage.sealed()).expect("the sealed key");
    assert!(SealedToken::parse(sealed.trim_end()).is_ok(), "{sealed}");
}

async fn a_wrong_password_is_told(face: Face) {
    let stage = Stage::start(face).await;
    std::fs::write(stage.sealed(), run::sealed("another password")).expect("it is written");
    let ran = stage.run(face, None).await;
    assert!(!ran.well && ran.printed.contains("wrong_password"), "{face:?}\n{}", ran.printed);
    assert_eq!(stage.book().submissions, 0);
}

async fn a_bad_key_is_told(face: Face) {
    let stage = Stage::start(face).await;
    let ran = stage.run(face, Some("bad-story:not-the-stand-in's")).await;
    assert!(!ran.well && ran.printed.contains("fal_key_refused"), "{face:?}\n{}", ran.printed);
    assert!(stage.book().billed.is_empty() && !stage.picture_path().exists());
    assert!(!ran.printed.contains("not-the-stand-in's"), "{}", ran.printed);
}

/// The full matrix: who sealed it, and who opens it without having been told the key.
#[tokio::test]
async fn what_one_sealed_every_other_opens() {
    for &maker in FACES {
        let made = Stage::start(maker).await;
        let ran = made.run(maker, Some(run::KEY)).await;
        assert!(ran.well, "{maker:?} failed\n{}", ran.printed);
        for &opener in FACES {
            let stage = Stage::start(opener).await;
            std::fs::copy(made.sealed(), stage.sealed()).unwrap();
            let ran = stage.run(opener, None).await;
            assert!(ran.well, "{opener:?} does not open what {maker:?} sealed\n{}", ran.printed);
            assert_eq!(stage.book().billed.len(), 1);
        }
    }
}
