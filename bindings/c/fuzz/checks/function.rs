//! Calls by type: each argument is made by [`Argument`] for what C declares, and each result looked at by [`Told`].

use super::world::World;
use generatio_c::status::Status;
use generatio_c::text::View;
use std::ffi::{CStr, c_char};

/// An argument of a call.
pub(crate) trait Argument {
    fn made(world: &mut World<'_>) -> Self;
}

/// A result.
pub(crate) trait Told {
    fn told(self, world: &mut World<'_>);
}

/// A function of the header.
pub(crate) trait Function {
    fn call(self, world: &mut World<'_>);
}

macro_rules! functions {
    () => {
        functions! { @ }
    };
    ($first:ident $($rest:ident)*) => {
        functions! { @ $first $($rest)* }
        functions! { $($rest)* }
    };
    (@ $($argument:ident)*) => {
        impl<R: Told, $($argument: Argument),*> Function for unsafe extern "C" fn($($argument),*) -> R {
            #[allow(non_snake_case, reason = "arguments are named as their types")]
            fn call(self, world: &mut World<'_>) {
                world.begin();
                $(let $argument = $argument::made(world);)*
                // SAFETY: arguments are as the conventions allow: see where they are made.
                let told = unsafe { self($($argument),*) };
                told.told(world);
                world.settle();
            }
        }
    };
}

functions! { A B C D E F G H I J K L M N O }

impl Told for () {
    fn told(self, _: &mut World<'_>) {}
}

impl Told for Status {
    fn told(self, world: &mut World<'_>) {
        assert_ne!(self, Status::Panic);
        world.status = Some(self);
    }
}

impl Told for View {
    fn told(self, world: &mut World<'_>) {
        // SAFETY: a view is lent by a handle that lives, with a NUL behind.
        let bytes = unsafe { std::slice::from_raw_parts(self.data.cast::<u8>(), self.len + 1) };
        assert_eq!(bytes.last(), Some(&0));
        world.said = bytes[..self.len].to_vec();
    }
}

impl Told for *const c_char {
    fn told(self, _: &mut World<'_>) {
        // SAFETY: a static text.
        assert!(unsafe { CStr::from_ptr(self) }.to_str().is_ok());
    }
}

macro_rules! plain {
    ($($type:ty)*) => {
        $(impl Told for $type {
            fn told(self, _: &mut World<'_>) {
                // Whoever looks on sees whether it is of its type.
                _ = std::hint::black_box(self);
            }
        })*
    };
}

plain! { bool u16 u32 u64 usize i64 }

impl<T: super::handles::Handle> Told for *const T {
    fn told(self, _: &mut World<'_>) {}
}
