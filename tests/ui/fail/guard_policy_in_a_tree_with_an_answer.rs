#[authsafe::policy(permission("a"))]
pub struct Owner;

#[authsafe::require(any(permission("b"), policy(Owner)), unauthenticated = "json")]
async fn handler() {}

fn main() {}
