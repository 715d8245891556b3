use authsafe::{require_role, require_scope};

#[authsafe::routes(scopes("openid", "admin"))]
pub mod auth {}

#[require_role("editor")]
#[utoipa::path(get, path = "/")]
#[require_scope("admin")]
async fn handler() {}

fn main() {}
