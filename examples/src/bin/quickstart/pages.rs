//! The app's pages: plain HTML, no script.

use std::fmt::{self, Display, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use authsafe::{Error, Session};
use axum::body::Bytes;
use axum::http::header::{self, HeaderName};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{Html, IntoResponse, Response};

const SHIELD: &str = r#"<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 1 3 4.5v6.6c0 5.6 3.8 10.1 9 11.9 5.2-1.8 9-6.3 9-11.9V4.5z"/><path class="hole" d="M12 8a2.4 2.4 0 0 0-1.2 4.5L10.2 16h3.6l-.6-3.5A2.4 2.4 0 0 0 12 8z"/></svg>"#;
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='%230d7d6c'%3E%3Cpath d='M12 1 3 4.5v6.6c0 5.6 3.8 10.1 9 11.9 5.2-1.8 9-6.3 9-11.9V4.5z'/%3E%3C/svg%3E";
const SIGN_OUT: &str = r#"<form method="post" action="/api/auth/logout"><button class="quiet">Sign out</button></form>"#;

/// `/`
pub fn home(session: Option<&Session>) -> Html<String> {
    let Some(session) = session else {
        return page(
            "Welcome",
            None,
            r#"<h1>Welcome</h1>
<p class="lead">A small axum app with sign-in by authsafe. Come in as Alice, who is an admin, or as Bob, who is not, and see where you land.</p>
<a class="primary" href="/api/auth/signin">Sign in</a>
<p class="note">Or go straight to <a href="/dashboard">the dashboard</a> or <a href="/admin/dashboard">the admin dashboard</a>: you are asked to sign in, and brought back.</p>"#,
        );
    };
    let main = format!(
        r#"<h1>Hello, <b>{}</b></h1>
<p class="lead">You are signed in. Where to?</p>
<nav><ul class="doors">
<li><a href="/dashboard"><b>Dashboard</b><span>for whoever is signed in</span></a></li>
<li><a href="/admin/dashboard"><b>Admin dashboard</b><span>for the scope <code>admin</code></span></a></li>
<li><a href="/me"><b>Session</b><span>as JSON, the way an API sees it</span></a></li>
</ul></nav>"#,
        Escaped(session.user().display_name())
    );
    page("Home", Some(session), &main)
}

/// `/dashboard`
pub fn dashboard(session: &Session) -> Html<String> {
    let main = format!(
        r#"<h1>Dashboard</h1>
<p class="lead">Whoever is signed in may see this page. This is what the app knows about you.</p>
{}
<p class="links"><a href="/">Home</a> <a href="/admin/dashboard">Admin dashboard</a> <a href="/me">As JSON</a></p>"#,
        facts(session)
    );
    page("Dashboard", Some(session), &main)
}

/// `/admin/dashboard`
pub fn admin(session: &Session) -> Html<String> {
    let main = format!(
        r#"<h1>Admin dashboard</h1>
<p class="lead">You were granted the scope <code>admin</code>. One line keeps everybody else out:</p>
<pre><code>#[require_scope("admin")]
async fn admin_dashboard(session: Session)</code></pre>
{}
<p class="links"><a href="/">Home</a> <a href="/dashboard">Dashboard</a> <a href="/me">As JSON</a></p>"#,
        facts(session)
    );
    page("Admin dashboard", Some(session), &main)
}

fn facts(session: &Session) -> String {
    let user = session.user();
    let mut html = String::from("<dl>");
    let mut fact = |name: &str, value: &dyn Display| {
        // Writing to a String does not fail.
        let _ = write!(html, "<dt>{name}</dt><dd>{value}</dd>");
    };
    let none = "<span class=\"soft\">none</span>";
    let or_none = |value: Option<&str>| {
        value.map_or_else(|| none.to_owned(), |value| Escaped(value).to_string())
    };
    fact("Name", &or_none(user.name()));
    fact("Email", &or_none(user.email()));
    fact(
        "User id",
        &format_args!("<code>{}</code>", Escaped(user.id())),
    );
    fact("Organization", &or_none(user.organization_id()));
    fact("Scopes", &chips(session.scopes(), none));
    fact("Roles", &chips(session.roles(), none));
    fact(
        "Session ends",
        &format_args!("in {}", minutes_until(session.expires_at())),
    );
    html + "</dl>"
}

fn chips<'a>(names: impl Iterator<Item = &'a str>, none: &str) -> String {
    let html: String = names
        .map(|name| format!("<span class=\"chip\">{}</span> ", Escaped(name)))
        .collect();
    if html.is_empty() {
        none.to_owned()
    } else {
        html
    }
}

fn minutes_until(unix_seconds: u64) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    match unix_seconds.saturating_sub(now.as_secs()).div_ceil(60) {
        1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

/// `on_error`: a page for whoever reads pages; anybody else keeps the JSON.
pub fn error(error: &Error, request: &Parts) -> Option<authsafe::Response> {
    let accept = request.headers.get(header::ACCEPT)?.to_str().ok()?;
    if !accept.contains("text/html") {
        return None;
    }
    let (title, text, door) = match error.code() {
        "forbidden" => (
            "This page is not for you",
            "You are signed in, but the page needs a scope that you were not granted. Alice has it.",
            r#"<a class="primary" href="/dashboard">Go to your dashboard</a><form method="post" action="/api/auth/logout"><button class="quiet">Sign in as somebody else</button></form>"#,
        ),
        "access_denied" => (
            "You did not sign in",
            "Nothing happened, and nothing was kept.",
            AGAIN,
        ),
        "unknown_state" => (
            "That took too long",
            "This sign-in has run out, was already finished, or was started in another browser.",
            AGAIN,
        ),
        // Who has no session any more is signed out, which is what the button was for.
        "no_session" if request.method == Method::POST => return Some(to_home()),
        _ if error.status() == StatusCode::UNAUTHORIZED => return None,
        _ => ("Sign-in did not work", error.message(), AGAIN),
    };
    let main = format!(
        "<h1>{title}</h1>\n<p class=\"lead\">{}</p>\n{door}\n<p class=\"note\">{} <code>{}</code></p>",
        Escaped(text),
        error.status(),
        Escaped(error.code()),
    );
    let mut response = authsafe::Response::new(Bytes::from(page(title, None, &main).0));
    *response.status_mut() = error.status();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    Some(response)
}

const AGAIN: &str = r#"<a class="primary" href="/api/auth/signin">Sign in</a><p class="links"><a href="/">Home</a></p>"#;

fn to_home() -> authsafe::Response {
    let mut response = authsafe::Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    response
        .headers_mut()
        .insert(header::LOCATION, HeaderValue::from_static("/"));
    response
}

/// Whatever nothing else answers.
pub async fn not_found() -> impl IntoResponse {
    let main = "<h1>Nothing here</h1>\n<p class=\"lead\">There is no such page.</p>\n\
                <a class=\"primary\" href=\"/\">Home</a>";
    (StatusCode::NOT_FOUND, page("Nothing here", None, main))
}

/// `/style.css`
pub async fn style() -> impl IntoResponse {
    let css = [(header::CONTENT_TYPE, "text/css; charset=utf-8")];
    (css, include_str!("style.css"))
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

fn page(title: &str, session: Option<&Session>, main: &str) -> Html<String> {
    let who = session.map_or_else(String::new, |session| {
        let name = session.user().display_name();
        let initial: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
        format!(
            "<span class=\"face\" aria-hidden=\"true\">{}</span><span class=\"name\">{}</span>{SIGN_OUT}",
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
<footer>Signed in by authsafe: sealed cookies, PKCE, no script.</footer>
</body>
</html>
"#
    ))
}

/// Text within HTML, in an element or in a quoted attribute.
struct Escaped<'a>(&'a str);

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
