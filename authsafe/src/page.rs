//! What a person sees in the place of an error: a plain page, and a way on.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::error::Error;
use crate::response::{self, Response};

const STYLE: &str = include_str!("page.css");

/// Nothing but this style: no script, no frame, no form (CSP Level 3 §6).
const POLICY: &str = "default-src 'none'; style-src 'sha256-n4fp3uzlgj+/KzgbWEhXPsG8317TErXwhSCqfNm8x/U='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// In the head of a page with a form: with `no-referrer` browsers would post it as from nowhere (Fetch Standard,
/// `Origin`).
const TELLS_ITS_ORIGIN: &str = "<meta name=\"referrer\" content=\"same-origin\">\n";

/// Returns whether a person is opening a page: by `Sec-Fetch-Mode` (W3C Fetch Metadata §2.3) where the
/// browser sends it, else by `Accept`.
pub(crate) fn is_opened(headers: &HeaderMap) -> bool {
    match headers.get("sec-fetch-mode") {
        _ if is_script(headers) => false,
        Some(mode) => mode == "navigate",
        None => prefers_html(headers),
    }
}

/// Returns whether a browser asks ahead of anybody: a prefetch or a prerender, by `Sec-Purpose` (Fetch
/// Standard, and Prefetch §5), or by what older browsers say.
pub(crate) fn is_ahead(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-purpose", "x-moz"]
        .into_iter()
        .filter_map(|name| headers.get(name)?.to_str().ok())
        .any(|it| {
            let purpose = it.split(';').next().unwrap_or_default().trim();
            purpose.eq_ignore_ascii_case("prefetch") || purpose.eq_ignore_ascii_case("preview")
        })
}

/// Returns whether a script says that it is one. A WebView says the name of its app in the same header.
pub(crate) fn is_script(headers: &HeaderMap) -> bool {
    let name = headers.get("x-requested-with").map(HeaderValue::as_bytes);
    name.is_some_and(|it| it.eq_ignore_ascii_case(b"XMLHttpRequest"))
}

/// Returns whether HTML is asked for by its name, and no less than JSON (RFC 9110 §12.5.1).
pub(crate) fn prefers_html(headers: &HeaderMap) -> bool {
    let html = weight(headers, "text", "html");
    html.is_some_and(|html| html > 0 && weight(headers, "application", "json") <= Some(html))
}

/// Returns the weight of a media type, in thousandths, where `Accept` names it or its family. `*/*` names
/// nothing.
pub(crate) fn weight(headers: &HeaderMap, family: &str, kind: &str) -> Option<u16> {
    let ranges = headers.get_all(ACCEPT).iter();
    let ranges = ranges.filter_map(|value| value.to_str().ok()?.into());
    let ranges = ranges.flat_map(|value: &str| value.split(','));
    let named = ranges.filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let (of, sort) = parts.next()?.split_once('/')?;
        let is_exact = sort.eq_ignore_ascii_case(kind);
        let is_named = of.eq_ignore_ascii_case(family) && (is_exact || sort == "*");
        let weight = parts.find_map(|it| it.strip_prefix("q=").or(it.strip_prefix("Q=")));
        is_named.then(|| (is_exact, weight.map_or(1000, thousandths)))
    });
    named.max_by_key(|(is_exact, _)| *is_exact).map(|it| it.1)
}

/// Reads `0.8` as 800; what is no weight weighs nothing.
fn thousandths(weight: &str) -> u16 {
    match weight.parse::<f32>() {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and 1000"
        )]
        Ok(weight) if (0.0..=1.0).contains(&weight) => (weight * 1000.0) as u16,
        _ => 0,
    }
}

/// Where somebody may go from here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    SignIn,
    /// The same page once more.
    Again,
    Home,
}

/// Where the ways on lead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ways<'a> {
    /// Where a sign-in starts.
    pub(crate) sign_in: &'a str,
    /// The start page.
    pub(crate) home: &'a str,
}

/// Returns the error's answer as a page: the same status and headers, in words for whoever wanted something
/// else.
pub(crate) fn of(error: Error, ways: Ways<'_>) -> Response {
    let (title, text, way) = words(error.code());
    // The app's own sentence is text.
    let text = error.because().map_or(text.to_owned(), escaped);
    saying((title, &text, way), error, ways)
}

/// Returns the page for who has to sign in, and has just cancelled doing so.
pub(crate) fn cancelled(error: Error, ways: Ways<'_>) -> Response {
    let (_, said, way) = words("access_denied");
    let (title, needed, _) = words(error.code());
    let text = format!("{needed} {said}");
    saying((title, &text, way), error, ways)
}

fn saying((title, text, way): (&str, &str, Way), error: Error, ways: Ways<'_>) -> Response {
    let (to, label) = match way {
        Way::SignIn => (ways.sign_in, "Sign in"),
        // The page that was asked for: an empty reference is its own URL (RFC 3986 §4.4).
        Way::Again => ("", "Try again"),
        Way::Home => (ways.home, "Go to the start page"),
    };
    let home = match way {
        Way::Home => String::new(),
        Way::SignIn | Way::Again => start_page(ways.home),
    };
    let (message, code) = (error.message(), error.code());
    let main = format!(
        "<p>{text}</p>\n<nav><a class=\"go\" href=\"{to}\">{label}</a>{home}</nav>\n\
         <small>{message} ({code})</small>",
        to = escaped(to),
    );
    let mut response = error.response();
    *response.body_mut() = Bytes::from(document(title, "", &main));
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(CONTENT_TYPE, html);
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// A link to the start page.
fn start_page(home: &str) -> String {
    format!("<a href=\"{}\">Start page</a>", escaped(home))
}

/// Returns the page of a logout that somebody follows a link to: the button sends the form that a logout
/// is, with this query.
pub(crate) fn logout(query: &str, home: &str) -> Response {
    let main = format!(
        "<p>You stay signed in until you press the button.</p>\n\
         <form method=\"post\" action=\"?{}\"><nav><button class=\"go\">Sign out</button>\
         {}</nav></form>",
        escaped(query),
        start_page(home)
    );
    let page = document("Sign out?", TELLS_ITS_ORIGIN, &main);
    response::page(page, HeaderValue::from_str(&policy_with_a_form()).ok())
}

/// Returns the page for a form that met a sign-in: it shows what was filled in, and a button sends that again, as
/// it was, to the same path.
pub(crate) fn kept_form<'f>(
    to: &str,
    fields: impl Iterator<Item = (Cow<'f, str>, Cow<'f, str>)>,
    home: &str,
) -> Response {
    let (mut inputs, mut shown) = (String::new(), String::new());
    for (name, value) in fields {
        let (name, value) = (escaped(&name), escaped(&value));
        inputs += &format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">\n");
        shown += &format!("<p>{name}: {value}</p>\n");
    }
    let to = escaped(to);
    let main = format!(
        "<p>You had to sign in before your form could be sent to {to}. It is still here, and is sent when you press \
         the button. If you did not fill it in, leave this page.</p>\n\
         <details><summary>What is sent</summary>\n{shown}</details>\n\
         <form method=\"post\" action=\"{to}\" accept-charset=\"utf-8\">\n{inputs}<nav><button class=\"go\">Send</button>\
         {}</nav></form>",
        start_page(home)
    );
    let page = document("Send it now?", TELLS_ITS_ORIGIN, &main);
    response::page(page, HeaderValue::from_str(&policy_with_a_form()).ok())
}

/// The answer to a form may lead on to elsewhere, and browsers hold redirects to `form-action` too.
fn policy_with_a_form() -> String {
    POLICY.replace("form-action 'none'; ", "")
}

/// Returns a page with this title, which is its heading too; `head` is what its head has besides.
fn document(title: &str, head: &str, main: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         {head}<title>{title}</title>\n<style>{STYLE}</style>\n<main>\n<h1>{title}</h1>\n{main}\n\
         </main>\n</html>\n",
    )
}

/// Returns what an error means to whoever sits before the browser: a title, a sentence, a way on.
fn words(code: &str) -> (&'static str, &'static str, Way) {
    match code {
        "unauthenticated" | "interaction_required" | "no_session" => (
            "Please sign in",
            "This page is for people who are signed in.",
            Way::SignIn,
        ),
        "reauthentication_required" => (
            "Please sign in again",
            "This page asks for a sign-in of the last few minutes.",
            Way::SignIn,
        ),
        "unknown_state" | "invalid_code" | "session_ended" => (
            "Your sign-in has run out",
            "It took too long, or was finished in another window. Nothing is lost: sign in once more.",
            Way::SignIn,
        ),
        "access_denied" => (
            "You are not signed in",
            "The sign-in was cancelled, or the account may not be used here.",
            Way::SignIn,
        ),
        "sign_in_refused" => (
            "You cannot sign in here",
            "Your account may not use this site. Whoever runs it can change that.",
            Way::Home,
        ),
        "forbidden" | "insufficient_scope" | "session_required" => (
            "This page is not for your account",
            "Your account lacks the permission that it needs. Whoever runs this site can give it.",
            Way::Home,
        ),
        "foreign_origin" => (
            "That came from another site",
            "Nothing was changed. Open the page here, and do it from there.",
            Way::Home,
        ),
        "rate_limited" => (
            "A little slower, please",
            "There were too many requests. Try again in a minute.",
            Way::Again,
        ),
        "missing_configuration" => (
            "Nobody can sign in yet",
            "Sign-in is not set up on this site.",
            Way::Home,
        ),
        "method_not_allowed" | "invalid_request" => (
            "There is nothing to see here",
            "This address is for the site itself, and not for visitors.",
            Way::Home,
        ),
        "state_unavailable"
        | "refresh_unavailable"
        | "policy_unavailable"
        | "verification_unavailable" => (
            "This page cannot be shown now",
            "Whether you may see it cannot be checked at the moment. Try again in a minute.",
            Way::Again,
        ),
        "provider_unavailable" | "provider_timeout" => (
            "Sign-in does not answer",
            "The service that signs you in cannot be reached. Try again in a minute.",
            Way::SignIn,
        ),
        _ => (
            "Sign-in did not work",
            "Something went wrong, and it was not you. Try again; if it stays, tell whoever runs this site.",
            Way::SignIn,
        ),
    }
}

/// Text as it may stand in an attribute of HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{CallbackError, GuardError};
    use aws_lc_rs::digest::{SHA256, digest};
    use base64_simd::STANDARD;
    use http::HeaderName;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            (
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            )
        });
        pairs.collect()
    }

    #[test]
    fn a_page_is_opened_by_a_navigation_or_by_whoever_weighs_html_no_less_than_json() {
        for (accept, is_page) in [
            ("text/html,application/xhtml+xml,*/*;q=0.8", true),
            ("text/html, application/json", true),
            ("application/json, text/html;q=0.9", false),
            ("application/json;q=0.5, text/html;q=0.9", true),
            ("TEXT/HTML ; q=0.3", true),
            ("text/*", true),
            ("text/*;q=0, text/html", true),
            ("text/html;q=0, text/*", false),
            ("text/html;q=0", false),
            ("text/html;q=2", false),
            ("text/html;q=NaN", false),
            ("text/htmlx, xtext/html", false),
            ("*/*", false),
            ("application/json", false),
            ("", false),
        ] {
            assert_eq!(
                is_opened(&headers(&[("accept", accept)])),
                is_page,
                "{accept}"
            );
        }
        let mode = |mode| headers(&[("sec-fetch-mode", mode), ("accept", "text/html")]);
        assert!(is_opened(&mode("navigate")));
        assert!(!is_opened(&mode("cors")));
    }

    #[test]
    fn a_prefetch_and_a_prerender_ask_ahead() {
        for (name, value, is_ahead) in [
            ("sec-purpose", "prefetch", true),
            ("sec-purpose", "prefetch;prerender", true),
            ("sec-purpose", "prefetch; anonymous-client-ip", true),
            ("purpose", "prefetch", true),
            ("x-moz", "prefetch", true),
            ("x-purpose", "preview", true),
            ("sec-purpose", "", false),
            ("sec-purpose", "navigate", false),
            ("sec-fetch-mode", "prefetch", false),
        ] {
            let found = super::is_ahead(&headers(&[(name, value)]));
            assert_eq!(found, is_ahead, "{name}: {value}");
        }
    }

    #[test]
    fn a_web_view_is_no_script() {
        let with = |name| headers(&[("x-requested-with", name), ("sec-fetch-mode", "navigate")]);
        assert!(is_opened(&with("com.example.shop")));
        assert!(!is_opened(&with("XMLHttpRequest")));
        assert!(!is_opened(&with("xmlhttprequest")));
    }

    fn ways(sign_in: &str) -> Ways<'_> {
        let home = "/app?\"&";
        Ways { sign_in, home }
    }

    #[test]
    fn a_page_says_what_happened_and_shows_a_way_on() {
        let page = of(
            CallbackError::UnknownState.into(),
            ways("/auth/signin?a=\"1\"&b"),
        );
        assert_eq!(page.status(), 400);
        let text = core::str::from_utf8(page.body()).unwrap();
        assert!(text.contains("<h1>Your sign-in has run out</h1>"), "{text}");
        assert!(
            text.contains("href=\"/auth/signin?a=&quot;1&quot;&amp;b\""),
            "{text}"
        );
        assert!(
            text.contains(
                "<small>Sign-in expired or was not started in this browser (unknown_state)</small>"
            ),
            "{text}"
        );
        let page = of(GuardError::Unauthenticated.into(), ways("/signin"));
        assert_eq!(page.headers()["www-authenticate"], "Session");
        let home = "<a href=\"/app?&quot;&amp;\">Start page</a>";
        for page in [page.clone(), logout("", "/app?\"&")] {
            let text = core::str::from_utf8(page.body()).unwrap();
            assert!(text.contains(home), "{text}");
        }
        let page_of_nobody = of(GuardError::Forbidden.into(), ways("/signin"));
        let text = core::str::from_utf8(page_of_nobody.body()).unwrap();
        let home = "<a class=\"go\" href=\"/app?&quot;&amp;\">Go to the start page</a>";
        assert!(text.contains(home), "{text}");
        assert_eq!(page.headers()["cache-control"], "no-store");
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    }

    #[test]
    fn the_guide_has_the_title_of_each_page() {
        let guide = include_str!("guide/errors.md");
        let sections = guide.split("\n### ").skip(1);
        let mut titles = 0;
        for section in sections {
            let (code, text) = section.split_once("\n\n").unwrap();
            // What no person meets has none.
            let Some(text) = text.strip_prefix('*') else {
                continue;
            };
            let (told, _) = text.split_once('*').unwrap();
            assert_eq!(told.trim_end_matches('.'), words(code).0, "{code}");
            titles += 1;
        }
        assert!(titles > 20, "{titles}");
    }

    #[test]
    fn what_the_app_says_of_a_refusal_is_shown_as_text() {
        let because = Some("<b>Ask</b> \"Ann\" & co.");
        let page = of(
            CallbackError::SignInRefused { because }.into(),
            ways("/signin"),
        );
        let text = core::str::from_utf8(page.body()).unwrap();
        let shown = "<p>&lt;b>Ask&lt;/b> &quot;Ann&quot; &amp; co.</p>";
        assert!(text.contains(shown), "{text}");
        assert!(!text.contains("Whoever runs it can change that"));
    }

    #[test]
    fn the_policy_of_the_page_allows_its_style_and_nothing_else() {
        let hash = STANDARD.encode_to_string(digest(&SHA256, STYLE.as_bytes()));
        assert!(POLICY.contains(&format!("'sha256-{hash}'")), "it is {hash}");
        let page = of(GuardError::Forbidden.into(), ways("/signin"));
        let text = core::str::from_utf8(page.body()).unwrap();
        assert!(text.contains(&format!("<style>{STYLE}</style>")));
        assert!(!text.contains("<script") && !text.contains("style="));
        assert_eq!(page.headers()[CONTENT_SECURITY_POLICY], POLICY);
    }
}
