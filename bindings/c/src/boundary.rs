//! Pointers and panics at the border: every exported function reads, writes and fails through these.

use crate::error::Failure;
use crate::status::Status;
use crate::text::View;
use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `body`. A panic becomes [`Status::Panic`]; it never unwinds into C.
pub(crate) fn guard(body: impl FnOnce() -> Result<(), Status>) -> Status {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => Status::Ok,
        Ok(Err(status)) => status,
        Err(_) => Status::Panic,
    }
}

/// The same for functions that say more about a failure: `error`, where it is wanted, gets a handle.
///
/// # Safety
/// `error` is NULL or may be written to.
pub(crate) unsafe fn guard_telling(error: *mut *mut Failure, body: impl FnOnce() -> Result<(), Failure>) -> Status {
    // SAFETY: as above.
    let mut told = unsafe { error.as_mut() };
    if let Some(told) = &mut told {
        **told = std::ptr::null_mut();
    }
    let failure = match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => return Status::Ok,
        Ok(Err(failure)) => failure,
        Err(_) => Failure::from(Status::Panic),
    };
    let status = failure.status;
    if let Some(told) = told {
        *told = Box::into_raw(Box::new(failure));
    }
    status
}

/// Looks into a handle. NULL, and a panic, give the empty value.
///
/// # Safety
/// `handle` is NULL or a living handle of this type.
pub(crate) unsafe fn look<'a, T: 'a, V: Default>(handle: *const T, read: impl FnOnce(&'a T) -> V) -> V {
    // SAFETY: as above.
    let handle = unsafe { handle.as_ref() };
    catch_unwind(AssertUnwindSafe(|| handle.map(read).unwrap_or_default())).unwrap_or_default()
}

/// Frees a handle; NULL is fine.
///
/// # Safety
/// `handle` is NULL, or came from [`Out::give`] or a failure and was not freed before.
pub(crate) unsafe fn free<T>(handle: *mut T) {
    if !handle.is_null() {
        // SAFETY: handles are boxes, given away once.
        let handle = unsafe { Box::from_raw(handle) };
        // Nothing that is dropped here is known to panic; if it did, it must still not unwind into C.
        _ = catch_unwind(AssertUnwindSafe(|| drop(handle)));
    }
}

/// The bytes that a caller lends; without a length the pointer is not read.
///
/// # Safety
/// `data` points to `len` bytes that stay as they are during the call.
pub(crate) unsafe fn bytes<'a>(data: *const u8, len: usize) -> Result<&'a [u8], Status> {
    if len == 0 {
        return Ok(&[]);
    }
    if data.is_null() || isize::try_from(len).is_err() {
        return Err(Status::BadArgument);
    }
    // SAFETY: as above.
    Ok(unsafe { std::slice::from_raw_parts(data, len) })
}

/// The same as text.
///
/// # Safety
/// As for [`bytes`].
pub(crate) unsafe fn text<'a>(data: *const c_char, len: usize) -> Result<&'a str, Status> {
    // SAFETY: as above.
    let bytes = unsafe { bytes(data.cast(), len) }?;
    std::str::from_utf8(bytes).map_err(|_| Status::NotUtf8)
}

/// The same where an empty text means that there is none.
///
/// # Safety
/// As for [`bytes`].
pub(crate) unsafe fn optional_text<'a>(data: *const c_char, len: usize) -> Result<Option<&'a str>, Status> {
    // SAFETY: as above.
    let text = unsafe { text(data, len) }?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

/// A handle that must be there.
///
/// # Safety
/// `handle` is NULL or a living handle of this type.
pub(crate) unsafe fn handle<'a, T>(handle: *const T) -> Result<&'a T, Status> {
    // SAFETY: as above.
    unsafe { handle.as_ref() }.ok_or(Status::BadArgument)
}

/// Where a result goes; cleared as soon as it is read, so that no failure leaves an old value there.
pub(crate) struct Out<'a, T>(&'a mut T);

impl<'a, T> Out<'a, T> {
    /// # Safety
    /// `place` is NULL or may be written to.
    pub(crate) unsafe fn cleared(place: *mut T, empty: T) -> Result<Self, Status> {
        if place.is_null() {
            return Err(Status::BadArgument);
        }
        // SAFETY: as above; what was there need not be a value.
        unsafe { place.write(empty) };
        // SAFETY: just written.
        Ok(Self(unsafe { &mut *place }))
    }

    /// Gives the value out.
    pub(crate) fn set(self, value: T) {
        *self.0 = value;
    }
}

impl<T> Out<'_, *mut T> {
    /// A place for a handle.
    ///
    /// # Safety
    /// `place` is NULL or may be written to.
    pub(crate) unsafe fn handle(place: *mut *mut T) -> Result<Self, Status> {
        // SAFETY: as above.
        unsafe { Self::cleared(place, std::ptr::null_mut()) }
    }

    /// Gives a new handle out; it is the caller's to free.
    pub(crate) fn give(self, value: T) {
        self.set(Box::into_raw(Box::new(value)));
    }
}

/// The entry at `index`, by pointer; NULL if there is none.
pub(crate) fn entry<T>(entries: &[T], index: usize) -> Pointer<T> {
    entries.get(index).map_or_else(Pointer::default, |entry| Pointer(entry))
}

/// A lent handle. NULL by default.
pub(crate) struct Pointer<T>(pub(crate) *const T);

impl<T> Default for Pointer<T> {
    fn default() -> Self {
        Self(std::ptr::null())
    }
}

/// A text of an entry at `index`; empty if there is none.
pub(crate) fn part<T>(entries: &[T], index: usize, read: impl FnOnce(&T) -> View) -> View {
    entries.get(index).map(read).unwrap_or_default()
}
