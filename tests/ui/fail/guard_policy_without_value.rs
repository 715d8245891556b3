#[authsafe::require(policy =)]
async fn handler() {}

fn main() {}
