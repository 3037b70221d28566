//! What prints in messages in the place of the standard library, whose printing of floats and of quoted texts is a
//! twentieth of the module. The package's builder puts these there and takes the exports away.
#![expect(unsafe_code, reason = "names of exports")]

use std::fmt::{Display as _, Formatter, Result, Write as _};

/// For `<f64 as Display>`: what serde_json prints with is there anyway.
#[unsafe(export_name = "generatio_print_float")]
fn float(value: &f64, f: &mut Formatter<'_>) -> Result {
    match serde_json::Number::from_f64(*value) {
        Some(number) => number.fmt(f),
        None => f.write_str("no number"),
    }
}

/// For `<str as Debug>`, by which serde's messages quote.
#[unsafe(export_name = "generatio_print_quoted")]
fn quoted(text: &str, f: &mut Formatter<'_>) -> Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' | '\\' => f.write_char('\\').and_then(|()| f.write_char(c))?,
            '\n' => f.write_str("\\n")?,
            c if c.is_control() => write!(f, "\\u{{{:x}}}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
