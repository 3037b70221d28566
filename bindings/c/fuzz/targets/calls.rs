//! Random calls of the C library, counted.

#![no_main]

#[path = "../checks/calls.rs"]
mod calls;

use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

static MADE: AtomicU64 = AtomicU64::new(0);
static ONCE: Once = Once::new();

unsafe extern "C" {
    fn atexit(at_exit: extern "C" fn()) -> i32;
}

/// In the form of libFuzzer's own figures.
extern "C" fn tell() {
    eprintln!("stat::number_of_calls: {}", MADE.load(Ordering::Relaxed));
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    // SAFETY: a function that may be called at any time.
    ONCE.call_once(|| assert_eq!(unsafe { atexit(tell) }, 0));
    MADE.fetch_add(calls::play(data, |_| {}), Ordering::Relaxed);
});
