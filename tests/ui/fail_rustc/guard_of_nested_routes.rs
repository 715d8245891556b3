mod web {
    #[authsafe::routes(scopes("openid", "admin"))]
    pub mod auth {}
}

#[authsafe::require_scope("admin")]
async fn dashboard() {}

fn main() {}
