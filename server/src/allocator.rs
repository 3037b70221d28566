//! The allocator of the binary: the system's, but what is given back is wiped first.
//!
//! Passwords, FAL keys, session ids and logins' tokens pass through buffers that are not ours: those of HTTP, TLS and
//! JSON. They end in `free`, which leaves their bytes where they are, for as long as nothing else is put there. Wiping
//! every block as it is freed reaches all of them, whoever made them. It does not reach what is not freed, nor stacks,
//! nor what SQLite allocates, which calls the system itself and is never handed any of those secrets.

#![expect(unsafe_code, reason = "an allocator cannot be written without; the rest of the server has none")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::ptr;

/// Wipes whatever is freed.
#[derive(Debug)]
pub(crate) struct Wiping;

// SAFETY: every call is passed on to the system's allocator with the arguments it came with, so that its guarantees are
// ours. `realloc` is the trait's own, which allocates, copies and frees: the system's would move a block and leave the
// old one as it was.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps `GlobalAlloc::alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps `GlobalAlloc::alloc_zeroed`'s contract.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: by `GlobalAlloc::dealloc`'s contract the block is one of ours, of this layout, and nobody else's any
        // more: all its bytes may be written, and it may be freed once.
        unsafe {
            ptr::write_bytes(block, 0, layout.size());
            // Without it the compiler leaves out writes to what is freed next: nobody could read them.
            System.dealloc(black_box(block), layout);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Wiping;
    use std::alloc::{GlobalAlloc, Layout};

    #[test]
    fn growing_and_shrinking_keep_the_bytes() {
        let small = Layout::from_size_align(3, 1).unwrap();
        // SAFETY: each block is made here, with the layout it is used, resized and freed with.
        unsafe {
            let block = Wiping.alloc(small);
            block.copy_from(b"abc".as_ptr(), 3);
            let block = Wiping.realloc(block, small, 5000);
            assert_eq!(std::slice::from_raw_parts(block, 3), b"abc");
            let large = Layout::from_size_align(5000, 1).unwrap();
            let block = Wiping.realloc(block, large, 2);
            assert_eq!(std::slice::from_raw_parts(block, 2), b"ab");
            Wiping.dealloc(block, Layout::from_size_align(2, 1).unwrap());
            let zeroed = Wiping.alloc_zeroed(large);
            assert!(std::slice::from_raw_parts(zeroed, 5000).iter().all(|byte| *byte == 0));
            Wiping.dealloc(zeroed, large);
        }
    }
}
