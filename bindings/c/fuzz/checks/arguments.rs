//! Arguments by their C types: what lives, NULL, texts that overlap or are cut off, numbers at the edges.

use super::function::Argument;
use super::handles::{Handle, Owned};
use super::script::Script;
use super::texts::TEXTS;
use super::world::World;
use generatio_c::call::{Call, generatio_call_exchange};
use generatio_c::run::Transport;
use generatio_c::text::{Secret, Text, View, generatio_secret_view, generatio_text_view};
use std::ptr::{null, null_mut};

/// One of sixteen.
fn seldom(world: &mut World<'_>) -> bool {
    world.bytes.byte().is_multiple_of(16)
}

/// A text, whose length the next `size_t` is. Texts of one call may be parts of the same memory.
fn text(world: &mut World<'_>) -> *const u8 {
    let choice = world.bytes.byte();
    let (data, mut len) = match choice % 16 {
        0 => (null(), 0),
        // Refused: there is nothing at NULL.
        1 => (null(), world.bytes.pick(&[1, 24, usize::MAX])),
        // Without a length the pointer is not read.
        2 => (std::ptr::dangling(), 0),
        3 | 4 => {
            let count = world.bytes.byte() % 64;
            let bytes = world.bytes.take(count.into());
            (bytes.as_ptr(), bytes.len())
        }
        5 => (world.said.as_ptr(), world.said.len()),
        6 | 7 => {
            let handle = world.any::<Text>();
            // SAFETY: a handle that lives, or NULL.
            parts(unsafe { generatio_text_view(handle) })
        }
        8 => {
            let handle = world.any::<Secret>();
            // SAFETY: as above.
            parts(unsafe { generatio_secret_view(handle) })
        }
        _ => {
            let text = world.bytes.pick(TEXTS);
            (text.as_ptr(), text.len())
        }
    };
    let mut start = 0;
    if choice >= 192 && !data.is_null() {
        start = world.bytes.below(len + 1);
        len = world.bytes.below(len - start + 1);
    }
    world.len = Some(len);
    data.wrapping_add(start)
}

fn parts(view: View) -> (*const u8, usize) {
    (view.data.cast(), view.len)
}

// `char` is one or the other, by the platform.
impl Argument for *const u8 {
    fn made(world: &mut World<'_>) -> Self {
        text(world)
    }
}

impl Argument for *const i8 {
    fn made(world: &mut World<'_>) -> Self {
        text(world).cast()
    }
}

impl Argument for usize {
    fn made(world: &mut World<'_>) -> Self {
        world.len.take().unwrap_or_else(|| match world.bytes.byte() {
            u8::MAX => usize::MAX,
            index => index.into(),
        })
    }
}

impl Argument for u16 {
    fn made(world: &mut World<'_>) -> Self {
        world.bytes.pick(&[200, 0, 100, 201, 302, 400, 401, 403, 404, 408, 422, 429, 500, 503, 999, u16::MAX])
    }
}

impl Argument for u32 {
    fn made(world: &mut World<'_>) -> Self {
        // Beside the numbers of choices, work that is refused or the least.
        world.bytes.pick(&[0, 1, 2, 3, 4, 5, 6, 7, 100_000, 100_001, 99_999, 10_000_001, 204, u32::MAX])
    }
}

impl Argument for u64 {
    fn made(world: &mut World<'_>) -> Self {
        let call = world.any::<Call>();
        // SAFETY: a call that lives, or NULL.
        let current = unsafe { generatio_call_exchange(call) };
        world.bytes.pick(&[current, current, current, current + 1, 0, 1, 5_000, u64::MAX])
    }
}

impl Argument for i64 {
    fn made(world: &mut World<'_>) -> Self {
        const EDGES: &[i64] = &[0, 1, -1, 9, 250, 1_000, 60_000, 600_000, 90_000_000, i64::MAX, i64::MAX - 1, i64::MIN];
        match world.bytes.byte() {
            byte @ 128.. => i64::from(byte) * 1_000_003,
            byte => EDGES[usize::from(byte) % EDGES.len()],
        }
    }
}

impl<T: Handle> Argument for *const T {
    fn made(world: &mut World<'_>) -> Self {
        T::pick(world)
    }
}

impl<T: Handle> Argument for *mut T {
    fn made(world: &mut World<'_>) -> Self {
        T::pick(world).cast_mut()
    }
}

impl<T: Owned> Argument for *mut *mut T {
    fn made(world: &mut World<'_>) -> Self {
        if seldom(world) || world.has_enough::<T>() { null_mut() } else { world.place() }
    }
}

/// A place among those of one sort, or NULL.
macro_rules! places {
    ($($type:ty, $field:ident;)*) => {
        $(impl Argument for *mut $type {
            fn made(world: &mut World<'_>) -> Self {
                world.taken += 1;
                // SAFETY: places live as long as the world; no function has more outputs than there are.
                if seldom(world) { null_mut() } else { unsafe { &raw mut (*world.places).$field[world.taken] } }
            }
        })*
    };
}

places! { u32, numbers; bool, flags; }

impl Argument for *mut View {
    fn made(world: &mut World<'_>) -> Self {
        // SAFETY: as above.
        if seldom(world) { null_mut() } else { unsafe { &raw mut (*world.places).view } }
    }
}

/// An index of a session, which takes 32 bytes.
impl Argument for *mut u8 {
    fn made(world: &mut World<'_>) -> Self {
        // SAFETY: as above.
        if seldom(world) { null_mut() } else { unsafe { (&raw mut (*world.places).bytes).cast() } }
    }
}

/// A buffer for an amount.
impl Argument for *mut i8 {
    fn made(world: &mut World<'_>) -> Self {
        world.len = Some(world.bytes.pick(&[24, 0, 1, 2, 5, 6, 23, 64]));
        <*mut u8>::made(world).cast()
    }
}

/// The lower half of the amounts, to be read.
impl Argument for *const i64 {
    fn made(world: &mut World<'_>) -> Self {
        if seldom(world) {
            world.len = Some(world.bytes.pick(&[0, 1, usize::MAX]));
            return null();
        }
        for index in 0..8 {
            let amount = i64::made(world);
            // SAFETY: as above.
            unsafe { (*world.places).amounts[index] = amount };
        }
        world.len = Some(usize::from(world.bytes.byte() % 9));
        // SAFETY: as above.
        unsafe { (&raw const (*world.places).amounts).cast() }
    }
}

/// The upper half, to be written: one, or as many as the `size_t` behind it says.
impl Argument for *mut i64 {
    fn made(world: &mut World<'_>) -> Self {
        if seldom(world) {
            world.len = Some(world.bytes.pick(&[0, 1, usize::MAX]));
            return null_mut();
        }
        world.len = Some(usize::from(world.bytes.byte() % 9));
        // SAFETY: as above.
        unsafe { (&raw mut (*world.places).amounts[8]).cast() }
    }
}

impl Argument for *const Transport {
    fn made(world: &mut World<'_>) -> Self {
        let kind = world.bytes.byte() % 32;
        let count = world.bytes.byte();
        let script = Script::new(world.bytes.take(usize::from(count)));
        let places = world.places;
        // SAFETY: as above; no transport made before is in use any longer.
        unsafe {
            (*places).script = script;
            let mut transport = Script::transport(&raw const (*places).script);
            match kind {
                0 => return null(),
                1 => transport.size -= 1,
                2 => transport.exchange = None,
                3 => transport.progress = None,
                _ => {}
            }
            (*places).transport = Some(transport);
            (*places).transport.as_ref().map_or(null(), std::ptr::from_ref)
        }
    }
}
