//! Randomness that repeats itself, and randomness that runs out.

use rand_core::{TryCryptoRng, TryRng};
use std::convert::Infallible;

/// The same numbers for the same seed (SplitMix64). Anything but random: it passes for cryptographic so that the code
/// under test takes it.
#[derive(Debug)]
pub struct SeededRng(u64);

impl SeededRng {
    /// Begins the sequence of `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl TryRng for SeededRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let [.., a, b, c, d] = self.next().to_le_bytes();
        Ok(u32::from_le_bytes([a, b, c, d]))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for SeededRng {}

/// Hands out the bytes it was given, in their order, and fails when too few are left: at once if it was given none.
#[derive(Debug)]
pub struct ScriptedRng(Vec<u8>);

impl ScriptedRng {
    /// Will hand out `bytes`.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    /// How many bytes are left.
    #[must_use]
    pub fn left(&self) -> usize {
        self.0.len()
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], ScriptEnded> {
        let mut bytes = [0; N];
        self.try_fill_bytes(&mut bytes)?;
        Ok(bytes)
    }
}

impl TryRng for ScriptedRng {
    type Error = ScriptEnded;

    fn try_next_u32(&mut self) -> Result<u32, ScriptEnded> {
        self.take().map(u32::from_le_bytes)
    }

    fn try_next_u64(&mut self) -> Result<u64, ScriptEnded> {
        self.take().map(u64::from_le_bytes)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), ScriptEnded> {
        if out.len() > self.0.len() {
            return Err(ScriptEnded);
        }
        out.copy_from_slice(&self.0[..out.len()]);
        self.0.drain(..out.len());
        Ok(())
    }
}

impl TryCryptoRng for ScriptedRng {}

/// A [`ScriptedRng`] was asked for more than it was given.
#[derive(Clone, Copy, Debug)]
pub struct ScriptEnded;

impl std::fmt::Display for ScriptEnded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the scripted randomness has ended")
    }
}

impl std::error::Error for ScriptEnded {}
