//! What cargo knows of the workspace and of everything it is built from.

use crate::{Outcome, process};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// `cargo metadata`, all platforms together.
pub(crate) struct Metadata {
    packages: BTreeMap<String, Value>,
    members: BTreeSet<String>,
    nodes: BTreeMap<String, Value>,
}

impl Metadata {
    /// Asks cargo; the lock file stays as it is.
    pub(crate) fn read() -> Outcome<Self> {
        let told = process::cargo(&["metadata", "--locked", "--format-version", "1"]).output()?;
        if !told.status.success() {
            return Err(format!("cargo metadata: {}", String::from_utf8_lossy(&told.stderr)).into());
        }
        Self::of(&serde_json::from_slice(&told.stdout)?)
    }

    fn of(told: &Value) -> Outcome<Self> {
        let by_id = |list: &Value| -> Outcome<BTreeMap<String, Value>> {
            let entries = list.as_array().ok_or("cargo metadata has another form")?;
            Ok(entries.iter().filter_map(|entry| Some((entry["id"].as_str()?.to_owned(), entry.clone()))).collect())
        };
        let members = told["workspace_members"].as_array().into_iter().flatten();
        Ok(Self {
            packages: by_id(&told["packages"])?,
            members: members.filter_map(|id| Some(id.as_str()?.to_owned())).collect(),
            nodes: by_id(&told["resolve"]["nodes"])?,
        })
    }

    /// The package of this id.
    pub(crate) fn package(&self, id: &str) -> Outcome<&Value> {
        self.packages.get(id).ok_or_else(|| format!("cargo metadata does not know {id}").into())
    }

    /// Our own packages.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Value> {
        self.members.iter().filter_map(|id| self.packages.get(id))
    }

    /// Everybody else's.
    pub(crate) fn others(&self) -> impl Iterator<Item = &Value> {
        self.packages.iter().filter(|(id, _)| !self.members.contains(*id)).map(|(_, package)| package)
    }

    /// The id of our own package of this name.
    pub(crate) fn member(&self, name: &str) -> Outcome<&str> {
        let found = self.members().find(|package| package["name"] == name).and_then(|package| package["id"].as_str());
        found.ok_or_else(|| format!("there is no package {name} here").into())
    }

    /// What the package is built from directly, without what only its tests need; ids.
    pub(crate) fn built_from(&self, id: &str) -> BTreeSet<&str> {
        let deps = self.nodes.get(id).and_then(|node| node["deps"].as_array()).into_iter().flatten();
        let is_built = |dep: &&Value| {
            let mut kinds = dep["dep_kinds"].as_array().into_iter().flatten();
            kinds.any(|kind| kind["kind"] != "dev")
        };
        deps.filter(is_built).filter_map(|dep| dep["pkg"].as_str()).collect()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Metadata;
    use serde_json::json;

    /// `own` is built from `a`, `a` from `b`; `own` is tested with `c`.
    pub(crate) fn sample() -> Metadata {
        let registry = "registry+https://github.com/rust-lang/crates.io-index";
        let other = |name: &str, license: &str, rust: &str| {
            json!({ "id": name, "name": name, "version": "1.0.0", "license": license, "source": registry,
                    "rust_version": rust, "features": { "default": ["std"], "std": [] }, "dependencies": [] })
        };
        let dep = |name: &str, kind: Option<&str>| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let asked = |name: &str, kind: Option<&str>, default: bool| json!({ "name": name, "kind": kind, "uses_default_features": default });
        let told = json!({
            "packages": [
                { "id": "own", "name": "own", "version": "0.1.0", "license": "MIT", "source": null, "rust_version": "1.89",
                  "dependencies": [asked("a", None, false), asked("c", Some("dev"), true)] },
                other("a", "MIT/Apache-2.0", "1.60"), other("b", "ISC", "1.89.0"), other("c", "MIT", "1.90"),
            ],
            "workspace_members": ["own"],
            "resolve": { "nodes": [
                { "id": "own", "deps": [dep("a", None), dep("c", Some("dev"))] },
                { "id": "a", "deps": [dep("b", Some("build"))] },
                { "id": "b", "deps": [] }, { "id": "c", "deps": [] },
            ] },
        });
        Metadata::of(&told).unwrap()
    }

    #[test]
    fn what_only_tests_need_is_no_part_of_what_is_built() {
        let metadata = sample();
        assert_eq!(metadata.built_from("own").into_iter().collect::<Vec<_>>(), ["a"]);
        assert_eq!(metadata.built_from("a").into_iter().collect::<Vec<_>>(), ["b"]);
        assert_eq!((metadata.members().count(), metadata.others().count()), (1, 3));
        assert!(metadata.member("own").is_ok() && metadata.member("a").is_err() && metadata.package("x").is_err());
    }
}
