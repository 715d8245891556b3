//! The answer to one authorization request (RFC 6749 §4.1.2), which nobody is there to go on with.
//!
//! It is made with `prompt=none` (OpenID Connect Core §3.1.2.1): a provider that knows the client and its redirect
//! URI answers that nobody is signed in, there; one that does not must not send anybody there (RFC 6749
//! §4.1.2.1).

use std::collections::HashMap;

use url::Url;

use super::words::{Words, shown, visible};
use crate::provider::Answer;

/// A redirect URI that is nobody's (RFC 2606 §2), to see whether a provider looks at them.
pub(super) const NOBODYS: &str = "https://authsafe-doctor.invalid/callback";

/// The errors that say that somebody has to sign in first, or has refused to (OpenID Connect Core §3.1.2.6).
const OF_USERS: [&str; 5] = [
    "login_required",
    "interaction_required",
    "consent_required",
    "account_selection_required",
    "access_denied",
];

/// What an answer comes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It sends people to the redirect URI.
    Back(Back),
    /// A page, or a redirect to one. People may sign in there.
    Page,
    /// It refuses the redirect URI, in these words.
    RedirectUri(String),
    /// It refuses the client.
    Client(String),
    /// It refuses the request, and does not say why.
    Refused(String),
    /// It is no answer of an authorization endpoint, or none now.
    Nothing(String),
}

/// The parameters with which people come back.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Back {
    /// An error that is about the request.
    pub(super) error: Option<String>,
    /// The provider's words for it.
    pub(super) words: Option<String>,
    /// The `iss` of RFC 9207.
    pub(super) iss: Option<String>,
}

impl Outcome {
    /// Reads what came of a request that names this redirect URI.
    pub(super) fn of(answer: &Answer, asked: &Url, redirect_uri: &str) -> Self {
        if let Some(to) = answer.location(asked) {
            return Self::of_redirect(&to, redirect_uri);
        }
        let body = answer.text();
        if let Some(back) = form(&body, redirect_uri) {
            return Self::Back(back);
        }
        let words = Words::of(answer, None);
        let line = words.line(answer);
        let status = answer.status.as_u16();
        match status {
            // The page as a whole: what is wrong may stand far down.
            200..=299 => {
                let text = match answer.media_type() {
                    "application/json" => words.lowercase(),
                    _ => visible(&body).to_lowercase(),
                };
                let is_error = words.error.is_some();
                match blamed(&text, redirect_uri, is_error) {
                    None if !is_error => Self::Page,
                    blamed => Self::refused(blamed, line),
                }
            }
            404 | 405 | 429 | 500.. => Self::Nothing(line),
            _ => {
                let text = format!("{} {}", words.lowercase(), visible(&body).to_lowercase());
                Self::refused(blamed(&text, redirect_uri, true), line)
            }
        }
    }

    fn of_redirect(to: &Url, redirect_uri: &str) -> Self {
        let pairs: HashMap<_, _> = to.query_pairs().into_owned().collect();
        if is_at(to, redirect_uri) {
            return Self::Back(Back::of(|name| pairs.get(name).cloned()));
        }
        let error = ["error", "authError", "error_code"];
        let error = error.iter().find_map(|name| pairs.get(*name));
        let is_error_page = to.path().split('/').any(|it| it.contains("error"));
        if error.is_none() && !is_error_page {
            return Self::Page;
        }
        let description = pairs.get("error_description").or(pairs.get("message"));
        let words: Vec<_> = error
            .into_iter()
            .chain(description)
            .map(|it| decoded(it))
            .collect();
        let words = words.join(": ");
        let line = match shown(&words, None) {
            Some(line) => format!("it leads to an error page: {line}"),
            None => "it leads to an error page".to_owned(),
        };
        Self::refused(blamed(&words.to_lowercase(), redirect_uri, true), line)
    }

    /// Returns a refusal of what is blamed, in these words.
    fn refused(blamed: Option<Blamed>, line: String) -> Self {
        match blamed {
            Some(Blamed::Client) => Self::Client(line),
            Some(Blamed::RedirectUri) => Self::RedirectUri(line),
            None => Self::Refused(line),
        }
    }
}

impl Back {
    fn of(value: impl Fn(&str) -> Option<String>) -> Self {
        let error = value("error").filter(|it| !OF_USERS.contains(&it.as_str()));
        Self {
            words: error
                .is_some()
                .then(|| value("error_description"))
                .flatten(),
            error,
            iss: value("iss"),
        }
    }

    /// Returns the error as it can be shown.
    pub(super) fn line(&self) -> Option<String> {
        let error = self.error.as_deref()?;
        let line = match &self.words {
            Some(words) => format!("`{error}`: {words}"),
            None => format!("`{error}`"),
        };
        shown(&line, None)
    }
}

/// Returns whether a URL is the redirect URI, with whatever query.
fn is_at(url: &Url, redirect_uri: &str) -> bool {
    let Ok(own) = Url::parse(redirect_uri) else {
        return false;
    };
    url.origin() == own.origin() && url.path() == own.path()
}

/// Reads a page that posts the answer to the redirect URI (OAuth 2.0 Form Post Response Mode §2).
fn form(html: &str, redirect_uri: &str) -> Option<Back> {
    let escaped = redirect_uri.replace('&', "&amp;");
    let is_ours = [redirect_uri, &escaped].iter().any(|uri| {
        ['"', '\'']
            .iter()
            .any(|quote| html.contains(&format!("action={quote}{uri}{quote}")))
    });
    let value = |name: &str| {
        let (_, rest) = html.split_once(&format!("name=\"{name}\""))?;
        let (tag, _) = rest.split_once('>')?;
        let (_, value) = tag.split_once("value=\"")?;
        value.split('"').next().map(str::to_owned)
    };
    is_ours.then(|| Back::of(value))
}

/// Returns the text that some providers hide in base64 (Google's `authError`).
fn decoded(text: &str) -> String {
    let plain = text.replace('-', "+").replace('_', "/");
    let plain = plain.trim_end_matches('=');
    let bytes = base64_simd::STANDARD_NO_PAD.decode_to_vec(plain);
    match bytes.map(|it| String::from_utf8_lossy(&it).into_owned()) {
        Ok(hidden) if text.len() > 24 && hidden.contains("_") => hidden.replace('\u{fffd}', " "),
        _ => text.to_owned(),
    }
}

/// What an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blamed {
    Client,
    RedirectUri,
}

/// Returns what an error in small letters is about. Of a page that may be one on which people sign in, only what
/// nobody writes there tells.
fn blamed(text: &str, redirect_uri: &str, is_error: bool) -> Option<Blamed> {
    const UNKNOWN_CLIENT: [&str; 12] = [
        "aadsts700016",
        "client not found",
        "client_not_found",
        "client does not exist",
        "client is unknown",
        "invalid_client",
        "invalid client",
        "no client",
        "unknown client",
        "unknown application",
        "application not found",
        "oauth client was not found",
    ];
    const WRONG_URI: [&str; 6] = [
        "aadsts50011",
        "redirect_uri_mismatch",
        "redirect_mismatch",
        "invalid redirect",
        "invalid parameter: redirect_uri",
        "callback url mismatch",
    ];
    const OF_URI: [&str; 8] = [
        "redirect_uri",
        "redirect uri",
        "redirect url",
        "redirecturi",
        "redirection uri",
        "callback url",
        "reply url",
        "return url",
    ];
    let has = |words: &[&str]| words.iter().any(|it| text.contains(it));
    if has(&WRONG_URI) {
        return Some(Blamed::RedirectUri);
    }
    if has(&UNKNOWN_CLIENT) {
        return Some(Blamed::Client);
    }
    if is_error && (has(&OF_URI) || text.contains(&redirect_uri.to_lowercase())) {
        return Some(Blamed::RedirectUri);
    }
    (is_error && has(&["client_id", "client id", "unauthorized_client"])).then_some(Blamed::Client)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::header::{CONTENT_TYPE, LOCATION};

    const URI: &str = "https://shop.example/api/auth/callback";

    fn outcome(answer: &Answer) -> Outcome {
        let asked = Url::parse("https://id.example/authorize?x=1").unwrap();
        Outcome::of(answer, &asked, URI)
    }

    fn redirect(to: &str) -> Outcome {
        outcome(&Answer::new(302, &[(LOCATION, to)], ""))
    }

    fn page(status: u16, html: &str) -> Outcome {
        outcome(&Answer::new(status, &[(CONTENT_TYPE, "text/html")], html))
    }

    #[test]
    fn who_is_sent_back_is_known_and_an_error_of_users_is_none() {
        for error in OF_USERS {
            let back = redirect(&format!("{URI}?error={error}&state=s&error_description=x"));
            assert_eq!(back, Outcome::Back(Back::default()), "{error}");
        }
        assert_eq!(
            redirect(&format!("{URI}?code=c")),
            Outcome::Back(Back::default())
        );
        let Outcome::Back(back) = redirect(&format!(
            "{URI}?error=invalid_scope&error_description=no+admin%1b&iss=https%3A%2F%2Fid.example"
        )) else {
            panic!("it is sent back");
        };
        assert_eq!(back.line().as_deref(), Some("`invalid_scope`: no admin"));
        assert_eq!(back.iss.as_deref(), Some("https://id.example"));
    }

    #[test]
    fn another_address_is_not_the_redirect_uri() {
        for to in [
            "https://shop.example/api/auth/callback2?error=login_required",
            "http://shop.example/api/auth/callback?error=login_required",
            "https://shop.example:8443/api/auth/callback?error=login_required",
            "https://shop.example.evil.example/api/auth/callback?error=login_required",
        ] {
            assert!(!matches!(redirect(to), Outcome::Back(_)), "{to}");
        }
    }

    #[test]
    fn a_page_that_posts_is_read_as_a_redirect_is() {
        let html = format!(
            "<form method=\"post\" action=\"{URI}\"><input name=\"error\" value=\"invalid_scope\"></form>"
        );
        let Outcome::Back(back) = page(200, &html) else {
            panic!("it is sent back");
        };
        assert_eq!(back.error.as_deref(), Some("invalid_scope"));
        let other = html.replace("shop.example", "evil.example");
        assert_eq!(page(200, &other), Outcome::Page);
    }

    #[test]
    fn a_page_or_a_way_to_one_may_be_where_people_sign_in() {
        assert_eq!(redirect("/login?client_id=app"), Outcome::Page);
        let form = format!(
            "<form><input type=\"hidden\" name=\"redirect_uri\" value=\"{URI}\"><input name=\"client_id\">\
             <p>Sign in to continue to the shop</p></form>"
        );
        assert_eq!(page(200, &form), Outcome::Page);
    }

    #[test]
    fn a_refusal_is_about_the_redirect_uri_or_about_the_client() {
        for refused in [
            // Keycloak, Auth0, Okta, django-oauth-toolkit, the local provider.
            page(
                400,
                "<h1>We are sorry...</h1><p>Invalid parameter: redirect_uri</p>",
            ),
            page(
                403,
                "<p>Callback URL mismatch. The provided redirect_uri is not in the list</p>",
            ),
            page(
                400,
                "<p>The 'redirect_uri' parameter must be a Login redirect URI in the client app settings",
            ),
            page(
                400,
                "<p>Error: invalid_request</p><p>Mismatching redirect URI.</p>",
            ),
            page(
                400,
                &format!("<p>“{URI}” is not registered for this client.</p>"),
            ),
            // Entra answers 200.
            page(
                200,
                "<p>AADSTS50011: The redirect URI specified in the request does not match",
            ),
            redirect("/error?error=redirect_mismatch&client_id=app"),
            // Google.
            redirect(
                "https://accounts.example/signin/oauth/error?authError=ChVyZWRpcmVjdF91cmlfbWlzbWF0Y2gSsAEKWW91",
            ),
        ] {
            assert!(matches!(refused, Outcome::RedirectUri(_)), "{refused:?}");
        }
        for refused in [
            page(400, "<p>Client not found.</p>"),
            page(
                400,
                "<p>There is no client “app” here. The ones there are: shop.</p>",
            ),
            page(
                400,
                "<p>Error: invalid_request</p><p>Invalid client_id parameter value.</p>",
            ),
            page(
                200,
                "<p>AADSTS700016: Application with identifier 'app' was not found",
            ),
            page(
                401,
                "<p>Error 401: invalid_client</p><p>The OAuth client was not found.</p>",
            ),
            redirect("https://id.example/error?error=unauthorized_client"),
            outcome(&Answer::new(
                400,
                &[(CONTENT_TYPE, "application/json")],
                r#"{"error":"invalid_request","error_description":"unknown client"}"#,
            )),
        ] {
            assert!(matches!(refused, Outcome::Client(_)), "{refused:?}");
        }
        assert!(matches!(page(400, "<p>Bad request"), Outcome::Refused(_)));
        assert!(matches!(
            redirect("/error?error=server_error"),
            Outcome::Refused(_)
        ));
    }

    #[test]
    fn what_is_no_authorization_endpoint_tells_nothing() {
        for status in [404, 405, 429, 500, 503] {
            assert!(
                matches!(page(status, "<p>x"), Outcome::Nothing(_)),
                "{status}"
            );
        }
    }
}
