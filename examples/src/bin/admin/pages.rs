//! What the pages say.

use std::fmt::Write as _;

use authsafe::Session;
use axum::response::Html;

use crate::auth::paths::SIGNIN;
const ADMIN: &str = "admin";
use crate::frame::{Escaped, page};
use crate::people::Person;

/// `/`
pub fn home(session: Option<&Session>) -> Html<String> {
    let main = match session {
        None => format!(
            r#"<h1>Welcome</h1>
<p class="lead">Sign in. Admins see who has been here, and may end what goes on.</p>
<a class="primary" href="{SIGNIN}">Sign in</a>"#
        ),
        Some(session) => {
            let name = Escaped(session.user().display_name());
            let (lead, door) = match session.has_role(ADMIN) {
                true => (
                    "You are an admin.",
                    "<a class=\"primary\" href=\"/people\">People</a>",
                ),
                false => ("You are signed in. The administration is not for you.", ""),
            };
            format!("<h1>Hello, <b>{name}</b></h1>\n<p class=\"lead\">{lead}</p>\n{door}")
        }
    };
    page("Home", session, &main)
}

/// `/people`
pub fn people(session: &Session, people: &[Person], flash: Option<&str>) -> Html<String> {
    let flash = flash.map(|it| format!("<p class=\"flash\" role=\"status\">{}</p>\n", Escaped(it)));
    let mut rows = String::new();
    for person in people {
        let user = Escaped(&person.user);
        let button = |action: &str, text: &str| {
            format!(
                r#"<form method="post" action="/people/{action}"><input type="hidden" name="user" value="{user}"><button class="quiet">{text}</button></form>"#
            )
        };
        let buttons = match (person.is_blocked, person.user == session.user().id()) {
            (true, _) => button("unblock", "Unblock"),
            (false, true) => button("sign-out", "Sign out"),
            (false, false) => button("sign-out", "Sign out") + &button("block", "Block"),
        };
        let state = match (person.is_blocked, person.sign_ins) {
            (true, _) => "blocked".to_owned(),
            (false, 1) => "one sign-in".to_owned(),
            (false, many) => format!("{many} sign-ins"),
        };
        // Writing to a String does not fail.
        let _ = write!(
            rows,
            "<li><div><b>{}</b><span>{}</span><span>{state}</span></div>{buttons}</li>",
            Escaped(&person.name),
            Escaped(person.email.as_deref().unwrap_or(&person.user)),
        );
    }
    let main = format!(
        r#"{}<h1>People</h1>
<p class="lead">Who has signed in since this app started.</p>
<ul class="rows">{rows}</ul>
<p class="links"><a href="/">Home</a></p>"#,
        flash.unwrap_or_default()
    );
    page("People", Some(session), &main)
}
