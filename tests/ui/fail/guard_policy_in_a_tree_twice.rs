#[authsafe::policy(permission("a"))]
pub struct Owner;

#[authsafe::require(any(policy(Owner), policy(Owner)))]
async fn handler() {}

fn main() {}
