#[authsafe::require(policy = documents::owner)]
async fn handler() {}

fn main() {}
