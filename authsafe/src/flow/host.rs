//! Whether the browser spells the app's host as `app_url` does. Where it does not, cookies of the sign-in
//! would be of one host and the callback of another.

use http::header::HOST;
use http::request::Parts;
use url::{Url, form_urlencoded};

use super::app::App;
use crate::log;
use crate::types::Location;

/// Whoever has it in the query was sent here before: a proxy writes hosts anew.
const SENT: (&str, &str) = ("moved", "1");

/// Returns where a sign-in begins instead: at `app_url`, for a browser that asks by another name of the same
/// host.
pub(super) fn elsewhere(app: &App, request: &Parts) -> Option<Location> {
    let (asked, own) = other_spelling(app, request)?;
    let query = request.uri.query().unwrap_or_default();
    let was_sent = form_urlencoded::parse(query.as_bytes()).any(|it| it.0 == SENT.0);
    log::warn!(
        app_url = %own.origin().ascii_serialization(),
        asked,
        was_sent,
        "a sign-in was asked for by another spelling of the app's host: it begins at `app_url`, where its cookies \
         and its callback are; link to one host alone, or have the proxy pass `Host` on"
    );
    if was_sent {
        return None;
    }
    let path = format!("{}/{}", app.spec.base_path, app.spec.paths.signin);
    let mut url = own.join(&path).ok()?;
    url.set_query(Some(query).filter(|it| !it.is_empty()));
    url.query_pairs_mut().append_pair(SENT.0, SENT.1);
    Some(url.into())
}

/// Returns whether a request is for another spelling of the app's host: the cookies that it gets are not sent to
/// the callback.
pub(super) fn is_elsewhere(app: &App, request: &Parts) -> bool {
    other_spelling(app, request).is_some()
}

/// Returns the host that was asked for, and the app's own, where that is another spelling of it.
fn other_spelling<'r>(app: &App, request: &'r Parts) -> Option<(&'r str, Url)> {
    let asked = request.uri.authority().map(|it| it.as_str());
    let asked = asked.or_else(|| request.headers.get(HOST)?.to_str().ok())?;
    let own = Url::parse(&app.config.app_url.origin()).ok()?;
    is_other_spelling(asked, &own).then_some((asked, own))
}

/// Returns whether it is this host, with `www.` before it or without, or this machine by another of its names;
/// at the same port.
fn is_other_spelling(asked: &str, own: &Url) -> bool {
    let Ok(asked) = Url::parse(&format!("{}://{asked}/", own.scheme())) else {
        return false;
    };
    if asked.port_or_known_default() != own.port_or_known_default() {
        return false;
    }
    let (Some(asked), Some(own)) = (asked.host_str(), own.host_str()) else {
        return false;
    };
    let is_this_machine = |host| ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    let bare = |host| str::strip_prefix(host, "www.").unwrap_or(host);
    asked != own && (bare(asked) == bare(own) || is_this_machine(asked) && is_this_machine(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_spelling_is_of_the_same_host_and_port() {
        for (own, asked, is_other) in [
            ("http://localhost:3000", "127.0.0.1:3000", true),
            ("http://localhost:3000", "[::1]:3000", true),
            ("http://127.0.0.1:3000", "localhost:3000", true),
            ("https://shop.example", "www.shop.example", true),
            ("https://www.shop.example", "shop.example", true),
            ("https://www.shop.example", "shop.example:443", true),
            ("http://localhost:3000", "localhost:3000", false),
            ("https://shop.example", "SHOP.example:443", false),
            ("http://localhost:3000", "127.0.0.1:8080", false),
            ("https://shop.example", "127.0.0.1:3000", false),
            ("https://shop.example", "evil.example", false),
            ("https://shop.example", "www.evil.example", false),
            ("https://shop.example", "shop.example@evil.example", false),
            ("https://shop.example", "", false),
        ] {
            let own = Url::parse(own).unwrap();
            assert_eq!(is_other_spelling(asked, &own), is_other, "{own} {asked}");
        }
    }
}
