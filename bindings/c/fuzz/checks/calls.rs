//! Random calls of the library, within what the header allows: every function there is, with handles that live, NULL,
//! texts that overlap or are cut off, and numbers at the edges. The fuzzer and `cargo test` both run it.
//!
//! An input is a row of bytes. The first says whether catalogs are read, which takes longer than all else. The first byte
//! of each call names a function of [`TABLE`], those after it choose its arguments. What the conventions promise is
//! checked after each call, see [`world::World::settle`].

mod arguments;
mod bytes;
mod function;
mod handles;
mod letters;
mod script;
mod table;
mod texts;
mod world;

pub(crate) use table::TABLE;

use world::World;

/// Fewer calls tell sooner which of them it was.
const MOST_CALLS: u64 = if cfg!(miri) { 150 } else { 2_000 };
/// From here on the first byte is a webhook's. Few are enough: to judge one takes as long as a hundred calls.
const LETTERS: usize = 253;

/// Makes the calls that `data` stands for, and frees what is left in the end; how many calls there were. `tell` is told the
/// number of each function.
pub(crate) fn play(data: &[u8], mut tell: impl FnMut(usize)) -> u64 {
    let mut world = World::new(data);
    while !world.bytes.is_over() && world.calls < MOST_CALLS {
        match usize::from(world.bytes.byte()) {
            letter @ LETTERS.. if !cfg!(miri) => letters::receive(&mut world, letter),
            function => {
                let function = function % TABLE.len();
                tell(function);
                (TABLE[function].1)(&mut world);
            }
        }
    }
    world.free_all();
    world.calls
}
