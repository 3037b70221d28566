//! The WebAssembly of the npm package `generatio`. Wrappers over core, and no rules; what callers see is in `js/`.
//!
//! Everything crosses as numbers and bytes. Secrets stay on this side, in tables, and JavaScript holds their numbers: a
//! number that has become stale finds nothing, where a pointer would find something else. Nothing here waits: what takes
//! time is done by JavaScript between two calls.
//!
//! Memory that is freed is wiped, by the allocator, and the stack after each call that touched a secret
//! (`memory::apart`).

mod error;
#[cfg(feature = "full")]
pub mod full;
mod host;
mod kept;
mod memory;
pub mod seal;
mod table;
pub mod token;

/// What wipes lies over an allocator of 1 kB, where the usual one has 5. It has no lock: there is one thread, and a lock in
/// memory gone bad would be waited for, where an error is due.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
#[expect(unsafe_code, reason = "the promise that there are no threads")]
static ALLOCATOR: zeroizing_alloc::ZeroAlloc<lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator>> =
    // SAFETY: the module is built without atomics, so that its memory is never shared.
    zeroizing_alloc::ZeroAlloc(unsafe {
            lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new())
        });
