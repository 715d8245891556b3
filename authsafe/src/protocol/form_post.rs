//! The page that posts the provider's form once more (OAuth 2.0 Form Post Response Mode §4).

use core::fmt::{self, Write as _};

use url::form_urlencoded;

use crate::types::State;

/// What of the form is posted again.
const FIELDS: [&str; 5] = ["state", "code", "iss", "error", "error_description"];
/// The field that says that it was: no page comes twice.
const AGAIN: &str = "again";

const SCRIPT: &str = "document.forms[0].submit()";

/// What the page may do (CSP 3): run that script, and post its form. What that leads to may be at the
/// provider, and browsers hold redirects to `form-action` too.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'sha256-ePniVEkSivX/c7XWBGafqh8tSpiRrKiqYeqbG7N1TOE='; base-uri 'none'; frame-ancestors 'none'";

/// Returns the page for a form. `None`: it was posted again already, or has no `state` of ours.
pub(crate) fn page(form: &str, redirect_uri: &str) -> Option<String> {
    let fields = || form_urlencoded::parse(form.as_bytes());
    let state = fields().find_map(|(name, value)| (name == "state").then_some(value))?;
    if fields().any(|(name, _)| name == AGAIN) || !State::read(state).looks_like_ours() {
        return None;
    }
    let mut inputs = String::new();
    let known = fields().filter(|(name, _)| FIELDS.contains(&&**name));
    for (name, value) in known {
        let value = Escaped(&value);
        write!(
            inputs,
            r#"<input type="hidden" name="{name}" value="{value}">"#
        )
        .ok()?;
    }
    let action = Escaped(redirect_uri);
    // With `no-referrer` browsers would post it as from nowhere (Fetch Standard, `Origin`).
    Some(format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Signing in</title>\
         <meta name=\"referrer\" content=\"same-origin\">\
         <form method=\"post\" action=\"{action}\">{inputs}\
         <input type=\"hidden\" name=\"{AGAIN}\" value=\"1\"><button>Continue</button></form>\
         <script>{SCRIPT}</script></html>"
    ))
}

/// A text within HTML, in quotes.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            c => f.write_char(c),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::RANDOM_LEN;
    use aws_lc_rs::digest::{SHA256, digest};

    fn page(form: &str) -> Option<String> {
        super::page(form, "https://app.example/api/auth/callback")
    }

    fn state() -> String {
        "s".repeat(RANDOM_LEN)
    }

    #[test]
    fn the_script_is_the_one_that_the_policy_lets_run() {
        let hash = digest(&SHA256, SCRIPT.as_bytes());
        let hash = base64_simd::STANDARD.encode_to_string(hash);
        assert!(POLICY.contains(&format!("'sha256-{hash}'")), "{hash}");
    }

    #[test]
    fn the_form_is_posted_again_as_it_was() {
        let page = page(&format!(
            "state={}&code=a%26b&iss=https%3A%2F%2Fid",
            state()
        ))
        .unwrap();
        assert!(page.contains(r#"action="https://app.example/api/auth/callback""#));
        assert!(page.contains(r#"name="code" value="a&amp;b""#));
        assert!(page.contains(r#"name="iss" value="https://id""#));
        assert!(page.contains(&format!(r#"name="state" value="{}""#, state())));
        assert!(page.contains(r#"name="again" value="1""#));
    }

    #[test]
    fn nothing_in_the_form_is_markup() {
        let evil = "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E%27";
        let form = format!("state={}&code={evil}&error={evil}&{evil}={evil}", state());
        let page = page(&form).unwrap();
        assert_eq!(page.matches("<script").count(), 1);
        assert_eq!(page.matches("alert(1)").count(), 2);
        assert!(page.contains("&quot;&gt;&lt;script&gt;"), "{page}");
    }

    #[test]
    fn there_is_no_page_twice_nor_for_a_state_that_is_not_ours() {
        assert!(page(&format!("state={}&code=a&again=1", state())).is_none());
        assert!(page(&format!("state={}.&code=a", state())).is_some());
        for form in ["", "code=a", "state=&code=a", "state=abc&code=a"] {
            assert!(page(form).is_none(), "{form}");
        }
        let odd = "<".repeat(RANDOM_LEN);
        assert!(page(&format!("state={odd}&code=a")).is_none());
    }
}
