//! What every page has around it.

use std::fmt::{self, Display, Write as _};

use authsafe::Session;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};

use crate::auth::paths::LOGOUT;

const SHIELD: &str = r#"<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 1 3 4.5v6.6c0 5.6 3.8 10.1 9 11.9 5.2-1.8 9-6.3 9-11.9V4.5z"/><path class="hole" d="M12 8a2.4 2.4 0 0 0-1.2 4.5L10.2 16h3.6l-.6-3.5A2.4 2.4 0 0 0 12 8z"/></svg>"#;
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='%230d7d6c'%3E%3Cpath d='M12 1 3 4.5v6.6c0 5.6 3.8 10.1 9 11.9 5.2-1.8 9-6.3 9-11.9V4.5z'/%3E%3C/svg%3E";

/// `/style.css`
pub async fn style() -> impl IntoResponse {
    let css = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (css, include_str!("../../../../authsafe/new/src/style.css"))
}

/// What every answer carries: no script, no frames, no copies left behind.
pub async fn headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
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
    Html(format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · Quickstart</title>
<link rel="icon" href="{ICON}">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<div class="card">
<header><a class="home" href="/">{SHIELD}Quickstart</a><span class="who">{who}</span></header>
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
