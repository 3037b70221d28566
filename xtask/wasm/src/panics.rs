//! Takes out what a panic says before it traps. Nobody hears it: there is no console on this side of the border, and
//! JavaScript sees a trap either way. It is a third of a small module.

use crate::{Entry, Outcome};
use walrus::{FunctionBuilder, FunctionId, FunctionKind, Module};

/// Functions of Rust's own that never return, or run only on the way to that.
const NEVER: [&str; 14] = [
    "__rustc::rust_panic",
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::capacity_overflow",
    "alloc::raw_vec::handle_error",
    "core::cell::panic_already",
    "core::option::expect_failed",
    "core::option::unwrap_failed",
    "core::panicking::",
    "core::result::unwrap_failed",
    "core::slice::copy_from_slice_impl::len_mismatch_fail",
    "core::slice::index::slice_index_fail",
    "core::str::slice_error_fail",
    "std::panicking::",
    "std::thread::local::panic_access_error",
];

/// What prints values into the words of a panic. Core's errors print themselves for people.
const DEBUG: [&str; 3] = ["core::fmt::Debug>::fmt", "core::fmt::builders::", "::panicking::panic_handler::"];

/// All that prints. In the slim module only panics do: its errors are codes, whose words are JavaScript's.
const PRINTING: &str = "core::fmt::";

/// Lets what throws texts trap instead, before wasm-bindgen makes the reader of these texts: in the slim module nothing
/// else reads any.
pub(crate) fn cut_throws(module: &[u8]) -> Outcome<Vec<u8>> {
    let mut module = Module::from_buffer(module).map_err(|error| format!("the module cannot be read: {error:#}"))?;
    let throws = |id: &FunctionId| {
        let name = module.funcs.get(*id).name.as_deref().unwrap_or_default();
        name.contains("12wasm_bindgen9throw_str")
    };
    let ids: Vec<FunctionId> = module.funcs.iter_local().map(|(id, _)| id).filter(throws).collect();
    for id in ids {
        trap(&mut module, id);
    }
    Ok(module.emit_wasm())
}

/// Lets them trap at once, and removes what only they called.
pub(crate) fn cut(entry: Entry, module: &mut Module) {
    let is_cut = |name: &str| is_of_panics(name) || (entry == Entry::Slim && name.contains(PRINTING));
    let names = module.funcs.iter_local().map(|(id, _)| (id, without_hashes(module.funcs.get(id).name.as_deref())));
    let ids: Vec<FunctionId> = names.filter(|(_, name)| is_cut(name)).map(|(id, _)| id).collect();
    for id in ids {
        trap(module, id);
    }
    let segments: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    for id in segments {
        blank_paths(&mut module.data.get_mut(id).value);
    }
    walrus::passes::gc::run(module);
}

/// Lets a function do nothing but trap.
fn trap(module: &mut Module, id: FunctionId) {
    let (params, results) = module.types.params_results(module.funcs.get(id).ty());
    let (params, results) = (params.to_vec(), results.to_vec());
    let arguments = params.iter().map(|kind| module.locals.add(*kind)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    builder.func_body().unreachable();
    module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(arguments));
}

/// Blanks the names of source files, which only panics say.
fn blank_paths(data: &mut [u8]) {
    let of_path = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+".contains(byte);
    let ends: Vec<usize> =
        data.windows(3).enumerate().filter(|(_, part)| *part == b".rs").map(|(at, _)| at + 3).collect();
    for end in ends {
        let begin = data[..end].iter().rposition(|byte| !of_path(byte)).map_or(0, |at| at + 1);
        data[begin..end].fill(0);
    }
}

fn is_of_panics(name: &str) -> bool {
    NEVER.iter().any(|start| name.starts_with(start)) || DEBUG.iter().any(|part| name.contains(part))
}

/// `core[c5930c85a12de822]::panicking::panic` → `core::panicking::panic`.
fn without_hashes(name: Option<&str>) -> String {
    let mut parts = name.unwrap_or_default().split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| name + part.split_once(']').map_or(part, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::{blank_paths, is_of_panics, without_hashes};

    #[test]
    fn names_lose_their_hashes() {
        assert_eq!(without_hashes(Some("core[c593]::panicking::panic")), "core::panicking::panic");
        assert_eq!(without_hashes(Some("plain")), "plain");
        assert_eq!(without_hashes(None), "");
    }

    #[test]
    fn paths_are_blanked_and_nothing_else() {
        let mut data = *b"wrong password\0src/seal.rs\0v2.";
        blank_paths(&mut data);
        assert_eq!(&data, b"wrong password\0\0\0\0\0\0\0\0\0\0\0\0\0v2.");
    }

    #[test]
    fn what_returns_is_kept() {
        assert!(
            is_of_panics("core::panicking::panic_fmt") && is_of_panics("<core::fmt::Error as core::fmt::Debug>::fmt")
        );
        assert!(!is_of_panics("generatio_core::seal::open") && !is_of_panics("core::str::converts::from_utf8"));
    }
}
