//! Random text without bias, for ids and keys.

use generatio_core::SecretText;
use rand_core::{TryCryptoRng, TryRng};
use zeroize::Zeroizing;

const ALPHANUMERIC: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// `length` characters of `a-zA-Z0-9`; 50 of them are worth 297 bits.
///
/// # Errors
/// Whatever the source of randomness fails with.
pub(crate) fn alphanumeric<R: TryCryptoRng + ?Sized>(rng: &mut R, length: usize) -> Result<SecretText, R::Error> {
    text(rng, ALPHANUMERIC, length)
}

/// `length` characters of `alphabet`, which is ASCII and not empty.
///
/// # Errors
/// Whatever the source of randomness fails with.
pub(crate) fn text<R: TryRng + ?Sized, const N: usize>(
    rng: &mut R,
    alphabet: &[u8; N],
    length: usize,
) -> Result<SecretText, R::Error> {
    const { assert!(0 < N && N <= 256) };
    // Bytes above the largest multiple of the alphabet's length would favour its first letters.
    let fair = 256 - 256 % N;
    let mut text = String::with_capacity(length);
    let mut bytes = Zeroizing::new([0; 64]);
    while text.len() < length {
        rng.try_fill_bytes(bytes.as_mut_slice())?;
        let drawn = bytes.iter().map(|byte| usize::from(*byte)).filter(|drawn| *drawn < fair);
        text.extend(drawn.map(|drawn| char::from(alphabet[drawn % N])).take(length - text.len()));
    }
    Ok(SecretText::new(text))
}

#[cfg(test)]
mod tests {
    use super::{ALPHANUMERIC, alphanumeric, text};
    use getrandom::SysRng;
    use rand_core::TryRng;
    use std::convert::Infallible;

    #[test]
    fn texts_have_their_length_and_use_the_whole_alphabet() {
        let text = alphanumeric(&mut SysRng, 5000).unwrap();
        assert_eq!(text.expose().len(), 5000);
        assert!(ALPHANUMERIC.iter().all(|letter| text.expose().as_bytes().contains(letter)), "a letter never comes up");
        assert!(text.expose().bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }

    /// Counts up from zero, over and over.
    struct Counting(u8);

    impl TryRng for Counting {
        type Error = Infallible;

        fn try_next_u32(&mut self) -> Result<u32, Infallible> {
            unreachable!("only bytes are drawn")
        }

        fn try_next_u64(&mut self) -> Result<u64, Infallible> {
            unreachable!("only bytes are drawn")
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
            for byte in bytes {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
            Ok(())
        }
    }

    #[test]
    fn no_letter_is_favoured() {
        let drawn = text(&mut Counting(0), b"abcdefg", 252).unwrap();
        for letter in "abcdefg".chars() {
            assert_eq!(drawn.expose().chars().filter(|drawn| *drawn == letter).count(), 36, "{letter}");
        }
    }
}
