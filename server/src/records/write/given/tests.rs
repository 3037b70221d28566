use super::{Given, parts};
use bytes::Bytes;

fn json(text: &str) -> Option<Given> {
    Given::of_json(text.as_bytes())
}

fn form(pairs: &[(&str, &str)]) -> Option<Given> {
    Given::of_form(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn text<'a>(given: &'a Given, name: &str) -> Option<&'a str> {
    given.get(name).map(serde_json::value::RawValue::get)
}

#[test]
fn one_json_object_is_read_digit_for_digit() {
    let given = json(r#" {"a":12345678901234567891,"b":{"z":1,"a":1.50}}{} x"#).unwrap();
    assert_eq!((text(&given, "a"), text(&given, "b")), (Some("12345678901234567891"), Some(r#"{"z":1,"a":1.50}"#)));
    assert_eq!(text(&given, "c"), None);
    assert_eq!(text(&json("null").unwrap(), "a"), None);
    for broken in ["{", "[]", "\"x\"", "1", "true", r#"{"a":1,"a":1}"#, r#"{"a":}"#] {
        assert!(json(broken).is_none(), "{broken}");
    }
}

#[test]
fn texts_of_forms_are_guessed() {
    for (sent, guessed) in [
        ("true", "true"),
        ("TRUE", "\"TRUE\""),
        ("5", "5"),
        ("-1.5", "-1.5"),
        ("1.50", "\"1.50\""),
        ("+5", "\"+5\""),
        ("007", "\"007\""),
        ("NaN", "\"NaN\""),
        ("inf", "\"inf\""),
        ("12345678901234567891", "\"12345678901234567891\""),
        ("", "\"\""),
        ("a \"b\"", r#""a \"b\"""#),
        ("{\"a\":1}", r#""{\"a\":1}""#),
    ] {
        assert_eq!(text(&form(&[("x", sent)]).unwrap(), "x"), Some(guessed), "{sent}");
    }
    let given =
        form(&[("@jsonPayload", r#"{"a":"5"}"#), ("a", "1"), ("b", "1"), ("b", "x"), ("@jsonPayload", r#"{"c":[]}"#)]);
    let given = given.unwrap();
    assert_eq!(
        (text(&given, "a"), text(&given, "b"), text(&given, "c")),
        (Some("\"5\""), Some("[1,\"x\"]"), Some("[]"))
    );
    assert!(form(&[("@jsonPayload", "{")]).is_none());
}

#[tokio::test]
async fn parts_are_read_and_files_left_out() {
    let body = "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nfrom a\r\nform\r\n\
                --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.png\"\r\n\r\nbytes\r\n--b--\r\n";
    let kind = "multipart/form-data; boundary=b";
    let pairs = parts(kind, Bytes::from(body)).await.unwrap();
    assert_eq!(pairs, [("title".to_owned(), "from a\r\nform".to_owned())]);
    assert!(parts(kind, Bytes::from("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ncut")).await.is_none());
    assert!(parts("multipart/form-data", Bytes::from(body)).await.is_none());
    assert!(
        parts(kind, Bytes::from(&b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\n\xff\r\n--b--\r\n"[..]))
            .await
            .is_none()
    );
}
