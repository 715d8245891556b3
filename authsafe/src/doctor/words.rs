//! A provider's own words, as they can be shown: no markup, no control character, no secret.

use serde_json::Value;

use crate::protocol::refusal::spellings;
use crate::provider::Answer;

/// The most letters of them that are shown.
const MOST: usize = 160;

/// What an answer says of an error.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// The `error` of RFC 6749 §5.2.
    pub(super) error: Option<String>,
    /// What else it says.
    pub(super) text: Option<String>,
}

impl Words {
    /// Reads JSON, a page, or plain text. `secret` is never among the words, however an answer has it.
    pub(super) fn of(answer: &Answer, secret: Option<&str>) -> Self {
        let body = hidden(answer.text(), secret);
        if let Ok(Value::Object(members)) = serde_json::from_str(&body) {
            let text = |name: &str| members.get(name).and_then(Value::as_str);
            let told = ["error_description", "message", "detail", "description"];
            return Self {
                error: text("error").and_then(|it| shown(it, secret)),
                text: told
                    .into_iter()
                    .find_map(text)
                    .and_then(|it| shown(it, secret)),
            };
        }
        Self {
            error: None,
            text: shown(&visible(&body), secret),
        }
    }

    /// Returns them in one line; `status` where there are none.
    pub(super) fn line(&self, answer: &Answer) -> String {
        let status = answer.status.as_u16();
        match (&self.error, &self.text) {
            (Some(error), Some(text)) => format!("{status}, `{error}`: {text}"),
            (Some(error), None) => format!("{status}, `{error}`"),
            (None, Some(text)) => format!("{status}: {text}"),
            (None, None) => format!("status {status}"),
        }
    }

    /// Returns them in small letters, to look for words in.
    pub(super) fn lowercase(&self) -> String {
        let parts = [self.error.as_deref(), self.text.as_deref()];
        parts
            .map(Option::unwrap_or_default)
            .join(" ")
            .to_lowercase()
    }
}

/// Returns what can be shown of a text. `None`: nothing.
pub(super) fn shown(text: &str, secret: Option<&str>) -> Option<String> {
    let text = hidden(text.to_owned(), secret);
    let words: Vec<_> = text.split_whitespace().collect();
    let line = words.join(" ");
    let printable = |c: &char| !c.is_control() && !is_format(*c);
    let mut line: String = line.chars().filter(printable).collect();
    if let Some((end, _)) = line.char_indices().nth(MOST) {
        line.truncate(end);
        line.push_str("...");
    }
    (!line.is_empty()).then_some(line)
}

/// Puts stars in the place of a secret.
fn hidden(mut text: String, secret: Option<&str>) -> String {
    let secret = secret.into_iter().filter(|it| !it.is_empty());
    for spelling in secret.flat_map(spellings) {
        text = text.replace(&spelling, "***");
    }
    text
}

/// Returns whether it is a letter that turns the order of others round, or is not seen.
fn is_format(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Returns what a person sees of a page: no markup, no script, no style.
pub(super) fn visible(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let name: String = tag.chars().take_while(char::is_ascii_alphabetic).collect();
        let end = match name.to_ascii_lowercase().as_str() {
            "script" => end_of(tag, "</script"),
            "style" => end_of(tag, "</style"),
            "title" => end_of(tag, "</title"),
            "svg" => end_of(tag, "</svg"),
            _ if tag.starts_with("!--") => end_of(tag, "-->"),
            _ => 0,
        };
        let tag = tag.get(end..).unwrap_or_default();
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&#x2F;", "/"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    for (entity, letter) in entities {
        text = text.replace(entity, letter);
    }
    text
}

/// Returns where the end of an element is, in letters of any case.
fn end_of(text: &str, end: &str) -> usize {
    let lower = text.to_ascii_lowercase();
    lower.find(end).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(body: &str, secret: Option<&str>) -> Words {
        Words::of(&Answer::new(400, &[], body), secret)
    }

    #[test]
    fn an_error_is_read_off_json_and_off_a_page() {
        let json = words(
            r#"{"error":"invalid_grant","error_description":"no such code"}"#,
            None,
        );
        assert_eq!(json.error.as_deref(), Some("invalid_grant"));
        assert_eq!(json.text.as_deref(), Some("no such code"));
        let authsafe = words(r#"{"statusCode":401,"message":"Invalid client"}"#, None);
        assert_eq!(
            (authsafe.error, authsafe.text.as_deref()),
            (None, Some("Invalid client"))
        );
        let page = "<!doctype html><title>t</title><STYLE>a{b}</STYLE><script>if (a<b) alert()</script>\
                    <!-- <p>x</p> --><h1>We are sorry</h1>\n<p class=\"a\">Invalid &quot;redirect_uri&quot;</p>";
        let page = words(page, None);
        assert_eq!(
            page.text.as_deref(),
            Some("We are sorry Invalid \"redirect_uri\"")
        );
        assert_eq!(words("", None), Words::default());
        assert_eq!(words("<div", None), Words::default());
    }

    #[test]
    fn no_secret_is_among_them_however_it_is_spelt() {
        let secret = "hunter2 & <co>";
        for body in [
            "wrong: hunter2 & <co>",
            r#"{"error":"x","message":"hunter2 & <co> is wrong"}"#,
            "<p>hunter2 &amp; &lt;co> is wrong</p>",
            "client_secret=hunter2+%26+%3Cco%3E",
        ] {
            let words = format!("{:?}", words(body, Some(secret)));
            assert!(!words.contains("hunter2"), "{words}");
        }
    }

    #[test]
    fn they_are_short_and_do_nothing_to_a_terminal() {
        let text = shown(
            &format!("\u{1b}[31mred\u{7}\u{202e} {}", "a".repeat(500)),
            None,
        );
        let text = text.unwrap();
        assert!(text.starts_with("[31mred a"), "{text}");
        assert_eq!(text.chars().count(), MOST + 3);
    }
}
