//! `:excerpt(max, withEllipsis?)`: the beginning of a text, without its HTML.

/// How much of a text to show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Excerpt {
    /// Characters.
    max: usize,
    /// Whether `...` follows where something was cut off.
    ellipsis: bool,
}

/// What lies within these is not for reading.
const SILENT: [&str; 18] = [
    "head", "style", "script", "iframe", "embed", "applet", "object", "svg", "img", "picture", "dialog", "template",
    "button", "form", "textarea", "input", "select", "option",
];
/// These do not part words.
const INLINE: [&str; 21] = [
    "a", "abbr", "acronym", "b", "bdo", "big", "br", "cite", "code", "em", "i", "label", "q", "small", "span",
    "strong", "strike", "sub", "sup", "time", "u",
];
const ENTITIES: [(&str, char); 6] =
    [("amp;", '&'), ("lt;", '<'), ("gt;", '>'), ("quot;", '"'), ("#39;", '\''), ("nbsp;", ' ')];

impl Excerpt {
    /// Reads `excerpt(5)` or `excerpt(5,true)`.
    pub(super) fn parse(modifier: &str) -> Option<Self> {
        let arguments = modifier.trim().strip_prefix("excerpt(")?.strip_suffix(')')?;
        let mut arguments = arguments.split(',').map(str::trim);
        let max = arguments.next()?.parse().ok().filter(|max| *max > 0)?;
        let ellipsis =
            arguments.next().is_some_and(|given| matches!(given, "1" | "t" | "T" | "true" | "TRUE" | "True"));
        arguments.next().is_none().then_some(Self { max, ellipsis })
    }

    /// The excerpt of a text.
    pub(super) fn of(self, text: &str) -> String {
        let plain = plain(text);
        let Some((cut, _)) = plain.char_indices().nth(self.max) else { return plain };
        let ellipsis = if self.ellipsis { "..." } else { "" };
        format!("{}{ellipsis}", plain[..cut].trim_end())
    }
}

/// The text without tags, its blanks collapsed.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        rest = &rest[letter.len_utf8()..];
        match letter {
            '<' => match tag(rest) {
                Some((name, after)) => {
                    rest = if is_silent(name) { behind(name, after) } else { after };
                    if !is_inline(name) {
                        plain.push(' ');
                    }
                }
                None => plain.push('<'),
            },
            '&' => match ENTITIES.iter().find(|(name, _)| rest.starts_with(name)) {
                Some((name, meant)) => {
                    rest = &rest[name.len()..];
                    plain.push(*meant);
                }
                None => plain.push('&'),
            },
            letter => plain.push(letter),
        }
    }
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name of the tag that begins here, with a `/` where it closes, and what is behind it.
fn tag(text: &str) -> Option<(&str, &str)> {
    let end = text.find('>')?;
    let inside = &text[..end];
    let closing = usize::from(inside.starts_with('/'));
    let length = inside[closing..].find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(end - closing);
    let comment = inside.starts_with('!');
    (length > 0 || comment).then_some((&inside[..closing + length], &text[end + 1..]))
}

fn is_silent(name: &str) -> bool {
    SILENT.iter().any(|silent| name.eq_ignore_ascii_case(silent))
}

fn is_inline(name: &str) -> bool {
    let name = name.strip_prefix('/').unwrap_or(name);
    INLINE.iter().any(|inline| name.eq_ignore_ascii_case(inline))
}

/// What follows the element; the rest, where it has no end, as with `<img>`.
fn behind<'a>(name: &str, text: &'a str) -> &'a str {
    let end = text.to_ascii_lowercase().find(&format!("</{}", name.to_ascii_lowercase()));
    let after = end.and_then(|end| text[end..].find('>').map(|close| &text[end + close + 1..]));
    after.unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::Excerpt;

    #[test]
    fn texts_are_cut_and_tags_go() {
        let rows = [
            ("new picture", 5, true, "new p..."),
            ("new picture", 5, false, "new p"),
            ("new picture", 4, true, "new..."),
            ("short", 5, true, "short"),
            ("<p>one</p><p>t<b>w</b>o</p>", 50, true, "one two"),
            ("a<script>alert(1)</script>b <img src=x> c", 50, true, "a b c"),
            ("1 < 2 &amp;&lt; 3", 50, true, "1 < 2 &< 3"),
            ("éèê", 2, true, "éè..."),
            ("<", 2, true, "<"),
        ];
        for (text, max, ellipsis, expected) in rows {
            assert_eq!(Excerpt { max, ellipsis }.of(text), expected, "{text}");
        }
    }
}
