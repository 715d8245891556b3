struct Owner;

#[authsafe::require(policy = Owner)]
async fn handler() {}

fn main() {}
