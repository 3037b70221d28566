//! The schemas of the document: derived from the types themselves, as they are read in requests and written in answers.

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform as _};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Where named schemas stand in the document.
const PLACE: &str = "/components/schemas";

/// Derives schemas and keeps those that have names.
pub(super) struct Schemas {
    requests: SchemaGenerator,
    answers: SchemaGenerator,
    /// Those that follow from tables instead of types.
    tabled: Map<String, Value>,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = || {
            SchemaSettings::draft2020_12().with(|settings| {
                settings.definitions_path = PLACE.into();
                // The document says it once for all.
                settings.meta_schema = None;
                settings.transforms.push(Box::new(RecursiveTransform(without_blank_default)));
            })
        };
        Self {
            requests: settings().for_deserialize().into_generator(),
            answers: settings().for_serialize().into_generator(),
            tabled: Map::new(),
        }
    }

    /// The schema of a `T` that is read.
    pub(super) fn request<T: JsonSchema>(&mut self) -> Value {
        self.requests.subschema_for::<T>().to_value()
    }

    /// The schema of a `T` that is written.
    pub(super) fn answer<T: JsonSchema>(&mut self) -> Value {
        self.answers.subschema_for::<T>().to_value()
    }

    /// The schema of a `T` that is read, itself instead of its name.
    pub(super) fn request_in_full<T: JsonSchema>(&mut self) -> Value {
        let mut schema = T::json_schema(&mut self.requests);
        RecursiveTransform(without_blank_default).transform(&mut schema);
        schema.to_value()
    }

    /// The same of one that is written.
    pub(super) fn answer_in_full<T: JsonSchema>(&mut self) -> Value {
        T::json_schema(&mut self.answers).to_value()
    }

    /// Keeps a schema by name.
    pub(super) fn keep(&mut self, name: &str, schema: Value) -> Value {
        self.tabled.insert(name.to_owned(), schema);
        reference(name)
    }

    /// All that have names.
    ///
    /// # Panics
    /// When a name has two meanings, which a test sees to.
    pub(super) fn into_named(mut self) -> Map<String, Value> {
        let mut named = self.tabled;
        for (name, schema) in
            [&mut self.requests, &mut self.answers].into_iter().flat_map(|one| one.take_definitions(true))
        {
            let clash = named.get(&name).is_some_and(|other| *other != schema);
            assert!(!clash, "two schemas are called {name}");
            named.insert(name, schema);
        }
        named
    }
}

/// Whoever leaves a text out has not sent an empty one.
fn without_blank_default(schema: &mut Schema) {
    if schema.get("default").is_some_and(|default| default == "") {
        schema.remove("default");
    }
}

/// Where the schema of this name is.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#{PLACE}/{name}") })
}

#[cfg(test)]
pub(super) mod tests {
    use super::Schemas;
    use schemars::JsonSchema;
    use serde_json::{Map, Value};

    /// Checks that `value` is what the schema of a written `T` says, without a member that it does not name.
    #[track_caller]
    pub(in crate::openapi) fn fits<T: JsonSchema>(value: &Value) {
        let mut schemas = Schemas::new();
        let schema = schemas.answer::<T>();
        check(&schemas.into_named(), &schema, value).unwrap_or_else(|problem| panic!("{problem}"));
    }

    /// As much of JSON Schema as our own schemas use.
    fn check(named: &Map<String, Value>, schema: &Value, value: &Value) -> Result<(), String> {
        let at = |place: &str, problem: String| format!("{place}: {problem}");
        if let Some(place) = schema["$ref"].as_str() {
            return check(named, &named[place.rsplit('/').next().unwrap()], value);
        }
        if let Some(any) = schema["anyOf"].as_array() {
            let fits = any.iter().any(|one| check(named, one, value).is_ok());
            return if fits { Ok(()) } else { Err(format!("{value} is none of {any:?}")) };
        }
        let is = |kind: &str| match kind {
            "null" => value.is_null(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "number" => value.is_number(),
            "integer" => value.is_u64() || value.is_i64(),
            "array" => value.is_array(),
            _ => value.is_object(),
        };
        let kinds: Vec<&str> = match &schema["type"] {
            Value::String(kind) => vec![kind],
            Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap()).collect(),
            _ => Vec::new(),
        };
        if !kinds.is_empty() && !kinds.into_iter().any(is) {
            return Err(format!("{value} is no {}", schema["type"]));
        }
        if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
            return Err(format!("{value} is none of {}", schema["enum"]));
        }
        for item in value.as_array().into_iter().flatten() {
            check(named, &schema["items"], item)?;
        }
        let Some(members) = value.as_object().filter(|_| schema.is_object()) else { return Ok(()) };
        for required in schema["required"].as_array().into_iter().flatten() {
            if !members.contains_key(required.as_str().unwrap()) {
                return Err(format!("{required} is missing"));
            }
        }
        let is_open = schema.get("additionalProperties").is_some() || schema.get("properties").is_none();
        for (name, member) in members {
            match (schema["properties"].get(name), &schema["additionalProperties"]) {
                (Some(schema), _) => check(named, schema, member).map_err(|problem| at(name, problem))?,
                (None, Value::Object(further)) => {
                    check(named, &Value::Object(further.clone()), member).map_err(|problem| at(name, problem))?;
                }
                (None, _) if is_open => {}
                (None, _) => return Err(format!("{name} has no schema")),
            }
        }
        Ok(())
    }
}
