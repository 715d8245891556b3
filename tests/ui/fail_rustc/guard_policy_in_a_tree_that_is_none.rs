pub struct Owner;

#[authsafe::require(any(permission("b"), policy(Owner)))]
async fn handler() {}

fn main() {}
