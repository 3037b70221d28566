//! The document as one page of HTML: no script, nothing from elsewhere, made once.

mod example;
mod schema;

use base64ct::{Base64, Encoding};
use http::HeaderValue;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

const STYLE: &str = include_str!("page/style.css");

/// The page may do nothing but be styled by what it brings along.
pub(super) fn policy() -> HeaderValue {
    let style = Base64::encode_string(&Sha256::digest(STYLE));
    let text = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(text).expect("Base64 is ASCII")
}

/// The page of `document`.
pub(super) fn html(document: &Value) -> String {
    let info = &document["info"];
    let (title, version) = (escaped(text(&info["title"])), escaped(text(&info["version"])));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title} API</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<style>{STYLE}</style>\n\
         <header><h1>{title} API <small>{version}</small></h1>\n"
    );
    for paragraph in text(&info["description"]).split("\n\n") {
        push(&mut page, format_args!("<p>{}</p>\n", prose(paragraph)));
    }
    page += "<p>Programs read it at <a href=\"/openapi.json\">/openapi.json</a>.</p></header>\n";
    page += &contents(document);
    page += "<main>\n";
    for tag in items(&document["tags"]) {
        let name = text(&tag["name"]);
        push(&mut page, format_args!("<section><h2 id=\"{}\">{}</h2>\n", anchor(name), escaped(name)));
        push(&mut page, format_args!("<p>{}</p>\n", prose(text(&tag["description"]))));
        for (method, path, operation) in of_tag(document, name) {
            page += &described(document, method, path, operation);
        }
        page += "</section>\n";
    }
    page += "<section><h2 id=\"schemas\">Schemas</h2>\n";
    for (name, schema) in members(&document["components"]["schemas"]) {
        page += &schema::named(name, schema);
    }
    page + "</section>\n</main>\n</html>\n"
}

/// Links to everything.
fn contents(document: &Value) -> String {
    let mut list = String::from("<nav aria-label=\"Contents\">\n");
    for tag in items(&document["tags"]) {
        let name = text(&tag["name"]);
        push(&mut list, format_args!("<details><summary>{}</summary><ul>\n", escaped(name)));
        for (method, path, operation) in of_tag(document, name) {
            let id = escaped(text(&operation["operationId"]));
            push(
                &mut list,
                format_args!("<li><a href=\"#{id}\"><b class=\"{method}\">{method}</b> {}</a>\n", escaped(path)),
            );
        }
        list += "</ul></details>\n";
    }
    list + "<p><a href=\"#schemas\">Schemas</a></p></nav>\n"
}

fn of_tag<'a>(document: &'a Value, tag: &'a str) -> impl Iterator<Item = (&'a str, &'a str, &'a Value)> {
    let methods = members(&document["paths"])
        .flat_map(|(path, item)| members(item).map(move |(method, operation)| (method, path, operation)));
    methods.filter(move |(_, _, operation)| operation["tags"][0] == tag)
}

/// One operation.
fn described(document: &Value, method: &str, path: &str, operation: &Value) -> String {
    let mut block = format!(
        "<article id=\"{}\">\n<h3><b class=\"{method}\">{method}</b> <code>{}</code></h3>\n<p><strong>{}.</strong> {}</p>\n<p class=\"who\">{}</p>\n",
        escaped(text(&operation["operationId"])),
        escaped(path).replace('/', "<wbr>/"),
        prose(text(&operation["summary"])),
        prose(text(&operation["description"])),
        who(&operation["security"]),
    );
    block += &parameters(&operation["parameters"]);
    if let Some(schema) = body(operation) {
        push(&mut block, format_args!("<h4>Body</h4>\n{}", schema::table(schema)));
    }
    block += "<h4>Answers</h4>\n<table>\n";
    for (status, answer) in members(&operation["responses"]) {
        let kinds: Vec<_> = members(&answer["content"])
            .map(|(kind, content)| format!("<code>{}</code> {}", escaped(kind), schema::brief(&content["schema"])))
            .collect();
        let headers: Vec<_> = members(&answer["headers"])
            .map(|(name, header)| {
                format!("<br><code>{}</code>: {}", escaped(name), prose(text(&header["description"])))
            })
            .collect();
        let (told, headers, kinds) = (prose(text(&answer["description"])), headers.concat(), kinds.join("<br>"));
        push(&mut block, format_args!("<tr><th scope=\"row\">{status}<td>{told}{headers}<td>{kinds}\n"));
    }
    let example = example::curl(document, method, path, operation);
    push(
        &mut block,
        format_args!(
            "</table>\n<details><summary>curl</summary><pre>{}</pre></details>\n</article>\n",
            escaped(&example)
        ),
    );
    block
}

fn who(security: &Value) -> &'static str {
    match items(security).last().and_then(Value::as_object) {
        None => "Public.",
        Some(schemes) if schemes.contains_key("session") => {
            "Needs <code>Authorization</code> and <code>X-Session-ID</code>."
        }
        Some(_) if items(security).count() > 1 => "<code>Authorization</code> may be left out.",
        Some(_) => "Needs <code>Authorization</code>.",
    }
}

fn parameters(parameters: &Value) -> String {
    let mut table = String::new();
    for parameter in items(parameters) {
        let (name, place) = (escaped(text(&parameter["name"])), escaped(text(&parameter["in"])));
        let (kind, told) = (schema::brief(&parameter["schema"]), prose(text(&parameter["description"])));
        push(&mut table, format_args!("<tr><th scope=\"row\"><code>{name}</code><td>{place}<td>{kind}<td>{told}\n"));
    }
    if table.is_empty() { table } else { format!("<h4>Parameters</h4>\n<table>\n{table}</table>\n") }
}

/// The schema of an operation's body, if it has one.
fn body(operation: &Value) -> Option<&Value> {
    operation["requestBody"]["content"]["application/json"].get("schema")
}

fn push(page: &mut String, text: std::fmt::Arguments<'_>) {
    page.write_fmt(text).expect("a String takes all");
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn members(object: &Value) -> impl Iterator<Item = (&str, &Value)> {
    object.as_object().into_iter().flat_map(Map::iter).map(|(name, member)| (name.as_str(), member))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

/// Text with what is between backquotes as code, and no other mark-up.
fn prose(text: &str) -> String {
    let parts = escaped(text);
    let mut parts = parts.split('`');
    let mut prose = parts.next().unwrap_or_default().to_owned();
    while let Some(code) = parts.next() {
        push(&mut prose, format_args!("<code>{code}</code>{}", parts.next().unwrap_or_default()));
    }
    prose
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::{STYLE, html, policy, prose};
    use crate::openapi::document;

    #[test]
    fn the_page_has_every_operation_and_loads_nothing() {
        let page = html(document());
        for (path, item) in document()["paths"].as_object().unwrap() {
            for operation in item.as_object().unwrap().values() {
                let id = operation["operationId"].as_str().unwrap();
                assert!(page.contains(&format!("<article id=\"{id}\">")), "{path}");
            }
        }
        for loads in ["<script", "src=", "@import", "url(", "<link", "<iframe", "style=\"", "onclick", "http-equiv"] {
            assert!(!page.contains(loads), "{loads}");
        }
        let targets = page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
        for target in targets {
            let id = target.strip_prefix('#');
            let is_there = id.map_or(target == "/openapi.json", |id| page.contains(&format!("id=\"{id}\"")));
            assert!(is_there, "{target}");
        }
    }

    #[test]
    fn the_style_is_the_one_that_the_policy_names() {
        assert!(html(document()).contains(&format!("<style>{STYLE}</style>")));
        assert!(policy().to_str().unwrap().contains("style-src 'sha256-"));
    }

    #[test]
    fn no_text_is_mark_up() {
        assert_eq!(prose("a <b> & `c<d>` \"e\""), "a &lt;b&gt; &amp; <code>c&lt;d&gt;</code> &quot;e&quot;");
        assert_eq!(prose("an odd ` one"), "an odd <code> one</code>");
    }
}
