#[authsafe::routes]
mod auth {}

fn main() {
    assert_eq!(auth::scopes::OPENID, "openid");
    assert_eq!(auth::SPEC.scopes, ["openid", "email", "profile"]);
}
