//! What works in the place of library code that is large: printing and reading of floats, printing of quoted texts,
//! counting of characters, and serde_json's errors. Together they would be a fifteenth of the module.
//!
//! The package's builder (`xtask/wasm/src/panics.rs`) puts these there, by the names and signatures that stand beside each,
//! and takes the exports away. It warns when a library no longer has such a function; what each does is held by the
//! package's tests, which an update of serde_json or of the compiler has to pass.
#![expect(unsafe_code, reason = "names of exports")]

use std::fmt::{Display as _, Formatter, Result, Write as _};
use std::io;
use wasm_bindgen::prelude::*;

/// The longest float in JSON: sign, seventeen digits, point and exponent.
const LONGEST: usize = 24;

#[wasm_bindgen(raw_module = "./host.js")]
extern "C" {
    /// Prints as serde_json does; the number of bytes.
    #[wasm_bindgen(js_name = printFloat)]
    fn print_float(value: f64, into: &mut [u8]) -> usize;

    /// 10 to the power of `exponent`, rightly rounded; infinite from 309.
    #[wasm_bindgen(js_name = tenTo)]
    fn ten_to(exponent: u32) -> f64;
}

/// For zmij's `write_to_zmij_buffer`, by which serde_json prints: gives the end of what it wrote.
#[unsafe(export_name = "generatio_write_float")]
fn write(value: f64, buffer: &mut [u8; LONGEST]) -> *mut u8 {
    let length = print_float(value, buffer);
    buffer.as_mut_ptr().wrapping_add(length)
}

/// For `<f64 as Display>`: what serde_json prints with is there anyway.
#[unsafe(export_name = "generatio_print_float")]
fn print(value: &f64, f: &mut Formatter<'_>) -> Result {
    match serde_json::Number::from_f64(*value) {
        Some(number) => number.fmt(f),
        None => f.write_str("no number"),
    }
}

/// For serde_json's `f64_from_parts`, by the same steps: what it has a table of the powers of ten for, of 2 kB that
/// nothing compresses.
#[unsafe(export_name = "generatio_read_float")]
#[expect(clippy::cast_precision_loss, reason = "as serde_json does it")]
fn read(_reader: &(), positive: bool, significand: u64, exponent: i32) -> serde_json::Result<f64> {
    const LAST: u32 = 308;
    let (mut float, mut digits) = (significand as f64, exponent.unsigned_abs());
    while exponent < 0 && digits > LAST && float != 0.0 {
        float /= ten_to(LAST);
        digits -= LAST;
    }
    if float != 0.0 {
        float = if exponent < 0 { float / ten_to(digits) } else { float * ten_to(digits) };
    }
    if float.is_infinite() {
        return Err(error("number out of range".to_owned()));
    }
    Ok(if positive { float } else { -float })
}

/// For `core::str::count::do_count_chars`, which counts eight bytes at a time.
#[unsafe(export_name = "generatio_count_chars")]
fn count(text: &str) -> usize {
    let begins = |byte: &u8| byte & 0xc0 != 0x80;
    text.as_bytes().iter().filter(|byte| begins(byte)).count()
}

/// For serde_json's `make_error`, which searches each message for a line and a column, with a search for long texts. The
/// only public error that keeps a message is one of input and output.
#[unsafe(export_name = "generatio_make_error")]
fn error(message: String) -> serde_json::Error {
    serde_json::Error::io(io::Error::other(message))
}

/// For `<io::Error as Display>`: there are no others than those above, so what the system calls its errors is left out.
#[unsafe(export_name = "generatio_print_io_error")]
fn print_io_error(error: &io::Error, f: &mut Formatter<'_>) -> Result {
    match error.get_ref() {
        Some(inner) => write!(f, "{inner}"),
        None => f.write_str("no input or output"),
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
