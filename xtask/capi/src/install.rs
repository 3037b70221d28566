//! The installed library: header, libraries, and how pkg-config and CMake find them. The folder may be moved: nothing in
//! it names its own place.

use crate::build::Libraries;
use crate::{ABI, Outcome, workspace};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Installs below `prefix`.
pub(crate) fn install(prefix: &Path, libraries: &Libraries) -> Outcome {
    let (include, lib) = (prefix.join("include"), prefix.join("lib"));
    let cmake = lib.join("cmake/generatio");
    for folder in [&include, &lib.join("pkgconfig"), &cmake] {
        fs::create_dir_all(folder)?;
    }
    fs::copy(workspace().join("bindings/c/include/generatio.h"), include.join("generatio.h"))?;
    let full = format!("libgeneratio.so.{ABI}.0.0");
    fs::copy(&libraries.shared, lib.join(&full))?;
    link(&full, &lib.join(format!("libgeneratio.so.{ABI}")))?;
    link(&format!("libgeneratio.so.{ABI}"), &lib.join("libgeneratio.so"))?;
    fs::copy(&libraries.archive, lib.join("libgeneratio.a"))?;
    fs::write(lib.join("pkgconfig/generatio.pc"), filled(PKG_CONFIG, libraries))?;
    fs::write(cmake.join("generatio-config.cmake"), filled(CMAKE, libraries))?;
    fs::write(cmake.join("generatio-config-version.cmake"), filled(CMAKE_VERSION, libraries))?;
    Ok(())
}

fn link(target: &str, place: &Path) -> Outcome {
    if place.is_symlink() {
        fs::remove_file(place)?;
    }
    Ok(symlink(target, place)?)
}

fn filled(template: &str, libraries: &Libraries) -> String {
    let listed = libraries.private.split_whitespace().collect::<Vec<_>>().join(";");
    template
        .replace("@VERSION@", env!("CARGO_PKG_VERSION"))
        .replace("@ABI@", &ABI.to_string())
        .replace("@PRIVATE@", libraries.private.trim())
        .replace("@PRIVATE_LIST@", &listed)
}

const PKG_CONFIG: &str = "\
prefix=${pcfiledir}/../..
libdir=${prefix}/lib
includedir=${prefix}/include

Name: generatio
Description: Sealing, sessions, catalog, exact money and a FAL client
Version: @VERSION@
Libs: -L${libdir} -lgeneratio
Libs.private: @PRIVATE@
Cflags: -I${includedir}
";

const CMAKE: &str = r#"# find_package(generatio): generatio::generatio is the shared library, generatio::static the static one.

get_filename_component(generatio_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET generatio::generatio)
  add_library(generatio::generatio SHARED IMPORTED)
  set_target_properties(generatio::generatio PROPERTIES
    IMPORTED_LOCATION "${generatio_prefix}/lib/libgeneratio.so.@ABI@"
    IMPORTED_SONAME "libgeneratio.so.@ABI@"
    INTERFACE_INCLUDE_DIRECTORIES "${generatio_prefix}/include")
endif()

if(NOT TARGET generatio::static)
  add_library(generatio::static STATIC IMPORTED)
  set_target_properties(generatio::static PROPERTIES
    IMPORTED_LOCATION "${generatio_prefix}/lib/libgeneratio.a"
    INTERFACE_LINK_LIBRARIES "@PRIVATE_LIST@"
    INTERFACE_INCLUDE_DIRECTORIES "${generatio_prefix}/include")
endif()
"#;

const CMAKE_VERSION: &str = r#"set(PACKAGE_VERSION "@VERSION@")
if(PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE FALSE)
else()
  set(PACKAGE_VERSION_COMPATIBLE TRUE)
  if(PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION)
    set(PACKAGE_VERSION_EXACT TRUE)
  endif()
endif()
"#;
