//! `cargo xtask sbom`: what one of our packages is built from, as software bills of materials are written (CycloneDX 1.5).
//!
//! Build scripts and macros are among it, what only tests need is not; platforms are taken together. The same commit gives
//! the same bytes: there is no date in it, and no number of its own.

use crate::metadata::Metadata;
use crate::{Outcome, process};
use clap::Args;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// Options of `cargo xtask sbom`.
#[derive(Args)]
pub(crate) struct Options {
    /// The package: generatio-server, generatio-c, generatio-wasm or generatio-core.
    #[arg(value_name = "PACKAGE", default_value = "generatio-server")]
    package: String,
    /// Where it is written, instead of to the screen.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Writes it.
pub(crate) fn run(options: &Options) -> Outcome {
    let checksums = checksums(&fs::read_to_string(process::workspace().join("Cargo.lock"))?);
    let bom = bom(&Metadata::read()?, &options.package, &checksums)?;
    let text = serde_json::to_string_pretty(&bom)? + "\n";
    match &options.output {
        None => print!("{text}"),
        Some(path) => {
            fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
            let count = bom["components"].as_array().map_or(0, Vec::len);
            println!("{}: {count} components of {}", path.display(), options.package);
        }
    }
    Ok(())
}

/// SHA-256 of each package's archive by name and version, as the lock file has them.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let entry = |text: &str| {
        let field = |name: &str| {
            let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "))?;
            Some(value.trim_matches('"').to_owned())
        };
        Some(((field("name")?, field("version")?), field("checksum")?))
    };
    lock.split("[[package]]").filter_map(entry).collect()
}

fn bom(metadata: &Metadata, package: &str, checksums: &BTreeMap<(String, String), String>) -> Outcome<Value> {
    let root = metadata.member(package)?;
    let mut reached = BTreeSet::from([root]);
    let mut left = vec![root];
    let mut dependencies = Vec::new();
    while let Some(id) = left.pop() {
        let below = metadata.built_from(id);
        left.extend(below.iter().filter(|id| reached.insert(**id)));
        let named: Outcome<BTreeSet<String>> = below.iter().map(|id| Ok(purl(metadata.package(id)?))).collect();
        dependencies.push((purl(metadata.package(id)?), named?));
    }
    dependencies.sort();
    let component = |id: &&str| Ok(component(metadata.package(id)?, checksums));
    let components: Outcome<Vec<Value>> = reached.iter().filter(|id| **id != root).map(component).collect();
    let mut own = component(&root)?;
    own["type"] = json!(if package == "generatio-server" { "application" } else { "library" });
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": own, "tools": { "components": [{ "type": "application", "name": "cargo xtask sbom" }] } },
        "components": components?,
        "dependencies": dependencies.iter().map(|(of, on)| json!({ "ref": of, "dependsOn": on })).collect::<Vec<_>>(),
    }))
}

fn component(package: &Value, checksums: &BTreeMap<(String, String), String>) -> Value {
    let text = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
    let (name, version, purl) = (text("name"), text("version"), purl(package));
    let mut component = json!({ "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl, "scope": "required" });
    if let Some(license) = package["license"].as_str() {
        // Cargo's older way of saying either.
        component["licenses"] = json!([{ "expression": license.replace('/', " OR ") }]);
    }
    if let Some(checksum) = checksums.get(&(name, version)) {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    component
}

/// `pkg:cargo/NAME@VERSION`. Names of crates and versions of theirs need no encoding but for `+`.
fn purl(package: &Value) -> String {
    let text = |name: &str| package[name].as_str().unwrap_or_default();
    format!("pkg:cargo/{}@{}", text("name"), text("version").replace('+', "%2B"))
}

#[cfg(test)]
mod tests {
    use super::{bom, checksums};
    use crate::metadata::{Metadata, tests::sample};
    use crate::process;
    use serde_json::{Value, json};
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn what_is_built_is_listed_once_with_its_hash_and_licence() {
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"aa\"\n\n[[package]]\nname = \"own\"\n";
        let bom = bom(&sample(), "own", &checksums(lock)).unwrap();
        assert_eq!(bom["components"][0]["licenses"], json!([{ "expression": "MIT OR Apache-2.0" }]));
        assert_eq!(bom["components"][0]["hashes"], json!([{ "alg": "SHA-256", "content": "aa" }]));
        let names: Vec<_> = bom["components"].as_array().unwrap().iter().map(|part| &part["purl"]).collect();
        assert_eq!(names, ["pkg:cargo/a@1.0.0", "pkg:cargo/b@1.0.0"]);
        assert_eq!(bom["dependencies"][2], json!({ "ref": "pkg:cargo/own@0.1.0", "dependsOn": ["pkg:cargo/a@1.0.0"] }));
    }

    /// The fields that CycloneDX 1.5 requires, and those that whoever reads it looks for.
    #[test]
    fn the_servers_is_whole() {
        let checksums = checksums(&std::fs::read_to_string(process::workspace().join("Cargo.lock")).unwrap());
        let metadata = Metadata::read().unwrap();
        let bom = bom(&metadata, "generatio-server", &checksums).unwrap();
        assert_eq!(
            (&bom["bomFormat"], &bom["specVersion"], &bom["version"]),
            (&json!("CycloneDX"), &json!("1.5"), &json!(1))
        );
        let root = &bom["metadata"]["component"];
        assert_eq!((&root["name"], &root["type"]), (&json!("generatio-server"), &json!("application")));
        let components = bom["components"].as_array().unwrap();
        assert!(components.len() > 100, "{}", components.len());
        let mut refs = BTreeSet::from([root["bom-ref"].as_str().unwrap()]);
        for part in components {
            let text = |name: &str| part[name].as_str().filter(|text| !text.is_empty()).is_some();
            assert!(["type", "bom-ref", "name", "version", "purl"].into_iter().all(text), "{part}");
            assert!(part["licenses"][0]["expression"].is_string(), "{part}");
            let ours = part["name"].as_str().unwrap().starts_with("generatio-");
            let hash = part["hashes"][0]["content"].as_str();
            assert!(ours || hash.is_some_and(|hash| hash.len() == 64), "{part}");
            assert!(refs.insert(part["bom-ref"].as_str().unwrap()), "twice: {part}");
        }
        let edges: BTreeMap<&str, &Value> =
            bom["dependencies"].as_array().unwrap().iter().map(|edge| (edge["ref"].as_str().unwrap(), edge)).collect();
        assert_eq!(edges.keys().copied().collect::<BTreeSet<_>>(), refs);
        let named =
            |edge: &&Value| edge["dependsOn"].as_array().unwrap().iter().all(|on| refs.contains(on.as_str().unwrap()));
        assert!(edges.values().all(named));
        // Known to be there, and known not to be.
        let has = |name: &str| components.iter().any(|part| part["name"] == name);
        assert!(has("hyper") && has("libsqlite3-sys") && !has("tempfile") && !has("proptest"));
    }
}
