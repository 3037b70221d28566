//! What test programs say about themselves, added up.

use crate::Outcome;
use std::fmt;
use std::ops::AddAssign;

/// How many tests did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
}

impl Summary {
    /// Reads libtest's closing line, `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
    pub(crate) fn in_line(line: &str) -> Option<Self> {
        let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
        let count = |what: &str| {
            let number = counts.split("; ").find_map(|part| part.strip_suffix(what))?;
            number.trim().parse().ok()
        };
        Some(Self { passed: count("passed")?, failed: count("failed")?, ignored: count("ignored")? })
    }

    /// The suite's note in the table, or why it failed. It has to have at least `least` tests.
    pub(crate) fn verdict(self, ended_well: bool, least: u64) -> Outcome<String> {
        match self {
            Self { failed: 1.., .. } => Err(self.to_string().into()),
            _ if !ended_well => Err(format!("{self}, but a test program broke off").into()),
            _ if self.passed < least => Err(format!("{self}, but there should be at least {least}").into()),
            Self { ignored: 0, .. } => Ok(self.to_string()),
            _ => Ok(format!("{self}, {} ignored", self.ignored)),
        }
    }
}

impl AddAssign for Summary {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.52s";
    const BAD: &str =
        "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.00s";

    #[test]
    fn closing_lines_are_read_and_others_are_not() {
        assert_eq!(Summary::in_line(GOOD), Some(Summary { passed: 12, failed: 0, ignored: 1 }));
        assert_eq!(Summary::in_line(BAD), Some(Summary { passed: 4, failed: 2, ignored: 0 }));
        for other in ["test seal::opens ... ok", "running 3 tests", "", "test result: ok. many passed; 0 failed"] {
            assert_eq!(Summary::in_line(other), None, "{other}");
        }
    }

    #[test]
    fn sums_are_printed_in_one_line() {
        let mut sum = Summary::default();
        for line in [GOOD, BAD] {
            sum += Summary::in_line(line).unwrap();
        }
        assert_eq!(sum.to_string(), "16 passed, 2 failed");
    }

    #[test]
    fn a_suite_fails_by_a_test_by_breaking_off_or_by_being_gone() {
        let verdict = |line, well, least| {
            let summary = Summary::in_line(line).unwrap_or_default();
            summary.verdict(well, least).unwrap_or_else(|error| format!("FAILED: {error}"))
        };
        assert_eq!(verdict(GOOD, true, 1), "12 passed, 0 failed, 1 ignored");
        assert_eq!(verdict("", true, 0), "0 passed, 0 failed");
        assert_eq!(verdict("", true, 1), "FAILED: 0 passed, 0 failed, but there should be at least 1");
        assert_eq!(verdict(GOOD, false, 1), "FAILED: 12 passed, 0 failed, but a test program broke off");
        assert_eq!(verdict(BAD, false, 1), "FAILED: 4 passed, 2 failed");
    }
}
