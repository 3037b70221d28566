//! The document against the table of routes, and against itself.

use super::{document, text};
use crate::http::routes::{self, routes};
use crate::records::Collection;
use http::Method;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Method and path of every operation.
fn operations() -> impl Iterator<Item = (Method, &'static String, &'static Value)> {
    let paths = document()["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| {
        item.as_object().unwrap().iter().map(move |(method, operation)| {
            (Method::from_bytes(method.to_uppercase().as_bytes()).unwrap(), path, operation)
        })
    })
}

#[test]
fn every_route_is_described_and_nothing_else() {
    let mut described = BTreeSet::new();
    for (method, path, _) in operations() {
        let route = routes::found(&method, path).unwrap_or_else(|| panic!("there is no {method} {path}"));
        let named = Collection::ALL.into_iter().map(|one| route.pattern().replace("{collection}", one.name()));
        assert!(named.into_iter().any(|one| one == *path), "{path} is spelled {} in the table", route.pattern());
        described.insert((method.to_string(), route.pattern()));
    }
    for route in routes() {
        let row = (route.method().to_string(), route.pattern());
        assert!(described.contains(&row), "{} {} is not described", row.0, row.1);
    }
}

#[test]
fn every_collection_can_be_read_and_is_written_unless_it_is_read_only() {
    for collection in Collection::ALL {
        let item = &document()["paths"][format!("/api/collections/{}/records", collection.name())];
        assert!(item["get"].is_object());
        assert_eq!(item["post"].is_object(), !collection.is_read_only(), "{collection:?}");
    }
}

#[test]
fn names_are_given_once_and_lead_somewhere() {
    let mut ids = BTreeMap::new();
    for (method, path, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap();
        let earlier = ids.insert(id, (method, path));
        assert!(earlier.is_none(), "{id} is {earlier:?} and {path}");
    }
    let mut places = Vec::new();
    references(document(), &mut places);
    assert!(places.len() > 100);
    for place in &places {
        assert!(document().pointer(place.strip_prefix('#').unwrap()).is_some(), "{place} leads nowhere");
    }
    let used: BTreeSet<_> = places.iter().filter_map(|place| place.strip_prefix("#/components/schemas/")).collect();
    let mentioned = text();
    for name in document()["components"]["schemas"].as_object().unwrap().keys() {
        assert!(used.contains(name.as_str()) || mentioned.contains(&format!("`{name}`")), "{name} is of no use");
    }
}

fn references<'a>(value: &'a Value, places: &mut Vec<&'a str>) {
    match value {
        Value::Object(members) => {
            places.extend(members.get("$ref").and_then(Value::as_str));
            members.values().for_each(|member| references(member, places));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, places)),
        _ => {}
    }
}

#[test]
fn every_name_in_a_path_is_a_parameter_and_every_operation_answers() {
    for (method, path, operation) in operations() {
        let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        let described: BTreeSet<_> =
            parameters.iter().filter(|one| one["in"] == "path").map(|one| one["name"].as_str().unwrap()).collect();
        let named: BTreeSet<_> = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        assert_eq!(described, named, "{method} {path}");
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.values().all(|answer| answer["description"].is_string()), "{method} {path}");
        assert!(answers.keys().any(|status| *status != "500"), "{method} {path}");
    }
}

#[test]
fn secrets_are_written_and_never_read() {
    for (name, schema) in document()["components"]["schemas"].as_object().unwrap() {
        for (member, schema) in schema["properties"].as_object().into_iter().flatten() {
            let is_secret =
                ["password", "oldPassword", "passwordConfirm", "fal_token", "invitation"].contains(&member.as_str());
            let optional = |schema: &Value| schema["anyOf"][0]["writeOnly"] == true;
            assert!(!is_secret || schema["writeOnly"] == true || optional(schema), "{name}.{member}: {schema}");
        }
    }
    for private in ["tokenKey", "password_hash"] {
        assert!(!text().contains(private), "{private}");
    }
}
