use authsafe::require_scope;

#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

trait Admin {
    #[require_scope("admin")]
    async fn dashboard(&self);
}

fn main() {}
