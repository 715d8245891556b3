#[authsafe::require(all(scope("a"), policy("owner")))]
async fn handler() {}

fn main() {}
