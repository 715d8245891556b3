//! The pages: plain HTML, without a script.

use std::fmt::{self, Display, Write as _};

use authsafe::Session;

use crate::auth::paths::{LOGOUT, SIGNIN};

const NAME: &str = env!("CARGO_PKG_NAME");
const SHIELD: &str = r#"<svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M12 1 3 4.5v6.6c0 5.6 3.8 10.1 9 11.9 5.2-1.8 9-6.3 9-11.9V4.5z"/><path class="hole" d="M12 8a2.4 2.4 0 0 0-1.2 4.5L10.2 16h3.6l-.6-3.5A2.4 2.4 0 0 0 12 8z"/></svg>"#;
const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='%230d7d6c'%3E%3Cpath d='M12 1 3 4.5v6.6c0 5.6 3.8 10.1 9 11.9 5.2-1.8 9-6.3 9-11.9V4.5z'/%3E%3C/svg%3E";

/// `/style.css`
pub const STYLE: &str = include_str!("style.css");

/// The headers of every answer, unless it says otherwise: no script, no frames, no copies left behind.
pub const HEADERS: [(&str, &str); 4] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'",
    ),
    ("cache-control", "no-store"),
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
];

/// `/`
pub fn home(session: Option<&Session>) -> String {
    let Some(session) = session else {
        let main = format!(
            r#"<h1>Welcome</h1>
<p class="lead">Sign in, and see what this app knows about you.</p>
<a class="primary" href="{SIGNIN}">Sign in</a>"#
        );
        return page("Welcome", None, &main);
    };
    let main = format!(
        r#"<h1>Hello, <b>{}</b></h1>
<p class="lead">You are signed in. Where to?</p>
<nav><ul class="doors">
<li><a href="/dashboard"><b>Dashboard</b><span>for whoever is signed in</span></a></li>
<li><a href="/admin"><b>Administration</b><span>for the role <code>admin</code></span></a></li>
<li><a href="/api/me"><b>Session</b><span>as JSON, the way a script sees it</span></a></li>
</ul></nav>"#,
        Escaped(session.user().display_name())
    );
    page("Home", Some(session), &main)
}

/// `/dashboard`
pub fn dashboard(session: &Session) -> String {
    let user = session.user();
    let none = "<span class=\"soft\">none</span>";
    let mut roles = String::new();
    for role in session.roles() {
        // Writing to a String does not fail.
        let _ = write!(roles, "<span class=\"chip\">{}</span> ", Escaped(role));
    }
    let main = format!(
        r#"<h1>Dashboard</h1>
<p class="lead">Whoever is signed in may see this page.</p>
<dl>
<dt>Name</dt><dd>{}</dd>
<dt>Email</dt><dd>{}</dd>
<dt>User id</dt><dd><code>{}</code></dd>
<dt>Roles</dt><dd>{}</dd>
</dl>
<p class="links"><a href="/">Home</a> <a href="/admin">Administration</a></p>"#,
        Escaped(user.display_name()),
        user.email()
            .map_or(none.to_owned(), |it| Escaped(it).to_string()),
        Escaped(user.id()),
        if roles.is_empty() { none } else { &roles },
    );
    page("Dashboard", Some(session), &main)
}

/// `/admin`
pub fn admin(session: &Session) -> String {
    let main = r#"<h1>Administration</h1>
<p class="lead">You have the role <code>admin</code>. One line keeps everybody else out:</p>
<pre><code>#[require_role("admin")]</code></pre>
<p class="links"><a href="/">Home</a> <a href="/dashboard">Dashboard</a></p>"#;
    page("Administration", Some(session), main)
}

/// Whatever nothing else answers.
pub fn not_found() -> String {
    let main = r#"<h1>Nothing here</h1>
<p class="lead">There is no such page.</p>
<a class="primary" href="/">Home</a>"#;
    page("Nothing here", None, main)
}

/// A whole page around `main`.
fn page(title: &str, session: Option<&Session>, main: &str) -> String {
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
    format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} · {NAME}</title>
<link rel="icon" href="{ICON}">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<div class="card">
<header><a class="home" href="/">{SHIELD}{NAME}</a><span class="who">{who}</span></header>
<main>
{main}
</main>
</div>
</body>
</html>
"#
    )
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
