//! Random text of letters and digits, for keys that stand in files and rows.

use generatio_core::SecretText;
use rand_core::TryCryptoRng;

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// `length` characters of `a-zA-Z0-9`, without bias; 50 of them are worth 297 bits.
///
/// # Errors
/// Whatever the source of randomness fails with.
pub fn alphanumeric<R: TryCryptoRng + ?Sized>(rng: &mut R, length: usize) -> Result<SecretText, R::Error> {
    let mut text = String::with_capacity(length);
    let mut bytes = zeroize::Zeroizing::new([0; 64]);
    while text.len() < length {
        rng.try_fill_bytes(bytes.as_mut_slice())?;
        // 248 is the largest multiple of 62 in a byte: what lies above it would favour the first letters.
        let fair = bytes.iter().filter(|byte| **byte < 248).map(|byte| char::from(ALPHABET[usize::from(byte % 62)]));
        text.extend(fair.take(length - text.len()));
    }
    Ok(SecretText::new(text))
}

#[cfg(test)]
mod tests {
    use super::{ALPHABET, alphanumeric};
    use getrandom::SysRng;

    #[test]
    fn texts_have_their_length_and_use_the_whole_alphabet() {
        let text = alphanumeric(&mut SysRng, 5000).unwrap();
        assert_eq!(text.expose().len(), 5000);
        assert!(ALPHABET.iter().all(|letter| text.expose().as_bytes().contains(letter)), "a letter never comes up");
        assert!(text.expose().bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
