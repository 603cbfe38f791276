//! Text from outside, made safe to stand in a page.

use std::io::{Result, Write};

/// `text` for element content and quoted attributes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// `json` for a `<script type="application/json">`: nothing in it can end the element or open a comment.
pub fn escape_json(json: &str) -> String {
    // In JSON a `<` only stands in texts.
    json.replace('<', "\\u003c")
}

/// Writes `template`, and in place of each `{{name}}` what `value` writes for that name. Values are not looked into.
pub fn fill<W: Write>(out: &mut W, template: &str, mut value: impl FnMut(&str, &mut W) -> Result<()>) -> Result<()> {
    let mut rest = template;
    while let Some((before, (name, after))) = rest.split_once("{{").and_then(|(a, b)| Some((a, b.split_once("}}")?))) {
        out.write_all(before.as_bytes())?;
        value(name, out)?;
        rest = after;
    }
    out.write_all(rest.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_become_markup() {
        assert_eq!(
            escape(r#"<b title="x">Tom & Jerry's</b>"#),
            "&lt;b title=&quot;x&quot;&gt;Tom &amp; Jerry&#39;s&lt;/b&gt;"
        );
        let json = serde_json::to_string("</script><!--<script>").expect("a text");
        assert!(!escape_json(&json).contains('<'));
        assert_eq!(serde_json::from_str::<String>(&escape_json(&json)).expect("still JSON"), "</script><!--<script>");
    }

    #[test]
    fn values_are_filled_in_and_not_read_again() {
        let mut out = Vec::new();
        fill(&mut out, "a {{one}} b {{two}} c {{", |name, out| write!(out, "[{name} {{{{two}}}}]")).expect("memory");
        assert_eq!(String::from_utf8(out).expect("text"), "a [one {{two}}] b [two {{two}}] c {{");
    }
}
