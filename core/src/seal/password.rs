//! What a new password must be, whoever takes it: the client that derives an account secret from it, or the server.

use crate::ErrorCode;
use std::ops::RangeInclusive;

/// PocketBase's bounds, in characters (Unicode scalar values).
const LENGTH: RangeInclusive<usize> = 8..=71;

/// Widely used passwords that are long enough: ASCII, in lower case, sorted, one a line.
const COMMON: &str = include_str!("common_passwords.txt");

/// Checks a password that someone chooses: 8 to 71 characters, and not a widely used one in whatever case.
///
/// # Errors
/// [`PasswordProblem`], the length first.
pub fn check_password(password: &str) -> Result<(), PasswordProblem> {
    // One more than the longest is enough to tell.
    let length = password.chars().take(LENGTH.end() + 1).count();
    if length < *LENGTH.start() {
        Err(PasswordProblem::TooShort)
    } else if length > *LENGTH.end() {
        Err(PasswordProblem::TooLong)
    } else if COMMON.lines().any(|common| common.eq_ignore_ascii_case(password)) {
        Err(PasswordProblem::Common)
    } else {
        Ok(())
    }
}

/// What is wrong with a chosen password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordProblem {
    /// It is among the first that are guessed.
    #[error("the password is too commonly used")]
    Common,
    /// More than 71 characters.
    #[error("the password is longer than {} characters", LENGTH.end())]
    TooLong,
    /// Fewer than 8 characters.
    #[error("the password is shorter than {} characters", LENGTH.start())]
    TooShort,
}

impl PasswordProblem {
    /// The code for programs.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Common => ErrorCode::PasswordCommon,
            Self::TooLong => ErrorCode::PasswordTooLong,
            Self::TooShort => ErrorCode::PasswordTooShort,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{COMMON, LENGTH, PasswordProblem, check_password};

    #[test]
    fn length_is_counted_in_characters() {
        let cases = [
            (String::new(), Err(PasswordProblem::TooShort)),
            ("q7!zWm4".to_owned(), Err(PasswordProblem::TooShort)),
            ("q7!zWm4k".to_owned(), Ok(())),
            ("é".repeat(7), Err(PasswordProblem::TooShort)),
            ("é".repeat(8), Ok(())),
            ("🔑".repeat(71), Ok(())),
            ("🔑".repeat(72), Err(PasswordProblem::TooLong)),
        ];
        for (password, expected) in cases {
            assert_eq!(check_password(&password), expected, "{password}");
        }
    }

    #[test]
    fn common_ones_are_refused_in_any_case_and_only_whole() {
        for password in ["password", "PassWord", "12345678", "qwertyuiop", "QWERTYUIOP", "iloveyou"] {
            assert_eq!(check_password(password), Err(PasswordProblem::Common), "{password}");
        }
        for password in ["password of mine", "xpassword", "testpassword123", "encryption-password", "user-password"] {
            assert_eq!(check_password(password), Ok(()), "{password}");
        }
    }

    #[test]
    fn the_list_is_sorted_in_lower_case_and_long_enough_to_matter() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.len() >= 300, "{}", lines.len());
        assert!(lines.windows(2).all(|pair| pair[0] < pair[1]));
        for line in lines {
            assert!(line.is_ascii() && !line.bytes().any(|byte| byte.is_ascii_uppercase()), "{line}");
            assert!(LENGTH.contains(&line.chars().count()), "{line}");
        }
    }
}
