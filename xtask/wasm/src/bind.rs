//! wasm-bindgen: the module with its border, and the JavaScript on the other side of it.

use crate::{Entry, Outcome, panics};
use wasm_bindgen_cli_support::Bindgen;

/// What comes out.
pub(crate) struct Bound {
    /// `NAME_glue.js`: loads nothing by itself; `js/engine.js` hands it the instance.
    pub(crate) glue: String,
    /// The module.
    pub(crate) wasm: Vec<u8>,
}

/// Binds what [`crate::compile`] made.
pub(crate) fn bind(entry: Entry, module: &[u8]) -> Outcome<Bound> {
    let module = if entry == Entry::Slim { panics::cut_throws(module)? } else { module.to_vec() };
    let mut bindgen = Bindgen::new();
    // The form for bundlers is parted: glue that imports no module, and a loader, which is left out.
    bindgen.input_bytes(entry.name(), module).bundler(true).map_err(|error| error.to_string())?;
    bindgen.typescript(false).remove_producers_section(true).remove_name_section(true);
    let mut output = bindgen.generate_output().map_err(|error| format!("wasm-bindgen: {error:#}"))?;
    let glue = output.start().ok_or("wasm-bindgen made no glue")?.clone();
    let module = output.wasm_mut();
    panics::cut(entry, module);
    Ok(Bound { glue, wasm: module.emit_wasm() })
}
