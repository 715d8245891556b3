#[authsafe::require(scope("a"), policy = owner)]
async fn handler() {}

fn main() {}
