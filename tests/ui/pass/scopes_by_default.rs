use authsafe::__private::parts;

#[authsafe::routes]
mod auth {}

fn main() {
    assert_eq!(auth::scopes::OPENID, "openid");
    assert_eq!(parts(auth::SPEC).scopes, ["openid", "email", "profile"]);
}
