//! PBKDF2-HMAC-SHA256 (RFC 8018 §5.2), with a loop of our own over RustCrypto's SHA-256 block function.
//!
//! In the loop every hash is of one block whose shape never changes, and begins in one of two known states: nothing is
//! buffered, padded or cloned. Wycheproof's vectors hold it, and a property against the `pbkdf2` crate.

use super::key::Key;
use sha2::block_api::compress256;
use zeroize::Zeroizing;

const BLOCK_BYTES: usize = 64;

/// HMAC's two pads (RFC 2104 §2).
const INNER_PAD: u8 = 0x36;
const OUTER_PAD: u8 = 0x5c;

/// Where SHA-256 begins (FIPS 180-4 §5.3.3).
const INITIAL_STATE: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Bits hashed in each step: the pad's block and a digest.
const MESSAGE_BITS: u16 = 8 * (64 + 32);

type Block = Zeroizing<[u8; BLOCK_BYTES]>;
type State = Zeroizing<[u32; 8]>;

/// The 32 bytes at `index`, counted from 1, of the derived key: `F(P, S, c, i)` of the RFC.
///
/// Takes any count, so only [`super::kdf`] may call it; at least one iteration is done.
pub(super) fn block(password: &[u8], salt: &[u8], iterations: u32, index: u32) -> Key {
    let mut pad = padded_key(password);
    xor_all(&mut pad, INNER_PAD);
    let inner = state_after(&pad);
    let digest = Key::digest(&[&pad[..], salt, &index.to_be_bytes()]);
    xor_all(&mut pad, INNER_PAD ^ OUTER_PAD);
    let outer = state_after(&pad);
    let first = Key::digest(&[&pad[..], digest.as_bytes()]);
    Key::fill(|sum| {
        *sum = *first.as_bytes();
        iterate(sum, &inner, &outer, iterations);
    })
}

/// Iterations in a row.
///
/// Engines of WebAssembly do not replace a function by its optimised code while it runs. A derivation runs for long, so
/// it calls, again and again, something that they can replace.
const ROW: u32 = 64;

/// Adds to `sum`, which holds the first iteration, all the others.
fn iterate(sum: &mut [u8; Key::BYTES], inner: &State, outer: &State, iterations: u32) {
    let mut message = message(sum);
    let mut left = iterations.saturating_sub(1);
    while left > 0 {
        let row = left.min(ROW);
        iterate_row(sum, &mut message, inner, outer, row);
        left -= row;
    }
}

/// Out of line everywhere: where the two states are seen to be made, compilers copy them word by word, and processors
/// read what was just written in pieces only when it has reached their cache, tens of cycles later.
#[inline(never)]
fn iterate_row(sum: &mut [u8; Key::BYTES], message: &mut Block, inner: &State, outer: &State, row: u32) {
    let mut state = State::new(INITIAL_STATE);
    for _ in 0..row {
        hash(&mut state, inner, message);
        hash(&mut state, outer, message);
        // Halves, and below words, one by one: where code is to be small, loops over them stay loops.
        let (sums, _) = sum.as_chunks_mut::<16>();
        let (added, _) = message.as_chunks::<16>();
        sums[0] = xor(sums[0], added[0]);
        sums[1] = xor(sums[1], added[1]);
    }
}

#[inline(always)]
fn xor(left: [u8; 16], right: [u8; 16]) -> [u8; 16] {
    (u128::from_ne_bytes(left) ^ u128::from_ne_bytes(right)).to_ne_bytes()
}

/// Hashes `message` beginning at `start`; the digest becomes the next message.
#[inline(always)]
fn hash(state: &mut State, start: &State, message: &mut Block) {
    **state = **start;
    compress(state, message);
    put(state, message);
}

/// The digest, big-endian (FIPS 180-4 §3.1).
#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
fn put(state: &State, message: &mut Block) {
    let [a, b, c, d, e, f, g, h] = **state;
    let (words, _) = message.as_chunks_mut();
    words[0] = a.to_be_bytes();
    words[1] = b.to_be_bytes();
    words[2] = c.to_be_bytes();
    words[3] = d.to_be_bytes();
    words[4] = e.to_be_bytes();
    words[5] = f.to_be_bytes();
    words[6] = g.to_be_bytes();
    words[7] = h.to_be_bytes();
}

/// The digest, big-endian (FIPS 180-4 §3.1), in halves: WebAssembly has no instruction that turns a word about, and what
/// is written in words is read back in vectors, which processors do only when it has reached their cache.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn put(state: &State, message: &mut Block) {
    use core::arch::wasm32::{i8x16_shuffle, v128};

    let (bytes, _) = message.as_chunks_mut::<16>();
    let (words, _) = state.as_chunks::<4>();
    let turned = |words: [u32; 4]| {
        let half: v128 = bytemuck::cast(words);
        bytemuck::cast(i8x16_shuffle::<3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12>(half, half))
    };
    bytes[0] = turned(words[0]);
    bytes[1] = turned(words[1]);
}

/// SHA-256's block function; out of line in WebAssembly for the same reason.
#[cfg_attr(target_arch = "wasm32", inline(never))]
fn compress(state: &mut State, block: &Block) {
    compress256(state, std::slice::from_ref(block));
}

fn state_after(pad: &Block) -> State {
    let mut state = State::new(INITIAL_STATE);
    compress(&mut state, pad);
    state
}

/// The last block of a hash that began with a pad: the digest, then SHA-256's padding (FIPS 180-4 §5.1.1).
fn message(digest: &[u8; Key::BYTES]) -> Block {
    let mut message = Block::new([0; BLOCK_BYTES]);
    message[..Key::BYTES].copy_from_slice(digest);
    message[Key::BYTES] = 0x80;
    message[BLOCK_BYTES - 2..].copy_from_slice(&MESSAGE_BITS.to_be_bytes());
    message
}

/// HMAC's key at the length of a block: longer ones are hashed, shorter ones end in zeros.
fn padded_key(password: &[u8]) -> Block {
    let mut key = Block::new([0; BLOCK_BYTES]);
    if password.len() > BLOCK_BYTES {
        key[..Key::BYTES].copy_from_slice(Key::digest(&[password]).as_bytes());
    } else {
        key[..password.len()].copy_from_slice(password);
    }
    key
}

fn xor_all(block: &mut Block, with: u8) {
    for byte in block.iter_mut() {
        *byte ^= with;
    }
}

#[cfg(test)]
mod tests {
    use super::block;
    use pbkdf2::pbkdf2_hmac;
    use proptest::prelude::*;
    use sha2::Sha256;

    /// Lengths around those where HMAC treats its key differently.
    const PASSWORD_LENGTHS: [usize; 6] = [0, 1, 63, 64, 65, 200];

    #[test]
    fn the_original_servers_keys_come_out() {
        let salt: Vec<u8> = (0..32).collect();
        let cases = [
            (100_000, "testpassword123", "7b1628d3c442e0dfc18641bafdf1a77f13c07a90048b645317654176a032ffdf"),
            (1_000, "testpassword123", "797a451044f23fd603b4a73cd0e4b9704347450b71280e7ff6b5ffa304f193d8"),
            (100_000, "pässwörd 🔑", "1997c541856035c3f6ddada21edb1fba0d5ca515bfb3f9ed19889785d4fb7daa"),
        ];
        for (iterations, password, key) in cases {
            let derived = block(password.as_bytes(), &salt, iterations, 1);
            let hex: String = derived.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, key, "{iterations} {password}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn blocks_are_those_of_the_pbkdf2_crate(
            filling in any::<[u8; 200]>(),
            length in prop::sample::select(&PASSWORD_LENGTHS[..]),
            salt in prop::collection::vec(any::<u8>(), 0..130),
            iterations in 1_u32..60,
        ) {
            let password = &filling[..length];
            let mut expected = [0; 96];
            pbkdf2_hmac::<Sha256>(password, &salt, iterations, &mut expected);
            for (index, expected) in (1..).zip(expected.chunks(32)) {
                let derived = block(password, &salt, iterations, index);
                prop_assert_eq!(&derived.as_bytes()[..], expected, "block {}", index);
            }
        }
    }
}
