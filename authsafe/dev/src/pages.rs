//! The pages a person sees: plain HTML, no script.

use std::fmt::{self, Write as _};
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use url::{Host, Url};

use super::authorize::KEPT;
use super::endpoint::Endpoint;
use super::params::Params;
use super::shared::Shared;
use super::user::User;

const STYLE: &str = include_str!("page.css");

const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' \
    fill='%230d7d6c'%3E%3Cpath d='M12 1 3 4.5v6.6c0 5.6 3.8 10.1 9 11.9 5.2-1.8 9-6.3 9-11.9V4.5z'/%3E%3C/svg%3E";

const SHIELD: &str = r#"<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 1 3 4.5v6.6c0 5.6 3.8 10.1 9 11.9 5.2-1.8 9-6.3 9-11.9V4.5z"/><path class="hole" d="M12 8a2.4 2.4 0 0 0-1.2 4.5L10.2 16h3.6l-.6-3.5A2.4 2.4 0 0 0 12 8z"/></svg>"#;

/// The page that asks who somebody wants to be.
pub(super) fn sign_in(shared: &Shared, params: &Params, redirect_uri: &Url) -> Response {
    let client_id = params.get("client_id").unwrap_or_default();
    let requested = params.get("scope").unwrap_or_default();
    let mut main = format!(
        "<h1>Sign in to <b>{}</b></h1>\n\
         <p class=\"lead\">Choose who you want to be. There are no passwords here.</p>\n\
         <form method=\"post\" action=\"{}\">\n{}<ul class=\"people\">\n",
        Escaped(client_id),
        Endpoint::Authorize.path(),
        hidden(params, &KEPT),
    );
    for (hue, user) in people(shared, params.get("login_hint")) {
        person(&mut main, hue, user, requested);
    }
    let _ = write!(
        main,
        "</ul>\n<button class=\"quiet\" name=\"cancel\" value=\"1\">Cancel</button>\n</form>\n\
         <details><summary>What {client} asks for</summary>\n<dl>\
         <dt>Scopes</dt><dd>{scopes}</dd>\
         <dt>Then goes to</dt><dd><code>{back}</code></dd></dl></details>\n",
        client = Escaped(client_id),
        scopes = chips(requested.split(' ').filter(|scope| !scope.is_empty())),
        back = Escaped(redirect_uri.as_str()),
    );
    page(StatusCode::OK, "Sign in", &main, Some(redirect_uri))
}

/// The page that has the browser post an answer (OAuth 2.0 Form Post Response Mode §2).
pub(super) fn form_post<'a>(
    redirect_uri: &Url,
    answer: impl Iterator<Item = (&'a str, &'a str)>,
) -> Response {
    let mut html = format!(
        "<!doctype html><title>Signing in</title><body onload=\"document.forms[0].submit()\">\
         <form method=\"post\" action=\"{}\">",
        Escaped(redirect_uri.as_str())
    );
    for (name, value) in answer {
        let (name, value) = (Escaped(name), Escaped(value));
        let _ = write!(
            html,
            "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"
        );
    }
    html.push_str("<button>Continue</button></form>");
    ([(header::CACHE_CONTROL, "no-store")], Html(html)).into_response()
}

/// Whoever the app hints at comes first.
fn people<'a>(shared: &'a Shared, hint: Option<&str>) -> Vec<(usize, &'a User)> {
    let hinted = |user: &User| {
        hint.is_some_and(|hint| user.id == hint || user.email.as_deref() == Some(hint))
    };
    let mut people: Vec<_> = shared.users.iter().enumerate().collect();
    people.sort_by_key(|(_, user)| !hinted(user));
    people
}

fn person(main: &mut String, hue: usize, user: &User, requested: &str) {
    let name = user.display_name();
    let initial: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
    let about = user.email.as_deref().unwrap_or(&user.id);
    let own = user.grant(requested, &[]);
    let own = own.iter().filter(|scope| user.scopes.contains(scope));
    // Writing to a String does not fail.
    let _ = writeln!(
        main,
        "<li><button class=\"person\" name=\"user\" value=\"{id}\">\
         <span class=\"face hue{hue}\" aria-hidden=\"true\">{initial}</span>\
         <span class=\"who\"><span class=\"name\">{name}</span><span class=\"about\">{about}</span></span>\
         {chips}<span class=\"go\" aria-hidden=\"true\"></span></button></li>",
        id = Escaped(&user.id),
        hue = hue % 6,
        initial = Escaped(&initial),
        name = Escaped(name),
        about = Escaped(about),
        chips = chips(own.map(String::as_str)),
    );
}

fn chips<'a>(scopes: impl Iterator<Item = &'a str>) -> String {
    let mut html = String::from("<span class=\"chips\">");
    for scope in scopes {
        let _ = write!(html, "<span class=\"chip\">{}</span> ", Escaped(scope));
    }
    html + "</span>"
}

/// The page that asks whether somebody wants to sign out.
pub(super) fn confirm_logout(params: &Params, next: Option<&Url>) -> Response {
    let kept = [
        "client_id",
        "post_logout_redirect_uri",
        "state",
        "id_token_hint",
    ];
    let main = format!(
        "<h1>Sign out?</h1>\n<p class=\"lead\">You are signed in at the local provider.</p>\n\
         <form method=\"post\" action=\"{}\">\n{}\
         <button class=\"primary\" name=\"confirm\" value=\"1\">Sign out</button>\n</form>\n",
        Endpoint::Logout.path(),
        hidden(params, &kept),
    );
    page(StatusCode::OK, "Sign out", &main, next)
}

/// You are signed out.
pub(super) fn signed_out() -> Response {
    let main = "<h1>You are signed out</h1>\n<p class=\"lead\">You can close this page.</p>\n";
    page(StatusCode::OK, "Signed out", main, None)
}

/// Something is wrong with the request, and nobody can be redirected.
pub(super) fn error(status: StatusCode, title: &str, reason: &str) -> Response {
    let main = format!(
        "<h1>{}</h1>\n<p class=\"lead\">{}</p>\n",
        Escaped(title),
        Escaped(reason)
    );
    page(status, title, &main, None)
}

fn hidden(params: &Params, names: &[&str]) -> String {
    let mut html = String::new();
    for name in names {
        if let Some(value) = params.get(name) {
            let value = Escaped(value);
            let _ = writeln!(
                html,
                "<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"
            );
        }
    }
    html
}

fn page(status: StatusCode, title: &str, main: &str, form_goes_to: Option<&Url>) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} · AuthSafe local provider</title>\n\
         <link rel=\"icon\" href=\"{ICON}\">\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <div class=\"card\">\n<header>{SHIELD}<span>AuthSafe</span><span class=\"tag\">local</span></header>\n\
         <main>\n{main}</main>\n</div>\n\
         <footer>For development. This provider runs on your machine and listens to nobody else.</footer>\n\
         </body>\n</html>\n",
        title = Escaped(title),
    );
    (
        status,
        [
            (header::CONTENT_SECURITY_POLICY, policy(form_goes_to)),
            (header::CACHE_CONTROL, "no-store".to_owned()),
            (header::X_FRAME_OPTIONS, "DENY".to_owned()),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
            (header::REFERRER_POLICY, "no-referrer".to_owned()),
        ],
        Html(html),
    )
        .into_response()
}

/// Browsers hold `form-action` against the redirect that answers a form, too.
fn policy(form_goes_to: Option<&Url>) -> String {
    static STYLE_HASH: LazyLock<String> =
        LazyLock::new(|| base64_simd::STANDARD.encode_to_string(digest(&SHA256, STYLE.as_bytes())));
    let beyond = match form_goes_to {
        // A source expression cannot name an IPv6 address.
        Some(url) if matches!(url.host(), Some(Host::Ipv6(_))) => format!(" {}:", url.scheme()),
        Some(url) => format!(" {}", url.origin().ascii_serialization()),
        None => String::new(),
    };
    format!(
        "default-src 'none'; style-src 'sha256-{}'; img-src data:; form-action 'self'{beyond}; \
         frame-ancestors 'none'; base-uri 'none'",
        *STYLE_HASH
    )
}

/// Text within HTML, in an element or in a quoted attribute.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_wrote_stays_text() {
        let text = Escaped(r#"<b a="1" b='2'>&"#).to_string();
        assert_eq!(text, "&lt;b a=&quot;1&quot; b=&#39;2&#39;&gt;&amp;");
    }

    #[test]
    fn a_form_may_end_at_the_app_and_nowhere_else() {
        let url = Url::parse("http://localhost:3000/api/auth/callback").unwrap();
        let policy_text = policy(Some(&url));
        assert!(policy_text.contains("form-action 'self' http://localhost:3000;"));
        assert!(policy(None).contains("form-action 'self';"));
    }
}
