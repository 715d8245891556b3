use authsafe::require_scope;

#[authsafe::routes(scopes("openid", "admin"))]
mod auth {}

#[authsafe::routes(base_path = "/staff/auth", scopes("openid", "staff"), cookies(name = "staff"))]
mod staff {}

#[require_scope("admin")]
async fn customers() {}

#[require_scope("staff", routes = staff)]
async fn colleagues() {}

fn main() {
    let _ = (customers, colleagues);
    drop((auth::from_env(), staff::from_env()));
}
