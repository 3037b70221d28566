//! Every vector through C.

use crate::installed::built;
use generatio_testkit::vectors::{Expected, Reason, seal_vectors};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// A text in hexadecimal; "-" is the empty one.
fn hex(text: &str) -> String {
    if text.is_empty() { "-".to_owned() } else { plain_hex(text.as_bytes()) }
}

fn plain_hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// What the program prints for these lines.
fn answers(program: &Path, lines: &[String]) -> Vec<String> {
    let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = lines.join("\n") + "\n";
    let feeding = std::thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    assert!(output.status.success(), "{}", output.status);
    let answers: Vec<String> = String::from_utf8(output.stdout).unwrap().lines().map(ToOwned::to_owned).collect();
    assert_eq!(answers.len(), lines.len());
    answers
}

fn opened(text: &str) -> String {
    format!("0 {}", plain_hex(text.as_bytes()))
}

#[test]
fn sealed_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let program = built(folder.path(), "vectors.c", &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
    let vectors = seal_vectors().sealed_tokens;
    assert_eq!(vectors.len(), 88);
    let line = |(sealed, password, context): (&str, &str, &str)| {
        format!("open {} {} {}", hex(sealed), hex(password), hex(context))
    };
    let lines: Vec<_> = vectors.iter().map(|v| line((&v.sealed, &v.password, &v.context))).collect();
    for (vector, answer) in vectors.iter().zip(answers(&program, &lines)) {
        let number: u32 = answer.split(' ').next().unwrap().parse().unwrap();
        let as_expected = match &vector.expected {
            Expected::Valid { token } => answer == opened(token),
            Expected::Invalid { reason } => match reason {
                Reason::Format => [200, 201].contains(&number),
                Reason::EmptyPassword => number == 202,
                Reason::WrongPassword => number == 204,
                Reason::Corrupt => number == 205,
            },
        };
        assert!(as_expected, "case {}: {answer}", vector.id);
    }
}

#[test]
fn account_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let program = built(folder.path(), "vectors.c", &[]);
    let vectors = seal_vectors().account_secrets;
    assert_eq!(vectors.len(), 7);
    let lines: Vec<_> =
        vectors.iter().map(|v| format!("account {} {} {}", hex(&v.email), hex(&v.password), hex(&v.realm))).collect();
    for (vector, answer) in vectors.iter().zip(answers(&program, &lines)) {
        assert_eq!(answer, opened(&vector.account_secret), "case {}", vector.id);
    }
}

#[test]
fn sessions() {
    let folder = tempfile::tempdir().unwrap();
    let program = built(folder.path(), "vectors.c", &[]);
    let vectors = seal_vectors().sessions;
    assert_eq!(vectors.len(), 3);
    let mut lines = Vec::new();
    for v in &vectors {
        let expiry = v.expires_unix_s.to_string();
        let fields = [&v.session_id, &v.kind, &v.user_id, &expiry, &v.box_text].map(|field| hex(field));
        lines.push(format!("session {}", fields.join(" ")));
        lines.push(format!("index {}", hex(&v.session_id)));
    }
    for (vector, answer) in vectors.iter().zip(answers(&program, &lines).chunks(2)) {
        assert_eq!(answer, [opened(&vector.token), format!("0 {}", vector.index)], "case {}", vector.id);
    }
}

#[test]
fn what_c_seals_core_opens_and_the_other_way_round() {
    use generatio_core::seal::{SealedToken, open};
    use generatio_core::{Password, SecretText};
    let folder = tempfile::tempdir().unwrap();
    let program = built(folder.path(), "vectors.c", &[]);
    let (token, password, context) = ("fal\0token-ü", "correct horse", "u1");
    let fields = [token, password, context].map(hex).join(" ");
    let answer = answers(&program, &[format!("seal {fields}")]).remove(0);
    let sealed = answer.strip_prefix("0 ").unwrap();
    let digits = sealed.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap());
    let sealed: Vec<u8> = digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect();
    let sealed = SealedToken::parse(std::str::from_utf8(&sealed).unwrap()).unwrap();
    assert_eq!(open(&sealed, &Password::new(password.to_owned()), context).unwrap().expose(), token);

    let mut rng = generatio_testkit::rng::SeededRng::new(1);
    let (secret, password_of) = (SecretText::new(token.to_owned()), Password::new(password.to_owned()));
    let made = generatio_core::seal::seal_v1(&secret, &password_of, &mut rng).unwrap();
    let line = format!("open {} {} -", hex(made.as_str()), hex(password));
    assert_eq!(answers(&program, &[line])[0], opened(token));
}
