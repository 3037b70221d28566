//! The reference page, from the header's comments.

use std::fmt::Write as _;

/// The page's parts: what is in each begins with one of these. The first that fits counts, the longest names first.
const PARTS: &[(&str, &[&str])] = &[
    ("Version", &["generatio_version", "generatio_abi", "GENERATIO_VERSION", "GENERATIO_ABI", "GENERATIO_MUST"]),
    ("Statuses", &["generatio_status"]),
    ("Errors", &["generatio_error"]),
    ("Texts and secrets", &["generatio_text", "generatio_secret", "generatio_view"]),
    (
        "Sealing",
        &[
            "generatio_seal",
            "generatio_open",
            "generatio_reseal",
            "generatio_account",
            "generatio_is_account",
            "GENERATIO_TOKEN",
            "GENERATIO_PASSWORD",
            "GENERATIO_CONTEXT",
            "GENERATIO_ITERATIONS",
        ],
    ),
    ("Sessions", &["generatio_session", "GENERATIO_SESSION"]),
    (
        "Checks of what people type",
        &[
            "generatio_password_check",
            "generatio_fal_key_check",
            "generatio_prompt",
            "generatio_name",
            "generatio_email",
        ],
    ),
    ("Money", &["generatio_usd", "GENERATIO_USD"]),
    ("Catalog", &["generatio_catalog", "generatio_model", "generatio_parameter"]),
    (
        "Requests and what they cost",
        &["generatio_generation", "generatio_cost", "generatio_prices", "generatio_certainty", "generatio_unit"],
    ),
    ("Webhooks", &["generatio_webhook", "generatio_deliver"]),
    ("FAL: beginning a call", &["generatio_fal"]),
    (
        "FAL: driving a call",
        &["generatio_call", "generatio_step", "generatio_exchange", "generatio_request", "generatio_transport"],
    ),
    (
        "FAL: what calls bring",
        &["generatio_submitted", "generatio_progress", "generatio_job", "generatio_output", "generatio_cancel"],
    ),
];

/// One declaration of the header with its comment.
struct Entry {
    name: String,
    comment: String,
    code: String,
}

/// The page for this header.
pub(crate) fn page(header: &str) -> Result<String, String> {
    let mut page = String::from(
        "# Reference of libgeneratio\n\nMade from `include/generatio.h` by `cargo xtask capi --header`.\n",
    );
    let conventions = header.split_once("/*\n").and_then(|(_, rest)| rest.split_once(" */"));
    let (conventions, _) = conventions.ok_or("the header has no conventions")?;
    let plain = conventions.lines().map(|line| line.strip_prefix(" * ").unwrap_or("")).collect::<Vec<_>>().join("\n");
    _ = write!(page, "\n## Conventions\n\n```text\n{plain}\n```\n");
    let entries = entries(header);
    let part_of = |entry: &Entry| {
        let fits =
            |names: &[&str]| names.iter().filter(|name| entry.name.starts_with(**name)).map(|name| name.len()).max();
        PARTS
            .iter()
            .enumerate()
            .filter_map(|(part, (_, names))| Some((fits(names)?, part)))
            .max_by_key(|(length, _)| *length)
    };
    if let Some(lost) = entries.iter().find(|entry| part_of(entry).is_none()) {
        return Err(format!("no part of the page takes {}; see xtask/capi/src/reference.rs", lost.name));
    }
    for (index, (title, _)) in PARTS.iter().enumerate() {
        _ = write!(page, "\n## {title}\n");
        for entry in entries.iter().filter(|entry| part_of(entry).is_some_and(|(_, part)| part == index)) {
            _ = write!(page, "\n### `{}`\n\n{}\n\n```c\n{}\n```\n", entry.name, entry.comment, entry.code);
        }
    }
    Ok(page)
}

/// What the binary interface is made of, one thing a line: functions, numbers, structures. It only grows.
pub(crate) fn abi(header: &str) -> String {
    let mut lines: Vec<String> = entries(header).into_iter().flat_map(|entry| interface(&entry)).collect();
    lines.sort();
    lines.join("\n") + "\n"
}

fn interface(entry: &Entry) -> Vec<String> {
    let bare: String = entry.code.lines().map(str::trim).filter(|line| !is_comment(line)).collect::<Vec<_>>().join(" ");
    let bare = bare.replace("GENERATIO_MUST_USE ", "");
    if bare.starts_with("#define") {
        return Vec::new();
    }
    if !bare.starts_with("enum ") {
        return vec![bare.replace("( ", "(")];
    }
    let members = bare.split_once('{').map_or("", |(_, rest)| rest.split_once('}').map_or("", |(members, _)| members));
    members.split(',').map(str::trim).filter(|member| !member.is_empty()).map(ToOwned::to_owned).collect()
}

fn is_comment(line: &str) -> bool {
    line.starts_with("/*") || line.starts_with('*')
}

/// Every documented declaration, in the header's order.
fn entries(header: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut lines = header.lines().peekable();
    while let Some(line) = lines.next() {
        if line != "/**" {
            continue;
        }
        let comment: Vec<&str> = lines.by_ref().take_while(|line| *line != " */").collect();
        let comment =
            comment.iter().map(|line| line.trim_start_matches(" *").trim_start()).collect::<Vec<_>>().join("\n");
        let mut code = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.is_empty() && *line != "/**") {
            code.push(line);
        }
        let code = code.join("\n");
        if let Some(name) = name(&code) {
            entries.push(Entry { name, comment, code: without_dialects(&code) });
        }
    }
    entries
}

/// What a declaration declares.
fn name(code: &str) -> Option<String> {
    let first = code.lines().find(|line| !line.starts_with("#if"))?;
    let text = if let Some(rest) = first.strip_prefix("#define ") {
        rest
    } else if first.starts_with("enum ") || first.starts_with("typedef struct ") {
        first.trim_start_matches("typedef ").split(' ').nth(1)?
    } else {
        let before = code.split('(').find(|part| {
            part.trim_end().rsplit([' ', '*']).next().is_some_and(|word| word.starts_with("generatio_"))
        })?;
        before.trim_end().rsplit([' ', '*']).next()?
    };
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    Some(text[..end].to_owned()).filter(|name| !name.is_empty())
}

/// Without the lines that tell C and C++ apart.
fn without_dialects(code: &str) -> String {
    let is_dialect = |line: &&str| line.starts_with('#') && !line.starts_with("#define") || line.trim() == ": uint32_t";
    let kept: Vec<&str> =
        code.lines().filter(|line| !is_dialect(line)).filter(|line| !line.starts_with("typedef enum")).collect();
    kept.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_enumerations_and_structures_are_found_by_name() {
        assert_eq!(
            name("GENERATIO_MUST_USE\ngeneratio_status generatio_open(const char *sealed,").unwrap(),
            "generatio_open"
        );
        assert_eq!(name("const struct x *generatio_find(int a);").unwrap(), "generatio_find");
        assert_eq!(name("#define GENERATIO_ABI 1").unwrap(), "GENERATIO_ABI");
        assert_eq!(name("enum generatio_step\n#if x\n").unwrap(), "generatio_step");
        assert_eq!(name("typedef struct generatio_view {").unwrap(), "generatio_view");
    }

    #[test]
    fn what_belongs_nowhere_is_named() {
        let header = "/*\n * CONVENTIONS\n */\n/**\n * New.\n */\nvoid generatio_new_thing(void);\n";
        assert!(page(header).unwrap_err().contains("generatio_new_thing"));
    }
}
