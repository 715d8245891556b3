//! What the pages say.

use std::fmt::Write as _;

use authsafe::Session;
use axum::response::Html;

use crate::auth::paths::SIGNIN;
use crate::frame::{Escaped, page};
use crate::list::{self, Device};

/// `/`
pub fn home(session: Option<&Session>) -> Html<String> {
    let main = match session {
        None => format!(
            r#"<h1>Welcome</h1>
<p class="lead">Sign in here and in another browser, and see both in a list.</p>
<a class="primary" href="{SIGNIN}">Sign in</a>"#
        ),
        Some(session) => format!(
            r#"<h1>Hello, <b>{}</b></h1>
<p class="lead">You are signed in on this device. Where else?</p>
<a class="primary" href="/devices">Your devices</a>"#,
            Escaped(session.user().display_name())
        ),
    };
    page("Home", session, &main)
}

/// `/devices`
pub fn devices(session: &Session, devices: &[Device], flash: Option<&str>) -> Html<String> {
    let flash = flash.map(|it| format!("<p class=\"flash\" role=\"status\">{}</p>\n", Escaped(it)));
    let mut rows = String::new();
    for device in devices {
        let action = match device.id == session.id() {
            true => "<span class=\"chip\">this one</span>".to_owned(),
            false => format!(
                r#"<form method="post" action="/devices/{}/end"><button class="quiet">Sign out</button></form>"#,
                device.id
            ),
        };
        // Writing to a String does not fail.
        let _ = write!(
            rows,
            "<li><div><b>{}</b><span>seen {}</span></div>{action}</li>",
            Escaped(&device.name),
            ago(device.seen_at)
        );
    }
    let main = format!(
        r#"{}<h1>Your devices</h1>
<p class="lead">You are signed in on these. Sign out those that you do not know.</p>
<ul class="rows">{rows}</ul>
<form method="post" action="/devices/end"><button class="quiet">Sign out everywhere</button></form>
<p class="links"><a href="/">Home</a></p>"#,
        flash.unwrap_or_default()
    );
    page("Your devices", Some(session), &main)
}

fn ago(seen_at: u64) -> String {
    match list::now().saturating_sub(seen_at) / 60 {
        0 => "just now".to_owned(),
        1 => "a minute ago".to_owned(),
        minutes @ 2..=90 => format!("{minutes} minutes ago"),
        minutes if minutes < 2880 => format!("{} hours ago", minutes / 60),
        minutes => format!("{} days ago", minutes / 1440),
    }
}
