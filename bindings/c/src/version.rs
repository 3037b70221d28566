//! Which library this is.

use std::ffi::{CStr, c_char};

/// The version's first number.
pub const GENERATIO_VERSION_MAJOR: u32 = 0;
/// The version's second number.
pub const GENERATIO_VERSION_MINOR: u32 = 1;
/// The version's third number.
pub const GENERATIO_VERSION_PATCH: u32 = 0;
/// The number of the binary interface. It grows only when programs must be compiled anew; what is merely added leaves
/// it as it is.
pub const GENERATIO_ABI: u32 = 1;

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => panic!("a version holds no NUL"),
};

/// The version of the library that runs, such as "0.1.0": a static text. `GENERATIO_VERSION` is that of the header.
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn generatio_version() -> *const c_char {
    VERSION.as_ptr()
}

/// The same as a number: major * 1,000,000 + minor * 1,000 + patch. `GENERATIO_VERSION_NUMBER` is that of the header.
/// Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn generatio_version_number() -> u32 {
    GENERATIO_VERSION_MAJOR * 1_000_000 + GENERATIO_VERSION_MINOR * 1_000 + GENERATIO_VERSION_PATCH
}

/// The number of the binary interface of the library that runs. A program that finds another than the `GENERATIO_ABI`
/// it was compiled with must not go on. Any thread; does not block.
#[unsafe(no_mangle)]
pub extern "C" fn generatio_abi() -> u32 {
    GENERATIO_ABI
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_package() {
        let composed = format!("{GENERATIO_VERSION_MAJOR}.{GENERATIO_VERSION_MINOR}.{GENERATIO_VERSION_PATCH}");
        assert_eq!(composed, env!("CARGO_PKG_VERSION"));
        assert_eq!(VERSION.to_str().unwrap(), composed);
    }
}
