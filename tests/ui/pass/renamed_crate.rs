mod deps {
    pub use authsafe as sign_in;
}

use deps::sign_in;

#[sign_in::routes(crate = crate::deps::sign_in, scopes("openid", "admin"), client_id = "abc")]
mod auth {}

#[sign_in::require_scope("admin", crate = crate::deps::sign_in)]
async fn handler() {}

#[sign_in::policy(crate = crate::deps::sign_in)]
async fn owner(_: &sign_in::Session, _: &http::request::Parts) -> bool {
    true
}

#[sign_in::policy(scope("admin"), crate = crate::deps::sign_in)]
struct Admin;

#[sign_in::require(policy = owner, crate = crate::deps::sign_in)]
#[sign_in::require(policy = Admin, crate = crate::deps::sign_in)]
async fn owned() {}

fn main() {
    let _ = (handler, owned);
    drop(auth::from_env());
}
