//! What the pages say.

use std::fmt::{self, Display, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use authsafe::{Error, Session};
use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::Html;

use crate::auth::paths::{LOGOUT, SIGNIN};
use crate::frame::{Escaped, page};

/// `/`
pub fn home(session: Option<&Session>) -> Html<String> {
    let Some(session) = session else {
        let main = format!(
            r#"<h1>Welcome</h1>
<p class="lead">This is a small axum app. Sign in, and see where you land: it depends on what you may do here.</p>
<a class="primary" href="{SIGNIN}">Sign in</a>
<p class="note">Or go straight to <a href="/dashboard">the dashboard</a> or <a href="/admin/dashboard">the admin dashboard</a>: you are asked to sign in, and brought back.</p>"#,
        );
        return page("Welcome", None, &main);
    };
    let main = format!(
        r#"<h1>Hello, <b>{}</b></h1>
<p class="lead">You are signed in. Where to?</p>
<nav><ul class="doors">
<li><a href="/dashboard"><b>Dashboard</b><span>for whoever is signed in</span></a></li>
<li><a href="/admin/dashboard"><b>Admin dashboard</b><span>for the scope <code>admin</code></span></a></li>
<li><a href="/staff"><b>Staff</b><span>for the role <code>admin</code></span></a></li>
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

/// `/staff`
pub fn staff(session: &Session) -> Html<String> {
    let main = format!(
        r#"<h1>Staff</h1>
<p class="lead">The provider says that you have the role <code>admin</code>. Another line asks for it:</p>
<pre><code>#[require_role("admin")]
async fn staff(session: Session)</code></pre>
{}
<p class="links"><a href="/">Home</a> <a href="/dashboard">Dashboard</a> <a href="/me">As JSON</a></p>"#,
        facts(session)
    );
    page("Staff", Some(session), &main)
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
            "You are signed in, but it needs a scope or a role that you do not have.",
            Door::Elsewhere,
        ),
        "access_denied" => (
            "You did not sign in",
            "Nothing happened, and nothing was kept.",
            Door::Again,
        ),
        "unknown_state" => (
            "Please start over",
            "This sign-in has run out, was already finished, or was started in another browser.",
            Door::Again,
        ),
        "provider_unavailable" | "provider_timeout" => (
            "Sign-in is away for a moment",
            "The sign-in provider does not answer. Please try again in a little while.",
            Door::Again,
        ),
        _ => ("This did not work", error.message(), Door::Again),
    };
    let main = format!(
        r#"<h1>{title}</h1>
<p class="lead">{}</p>
{door}
<p class="note">{} <code>{}</code></p>"#,
        Escaped(text),
        error.status(),
        Escaped(error.code()),
    );
    // The status and headers of the answer that it stands in for.
    let mut response = error.response();
    *response.body_mut() = Bytes::from(page(title, None, &main).0);
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, html);
    Some(response)
}

/// The way on from an error.
enum Door {
    Again,
    Elsewhere,
}

impl Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Again => write!(
                f,
                r#"<a class="primary" href="{SIGNIN}">Sign in</a>
<p class="links"><a href="/">Home</a></p>"#
            ),
            Self::Elsewhere => write!(
                f,
                r#"<a class="primary" href="/dashboard">Go to your dashboard</a>
<form method="post" action="{LOGOUT}"><button class="quiet">Sign out, and come back as somebody else</button></form>"#
            ),
        }
    }
}
