use authsafe::{public, require_scope};

#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

#[require_scope("admin")]
#[public]
async fn handler() {}

fn main() {
    drop(handler());
}
