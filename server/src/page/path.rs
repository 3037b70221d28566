//! From the path of a request to names of files. No name leads out of the folder, to a hidden file, or to another
//! spelling of itself.

use percent_encoding::percent_decode_str;

/// Longest path that is looked at, in bytes as sent.
const MAX_BYTES: usize = 2048;

/// The path decoded, without its first slash. `None` for what can be no file's: `/api` and below, more than
/// [`MAX_BYTES`], not UTF-8, or a segment that is empty (but the last), hidden, or holds a character that some system
/// reads as more than a letter of a name. `.well-known` (RFC 8615) is not hidden.
pub(super) fn parse(path: &str) -> Option<String> {
    let inside = path.strip_prefix('/').filter(|_| path.len() <= MAX_BYTES)?;
    let decoded = percent_decode_str(inside).decode_utf8().ok()?;
    let mut segments = decoded.split('/').collect::<Vec<_>>();
    if segments.first() == Some(&"api") {
        return None;
    }
    // Encoded slashes would make another path of it: one that other rules did not see.
    let same_depth = segments.len() == inside.split('/').count();
    let last_is_empty = segments.pop_if(|last| last.is_empty()).is_some();
    let good = same_depth && segments.iter().all(|segment| is_plain(segment));
    good.then(|| segments.join("/") + if last_is_empty && !segments.is_empty() { "/" } else { "" })
}

fn is_plain(segment: &str) -> bool {
    let hidden = segment.starts_with('.') && segment != ".well-known";
    !segment.is_empty()
        && !hidden
        && !segment.contains(|letter: char| letter.is_control() || matches!(letter, '\\' | ':'))
}

/// The names under which the file of a path may be, in order.
pub(super) fn candidates(path: &str, first_page: &str) -> Vec<String> {
    let mut names = Vec::new();
    if path.is_empty() || path.ends_with('/') {
        names.push(format!("{path}{first_page}"));
    } else {
        names.push(path.to_owned());
    }
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if !path.is_empty() && !last.contains('.') {
        names.push(first_page.to_owned());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::{candidates, parse};

    #[test]
    fn paths_become_names() {
        for (path, name) in [
            ("/", ""),
            ("/index.html", "index.html"),
            ("/app/main.js", "app/main.js"),
            ("/a/", "a/"),
            ("/caf%C3%A9.html", "café.html"),
            ("/a%20b", "a b"),
            ("/apiary", "apiary"),
            ("/.well-known/security.txt", ".well-known/security.txt"),
        ] {
            assert_eq!(parse(path).as_deref(), Some(name), "{path}");
        }
    }

    #[test]
    fn nothing_leads_out() {
        for path in [
            "",
            "x",
            "*",
            "//",
            "//etc/passwd",
            "/a//b",
            "/..",
            "/../a",
            "/a/../b",
            "/a/..",
            "/%2e%2e/a",
            "/%2E%2e%2fa",
            "/a%2fb",
            "/a%2f..%2fb",
            "/a\\b",
            "/a%5c..",
            "/c:/x",
            "/%00",
            "/a%0a",
            "/%ff",
            "/.env",
            "/a/.git/config",
            "/api",
            "/api/",
            "/api/x",
            "/%61pi/x",
            "/.",
            "/./a",
        ] {
            assert_eq!(parse(path), None, "{path}");
        }
        assert!(parse(&format!("/{}", "a".repeat(2047))).is_some());
        assert!(parse(&format!("/{}", "a".repeat(2048))).is_none());
    }

    #[test]
    fn the_first_page_stands_in_for_names_without_a_dot() {
        for (path, names) in [
            ("", &["index.html"][..]),
            ("a/", &["a/index.html", "index.html"]),
            ("gallery/42", &["gallery/42", "index.html"]),
            ("app/main.js", &["app/main.js"]),
            ("a.b/", &["a.b/index.html"]),
        ] {
            assert_eq!(candidates(path, "index.html"), names, "{path}");
        }
    }
}
