//! The caller: its handles, where it lets results be put, and what it may expect of them.

use super::bytes::Bytes;
use super::handles::{self, KINDS, Owned};
use super::script::Script;
use generatio_c::run::Transport;
use generatio_c::status::Status;
use generatio_c::text::View;
use std::ffi::c_void;
use std::ptr::null_mut;

/// Where the results of one call are put. Raw, since the library writes there while the world is in use.
pub(crate) struct Places {
    pub(crate) handles: [*mut c_void; 4],
    pub(crate) numbers: [u32; 4],
    pub(crate) flags: [bool; 4],
    pub(crate) amounts: [i64; 16],
    pub(crate) bytes: [u8; 64],
    pub(crate) view: View,
    pub(crate) script: Script,
    pub(crate) transport: Option<Transport>,
}

/// A caller with its handles.
pub(crate) struct World<'a> {
    pub(crate) bytes: Bytes<'a>,
    /// Under Miri it would take minutes.
    reads_catalogs: bool,
    pub(crate) calls: u64,
    /// What the status of the call under way is.
    pub(crate) status: Option<Status>,
    /// The length that belongs to the pointer made last.
    pub(crate) len: Option<usize>,
    /// A copy of the text that was lent last.
    pub(crate) said: Vec<u8>,
    pub(crate) places: *mut Places,
    /// How many places of each sort the call under way has taken.
    pub(crate) taken: usize,
    /// The kinds of handles it is to bring, in the order of their places.
    brought: Vec<usize>,
    living: [Vec<*mut c_void>; KINDS],
}

/// What stands where a handle is to be put: outputs are cleared on entry, so that it is never seen again.
const OLD: *mut c_void = std::ptr::dangling_mut::<c_void>();

impl<'a> World<'a> {
    pub(crate) fn new(data: &'a [u8]) -> Self {
        let places = Places {
            handles: [null_mut(); 4],
            numbers: [0; 4],
            flags: [false; 4],
            amounts: [0; 16],
            bytes: [0; 64],
            view: View::default(),
            script: Script::default(),
            transport: None,
        };
        let mut bytes = Bytes(data);
        let reads_catalogs = bytes.byte().is_multiple_of(16) && !cfg!(miri);
        Self {
            bytes,
            reads_catalogs,
            calls: 0,
            status: None,
            len: None,
            said: Vec::new(),
            places: Box::into_raw(Box::new(places)),
            taken: 0,
            brought: Vec::new(),
            living: Default::default(),
        }
    }

    /// Before a call.
    pub(crate) fn begin(&mut self) {
        self.calls += 1;
        (self.status, self.len, self.taken) = (None, None, 0);
        self.brought.clear();
    }

    /// The place of the next handle that a call brings.
    pub(crate) fn place<T: Owned>(&mut self) -> *mut *mut T {
        self.brought.push(T::KIND);
        // SAFETY: places live as long as the world; no function has more outputs than there are.
        let place = unsafe { &raw mut (*self.places).handles[self.brought.len() - 1] };
        // SAFETY: as above.
        unsafe { place.write(OLD) };
        place.cast()
    }

    /// After a call: what it brought is taken, and must be as the conventions say.
    pub(crate) fn settle(&mut self) {
        for (index, kind) in std::mem::take(&mut self.brought).into_iter().enumerate() {
            // SAFETY: as above.
            let handle = unsafe { (*self.places).handles[index] };
            assert_ne!(handle, OLD, "an output was not cleared");
            let status = self.status.expect("what brings a handle has a status");
            let went_well = status == Status::Ok;
            if kind == handles::FAILURE {
                assert_eq!(handle.is_null(), went_well, "an error comes with all statuses but one");
            } else if !went_well {
                assert!(handle.is_null(), "{status:?} brings a handle");
            }
            if !handle.is_null() {
                self.living[kind].push(handle);
            }
        }
    }

    /// A handle that lives; NULL if there is none.
    pub(crate) fn any<T: Owned>(&mut self) -> *const T {
        let living = &self.living[T::KIND];
        let index = if living.is_empty() { return null_mut() } else { usize::from(self.bytes.byte()) % living.len() };
        self.living[T::KIND][index].cast::<T>().cast_const()
    }

    /// Whether no more of these should be made: they are large, or many.
    pub(crate) fn has_enough<T: Owned>(&self) -> bool {
        self.living[T::KIND].len() >= T::MOST || (T::KIND == handles::CATALOG && !self.reads_catalogs)
    }

    /// Frees one that lives, if there is any, else NULL; whether there was one.
    pub(crate) fn free<T: Owned>(&mut self, free: unsafe extern "C" fn(*mut T)) -> bool {
        self.calls += 1;
        let living = self.living[T::KIND].len();
        let handle = match living {
            0 => null_mut(),
            _ => {
                let index = usize::from(self.bytes.byte()) % living;
                self.living[T::KIND].swap_remove(index)
            }
        };
        // SAFETY: it was among the living, and is no longer.
        unsafe { free(handle.cast()) };
        living > 0
    }

    pub(crate) fn free_all(&mut self) {
        handles::free_all(self);
    }
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        // SAFETY: made by `new`, and used by no call any longer.
        drop(unsafe { Box::from_raw(self.places) });
    }
}
