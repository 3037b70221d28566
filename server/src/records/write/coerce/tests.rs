use super::{Sent, coerce, step, zero};
use crate::clock::record_date;
use crate::records::Collection;
use crate::store::Value;
use serde_json::value::RawValue;

/// The text of what the field makes of a JSON text, or the code of the problem.
fn made(collection: Collection, field: &str, json: &str) -> Result<String, &'static str> {
    let raw = RawValue::from_string(json.to_owned()).unwrap();
    let value = coerce(collection.field(field).unwrap(), &Sent::new(&raw)).map_err(|problem| problem.code)?;
    Ok(match value {
        Value::Bool(flag) => flag.to_string(),
        Value::Date(date) => date.map(record_date).unwrap_or_default(),
        Value::Json(text) | Value::Link(text) | Value::Number(text) | Value::Text(text) => text,
        Value::Relations(ids) => ids.join(","),
    })
}

#[test]
fn every_kind_makes_something_of_everything() {
    let images = Collection::Images;
    // Sent, then: a text, a number, a date, a relation, a JSON value.
    let rows = [
        ("\"x\"", Ok("x"), Ok("0"), "", "x", "\"x\""),
        ("\" 2 \"", Ok(" 2 "), Ok("0"), "", " 2 ", "\" 2 \""),
        ("\"3\"", Ok("3"), Ok("3"), "", "3", "3"),
        ("\"1e3\"", Ok("1e3"), Ok("1000"), "", "1e3", "1e3"),
        ("\"1_000\"", Ok("1_000"), Ok("1000"), "", "1_000", "\"1_000\""),
        ("\"5.\"", Ok("5."), Ok("5"), "", "5.", "\"5.\""),
        ("\".5\"", Ok(".5"), Err("validation_only_int_constraint"), "", ".5", "\".5\""),
        ("\"NaN\"", Ok("NaN"), Err("validation_not_a_number"), "", "NaN", "\"NaN\""),
        ("5", Ok("5"), Ok("5"), "", "5", "5"),
        ("1.0", Ok("1"), Ok("1"), "", "1.0", "1.0"),
        ("-1", Ok("-1"), Err("validation_number_out_of_range"), "", "-1", "-1"),
        ("1e-7", Ok("0.0000001"), Err("validation_only_int_constraint"), "", "1e-7", "1e-7"),
        ("1e21", Ok("1000000000000000000000"), Err("validation_number_out_of_range"), "", "1e+21", "1e21"),
        (
            "12345678901234567891",
            Ok("12345678901234567891"),
            Err("validation_number_out_of_range"),
            "",
            "12345678901234567891",
            "12345678901234567891",
        ),
        ("true", Ok("true"), Ok("1"), "", "true", "true"),
        ("false", Ok("false"), Ok("0"), "", "false", "false"),
        ("null", Ok(""), Ok("0"), "", "", "null"),
        ("[ \"a\", \"b\" ]", Ok(""), Ok("0"), "", "b", "[\"a\",\"b\"]"),
        ("[\"\"]", Ok(""), Ok("0"), "", "", "[\"\"]"),
        ("{\"b\": \" \\\" \", \"a\": 1.50}", Ok(""), Ok("0"), "", "", "{\"b\":\" \\\" \",\"a\":1.50}"),
        ("\"{\\\"a\\\": 1}\"", Ok("{\"a\": 1}"), Ok("0"), "", "{\"a\": 1}", "{\"a\":1}"),
        ("\"[\\\"a\\\"]\"", Ok("[\"a\"]"), Ok("0"), "", "a", "[\"a\"]"),
        ("\"{bad\"", Ok("{bad"), Ok("0"), "", "{bad", "\"{bad\""),
        ("\"null\"", Ok("null"), Ok("0"), "", "null", "null"),
        ("\"2024-01-01\"", Ok("2024-01-01"), Ok("0"), "2024-01-01 00:00:00.000Z", "2024-01-01", "\"2024-01-01\""),
    ];
    for (sent, text, number, date, relation, json) in rows {
        assert_eq!(made(images, "title", sent), text.map(str::to_owned), "{sent}");
        assert_eq!(made(images, "batch_number", sent), number.map(str::to_owned), "{sent}");
        assert_eq!(made(images, "deleted_at", sent).as_deref(), Ok(date), "{sent}");
        assert_eq!(made(images, "folder_id", sent).as_deref(), Ok(relation), "{sent}");
        assert_eq!(made(images, "image_size", sent).as_deref(), Ok(json), "{sent}");
    }
}

#[test]
fn dates_come_in_several_forms() {
    for (sent, date) in [
        ("2024-01-01 12:00:00.123Z", "2024-01-01 12:00:00.123Z"),
        ("2024-01-01 10:00:00", "2024-01-01 10:00:00.000Z"),
        ("2024-01-01T10:00:00.9999Z", "2024-01-01 10:00:00.999Z"),
        ("2024-01-01T10:00:00.123+02:00", "2024-01-01 08:00:00.123Z"),
        ("2024-01-01 12:00:00 +0200", "2024-01-01 10:00:00.000Z"),
        ("2024-01-01 12:00:00-02:30", "2024-01-01 14:30:00.000Z"),
        ("Mon, 01 Jan 2024 10:00:00 GMT", "2024-01-01 10:00:00.000Z"),
        ("Mon, 01 Jan 2024 10:00:00 +0200", "2024-01-01 08:00:00.000Z"),
        ("Mon Jan  1 10:00:00 2024", "2024-01-01 10:00:00.000Z"),
        ("1969-12-31 23:59:59.999Z", "1969-12-31 23:59:59.999Z"),
        ("9999-12-31 23:59:59.999Z", "9999-12-31 23:59:59.999Z"),
        ("0001-01-01", ""),
        ("0000-01-01", ""),
        ("2024-01-01 10:00", ""),
        ("10:00", ""),
        ("2024-02-30", ""),
        ("2024-01-01 24:00:00", ""),
        ("2024-01-01 ", ""),
        ("01/02/2024", ""),
        ("é:-é", ""),
        (":+", ""),
        ("now", ""),
    ] {
        assert_eq!(made(Collection::Images, "deleted_at", &format!("{sent:?}")).as_deref(), Ok(date), "{sent}");
    }
}

#[test]
fn rules_are_named() {
    let long = |count| format!("\"{}\"", "é".repeat(count));
    let address = |count: usize| format!("\"https://x.y/{}\"", "é".repeat(count - 12));
    let (images, folders, preferences) = (Collection::Images, Collection::Folders, Collection::ModelPreferences);
    for (collection, field, sent, problem) in [
        (images, "title", long(200), None),
        (images, "title", long(201), Some("validation_max_text_constraint")),
        (images, "prompt", long(5000), None),
        (images, "prompt", long(5001), Some("validation_max_text_constraint")),
        (images, "prompt", "\"\"".into(), Some("validation_required")),
        (folders, "name", "[]".into(), Some("validation_required")),
        (folders, "name", "\" \"".into(), Some("validation_required")),
        (images, "title", "\" \"".into(), None),
        (images, "url", address(2048), None),
        (images, "url", address(2049), Some("validation_max_text_constraint")),
        (images, "url", "\"javascript:alert(1)\"".into(), Some("validation_is_url")),
        (images, "url", "\"/x.png\"".into(), Some("validation_is_url")),
        (images, "batch_number", "4294967295".into(), None),
        (images, "batch_number", "4294967296".into(), Some("validation_number_out_of_range")),
        (images, "image_size", long((1 << 19) - 1), None),
        (images, "image_size", long(1 << 19), Some("validation_json_size_limit")),
        (preferences, "preferences", "{\"a\":1}".into(), None),
        (preferences, "preferences", "{ }".into(), Some("validation_required")),
        (preferences, "preferences", "[1]".into(), Some("validation_invalid_json")),
        (preferences, "preferences", format!("{{\"a\":{}}}", long(1 << 15)), Some("validation_json_size_limit")),
    ] {
        assert_eq!(made(collection, field, &sent).err(), problem, "{collection:?} {field}");
    }
}

#[test]
fn what_is_absent_is_zero_and_steps_are_whole() {
    for collection in Collection::ALL {
        for field in collection.fields().iter().filter(|field| field.writable && !field.required && field.name != "id")
        {
            let null = RawValue::from_string("null".to_owned()).unwrap();
            let made = coerce(field, &Sent::new(&null)).unwrap();
            assert!(made == zero(field), "{collection:?} {}", field.name);
        }
    }
    for (sent, expected) in [("2", Some(2)), ("-1", Some(-1)), ("\"x\"", Some(0)), ("true", Some(1)), ("1.5", None)] {
        let raw = RawValue::from_string(sent.to_owned()).unwrap();
        assert_eq!(step(&Sent::new(&raw)).ok(), expected, "{sent}");
    }
}
