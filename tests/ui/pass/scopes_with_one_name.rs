#[authsafe::routes(scopes("openid", "read:a", "read_a"))]
mod auth {}

fn main() {
    assert_eq!(auth::scopes::READ_A, "read:a");
    assert_eq!(auth::scopes::READ_A_2, "read_a");
}
