#[authsafe::require(not(all(permission("a"), not(permission("a")))))]
async fn handler() {}

fn main() {}
