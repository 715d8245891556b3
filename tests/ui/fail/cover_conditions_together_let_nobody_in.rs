#[authsafe::policy(permission("p"))]
struct Owner;

#[authsafe::require(all(any(policy(Owner), permission("a")), not(permission("a")), not(policy(Owner))))]
async fn handler() {}

fn main() {}
