#[authsafe::routes(scopes("openid", "admin"))]
pub mod auth {}

#[authsafe::protected]
mod handlers {
    #[utoipa::path(get, path = "/")]
    #[authsafe::require_scope("admin")]
    pub(crate) async fn handler() {}
}

fn main() {}
