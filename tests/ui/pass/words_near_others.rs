//! What comes near to what is refused, and is right.

use authsafe::{require, require_org, require_permission, require_role, require_scope};

// Names in other scripts, with spaces and commas, and with letters that are written by their code.
#[authsafe::routes(
    client_id = "shop-$1",
    scopes("openid", "email", "Email.Read", "a,b"),
    roles("редактор", "оса", "管理者", "Bücher", "Site Admin", "Sales, EMEA", "CN=Admins,OU=shop", "ad\u{200b}min"),
    landing(role("Site Admin") => "/admin", _ => "/"),
    protect("/admin/**" => role("Sales, EMEA"), "/app/**" => auth),
    authorize(audience = "https://api.example.com", prompt = "login"),
    session(max_age = "3600s", idle = "1m"),
    unauthenticated = self::redirect,
    on_event = default,
)]
mod auth {}

fn redirect(visitor: &authsafe::hooks::SignedOut<'_>) -> authsafe::Response {
    visitor.redirect()
}

fn default(_: &authsafe::hooks::Event<'_>) {}

mod documents {
    #[authsafe::policy]
    pub async fn owner(session: &authsafe::Session, request: &http::request::Parts) -> bool {
        let _ = (session, request);
        true
    }
}

#[require_role("редактор")]
async fn of_another_script() {}

#[require_role("ad\u{200b}min")]
async fn with_a_letter_that_is_meant() {}

#[require_role(any("Sales, EMEA", "CN=Admins,OU=shop"))]
async fn with_a_comma() {}

#[require_permission("Manage Users")]
async fn with_a_space() {}

#[require_permission("manage\x20users")]
async fn with_a_space_that_is_meant() {}

#[require_org("Мой клуб")]
async fn of_an_organization() {}

#[require_scope("a,b")]
async fn with_a_comma_in_a_scope() {}

#[require(all(role("Site Admin"), not(role("оса")), policy(documents::owner)))]
async fn of_a_policy() {}

// A condition and its keys in any order.
#[require_scope(routes = crate::auth, "email")]
async fn with_a_key_first() {}

fn main() {
    let _ = (of_another_script, with_a_letter_that_is_meant, with_a_comma, with_a_space);
    let _ = (with_a_space_that_is_meant, of_an_organization, with_a_comma_in_a_scope);
    let _ = (of_a_policy, with_a_key_first);
}
