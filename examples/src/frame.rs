//! What every page of an example has around it, and what every answer carries.

use std::fmt::{self, Display, Write as _};

use authsafe::Session;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use crate::auth::paths::LOGOUT;

const NAME: &str = env!("CARGO_BIN_NAME");
const SHIELD: &str = r#"<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 1 3 4.5v6.6c0 5.6 3.8 10.1 9 11.9 5.2-1.8 9-6.3 9-11.9V4.5z"/><path class="hole" d="M12 8a2.4 2.4 0 0 0-1.2 4.5L10.2 16h3.6l-.6-3.5A2.4 2.4 0 0 0 12 8z"/></svg>"#;
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='%230d7d6c'%3E%3Cpath d='M12 1 3 4.5v6.6c0 5.6 3.8 10.1 9 11.9 5.2-1.8 9-6.3 9-11.9V4.5z'/%3E%3C/svg%3E";

/// The look of the quickstart, and what lists and forms have beyond it.
const STYLE: &str = concat!(
    include_str!("../../authsafe/new/src/style.css"),
    include_str!("frame.css")
);

/// `/style.css`
pub async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

/// Whatever nothing else answers.
pub async fn not_found() -> impl IntoResponse {
    let main = r#"<h1>Nothing here</h1>
<p class="lead">There is no such page.</p>
<a class="primary" href="/">Home</a>"#;
    (StatusCode::NOT_FOUND, page("Nothing here", None, main))
}

/// No script, no frames, no copies left behind.
pub async fn headers(mut response: Response) -> Response {
    for (name, value) in HEADERS {
        let value = HeaderValue::from_static(value);
        response.headers_mut().entry(name).or_insert(value);
    }
    response
}

const HEADERS: [(HeaderName, &str); 4] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// A whole page around `main`.
pub fn page(title: &str, session: Option<&Session>, main: &str) -> Html<String> {
    let who = session.map_or_else(String::new, |session| {
        let name = session.user().display_name();
        let initial: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
        format!(
            r#"<span class="face" aria-hidden="true">{}</span><span class="name">{}</span>
<form method="post" action="{LOGOUT}"><button class="quiet">Sign out</button></form>"#,
            Escaped(&initial),
            Escaped(name)
        )
    });
    let (first, rest) = NAME.split_at(1);
    let name = first.to_uppercase() + rest;
    Html(format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · {name}</title>
<link rel="icon" href="{ICON}">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<div class="card">
<header><a class="home" href="/">{SHIELD}{name}</a><span class="who">{who}</span></header>
<main>
{main}
</main>
</div>
<footer>Sign-in by authsafe: sealed cookies, PKCE, no script.</footer>
</body>
</html>
"#
    ))
}

/// A field of a form; nothing where there is none.
#[allow(dead_code)]
pub fn field(form: &str, name: &str) -> String {
    let mut fields = url::form_urlencoded::parse(form.as_bytes());
    let found = fields.find(|(it, _)| it == name);
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Text within HTML, in an element or in a quoted attribute.
pub struct Escaped<'a>(pub &'a str);

impl Display for Escaped<'_> {
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
