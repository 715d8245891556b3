#[authsafe::require(policy = "owner")]
async fn handler() {}

fn main() {}
