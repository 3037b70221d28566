//! Eight threads under ThreadSanitizer, which sees into the library too: it is built with it, by a nightly compiler.

use crate::installed::{STRICT, all, ran, source, well, workspace};
use std::path::{Path, PathBuf};
use std::process::Command;

fn nightly(program: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", program]).current_dir(workspace());
    command
}

/// The library under ThreadSanitizer, and the runtime that belongs to it: not gcc's, which is of another age.
fn libraries() -> [PathBuf; 2] {
    let said = well(nightly("rustc").arg("-vV"));
    let host = said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let sysroot = well(nightly("rustc").args(["--print", "sysroot"]));
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("capi-tsan");
    let mut cargo = nightly("cargo");
    cargo.args(["rustc", "--quiet", "--release", "--package", "generatio-c", "--crate-type", "staticlib"]);
    cargo.args(["--target", host, "--target-dir"]).arg(&target);
    // The standard library is not built with it: its locks are, where they are inlined, and that is what is looked at.
    well(cargo.env("RUSTFLAGS", "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer"));
    let archive = target.join(host).join("release/libgeneratio_c.a");
    let folder = Path::new(sysroot.trim()).join("lib/rustlib").join(host).join("lib");
    [archive, folder.join("librustc-nightly_rt.tsan.a")]
}

#[test]
fn thread_sanitizer_finds_nothing_but_what_is_planted() {
    let folder = tempfile::tempdir().unwrap();
    let [archive, runtime] = libraries();
    let (object, program) = (folder.path().join("threads.o"), folder.path().join("threads"));
    let mut gcc = Command::new("gcc");
    gcc.args(STRICT).args(["-g", "-fsanitize=thread", "-I"]).arg(workspace().join("bindings/c/include"));
    well(gcc.arg("-c").arg(source("threads.c")).arg("-o").arg(&object));
    let mut link = Command::new("gcc");
    link.arg("-o").arg(&program).arg(&object).arg(archive).arg("-Wl,--whole-archive").arg(runtime);
    well(link.args(["-Wl,--no-whole-archive", "-lpthread", "-ldl", "-lm", "-lrt", "-lgcc_s"]));

    assert_eq!(well(&mut Command::new(&program)), "all went well\n");
    let output = ran(Command::new(&program).arg("race"));
    assert!(!output.status.success() && all(&output).contains("data race"), "{}", all(&output));
}
