//! What the pages say.

use std::fmt::Write as _;

use authsafe::Session;
use axum::response::Html;

use crate::auth::paths::SIGNIN;
const ADMIN: &str = "admin";
use crate::db::Note;
use crate::frame::{Escaped, page};

/// `/`
pub fn home(session: Option<&Session>) -> Html<String> {
    let Some(session) = session else {
        let main = format!(
            r#"<h1>Welcome</h1>
<p class="lead">Sign in, and write something down. Nobody else sees it, but for the admins.</p>
<a class="primary" href="{SIGNIN}">Sign in</a>"#
        );
        return page("Welcome", None, &main);
    };
    let admin = match session.has_role(ADMIN) {
        true => {
            r#"
<li><a href="/all"><b>All notes</b><span>for the role <code>admin</code></span></a></li>
<li><a href="/audit"><b>What happened</b><span>sign-ins and refusals</span></a></li>"#
        }
        false => "",
    };
    let main = format!(
        r#"<h1>Hello, <b>{}</b></h1>
<p class="lead">You are signed in. Where to?</p>
<nav><ul class="doors">
<li><a href="/notes"><b>Your notes</b><span>read, write, delete</span></a></li>{admin}
<li><a href="/api/notes"><b>As JSON</b><span>the same for clients with a token</span></a></li>
</ul></nav>"#,
        Escaped(session.user().display_name())
    );
    page("Home", Some(session), &main)
}

/// `/notes`
pub fn notes(session: &Session, notes: &[Note], flash: Option<&str>) -> Html<String> {
    let lead = match notes.len() {
        0 => "Nothing yet. What is on your mind?".to_owned(),
        1 => "One note.".to_owned(),
        many => format!("{many} notes."),
    };
    let main = format!(
        r#"{}<h1>Your notes</h1>
<p class="lead">{lead}</p>
<form class="write" method="post" action="/notes">
<input name="text" aria-label="A new note" placeholder="A new note" maxlength="500" required autocomplete="off">
<button class="primary">Keep</button>
</form>
{}
<p class="links"><a href="/">Home</a> <a href="/api/notes">As JSON</a></p>"#,
        said(flash),
        list(notes, false)
    );
    page("Your notes", Some(session), &main)
}

/// `/all`
pub fn all(session: &Session, notes: &[Note], flash: Option<&str>) -> Html<String> {
    let main = format!(
        r#"{}<h1>All notes</h1>
<p class="lead">You have the role <code>admin</code>: you see everybody's, and may delete them.</p>
{}
<p class="links"><a href="/">Home</a> <a href="/notes">Your notes</a> <a href="/audit">What happened</a></p>"#,
        said(flash),
        list(notes, true)
    );
    page("All notes", Some(session), &main)
}

/// `/audit`
pub fn audit(session: &Session, records: &[(String, String)]) -> Html<String> {
    let mut rows = String::from("<ul class=\"rows\">");
    for (at, what) in records {
        // Writing to a String does not fail.
        let _ = write!(
            rows,
            "<li><div><b>{}</b><span>{} UTC</span></div></li>",
            Escaped(what),
            Escaped(at)
        );
    }
    let main = format!(
        r#"<h1>What happened</h1>
<p class="lead">Sign-ins, sign-outs, and who was refused where. The last come first.</p>
{rows}</ul>
<p class="links"><a href="/">Home</a> <a href="/all">All notes</a></p>"#
    );
    page("What happened", Some(session), &main)
}

/// In the place of a page that the database has.
pub fn failed() -> Html<String> {
    let main = r#"<h1>Not now</h1>
<p class="lead">The notes cannot be reached. Please try again in a little while.</p>
<a class="primary" href="/">Home</a>"#;
    page("Not now", None, main)
}

fn said(flash: Option<&str>) -> String {
    let flash =
        flash.map(|text| format!("<p class=\"flash\" role=\"status\">{}</p>\n", Escaped(text)));
    flash.unwrap_or_default()
}

fn list(notes: &[Note], authors: bool) -> String {
    if notes.is_empty() {
        return String::new();
    }
    let mut rows = String::from("<ul class=\"rows\">");
    for note in notes {
        let author = match authors {
            true => format!("<span>by {}</span>", Escaped(&note.author)),
            false => String::new(),
        };
        let _ = write!(
            rows,
            r#"<li><div><b>{}</b>{author}</div>
<form method="post" action="/notes/{}/delete"><button class="quiet">Delete</button></form></li>"#,
            Escaped(&note.text),
            note.id
        );
    }
    rows + "</ul>"
}
