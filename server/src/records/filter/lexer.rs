//! A filter's text in words.

use super::FilterError;
use super::tree::symbol;
use crate::store::Op;
use std::str::Chars;

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    And,
    /// The name of a function and its opening parenthesis.
    Call(String),
    Close,
    Comma,
    Name(String),
    Number(String),
    Open,
    Operator {
        op: Op,
        any: bool,
    },
    Or,
    Text(String),
}

const OPERATORS: [Op; 8] =
    [Op::Equal, Op::NotEqual, Op::Greater, Op::GreaterOrEqual, Op::Less, Op::LessOrEqual, Op::Like, Op::NotLike];

/// All words of the text, each with where it begins. Blanks and comments between them are left out.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, FilterError> {
    // PocketBase ends there.
    if let Some(at) = text.find('\0') {
        return Err(FilterError::Malformed { at });
    }
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    lexer.skip_blanks();
    while let Some(first) = lexer.peek() {
        let at = lexer.at;
        tokens.push((at, lexer.token(first).ok_or(FilterError::Malformed { at })?));
        lexer.skip_blanks();
    }
    Ok(tokens)
}

struct Lexer<'a> {
    text: &'a str,
    /// Bytes read.
    at: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes what `belongs`, from the first on.
    fn run(&mut self, belongs: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let run = &rest[..rest.find(|letter| !belongs(letter)).unwrap_or(rest.len())];
        self.at += run.len();
        run
    }

    fn skip_blanks(&mut self) {
        self.run(|letter| matches!(letter, ' ' | '\t' | '\n'));
        while self.rest().starts_with("//") {
            self.run(|letter| letter != '\n');
            self.run(|letter| matches!(letter, ' ' | '\t' | '\n'));
        }
    }

    fn token(&mut self, first: char) -> Option<Token> {
        match first {
            '(' => self.single(Token::Open),
            ')' => self.single(Token::Close),
            ',' => self.single(Token::Comma),
            '\'' | '"' => self.quoted(first),
            '-' | '0'..='9' => self.number(),
            '&' | '|' => match self.run(|letter| matches!(letter, '&' | '|')) {
                "&&" => Some(Token::And),
                "||" => Some(Token::Or),
                _ => None,
            },
            letter if begins_name(letter) => self.name(),
            _ => operator(self.run(|letter| matches!(letter, '=' | '!' | '<' | '>' | '~' | '?'))),
        }
    }

    fn single(&mut self, token: Token) -> Option<Token> {
        self.at += 1;
        Some(token)
    }

    fn number(&mut self) -> Option<Token> {
        let start = self.at;
        self.at += usize::from(self.rest().starts_with('-'));
        let digits = self.run(|letter| letter.is_ascii_digit() || letter == '.');
        let parts: Vec<_> = digits.split('.').collect();
        let fits = parts.len() <= 2 && parts.iter().all(|part| !part.is_empty());
        fits.then(|| Token::Number(self.text[start..self.at].to_owned()))
    }

    fn name(&mut self) -> Option<Token> {
        let name = self.run(|letter| begins_name(letter) || letter.is_ascii_digit() || matches!(letter, '.' | ':'));
        if name.ends_with(['.', ':']) {
            return None;
        }
        let name = name.to_owned();
        if self.peek() == Some('(') {
            self.at += 1;
            return Some(Token::Call(name));
        }
        Some(Token::Name(name))
    }

    fn quoted(&mut self, quote: char) -> Option<Token> {
        let mut letters = self.rest().chars();
        letters.next();
        let mut text = String::new();
        loop {
            match letters.next()? {
                '\\' => unescape(&mut letters, &mut text),
                letter if letter == quote => break,
                letter => text.push(letter),
            }
        }
        self.at = self.text.len() - letters.as_str().len();
        Some(Token::Text(text))
    }
}

fn begins_name(letter: char) -> bool {
    letter.is_ascii_alphabetic() || matches!(letter, '_' | '@' | '#')
}

fn operator(text: &str) -> Option<Token> {
    let (any, bare) = text.strip_prefix('?').map_or((false, text), |bare| (true, bare));
    OPERATORS.into_iter().find(|op| symbol(*op) == bare).map(|op| Token::Operator { op, any })
}

/// What stands for itself after a backslash, or for a control character as JSON writes it: the SDK makes its filters by
/// `JSON.stringify`. Before anything else a backslash is a backslash.
fn unescape(letters: &mut Chars<'_>, text: &mut String) {
    let mut ahead = letters.clone();
    let meant = match ahead.next() {
        Some(letter @ ('\\' | '\'' | '"')) => Some(letter),
        Some('n') => Some('\n'),
        Some('t') => Some('\t'),
        Some('r') => Some('\r'),
        Some('b') => Some('\u{8}'),
        Some('f') => Some('\u{c}'),
        Some('u') => code_point(&mut ahead),
        _ => None,
    };
    match meant {
        Some(letter) => {
            text.push(letter);
            *letters = ahead;
        }
        None => text.push('\\'),
    }
}

/// The character of four hexadecimal digits; `None` for halves of a surrogate pair, which JSON writes as they are.
fn code_point(letters: &mut Chars<'_>) -> Option<char> {
    let digits = letters.as_str().get(..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    let letter = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    *letters = letters.as_str()[4..].chars();
    Some(letter)
}
