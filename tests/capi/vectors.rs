//! Every vector through C, and through Python's ctypes.

use crate::installed::{built, prefix, workspace};
use generatio_core::seal::{SealedToken, open, seal_v1};
use generatio_core::{Password, SecretText};
use generatio_testkit::vectors::{Expected, Reason, SessionVector, seal_vectors};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A program that answers calls in lines, of one language.
struct Program {
    command: Command,
    /// Where it lies.
    _folder: Option<TempDir>,
}

impl Program {
    fn c() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let program = built(folder.path(), "vectors.c", &["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
        Self { command: Command::new(program), _folder: Some(folder) }
    }

    /// The module of the example is the binding.
    fn python() -> Self {
        let mut command = Command::new("python3");
        command.arg(workspace().join("tests/capi/python/vectors.py"));
        command.env("PYTHONPATH", workspace().join("examples/python")).env("PYTHONDONTWRITEBYTECODE", "1");
        command.env("GENERATIO_LIBRARY", prefix().join("lib/libgeneratio.so.1"));
        Self { command, _folder: None }
    }

    /// What it prints for these lines.
    fn answers(mut self, lines: &[String]) -> Vec<String> {
        let mut child = self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
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
}

/// The same tests for each language.
macro_rules! through {
    ($($language:ident)*) => {
        $(mod $language {
            use super::Program;

            #[test]
            fn sealed_tokens() {
                super::sealed_tokens(Program::$language());
            }

            #[test]
            fn account_secrets() {
                super::account_secrets(Program::$language());
            }

            #[test]
            fn sessions() {
                super::sessions(Program::$language());
            }

            #[test]
            fn what_it_seals_core_opens_and_the_other_way_round() {
                super::sealed_here_and_there(Program::$language);
            }
        })*
    };
}

through! { c python }

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

/// The text that an answer of "0 HEX" brings.
fn brought(answer: &str) -> String {
    let digits = answer.strip_prefix("0 ").unwrap().as_bytes().chunks(2);
    let digits = digits.map(|pair| std::str::from_utf8(pair).unwrap());
    String::from_utf8(digits.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()).unwrap()
}

fn opened(text: &str) -> String {
    format!("0 {}", plain_hex(text.as_bytes()))
}

fn call(name: &str, fields: &[&str]) -> String {
    let fields: Vec<_> = fields.iter().map(|field| hex(field)).collect();
    format!("{name} {}", fields.join(" "))
}

fn sealed_tokens(program: Program) {
    let vectors = seal_vectors().sealed_tokens;
    assert_eq!(vectors.len(), 88);
    let lines: Vec<_> = vectors.iter().map(|v| call("open", &[&v.sealed, &v.password, &v.context])).collect();
    for (vector, answer) in vectors.iter().zip(program.answers(&lines)) {
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

fn account_secrets(program: Program) {
    let vectors = seal_vectors().account_secrets;
    assert_eq!(vectors.len(), 7);
    let lines: Vec<_> = vectors.iter().map(|v| call("account", &[&v.email, &v.password, &v.realm])).collect();
    for (vector, answer) in vectors.iter().zip(program.answers(&lines)) {
        assert_eq!(answer, opened(&vector.account_secret), "case {}", vector.id);
    }
}

/// Opens or seals by the claims of a vector.
fn session(name: &str, v: &SessionVector, last: &str) -> String {
    call(name, &[&v.session_id, &v.kind, &v.user_id, &v.expires_unix_s.to_string(), last])
}

fn sessions(program: Program) {
    let vectors = seal_vectors().sessions;
    assert_eq!(vectors.len(), 3);
    let lines: Vec<_> =
        vectors.iter().flat_map(|v| [session("session", v, &v.box_text), call("index", &[&v.session_id])]).collect();
    for (vector, answer) in vectors.iter().zip(program.answers(&lines).chunks(2)) {
        assert_eq!(answer, [opened(&vector.token), format!("0 {}", vector.index)], "case {}", vector.id);
    }
}

fn sealed_here_and_there(program: fn() -> Program) {
    let (token, password, context) = ("fal\0token-ü", "correct horse", "u1");
    let vector = &seal_vectors().sessions[0];
    let made = program().answers(&[call("seal", &[token, password, context]), session("box", vector, token)]);
    let sealed = SealedToken::parse(&brought(&made[0])).unwrap();
    assert_eq!(open(&sealed, &Password::new(password.to_owned()), context).unwrap().expose(), token);

    let mut rng = generatio_testkit::rng::SeededRng::new(1);
    let (secret, password_of) = (SecretText::new(token.to_owned()), Password::new(password.to_owned()));
    let v1 = seal_v1(&secret, &password_of, &mut rng).unwrap();
    let another = SessionVector { user_id: "another".into(), ..seal_vectors().sessions.remove(0) };
    let boxed = brought(&made[1]);
    let lines = [
        call("open", &[v1.as_str(), password, ""]),
        session("session", vector, &boxed),
        session("session", &another, &boxed),
    ];
    assert_eq!(program().answers(&lines), [opened(token), opened(token), "301 ".to_owned()]);
}
