//! What is asked of dependencies beside their licences: no features that nobody chose, and no newer Rust than ours.

use crate::metadata::Metadata;
use crate::{Outcome, process, tools};
use serde_json::Value;

/// Packages whose own choice is taken as it is, each with the reason.
const AS_THEY_ARE: [(&str, &str); 0] = [];
/// What is handed to others. Tools and tests may take the newest.
const SHIPPED: [&str; 4] = ["generatio-core", "generatio-server", "generatio-c", "generatio-wasm"];

/// Every feature of a dependency is named by whoever needs it: what a package switches on by default comes in unseen, and
/// grows unseen.
pub(super) fn features() -> Outcome {
    let metadata = Metadata::read()?;
    let found = by_default(&metadata);
    if found.is_empty() { Ok(()) } else { Err(found.join("\n").into()) }
}

fn by_default(metadata: &Metadata) -> Vec<String> {
    let mut found = Vec::new();
    for member in metadata.members() {
        for asked in member["dependencies"].as_array().into_iter().flatten() {
            let name = asked["name"].as_str().unwrap_or_default();
            let excused = AS_THEY_ARE.iter().any(|(package, _)| *package == name);
            if asked["uses_default_features"] == true && !excused && has_defaults(metadata, name) {
                let (by, them) = (member["name"].as_str().unwrap_or_default(), defaults(metadata, name));
                found.push(format!("{by} takes {name} with its default features ({them}): name those that are needed"));
            }
        }
    }
    found
}

fn has_defaults(metadata: &Metadata, name: &str) -> bool {
    !defaults(metadata, name).is_empty()
}

/// What any version of the package switches on by default.
fn defaults(metadata: &Metadata, name: &str) -> String {
    let versions = metadata.others().filter(|package| package["name"] == name);
    let features = versions.flat_map(|package| package["features"]["default"].as_array().into_iter().flatten());
    features.filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
}

/// Nothing that is built into what we ship declares a newer Rust than we promise, and the promised one builds it.
pub(super) fn msrv() -> Outcome {
    let metadata = Metadata::read()?;
    let server = metadata.package(metadata.member("generatio-server")?)?;
    let promised = server["rust_version"].as_str().ok_or("no rust-version is declared")?.to_owned();
    let newer = newer(&metadata, &SHIPPED, &promised)?;
    if !newer.is_empty() {
        return Err(newer.join("\n").into());
    }
    tools::toolchain(&promised)?;
    let mut check = process::toolchain_cargo(&promised, &["check", "--locked", "--target-dir"]);
    // Apart, so that the two compilers do not undo each other's work.
    check.arg(process::workspace().join("target").join("msrv"));
    SHIPPED.iter().for_each(|package| {
        check.args(["--package", package]);
    });
    process::run(check)
}

fn newer(metadata: &Metadata, roots: &[&str], promised: &str) -> Outcome<Vec<String>> {
    let most = version(promised).ok_or_else(|| format!("{promised} is no version"))?;
    let mut reached = std::collections::BTreeSet::new();
    let mut left = roots.iter().map(|name| metadata.member(name)).collect::<Outcome<Vec<_>>>()?;
    let mut found = Vec::new();
    while let Some(id) = left.pop() {
        if !reached.insert(id) {
            continue;
        }
        let package = metadata.package(id)?;
        if let Some(asked) = package["rust_version"].as_str().filter(|asked| version(asked) > Some(most)) {
            let text = |name: &str| package[name].as_str().unwrap_or_default();
            found.push(format!("{} {} asks for Rust {asked}; {promised} is promised", text("name"), text("version")));
        }
        left.extend(metadata.built_from(id));
    }
    Ok(found)
}

/// `1.89` and `1.89.0` alike.
fn version(text: &str) -> Option<[u32; 3]> {
    let mut parts = text.split('.').map(str::parse);
    let mut next = || parts.next().unwrap_or(Ok(0)).ok();
    Some([next()?, next()?, next()?])
}

#[cfg(test)]
mod tests {
    use super::{by_default, newer, version};
    use crate::metadata::{Metadata, tests::sample};

    #[test]
    fn features_that_nobody_chose_are_named() {
        let found = by_default(&sample());
        assert_eq!(found, ["own takes c with its default features (std): name those that are needed"]);
    }

    #[test]
    fn a_newer_rust_is_noticed_where_it_is_built_in() {
        let metadata = sample();
        assert!(newer(&metadata, &["own"], "1.89").unwrap().is_empty(), "c is for tests");
        let found = newer(&metadata, &["own"], "1.88").unwrap();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found.contains(&"b 1.0.0 asks for Rust 1.89.0; 1.88 is promised".to_owned()), "{found:?}");
        assert!(version("1.9") < version("1.89") && version("1.89") == version("1.89.0") && version("x").is_none());
    }

    #[test]
    fn ours_are_as_they_should_be() {
        let metadata = Metadata::read().unwrap();
        assert_eq!(by_default(&metadata), Vec::<String>::new());
        assert_eq!(newer(&metadata, &super::SHIPPED, "1.89").unwrap(), Vec::<String>::new());
    }
}
