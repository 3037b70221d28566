//! A project that has the package installed from its tarball, beside the tools of `package-lock.json`, below the target
//! folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

const PINS: [&str; 2] = ["package.json", "package-lock.json"];
/// The project's own manifest; its dependency is what `npm pack` made.
const MANIFEST: &str =
    r#"{"name": "app", "private": true, "type": "module", "dependencies": {"generatio": "file:../generatio.tgz"}}"#;

/// The project's folder, with all that node runs in it. Built once for all topics of this process.
///
/// # Panics
/// When anything is missing or fails.
pub(crate) fn installed() -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(install).clone()
}

fn install() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wasm");
    fs::create_dir_all(&folder).expect("the target folder can be written to");
    let guard = File::create(folder.join("guard")).expect("a file to lock");
    guard.lock().expect("the lock");
    install_tools(&folder);
    let package = folder.join("package");
    build(&package);
    pack(&package, &folder);
    let app = folder.join("app");
    if app.exists() {
        fs::remove_dir_all(&app).expect("the project of the last run goes");
    }
    fs::create_dir_all(&app).expect("a folder");
    fs::write(app.join("package.json"), MANIFEST).expect("the manifest is written");
    npm(&["install", "--no-audit", "--no-fund", "--no-package-lock", "--offline"], &app);
    copy(&workspace().join("bindings/wasm/tests"), &app);
    copy(&workspace().join("bindings/wasm/tests/pages"), &app);
    // TypeScript looks into no folder of installed packages.
    copy(&package, &app.join("checked"));
    fs::copy(workspace().join("tests/vectors/sealed_tokens.json"), app.join("sealed_tokens.json"))
        .expect("the vectors");
    app
}

fn install_tools(folder: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("wasm");
    let wanted = fs::read(source.join(PINS[1])).expect("the lock file of npm");
    let mark = folder.join("installed");
    if fs::read(&mark).unwrap_or_default() != wanted {
        for file in PINS {
            fs::copy(source.join(file), folder.join(file)).expect("the pins are copied");
        }
        npm(&["ci", "--no-audit", "--no-fund", "--ignore-scripts"], folder);
        fs::write(mark, wanted).expect("it is remembered");
    }
}

/// As `cargo xtask wasm` does it: by the same program, built beside this one when a suite runs, else now.
fn build(package: &Path) {
    let mut command = match std::env::var_os("GENERATIO_WASM_BUILD") {
        Some(program) => Command::new(program),
        None => {
            let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            cargo.args(["run", "--quiet", "--package", "generatio-wasm-build", "--"]).current_dir(workspace());
            cargo
        }
    };
    run(command.arg("--out").arg(package));
}

/// `npm pack`, which also says what is wrong with the package; the tarball gets a name without a version.
fn pack(package: &Path, folder: &Path) {
    let packed = npm(&["pack", "--json", "--pack-destination", &folder.display().to_string()], package);
    let packed: serde_json::Value = serde_json::from_str(&packed).expect("npm pack prints JSON");
    let entry = packed.get(0).or_else(|| packed.as_object()?.values().next()).expect("one package");
    let name = entry["filename"].as_str().expect("the tarball's name");
    let files = entry["files"].as_array().expect("the files of the tarball");
    assert!(files.iter().any(|file| file["path"] == "generatio.wasm"), "{files:?}");
    fs::rename(folder.join(name), folder.join("generatio.tgz")).expect("the tarball is there");
}

fn npm(arguments: &[&str], folder: &Path) -> String {
    run(Command::new("npm").args(arguments).current_dir(folder))
}

fn run(command: &mut Command) -> String {
    let output = command.output().expect("it runs; `cargo xtask test` installs what it can");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{command:?}\n{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// The files of a folder, and of those in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("a file");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("its type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("the file is copied");
        }
    }
}

fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests is a folder of the workspace")
}
