//! Takes out what a panic says before it traps. Nobody hears it: there is no console on this side of the border, and
//! JavaScript sees a trap either way. It is a third of a small module.

use crate::{Entry, Outcome};
use std::collections::BTreeSet;
use walrus::ir::Value;
use walrus::{ConstExpr, DataKind, ExportItem, FunctionBuilder, FunctionId, FunctionKind, Module};

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

/// What errors quote with, too: it ends in a function of [`REPLACED`].
const QUOTING: &str = "<&str as core::fmt::Debug>::fmt";

/// All that prints. In the slim module only panics do: its errors are codes, whose words are JavaScript's.
const PRINTING: &str = "core::fmt::";

/// Library code that is large, and what `generatio-wasm` exports of the same signatures to do its work: floats in and out,
/// counts of characters, serde_json's errors, and quoted texts, which would fall to [`DEBUG`].
const REPLACED: [(&str, &str); 7] = [
    ("<f64 as core::fmt::Display>::fmt", "generatio_print_float"),
    ("<f64 as zmij::private::Sealed>::write_to_zmij_buffer", "generatio_write_float"),
    ("<str as core::fmt::Debug>::fmt", "generatio_print_quoted"),
    ("<std::io::error::Error as core::fmt::Display>::fmt", "generatio_print_io_error"),
    ("core::str::count::do_count_chars", "generatio_count_chars"),
    ("serde_json::de::Deserializer<R>::f64_from_parts", "generatio_read_float"),
    ("serde_json::error::make_error", "generatio_make_error"),
];

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
    for (theirs, ours) in REPLACED {
        if replace(module, theirs, ours) == Some(0) {
            eprintln!("warning: there is no {theirs} as generatio-wasm has it: the module is larger than it could be");
        }
    }
    let segments: Vec<_> = module.data.iter().map(|data| data.id()).collect();
    for id in segments {
        let data = module.data.get_mut(id);
        if let DataKind::Active { offset: ConstExpr::Value(Value::I32(base)), .. } = data.kind {
            blank_places(&mut data.value, base.cast_unsigned());
        }
        blank_paths(&mut data.value);
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

/// Lets an export do the work of the functions of a name and of its own signature; it is no export any longer. Says how
/// many they were, if there is such an export.
fn replace(module: &mut Module, theirs: &str, ours: &str) -> Option<usize> {
    let export = module.exports.iter().find(|export| export.name == ours)?;
    let (export, item) = (export.id(), export.item);
    module.exports.delete(export);
    let ExportItem::Function(ours) = item else { return None };
    let kind = module.funcs.get(ours).ty();
    let is_theirs = |id: &FunctionId| {
        let function = module.funcs.get(*id);
        function.ty() == kind && without_hashes(function.name.as_deref()) == theirs
    };
    let ids: Vec<FunctionId> = module.funcs.iter_local().map(|(id, _)| id).filter(is_theirs).collect();
    for id in &ids {
        forward(module, *id, ours);
    }
    Some(ids.len())
}

/// Lets a function do nothing but call another of its signature.
fn forward(module: &mut Module, id: FunctionId, to: FunctionId) {
    let (params, results) = module.types.params_results(module.funcs.get(id).ty());
    let (params, results) = (params.to_vec(), results.to_vec());
    let arguments: Vec<_> = params.iter().map(|kind| module.locals.add(*kind)).collect();
    let mut builder = FunctionBuilder::new(&mut module.types, &params, &results);
    let mut body = builder.func_body();
    for argument in &arguments {
        body.local_get(*argument);
    }
    body.call(to);
    module.funcs.get_mut(id).kind = FunctionKind::Local(builder.local_func(arguments));
}

/// Blanks the names of source files, which only panics say.
fn blank_paths(data: &mut [u8]) {
    let of_path = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+".contains(byte);
    for end in ends_of_paths(data) {
        let begin = data[..end].iter().rposition(|byte| !of_path(byte)).map_or(0, |at| at + 1);
        data[begin..end].fill(0);
    }
}

fn ends_of_paths(data: &[u8]) -> Vec<usize> {
    data.windows(3).enumerate().filter(|(_, part)| *part == b".rs").map(|(at, _)| at + 3).collect()
}

/// Blanks where in those files panics are: each an address, a length, a line and a column. `base` is where `data` lies.
fn blank_places(data: &mut [u8], base: u32) {
    let ends: BTreeSet<u64> = ends_of_paths(data).into_iter().map(|end| end as u64 + u64::from(base)).collect();
    let word =
        |data: &[u8], at: usize| u64::from(u32::from_le_bytes([data[at], data[at + 1], data[at + 2], data[at + 3]]));
    let mut at = base.wrapping_neg() as usize % 4;
    while at + 16 <= data.len() {
        let [address, length, line, column] = [0, 4, 8, 12].map(|step| word(data, at + step));
        let of_file = (4..256).contains(&length) && ends.contains(&(address + length)) && address >= u64::from(base);
        if of_file && (1..100_000).contains(&line) && (1..1_000).contains(&column) {
            data[at..at + 16].fill(0);
            at += 16;
        } else {
            at += 4;
        }
    }
}

fn is_of_panics(name: &str) -> bool {
    let of_debug = DEBUG.iter().any(|part| name.contains(part)) && name != QUOTING;
    of_debug || NEVER.iter().any(|start| name.starts_with(start))
}

/// `core[c5930c85a12de822]::panicking::panic` and `core::panicking::panic::h8bd97af76f0e7a9b` → `core::panicking::panic`.
fn without_hashes(name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    let is_hash = |text: &str| text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let name = name.rsplit_once("::h").filter(|(_, hash)| is_hash(hash)).map_or(name, |(name, _)| name);
    let mut parts = name.split('[');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |name, part| name + part.split_once(']').map_or(part, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::{blank_paths, blank_places, is_of_panics, without_hashes};

    #[test]
    fn names_lose_their_hashes() {
        assert_eq!(without_hashes(Some("core[c593]::panicking::panic")), "core::panicking::panic");
        assert_eq!(without_hashes(Some("<f64 as zmij::S>::write::hfd27d2dc0391e032")), "<f64 as zmij::S>::write");
        assert_eq!(without_hashes(Some("plain::hash")), "plain::hash");
        assert_eq!(without_hashes(None), "");
    }

    #[test]
    fn paths_are_blanked_and_nothing_else() {
        let mut data = *b"wrong password\0src/seal.rs\0v2.";
        blank_paths(&mut data);
        assert_eq!(&data, b"wrong password\0\0\0\0\0\0\0\0\0\0\0\0\0v2.");
    }

    #[test]
    fn places_in_files_are_blanked_and_nothing_else() {
        let place = |address: u32, length: u32| [address, length, 7, 3].map(u32::to_le_bytes).concat();
        let text = *b"ab/c.rs\0";
        let data = |at: &[u8]| [&text[..], at, &5_u32.to_le_bytes()].concat();
        for (written, blank) in [(place(1024, 7), true), (place(1026, 5), true), (place(1024, 6), false)] {
            let mut found = data(&written);
            blank_places(&mut found, 1024);
            let expected = if blank { data(&[0; 16]) } else { data(&written) };
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn what_returns_is_kept() {
        assert!(
            is_of_panics("core::panicking::panic_fmt") && is_of_panics("<core::fmt::Error as core::fmt::Debug>::fmt")
        );
        assert!(!is_of_panics("<&str as core::fmt::Debug>::fmt"));
        assert!(!is_of_panics("generatio_core::seal::open") && !is_of_panics("core::str::converts::from_utf8"));
    }
}
