use authsafe::{Authorized, Decision, Session, require};
use axum::Router;
use axum::routing::get;
use http::request::Parts;

#[authsafe::routes(scopes("openid", "a"), roles("editor"))]
mod auth {}

mod documents {
    use super::*;

    /// Documented.
    #[authsafe::policy]
    pub async fn owner(session: &Session, request: &Parts) -> Decision {
        Decision::from(request.uri.path().ends_with(session.user().id()))
    }

    #[authsafe::policy]
    pub(crate) async fn by_result(_: &Session, _: &Parts) -> Result<bool, std::io::Error> {
        Ok(true)
    }

    #[authsafe::policy]
    async fn private<'a>(_: &'a Session, _: &'a Parts) -> Result<Decision, String> {
        Ok(Decision::deny_because(String::from("nobody")))
    }

    #[require(policy = private)]
    pub async fn of_a_private_one() {}
}

use documents::{by_result, owner};

#[authsafe::policy(crate = ::authsafe)]
async fn with_crate(_: &Session, _: &Parts) -> bool {
    false
}

#[authsafe::policy(all(scope("a"), recent("5m")), routes = crate::auth)]
async fn with_condition(_: &Session, _: &Parts) -> bool {
    true
}

#[authsafe::policy]
async fn r#type(_: &Session, _: &Parts) -> bool {
    true
}

#[cfg(any())]
#[authsafe::policy]
async fn not_compiled(_: &Session) -> bool {}

#[authsafe::policy]
#[cfg(any())]
async fn not_compiled_either(_: &Nobody, _: &Nothing) -> bool {}

/// One that is named.
#[authsafe::policy(any(role("editor"), scope("b")), routes = any)]
#[derive(Debug, Clone, Copy)]
pub struct Editor;

#[require(policy = owner)]
async fn one() {}

#[require(policy = documents::owner, crate = authsafe)]
#[require(policy = by_result)]
#[authsafe::require_scope("a")]
async fn three(_body: String) {}

#[require(policy = self::with_condition)]
mod handlers {
    #[authsafe::require(policy = super::r#type)]
    pub(crate) async fn own() {}

    pub(super) async fn from_the_module() {}

    use super::with_condition;
}

struct Shop;

#[require(policy = Editor)]
impl Shop {
    async fn order() {}
}

#[authsafe::protected]
mod all {
    use super::*;

    #[authsafe::policy]
    pub async fn nobody(_: &Session, _: &Parts) -> bool {
        false
    }

    #[require(policy = nobody)]
    pub async fn page() {}
}

async fn witnessed(editor: Authorized<Editor>, _: Authorized<with_crate>) -> String {
    inner(&editor)
}

fn inner(editor: &Authorized<Editor>) -> String {
    editor.session().user().display_name().to_owned()
}

fn main() {
    let _: Router = Router::new()
        .route("/1", get(one))
        .route("/2", get(three))
        .route("/3", get(handlers::own))
        .route("/4", get(handlers::from_the_module))
        .route("/5", get(Shop::order))
        .route("/6", get(all::page))
        .route("/7", get(witnessed))
        .route("/8", get(documents::of_a_private_one));
}
